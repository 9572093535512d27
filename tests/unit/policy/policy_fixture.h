// The policy of policy.toml, and peers with an initial user namespace.
#pragma once

#include <gtest/gtest.h>

#include "config/read_config.h"
#include "policy/policy.h"

namespace reeve {

inline Config test_config() {
  ConfigOptions options;
  options.same_user = true;
  options.accounts.user = [](const std::string& name) -> std::optional<uid_t> {
    if (name == "triage") return 1000;
    if (name == "alice") return 1001;
    return std::nullopt;
  };
  options.accounts.group = [](const std::string& name) -> std::optional<gid_t> {
    if (name == "agents") return 2000;
    return std::nullopt;
  };
  auto outcome = read_config(POLICY_TEST_DIRECTORY "/policy.toml", options);
  for (const std::string& error : outcome.errors) ADD_FAILURE() << error;
  return outcome.config.value_or(Config());
}

inline Peer peer_of(uid_t uid) {
  Peer peer;
  peer.uid = uid;
  peer.gid = uid;
  peer.initial_user_namespace = true;
  peer.initial_pid_namespace = true;
  peer.process_scope = "process:b:1:1";
  peer.scope = peer.process_scope;
  return peer;
}

}  // namespace reeve
