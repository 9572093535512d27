// Arbitrary text as a configuration: never a crash, and always either a config or errors.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "config/read_config.h"
#include "policy/policy.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  reeve::ConfigOptions options;
  options.same_user = true;
  options.preset_directory = "/nonexistent";
  // Not the host's: a lookup may ask the network.
  options.accounts.user = [](const std::string&) { return 1000; };
  options.accounts.group = [](const std::string&) { return 1000; };
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto outcome = reeve::read_config_text(text, options);
  if (outcome.config.has_value() != outcome.errors.empty()) std::abort();
  if (!outcome.config) return 0;
  // What was accepted can be used: a stranger is still nobody, unless a rule names uid 1000.
  const reeve::Policy policy(*outcome.config);
  reeve::Peer peer;
  peer.uid = peer.gid = 4242424242;
  policy.explain(peer, {.provider = "p"});
  return 0;
}
