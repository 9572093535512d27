#include "crypto/jwt_claims.h"

#include <openssl/evp.h>

#include <algorithm>
#include <array>

#include "base/encoding.h"

namespace reeve {
namespace {

constexpr size_t kSubjectBytes = 255;  // OpenID Connect Core section 2
constexpr size_t kTextBytes = 1024;    // of acr, sid, jti, client_id
constexpr size_t kNameBytes = 100;
constexpr size_t kAudiences = 32;
constexpr double kLastDate = 9007199254740992.0;  // 2^53

using Check = std::optional<JwtFailure>;

Check refuse(JwtProblem problem, std::string text) { return JwtFailure{problem, std::move(text)}; }

bool has(const std::vector<std::string>& list, std::string_view value) {
  return std::find(list.begin(), list.end(), value) != list.end();
}

bool clean_text(std::string_view text, size_t limit) {
  return !text.empty() && text.size() <= limit &&
         std::none_of(text.begin(), text.end(),
                      [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
}

std::string lower(std::string text) {
  for (char& c : text) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return text;
}

// The left half of the hash that goes with the algorithm (Core section 3.1.3.6); SHA-512 for
// Ed25519.
std::string half_hash(Algorithm algorithm, std::string_view text) {
  const EVP_MD* digest = EVP_sha256();
  if (algorithm == Algorithm::es384) digest = EVP_sha384();
  if (algorithm == Algorithm::eddsa) digest = EVP_sha512();
  std::array<unsigned char, EVP_MAX_MD_SIZE> hash{};
  unsigned size = 0;
  if (EVP_Digest(text.data(), text.size(), hash.data(), &size, digest, nullptr) != 1) return {};
  return base64url({reinterpret_cast<const char*>(hash.data()), size / 2});
}

// The claims of one token against the rules of its kind and what is expected. Each check is one
// row of kChecks; what one has read, the later ones may use.
class ClaimsJudge {
 public:
  ClaimsJudge(const JwtRules& rules, const JwtExpectation& expected, Algorithm algorithm,
              int64_t now)
      : rules_(rules), expected_(expected), algorithm_(algorithm), now_(now) {}

  std::variant<Claims, JwtFailure> judge(Json payload) {
    claims_.all = std::move(payload);
    static constexpr std::array checks = {
        &ClaimsJudge::presence, &ClaimsJudge::issuer,  &ClaimsJudge::label,
        &ClaimsJudge::texts,    &ClaimsJudge::subject, &ClaimsJudge::audience,
        &ClaimsJudge::times,    &ClaimsJudge::nonce,   &ClaimsJudge::authentication,
        &ClaimsJudge::events,   &ClaimsJudge::hash};
    for (const auto check : checks) {
      if (Check failure = (this->*check)()) return std::move(*failure);
    }
    claims_.name = display_name();
    return std::move(claims_);
  }

 private:
  const Json* find(std::string_view name) const { return claims_.all.find(name); }
  const std::string& text(std::string_view name) const { return claims_.all.text(name); }

  Check presence() {
    for (const std::string_view name : rules_.required) {
      const Json* claim = find(name);
      if (claim == nullptr || claim->is_null()) {
        return refuse(JwtProblem::bad_claim, std::string(name) + ": missing");
      }
    }
    for (const std::string_view name : rules_.forbidden) {
      if (find(name) == nullptr) continue;
      return refuse(JwtProblem::wrong_type, std::string(name) + ": not in a token of this kind");
    }
    return std::nullopt;
  }

  Check issuer() {
    claims_.issuer = text("iss");
    if (!claims_.issuer.empty() && claims_.issuer == expected_.issuer) return std::nullopt;
    return refuse(JwtProblem::bad_issuer, "iss: not the configured issuer");
  }

  // Issuers that do not type their tokens in the header may do so in a claim.
  Check label() {
    for (const std::string_view name : {"typ", "token_use"}) {
      if (find(name) == nullptr) continue;
      const std::string value = lower(text(name));
      if (std::find(rules_.labels.begin(), rules_.labels.end(), value) == rules_.labels.end()) {
        return refuse(JwtProblem::wrong_type, std::string(name) + ": a token of another kind");
      }
    }
    return std::nullopt;
  }

  Check texts() {
    const std::array<std::pair<std::string_view, std::string*>, 5> members = {
        {{"acr", &claims_.acr},
         {"sid", &claims_.sid},
         {"jti", &claims_.jti},
         {"azp", &claims_.client_id},
         {"client_id", &claims_.client_id}}};
    for (const auto& [name, target] : members) {
      const Json* claim = find(name);
      if (claim == nullptr || claim->is_null()) continue;
      if (!clean_text(text(name), kTextBytes)) {
        return refuse(JwtProblem::bad_claim, std::string(name) + ": malformed");
      }
      *target = text(name);
    }
    return std::nullopt;
  }

  Check subject() {
    for (const std::string_view name :
         {std::string_view("sub"), std::string_view(expected_.subject_claim)}) {
      const Json* claim = find(name);
      if (claim == nullptr && !rules_.person) continue;
      if (!clean_text(text(name), kSubjectBytes)) {
        return refuse(JwtProblem::bad_subject, std::string(name) + ": missing or malformed");
      }
    }
    claims_.sub = text("sub");
    claims_.subject = text(expected_.subject_claim);
    // RFC 9068 section 5: a client's own token has the client as its subject; that is no user.
    if (rules_.person && !rules_.sole_client && claims_.sub == text("client_id")) {
      return refuse(JwtProblem::bad_subject, "sub: a client, not a user");
    }
    return std::nullopt;
  }

  Check audience() {
    std::vector<std::string> audiences;
    if (const auto list = claims_.all.strings("aud")) audiences = *list;
    else if (find("aud")->string() != nullptr) audiences.push_back(text("aud"));
    if (audiences.empty() || audiences.size() > kAudiences) {
      return refuse(JwtProblem::bad_audience, "aud: malformed");
    }
    bool ours = false;
    for (const std::string& audience : audiences) {
      if (has(expected_.audiences, audience)) ours = true;
      else if (!has(expected_.trusted_audiences, audience)) {
        return refuse(JwtProblem::bad_audience, "aud: made out to another");
      }
    }
    if (!ours) return refuse(JwtProblem::bad_audience, "aud: not made out to us");
    return rules_.sole_client ? authorized_party(audiences.size()) : std::nullopt;
  }

  // Core section 3.1.3.7, steps 4 and 5.
  Check authorized_party(size_t audiences) {
    if (find("azp") == nullptr) {
      if (audiences == 1) return std::nullopt;
      return refuse(JwtProblem::bad_audience, "azp: missing beside several audiences");
    }
    if (has(expected_.audiences, text("azp"))) return std::nullopt;
    return refuse(JwtProblem::bad_audience, "azp: issued to another client");
  }

  // A NumericDate (RFC 7519 section 2): not negative, fractions cut off. False: malformed.
  bool read_date(std::string_view name, std::optional<int64_t>& date) {
    const Json* claim = find(name);
    if (claim == nullptr || claim->is_null()) return true;
    const auto value = claim->real();
    if (!value || !(*value >= 0) || *value > kLastDate) return false;
    date = static_cast<int64_t>(*value);
    return true;
  }

  Check times() {
    std::optional<int64_t> not_before;
    if (!read_date("exp", claims_.expires_at) || !read_date("iat", claims_.issued_at) ||
        !read_date("nbf", not_before) || !read_date("auth_time", claims_.auth_time)) {
      return refuse(JwtProblem::bad_time, "exp, iat, nbf or auth_time: malformed");
    }
    const int64_t latest = now_ + kJwtSkewSeconds, earliest = now_ - kJwtSkewSeconds;
    if (claims_.expires_at && *claims_.expires_at <= earliest) {
      return refuse(JwtProblem::bad_time, "exp: expired");
    }
    if (claims_.issued_at && *claims_.issued_at > latest) {
      return refuse(JwtProblem::bad_time, "iat: in the future");
    }
    if (not_before && *not_before > latest) {
      return refuse(JwtProblem::bad_time, "nbf: not yet valid");
    }
    if (rules_.oldest_seconds != 0 && *claims_.issued_at < earliest - rules_.oldest_seconds) {
      return refuse(JwtProblem::bad_time, "iat: too long ago");
    }
    return std::nullopt;
  }

  Check nonce() {
    if (!rules_.nonce) return std::nullopt;
    if (!expected_.nonce.empty() && equal_constant_time(text("nonce"), expected_.nonce)) {
      return std::nullopt;
    }
    return refuse(JwtProblem::bad_nonce, "nonce: not that of this flow");
  }

  Check authentication() {
    if (claims_.auth_time && *claims_.auth_time > now_ + kJwtSkewSeconds) {
      return refuse(JwtProblem::bad_auth_time, "auth_time: in the future");
    }
    if (!expected_.max_age) return std::nullopt;
    if (!claims_.auth_time) {
      return refuse(JwtProblem::bad_auth_time, "auth_time: missing, max_age was asked");
    }
    if (now_ - *claims_.auth_time - kJwtSkewSeconds > *expected_.max_age) {
      return refuse(JwtProblem::bad_auth_time, "auth_time: older than max_age");
    }
    return std::nullopt;
  }

  Check events() {
    if (rules_.event.empty()) return std::nullopt;
    const Json* events = find("events");
    const JsonObject* members = events->object();
    if (members == nullptr || members->empty()) {
      return refuse(JwtProblem::bad_claim, "events: malformed");
    }
    for (const auto& [name, event] : *members) {
      if (event.object() == nullptr) return refuse(JwtProblem::bad_claim, "events: malformed");
    }
    if (rules_.event == "*") return std::nullopt;
    if (events->find(rules_.event) == nullptr) {
      return refuse(JwtProblem::wrong_type, "events: not that of a token of this kind");
    }
    // Back-Channel Logout section 2.4: one or both.
    if (claims_.sub.empty() && claims_.sid.empty()) {
      return refuse(JwtProblem::bad_subject, "sub and sid: both missing");
    }
    return std::nullopt;
  }

  Check hash() {
    const Json* claim = find("at_hash");
    if (claim == nullptr || expected_.access_token == nullptr) return std::nullopt;
    const std::string hash = half_hash(algorithm_, expected_.access_token->reveal());
    if (!hash.empty() && equal_constant_time(text("at_hash"), hash)) return std::nullopt;
    return refuse(JwtProblem::bad_hash, "at_hash: not that of the access token");
  }

  std::string display_name() const {
    const std::string& name = text("name");
    return printable(name.empty() ? text("preferred_username") : name, kNameBytes);
  }

  const JwtRules& rules_;
  const JwtExpectation& expected_;
  Algorithm algorithm_;
  int64_t now_;
  Claims claims_;
};

}  // namespace

std::variant<Claims, JwtFailure> judge_claims(Json payload, const JwtRules& rules,
                                              const JwtExpectation& expected, Algorithm algorithm,
                                              int64_t now) {
  return ClaimsJudge(rules, expected, algorithm, now).judge(std::move(payload));
}

}  // namespace reeve
