// Which account may be connected, when it needs no question, and how the user must have signed in
// for it (RFC 9470).
#include "session/account_proof.h"

#include "desk_world.h"

namespace reeve {
namespace {

using test::Asked;
using test::files;
using test::text_of;
using test::user_of;
using test::Visitor;

class AccountProofTest : public test::DeskWorld {
 protected:
  std::string config_text() const override {
    std::string text = DeskWorld::config_text();
    const std::string table = "[provider.files]\n";
    text.insert(text.find(table) + table.size(), keys);
    return text;
  }
  void configure(const std::string& more) {
    keys = more;
    restart();
  }
  Visitor alice(const std::map<std::string, std::string>& claims) {
    const Visitor made = visitor();
    auto secret = run(d->browsers.sign_in(d->browsers.find(made.key()), {user_of("alice"), claims},
                                          "corp", 3600));
    return {std::string(secret->reveal()), made.id, made.binding};
  }
  std::string token_answer_with(const Away& away, const std::string& more) {
    return R"({"access_token":"access-1","token_type":"Bearer","expires_in":3600,)"
           R"("refresh_token":"refresh-1","scope":"read openid","id_token":")" +
           id_token(files, "files-client", "octo", test::query_of(away.authorize_url, "nonce"),
                    more) +
           "\"}";
  }
  // From the question to what comes of it, with these claims in the provider's ID token.
  std::string come_of(const Visitor& visitor, const Asked& asked, const std::string& more) {
    const Away away = started(visitor, asked);
    http->on(token_url, token_answer_with(away, more));
    http->on(revoke_url, "");
    auto taken = come_back(back(visitor, away));
    auto* handle = std::get_if<Secret>(&taken);
    if (handle == nullptr) return text_of(taken);
    const std::string came = outcome_of(visitor, *handle);
    if (came == "confirm") confirm(visitor, *handle, false);  // so that the next one is a new one
    settle();
    return came;
  }
  std::string come_of(const Visitor& visitor, const std::string& more) {
    return come_of(visitor, asked(), more);
  }

