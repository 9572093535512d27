// The binder over real sockets: a raw HTTP client on one side, a scripted reeved on the other.
#include "bind/binder.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "base/json_writer.h"
#include "bind/csrf.h"
#include "bind/http_server.h"
#include "bind/listen_tcp.h"
#include "crypto/random.h"
#include "support/fake_clock.h"
#include "support/run.h"
#include "world.h"

namespace reeve {
namespace {

using test::HttpReply;
using test::ScriptedReeved;

const std::string kState(43, 's');
const std::string kFlowSecret(43, 'f');
const std::string kRedirect =
    R"({"authorize_url":"https://idp.example/authorize?client_id=c&state=)" + kState +
    R"(","flow":")" + kFlowSecret + R"("})";
const std::string kReady = R"({"status":"ready","user":"alice","page":{"workload":"triage-bot",
  "provider":"github","scopes":["repo"],"phrase":"amber otter","user":"alice","digest":"dig-1",
  "expires_at":1800000540}})";

class BinderWalk : public testing::Test {
 protected:
  BinderWalk() {
    char pattern[] = "/tmp/reeve-bind-XXXXXX";
    directory_ = ::mkdtemp(pattern);
    restart_reeved();
    auto fd = listen_tcp("127.0.0.1:0");
    port_ = listening_port(fd->get());
    site_ = *parse_site("http://127.0.0.1:" + std::to_string(port_));
    client_ = std::make_unique<BindingClient>(loop_, directory_ + "/bind.sock",
                                              BindingDeadlines{5000, 100});
    binder_ = std::make_unique<Binder>(site_, *client_, clock_);
    server_ = *HttpServer::start(loop_, site_, std::move(*fd), {}, [this](Request request) {
      return binder_->answer(std::move(request));
    });
  }
  ~BinderWalk() override { std::filesystem::remove_all(directory_); }

  void restart_reeved() {
    reeved_ = std::make_unique<ScriptedReeved>(loop_, directory_ + "/bind.sock");
  }
  HttpReply send(const std::string& line, const std::string& headers,
                 const std::string& body = "") {
    std::string octets = line + " HTTP/1.1\r\nHost: " + site_.authority + "\r\n" + headers;
    if (!body.empty()) octets += "Content-Length: " + std::to_string(body.size()) + "\r\n";
    return test::run(loop_, test::exchange(loop_, port_, octets + "\r\n" + body));
  }
  std::string cookie() const {
    return "Cookie: __Host-reeve-browser=" + std::string(browser_.reveal()) + "\r\n";
  }
  HttpReply get(const std::string& target) { return send("GET " + target, cookie()); }
  HttpReply post(const std::string& path, const std::string& fields) {
    return send("POST " + path,
                cookie() + "Origin: " + site_.origin +
                    "\r\nContent-Type: application/x-www-form-urlencoded\r\n",
                "csrf=" + csrf_token(browser_, path) + (fields.empty() ? "" : "&") + fields);
  }
  HttpReply callback(const std::string& query, const std::string& path = "/callback/ctx") {
    return send("GET " + path + "?" + query,
                "Cookie: __Host-reeve-browser=" + std::string(browser_.reveal()) +
                    "; __Host-reeve-flow-" + flow_id(kState) + "=" + kFlowSecret + "\r\n");
  }
  const Json& last() const { return reeved_->seen().back().parameters; }

  Loop loop_;
  test::FakeClock clock_;
  std::string directory_;
  std::unique_ptr<ScriptedReeved> reeved_;
  int port_ = 0;
  Site site_;
  std::unique_ptr<BindingClient> client_;
  std::unique_ptr<Binder> binder_;
  std::unique_ptr<HttpServer> server_;
  const Secret browser_ = random_token();
};

bool says(const HttpReply& reply, std::string_view text) {
  return reply.body.find(text) != reply.body.npos;
}

