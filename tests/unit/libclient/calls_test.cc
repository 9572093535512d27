// The typed calls of reeve.h: what they send, what they read, and every way the answer can be
// wrong.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "reeve.hpp"
#include "support/temp_dir.h"
#include "unit/libclient/environment.h"
#include "unit/libclient/scripted_server.h"

extern "C" int reeve_c99_test(const char* path, const char* jwt);
extern "C" int reeve_cpp_test();

namespace reeve {
namespace {

using test::Answers;
using test::error_frame;
using test::reply_frame;

constexpr int kLong = 10000, kShort = 30;  // milliseconds
constexpr const char* kSecret = "ghu_16C7e42F292c6912E7710c838347Ae178B4a";
constexpr const char* kToken =
    R"({"token":{"id":"t-1","access_token":"ghu_16C7e42F292c6912E7710c838347Ae178B4a",)"
    R"("token_type":"Bearer","expires_at":1999999999,"scopes":["repo","read:user"],)"
    R"("grant":"g-1","account":"octo-\u0061lice","later":{"a":[1]}}})";

class CallsTest : public testing::Test {
 public:
  CallsTest& on(const std::string& method, const std::string& bytes) {
    answers_.on("io.reeve.Agent." + method, bytes);
    return *this;
  }

 protected:
  void connect() {
    if (!server_) server_.emplace(directory_ / "s", answers_.script());
    ASSERT_EQ(connection_.connect(server_->path().c_str(), kLong), REEVE_OK) << reeve_detail();
  }
  reeve_error ask(const reeve_token_request& request, int timeout_ms = kLong) {
    return connection_.get_token("handle", request, timeout_ms, token_);
  }
  static reeve_token_request github() {
    reeve_token_request request = REEVE_TOKEN_REQUEST_INIT;
    request.provider = "github";
    return request;
  }

