#include "reeved/agent_methods.h"

#include "service_world.h"

namespace reeve {
namespace {

using test::files;
using test::login;
using test::user_of;

class AgentMethodsTest : public test::ServiceWorld {
 protected:
  // A method's name outlives its call.
  const std::string await_ = "io.reeve.Agent.AwaitConsent", watch_ = "io.reeve.Agent.Watch";

  std::string user_token(const std::string& audience = "bot", const std::string& issuer = login) {
    const std::string payload = R"({"iss":")" + issuer + R"(","aud":")" + audience +
                                R"(","sub":"alice","name":"Alice L.","iat":)" +
                                std::to_string(clock.unix_seconds()) + R"(,"exp":)" +
                                std::to_string(clock.unix_seconds() + 300) + "}";
    return signer.sign(Algorithm::es256, R"({"alg":"ES256","kid":"k"})", payload);
  }
  Told token(const std::string& handle, const std::string& more = "") {
    return agent("GetToken", R"({"session":")" + handle + R"(","provider":"files")" + more + "}");
  }
};

TEST_F(AgentMethodsTest, says_who_the_caller_is) {
  const Told known = agent("WhoAmI");
  EXPECT_EQ(known.parameters.text("workload"), "bot");
  EXPECT_EQ(known.parameters.find("evidence")->text("uid"), "1000");
  caller = context(4711);
  const Told stranger = agent("WhoAmI");
  EXPECT_EQ(stranger.error, "");
  EXPECT_EQ(stranger.parameters.find("workload"), nullptr);
}

TEST_F(AgentMethodsTest, opens_sessions_of_each_kind) {
  const Told by_token =
      agent("OpenSession", R"({"as":"token","user_token":")" + user_token() + "\"}");
  ASSERT_EQ(by_token.error, "");
  EXPECT_EQ(by_token.parameters.text("session").size(), 43u);
  EXPECT_EQ(by_token.parameters.find("user")->text("subject"), "alice");
  EXPECT_EQ(by_token.parameters.find("user")->text("issuer"), login);
  EXPECT_EQ(by_token.parameters.find("user")->text("name"), "Alice L.");
  EXPECT_EQ(by_token.parameters.integer("expires_at"), clock.unix_seconds() + 3600);
  const Told by_unix = agent("OpenSession", R"({"as":"unix"})");
  EXPECT_EQ(by_unix.parameters.find("user")->text("subject"), "machine-1:1000");
  const Told workload = agent("OpenSession", R"({"as":"workload","lifetime":60})");
  EXPECT_EQ(workload.parameters.find("user"), nullptr);
  EXPECT_EQ(workload.parameters.integer("expires_at"), clock.unix_seconds() + 60);
  EXPECT_NE(session_handle(), "");
  EXPECT_EQ(d->sessions.size(), 4u);
}

// W6, W7, W12.
TEST_F(AgentMethodsTest, opens_no_session_that_is_not_proven_or_allowed) {
  struct Case {
    std::string parameters;
    const char* error;
  };
  std::string changed = user_token();
  changed[changed.size() - 10] = changed[changed.size() - 10] == 'A' ? 'B' : 'A';
  const auto with = [](const std::string& token) {
    return R"({"as":"token","user_token":")" + token + "\"}";
  };
  const std::string alice = R"("user":{"issuer":")" + login + R"(","subject":"alice"})";
  const Case cases[] = {
      {R"({"as":"root"})", "InvalidParameter"},
      {R"({"as":""})", "InvalidParameter"},
      {R"({"as":"token"})", "InvalidParameter"},
      {R"({"as":"asserted"})", "InvalidParameter"},
      {R"({"as":"workload","lifetime":0})", "InvalidParameter"},
      {R"({"as":"workload","lifetime":-1})", "InvalidParameter"},
      // A forgotten parameter never becomes another kind of session.
      {R"({"as":"unix","user_token":"x"})", "InvalidParameter"},
      {R"({"as":"workload",)" + alice + "}", "InvalidParameter"},
      {R"({"as":"token","user_token":")" + user_token() + "\"," + alice + "}", "InvalidParameter"},
      {R"({"as":"asserted","user_token":"x",)" + alice + "}", "InvalidParameter"},
      {with("nonsense"), "UserTokenInvalid"},
      {with(changed), "UserTokenInvalid"},
      {with(user_token("another")), "UserTokenInvalid"},
      {with(user_token("bot", "https://evil.example")), "UserTokenInvalid"},
      {with(user_token("bot", "https://other.example")), "Denied"},
      {R"({"as":"asserted","user":{"issuer":"https://other.example","subject":"a"}})", "Denied"},
      {R"({"as":"asserted","user":{"issuer":"https://evil.example","subject":"a"}})", "Denied"},
      {R"({"as":"asserted","user":{"issuer":"unix","subject":"a"}})", "Denied"},
      {R"({"as":"asserted","user":{"issuer":")" + login + R"(","subject":""}})",
       "InvalidParameter"},
      {R"({"as":"asserted","user":{"issuer":")" + login + R"(","subject":")" +
           std::string(256, 'x') + "\"}}",
       "InvalidParameter"},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(agent("OpenSession", c.parameters).error, c.error) << c.parameters;
  }
  caller = context(1000, "scope-1", false);
  EXPECT_EQ(agent("OpenSession", R"({"as":"unix"})").error, "Denied") << "no user of this host";
  caller = context(4711);
  for (const std::string& parameters :
       {std::string(R"({"as":"workload"})"), std::string(R"({"as":"unix"})"), with(user_token()),
        R"({"as":"asserted",)" + alice + "}"}) {
    EXPECT_EQ(agent("OpenSession", parameters).error, "Denied") << parameters;
  }
  EXPECT_EQ(d->sessions.size(), 0u);
  EXPECT_EQ(audit_text().find(user_token()), std::string::npos);
}

