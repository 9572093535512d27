// A provider that exchanges its refresh tokens, and every way in which a refresh can be cut off:
// lender_refresh.cc and lender_settle.cc.
#include <set>

#include "session/lender.h"
#include "unit/oauth/answers.h"
#include "world.h"

namespace reeve {
namespace {

using test::files;

const std::string token_url = files + "/token";
const std::string revoke_url = files + "/revoke";

class RotationTest : public test::World {
 protected:
  void SetUp() override {
    World::SetUp();
    session = open_session().session;
    http->on(token_url, [this](const HttpRequest& request) { return provider(request); });
    http->on(revoke_url, "");
  }

  std::string config_text() const override {
    std::string text = World::config_text();
    const std::string at = "[provider.files]\n";
    text.insert(text.find(at) + at.size(), "rotation = \"" + rotation + "\"\n");
    return text;
  }
  void with_rotation(const std::string& kind) {
    rotation = kind;
    restart_without_grants();
    session = open_session().session;
  }

  // RFC 9700 section 4.14.2: what comes back ends the grant.
  Result<HttpResponse> provider(const HttpRequest& request) {
    const std::string used = test::field(request, "refresh_token");
    if (!dead && used == "refresh-" + std::to_string(number)) {
      const std::string next = std::to_string(++number);
      return test::answer(200, R"({"access_token":"access-)" + next +
                                   R"(","token_type":"Bearer","expires_in":3600,)" +
                                   R"("refresh_token":"refresh-)" + next + R"("})");
    }
    const bool graced = rotation != "strict" && used == "refresh-" + std::to_string(number - 1);
    if (graced && !dead) {
      return test::answer(200, R"({"access_token":"access-)" + std::to_string(number) +
                                   R"(","token_type":"Bearer","expires_in":3600,)" +
                                   R"("refresh_token":"refresh-)" + std::to_string(number) +
                                   R"("})");
    }
    if (!dead) ++alarms;
    dead = true;
    return test::answer(400, R"({"error":"invalid_grant"})");
  }

  std::string lent() {
    const LendOutcome outcome = lend(ask_of(session));
    const auto* found = std::get_if<Lent>(&outcome);
    return found == nullptr ? lend_text(outcome) : "lent " + value_of(found->token);
  }
  void expire() { clock.pass_seconds(3600); }
  // What the daemon does at its start.
  void come_back() {
    restart_without_grants();
    session = d->sessions.all().front();
    tasks->spawn(d->lender.forget_strangers());
    d->lender.settle_open();
  }
  bool settled() {
    return eventually([&] {
      d->lender.settle_open();
      return d->intents.all().empty();
    });
  }

  std::string rotation = "strict";
  SessionRef session;
  int number = 1;  // of the provider's newest refresh token
  bool dead = false;
  int alarms = 0;
};

// V3: the daemon dies at every step of a refresh; the provider never sees a used token, nothing is
// sent twice, and the grant lives.
TEST_F(RotationTest, a_kill_at_every_step_loses_nothing) {
  grant();
  std::set<int> ends;
  for (int turns = 0; turns < 60; ++turns) {
    SCOPED_TRACE(turns);
    expire();
    std::optional<LendOutcome> outcome;
    begin(d->lender.lend(ask_of(session)), outcome);
    for (int i = 0; i < turns; ++i) loop.turn();
    come_back();
    ASSERT_TRUE(settled());
    const std::string got = lent();
    ASSERT_EQ(got, "lent access-" + std::to_string(number));
    ASSERT_FALSE(dead);
    eventually([&] { return http->kept() == 0; });
    ASSERT_EQ(http->kept(), 0u) << "an answer is held for ever";
    ends.insert(number);
  }
  EXPECT_GT(ends.size(), 20u);
  EXPECT_EQ(alarms, 0);
  for (const auto& [id, times] : http->sent()) EXPECT_EQ(times, 1) << id;
}

