#include "oauth/engine.h"

#include "unit/oauth/answers.h"
#include "world.h"

namespace reeve {
namespace {

using test::answer;
using test::field;
using test::files;
using test::header;
using test::jwks;
using test::login;
using test::notes;
using test::query_of;
using test::Signer;

class EngineTest : public test::World {
 protected:
  static inline const std::string well_known = files + "/.well-known/openid-configuration";
  static inline const std::string keys_url = login + "/jwks";

  ServerRef provider(const std::string& name = "files") {
    return d->setup.get()->providers.at(name);
  }
  ServerRef issuer() { return d->setup.get()->issuers.at("corp"); }
  std::shared_ptr<Server> copy(const ServerRef& server) {
    auto made = std::make_shared<Server>();
    made->name = server->name;
    made->context = server->context;
    made->issuer = server->issuer;
    made->preset = server->preset;
    made->client_auth = server->client_auth;
    made->client.client_id = server->client.client_id;
    made->client.client_secret = server->client.client_secret.clone();
    made->http = server->http;
    made->algorithms = server->algorithms;
    return made;
  }
  // The token endpoint, or the error.
  std::string endpoint(const ServerRef& server) {
    const auto found = run(d->engine.metadata(server));
    return found ? (*found)->endpoints.token : "error: " + found.error().text;
  }
  AuthorizeAsk plain_ask() {
    AuthorizeAsk ask;
    ask.redirect_uri = "https://agents.example/callback/c";
    ask.state = "state-1";
    ask.nonce = "nonce-1";
    ask.code_challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
    ask.scopes = {"read"};
    return ask;
  }
  std::string verified(const ServerRef& server, const std::string& token) {
    Engine::Verification verification;
    verification.kind = JwtKind::user_token;
    verification.audiences = {"bot"};
    const auto claims = run(d->engine.verify(server, token, std::move(verification)));
    return claims ? claims->subject : claims.error().text;
  }
  std::string token_of(const std::string& kid) {
    const std::string payload = R"({"iss":")" + login + R"(","aud":"bot","sub":"alice","iat":)" +
                                std::to_string(clock.unix_seconds()) + R"(,"exp":)" +
                                std::to_string(clock.unix_seconds() + 300) + "}";
    return signer.sign(Algorithm::es256, R"({"alg":"ES256","kid":")" + kid + "\"}", payload);
  }
  void serve_keys(const std::string& kid) {
    http->on(keys_url, jwks({signer.jwk(R"(,"kid":")" + kid + "\"")}));
  }
};

// OAUTH 8414-1.
TEST_F(EngineTest, asks_three_well_known_urls_in_order) {
  const auto server = copy(provider());
  server->context = "with-path";
  server->issuer = "https://files.example/tenant/1";
  EXPECT_NE(endpoint(server).find("error"), std::string::npos);
  std::vector<std::string> urls;
  for (const HttpRequest& request : http->requests()) {
    urls.push_back(request.url);
    EXPECT_EQ(request.method, "GET");
    EXPECT_EQ(header(request, "Authorization"), "-");
  }
  EXPECT_EQ(urls, (std::vector<std::string>{
                      "https://files.example/tenant/1/.well-known/openid-configuration",
                      "https://files.example/.well-known/oauth-authorization-server/tenant/1",
                      "https://files.example/.well-known/openid-configuration/tenant/1"}));
}