TEST_F(AgentMethodsTest, an_issuer_whose_keys_cannot_be_had_makes_no_token_invalid) {
  http->down(login + "/jwks");
  const Told told = agent("OpenSession", R"({"as":"token","user_token":")" + user_token() + "\"}");
  EXPECT_EQ(told.error, "Unavailable");
}

TEST_F(AgentMethodsTest, the_limit_of_sessions_is_told) {
  d->sessions.set_limits({.all = 1, .per_workload = 1});
  session_handle();
  const Told refused = agent("OpenSession", R"({"as":"workload"})");
  EXPECT_EQ(refused.error, "LimitReached");
  EXPECT_EQ(refused.parameters.text("limit"), "sessions_per_workload");
  EXPECT_GT(refused.parameters.integer("retry_after").value_or(0), 0);
}

TEST_F(AgentMethodsTest, lends_what_is_there_and_asks_where_nothing_is) {
  const std::string handle = session_handle();
  const Told asked = token(handle, R"(,"scopes":["read"],"return_state":"mine")");
  EXPECT_EQ(asked.error, "ConsentRequired");
  EXPECT_EQ(asked.parameters.text("reason"), "new");
  EXPECT_EQ(asked.parameters.text("provider"), "files");
  EXPECT_TRUE(asked.parameters.text("url").starts_with("https://agents.example/connect/"));
  grant();
  const Told lent = token(handle);
  ASSERT_EQ(lent.error, "");
  const Json& found = *lent.parameters.find("token");
  EXPECT_EQ(found.text("access_token"), "access-1");
  EXPECT_EQ(found.text("token_type"), "Bearer");
  EXPECT_EQ(found.text("account"), "acc-1-label");
  EXPECT_EQ(found.integer("expires_at"), clock.unix_seconds() + 3600);
  EXPECT_EQ(found.strings("scopes"), std::vector<std::string>{"read"});
  EXPECT_NE(audit_text().find("token.lent"), std::string::npos);
  EXPECT_EQ(audit_text().find("access-1\""), std::string::npos);
}

