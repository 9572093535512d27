#include "session/intents.h"

#include "world.h"

namespace reeve {
namespace {

class IntentsTest : public test::World {
 protected:
  Intent intent(const std::string& grant) {
    Intent made;
    made.grant = grant;
    made.context = "context";
    made.id = Intents::new_id();
    made.epoch = "epoch-1";
    made.scopes = {"read", "write"};
    made.resource = "https://api.example/a";
    made.begun_at = 17;
    made.after_loss = true;
    return made;
  }
};

TEST_F(IntentsTest, outlive_a_restart_until_they_are_erased) {
  const Intent made = intent("grant-1");
  EXPECT_TRUE(run(d->intents.put(made)));
  EXPECT_TRUE(run(d->intents.put(intent("grant-2"))));
  restart();
  const IntentRef found = d->intents.of("grant-1");
  ASSERT_NE(found, nullptr);
  EXPECT_EQ(found->id, made.id);
  EXPECT_EQ(found->epoch, "epoch-1");
  EXPECT_EQ(found->context, "context");
  EXPECT_EQ(found->scopes, made.scopes);
  EXPECT_EQ(found->resource, made.resource);
  EXPECT_EQ(found->begun_at, 17);
  EXPECT_FALSE(found->lost);
  EXPECT_TRUE(found->after_loss);
  EXPECT_EQ(d->intents.all().size(), 2u);
  EXPECT_TRUE(run(d->intents.erase("grant-1")));
  EXPECT_EQ(d->intents.of("grant-1"), nullptr);
  restart();
  EXPECT_EQ(d->intents.of("grant-1"), nullptr);
  EXPECT_NE(d->intents.of("grant-2"), nullptr);
}

TEST_F(IntentsTest, a_later_one_of_a_grant_takes_the_place_of_the_earlier) {
  EXPECT_TRUE(run(d->intents.put(intent("grant-1"))));
  const Intent later = intent("grant-1");
  EXPECT_TRUE(run(d->intents.put(later)));
  EXPECT_EQ(records(Kind::intent), 1u);
  restart();
  EXPECT_EQ(d->intents.of("grant-1")->id, later.id);
}

TEST_F(IntentsTest, one_that_cannot_be_written_is_not_begun) {
  break_store();
  EXPECT_EQ(run(d->intents.put(intent("grant-1"))).error().code, Code::io);
  EXPECT_EQ(d->intents.of("grant-1"), nullptr);
}

TEST_F(IntentsTest, one_that_cannot_be_erased_stays) {
  EXPECT_TRUE(run(d->intents.put(intent("grant-1"))));
  break_store();
  EXPECT_FALSE(run(d->intents.erase("grant-1")));
  EXPECT_NE(d->intents.of("grant-1"), nullptr);
}

TEST_F(IntentsTest, answers_sealed_before_a_restart_open_after_it) {
  const auto sealed =
      seal_to(d->intents.hold("id", "epoch").keys->public_key(), "what a provider answered");
  ASSERT_TRUE(sealed);
  restart();
  const auto opened = d->intents.hold("id", "epoch").keys->open(*sealed);
  ASSERT_TRUE(opened);
  EXPECT_EQ(opened->reveal(), "what a provider answered");
}

}  // namespace
}  // namespace reeve
