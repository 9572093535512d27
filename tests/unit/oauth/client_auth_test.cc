#include "oauth/client_auth.h"

#include <gtest/gtest.h>

#include "answers.h"

namespace reeve {
namespace {

using test::field;
using test::header;

ClientIdentity client(ClientAuth auth) {
  return {"s6BhdRkqt3", Secret::copy_of("7Fjfp0ZBr1KtDRbnfVdmIw"), auth, false};
}

TEST(ClientAuth, encodes_id_and_secret_before_base64) {
  // RFC 6749 section 2.3.1 with its example, and a secret where it matters.
  EXPECT_EQ(basic_credentials(client(ClientAuth::basic)),
            "Basic czZCaGRSa3F0Mzo3RmpmcDBaQnIxS3REUmJuZlZkbUl3");
  ClientIdentity odd = {"a:b", Secret::copy_of("a:b+c%/\xC3\xA9 ~*"), ClientAuth::basic, false};
  EXPECT_EQ(basic_credentials(odd), "Basic " + base64("a%3Ab:a%3Ab%2Bc%25%2F%C3%A9+%7E*"));
  odd.raw_basic = true;
  EXPECT_EQ(basic_credentials(odd), "Basic " + base64("a:b:a:b+c%/\xC3\xA9 ~*"));
}

TEST(ClientAuth, uses_one_method_a_request) {
  struct Row {
    ClientAuth auth;
    std::string header, id, secret;
  };
  const Row rows[] = {
      {ClientAuth::basic, "Basic czZCaGRSa3F0Mzo3RmpmcDBaQnIxS3REUmJuZlZkbUl3", "-", "-"},
      {ClientAuth::post, "-", "s6BhdRkqt3", "7Fjfp0ZBr1KtDRbnfVdmIw"},
      {ClientAuth::none, "-", "s6BhdRkqt3", "-"},
  };
  for (const Row& row : rows) {
    FormBody body;
    body.add("grant_type", "x");
    const HttpRequest request =
        client_request("https://a/token", std::move(body), client(row.auth));
    EXPECT_EQ(request.method, "POST");
    EXPECT_EQ(request.url, "https://a/token");
    EXPECT_EQ(header(request, "Accept"), "application/json");
    EXPECT_EQ(header(request, "Content-Type"), "application/x-www-form-urlencoded");
    EXPECT_EQ(header(request, "Authorization"), row.header);
    EXPECT_EQ(field(request, "client_id"), row.id);
    EXPECT_EQ(field(request, "client_secret"), row.secret);
    EXPECT_EQ(field(request, "grant_type"), "x");
  }
}

TEST(ClientAuth, chooses_what_the_server_takes) {
  using List = std::vector<std::string>;
  struct Row {
    std::optional<ClientAuth> preset;
    List methods;
    bool secret;
    std::optional<ClientAuth> chosen;
  };
  const Row rows[] = {
      {{}, {}, true, ClientAuth::basic},
      {{}, {"client_secret_basic", "client_secret_post"}, true, ClientAuth::basic},
      {{}, {"client_secret_post", "none"}, true, ClientAuth::post},
      {{}, {"private_key_jwt", "tls_client_auth"}, true, {}},
      {{}, {"none"}, true, {}},
      {{}, {}, false, ClientAuth::none},
      {{}, {"none"}, false, ClientAuth::none},
      {{}, {"client_secret_basic"}, false, ClientAuth::none},
      {ClientAuth::post, {"client_secret_basic"}, true, ClientAuth::post},
      {ClientAuth::post, {}, false, {}},
      {ClientAuth::none, {"client_secret_basic"}, true, ClientAuth::none},
  };
  for (const Row& row : rows) {
    Preset preset;
    preset.client_auth = row.preset;
    ServerMetadata metadata;
    metadata.token_endpoint_auth_methods = row.methods;
    const auto chosen = choose_client_auth(preset, metadata, row.secret);
    ASSERT_EQ(bool(chosen), row.chosen.has_value());
    if (chosen) {
      EXPECT_EQ(*chosen, *row.chosen);
    }
  }
}

}  // namespace
}  // namespace reeve
