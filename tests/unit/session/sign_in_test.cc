#include "session/sign_in.h"

#include "crypto/hash.h"
#include "desk_world.h"

namespace reeve {
namespace {

using test::at_main;
using test::login;
using test::query_of;
using test::text_of;
using test::user_of;
using test::Visitor;

class SignInTest : public test::DeskWorld {
 protected:
  static inline const std::string login_token = login + "/token";

  Bound<Away> begin_at(const std::string& secret, const std::string& issuer = login,
                       const std::string& next = "/connections", bool other_user = false) {
    return run(d->sign_in.begin(at_main(secret), issuer, next, other_user));
  }
  Away begun(const std::string& secret) {
    auto away = begin_at(secret);
    if (auto* found = std::get_if<Away>(&away)) return std::move(*found);
    ADD_FAILURE() << text_of(away);
    return {};
  }
  Bound<SignedIn> finish(CameBack back) {
    const BrowserRef owner = d->browsers.with_sign_in(sha256(back.answer.state.reveal()));
    if (owner == nullptr) return Refusal{Refusal::Kind::flow, "state"};
    return run(d->sign_in.finish(owner, std::move(back)));
  }
  CameBack came(const std::string& secret, const Away& away) { return back({secret, ""}, away); }
  std::string answer(const Away& away, const std::string& subject = "alice",
                     const std::string& more = "") {
    return R"({"access_token":"a","token_type":"Bearer","id_token":")" +
           id_token(login, "reeve", subject, query_of(away.authorize_url, "nonce"), more) + "\"}";
  }
  static std::string secret(char letter) { return std::string(43, letter); }
  std::string config_text() const override {
    std::string text = DeskWorld::config_text();
    for (const auto& [table, keys] :
         {std::pair<std::string, std::string>{"[provider.files]\n", configured},
          {"[issuer.corp]\n", acr_values}}) {
      text.insert(text.find(table) + table.size(), keys);
    }
    return text;
  }
  std::string configured, acr_values;
};

TEST_F(SignInTest, sends_the_browser_away_and_takes_it_back_signed_in) {
  const Away away = begun(secret('a'));
  const std::string& url = away.authorize_url;
  EXPECT_TRUE(url.starts_with("https://login.example/authorize?"));
  EXPECT_EQ(query_of(url, "client_id"), "reeve");
  EXPECT_EQ(query_of(url, "scope"), "openid profile");
  EXPECT_EQ(query_of(url, "code_challenge_method"), "S256");
  EXPECT_EQ(query_of(url, "prompt"), "");
  EXPECT_EQ(query_of(url, "redirect_uri"),
            "https://agents.example/callback/" + d->setup.get()->issuers.at("corp")->context);
  EXPECT_EQ(d->browsers.find(at_main(secret('a')))->user, std::nullopt);

  http->on(login_token, answer(away, "alice", R"(,"name":"Alice L.")"));
  const auto finished = finish(came(secret('a'), away));
  const SignedIn& done = std::get<SignedIn>(finished);
  EXPECT_EQ(done.next, "/connections");
  EXPECT_EQ(d->browsers.find(at_main(secret('a'))), nullptr) << "the secret is renewed";
  const BrowserRef browser = d->browsers.find(at_main(done.browser.reveal()));
  ASSERT_NE(browser, nullptr);
  EXPECT_TRUE(browser->user && browser->user->is(user_of("alice")));
  EXPECT_EQ(browser->user->name, "Alice L.");
  EXPECT_EQ(browser->user->claim, "sub");
  EXPECT_EQ(browser->issuer, "corp");
  EXPECT_TRUE(browser->sign_ins.empty());
  restart();
  EXPECT_NE(d->browsers.find(at_main(done.browser.reveal())), nullptr);
  EXPECT_NE(audit_text().find("user.signed_in"), std::string::npos);
}

// What providers want to know of the user is kept, where the issuer vouches for it.
TEST_F(SignInTest, keeps_the_claims_that_providers_ask_for) {
  configured = "login_hint = \"phone_number\"\naccount_match = { claim = \"email\" }\n";
  restart();
  const Away away = begun(secret('a'));
  http->on(login_token, answer(away, "alice",
                               R"(,"email":"a@b.example","email_verified":true,"phone_number":"1",)"
                               R"("department":"x")"));
  const auto finished = finish(came(secret('a'), away));
  const std::map<std::string, std::string> kept{{"email", "a@b.example"}};
  EXPECT_EQ(d->browsers.find(at_main(std::get<SignedIn>(finished).browser.reveal()))->claims, kept);
}

// OpenID Connect Core section 3.1.2.1: a voluntary claim; here it is demanded.
TEST_F(SignInTest, a_sign_in_of_another_kind_than_configured_is_refused) {
  acr_values = "acr_values = [\"gold\", \"platinum\"]\n";
  restart();
  for (const char* acr : {"gold", "platinum", "bronze", ""}) {
    const Away away = begun(secret('a'));
    EXPECT_EQ(query_of(away.authorize_url, "acr_values"), "gold platinum");
    const std::string said = *acr == 0 ? "" : R"(,"acr":")" + std::string(acr) + "\"";
    http->on(login_token, answer(away, "alice", said));
    const bool good = acr[0] == 'g' || acr[0] == 'p';
    EXPECT_EQ(text_of(finish(came(secret('a'), away))), good ? "ok" : "flow:acr") << acr;
  }
}

