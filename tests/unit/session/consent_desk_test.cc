#include "session/consent_desk.h"

#include <sstream>

#include "base/encoding.h"
#include "crypto/hash.h"
#include "desk_world.h"
#include "oauth/pkce.h"

namespace reeve {
namespace {

using test::Asked;
using test::files;
using test::login;
using test::query_of;
using test::text_of;
using test::user_of;
using test::Visitor;

class ConsentDeskTest : public test::DeskWorld {};

TEST_F(ConsentDeskTest, walks_a_user_from_the_question_to_the_token) {
  const Asked asked = this->asked();
  const Visitor alice = signed_in(user_of("alice"));
  const auto looked = describe(alice, asked.ticket);
  const Described& described = std::get<Described>(looked);
  EXPECT_EQ(described.status, "ready");
  EXPECT_EQ(described.user, "alice by name");
  ASSERT_TRUE(described.page);
  EXPECT_EQ(described.page->workload, "bot");
  EXPECT_EQ(described.page->provider, "files");
  EXPECT_EQ(described.page->user, "alice by name");
  EXPECT_EQ(described.page->phrase, asked.consent->phrase);
  EXPECT_EQ(described.page->scopes, std::vector<std::string>{"read"});
  EXPECT_TRUE(http->requests().empty()) << "the provider is not contacted for a look";

  const Away away = started(alice, asked);
  const std::string& url = away.authorize_url;
  EXPECT_TRUE(url.starts_with("https://files.example/authorize?"));
  EXPECT_EQ(query_of(url, "client_id"), "files-client");
  EXPECT_EQ(query_of(url, "scope"), "read openid");
  EXPECT_EQ(query_of(url, "code_challenge_method"), "S256");
  EXPECT_EQ(query_of(url, "response_type"), "code");
  const std::string context = d->setup.get()->providers.at("files")->context;
  EXPECT_EQ(query_of(url, "redirect_uri"), "https://agents.example/callback/" + context);
  EXPECT_EQ(away.flow_id.size(), 8u);

  http->on(token_url, token_answer(away));
  const auto taken = come_back(back(alice, away));
  const Secret& handle = std::get<Secret>(taken);
  const auto asks = outcome(alice, handle);
  const ConsentOutcome& question = std::get<ConsentOutcome>(asks);
  EXPECT_EQ(question.outcome, "confirm");
  EXPECT_EQ(question.account, "octo-name");
  EXPECT_EQ(question.user, "alice by name");
  EXPECT_TRUE(question.next.empty()) << "not before it counts";
  EXPECT_EQ(d->grants.size(), 0u) << "the account is shown before it counts";
  EXPECT_EQ(agent_sees(asked), "pending");
  EXPECT_EQ(lend_text(lend(ask_of(asked.session))), "consent:new");

  const HttpRequest& request = http->last(token_url);
  EXPECT_EQ(test::field(request, "code"), "code-1");
  EXPECT_EQ(test::field(request, "redirect_uri"), query_of(url, "redirect_uri"));
  EXPECT_EQ(code_challenge(Secret(test::field(request, "code_verifier"))),
            query_of(url, "code_challenge"));

  const auto confirmed = confirm(alice, handle);
  EXPECT_EQ(std::get<std::string>(confirmed), "https://chat.example/done?state=mine");
  EXPECT_EQ(agent_sees(asked), "granted");
  EXPECT_EQ(outcome_of(alice, handle), "granted");
  EXPECT_EQ(status_of(alice, asked.ticket), "finished");
  const auto lent = d->lender.lend_cached(ask_of(asked.session));
  ASSERT_TRUE(lent);
  EXPECT_EQ(value_of(lent->token), "access-1");
  EXPECT_EQ(lent->grant->account_id, "octo");
  EXPECT_EQ(lent->grant->requested, std::vector<std::string>{"read"});
  EXPECT_EQ(http->count(token_url), 1u);
}

TEST_F(ConsentDeskTest, walks_through_a_provider_of_endpoints_too) {
  const Asked asked = this->asked("notes");
  const Visitor alice = signed_in(user_of("alice"));
  const Away away = started(alice, asked);
  EXPECT_TRUE(away.authorize_url.starts_with("https://notes.example/authorize?"));
  EXPECT_EQ(query_of(away.authorize_url, "nonce"), "");
  http->on(test::notes + "/token", R"({"access_token":"a","token_type":"bearer"})");
  http->on(test::notes + "/me", R"({"sub":"7","name":"Alice L."})");
  const auto taken = come_back(back(alice, away));
  const auto looked = outcome(alice, std::get<Secret>(taken));
  EXPECT_EQ(std::get<ConsentOutcome>(looked).account, "Alice L.");
  EXPECT_EQ(std::get<ConsentOutcome>(looked).provider, "Notes");
  // One method of authentication a request (OAUTH 6749-1).
  const HttpRequest& request = http->last(test::notes + "/token");
  EXPECT_EQ(test::field(request, "client_secret"), "s3cret");
  EXPECT_EQ(test::header(request, "Authorization"), "-");
  EXPECT_EQ(test::header(http->last(test::notes + "/me"), "Authorization"), "Bearer a");
  EXPECT_EQ(text_of(confirm(alice, std::get<Secret>(taken))), "ok");
  EXPECT_EQ(d->grants.loaded().front()->issuer, test::notes + "/token");
}

TEST_F(ConsentDeskTest, a_look_says_who_must_sign_in_where) {
  const Asked asked = this->asked();
  const auto unknown = describe({"nobody", ""}, asked.ticket);
  EXPECT_EQ(std::get<Described>(unknown).status, "sign_in");
  EXPECT_EQ(std::get<Described>(unknown).issuer, login);
  EXPECT_FALSE(std::get<Described>(unknown).page) << "nothing is shown to nobody";
  EXPECT_EQ(status_of(visitor(), asked.ticket), "sign_in");
  const auto elsewhere =
      describe(signed_in(user_of("alice", "https://other.example")), asked.ticket);
  EXPECT_EQ(std::get<Described>(elsewhere).status, "sign_in_elsewhere");
  EXPECT_FALSE(std::get<Described>(elsewhere).page);
  EXPECT_EQ(asked.consent->wrong_users, 0);
  EXPECT_FALSE(std::get<Described>(unknown).ended);
  const Visitor idle = signed_in(user_of("alice"));
  d->browsers.set_limits({.idle_seconds = 60});
  clock.pass_seconds(60);
  const auto ended = describe(idle, asked.ticket);
  EXPECT_EQ(std::get<Described>(ended).status, "sign_in");
  EXPECT_TRUE(std::get<Described>(ended).ended);
}

TEST_F(ConsentDeskTest, a_ticket_that_is_unknown_over_or_of_an_ended_session_opens_nothing) {
  const Visitor alice = signed_in(user_of("alice"));
  EXPECT_EQ(status_of(alice, "nonsense"), "ticket:unknown");
  EXPECT_EQ(status_of(alice, ""), "ticket:unknown");
  const Asked ended = asked();
  EXPECT_EQ(status_of(alice, ended.request), "ticket:unknown");
  const std::string digest = digest_of(ended);
  EXPECT_TRUE(run(d->sessions.close(ended.session)));
  EXPECT_EQ(status_of(alice, ended.ticket), "ticket:session_ended");
  EXPECT_EQ(text_of(start(alice, ended.ticket, digest)), "ticket:session_ended");
  EXPECT_EQ(text_of(run(d->desk.decline(alice.key(), ended.ticket))), "ticket:session_ended");
  clock.pass_seconds(600);
  EXPECT_EQ(status_of(alice, ended.ticket), "ticket:expired");
}

// T1, T3.
TEST_F(ConsentDeskTest, another_user_sees_nothing_and_the_third_time_ends_it) {
  const Asked asked = this->asked();
  const Visitor mallory = signed_in(user_of("mallory"));
  for (int i = 1; i <= 3; ++i) {
    EXPECT_EQ(agent_sees(asked), "pending");
    const auto looked = describe(mallory, asked.ticket);
    EXPECT_EQ(std::get<Described>(looked).status, "wrong_user");
    EXPECT_FALSE(std::get<Described>(looked).page);
    EXPECT_EQ(std::get<Described>(looked).user, "mallory by name") << "her own name at most";
  }
  EXPECT_EQ(agent_sees(asked), "refused");
  EXPECT_EQ(status_of(mallory, asked.ticket), "wrong_user");
  EXPECT_EQ(status_of(signed_in(user_of("alice")), asked.ticket), "finished");
  EXPECT_TRUE(http->requests().empty());
  EXPECT_NE(audit_text().find("wrong_user"), std::string::npos);
}

// T1.
TEST_F(ConsentDeskTest, another_user_who_presses_continue_ends_it_at_once) {
  const Asked asked = this->asked();
  const std::string digest = digest_of(asked);
  EXPECT_EQ(text_of(start(signed_in(user_of("mallory")), asked.ticket, digest)), "flow:wrong_user");
  EXPECT_EQ(agent_sees(asked), "refused");
  EXPECT_TRUE(http->requests().empty()) << "no URL of the provider was made for her";
  EXPECT_EQ(text_of(start(signed_in(user_of("alice")), asked.ticket, digest)), "ticket:used");
}

TEST_F(ConsentDeskTest, continue_is_refused_unless_all_of_it_fits) {
  struct Case {
    const char* refusal;
    std::function<Bound<Away>(const Asked&, const Visitor&, const std::string& digest)> press;
  };
  const auto press = [this](const Asked& asked, const Visitor& who, const std::string& digest) {
    return start(who, asked.ticket, digest);
  };
  const Case cases[] = {
      {"ticket:unknown",
       [&](auto&, auto& alice, auto& digest) { return start(alice, "x", digest); }},
      {"not_signed_in",
       [&](auto& asked, auto&, auto& digest) { return press(asked, visitor(), digest); }},
      {"not_signed_in",
       [&](auto& asked, auto&, auto& digest) {
         return press(asked, Visitor{"nobody", ""}, digest);
       }},
      {"flow:changed", [&](auto& asked, auto& alice, auto&) { return press(asked, alice, ""); }},
      {"flow:changed",
       [&](auto& asked, auto& alice, auto& digest) {
         asked.consent->scopes.push_back("write");
         return press(asked, alice, digest);
       }},
      {"flow:changed",
       [&](auto& asked, auto& alice, auto& digest) {
         asked.consent->phrase = "other-words-here";
         return press(asked, alice, digest);
       }},
      {"ticket:expired",
       [&](auto& asked, auto& alice, auto& digest) {
         clock.pass_seconds(600);
         return press(asked, alice, digest);
       }},
      {"flow:policy",
       [&](auto& asked, auto& alice, auto& digest) {
         std::string text = config_text();
         const size_t at = text.find("scopes = [\"read\", \"write\"]");
         d->setup.swap(make_setup(text.replace(at, 26, "scopes = [\"write\"]")));
         return press(asked, alice, digest);
       }},
      {"flow:under_way",
       [&](auto& asked, auto& alice, auto& digest) {
         asked.consent->status = ConsentStatus::redeeming;
         return press(asked, alice, digest);
       }},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.refusal);
    restart();
    for (const ConsentRef& old : d->consents.all()) {
      EXPECT_TRUE(run(d->consents.settle(old, ConsentStatus::failed, "")));
    }
    const size_t before = http->requests().size();
    const Asked asked = this->asked();
    const Visitor alice = signed_in(user_of("alice"));
    const std::string digest = digest_of(asked);
    EXPECT_EQ(text_of(c.press(asked, alice, digest)), c.refusal);
    EXPECT_TRUE(asked.consent->flows.empty());
    EXPECT_EQ(http->requests().size(), before);
  }
}

TEST_F(ConsentDeskTest, a_ticket_belongs_to_the_browser_that_pressed_continue) {
  const Asked asked = this->asked();
  const Visitor alice = signed_in(user_of("alice")), elsewhere = signed_in(user_of("alice"));
  const std::string digest = digest_of(asked);
  started(alice, asked);
  EXPECT_EQ(status_of(elsewhere, asked.ticket), "ticket:used");
  EXPECT_EQ(text_of(start(elsewhere, asked.ticket, digest)), "ticket:used");
  EXPECT_EQ(status_of(alice, asked.ticket), "ready") << "the back button";
  // T17: another ticket for the same question is another way to it.
  const Asked again = asked_again(asked.session);
  EXPECT_EQ(again.consent, asked.consent);
  EXPECT_EQ(status_of(elsewhere, again.ticket), "ready");
}

TEST_F(ConsentDeskTest, a_provider_that_cannot_be_asked_leaves_the_question_open) {
  http->down(files + "/.well-known/openid-configuration");
  const Asked asked = this->asked();
  const Visitor alice = signed_in(user_of("alice"));
  EXPECT_EQ(text_of(start(alice, asked.ticket, digest_of(asked))),
            "unavailable:the provider cannot be asked now");
  EXPECT_EQ(agent_sees(asked), "pending");
  serve_metadata(files);
  started(alice, asked);
}

// T4, T9, T10, T13: whoever comes back must be who was sent away. Each is burnt, and nothing is
// redeemed.
TEST_F(ConsentDeskTest, a_callback_is_refused_and_burnt_unless_all_of_it_fits) {
  struct Case {
    const char* refusal;
    std::function<void(const Asked&, const Visitor&, CameBack&)> spoil;
  };
  const Case cases[] = {
      {"flow:browser",
       [&](auto&, auto&, CameBack& back) { back.browser = signed_in(user_of("alice")).key(); }},
      {"flow:browser",
       [&](auto&, auto&, CameBack& back) { back.browser = signed_in(user_of("mallory")).key(); }},
      {"flow:browser", [&](auto&, auto&, CameBack& back) { back.browser.secret.clear(); }},
      {"flow:flow_cookie", [&](auto&, auto&, CameBack& back) { back.flow.clear(); }},
      {"flow:flow_cookie", [&](auto&, auto&, CameBack& back) { back.flow = std::string(43, 'x'); }},
      {"flow:redirect_uri",
       [&](auto&, auto&, CameBack& back) {
         back.redirect_uri =
             "https://agents.example/callback/" + d->setup.get()->providers.at("notes")->context;
       }},
      {"flow:expired", [&](auto&, auto&, CameBack&) { clock.pass_seconds(600); }},
      {"flow:session", [&](const Asked& asked, auto&,
                           CameBack&) { EXPECT_TRUE(run(d->sessions.close(asked.session))); }},
      {"flow:browser",
       [&](auto&, const Visitor& alice, CameBack&) {
         EXPECT_TRUE(run(d->browsers.erase(d->browsers.find(alice.key()))));
       }},
      {"flow:user",
       [&](auto&, const Visitor& alice, CameBack& back) {
         const auto renewed = run(d->browsers.sign_in(d->browsers.find(alice.key()),
                                                      {user_of("mallory"), {}}, "corp", 3600));
         back.browser.secret = renewed->reveal();
       }},
      {"flow:context",
       [&](auto&, auto&, CameBack&) {
         std::string text = config_text();
         const size_t at = text.find("files-client");
         d->setup.swap(make_setup(text.replace(at, 12, "other-client")));
       }},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.refusal);
    restart();
    const Asked asked = this->asked();
    const Visitor alice = signed_in(user_of("alice"));
    const Away away = started(alice, asked);
    http->on(token_url, token_answer(away));
    CameBack spoilt = back(alice, away);
    c.spoil(asked, alice, spoilt);
    EXPECT_EQ(text_of(come_back(std::move(spoilt))), c.refusal);
    EXPECT_EQ(text_of(come_back(back(alice, away))), "flow:state") << "it is burnt";
    settle();
    EXPECT_EQ(http->count(token_url), 0u);
    EXPECT_EQ(d->grants.size(), 0u);
    restart();
    EXPECT_EQ(text_of(come_back(back(alice, away))), "flow:state") << "also after a restart";
    if (const ConsentRef left = d->consents.by_ticket(asked.ticket)) {
      EXPECT_TRUE(run(d->consents.settle(left, ConsentStatus::failed, "")));
    }
  }
}

