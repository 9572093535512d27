#include "fetch/message.h"

#include <gtest/gtest.h>

#include "base/encoding.h"

namespace reeve {
namespace {

constexpr char kLimits[] =
    R"({"milliseconds":1000,"bytes":1000,"loopback_http":false,"private_addresses":false})";

std::variant<FetchRequest, BadParameter, FetchFailure> read(
    const std::string& method, const std::string& headers, const std::string& body,
    const std::string& limits = kLimits, const std::string& url = "https://a.example/") {
  auto json = parse_json(R"({"id":"","hold":false,"method":")" + method + R"(","url":")" + url +
                         R"(","headers":)" + headers + R"(,"body":)" + body + R"(,"limits":)" +
                         limits + "}");
  EXPECT_TRUE(json);
  return read_fetch_request(*json);
}

std::string bad(const std::variant<FetchRequest, BadParameter, FetchFailure>& read) {
  const auto* const parameter = std::get_if<BadParameter>(&read);
  return parameter == nullptr ? "" : parameter->name;
}

TEST(FetchRequest, is_read_whole) {
  auto result = read("POST", R"([{"name":"Accept","value":"application/json"}])",
                     "\"" + base64url("a=b") + "\"");
  auto* const request = std::get_if<FetchRequest>(&result);
  ASSERT_NE(request, nullptr);
  EXPECT_EQ(request->method, "POST");
  EXPECT_EQ(request->url.text, "https://a.example:443/");
  ASSERT_EQ(request->headers.size(), 1u);
  EXPECT_EQ(request->headers[0].value, "application/json");
  EXPECT_EQ(request->body->reveal(), "a=b");
  EXPECT_EQ(request->limits.milliseconds, 1000);
  EXPECT_TRUE(request->once);
  EXPECT_FALSE(request->address_rule().only_loopback);
}

TEST(FetchRequest, takes_the_body_out_of_the_call) {
  auto json = parse_json(
      R"({"method":"POST","url":"https://a.example/","headers":[],"body":"YQ","limits":)" +
      std::string(kLimits) + "}");
  ASSERT_TRUE(json);
  ASSERT_TRUE(std::holds_alternative<FetchRequest>(read_fetch_request(*json)));
  EXPECT_EQ(json->text("body"), "");
}

TEST(FetchRequest, has_one_of_three_methods) {
  for (const char* method : {"GET", "POST", "DELETE"}) {
    EXPECT_TRUE(std::holds_alternative<FetchRequest>(read(method, "[]", "null"))) << method;
  }
  for (const char* method : {"", "get", "PUT", "PATCH", "HEAD", "OPTIONS", "CONNECT", "TRACE",
                             "GET /x HTTP/1.1\\r\\n", "POST "}) {
    EXPECT_EQ(bad(read(method, "[]", "null")), "method") << method;
  }
}

TEST(FetchRequest, refuses_a_body_that_is_none) {
  EXPECT_EQ(bad(read("GET", "[]", "\"YQ\"")), "body");
  EXPECT_EQ(bad(read("POST", "[]", "\"YQ==\"")), "body");
  EXPECT_EQ(bad(read("POST", "[]", "\"Y\"")), "body");
  EXPECT_TRUE(std::holds_alternative<FetchRequest>(read("POST", "[]", "\"\"")));
  EXPECT_TRUE(std::holds_alternative<FetchRequest>(read("DELETE", "[]", "\"YQ\"")));
}

TEST(FetchRequest, refuses_headers_that_are_not_its_own) {
  for (const char* name :
       {"Host", "host", "Content-Length", "TRANSFER-ENCODING", "Connection", "Expect", "Upgrade",
        "TE", "Trailer", "Keep-Alive", "Accept-Encoding", "Proxy-Authorization", "", "a b", "a:b",
        "a\\r\\nb", "a\\u0000", "\\u00e4", "(x)"}) {
    const std::string header = R"([{"name":")" + std::string(name) + R"(","value":"x"}])";
    EXPECT_EQ(bad(read("GET", header, "null")), "headers") << name;
  }
}