// T11, T19.
TEST_F(SignInTest, leads_back_to_paths_of_its_own_only_and_knows_its_issuers) {
  for (const char* next : {"https://evil.example/", "//evil.example", "", "/callback/x"}) {
    EXPECT_EQ(text_of(begin_at(secret('a'), login, next)), "flow:next") << next;
  }
  for (const char* issuer : {"https://evil.example", "https://login.example/", "corp", ""}) {
    EXPECT_EQ(text_of(begin_at(secret('a'), issuer)), "flow:issuer") << issuer;
  }
  EXPECT_TRUE(http->requests().empty());
  EXPECT_EQ(d->browsers.find(at_main(secret('a'))), nullptr) << "and makes nothing";
}

TEST_F(SignInTest, the_only_issuer_need_not_be_named) {
  std::string text = config_text();
  const size_t at = text.find("[issuer.other]");
  text.erase(at, text.find("[provider.files]") - at);
  d->setup.swap(make_setup(text));
  EXPECT_EQ(text_of(begin_at(secret('a'), "")), "ok");
}

TEST_F(SignInTest, somebody_else_is_asked_who_he_is) {
  const auto away = begin_at(secret('a'), login, "/", true);
  EXPECT_EQ(query_of(std::get<Away>(away).authorize_url, "prompt"), "login");
}

TEST_F(SignInTest, the_operators_max_age_and_prompt_are_sent_and_checked) {
  std::string text = config_text();
  text.replace(text.find("[issuer.other]"), 0, "max_age = 600\nprompt = \"select_account\"\n");
  d->setup.swap(make_setup(text));
  const std::string old = std::to_string(clock.unix_seconds() - 700);
  const std::string young = std::to_string(clock.unix_seconds() - 60);
  struct Case {
    std::string more;
    const char* outcome;
  };
  for (const Case& c : {Case{"", "flow:id_token"}, Case{R"(,"auth_time":)" + old, "flow:id_token"},
                        Case{R"(,"auth_time":)" + young, "ok"}}) {
    const Away away = begun(secret('a'));
    EXPECT_EQ(query_of(away.authorize_url, "max_age"), "600");
    EXPECT_EQ(query_of(away.authorize_url, "prompt"), "select_account");
    http->on(login_token, answer(away, "alice", c.more));
    EXPECT_EQ(text_of(finish(came(secret('a'), away))), c.outcome) << c.more;
  }
}

TEST_F(SignInTest, a_max_age_of_zero_still_leaves_time_to_finish) {
  std::string text = config_text();
  text.replace(text.find("[issuer.other]"), 0, "max_age = 0\n");
  d->setup.swap(make_setup(text));
  const Away away = begun(secret('a'));
  http->on(login_token,
           answer(away, "alice", R"(,"auth_time":)" + std::to_string(clock.unix_seconds())));
  const auto finished = finish(came(secret('a'), away));
  ASSERT_EQ(text_of(finished), "ok");
  EXPECT_NE(d->browsers.find(at_main(std::get<SignedIn>(finished).browser.reveal())), nullptr);
}

