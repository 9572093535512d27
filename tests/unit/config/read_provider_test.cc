#include "config_fixture.h"

namespace reeve {
namespace {

const std::string by_issuer =
    binding + "[provider.p]\nclient_id = \"c\"\nissuer = \"https://p.example\"\n";
const std::string by_endpoints =
    binding +
    "[provider.p]\nclient_id = \"c\"\nendpoints = { authorization = \"https://a.example/a?x=1\", "
    "token = \"https://t.example/t\" }\n";

ProviderConfig read(const std::string& text, const ConfigOptions& options = test_options()) {
  const Config config = accepted(text, options);
  const auto found = config.providers.find("p");
  return found == config.providers.end() ? ProviderConfig() : found->second;
}

class Preset : public testing::Test {
 protected:
  Preset() { options_.preset_directory = directory_.path(); }
  void preset(const std::string& text) { directory_.write("x.toml", text); }
  const std::string start_ = binding + "[provider.p]\npreset = \"x\"\nclient_id = \"c\"\n";
  TemporaryDirectory directory_;
  ConfigOptions options_ = test_options();
};

TEST(ReadProvider, has_the_defaults_of_a_plain_server) {
  const ProviderConfig p = read(by_issuer);
  EXPECT_EQ(p.shape.display_name, "p");
  EXPECT_EQ(p.shape.issuer, "https://p.example");
  EXPECT_TRUE(p.shape.endpoints.token.empty());
  EXPECT_TRUE(p.shape.hosts.empty());
  EXPECT_EQ(p.client.client_auth, "none");
  EXPECT_EQ(p.client.fetch, "providers");
  EXPECT_EQ(p.shape.rotation, "strict");
  EXPECT_EQ(p.shape.expires_absent, "on_401");
  EXPECT_EQ(p.shape.account_source, "id_token");
  EXPECT_EQ(p.shape.account_scopes, Lines{"openid"});
  EXPECT_EQ(p.shape.revocation, "rfc7009");
  EXPECT_EQ(p.account_match, AccountMatch::ask);
  EXPECT_EQ(read(by_issuer + "client_secret = { credential = \"s\" }\n").client.client_auth, "");
}

TEST(ReadProvider, lists_the_hosts_of_its_endpoints_itself) {
  const ProviderConfig p = read(by_endpoints + "client_secret.file = \"/s\"\n");
  EXPECT_TRUE(p.shape.issuer.empty());
  EXPECT_EQ(p.shape.hosts, (Lines{"a.example", "t.example"}));
  EXPECT_EQ(p.client.client_auth, "basic");
  EXPECT_EQ(p.shape.account_source, "none");
  EXPECT_EQ(p.shape.revocation, "none");
}

TEST(ReadProvider, takes_every_key_of_a_preset) {
  const ProviderConfig p = read(by_issuer + R"(
client_secret = { credential = "s" }
name = "P"
hosts = ["p.example", "*.api.example"]
iss_expected = true
client_auth = "post"
scope_separator = ","
granted_separator = ","
rotation = "grace"
expires_absent = "assume"
assume_seconds = 7200
answer_at = "/authed_user"
pkce_off = "the server answers 400 to it"
params = { access_type = "offline" }
offline = { scope = "offline", params = { prompt = "consent" } }
account = { source = "userinfo", scopes = ["me"], id = "/id", label = ["/login"] }
scope_names = { "long.name" = "short" }
revocation = { kind = "json_delete", url = "https://p.example/{client_id}/token" }
scopes = ["a"]
resources = ["https://api.example/"]
fetch = "apart"
private_addresses = true
)");
  EXPECT_EQ(p.shape.hosts, (Lines{"p.example", "*.api.example"}));
  EXPECT_TRUE(p.shape.iss_expected);
  EXPECT_EQ(p.client.client_auth, "post");
  EXPECT_EQ(p.shape.scope_separator, ',');
  EXPECT_EQ(p.shape.assume_seconds, 7200);
  EXPECT_EQ(p.shape.params.at("access_type"), "offline");
  EXPECT_EQ(p.shape.offline_scope, "offline");
  EXPECT_EQ(p.shape.offline_params.at("prompt"), "consent");
  EXPECT_EQ(p.shape.account_scopes, (Lines{"openid", "me"}));
  EXPECT_EQ(p.shape.account_label, Lines{"/login"});
  EXPECT_EQ(p.shape.scope_names.at("long.name"), "short");
  EXPECT_EQ(p.shape.revocation_url, "https://p.example/{client_id}/token");
  EXPECT_TRUE(p.client.private_addresses);
}

TEST(ReadProvider, refuses_what_is_wrong) {
  for (const char* wrong :
       {"endpoints = { authorization = \"https://a.example\", token = \"https://a.example\" }",
        "hosts = [\"q.example\"]",
        "hosts = [\"P.example\"]",
        "hosts = [\"p.example:443\"]",
        "client_auth = \"post\"",
        "scope_separator = \";\"",
        "rotation = \"yes\"",
        "expires_absent = \"assume\"",
        "assume_seconds = 60",
        "answer_at = \"x\"",
        "pkce_off = \"none\"",
        "pkce_off = true",
        "params = { redirect_uri = \"x\" }",
        "params = { code_challenge = \"x\" }",
        "params = { \"a b\" = \"x\" }",
        "params = { a = 1 }",
        "authorize = { a = \"x\" }",
        "offline = { params = { state = \"x\" } }",
        "account = \"me\"",
        "account = { source = \"id_token\", id = \"sub\" }",
        "account = { label = \"/a\" }",
        "account_match = \"email\"",
        "account = \"none\"\naccount_match = \"subject\"",
        "account_match = {}",
        "account_match = { claim = \"preferred_username\" }",
        "account_match = { claim = \"email\", account = \"email\" }",
        "account_match = { claim = \"email\", domain = \"x\" }",
        "account = \"none\"\naccount_match = { claim = \"email\" }",
        "account = \"none\"\naccount_domains = [\"example.com\"]",
        "account_domains = [\"Example.com\"]",
        "account_domains = [\"*.example.com\"]",
        "account_domains = [\"com\"]",
        "login_hint = \"name\"",
        "response_mode = \"fragment\"",
        "resources = [\"files\"]",
        "resources = [\"https://a#b\"]",
        "revocation = { kind = \"json_delete\" }",
        "revocation = { url = \"https://p.example\" }",
        "scopes = [\"a b\"]",
        "scope_names = { a = \"b c\" }",
        "preset = \"none\"",
        "preset = \"../x\"",
        "docs = \"x\"",
        "client_secret = \"hunter2\"\nclient_auth = \"basic\"",
        "private_addresses = \"no\""}) {
    EXPECT_EQ(errors_of(by_issuer + wrong + "\n").size(), 1U) << wrong;
  }
  for (const char* wrong : {"account = \"id_token\"", "account = \"userinfo\"",
                            "account_match = \"subject\"", "issuer = \"https://a.example\""}) {
    EXPECT_EQ(errors_of(by_endpoints + wrong + "\n").size(), 1U) << wrong;
  }
  EXPECT_EQ(errors_of(binding + "[provider.p]\nclient_id = \"c\"\n"),
            Lines{"f:3: [provider.p]: missing: expected issuer or endpoints, or a preset"});
  EXPECT_EQ(errors_of(binding + "[provider.p]\nclient_id = \"c\"\nendpoints = {}\n").size(), 2U);
}

TEST(ReadProvider, takes_http_for_loopback_addresses_only_where_told) {
  const std::string start = binding + "[provider.p]\nclient_id = \"c\"\n";
  const std::string loopback = start + "issuer = \"http://127.0.0.2:9000\"\n";
  EXPECT_EQ(errors_of(loopback).size(), 1U);
  EXPECT_EQ(read(loopback + "loopback_http = true\n").shape.issuer, "http://127.0.0.2:9000");
  EXPECT_EQ(errors_of(start + "issuer = \"http://p.example\"\nloopback_http = true\n").size(), 1U);
}

TEST_F(Preset, is_read_first_and_the_operators_keys_over_it) {
  preset(
      "name = \"X\"\ndocs = \"https://x.example/docs\"\nchecked = \"2026-11-20\"\n"
      "issuer = \"https://x.example\"\nhosts = [\"x.example\"]\nrotation = \"grace\"\n"
      "[authorize]\na = \"1\"\nb = \"2\"\n[account]\nsource = \"userinfo\"\nid = \"/id\"\n");
  const ProviderConfig p = read(
      start_ + "rotation = \"none\"\nparams = { b = \"\", c = \"3\" }\naccount = \"id_token\"\n",
      options_);
  EXPECT_EQ(p.preset, "x");
  EXPECT_EQ(p.shape.display_name, "X");
  EXPECT_EQ(p.shape.rotation, "none");
  EXPECT_EQ(p.shape.params, (std::map<std::string, std::string>{{"a", "1"}, {"c", "3"}}));
  EXPECT_EQ(p.shape.account_source, "id_token");
  EXPECT_EQ(p.shape.account_id, "/id");
}

TEST_F(Preset, gives_way_where_the_operator_names_another_place) {
  preset("issuer = \"https://x.example\"\nhosts = [\"x.example\"]\n");
  const ProviderConfig p = read(start_ + "issuer = \"https://own.example\"\n", options_);
  EXPECT_EQ(p.shape.issuer, "https://own.example");
  EXPECT_TRUE(p.shape.hosts.empty());
}

TEST_F(Preset, may_leave_the_issuer_to_the_operator) {
  preset("name = \"Any\"\n");
  EXPECT_EQ(errors_of(start_, options_),
            Lines{"f:3: [provider.p]: missing: expected issuer or endpoints, which this preset "
                  "leaves open"});
}

TEST_F(Preset, has_a_closed_schema_with_errors_at_its_own_lines) {
  preset(
      "issuer = \"https://x.example\"\nscopes = [\"a\"]\nparams = { a = \"b\" }\n"
      "account = \"userinfo\"\nclient_id = \"x\"\n");
  const Lines errors = errors_of(start_, options_);
  ASSERT_EQ(errors.size(), 4U);
  const std::string file = directory_.path() + "/x.toml";
  EXPECT_TRUE(errors[0].starts_with(file + ":2: [preset] scopes: unknown key")) << errors[0];
  EXPECT_EQ(errors[2], file + ":4: [preset] account: expected a table");
}

TEST_F(Preset, never_takes_http) {
  preset("issuer = \"http://127.0.0.1:1\"\n");
  EXPECT_EQ(errors_of(start_ + "loopback_http = true\n", options_).size(), 2U);
}

TEST_F(Preset, must_list_the_hosts_of_its_urls) {
  preset(
      "hosts = [\"x.example\"]\n[endpoints]\nauthorization = \"https://x.example/a\"\n"
      "token = \"https://evil.example/t\"\n");
  EXPECT_EQ(errors_of(start_, options_),
            Lines{"f:3: [provider.p] hosts: expected \"evil.example\" among them: one of its URLs "
                  "goes there"});
}

}  // namespace
}  // namespace reeve
