// Consents: the pending questions to users, one per grant key and scope set.
//
// Many tickets (in the URLs users open) and requests (what agents wait on) point to one consent;
// one completion settles all of them. Ticket, request, state and handle are unrelated random
// values, kept as hashes. A consent is one vault record, saved at every step, so that it can be
// finished after a restart. This table keeps the state; what may follow what is decided in
// consent_flow.h.
#pragma once

#include <functional>
#include <memory>
#include <unordered_map>

#include "async/waiter.h"
#include "session/browsers.h"
#include "session/grants.h"

namespace reeve {

enum class ConsentStatus {
  pending,
  redeeming,
  confirm,
  granted,
  declined,
  refused,
  expired,
  failed
};
std::string_view word(ConsentStatus status);
bool final(ConsentStatus status);

struct Ticket {
  std::string hash;
  std::string session;  // the session's handle hash
  std::string browser;  // the record that pressed Continue with it; empty: none yet
  std::string return_url, return_state;
};

// A redirect to the provider that is under way.
struct ConsentFlow {
  Flow flow;
  std::string ticket;   // its hash
  std::string session;  // the session's handle hash
  std::string issuer;   // expected, empty where the provider has none
};

// A code that is being redeemed: what the exchange is found again by after a restart, or sent with
// where it was not begun.
struct Redemption {
  std::string id, epoch;  // oauth/http_client.h, Hold
  Secret code, code_verifier;
  std::string redirect_uri, nonce;
};

// What the provider gave, until the user has confirmed the account.
struct HeldGrant {
  Grant grant;  // its id is not yet its own
  Secret refresh_token;
  std::vector<NewToken> tokens;
};

struct Consent {
  std::string id;
  User user;
  std::string issuer;   // where the user signs in, by its name in the configuration
  std::string binding;  // whose binder may walk a browser through it
  std::string workload, holder;
  std::string provider, context;
  std::vector<std::string> scopes;  // sorted
  std::string resource;
  // How the user is to sign in at the provider (RFC 9470): one of these ways, and how recently.
  std::vector<std::string> acr_values;
  std::optional<int64_t> max_age;
  std::string asked_by;  // who asked first, rendered for the audit (render_actor)
  std::string reason;    // why the user is asked: "new", "scopes", "expired", ...
  std::string phrase;
  Lifetime lifetime;
  int64_t expires_at = 0;  // Unix seconds, for people
  ConsentStatus status = ConsentStatus::pending;
  std::string status_reason;  // consent_reason.h
  int wrong_users = 0;        // how often another user opened it
  std::vector<Ticket> tickets;
  std::vector<std::string> requests;  // hashes
  std::vector<ConsentFlow> flows;
  // Made at the callback. The handle itself is kept until all is settled, so that the same browser
  // finds back to it from the link.
  std::string handle_hash, handle_browser, handle_ticket;
  Secret handle;
  std::string account_label;
  std::optional<HeldGrant> held;
  std::optional<Redemption> redemption;  // while `redeeming`
  // Who waits for a change; not kept.
  std::vector<Resolver<>> waiting;
};
using ConsentRef = std::shared_ptr<Consent>;

struct ConsentLimits {
  size_t all = 4096;
  size_t per_workload = 256;
  size_t per_user = 16;
  size_t tickets = 8192;
  size_t tickets_per_consent = 8;  // the oldest gives way
  int64_t seconds = 600;
};

class Consents final {
 public:
  Consents(Vault& vault, const Clock& clock, std::string boot)
      : vault_(vault), clock_(clock), boot_(std::move(boot)) {}

  Result<void> load();
  void set_limits(ConsentLimits limits) { limits_ = limits; }

  // The live consent with this question, or a new one. Code::limit with the limit's name, after
  // what is over was purged. `of_workload`: the workload's own limit.
  Result<ConsentRef> find_or_make(Consent wanted, size_t of_workload = SIZE_MAX);
  // Adds a ticket and a request for a session; the first values are the ticket's and the request's
  // secrets. `scope`: the session's peer scope, outside which the request is unknown.
  struct Pointers {
    Secret ticket, request;
  };
  Task<Result<Pointers>> point(ConsentRef consent, Ticket ticket, std::string scope);

  // Null: unknown. Expired ones are found, and say so.
  ConsentRef by_ticket(std::string_view ticket) const;
  ConsentRef by_request(std::string_view request, std::string_view scope) const;
  ConsentRef by_state_hash(std::string_view state_hash) const;
  ConsentRef by_handle(std::string_view handle) const;
  static Ticket* ticket_of(Consent& consent, std::string_view ticket);

  // Adds a flow; the oldest gives way.
  Task<Result<void>> add_flow(ConsentRef consent, ConsentFlow flow);
  // Takes the flow of that state out, so that it cannot come back; durable with the next save().
  std::optional<ConsentFlow> take_flow(Consent& consent, std::string_view state_hash);
  void set_handle(const ConsentRef& consent, const Secret& handle, const ConsentFlow& flow);
  // Changes the status and tells who waits. Final: no flow or held grant is left.
  Task<Result<void>> settle(ConsentRef consent, ConsentStatus status, std::string reason);
  Task<Result<void>> save(ConsentRef consent);

  // Expires what is over (and tells who waits) and forgets what has been over for long. What is
  // being redeemed is left to its redemption, which settles it.
  std::vector<Change> purge();
  // Waits for the next change of the consent's status, or its end by time.
  Task<void> changed(Loop& loop, ConsentRef consent);
  bool over(const Consent& consent) const { return consent.lifetime.over(clock_, boot_); }
  std::vector<ConsentRef> all() const;

 private:
  RecordId record_id(const Consent& consent) const;
  void index(const ConsentRef& consent);
  void unindex(const Consent& consent);
  void set_status(Consent& consent, ConsentStatus status, std::string reason);
  // The name of the limit that is reached, or empty.
  std::string_view crowded(const Consent& wanted, size_t of_workload) const;
  // Forgets the oldest settled ones, which wait for a reload of their last page only.
  void make_room();

  Vault& vault_;
  const Clock& clock_;
  const std::string boot_;
  ConsentLimits limits_;
  std::unordered_map<std::string, ConsentRef> by_id_;
  // Ticket, request, state and handle hashes, each behind a letter of its kind.
  std::unordered_map<std::string, ConsentRef> by_hash_;
  std::vector<Change> purged_;  // for the vault, with the next purge()
};

}  // namespace reeve
