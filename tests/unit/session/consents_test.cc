#include "session/consents.h"

#include "session/consent_record.h"
#include "session/redirect.h"
#include "world.h"

namespace reeve {
namespace {

using test::user_of;

class ConsentsTest : public test::World {
 protected:
  static Consent wanted(const std::string& subject = "alice",
                        std::vector<std::string> scopes = {"read"}) {
    Consent consent;
    consent.user = user_of(subject);
    consent.issuer = "corp";
    consent.workload = "bot";
    consent.holder = "workload:bot";
    consent.provider = "files";
    consent.context = "context-1";
    consent.scopes = std::move(scopes);
    consent.reason = "new";
    return consent;
  }
  ConsentRef make(Consent consent) {
    auto made = d->consents.find_or_make(std::move(consent));
    EXPECT_TRUE(made);
    return made ? *made : nullptr;
  }
  Consents::Pointers point(const ConsentRef& consent, const std::string& session = "session-hash",
                           const std::string& scope = "scope-1") {
    Ticket ticket;
    ticket.session = session;
    ticket.return_url = "https://chat.example/done";
    ticket.return_state = "mine";
    auto pointers = run(d->consents.point(consent, std::move(ticket), scope));
    EXPECT_TRUE(pointers);
    return std::move(*pointers);
  }
  ConsentFlow flow_of(const std::string& ticket = "ticket-hash") {
    Browser browser;
    browser.id = "browser-1";
    NewFlow made = make_flow(browser, "https://agents.example/callback/c", clock, "boot-1");
    return {std::move(made.flow), ticket, "session-hash", "https://files.example"};
  }
  // Puts a flow in and takes it out, as the callback does.
  Secret make_handle(const ConsentRef& consent) {
    ConsentFlow flow = flow_of();
    const std::string state = flow.flow.state_hash;
    EXPECT_TRUE(run(d->consents.add_flow(consent, std::move(flow))));
    const auto taken = d->consents.take_flow(*consent, state);
    Secret handle = Secret::copy_of("handle-" + consent->id);
    d->consents.set_handle(consent, handle, *taken);
    return handle;
  }
  static HeldGrant held_grant() {
    HeldGrant held;
    held.grant.id = "held";
    held.grant.user = user_of("alice");
    held.grant.account_id = "acc-1";
    held.grant.account_label = "octo-alice";
    held.grant.requested = {"read", "write"};
    held.grant.granted = {"read"};
    held.grant.declined = {"write"};
    held.refresh_token = Secret::copy_of("refresh-secret");
    held.tokens.push_back({"https://api.example/a",
                           {"read", "write"},
                           {"read"},
                           "Bearer",
                           Secret::copy_of("access-secret"),
                           1,
                           2});
    return held;
  }
};

TEST_F(ConsentsTest, there_is_one_for_each_grant_key_and_scope_set) {
  const ConsentRef first = make(wanted("alice", {"write", "read"}));
  EXPECT_EQ(make(wanted("alice", {"read", "write"})), first) << "in whatever order";
  EXPECT_EQ(first->scopes, (std::vector<std::string>{"read", "write"}));
  const std::function<void(Consent&)> differences[] = {
      [](Consent& c) { c.user = user_of("bob"); },
      [](Consent& c) { c.user.issuer = "https://other.example"; },
      [](Consent& c) { c.scopes = {"read"}; },
      [](Consent& c) { c.context = "context-2"; },
      [](Consent& c) { c.holder = "share:team"; },
      [](Consent& c) { c.workload = "left"; },
      [](Consent& c) { c.resource = "https://api.example/a"; },
  };
  for (const auto& change : differences) {
    Consent other = wanted("alice", {"read", "write"});
    change(other);
    EXPECT_NE(make(std::move(other)), first);
  }
  Consent renamed = wanted("alice", {"read", "write"});
  renamed.user.name = "A. Liddell";
  EXPECT_EQ(make(std::move(renamed)), first) << "names do not count";
}

TEST_F(ConsentsTest, one_that_is_settled_or_over_is_not_found_again) {
  const ConsentRef first = make(wanted());
  EXPECT_TRUE(run(d->consents.settle(first, ConsentStatus::declined, "no")));
  const ConsentRef second = make(wanted());
  EXPECT_NE(second, first);
  clock.pass_seconds(600);
  EXPECT_NE(make(wanted()), second);
}

TEST_F(ConsentsTest,
       ticket_request_state_and_handle_are_unrelated_and_do_not_stand_for_each_other) {
  const ConsentRef consent = make(wanted());
  const auto pointers = point(consent);
  EXPECT_EQ(pointers.ticket.size(), 43u);
  EXPECT_EQ(pointers.request.size(), 43u);
  EXPECT_FALSE(pointers.ticket.equals(pointers.request.reveal()));
  EXPECT_EQ(d->consents.by_ticket(pointers.ticket.reveal()), consent);
  EXPECT_EQ(d->consents.by_request(pointers.request.reveal(), "scope-1"), consent);
  EXPECT_EQ(d->consents.by_ticket(pointers.request.reveal()), nullptr);
  EXPECT_EQ(d->consents.by_request(pointers.ticket.reveal(), "scope-1"), nullptr);
  EXPECT_EQ(d->consents.by_handle(pointers.ticket.reveal()), nullptr);
  EXPECT_EQ(d->consents.by_ticket(""), nullptr);
  EXPECT_EQ(d->consents.by_handle(""), nullptr);
  ASSERT_NE(Consents::ticket_of(*consent, pointers.ticket.reveal()), nullptr);
  EXPECT_EQ(Consents::ticket_of(*consent, pointers.request.reveal()), nullptr);
}

// T8, W5.
TEST_F(ConsentsTest, a_request_is_known_only_in_the_scope_it_was_made_for) {
  const ConsentRef consent = make(wanted());
  const auto mine = point(consent, "session-1", "scope-1");
  const auto theirs = point(consent, "session-2", "scope-2");
  EXPECT_EQ(d->consents.by_request(mine.request.reveal(), "scope-1"), consent);
  EXPECT_EQ(d->consents.by_request(mine.request.reveal(), "scope-2"), nullptr);
  EXPECT_EQ(d->consents.by_request(theirs.request.reveal(), "scope-2"), consent);
  EXPECT_EQ(d->consents.by_request(theirs.request.reveal(), "scope-1"), nullptr);
  restart();
  EXPECT_NE(d->consents.by_request(mine.request.reveal(), "scope-1"), nullptr);
  EXPECT_EQ(d->consents.by_request(mine.request.reveal(), "scope-2"), nullptr);
}

TEST_F(ConsentsTest, tickets_and_requests_of_one_are_bounded_the_oldest_gives_way) {
  d->consents.set_limits({.tickets_per_consent = 3});
  const ConsentRef consent = make(wanted());
  std::vector<Consents::Pointers> all;
  for (int i = 0; i < 10; ++i) all.push_back(point(consent));
  EXPECT_EQ(consent->tickets.size(), 3u);
  EXPECT_EQ(consent->requests.size(), 6u);
  for (size_t i = 0; i < all.size(); ++i) {
    EXPECT_EQ(d->consents.by_ticket(all[i].ticket.reveal()) != nullptr, i >= 7) << i;
    EXPECT_EQ(d->consents.by_request(all[i].request.reveal(), "scope-1") != nullptr, i >= 4) << i;
  }
  EXPECT_EQ(records(Kind::consent), 1u);
}

TEST_F(ConsentsTest, what_is_settled_makes_room_before_anything_is_refused) {
  d->consents.set_limits({.all = 2});
  const ConsentRef first = make(wanted("alice", {"a"}));
  EXPECT_TRUE(run(d->consents.settle(first, ConsentStatus::declined, "no")));
  make(wanted("alice", {"b"}));
  EXPECT_TRUE(d->consents.find_or_make(wanted("alice", {"c"})));
  EXPECT_EQ(d->consents.find_or_make(wanted("alice", {"d"})).error().text, "consents");
  const auto changes = d->consents.purge();
  EXPECT_FALSE(changes.empty()) << "out of the vault too";
}

TEST_F(ConsentsTest, each_limit_has_its_name) {
  d->consents.set_limits({.per_user = 1});
  make(wanted("alice", {"a"}));
  EXPECT_EQ(d->consents.find_or_make(wanted("alice", {"b"})).error().text, "consents_per_user");
  d->consents.set_limits({.per_workload = 1});
  EXPECT_EQ(d->consents.find_or_make(wanted("bob", {"b"})).error().text, "consents_per_workload");
  d->consents.set_limits({.tickets = 2});
  const ConsentRef consent = make(wanted("alice", {"a"}));
  point(consent);
  point(consent);
  EXPECT_EQ(d->consents.find_or_make(wanted("bob", {"b"})).error().text, "tickets");
}

TEST_F(ConsentsTest, limits_hold_for_all_each_workload_and_each_user) {
  d->consents.set_limits({.all = 5, .per_workload = 3, .per_user = 2});
  make(wanted("alice", {"a"}));
  make(wanted("alice", {"b"}));
  EXPECT_EQ(d->consents.find_or_make(wanted("alice", {"c"})).error().code, Code::limit);
  EXPECT_TRUE(d->consents.find_or_make(wanted("alice", {"a"}))) << "what is there is found";
  make(wanted("bob", {"a"}));
  EXPECT_FALSE(d->consents.find_or_make(wanted("carol", {"a"}))) << "the workload's";
  for (const char* name : {"dora", "emil"}) {
    Consent other = wanted(name);
    other.workload = "left";
    make(std::move(other));
  }
  Consent other = wanted("fritz");
  other.workload = "right";
  EXPECT_FALSE(d->consents.find_or_make(std::move(other))) << "all of them";
}

TEST_F(ConsentsTest, what_is_settled_counts_for_no_user_and_no_workload) {
  d->consents.set_limits({.per_workload = 1, .per_user = 1});
  const ConsentRef first = make(wanted("alice", {"a"}));
  EXPECT_TRUE(run(d->consents.settle(first, ConsentStatus::granted, "")));
  EXPECT_TRUE(d->consents.find_or_make(wanted("alice", {"b"})));
}

TEST_F(ConsentsTest, what_is_over_is_purged_before_one_is_refused) {
  d->consents.set_limits({.all = 1, .per_workload = 1, .per_user = 1});
  const ConsentRef old = make(wanted("alice", {"a"}));
  point(old);
  clock.pass_seconds(600);
  const auto made = d->consents.find_or_make(wanted("alice", {"b"}));
  ASSERT_TRUE(made) << "what was kept for its last page only gave way";
  EXPECT_EQ(old->status, ConsentStatus::expired);
  // What was purged then reaches the vault with the next purge.
  EXPECT_TRUE(run(d->vault->commit(d->consents.purge())));
  restart();
  EXPECT_TRUE(d->consents.all().empty())
      << "the old one is out of the vault, the new one not in it";
}

TEST_F(ConsentsTest, a_state_is_consumed_once) {
  const ConsentRef consent = make(wanted());
  ConsentFlow flow = flow_of();
  const std::string state = flow.flow.state_hash;
  EXPECT_TRUE(run(d->consents.add_flow(consent, std::move(flow))));
  EXPECT_EQ(d->consents.by_state_hash(state), consent);
  ASSERT_TRUE(d->consents.take_flow(*consent, state));
  EXPECT_FALSE(d->consents.take_flow(*consent, state));
  EXPECT_EQ(d->consents.by_state_hash(state), nullptr);
  EXPECT_TRUE(run(d->consents.save(consent)));
  restart();
  EXPECT_EQ(d->consents.by_state_hash(state), nullptr);
}

TEST_F(ConsentsTest, the_oldest_of_too_many_flows_gives_way) {
  const ConsentRef consent = make(wanted());
  std::vector<std::string> states;
  for (int i = 0; i < 6; ++i) {
    ConsentFlow flow = flow_of();
    states.push_back(flow.flow.state_hash);
    EXPECT_TRUE(run(d->consents.add_flow(consent, std::move(flow))));
  }
  EXPECT_EQ(consent->flows.size(), 4u);
  EXPECT_EQ(d->consents.by_state_hash(states[1]), nullptr);
  EXPECT_EQ(d->consents.by_state_hash(states[2]), consent);
}

TEST_F(ConsentsTest, a_new_handle_takes_the_old_ones_place) {
  const ConsentRef consent = make(wanted());
  const ConsentFlow flow = flow_of("ticket-7");
  const Secret one = Secret::copy_of("one"), two = Secret::copy_of("two");
  d->consents.set_handle(consent, one, flow);
  d->consents.set_handle(consent, two, flow);
  EXPECT_EQ(d->consents.by_handle("one"), nullptr);
  EXPECT_EQ(d->consents.by_handle("two"), consent);
  EXPECT_EQ(consent->handle_browser, "browser-1");
  EXPECT_EQ(consent->handle_ticket, "ticket-7");
}

TEST_F(ConsentsTest, when_it_is_settled_no_flow_and_no_held_grant_is_left) {
  for (const ConsentStatus status : {ConsentStatus::granted, ConsentStatus::declined,
                                     ConsentStatus::refused, ConsentStatus::failed}) {
    const ConsentRef consent = make(wanted());
    ConsentFlow flow = flow_of();
    const std::string state = flow.flow.state_hash;
    EXPECT_TRUE(run(d->consents.add_flow(consent, std::move(flow))));
    consent->held = held_grant();
    EXPECT_TRUE(run(d->consents.settle(consent, status, "why")));
    EXPECT_FALSE(consent->held);
    EXPECT_TRUE(consent->flows.empty());
    EXPECT_EQ(d->consents.by_state_hash(state), nullptr);
    EXPECT_EQ(consent->status_reason, "why");
  }
  EXPECT_TRUE(d->vault->for_each(Kind::consent, [&](const RecordId&, Record record) {
    EXPECT_EQ(record.plain.reveal().find("secret"), std::string_view::npos);
    return Result<void>();
  }));
}

TEST_F(ConsentsTest, a_settlement_wakes_all_who_wait_and_none_who_left) {
  const ConsentRef consent = make(wanted());
  int woken = 0;
  const auto wait = [](Consents& consents, Loop& on, ConsentRef what, int& count) -> Task<void> {
    co_await consents.changed(on, what);
    ++count;
  };
  for (int i = 0; i < 3; ++i) tasks->spawn(wait(d->consents, loop, consent, woken));
  {
    TaskSet leaving(loop);
    leaving.spawn(wait(d->consents, loop, consent, woken));
    for (int i = 0; i < 3; ++i) loop.turn();
  }
  EXPECT_EQ(woken, 0);
  EXPECT_TRUE(run(d->consents.settle(consent, ConsentStatus::granted, "")));
  until([&] { return woken == 3; });
  settle();
  EXPECT_EQ(woken, 3);
}

TEST_F(ConsentsTest, those_who_left_do_not_pile_up) {
  const ConsentRef consent = make(wanted());
  for (int i = 0; i < 100; ++i) {
    TaskSet leaving(loop);
    leaving.spawn(d->consents.changed(loop, consent));
    loop.turn();
  }
  EXPECT_LE(consent->waiting.size(), 1u);
}

// T14.
TEST_F(ConsentsTest, expiry_wakes_who_waits_and_is_durable) {
  const ConsentRef consent = make(wanted());
  const auto pointers = point(consent);
  std::optional<int> woken;
  begin(
      [](Consents& consents, Loop& on, ConsentRef what) -> Task<int> {
        co_await consents.changed(on, what);
        co_return 1;
      }(d->consents, loop, consent),
      woken);
  clock.pass_seconds(599);
  EXPECT_TRUE(d->consents.purge().empty());
  settle();
  EXPECT_FALSE(woken);
  clock.pass_seconds(1);
  EXPECT_TRUE(run(d->vault->commit(d->consents.purge())));
  until([&] { return !!woken; });
  EXPECT_EQ(consent->status, ConsentStatus::expired);
  EXPECT_TRUE(d->consents.purge().empty());
  restart();
  const ConsentRef again = d->consents.by_ticket(pointers.ticket.reveal());
  ASSERT_NE(again, nullptr) << "its last page may be read again";
  EXPECT_EQ(again->status, ConsentStatus::expired);
}

// The code has been sent, so an answer will come, and settles it.
TEST_F(ConsentsTest, one_whose_code_is_being_redeemed_does_not_expire_meanwhile) {
  const ConsentRef consent = make(wanted());
  point(consent);
  consent->status = ConsentStatus::redeeming;
  consent->held = held_grant();
  clock.pass_seconds(600);
  EXPECT_TRUE(d->consents.purge().empty());
  EXPECT_EQ(consent->status, ConsentStatus::redeeming);
  EXPECT_TRUE(consent->held);
}

TEST_F(ConsentsTest, what_has_been_over_for_long_is_forgotten) {
  const ConsentRef consent = make(wanted());
  const auto pointers = point(consent);
  const Secret handle = make_handle(consent);
  EXPECT_TRUE(run(d->consents.settle(consent, ConsentStatus::granted, "")));
  clock.pass_seconds(1199);
  EXPECT_TRUE(run(d->vault->commit(d->consents.purge())));
  EXPECT_EQ(d->consents.by_handle(handle.reveal()), consent);
  clock.pass_seconds(1);
  EXPECT_TRUE(run(d->vault->commit(d->consents.purge())));
  EXPECT_EQ(d->consents.by_handle(handle.reveal()), nullptr);
  EXPECT_EQ(d->consents.by_ticket(pointers.ticket.reveal()), nullptr);
  EXPECT_EQ(d->consents.by_request(pointers.request.reveal(), "scope-1"), nullptr);
  EXPECT_TRUE(d->consents.all().empty());
  EXPECT_EQ(records(Kind::consent), 0u);
}

TEST_F(ConsentsTest, those_of_another_boot_are_over_and_forgotten) {
  const auto pointers = point(make(wanted()));
  restart("boot-2");
  const ConsentRef consent = d->consents.by_ticket(pointers.ticket.reveal());
  ASSERT_NE(consent, nullptr);
  EXPECT_TRUE(d->consents.over(*consent));
  EXPECT_NE(make(wanted()), consent);
  EXPECT_TRUE(run(d->vault->commit(d->consents.purge())));
  EXPECT_EQ(d->consents.by_ticket(pointers.ticket.reveal()), nullptr);
}

// T17.
TEST_F(ConsentsTest, survive_a_restart_with_all_that_points_to_them) {
  const ConsentRef consent = make(wanted("alice", {"read", "write"}));
  consent->wrong_users = 2;
  consent->resource = "https://api.example/a";
  consent->account_label = "octo-alice";
  const auto pointers = point(consent);
  ConsentFlow flow = flow_of(consent->tickets[0].hash);
  const std::string state = flow.flow.state_hash, nonce = flow.flow.nonce;
  const Secret verifier = flow.flow.code_verifier.clone();
  EXPECT_TRUE(run(d->consents.add_flow(consent, std::move(flow))));
  const Secret handle = make_handle(consent);
  consent->tickets[0].browser = "browser-1";
  consent->held = held_grant();
  EXPECT_TRUE(run(d->consents.settle(consent, ConsentStatus::confirm, "")));
  restart();

  const ConsentRef again = d->consents.by_ticket(pointers.ticket.reveal());
  ASSERT_NE(again, nullptr);
  EXPECT_EQ(d->consents.by_request(pointers.request.reveal(), "scope-1"), again);
  EXPECT_EQ(d->consents.by_state_hash(state), again);
  EXPECT_EQ(d->consents.by_handle(handle.reveal()), again);
  EXPECT_EQ(again->id, consent->id);
  EXPECT_TRUE(again->user.is(consent->user));
  for (const auto member :
       {&Consent::issuer, &Consent::workload, &Consent::holder, &Consent::provider,
        &Consent::context, &Consent::resource, &Consent::reason, &Consent::phrase,
        &Consent::account_label, &Consent::handle_browser, &Consent::handle_ticket}) {
    EXPECT_EQ((*again).*member, (*consent).*member);
  }
  EXPECT_EQ(again->scopes, consent->scopes);
  EXPECT_EQ(again->wrong_users, 2);
  EXPECT_EQ(again->expires_at, consent->expires_at);
  EXPECT_EQ(again->status, ConsentStatus::confirm);
  ASSERT_EQ(again->tickets.size(), 1u);
  EXPECT_EQ(again->tickets[0].session, "session-hash");
  EXPECT_EQ(again->tickets[0].browser, "browser-1");
  EXPECT_EQ(return_location(again->tickets[0]), "https://chat.example/done?state=mine");
  ASSERT_EQ(again->flows.size(), 1u);
  EXPECT_EQ(again->flows[0].flow.nonce, nonce);
  EXPECT_EQ(again->flows[0].session, "session-hash");
  EXPECT_EQ(again->flows[0].issuer, "https://files.example");
  EXPECT_TRUE(again->flows[0].flow.code_verifier.equals(verifier.reveal()));
  ASSERT_TRUE(again->held);
  EXPECT_EQ(again->held->grant.account_id, "acc-1");
  EXPECT_EQ(again->held->grant.declined, std::vector<std::string>{"write"});
  EXPECT_TRUE(again->held->refresh_token.equals("refresh-secret"));
  ASSERT_EQ(again->held->tokens.size(), 1u);
  EXPECT_TRUE(again->held->tokens[0].value.equals("access-secret"));
  EXPECT_EQ(again->held->tokens[0].carried, std::vector<std::string>{"read"});
  EXPECT_EQ(again->held->tokens[0].expires_at, 2);
}

TEST_F(ConsentsTest, one_whose_redemption_was_cut_off_may_be_tried_again) {
  const ConsentRef consent = make(wanted());
  const auto pointers = point(consent);
  consent->status = ConsentStatus::redeeming;
  EXPECT_TRUE(run(d->consents.save(consent)));
  restart();
  const ConsentRef again = d->consents.by_ticket(pointers.ticket.reveal());
  EXPECT_EQ(again->status, ConsentStatus::pending);
  EXPECT_EQ(make(wanted()), again);
}

// V5: whatever a provider may answer must not keep the daemon from starting again.
TEST_F(ConsentsTest, the_longest_answer_that_is_taken_can_be_read_back) {
  const ConsentRef consent = make(wanted());
  consent->held = held_grant();
  std::vector<std::string> scopes;
  for (int i = 0; i < 256; ++i) scopes.push_back(std::to_string(1000 + i) + std::string(508, 's'));
  consent->held->grant.granted = scopes;
  consent->held->tokens[0].carried = scopes;
  consent->held->tokens[0].value = Secret(std::string(16384, 't'));
  consent->held->refresh_token = Secret(std::string(16384, 'r'));
  const auto pointers = point(consent);
  restart();
  const ConsentRef again = d->consents.by_ticket(pointers.ticket.reveal());
  ASSERT_NE(again, nullptr);
  EXPECT_EQ(again->held->tokens[0].carried, scopes);
}

TEST_F(ConsentsTest, a_damaged_record_is_refused) {
  for (
      const char* text :
      {"", "{}", "[]", R"({"id":"a","status":0})",
       R"({"id":"a","user":{"issuer":"i","subject":"s"},"status":8})",
       R"({"id":"a","user":{"issuer":"i","subject":"s"},"status":-1})",
       R"({"id":"a","user":{"issuer":"i","subject":"s"},"status":0,"held":{}})",
       R"({"id":"a","user":{"issuer":"i","subject":"s"},"status":0,"held":{"grant":{},"tokens":[]}})"}) {
    EXPECT_FALSE(read_consent(Secret::copy_of(text))) << text;
  }
  EXPECT_TRUE(read_consent(Secret::copy_of(
      R"({"id":"a","user":{"issuer":"i","subject":"s"},"status":0,"tickets":[1],"flows":[2,{}],"requests":[{}]})")));
}

TEST_F(ConsentsTest, no_secret_of_a_url_is_in_the_record) {
  const ConsentRef consent = make(wanted());
  const auto pointers = point(consent);
  EXPECT_TRUE(d->vault->for_each(Kind::consent, [&](const RecordId&, Record record) {
    EXPECT_EQ(record.plain.reveal().find(pointers.ticket.reveal()), std::string_view::npos);
    EXPECT_EQ(record.plain.reveal().find(pointers.request.reveal()), std::string_view::npos);
    return Result<void>();
  }));
}

TEST(ConsentStatus, says_pending_to_agents_until_it_is_final) {
  for (const auto status :
       {ConsentStatus::pending, ConsentStatus::redeeming, ConsentStatus::confirm}) {
    EXPECT_EQ(word(status), "pending");
    EXPECT_FALSE(final(status));
  }
  for (const auto status : {ConsentStatus::granted, ConsentStatus::declined, ConsentStatus::refused,
                            ConsentStatus::expired, ConsentStatus::failed}) {
    EXPECT_NE(word(status), "pending");
    EXPECT_TRUE(final(status));
  }
}

}  // namespace
}  // namespace reeve