  test::Environment environment_;
  test::TempDir directory_;
  Answers answers_;
  std::optional<test::ScriptedServer> server_;
  Connection connection_;
  Token token_;
};

TEST_F(CallsTest, whoami_tells_workload_and_evidence) {
  on("WhoAmI", reply_frame(R"({"workload":"bot","evidence":{"uid":"1000","unit":"a\u00e9.service",)"
                           R"("later":{"x":1}}})"));
  connect();
  Evidence evidence;
  ASSERT_EQ(connection_.whoami(kLong, evidence), REEVE_OK) << reeve_detail();
  EXPECT_STREQ(reeve_evidence_workload(evidence.get()), "bot");
  ASSERT_EQ(reeve_evidence_count(evidence.get()), 2U);
  EXPECT_STREQ(reeve_evidence_name(evidence.get(), 0), "uid");
  EXPECT_STREQ(reeve_evidence_value(evidence.get(), 0), "1000");
  EXPECT_STREQ(reeve_evidence_value(evidence.get(), 1), "a\u00e9.service");
  EXPECT_EQ(reeve_evidence_name(evidence.get(), 2), nullptr);
}

TEST_F(CallsTest, a_session_is_asked_for_as_it_was_told) {
  const struct {
    const char *as, *user_token, *issuer, *subject;
    int64_t lifetime;
    const char* sent;
  } table[] = {
      {"token", "a.b.c", nullptr, nullptr, 900,
       R"({"as":"token","user_token":"a.b.c","lifetime":900})"},
      {"asserted", nullptr, "https://i", "al\"ice\n", 0,
       R"({"as":"asserted","user":{"issuer":"https://i","subject":"al\"ice\u000a"}})"},
      {"unix", nullptr, nullptr, nullptr, 0, R"({"as":"unix"})"},
  };
  for (size_t i = 0; i < std::size(table); ++i) {
    on("OpenSession", reply_frame(R"({"session":"h","user":{"issuer":"https://i","subject":"a"},)"
                                  R"("expires_at":1999999999})"));
  }
  connect();
  for (size_t i = 0; i < std::size(table); ++i) {
    const auto& row = table[i];
    reeve_identity who = REEVE_IDENTITY_INIT;
    who.as = row.as;
    who.user_token = row.user_token;
    who.issuer = row.issuer;
    who.subject = row.subject;
    who.lifetime = row.lifetime;
    Session session;
    ASSERT_EQ(connection_.open_session(who, kLong, session), REEVE_OK) << reeve_detail();
    EXPECT_NE(server_->calls()[i].find(row.sent), std::string::npos) << server_->calls()[i];
    EXPECT_STREQ(reeve_session_handle(session.get()), "h");
    EXPECT_STREQ(reeve_session_issuer(session.get()), "https://i");
    EXPECT_STREQ(reeve_session_subject(session.get()), "a");
    EXPECT_EQ(reeve_session_name(session.get()), nullptr);
    EXPECT_EQ(reeve_session_expires_at(session.get()), 1999999999);
  }
}

TEST_F(CallsTest, a_token_is_asked_for_with_all_that_was_said_and_read_whole) {
  on("GetToken", reply_frame(kToken)).on("GetToken", reply_frame(kToken));
  connect();
  const char* const scopes[] = {"repo", "read:user"};
  const char* const ways[] = {"gold"};
  reeve_token_request request = github();
  request.scopes = scopes;
  request.scope_count = 2;
  request.resource = "https://api";
  request.account = "octo";
  request.min_valid = 600;
  request.fresh = 1;
  request.return_url = "https://back";
  request.return_state = "s";
  request.acr_values = ways;
  request.acr_count = 1;
  request.max_age = 0;
  ASSERT_EQ(ask(request), REEVE_OK) << reeve_detail();
  EXPECT_EQ(server_->calls()[0],
            R"({"method":"io.reeve.Agent.GetToken","parameters":{"session":"handle",)"
            R"("provider":"github","scopes":["repo","read:user"],"resource":"https://api",)"
            R"("account":"octo","min_valid":600,"fresh":true,"return_url":"https://back",)"
            R"("return_state":"s","acr_values":["gold"],"max_age":0}})");
  EXPECT_STREQ(reeve_token_value(token_.get()), kSecret);
  EXPECT_STREQ(reeve_token_id(token_.get()), "t-1");
  EXPECT_STREQ(reeve_token_type(token_.get()), "Bearer");
  EXPECT_STREQ(reeve_token_grant(token_.get()), "g-1");
  EXPECT_STREQ(reeve_token_account(token_.get()), "octo-alice");
  EXPECT_EQ(reeve_token_expires_at(token_.get()), 1999999999);
  ASSERT_EQ(reeve_token_scope_count(token_.get()), 2U);
  EXPECT_STREQ(reeve_token_scope(token_.get(), 1), "read:user");
  EXPECT_EQ(reeve_token_scope(token_.get(), 2), nullptr);
  ASSERT_EQ(ask(github()), REEVE_OK);
  EXPECT_NE(server_->calls()[1].find(R"({"session":"handle","provider":"github"})"),
            std::string::npos);
}

TEST_F(CallsTest, a_token_may_be_as_long_as_a_frame) {
  const std::string frame = R"({"parameters":{"token":{"id":"i","access_token":"","token_type":)"
                            R"("Bearer","scopes":[],"grant":"g"}}})";
  const std::string value(size_t{1024} * 1024 - frame.size(), 'x');
  std::string bytes = frame;
  bytes.insert(frame.find("\"\"") + 1, value);
  on("GetToken", bytes + '\0').on("GetToken", bytes + ' ' + '\0');
  connect();
  ASSERT_EQ(ask(github()), REEVE_OK) << reeve_detail();
  EXPECT_EQ(reeve_token_value(token_.get()), value);
  EXPECT_EQ(reeve_token_expires_at(token_.get()), REEVE_UNSET);
  EXPECT_EQ(ask(github()), REEVE_PROTOCOL);
  EXPECT_EQ(reeve_token_value(token_.get()), value) << "what failed leaves the token as it was";
}

TEST_F(CallsTest, a_token_that_is_not_as_promised_is_refused_and_never_quoted) {
  const std::string good = kToken;
  const struct {
    const char *part, *instead;
  } table[] = {
      {kSecret, ""},
      {kSecret, "ghu_16C7 e42F"},
      {kSecret, R"(ghu_16C7\r\nX-Evil: 1)"},
      {kSecret, R"(ghu_16C7\u0000e)"},
      {kSecret, "ghu_16C7\u00e9"},
      {"\"access_token\"", "\"access\""},
      {"\"id\":\"t-1\"", "\"id\":1"},
      {"\"Bearer\"", "null"},
      {"1999999999", "1.5"},
      {"1999999999", "99999999999999999999"},
      {"[\"repo\",\"read:user\"]", "\"repo\""},
      {"\"read:user\"", "7"},
      {"\"octo-\\u0061lice\"", "{}"},
      {"{\"token\":", "{\"other\":"},
  };
  for (size_t i = 0; i < std::size(table); ++i) {
    std::string bad = good;
    bad.replace(bad.find(table[i].part), std::string(table[i].part).size(), table[i].instead);
    on("GetToken", reply_frame(bad));
  }
  for (const auto& row : table) {
    connect();
    EXPECT_EQ(ask(github()), REEVE_PROTOCOL) << row.part << " " << row.instead;
    EXPECT_FALSE(token_);
    EXPECT_STRNE(reeve_detail(), "");
    EXPECT_EQ(std::string(reeve_detail()).find("ghu_"), std::string::npos) << reeve_detail();
    EXPECT_EQ(ask(github()), REEVE_CLOSED) << "the connection is over";
  }
}

TEST_F(CallsTest, each_error_of_the_daemons_has_its_value_and_its_fields) {
  const struct {
    const char *name, *parameters;
    reeve_error error;
    const char* detail;
  } table[] = {
      {"io.reeve.Agent.Denied", R"({"reason":"no_rule"})", REEVE_DENIED, "reason: no_rule"},
      {"io.reeve.Agent.Denied", R"({"reason":"\u001b[2Jx"})", REEVE_DENIED, "reason: ?"},
      {"io.reeve.Agent.Denied", R"({"reason":1})", REEVE_DENIED, "reason: ?"},
      {"io.reeve.Agent.Denied", R"({})", REEVE_DENIED, "reason: ?"},
      {"io.reeve.Agent.SessionInvalid", "{}", REEVE_SESSION_INVALID, ""},
      {"io.reeve.Agent.UserTokenInvalid", R"({"reason":"expired"})", REEVE_USER_TOKEN_INVALID,
       "reason: expired"},
      {"io.reeve.Agent.RequestInvalid", "{}", REEVE_REQUEST_INVALID, ""},
      {"io.reeve.Agent.Unavailable", R"({"reason":"disk"})", REEVE_NOT_NOW, "reason: disk"},
      {"io.reeve.Agent.UnknownProvider", R"({"provider":"x"})", REEVE_UNKNOWN_PROVIDER,
       "provider: x"},
      {"io.reeve.Agent.ProviderFailed", R"({"provider":"x","error":"timeout","retry_after":7})",
       REEVE_PROVIDER_FAILED, "error: timeout"},
      {"io.reeve.Agent.LimitReached", R"({"limit":"sessions"})", REEVE_LIMIT_REACHED,
       "limit: sessions"},
      {"org.varlink.service.InvalidParameter", R"({"parameter":"scopes"})", REEVE_INVALID_PARAMETER,
       "parameter: scopes"},
      {"org.varlink.service.PermissionDenied", "{}", REEVE_PERMISSION, ""},
      {"org.varlink.service.MethodNotFound", R"({"method":"a.B"})", REEVE_NOT_SUPPORTED,
       "method: a.B"},
      {"io.reeve.Agent.Later", R"({"reason":"x"})", REEVE_OTHER_ERROR, "io.reeve.Agent.Later"},
  };
  for (const auto& row : table) on("GetToken", error_frame(row.name, row.parameters));
  connect();
  for (const auto& row : table) {
    EXPECT_EQ(ask(github()), row.error) << row.name;
    EXPECT_STREQ(reeve_detail(), row.detail);
    ASSERT_NE(connection_.last_reply(), nullptr);
    EXPECT_STREQ(reeve_reply_error(connection_.last_reply()), row.name);
    EXPECT_EQ(reeve_reply_code(connection_.last_reply()), row.error);
    EXPECT_STREQ(reeve_reply_parameters(connection_.last_reply()), row.parameters);
    int64_t seconds = -7;
    const bool has = std::string(row.parameters).find("retry_after") != std::string::npos;
    EXPECT_EQ(reeve_reply_number(connection_.last_reply(), "retry_after", &seconds),
              has ? REEVE_OK : REEVE_END);
    EXPECT_EQ(seconds, has ? 7 : -7);
    EXPECT_FALSE(token_);
  }
}

TEST_F(CallsTest, a_consent_is_shown_awaited_and_then_there_is_a_token) {
  on("GetToken", error_frame("io.reeve.Agent.ConsentRequired",
                             R"({"provider":"github","reason":"new","url":"https:\/\/a\/connect",)"
                             R"("phrase":"amber-fox","request":"r-1","expires_at":4000000000})"));
  on("AwaitConsent", reply_frame(R"({"status":"pending"})", true) +
                         reply_frame(R"({"status":"a later one"})", true) +
                         reply_frame(R"({"status":"granted","reason":"yes"})"));
  on("GetToken", reply_frame(kToken));
  connect();
  ASSERT_EQ(ask(github()), REEVE_CONSENT_REQUIRED);
  const reeve_reply* told = connection_.last_reply();
  EXPECT_STREQ(reeve_reply_text(told, "url"), "https://a/connect");
  EXPECT_STREQ(reeve_reply_text(told, "phrase"), "amber-fox");
  EXPECT_STREQ(reeve_reply_text(told, "url"), "https://a/connect") << "twice the same";
  EXPECT_EQ(reeve_reply_text(told, "expires_at"), nullptr);
  reeve_consent consent = REEVE_PENDING;
  ASSERT_EQ(connection_.await_consent("handle", reeve_reply_text(told, "request"), kLong, consent),
            REEVE_OK);
  EXPECT_NE(server_->calls()[1].find(R"("request":"r-1"},"more":true)"), std::string::npos);
  EXPECT_EQ(consent, REEVE_GRANTED);
  EXPECT_STREQ(reeve_reply_text(connection_.last_reply(), "reason"), "yes");
  EXPECT_EQ(ask(github()), REEVE_OK);
  EXPECT_EQ(connection_.last_reply(), nullptr);
}

TEST_F(CallsTest, a_consents_end_is_told_as_it_was) {
  const struct {
    std::string bytes;
    reeve_error error;
    reeve_consent consent;
  } table[] = {
      {reply_frame(R"({"status":"declined"})"), REEVE_OK, REEVE_DECLINED},
      {reply_frame(R"({"status":"refused"})"), REEVE_OK, REEVE_REFUSED},
      {reply_frame(R"({"status":"expired"})"), REEVE_OK, REEVE_EXPIRED},
      {reply_frame(R"({"status":"failed"})"), REEVE_OK, REEVE_FAILED},
      {reply_frame(R"({"status":"of a later version"})"), REEVE_OK, REEVE_FAILED},
      {reply_frame(R"({"status":"pending"})"), REEVE_PROTOCOL, REEVE_PENDING},
      {reply_frame(R"({"state":"granted"})"), REEVE_PROTOCOL, REEVE_PENDING},
      {error_frame("io.reeve.Agent.RequestInvalid"), REEVE_REQUEST_INVALID, REEVE_PENDING},
      {"", REEVE_LOST, REEVE_PENDING},
  };
  for (const auto& row : table) on("AwaitConsent", row.bytes);
  for (const auto& row : table) {
    connect();
    reeve_consent consent = REEVE_PENDING;
    EXPECT_EQ(connection_.await_consent("handle", "r", kLong, consent), row.error) << row.bytes;
    EXPECT_EQ(consent, row.consent) << row.bytes;
  }
}

TEST_F(CallsTest, events_come_after_ready_and_a_quiet_stream_can_be_waited_on) {
  on("Watch", reply_frame(R"({"event":"ready"})", true) +
                  reply_frame(R"({"event":"token_refreshed","provider":"github"})", true));
  connect();
  ASSERT_EQ(connection_.watch("handle", kLong), REEVE_OK);
  EXPECT_EQ(ask(github()), REEVE_BUSY);
  Reply reply;
  ASSERT_EQ(connection_.next(kLong, reply), REEVE_OK);
  EXPECT_STREQ(reeve_reply_text(reply.get(), "event"), "token_refreshed");
  EXPECT_EQ(reeve_reply_text(reply.get(), "grant"), nullptr);
  EXPECT_EQ(connection_.next(kShort, reply), REEVE_TIMEOUT);
  EXPECT_EQ(connection_.next(kShort, reply), REEVE_TIMEOUT);
}

TEST_F(CallsTest, an_invalid_token_is_reported_and_a_session_closed) {
  on("ReportInvalid", reply_frame("{}")).on("CloseSession", reply_frame("{}"));
  connect();
  EXPECT_EQ(connection_.report_invalid("handle", "t-1", kLong), REEVE_OK);
  EXPECT_EQ(connection_.close_session("handle", kLong), REEVE_OK);
  EXPECT_NE(server_->calls()[0].find(R"({"session":"handle","token":"t-1"})"), std::string::npos);
  EXPECT_EQ(connection_.close_session("handle", kLong), REEVE_LOST);
}

TEST_F(CallsTest, a_call_that_got_no_answer_goes_out_once_more_where_that_is_safe) {
  on("GetToken", "").on("GetToken", reply_frame(kToken));
  on("WhoAmI", "").on("WhoAmI", reply_frame(R"({"evidence":{}})"));
  on("ReportInvalid", "").on("ReportInvalid", reply_frame("{}"));
  on("AwaitConsent", "").on("AwaitConsent", reply_frame(R"({"status":"granted"})"));
  on("Watch", "").on("Watch", reply_frame(R"({"event":"ready"})", true));
  connect();
  Evidence evidence;
  reeve_consent consent = REEVE_PENDING;
  EXPECT_EQ(ask(github()), REEVE_OK);
  EXPECT_STREQ(reeve_token_value(token_.get()), kSecret);
  EXPECT_EQ(connection_.whoami(kLong, evidence), REEVE_OK);
  EXPECT_EQ(connection_.report_invalid("handle", "t-1", kLong), REEVE_OK);
  EXPECT_EQ(connection_.await_consent("handle", "r", kLong, consent), REEVE_OK);
  EXPECT_EQ(connection_.watch("handle", kLong), REEVE_OK);
  EXPECT_EQ(server_->connections(), 6U) << "a new one each time";
}

TEST_F(CallsTest, it_goes_out_no_third_time) {
  connect();
  EXPECT_EQ(ask(github()), REEVE_LOST);
  EXPECT_EQ(server_->calls().size(), 2U);
  EXPECT_EQ(ask(github()), REEVE_CLOSED) << "the connection is over";
}

TEST_F(CallsTest, what_must_not_happen_twice_is_not_asked_twice) {
  reeve_identity who = REEVE_IDENTITY_INIT;
  who.as = "workload";
  Session session;
  connect();
  EXPECT_EQ(connection_.open_session(who, kLong, session), REEVE_LOST);
  connect();
  reeve_token_request fresh = github();
  fresh.fresh = 1;
  EXPECT_EQ(ask(fresh), REEVE_LOST) << "the user would be asked twice";
  EXPECT_EQ(server_->calls().size(), 2U);
}

TEST_F(CallsTest, a_restart_while_idle_goes_unnoticed_by_any_call) {
  on("WhoAmI", reply_frame(R"({"evidence":{}})"));
  on("OpenSession", reply_frame(R"({"session":"s","expires_at":1999999999})"));
  connect();
  Evidence evidence;
  ASSERT_EQ(connection_.whoami(kLong, evidence), REEVE_OK);
  server_.reset();
  server_.emplace(directory_ / "s", answers_.script());
  reeve_identity who = REEVE_IDENTITY_INIT;
  who.as = "workload";
  Session session;
  EXPECT_EQ(connection_.open_session(who, kLong, session), REEVE_OK) << reeve_detail();
  EXPECT_EQ(server_->calls().size(), 1U);
}

// W8: who took the daemon's place meanwhile gets nothing.
TEST_F(CallsTest, who_answers_after_a_restart_is_checked_again) {
  on("WhoAmI", reply_frame(R"({"evidence":{}})"));
  connect();
  Evidence evidence;
  ASSERT_EQ(connection_.whoami(kLong, evidence), REEVE_OK);
  server_.reset();
  server_.emplace(directory_ / "s", answers_.script());
  ASSERT_EQ(::chmod(directory_.path().c_str(), 0777), 0);
  EXPECT_EQ(ask(github()), REEVE_UNTRUSTED);
  EXPECT_TRUE(server_->calls().empty());
}

TEST_F(CallsTest, bad_arguments_are_refused_before_anything_is_sent) {
  connect();
  reeve_token_request request = REEVE_TOKEN_REQUEST_INIT;
  EXPECT_EQ(ask(request), REEVE_INVALID_ARGUMENT) << "no provider";
  request.provider = "git\xffhub";
  EXPECT_EQ(ask(request), REEVE_INVALID_ARGUMENT);
  request = github();
  request.scope_count = 1;
  EXPECT_EQ(ask(request), REEVE_INVALID_ARGUMENT);
  const char* const scopes[] = {nullptr};
  request.scopes = scopes;
  EXPECT_EQ(ask(request), REEVE_INVALID_ARGUMENT);
  request = github();
  for (const size_t size : {size_t{0}, sizeof(request) + 8, SIZE_MAX}) {
    request.size = size;
    EXPECT_EQ(ask(request), REEVE_INVALID_ARGUMENT) << size;
  }
  request = github();
  EXPECT_EQ(ask(request, 0), REEVE_INVALID_ARGUMENT);
  const std::string huge(300000, 'x');
  request.resource = huge.c_str();
  EXPECT_EQ(ask(request), REEVE_TOO_LONG);
  EXPECT_EQ(connection_.report_invalid("handle", nullptr, kLong), REEVE_INVALID_ARGUMENT);
  EXPECT_EQ(connection_.watch(nullptr, kLong), REEVE_INVALID_ARGUMENT);
  EXPECT_EQ(reeve_get_token(nullptr, "h", &request, kLong, nullptr), REEVE_INVALID_ARGUMENT);
  EXPECT_TRUE(server_->calls().empty());
}

TEST_F(CallsTest, a_program_of_an_earlier_version_has_a_shorter_struct) {
  on("GetToken", reply_frame(kToken));
  connect();
  reeve_token_request request = github();
  request.size = offsetof(reeve_token_request, acr_values);  // as it was before RFC 9470
  request.acr_count = 7;                                     // not this program's to read
  EXPECT_EQ(ask(request), REEVE_OK) << reeve_detail();
}

TEST_F(CallsTest, the_headers_example_runs) {
  on("OpenSession", reply_frame(R"({"session":"h","expires_at":1999999999})"));
  on("GetToken", reply_frame(kToken));
  connect();
  EXPECT_EQ(::reeve_c99_test(server_->path().c_str(), "a.b.c"), REEVE_OK) << reeve_detail();
  EXPECT_EQ(::reeve_cpp_test(), 1);
}

}  // namespace
}  // namespace reeve
