#include "oauth/discovery.h"

#include <gtest/gtest.h>

#include "answers.h"

namespace reeve {
namespace {

using test::answer;

constexpr const char* kIssuer = "https://login.example.com/tenant";

std::string document(std::string_view more = "") {
  return R"({"issuer":"https://login.example.com/tenant",)"
         R"("authorization_endpoint":"https://login.example.com/authorize",)"
         R"("token_endpoint":"https://token.example.com/token")" +
         std::string(more) + "}";
}

// "" where believed, else the failure's text.
std::string refusal(const HttpResponse& response, const MetadataRules& rules = {kIssuer}) {
  const auto metadata = judge_metadata(response, rules);
  return metadata ? "" : metadata.error().text;
}

TEST(Discovery, tries_the_well_known_forms_in_a_fixed_order) {
  using List = std::vector<std::string>;
  EXPECT_EQ(metadata_urls(*parse_url("https://a.b")),
            (List{"https://a.b/.well-known/openid-configuration",
                  "https://a.b/.well-known/oauth-authorization-server"}));
  EXPECT_EQ(metadata_urls(*parse_url("https://a.b/")), metadata_urls(*parse_url("https://a.b")));
  const List with_path = {"https://a.b:8443/t/x/.well-known/openid-configuration",
                          "https://a.b:8443/.well-known/oauth-authorization-server/t/x",
                          "https://a.b:8443/.well-known/openid-configuration/t/x"};
  EXPECT_EQ(metadata_urls(*parse_url("https://a.b:8443/t/x")), with_path);
  EXPECT_EQ(metadata_urls(*parse_url("https://a.b:8443/t/x/")), with_path);
}

TEST(Discovery, reads_a_document) {
  const auto metadata = judge_metadata(
      answer(200, document(R"(,"jwks_uri":"https://a.b/jwks","userinfo_endpoint":"https://a.b/me",)"
                           R"("revocation_endpoint":"https://a.b/revoke",)"
                           R"("pushed_authorization_request_endpoint":"https://a.b/par",)"
                           R"("require_pushed_authorization_requests":true,)"
                           R"("authorization_response_iss_parameter_supported":true,)"
                           R"("token_endpoint_auth_methods_supported":["client_secret_post"],)"
                           R"("code_challenge_methods_supported":["S256"],)"
                           R"("id_token_signing_alg_values_supported":["RS256","ES256"],)"
                           R"("scopes_supported":["openid"],"unknown":{"x":[1]})")),
      {kIssuer});
  ASSERT_TRUE(metadata);
  EXPECT_EQ(metadata->issuer, kIssuer);
  EXPECT_EQ(metadata->endpoints.authorization, "https://login.example.com/authorize");
  EXPECT_EQ(metadata->endpoints.token, "https://token.example.com/token");
  EXPECT_EQ(metadata->endpoints.jwks, "https://a.b/jwks");
  EXPECT_EQ(metadata->endpoints.userinfo, "https://a.b/me");
  EXPECT_EQ(metadata->endpoints.revocation, "https://a.b/revoke");
  EXPECT_EQ(metadata->endpoints.pushed_authorization, "https://a.b/par");
  EXPECT_TRUE(metadata->require_pushed_authorization);
  EXPECT_TRUE(metadata->iss_supported);
  EXPECT_EQ(metadata->token_endpoint_auth_methods.size(), 1u);
  EXPECT_EQ(metadata->id_token_signing_algorithms.size(), 2u);
  EXPECT_EQ(metadata->scopes.size(), 1u);
}

TEST(Discovery, lets_much_be_absent_or_null) {
  const auto metadata = judge_metadata(
      answer(200, document(R"(,"jwks_uri":null,"scopes_supported":null)")), {kIssuer});
  ASSERT_TRUE(metadata);
  EXPECT_FALSE(metadata->iss_supported);
  EXPECT_EQ(metadata->endpoints.jwks, "");
  EXPECT_TRUE(metadata->token_endpoint_auth_methods.empty());
}

TEST(Discovery, discards_a_document_of_another_issuer) {
  for (const char* issuer :
       {"https://login.example.com/tenant/", "https://login.example.com",
        "https://login.example.com:443/tenant", "https://LOGIN.example.com/tenant",
        "https://login.example.com/%74enant", "http://login.example.com/tenant", ""}) {
    EXPECT_EQ(refusal(answer(200, document()), {issuer}),
              "the document's issuer is not the configured one")
        << issuer;
  }
  EXPECT_NE(refusal(answer(200, R"({"issuer":["https://login.example.com/tenant"]})")), "");
  EXPECT_EQ(refusal(answer(200, document())), "");
}

TEST(Discovery, discards_documents_with_anything_wrong_in_them) {
  const std::pair<const char*, std::string> cases[] = {
      {R"(,"jwks_uri":"http://a.b/jwks")", "metadata: jwks_uri is no usable URL"},
      {R"(,"jwks_uri":"http://127.0.0.1/jwks")", "metadata: jwks_uri is no usable URL"},
      {R"(,"jwks_uri":"")", "metadata: jwks_uri is no usable URL"},
      {R"(,"jwks_uri":7)", "metadata: jwks_uri is no usable URL"},
      {R"(,"userinfo_endpoint":"https://x@a.b")", "metadata: userinfo_endpoint is no usable URL"},
      {R"(,"revocation_endpoint":"file:///etc/passwd")",
       "metadata: revocation_endpoint is no usable URL"},
      {R"(,"revocation_endpoint":"https://a.b/#f")",
       "metadata: revocation_endpoint is no usable URL"},
      {R"(,"authorization_response_iss_parameter_supported":"true")",
       "metadata: authorization_response_iss_parameter_supported is no boolean"},
      {R"(,"require_pushed_authorization_requests":true)",
       "metadata: pushed_authorization_request_endpoint is missing, yet required"},
      {R"(,"token_endpoint_auth_methods_supported":"none")",
       "metadata: token_endpoint_auth_methods_supported is no list of strings"},
      {R"(,"id_token_signing_alg_values_supported":[1])",
       "metadata: id_token_signing_alg_values_supported is no list of strings"},
  };
  for (const auto& [more, text] : cases) {
    EXPECT_EQ(refusal(answer(200, document(more))), text) << more;
  }
  EXPECT_EQ(refusal(answer(200, R"({"issuer":"https://login.example.com/tenant"})")),
            "metadata: authorization_endpoint is missing");
}

TEST(Discovery, discards_hostile_answers) {
  const HttpResponse cases[] = {
      answer(200, ""),
      answer(200, "null"),
      answer(200, "[]"),
      answer(200, "<html>"),
      answer(200, document(R"(,"issuer":"https://evil")")),
      answer(200, document(R"(,"x":)" + std::string(20, '[') + std::string(20, ']'))),
      answer(200, document() + std::string(300000, ' ')),
      answer(404, document()),
      answer(302, document()),
      answer(500, document()),
  };
  for (const HttpResponse& response : cases) EXPECT_NE(refusal(response), "");
  EXPECT_EQ(judge_metadata(answer(404, ""), {kIssuer}).error().code, Code::not_found);
  EXPECT_EQ(judge_metadata(answer(503, ""), {kIssuer}).error().code, Code::unavailable);
}

TEST(Discovery, keeps_to_the_hosts_that_are_allowed) {
  MetadataRules rules = {kIssuer, false, {"login.example.com"}};
  EXPECT_EQ(refusal(answer(200, document()), rules),
            "metadata: token_endpoint names a host that is not allowed");
  rules.hosts = {"*.example.com"};
  EXPECT_EQ(refusal(answer(200, document()), rules), "");
}

TEST(Discovery, takes_http_to_loopback_where_configured) {
  const std::string text =
      R"({"issuer":"http://127.0.0.1:9","authorization_endpoint":)"
      R"("http://127.0.0.1:9/auth","token_endpoint":"http://127.0.0.1:9/token"})";
  EXPECT_EQ(refusal(answer(200, text), {"http://127.0.0.1:9", true, {}}), "");
  EXPECT_NE(refusal(answer(200, text), {"http://127.0.0.1:9", false, {}}), "");
}

TEST(Discovery, takes_endpoints_that_are_configured) {
  Preset preset;
  preset.endpoints.token = "https://a.b/token";
  preset.iss_expected = true;
  const ServerMetadata metadata = configured_metadata(preset);
  EXPECT_EQ(metadata.endpoints.token, "https://a.b/token");
  EXPECT_TRUE(metadata.iss_supported);
  EXPECT_EQ(metadata.issuer, "");
}

TEST(Discovery, reads_key_sets_of_good_answers_only) {
  const std::string keys = R"({"keys":[{"kty":"OKP","crv":"Ed25519",)"
                           R"("x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]})";
  EXPECT_TRUE(judge_jwks(answer(200, keys)));
  EXPECT_FALSE(judge_jwks(answer(404, keys)));
  EXPECT_FALSE(judge_jwks(answer(302, keys)));
  EXPECT_FALSE(judge_jwks(answer(200, "{}")));
}

}  // namespace
}  // namespace reeve
