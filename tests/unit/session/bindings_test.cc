// Two binders beside each other: what was made for one is nothing at the other.
#include "crypto/hash.h"
#include "desk_world.h"

namespace reeve {
namespace {

using test::Asked;
using test::login;
using test::query_of;
using test::text_of;
using test::user_of;
using test::Visitor;

const std::string shop_url = "https://shop.example";

class BindingsTest : public test::DeskWorld {
 protected:
  std::string config_text() const override {
    return DeskWorld::config_text() + "binding = \"shop\"\n[binding.shop]\nurl = \"" + shop_url +
           "\"\nuser = 7\n";
  }
  std::string text_without_shop() const {
    std::string text = config_text();
    text.erase(text.find("binding = \"shop\""));
    return text;
  }
  // A token is asked for by workload "right", whose users consent at the shop.
  Asked asked_at_shop() {
    Asked made;
    made.session = open_session("right", user_of("alice"), "scope-2").session;
    const LendOutcome outcome = lend(ask_of(made.session, {"write"}));
    const auto* needed = std::get_if<ConsentNeeded>(&outcome);
    if (needed == nullptr) {
      ADD_FAILURE() << lend_text(outcome);
      return {};
    }
    EXPECT_TRUE(needed->url.starts_with(shop_url + "/connect/")) << needed->url;
    made.ticket = needed->url.substr(needed->url.rfind('/') + 1);
    made.consent = d->consents.by_ticket(made.ticket);
    return made;
  }
  // The same browser as another binder would name it.
  static Visitor stolen(const Visitor& visitor, const std::string& binding) {
    return {visitor.secret, visitor.id, binding};
  }
  int audited() { return count_of(audit_text(), R"("reason":"binding")"); }
  static int count_of(const std::string& text, const std::string& word) {
    int count = 0;
    for (size_t at = 0; (at = text.find(word, at)) != std::string::npos; ++at) ++count;
    return count;
  }
};

TEST_F(BindingsTest, each_workload_sends_its_users_to_its_own) {
  const Asked here = asked(), there = asked_at_shop();
  EXPECT_EQ(here.consent->binding, "main");
  EXPECT_EQ(there.consent->binding, "shop");
  const Visitor alice = signed_in(user_of("alice"), "shop");
  const Away away = started(alice, there);
  EXPECT_EQ(query_of(away.authorize_url, "redirect_uri"),
            shop_url + "/callback/" + d->setup.get()->providers.at("files")->context);
}

TEST_F(BindingsTest, a_ticket_is_unknown_to_another_binder) {
  const Asked asked = this->asked();
  const Visitor thief = signed_in(user_of("alice"), "shop");
  const std::string digest = digest_of(asked);
  EXPECT_EQ(status_of(thief, asked.ticket), "ticket:unknown");
  EXPECT_EQ(text_of(start(thief, asked.ticket, digest)), "ticket:unknown");
  EXPECT_EQ(text_of(run(d->desk.decline(thief.key(), asked.ticket))), "ticket:unknown");
  EXPECT_EQ(audited(), 3);
  EXPECT_EQ(asked.consent->wrong_users, 0);
  EXPECT_EQ(status_of(signed_in(user_of("alice")), asked.ticket), "ready");
}

TEST_F(BindingsTest, a_browser_is_unknown_to_another_binder) {
  const Visitor alice = signed_in(user_of("alice"));
  const Visitor thief = stolen(alice, "shop");
  EXPECT_EQ(d->browsers.find(thief.key()), nullptr);
  EXPECT_EQ(status_of(thief, asked_at_shop().ticket), "sign_in") << "nobody is signed in there";
  // Nor can it be taken over by a sign-in of one's own.
  EXPECT_EQ(text_of(run(d->sign_in.begin(thief.key(), login, "/", false))), "flow:browser");
  ASSERT_NE(d->browsers.find(alice.key()), nullptr);
  EXPECT_TRUE(d->browsers.find(alice.key())->user->is(user_of("alice")));
}

TEST_F(BindingsTest, a_flow_is_unknown_to_another_binder_and_not_its_to_burn) {
  const Asked asked = this->asked();
  const Visitor alice = signed_in(user_of("alice"));
  const Away away = started(alice, asked);
  http->on(token_url, token_answer(away));
  for (const Visitor& thief :
       {stolen(alice, "shop"), signed_in(user_of("alice"), "shop"), Visitor{"", "", "shop"}}) {
    EXPECT_EQ(text_of(come_back(back(thief, away))), "flow:state");
  }
  EXPECT_EQ(audited(), 3);
  EXPECT_EQ(http->count(token_url), 0u) << "no code is redeemed";
  const auto taken = come_back(back(alice, away));
  EXPECT_EQ(outcome_of(alice, std::get<Secret>(taken)), "confirm");
}

TEST_F(BindingsTest, a_handle_is_unknown_to_another_binder) {
  const Asked asked = this->asked();
  const Visitor alice = signed_in(user_of("alice"));
  const Secret handle = walked(alice, asked);
  for (const Visitor& thief : {stolen(alice, "shop"), signed_in(user_of("alice"), "shop")}) {
    EXPECT_EQ(outcome_of(thief, handle), "ticket:unknown");
    EXPECT_EQ(text_of(confirm(thief, handle, true)), "ticket:unknown");
    EXPECT_EQ(text_of(confirm(thief, handle, false)), "ticket:unknown");
  }
  EXPECT_EQ(audited(), 6);
  EXPECT_EQ(agent_sees(asked), "pending");
  EXPECT_EQ(d->grants.size(), 0u);
  EXPECT_EQ(text_of(confirm(alice, handle)), "ok");
  EXPECT_EQ(agent_sees(asked), "granted");
}

TEST_F(BindingsTest, a_sign_in_is_unknown_to_another_binder_and_not_its_to_consume) {
  const Visitor someone = visitor();
  const auto begun = run(d->sign_in.begin(someone.key(), login, "/connections", false));
  const Away& away = std::get<Away>(begun);
  const auto finish = [&](const Visitor& by) {
    const BrowserRef owner =
        d->browsers.with_sign_in(sha256(query_of(away.authorize_url, "state")));
    return run(d->sign_in.finish(owner, back(by, away)));
  };
  EXPECT_EQ(text_of(finish(stolen(someone, "shop"))), "flow:state");
  EXPECT_EQ(audited(), 1);
  http->on(login + "/token",
           R"({"access_token":"a","token_type":"Bearer","id_token":")" +
               id_token(login, "reeve", "alice", query_of(away.authorize_url, "nonce")) + "\"}");
  EXPECT_EQ(text_of(finish(someone)), "ok");
}

TEST_F(BindingsTest, both_survive_a_restart) {
  const Asked asked = asked_at_shop();
  const Visitor alice = signed_in(user_of("alice"), "shop");
  const Visitor other = signed_in(user_of("alice"));
  restart();
  EXPECT_EQ(d->browsers.find(stolen(alice, "main").key()), nullptr);
  EXPECT_EQ(status_of(other, asked.ticket), "ticket:unknown");
  EXPECT_EQ(status_of(alice, asked.ticket), "ready");
}

TEST_F(BindingsTest, one_that_is_gone_or_not_the_workloads_any_more_starts_nothing) {
  const Asked asked = asked_at_shop();
  const Visitor alice = signed_in(user_of("alice"), "shop");
  std::string digest = std::get<Described>(describe(alice, asked.ticket)).page->digest;
  std::string text = config_text();
  text.replace(text.find("binding = \"shop\""), 16, "binding = \"main\"");
  for (const std::string& changed : {text, text_without_shop()}) {
    d->setup.swap(make_setup(changed));
    EXPECT_EQ(text_of(start(alice, asked.ticket, digest)), "flow:policy");
  }
  d->setup.swap(make_setup(config_text()));
  EXPECT_EQ(text_of(start(alice, asked.ticket, digest)), "ok");
}

TEST_F(BindingsTest, a_question_is_asked_anew_where_the_workload_moved) {
  const Asked before = asked_at_shop();
  d->setup.swap(make_setup(text_without_shop()));
  const LendOutcome outcome = lend(ask_of(before.session, {"write"}));
  const auto& needed = std::get<ConsentNeeded>(outcome);
  EXPECT_TRUE(needed.url.starts_with(test::binder + "/connect/")) << needed.url;
  EXPECT_NE(d->consents.by_ticket(needed.url.substr(needed.url.rfind('/') + 1)), before.consent);
}

TEST_F(BindingsTest, the_peer_says_which_one) {
  const reeve::Setup& setup = *d->setup.get();
  Peer peer;
  EXPECT_EQ(setup.binding_of(peer), nullptr);
  EXPECT_FALSE(setup.binders_are_workloads());
  peer.uid = 7;
  EXPECT_EQ(setup.binding_of(peer)->name, "shop");
  peer.uid = setup.config.daemon.binder_uid;
  EXPECT_EQ(setup.binding_of(peer)->name, "main");
  peer.uid = 8;
  EXPECT_EQ(setup.binding_of(peer), nullptr);
}

TEST_F(BindingsTest, a_workload_may_be_the_binder_and_goes_before_a_uid) {
  std::string text = config_text();
  text.replace(text.find("user = 7"), 8, "workload = \"right\"");
  const SetupRef setup = make_setup(text);
  EXPECT_TRUE(setup->binders_are_workloads());
  Peer peer;
  peer.uid = setup->config.daemon.binder_uid;
  peer.initial_user_namespace = true;
  peer.initial_pid_namespace = true;
  EXPECT_EQ(setup->binding_of(peer)->name, "main");
  peer.gid = 12;  // [workload.right]
  EXPECT_EQ(setup->binding_of(peer)->name, "shop");
  peer.gid = 11;  // [workload.left]
  EXPECT_EQ(setup->binding_of(peer)->name, "main");
  peer.uid = 4711;
  EXPECT_EQ(setup->binding_of(peer), nullptr);
  peer.gid = 12;
  peer.container = "docker:abc";
  EXPECT_EQ(setup->binding_of(peer), nullptr) << "the rule is the workload's, containers and all";
}

TEST_F(BindingsTest, each_has_redirect_uris_of_its_own) {
  const auto uris = redirect_uris(d->setup.get()->config);
  const std::string context = d->setup.get()->providers.at("files")->context;
  EXPECT_EQ(uris.at("provider.files"), test::binder + "/callback/" + context);
  EXPECT_EQ(uris.at("provider.files at binding.shop"), shop_url + "/callback/" + context);
  EXPECT_EQ(uris.size(), 2 * (d->setup.get()->issuers.size() + d->setup.get()->providers.size()));
}

}  // namespace
}  // namespace reeve
