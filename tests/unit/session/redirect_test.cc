#include "session/redirect.h"

#include "base/encoding.h"
#include "crypto/hash.h"
#include "world.h"

namespace reeve {
namespace {

using test::at_main;
using test::FakeClock;

struct Redirect {
  Redirect() {
    browser->id = "browser-1";
    browser->secret_hash = sha256("secret");
    made = make_flow(*browser, "https://agents.example/callback/c", clock, "boot-1");
    back.browser = at_main("secret");
    back.flow = made.cookie.reveal();
    back.redirect_uri = "https://agents.example/callback/c";
  }
  std::string problem() const { return flow_problem(made.flow, back, current, clock, boot); }

  FakeClock clock;
  BrowserRef browser = std::make_shared<Browser>();
  BrowserRef current = browser;
  std::string boot = "boot-1";
  NewFlow made;
  CameBack back;
};

TEST(Redirect, a_flow_has_secrets_of_its_own_and_keeps_their_hashes) {
  const Redirect one, two;
  EXPECT_EQ(one.made.flow.state_hash, sha256(one.made.state.reveal()));
  EXPECT_EQ(one.made.flow.cookie_hash, sha256(one.made.cookie.reveal()));
  EXPECT_EQ(one.made.flow.browser, "browser-1");
  EXPECT_EQ(one.made.flow.code_verifier.size(), 43u);  // RFC 7636 section 4.1
  for (const auto member : {&NewFlow::state, &NewFlow::cookie}) {
    EXPECT_EQ((one.made.*member).size(), 43u);
    EXPECT_FALSE((one.made.*member).equals((two.made.*member).reveal()));
  }
  EXPECT_FALSE(one.made.state.equals(one.made.cookie.reveal()));
  EXPECT_FALSE(one.made.state.equals(one.made.flow.code_verifier.reveal()));
  EXPECT_NE(one.made.flow.nonce, two.made.flow.nonce);
  EXPECT_EQ(one.made.flow.nonce.size(), 43u);
}

TEST(Redirect, the_flow_id_is_eight_characters_of_the_states_hash) {
  const Redirect redirect;
  EXPECT_EQ(flow_id(redirect.made.flow),
            base64url(sha256(redirect.made.state.reveal())).substr(0, 8));
}

TEST(Redirect, whoever_comes_back_must_fit_in_everything) {
  struct Case {
    const char* problem;
    std::function<void(Redirect&)> spoil;
  };
  const Case cases[] = {
      {"", [](Redirect&) {}},
      {"", [](Redirect& r) { r.clock.pass_seconds(599); }},
      {"expired", [](Redirect& r) { r.clock.pass_seconds(600); }},
      {"expired", [](Redirect& r) { r.boot = "boot-2"; }},
      {"redirect_uri", [](Redirect& r) { r.back.redirect_uri += "/"; }},
      {"redirect_uri",
       [](Redirect& r) { r.back.redirect_uri = "https://agents.example/callback/d"; }},
      {"redirect_uri", [](Redirect& r) { r.back.redirect_uri.clear(); }},
      {"browser", [](Redirect& r) { r.current = nullptr; }},
      {"browser",
       [](Redirect& r) {
         r.current = std::make_shared<Browser>();
         r.current->id = "browser-2";
       }},
      {"flow_cookie", [](Redirect& r) { r.back.flow.clear(); }},
      {"flow_cookie", [](Redirect& r) { r.back.flow = r.made.state.reveal(); }},
      {"flow_cookie", [](Redirect& r) { r.back.flow.pop_back(); }},
      {"flow_cookie", [](Redirect& r) { r.back.flow = r.made.flow.cookie_hash; }},
      // The secret was renewed meanwhile: the record is what counts.
      {"", [](Redirect& r) { r.browser->secret_hash = sha256("renewed"); }},
  };
  for (const Case& c : cases) {
    Redirect redirect;
    c.spoil(redirect);
    EXPECT_EQ(redirect.problem(), c.problem) << &c - cases;
  }
}

TEST(Redirect, a_flow_is_read_as_it_was_written) {
  const Redirect redirect;
  std::string text;
  JsonWriter json(text);
  write_flow(json, redirect.made.flow);
  auto parsed = parse_json(text);
  ASSERT_TRUE(parsed);
  const auto read = read_flow(*parsed);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->state_hash, redirect.made.flow.state_hash);
  EXPECT_EQ(read->nonce, redirect.made.flow.nonce);
  EXPECT_EQ(read->lifetime.boot, "boot-1");
  EXPECT_EQ(text.find(redirect.made.state.reveal()), std::string::npos);
  EXPECT_EQ(text.find(redirect.made.cookie.reveal()), std::string::npos);
}

TEST(Redirect, a_flow_without_whole_hashes_is_none) {
  for (const char* text :
       {"{}", "[]", "1", R"({"state_hash":"00","cookie_hash":"00"})", R"({"state_hash":"zz"})"}) {
    auto parsed = parse_json(text);
    EXPECT_FALSE(read_flow(*parsed)) << text;
  }
}

}  // namespace
}  // namespace reeve