// The secret is renewed when the user signs in again in another tab; the record is the same.
TEST_F(ConsentDeskTest, a_sign_in_of_the_same_user_meanwhile_does_not_break_the_flow) {
  const Asked asked = this->asked();
  Visitor alice = signed_in(user_of("alice"));
  const Away away = started(alice, asked);
  const auto renewed =
      run(d->browsers.sign_in(d->browsers.find(alice.key()), {user_of("alice"), {}}, "corp", 3600));
  alice.secret = renewed->reveal();
  http->on(token_url, token_answer(away));
  EXPECT_EQ(text_of(come_back(back(alice, away))), "ok");
}

// T7.
TEST_F(ConsentDeskTest, a_callback_that_comes_twice_is_redeemed_once) {
  const Asked asked = this->asked();
  const Visitor alice = signed_in(user_of("alice"));
  const Away away = started(alice, asked);
  http->on(token_url, token_answer(away));
  std::vector<std::optional<Bound<Secret>>> taken(4);
  for (auto& one : taken) begin(d->desk.came_back(asked.consent, back(alice, away)), one);
  until([&] { return std::all_of(taken.begin(), taken.end(), [](auto& t) { return !!t; }); });
  int good = 0;
  for (auto& one : taken) {
    if (std::holds_alternative<Secret>(*one)) ++good;
    else EXPECT_EQ(text_of(*one), "flow:state");
  }
  EXPECT_EQ(good, 1);
  settle();
  EXPECT_EQ(http->count(token_url), 1u);
  // A reload of the finished flow shows its outcome.
  for (auto& one : taken) {
    if (const auto* handle = std::get_if<Secret>(&*one)) {
      EXPECT_EQ(outcome_of(alice, *handle), "confirm");
      EXPECT_EQ(outcome_of(alice, *handle), "confirm");
    }
  }
}