TEST_F(BinderWalk, a_new_browser_is_asked_to_sign_in_and_gets_its_cookie) {
  reeved_->on("Describe", R"({"status":"sign_in","issuer":"https://login.example.com"})");
  const HttpReply reply = send("GET /connect/ticket-1", "");
  EXPECT_EQ(reply.status, 200);
  EXPECT_TRUE(says(reply, "Sign in"));
  ASSERT_EQ(reply.cookies().size(), 1u);
  const std::string set = reply.cookies()[0];
  EXPECT_TRUE(set.ends_with("; Path=/; Secure; HttpOnly; SameSite=Lax")) << set;
  const auto cookies = parse_cookies(set.substr(0, set.find(';')));
  ASSERT_TRUE(cookies);
  // What reeved was told and what the form's token was made of is what the browser now holds.
  EXPECT_EQ(last().text("browser"), cookies->browser.reveal());
  EXPECT_EQ(last().text("ticket"), "ticket-1");
  EXPECT_TRUE(says(reply, csrf_token(cookies->browser, "/signin")));
}

// T19.
TEST_F(BinderWalk, tells_with_every_call_where_the_browser_s_connection_comes_from) {
  reeved_->on("Describe", kReady);
  reeved_->on("Connections", R"({"user":"alice","connections":[]})");
  for (const char* path : {"/connect/ticket-1", "/connections"}) {
    get(path);
    EXPECT_EQ(last().text("address"), "127.0.0.1") << path;
    EXPECT_GT(last().integer("port").value_or(0), 1023) << path;
    EXPECT_NE(last().integer("port"), port_) << path;
  }
}

TEST_F(BinderWalk, a_user_of_this_host_signs_in_by_a_form_and_never_by_opening_a_link) {
  const std::string code(43, 'c');
  const HttpReply shown = get("/signin/unix?code=" + code + "&next=%2Fconnections");
  EXPECT_EQ(shown.status, 200);
  EXPECT_TRUE(says(shown, "value=\"" + code + "\""));
  EXPECT_TRUE(reeved_->seen().empty());
  reeved_->on("SignInUnix", R"({"new_browser":")" + std::string(43, 'w') + R"("})");
  const HttpReply reply = post("/signin/unix", "code=" + code + "&next=%2Fconnections");
  EXPECT_EQ(reply.status, 303);
  EXPECT_EQ(reply.header("Location"), "/connections");
  EXPECT_EQ(last().text("code"), code);
  EXPECT_EQ(last().text("address"), "127.0.0.1");
  ASSERT_EQ(reply.cookies().size(), 1u);
  EXPECT_TRUE(reply.cookies()[0].starts_with("__Host-reeve-browser=" + std::string(43, 'w')));
  for (const char* bad : {"code=x&next=%2Fconnections", "next=%2Fconnections"})
    EXPECT_EQ(post("/signin/unix", bad).status, 400) << bad;
  for (const char* next : {"https%3A%2F%2Fevil.example", "%2F%2Fevil.example", "%2Fsignin", ""})
    EXPECT_EQ(post("/signin/unix", "code=" + code + "&next=" + next).status, 400) << next;
}

TEST_F(BinderWalk, who_has_no_code_is_told_how_to_get_one) {
  reeved_->on("Describe", R"({"status":"sign_in","issuer":"unix"})");
  EXPECT_TRUE(
      says(get("/connect/ticket-1"), "reeve sign-in " + site_.origin + "/connect/ticket-1"));
  reeved_->fails("SignIn", "FlowRefused", R"({"reason":"unix"})");
  EXPECT_TRUE(says(post("/signin", "next=%2Fconnections"), "reeve sign-in " + site_.origin));
  reeved_->fails("SignInUnix", "FlowRefused", R"({"reason":"code"})");
  const std::string code(43, 'c');
  EXPECT_TRUE(
      says(post("/signin/unix", "code=" + code + "&next=%2Fconnections"), "reeve sign-in "));
  reeved_->fails("SignInUnix", "FlowRefused", R"({"reason":"socket_owner"})");
  EXPECT_TRUE(says(post("/signin/unix", "code=" + code + "&next=%2Fconnections"), "was stopped"));
}

TEST_F(BinderWalk, a_known_browser_keeps_its_cookie) {
  reeved_->on("Describe", kReady);
  const HttpReply reply = get("/connect/ticket-1");
  EXPECT_TRUE(reply.cookies().empty());
  EXPECT_EQ(last().text("browser"), browser_.reveal());
}

TEST_F(BinderWalk, a_question_is_shown_and_asked_once) {
  reeved_->on("Describe", kReady);
  const HttpReply reply = get("/connect/ticket-1");
  EXPECT_EQ(reply.status, 200);
  EXPECT_TRUE(says(reply, "amber otter"));
  EXPECT_TRUE(says(reply, "9 minutes"));
  EXPECT_EQ(reply.header("Referrer-Policy"), "same-origin");
  EXPECT_EQ(reeved_->seen().size(), 1u);
}

TEST_F(BinderWalk, each_status_has_its_page) {
  const std::pair<const char*, const char*> known[] = {
      {R"({"status":"sign_in_elsewhere","issuer":"https://b.example","user":"alice"})",
       "at another place"},
      {R"({"status":"wrong_user","user":"mallory"})", "This link is for somebody else"},
      {R"({"status":"finished","outcome":"declined","user":"alice"})", "<h1>Declined</h1>"},
      {R"({"status":"finished","outcome":"granted"})", "<h1>Connected</h1>"},
      {R"({"status":"ready"})", "Something went wrong"},
      {R"({"status":"unheard-of"})", "Something went wrong"},
      {R"({})", "Something went wrong"}};
  for (const auto& [answer, words] : known) {
    reeved_->on("Describe", answer);
    EXPECT_TRUE(says(get("/connect/ticket-1"), words)) << words;
  }
}

TEST_F(BinderWalk, a_link_whose_account_is_to_be_confirmed_leads_there) {
  reeved_->on("Describe", R"({"status":"under_way","user":"alice","handle":"handle-1"})");
  const HttpReply reply = get("/connect/ticket-1");
  EXPECT_EQ(reply.status, 303);
  EXPECT_EQ(reply.header("Location"), "/done/handle-1");
  for (const char* bad :
       {R"({"status":"under_way"})", R"({"status":"under_way","handle":"//evil.example"})"}) {
    reeved_->on("Describe", bad);
    EXPECT_EQ(get("/connect/ticket-1").status, 500) << bad;
  }
}

TEST_F(BinderWalk, a_bad_ticket_has_its_page_and_makes_no_cookie) {
  for (const auto& [reason, status] :
       {std::pair("unknown", 404), {"expired", 410}, {"used", 410}}) {
    reeved_->fails("Describe", "TicketInvalid", std::string(R"({"reason":")") + reason + "\"}");
    const HttpReply reply = send("GET /connect/ticket-1", "");
    EXPECT_EQ(reply.status, status);
    EXPECT_TRUE(reply.cookies().empty());
  }
}

TEST_F(BinderWalk, continue_goes_on_to_the_provider_with_a_cookie_for_the_flow) {
  reeved_->on("Start", kRedirect);
  const HttpReply reply = post("/connect/ticket-1", "action=continue&digest=dig-1");
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.header("Refresh"),
            "0;url=https://idp.example/authorize?client_id=c&state=" + kState);
  EXPECT_EQ(reply.header("Referrer-Policy"), "no-referrer");
  ASSERT_EQ(reply.cookies().size(), 1u);
  EXPECT_EQ(reply.cookies()[0], set_flow_cookie(flow_id(kState), kFlowSecret));
  EXPECT_EQ(last().text("digest"), "dig-1");
  EXPECT_EQ(last().text("browser"), browser_.reveal());
}

TEST_F(BinderWalk, a_pushed_request_names_its_flow_itself) {
  reeved_->on("Start", R"({"authorize_url":"https://idp.example/a?request_uri=urn:x","flow":")" +
                           kFlowSecret + R"(","flow_id":"AbCd_-12"})");
  const HttpReply reply = post("/connect/ticket-1", "action=continue&digest=dig-1");
  ASSERT_EQ(reply.cookies().size(), 1u);
  EXPECT_TRUE(reply.cookies()[0].starts_with("__Host-reeve-flow-AbCd_-12="));
}