  std::string keys;
};

const std::string verified = R"(,"email":"alice@example.com","email_verified":true)";

TEST_F(AccountProofTest, a_claim_that_both_vouch_for_needs_no_question) {
  configure("account_match = { claim = \"email\" }\n");
  EXPECT_EQ(come_of(alice({{"email", "alice@example.com"}}), verified), "granted");
  EXPECT_EQ(d->grants.size(), 1u);
}

TEST_F(AccountProofTest, everything_less_than_that_is_asked) {
  configure("account_match = { claim = \"email\" }\n");
  const std::map<std::string, std::string> known{{"email", "alice@example.com"}};
  for (const char* more :
       {R"(,"email":"alice@example.com")", R"(,"email":"alice@example.com","email_verified":false)",
        R"(,"email":"bob@example.com","email_verified":true)",
        R"(,"email":"","email_verified":true)", R"(,"email_verified":true)", R"()"}) {
    EXPECT_EQ(come_of(alice(known), more), "confirm") << more;
  }
  EXPECT_EQ(come_of(alice({}), verified), "confirm") << "the sign-in said nothing";
  EXPECT_EQ(come_of(alice({{"email", ""}}), R"(,"email":"","email_verified":true)"), "confirm")
      << "nothing equals nothing";
  EXPECT_EQ(d->grants.size(), 0u);
}

TEST_F(AccountProofTest, the_account_may_call_the_claim_something_else) {
  configure("account_match = { claim = \"employee/id\", account = \"/custom/number\" }\n");
  EXPECT_EQ(come_of(alice({{"employee/id", "77"}}), R"(,"custom":{"number":77})"), "granted");
  EXPECT_EQ(d->setup.get()->user_claims, std::set<std::string>{"employee/id"});
}

TEST_F(AccountProofTest, an_account_of_another_domain_is_given_back) {
  configure("account_domains = [\"example.com\"]\n");
  EXPECT_EQ(come_of(alice({}), R"(,"email":"a@Example.COM","email_verified":true)"), "confirm");
  EXPECT_EQ(come_of(alice({}), R"(,"hd":"example.com")"), "confirm") << "Google's own";
  const size_t revoked = http->count(revoke_url);
  int refused = 0;
  for (const char* more :
       {R"(,"email":"a@elsewhere.com","email_verified":true)", R"(,"email":"a@example.com")",
        R"(,"email":"a@example.com.evil.org","email_verified":true)",
        R"(,"hd":"evil.org","email":"a@example.com","email_verified":true)", R"()"}) {
    const Asked asked = this->asked();
    EXPECT_EQ(come_of(alice({}), asked, more), "failed") << more;
    EXPECT_EQ(asked.consent->status_reason, "account_domain");
    EXPECT_EQ(http->count(revoke_url), revoked + ++refused) << "revoked at the provider";
  }
  EXPECT_EQ(d->grants.size(), 0u);
}

TEST_F(AccountProofTest, a_sign_in_may_be_hinted_at) {
  configure("login_hint = \"email\"\n");
  const Asked asked = this->asked();
  EXPECT_EQ(
      test::query_of(started(alice({{"email", "a@b.example"}}), asked).authorize_url, "login_hint"),
      "a@b.example");
  EXPECT_EQ(test::query_of(started(alice({}), this->asked()).authorize_url, "login_hint"), "");
}

TEST_F(AccountProofTest, what_a_sign_in_says_survives_a_restart) {
  const Visitor made = alice({{"email", "a@b.example"}});
  restart();
  EXPECT_EQ(d->browsers.find(made.key())->claims.at("email"), "a@b.example");
}

// RFC 9470: the API demanded more than the grant's sign-in was.
class StepUpTest : public AccountProofTest {
 protected:
  // A consent to a demand: the URL's parameters, and what comes of it.
  std::string step_up(const SessionRef& session, const std::string& more) {
    LendAsk ask = demand(session);
    const LendOutcome outcome = lend(std::move(ask));
    const auto* needed = std::get_if<ConsentNeeded>(&outcome);
    if (needed == nullptr) return lend_text(outcome);
    const std::string ticket = needed->url.substr(needed->url.rfind('/') + 1);
    const Asked asked{session, ticket, "", d->consents.by_ticket(ticket)};
    const Visitor visitor = alice({});
    const Away away = started(visitor, asked);
    url = away.authorize_url;
    http->on(token_url, token_answer_with(away, more));
    http->on(revoke_url, "");
    auto taken = come_back(back(visitor, away));
    const Secret& handle = std::get<Secret>(taken);
    const std::string came = outcome_of(visitor, handle);
    if (came == "confirm") confirm(visitor, handle);
    return came;
  }
  LendAsk demand(const SessionRef& session) {
    LendAsk ask = ask_of(session);
    ask.acr_values = {"gold", "platinum"};
    ask.max_age = 300;
    return ask;
  }
  std::string signed_in_at(int64_t ago, const std::string& acr) const {
    return R"(,"acr":")" + acr + R"(","auth_time":)" + std::to_string(clock.unix_seconds() - ago);
  }
  std::string url;
};

TEST_F(StepUpTest, asks_the_user_once_and_then_serves) {
  const SessionRef session = open_session().session;
  grant();
  EXPECT_EQ(lend_text(lend(ask_of(session))), "lent") << "without a demand it will do";
  EXPECT_EQ(lend_text(lend(demand(session))), "consent:step_up");
  EXPECT_EQ(step_up(session, signed_in_at(10, "gold")), "confirm");
  EXPECT_EQ(test::query_of(url, "acr_values"), "gold platinum");
  EXPECT_EQ(test::query_of(url, "max_age"), "300");
  EXPECT_EQ(lend_text(lend(demand(session))), "lent");
  EXPECT_TRUE(d->lender.lend_cached(demand(session)));
  restart();
  const SessionRef again = d->sessions.all().front();
  EXPECT_EQ(lend_text(lend(demand(again))), "lent") << "kept with the grant";
  clock.pass_seconds(400);
  EXPECT_EQ(lend_text(lend(demand(again))), "consent:step_up") << "too long ago by now";
  EXPECT_FALSE(d->lender.lend_cached(demand(again)));
  EXPECT_TRUE(d->lender.lend_cached(ask_of(again)));
}

TEST_F(StepUpTest, a_provider_that_does_less_than_was_asked_gives_nothing) {
  const SessionRef session = open_session().session;
  for (const std::string& more :
       {signed_in_at(10, "bronze"), std::string(R"(,"auth_time":1)"), signed_in_at(10, ""),
        std::string(R"(,"acr":"gold")"), signed_in_at(1000, "gold"), std::string()}) {
    EXPECT_EQ(step_up(session, more), "failed") << more;
  }
  EXPECT_EQ(d->grants.size(), 0u);
}

TEST_F(StepUpTest, a_provider_that_says_nothing_of_sign_ins_is_refused_at_once) {
  LendAsk ask = ask_of(open_session().session, {"n"}, "notes");
  ask.max_age = 60;
  EXPECT_EQ(lend_text(lend(std::move(ask))), "denied:step_up");
}

TEST_F(StepUpTest, another_demand_is_another_question) {
  const SessionRef session = open_session().session;
  EXPECT_EQ(lend_text(lend(demand(session))), "consent:new");
  EXPECT_EQ(lend_text(lend(demand(session))), "consent:new");
  EXPECT_EQ(d->consents.all().size(), 1u);
  EXPECT_EQ(lend_text(lend(ask_of(session))), "consent:new");
  EXPECT_EQ(d->consents.all().size(), 2u);
}

TEST_F(AccountProofTest, accounts_already_connected_are_named_beside_a_new_one) {
  configure("account_match = \"ask\"\n");
  grant({.account = "acc-1"});
  const Visitor visitor = alice({});
  const Asked asked = asked_again(open_session().session, "files", "https://api.example/a");
  const Secret handle = walked(visitor, asked);
  const auto looked = outcome(visitor, handle);
  EXPECT_EQ(std::get<ConsentOutcome>(looked).other_accounts,
            std::vector<std::string>{"acc-1-label"});
  EXPECT_EQ(text_of(confirm(visitor, handle)), "ok");
  EXPECT_EQ(d->grants.size(), 2u) << "the first one stays";
}

}  // namespace
}  // namespace reeve