TEST_F(ConsentDeskTest, a_second_tab_that_comes_back_while_the_first_is_redeemed_is_refused) {
  const Asked asked = this->asked();
  const Visitor alice = signed_in(user_of("alice"));
  const Away first = started(alice, asked), second = started(alice, asked);
  http->on(token_url, token_answer(first));
  EXPECT_EQ(text_of(come_back(back(alice, first))), "ok");
  EXPECT_EQ(text_of(come_back(back(alice, second))), "flow:under_way");
  settle();
  EXPECT_EQ(http->count(token_url), 1u);
}

// T10: RFC 9207, on errors too.
TEST_F(ConsentDeskTest, an_answer_of_another_issuer_is_not_redeemed_and_nothing_of_it_is_shown) {
  serve_metadata(files, R"(,"authorization_response_iss_parameter_supported":true)");
  for (const char* iss : {"", "https://evil.example", "https://files.example/"}) {
    for (const bool error : {false, true}) {
      const Asked asked = this->asked();
      const Visitor alice = signed_in(user_of("alice"));
      const Away away = started(alice, asked);
      CameBack came = back(alice, away);
      came.answer.iss = iss;
      if (error) {
        came.answer.code = Secret();
        came.answer.error = "evil_words";
      }
      const auto taken = come_back(std::move(came));
      ASSERT_EQ(text_of(taken), "ok");
      const auto looked = outcome(alice, std::get<Secret>(taken));
      EXPECT_EQ(std::get<ConsentOutcome>(looked).outcome, "failed");
      EXPECT_EQ(std::get<ConsentOutcome>(looked).reason, "iss");
      EXPECT_EQ(agent_sees(asked), "failed");
    }
  }
  EXPECT_EQ(http->count(token_url), 0u);
  const Asked asked = this->asked();
  const Visitor alice = signed_in(user_of("alice"));
  const Away away = started(alice, asked);
  http->on(token_url, token_answer(away));
  CameBack came = back(alice, away);
  came.answer.iss = files;
  EXPECT_EQ(text_of(come_back(std::move(came))), "ok");
  settle();
  EXPECT_EQ(http->count(token_url), 1u);
}

// T14.
TEST_F(ConsentDeskTest, what_the_provider_answers_instead_of_a_code_is_told) {
  struct Case {
    const char *error, *code, *status, *reason;
  };
  const Case cases[] = {
      {"access_denied", "", "declined", "user_at_provider"},
      {"server_error", "", "failed", "server_error"},
      {"<script>", "", "failed", "unrecognised"},
      {"account_domain", "", "failed", "provider_error"},  // words of ours
      {"malformed_answer", "", "failed", "provider_error"},
      {"", "", "failed", "malformed_answer"},
      {"server_error", "code", "failed", "malformed_answer"},
  };
  for (const Case& c : cases) {
    const Asked asked = this->asked();
    const Visitor alice = signed_in(user_of("alice"));
    const Away away = started(alice, asked);
    CameBack came = back(alice, away, c.code);
    came.answer.error = c.error;
    const auto taken = come_back(std::move(came));
    ASSERT_EQ(text_of(taken), "ok");
    const auto looked = outcome(alice, std::get<Secret>(taken));
    EXPECT_EQ(std::get<ConsentOutcome>(looked).outcome, c.status);
    EXPECT_EQ(std::get<ConsentOutcome>(looked).reason, c.reason);
    EXPECT_EQ(std::get<ConsentOutcome>(looked).next, "https://chat.example/done?state=mine");
  }
  EXPECT_EQ(http->count(token_url), 0u);
}