TEST_F(EngineTest, goes_on_to_the_next_url_where_a_document_does_not_hold) {
  const std::string good =
      R"({"issuer":"https://files.example","authorization_endpoint":)"
      R"("https://files.example/a","token_endpoint":"https://files.example/t"})";
  const std::function<void()> firsts[] = {
      [&] { http->down(well_known); },
      [&] { http->on(well_known, "", 404); },
      [&] { http->on(well_known, "<html>"); },
      [&] { http->on(well_known, R"({"issuer":"https://evil.example"})"); },
      [&] { http->on(well_known, R"({"issuer":"https://files.example/"})"); },
  };
  http->on(files + "/.well-known/oauth-authorization-server", good);
  for (const auto& first : firsts) {
    restart();
    first();
    EXPECT_EQ(endpoint(provider()), "https://files.example/t");
  }
}

TEST_F(EngineTest, keeps_metadata_as_long_as_it_may_and_asks_again_then) {
  EXPECT_EQ(endpoint(provider()), files + "/token");
  EXPECT_EQ(endpoint(provider()), files + "/token");
  EXPECT_EQ(http->count(well_known), 1u);
  clock.pass_seconds(3599);
  EXPECT_EQ(endpoint(provider()), files + "/token");
  EXPECT_EQ(http->count(well_known), 1u);
  clock.pass_seconds(1);
  EXPECT_EQ(endpoint(provider()), files + "/token");
  EXPECT_EQ(http->count(well_known), 2u);
}

TEST_F(EngineTest, keeps_the_last_good_metadata_while_the_server_cannot_be_asked) {
  EXPECT_EQ(endpoint(provider()), files + "/token");
  clock.pass_seconds(3600);
  http->down(well_known);
  EXPECT_EQ(endpoint(provider()), files + "/token");
  EXPECT_EQ(http->count(well_known), 2u);
  for (int i = 0; i < 5; ++i) EXPECT_EQ(endpoint(provider()), files + "/token");
  EXPECT_EQ(http->count(well_known), 2u) << "and does not ask for it at every step";
  clock.pass_seconds(60);
  EXPECT_EQ(endpoint(provider()), files + "/token");
  EXPECT_EQ(http->count(well_known), 3u);
}

TEST_F(EngineTest, says_what_it_could_not_have) {
  http->down(well_known);
  EXPECT_TRUE(endpoint(provider()).starts_with("error: the metadata of files: "));
}

TEST_F(EngineTest, endpoints_that_are_configured_are_asked_of_nobody) {
  EXPECT_EQ(endpoint(provider("notes")), notes + "/token");
  EXPECT_TRUE(http->requests().empty());
}

TEST_F(EngineTest, sends_the_whole_request_by_the_browser_where_nothing_is_pushed) {
  const auto url = run(d->engine.authorize(provider(), plain_ask()));
  ASSERT_TRUE(url);
  EXPECT_TRUE(url->starts_with(files + "/authorize?"));
  EXPECT_EQ(query_of(*url, "state"), "state-1");
  EXPECT_EQ(query_of(*url, "scope"), "read openid");
  EXPECT_EQ(query_of(*url, "nonce"), "nonce-1");
  EXPECT_EQ(query_of(*url, "code_challenge"), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
}

// RFC 9126: OAUTH 9126-1 to 3.
TEST_F(EngineTest, pushes_the_request_where_the_server_has_it) {
  serve_metadata(files, R"(,"pushed_authorization_request_endpoint":"https://files.example/par")");
  http->on(files + "/par", R"({"request_uri":"urn:r:1","expires_in":60})", 201);
  const auto url = run(d->engine.authorize(provider(), plain_ask()));
  ASSERT_TRUE(url);
  EXPECT_EQ(*url, files + "/authorize?client_id=files-client&request_uri=urn%3Ar%3A1");
  const HttpRequest& pushed = http->last(files + "/par");
  EXPECT_EQ(field(pushed, "state"), "state-1");
  EXPECT_EQ(field(pushed, "code_challenge_method"), "S256");
  EXPECT_EQ(header(pushed, "Authorization"), "Basic ZmlsZXMtY2xpZW50OnMzY3JldA==");
  EXPECT_EQ(field(pushed, "client_secret"), "-");
}

TEST_F(EngineTest, a_push_that_is_refused_is_not_tried_in_the_open) {
  serve_metadata(files, R"(,"pushed_authorization_request_endpoint":"https://files.example/par")");
  http->on(files + "/par", R"({"error":"invalid_request"})", 400);
  const auto url = run(d->engine.authorize(provider(), plain_ask()));
  ASSERT_FALSE(url);
  EXPECT_NE(url.error().text.find("invalid_request"), std::string::npos);
}

// OAUTH 6749-1: one method a request, the server's choice where it names some.
TEST_F(EngineTest, chooses_how_to_prove_who_we_are) {
  struct Case {
    const char *metadata, *authorization, *secret;
  };
  const Case cases[] = {
      {"", "Basic ZmlsZXMtY2xpZW50OnMzY3JldA==", "-"},
      {R"(,"token_endpoint_auth_methods_supported":["client_secret_post"])", "-", "s3cret"},
      {R"(,"token_endpoint_auth_methods_supported":["client_secret_post","client_secret_basic"])",
       "Basic ZmlsZXMtY2xpZW50OnMzY3JldA==", "-"},
  };
  http->on(files + "/token", R"({"access_token":"a","token_type":"Bearer"})");
  for (const Case& c : cases) {
    restart();
    serve_metadata(files, c.metadata);
    RefreshAsk ask;
    ask.refresh_token = Secret::copy_of("r");
    const auto outcome = run(d->engine.refresh(provider(), std::move(ask)));
    EXPECT_TRUE(std::holds_alternative<TokenAnswer>(outcome));
    EXPECT_EQ(header(http->last(files + "/token"), "Authorization"), c.authorization);
    EXPECT_EQ(field(http->last(files + "/token"), "client_secret"), c.secret);
  }
  restart();
  serve_metadata(files, R"(,"token_endpoint_auth_methods_supported":["private_key_jwt"])");
  const size_t before = http->count(files + "/token");
  RefreshAsk ask;
  ask.refresh_token = Secret::copy_of("r");
  const auto outcome = run(d->engine.refresh(provider(), std::move(ask)));
  EXPECT_TRUE(std::holds_alternative<TokenProblem>(outcome));
  EXPECT_EQ(http->count(files + "/token"), before);
}

TEST_F(EngineTest, a_public_client_sends_its_id_and_no_secret) {
  http->on(login + "/token", R"({"access_token":"a","token_type":"Bearer"})");
  RefreshAsk ask;
  ask.refresh_token = Secret::copy_of("r");
  const auto outcome = run(d->engine.refresh(provider("mine"), std::move(ask)));
  EXPECT_TRUE(std::holds_alternative<TokenAnswer>(outcome));
  const HttpRequest& request = http->last(login + "/token");
  EXPECT_EQ(field(request, "client_id"), "mine-client");
  EXPECT_EQ(field(request, "client_secret"), "-");
  EXPECT_EQ(header(request, "Authorization"), "-");
}

TEST_F(EngineTest, redeems_a_code_with_its_verifier_and_redirect_uri) {
  http->on(files + "/token", R"({"access_token":"a","token_type":"bEaReR","expires_in":"60"})");
  CodeAsk ask;
  ask.code = Secret::copy_of("code-1");
  ask.code_verifier = Secret::copy_of("verifier-1");
  ask.redirect_uri = "https://agents.example/callback/c";
  ask.resource = "https://api.example/a";
  const auto outcome = run(d->engine.redeem(provider(), std::move(ask)));
  EXPECT_EQ(std::get<TokenAnswer>(outcome).expires_in, 60);
  const HttpRequest& request = http->last(files + "/token");
  EXPECT_EQ(request.method, "POST");
  EXPECT_EQ(field(request, "grant_type"), "authorization_code");
  EXPECT_EQ(field(request, "code"), "code-1");
  EXPECT_EQ(field(request, "code_verifier"), "verifier-1");
  EXPECT_EQ(field(request, "redirect_uri"), "https://agents.example/callback/c");
  EXPECT_EQ(field(request, "resource"), "https://api.example/a");
}

TEST_F(EngineTest, tells_how_long_each_exchange_took_also_where_it_failed) {
  std::vector<std::string> told;
  d->engine.on_exchange([&](const Server& server, std::string_view what, double seconds) {
    told.push_back(server.name + " " + std::string(what) + " " + std::to_string(seconds));
  });
  http->on(files + "/token", [this](const HttpRequest&) {
    clock.pass_seconds(3);
    return answer(200, R"({"access_token":"a","token_type":"Bearer"})");
  });
  CodeAsk sign_in;
  sign_in.code = Secret::copy_of("code-1");
  run(d->engine.redeem(provider(), std::move(sign_in)));
  CodeAsk code;
  code.code = Secret::copy_of("code-2");
  code.hold = d->intents.hold(Intents::new_id(), run(http->held())->epoch);
  run(d->engine.redeem(provider(), std::move(code)));
  http->on(files + "/token", [this](const HttpRequest&) {
    clock.pass_seconds(1);
    return answer(503, "");
  });
  RefreshAsk refresh;
  refresh.refresh_token = Secret::copy_of("r");
  run(d->engine.refresh(provider(), std::move(refresh)));
  EXPECT_EQ(told, (std::vector<std::string>{"files sign_in 3.000000", "files code 3.000000",
                                            "files refresh 1.000000"}));
}

TEST_F(EngineTest, a_lifetime_that_is_not_said_is_what_the_preset_assumes) {
  http->on(files + "/token", R"({"access_token":"a","token_type":"Bearer"})");
  for (const bool assume : {false, true}) {
    const auto server = copy(provider());
    server->preset.expires_absent = assume ? ExpiresAbsent::assume : ExpiresAbsent::on_401;
    server->preset.assume_seconds = assume ? 7200 : 0;
    RefreshAsk ask;
    ask.refresh_token = Secret::copy_of("r");
    const auto outcome = run(d->engine.refresh(server, std::move(ask)));
    EXPECT_EQ(std::get<TokenAnswer>(outcome).expires_in,
              assume ? std::optional<int64_t>(7200) : std::nullopt);
  }
}

TEST_F(EngineTest, revokes_and_says_what_the_server_said) {
  http->on(files + "/revoke", "");
  EXPECT_TRUE(run(d->engine.revoke(provider(), Secret::copy_of("r"), true)));
  EXPECT_EQ(field(http->last(files + "/revoke"), "token"), "r");
  http->on(files + "/revoke", "", 503);
  EXPECT_EQ(run(d->engine.revoke(provider(), Secret::copy_of("r"), true)).error().text,
            "files answered http_503");
  http->down(files + "/revoke");
  EXPECT_FALSE(run(d->engine.revoke(provider(), Secret::copy_of("r"), true)));
  const auto server = copy(provider());
  server->preset.revocation = RevocationKind::none;
  EXPECT_EQ(run(d->engine.revoke(server, Secret::copy_of("r"), true)).error().code,
            Code::not_found);
}

TEST_F(EngineTest, callbacks_must_carry_iss_where_the_server_says_that_it_sends_it) {
  const auto plain = run(d->engine.callback_rules(provider()));
  EXPECT_FALSE(plain->iss_supported);
  EXPECT_EQ(plain->issuer, files);
  restart();
  serve_metadata(files, R"(,"authorization_response_iss_parameter_supported":true)");
  EXPECT_TRUE(run(d->engine.callback_rules(provider()))->iss_supported);
}

TEST_F(EngineTest, verifies_with_keys_that_are_fetched_once) {
  serve_keys("k");
  EXPECT_EQ(verified(issuer(), token_of("k")), "alice");
  EXPECT_EQ(verified(issuer(), token_of("k")), "alice");
  EXPECT_EQ(http->count(keys_url), 1u);
}

// OAUTH OIDC-7, THREATS W7.
TEST_F(EngineTest, unknown_keys_are_asked_for_at_most_once_a_minute) {
  serve_keys("k");
  EXPECT_EQ(verified(issuer(), token_of("k")), "alice");
  for (int i = 0; i < 50; ++i) EXPECT_NE(verified(issuer(), token_of("new")), "alice");
  EXPECT_EQ(http->count(keys_url), 1u) << "within the first minute";
  clock.pass_seconds(60);
  for (int i = 0; i < 50; ++i) EXPECT_NE(verified(issuer(), token_of("new")), "alice");
  EXPECT_EQ(http->count(keys_url), 2u);
  serve_keys("new");
  EXPECT_NE(verified(issuer(), token_of("new")), "alice");
  clock.pass_seconds(60);
  EXPECT_EQ(verified(issuer(), token_of("new")), "alice");
  EXPECT_EQ(http->count(keys_url), 3u);
}

TEST_F(EngineTest, who_comes_while_new_keys_are_fetched_waits_for_them) {
  serve_keys("k");
  EXPECT_EQ(verified(issuer(), token_of("k")), "alice");
  clock.pass_seconds(60);
  serve_keys("new");
  http->hold(keys_url);
  std::vector<std::optional<Result<Claims>>> all(5);
  for (auto& one : all) {
    Engine::Verification verification;
    verification.kind = JwtKind::user_token;
    verification.audiences = {"bot"};
    begin(d->engine.verify(issuer(), token_of("new"), std::move(verification)), one);
  }
  until([&] { return http->waiting(keys_url) == 1; });
  settle();
  http->release(keys_url);
  until([&] { return std::all_of(all.begin(), all.end(), [](auto& c) { return !!c; }); });
  for (auto& one : all) EXPECT_TRUE(*one) << one->error().text;
  EXPECT_EQ(http->count(keys_url), 2u);
}

TEST_F(EngineTest, who_leaves_while_he_fetches_keys_leaves_nobody_waiting) {
  serve_keys("k");
  http->hold(keys_url);
  TaskSet leaving(loop);
  std::optional<Result<Claims>> first, second;
  const auto ask = [&] {
    Engine::Verification verification;
    verification.kind = JwtKind::user_token;
    verification.audiences = {"bot"};
    return d->engine.verify(issuer(), token_of("k"), std::move(verification));
  };
  begin(ask(), first);
  until([&] { return http->waiting(keys_url) == 1; });
  std::unique_ptr<TaskSet> with_first = std::move(tasks);
  tasks = std::make_unique<TaskSet>(loop);
  begin(ask(), second);
  settle();
  with_first.reset();
  until([&] { return !!second; });
  EXPECT_FALSE(*second) << "nothing came";
  http->release(keys_url);
  EXPECT_EQ(verified(issuer(), token_of("k")), "alice");
}

TEST_F(EngineTest, the_last_good_keys_serve_while_the_issuer_cannot_be_asked) {
  serve_keys("k");
  EXPECT_EQ(verified(issuer(), token_of("k")), "alice");
  clock.pass_seconds(7200);
  http->down(keys_url);
  EXPECT_EQ(verified(issuer(), token_of("k")), "alice");
  clock.pass_seconds(60);
  http->on(keys_url, R"({"keys":[]})");
  EXPECT_EQ(verified(issuer(), token_of("k")), "alice");
}

TEST_F(EngineTest, without_keys_a_token_is_not_called_bad) {
  http->down(keys_url);
  Engine::Verification verification;
  verification.kind = JwtKind::user_token;
  verification.audiences = {"bot"};
  const auto claims = run(d->engine.verify(issuer(), token_of("k"), std::move(verification)));
  ASSERT_FALSE(claims);
  EXPECT_NE(claims.error().code, Code::denied);
}

TEST_F(EngineTest, pinned_keys_are_never_fetched_and_a_reload_brings_the_new_ones) {
  const auto server = copy(issuer());
  server->pinned_keys = jwks({signer.jwk(R"(,"kid":"k")")});
  EXPECT_EQ(verified(server, token_of("k")), "alice");
  EXPECT_NE(verified(server, token_of("other")), "alice");
  const auto reloaded = copy(issuer());
  reloaded->pinned_keys = jwks({Signer::ec("P-256").jwk(R"(,"kid":"k")")});
  EXPECT_NE(verified(reloaded, token_of("k")), "alice") << "the old key is good no more";
  EXPECT_TRUE(http->requests().empty());
}

// F1: what is fetched for a provider is never believed of an issuer, though it is the same server.
TEST_F(EngineTest, an_issuer_and_a_provider_never_share_a_context) {
  IssuerConfig issuer_config;
  issuer_config.name = "corp";
  issuer_config.issuer = login;
  issuer_config.client.client_id = "reeve";
  ProviderConfig provider_config;
  provider_config.name = "corp";
  provider_config.shape.display_name = "corp";
  provider_config.shape.issuer = login;
  provider_config.client.client_id = "reeve";
  const auto users = issuer_server(issuer_config, Secret(), http);
  const auto tokens = provider_server(provider_config, Secret(), http);
  ASSERT_TRUE(users);
  ASSERT_TRUE(tokens);
  EXPECT_NE((*users)->context, (*tokens)->context);
}

TEST_F(EngineTest, a_context_is_of_one_issuer_client_and_preset) {
  const auto context = [&](const std::function<void(ProviderConfig&)>& change) {
    ProviderConfig config;
    config.name = "p";
    config.shape.display_name = "P";
    config.shape.issuer = files;
    config.client.client_id = "c";
    change(config);
    const auto server = provider_server(config, Secret(), http);
    EXPECT_TRUE(server);
    return (*server)->context;
  };
  const std::string plain = context([](ProviderConfig&) {});
  EXPECT_EQ(plain.size(), 22u);
  EXPECT_EQ(context([](ProviderConfig& config) { config.name = "q"; }), plain);
  EXPECT_NE(context([](ProviderConfig& config) { config.client.client_id = "d"; }), plain);
  EXPECT_NE(context([](ProviderConfig& config) { config.shape.issuer = login; }), plain);
  EXPECT_NE(context([](ProviderConfig& config) { config.shape.display_name = "Q"; }), plain);
}

TEST_F(EngineTest, tells_whose_account_it_is_as_the_preset_says) {
  const Secret token = Secret::copy_of("a");
  http->on(notes + "/me", R"({"sub":"7","preferred_username":"alice"})");
  const auto told = run(d->engine.account(provider("notes"), token, nullptr));
  ASSERT_TRUE(told);
  EXPECT_EQ(told->id, "7");
  EXPECT_EQ(told->label, "alice");
  Claims claims;
  claims.sub = "8";
  EXPECT_FALSE(run(d->engine.account(provider("notes"), token, &claims))) << "Core 5.3.2";
  EXPECT_FALSE(run(d->engine.account(provider(), token, nullptr))) << "no ID token";
  const auto none = copy(provider());
  none->preset.account.source = AccountSource::none;
  EXPECT_EQ(run(d->engine.account(none, token, nullptr))->id, "");
}

}  // namespace
}  // namespace reeve
