#include "session/lender.h"

#include "base/encoding.h"
#include "unit/oauth/answers.h"
#include "world.h"

namespace reeve {
namespace {

using test::files;
using test::user_of;

const std::string token_url = files + "/token";

class LenderTest : public test::World {
 protected:
  void SetUp() override {
    World::SetUp();
    session = open_session().session;
  }
  static std::string answer(const std::string& access, const std::string& more = "") {
    return R"({"access_token":")" + access + R"(","token_type":"Bearer","expires_in":3600)" + more +
           "}";
  }
  // "lent VALUE", or as lend_text().
  std::string lent(LendAsk ask) { return told(lend(std::move(ask))); }
  std::string told(const LendOutcome& outcome) {
    const auto* found = std::get_if<Lent>(&outcome);
    return found == nullptr ? lend_text(outcome) : "lent " + value_of(found->token);
  }
  std::string cached(const LendAsk& ask) {
    const auto found = d->lender.lend_cached(ask);
    return found ? value_of(found->token) : "nothing";
  }
  LendAsk plain() { return ask_of(session); }

  SessionRef session;
};

TEST_F(LenderTest, lends_what_is_cached_without_asking_anybody) {
  const GrantRef made = grant();
  EXPECT_EQ(cached(plain()), "access-1");
  EXPECT_EQ(lent(plain()), "lent access-1");
  EXPECT_TRUE(http->requests().empty());
  const auto found = d->lender.lend_cached(plain());
  EXPECT_EQ(found->grant, made);
  EXPECT_EQ(found->rule, "bot");
}

TEST_F(LenderTest, lends_no_token_beyond_its_life_where_the_clock_is_set_back) {
  grant({.refresh_token = ""});
  clock.pass_seconds(3000);
  EXPECT_EQ(cached(plain()), "access-1");
  clock.set_unix(clock.unix_seconds() - 2000);
  EXPECT_EQ(cached(plain()), "access-1");
  EXPECT_EQ(clock.as_set(d->lender.lend_cached(plain())->token.expires_at),
            clock.unix_seconds() + 600);
  clock.pass_seconds(600);
  EXPECT_EQ(cached(plain()), "nothing");
  clock.set_unix(0);
  EXPECT_EQ(cached(plain()), "nothing");
}

TEST_F(LenderTest, refreshes_a_token_that_was_issued_under_a_clock_set_back_since) {
  const std::string id = grant()->id;
  const int64_t then = clock.unix_seconds();
  clock = test::FakeClock();
  clock.set_unix(then - 7200);
  restart("boot-2");
  session = open_session().session;
  EXPECT_EQ(cached(plain()), "nothing") << "nobody knows how old it is";
  http->on(token_url, answer("access-2"));
  EXPECT_EQ(lent(plain()), "lent access-2");
  EXPECT_EQ(d->grants.by_id(id)->tokens[0].issued_at, then - 7200);
}

TEST_F(LenderTest, lends_of_a_grant_that_was_not_in_memory_and_remembers_it_then) {
  grant();
  const GrantRef bobs = grant({.subject = "bob"});
  restart_without_grants();
  session = open_session().session;
  EXPECT_EQ(cached(plain()), "nothing") << "it is to be read first";
  EXPECT_EQ(lent(plain()), "lent access-1");
  EXPECT_EQ(cached(plain()), "access-1");
  EXPECT_EQ(d->lender.lend_cached(plain()), d->lender.lend_cached(plain()));
  EXPECT_TRUE(run(d->grants.bring(bobs->id)));
  const auto found = d->lender.lend_cached(plain());
  EXPECT_EQ(found, d->lender.lend_cached(plain())) << "another's does not disturb it";
  EXPECT_TRUE(http->requests().empty());
}

TEST_F(LenderTest, lends_nothing_of_a_damaged_grant_and_asks_no_user) {
  grant();
  restart_without_grants();
  session = open_session().session;
  damage(row_of(Kind::grant));
  EXPECT_EQ(lent(plain()), "unavailable:vault");
  EXPECT_EQ(cached(plain()), "nothing");
}

TEST_F(LenderTest, drops_a_token_that_was_reported_after_a_restart) {
  const std::string id = grant()->tokens[0].id;
  restart_without_grants();
  session = open_session().session;
  EXPECT_TRUE(run(d->lender.report_invalid(session, id)));
  EXPECT_EQ(records(Kind::access_token), 0u);
}

// What was lent last is found again without looking, and only while all it rests on is the same.
TEST_F(LenderTest, remembers_what_it_lent_until_anything_changes) {
  GrantRef made = grant({.requested = {"read", "write"}});
  EXPECT_EQ(cached(plain()), "access-1");
  EXPECT_EQ(d->lender.lend_cached(plain()), d->lender.lend_cached(plain()));
  LendAsk other = ask_of(session, {"admin"});
  EXPECT_EQ(cached(other), "nothing") << "other scopes";
  EXPECT_EQ(cached(plain()), "access-1");
  other = plain();
  other.resource = "https://api.example/a";
  EXPECT_EQ(cached(other), "nothing") << "another resource";
  other = plain();
  other.account = "acc-2";
  EXPECT_EQ(cached(other), "nothing") << "another account";
  other = plain();
  other.min_valid = 3601;
  EXPECT_EQ(cached(other), "nothing") << "for longer";
  other = plain();
  other.fresh = true;
  EXPECT_EQ(cached(other), "nothing") << "fresh";
  EXPECT_EQ(cached(ask_of(open_session("bot", user_of("bob")).session)), "nothing");

  EXPECT_EQ(cached(plain()), "access-1");
  EXPECT_TRUE(run(d->lender.report_invalid(session, made->tokens[0].id)));
  EXPECT_EQ(cached(plain()), "nothing") << "reported";
  made = grant({.requested = {"read", "write"}, .access_token = "access-2"});
  EXPECT_EQ(cached(plain()), "access-2") << "replaced";
  EXPECT_TRUE(run(d->grants.kill(made, "revoked")));
  EXPECT_EQ(cached(plain()), "nothing") << "killed";
  made = grant({.access_token = "access-3"});
  EXPECT_EQ(cached(plain()), "access-3");
  EXPECT_TRUE(run(d->grants.erase(made)));
  EXPECT_EQ(cached(plain()), "nothing") << "erased";
  grant({.refresh_token = "", .access_token = "access-4"});
  EXPECT_EQ(cached(plain()), "access-4");
  std::string text = config_text();
  text.replace(text.find("scopes = [\"read\", \"write\"]"), 26, "scopes = [\"write\"]");
  const SetupRef before = d->setup.get();
  d->setup.swap(make_setup(text));
  EXPECT_EQ(cached(plain()), "nothing") << "policy";
  d->setup.swap(before);
  EXPECT_EQ(cached(plain()), "access-4");
  clock.pass_seconds(3600);
  EXPECT_EQ(cached(plain()), "nothing") << "expired";
}

TEST_F(LenderTest, refuses_what_policy_does_not_allow_and_says_so_in_the_audit) {
  grant();
  struct Case {
    LendAsk ask;
    const char* refusal;
  };
  LendAsk resource = ask_of(session);
  resource.resource = "https://api.example/c";
  const SessionRef nobody = open_session("bot", std::nullopt).session;
  const SessionRef gone = open_session("former").session;
  const Case cases[] = {
      {ask_of(session, {"admin"}), "denied:scope_not_allowed"},
      {ask_of(session, {"read"}, "nowhere"), "unknown_provider:nowhere"},
      {ask_of(session, {"read"}, "mine"), "consent:new"},
      {ask_of(nobody), "denied:no_user"},
      {ask_of(gone), "denied:no_workload"},
      {resource, "denied:resource_not_allowed"},
      {ask_of(open_session("left").session, {"read"}, "notes"), "denied:provider_not_allowed"},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(cached(c.ask), "nothing");
    EXPECT_EQ(lent(c.ask), c.refusal);
  }
  EXPECT_TRUE(http->requests().empty());
  EXPECT_NE(audit_text().find("scope_not_allowed"), std::string::npos);
}

// T11.
TEST_F(LenderTest, a_return_url_must_be_one_of_the_workloads) {
  for (const char* url : {"https://evil.example/", "https://chat.example/done/",
                          "https://chat.example/done?x=1", "/done", "//chat.example/done"}) {
    LendAsk ask = plain();
    ask.return_url = url;
    EXPECT_EQ(lent(ask), "denied:return_url");
  }
}

TEST_F(LenderTest, a_grant_is_its_users_and_its_holders_alone) {
  grant();
  EXPECT_EQ(lent(ask_of(open_session("bot", user_of("bob")).session)), "consent:new");
  EXPECT_EQ(lent(ask_of(open_session("left").session)), "consent:new");
  EXPECT_EQ(lent(ask_of(open_session("bot", user_of("alice", "https://other.example")).session)),
            "consent:new");
}

TEST_F(LenderTest, a_share_group_uses_one_grant_each_within_its_own_policy) {
  grant({.requested = {"read", "write"},
         .granted = std::vector<std::string>{"read", "write"},
         .holder = "share:team"});
  const SessionRef left = open_session("left").session;
  // Its one token carries more than this workload may have: a narrower one is asked for.
  http->on(token_url, answer("narrow", R"(,"scope":"read")"));
  EXPECT_EQ(lent(ask_of(left)), "lent narrow");
  EXPECT_EQ(test::field(http->last(token_url), "scope"), "read");
  EXPECT_EQ(cached(ask_of(left)), "narrow");
}

TEST_F(LenderTest, asks_the_user_where_there_is_no_grant) {
  LendAsk ask = plain();
  ask.return_url = "https://chat.example/done";
  ask.return_state = "mine";
  const LendOutcome outcome = lend(ask);
  const auto* needed = std::get_if<ConsentNeeded>(&outcome);
  ASSERT_NE(needed, nullptr);
  EXPECT_EQ(needed->reason, "new");
  EXPECT_TRUE(needed->url.starts_with("https://agents.example/connect/"));
  EXPECT_EQ(needed->expires_at, clock.unix_seconds() + 600);
  EXPECT_FALSE(needed->phrase.empty());
  const ConsentRef consent = d->consents.by_request(needed->request.reveal(), "scope-1");
  ASSERT_NE(consent, nullptr);
  EXPECT_EQ(d->consents.by_ticket(needed->url.substr(needed->url.rfind('/') + 1)), consent);
  EXPECT_TRUE(consent->user.is(user_of("alice")));
  EXPECT_EQ(consent->issuer, "corp");
  EXPECT_EQ(consent->holder, "workload:bot");
  EXPECT_EQ(consent->scopes, std::vector<std::string>{"read"});
  EXPECT_EQ(consent->tickets[0].session, session->handle_hash);
  EXPECT_EQ(consent->tickets[0].return_state, "mine");
  EXPECT_TRUE(http->requests().empty()) << "the provider is not contacted yet";
}

// T20.
TEST_F(LenderTest, asking_again_and_again_is_one_consent_and_many_more_are_refused) {
  const LendOutcome first = lend(plain()), second = lend(plain());
  EXPECT_EQ(d->consents.all().size(), 1u);
  EXPECT_EQ(std::get<ConsentNeeded>(first).phrase, std::get<ConsentNeeded>(second).phrase);
  EXPECT_NE(std::get<ConsentNeeded>(first).url, std::get<ConsentNeeded>(second).url);
  d->consents.set_limits({.per_user = 1});
  EXPECT_EQ(lent(ask_of(session, {"write"})), "limit:consents_per_user");
}

TEST_F(LenderTest, a_wider_ask_asks_for_what_was_granted_before_as_well) {
  grant();
  EXPECT_EQ(lent(ask_of(session, {"write"})), "consent:scopes");
  EXPECT_EQ(d->consents.all().front()->scopes, (std::vector<std::string>{"read", "write"}));
}

TEST_F(LenderTest, fresh_asks_the_user_whatever_is_there) {
  grant();
  LendAsk ask = plain();
  ask.fresh = true;
  EXPECT_EQ(cached(ask), "nothing");
  EXPECT_EQ(lent(ask), "consent:fresh");
}

TEST_F(LenderTest, a_ticket_that_cannot_be_kept_is_not_handed_out) {
  break_store();
  EXPECT_EQ(lent(plain()), "unavailable:vault");
}

TEST_F(LenderTest, refreshes_an_expired_token_and_lends_the_new_one) {
  const GrantRef made = grant();
  clock.pass_seconds(3600);
  http->on(token_url, answer("access-2", R"(,"refresh_token":"refresh-2")"));
  EXPECT_EQ(cached(plain()), "nothing");
  EXPECT_EQ(lent(plain()), "lent access-2");
  const HttpRequest& request = http->last(token_url);
  EXPECT_EQ(test::field(request, "grant_type"), "refresh_token");
  EXPECT_EQ(test::field(request, "refresh_token"), "refresh-1");
  EXPECT_EQ(test::field(request, "scope"), "-") << "all of it: RFC 6749 section 6";
  EXPECT_EQ(cached(plain()), "access-2");
  EXPECT_EQ(made->tokens[0].expires_at, clock.unix_seconds() + 3600);
  restart();
  session = open_session().session;
  EXPECT_EQ(cached(plain()), "access-2") << "durable";
  clock.pass_seconds(3600);
  EXPECT_EQ(lent(plain()), "lent access-2");
  EXPECT_EQ(test::field(http->last(token_url), "refresh_token"), "refresh-2");
}

TEST_F(LenderTest, refreshes_ahead_of_the_end_in_the_background_while_the_old_one_serves) {
  grant();
  http->on(token_url, answer("access-2"));
  clock.pass_seconds(3299);
  EXPECT_EQ(cached(plain()), "access-1");
  settle();
  EXPECT_TRUE(http->requests().empty()) << "not yet";
  clock.pass_seconds(1);
  http->hold(token_url);
  for (int i = 0; i < 10; ++i) EXPECT_EQ(cached(plain()), "access-1");
  until([&] { return http->waiting(token_url) == 1; });
  EXPECT_EQ(cached(plain()), "access-1");
  settle();
  EXPECT_EQ(http->count(token_url), 1u) << "one, however many ask";
  http->release(token_url);
  until([&] { return cached(plain()) == "access-2"; });
  EXPECT_EQ(http->count(token_url), 1u);
}

TEST_F(LenderTest, a_refresh_that_fails_in_the_background_is_not_tried_by_every_caller) {
  grant();
  http->on(token_url, "", 503);
  clock.pass_seconds(3300);
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(cached(plain()), "access-1");
    settle();
  }
  EXPECT_EQ(http->count(token_url), 1u);
  http->on(token_url, answer("access-2"));
  clock.pass_seconds(60);
  EXPECT_EQ(cached(plain()), "access-1");
  until([&] { return cached(plain()) == "access-2"; });
}

// V4: single flight.
TEST_F(LenderTest, many_callers_of_one_expired_token_make_one_refresh) {
  grant();
  clock.pass_seconds(3600);
  http->on(token_url, answer("access-2"));
  http->hold(token_url);
  std::vector<std::optional<LendOutcome>> outcomes(50);
  for (auto& outcome : outcomes) begin(d->lender.lend(plain()), outcome);
  until([&] { return http->waiting(token_url) == 1; });
  settle();
  http->release(token_url);
  until([&] { return std::all_of(outcomes.begin(), outcomes.end(), [](auto& o) { return !!o; }); });
  for (auto& outcome : outcomes) EXPECT_EQ(told(*outcome), "lent access-2");
  EXPECT_EQ(http->count(token_url), 1u);
}

TEST_F(LenderTest, a_caller_that_leaves_does_not_take_the_refresh_with_it) {
  grant();
  clock.pass_seconds(3600);
  http->on(token_url, answer("access-2", R"(,"refresh_token":"refresh-2")"));
  http->hold(token_url);
  std::optional<LendOutcome> outcome;
  begin(d->lender.lend(plain()), outcome);
  until([&] { return http->waiting(token_url) == 1; });
  tasks = std::make_unique<TaskSet>(loop);  // hangs up
  EXPECT_EQ(http->waiting(token_url), 1u);
  http->release(token_url);
  until([&] { return cached(plain()) == "access-2"; });
  EXPECT_EQ(http->count(token_url), 1u);
}

// Dropped wherever it waits, also before anything was sent.
TEST_F(LenderTest, a_caller_dropped_at_every_step_breaks_nothing) {
  for (int turns = 0; turns < 12; ++turns) {
    SCOPED_TRACE(turns);
    grant();
    clock.pass_seconds(3600);
    http->on(token_url, answer("access-2"));
    std::optional<LendOutcome> outcome;
    begin(d->lender.lend(plain()), outcome);
    for (int i = 0; i < turns; ++i) loop.turn();
    tasks = std::make_unique<TaskSet>(loop);
    EXPECT_EQ(lent(plain()), "lent access-2");
  }
}

TEST_F(LenderTest, a_lender_that_dies_with_a_refresh_under_way_breaks_nothing) {
  for (int turns = 0; turns < 12; ++turns) {
    grant();
    clock.pass_seconds(3600);
    http->on(token_url, answer("access-2"));
    std::optional<LendOutcome> outcome;
    begin(d->lender.lend(plain()), outcome);
    for (int i = 0; i < turns; ++i) loop.turn();
    restart();
  }
}

TEST_F(LenderTest, a_dead_refresh_token_latches_the_grant_and_the_next_call_says_why) {
  const GrantRef made = grant();
  auto watcher = std::make_unique<Announcer::Watcher>(
      d->announcer, "s", owner_key(test::login, "alice", "workload:bot"));
  clock.pass_seconds(3600);
  http->on(token_url, R"({"error":"invalid_grant"})", 400);
  EXPECT_EQ(lent(plain()), "consent:revoked");
  EXPECT_TRUE(made->dead);
  EXPECT_EQ(lent(plain()), "consent:revoked");
  EXPECT_EQ(http->count(token_url), 1u) << "no retry loop";
  const Announcement told = run(watcher->next(loop));
  EXPECT_EQ(told.event, "grant_revoked");
  EXPECT_EQ(told.grant, made->id);
  watcher.reset();
  restart();
  session = open_session().session;
  EXPECT_EQ(lent(plain()), "consent:revoked");
  EXPECT_EQ(http->count(token_url), 1u);
}

TEST_F(LenderTest, every_other_failure_keeps_the_grant) {
  struct Case {
    int status;
    const char *body, *refusal;
  };
  const Case cases[] = {
      {503, "", "provider:http_503"},
      {500, R"({"error":"invalid_grant"})", "provider:invalid_grant"},
      {400, R"({"error":"invalid_client"})", "provider:invalid_client"},
      {401, "", "provider:http_401"},
      {200, "<html>", "provider:malformed_answer"},
      {200, R"({"access_token":"x","token_type":"mac"})", "provider:malformed_answer"},
      {0, "", "provider:network"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.refusal);
    const GrantRef made = grant();
    clock.pass_seconds(3600);
    if (c.status == 0) http->down(token_url);
    else http->on(token_url, c.body, c.status);
    EXPECT_EQ(lent(plain()), c.refusal);
    EXPECT_FALSE(made->dead);
    clock.pass_seconds(60);
    http->on(token_url, answer("access-2"));
    EXPECT_EQ(lent(plain()), "lent access-2");
    EXPECT_EQ(test::field(http->last(token_url), "refresh_token"), "refresh-1");
  }
}

// OAUTH 6749-9.
TEST_F(LenderTest, waits_as_long_as_the_provider_asked_for) {
  grant();
  clock.pass_seconds(3600);
  http->on(token_url, [](const HttpRequest&) -> Result<HttpResponse> {
    return test::answer(429, "{}", "application/json", {{"Retry-After", "30"}});
  });
  const LendOutcome first = lend(plain());
  EXPECT_EQ(std::get<LendFailure>(first).retry_after, 30);
  clock.pass_seconds(10);
  const LendOutcome second = lend(plain());
  EXPECT_EQ(lend_text(second), "provider:http_429");
  EXPECT_EQ(std::get<LendFailure>(second).retry_after, 20);
  EXPECT_EQ(http->count(token_url), 1u);
  clock.pass_seconds(20);
  http->on(token_url, answer("access-2"));
  EXPECT_EQ(lent(plain()), "lent access-2");
}

TEST_F(LenderTest, a_disconnect_during_a_refresh_wins) {
  const GrantRef made = grant();
  clock.pass_seconds(3600);
  http->on(token_url, answer("stale", R"(,"refresh_token":"stale")"));
  http->hold(token_url);
  std::optional<LendOutcome> outcome;
  begin(d->lender.lend(plain()), outcome);
  until([&] { return http->waiting(token_url) == 1; });
  EXPECT_TRUE(run(d->grants.erase(made)));
  http->release(token_url);
  until([&] { return !!outcome; });
  EXPECT_EQ(told(*outcome), "consent:new");
  EXPECT_EQ(records(Kind::grant), 0u);
  EXPECT_EQ(records(Kind::access_token), 0u);
}

TEST_F(LenderTest, a_disconnect_just_before_a_refresh_is_sent_wins) {
  const GrantRef made = grant();
  clock.pass_seconds(3300);
  http->on(token_url, answer("stale", R"(,"refresh_token":"stale")"));
  std::optional<Result<void>> erased;
  begin(d->grants.erase(made), erased);
  EXPECT_EQ(cached(plain()), "access-1");  // its background refresh runs after the erasing
  until([&] { return !!erased; });
  settle();
  EXPECT_EQ(d->grants.size(), 0u);
  EXPECT_EQ(records(Kind::grant), 0u);
  EXPECT_EQ(records(Kind::access_token), 0u);
}

TEST_F(LenderTest, a_newer_consent_during_a_refresh_wins_and_serves) {
  for (const bool dead : {false, true}) {
    grant();
    clock.pass_seconds(3600);
    if (dead) http->on(token_url, R"({"error":"invalid_grant"})", 400);
    else http->on(token_url, answer("stale", R"(,"refresh_token":"stale")"));
    http->hold(token_url);
    std::optional<LendOutcome> outcome;
    begin(d->lender.lend(plain()), outcome);
    until([&] { return http->waiting(token_url) == 1; });
    const GrantRef newer = grant({.refresh_token = "refresh-2", .access_token = "newer"});
    http->release(token_url);
    until([&] { return !!outcome; });
    EXPECT_EQ(told(*outcome), "lent newer");
    EXPECT_FALSE(newer->dead);
    EXPECT_EQ(std::string(d->grants.reveal(newer->refresh_token).reveal()), "refresh-2");
  }
}

TEST_F(LenderTest, a_session_that_ends_while_it_waits_gets_nothing) {
  grant();
  clock.pass_seconds(3600);
  http->on(token_url, answer("access-2"));
  http->hold(token_url);
  std::optional<LendOutcome> outcome;
  begin(d->lender.lend(plain()), outcome);
  until([&] { return http->waiting(token_url) == 1; });
  EXPECT_TRUE(run(d->sessions.close(session)));
  http->release(token_url);
  until([&] { return !!outcome; });
  EXPECT_EQ(told(*outcome), "session:session");
}

TEST_F(LenderTest, without_a_refresh_token_an_expired_grant_is_asked_for_again) {
  grant({.refresh_token = ""});
  EXPECT_EQ(lent(plain()), "lent access-1");
  clock.pass_seconds(3300);
  EXPECT_EQ(cached(plain()), "access-1");
  clock.pass_seconds(300);
  EXPECT_EQ(lent(plain()), "consent:expired");
  EXPECT_TRUE(http->requests().empty());
}

TEST_F(LenderTest, a_token_without_an_end_is_lent_until_it_is_reported) {
  const GrantRef made = grant({.refresh_token = "", .lifetime = std::nullopt});
  clock.pass_seconds(500'000);
  LendAsk ask = plain();
  ask.min_valid = 1'000'000;
  EXPECT_EQ(cached(ask), "access-1");
  EXPECT_TRUE(run(d->lender.report_invalid(session, made->tokens[0].id)));
  EXPECT_EQ(lent(plain()), "consent:expired");
}

TEST_F(LenderTest, min_valid_refreshes_what_lives_too_short_once_then_serves) {
  grant();
  LendAsk ask = plain();
  ask.min_valid = 3600;
  EXPECT_EQ(cached(ask), "access-1");
  ask.min_valid = 7200;
  EXPECT_EQ(cached(ask), "nothing");
  http->on(token_url, answer("access-2"));
  EXPECT_EQ(lent(ask), "lent access-2");
  EXPECT_EQ(http->count(token_url), 1u);
}

// Comparing with what was granted would ask again for ever.
TEST_F(LenderTest, a_scope_that_was_declined_is_denied_and_not_asked_for_again) {
  grant({.requested = {"read", "write"}, .granted = std::vector<std::string>{"read", "profile"}});
  EXPECT_EQ(lent(ask_of(session, {"write"})), "denied:scope_declined");
  EXPECT_EQ(lent(ask_of(session, {"read", "write"})), "denied:scope_declined");
  LendAsk fresh = ask_of(session, {"write"});
  fresh.fresh = true;
  EXPECT_EQ(lent(fresh), "consent:fresh");
}

TEST_F(LenderTest, a_token_that_carries_more_than_policy_allows_is_not_lent) {
  grant({.granted = std::vector<std::string>{"read", "admin"}});
  EXPECT_EQ(cached(plain()), "nothing");
  // Nor one that still does when a narrower one was asked for.
  http->on(token_url, answer("wide", R"(,"scope":"read admin")"));
  EXPECT_EQ(lent(plain()), "denied:token_scopes");
  http->on(token_url, answer("narrow", R"(,"scope":"read")"));
  EXPECT_EQ(lent(plain()), "lent narrow");
}

TEST_F(LenderTest, what_is_asked_for_to_know_the_account_is_not_the_agents_and_no_obstacle) {
  grant({.granted = std::vector<std::string>{"read", "openid"}});
  EXPECT_EQ(cached(plain()), "access-1");
}

// RFC 6749 section 6: no scope in the answer means those that were granted.
TEST_F(LenderTest, an_answer_without_scopes_carries_what_was_granted_and_no_more) {
  const GrantRef made =
      grant({.requested = {"read", "write"}, .granted = std::vector<std::string>{"read"}});
  clock.pass_seconds(3600);
  http->on(token_url, answer("access-2"));
  EXPECT_EQ(lent(plain()), "lent access-2");
  EXPECT_EQ(made->tokens[0].carried, std::vector<std::string>{"read"});
}

TEST_F(LenderTest, the_first_account_serves_unless_another_is_named) {
  grant();
  clock.pass_seconds(1);
  grant({.account = "acc-2", .refresh_token = "", .access_token = "access-of-2"});
  EXPECT_EQ(cached(plain()), "access-1");
  LendAsk ask = plain();
  for (const char* name : {"acc-2", "acc-2-label"}) {
    ask.account = name;
    EXPECT_EQ(cached(ask), "access-of-2");
  }
  ask.account = "acc-3";
  EXPECT_EQ(lent(ask), "consent:new");
}

TEST_F(LenderTest, a_dead_first_account_lets_the_second_serve) {
  const GrantRef first = grant();
  grant({.account = "acc-2", .access_token = "access-of-2"});
  EXPECT_TRUE(run(d->grants.kill(first, "revoked")));
  EXPECT_EQ(cached(plain()), "access-of-2");
}

TEST_F(LenderTest, a_grant_of_another_client_or_issuer_is_not_used) {
  for (const auto member : {&Grant::client_id, &Grant::issuer}) {
    const GrantRef made = grant();
    const std::string before = (*made).*member;
    (*made).*member = "another";
    EXPECT_EQ(cached(plain()), "nothing");
    (*made).*member = before;
    EXPECT_EQ(cached(plain()), "access-1");
  }
}

TEST_F(LenderTest, a_token_of_one_resource_is_never_lent_for_another) {
  grant({.resource = "https://api.example/a"});
  LendAsk ask = plain();
  EXPECT_EQ(cached(ask), "nothing");
  ask.resource = "https://api.example/b";
  EXPECT_EQ(lent(ask), "consent:resource");
  ask.resource = "https://api.example/a";
  EXPECT_EQ(cached(ask), "access-1");
  clock.pass_seconds(3600);
  http->on(token_url, answer("access-2"));
  EXPECT_EQ(lent(ask), "lent access-2");
  EXPECT_EQ(test::field(http->last(token_url), "resource"), "https://api.example/a");
}

// Two who share a grant but not its scopes: neither is served, or denied, by the other's refresh.
TEST_F(LenderTest, who_waits_for_anothers_refresh_then_makes_its_own) {
  const GrantRef made =
      grant({.requested = {"read", "write"}, .access_token = "", .holder = "share:team"});
  const SessionRef left = open_session("left").session, right = open_session("right").session;
  http->next(token_url, answer("for-left", R"(,"scope":"read")"));
  http->next(token_url, answer("for-right", R"(,"scope":"write")"));
  http->hold(token_url);
  std::optional<LendOutcome> first, second;
  begin(d->lender.lend(ask_of(left, {"read"})), first);
  until([&] { return http->waiting(token_url) == 1; });
  begin(d->lender.lend(ask_of(right, {"write"})), second);
  settle();
  EXPECT_EQ(http->count(token_url), 1u) << "one at a time";
  http->release(token_url);
  until([&] { return first && second; });
  EXPECT_EQ(told(*first), "lent for-left");
  EXPECT_EQ(told(*second), "lent for-right");
  EXPECT_EQ(made->tokens.size(), 2u);
}

TEST_F(LenderTest, a_refresh_that_failed_for_anothers_scopes_is_not_ones_own_failure) {
  grant({.requested = {"read", "write"}, .access_token = "", .holder = "share:team"});
  const SessionRef left = open_session("left").session, right = open_session("right").session;
  http->next(token_url, R"({"error":"invalid_scope"})", 400);
  http->next(token_url, answer("for-right", R"(,"scope":"write")"));
  http->hold(token_url);
  std::optional<LendOutcome> first, second;
  begin(d->lender.lend(ask_of(left, {"read"})), first);
  until([&] { return http->waiting(token_url) == 1; });
  begin(d->lender.lend(ask_of(right, {"write"})), second);
  settle();
  http->release(token_url);
  until([&] { return first && second; });
  EXPECT_EQ(told(*first), "provider:invalid_scope");
  EXPECT_EQ(told(*second), "lent for-right");
}

TEST_F(LenderTest, a_reported_token_is_dropped_and_the_next_call_refreshes) {
  const GrantRef made = grant();
  const std::string id = made->tokens[0].id;
  const SessionRef bob = open_session("bot", user_of("bob")).session;
  EXPECT_EQ(run(d->lender.report_invalid(bob, id)).error().code, Code::not_found);
  const SessionRef left = open_session("left").session;
  EXPECT_EQ(run(d->lender.report_invalid(left, id)).error().code, Code::not_found);
  EXPECT_EQ(cached(plain()), "access-1");
  EXPECT_TRUE(run(d->lender.report_invalid(session, id)));
  EXPECT_EQ(run(d->lender.report_invalid(session, id)).error().code, Code::not_found);
  http->on(token_url, answer("access-2"));
  EXPECT_EQ(lent(plain()), "lent access-2");
}

TEST_F(LenderTest, a_refresh_is_announced_to_the_owners_watchers) {
  const GrantRef made = grant();
  Announcer::Watcher watcher(d->announcer, "s", owner_key(test::login, "alice", "workload:bot"));
  Announcer::Watcher other(d->announcer, "s", owner_key(test::login, "bob", "workload:bot"));
  clock.pass_seconds(3600);
  http->on(token_url, answer("access-2"));
  EXPECT_EQ(lent(plain()), "lent access-2");
  EXPECT_EQ(run(watcher.next(loop)).event, "token_refreshed");
  std::optional<Announcement> told;
  begin(other.next(loop), told);
  settle();
  EXPECT_FALSE(told);
  tasks = std::make_unique<TaskSet>(loop);
}

// V6.
TEST_F(LenderTest, no_token_is_in_the_audit) {
  grant();
  clock.pass_seconds(3600);
  http->on(token_url, answer("access-2", R"(,"refresh_token":"refresh-2")"));
  EXPECT_EQ(lent(plain()), "lent access-2");
  lent(ask_of(session, {"write"}));
  const std::string text = audit_text();
  EXPECT_NE(text.find("token.refreshed"), std::string::npos);
  for (const char* secret : {"access-1", "access-2", "refresh-1", "refresh-2", "s3cret"}) {
    EXPECT_EQ(text.find(secret), std::string::npos) << secret;
  }
}

TEST(Within, and_sorted_compare_sets) {
  EXPECT_TRUE(within({}, {}));
  EXPECT_TRUE(within({"a"}, {"a", "b"}));
  EXPECT_FALSE(within({"a", "c"}, {"a", "b"}));
  EXPECT_EQ(sorted({"b", "a"}), (std::vector<std::string>{"a", "b"}));
}

}  // namespace
}  // namespace reeve
