#include "session/unix_sign_in.h"

#include "desk_world.h"

namespace reeve {
namespace {

using test::at_main;
using test::text_of;
using test::user_of;
using test::Visitor;

constexpr uid_t kAlice = 54321, kMallory = 54322;

class UnixSignInTest : public test::DeskWorld {
 protected:
  std::string config_text() const override {
    std::string text = DeskWorld::config_text();
    return text.replace(text.find(test::binder), test::binder.size(),
                        url + "\"" + more + "\n# \"") +
           limits;
  }
  static std::string secret(char letter = 'a') { return std::string(43, letter); }
  std::string code(uid_t uid, const std::string& page = "") {
    auto proven = d->unix_desk.prove(uid, page);
    if (const auto* made = std::get_if<UnixCode>(&proven)) return std::string(made->code.reveal());
    ADD_FAILURE() << text_of(proven);
    return {};
  }
  BrowserKey from(std::optional<uid_t> owner, const std::string& cookie = secret()) {
    BrowserKey key = at_main(cookie);
    key.owner = owner;
    return key;
  }
  Bound<Secret> bring(std::optional<uid_t> owner, const std::string& code) {
    return run(d->unix_desk.sign_in(from(owner), code));
  }
  std::string signed_in_as(uid_t uid) {
    auto done = bring(uid, code(uid));
    if (const auto* renewed = std::get_if<Secret>(&done)) return std::string(renewed->reveal());
    ADD_FAILURE() << text_of(done);
    return {};
  }
  std::string url = "http://127.0.0.1:8420", more, limits;
};

TEST_F(UnixSignInTest, a_browser_of_the_same_user_signs_in_under_a_new_secret) {
  const std::string renewed = signed_in_as(kAlice);
  EXPECT_EQ(d->browsers.find(from(kAlice)), nullptr);
  const BrowserRef browser = d->browsers.find(from(kAlice, renewed));
  ASSERT_NE(browser, nullptr);
  EXPECT_EQ(browser->user->issuer, "unix");
  EXPECT_EQ(browser->user->subject, "machine-1:54321");
  EXPECT_EQ(browser->user->name, "uid 54321");
  EXPECT_NE(audit_text().find("user.signed_in"), std::string::npos);
  restart();
  EXPECT_NE(d->browsers.find(from(kAlice, renewed)), nullptr);
}

TEST_F(UnixSignInTest, users_have_their_names_where_this_host_knows_them) {
  EXPECT_EQ(d->unix_desk.user_of(0).name, "root");
  EXPECT_EQ(d->unix_desk.user_of(kAlice).name, "uid 54321");
}

TEST_F(UnixSignInTest, a_sign_in_ends_when_the_operator_says) {
  limits = "\n[limits]\nsign_in_seconds = 700\n";
  d->setup.swap(make_setup(config_text()));
  const std::string renewed = signed_in_as(kAlice);
  clock.pass_seconds(699);
  EXPECT_NE(d->browsers.find(from(kAlice, renewed)), nullptr);
  clock.pass_seconds(1);
  EXPECT_EQ(d->browsers.find(from(kAlice, renewed)), nullptr);
}

TEST_F(UnixSignInTest, T19_the_cookie_alone_is_nobody_and_another_user_is_nobody) {
  const std::string renewed = signed_in_as(kAlice);
  EXPECT_TRUE(d->browsers.asks_owner(at_main(renewed)));
  for (const std::optional<uid_t>& owner : {std::optional<uid_t>(), {kMallory}, {0}, {5432}}) {
    EXPECT_EQ(d->browsers.find(from(owner, renewed)), nullptr);
    // Nor can that one sign in over it.
    EXPECT_EQ(text_of(run(d->sign_in.begin(from(owner, renewed), test::login, "/", false))),
              "flow:browser");
  }
  EXPECT_NE(d->browsers.find(from(kAlice, renewed)), nullptr);
  // Who signed in at an issuer may come from wherever he is.
  const Visitor visitor = signed_in(user_of("alice"));
  EXPECT_FALSE(d->browsers.asks_owner(visitor.key()));
  EXPECT_NE(d->browsers.find(visitor.key()), nullptr);
}

TEST_F(UnixSignInTest, T19_a_code_is_good_once_for_its_own_user_and_soon) {
  const std::string made = code(kAlice);
  EXPECT_EQ(text_of(bring(kMallory, made)), "flow:socket_owner");
  EXPECT_EQ(text_of(bring(std::nullopt, made)), "flow:socket_owner");
  EXPECT_NE(audit_text().find("machine-1:54322"), std::string::npos) << "who came with it";
  EXPECT_EQ(text_of(bring(kAlice, made)), "ok");
  EXPECT_EQ(text_of(bring(kAlice, made)), "flow:code");
  EXPECT_EQ(text_of(bring(kAlice, secret('x'))), "flow:code");
  const std::string late = code(kAlice);
  clock.pass_seconds(120);
  EXPECT_EQ(text_of(bring(kAlice, late)), "flow:code");
  const std::string lost = code(kAlice);
  restart();
  EXPECT_EQ(text_of(bring(kAlice, lost)), "flow:code") << "codes lie in memory alone";
}

TEST_F(UnixSignInTest, W9_who_guesses_codes_meets_a_limit_and_takes_nobody_elses_turn) {
  const auto refused_records = [&] {
    const std::string text = audit_text();
    size_t count = 0, at = 0;
    while ((at = text.find("sign_in.refused", at)) != std::string::npos) ++count, ++at;
    return count;
  };
  for (const std::optional<uid_t>& owner : {std::optional<uid_t>(kMallory), {}}) {
    const size_t before = refused_records();
    for (int i = 0; i < 60; ++i) EXPECT_EQ(text_of(bring(owner, secret('x'))), "flow:code") << i;
    for (int i = 0; i < 100; ++i) EXPECT_EQ(text_of(bring(owner, secret('x'))), "limit:sign_ins");
    EXPECT_EQ(refused_records() - before, 60u) << "no record each";
  }
  EXPECT_EQ(text_of(bring(kMallory, code(kMallory))), "limit:sign_ins") << "nor a good one";
  EXPECT_EQ(text_of(bring(kAlice, code(kAlice))), "ok");
  clock.pass_seconds(10);
  EXPECT_EQ(text_of(bring(kMallory, code(kMallory))), "ok");
  EXPECT_EQ(text_of(bring(kMallory, code(kMallory))), "limit:sign_ins") << "a little comes back";
}

TEST_F(UnixSignInTest, a_user_has_so_many_codes_and_takes_none_of_anothers) {
  const std::string others = code(kMallory), first = code(kAlice);
  for (int i = 0; i < 8; ++i) code(kAlice);
  EXPECT_EQ(text_of(bring(kAlice, first)), "flow:code");
  EXPECT_EQ(text_of(bring(kMallory, others)), "ok");
}

TEST_F(UnixSignInTest, goes_on_to_pages_of_the_binding_only) {
  const std::string page = url + "/connect/" + secret('A');
  const auto proven = d->unix_desk.prove(kAlice, page);
  const std::string& open = std::get<UnixCode>(proven).url;
  EXPECT_TRUE(open.starts_with(url + "/signin/unix?code=")) << open;
  EXPECT_TRUE(open.ends_with("&next=%2Fconnect%2F" + secret('A'))) << open;
  for (const std::string& bad :
       {url + "x/connections", url + "//evil.example", url + "/signin", url + "/connect/t",
        std::string("https://evil.example/connections"), std::string("/connections")}) {
    EXPECT_EQ(text_of(d->unix_desk.prove(kAlice, bad)), "flow:page") << bad;
  }
}

TEST_F(UnixSignInTest, T19_only_where_browsers_come_over_loopback_and_no_proxy_stands_between) {
  const std::string made = code(kAlice);
  for (const auto& [place, keys] :
       {std::pair<std::string, std::string>{"https://agents.example", ""},
        {"http://127.0.0.1:8420", "\nproxies = [\"127.0.0.1\"]"}}) {
    url = place;
    more = keys;
    d->setup.swap(make_setup(config_text()));
    EXPECT_EQ(text_of(d->unix_desk.prove(kAlice, "")), "flow:binding") << place;
    EXPECT_EQ(text_of(bring(kAlice, made)), "flow:binding") << place;
    EXPECT_FALSE(d->setup.get()->has_unix_binding());
  }
}

TEST_F(UnixSignInTest, without_an_issuer_the_sign_in_says_so) {
  EXPECT_EQ(text_of(run(d->sign_in.begin(from(kAlice), "unix", "/", false))), "flow:unix");
  EXPECT_EQ(text_of(run(d->sign_in.begin(from(kAlice), "", "/", false))), "flow:issuer")
      << "there are two";
}

}  // namespace
}  // namespace reeve