TEST_F(AgentMethodsTest, says_why_it_lends_nothing) {
  const std::string handle = session_handle();
  struct Case {
    std::string parameters;
    const char* error;
  };
  const auto with = [&](const std::string& more) {
    return R"({"session":")" + handle + "\"," + more + "}";
  };
  const Case cases[] = {
      {R"({"session":"unknown","provider":"files"})", "SessionInvalid"},
      {with(R"("provider":"nowhere")"), "UnknownProvider"},
      {with(R"("provider":"files","scopes":["admin"])"), "Denied"},
      {with(R"("provider":"files","min_valid":-1)"), "InvalidParameter"},
      {with(R"("provider":"files","return_state":")" + std::string(1025, 's') + "\""),
       "InvalidParameter"},
      {with(R"("provider":"files","return_url":"https://evil.example/")"), "Denied"},
      {with(R"("provider":"files","resource":"https://evil.example/")"), "Denied"},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(agent("GetToken", c.parameters).error, c.error) << c.parameters;
  }
  grant();
  clock.pass_seconds(3599);
  const Told failed = token(handle, R"(,"min_valid":60)");
  EXPECT_EQ(failed.error, "ProviderFailed");
  EXPECT_EQ(failed.parameters.text("error"), "network");
  d->consents.set_limits({.per_user = 0});
  EXPECT_EQ(token(handle, R"(,"fresh":true)").error, "LimitReached");
  d->consents.set_limits({});
  break_store();
  EXPECT_EQ(token(handle, R"(,"fresh":true)").error, "Unavailable");
}

class AgentMethodsAtLimit : public AgentMethodsTest {
 protected:
  std::string config_text() const override {
    return "[limits]\nwaiting_per_workload = 1\n" + AgentMethodsTest::config_text();
  }
};

// W9: what waits for a provider is counted; what lies ready is lent all the same.
TEST_F(AgentMethodsAtLimit, a_workload_waits_for_providers_with_so_many_calls) {
  const std::string handle = session_handle();
  grant();
  http->hold(token_url);
  FakeCall made;
  made.parameters =
      *parse_json(R"({"session":")" + handle + R"(","provider":"files","min_valid":4000})");
  made.context = caller.get();
  std::optional<varlink::Reply> reply;
  const std::string method = "io.reeve.Agent.GetToken";
  begin(services->agent.run(method, made), reply);
  until([&] { return http->waiting(token_url) == 1; });
  const Told refused = token(handle, R"(,"min_valid":4000)");
  EXPECT_EQ(refused.error, "LimitReached");
  EXPECT_EQ(refused.parameters.text("limit"), "waiting_per_workload");
  EXPECT_EQ(refused.parameters.integer("retry_after"), 1);
  EXPECT_EQ(token(handle).error, "") << "a cached token";
  http->release(token_url);
  until([&] { return reply.has_value(); });
  EXPECT_NE(token(handle, R"(,"min_valid":4000)").error, "LimitReached");
}

// T8, W5: unknown, foreign and expired handles look the same.
TEST_F(AgentMethodsTest, a_handle_of_another_scope_is_no_handle) {
  const std::string handle = session_handle();
  const auto all = [&](const std::string& which) {
    const std::string session = R"({"session":")" + which + "\"";
    std::set<std::string> errors;
    errors.insert(agent("GetToken", session + R"(,"provider":"files"})").error);
    errors.insert(agent("AwaitConsent", session + R"(,"request":"r"})", true).error);
    errors.insert(agent("ReportInvalid", session + R"(,"token":"t"})").error);
    errors.insert(agent("Watch", session + "}", true).error);
    errors.insert(agent("CloseSession", session + "}").error);
    return errors;
  };
  const std::set<std::string> invalid = {"SessionInvalid"};
  EXPECT_EQ(all("unknown"), invalid);
  caller = context(1000, "scope-2");
  EXPECT_EQ(all(handle), invalid);
  caller = context(4711);
  EXPECT_EQ(all(handle), invalid);
  caller = context();
  clock.pass_seconds(3600);
  EXPECT_EQ(all(handle), invalid);
}

TEST_F(AgentMethodsTest, pushes_a_consents_status_until_it_is_final) {
  const std::string handle = session_handle();
  const std::string request(token(handle).parameters.text("request"));
  const std::string parameters = R"({"session":")" + handle + R"(","request":")" + request + "\"}";
  EXPECT_EQ(agent("AwaitConsent", parameters).error, "ExpectedMore");
  FakeCall made;
  made.parameters = *parse_json(parameters);
  made.more = true;
  made.context = caller.get();
  std::optional<varlink::Reply> reply;
  begin(services->agent.run(await_, made), reply);
  until([&] { return made.sent.size() == 1; });
  EXPECT_EQ(made.sent[0], R"({"status":"pending"})");
  EXPECT_FALSE(reply);
  const ConsentRef consent = d->consents.all().front();
  EXPECT_TRUE(run(d->consents.settle(consent, ConsentStatus::confirm, "")));
  settle();
  EXPECT_EQ(made.sent.size(), 1u) << "to the agent that is no change";
  EXPECT_TRUE(run(d->consents.settle(consent, ConsentStatus::declined, "no")));
  until([&] { return !!reply; });
  const Told last = told(services->agent, "io.reeve.Agent", "AwaitConsent", made, *reply);
  EXPECT_EQ(last.parameters.text("status"), "declined");
  EXPECT_EQ(last.parameters.text("reason"), "no");
  EXPECT_EQ(agent("AwaitConsent", parameters, true).parameters.text("status"), "declined");
}