TEST_F(BinderWalk, a_redirect_that_cannot_be_followed_is_an_error) {
  for (const char* answer :
       {R"({})", R"({"authorize_url":"javascript:x?state=a","flow":"ffffffffffffffff"})",
        R"({"authorize_url":"https://a.example/","flow":"ffffffffffffffff"})",
        R"({"authorize_url":"https://a.example/?state=a","flow":"short"})",
        R"({"authorize_url":"https://a.example/","flow":"ffffffffffffffff","flow_id":"a;b=c; x"})",
        R"({"authorize_url":"https://a.example/?state=a","flow":"ffffffffffffffff; Domain=x"})"}) {
    reeved_->on("Start", answer);
    const HttpReply reply = post("/connect/ticket-1", "action=continue&digest=dig-1");
    EXPECT_EQ(reply.status, 500) << answer;
    EXPECT_TRUE(reply.cookies().empty());
    EXPECT_EQ(reply.header("Refresh"), "");
  }
}

TEST_F(BinderWalk, continue_is_passed_on_without_asking_who_it_is_first) {
  reeved_->fails("Start", "FlowRefused", R"({"reason":"wrong_user"})");
  EXPECT_EQ(post("/connect/ticket-1", "action=continue&digest=dig-1").status, 403);
  EXPECT_EQ(reeved_->count("Start"), 1u);
  EXPECT_EQ(reeved_->count("Describe"), 0u);
}

TEST_F(BinderWalk, a_changed_question_is_shown_again) {
  reeved_->fails("Start", "FlowRefused", R"({"reason":"changed"})");
  const HttpReply reply = post("/connect/ticket-1", "action=continue&digest=dig-1");
  EXPECT_EQ(reply.status, 403);
  EXPECT_TRUE(says(reply, "href=\"/connect/ticket-1\""));
}

TEST_F(BinderWalk, whoever_is_not_signed_in_any_more_is_shown_the_way) {
  for (const char* method : {"Start", "Decline"}) reeved_->fails(method, "NotSignedIn");
  for (const char* fields : {"action=continue&digest=d", "action=decline"}) {
    const HttpReply reply = post("/connect/ticket-1", fields);
    EXPECT_EQ(reply.status, 303);
    EXPECT_EQ(reply.header("Location"), "/connect/ticket-1");
  }
}

TEST_F(BinderWalk, decline_ends_at_a_page_or_at_the_return_url) {
  reeved_->on("Decline", "{}");
  EXPECT_TRUE(says(post("/connect/ticket-1", "action=decline"), "<h1>Declined</h1>"));
  reeved_->on("Decline", R"({"next":"https://chat.example.com/connected?state=x"})");
  EXPECT_EQ(post("/connect/ticket-1", "action=decline").header("Refresh"),
            "0;url=https://chat.example.com/connected?state=x");
}

TEST_F(BinderWalk, an_answer_that_is_neither_is_refused) {
  for (const char* fields : {"", "action=maybe", "action=continue", "action=continue&digest=a/b",
                             "action=continue&action=decline"}) {
    EXPECT_EQ(post("/connect/ticket-1", fields).status, 400) << fields;
  }
  EXPECT_TRUE(reeved_->seen().empty());
}

TEST_F(BinderWalk, sign_in_goes_to_the_issuer) {
  reeved_->on("SignIn", kRedirect);
  const HttpReply reply =
      post("/signin", "next=%2Fconnect%2Fticket-1&issuer=https%3A%2F%2Flogin.example.com");
  EXPECT_TRUE(reply.header("Refresh").starts_with("0;url=https://idp.example/"));
  EXPECT_EQ(last().text("next"), "/connect/ticket-1");
  EXPECT_EQ(last().text("issuer"), "https://login.example.com");
  EXPECT_FALSE(last().boolean("other_user"));
}

TEST_F(BinderWalk, somebody_else_is_said_to_be_so) {
  reeved_->on("SignIn", kRedirect);
  post("/signin", "next=%2Fconnections&other_user=yes");
  EXPECT_EQ(last().boolean("other_user"), true);
  EXPECT_EQ(last().find("issuer"), nullptr);
}

TEST_F(BinderWalk, sign_in_leads_nowhere_else) {
  for (const char* next : {"", "%2F%2Fevil.example", "https%3A%2F%2Fevil.example", "%2Fsignout",
                           "%2Fcallback%2Fx", "%2Fconnect%2Fa%3Fb"}) {
    EXPECT_EQ(post("/signin", std::string("next=") + next).status, 400) << next;
  }
  EXPECT_TRUE(reeved_->seen().empty());
}

TEST_F(BinderWalk, what_came_back_is_relayed_exactly) {
  reeved_->on("Return", R"({"outcome":"pending","handle":"handle-1"})");
  const HttpReply reply = callback("code=a%2Fb&state=" + kState + "&iss=https%3A%2F%2Fidp&scope=x");
  EXPECT_EQ(reply.status, 303);
  EXPECT_EQ(reply.header("Location"), "/done/handle-1");
  EXPECT_EQ(reply.header("Referrer-Policy"), "no-referrer");
  EXPECT_EQ(last().text("redirect"), site_.origin + "/callback/ctx");
  EXPECT_EQ(last().text("browser"), browser_.reveal());
  EXPECT_EQ(last().text("flow"), kFlowSecret);
  EXPECT_EQ(last().text("state"), kState);
  EXPECT_EQ(last().text("code"), "a/b");
  EXPECT_EQ(last().text("iss"), "https://idp");
  EXPECT_EQ(last().find("error"), nullptr);
  EXPECT_EQ(last().find("scope"), nullptr);
  // The flow's cookie is spent.
  ASSERT_EQ(reply.cookies().size(), 1u);
  EXPECT_EQ(reply.cookies()[0], drop_flow_cookie(flow_id(kState)));
}

// OAuth 2.0 Form Post Response Mode: the POST comes without our cookies and reaches nobody.
TEST_F(BinderWalk, a_posted_callback_turns_round_and_is_relayed_with_its_cookies) {
  reeved_->on("Return", R"({"outcome":"pending","handle":"handle-1"})");
  const HttpReply turned =
      send("POST /callback/ctx",
           "Origin: https://idp.example\r\nContent-Type: application/x-www-form-urlencoded\r\n",
           "code=a%2Fb&state=" + kState);
  EXPECT_EQ(turned.status, 303);
  EXPECT_TRUE(reeved_->seen().empty());
  EXPECT_TRUE(turned.cookies().empty());
  const std::string location = turned.header("Location");
  const HttpReply reply = callback(location.substr(location.find('?') + 1));
  EXPECT_EQ(reply.header("Location"), "/done/handle-1");
  EXPECT_EQ(last().text("code"), "a/b");
  EXPECT_EQ(last().text("state"), kState);
  EXPECT_EQ(last().text("flow"), kFlowSecret);
  EXPECT_EQ(callback("posted=AAAA").status, 400);
  EXPECT_EQ(reeved_->count("Return"), 1u);
}

// OpenID Connect Back-Channel Logout 1.0 section 2.8.
TEST_F(BinderWalk, an_issuers_logout_token_is_relayed_and_answered_by_200_or_400) {
  const auto bring = [this](const std::string& body) {
    return send("POST /backchannel-logout", "Content-Type: application/x-www-form-urlencoded\r\n",
                body);
  };
  reeved_->on("LogoutToken", R"({"ended":1})");
  const HttpReply taken = bring("logout_token=a.b.c");
  EXPECT_EQ(taken.status, 200);
  EXPECT_EQ(taken.header("Cache-Control"), "no-store");
  EXPECT_EQ(last().text("logout_token"), "a.b.c");
  EXPECT_EQ(bring("other=a.b.c").status, 400);
  EXPECT_EQ(bring("logout_token=a&logout_token=b").status, 400);
  EXPECT_EQ(reeved_->count("LogoutToken"), 1u);
  reeved_->fails("LogoutToken", "FlowRefused", R"({"reason":"logout_token:aud"})");
  const HttpReply refused = bring("logout_token=a.b.c");
  EXPECT_EQ(refused.status, 400);
  EXPECT_EQ(refused.body, R"({"error":"invalid_request"})");
  reeved_->fails("LogoutToken", "Unavailable", R"({"reason":"x"})");
  EXPECT_EQ(bring("logout_token=a.b.c").status, 400);
}

TEST_F(BinderWalk, a_sign_in_renews_the_browser_and_goes_on) {
  const std::string renewed(random_token().reveal());
  reeved_->on("Return", R"({"outcome":"signed_in","next":"/connect/ticket-1","new_browser":")" +
                            renewed + "\"}");
  const HttpReply reply = callback("code=a&state=" + kState, "/signin/callback/corp");
  EXPECT_EQ(reply.status, 303);
  EXPECT_EQ(reply.header("Location"), "/connect/ticket-1");
  EXPECT_EQ(last().text("redirect"), site_.origin + "/signin/callback/corp");
  ASSERT_EQ(reply.cookies().size(), 2u);
  EXPECT_EQ(reply.cookies()[1], set_browser_cookie(Secret::copy_of(renewed)));
}

TEST_F(BinderWalk, a_sign_in_is_never_sent_elsewhere_even_by_reeved) {
  for (const char* next : {"//evil.example", "https://evil.example/", "", "/signout"}) {
    reeved_->on("Return", std::string(R"({"outcome":"signed_in","next":")") + next + "\"}");
    EXPECT_EQ(callback("code=a&state=" + kState).header("Location"), "/connections") << next;
  }
}

TEST_F(BinderWalk, a_callback_without_cookies_is_relayed_so_that_the_flow_is_burnt) {
  reeved_->fails("Return", "FlowRefused", R"({"reason":"browser"})");
  const HttpReply reply = send("GET /callback/ctx?code=a&state=" + kState, "");
  EXPECT_EQ(reply.status, 303);
  EXPECT_EQ(reply.header("Location"), "/refused");
  EXPECT_TRUE(reply.cookies().empty());
  EXPECT_EQ(last().text("browser"), "");
  EXPECT_EQ(last().find("flow"), nullptr);
}

TEST_F(BinderWalk, another_flows_cookie_is_not_taken_for_it) {
  reeved_->fails("Return", "FlowRefused", R"({"reason":"flow"})");
  send("GET /callback/ctx?code=a&state=" + kState,
       "Cookie: __Host-reeve-browser=" + std::string(browser_.reveal()) +
           "; __Host-reeve-flow-AAAAAAAA=" + kFlowSecret + "\r\n");
  EXPECT_EQ(last().find("flow"), nullptr);
}

TEST_F(BinderWalk, an_answer_of_error_is_relayed_and_its_description_cleaned) {
  reeved_->on("Return", R"({"outcome":"failed","handle":"handle-1"})");
  const HttpReply reply = callback("error=access_denied&state=" + kState +
                                   "&error_description=No%0D%0Away%FF" + std::string(2000, 'x'));
  EXPECT_EQ(reply.header("Location"), "/done/handle-1");
  EXPECT_EQ(last().text("error"), "access_denied");
  const std::string& text = last().text("error_description");
  EXPECT_TRUE(text.starts_with("No\xEF\xBF\xBD")) << text;
  EXPECT_LT(text.size(), 520u);
}

TEST_F(BinderWalk, a_failed_return_without_a_handle_leaves_the_address_clean) {
  for (const char* answer :
       {R"({"outcome":"failed"})", R"({})", R"({"outcome":"pending","handle":"../../evil"})"}) {
    reeved_->on("Return", answer);
    EXPECT_EQ(callback("code=a&state=" + kState).header("Location"), "/failed") << answer;
  }
  EXPECT_TRUE(says(get("/failed"), "<h1>It did not work</h1>"));
  EXPECT_EQ(get("/refused").status, 403);
}

TEST_F(BinderWalk, a_refusal_without_a_state_is_a_page_and_nothing_is_relayed) {
  const HttpReply reply = callback("error=invalid_request_uri&error_description=x");
  EXPECT_EQ(reply.header("Location"), "/failed");
  EXPECT_EQ(callback("error=invalid_request_uri&code=a").status, 400);
  EXPECT_TRUE(reeved_->seen().empty());
}

TEST_F(BinderWalk, nothing_of_a_malformed_callback_is_relayed) {
  const std::string state = "state=" + kState;
  for (const std::string& query : {std::string(),
                                   std::string("code=a"),
                                   std::string("state="),
                                   std::string("state=&code=a"),
                                   state + "&" + state,
                                   state + "&code=a&code=a",
                                   state + "&iss=a&iss=b",
                                   state + "&error=a&error=a",
                                   state + "&error_description=a&error_description=b",
                                   state + "&session_state=1&session_state=2",
                                   "state=" + std::string(513, 's') + "&code=a",
                                   state + "&code=" + std::string(4097, 'c'),
                                   state + "&iss=" + std::string(1025, 'i'),
                                   state + "&error=" + std::string(129, 'e'),
                                   state + "&code=%00",
                                   state + "&code=%0A",
                                   state + "&code=a%7Fb",
                                   state + "&code=%C3%A4",
                                   std::string("state=%0D%0AX&code=a"),
                                   state + "&iss=%09",
                                   state + "&error=%1B",
                                   state + "&code=%zz",
                                   state + "&%",
                                   state + "&code=\x80"}) {
    const HttpReply reply = callback(query);
    EXPECT_EQ(reply.status, 400) << query.substr(0, 80);
    EXPECT_FALSE(says(reply, kState));
    EXPECT_TRUE(reply.cookies().empty());
  }
  EXPECT_TRUE(reeved_->seen().empty());
}

TEST_F(BinderWalk, head_and_prefetch_ask_nobody_anything) {
  for (const char* target :
       {"/connect/t", "/callback/ctx?code=a&state=s", "/done/h", "/connections"}) {
    const HttpReply head = send(std::string("HEAD ") + target, cookie());
    EXPECT_EQ(head.status, 200) << target;
    EXPECT_TRUE(head.body.empty());
    EXPECT_TRUE(head.cookies().empty());
    EXPECT_EQ(head.header("X-Frame-Options"), "DENY");
    EXPECT_EQ(send(std::string("GET ") + target, "Sec-Purpose: prefetch\r\n").status, 204)
        << target;
  }
  EXPECT_TRUE(reeved_->seen().empty());
}

TEST_F(BinderWalk, each_outcome_is_shown) {
  const std::pair<const char*, const char*> known[] = {{"granted", "<h1>Connected</h1>"},
                                                       {"declined", "<h1>Declined</h1>"},
                                                       {"refused", "<h1>This was stopped</h1>"},
                                                       {"expired", "<h1>Too late</h1>"},
                                                       {"failed", "<h1>It did not work</h1>"}};
  for (const auto& [outcome, heading] : known) {
    reeved_->on("Outcome",
                std::string(R"({"needs_confirmation":false,"outcome":")") + outcome + "\"}");
    EXPECT_TRUE(says(get("/done/handle-1"), heading)) << outcome;
  }
  EXPECT_EQ(last().text("handle"), "handle-1");
}

TEST_F(BinderWalk, the_account_is_confirmed_or_not) {
  reeved_->on("Outcome", R"({"outcome":"confirm","provider":"github","account":"octo-alice",
    "user":"alice","workload":"triage-bot","needs_confirmation":true})");
  EXPECT_TRUE(says(get("/done/handle-1"), "octo-alice"));
  reeved_->on("Confirm", "{}");
  for (const auto& [word, accept] : {std::pair("yes", true), {"no", false}}) {
    const HttpReply reply = post("/done/handle-1", std::string("accept=") + word);
    EXPECT_EQ(reply.status, 303);
    EXPECT_EQ(reply.header("Location"), "/done/handle-1");
    EXPECT_EQ(last().boolean("accept"), accept);
  }
  EXPECT_EQ(post("/done/handle-1", "accept=perhaps").status, 400);
  EXPECT_EQ(reeved_->count("Confirm"), 2u);
}