TEST_F(ConsentDeskTest, a_code_that_is_not_redeemed_fails_and_may_be_asked_for_again) {
  const Asked asked = this->asked();
  const Visitor alice = signed_in(user_of("alice"));
  const Away away = started(alice, asked);
  http->on(token_url, R"({"error":"invalid_grant"})", 400);
  const auto taken = come_back(back(alice, away));
  EXPECT_EQ(outcome_of(alice, std::get<Secret>(taken)), "failed");
  EXPECT_EQ(asked.consent->status_reason, "invalid_grant");
  EXPECT_NE(asked_again(asked.session).consent, asked.consent);
}

// T5: what came is given back, and counts for nothing.
TEST_F(ConsentDeskTest, an_id_token_that_is_not_this_flows_fails_and_revokes) {
  struct Case {
    const char* what;
    std::function<std::string(const Away&)> id_token;
  };
  const auto nonce = [](const Away& away) { return query_of(away.authorize_url, "nonce"); };
  const Case cases[] = {
      {"nonce",
       [&](const Away&) { return id_token(files, "files-client", "octo", "another-nonce"); }},
      {"audience",
       [&](const Away& away) { return id_token(files, "other-client", "octo", nonce(away)); }},
      {"issuer",
       [&](const Away& away) { return id_token(login, "files-client", "octo", nonce(away)); }},
      {"signature",
       [&](const Away& away) {
         std::string token = id_token(files, "files-client", "octo", nonce(away));
         token[token.size() - 10] = token[token.size() - 10] == 'A' ? 'B' : 'A';
         return token;
       }},
      {"absent", [](const Away&) { return std::string(); }},
      {"at_hash",
       [&](const Away& away) {
         return id_token(files, "files-client", "octo", nonce(away),
                         R"(,"at_hash":"77QmUPtjPfzWtF2AnpK9RQ")");
       }},
  };
  http->on(revoke_url, "");
  for (const Case& c : cases) {
    SCOPED_TRACE(c.what);
    const size_t revoked = http->count(revoke_url);
    const Asked asked = this->asked();
    const Visitor alice = signed_in(user_of("alice"));
    const Away away = started(alice, asked);
    http->on(token_url, R"({"access_token":"access-1","token_type":"Bearer","refresh_token":)"
                        R"("refresh-1","id_token":")" +
                            c.id_token(away) + "\"}");
    const auto taken = come_back(back(alice, away));
    EXPECT_EQ(outcome_of(alice, std::get<Secret>(taken)), "failed");
    settle();
    EXPECT_EQ(http->count(revoke_url), revoked + 1);
    EXPECT_EQ(test::field(http->last(revoke_url), "token"), "refresh-1");
  }
  EXPECT_EQ(d->grants.size(), 0u);
}

// T15.
TEST_F(ConsentDeskTest, an_account_that_is_not_confirmed_is_revoked_and_erased) {
  const Asked asked = this->asked();
  const Visitor alice = signed_in(user_of("alice"));
  const Secret handle = walked(alice, asked);
  http->on(revoke_url, "");
  const auto refused = confirm(alice, handle, false);
  EXPECT_EQ(std::get<std::string>(refused), "https://chat.example/done?state=mine");
  EXPECT_EQ(agent_sees(asked), "declined");
  EXPECT_EQ(d->grants.size(), 0u);
  settle();
  EXPECT_EQ(test::field(http->last(revoke_url), "token"), "refresh-1");
  EXPECT_EQ(test::field(http->last(revoke_url), "token_type_hint"), "refresh_token");
  EXPECT_EQ(text_of(confirm(alice, handle)), "flow:not_asked");
  EXPECT_EQ(outcome_of(alice, handle), "declined");
}

TEST_F(ConsentDeskTest, an_account_nobody_confirms_in_time_is_revoked_and_erased) {
  const Asked asked = this->asked();
  const Visitor alice = signed_in(user_of("alice"));
  const Secret handle = walked(alice, asked);
  http->on(revoke_url, "");
  d->desk.give_back_unconfirmed();
  settle();
  EXPECT_EQ(http->count(revoke_url), 0u) << "not yet";
  clock.pass_seconds(600);
  EXPECT_EQ(text_of(confirm(alice, handle)), "ticket:expired");
  d->desk.give_back_unconfirmed();
  EXPECT_TRUE(run(d->vault->commit(d->consents.purge())));
  settle();
  EXPECT_EQ(http->count(revoke_url), 1u);
  EXPECT_EQ(test::field(http->last(revoke_url), "token"), "refresh-1");
  EXPECT_EQ(agent_sees(asked), "expired");
}

TEST_F(ConsentDeskTest, another_user_who_ends_it_at_the_last_question_gets_it_revoked) {
  const Asked asked = this->asked();
  const Visitor alice = signed_in(user_of("alice"));
  walked(alice, asked);
  const Asked again = asked_again(asked.session);
  ASSERT_EQ(again.consent, asked.consent);
  http->on(revoke_url, "");
  EXPECT_EQ(text_of(start(signed_in(user_of("mallory")), again.ticket, "")), "flow:wrong_user");
  EXPECT_EQ(agent_sees(asked), "refused");
  settle();
  EXPECT_EQ(http->count(revoke_url), 1u);
}

// T2, T8.
TEST_F(ConsentDeskTest, a_handle_works_only_in_the_browser_that_came_back) {
  const Asked asked = this->asked();
  const Visitor alice = signed_in(user_of("alice"));
  const Secret handle = walked(alice, asked);
  for (const Visitor& other : {signed_in(user_of("alice")), signed_in(user_of("mallory"))}) {
    EXPECT_EQ(outcome_of(other, handle), "flow:handle");
    EXPECT_EQ(text_of(confirm(other, handle)), "flow:handle");
    EXPECT_EQ(text_of(confirm(other, handle, false)), "flow:handle");
  }
  EXPECT_EQ(outcome_of(visitor(), handle), "not_signed_in");
  EXPECT_EQ(text_of(confirm(visitor(), handle)), "not_signed_in");
  EXPECT_EQ(outcome_of(alice, Secret::copy_of("unknown")), "ticket:unknown");
  EXPECT_EQ(text_of(confirm(alice, Secret::copy_of(asked.ticket))), "ticket:unknown");
  EXPECT_EQ(d->grants.size(), 0u);
  EXPECT_EQ(agent_sees(asked), "pending");
}

