// io.reeve.Admin.Events: refused flows as they happen, with who and which check.
#include "reeved/event_methods.h"

#include "service_world.h"

namespace reeve {
namespace {

using test::Asked;
using test::user_of;
using test::Visitor;

class EventMethodsTest : public test::ServiceWorld {};

TEST_F(EventMethodsTest, tell_of_a_refused_flow_who_came_and_which_check_did_not_hold) {
  const Asked asked = this->asked();
  FakeCall made;
  made.parameters = *parse_json("{}");
  made.more = true;
  const std::string method = "io.reeve.Admin.Events";
  std::optional<varlink::Reply> reply;
  begin(services->admin.run(method, made), reply);
  until([&] { return made.sent.size() == 1 || reply; });
  ASSERT_FALSE(reply) << reply->error;
  const Visitor mallory = signed_in(user_of("mallory"));
  const Bound<Described> looked = run(d->desk.describe(mallory.key(), asked.ticket));
  EXPECT_EQ(std::get<Described>(looked).status, "wrong_user");
  until([&] { return made.sent.size() >= 2; });
  tasks = std::make_unique<TaskSet>(loop);
  EXPECT_EQ(services->feed.watchers(), 0u) << "who leaves is forgotten";

  const varlink::Reply last{made.sent.back(), ""};
  const Told told = this->told(services->admin, "io.reeve.Admin", "Events", made, last);
  EXPECT_EQ(told.sent[0].find("event"), nullptr);
  const Json& event = *told.sent.back().find("event");
  EXPECT_EQ(event.text("event"), "flow.refused");
  EXPECT_EQ(event.text("reason"), "wrong_user");
  EXPECT_EQ(event.text("consent"), asked.consent->id);
  EXPECT_EQ(event.text("workload"), "bot");
  EXPECT_EQ(event.text("provider"), "files");
  EXPECT_EQ(event.find("user")->text("subject"), "alice");
  EXPECT_EQ(event.find("visitor")->text("subject"), "mallory");
  EXPECT_EQ(event.text("browser"), d->browsers.find(mallory.key())->id);
}

TEST_F(EventMethodsTest, are_told_on_a_stream_only) {
  EXPECT_EQ(admin("Events").error, "ExpectedMore");
}

}  // namespace
}  // namespace reeve