// T8.
TEST_F(AgentMethodsTest, a_request_is_waited_for_only_by_who_made_it) {
  const std::string handle = session_handle();
  const std::string request(token(handle).parameters.text("request"));
  const auto wait = [&](const std::string& session) {
    return agent("AwaitConsent", R"({"session":")" + session + R"(","request":")" + request + "\"}",
                 true)
        .error;
  };
  const Told bob = agent(
      "OpenSession", R"({"as":"asserted","user":{"issuer":")" + login + R"(","subject":"bob"}})");
  EXPECT_EQ(wait(bob.parameters.text("session")), "RequestInvalid");
  EXPECT_EQ(wait(agent("OpenSession", R"({"as":"workload"})").parameters.text("session")),
            "RequestInvalid");
  caller = context(1000, "scope-2");
  EXPECT_EQ(wait(session_handle()), "RequestInvalid") << "another container of the same image";
}

TEST_F(AgentMethodsTest, an_awaited_consent_ends_with_its_session) {
  const std::string handle = session_handle();
  const std::string request(token(handle).parameters.text("request"));
  FakeCall made;
  made.parameters = *parse_json(R"({"session":")" + handle + R"(","request":")" + request + "\"}");
  made.more = true;
  made.context = caller.get();
  std::optional<varlink::Reply> reply;
  begin(services->agent.run(await_, made), reply);
  until([&] { return made.sent.size() == 1; });
  EXPECT_EQ(agent("CloseSession", R"({"session":")" + handle + "\"}").error, "");
  EXPECT_TRUE(run(d->consents.settle(d->consents.all().front(), ConsentStatus::granted, "")));
  until([&] { return !!reply; });
  EXPECT_EQ(reply->error, "io.reeve.Agent.SessionInvalid");
}

TEST_F(AgentMethodsTest, watches_what_happens_to_the_session_and_its_grants) {
  const std::string handle = session_handle();
  const GrantRef made_grant = grant();
  EXPECT_EQ(agent("Watch", R"({"session":")" + handle + "\"}").error, "ExpectedMore");
  d->sessions.on_end([this](const Session& session) {
    d->announcer.to_session(session.id, {"session_ended", "", ""});
  });
  FakeCall made;
  made.parameters = *parse_json(R"({"session":")" + handle + "\"}");
  made.more = true;
  made.context = caller.get();
  std::optional<varlink::Reply> reply;
  begin(services->agent.run(watch_, made), reply);
  until([&] { return made.sent.size() == 1; });
  EXPECT_TRUE(run(d->desk.disconnect(made_grant, "user")));
  until([&] { return made.sent.size() == 2; });
  agent("CloseSession", R"({"session":")" + handle + "\"}");
  until([&] { return !!reply; });
  const Told last = told(services->agent, "io.reeve.Agent", "Watch", made, *reply);
  EXPECT_EQ(last.sent[0].text("event"), "ready");
  EXPECT_EQ(last.sent[1].text("event"), "grant_revoked");
  EXPECT_EQ(last.sent[1].text("grant"), made_grant->id);
  EXPECT_EQ(last.parameters.text("event"), "session_ended");
  EXPECT_EQ(d->announcer.watchers(), 0u);
}

TEST_F(AgentMethodsTest, takes_a_report_and_tells_nobody_whether_it_knew_the_token) {
  const std::string handle = session_handle();
  const GrantRef made = grant();
  const auto report = [&](const std::string& id) {
    return agent("ReportInvalid", R"({"session":")" + handle + R"(","token":")" + id + "\"}").error;
  };
  EXPECT_EQ(report("unknown"), "");
  EXPECT_EQ(made->tokens.size(), 1u);
  EXPECT_EQ(report(made->tokens[0].id), "");
  EXPECT_TRUE(made->tokens.empty());
}

TEST_F(AgentMethodsTest, a_reload_that_takes_the_workload_away_takes_its_sessions_power) {
  const std::string handle = session_handle();
  grant();
  EXPECT_EQ(token(handle).error, "");
  std::string text = config_text();
  text.replace(text.find("uid = \"alice\""), 13, "gid = 99");
  d->setup.swap(make_setup(text));
  EXPECT_EQ(token(handle).error, "SessionInvalid");
}

}  // namespace
}  // namespace reeve
