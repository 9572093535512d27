#include "bind/gate.h"

#include <gtest/gtest.h>

#include "bind/csrf.h"
#include "crypto/random.h"

namespace reeve {
namespace {

class Gate : public testing::Test {
 protected:
  Request get(std::string target) const {
    return {"GET", std::move(target), {{"Host", "agents.example.com"}}, {}};
  }
  Request post(const std::string& path, const std::string& fields = "") const {
    Request request{"POST", path, {{"Host", "agents.example.com"}}, {}};
    request.headers.emplace_back("Origin", "https://agents.example.com");
    request.headers.emplace_back("Sec-Fetch-Site", "same-origin");
    request.headers.emplace_back("Content-Type", "application/x-www-form-urlencoded");
    request.headers.emplace_back("Cookie",
                                 "__Host-reeve-browser=" + std::string(browser_.reveal()));
    request.body = "csrf=" + csrf_token(browser_, path) + "&" + fields;
    return request;
  }
  static void set(Request& request, const std::string& name, const std::string& value) {
    drop(request, name);
    request.headers.emplace_back(name, value);
  }
  static void drop(Request& request, const std::string& name) {
    std::erase_if(request.headers, [&name](const auto& header) { return header.first == name; });
  }
  // 0: admitted.
  int judge(const Request& request) const {
    const auto admitted = admit(site_, request);
    const auto* refusal = std::get_if<Answer>(&admitted);
    return refusal == nullptr ? 0 : refusal->status;
  }

