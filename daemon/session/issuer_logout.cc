#include "session/issuer_logout.h"

#include "base/log.h"
#include "crypto/hash.h"

namespace reeve {
namespace {

constexpr size_t kRemembered = 8192;

// A sign-in that named no session of its issuer's ends with its user's every session.
bool meant(const Browser& browser, const std::string& issuer, const Claims& claims) {
  if (!browser.user || browser.issuer != issuer) return false;
  if (!claims.sub.empty() && browser.issuer_sub != claims.sub) return false;
  if (claims.sid.empty() || browser.issuer_sid == claims.sid) return true;
  return browser.issuer_sid.empty() && !claims.sub.empty();
}

}  // namespace

Refusal IssuerLogout::refused(const std::string& reason, const std::string& issuer) {
  Event event;
  event.name = "logout.refused";
  event.issuer = issuer;
  event.outcome = "refused";
  event.reason = reason;
  if (const auto recorded = parts_.audit.record(event); !recorded) {
    return {Refusal::Kind::unavailable, recorded.error().text};
  }
  return {Refusal::Kind::flow, reason};
}

Result<bool> IssuerLogout::remember(const Claims& claims) {
  const int64_t now = parts_.clock.unix_seconds();
  const std::string key = sha256(claims.issuer + '\n' + claims.jti);
  if (taken_.contains(key)) return false;
  if (taken_.size() >= kRemembered) {
    std::erase_if(taken_, [&](const auto& entry) { return entry.second < now; });
  }
  if (taken_.size() >= kRemembered) return Error{Code::limit, "logout tokens"};
  taken_[key] = claims.expires_at.value_or(now) + kJwtSkewSeconds;
  return true;
}

Task<Bound<int64_t>> IssuerLogout::take(std::string logout_token) {
  const SetupRef setup = parts_.setup.get();
  const auto named = unverified_issuer(logout_token);
  const ServerRef server = named ? setup->issuer_by_url(*named) : nullptr;
  if (server == nullptr) co_return refused("issuer", "");
  Engine::Verification verification;
  verification.kind = JwtKind::logout_token;
  verification.audiences = {server->client.client_id};
  const auto claims =
      co_await parts_.engine.verify(server, std::move(logout_token), std::move(verification));
  if (!claims && claims.error().code != Code::denied) {
    co_return Refusal{Refusal::Kind::unavailable, "the issuer's keys cannot be had now"};
  }
  if (!claims) {
    const std::string& text = claims.error().text;
    co_return refused("logout_token:" + text.substr(0, text.find(':')), server->issuer);
  }
  // Section 2.4: a subject, a session, or both.
  if (claims->sub.empty() && claims->sid.empty()) {
    co_return refused("logout_token:sub", server->issuer);
  }
  const auto first = remember(*claims);
  if (!first) co_return Refusal{Refusal::Kind::limit, first.error().text};
  if (!*first) co_return int64_t{0};
  std::vector<BrowserRef> browsers;
  for (const BrowserRef& browser : parts_.browsers.signed_in()) {
    if (meant(*browser, server->name, *claims)) browsers.push_back(browser);
  }
  const auto count = static_cast<int64_t>(browsers.size());
  const auto ended = co_await end(std::move(browsers), server->issuer, claims->sub);
  if (ended) co_return count;
  taken_.erase(sha256(claims->issuer + '\n' + claims->jti));
  co_return Refusal{Refusal::Kind::unavailable, ended.error().text};
}

Task<Result<void>> IssuerLogout::end(std::vector<BrowserRef> browsers, std::string issuer,
                                     std::string sub) {
  Event event;
  event.name = "user.signed_out";
  event.issuer = issuer;
  event.subject = sub;
  event.outcome = "ok";
  event.reason = "by the issuer";
  CO_CHECK(co_await parts_.audit.record_synced(event));
  for (const BrowserRef& browser : browsers) {
    CO_CHECK(co_await parts_.browsers.erase(browser));
  }
  co_return Result<void>();
}

}  // namespace reeve