TEST_F(ConsentDeskTest, the_link_leads_the_same_browser_back_to_the_question_about_the_account) {
  Asked asked = this->asked();
  const Asked beside = asked_again(asked.session);
  const Visitor alice = signed_in(user_of("alice"));
  const Away away = started(alice, asked);
  EXPECT_EQ(status_of(alice, asked.ticket), "ready") << "she may begin again";
  http->hold(token_url);
  const auto taken = come_back(back(alice, away));
  const Secret& handle = std::get<Secret>(taken);
  const auto handle_at = [&](const std::string& ticket) {
    const auto looked = describe(alice, ticket);
    const auto& described = std::get<Described>(looked);
    EXPECT_EQ(described.status, "under_way");
    EXPECT_FALSE(described.page);
    return std::string(described.handle.reveal());
  };
  EXPECT_EQ(handle_at(asked.ticket), handle.reveal()) << "while the code is redeemed";
  http->on(token_url, token_answer(away));
  http->release(token_url);
  EXPECT_EQ(outcome_of(alice, handle), "confirm");
  restart();
  asked.consent = d->consents.by_ticket(asked.ticket);
  EXPECT_EQ(handle_at(asked.ticket), handle.reveal());
  EXPECT_EQ(handle_at(beside.ticket), handle.reveal()) << "by another link to the same question";

  // Nobody else is led there: no other browser of hers, no other user, nobody.
  const Visitor elsewhere = signed_in(user_of("alice"));
  for (const Visitor& other : {elsewhere, signed_in(user_of("mallory")), visitor()}) {
    for (const std::string& ticket : {asked.ticket, beside.ticket}) {
      const auto looked = describe(other, ticket);
      const auto* described = std::get_if<Described>(&looked);
      if (described == nullptr) continue;
      EXPECT_NE(described->status, "under_way");
      EXPECT_TRUE(described->handle.empty());
    }
  }
  const auto led = std::get<std::string>(confirm(alice, Secret::copy_of(handle_at(asked.ticket))));
  EXPECT_EQ(led, "https://chat.example/done?state=mine");
  EXPECT_EQ(status_of(alice, asked.ticket), "finished");
  EXPECT_TRUE(asked.consent->handle.empty()) << "it is not kept longer than it is of use";
}

// Her browser is gone, or she goes on with her phone: she need not wait until the question is over.
TEST_F(ConsentDeskTest, the_user_may_begin_anew_in_another_browser) {
  const Asked asked = this->asked();
  const Visitor lost = signed_in(user_of("alice"));
  const Away away = started(lost, asked);
  http->hold(token_url);
  const auto taken = come_back(back(lost, away));
  const Secret& old = std::get<Secret>(taken);
  const Asked again = asked_again(asked.session);
  const Visitor alice = signed_in(user_of("alice"));
  const auto digest = [&] {
    return std::get<Described>(describe(alice, again.ticket)).page->digest;
  };
  EXPECT_EQ(text_of(start(alice, again.ticket, digest())), "flow:under_way")
      << "while a code is redeemed";
  http->on(token_url, token_answer(away));
  http->release(token_url);
  EXPECT_EQ(outcome_of(lost, old), "confirm");
  EXPECT_EQ(text_of(start(alice, asked.ticket, digest())), "ticket:used")
      << "the link is that browser's";

  http->on(revoke_url, "");
  const Secret handle = walked(alice, again);
  until([&] { return http->count(revoke_url) == 1; });
  EXPECT_EQ(test::field(http->last(revoke_url), "token"), "refresh-1");
  EXPECT_NE(text_of(confirm(lost, old)), "ok");
  EXPECT_EQ(d->grants.size(), 0u);
  EXPECT_EQ(text_of(confirm(alice, handle)), "ok");
  EXPECT_EQ(d->grants.size(), 1u);
  EXPECT_EQ(agent_sees(asked), "granted");
  EXPECT_NE(audit_text().find("consent.begun_anew"), std::string::npos);
}

TEST_F(ConsentDeskTest, the_same_browser_with_another_user_confirms_nothing) {
  const Asked asked = this->asked();
  const Visitor alice = signed_in(user_of("alice"));
  const Secret handle = walked(alice, asked);
  const auto renewed = run(
      d->browsers.sign_in(d->browsers.find(alice.key()), {user_of("mallory"), {}}, "corp", 3600));
  EXPECT_EQ(text_of(confirm({std::string(renewed->reveal()), alice.id}, handle)), "flow:handle");
}

// T9: freshness is checked at each step.
TEST_F(ConsentDeskTest, a_session_that_was_killed_before_the_last_press_gets_no_grant) {
  const Asked asked = this->asked();
  const Visitor alice = signed_in(user_of("alice"));
  const Secret handle = walked(alice, asked);
  EXPECT_TRUE(run(d->sessions.close(asked.session)));
  EXPECT_EQ(text_of(confirm(alice, handle)), "flow:session");
  EXPECT_EQ(d->grants.size(), 0u);
  http->on(revoke_url, "");
  EXPECT_EQ(text_of(confirm(alice, handle, false)), "ok") << "no can always be said";
}

TEST_F(ConsentDeskTest, a_double_press_confirms_once) {
  const Asked asked = this->asked();
  const Visitor alice = signed_in(user_of("alice"));
  const Secret handle = walked(alice, asked);
  std::optional<Bound<std::string>> first, second, third;
  const std::string text(handle.reveal());
  begin(d->desk.confirm(alice.key(), text, true), first);
  begin(d->desk.confirm(alice.key(), text, true), second);
  begin(d->desk.confirm(alice.key(), text, false), third);
  until([&] { return first && second && third; });
  const std::multiset<std::string> texts = {text_of(*first), text_of(*second), text_of(*third)};
  EXPECT_EQ(texts.count("ok"), 1u);
  EXPECT_EQ(texts.count("flow:not_asked"), 2u);
  EXPECT_EQ(records(Kind::grant), d->grants.size());
}

// The operator's account_match proves it: no question.
TEST_F(ConsentDeskTest, an_account_that_is_proven_to_be_the_users_counts_at_once) {
  for (const bool same : {true, false}) {
    const Asked asked = this->asked("mine");
    const Visitor alice = signed_in(user_of("alice"));
    const Away away = started(alice, asked);
    http->on(login + "/token", token_answer(away, same ? "alice" : "alice2", login, "mine-client"));
    const auto taken = come_back(back(alice, away));
    EXPECT_EQ(outcome_of(alice, std::get<Secret>(taken)), same ? "granted" : "confirm");
    EXPECT_EQ(agent_sees(asked), same ? "granted" : "pending");
    EXPECT_EQ(d->grants.size(), same ? 1u : 0u);
    for (const GrantRef& made : d->grants.loaded()) EXPECT_TRUE(run(d->grants.erase(made)));
  }
}

