#include "session/setup.h"

#include <algorithm>

#include "config/plain_url.h"

namespace reeve {
namespace {

Result<Secret> secret_of(const std::string& table, const ClientConfig& client) {
  if (!client.client_secret) return Secret();
  auto secret = load_secret(*client.client_secret);
  if (!secret) return in("[" + table + "] client_secret", std::move(secret).error());
  return secret;
}

}  // namespace

ServerRef Setup::issuer_by_url(std::string_view url) const {
  for (const auto& [name, issuer] : issuers) {
    if (issuer->issuer == url) return issuer;
  }
  return nullptr;
}

ServerRef Setup::provider_by_context(std::string_view context) const {
  for (const auto& [name, provider] : providers) {
    if (provider->context == context) return provider;
  }
  return nullptr;
}

const BindingConfig* Setup::binding(const std::string& name) const {
  const auto found = config.bindings.find(name);
  return found == config.bindings.end() ? nullptr : &found->second;
}

bool Setup::binders_are_workloads() const {
  return std::any_of(config.bindings.begin(), config.bindings.end(),
                     [](const auto& entry) { return !entry.second.workload.empty(); });
}

bool Setup::has_unix_binding() const {
  return std::any_of(config.bindings.begin(), config.bindings.end(),
                     [](const auto& pair) { return takes_unix_users(pair.second); });
}

const BindingConfig* Setup::binding_of(const Peer& peer) const {
  const Match match = binders_are_workloads() ? policy.match(peer) : Match();
  const BindingConfig* by_uid = nullptr;
  for (const auto& [name, binding] : config.bindings) {
    if (binding.workload.empty()) {
      if (binding.uid == peer.uid) by_uid = &binding;
    } else if (match.workload != nullptr && match.workload->name == binding.workload) {
      return &binding;
    }
  }
  return by_uid;
}

std::string Setup::holder_of(const WorkloadConfig& workload) {
  return workload.share.empty() ? "workload:" + workload.name : "share:" + workload.share;
}

bool takes_unix_users(const BindingConfig& binding) {
  return binding.loopback && binding.proxies.empty();
}

uint16_t port_of(const BindingConfig& binding) {
  const auto url = parse_plain_url(binding.url);
  if (!url) return 0;
  return url->port != 0 ? url->port : url->https ? 443 : 80;
}

std::string redirect_uri(const BindingConfig& binding, const std::string& context) {
  return binding.url + "/callback/" + context;
}

std::map<std::string, std::string> redirect_uris(const Config& config) {
  std::map<std::string, std::string> uris;
  const auto add = [&](const std::string& table, const Server& server) {
    for (const auto& [name, binding] : config.bindings) {
      const bool plain = config.bindings.size() == 1 || name == "main";
      uris[plain ? table : table + " at binding." + name] = redirect_uri(binding, server.context);
    }
  };
  for (const auto& [name, issuer] : config.issuers) {
    IssuerConfig unpinned = issuer;
    unpinned.jwks_file.clear();
    if (const auto server = issuer_server(unpinned, Secret(), nullptr)) {
      add("issuer." + name, **server);
    }
  }
  for (const auto& [name, provider] : config.providers) {
    if (const auto server = provider_server(provider, Secret(), nullptr)) {
      add("provider." + name, **server);
    }
  }
  return uris;
}

Result<SetupRef> make_setup(Config config, const HttpClientMaker& make_client) {
  auto setup = std::make_shared<Setup>(std::move(config));
  for (const auto& [name, issuer] : setup->config.issuers) {
    REEVE_TRY(Secret secret, secret_of("issuer." + name, issuer.client));
    auto server = issuer_server(issuer, std::move(secret), make_client(issuer.client));
    if (!server) return in("[issuer." + name + "]", std::move(server).error());
    setup->issuers[name] = std::move(*server);
  }
  for (const auto& [name, provider] : setup->config.providers) {
    REEVE_TRY(Secret secret, secret_of("provider." + name, provider.client));
    auto server = provider_server(provider, std::move(secret), make_client(provider.client));
    if (!server) return in("[provider." + name + "]", std::move(server).error());
    setup->providers[name] = std::move(*server);
    for (const std::string& claim : {provider.match_claim, provider.login_hint}) {
      if (!claim.empty()) setup->user_claims.insert(claim);
    }
  }
  return SetupRef(setup);
}

}  // namespace reeve
