#include "reeved/wire.h"

#include <gtest/gtest.h>

namespace reeve {
namespace {

TEST(Wire, a_reply_is_one_object_of_what_was_written) {
  const auto reply = wire::reply([](JsonWriter& json) { json.member("a", "b"); });
  EXPECT_EQ(reply.parameters, R"({"a":"b"})");
  EXPECT_EQ(reply.error, "");
  EXPECT_EQ(wire::reply([](JsonWriter&) {}).parameters, "{}");
  const auto failed = wire::failure("io.x.E", [](JsonWriter& json) { json.member("r", "w"); });
  EXPECT_EQ(failed.error, "io.x.E");
  EXPECT_EQ(failed.parameters, R"({"r":"w"})");
}

TEST(Wire, internal_errors_become_two_and_say_no_more_than_they_must) {
  struct Case {
    Code code;
    const char *error, *parameters;
  };
  const char* hidden = R"({"reason":"the daemon could not keep its state; its log says why"})";
  const Case cases[] = {
      {Code::limit, "io.reeve.Agent.LimitReached", R"({"limit":"text","retry_after":30})"},
      {Code::unavailable, "io.reeve.Agent.Unavailable", R"({"reason":"text"})"},
      {Code::timeout, "io.reeve.Agent.Unavailable", R"({"reason":"text"})"},
      {Code::io, "io.reeve.Agent.Unavailable", hidden},
      {Code::corrupt, "io.reeve.Agent.Unavailable", hidden},
      {Code::internal, "io.reeve.Agent.Unavailable", hidden},
  };
  for (const Case& c : cases) {
    const auto reply = wire::from_error("io.reeve.Agent", Error{c.code, "text"});
    EXPECT_EQ(reply.error, c.error);
    EXPECT_EQ(reply.parameters, c.parameters);
  }
}

TEST(Wire, a_user_goes_out_without_the_claim) {
  std::string text;
  JsonWriter json(text);
  wire::write_user(json, {"i", "s", "oid", ""});
  EXPECT_EQ(text, R"({"issuer":"i","subject":"s"})");
  text.clear();
  JsonWriter named(text);
  wire::write_user(named, {"i", "s", "oid", "Name"});
  EXPECT_EQ(text, R"({"issuer":"i","subject":"s","name":"Name"})");
}

TEST(Wire, all_invalid_handles_look_the_same) {
  EXPECT_EQ(wire::session_invalid().error, "io.reeve.Agent.SessionInvalid");
  EXPECT_EQ(wire::session_invalid().parameters, "{}");
  EXPECT_EQ(wire::denied("why").parameters, R"({"reason":"why"})");
  EXPECT_EQ(wire::expected_more().error, "org.varlink.service.ExpectedMore");
}

}  // namespace
}  // namespace reeve
