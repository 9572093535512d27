#include "reeved/binding_methods.h"

#include "service_world.h"

namespace reeve {
namespace {

using test::Asked;
using test::files;
using test::login;
using test::query_of;
using test::user_of;
using test::Visitor;

class BindingMethodsTest : public test::ServiceWorld {
 protected:
  static std::string object(std::initializer_list<std::pair<const char*, std::string>> members) {
    std::string text;
    JsonWriter json(text);
    json.begin_object();
    for (const auto& [name, value] : members) json.member(name, value);
    json.end_object();
    return text;
  }
  std::string page_digest(const Visitor& visitor, const std::string& ticket) {
    const Told told =
        binding("Describe", object({{"browser", visitor.secret}, {"ticket", ticket}}));
    return told.parameters.find("page")->text("digest");
  }
};

TEST_F(BindingMethodsTest, tells_a_binder_where_browsers_reach_it) {
  const Told told = binding("Site", "{}");
  EXPECT_EQ(told.parameters.text("name"), "main");
  EXPECT_EQ(told.parameters.text("url"), "https://agents.example");
}

TEST_F(BindingMethodsTest, walks_a_browser_from_sign_in_to_disconnect) {
  const Asked asked = this->asked();
  const std::string secret(43, 'a');
  Told told = binding("Describe", object({{"browser", secret}, {"ticket", asked.ticket}}));
  EXPECT_EQ(told.parameters.text("status"), "sign_in");
  EXPECT_EQ(told.parameters.text("issuer"), login);

  told = binding(
      "SignIn",
      object({{"browser", secret}, {"issuer", login}, {"next", "/connect/" + asked.ticket}}));
  ASSERT_EQ(told.error, "");
  std::string url = told.parameters.text("authorize_url");
  EXPECT_EQ(told.parameters.text("flow").size(), 43u);
  EXPECT_EQ(told.parameters.text("flow_id").size(), 8u);
  http->on(login + "/token", R"({"access_token":"a","token_type":"Bearer","id_token":")" +
                                 id_token(login, "reeve", "alice", query_of(url, "nonce")) + "\"}");
  told = binding("Return", object({{"browser", secret},
                                   {"flow", told.parameters.text("flow")},
                                   {"redirect", query_of(url, "redirect_uri")},
                                   {"state", query_of(url, "state")},
                                   {"code", "code-1"}}));
  ASSERT_EQ(told.error, "");
  EXPECT_EQ(told.parameters.text("outcome"), "signed_in");
  EXPECT_EQ(told.parameters.text("next"), "/connect/" + asked.ticket);
  const Visitor alice{told.parameters.text("new_browser"), ""};

  told = binding("Describe", object({{"browser", alice.secret}, {"ticket", asked.ticket}}));
  EXPECT_EQ(told.parameters.text("status"), "ready");
  told = binding("Start", object({{"browser", alice.secret},
                                  {"ticket", asked.ticket},
                                  {"digest", told.parameters.find("page")->text("digest")}}));
  ASSERT_EQ(told.error, "");
  url = told.parameters.text("authorize_url");
  http->on(token_url, R"({"access_token":"access-1","token_type":"Bearer","id_token":")" +
                          id_token(files, "files-client", "octo", query_of(url, "nonce")) + "\"}");
  told = binding("Return", object({{"browser", alice.secret},
                                   {"flow", told.parameters.text("flow")},
                                   {"redirect", query_of(url, "redirect_uri")},
                                   {"state", query_of(url, "state")},
                                   {"code", "code-2"}}));
  ASSERT_EQ(told.error, "");
  EXPECT_EQ(told.parameters.text("outcome"), "pending");
  const std::string handle = told.parameters.text("handle");
  told = binding("Outcome", object({{"browser", alice.secret}, {"handle", handle}}));
  EXPECT_EQ(told.parameters.text("outcome"), "confirm");
  EXPECT_EQ(told.parameters.boolean("needs_confirmation"), true);
  EXPECT_EQ(told.parameters.text("account"), "octo");
  told = binding("Confirm", R"({"browser":")" + alice.secret + R"(","handle":")" + handle +
                                R"(","accept":true})");
  EXPECT_EQ(told.parameters.text("next"), "https://chat.example/done?state=mine");
  told = binding("Outcome", object({{"browser", alice.secret}, {"handle", handle}}));
  EXPECT_EQ(told.parameters.boolean("needs_confirmation"), false);

  told = binding("Connections", object({{"browser", alice.secret}}));
  const JsonArray& connections = *told.parameters.find("connections")->array();
  ASSERT_EQ(connections.size(), 1u);
  EXPECT_EQ(connections[0].text("workload"), "bot");
  const std::string grant = connections[0].text("grant");
  http->on(revoke_url, "");
  EXPECT_EQ(binding("Disconnect", object({{"browser", alice.secret}, {"grant", grant}})).error, "");
  EXPECT_EQ(d->grants.size(), 0u);
  EXPECT_EQ(binding("SignOut", object({{"browser", alice.secret}})).error, "");
  EXPECT_EQ(binding("SignOut", object({{"browser", alice.secret}})).error, "");
  EXPECT_EQ(binding("Connections", object({{"browser", alice.secret}})).error, "NotSignedIn");
}

