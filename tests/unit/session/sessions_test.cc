#include "session/sessions.h"

#include "crypto/hash.h"
#include "world.h"

namespace reeve {
namespace {

using test::user_of;

class SessionsTest : public test::World {
 protected:
  Result<OpenedSession> try_open(const std::string& workload = "bot", int64_t seconds = 100) {
    NewSession wanted{workload, "scope-1", "corp", user_of("alice"), seconds};
    return run(d->sessions.open(std::move(wanted)));
  }
  SessionRef find(const Secret& handle) {
    return d->sessions.find(handle.reveal(), "scope-1", "bot");
  }
};

// T8, W5.
TEST_F(SessionsTest, a_handle_works_only_in_its_scope_and_for_its_workload) {
  const OpenedSession opened = open_session();
  const std::string_view handle = opened.handle.reveal();
  EXPECT_EQ(handle.size(), 43u);
  EXPECT_EQ(d->sessions.find(handle, "scope-1", "bot"), opened.session);
  EXPECT_EQ(d->sessions.find(handle, "scope-2", "bot"), nullptr);
  EXPECT_EQ(d->sessions.find(handle, "", "bot"), nullptr);
  EXPECT_EQ(d->sessions.find(handle, "scope-1", "left"), nullptr);
  EXPECT_EQ(d->sessions.find("", "scope-1", "bot"), nullptr);
  EXPECT_EQ(d->sessions.find(opened.session->id, "scope-1", "bot"), nullptr);
  EXPECT_EQ(d->sessions.find(opened.session->handle_hash, "scope-1", "bot"), nullptr);
}

TEST_F(SessionsTest, two_sessions_never_have_the_same_names) {
  const OpenedSession one = open_session(), two = open_session();
  EXPECT_FALSE(one.handle.equals(two.handle.reveal()));
  EXPECT_NE(one.session->id, two.session->id);
  EXPECT_EQ(d->sessions.by_id(two.session->id), two.session);
  EXPECT_EQ(d->sessions.by_id("nobody"), nullptr);
}

TEST_F(SessionsTest, expiry_counts_on_the_boot_clock_and_not_on_the_wall_clock) {
  const auto opened = *try_open("bot", 100);
  clock.set_unix(clock.unix_seconds() + 1'000'000);
  EXPECT_NE(find(opened.handle), nullptr);
  clock.set_unix(0);
  clock.pass_seconds(99);
  EXPECT_NE(find(opened.handle), nullptr);
  clock.pass_seconds(1);
  EXPECT_EQ(find(opened.handle), nullptr);
  EXPECT_EQ(d->sessions.by_handle_hash(opened.session->handle_hash), nullptr);
  EXPECT_FALSE(d->sessions.live(*opened.session));
  EXPECT_TRUE(d->sessions.all().empty());
}

TEST_F(SessionsTest, survive_a_restart_with_all_they_are) {
  const OpenedSession opened = open_session();
  const OpenedSession plain = open_session("bot", std::nullopt);
  restart();
  const SessionRef again = find(opened.handle);
  ASSERT_NE(again, nullptr);
  EXPECT_EQ(again->id, opened.session->id);
  EXPECT_TRUE(again->user->is(user_of("alice")));
  EXPECT_EQ(again->user->name, "alice by name");
  EXPECT_EQ(again->user->claim, "sub");
  EXPECT_EQ(again->issuer, "corp");
  EXPECT_EQ(again->opened_at, opened.session->opened_at);
  EXPECT_EQ(again->expires_at, opened.session->expires_at);
  ASSERT_NE(find(plain.handle), nullptr);
  EXPECT_FALSE(find(plain.handle)->user);
}

TEST_F(SessionsTest, of_another_boot_are_over) {
  const OpenedSession opened = open_session();
  restart("boot-2");
  EXPECT_EQ(find(opened.handle), nullptr);
  EXPECT_EQ(d->sessions.size(), 1u);
  EXPECT_TRUE(run(d->vault->commit(d->sessions.purge())));
  EXPECT_EQ(d->sessions.size(), 0u);
  EXPECT_EQ(records(Kind::session), 0u);
}

TEST_F(SessionsTest, limits_hold_for_all_and_for_each_workload) {
  d->sessions.set_limits({.all = 3, .per_workload = 2});
  ASSERT_TRUE(try_open("bot"));
  ASSERT_TRUE(try_open("bot"));
  const auto third = try_open("bot");
  ASSERT_FALSE(third);
  EXPECT_EQ(third.error().code, Code::limit);
  ASSERT_TRUE(try_open("left"));
  EXPECT_EQ(try_open("right").error().code, Code::limit);
  EXPECT_EQ(d->sessions.size(), 3u);
  EXPECT_EQ(records(Kind::session), 3u);
}

TEST_F(SessionsTest, what_is_expired_is_purged_before_one_is_refused) {
  d->sessions.set_limits({.all = 10, .per_workload = 1});
  std::vector<std::string> ended;
  d->sessions.on_end([&](const Session& session) { ended.push_back(session.id); });
  const auto old = *try_open("bot", 10);
  clock.pass_seconds(10);
  ASSERT_TRUE(try_open("bot"));
  EXPECT_EQ(ended, std::vector<std::string>{old.session->id});
  EXPECT_EQ(records(Kind::session), 1u);
}

TEST_F(SessionsTest, what_was_purged_before_one_is_refused_leaves_the_vault_too) {
  d->sessions.set_limits({.all = 10, .per_workload = 1});
  ASSERT_TRUE(try_open("left", 10));
  ASSERT_TRUE(try_open("bot", 100));
  clock.pass_seconds(10);
  ASSERT_FALSE(try_open("bot"));
  EXPECT_TRUE(run(d->vault->commit(d->sessions.purge())));
  EXPECT_EQ(records(Kind::session), 1u);
}

TEST_F(SessionsTest, many_at_once_keep_the_limit) {
  d->sessions.set_limits({.all = 10, .per_workload = 3});
  std::vector<std::optional<Result<OpenedSession>>> opened(6);
  for (auto& one : opened) {
    NewSession wanted{"bot", "scope-1", "corp", user_of("alice"), 100};
    begin(d->sessions.open(std::move(wanted)), one);
  }
  until([&] { return std::all_of(opened.begin(), opened.end(), [](auto& o) { return !!o; }); });
  EXPECT_EQ(std::count_if(opened.begin(), opened.end(), [](auto& o) { return !!*o; }), 3);
}

TEST_F(SessionsTest, a_store_that_fails_leaves_nothing) {
  break_store();
  const auto failed = try_open();
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, Code::io);
  EXPECT_EQ(d->sessions.size(), 0u);
  mend_store();
  d->sessions.set_limits({.all = 1, .per_workload = 1});
  EXPECT_TRUE(try_open()) << "the failed one counts no more";
}

TEST_F(SessionsTest, ending_takes_all_that_the_predicate_names_and_tells_each) {
  const OpenedSession alice = open_session(), bob = open_session("bot", user_of("bob"));
  std::vector<std::string> ended;
  d->sessions.on_end([&](const Session& session) { ended.push_back(session.user->subject); });
  const auto count =
      run(d->sessions.end([](const Session& session) { return session.user->subject == "bob"; }));
  ASSERT_TRUE(count);
  EXPECT_EQ(*count, 1u);
  EXPECT_EQ(ended, std::vector<std::string>{"bob"});
  EXPECT_EQ(find(bob.handle), nullptr);
  EXPECT_TRUE(bob.session->ended);
  EXPECT_NE(find(alice.handle), nullptr);
  restart();
  EXPECT_EQ(find(bob.handle), nullptr);
  EXPECT_NE(find(alice.handle), nullptr);
}

TEST_F(SessionsTest, closing_ends_it_once) {
  const OpenedSession opened = open_session();
  int ended = 0;
  d->sessions.on_end([&](const Session&) { ++ended; });
  EXPECT_TRUE(run(d->sessions.close(opened.session)));
  EXPECT_TRUE(run(d->sessions.close(opened.session)));
  EXPECT_EQ(ended, 1);
  EXPECT_EQ(records(Kind::session), 0u);
}

TEST_F(SessionsTest, killed_while_the_disk_fails_stays_dead_after_a_restart) {
  const OpenedSession killed = open_session(), closed = open_session();
  break_store();
  EXPECT_FALSE(run(
      d->sessions.end([&](const Session& session) { return session.id == killed.session->id; })));
  EXPECT_FALSE(run(d->sessions.close(closed.session)));
  EXPECT_EQ(find(killed.handle), nullptr) << "in memory at once";
  EXPECT_FALSE(run(d->vault->commit(d->sessions.purge())));
  mend_store();
  EXPECT_TRUE(run(d->vault->commit(d->sessions.purge())));
  restart();
  EXPECT_EQ(find(killed.handle), nullptr);
  EXPECT_EQ(find(closed.handle), nullptr);
  EXPECT_TRUE(d->sessions.purge().empty());
}

TEST_F(SessionsTest, killed_while_it_is_being_opened_stays_dead_after_a_restart) {
  for (int turns = 1; turns < 6; ++turns) {
    std::optional<Result<OpenedSession>> opened;
    begin(d->sessions.open({"bot", "scope-1", "corp", user_of("alice"), 1000}), opened);
    for (int i = 0; i < turns; ++i) loop.turn();
    EXPECT_TRUE(run(d->sessions.end([](const Session&) { return true; })));
    until([&] { return !!opened; });
    restart();
    EXPECT_TRUE(d->sessions.all().empty());
  }
}

TEST_F(SessionsTest, a_purge_with_nothing_to_do_writes_nothing) {
  const OpenedSession opened = open_session();
  EXPECT_TRUE(d->sessions.purge().empty());
  EXPECT_TRUE(run(d->sessions.close(opened.session)));
  EXPECT_TRUE(d->sessions.purge().empty());
}

TEST_F(SessionsTest, a_damaged_record_is_refused_at_start) {
  for (const char* text : {"{}", "[]", "{\"id\":\"a\",\"handle_hash\":\"00\"}", "nonsense"}) {
    std::vector<Change> changes;
    const RecordId id = d->vault->id(Kind::session, {"x"});
    changes.push_back({Kind::session, id, Secret::copy_of(text), std::nullopt});
    ASSERT_TRUE(run(d->vault->commit(std::move(changes))));
    Sessions sessions(*d->vault, clock, "boot-1");
    EXPECT_FALSE(sessions.load()) << text;
  }
}

TEST_F(SessionsTest, the_handle_is_nowhere_in_the_record) {
  const OpenedSession opened = open_session();
  EXPECT_TRUE(d->vault->for_each(Kind::session, [&](const RecordId&, Record record) {
    EXPECT_EQ(record.plain.reveal().find(opened.handle.reveal()), std::string_view::npos);
    return Result<void>();
  }));
}

// Dropped where it waits for the disk: what was begun happens, and nobody has the handle.
TEST_F(SessionsTest, a_caller_that_leaves_while_one_is_opened_breaks_nothing) {
  for (int turns = 0; turns < 6; ++turns) {
    TaskSet own(loop);
    std::optional<Result<OpenedSession>> opened;
    begin(d->sessions.open({"bot", "scope-1", "corp", user_of("alice"), 10}), opened);
    for (int i = 0; i < turns; ++i) loop.turn();
    tasks = std::make_unique<TaskSet>(loop);
  }
  clock.pass_seconds(10);
  EXPECT_TRUE(run(d->vault->commit(d->sessions.purge())));
  EXPECT_EQ(d->sessions.size(), 0u);
  restart();
  EXPECT_EQ(d->sessions.size(), 0u);
}

}  // namespace
}  // namespace reeve