// T4, T13, T10: each is burnt.
TEST_F(SignInTest, a_return_is_refused_and_burnt_unless_all_of_it_fits) {
  struct Case {
    const char* refusal;
    std::function<void(CameBack&)> spoil;
  };
  const Case cases[] = {
      {"flow:browser", [&](CameBack& back) { back.browser = visitor().key(); }},
      {"flow:browser", [&](CameBack& back) { back.browser.secret.clear(); }},
      {"flow:flow_cookie", [](CameBack& back) { back.flow.clear(); }},
      {"flow:redirect_uri",
       [&](CameBack& back) {
         back.redirect_uri =
             "https://agents.example/callback/" + d->setup.get()->issuers.at("other")->context;
       }},
      {"flow:expired", [&](CameBack&) { clock.pass_seconds(600); }},
      {"flow:iss", [](CameBack& back) { back.answer.iss = "https://evil.example"; }},
      {"flow:issuer:access_denied",
       [](CameBack& back) {
         back.answer.code = Secret();
         back.answer.error = "access_denied";
       }},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.refusal);
    const Visitor someone = visitor();
    const Away away = begun(someone.secret);
    http->on(login_token, answer(away));
    CameBack spoilt = came(someone.secret, away);
    c.spoil(spoilt);
    EXPECT_EQ(text_of(finish(std::move(spoilt))), c.refusal);
    EXPECT_EQ(text_of(finish(came(someone.secret, away))), "flow:state");
    restart();
    EXPECT_EQ(text_of(finish(came(someone.secret, away))), "flow:state");
    const BrowserRef browser = d->browsers.find(someone.key());
    EXPECT_TRUE(browser == nullptr || !browser->user);
  }
  EXPECT_EQ(http->count(login_token), 0u);
  EXPECT_NE(audit_text().find("sign_in.refused"), std::string::npos);
}

TEST_F(SignInTest, an_answer_without_a_good_id_token_signs_nobody_in) {
  const auto nonce = [](const Away& away) { return query_of(away.authorize_url, "nonce"); };
  struct Case {
    const char* refusal;
    std::function<std::string(const Away&)> id_token;
  };
  const Case cases[] = {
      {"flow:id_token:absent", [](const Away&) { return std::string(); }},
      {"flow:id_token", [&](const Away&) { return id_token(login, "reeve", "alice", "other"); }},
      {"flow:id_token",
       [&](const Away& away) { return id_token(login, "mine-client", "alice", nonce(away)); }},
      {"flow:id_token",
       [&](const Away& away) { return id_token(test::files, "reeve", "alice", nonce(away)); }},
      {"flow:id_token", [](const Away&) { return std::string("a.b.c"); }},
  };
  for (const Case& c : cases) {
    const Visitor someone = visitor();
    const Away away = begun(someone.secret);
    http->on(login_token, R"({"access_token":"a","token_type":"Bearer","id_token":")" +
                              c.id_token(away) + "\"}");
    EXPECT_EQ(text_of(finish(came(someone.secret, away))), c.refusal);
    EXPECT_FALSE(d->browsers.find(someone.key())->user);
  }
}

TEST_F(SignInTest, a_code_that_is_not_redeemed_signs_nobody_in) {
  const Away away = begun(secret('a'));
  http->on(login_token, R"({"error":"invalid_grant"})", 400);
  EXPECT_EQ(text_of(finish(came(secret('a'), away))), "flow:issuer:invalid_grant");
  EXPECT_FALSE(d->browsers.find(at_main(secret('a')))->user);
}

TEST_F(SignInTest, an_issuer_that_cannot_be_asked_is_said_so) {
  http->down(login + "/.well-known/openid-configuration");
  EXPECT_EQ(text_of(begin_at(secret('a'))), "unavailable:the issuer cannot be asked now");
}

TEST_F(SignInTest, expired_browsers_make_room_before_one_is_refused) {
  d->browsers.set_limits({.all = 1});
  begun(secret('a'));
  EXPECT_EQ(text_of(begin_at(secret('b'))), "limit:browsers");
  clock.pass_seconds(3600);
  EXPECT_EQ(text_of(begin_at(secret('b'))), "ok");
}

