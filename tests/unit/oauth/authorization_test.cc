#include "oauth/authorization.h"

#include <gtest/gtest.h>

#include "answers.h"

namespace reeve {
namespace {

using List = std::vector<std::string>;
using test::answer;
using test::field;

AuthorizationAsk ask() {
  AuthorizationAsk value;
  value.client_id = "reeve";
  value.redirect_uri = "https://agents.example.com/callback/c1";
  value.scopes = {"repo", "read:user"};
  value.state = "st";
  value.code_challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
  return value;
}

// The URL at an endpoint, or the failure's text.
std::string url(const AuthorizationAsk& asked, const Preset& preset = {},
                const std::string& endpoint = "https://as/authorize") {
  const auto parameters = authorization_parameters(asked, preset);
  if (!parameters) return parameters.error().text;
  const auto text = authorization_url(endpoint, *parameters);
  return text ? *text : text.error().text;
}

TEST(Authorization, builds_the_url_of_the_code_flow) {
  EXPECT_EQ(
      url(ask()),
      "https://as/authorize?response_type=code&client_id=reeve&redirect_uri="
      "https%3A%2F%2Fagents.example.com%2Fcallback%2Fc1&scope=repo+read%3Auser&state=st"
      "&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256");
}

TEST(Authorization, adds_what_is_asked_for) {
  AuthorizationAsk asked = ask();
  asked.scopes = {"openid"};
  asked.nonce = "n1";
  asked.resources = {"https://api/", "urn:b"};
  asked.prompt = "login";
  asked.max_age = 0;
  Preset preset;
  preset.authorize = {{"audience", "api"}};
  preset.offline_params = {{"access_type", "offline"}, {"prompt", "consent"}};
  const std::string text = url(asked, preset);
  EXPECT_NE(text.find("&nonce=n1&"), text.npos);
  EXPECT_NE(text.find("&resource=https%3A%2F%2Fapi%2F&resource=urn%3Ab&"), text.npos);
  EXPECT_NE(text.find("&prompt=login+consent&max_age=0&audience=api&access_type=offline"),
            text.npos);
  asked.offline = false;
  EXPECT_NE(url(asked, preset).find("&prompt=login&max_age=0&audience=api"), text.npos);
  EXPECT_EQ(url(asked, preset).find("access_type"), text.npos);
}

TEST(Authorization, separates_scopes_as_the_preset_says) {
  Preset preset;
  preset.scope_separator = ',';
  EXPECT_NE(url(ask(), preset).find("&scope=repo%2Cread%3Auser&"), std::string::npos);
  AuthorizationAsk asked = ask();
  asked.scopes = {"a,b"};
  EXPECT_EQ(url(asked, preset), "not a scope");
  asked.scopes = {};
  EXPECT_EQ(url(asked).find("scope="), std::string::npos);
}

TEST(Authorization, keeps_the_endpoints_own_query) {
  EXPECT_EQ(
      url(ask(), {}, "https://as/authorize?p=b2c_1").find("https://as/authorize?p=b2c_1&resp"), 0u);
  EXPECT_EQ(url(ask(), {}, "https://as/authorize?").find("https://as/authorize?response_type"), 0u);
  for (const char* endpoint :
       {"https://as/a?client_id=x", "https://as/a?state=1", "https://as/a?a=1&request_uri=urn",
        "https://as/a?response_mode=form_post", "https://as/a#x", "https://as/a?x=%"}) {
    EXPECT_EQ(url(ask(), {}, endpoint).find("https"), std::string::npos) << endpoint;
  }
}

TEST(Authorization, refuses_asks_that_would_be_unsafe) {
  const auto with = [](auto change) {
    AuthorizationAsk asked = ask();
    change(asked);
    return url(asked);
  };
  EXPECT_EQ(with([](auto& a) { a.state.clear(); }), "client_id, redirect_uri and state are needed");
  EXPECT_EQ(with([](auto& a) { a.redirect_uri.clear(); }),
            "client_id, redirect_uri and state are needed");
  EXPECT_EQ(with([](auto& a) { a.code_challenge.clear(); }),
            "PKCE: always, but where the preset has it off");
  EXPECT_EQ(with([](auto& a) { a.scopes = {"openid"}; }), "a nonce goes with the scope openid");
  EXPECT_EQ(with([](auto& a) { a.nonce = "n"; }), "a nonce goes with the scope openid");
  EXPECT_EQ(with([](auto& a) { a.scopes = {"a b"}; }), "not a scope");
  EXPECT_EQ(with([](auto& a) { a.scopes = {"a\r\nb"}; }), "not a scope");
  EXPECT_EQ(with([](auto& a) { a.scopes = {""}; }), "not a scope");
  EXPECT_EQ(with([](auto& a) { a.resources = {"https://api/#x"}; }), "not a resource");
  EXPECT_EQ(with([](auto& a) { a.resources = {"api"}; }), "not a resource");
  EXPECT_EQ(with([](auto& a) { a.prompt = "none login"; }), "prompt none goes with no other");
  EXPECT_EQ(with([](auto& a) { a.prompt = "a\nb"; }), "not a prompt");
  EXPECT_EQ(with([](auto& a) { a.resources = List(9, "https://api/" + std::string(1000, 'a')); }),
            "an authorization URL over 8 KiB");
}

TEST(Authorization, asks_for_a_posted_answer_where_that_is_configured) {
  AuthorizationAsk asked = ask();
  EXPECT_EQ(url(asked).find("response_mode"), std::string::npos);
  asked.form_post = true;
  EXPECT_NE(url(asked).find("&response_mode=form_post&"), std::string::npos);
}

TEST(Authorization, lets_pkce_off_only_with_the_presets_reason) {
  Preset preset;
  preset.pkce_off = "the server answers 400 to any unknown parameter";
  EXPECT_EQ(url(ask(), preset), "PKCE: always, but where the preset has it off");
  AuthorizationAsk asked = ask();
  asked.code_challenge.clear();
  EXPECT_EQ(url(asked, preset).find("code_challenge"), std::string::npos);
  EXPECT_EQ(url(asked, preset).find("https://as/"), 0u);
}

TEST(Authorization, never_lets_a_preset_set_a_parameter_of_the_protocol) {
  for (const char* name :
       {"client_id", "redirect_uri", "response_type", "response_mode", "state", "nonce", "scope",
        "code_challenge", "code_challenge_method", "request", "request_uri", "iss", "resource",
        "dpop_jkt", "max_age", "client_secret"}) {
    Preset preset;
    preset.authorize = {{name, "x"}};
    EXPECT_EQ(url(ask(), preset), "a further parameter of the protocol's own, or twice") << name;
    preset.authorize.clear();
    preset.offline_params = {{name, "x"}};
    EXPECT_EQ(url(ask(), preset), "a further parameter of the protocol's own, or twice") << name;
  }
  Preset twice;
  twice.authorize = {{"a", "1"}};
  twice.offline_params = {{"a", "2"}};
  EXPECT_EQ(url(ask(), twice), "a further parameter of the protocol's own, or twice");
}

TEST(Authorization, asks_for_the_scopes_that_the_server_knows) {
  Preset preset;
  preset.account.scopes = {"openid", "profile"};
  preset.offline_scope = "offline_access";
  ServerMetadata metadata;
  EXPECT_EQ(scopes_to_ask(preset, metadata, {"a", "profile"}),
            (List{"a", "profile", "openid", "offline_access"}));
  metadata.scopes = {"a"};
  EXPECT_EQ(scopes_to_ask(preset, metadata, {"a", "b"}), (List{"a", "b", "openid"}));
  EXPECT_EQ(scopes_to_ask({}, metadata, {}), List());
}

TEST(Authorization, pushes_a_request_with_one_proof_and_one_client_id) {
  const auto parameters = authorization_parameters(ask(), {});
  ASSERT_TRUE(parameters);
  for (const auto auth : {ClientAuth::basic, ClientAuth::post, ClientAuth::none}) {
    const ClientIdentity client = {"reeve", Secret::copy_of("secret"), auth, false};
    const HttpRequest request = pushed_request("https://as/par", *parameters, client);
    EXPECT_EQ(field(request, "client_id"), "reeve");
    EXPECT_EQ(field(request, "client_secret"), auth == ClientAuth::post ? "secret" : "-");
    EXPECT_EQ(field(request, "response_type"), "code");
    EXPECT_EQ(field(request, "request_uri"), "-");
    EXPECT_EQ(test::header(request, "Authorization") == "-", auth != ClientAuth::basic);
  }
}

TEST(Authorization, puts_only_two_parameters_into_the_url_of_a_pushed_request) {
  const auto text = pushed_authorization_url("https://as/authorize", "reeve",
                                             "urn:ietf:params:oauth:request_uri:6esc");
  ASSERT_TRUE(text);
  EXPECT_EQ(*text,
            "https://as/authorize?client_id=reeve&request_uri="
            "urn%3Aietf%3Aparams%3Aoauth%3Arequest_uri%3A6esc");
}

TEST(Authorization, judges_the_answer_to_a_pushed_request) {
  const auto good = judge_pushed(answer(201, R"({"request_uri":"urn:x:1","expires_in":60})"));
  ASSERT_TRUE(std::holds_alternative<PushedAuthorization>(good));
  EXPECT_EQ(std::get<PushedAuthorization>(good).request_uri, "urn:x:1");
  EXPECT_EQ(std::get<PushedAuthorization>(good).expires_in, 60);
  using Kind = TokenProblem::Kind;
  const std::tuple<int, std::string, Kind> bad[] = {
      {201, "", Kind::malformed},
      {201, "{}", Kind::malformed},
      {201, R"({"request_uri":"","expires_in":60})", Kind::malformed},
      {201, R"({"request_uri":"urn:a b","expires_in":60})", Kind::malformed},
      {201, R"({"request_uri":"urn:\n","expires_in":60})", Kind::malformed},
      {201, R"({"request_uri":"urn:x"})", Kind::malformed},
      {201, R"({"request_uri":"urn:x","expires_in":0})", Kind::malformed},
      {201, R"({"request_uri":"urn:x","expires_in":-5})", Kind::malformed},
      {201, R"({"request_uri":")" + std::string(3000, 'a') + R"(","expires_in":60})",
       Kind::malformed},
      {400, R"({"error":"invalid_request"})", Kind::other},
      {400, R"({"error":"invalid_scope"})", Kind::invalid_scope},
      {400, "", Kind::other},
      {401, R"({"error":"invalid_client"})", Kind::invalid_client},
      {503, "", Kind::transient},
  };
  for (const auto& [status, body, kind] : bad) {
    const auto judged = judge_pushed(answer(status, body));
    ASSERT_TRUE(std::holds_alternative<TokenProblem>(judged)) << body;
    EXPECT_EQ(std::get<TokenProblem>(judged).kind, kind) << status << body;
  }
}

}  // namespace
}  // namespace reeve
