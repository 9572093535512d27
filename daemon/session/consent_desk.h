// ConsentDesk: walks a user's browser through a consent, and is the one place that decides what may
// follow what.
//
// The rule it keeps (DESIGN section 3): the signed-in user must be the session's user before the
// provider is ever contacted, and the same browser and user that started must finish, which is
// checked before the token request. A state is consumed, durably, before its code is redeemed,
// whatever comes of it. The account is shown before the grant counts, unless the operator's
// account_match proves it.
#pragma once

#include "session/grants.h"
#include "session/intents.h"
#include "session/lender.h"
#include "session/redirect.h"
#include "session/revocations.h"

namespace reeve {

// What a consent page shows; its digest is what Continue must bring back.
struct ConsentPage {
  std::string workload, provider, resource, user, phrase, digest;
  std::vector<std::string> scopes;
  int64_t expires_at = 0;
};

struct Described {
  std::string status;   // sign_in, sign_in_elsewhere, wrong_user, ready, under_way, finished
  std::string issuer;   // where to sign in
  std::string user;     // who the browser is signed in as
  bool ended = false;   // with sign_in: somebody was, and time has ended it
  std::string outcome;  // of a finished consent
  // With under_way: the provider has answered in this browser; it goes on at the handle.
  Secret handle;
  std::optional<ConsentPage> page;
};

struct ConsentOutcome {
  std::string outcome;  // granted, confirm, pending, declined, refused, expired, failed
  std::string workload, provider, account, user, reason;
  std::string next;  // the return URL, complete; empty: none
  // With confirm: what this user has connected there for this agent already, and stays.
  std::vector<std::string> other_accounts;
};

// What came of a disconnect at the provider; here it is over in any case.
struct Disconnected {
  enum class Said { revoked, no_endpoint, nothing, failed };
  Said said = Said::nothing;
  std::string reason;  // a sentence for the operator; empty: it confirmed
  bool again = false;  // failed, and tried again
  // The tokens that may have been lent before: when the last one ends by itself; one has no end.
  std::optional<int64_t> lent_until;
  bool lent_for_good = false;
};
std::string_view word(Disconnected::Said said);

class ConsentDesk final {
 public:
  struct Parts {
    Loop& loop;
    const Clock& clock;
    CurrentSetup& setup;
    Engine& engine;
    Sessions& sessions;
    Grants& grants;
    Consents& consents;
    Browsers& browsers;
    Announcer& announcer;
    Audit& audit;
    std::string boot;
    Intents& intents;
    Revocations& revocations;
  };
  explicit ConsentDesk(Parts parts);

  // To another binding's binder tickets, states and handles are unknown, which is audited.
  Task<Bound<Described>> describe(BrowserKey browser, std::string ticket);
  Task<Bound<Away>> start(BrowserKey browser, std::string ticket, std::string digest);
  // The answer is where to go next, or empty.
  Task<Bound<std::string>> decline(BrowserKey browser, std::string ticket);
  // A provider's answer came back: the handle to ask outcome() with. Once begun it goes on, as do
  // confirm() and disconnect(), even if the caller is dropped.
  Task<Bound<Secret>> came_back(ConsentRef consent, CameBack back);
  Task<Bound<ConsentOutcome>> outcome(BrowserKey browser, std::string handle);
  Task<Bound<std::string>> confirm(BrowserKey browser, std::string handle, bool accept);
  // Erases the grant here, then at the provider.
  Task<Result<Disconnected>> disconnect(GrantRef grant, std::string by);
  // The same with many: all end here at once, and their providers are told side by side. An error:
  // the first; what could not be erased is as it was.
  Task<Result<std::vector<Disconnected>>> disconnect_all(std::vector<GrantRef> grants,
                                                         std::string by);
  // Goes on with the redemptions that a restart interrupted; once, at start.
  void resume();
  // Gives back what nobody confirmed in time; to be called before Consents::purge().
  void give_back_unconfirmed();

 private:
  struct Opened {
    ConsentRef consent;
    Ticket* ticket = nullptr;
    BrowserRef browser;  // null: unknown, or nobody is signed in there
  };
  Bound<Opened> open(const BrowserKey& browser, const std::string& ticket);
  Task<Bound<Secret>> take_callback(ConsentRef consent, CameBack back);
  Task<Bound<std::string>> take_confirmation(BrowserKey browser, std::string handle, bool accept);
  struct Ending;
  Task<Result<std::vector<Disconnected>>> end_all(std::vector<GrantRef> grants, std::string by);
  Task<void> end_one(GrantRef grant, std::shared_ptr<Ending> ending, size_t at);
  Task<Result<Disconnected>> erase_and_revoke(GrantRef grant);
  ConsentPage page_of(const Consent& consent) const;
  std::string callback_problem(const Consent& consent, const ConsentFlow& flow,
                               const CameBack& back) const;
  Task<void> redeem(ConsentRef consent, ServerRef server, ConsentFlow flow, Secret code);
  Task<TokenOutcome> exchange(ConsentRef consent, ServerRef server, bool recalls);
  Task<void> finish_redemption(ConsentRef consent, ServerRef server, bool recalls);
  Task<void> take_outcome(ConsentRef consent, ServerRef server, TokenOutcome outcome, bool recalls);
  Task<Result<Claims>> check_id_token(ServerRef server, const TokenAnswer& answer,
                                      std::string nonce, std::optional<int64_t> max_age);
  Task<void> take_tokens(ConsentRef consent, ServerRef server, TokenAnswer answer,
                         std::string nonce);
  HeldGrant hold(const Consent& consent, const Server& server, TokenAnswer answer,
                 const Account& account, const Claims* claims) const;
  // matched: the account is proven to be the user's, who was not asked.
  Task<Result<void>> grant(ConsentRef consent, bool matched);
  Task<Error> confirm_again(ConsentRef consent, Error error);
  // The user went on in another browser than the one that was asked about the account: what the
  // provider gave is given back. False: that did not come about.
  Task<bool> begin_anew(ConsentRef consent);
  // Does nothing to what is final; a held grant is given back.
  Task<void> fail(ConsentRef consent, ConsentStatus status, std::string reason);
  void give_back(Consent& consent);
  // Has a token that never became a grant revoked, however long that takes.
  Task<void> revoke_later(Doomed doomed);
  Event event_of(const Consent& consent, std::string_view name, std::string_view outcome) const;
  // `visitor`: the browser that came with it, or null.
  Task<Refusal> refuse(ConsentRef consent, std::string reason, BrowserRef visitor);
  // Another binding's binder came with it: audited, and unknown to that one.
  Refusal foreign(const Consent& consent);

  Parts parts_;
  TaskSet tasks_;
};

// Where the browser goes in the end: the return URL with the agent's own state added, or empty.
std::string return_location(const Ticket& ticket);

}  // namespace reeve
