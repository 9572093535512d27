// The second part of AdminMethods: grants, listed and revoked.
#include <algorithm>

#include "base/log.h"
#include "reeved/admin_filter.h"
#include "reeved/admin_methods.h"

namespace reeve {
namespace {

constexpr std::string_view kInterface = "io.reeve.Admin";

std::string grant_reply(const Grant& grant, const Clock& clock) {
  return wire::reply([&](JsonWriter& json) {
           json.key("grant")
               .begin_object()
               .member("id", grant.id)
               .member("workload", grant.workload);
           json.key("user");
           wire::write_user(json, grant.user);
           json.member("provider", grant.provider);
           if (!grant.account_label.empty()) json.member("account", grant.account_label);
           json.member("requested", grant.requested)
               .member("granted", grant.granted)
               .member("state", grant.dead ? "dead" : "live")
               .member("created_at", grant.created_at);
           if (grant.used_at > 0) json.member("used_at", grant.used_at);
           if (!grant.tokens.empty())
             json.member("expires_at", clock.as_set(grant.tokens.front().expires_at));
           json.end_object();
         })
      .parameters;
}

// Whose grants are all that can fit is not said: every grant must be looked at.
bool needs_a_walk(const Filter& filter) {
  return filter.any_user() && !filter.named("grant") && !filter.named("session");
}

}  // namespace

varlink::Reply AdminMethods::revoked_reply(const Revoked& revoked) {
  int64_t at_provider = 0;
  std::vector<std::string> failures;
  for (const Revoked::One& one : revoked.grants) {
    if (one.told.said == Disconnected::Said::revoked) ++at_provider;
    else failures.push_back(one.id + ": " + one.told.reason);
  }
  return wire::reply([&](JsonWriter& json) {
    json.member("revoked", static_cast<int64_t>(revoked.grants.size()))
        .member("at_provider", at_provider)
        .member("failures", failures)
        .member("sessions", revoked.sessions)
        .key("grants")
        .begin_array();
    for (const Revoked::One& one : revoked.grants) {
      json.begin_object()
          .member("id", one.id)
          .member("provider", one.provider)
          .member("said", word(one.told.said));
      if (!one.told.reason.empty()) json.member("reason", one.told.reason);
      json.member("again", one.told.again)
          .member("lent_until", one.told.lent_until)
          .member("lent_for_good", one.told.lent_for_good)
          .end_object();
    }
    json.end_array();
  });
}

Task<varlink::Reply> AdminMethods::list_grants(Call& call) {
  if (!call.more) co_return wire::expected_more();
  Grants::Walk walk;
  while (!walk.over) {
    const std::vector<GrantRef> some = co_await parts_.grants.some(walk);
    for (const GrantRef& grant : some) {
      std::string text = grant_reply(*grant, parts_.clock);
      co_await call.send(std::move(text));
    }
  }
  co_return Reply{};
}

Task<varlink::Reply> AdminMethods::revoke_grants(Call& call) {
  const Filter filter{call.parameters};
  if (filter.any_user() && !filter.named("provider") && !filter.named("workload") &&
      !filter.named("grant") && !filter.named("session")) {
    co_return varlink::invalid_parameter("user");
  }
  Revoked revoked;
  Grants::Fence fence;
  // What cannot be read does not keep the others; that it is there is said in the end.
  Result<void> brought;
  if (needs_a_walk(filter)) {
    fence = parts_.grants.fence([this, &call](const Grant& grant) { return fits(call, grant); });
  } else {
    brought = co_await bring_what_fits(call);
    if (!brought && brought.error().code == Code::corrupt)
      brought = co_await end_damaged(call, revoked);
  }
  std::vector<GrantRef> grants = parts_.grants.loaded();
  std::erase_if(grants, [&](const GrantRef& grant) { return !fits(call, *grant); });
  auto done = co_await revoke_some(call, std::move(grants), revoked);
  if (done && fence) done = co_await revoke_the_rest(call, revoked);
  if (done) done = brought;
  if (!done) co_return wire::from_error(kInterface, done.error());
  co_return revoked_reply(revoked);
}

// A session's grants are those that it can use.
bool AdminMethods::fits(const Call& call, const Grant& grant) const {
  const Filter filter{call.parameters};
  if (!filter.fits_user(grant.user) || !filter.fits("provider", grant.provider) ||
      !filter.fits("workload", grant.workload) || !filter.fits("grant", grant.id))
    return false;
  if (!filter.named("session")) return true;
  const SessionRef session = parts_.sessions.by_id(call.parameters.text("session"));
  return session && uses(*session, grant);
}

Task<Result<void>> AdminMethods::bring_what_fits(Call& call) {
  const Filter filter{call.parameters};
  if (filter.named("grant")) co_return co_await parts_.grants.bring(call.parameters.text("grant"));
  User user;
  if (!filter.any_user()) {
    user = filter.user();
  } else {
    const SessionRef session = parts_.sessions.by_id(call.parameters.text("session"));
    if (session == nullptr || !session->user) co_return Result<void>();
    user = *session->user;
  }
  co_return co_await parts_.grants.bring_user(std::move(user), false);
}

// Whose a damaged grant is its labels say, and no more: it fits where nothing else is asked.
Task<Result<void>> AdminMethods::end_damaged(Call& call, Revoked& revoked) {
  const Filter filter{call.parameters};
  const bool more = filter.named("provider") || filter.named("workload") || filter.named("session");
  if (more || filter.any_user() != filter.named("grant")) co_return co_await bring_what_fits(call);
  User user;
  if (!filter.any_user()) user = filter.user();
  Event event;
  event.name = "grant.revoked";
  event.issuer = user.issuer;
  event.subject = user.subject;
  event.grant = call.parameters.text("grant");
  event.outcome = "ok";
  event.reason = "damaged";
  CO_CHECK(co_await parts_.audit.record_synced(event));
  auto erasing = filter.any_user() ? parts_.grants.erase_damaged(call.parameters.text("grant"))
                                   : parts_.grants.erase_damaged(std::move(user));
  CO_TRY(const Grants::Names names, co_await std::move(erasing));
  for (const std::string& name : names) {
    Disconnected told;
    told.said = Disconnected::Said::failed;
    told.reason = "its record was damaged, so the provider could not be told";
    revoked.grants.push_back({name, "", std::move(told)});
  }
  co_return co_await bring_what_fits(call);
}

Task<Result<void>> AdminMethods::revoke_some(Call& call, std::vector<GrantRef> grants,
                                             Revoked& revoked) {
  if (call.parameters.boolean("sessions").value_or(false)) {
    std::function<bool(const Session&)> ends = [this, &call, grants](const Session& one) {
      const Filter filter{call.parameters};
      const bool named = filter.fits_user(one.user) && filter.fits("workload", one.workload) &&
                         filter.fits("session", one.id) && !filter.named("provider") &&
                         !filter.named("grant");
      return named || std::any_of(grants.begin(), grants.end(),
                                  [&](const GrantRef& grant) { return uses(one, *grant); });
    };
    CO_TRY(const size_t ended, co_await end_sessions(call, std::move(ends)));
    revoked.sessions += static_cast<int64_t>(ended);
  }
  CO_TRY(std::vector<Disconnected> told, co_await parts_.desk.disconnect_all(grants, "operator"));
  for (size_t at = 0; at < grants.size(); ++at)
    revoked.grants.push_back({grants[at]->id, grants[at]->provider, std::move(told[at])});
  co_return Result<void>();
}

// Those that were not in memory, some at a time. Nobody is lent them meanwhile: there is a fence.
Task<Result<void>> AdminMethods::revoke_the_rest(Call& call, Revoked& revoked) {
  Grants::Walk walk;
  while (!walk.over) {
    const std::vector<GrantRef> some = co_await parts_.grants.some(walk);
    std::vector<GrantRef> grants;
    for (const GrantRef& seen : some) {
      if (!fits(call, *seen)) continue;
      const auto brought = co_await parts_.grants.bring(seen->id);
      if (!brought) log(Level::error, brought.error().text);
      if (GrantRef grant = parts_.grants.by_id(seen->id)) grants.push_back(std::move(grant));
    }
    if (grants.empty()) continue;
    CO_CHECK(co_await revoke_some(call, std::move(grants), revoked));
  }
  if (walk.damaged == 0) co_return Result<void>();
  co_return Error{Code::unavailable,
                  std::to_string(walk.damaged) +
                      " damaged grants were left, for nobody knows whether they fit; the log "
                      "names them: revoke by user, or bring back a backup"};
}

Task<varlink::Reply> AdminMethods::list_revocations(Call& call) {
  if (!call.more) co_return wire::expected_more();
  const std::vector<Revocations::Open> all = parts_.revocations.all();
  for (const Revocations::Open& open : all) {
    std::string text = wire::reply([&](JsonWriter& json) {
                         json.key("revocation").begin_object();
                         if (!open.grant.empty()) json.member("grant", open.grant);
                         json.key("user");
                         wire::write_user(json, open.user);
                         json.member("provider", open.provider)
                             .member("begun_at", open.begun_at)
                             .member("next_at", open.next_at)
                             .member("tries", static_cast<int64_t>(open.tries));
                         if (!open.reason.empty()) json.member("reason", open.reason);
                         json.end_object();
                       }).parameters;
    co_await call.send(std::move(text));
  }
  co_return Reply{};
}

}  // namespace reeve
