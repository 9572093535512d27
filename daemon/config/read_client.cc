#include "config/sections.h"
#include "config/text_rules.h"

namespace reeve {
namespace {

constexpr const char* reference_words =
    "a reference, { credential = \"name\" } or { file = \"/path\" }: a secret never stands in the "
    "configuration itself";

constexpr TextRule credential_rule{valid_credential_name, "a credential's name, without '/'"};

}  // namespace

std::optional<SecretRef> read_secret_ref(TableReader& reader, std::string_view key) {
  const TomlNode* node = reader.take(key);
  if (!node) return std::nullopt;
  if (!node->table() || (node->find("credential") != nullptr) == (node->find("file") != nullptr)) {
    reader.expected(key, reference_words);
    return std::nullopt;
  }
  auto table = reader.table(key);
  const auto credential = table->text("credential", credential_rule);
  const auto file = table->text("file", path_rule);
  table->finish();
  if (credential) return SecretRef{SecretRef::Kind::credential, *credential};
  if (file) return SecretRef{SecretRef::Kind::file, *file};
  return std::nullopt;
}

std::optional<std::string> read_client_auth(TableReader& reader) {
  return reader.choice<std::string>("client_auth",
                                    {{"basic", "basic"}, {"post", "post"}, {"none", "none"}});
}

ClientConfig read_client(TableReader& reader, const std::string& fetch) {
  ClientConfig client;
  client.fetch = fetch;
  if (reader.require("client_id", "the id that the server gave us")) {
    TableReader::set(client.client_id, reader.text("client_id", line_rule));
  }
  client.client_secret = read_secret_ref(reader, "client_secret");
  TableReader::set(client.form_post,
                   reader.choice<bool>("response_mode", {{"query", false}, {"form_post", true}}));
  TableReader::set(client.loopback_http, reader.boolean("loopback_http"));
  TableReader::set(client.private_addresses, reader.boolean("private_addresses"));
  TableReader::set(client.fetch, reader.text("fetch", name_rule));
  return client;
}

void settle_client_auth(TableReader& reader, ClientConfig& client, const std::string& fallback) {
  const bool secret = reader.has("client_secret");
  std::string& auth = client.client_auth;
  if (auth.empty()) auth = secret ? fallback : "none";
  if (auth == "none" && secret) {
    reader.error("client_secret", "client_auth = \"none\" sends no secret: remove one of them");
  }
  if (auth != "none" && !secret) {
    reader.error("client_secret", "missing: client_auth = \"" + auth + "\" needs a secret");
  }
  if (client.raw_basic && (auth == "post" || auth == "none")) {
    reader.error("raw_basic", "expected client_auth = \"basic\" beside it");
  }
}

std::optional<std::string> read_issuer_url(TableReader& reader, bool loopback_http) {
  auto url = reader.text("issuer");
  if (!url) return std::nullopt;
  const std::string fault = url_fault(*url, {loopback_http, false});
  if (fault.empty()) return url;
  reader.error("issuer", fault);
  return std::nullopt;
}

}  // namespace reeve