TEST_F(RotationTest, an_answer_that_was_held_is_adopted_without_asking_the_provider_again) {
  grant();
  expire();
  http->hold(token_url);
  std::optional<LendOutcome> outcome;
  begin(d->lender.lend(ask_of(session)), outcome);
  until([&] { return http->waiting(token_url) == 1; });
  EXPECT_EQ(records(Kind::intent), 1u) << "durable before it is sent";
  // The answer comes when nobody is there to take it.
  break_store();
  http->release(token_url);
  until([&] { return !!outcome; });
  EXPECT_EQ(lend_text(*outcome), "unavailable:vault");
  EXPECT_EQ(number, 2);
  mend_store();
  come_back();
  ASSERT_TRUE(settled());
  EXPECT_EQ(http->count(token_url), 1u);
  EXPECT_EQ(lent(), "lent access-2");
  EXPECT_EQ(d->grants.reveal(d->grants.loaded()[0]->refresh_token).reveal(), "refresh-2");
  EXPECT_EQ(records(Kind::intent), 0u);
}

TEST_F(RotationTest, an_answer_that_cannot_be_written_is_not_lent_and_is_taken_later) {
  grant();
  expire();
  for (int failing = 1; failing <= 2; ++failing) {
    break_next_write();
    EXPECT_EQ(lent(), "unavailable:vault");
  }
  EXPECT_EQ(lent(), "lent access-2");
  EXPECT_EQ(number, 2);
  EXPECT_EQ(http->count(token_url), 1u);
  EXPECT_EQ(alarms, 0);
}

TEST_F(RotationTest, a_reeve_fetch_that_is_gone_is_asked_later_by_the_same_id) {
  grant();
  expire();
  http->gone(true);
  EXPECT_EQ(lent(), "unavailable:fetch");
  EXPECT_EQ(records(Kind::intent), 0u) << "nothing was begun";
  http->gone(false);
  http->hold(token_url);
  std::optional<LendOutcome> outcome;
  begin(d->lender.lend(ask_of(session)), outcome);
  until([&] { return http->waiting(token_url) == 1; });
  http->gone(true);
  come_back();
  settle();
  EXPECT_EQ(d->intents.all().size(), 1u) << "nothing is known, nothing is given up";
  http->gone(false);
  http->release(token_url);
  clock.pass_seconds(31);
  ASSERT_TRUE(settled());
  EXPECT_EQ(lent(), "lent access-2");
  EXPECT_EQ(alarms, 0);
}

TEST_F(RotationTest, an_answer_that_waited_longer_than_its_token_lives_is_followed_by_a_refresh) {
  grant();
  expire();
  http->hold(token_url);
  std::optional<LendOutcome> outcome;
  begin(d->lender.lend(ask_of(session)), outcome);
  until([&] { return http->waiting(token_url) == 1; });
  break_store();
  http->release(token_url);
  until([&] { return !!outcome; });
  mend_store();
  expire();
  restart_without_grants();
  session = d->sessions.all().front();
  EXPECT_EQ(lent(), "lent access-3");
  EXPECT_EQ(alarms, 0);
}

TEST_F(RotationTest, strict_an_answer_lost_is_not_repeated_while_the_token_lives) {
  const GrantRef made = grant();
  clock.pass_seconds(3'500);  // a refresh ahead of the end
  http->lose_next();
  EXPECT_TRUE(d->lender.lend_cached(ask_of(session)));
  ASSERT_TRUE(eventually([&] {
    const IntentRef intent = d->intents.of(made->id);
    return intent && intent->lost;
  }));
  settle();
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(lent(), "lent access-1") << "what lives is lent";
    clock.pass_seconds(40);
    LendAsk more = ask_of(session);
    more.min_valid = 600;
    const LendOutcome refused = lend(std::move(more));
    EXPECT_EQ(lend_text(refused), "provider:answer_lost");
    EXPECT_GT(std::get<LendFailure>(refused).retry_after.value_or(0), 0);
    EXPECT_EQ(http->count(token_url), 1u) << "not while a token lives";
    if (i == 0) {
      come_back();
      settle();
      EXPECT_EQ(http->count(token_url), 1u) << "not after a restart either";
    }
  }
  clock.pass_seconds(200);
  // Nothing is left to lose: once more. The provider had exchanged it.
  EXPECT_EQ(lent(), "consent:answer_lost");
  EXPECT_EQ(http->count(token_url), 2u);
  EXPECT_EQ(records(Kind::intent), 0u);
  EXPECT_EQ(audit_text().find("leak_suspected"), std::string::npos) << "it was our own loss";
}