TEST_F(BinderWalk, a_confirmation_ends_at_the_return_url) {
  reeved_->on("Confirm", R"({"next":"https://chat.example.com/connected?state=x"})");
  EXPECT_EQ(post("/done/handle-1", "accept=yes").header("Refresh"),
            "0;url=https://chat.example.com/connected?state=x");
}

TEST_F(BinderWalk, an_outcome_with_a_return_url_goes_there) {
  reeved_->on("Outcome", R"({"outcome":"granted","needs_confirmation":false,
    "next":"https://chat.example.com/connected"})");
  EXPECT_EQ(get("/done/handle-1").header("Refresh"), "0;url=https://chat.example.com/connected");
}

TEST_F(BinderWalk, a_handle_alone_shows_nothing) {
  EXPECT_EQ(send("GET /done/handle-1", "").status, 403);
  EXPECT_TRUE(reeved_->seen().empty());
}

TEST_F(BinderWalk, a_slow_provider_gets_a_page_that_loads_itself_again) {
  reeved_->on("Outcome", "{}");
  reeved_->slow("Outcome", 60'000);
  const HttpReply reply = get("/done/handle-1");
  EXPECT_TRUE(says(reply, "Still working"));
  EXPECT_EQ(reply.header("Refresh"), "3");
}

TEST_F(BinderWalk, connections_are_listed_and_ended) {
  reeved_->on("Connections", R"({"user":"alice","connections":[{"grant":"grant-1","workload":"bot",
    "provider":"github","account":null,"scopes":[],"created_at":1764000000,"used_at":null}]})");
  EXPECT_TRUE(says(get("/connections"), "value=\"grant-1\""));
  reeved_->on("Disconnect", R"({"workload":"bot","provider":"Files","said":"revoked",
    "lent_until":1800000090})");
  const HttpReply reply = post("/connections", "grant=grant-1");
  EXPECT_EQ(reply.status, 200);
  EXPECT_TRUE(says(reply, "Files</bdi> has confirmed it."));
  EXPECT_TRUE(says(reply, "for up to 2 minutes"));
  EXPECT_EQ(last().text("grant"), "grant-1");
  EXPECT_EQ(post("/connections", "grant=a%2Fb").status, 400);
}