TEST_F(ConsentDeskTest, a_subject_of_another_claim_proves_nothing) {
  User alice_by_oid = user_of("alice");
  alice_by_oid.claim = "oid";
  const SessionRef session = open_session("bot", alice_by_oid).session;
  const Asked asked = asked_again(session, "mine");
  const Visitor alice = signed_in(user_of("alice"));
  const Away away = started(alice, asked);
  http->on(login + "/token", token_answer(away, "alice", login, "mine-client"));
  const auto taken = come_back(back(alice, away));
  EXPECT_EQ(outcome_of(alice, std::get<Secret>(taken)), "confirm");
}

TEST_F(ConsentDeskTest, the_user_may_say_no_and_nobody_else_for_him) {
  const Asked asked = this->asked();
  EXPECT_EQ(text_of(run(d->desk.decline(visitor().key(), asked.ticket))), "not_signed_in");
  EXPECT_EQ(text_of(run(d->desk.decline(signed_in(user_of("mallory")).key(), asked.ticket))),
            "flow:wrong_user");
  EXPECT_EQ(agent_sees(asked), "pending");
  const auto declined = run(d->desk.decline(signed_in(user_of("alice")).key(), asked.ticket));
  EXPECT_EQ(std::get<std::string>(declined), "https://chat.example/done?state=mine");
  EXPECT_EQ(agent_sees(asked), "declined");
  EXPECT_EQ(asked.consent->status_reason, "user");
}

TEST_F(ConsentDeskTest, a_no_while_the_code_is_on_its_way_does_not_undo_what_follows) {
  const Asked asked = this->asked();
  const Visitor alice = signed_in(user_of("alice"));
  const Away away = started(alice, asked);
  http->on(token_url, token_answer(away));
  std::optional<Bound<std::string>> declined;
  std::optional<Bound<Secret>> taken;
  begin(d->desk.decline(alice.key(), asked.ticket), declined);
  begin(d->desk.came_back(asked.consent, back(alice, away)), taken);
  until([&] { return declined && taken; });
  settle();
  // Either of them, but whole.
  if (asked.consent->status == ConsentStatus::confirm) {
    EXPECT_TRUE(asked.consent->held);
    EXPECT_EQ(text_of(*taken), "ok");
  } else {
    EXPECT_EQ(agent_sees(asked), "declined");
    EXPECT_FALSE(asked.consent->held);
  }
}

// T17.
TEST_F(ConsentDeskTest, a_restart_between_any_two_steps_does_not_break_the_walk) {
  Asked asked = this->asked();
  const Visitor alice = signed_in(user_of("alice"));
  restart();
  asked.consent = d->consents.by_ticket(asked.ticket);
  const Away away = started(alice, asked);
  restart();
  http->on(token_url, token_answer(away));
  const auto taken = come_back(back(alice, away));
  const Secret& handle = std::get<Secret>(taken);
  EXPECT_EQ(outcome_of(alice, handle), "confirm");
  restart();
  EXPECT_EQ(outcome_of(alice, handle), "confirm");
  EXPECT_EQ(text_of(confirm(alice, handle)), "ok");
  restart();
  EXPECT_EQ(outcome_of(alice, handle), "granted");
  ASSERT_EQ(d->grants.size(), 1u);
  EXPECT_EQ(value_of(d->grants.loaded().front()->tokens[0]), "access-1");
}

// V3: a write that fails releases nothing, and leaves what was there.
TEST_F(ConsentDeskTest, a_disk_that_fails_at_any_step_releases_nothing) {
  const Asked asked = this->asked();
  const Visitor alice = signed_in(user_of("alice"));
  const std::string digest = digest_of(asked);
  break_next_write();
  EXPECT_EQ(text_of(start(alice, asked.ticket, digest)), "unavailable:the disk is on fire");
  mend_store();
  const Away burnt = started(alice, asked);
  http->on(token_url, token_answer(burnt));
  break_next_write();
  EXPECT_EQ(text_of(come_back(back(alice, burnt))), "unavailable:the disk is on fire");
  mend_store();
  EXPECT_EQ(http->count(token_url), 0u);
  EXPECT_EQ(text_of(come_back(back(alice, burnt))), "flow:state");
  EXPECT_EQ(agent_sees(asked), "pending");

  const Secret handle = walked(alice, asked);
  break_next_write();
  EXPECT_EQ(text_of(confirm(alice, handle)),
            "unavailable:the grant could not be kept: the disk is on fire");
  mend_store();
  EXPECT_EQ(d->grants.size(), 0u);
  EXPECT_EQ(agent_sees(asked), "pending");
  EXPECT_EQ(outcome_of(alice, handle), "confirm") << "it can be pressed again";
  EXPECT_EQ(text_of(confirm(alice, handle)), "ok");
  EXPECT_EQ(agent_sees(asked), "granted");
}

// Errors, not hangs: who waits for the outcome is told when the grant could not be kept.
TEST_F(ConsentDeskTest, who_waits_is_woken_when_a_proven_grant_cannot_be_kept) {
  const Asked asked = this->asked("mine");
  const Visitor alice = signed_in(user_of("alice"));
  const Away away = started(alice, asked);
  http->on(login + "/token", token_answer(away, "alice", login, "mine-client"));
  http->hold(login + "/token");
  const auto taken = come_back(back(alice, away));
  std::optional<Bound<ConsentOutcome>> looked;
  begin(d->desk.outcome(alice.key(), std::string(std::get<Secret>(taken).reveal())), looked);
  until([&] { return http->waiting(login + "/token") == 1; });
  settle();
  EXPECT_FALSE(looked);
  break_store();
  http->release(login + "/token");
  eventually([&] { return !!looked; });
  ASSERT_TRUE(looked);
  EXPECT_EQ(std::get<ConsentOutcome>(*looked).outcome, "confirm");
  mend_store();
  EXPECT_EQ(d->grants.size(), 0u);
}

TEST_F(ConsentDeskTest, a_purge_in_the_midst_of_the_last_step_breaks_nothing) {
  for (int turns = 0; turns < 12; ++turns) {
    SCOPED_TRACE(turns);
    const Asked asked = this->asked();
    const Visitor alice = signed_in(user_of("alice"));
    const Secret handle = walked(alice, asked);
    clock.pass_seconds(599);
    std::optional<Bound<std::string>> confirmed;
    begin(d->desk.confirm(alice.key(), std::string(handle.reveal()), true), confirmed);
    for (int i = 0; i < turns; ++i) loop.turn();
    clock.pass_seconds(1);
    d->desk.give_back_unconfirmed();
    EXPECT_TRUE(run(d->vault->commit(d->consents.purge())));
    until([&] { return !!confirmed; });
    settle();
    const bool granted = text_of(*confirmed) == "ok";
    EXPECT_EQ(d->grants.size(), granted ? 1u : 0u);
    EXPECT_EQ(agent_sees(asked), granted ? "granted" : "expired");
    for (const GrantRef& made : d->grants.loaded()) EXPECT_TRUE(run(d->grants.erase(made)));
  }
}

