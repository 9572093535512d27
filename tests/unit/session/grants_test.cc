#include "session/grants.h"

#include <set>

#include "session/grant_record.h"
#include "world.h"

namespace reeve {
namespace {

using test::user_of;

class GrantsTest : public test::World {
 protected:
  std::vector<GrantRef> found(const std::string& subject = "alice",
                              const std::string& holder = "workload:bot") {
    return d->grants.find(user_of(subject), d->setup.get()->providers.at("files")->context, holder);
  }
  NewToken token(const std::string& value, std::vector<std::string> scopes = {"read"}) {
    NewToken made;
    made.scopes = scopes;
    made.carried = std::move(scopes);
    made.token_type = "Bearer";
    made.value = Secret::copy_of(value);
    made.issued_at = clock.unix_seconds();
    made.expires_at = made.issued_at + 3600;
    return made;
  }
  Result<void> refreshed(const GrantRef& grant, uint64_t generation, const std::string& value,
                         const char* refresh = nullptr) {
    std::optional<Secret> secret;
    if (refresh != nullptr) secret = Secret::copy_of(refresh);
    return run(d->grants.refreshed(grant, generation, {token(value), std::move(secret), {}}));
  }
  std::string refresh_token(const GrantRef& grant) {
    return grant->refresh_token.empty()
               ? "none"
               : std::string(d->grants.reveal(grant->refresh_token).reveal());
  }
  std::string values(const GrantRef& grant) {
    std::string text;
    for (const AccessToken& one : grant->tokens) text += value_of(one) + " ";
    return text;
  }
};

TEST_F(GrantsTest, are_found_by_user_context_and_holder_only) {
  const GrantRef made = grant();
  EXPECT_EQ(found(), std::vector<GrantRef>{made});
  EXPECT_TRUE(found("bob").empty());
  EXPECT_TRUE(found("alice", "share:team").empty());
  EXPECT_TRUE(d->grants.find(user_of("alice"), "other-context", "workload:bot").empty());
  EXPECT_TRUE(
      d->grants.find(user_of("alice", "https://other.example"), made->context, "workload:bot")
          .empty());
  EXPECT_EQ(d->grants.by_id(made->id), made);
  EXPECT_EQ(d->grants.by_id("held"), nullptr);
}

TEST_F(GrantsTest, a_new_grant_of_the_same_account_replaces_the_old_one_and_its_tokens) {
  const GrantRef old = grant();
  const uint64_t generation = old->generation;
  const GrantRef fresh = grant({.refresh_token = "refresh-2", .access_token = "access-2"});
  EXPECT_EQ(found(), std::vector<GrantRef>{fresh});
  EXPECT_NE(fresh->id, old->id);
  EXPECT_EQ(d->grants.by_id(old->id), nullptr);
  EXPECT_NE(old->generation, generation);
  EXPECT_EQ(records(Kind::grant), 1u);
  EXPECT_EQ(records(Kind::access_token), 1u);
  restart();
  ASSERT_EQ(found().size(), 1u);
  EXPECT_EQ(refresh_token(found()[0]), "refresh-2");
  EXPECT_EQ(values(found()[0]), "access-2 ");
}

// T15.
TEST_F(GrantsTest, a_second_account_does_not_replace_the_first) {
  const GrantRef first = grant();
  clock.pass_seconds(1);
  const GrantRef second = grant({.account = "acc-2"});
  EXPECT_EQ(found(), (std::vector<GrantRef>{second, first})) << "newest first";
  restart();
  ASSERT_EQ(found().size(), 2u);
  EXPECT_EQ(found()[0]->account_id, "acc-2");
}

TEST_F(GrantsTest, survive_a_restart_with_their_tokens) {
  const GrantRef made = grant({.requested = {"write", "read"},
                               .granted = std::vector<std::string>{"read"},
                               .resource = "https://api.example/a"});
  restart();
  const GrantRef again = d->grants.by_id(made->id);
  ASSERT_NE(again, nullptr);
  for (const auto member :
       {&Grant::context, &Grant::provider, &Grant::account_id, &Grant::account_label,
        &Grant::holder, &Grant::workload, &Grant::issuer, &Grant::client_id, &Grant::dead_reason}) {
    EXPECT_EQ((*again).*member, (*made).*member);
  }
  for (const auto member :
       {&Grant::requested, &Grant::granted, &Grant::declined, &Grant::resources}) {
    EXPECT_EQ((*again).*member, (*made).*member);
  }
  EXPECT_TRUE(again->user.is(made->user));
  EXPECT_EQ(again->created_at, made->created_at);
  EXPECT_FALSE(again->dead);
  EXPECT_EQ(refresh_token(again), "refresh-1");
  ASSERT_EQ(again->tokens.size(), 1u);
  const AccessToken &token = again->tokens[0], &before = made->tokens[0];
  EXPECT_EQ(value_of(token), "access-1");
  EXPECT_EQ(token.id, before.id);
  EXPECT_EQ(token.hash, before.hash) << "the audit names it as before";
  EXPECT_EQ(token.scopes, before.scopes);
  EXPECT_EQ(token.carried, before.carried);
  EXPECT_EQ(token.resource, before.resource);
  EXPECT_EQ(token.expires_at, before.expires_at);
  EXPECT_EQ(token.issued_at, before.issued_at);
}

TEST_F(GrantsTest, a_token_that_never_expires_and_a_grant_without_refresh_token_stay_so) {
  const GrantRef made = grant({.refresh_token = "", .lifetime = std::nullopt});
  restart();
  const GrantRef again = d->grants.by_id(made->id);
  EXPECT_TRUE(again->refresh_token.empty());
  EXPECT_FALSE(again->tokens[0].expires_at);
}

TEST_F(GrantsTest, a_refresh_puts_the_new_token_in_its_predecessors_place) {
  const GrantRef made = grant();
  const std::string old_id = made->tokens[0].id;
  EXPECT_TRUE(refreshed(made, made->generation, "access-2", "refresh-2"));
  EXPECT_EQ(values(made), "access-2 ");
  EXPECT_NE(made->tokens[0].id, old_id);
  EXPECT_EQ(refresh_token(made), "refresh-2");
  // Without a new refresh token the old one stays (RFC 6749 section 6).
  EXPECT_TRUE(refreshed(made, made->generation, "access-3"));
  EXPECT_EQ(refresh_token(made), "refresh-2");
  EXPECT_EQ(records(Kind::access_token), 1u);
  restart();
  EXPECT_EQ(values(found()[0]), "access-3 ");
  EXPECT_EQ(refresh_token(found()[0]), "refresh-2");
}

TEST_F(GrantsTest, tokens_of_other_scopes_stand_beside_each_other) {
  const GrantRef made = grant({.requested = {"read", "write"}});
  EXPECT_TRUE(refreshed(made, made->generation, "narrow"));
  EXPECT_EQ(values(made), "access-1 narrow ");
  restart();
  EXPECT_EQ(found()[0]->tokens.size(), 2u);
}

// V4: what was begun before the grant changed is not kept.
TEST_F(GrantsTest, a_refresh_of_what_changed_meanwhile_is_a_conflict_and_keeps_nothing) {
  const std::function<void(const GrantRef&)> changes[] = {
      [&](const GrantRef& old) { EXPECT_TRUE(run(d->grants.erase(old))); },
      [&](const GrantRef& old) { EXPECT_TRUE(run(d->grants.kill(old, "revoked"))); },
      [&](const GrantRef&) { grant({.refresh_token = "newer", .access_token = "newer"}); },
  };
  for (const auto& change : changes) {
    const GrantRef old = grant();
    const uint64_t generation = old->generation;
    change(old);
    const auto kept = refreshed(old, generation, "stale", "stale");
    ASSERT_FALSE(kept);
    EXPECT_EQ(kept.error().code, Code::conflict);
    restart();
    for (const GrantRef& left : found()) {
      EXPECT_EQ(values(left).find("stale"), std::string::npos);
      EXPECT_NE(refresh_token(left), "stale");
      EXPECT_TRUE(run(d->grants.erase(left)));
    }
    EXPECT_EQ(records(Kind::grant), 0u);
  }
}

TEST_F(GrantsTest, an_erased_grant_is_not_brought_back_by_a_refresh_that_knows_its_number) {
  const GrantRef old = grant();
  EXPECT_TRUE(run(d->grants.erase(old)));
  EXPECT_EQ(refreshed(old, old->generation, "stale", "stale").error().code, Code::conflict);
  EXPECT_EQ(records(Kind::grant), 0u);
  EXPECT_EQ(records(Kind::access_token), 0u);
}

TEST_F(GrantsTest, a_disconnect_while_a_refresh_is_being_written_wins) {
  const GrantRef old = grant();
  std::optional<Result<void>> kept, erased;
  begin(d->grants.refreshed(old, old->generation, {token("late"), Secret::copy_of("late"), {}}),
        kept);
  begin(d->grants.erase(old), erased);
  until([&] { return kept && erased; });
  EXPECT_TRUE(*erased);
  EXPECT_EQ(kept->error().code, Code::conflict);
  EXPECT_EQ(records(Kind::grant), 0u);
  restart();
  EXPECT_TRUE(found().empty());
}

TEST_F(GrantsTest, a_token_that_came_too_late_for_its_grant_does_not_stay_in_the_vault) {
  const std::function<Task<Result<void>>(const GrantRef&)> ends[] = {
      [&](const GrantRef& old) { return d->grants.erase(old); },
      [&](const GrantRef& old) { return d->grants.kill(old, "revoked"); },
  };
  for (const auto& end : ends) {
    const GrantRef old = grant({.requested = {"read", "write"}});
    std::optional<Result<void>> kept, ended;
    begin(d->grants.refreshed(old, old->generation, {token("narrow"), std::nullopt, {}}), kept);
    begin(end(old), ended);
    until([&] { return kept && ended; });
    EXPECT_EQ(kept->error().code, Code::conflict);
    EXPECT_EQ(records(Kind::access_token), 0u);
  }
}

// The newer consent wins, in memory and in the vault alike.
TEST_F(GrantsTest, a_disconnect_of_what_is_being_replaced_does_not_take_the_new_grant) {
  const GrantRef old = grant();
  auto [made, new_tokens] = granting({.refresh_token = "refresh-2", .access_token = "access-2"});
  std::optional<Result<GrantRef>> put;
  std::optional<Result<void>> erased;
  begin(d->grants.put(std::move(made), Secret::copy_of("refresh-2"), std::move(new_tokens)), put);
  begin(d->grants.erase(old), erased);
  until([&] { return put && erased; });
  ASSERT_TRUE(*put);
  EXPECT_EQ(found(), std::vector<GrantRef>{**put});
  restart();
  ASSERT_EQ(found().size(), 1u);
  EXPECT_EQ(refresh_token(found()[0]), "refresh-2");
  EXPECT_EQ(values(found()[0]), "access-2 ");
}

TEST_F(GrantsTest, erasing_one_that_was_replaced_leaves_its_successor_alone) {
  const GrantRef old = grant();
  const GrantRef fresh = grant({.refresh_token = "refresh-2"});
  EXPECT_TRUE(run(d->grants.erase(old)));
  EXPECT_EQ(found(), std::vector<GrantRef>{fresh});
  restart();
  ASSERT_EQ(found().size(), 1u);
  EXPECT_EQ(refresh_token(found()[0]), "refresh-2");
}

TEST_F(GrantsTest, killing_one_that_was_replaced_leaves_its_successor_alone) {
  const GrantRef old = grant();
  grant({.refresh_token = "refresh-2"});
  EXPECT_TRUE(run(d->grants.kill(old, "revoked")));
  restart();
  EXPECT_FALSE(found()[0]->dead);
}

TEST_F(GrantsTest, a_killed_one_stays_to_say_why_without_any_token) {
  const GrantRef made = grant();
  EXPECT_TRUE(run(d->grants.kill(made, "revoked")));
  EXPECT_TRUE(made->dead);
  EXPECT_TRUE(made->tokens.empty());
  EXPECT_EQ(refresh_token(made), "none");
  EXPECT_EQ(records(Kind::access_token), 0u);
  restart();
  ASSERT_EQ(found().size(), 1u);
  EXPECT_TRUE(found()[0]->dead);
  EXPECT_EQ(found()[0]->dead_reason, "revoked");
  EXPECT_EQ(refresh_token(found()[0]), "none");
}

TEST_F(GrantsTest, an_erased_one_is_gone_with_its_tokens) {
  const GrantRef made = grant();
  EXPECT_TRUE(run(d->grants.erase(made)));
  EXPECT_TRUE(found().empty());
  EXPECT_EQ(d->grants.size(), 0u);
  EXPECT_TRUE(made->dead) << "for who holds it still";
  EXPECT_EQ(records(Kind::grant), 0u);
  EXPECT_EQ(records(Kind::access_token), 0u);
}

TEST_F(GrantsTest, one_token_can_be_dropped_once) {
  const GrantRef made = grant();
  const std::string id = made->tokens[0].id;
  EXPECT_EQ(run(d->grants.drop_token(made, "other")).error().code, Code::not_found);
  EXPECT_TRUE(run(d->grants.drop_token(made, id)));
  EXPECT_EQ(run(d->grants.drop_token(made, id)).error().code, Code::not_found);
  EXPECT_TRUE(made->tokens.empty());
  restart();
  EXPECT_TRUE(found()[0]->tokens.empty());
  EXPECT_EQ(refresh_token(found()[0]), "refresh-1");
}

// V3: a write that fails is an error to the caller and changes nothing.
TEST_F(GrantsTest, a_grant_that_cannot_be_kept_leaves_the_old_one) {
  const GrantRef old = grant();
  break_next_write();
  auto [made, new_tokens] = granting({.refresh_token = "refresh-2", .access_token = "access-2"});
  const auto put =
      run(d->grants.put(std::move(made), Secret::copy_of("refresh-2"), std::move(new_tokens)));
  ASSERT_FALSE(put);
  EXPECT_EQ(found(), std::vector<GrantRef>{old});
  EXPECT_EQ(values(old), "access-1 ");
  restart();
  EXPECT_EQ(refresh_token(found()[0]), "refresh-1");
}

TEST_F(GrantsTest, a_refresh_that_cannot_be_kept_is_not_released) {
  const GrantRef made = grant();
  break_next_write();
  EXPECT_EQ(refreshed(made, made->generation, "access-2", "refresh-2").error().code, Code::io);
  EXPECT_EQ(values(made), "access-1 ");
  // Its answer is still held: whoever asks again gets it.
  EXPECT_EQ(refresh_token(made), "refresh-1");
  EXPECT_TRUE(refreshed(made, made->generation, "access-2", "refresh-2"));
  restart();
  EXPECT_EQ(refresh_token(found()[0]), "refresh-2");
}

TEST_F(GrantsTest, a_disconnect_that_cannot_be_kept_can_be_done_again) {
  const GrantRef made = grant();
  break_next_write();
  EXPECT_FALSE(run(d->grants.erase(made)));
  ASSERT_EQ(d->grants.by_id(made->id), made) << "else nobody could name it any more";
  EXPECT_FALSE(made->dead);
  EXPECT_EQ(values(made), "access-1 ");
  EXPECT_TRUE(run(d->grants.erase(made)));
  restart();
  EXPECT_TRUE(found().empty());
}

TEST_F(GrantsTest, tokens_whose_grant_is_gone_are_left_out_at_start) {
  NewToken orphan = token("orphan");
  AccessToken shape;
  shape.id = "t";
  std::vector<Change> changes;
  changes.push_back({Kind::access_token, d->vault->id(Kind::access_token, {"x"}),
                     write_token("nobody", shape, "orphan"), std::nullopt});
  ASSERT_TRUE(run(d->vault->commit(std::move(changes))));
  restart();
  EXPECT_EQ(d->grants.size(), 0u);
}

TEST_F(GrantsTest, a_damaged_record_is_refused) {
  for (const char* text :
       {"", "{}", "[]", R"({"id":"a"})", R"({"user":{"issuer":"i","subject":"s"}})"}) {
    EXPECT_FALSE(read_grant(Secret::copy_of(text))) << text;
    EXPECT_FALSE(read_token(Secret::copy_of(text))) << text;
  }
  EXPECT_FALSE(read_token(Secret::copy_of(R"({"grant":"g","id":"t","value":""})")));
}

TEST_F(GrantsTest, tokens_lie_sealed_in_memory) {
  const GrantRef made =
      grant({.refresh_token = "refresh-in-clear", .access_token = "access-in-clear"});
  const auto* bytes = reinterpret_cast<const char*>(made.get());
  const std::string_view seen(bytes, sizeof(Grant));
  EXPECT_EQ(seen.find("in-clear"), std::string_view::npos);
  EXPECT_EQ(made->tokens[0].hash.size(), 22u);
  EXPECT_EQ(made->tokens[0].hash.find("access"), std::string::npos);
}

// Those that a million of them would be: not in memory before somebody asks.
class GrantsAtRest : public GrantsTest {
 protected:
  const std::string& context() { return d->setup.get()->providers.at("files")->context; }
  Result<void> bring_owner(const std::string& subject = "alice") {
    return run(d->grants.bring_owner(user_of(subject), context(), "workload:bot"));
  }
  bool here(const std::string& subject = "alice") {
    return d->grants.here(user_of(subject), context(), "workload:bot");
  }
  std::set<std::string> seen_by_a_walk() {
    std::set<std::string> ids;
    Grants::Walk walk;
    while (!walk.over) {
      for (const GrantRef& one : run(d->grants.some(walk))) ids.insert(one->id);
    }
    damaged_seen = walk.damaged;
    return ids;
  }
  size_t damaged_seen = 0;
};

TEST_F(GrantsAtRest, are_brought_by_their_owner_with_their_tokens_and_no_others) {
  const std::string id = grant()->id;
  grant({.subject = "bob"});
  restart_without_grants();
  EXPECT_EQ(d->grants.size(), 2u);
  EXPECT_TRUE(d->grants.exists(id));
  EXPECT_FALSE(d->grants.exists("nobody"));
  EXPECT_TRUE(d->grants.loaded().empty());
  EXPECT_FALSE(here());
  EXPECT_TRUE(here("carol")) << "who has none";
  ASSERT_TRUE(bring_owner());
  EXPECT_TRUE(here());
  ASSERT_EQ(found().size(), 1u);
  EXPECT_EQ(found()[0]->id, id);
  EXPECT_EQ(values(found()[0]), "access-1 ");
  EXPECT_EQ(refresh_token(found()[0]), "refresh-1");
  EXPECT_EQ(d->grants.loaded().size(), 1u);
  const GrantRef same = d->grants.by_id(id);
  ASSERT_TRUE(bring_owner());
  ASSERT_TRUE(run(d->grants.bring(id)));
  ASSERT_TRUE(run(d->grants.bring_user(user_of("alice"))));
  EXPECT_EQ(d->grants.by_id(id), same) << "never twice";
}

TEST_F(GrantsAtRest, are_brought_by_their_user_and_by_their_id) {
  const std::string id = grant()->id;
  grant({.account = "acc-2", .holder = "share:team"});
  grant({.subject = "bob"});
  restart_without_grants();
  ASSERT_TRUE(run(d->grants.bring(id)));
  EXPECT_EQ(d->grants.loaded().size(), 1u);
  ASSERT_TRUE(run(d->grants.bring("nobody")));
  ASSERT_TRUE(run(d->grants.bring_user(user_of("alice"))));
  EXPECT_EQ(d->grants.of_user(user_of("alice")).size(), 2u);
  EXPECT_TRUE(d->grants.of_user(user_of("bob")).empty());
}

TEST_F(GrantsAtRest, many_are_all_seen_by_a_walk_that_keeps_none_in_memory) {
  std::set<std::string> made;
  for (int i = 0; i < 300; ++i) made.insert(grant({.subject = "user-" + std::to_string(i)})->id);
  restart_without_grants();
  EXPECT_EQ(seen_by_a_walk(), made);
  EXPECT_TRUE(d->grants.loaded().empty());
  ASSERT_TRUE(bring_owner("user-7"));
  EXPECT_EQ(seen_by_a_walk(), made);
  EXPECT_EQ(d->grants.loaded().size(), 1u);
}

TEST_F(GrantsAtRest, the_dead_are_counted_without_being_read) {
  const GrantRef made = grant();
  grant({.subject = "bob"});
  EXPECT_EQ(d->grants.dead(), 0u);
  EXPECT_TRUE(run(d->grants.kill(made, "revoked")));
  EXPECT_EQ(d->grants.dead(), 1u);
  restart_without_grants();
  EXPECT_EQ(d->grants.dead(), 1u);
  EXPECT_EQ(d->grants.size(), 2u);
  grant({.refresh_token = "refresh-2"});
  EXPECT_EQ(d->grants.dead(), 0u) << "replaced by a live one";
}

TEST_F(GrantsAtRest, a_newer_consent_replaces_one_that_was_not_in_memory_and_its_tokens) {
  const std::string old = grant()->id;
  restart_without_grants();
  const GrantRef fresh = grant({.refresh_token = "refresh-2", .access_token = "access-2"});
  EXPECT_EQ(found(), std::vector<GrantRef>{fresh});
  EXPECT_FALSE(d->grants.exists(old));
  EXPECT_EQ(records(Kind::grant), 1u);
  EXPECT_EQ(records(Kind::access_token), 1u);
}

TEST_F(GrantsAtRest, a_damaged_one_is_not_brought_and_harms_no_other) {
  grant();
  const RowKey alices = row_of(Kind::grant);
  const std::string bobs = grant({.subject = "bob"})->id;
  restart_without_grants();
  damage(alices);
  const auto brought = bring_owner();
  ASSERT_FALSE(brought);
  EXPECT_EQ(brought.error().code, Code::corrupt);
  EXPECT_FALSE(here());
  EXPECT_TRUE(found().empty());
  EXPECT_TRUE(bring_owner("bob"));
  EXPECT_EQ(seen_by_a_walk(), std::set<std::string>{bobs});
  EXPECT_EQ(damaged_seen, 1u);
}

TEST_F(GrantsAtRest, one_with_a_damaged_token_is_not_brought) {
  grant();
  restart_without_grants();
  damage(row_of(Kind::access_token));
  EXPECT_FALSE(bring_owner());
  EXPECT_TRUE(d->grants.loaded().empty());
}

TEST_F(GrantsAtRest, damaged_ones_can_be_erased_with_their_tokens_and_nothing_else) {
  grant();
  const RowKey alices = row_of(Kind::grant);
  const std::string whole = grant({.account = "acc-2"})->id;
  grant({.subject = "bob"});
  restart_without_grants();
  damage(alices);
  EXPECT_TRUE(run(d->grants.erase_damaged(user_of("bob")))->empty());
  EXPECT_TRUE(run(d->grants.erase_damaged(whole))->empty()) << "it can be read";
  EXPECT_EQ(*run(d->grants.erase_damaged(user_of("alice"))), Grants::Names{row_name(alices)});
  EXPECT_EQ(records(Kind::grant), 2u);
  EXPECT_EQ(records(Kind::access_token), 2u);
  EXPECT_TRUE(bring_owner());
  ASSERT_EQ(found().size(), 1u);
  EXPECT_EQ(found()[0]->id, whole);
}

TEST_F(GrantsAtRest, a_damaged_one_that_cannot_be_erased_is_still_there) {
  const std::string id = grant()->id;
  const RowKey key = row_of(Kind::grant);
  restart_without_grants();
  damage(key);
  break_next_write();
  EXPECT_EQ(run(d->grants.erase_damaged(id)).error().code, Code::io);
  EXPECT_TRUE(d->grants.exists(id));
  EXPECT_EQ(*run(d->grants.erase_damaged(id)), Grants::Names{row_name(key)});
  EXPECT_FALSE(d->grants.exists(id));
}

TEST_F(GrantsAtRest, one_that_is_being_erased_is_not_brought_back) {
  const GrantRef made = grant();
  std::optional<Result<void>> erased, brought;
  begin(d->grants.erase(made), erased);
  begin(d->grants.bring_user(made->user), brought);
  until([&] { return erased && brought; });
  EXPECT_TRUE(*erased);
  EXPECT_TRUE(*brought);
  EXPECT_TRUE(found().empty());
  EXPECT_FALSE(d->grants.exists(made->id));
  EXPECT_TRUE(here());
}

TEST_F(GrantsAtRest, one_whose_erasure_failed_is_here_again) {
  const GrantRef made = grant();
  break_next_write();
  EXPECT_FALSE(run(d->grants.erase(made)));
  EXPECT_TRUE(here());
  EXPECT_EQ(found(), std::vector<GrantRef>{made});
}

TEST_F(GrantsAtRest, two_who_ask_at_once_get_the_same) {
  const std::string id = grant()->id;
  restart_without_grants();
  std::optional<Result<void>> first, second;
  begin(d->grants.bring(id), first);
  begin(d->grants.bring_user(user_of("alice")), second);
  until([&] { return first && second; });
  EXPECT_TRUE(*first && *second);
  EXPECT_EQ(d->grants.loaded().size(), 1u);
  EXPECT_EQ(found().size(), 1u);
}

TEST_F(GrantsAtRest, behind_a_fence_are_not_brought_to_be_lent_but_to_be_erased) {
  const std::string id = grant()->id;
  grant({.subject = "bob"});
  restart_without_grants();
  Grants::Fence fence =
      d->grants.fence([](const Grant& grant) { return grant.user.subject == "alice"; });
  const auto brought = bring_owner();
  ASSERT_FALSE(brought);
  EXPECT_EQ(brought.error().code, Code::unavailable);
  EXPECT_TRUE(bring_owner("bob"));
  EXPECT_TRUE(run(d->grants.bring(id)));
  EXPECT_TRUE(run(d->grants.erase(d->grants.by_id(id))));
  fence.reset();
  EXPECT_TRUE(bring_owner());
  EXPECT_TRUE(found().empty());
}

// As a reeve wrote them that knew no labels.
TEST_F(GrantsAtRest, of_an_older_vault_get_their_labels_at_start) {
  const GrantRef made = grant();
  std::vector<Change> bare;
  bare.push_back(d->grants.grant_change(*made, "refresh-1"));
  bare.push_back(d->grants.token_change(*made, made->tokens[0], "access-1"));
  for (Change& change : bare) change.labels.clear();
  ASSERT_TRUE(run(d->vault->commit(std::move(bare))));
  restart_without_grants();
  EXPECT_TRUE(d->grants.exists(made->id));
  ASSERT_TRUE(bring_owner());
  ASSERT_EQ(found().size(), 1u);
  EXPECT_EQ(values(found()[0]), "access-1 ");
}

}  // namespace
}  // namespace reeve
