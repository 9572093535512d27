// Which binder may ask what on bind.sock: each for its own binding only.
#include "reeved/binder_context.h"
#include "service_world.h"

namespace reeve {
namespace {

using test::Asked;
using test::login;
using test::query_of;
using test::user_of;
using test::Visitor;

class BinderTest : public test::ServiceWorld {
 protected:
  std::string config_text() const override {
    return ServiceWorld::config_text() +
           "binding = \"shop\"\n[binding.shop]\nurl = \"https://shop.example\"\nuser = 7\n";
  }
  static std::string object(std::initializer_list<std::pair<const char*, std::string>> members) {
    std::string text;
    JsonWriter json(text);
    json.begin_object();
    for (const auto& [name, value] : members) json.member(name, value);
    json.end_object();
    return text;
  }
  std::vector<std::string> shown(const Visitor& visitor) {
    const Told told =
        binding("Connections", object({{"browser", visitor.secret}}), visitor.binding);
    EXPECT_EQ(told.error, "");
    std::vector<std::string> grants;
    const Json* const list = told.parameters.find("connections");
    if (list == nullptr) return grants;
    for (const Json& connection : *list->array()) grants.push_back(connection.text("grant"));
    return grants;
  }
  GrantRef grant_of(const std::string& workload) {
    Granting made;
    made.holder = workload == "bot" ? "workload:bot" : "share:team";
    made.account = workload;
    const GrantRef kept = grant(made);
    kept->workload = workload;
    return kept;
  }
};

// The whole of what another binder could replay, by the methods that it has.
TEST_F(BinderTest, a_replay_by_another_binder_is_worth_nothing) {
  const Asked asked = this->asked();
  const Visitor alice = signed_in(user_of("alice"));
  const Visitor hers = signed_in(user_of("alice"), "shop");  // what it may have of its own
  const std::string digest = digest_of(asked);
  const Away away = started(alice, asked);
  const std::string& url = away.authorize_url;
  for (const std::string& browser : {alice.secret, hers.secret, std::string()}) {
    const auto says = [&](const char* method, const std::string& parameters) {
      const Told told = binding(method, parameters, "shop");
      return told.error + ":" + told.parameters.text("reason");
    };
    const std::string ticket = object({{"browser", browser}, {"ticket", asked.ticket}});
    EXPECT_EQ(says("Describe", ticket), "TicketInvalid:unknown");
    EXPECT_EQ(says("Decline", ticket), "TicketInvalid:unknown");
    EXPECT_EQ(
        says("Start", object({{"browser", browser}, {"ticket", asked.ticket}, {"digest", digest}})),
        "TicketInvalid:unknown");
    EXPECT_EQ(says("Return", object({{"browser", browser},
                                     {"flow", std::string(away.flow.reveal())},
                                     {"redirect", query_of(url, "redirect_uri")},
                                     {"state", query_of(url, "state")},
                                     {"code", "code-1"}})),
              "FlowRefused:state");
  }
  EXPECT_EQ(binding("Connections", object({{"browser", alice.secret}}), "shop").error,
            "NotSignedIn");
  EXPECT_EQ(binding("SignOut", object({{"browser", alice.secret}}), "shop").error, "");
  EXPECT_NE(d->browsers.find(alice.key()), nullptr) << "she is still signed in where she was";
  EXPECT_EQ(http->count(token_url), 0u);

  http->on(token_url, token_answer(away));
  const Told back = binding("Return", object({{"browser", alice.secret},
                                              {"flow", std::string(away.flow.reveal())},
                                              {"redirect", query_of(url, "redirect_uri")},
                                              {"state", query_of(url, "state")},
                                              {"code", "code-1"}}));
  const std::string handle = back.parameters.text("handle");
  for (const std::string& browser : {alice.secret, hers.secret}) {
    EXPECT_EQ(binding("Outcome", object({{"browser", browser}, {"handle", handle}}), "shop").error,
              "TicketInvalid");
    EXPECT_EQ(
        binding("Confirm",
                R"({"browser":")" + browser + R"(","handle":")" + handle + R"(","accept":true})",
                "shop")
            .error,
        "TicketInvalid");
  }
  EXPECT_EQ(d->grants.size(), 0u);
  EXPECT_EQ(binding("Outcome", object({{"browser", alice.secret}, {"handle", handle}}))
                .parameters.text("outcome"),
            "confirm");
}

TEST_F(BinderTest, grants_are_seen_at_main_and_where_their_workload_belongs) {
  const GrantRef bots = grant_of("bot"), rights = grant_of("right"), gone = grant_of("gone");
  const Visitor here = signed_in(user_of("alice")), there = signed_in(user_of("alice"), "shop");
  EXPECT_EQ(shown(here).size(), 3u);
  EXPECT_EQ(shown(there), std::vector<std::string>{rights->id});
  for (const GrantRef& other : {bots, gone}) {
    EXPECT_EQ(
        binding("Disconnect", object({{"browser", there.secret}, {"grant", other->id}}), "shop")
            .error,
        "FlowRefused");
  }
  http->on(revoke_url, "");
  EXPECT_EQ(
      binding("Disconnect", object({{"browser", there.secret}, {"grant", rights->id}}), "shop")
          .error,
      "");
  EXPECT_EQ(d->grants.size(), 2u);
}

TEST_F(BinderTest, a_reload_that_gives_the_binding_away_ends_its_calls) {
  Peer peer;
  peer.uid = 7;
  BinderContext context(peer, Fd(), "shop");
  EXPECT_EQ(context.binding(d->setup.get()), "shop");
  std::string text = config_text();
  text.replace(text.find("user = 7"), 8, "user = 8");
  const SetupRef reloaded_setup = make_setup(text);
  EXPECT_EQ(context.binding(reloaded_setup), "");
  EXPECT_EQ(context.binding(d->setup.get()), "shop");
  d->setup.swap(reloaded_setup);
  const Told told = call(services->binding, "io.reeve.Binding", "SignOut",
                         object({{"browser", ""}}), false, &context);
  EXPECT_EQ(told.error, "PermissionDenied");
}

TEST_F(BinderTest, a_process_that_is_now_anothers_binder_keeps_neither) {
  Peer peer;
  peer.uid = 7;
  BinderContext context(peer, Fd(), "shop");
  std::string text = config_text();
  text.replace(text.find("[binding.shop]"), 14, "[binding.desk]");
  text.replace(text.find("binding = \"shop\""), 16, "binding = \"desk\"");
  EXPECT_EQ(context.binding(make_setup(text)), "");
}

TEST_F(BinderTest, sign_ins_lead_to_the_binders_own_url) {
  const Told told = binding(
      "SignIn",
      object({{"browser", std::string(43, 's')}, {"issuer", login}, {"next", "/connections"}}),
      "shop");
  EXPECT_EQ(query_of(told.parameters.text("authorize_url"), "redirect_uri"),
            "https://shop.example/callback/" + d->setup.get()->issuers.at("corp")->context);
}

}  // namespace
}  // namespace reeve