TEST_F(SignInTest, a_disk_that_fails_signs_nobody_in) {
  break_store();
  EXPECT_EQ(text_of(begin_at(secret('a'))), "unavailable:the disk is on fire");
  mend_store();
  Away away = begun(secret('a'));
  http->on(login_token, answer(away));
  break_next_write();
  EXPECT_EQ(text_of(finish(came(secret('a'), away))), "unavailable:the disk is on fire");
  EXPECT_EQ(http->count(login_token), 0u) << "the state was not consumed for good";
  mend_store();
  away = begun(secret('a'));
  http->on(login_token, [&](const HttpRequest&) {
    break_store();
    return Result<HttpResponse>(test::answer(200, answer(away)));
  });
  EXPECT_EQ(text_of(finish(came(secret('a'), away))), "unavailable:the disk is on fire");
  mend_store();
  restart();
  const BrowserRef browser = d->browsers.find(at_main(secret('a')));
  EXPECT_TRUE(browser == nullptr || !browser->user);
}

// T9.
TEST_F(SignInTest, one_who_signs_out_while_he_is_signed_in_stays_out) {
  const Away away = begun(secret('a'));
  http->on(login_token, answer(away));
  http->hold(login_token);
  const BrowserRef browser = d->browsers.find(at_main(secret('a')));
  std::optional<Bound<SignedIn>> finished;
  begin(d->sign_in.finish(browser, came(secret('a'), away)), finished);
  until([&] { return http->waiting(login_token) == 1; });
  EXPECT_TRUE(run(d->browsers.erase(browser)));
  http->release(login_token);
  until([&] { return !!finished; });
  EXPECT_EQ(text_of(*finished), "flow:browser");
  EXPECT_EQ(d->browsers.by_id(browser->id), nullptr);
}

TEST_F(SignInTest, a_return_that_comes_twice_is_redeemed_once) {
  const Away away = begun(secret('a'));
  http->on(login_token, answer(away));
  const BrowserRef browser = d->browsers.find(at_main(secret('a')));
  std::optional<Bound<SignedIn>> first, second;
  begin(d->sign_in.finish(browser, came(secret('a'), away)), first);
  begin(d->sign_in.finish(browser, came(secret('a'), away)), second);
  until([&] { return first && second; });
  EXPECT_EQ(text_of(*first), "ok");
  EXPECT_NE(text_of(*second), "ok");
  EXPECT_EQ(http->count(login_token), 1u);
}

// A sign-in belongs to the browser, whichever tab of it began.
TEST_F(SignInTest, two_tabs_may_sign_in_one_after_the_other) {
  const Away first = begun(secret('a')), second = begun(secret('a'));
  http->on(login_token, answer(first));
  const auto one = finish(came(secret('a'), first));
  const std::string renewed(std::get<SignedIn>(one).browser.reveal());
  http->on(login_token, answer(second));
  EXPECT_EQ(text_of(finish(came(renewed, second))), "ok");
}

TEST_F(SignInTest, no_secret_is_in_the_audit) {
  const Away away = begun(secret('a'));
  http->on(login_token, answer(away));
  finish(came(secret('a'), away));
  const std::string text = audit_text();
  for (const std::string& one :
       {secret('a'), query_of(away.authorize_url, "state"), std::string(away.flow.reveal()),
        std::string("code-1"), std::string("s3cret")}) {
    EXPECT_EQ(text.find(one), std::string::npos);
  }
}

TEST(OwnPath, takes_three_kinds_of_path_only) {
  const std::string ticket(43, 'A');
  for (const std::string& path :
       {std::string("/"), std::string("/connections"), "/connect/" + ticket, "/done/" + ticket}) {
    EXPECT_TRUE(own_path(path)) << path;
  }
  for (const std::string& path :
       {std::string(), std::string("//evil.example"), std::string("/\\evil.example"),
        std::string("https://evil.example/"), std::string("/connections/"),
        std::string("/connections?x=1"), std::string("/connect/"), "/connect/" + ticket + "A",
        "/connect/" + ticket.substr(1), "/connect/" + ticket.substr(1) + "/",
        "/connect/" + ticket.substr(1) + "B", "/connect/..%2f" + ticket.substr(6),
        "/connect/" + ticket.substr(1) + "\n", "/callback/" + ticket, "connect/" + ticket,
        std::string("/\0", 2)}) {
    EXPECT_FALSE(own_path(path)) << path;
  }
}

}  // namespace
}  // namespace reeve
