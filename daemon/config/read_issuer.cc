#include <algorithm>
#include <array>

#include "config/sections.h"
#include "config/text_rules.h"

namespace reeve {
namespace {

constexpr std::array known_algorithms{"RS256", "PS256", "ES256", "ES384", "EdDSA"};

bool is_algorithm(const std::string& text) {
  return std::find(known_algorithms.begin(), known_algorithms.end(), text) !=
         known_algorithms.end();
}

constexpr TextRule algorithm_rule{is_algorithm, "one of RS256, PS256, ES256, ES384, EdDSA"};

// A person is named by what the issuer never gives to somebody else (OpenID Connect Core 5.7).
bool is_stable_claim(const std::string& text) {
  constexpr std::array unstable{"email",      "preferred_username",
                                "upn",        "unique_name",
                                "nickname",   "phone_number",
                                "name",       "username",
                                "given_name", "family_name",
                                "aud",        "iss",
                                "sid",        "nonce"};
  return is_one_line(text) && std::find(unstable.begin(), unstable.end(), text) == unstable.end();
}

constexpr TextRule subject_rule{
    is_stable_claim, "a claim that never changes its owner (sub, oid), no address or user name"};

void read_tokens(TableReader& reader, IssuerConfig& issuer) {
  TableReader::set(issuer.subject_claim, reader.text("subject_claim", subject_rule));
  issuer.max_age = reader.integer("max_age", 0, int64_t{365} * 86400);
  TableReader::set(issuer.prompt,
                   reader.choice<std::string>("prompt", {{"login", "login"},
                                                         {"consent", "consent"},
                                                         {"select_account", "select_account"}}));
  TableReader::set(issuer.acr_values, reader.texts("acr_values", scope_rule));
  TableReader::set(issuer.algorithms, reader.texts("algorithms", algorithm_rule, 1));
  TableReader::set(issuer.jwks_file, reader.text("jwks_file", path_rule));
  TableReader::set(issuer.scopes, reader.texts("scopes", scope_rule));
  if (std::find(issuer.scopes.begin(), issuer.scopes.end(), "openid") == issuer.scopes.end()) {
    reader.expected("scopes", "\"openid\" among them");
  }
}

void read_issuer(const std::string& name, const TomlNode& node, Reading& reading) {
  TableReader reader(node, "issuer." + name, reading.report);
  if (name == "unix")
    reader.error("", "the name \"unix\" is taken: it means the users of this host");
  IssuerConfig& issuer = reading.config.issuers[name];
  issuer.name = name;
  issuer.client = read_client(reader, "issuers");
  TableReader::set(issuer.client.client_auth, read_client_auth(reader));
  TableReader::set(issuer.client.raw_basic, reader.boolean("raw_basic"));
  settle_client_auth(reader, issuer.client, "");
  if (reader.require("issuer", "the exact URL of the issuer")) {
    TableReader::set(issuer.issuer, read_issuer_url(reader, issuer.client.loopback_http));
  }
  read_tokens(reader, issuer);
  for (const auto& [other_name, other] : reading.config.issuers) {
    // A user is (issuer, subject): two clients of one issuer would make two meanings of one name.
    if (other_name != name && !issuer.issuer.empty() && other.issuer == issuer.issuer) {
      reader.error("issuer", "is the same as that of [issuer." + other_name + "]");
    }
  }
  reader.finish();
}

}  // namespace

void read_issuers(const TomlNode& root, Reading& reading) {
  each_table(root, "issuer", reading.report, [&](const std::string& name, const TomlNode& node) {
    read_issuer(name, node, reading);
  });
}

}  // namespace reeve