// A caller that hangs up never leaves a question half answered.
TEST_F(ConsentDeskTest, a_callback_whose_caller_leaves_goes_on) {
  for (int turns = 0; turns < 12; ++turns) {
    SCOPED_TRACE(turns);
    const Asked asked = this->asked();
    const Visitor alice = signed_in(user_of("alice"));
    const Away away = started(alice, asked);
    http->on(token_url, token_answer(away));
    std::optional<Bound<Secret>> taken;
    begin(d->desk.came_back(asked.consent, back(alice, away)), taken);
    for (int i = 0; i < turns; ++i) loop.turn();
    tasks = std::make_unique<TaskSet>(loop);
    eventually([&] { return asked.consent->status != ConsentStatus::redeeming; });
    EXPECT_TRUE(asked.consent->status == ConsentStatus::confirm ||
                asked.consent->status == ConsentStatus::pending);
    EXPECT_TRUE(run(d->consents.settle(asked.consent, ConsentStatus::failed, "")));
  }
}

TEST_F(ConsentDeskTest, a_confirmation_whose_caller_leaves_goes_on) {
  for (int turns = 0; turns < 12; ++turns) {
    SCOPED_TRACE(turns);
    const Asked asked = this->asked();
    const Visitor alice = signed_in(user_of("alice"));
    const Secret handle = walked(alice, asked);
    std::optional<Bound<std::string>> confirmed;
    begin(d->desk.confirm(alice.key(), std::string(handle.reveal()), true), confirmed);
    for (int i = 0; i < turns; ++i) loop.turn();
    tasks = std::make_unique<TaskSet>(loop);
    eventually([&] { return asked.consent->status != ConsentStatus::redeeming; });
    EXPECT_EQ(asked.consent->status == ConsentStatus::granted, d->grants.size() == 1);
    EXPECT_NE(asked.consent->status, ConsentStatus::redeeming);
    EXPECT_TRUE(run(d->consents.settle(asked.consent, ConsentStatus::failed, "")));
    for (const GrantRef& made : d->grants.loaded()) EXPECT_TRUE(run(d->grants.erase(made)));
  }
}

TEST_F(ConsentDeskTest, a_desk_that_dies_in_the_midst_of_a_walk_breaks_nothing) {
  for (int turns = 0; turns < 25; ++turns) {
    const Asked asked = this->asked();
    const Visitor alice = signed_in(user_of("alice"));
    const Away away = started(alice, asked);
    http->on(token_url, token_answer(away));
    std::optional<Bound<Secret>> taken;
    begin(d->desk.came_back(asked.consent, back(alice, away)), taken);
    for (int i = 0; i < turns; ++i) loop.turn();
    restart();
    d->desk.resume();
    for (const ConsentRef& left : d->consents.all()) {
      eventually([&] { return left->status != ConsentStatus::redeeming; });
      EXPECT_TRUE(run(d->consents.settle(left, ConsentStatus::failed, "")));
    }
  }
}

TEST_F(ConsentDeskTest, a_disconnect_is_done_here_first_and_then_at_the_provider) {
  const GrantRef made = grant();
  Announcer::Watcher watcher(d->announcer, "s", owner_key(login, "alice", "workload:bot"));
  http->on(revoke_url, "");
  http->hold(revoke_url);
  std::optional<Result<Disconnected>> said;
  begin(d->desk.disconnect(made, "user"), said);
  until([&] { return http->waiting(revoke_url) == 1; });
  EXPECT_EQ(d->grants.size(), 0u);
  EXPECT_EQ(records(Kind::grant), 0u);
  EXPECT_EQ(records(Kind::intent), 1u) << "what the provider must still be told is kept";
  EXPECT_EQ(run(watcher.next(loop)).event, "grant_revoked");
  http->release(revoke_url);
  until([&] { return !!said; });
  EXPECT_EQ((*said)->said, Disconnected::Said::revoked);
  EXPECT_EQ((*said)->reason, "");
  ASSERT_EQ(http->count(revoke_url), 2u) << "the refresh token, then the access token";
  std::vector<std::string> told;
  for (const HttpRequest& request : http->requests()) {
    if (request.url != revoke_url) continue;
    told.push_back(test::field(request, "token"));
    told.push_back(test::field(request, "token_type_hint"));
  }
  EXPECT_EQ(told,
            (std::vector<std::string>{"refresh-1", "refresh_token", "access-1", "access_token"}));
  EXPECT_EQ(records(Kind::intent), 0u);
  EXPECT_NE(audit_text().find("grant.revoked"), std::string::npos);
  EXPECT_NE(audit_text().find("grant.revocation\""), std::string::npos);
}

TEST_F(ConsentDeskTest, a_disconnect_says_until_when_what_was_lent_lives) {
  const GrantRef unused = grant();
  http->on(revoke_url, "");
  EXPECT_EQ(run(d->desk.disconnect(unused, "user"))->lent_until, std::nullopt) << "never lent";
  const GrantRef used = grant();
  used->used_at = clock.unix_seconds();
  EXPECT_EQ(run(d->desk.disconnect(used, "user"))->lent_until, clock.unix_seconds() + 3600);
  const GrantRef endless = grant({.lifetime = std::nullopt});
  endless->used_at = clock.unix_seconds();
  EXPECT_TRUE(run(d->desk.disconnect(endless, "user"))->lent_for_good);
}

TEST_F(ConsentDeskTest, a_disconnect_without_a_refresh_token_revokes_the_access_token) {
  const GrantRef made = grant({.refresh_token = ""});
  const auto said = run(d->desk.disconnect(made, "user"));
  ASSERT_TRUE(said);
  EXPECT_EQ(said->said, Disconnected::Said::failed) << "nobody answers there";
  EXPECT_TRUE(said->again);
  EXPECT_EQ(test::field(http->last(revoke_url), "token"), "access-1");
  EXPECT_EQ(test::field(http->last(revoke_url), "token_type_hint"), "access_token");
  EXPECT_EQ(d->grants.size(), 0u);
}

// What the page says: what was lent before lives on, unless it is what the provider ended.
TEST_F(ConsentDeskTest, a_disconnect_tells_until_when_lent_tokens_live) {
  http->on(revoke_url, "");
  const GrantRef used = grant();
  used->used_at = clock.unix_seconds();
  const auto expires_at = used->tokens.front().expires_at;
  EXPECT_EQ(run(d->desk.disconnect(used, "user"))->lent_until, expires_at);
  EXPECT_EQ(run(d->desk.disconnect(grant(), "user"))->lent_until, std::nullopt) << "never lent";
  const GrantRef only = grant({.refresh_token = ""});
  only->used_at = clock.unix_seconds();
  EXPECT_EQ(run(d->desk.disconnect(only, "user"))->lent_until, std::nullopt) << "it was revoked";
  const GrantRef endless = grant({.lifetime = std::nullopt});
  endless->used_at = clock.unix_seconds();
  EXPECT_TRUE(run(d->desk.disconnect(endless, "user"))->lent_for_good);
}

