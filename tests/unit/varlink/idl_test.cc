#include "varlink/idl.h"

#include <gtest/gtest.h>

#include "varlink/interfaces.h"

namespace reeve::varlink {
namespace {

constexpr std::string_view kText = R"(# A comment.
interface io.example.Thing
type User (name: string, age: ?int)
type Color (red, green)
method Do(user: ?User, tags: []string, map: [string]int, color: ?Color, any: ?object, flag: bool) -> (x: float)
error Bad(why: string)
)";

TEST(Idl, reads_every_interface_of_the_project) {
  for (const auto text : {interfaces::io_reeve_Agent_varlink, interfaces::io_reeve_Binding_varlink,
                          interfaces::io_reeve_Admin_varlink, interfaces::io_reeve_Fetch_varlink}) {
    const auto interface = parse_interface(text);
    ASSERT_TRUE(interface) << interface.error().text;
    EXPECT_FALSE(interface->methods.empty());
  }
}

TEST(Idl, refuses_broken_texts_with_the_line) {
  for (const auto text : {"", "interface", "interface x.y\nmethod Do(", "interface x.y\nfoo Bar()",
                          "interface x.y\nmethod Do()", "interface x.y\ntype T (a: )",
                          "interface x.y\ntype T (a: int, b)"}) {
    const auto interface = parse_interface(text);
    ASSERT_FALSE(interface) << text;
    EXPECT_NE(interface.error().text.find("line"), std::string::npos);
  }
}

struct Case {
  std::string parameters, misfit;
};

TEST(Idl, names_the_first_parameter_that_does_not_fit) {
  const auto interface = parse_interface(kText);
  ASSERT_TRUE(interface);
  const auto& fields = interface->methods.at("Do").in;
  const std::string good = R"("tags":["a"],"map":{"k":1},"flag":true)";
  const Case cases[] = {
      {"{" + good + "}", ""},
      {"{" + good + R"(,"user":null,"any":{"x":[1]},"color":"red"})", ""},
      {"{" + good + R"(,"user":{"name":"a"}})", ""},
      {"{" + good + R"(,"user":{"name":"a","extra":1}})", "user.extra"},
      {"{" + good + R"(,"user":{"name":1}})", "user.name"},
      {"{" + good + R"(,"user":{"name":"a","age":"7"}})", "user.age"},
      {"{" + good + R"(,"user":[]})", "user"},
      {"{" + good + R"(,"color":"blue"})", "color"},
      {"{" + good + R"(,"any":3})", "any"},
      {"{" + good + R"(,"other":3})", "other"},
      {R"({"tags":[1],"map":{},"flag":true})", "tags"},
      {R"({"tags":[],"map":{"k":"v"},"flag":true})", "map"},
      {R"({"tags":[],"map":{},"flag":1})", "flag"},
      {R"({"tags":[],"map":{}})", "flag"},
      {"[]", "parameters"},
  };
  for (const Case& c : cases) {
    const auto parameters = parse_json(c.parameters);
    ASSERT_TRUE(parameters) << c.parameters;
    EXPECT_EQ(misfit(*parameters, fields, *interface), c.misfit) << c.parameters;
  }
}

}  // namespace
}  // namespace reeve::varlink