TEST_F(BinderWalk, a_connection_that_is_gone_is_disconnected_and_not_an_error) {
  reeved_->fails("Disconnect", "FlowRefused", R"({"reason":"grant"})");
  const HttpReply reply = post("/connections", "grant=grant-1");
  EXPECT_EQ(reply.status, 200);
  EXPECT_TRUE(says(reply, "nothing left to disconnect"));
}

TEST_F(BinderWalk, all_connections_are_ended_by_one_press_and_each_is_told_of) {
  reeved_->on("Connections", R"({"user":"alice","connections":[
    {"grant":"g-3","workload":"bot","provider":"C","scopes":[],"created_at":3},
    {"grant":"g-1","workload":"bot","provider":"A","scopes":[],"created_at":1},
    {"grant":"g-2","workload":"bot","provider":"B","scopes":[],"created_at":2}]})");
  reeved_->on("Disconnect", [](const Json& asked) {
    if (asked.text("grant") == "g-2") {
      return varlink::Reply::failure("io.reeve.Binding.FlowRefused", R"({"reason":"grant"})");
    }
    if (asked.text("grant") == "g-3") {
      return varlink::Reply::failure("io.reeve.Binding.Unavailable", R"({"reason":"disk"})");
    }
    return varlink::Reply{R"({"workload":"bot","provider":"A","said":"no_endpoint"})", ""};
  });
  const HttpReply reply = post("/connections", "all=yes");
  EXPECT_EQ(reeved_->count("Disconnect"), 3u);
  EXPECT_TRUE(says(reply, "Something went wrong"));
  EXPECT_TRUE(says(reply, "A</bdi> cannot be told by us"));
  EXPECT_TRUE(says(reply, "could not be disconnected"));
}

