// Sign-out by the issuer: OpenID Connect Back-Channel Logout 1.0 sections 2.4 to 2.8.
#include "session/issuer_logout.h"

#include "desk_world.h"

namespace reeve {
namespace {

using test::login;
using test::text_of;
using test::user_of;
using test::Visitor;

const std::string events = R"(,"events":{"http://schemas.openid.net/event/backchannel-logout":{}})";

class IssuerLogoutTest : public test::DeskWorld {
 protected:
  // Claims beside iss, aud, iat and exp.
  std::string token(const std::string& more, const std::string& issuer = login,
                    const std::string& audience = "reeve", int64_t age = 0,
                    const std::string& header = R"({"alg":"ES256","kid":"k"})") {
    const int64_t now = clock.unix_seconds() - age;
    return signer.sign(Algorithm::es256, header,
                       R"({"iss":")" + issuer + R"(","aud":")" + audience + R"(","iat":)" +
                           std::to_string(now) + R"(,"exp":)" + std::to_string(now + 120) + more +
                           "}");
  }
  std::string jti() { return R"(,"jti":"j)" + std::to_string(++count_) + '"'; }
  std::string take(std::string text) {
    const auto taken = run(d->logout.take(std::move(text)));
    if (const auto* ended = std::get_if<int64_t>(&taken)) return std::to_string(*ended);
    return text_of(taken);
  }
  Visitor browser(const std::string& sub, const std::string& sid,
                  const std::string& binding = "main") {
    const Visitor made = visitor(binding);
    auto secret = run(d->browsers.sign_in(d->browsers.find(made.key()),
                                          {user_of(sub), {}, sub, sid}, "corp", 3600));
    return {std::string(secret->reveal()), made.id, binding};
  }
  bool in(const Visitor& visitor) { return d->browsers.find(visitor.key()) != nullptr; }
  int count_ = 0;
};

TEST_F(IssuerLogoutTest, ends_the_browsers_of_a_session_and_leaves_the_others) {
  const Visitor one = browser("alice", "s1"), two = browser("alice", "s2"),
                bob = browser("bob", "s3");
  EXPECT_EQ(take(token(R"(,"sub":"alice","sid":"s1")" + jti() + events)), "1");
  EXPECT_FALSE(in(one));
  EXPECT_TRUE(in(two));
  EXPECT_EQ(take(token(R"(,"sid":"s2")" + jti() + events)), "1");
  EXPECT_FALSE(in(two));
  EXPECT_TRUE(in(bob));
  EXPECT_NE(audit_text().find(R"("user.signed_out")"), std::string::npos);
  restart();
  EXPECT_FALSE(in(one));
  EXPECT_FALSE(in(two));
  EXPECT_EQ(take(token(R"(,"sid":"s3")" + jti() + events)), "1") << "sid is kept in the vault";
}

TEST_F(IssuerLogoutTest, a_subject_alone_ends_all_her_browsers) {
  const Visitor one = browser("alice", "s1"), two = browser("alice", ""),
                bob = browser("bob", "s1");
  EXPECT_EQ(take(token(R"(,"sub":"alice")" + jti() + events)), "2");
  EXPECT_FALSE(in(one) || in(two));
  EXPECT_TRUE(in(bob));
}

TEST_F(IssuerLogoutTest, a_sign_in_that_named_no_session_ends_with_any_of_its_user) {
  const Visitor nameless = browser("alice", ""), bob = browser("bob", "");
  EXPECT_EQ(take(token(R"(,"sid":"s1")" + jti() + events)), "0")
      << "whose session that is, is open";
  EXPECT_EQ(take(token(R"(,"sub":"alice","sid":"s1")" + jti() + events)), "1");
  EXPECT_FALSE(in(nameless));
  EXPECT_TRUE(in(bob));
}

TEST_F(IssuerLogoutTest, the_subject_is_subs_whatever_claim_names_users_here) {
  const Visitor made = visitor();
  auto secret = run(d->browsers.sign_in(d->browsers.find(made.key()),
                                        {user_of("employee-7"), {}, "alice", ""}, "corp", 3600));
  EXPECT_EQ(take(token(R"(,"sub":"employee-7")" + jti() + events)), "0");
  EXPECT_EQ(take(token(R"(,"sub":"alice")" + jti() + events)), "1");
}

// Taken again it does nothing: not even to one who signed in since.
TEST_F(IssuerLogoutTest, a_replay_ends_nothing) {
  const Visitor before = browser("alice", "s1");
  const std::string caught = token(R"(,"sub":"alice")" + jti() + events);
  EXPECT_EQ(take(caught), "1");
  const Visitor after = browser("alice", "s2");
  EXPECT_EQ(take(caught), "0");
  EXPECT_TRUE(in(after));
  clock.pass_seconds(181);
  EXPECT_EQ(take(caught), "flow:logout_token:exp");
}

TEST_F(IssuerLogoutTest, what_is_no_logout_token_of_ours_is_refused_and_ends_nothing) {
  const Visitor alice = browser("alice", "s1");
  const std::string sub = R"(,"sub":"alice")";
  struct Row {
    const char* name;
    std::string token, refusal;
  };
  const std::vector<Row> rows = {
      {"no event", token(sub + jti()), "events"},
      {"another event", token(sub + jti() + R"(,"events":{"http://example.com/x":{}})"), "events"},
      {"an event that is no object",
       token(sub + jti() +
             R"(,"events":{"http://schemas.openid.net/event/backchannel-logout":true})"),
       "events"},
      {"a nonce", token(sub + jti() + events + R"(,"nonce":"n")"), "nonce"},
      {"another audience", token(sub + jti() + events, login, "other"), "aud"},
      {"no jti", token(sub + events), "jti"},
      {"neither sub nor sid", token(jti() + events), "sub"},
      {"over", token(sub + jti() + events, login, "reeve", 1000), "exp"},
      {"of another kind",
       token(sub + jti() + events, login, "reeve", 0,
             R"({"alg":"ES256","kid":"k","typ":"at+jwt"})"),
       ""},
  };
  for (const Row& row : rows) {
    const std::string said = take(row.token);
    EXPECT_TRUE(said.starts_with("flow:logout_token:" + row.refusal)) << row.name << ": " << said;
  }
  EXPECT_EQ(take(token(sub + jti() + events, "https://evil.example")), "flow:issuer");
  EXPECT_EQ(take("a.b"), "flow:issuer");
  EXPECT_EQ(take(""), "flow:issuer");
  std::string forged = token(sub + jti() + events);
  forged[forged.size() - 10] = forged[forged.size() - 10] == 'A' ? 'B' : 'A';
  EXPECT_TRUE(take(forged).starts_with("flow:logout_token"));
  EXPECT_TRUE(in(alice));
  EXPECT_NE(audit_text().find(R"("logout.refused")"), std::string::npos);
}

// The other issuer of this configuration can end nobody's sign-in here.
TEST_F(IssuerLogoutTest, another_issuer_of_ours_ends_its_own_only) {
  const Visitor alice = browser("alice", "s1");
  serve_metadata("https://other.example");
  EXPECT_EQ(take(token(R"(,"sub":"alice")" + jti() + events, "https://other.example")), "0");
  EXPECT_TRUE(in(alice));
}

TEST_F(IssuerLogoutTest, a_failing_disk_is_told_and_the_token_can_come_again) {
  const Visitor alice = browser("alice", "s1");
  const std::string text = token(R"(,"sub":"alice")" + jti() + events);
  break_store();
  EXPECT_TRUE(take(text).starts_with("unavailable:"));
  mend_store();
  EXPECT_FALSE(in(alice)) << "in memory she is signed out";
  const Visitor again = browser("alice", "s2");
  EXPECT_EQ(take(text), "1");
  EXPECT_FALSE(in(again));
}

}  // namespace
}  // namespace reeve