TEST_F(BindingMethodsTest, says_that_time_has_ended_a_sign_in) {
  const Asked asked = this->asked();
  const Visitor alice = signed_in(user_of("alice"));
  d->browsers.set_limits({.idle_seconds = 60});
  clock.pass_seconds(60);
  const std::string browser = object({{"browser", alice.secret}});
  EXPECT_EQ(binding("Connections", browser).parameters.boolean("ended"), true);
  const Told looked =
      binding("Describe", object({{"browser", alice.secret}, {"ticket", asked.ticket}}));
  EXPECT_EQ(looked.parameters.boolean("ended"), true);
  EXPECT_EQ(binding("SignOut", browser).error, "");
  const Told nobody = binding("Connections", object({{"browser", std::string(43, 'a')}}));
  EXPECT_EQ(nobody.error, "NotSignedIn");
  EXPECT_EQ(nobody.parameters.find("ended"), nullptr);
}

TEST_F(BindingMethodsTest, a_user_sees_and_ends_his_own_connections_only) {
  const GrantRef made = grant();
  const Visitor mallory = signed_in(user_of("mallory"));
  const Told none = binding("Connections", object({{"browser", mallory.secret}}));
  EXPECT_TRUE(none.parameters.find("connections")->array()->empty());
  for (const std::string& id : {made->id, std::string("unknown")}) {
    const Told told = binding("Disconnect", object({{"browser", mallory.secret}, {"grant", id}}));
    EXPECT_EQ(told.error, "FlowRefused") << "unknown and foreign look the same";
    EXPECT_EQ(told.parameters.text("reason"), "grant");
  }
  EXPECT_EQ(d->grants.size(), 1u);
  EXPECT_EQ(binding("Disconnect", object({{"browser", ""}, {"grant", made->id}})).error,
            "NotSignedIn");
}

TEST_F(BindingMethodsTest, says_what_it_refused) {
  const Asked asked = this->asked();
  const Visitor alice = signed_in(user_of("alice"));
  struct Case {
    const char* method;
    std::string parameters;
    const char *error, *reason;
  };
  const std::string& who = alice.secret;
  const Case cases[] = {
      {"SignIn", object({{"browser", "short"}, {"next", "/"}}), "InvalidParameter", ""},
      {"SignIn", object({{"browser", who}, {"next", "//evil"}}), "FlowRefused", "next"},
      {"SignIn", object({{"browser", who}, {"next", "/"}}), "FlowRefused", "issuer"},
      {"Describe", object({{"browser", who}, {"ticket", "x"}}), "TicketInvalid", "unknown"},
      {"Start", object({{"browser", who}, {"ticket", asked.ticket}, {"digest", "x"}}),
       "FlowRefused", "changed"},
      {"Start", object({{"browser", ""}, {"ticket", asked.ticket}, {"digest", "x"}}), "NotSignedIn",
       ""},
      {"Decline", object({{"browser", who}, {"ticket", "x"}}), "TicketInvalid", "unknown"},
      {"Return", object({{"browser", who}, {"redirect", "r"}, {"state", "unknown"}}), "FlowRefused",
       "state"},
      {"Return", object({{"browser", who}, {"redirect", "r"}, {"state", ""}}), "FlowRefused",
       "malformed"},
      {"Return", object({{"browser", who}, {"redirect", "r"}, {"state", "a\nb"}}), "FlowRefused",
       "malformed"},
      {"Return", object({{"browser", who}, {"redirect", "r"}, {"state", std::string(513, 's')}}),
       "FlowRefused", "malformed"},
      {"Outcome", object({{"browser", who}, {"handle", "x"}}), "TicketInvalid", "unknown"},
      {"Confirm", R"({"browser":")" + who + R"(","handle":"x","accept":true})", "TicketInvalid",
       "unknown"},
  };
  for (const Case& c : cases) {
    const Told told = binding(c.method, c.parameters);
    EXPECT_EQ(told.error, c.error) << c.method << c.parameters;
    EXPECT_EQ(told.parameters.text("reason"), c.reason) << c.method;
  }
  d->browsers.set_limits({.all = 0});
  const Told full = binding(
      "SignIn", object({{"browser", std::string(43, 'n')}, {"issuer", login}, {"next", "/"}}));
  EXPECT_EQ(full.error, "LimitReached");
  EXPECT_EQ(full.parameters.text("limit"), "browsers");
  EXPECT_EQ(full.parameters.integer("retry_after"), 30);
  break_store();
  EXPECT_EQ(binding("Start", object({{"browser", who},
                                     {"ticket", asked.ticket},
                                     {"digest", page_digest(alice, asked.ticket)}}))
                .error,
            "Unavailable");
  EXPECT_EQ(binding("SignOut", object({{"browser", who}})).error, "Unavailable");
}

TEST_F(BindingMethodsTest, a_consent_can_be_declined) {
  const Asked asked = this->asked();
  const Visitor alice = signed_in(user_of("alice"));
  const Told told =
      binding("Decline", object({{"browser", alice.secret}, {"ticket", asked.ticket}}));
  EXPECT_EQ(told.parameters.text("next"), "https://chat.example/done?state=mine");
  EXPECT_EQ(agent_sees(asked), "declined");
  EXPECT_EQ(binding("Describe", object({{"browser", alice.secret}, {"ticket", asked.ticket}}))
                .parameters.text("outcome"),
            "declined");
}

}  // namespace
}  // namespace reeve