TEST_F(BinderWalk, pages_speak_the_browsers_language_errors_too) {
  reeved_->on("Describe", kReady);
  const std::string german = "Accept-Language: de-DE,de;q=0.9,en;q=0.5\r\n";
  EXPECT_TRUE(says(send("GET /connect/ticket-1", cookie() + german), "noch 9 Minuten Zeit"));
  const HttpReply absent = send("GET /nowhere", german);
  EXPECT_EQ(absent.status, 404);
  EXPECT_TRUE(says(absent, "<h1>Hier ist nichts</h1>"));
  EXPECT_EQ(absent.header("Content-Language"), "de");
  EXPECT_EQ(absent.header("Vary"), "Accept-Language");
  EXPECT_TRUE(says(send("GET /nowhere", ""), "<h1>There is nothing here</h1>"));
}

TEST_F(BinderWalk, a_logo_is_served_where_there_is_one_and_only_then_allowed) {
  EXPECT_EQ(get("/logo").status, 404);
  EXPECT_EQ(get("/").header("Content-Security-Policy").find("img-src"), std::string::npos);
  site_.brand.logo = {"image/png", std::string("\x89PNG\0\1", 6)};
  const HttpReply logo = get("/logo");
  EXPECT_EQ(logo.header("Content-Type"), "image/png");
  EXPECT_EQ(logo.body, site_.brand.logo.octets);
  EXPECT_NE(get("/").header("Content-Security-Policy").find("img-src 'self'; "), std::string::npos);
  EXPECT_TRUE(says(get("/nowhere"), "<img src=\"/logo\""));
}

