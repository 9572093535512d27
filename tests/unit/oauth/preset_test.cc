#include "oauth/preset.h"

#include <gtest/gtest.h>

#include <functional>

namespace reeve {
namespace {

Preset github() {
  Preset preset;
  preset.hosts = {"github.com", "api.github.com"};
  preset.endpoints.authorization = "https://github.com/login/oauth/authorize";
  preset.endpoints.token = "https://github.com/login/oauth/access_token";
  preset.endpoints.userinfo = "https://api.github.com/user";
  preset.account.source = AccountSource::userinfo;
  preset.revocation = RevocationKind::json_delete;
  preset.revocation_url = "https://api.github.com/applications/{client_id}/token";
  return preset;
}

TEST(Preset, is_good_as_it_is) {
  EXPECT_TRUE(check_preset(github(), false));
  EXPECT_TRUE(check_preset({}, false)) << "the operator's words come on top";
  Preset google;
  google.issuer = "https://accounts.google.com";
  google.hosts = {"*.google.com"};
  google.account.source = AccountSource::id_token;
  google.offline_params = {{"access_type", "offline"}, {"prompt", "consent"}};
  EXPECT_TRUE(check_preset(google, false));
}

TEST(Preset, is_refused_for_each_fault) {
  using Change = std::function<void(Preset&)>;
  const std::pair<std::string, Change> cases[] = {
      {"hosts: no host", [](Preset& p) { p.hosts = {"*.com"}; }},
      {"endpoints.token: its host is not among hosts",
       [](Preset& p) { p.endpoints.token = "https://evil.example/token"; }},
      {"revocation.url: its host is not among hosts",
       [](Preset& p) { p.revocation_url = "https://{client_id}.evil.example/"; }},
      {"endpoints.userinfo: URL: not https",
       [](Preset& p) { p.endpoints.userinfo = "http://api.github.com/user"; }},
      {"endpoints.jwks: URL: a fragment",
       [](Preset& p) { p.endpoints.jwks = "https://github.com/#x"; }},
      {"issuer and endpoints: one of them", [](Preset& p) { p.issuer = "https://github.com"; }},
      {"issuer: URL: an issuer has no query",
       [](Preset& p) { p.issuer = "https://github.com/?x"; }},
      {"endpoints: authorization and token belong together",
       [](Preset& p) { p.endpoints.authorization.clear(); }},
      {"authorize.state: set by the protocol itself",
       [](Preset& p) {
         p.authorize = {{"state", "x"}};
       }},
      {"offline.params.redirect_uri: set by the protocol itself",
       [](Preset& p) {
         p.offline_params = {{"redirect_uri", "x"}};
       }},
      {"authorize: a name or value that is no plain text",
       [](Preset& p) {
         p.authorize = {{"a", "b\nc"}};
       }},
      {"scope separators are ' ' or ','", [](Preset& p) { p.granted_separator = ';'; }},
      {"account.scopes: no scope", [](Preset& p) { p.account.scopes = {"a b"}; }},
      {"offline.scope: no scope", [](Preset& p) { p.offline_scope = "a b"; }},
      {"scope_names: no scope",
       [](Preset& p) {
         p.scope_names = {{"a b", "c"}};
       }},
      {"account.id: no pointer", [](Preset& p) { p.account.id = "sub"; }},
      {"account.id: no pointer", [](Preset& p) { p.account.id = ""; }},
      {"account.label: no pointer", [](Preset& p) { p.account.label = {"/a~"}; }},
      {"account.source: there is no endpoints.userinfo",
       [](Preset& p) { p.endpoints.userinfo.clear(); }},
      {"account.source: ID tokens need an issuer",
       [](Preset& p) { p.account.source = AccountSource::id_token; }},
      {"answer_at: no pointer", [](Preset& p) { p.answer_at = "x"; }},
      {"pkce_off: a reason in words", [](Preset& p) { p.pkce_off = "none"; }},
      {"assume_seconds goes with expires_absent = \"assume\"",
       [](Preset& p) { p.assume_seconds = 60; }},
      {"assume_seconds goes with expires_absent = \"assume\"",
       [](Preset& p) { p.expires_absent = ExpiresAbsent::assume; }},
      {"revocation.url goes with kind = \"json_delete\"",
       [](Preset& p) { p.revocation_url.clear(); }},
      {"revocation.url goes with kind = \"json_delete\"",
       [](Preset& p) { p.revocation = RevocationKind::none; }},
  };
  for (const auto& [text, change] : cases) {
    Preset preset = github();
    change(preset);
    const auto checked = check_preset(preset, false);
    EXPECT_EQ(checked ? "accepted" : checked.error().text, text);
  }
}

TEST(Preset, may_reach_loopback_where_configured) {
  Preset preset;
  preset.issuer = "http://127.0.0.1:9000";
  EXPECT_TRUE(check_preset(preset, true));
  EXPECT_FALSE(check_preset(preset, false));
  preset.issuer = "http://login.example.com";
  EXPECT_FALSE(check_preset(preset, true));
}

}  // namespace
}  // namespace reeve