TEST_F(ConsentDeskTest, a_disconnect_whose_caller_leaves_goes_on) {
  http->on(revoke_url, "");
  for (int turns = 1; turns < 12; ++turns) {
    const GrantRef made = grant();
    const size_t before = http->count(revoke_url);
    std::optional<Result<Disconnected>> said;
    begin(d->desk.disconnect(made, "user"), said);
    for (int i = 0; i < turns; ++i) loop.turn();
    tasks = std::make_unique<TaskSet>(loop);
    eventually([&] { return http->count(revoke_url) == before + 2; });
    EXPECT_EQ(d->grants.size(), 0u);
    EXPECT_EQ(http->count(revoke_url), before + 2);
  }
}

TEST_F(ConsentDeskTest, many_end_here_in_one_turn_whatever_their_providers_say) {
  std::vector<GrantRef> grants;
  for (int i = 0; i < 20; ++i) grants.push_back(grant({.subject = "user-" + std::to_string(i)}));
  http->on(revoke_url, "");
  http->hold(revoke_url);
  std::optional<Result<std::vector<Disconnected>>> told;
  begin(d->desk.disconnect_all(grants, "operator"), told);
  size_t live = d->grants.size();
  while (live == 20) {
    loop.turn();
    live = d->grants.size();
  }
  EXPECT_EQ(live, 0u) << "all at once";
  until([&] { return http->waiting(revoke_url) == 20; });
  http->release(revoke_url);
  until([&] { return !!told; });
  ASSERT_EQ((*told)->size(), 20u);
  for (const Disconnected& one : **told) EXPECT_EQ(one.said, Disconnected::Said::revoked);
}

TEST_F(ConsentDeskTest, a_disconnect_of_what_was_replaced_meanwhile_leaves_the_newer_grant_alone) {
  const GrantRef old = grant();
  const GrantRef newer = grant({.refresh_token = "refresh-2"});
  http->on(revoke_url, "");
  EXPECT_TRUE(run(d->desk.disconnect(old, "operator")));
  EXPECT_EQ(http->count(revoke_url), 0u);
  EXPECT_EQ(d->grants.by_id(newer->id), newer);
}

TEST_F(ConsentDeskTest, a_disconnect_that_cannot_be_kept_revokes_nothing_and_can_be_done_again) {
  const GrantRef made = grant();
  http->on(revoke_url, "");
  break_next_write();
  EXPECT_FALSE(run(d->desk.disconnect(made, "user")));
  mend_store();
  EXPECT_EQ(http->count(revoke_url), 0u);
  EXPECT_EQ(d->grants.by_id(made->id), made);
  EXPECT_TRUE(run(d->desk.disconnect(made, "user")));
  EXPECT_EQ(http->count(revoke_url), 2u);
}

// V6, OAUTH 6749-11.
TEST_F(ConsentDeskTest, no_secret_of_the_walk_is_in_the_audit) {
  const Asked asked = this->asked();
  const Visitor alice = signed_in(user_of("alice"));
  const Away away = started(alice, asked);
  http->on(token_url, token_answer(away));
  const auto taken = come_back(back(alice, away));
  const Secret& handle = std::get<Secret>(taken);
  outcome_of(alice, handle);
  EXPECT_EQ(text_of(confirm(alice, handle)), "ok");
  const std::string text = audit_text();
  const GrantRef made = d->grants.loaded().front();
  EXPECT_NE(text.find("\"grant\":\"" + made->id + "\",\"account\":\"" + made->account_id + "\""),
            std::string::npos)
      << "the record of what came about names it";
  for (const std::string& secret :
       {asked.ticket, asked.request, alice.secret, std::string(handle.reveal()),
        std::string(away.flow.reveal()), query_of(away.authorize_url, "state"),
        query_of(away.authorize_url, "nonce"), std::string("code-1"), std::string("access-1"),
        std::string("refresh-1"), std::string("s3cret")}) {
    EXPECT_EQ(text.find(secret), std::string::npos) << secret;
  }
}

// One record says who asked, what was shown, who agreed and what came of it.
TEST_F(ConsentDeskTest, a_grant_has_its_receipt) {
  const Asked asked = this->asked();
  const Visitor alice = signed_in(user_of("alice"));
  const auto shown = describe(alice, asked.ticket);
  const ConsentPage page = *std::get<Described>(shown).page;
  const Away away = started(alice, asked);
  http->on(token_url, token_answer(away));
  const auto taken = come_back(back(alice, away));
  outcome_of(alice, std::get<Secret>(taken));
  EXPECT_EQ(text_of(confirm(alice, std::get<Secret>(taken))), "ok");
  std::istringstream lines(audit_text());
  std::string line;
  while (std::getline(lines, line) && line.find("\"grant.created\"") == std::string::npos) {
  }
  const auto record = parse_json(line);
  ASSERT_TRUE(record);
  EXPECT_EQ(record->find("user")->text("subject"), "alice");
  EXPECT_EQ(record->text("grant"), d->grants.loaded().front()->id);
  const Json* receipt = record->find("receipt");
  ASSERT_NE(receipt, nullptr);
  EXPECT_EQ(receipt->find("asked_by")->text("socket"), "agent");
  EXPECT_EQ(receipt->text("account_proof"), "shown and confirmed");
  const Json& told = *receipt->find("shown");
  EXPECT_EQ(told.text("digest"), page.digest);
  EXPECT_EQ(told.text("phrase"), page.phrase);
  EXPECT_EQ(told.strings("scopes"), page.scopes);
  // The digest is of just these parts: whoever keeps the receipt can make it anew.
  std::string scopes;
  for (const std::string& scope : page.scopes) scopes += scope + '\n';
  EXPECT_EQ(base64url(sha256(length_prefixed(
                {"reeve-page-v1", record->text("consent"), told.text("workload"),
                 record->text("provider"), told.text("context"), told.text("resource"),
                 record->find("user")->text("issuer"), record->find("user")->text("subject"),
                 told.text("phrase"), scopes, ""}))),
            page.digest);
}

TEST(ReturnLocation, adds_the_agents_state_and_nothing_else) {
  struct Case {
    const char *url, *state, *location;
  };
  const Case cases[] = {
      {"", "", ""},
      {"", "s", ""},
      {"https://chat.example/done", "", "https://chat.example/done"},
      {"https://chat.example/done", "s", "https://chat.example/done?state=s"},
      {"https://chat.example/q?x=1", "s", "https://chat.example/q?x=1&state=s"},
      // T11: what the agent says stays a value.
      {"https://chat.example/done", "a&b=c#d", "https://chat.example/done?state=a%26b%3Dc%23d"},
      {"https://chat.example/done", "a\r\nSet-Cookie: x",
       "https://chat.example/done?state=a%0D%0ASet-Cookie%3A%20x"},
  };
  for (const Case& c : cases) {
    const Ticket ticket{"", "", "", c.url, c.state};
    EXPECT_EQ(return_location(ticket), c.location);
  }
}

}  // namespace
}  // namespace reeve