TEST_F(BinderWalk, one_address_may_begin_so_many_sign_ins_and_then_is_told_to_wait) {
  reeved_->on("SignIn", kRedirect);
  const auto sign_in = [&](const std::string& address) {
    Request request;
    request.method = "POST";
    request.target = "/signin";
    request.headers = {{"Host", site_.authority},
                       {"Origin", site_.origin},
                       {"Content-Type", "application/x-www-form-urlencoded"},
                       {"Cookie", "__Host-reeve-browser=" + std::string(browser_.reveal())}};
    request.body = "csrf=" + csrf_token(browser_, "/signin") + "&next=%2F";
    request.address = address;
    return test::run(loop_, binder_->answer(std::move(request)));
  };
  for (int i = 0; i < 60; ++i) ASSERT_EQ(sign_in("c0000201").status, 200) << i;
  const Answer refused = sign_in("c0000201");
  EXPECT_EQ(refused.status, 429);
  EXPECT_EQ(refused.headers.back(), (std::pair<std::string, std::string>("Retry-After", "10")));
  EXPECT_EQ(reeved_->count("SignIn"), 60u);
  EXPECT_EQ(sign_in("c0000202").status, 200);
  for (int i = 0; i < 70; ++i) ASSERT_EQ(sign_in("").status, 200) << "a proxy stands for many";
}

TEST_F(BinderWalk, connections_need_a_sign_in) {
  reeved_->fails("Connections", "NotSignedIn");
  const HttpReply reply = send("GET /connections", "");
  EXPECT_TRUE(says(reply, "value=\"/connections\""));
  EXPECT_EQ(reply.cookies().size(), 1u);
}