TEST_F(RotationTest, strict_a_request_that_never_got_there_is_repeated_after_the_tokens_end) {
  grant();
  http->new_epoch();
  clock.pass_seconds(3'500);
  http->next(token_url, [](const HttpRequest&) { return test::answer(200, ""); });
  http->lose_next();
  EXPECT_TRUE(d->lender.lend_cached(ask_of(session)));
  ASSERT_TRUE(
      eventually([&] { return d->intents.all().size() == 1 && d->intents.all()[0]->lost; }));
  clock.pass_seconds(200);
  EXPECT_EQ(lent(), "lent access-2") << "the provider had not exchanged it";
  EXPECT_EQ(alarms, 0);
}

TEST_F(RotationTest, grace_and_none_repeat_a_lost_answer_at_once) {
  for (const char* kind : {"grace", "none"}) {
    SCOPED_TRACE(kind);
    number = 1;
    with_rotation(kind);
    grant();
    expire();
    http->lose_next();
    EXPECT_EQ(lent(), "lent access-2");
    EXPECT_EQ(alarms, 0);
    EXPECT_TRUE(d->intents.all().empty());
    for (const GrantRef& made : d->grants.loaded()) EXPECT_TRUE(run(d->grants.erase(made)));
  }
}

// W10: who waits is answered within the time of one exchange.
TEST_F(RotationTest, a_provider_that_stays_silent_is_not_asked_again_while_the_callers_wait) {
  with_rotation("none");
  grant();
  expire();
  http->silence_next();
  EXPECT_EQ(lent(), "provider:answer_lost");
  EXPECT_EQ(http->count(token_url), 1u);
  clock.pass_seconds(60);
  EXPECT_EQ(lent(), "lent access-2");
}

TEST_F(RotationTest, a_spool_that_was_lost_counts_as_a_lost_answer) {
  grant();
  expire();
  http->hold(token_url);
  std::optional<LendOutcome> outcome;
  begin(d->lender.lend(ask_of(session)), outcome);
  until([&] { return http->waiting(token_url) == 1; });
  tasks = std::make_unique<TaskSet>(loop);
  http->new_epoch();
  http->release(token_url);
  come_back();
  ASSERT_TRUE(settled());
  EXPECT_EQ(lent(), "lent access-2") << "its token was over, so it was tried once more";
}

TEST_F(RotationTest, what_comes_after_a_disconnect_is_given_back_also_after_a_restart) {
  for (const bool restarts : {false, true}) {
    SCOPED_TRACE(restarts);
    const GrantRef made = grant({.refresh_token = "refresh-" + std::to_string(number)});
    expire();
    http->hold(token_url);
    std::optional<LendOutcome> outcome;
    begin(d->lender.lend(ask_of(session)), outcome);
    until([&] { return http->waiting(token_url) == 1; });
    if (restarts) {
      // Sent and held; reeved died before it heard of it.
      const IntentRef intent = d->intents.of(made->id);
      Hold hold = d->intents.hold(intent->id, intent->epoch);
      HttpRequest request = http->last(token_url).url.empty() ? HttpRequest() : HttpRequest();
      request.url = token_url;
      request.body = Secret::copy_of("refresh_token=refresh-" + std::to_string(number));
      http->release(token_url);
      tasks = std::make_unique<TaskSet>(loop);
      restart();
      EXPECT_TRUE(std::holds_alternative<HttpResponse>(
          run(http->send_held(std::move(request), std::move(hold)))));
      session = d->sessions.all().front();
      EXPECT_TRUE(run(d->grants.erase(d->grants.loaded()[0])));
      d->lender.settle_open();
    } else {
      EXPECT_TRUE(run(d->grants.erase(made)));
      http->release(token_url);
    }
    ASSERT_TRUE(settled());
    const std::string newest = "refresh-" + std::to_string(number);
    EXPECT_TRUE(eventually([&] {
      return std::any_of(http->requests().begin(), http->requests().end(),
                         [&](const HttpRequest& one) {
                           return one.url == revoke_url && test::field(one, "token") == newest;
                         });
    }));
    EXPECT_EQ(d->grants.size(), 0u);
    eventually([&] { return http->kept() == 0; });
    EXPECT_EQ(http->kept(), 0u);
  }
}

TEST_F(RotationTest, a_refusal_is_believed_only_when_the_vault_has_no_newer_token) {
  const GrantRef made = grant();
  expire();
  // Memory is behind the vault.
  number = 2;
  auto [record, tokens_of] = granting({});
  record.id = made->id;
  std::vector<Change> changes;
  Grants other(*d->vault, d->seal);
  ASSERT_TRUE(other.load());
  ASSERT_TRUE(run(other.bring(made->id)));
  Grants::Refreshed newer;
  newer.token = std::move(tokens_of[0]);
  newer.refresh_token = Secret::copy_of("refresh-2");
  ASSERT_TRUE(run(other.refreshed(other.by_id(made->id), 0, std::move(newer))));
  http->next(token_url,
             [](const HttpRequest&) { return test::answer(400, R"({"error":"invalid_grant"})"); });
  EXPECT_EQ(lent(), "lent access-3");
  EXPECT_FALSE(made->dead);
}

TEST_F(RotationTest, a_token_refused_that_nobody_used_here_is_a_suspected_leak_with_its_holders) {
  const GrantRef made = grant();
  note_holder(*made, {"bot", session->id, 17});
  note_holder(*made, {"left", "s-2", 18});
  number = 5;  // somebody else refreshed
  expire();
  EXPECT_EQ(lent(), "consent:revoked");
  const std::string audit = audit_text();
  EXPECT_NE(audit.find("grant.leak_suspected"), std::string::npos);
  EXPECT_NE(audit.find("left in session s-2 at 18, bot in session " + session->id + " at 17"),
            std::string::npos);
}

TEST_F(RotationTest, without_rotation_only_words_of_reuse_are_a_suspected_leak) {
  with_rotation("none");
  grant();
  expire();
  http->next(token_url, R"({"error":"invalid_grant","error_description":"gone"})", 400);
  EXPECT_EQ(lent(), "consent:revoked");
  EXPECT_EQ(audit_text().find("grant.leak_suspected"), std::string::npos);
  grant({.account = "acc-2"});
  expire();
  http->next(token_url, R"({"error":"invalid_grant","error_description":"Token was already used"})",
             400);
  EXPECT_EQ(lent(), "consent:revoked");
  EXPECT_NE(audit_text().find("grant.leak_suspected"), std::string::npos);
}

TEST_F(RotationTest, what_reeve_fetch_holds_for_nobody_is_forgotten_and_what_is_ours_is_not) {
  HttpRequest request;
  request.url = token_url;
  request.body = Secret::copy_of("refresh_token=refresh-1");
  run(http->send_held(std::move(request), {"a-stranger-of-old", "epoch-1", nullptr}));
  EXPECT_EQ(http->kept(), 1u);
  run(d->lender.forget_strangers());
  EXPECT_EQ(http->kept(), 0u);
}

TEST(Holders, are_the_last_few_the_latest_first) {
  Grant grant;
  for (int i = 0; i < 6; ++i) note_holder(grant, {"w", "s" + std::to_string(i), i});
  note_holder(grant, {"w", "s3", 9});
  ASSERT_EQ(grant.holders.size(), 4u);
  EXPECT_EQ(grant.holders[0].session, "s3");
  EXPECT_EQ(grant.holders[0].at, 9);
  EXPECT_EQ(grant.holders[1].session, "s5");
  EXPECT_EQ(grant.holders[3].session, "s2");
}

}  // namespace
}  // namespace reeve
