#include "session/browsers.h"

#include "session/redirect.h"
#include "world.h"

namespace reeve {
namespace {

using test::at_main;
using test::user_of;
using test::Visitor;

class BrowsersTest : public test::World {
 protected:
  static std::string secret(char letter) { return std::string(43, letter); }
  BrowserRef add_sign_in(const BrowserRef& browser, const std::string& next = "/") {
    NewFlow made = make_flow(*browser, "https://agents.example/callback/c", clock, "boot-1");
    state_hash_ = made.flow.state_hash;
    browser->sign_ins.push_back({std::move(made.flow), "corp", next});
    return browser;
  }
  std::string state_hash_;
};

TEST_F(BrowsersTest, a_visit_alone_makes_no_record) {
  EXPECT_EQ(d->browsers.find(at_main(secret('a'))), nullptr);
  EXPECT_EQ(records(Kind::browser), 0u);
  const auto made = d->browsers.find_or_make(at_main(secret('a')));
  ASSERT_TRUE(made);
  EXPECT_EQ(records(Kind::browser), 0u);
  EXPECT_EQ(*d->browsers.find_or_make(at_main(secret('a'))), *made);
  EXPECT_NE((*d->browsers.find_or_make(at_main(secret('b'))))->id, (*made)->id);
}

// T13, T17.
TEST_F(BrowsersTest, signing_in_renews_the_secret_and_keeps_the_flows) {
  const BrowserRef browser = add_sign_in(*d->browsers.find_or_make(at_main(secret('a'))));
  const std::string nonce = browser->sign_ins[0].flow.nonce;
  const auto renewed = run(d->browsers.sign_in(browser, {user_of("alice"), {}}, "corp", 3600));
  ASSERT_TRUE(renewed);
  EXPECT_EQ(d->browsers.find(at_main(secret('a'))), nullptr) << "the old secret is worth nothing";
  EXPECT_EQ(d->browsers.find(at_main(renewed->reveal())), browser);
  EXPECT_EQ(d->browsers.by_id(browser->id), browser);
  ASSERT_EQ(d->browsers.with_sign_in(state_hash_), browser);
  EXPECT_EQ(browser->sign_ins[0].flow.nonce, nonce);
  EXPECT_EQ(browser->signed_in_at, clock.unix_seconds());
  EXPECT_EQ(records(Kind::browser), 1u) << "one record, whatever its secret";
}

TEST_F(BrowsersTest, survive_a_restart_with_their_flows) {
  const BrowserRef browser =
      add_sign_in(*d->browsers.find_or_make(at_main(secret('a'))), "/connections");
  const auto renewed = run(d->browsers.sign_in(browser, {user_of("alice"), {}}, "corp", 3600));
  const Flow before = browser->sign_ins[0].flow.clone();
  restart();
  const BrowserRef again = d->browsers.find(at_main(renewed->reveal()));
  ASSERT_NE(again, nullptr);
  EXPECT_EQ(d->browsers.find(at_main(secret('a'))), nullptr);
  EXPECT_EQ(again->id, browser->id);
  EXPECT_TRUE(again->user && again->user->is(user_of("alice")));
  EXPECT_EQ(again->issuer, "corp");
  ASSERT_EQ(again->sign_ins.size(), 1u);
  EXPECT_EQ(again->sign_ins[0].next, "/connections");
  EXPECT_EQ(again->sign_ins[0].issuer, "corp");
  const Flow& flow = again->sign_ins[0].flow;
  EXPECT_EQ(flow.state_hash, before.state_hash);
  EXPECT_EQ(flow.cookie_hash, before.cookie_hash);
  EXPECT_EQ(flow.browser, before.browser);
  EXPECT_EQ(flow.redirect_uri, before.redirect_uri);
  EXPECT_EQ(flow.nonce, before.nonce);
  EXPECT_TRUE(flow.code_verifier.equals(before.code_verifier.reveal()));
  EXPECT_EQ(flow.lifetime.deadline, before.lifetime.deadline);
}

TEST_F(BrowsersTest, are_over_in_time_and_in_another_boot) {
  d->browsers.set_limits({.idle_seconds = 8 * 3600});
  const Visitor alice = signed_in(user_of("alice"));
  clock.pass_seconds(8 * 3600 - 1);
  EXPECT_NE(d->browsers.find(alice.key()), nullptr);
  clock.pass_seconds(1);
  EXPECT_EQ(d->browsers.find(alice.key()), nullptr);
  EXPECT_EQ(d->browsers.by_id(alice.id), nullptr);
  const Visitor bob = signed_in(user_of("bob"));
  restart("boot-2");
  EXPECT_EQ(d->browsers.find(bob.key()), nullptr);
  EXPECT_TRUE(run(d->vault->commit(d->browsers.purge())));
  EXPECT_EQ(records(Kind::browser), 0u);
}

TEST_F(BrowsersTest, a_sign_in_ends_when_the_browser_was_not_seen_for_a_while) {
  d->browsers.set_limits({.idle_seconds = 100});
  const Visitor alice = signed_in(user_of("alice"));
  for (int i = 0; i < 3; ++i) {
    clock.pass_seconds(99);
    EXPECT_NE(d->browsers.find(alice.key()), nullptr) << "each visit begins the time anew";
    EXPECT_FALSE(d->browsers.ended(alice.key()));
  }
  EXPECT_EQ(d->browsers.find({"other", alice.secret}), nullptr);
  clock.pass_seconds(99);
  EXPECT_NE(d->browsers.by_id(alice.id), nullptr) << "which is no visit";
  clock.pass_seconds(1);
  EXPECT_EQ(d->browsers.find(alice.key()), nullptr);
  EXPECT_EQ(d->browsers.by_id(alice.id), nullptr);
  EXPECT_TRUE(d->browsers.signed_in().empty());
}

TEST_F(BrowsersTest, that_a_sign_in_has_ended_by_itself_is_known_for_an_hour) {
  d->browsers.set_limits({.idle_seconds = 100});
  const Visitor alice = signed_in(user_of("alice")), bob = signed_in(user_of("bob"));
  EXPECT_TRUE(run(d->browsers.erase(d->browsers.find(bob.key()))));
  clock.pass_seconds(100);
  EXPECT_TRUE(run(d->vault->commit(d->browsers.purge())));
  EXPECT_TRUE(d->browsers.purge().empty()) << "nothing more to keep";
  restart();
  EXPECT_EQ(d->browsers.find(alice.key()), nullptr) << "no restart brings it back";
  EXPECT_TRUE(d->browsers.ended(alice.key()));
  EXPECT_FALSE(d->browsers.ended({"other", alice.secret}));
  EXPECT_FALSE(d->browsers.ended(bob.key())) << "he signed out";
  EXPECT_FALSE(d->browsers.ended(at_main(secret('a'))));
  clock.pass_seconds(3600);
  EXPECT_FALSE(d->browsers.ended(alice.key()));
  EXPECT_TRUE(run(d->vault->commit(d->browsers.purge())));
  EXPECT_EQ(records(Kind::browser), 0u);
}

TEST_F(BrowsersTest, an_ended_sign_in_gives_way_where_there_is_no_room) {
  d->browsers.set_limits({.all = 1, .idle_seconds = 100});
  const Visitor alice = signed_in(user_of("alice"));
  clock.pass_seconds(100);
  EXPECT_TRUE(run(d->vault->commit(d->browsers.purge())));
  EXPECT_EQ(records(Kind::browser), 0u);
  EXPECT_TRUE(d->browsers.find_or_make(at_main(secret('a'))));
}

TEST_F(BrowsersTest, one_in_which_nobody_signs_in_is_forgotten_within_an_hour) {
  ASSERT_TRUE(d->browsers.find_or_make(at_main(secret('a'))));
  clock.pass_seconds(3600);
  EXPECT_EQ(d->browsers.find(at_main(secret('a'))), nullptr);
}

TEST_F(BrowsersTest, the_limit_counts_the_expired_until_they_are_purged) {
  d->browsers.set_limits({.all = 2});
  ASSERT_TRUE(d->browsers.find_or_make(at_main(secret('a'))));
  ASSERT_TRUE(d->browsers.find_or_make(at_main(secret('b'))));
  EXPECT_EQ(d->browsers.find_or_make(at_main(secret('c'))).error().code, Code::limit);
  EXPECT_TRUE(d->browsers.find_or_make(at_main(secret('a')))) << "known ones are found";
  clock.pass_seconds(3600);
  d->browsers.purge();
  EXPECT_TRUE(d->browsers.find_or_make(at_main(secret('c'))));
}

TEST_F(BrowsersTest, one_user_is_signed_in_in_so_many_and_the_first_gives_way) {
  d->browsers.set_limits({.per_user = 2});
  const auto sign_in = [&](char letter, const std::string& subject) {
    const BrowserRef browser = *d->browsers.find_or_make(at_main(secret(letter)));
    auto renewed =
        run(d->browsers.sign_in(browser, {test::user_of(subject), {}, "", ""}, "corp", 600));
    clock.pass_seconds(1);
    return at_main(std::string(renewed->reveal()));
  };
  const BrowserKey other = sign_in('o', "bob");
  const BrowserKey first = sign_in('a', "alice"), second = sign_in('b', "alice");
  const BrowserKey third = sign_in('c', "alice");
  EXPECT_EQ(d->browsers.find(first), nullptr);
  EXPECT_NE(d->browsers.find(second), nullptr);
  EXPECT_NE(d->browsers.find(third), nullptr);
  EXPECT_NE(d->browsers.find(other), nullptr) << "another's are another's";
  EXPECT_FALSE(d->browsers.purge().empty()) << "out of the vault too";
  // Signing in again in the same browser takes nobody's place.
  ASSERT_TRUE(run(d->browsers.sign_in(d->browsers.find(third), {test::user_of("alice"), {}, "", ""},
                                      "corp", 600)));
  EXPECT_NE(d->browsers.find(second), nullptr);
}

TEST_F(BrowsersTest, the_oldest_of_too_many_sign_ins_gives_way) {
  const BrowserRef browser = *d->browsers.find_or_make(at_main(secret('a')));
  add_sign_in(browser);
  const std::string first = state_hash_;
  add_sign_in(browser);
  const std::string second = state_hash_;
  for (int i = 0; i < 7; ++i) add_sign_in(browser);
  EXPECT_TRUE(run(d->browsers.save(browser)));
  EXPECT_EQ(browser->sign_ins.size(), 8u);
  EXPECT_EQ(d->browsers.with_sign_in(first), nullptr);
  EXPECT_EQ(d->browsers.with_sign_in(second), browser);
}

TEST_F(BrowsersTest, an_erased_one_is_nobody_at_once_and_after_a_restart) {
  const Visitor alice = signed_in(user_of("alice"));
  const BrowserRef browser = d->browsers.find(alice.key());
  EXPECT_TRUE(run(d->browsers.erase(browser)));
  EXPECT_EQ(d->browsers.find(alice.key()), nullptr);
  EXPECT_FALSE(browser->user) << "also for those who hold it still";
  restart();
  EXPECT_EQ(d->browsers.find(alice.key()), nullptr);
}

// T13: the end is server-side, whatever the disk does.
TEST_F(BrowsersTest, signed_out_while_the_disk_fails_stays_signed_out_after_a_restart) {
  const Visitor alice = signed_in(user_of("alice"));
  break_store();
  EXPECT_FALSE(run(d->browsers.erase(d->browsers.find(alice.key()))));
  mend_store();
  EXPECT_TRUE(run(d->vault->commit(d->browsers.purge())));
  restart();
  EXPECT_EQ(d->browsers.find(alice.key()), nullptr);
  EXPECT_TRUE(d->browsers.purge().empty());
}

TEST_F(BrowsersTest, a_sign_in_that_cannot_be_kept_signs_nobody_in) {
  const Visitor someone = visitor();
  break_store();
  EXPECT_FALSE(run(
      d->browsers.sign_in(d->browsers.find(someone.key()), {user_of("alice"), {}}, "corp", 3600)));
  mend_store();
  EXPECT_EQ(d->browsers.find(someone.key()), nullptr);
  restart();
  const BrowserRef again = d->browsers.find(someone.key());
  EXPECT_TRUE(again == nullptr || !again->user);
}

TEST_F(BrowsersTest, a_damaged_record_is_refused_at_start) {
  for (const char* text : {"{}", "[]", "1", "{\"id\":\"a\",\"secret_hash\":\"00\"}",
                           "{\"id\":\"a\",\"sign_ins\":[1]}"}) {
    std::vector<Change> changes;
    const RecordId id = d->vault->id(Kind::browser, {"x"});
    changes.push_back({Kind::browser, id, Secret::copy_of(text), std::nullopt});
    ASSERT_TRUE(run(d->vault->commit(std::move(changes))));
    Browsers browsers(*d->vault, clock, "boot-1");
    EXPECT_FALSE(browsers.load()) << text;
  }
}

TEST_F(BrowsersTest, the_secret_is_nowhere_in_the_record) {
  const Visitor alice = signed_in(user_of("alice"));
  EXPECT_TRUE(d->vault->for_each(Kind::browser, [&](const RecordId&, Record record) {
    EXPECT_EQ(record.plain.reveal().find(alice.secret), std::string_view::npos);
    return Result<void>();
  }));
}

}  // namespace
}  // namespace reeve