TEST_F(BinderWalk, whose_sign_in_has_ended_by_itself_is_told_so) {
  const std::string_view told = "that has ended by itself";
  reeved_->fails("Connections", "NotSignedIn", R"({"ended":true})");
  EXPECT_TRUE(says(get("/connections"), told));
  reeved_->fails("Outcome", "NotSignedIn", R"({"ended":true})");
  EXPECT_TRUE(says(get("/done/handle-1"), told));
  reeved_->on("Describe", R"({"status":"sign_in","ended":true})");
  EXPECT_TRUE(says(get("/connect/ticket-1"), told));
  reeved_->on("Describe", R"({"status":"sign_in"})");
  EXPECT_FALSE(says(get("/connect/ticket-1"), told));
}

TEST_F(BinderWalk, signing_out_takes_the_cookie_away) {
  reeved_->on("SignOut", "{}");
  const HttpReply reply = post("/signout", "");
  EXPECT_TRUE(says(reply, "<h1>Signed out</h1>"));
  ASSERT_EQ(reply.cookies().size(), 1u);
  EXPECT_EQ(reply.cookies()[0], drop_browser_cookie());
}

TEST_F(BinderWalk, failures_of_reeved_have_their_pages) {
  const struct {
    const char* error;
    const char* parameters;
    int status;
  } known[] = {{"Unavailable", R"({"reason":"starting"})", 503},
               {"LimitReached", R"({"limit":"consents","retry_after":60})", 429},
               {"FlowRefused", R"({"reason":"secret-word"})", 403},
               {"Unheard", "{}", 500}};
  for (const auto& each : known) {
    reeved_->fails("Describe", each.error, each.parameters);
    const HttpReply reply = get("/connect/ticket-1");
    EXPECT_EQ(reply.status, each.status) << each.error;
    EXPECT_EQ(reply.header("X-Frame-Options"), "DENY");
    EXPECT_FALSE(says(reply, "secret-word"));
  }
}

TEST_F(BinderWalk, reeved_may_go_and_come_back) {
  reeved_->on("Describe", kReady);
  EXPECT_EQ(get("/connect/ticket-1").status, 200);
  reeved_.reset();
  const HttpReply reply = get("/connect/ticket-1");
  EXPECT_EQ(reply.status, 503);
  EXPECT_NE(reply.header("Retry-After"), "");
  // A callback stays where it is: the state is not spent, a reload may still do.
  const HttpReply kept = callback("code=a&state=" + kState);
  EXPECT_EQ(kept.status, 503);
  EXPECT_TRUE(kept.cookies().empty());
  restart_reeved();
  reeved_->on("Describe", kReady);
  EXPECT_EQ(get("/connect/ticket-1").status, 200);
}

TEST_F(BinderWalk, a_forged_post_reaches_nobody) {
  const std::string form = "Content-Type: application/x-www-form-urlencoded\r\n";
  const std::string body = "csrf=" + csrf_token(browser_, "/signout");
  EXPECT_EQ(
      send("POST /signout", cookie() + form + "Origin: https://evil.example\r\n", body).status,
      403);
  EXPECT_EQ(send("POST /signout", cookie() + form, body).status, 403);
  EXPECT_EQ(
      send("POST /signout", cookie() + form + "Origin: " + site_.origin + "\r\n", "csrf=x").status,
      403);
  EXPECT_EQ(send("POST /signout", form + "Origin: " + site_.origin + "\r\n", body).status, 403);
  EXPECT_EQ(send("GET /signout", cookie()).status, 405);
  EXPECT_TRUE(reeved_->seen().empty());
}

TEST_F(BinderWalk, fixed_pages_ask_nobody) {
  EXPECT_EQ(get("/healthz").body, "ok\n");
  EXPECT_EQ(get("/style.css").header("Content-Type"), "text/css; charset=utf-8");
  EXPECT_TRUE(says(get("/"), "Nothing to decide here"));
  EXPECT_EQ(get("/favicon.ico").status, 404);
  EXPECT_TRUE(reeved_->seen().empty());
}

TEST_F(BinderWalk, hundreds_of_foreign_cookies_are_borne) {
  reeved_->on("Describe", kReady);
  std::string header = cookie();
  header.resize(header.size() - 2);
  for (int i = 0; i < 400; ++i) header += "; other" + std::to_string(i) + "=some-value";
  EXPECT_EQ(send("GET /connect/ticket-1", header + "\r\n").status, 200);
}

// Drops the walk at its wait: whatever is awaited, only destructors run.
TEST_F(BinderWalk, may_be_dropped_while_reeved_is_asked) {
  for (const char* method : {"Describe", "Outcome", "Return", "Connections"}) {
    reeved_->on(method, "{}");
    reeved_->slow(method, 60'000);
  }
  for (const char* target : {"/connect/t", "/done/h", "/callback/c?state=s", "/connections"}) {
    TaskSet tasks(loop_);
    std::optional<Answer> answer;
    const std::string cookie_header = cookie().substr(8, cookie().size() - 10);
    Request request{"GET", target, {{"Host", site_.authority}, {"Cookie", cookie_header}}, {}};
    const size_t before = reeved_->seen().size();
    tasks.spawn(test::keep<Answer>(loop_, binder_->answer(std::move(request)), answer));
    while (reeved_->seen().size() == before) loop_.turn();
    EXPECT_FALSE(answer);
  }
}

}  // namespace
}  // namespace reeve
