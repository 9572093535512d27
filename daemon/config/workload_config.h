// WorkloadConfig: one [workload.NAME]: which processes it is, whom it acts for, what it may have.
//
// Names of users and groups are numbers by now. What it means for a process to match is policy's.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace reeve {

// Kinds of evidence; an empty list is a kind the rule does not name. A list holds alternatives.
struct WorkloadMatch {
  std::vector<uid_t> uids;
  std::vector<gid_t> gids;           // the primary group
  std::vector<gid_t> groups;         // the primary or a supplementary one
  std::vector<std::string> units;    // "x.service", or a template's instances "agent@*.service"
  std::vector<std::string> cgroups;  // absolute paths
  // "ENGINE:ID", "ENGINE:*", "*" for any; "rootless": another user namespace without a proven id,
  // which counts as its uid and no more.
  std::vector<std::string> containers;

  bool operator==(const WorkloadMatch&) const = default;
};

struct WorkloadIssuer {
  std::vector<std::string> audiences;  // a user token must be made out to one of them
};

struct AllowRule {
  std::string provider;
  // nullopt: the provider's own default scopes; empty: none at all (a token without scopes).
  std::optional<std::vector<std::string>> scopes;
  // nullopt: those that the provider lists, or none; else one of these must be asked for.
  std::optional<std::vector<std::string>> resources;
};

struct WorkloadConfig {
  std::string name;  // the table's
  WorkloadMatch match;
  std::map<std::string, WorkloadIssuer> issuers;  // by the issuer's table name
  std::vector<std::string> asserts;               // issuers whose users it may name without proof
  bool unix_user = false;                         // may act for the caller's own uid
  std::vector<std::string> return_urls;
  int64_t session_lifetime = 28800;
  std::string share;    // "": its grants are its own
  std::string binding;  // where its users consent; after reading always the name of one
  std::vector<AllowRule> allow;
};

}  // namespace reeve
