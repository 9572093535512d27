#include "session/consents.h"

#include <algorithm>

#include "async/timer.h"
#include "base/check.h"
#include "base/encoding.h"
#include "crypto/hash.h"
#include "crypto/random.h"
#include "session/consent_reason.h"
#include "session/consent_record.h"
#include "session/phrase.h"

namespace reeve {
namespace {

constexpr size_t kFlows = 4;  // of one consent under way; the oldest gives way
constexpr int64_t kKeepMilliseconds =
    600'000;  // of a settled consent, for reloads of its last page

std::string key(char kind, std::string_view hash) { return std::string(1, kind).append(hash); }

std::string request_hash(std::string_view request, std::string_view scope) {
  return sha256(length_prefixed({request, check_on(Check::request_scope) ? scope : ""}));
}

}  // namespace

std::string_view word(ConsentStatus status) {
  switch (status) {
    case ConsentStatus::pending:
    case ConsentStatus::redeeming:
    case ConsentStatus::confirm: return "pending";
    case ConsentStatus::granted: return "granted";
    case ConsentStatus::declined: return "declined";
    case ConsentStatus::refused: return "refused";
    case ConsentStatus::expired: return "expired";
    case ConsentStatus::failed: return "failed";
  }
  return "failed";
}

bool final(ConsentStatus status) {
  return status != ConsentStatus::pending && status != ConsentStatus::redeeming &&
         status != ConsentStatus::confirm;
}

RecordId Consents::record_id(const Consent& consent) const {
  return vault_.id(Kind::consent, {consent.id});
}

Result<void> Consents::load() {
  return vault_.for_each(Kind::consent, [this](const RecordId&, Record record) -> Result<void> {
    REEVE_TRY(Consent read, read_consent(record.plain));
    auto consent = std::make_shared<Consent>(std::move(read));
    // What was to be redeemed and not yet begun can be tried again by the user.
    if (consent->status == ConsentStatus::redeeming && !consent->redemption)
      consent->status = consent->held ? ConsentStatus::confirm : ConsentStatus::pending;
    index(consent);
    return {};
  });
}

void Consents::index(const ConsentRef& consent) {
  by_id_[consent->id] = consent;
  for (const Ticket& ticket : consent->tickets) by_hash_[key('t', ticket.hash)] = consent;
  for (const std::string& request : consent->requests) by_hash_[key('r', request)] = consent;
  for (const ConsentFlow& flow : consent->flows) by_hash_[key('s', flow.flow.state_hash)] = consent;
  if (!consent->handle_hash.empty()) by_hash_[key('h', consent->handle_hash)] = consent;
}

void Consents::unindex(const Consent& consent) {
  for (const Ticket& ticket : consent.tickets) by_hash_.erase(key('t', ticket.hash));
  for (const std::string& request : consent.requests) by_hash_.erase(key('r', request));
  for (const ConsentFlow& flow : consent.flows) by_hash_.erase(key('s', flow.flow.state_hash));
  by_hash_.erase(key('h', consent.handle_hash));
  by_id_.erase(consent.id);
}

std::string_view Consents::crowded(const Consent& wanted, size_t of_workload) const {
  size_t workload = 0, user = 0, tickets = 0;
  for (const auto& [id, consent] : by_id_) {
    tickets += consent->tickets.size();
    if (final(consent->status)) continue;
    workload += consent->workload == wanted.workload ? 1 : 0;
    user += consent->user.is(wanted.user) ? 1 : 0;
  }
  if (user >= limits_.per_user) return "consents_per_user";
  if (workload >= std::min(limits_.per_workload, of_workload)) return "consents_per_workload";
  if (tickets >= limits_.tickets) return "tickets";
  return by_id_.size() >= limits_.all ? "consents" : "";
}

void Consents::make_room() {
  std::vector<ConsentRef> settled;
  for (const auto& [id, consent] : by_id_) {
    if (final(consent->status)) settled.push_back(consent);
  }
  std::sort(settled.begin(), settled.end(),
            [](const ConsentRef& a, const ConsentRef& b) { return a->expires_at < b->expires_at; });
  settled.resize((settled.size() + 1) / 2);
  for (const ConsentRef& consent : settled) {
    purged_.push_back({Kind::consent, record_id(*consent), std::nullopt, std::nullopt});
    unindex(*consent);
  }
}

Result<ConsentRef> Consents::find_or_make(Consent wanted, size_t of_workload) {
  std::sort(wanted.scopes.begin(), wanted.scopes.end());
  for (const auto& [id, consent] : by_id_) {
    if (!final(consent->status) && !over(*consent) && consent->user.is(wanted.user) &&
        consent->context == wanted.context && consent->holder == wanted.holder &&
        consent->workload == wanted.workload && consent->binding == wanted.binding &&
        consent->scopes == wanted.scopes && consent->resource == wanted.resource &&
        consent->acr_values == wanted.acr_values && consent->max_age == wanted.max_age) {
      return consent;
    }
  }
  if (!crowded(wanted, of_workload).empty()) purged_ = purge();
  if (!crowded(wanted, of_workload).empty()) make_room();
  if (const auto limit = crowded(wanted, of_workload); !limit.empty())
    return Error{Code::limit, std::string(limit)};
  auto consent = std::make_shared<Consent>(std::move(wanted));
  consent->id = hex(random_bytes(12));
  consent->phrase = random_phrase();
  consent->lifetime = {boot_, clock_.boot_milliseconds() + limits_.seconds * 1000};
  consent->expires_at = clock_.unix_seconds() + limits_.seconds;
  by_id_[consent->id] = consent;
  return consent;
}

Task<Result<Consents::Pointers>> Consents::point(ConsentRef consent, Ticket ticket,
                                                 std::string scope) {
  Pointers pointers{random_token(), random_token()};
  ticket.hash = sha256(pointers.ticket.reveal());
  const std::string request = request_hash(pointers.request.reveal(), scope);
  consent->tickets.push_back(std::move(ticket));
  consent->requests.push_back(request);
  by_hash_[key('t', consent->tickets.back().hash)] = consent;
  by_hash_[key('r', request)] = consent;
  if (consent->tickets.size() > limits_.tickets_per_consent) {
    by_hash_.erase(key('t', consent->tickets.front().hash));
    consent->tickets.erase(consent->tickets.begin());
  }
  if (consent->requests.size() > limits_.tickets_per_consent * 2) {
    by_hash_.erase(key('r', consent->requests.front()));
    consent->requests.erase(consent->requests.begin());
  }
  CO_CHECK(co_await save(consent));
  co_return pointers;
}

ConsentRef Consents::by_ticket(std::string_view ticket) const {
  const auto found = by_hash_.find(key('t', sha256(ticket)));
  return found == by_hash_.end() ? nullptr : found->second;
}

ConsentRef Consents::by_request(std::string_view request, std::string_view scope) const {
  const auto found = by_hash_.find(key('r', request_hash(request, scope)));
  return found == by_hash_.end() ? nullptr : found->second;
}

ConsentRef Consents::by_state_hash(std::string_view state_hash) const {
  const auto found = by_hash_.find(key('s', state_hash));
  return found == by_hash_.end() ? nullptr : found->second;
}

ConsentRef Consents::by_handle(std::string_view handle) const {
  const auto found = by_hash_.find(key('h', sha256(handle)));
  return found == by_hash_.end() ? nullptr : found->second;
}

Ticket* Consents::ticket_of(Consent& consent, std::string_view ticket) {
  const std::string hash = sha256(ticket);
  for (Ticket& known : consent.tickets) {
    if (known.hash == hash) return &known;
  }
  return nullptr;
}

Task<Result<void>> Consents::add_flow(ConsentRef consent, ConsentFlow flow) {
  by_hash_[key('s', flow.flow.state_hash)] = consent;
  consent->flows.push_back(std::move(flow));
  if (consent->flows.size() > kFlows) {
    by_hash_.erase(key('s', consent->flows.front().flow.state_hash));
    consent->flows.erase(consent->flows.begin());
  }
  co_return co_await save(consent);
}

std::optional<ConsentFlow> Consents::take_flow(Consent& consent, std::string_view state_hash) {
  if (check_on(Check::state)) by_hash_.erase(key('s', state_hash));
  for (auto flow = consent.flows.begin(); flow != consent.flows.end(); ++flow) {
    if (flow->flow.state_hash != state_hash) continue;
    if (!check_on(Check::state))
      return ConsentFlow{flow->flow.clone(), flow->ticket, flow->session, flow->issuer};
    ConsentFlow taken = std::move(*flow);
    consent.flows.erase(flow);
    return taken;
  }
  return std::nullopt;
}

void Consents::set_handle(const ConsentRef& consent, const Secret& handle,
                          const ConsentFlow& flow) {
  by_hash_.erase(key('h', consent->handle_hash));
  consent->handle_hash = sha256(handle.reveal());
  consent->handle = handle.clone();
  consent->handle_browser = flow.flow.browser;
  consent->handle_ticket = flow.ticket;
  by_hash_[key('h', consent->handle_hash)] = consent;
}

void Consents::set_status(Consent& consent, ConsentStatus status, std::string reason) {
  consent.status = status;
  consent.status_reason = std::move(reason);
  if (final(status)) {
    for (const ConsentFlow& flow : consent.flows) by_hash_.erase(key('s', flow.flow.state_hash));
    consent.flows.clear();
    consent.held.reset();
    consent.handle = {};
  }
  for (Resolver<>& waiting : consent.waiting) waiting.resolve({});
  consent.waiting.clear();
}

Task<Result<void>> Consents::settle(ConsentRef consent, ConsentStatus status, std::string reason) {
  set_status(*consent, status, std::move(reason));
  std::optional<Redemption> redemption = std::exchange(consent->redemption, std::nullopt);
  auto saved = co_await save(consent);
  // Its answer is still needed, after a restart.
  if (!saved) consent->redemption = std::move(redemption);
  co_return saved;
}

Task<Result<void>> Consents::save(ConsentRef consent) {
  std::vector<Change> changes;
  changes.push_back({Kind::consent, record_id(*consent), write_consent(*consent), std::nullopt});
  co_return co_await vault_.commit(std::move(changes));
}

std::vector<Change> Consents::purge() {
  std::vector<Change> changes = std::exchange(purged_, {});
  std::vector<ConsentRef> gone;
  for (const auto& [id, consent] : by_id_) {
    if (!over(*consent) || consent->status == ConsentStatus::redeeming) continue;
    if (!final(consent->status)) {
      set_status(*consent, ConsentStatus::expired, consent_reason::timeout);
      changes.push_back(
          {Kind::consent, record_id(*consent), write_consent(*consent), std::nullopt});
    }
    const bool forgotten =
        consent->lifetime.boot != boot_ ||
        clock_.boot_milliseconds() >= consent->lifetime.deadline + kKeepMilliseconds;
    if (forgotten) gone.push_back(consent);
  }
  for (const ConsentRef& consent : gone) {
    changes.push_back({Kind::consent, record_id(*consent), std::nullopt, std::nullopt});
    unindex(*consent);
  }
  return changes;
}

Task<void> Consents::changed(Loop& loop, ConsentRef consent) {
  Waiter<> waiter(loop);
  std::erase_if(consent->waiting, [](const Resolver<>& resolver) { return !resolver.wanted(); });
  consent->waiting.push_back(waiter.resolver());
  co_await waiter;
}

std::vector<ConsentRef> Consents::all() const {
  std::vector<ConsentRef> list;
  for (const auto& [id, consent] : by_id_) list.push_back(consent);
  return list;
}

}  // namespace reeve
