#include "oauth/pointer.h"

#include <gtest/gtest.h>

namespace reeve {
namespace {

TEST(Pointer, finds_members_and_elements) {
  // The names of RFC 6901 section 5.
  const auto json = parse_json(R"({"foo":["bar",{"x":7}],"":0,"a/b":1,"m~n":8," ":7})");
  ASSERT_TRUE(json);
  EXPECT_EQ(at_pointer(*json, ""), &*json);
  EXPECT_EQ(*at_pointer(*json, "/foo/0")->string(), "bar");
  EXPECT_EQ(at_pointer(*json, "/foo/1/x")->integer(), 7);
  EXPECT_EQ(at_pointer(*json, "/")->integer(), 0);
  EXPECT_EQ(at_pointer(*json, "/a~1b")->integer(), 1);
  EXPECT_EQ(at_pointer(*json, "/m~0n")->integer(), 8);
  EXPECT_EQ(at_pointer(*json, "/ ")->integer(), 7);
}

TEST(Pointer, finds_nothing_where_nothing_is) {
  const auto json = parse_json(R"({"foo":["bar"],"text":"x"})");
  for (const char* pointer : {"/bar", "/foo/1", "/foo/00", "/foo/-", "/foo/x", "/foo/", "/text/0",
                              "/foo/0/x", "/foo/99999999999999999999", "foo", "/foo~", "/fo~2o"}) {
    EXPECT_EQ(at_pointer(*json, pointer), nullptr) << pointer;
  }
}

TEST(Pointer, knows_broken_pointers) {
  for (const char* pointer : {"", "/", "/a", "/a~0~1"}) EXPECT_TRUE(valid_pointer(pointer));
  for (const char* pointer : {"a", "~", "/~", "/a~2", "/a~"}) {
    EXPECT_FALSE(valid_pointer(pointer)) << pointer;
  }
  EXPECT_FALSE(valid_pointer(std::string(257, '/')));
}

}  // namespace
}  // namespace reeve
