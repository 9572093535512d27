// DeskWorld: a World in which somebody asks for a token and walks through the consent.
#pragma once

#include "crypto/hash.h"
#include "unit/oauth/answers.h"
#include "world.h"

namespace reeve::test {

// What an agent got who asked: where the user is to go.
struct Asked {
  SessionRef session;
  std::string ticket;
  std::string request;
  ConsentRef consent;
};

// "ok", or the kind of the refusal and its reason.
template <class T>
std::string text_of(const Bound<T>& bound) {
  static constexpr const char* kinds[] = {"ticket", "not_signed_in", "flow", "unavailable",
                                          "limit"};
  const auto* refusal = std::get_if<Refusal>(&bound);
  if (refusal == nullptr) return "ok";
  return std::string(kinds[static_cast<int>(refusal->kind)]) +
         (refusal->reason.empty() ? "" : ":" + refusal->reason);
}

class DeskWorld : public World {
 protected:
  static inline const std::string token_url = files + "/token";
  static inline const std::string revoke_url = files + "/revoke";

  Asked asked(const std::string& provider = "files", const std::string& subject = "alice",
              const std::string& resource = "") {
    Asked made;
    made.session = open_session("bot", user_of(subject)).session;
    return asked_again(made.session, provider, resource);
  }
  Asked asked_again(const SessionRef& session, const std::string& provider = "files",
                    const std::string& resource = "") {
    static const std::string actor = render_actor({"bot", {{"uid", "1000"}}, "agent"});
    LendAsk ask = ask_of(session, {provider == "notes" ? "n" : "read"}, provider);
    ask.actor = actor;
    if (!resource.empty()) ask.resource = resource;
    ask.return_url = "https://chat.example/done";
    ask.return_state = "mine";
    const LendOutcome outcome = lend(std::move(ask));
    const auto* needed = std::get_if<ConsentNeeded>(&outcome);
    if (needed == nullptr) {
      ADD_FAILURE() << lend_text(outcome);
      return {};
    }
    const std::string ticket = needed->url.substr(needed->url.rfind('/') + 1);
    return {session, ticket, std::string(needed->request.reveal()), d->consents.by_ticket(ticket)};
  }

  Bound<Described> describe(const Visitor& visitor, const std::string& ticket) {
    return run(d->desk.describe(visitor.key(), ticket));
  }
  std::string status_of(const Visitor& visitor, const std::string& ticket) {
    const auto looked = describe(visitor, ticket);
    const auto* described = std::get_if<Described>(&looked);
    return described == nullptr ? text_of(looked) : described->status;
  }
  std::string digest_of(const Asked& asked) {
    const auto looked = describe(signed_in(asked.consent->user), asked.ticket);
    return std::get<Described>(looked).page->digest;
  }
  Bound<Away> start(const Visitor& visitor, const std::string& ticket, const std::string& digest) {
    return run(d->desk.start(visitor.key(), ticket, digest));
  }
  // The right user presses Continue.
  Away started(const Visitor& visitor, const Asked& asked) {
    const auto looked = describe(visitor, asked.ticket);
    const auto* described = std::get_if<Described>(&looked);
    if (described == nullptr || !described->page) {
      ADD_FAILURE() << text_of(looked);
      return {};
    }
    auto away = start(visitor, asked.ticket, described->page->digest);
    if (auto* found = std::get_if<Away>(&away)) return std::move(*found);
    ADD_FAILURE() << text_of(away);
    return {};
  }
  CameBack back(const Visitor& visitor, const Away& away, const std::string& code = "code-1") {
    CameBack made;
    made.browser = visitor.key();
    made.flow = away.flow.reveal();
    made.redirect_uri = query_of(away.authorize_url, "redirect_uri");
    made.answer.state = Secret(query_of(away.authorize_url, "state"));
    made.answer.code = Secret::copy_of(code);
    return made;
  }
  // As the binder's methods do: the state says whose it is.
  Bound<Secret> come_back(CameBack back) {
    const ConsentRef consent = d->consents.by_state_hash(sha256(back.answer.state.reveal()));
    if (consent == nullptr) return Refusal{Refusal::Kind::flow, "state"};
    return run(d->desk.came_back(consent, std::move(back)));
  }
  Bound<ConsentOutcome> outcome(const Visitor& visitor, const Secret& handle) {
    return run(d->desk.outcome(visitor.key(), std::string(handle.reveal())));
  }
  std::string outcome_of(const Visitor& visitor, const Secret& handle) {
    const auto looked = outcome(visitor, handle);
    const auto* found = std::get_if<ConsentOutcome>(&looked);
    return found == nullptr ? text_of(looked) : found->outcome;
  }
  Bound<std::string> confirm(const Visitor& visitor, const Secret& handle, bool accept = true) {
    return run(d->desk.confirm(visitor.key(), std::string(handle.reveal()), accept));
  }

  // The token endpoint's good answer to that flow.
  std::string token_answer(const Away& away, const std::string& subject = "octo",
                           const std::string& issuer = files,
                           const std::string& client = "files-client") {
    return R"({"access_token":"access-1","token_type":"Bearer","expires_in":3600,)"
           R"("refresh_token":"refresh-1","scope":"read openid","id_token":")" +
           id_token(issuer, client, subject, query_of(away.authorize_url, "nonce"),
                    R"(,"preferred_username":")" + subject + R"(-name")") +
           "\"}";
  }
  // All the way to the question about the account.
  Secret walked(const Visitor& visitor, const Asked& asked, const std::string& subject = "octo") {
    const Away away = started(visitor, asked);
    http->on(token_url, token_answer(away, subject));
    auto taken = come_back(back(visitor, away));
    auto* handle = std::get_if<Secret>(&taken);
    if (handle == nullptr) {
      ADD_FAILURE() << text_of(taken);
      return {};
    }
    EXPECT_EQ(outcome_of(visitor, *handle), "confirm");
    return std::move(*handle);
  }
  std::string agent_sees(const Asked& asked) { return std::string(word(asked.consent->status)); }
};

}  // namespace reeve::test
