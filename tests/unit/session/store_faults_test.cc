// Every write of a whole life can fail: a session, a grant, a refresh at a provider that rotates, a
// disconnect. What was acknowledged is there after a restart, what was not is not half there, and
// the provider never sees a used token.
#include "session/lender.h"
#include "unit/oauth/answers.h"
#include "world.h"

namespace reeve {
namespace {

using test::files;
using test::user_of;

const std::string token_url = files + "/token";

class StoreFaultsTest : public test::World {
 protected:
  void SetUp() override {
    World::SetUp();
    http->on(files + "/revoke", "");
    http->on(token_url, [this](const HttpRequest& request) {
      const std::string used = test::field(request, "refresh_token");
      if (dead || used != "refresh-" + std::to_string(number)) {
        dead = true;
        return test::answer(400, R"({"error":"invalid_grant"})");
      }
      const std::string next = std::to_string(++number);
      return test::answer(200, R"({"access_token":"access-)" + next +
                                   R"(","token_type":"Bearer","expires_in":3600,)" +
                                   R"("refresh_token":"refresh-)" + next + R"("})");
    });
  }

  // What callers were told has happened.
  struct Told {
    std::optional<std::string> session;      // its id
    std::optional<std::string> kept, ended;  // grants
    std::string lent;
  };

  std::optional<GrantRef> try_grant(const std::string& account) {
    auto [made, tokens_of] = granting({.account = account});
    auto kept =
        run(d->grants.put(std::move(made), Secret::copy_of("refresh-1"), std::move(tokens_of)));
    if (!kept) return std::nullopt;
    return *kept;
  }

  Told live() {
    Told told;
    NewSession wanted{"bot", "scope-1", "corp", user_of("alice"), 1'000'000};
    const auto opened = run(d->sessions.open(std::move(wanted)));
    if (opened) told.session = opened->session->id;
    const auto ending = try_grant("acc-0");
    const auto kept = try_grant("acc-1");
    if (kept) told.kept = (*kept)->id;
    if (ending) {
      const auto done = run(d->desk.disconnect(*ending, "user"));
      if (done) told.ended = (*ending)->id;
    }
    clock.pass_seconds(3600);
    if (!opened) return told;
    for (int i = 0; i < 2; ++i) {
      LendAsk ask = ask_of(opened->session);
      ask.account = "acc-1";
      const LendOutcome outcome = lend(std::move(ask));
      if (const auto* found = std::get_if<Lent>(&outcome)) told.lent = value_of(found->token);
    }
    return told;
  }

  void check(const Told& told) {
    for (const SessionRef& session : d->sessions.all()) EXPECT_TRUE(d->sessions.live(*session));
    if (told.session) {
      EXPECT_NE(d->sessions.by_id(*told.session), nullptr) << "a session";
    }
    if (told.ended) {
      EXPECT_EQ(d->grants.by_id(*told.ended), nullptr) << "a disconnect";
    }
    if (!told.kept) return;
    const GrantRef grant = d->grants.by_id(*told.kept);
    ASSERT_NE(grant, nullptr) << "a grant";
    EXPECT_TRUE(eventually([&] {
      d->lender.settle_open();
      return d->intents.all().empty();
    }));
    EXPECT_FALSE(dead) << "a used refresh token came back";
    EXPECT_EQ(d->grants.reveal(grant->refresh_token).reveal(), "refresh-" + std::to_string(number))
        << "the newest refresh token";
    if (told.lent.empty()) return;
    ASSERT_EQ(grant->tokens.size(), 1u);
    EXPECT_EQ(value_of(grant->tokens[0]), told.lent) << "a token that was lent";
  }

  int number = 1;
  bool dead = false;
};

TEST_F(StoreFaultsTest, a_write_that_fails_anywhere_loses_nothing_and_leaves_nothing_half_done) {
  size_t failures = 0;
  for (const bool after_writing : {false, true}) {
    for (const bool once : {true, false}) {
      for (size_t calls = 0;; ++calls) {
        SCOPED_TRACE(testing::Message() << calls << " calls, " << after_writing << once);
        number = 1;
        dead = false;
        store_state = std::make_shared<test::StoreState>();
        restart();
        store_state->calls_left = calls;
        store_state->fails_once = once;
        store_state->fails_after_writing = after_writing;
        const Told told = live();
        settle();
        const bool whole = store_state->calls_left.value_or(0) > 0;
        mend_store();
        store_state->fails_after_writing = false;
        restart();
        check(told);
        if (HasFailure()) return;
        if (whole) {
          EXPECT_EQ(told.lent, "access-2");
          break;
        }
        ++failures;
      }
    }
  }
  EXPECT_GT(failures, 30u);
}

}  // namespace
}  // namespace reeve
