#include "session/revocations.h"

#include "unit/oauth/answers.h"
#include "world.h"

namespace reeve {
namespace {

using test::files;

const std::string revoke_url = files + "/revoke";

class RevocationsTest : public test::World {
 protected:
  Doomed doomed() {
    Doomed made{"grant-1", d->setup.get()->providers.at("files")->context,
                "files",   "bot",
                "acc-1",   test::user_of("alice"),
                {}};
    made.tokens.push_back({Secret::copy_of("refresh-1"), true, std::nullopt});
    made.tokens.push_back({Secret::copy_of("access-1"), false, clock.unix_seconds() + 3600});
    return made;
  }
  std::string put(Doomed tokens) {
    auto prepared = d->revocations.prepare(tokens);
    std::vector<Change> changes;
    changes.push_back(std::move(prepared.change));
    EXPECT_TRUE(run(d->vault->commit(std::move(changes))));
    d->revocations.accept(prepared);
    return prepared.id;
  }
  Revocations::Told attempt(const std::string& id) { return run(d->revocations.attempt(id)); }
  std::vector<std::string> told() {
    std::vector<std::string> list;
    for (const HttpRequest& request : http->requests()) {
      if (request.url == revoke_url) list.push_back(test::field(request, "token"));
    }
    return list;
  }
};

using Said = Revocations::Said;

TEST_F(RevocationsTest, tell_the_refresh_token_first_and_then_the_access_tokens) {
  http->on(revoke_url, "");
  const std::string id = put(doomed());
  EXPECT_EQ(attempt(id).said, Said::revoked);
  EXPECT_EQ(told(), (std::vector<std::string>{"refresh-1", "access-1"}));
  EXPECT_EQ(records(Kind::intent), 0u);
  EXPECT_TRUE(d->revocations.all().empty());
  EXPECT_NE(audit_text().find("\"grant.revocation\""), std::string::npos);
  EXPECT_EQ(audit_text().find("refresh-1"), std::string::npos);
}

TEST_F(RevocationsTest,
       a_provider_that_is_down_is_asked_again_ever_more_rarely_also_after_a_restart) {
  http->on(revoke_url, "", 503);
  put(doomed());
  std::vector<int64_t> waits;
  for (size_t count = 0; count < 8; ++count) {
    d->revocations.retry_due();
    ASSERT_TRUE(eventually([&] {
      const auto all = d->revocations.all();
      return all.size() == 1 && all[0].tries == static_cast<int>(count) + 1;
    }));
    settle();
    const int64_t wait = d->revocations.all()[0].next_at - clock.unix_seconds();
    waits.push_back(wait);
    clock.pass_seconds(wait - 1);
    d->revocations.retry_due();
    settle();
    EXPECT_EQ(told().size(), count + 1) << "not too early";
    clock.pass_seconds(1);
    if (count == 3) restart();
  }
  EXPECT_EQ(waits, (std::vector<int64_t>{5, 10, 20, 40, 80, 160, 320, 640}));
  http->on(revoke_url, "");
  d->revocations.retry_due();
  ASSERT_TRUE(eventually([&] { return d->revocations.all().empty(); }));
  EXPECT_EQ(told().back(), "access-1");
  settle();
  EXPECT_EQ(records(Kind::intent), 0u);
}

TEST_F(RevocationsTest, what_was_revoked_is_not_told_again_when_the_rest_is) {
  http->next(revoke_url, "");
  http->next(revoke_url, "", 503);
  const std::string id = put(doomed());
  EXPECT_EQ(attempt(id).said, Said::pending);
  restart();
  http->on(revoke_url, "");
  EXPECT_EQ(attempt(id).said, Said::revoked);
  EXPECT_EQ(told(), (std::vector<std::string>{"refresh-1", "access-1", "access-1"}));
}

TEST_F(RevocationsTest, a_token_that_has_ended_by_itself_needs_no_revocation) {
  http->on(revoke_url, "");
  const std::string id = put(doomed());
  clock.pass_seconds(3600);
  EXPECT_EQ(attempt(id).said, Said::revoked);
  EXPECT_EQ(told(), (std::vector<std::string>{"refresh-1"}));
}

TEST_F(RevocationsTest, a_refusal_is_final_and_said) {
  http->on(revoke_url, R"({"error":"unsupported_token_type"})", 400);
  const std::string id = put(doomed());
  const Revocations::Told said = attempt(id);
  EXPECT_EQ(said.said, Said::refused);
  EXPECT_NE(said.reason.find("unsupported_token_type"), std::string::npos);
  EXPECT_TRUE(d->revocations.all().empty());
  EXPECT_NE(audit_text().find("\"refused\""), std::string::npos);
}

TEST_F(RevocationsTest, a_wrong_client_secret_is_the_operators_and_is_tried_again) {
  http->on(revoke_url, R"({"error":"invalid_client"})", 401);
  EXPECT_EQ(attempt(put(doomed())).said, Said::pending);
}

TEST_F(RevocationsTest, a_provider_without_an_endpoint_is_not_asked_again) {
  http->on(files + "/.well-known/openid-configuration",
           R"({"issuer":")" + files + R"(","authorization_endpoint":")" + files +
               R"(/authorize","token_endpoint":")" + files + R"(/token","jwks_uri":")" + files +
               R"(/jwks"})");
  EXPECT_EQ(attempt(put(doomed())).said, Said::no_endpoint);
  EXPECT_TRUE(d->revocations.all().empty());
}

TEST_F(RevocationsTest, a_provider_that_is_not_configured_now_may_be_so_again) {
  Doomed made = doomed();
  made.context = "another";
  const std::string id = put(std::move(made));
  EXPECT_EQ(attempt(id).said, Said::pending);
  EXPECT_EQ(d->revocations.all().size(), 1u);
}

TEST_F(RevocationsTest, are_given_up_after_a_month_and_that_is_recorded) {
  http->on(revoke_url, "", 503);
  const std::string id = put(doomed());
  clock.pass_seconds(int64_t{31} * 24 * 3600);
  EXPECT_EQ(attempt(id).said, Said::pending);
  EXPECT_TRUE(d->revocations.all().empty());
  EXPECT_NE(audit_text().find("given_up"), std::string::npos);
}

TEST_F(RevocationsTest, a_token_whose_user_is_not_known_any_more_is_revoked_all_the_same) {
  http->on(revoke_url, "");
  Doomed made = doomed();
  made.user = User();
  made.workload.clear();
  const std::string id = put(std::move(made));
  restart();
  EXPECT_EQ(attempt(id).said, Said::revoked);
}

TEST_F(RevocationsTest, two_attempts_at_once_are_one) {
  http->on(revoke_url, "");
  http->hold(revoke_url);
  const std::string id = put(doomed());
  std::optional<Revocations::Told> first;
  begin(d->revocations.attempt(id), first);
  until([&] { return http->waiting(revoke_url) == 1; });
  EXPECT_EQ(attempt(id).said, Said::pending);
  http->release(revoke_url);
  until([&] { return !!first; });
  EXPECT_EQ(told().size(), 2u);
}

TEST_F(RevocationsTest, what_cannot_be_written_is_not_begun) {
  break_store();
  EXPECT_FALSE(run(d->revocations.enqueue(doomed(), {})));
  EXPECT_TRUE(told().empty());
}

}  // namespace
}  // namespace reeve
