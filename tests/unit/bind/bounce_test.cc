#include "bind/bounce.h"

#include <gtest/gtest.h>

#include "support/fake_clock.h"

namespace reeve {
namespace {

class BounceTest : public testing::Test {
 protected:
  static Visit visit(const std::string& path, const std::string& fields) {
    Visit made;
    made.path = path;
    made.fields = *Fields::parse(fields);
    return made;
  }
  // Where the answer to that POST leads.
  std::string target(const std::string& fields, const std::string& path = "/callback/ctx") {
    const Answer answer = bounce_.turn(visit(path, fields));
    EXPECT_EQ(answer.status, 303);
    for (const auto& [name, value] : answer.headers) {
      if (name == "Location") return value;
    }
    return "";
  }
  static Visit got(const std::string& location) {
    const size_t question = location.find('?');
    return visit(location.substr(0, question), location.substr(question + 1));
  }

  test::FakeClock clock_;
  const Bounce bounce_{clock_};
};

TEST_F(BounceTest, what_was_posted_comes_with_the_get_and_cannot_be_read_on_the_way) {
  const std::string location = target("state=s-1&code=secret%2Fcode&iss=https%3A%2F%2Fidp");
  EXPECT_TRUE(location.starts_with("/callback/ctx?posted=")) << location;
  EXPECT_EQ(location.find("secret"), std::string::npos);
  EXPECT_EQ(location.find("s-1"), std::string::npos);
  const auto fields = bounce_.fields(got(location));
  ASSERT_TRUE(fields);
  EXPECT_EQ(fields->text("code"), "secret/code");
  EXPECT_EQ(fields->text("state"), "s-1");
  EXPECT_EQ(fields->text("iss"), "https://idp");
}

TEST_F(BounceTest, what_came_by_get_is_as_it_came) {
  const auto fields = bounce_.fields(visit("/callback/ctx", "state=s&code=c"));
  ASSERT_TRUE(fields);
  EXPECT_EQ(fields->text("code"), "c");
}

TEST_F(BounceTest, it_holds_for_its_path_its_process_and_a_minute) {
  const std::string location = target("state=s&code=c");
  Visit elsewhere = got(location);
  elsewhere.path = "/callback/other";
  EXPECT_FALSE(bounce_.fields(elsewhere));
  const Bounce restarted{clock_};
  EXPECT_FALSE(restarted.fields(got(location)));
  clock_.pass_seconds(60);
  EXPECT_TRUE(bounce_.fields(got(location)));
  clock_.pass_seconds(1);
  EXPECT_FALSE(bounce_.fields(got(location)));
}

TEST_F(BounceTest, nothing_else_is_taken_for_it) {
  const std::string location = target("state=s&code=c");
  EXPECT_FALSE(bounce_.fields(got(location + "&code=other"))) << "nothing stands beside it";
  for (const std::string sealed : {"A", "AAAA", "%00", "!", "x y"}) {
    EXPECT_FALSE(bounce_.fields(got("/callback/ctx?posted=" + sealed))) << sealed;
  }
  std::string changed = location;
  changed.back() = changed.back() == 'A' ? 'B' : 'A';
  EXPECT_FALSE(bounce_.fields(got(changed)));
}

TEST_F(BounceTest, what_no_address_can_hold_is_refused) {
  EXPECT_EQ(bounce_.turn(visit("/callback/ctx", "code=" + std::string(8000, 'c'))).status, 413);
}

}  // namespace
}  // namespace reeve
