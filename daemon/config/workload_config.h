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
  using Texts = std::vector<std::string>;

  std::vector<uid_t> uids;
  std::vector<gid_t> gids;    // the primary group
  std::vector<gid_t> groups;  // the primary or a supplementary one
  Texts units;                // "x.service", or a template's instances "agent@*.service"
  Texts slices;               // any slice that the unit or container lies in
  Texts cgroups;              // absolute paths
  // "ENGINE:ID", "ENGINE:*", "*" for any; "rootless": another user namespace without a proven id,
  // which counts as its uid and no more.
  Texts containers;
  Texts pods;
  Texts lsm_labels;
  // What reeve-attest tells.
  Texts executables;  // absolute paths on this host
  Texts sha256s;      // of the running file, hexadecimal
  Texts images;
  Texts image_digests;  // "sha256:..."
  Texts container_names;
  std::map<std::string, Texts> labels;
  std::map<std::string, Texts> ecs;  // by the short name: "family", "container"
  // Whether it must be the initial one.
  std::optional<bool> user_namespace, pid_namespace, mount_namespace;

  bool operator==(const WorkloadMatch&) const = default;
};

// What a session of the workload is tied to. automatic: the container, else the unit, else the
// process; workload: nothing narrower than the rule itself.
enum class SessionScope { automatic, process, unit, container, workload };

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
  bool prove_user = false;  // its processes may sign their uid in on the pages
  // Where not empty: only these users, subjects by issuer; uids, as text, under "unix".
  std::map<std::string, std::vector<std::string>> users;
  std::vector<std::string> return_urls;
  int64_t session_lifetime = 28800;
  SessionScope session_scope = SessionScope::automatic;
  // The program that connected must still run, and ask itself, at each use.
  bool pinned = false;
  std::optional<int64_t> sessions, consents;  // its own limits, below those of [limits]
  std::string share;                          // "": its grants are its own
  std::string binding;  // where its users consent; after reading always the name of one
  std::vector<AllowRule> allow;
};

}  // namespace reeve
