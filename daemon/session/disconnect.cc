// The third part of ConsentDesk: the way back, one grant or many.
#include <algorithm>

#include "async/carry_on.h"
#include "session/consent_desk.h"

namespace reeve {
namespace {

// Which tokens of a grant may be out there, and for how long.
Disconnected lent_of(const Grant& grant, const Clock& clock) {
  Disconnected lent;
  const int64_t now = clock.steady_seconds();
  if (grant.used_at == 0) return lent;
  for (const AccessToken& token : grant.tokens) {
    if (!token.expires_at) lent.lent_for_good = true;
    else if (*token.expires_at > now)
      lent.lent_until = std::max(lent.lent_until.value_or(0), *token.expires_at);
  }
  lent.lent_until = clock.as_set(lent.lent_until);
  return lent;
}

Disconnected gone_before() {
  Disconnected told;
  told.reason = "it was gone before";
  return told;
}

Disconnected in_words(Revocations::Told said) {
  Disconnected told;
  told.reason = std::move(said.reason);
  switch (said.said) {
    case Revocations::Said::revoked: told.said = Disconnected::Said::revoked; break;
    case Revocations::Said::no_endpoint: told.said = Disconnected::Said::no_endpoint; break;
    case Revocations::Said::refused: told.said = Disconnected::Said::failed; break;
    case Revocations::Said::pending:
      told.said = Disconnected::Said::failed;
      told.again = true;
      told.reason += "; it is tried again";
      break;
  }
  return told;
}

Doomed doomed_of(const Grant& grant, const Grants& grants) {
  Doomed doomed{
      grant.id, grant.context, grant.provider, grant.workload, grant.account_id, grant.user, {}};
  if (!grant.refresh_token.empty())
    doomed.tokens.push_back({grants.reveal(grant.refresh_token), true, std::nullopt});
  for (const AccessToken& token : grant.tokens)
    doomed.tokens.push_back({grants.reveal(token.value), false, token.expires_at});
  return doomed;
}

}  // namespace

std::string_view word(Disconnected::Said said) {
  switch (said) {
    case Disconnected::Said::revoked: return "revoked";
    case Disconnected::Said::no_endpoint: return "no_endpoint";
    case Disconnected::Said::nothing: return "nothing";
    case Disconnected::Said::failed: break;
  }
  return "failed";
}

// What many endings come to.
struct ConsentDesk::Ending {
  std::vector<Result<Disconnected>> results;
  size_t left = 0;
  Resolver<> done;
};

Task<Result<Disconnected>> ConsentDesk::disconnect(GrantRef grant, std::string by) {
  std::vector<GrantRef> one;
  one.push_back(std::move(grant));
  auto told = co_await disconnect_all(std::move(one), std::move(by));
  if (!told) co_return std::move(told).error();
  co_return std::move(told->front());
}

Task<Result<std::vector<Disconnected>>> ConsentDesk::disconnect_all(std::vector<GrantRef> grants,
                                                                    std::string by) {
  Task<Result<std::vector<Disconnected>>> task = end_all(std::move(grants), std::move(by));
  auto done = co_await carry_on(tasks_, std::move(task));
  if (!done) co_return Error{Code::unavailable, "the daemon is stopping"};
  co_return std::move(*done);
}

Task<Result<std::vector<Disconnected>>> ConsentDesk::end_all(std::vector<GrantRef> grants,
                                                             std::string by) {
  std::vector<GrantRef> live;
  for (const GrantRef& grant : grants) {
    if (parts_.grants.by_id(grant->id) == grant) live.push_back(grant);
  }
  for (const GrantRef& grant : live) {
    Event event;
    event.name = "grant.revoked";
    event.issuer = grant->user.issuer;
    event.subject = grant->user.subject;
    event.provider = grant->provider;
    event.grant = grant->id;
    event.workload = grant->workload;
    event.account = grant->account_id;
    event.outcome = "ok";
    event.reason = by;
    // The last one's sync is that of all.
    if (grant == live.back()) {
      CO_CHECK(co_await parts_.audit.record_synced(event));
    } else {
      CO_CHECK(parts_.audit.record(event));
    }
  }
  auto ending = std::make_shared<Ending>();
  ending->results.assign(grants.size(), Result<Disconnected>(Disconnected()));
  ending->left = grants.size();
  Waiter<> waiter(parts_.loop);
  ending->done = waiter.resolver();
  // All of them begin in the same turn of the loop.
  for (size_t at = 0; at < grants.size(); ++at) tasks_.spawn(end_one(grants[at], ending, at));
  if (!grants.empty()) co_await waiter;
  std::vector<Disconnected> told;
  for (Result<Disconnected>& one : ending->results) {
    if (!one) co_return std::move(one).error();
    told.push_back(std::move(*one));
  }
  co_return told;
}

Task<void> ConsentDesk::end_one(GrantRef grant, std::shared_ptr<Ending> ending, size_t at) {
  auto told = co_await erase_and_revoke(std::move(grant));
  ending->results[at] = std::move(told);
  if (--ending->left == 0) ending->done.resolve({});
}

Task<Result<Disconnected>> ConsentDesk::erase_and_revoke(GrantRef grant) {
  if (parts_.grants.by_id(grant->id) != grant) co_return gone_before();
  const Disconnected lent = lent_of(*grant, parts_.clock);
  const Doomed doomed = doomed_of(*grant, parts_.grants);
  const bool only_token = grant->refresh_token.empty() && grant->tokens.size() == 1;
  std::optional<Revocations::Prepared> prepared;
  std::vector<Change> also;
  if (!doomed.tokens.empty()) {
    prepared = parts_.revocations.prepare(doomed);
    also.push_back(std::move(prepared->change));
  }
  // Here first, and regardless of what the provider says (RFC 7009).
  CO_CHECK(co_await parts_.grants.erase(grant, std::move(also)));
  parts_.announcer.to_owner(owner_key(grant->user.issuer, grant->user.subject, grant->holder),
                            {"grant_revoked", grant->provider, grant->id});
  Disconnected told;
  told.reason = "there was nothing left to revoke";
  if (prepared) {
    parts_.revocations.accept(*prepared);
    Revocations::Told said = co_await parts_.revocations.attempt(prepared->id);
    told = in_words(std::move(said));
  }
  // Else the provider has ended it just now.
  if (!only_token || told.said != Disconnected::Said::revoked) {
    told.lent_until = lent.lent_until;
    told.lent_for_good = lent.lent_for_good;
  }
  co_return told;
}

}  // namespace reeve
