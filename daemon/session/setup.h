// Setup: one configuration, ready for use: its policy, and its issuers and providers as servers
// with their secrets loaded. A reload makes another one and swaps it whole; who began under the old
// one ends under it.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>

#include "config/config.h"
#include "oauth/server.h"
#include "policy/policy.h"

namespace reeve {

struct Setup {
  explicit Setup(Config all) : config(std::move(all)), policy(config) {}

  const Config config;
  const Policy policy;
  std::map<std::string, ServerRef> issuers;    // by the table's name
  std::map<std::string, ServerRef> providers;  // by the table's name
  std::set<std::string> user_claims;           // of a sign-in, that providers want to know

  // The issuer of that exact URL, or null.
  ServerRef issuer_by_url(std::string_view url) const;
  // By the id in redirect paths, or null.
  ServerRef provider_by_context(std::string_view context) const;
  // The binding of that name, or null (after a reload, say).
  const BindingConfig* binding(const std::string& name) const;
  // For which binding this process speaks on bind.sock, or null. The rule of a workload goes before
  // a uid; without such rules only the peer's uid is read.
  const BindingConfig* binding_of(const Peer& peer) const;
  // Whether binding_of() needs more of a peer than its uid.
  bool binders_are_workloads() const;
  // Whether users of this host may sign in at one of the bindings.
  bool has_unix_binding() const;
  // Whose grants a workload uses: "workload:NAME" or "share:GROUP".
  static std::string holder_of(const WorkloadConfig& workload);
};
using SetupRef = std::shared_ptr<const Setup>;

// Makes the HttpClient for a server, by the instance of reeve-fetch that carries its requests.
using HttpClientMaker = std::function<std::shared_ptr<HttpClient>(const ClientConfig& client)>;

// Loads the secrets. An error names the table and the secret.
Result<SetupRef> make_setup(Config config, const HttpClientMaker& make_client);

// Whether users of this host may sign in there: browsers reach it over loopback, and no proxy
// stands between, which would be the owner of every connection.
bool takes_unix_users(const BindingConfig& binding);
// Where it listens, as its URL says.
uint16_t port_of(const BindingConfig& binding);

// Where that context's answers come back to, at that binding.
std::string redirect_uri(const BindingConfig& binding, const std::string& context);

// What to register at each issuer and provider: "issuer.NAME" or "provider.NAME" -> redirect URI.
// Where there are several bindings each has its own URI, by "provider.NAME at binding.NAME"; that
// of [binding.main] goes without the addition. Empty without a [binding.NAME].
std::map<std::string, std::string> redirect_uris(const Config& config);

// The one place that knows which setup is in force.
class CurrentSetup final {
 public:
  explicit CurrentSetup(SetupRef setup) : setup_(std::move(setup)) {}
  const SetupRef& get() const { return setup_; }
  void swap(SetupRef setup) { setup_ = std::move(setup); }

 private:
  SetupRef setup_;
};

}  // namespace reeve
