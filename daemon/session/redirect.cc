#include "session/redirect.h"

#include "base/check.h"
#include "base/encoding.h"
#include "crypto/hash.h"
#include "crypto/random.h"

namespace reeve {
namespace {

constexpr int64_t kFlowSeconds = 600;

}  // namespace

NewFlow make_flow(const Browser& browser, std::string redirect_uri, const Clock& clock,
                  const std::string& boot) {
  NewFlow made;
  made.state = random_token();
  made.cookie = random_token();
  made.flow.state_hash = sha256(made.state.reveal());
  made.flow.cookie_hash = sha256(made.cookie.reveal());
  made.flow.browser = browser.id;
  made.flow.redirect_uri = std::move(redirect_uri);
  // Bound to this flow and this browser (OpenID Connect Core section 15.5.2), and never seen by the
  // binder.
  made.flow.nonce = base64url(sha256(length_prefixed(
      {"reeve-nonce-v1", made.flow.state_hash, made.flow.cookie_hash, browser.secret_hash})));
  made.flow.code_verifier = random_token();
  made.flow.lifetime = {boot, clock.boot_milliseconds() + kFlowSeconds * 1000};
  return made;
}

Refusal not_signed_in(const Browsers& browsers, const BrowserKey& key) {
  return {Refusal::Kind::not_signed_in, browsers.ended(key) ? "ended" : ""};
}

std::string flow_id(const Flow& flow) { return base64url(flow.state_hash).substr(0, 8); }

std::string flow_problem(const Flow& flow, const CameBack& back, const BrowserRef& current,
                         const Clock& clock, const std::string& boot) {
  if (flow.lifetime.over(clock, boot)) return "expired";
  if (flow.redirect_uri != back.redirect_uri && check_on(Check::redirect_uri))
    return "redirect_uri";
  if ((current == nullptr || current->id != flow.browser) && check_on(Check::browser))
    return "browser";
  if (!equal_constant_time(sha256(back.flow), flow.cookie_hash) && check_on(Check::flow_cookie))
    return "flow_cookie";
  return "";
}

}  // namespace reeve