  const Site site_ = *parse_site("https://agents.example.com");
  const Secret browser_ = random_token();
};

TEST_F(Gate, admits_what_browsers_send) {
  EXPECT_EQ(judge(get("/connect/abc")), 0);
  EXPECT_EQ(judge(post("/connect/abc", "action=continue&digest=x")), 0);
  EXPECT_EQ(judge(get("/connect/abc?utm_source=mail")), 0);
}

TEST_F(Gate, a_visit_holds_what_was_sent) {
  auto admitted = admit(site_, post("/connect/abc", "action=continue"));
  const Visit* visit = std::get_if<Visit>(&admitted);
  ASSERT_NE(visit, nullptr);
  EXPECT_TRUE(visit->post);
  EXPECT_EQ(visit->path, "/connect/abc");
  EXPECT_EQ(visit->route.argument, "abc");
  EXPECT_EQ(visit->fields.text("action"), "continue");
  EXPECT_TRUE(visit->cookies.browser.equals(browser_.reveal()));
}

// A provider's form_post and an issuer's logout token: no cookie, no Origin of ours, no form token.
TEST_F(Gate, what_comes_from_elsewhere_by_its_nature_needs_a_form_and_the_host) {
  for (const char* path : {"/callback/abc", "/backchannel-logout"}) {
    Request request{"POST", path, {{"Host", "agents.example.com"}}, "state=s&logout_token=t"};
    EXPECT_EQ(judge(request), 415);
    request.headers.emplace_back("Content-Type", "application/x-www-form-urlencoded");
    EXPECT_EQ(judge(request), 0);
    set(request, "Origin", "https://idp.example");
    set(request, "Sec-Fetch-Site", "cross-site");
    EXPECT_EQ(judge(request), 0);
    request.body = "state=s&state=s";
    EXPECT_EQ(judge(request), 400);
    request.body = "state=s";
    set(request, "Host", "evil.example");
    EXPECT_EQ(judge(request), 421);
  }
}

TEST_F(Gate, the_host_is_exactly_ours) {
  for (const char* host : {"", "localhost", "agents.example.com.", "agents.example.com:443",
                           "AGENTS.example.com", "127.0.0.1", "evil.agents.example.com"}) {
    Request request = get("/connect/abc");
    set(request, "Host", host);
    EXPECT_EQ(judge(request), 421) << host;
  }
  Request none = get("/");
  drop(none, "Host");
  EXPECT_EQ(judge(none), 421);
  Request twice = get("/");
  twice.headers.emplace_back("host", "agents.example.com");
  EXPECT_EQ(judge(twice), 400);
}

TEST_F(Gate, every_path_has_its_methods) {
  for (const char* method : {"PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "CONNECT", "get", "X"}) {
    Request request = get("/connect/abc");
    request.method = method;
    const auto admitted = admit(site_, request);
    const auto* refusal = std::get_if<Answer>(&admitted);
    ASSERT_NE(refusal, nullptr) << method;
    EXPECT_EQ(refusal->status, 405) << method;
    ASSERT_FALSE(refusal->headers.empty());
    EXPECT_EQ(refusal->headers.back().first, "Allow");
    EXPECT_EQ(refusal->headers.back().second, "GET, HEAD, POST");
  }
  EXPECT_EQ(judge(get("/signin")), 405);
  EXPECT_EQ(judge(get("/signout")), 405);
  EXPECT_EQ(judge(get("/backchannel-logout")), 405);
  EXPECT_EQ(judge(post("/style.css")), 405);
  Request head = get("/signin");
  head.method = "HEAD";
  EXPECT_EQ(judge(head), 405);
}

TEST_F(Gate, a_post_comes_from_our_own_origin) {
  for (const char* origin : {"null", "https://evil.example", "http://agents.example.com", "",
                             "https://agents.example.com:8443", "https://agents.example.com/"}) {
    Request request = post("/signout");
    set(request, "Origin", origin);
    EXPECT_EQ(judge(request), 403) << origin;
  }
  for (const char* place : {"cross-site", "same-site", "none", ""}) {
    Request request = post("/signout");
    set(request, "Sec-Fetch-Site", place);
    EXPECT_EQ(judge(request), 403) << place;
  }
}

TEST_F(Gate, one_of_the_two_marks_of_origin_is_enough_and_none_is_not) {
  Request without_metadata = post("/signout");
  drop(without_metadata, "Sec-Fetch-Site");
  EXPECT_EQ(judge(without_metadata), 0);
  Request without_origin = post("/signout");
  drop(without_origin, "Origin");
  EXPECT_EQ(judge(without_origin), 0);
  drop(without_origin, "Sec-Fetch-Site");
  EXPECT_EQ(judge(without_origin), 403);
}

TEST_F(Gate, a_post_carries_the_token_of_its_form) {
  Request request = post("/connect/abc");
  request.body = "csrf=" + csrf_token(browser_, "/connect/other");
  EXPECT_EQ(judge(request), 403);
  request.body = "csrf=" + csrf_token(random_token(), "/connect/abc");
  EXPECT_EQ(judge(request), 403);
  request.body = "";
  EXPECT_EQ(judge(request), 403);
  Request without_cookie = post("/connect/abc");
  drop(without_cookie, "Cookie");
  EXPECT_EQ(judge(without_cookie), 403);
}

TEST_F(Gate, a_post_is_a_plain_form) {
  for (const char* type : {"", "text/plain", "application/json", "multipart/form-data; boundary=x",
                           "application/x-www-form-urlencoded; charset=utf-16"}) {
    Request request = post("/signout");
    set(request, "Content-Type", type);
    EXPECT_EQ(judge(request), 415) << type;
  }
  Request charset = post("/signout");
  set(charset, "Content-Type", "Application/X-WWW-Form-Urlencoded; Charset=UTF-8");
  EXPECT_EQ(judge(charset), 0);
}

TEST_F(Gate, doubled_parameters_are_refused_wherever_they_stand) {
  EXPECT_EQ(judge(get("/callback/c?state=s&code=a&code=b")), 400);
  EXPECT_EQ(judge(get("/callback/c?state=s&state=s")), 400);
  EXPECT_EQ(judge(get("/callback/c?state=s&scope=a&scope=b")), 400);
  EXPECT_EQ(judge(get("/connect/abc?x=1&x=2")), 400);
  EXPECT_EQ(judge(post("/connect/abc", "action=continue&action=decline")), 400);
  EXPECT_EQ(judge(post("/connect/abc", "csrf=x")), 400);
}

TEST_F(Gate, odd_octets_are_refused) {
  EXPECT_EQ(judge(get("/connect/abc?x=%")), 400);
  EXPECT_EQ(judge(get("/connect/abc?\xC3\xA4=1")), 400);
  EXPECT_EQ(judge(get("/connect/a\nb")), 400);
  EXPECT_EQ(judge(get("http://agents.example.com/connect/abc")), 400);
  EXPECT_EQ(judge(get("*")), 400);
  EXPECT_EQ(judge(get("")), 400);
  Request request = get("/");
  request.headers.emplace_back("X-Any", std::string("a\0b", 3));
  EXPECT_EQ(judge(request), 400);
  EXPECT_EQ(judge(post("/connect/abc", "action=a%0D%0Ab")), 400);
  EXPECT_EQ(judge(post("/connect/abc", "action=%C3%A4")), 400);
}

TEST_F(Gate, too_much_is_refused) {
  EXPECT_EQ(judge(get("/connect/abc?" + std::string(9000, 'x'))), 414);
  Request request = get("/connect/abc");
  request.headers.emplace_back("X-Any", std::string(40000, 'x'));
  EXPECT_EQ(judge(request), 431);
  EXPECT_EQ(judge(post("/connect/abc", "action=" + std::string(5000, 'x'))), 400);
}

TEST_F(Gate, tossed_cookies_are_refused) {
  Request request = get("/connect/abc");
  const std::string cookie = "__Host-reeve-browser=" + std::string(browser_.reveal());
  request.headers.emplace_back("Cookie", cookie);
  EXPECT_EQ(judge(request), 0);
  request.headers.emplace_back("Cookie", cookie);
  EXPECT_EQ(judge(request), 400);
}

TEST_F(Gate, a_prefetch_gets_nothing) {
  for (const auto& [name, value] : Headers{{"Sec-Purpose", "prefetch"},
                                           {"Sec-Purpose", "prefetch;prerender"},
                                           {"Purpose", "prefetch"},
                                           {"X-Moz", "prefetch"},
                                           {"X-Purpose", "preview"}}) {
    Request request = get("/connect/abc");
    request.headers.emplace_back(name, value);
    EXPECT_EQ(judge(request), 204) << name;
  }
}

TEST_F(Gate, pages_are_opened_and_neither_embedded_nor_fetched_by_others) {
  Request request = get("/callback/c?state=s");
  request.headers.emplace_back("Sec-Fetch-Site", "cross-site");
  request.headers.emplace_back("Sec-Fetch-Mode", "navigate");
  request.headers.emplace_back("Sec-Fetch-Dest", "document");
  EXPECT_EQ(judge(request), 0);
  for (const char* place : {"iframe", "frame", "embed", "object", "image", "empty", "script"}) {
    set(request, "Sec-Fetch-Dest", place);
    EXPECT_EQ(judge(request), 403) << place;
  }
  set(request, "Sec-Fetch-Dest", "document");
  for (const char* mode : {"no-cors", "cors", "websocket"}) {
    set(request, "Sec-Fetch-Mode", mode);
    EXPECT_EQ(judge(request), 403) << mode;
  }
}

TEST_F(Gate, a_get_has_no_body) {
  Request request = get("/connect/abc");
  request.body = "x=y";
  EXPECT_EQ(judge(request), 400);
}

TEST_F(Gate, no_refusal_repeats_what_was_sent) {
  for (const std::string target : {"/echo-me", "/connect/echo-me?%", "/callback/echo-me?a=1&a=2"}) {
    const auto admitted = admit(site_, get(target));
    const auto* refusal = std::get_if<Answer>(&admitted);
    ASSERT_NE(refusal, nullptr);
    EXPECT_EQ(refusal->body.find("echo-me"), std::string::npos);
  }
}

}  // namespace
}  // namespace reeve