TEST(FetchRequest, refuses_values_that_would_become_more_than_one_line) {
  for (const char* value :
       {"a\\r\\nX: y", "a\\nb", "a\\rb", "a\\u0000b", "a\\tb", "\\u007f", "\\u00e4", " a", "a "}) {
    const std::string header = R"([{"name":"X","value":")" + std::string(value) + R"("}])";
    EXPECT_EQ(bad(read("GET", header, "null")), "headers") << value;
  }
  EXPECT_TRUE(good_header_value(""));
  EXPECT_TRUE(good_header_value("Bearer a.b-c_d~e+f/g="));
}

TEST(FetchRequest, bounds_the_number_of_headers) {
  std::string headers;
  for (size_t i = 0; i < kRequestHeaders; ++i) headers += R"({"name":"X","value":"y"},)";
  const std::string full = "[" + headers.substr(0, headers.size() - 1) + "]";
  EXPECT_TRUE(std::holds_alternative<FetchRequest>(read("GET", full, "null")));
  EXPECT_EQ(bad(read("GET", "[" + headers + R"({"name":"X","value":"y"}])", "null")), "headers");
}

TEST(FetchRequest, keeps_limits_within_ours) {
  const auto limits = [](int64_t milliseconds, int64_t bytes) {
    return R"({"milliseconds":)" + std::to_string(milliseconds) + R"(,"bytes":)" +
           std::to_string(bytes) + R"(,"loopback_http":false,"private_addresses":false})";
  };
  auto result = read("GET", "[]", "null", limits(INT64_MAX, INT64_MAX));
  auto* const request = std::get_if<FetchRequest>(&result);
  ASSERT_NE(request, nullptr);
  EXPECT_EQ(request->limits.milliseconds, kMostMilliseconds);
  EXPECT_EQ(request->limits.bytes, kMostBodyBytes);
  EXPECT_EQ(bad(read("GET", "[]", "null", limits(0, 10))), "limits");
  EXPECT_EQ(bad(read("GET", "[]", "null", limits(-1, 10))), "limits");
  EXPECT_EQ(bad(read("GET", "[]", "null", limits(1, -1))), "limits");
}

TEST(FetchRequest, says_url_where_the_url_is_refused) {
  auto result = read("GET", "[]", "null", kLimits, "http://a.example/");
  auto* const failure = std::get_if<FetchFailure>(&result);
  ASSERT_NE(failure, nullptr);
  EXPECT_EQ(failure->reason, FailureReason::url);
  EXPECT_FALSE(failure->sent);
}

TEST(FetchAnswer, becomes_json_that_the_contract_names) {
  FetchAnswer answer;
  answer.status = 200;
  answer.headers.push_back({"content-type", "text/\"x\""});
  answer.body = Secret(std::string("a\0b", 3));
  const auto json = parse_json(to_json(answer));
  ASSERT_TRUE(json);
  EXPECT_EQ(json->integer("status"), 200);
  EXPECT_EQ(json->find("headers")->array()->at(0).text("value"), "text/\"x\"");
  EXPECT_EQ(base64url_decode(json->text("body")), std::string("a\0b", 3));
}

TEST(FetchFailure, becomes_json_that_the_contract_names) {
  const std::pair<FailureReason, const char*> words[] = {
      {FailureReason::address, "address"},
      {FailureReason::tls, "tls"},
      {FailureReason::timeout, "timeout"},
      {FailureReason::connect, "connect"},
      {FailureReason::too_large, "too_large"},
      {FailureReason::protocol, "protocol"},
      {FailureReason::url, "url"},
      {FailureReason::spool, "spool"},
      {FailureReason::lost, "lost"},
  };
  for (const auto& [reason, word] : words) {
    const FetchFailure failure{reason, "text", true};
    const auto json = parse_json(to_json(failure));
    ASSERT_TRUE(json);
    EXPECT_EQ(json->text("reason"), word);
    EXPECT_EQ(json->boolean("sent"), true);
  }
}

}  // namespace
}  // namespace reeve
