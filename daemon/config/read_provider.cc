#include <algorithm>

#include "config/plain_url.h"
#include "config/provider_shape.h"
#include "config/text_rules.h"

namespace reeve {
namespace {

constexpr TextRule resource_rule{[](const std::string& text) {
                                   return is_scope_token(text) && text.find('#') == text.npos &&
                                          text.find(':') != text.npos && text.front() != ':';
                                 },
                                 "an absolute URI without a fragment (RFC 8707)"};

std::vector<std::string> urls_of(const ProviderShape& shape) {
  const EndpointsConfig& ends = shape.endpoints;
  std::vector<std::string> urls{shape.issuer,  ends.authorization,  ends.token,
                                ends.userinfo, ends.revocation,     ends.pushed_authorization,
                                ends.jwks,     shape.revocation_url};
  std::erase(urls, "");
  return urls;
}

std::string host_of(const std::string& text) {
  const auto url = parse_plain_url(text.substr(0, text.find('{')));
  return url ? url->host : "";
}

// Every host is listed, by hand or by the endpoints themselves.
void settle_hosts(TableReader& reader, ProviderShape& shape) {
  const bool listed = !shape.hosts.empty();
  if (!listed && !shape.issuer.empty()) return;
  for (const std::string& text : urls_of(shape)) {
    const std::string host = host_of(text);
    const bool found =
        std::any_of(shape.hosts.begin(), shape.hosts.end(),
                    [&](const std::string& pattern) { return host_matches(pattern, host); });
    if (found || host.empty()) continue;
    if (listed) {
      reader.error("hosts", "expected \"" + host + "\" among them: one of its URLs goes there");
    } else {
      shape.hosts.push_back(host);
    }
  }
}

// The account: by default what the provider can prove it with.
void settle_account(TableReader& reader, ProviderConfig& provider) {
  ProviderShape& shape = provider.shape;
  const bool discovered = !shape.issuer.empty();
  const bool userinfo = discovered || !shape.endpoints.userinfo.empty();
  std::string& source = shape.account_source;
  if (source.empty()) source = discovered ? "id_token" : userinfo ? "userinfo" : "none";
  if (source == "id_token" && !discovered) {
    reader.error("account", "\"id_token\" needs an issuer: nothing else verifies such a token");
  }
  if (source == "userinfo" && !userinfo) {
    reader.error("account", "\"userinfo\" needs endpoints.userinfo");
  }
  auto& scopes = shape.account_scopes;
  const bool openid = std::find(scopes.begin(), scopes.end(), "openid") != scopes.end();
  // Without it there is no ID token and, by OpenID Connect, no userinfo (Core 3.1.2.1, 5.3).
  if (discovered && source != "none" && !openid) scopes.insert(scopes.begin(), "openid");
  if (source == "none" &&
      (!provider.account_domains.empty() || provider.account_match == AccountMatch::claim)) {
    reader.error("account", "\"none\" tells nothing to match an account by");
  }
  const bool standard = discovered && source != "none" && shape.account_id == "/sub";
  if (provider.account_match == AccountMatch::subject && !standard) {
    reader.error("account_match", "\"subject\" needs an issuer, and the account named by \"/sub\"");
  }
}

void settle(TableReader& reader, ProviderConfig& provider) {
  ProviderShape& shape = provider.shape;
  if (!reader.has("issuer") && !reader.has("endpoints") && shape.issuer.empty() &&
      shape.endpoints.token.empty()) {
    reader.error("", "missing: expected issuer or endpoints" +
                         std::string(provider.preset.empty() ? ", or a preset"
                                                             : ", which this preset leaves open"));
    return;
  }
  settle_hosts(reader, shape);
  settle_account(reader, provider);
  if ((shape.expires_absent == "assume") != (shape.assume_seconds > 0)) {
    reader.error("assume_seconds", "goes with expires_absent = \"assume\", and only there");
  }
  if (shape.issuer.empty() && shape.revocation == "rfc7009" && shape.endpoints.revocation.empty()) {
    shape.revocation = "none";
  }
  for (const std::string& scope : provider.scopes) {
    if (scope.find(shape.scope_separator) == std::string::npos) continue;
    reader.error("scopes", "\"" + scope + "\" holds the separator of this provider's scopes");
  }
}

// A word, or { claim = "email", account = "/email" }.
void read_account_match(TableReader& reader, ProviderConfig& provider) {
  const TomlNode* node = reader.take("account_match");
  if (node == nullptr || !node->table()) {
    TableReader::set(
        provider.account_match,
        reader.choice<AccountMatch>(
            "account_match", {{"ask", AccountMatch::ask}, {"subject", AccountMatch::subject}}));
    return;
  }
  auto table = reader.table("account_match");
  provider.account_match = AccountMatch::claim;
  if (table->require("claim", "a claim of the user's ID token")) {
    TableReader::set(provider.match_claim, table->text("claim", claim_rule));
  }
  TableReader::set(provider.match_account, table->text("account", pointer_rule));
  table->finish();
}

void read_provider(const std::string& name, const TomlNode& node, Reading& reading) {
  TableReader reader(node, "provider." + name, reading.report);
  ProviderConfig& provider = reading.config.providers[name];
  provider.name = provider.shape.display_name = name;
  provider.client = read_client(reader, "providers");
  ProviderDraft draft{provider};
  const bool known = read_preset(reader, reading, draft);
  read_provider_shape(reader, draft);
  TableReader::set(provider.scopes, reader.texts("scopes", scope_rule));
  TableReader::set(provider.resources, reader.texts("resources", resource_rule));
  read_account_match(reader, provider);
  TableReader::set(provider.account_domains, reader.texts("account_domains", domain_rule));
  TableReader::set(provider.login_hint, reader.text("login_hint", claim_rule));
  if (known) {
    settle_client_auth(reader, provider.client, provider.shape.issuer.empty() ? "basic" : "");
    settle(reader, provider);
  }
  reader.finish();
}

}  // namespace

void read_providers(const TomlNode& root, Reading& reading) {
  each_table(root, "provider", reading.report, [&](const std::string& name, const TomlNode& node) {
    read_provider(name, node, reading);
  });
}

}  // namespace reeve
