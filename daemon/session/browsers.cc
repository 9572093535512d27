#include "session/browsers.h"

#include <algorithm>

#include "base/check.h"
#include "base/encoding.h"
#include "crypto/hash.h"
#include "crypto/random.h"

namespace reeve {
namespace {

constexpr int64_t kUnsignedSeconds = 3600;        // of a browser in which nobody is signed in
constexpr size_t kSignIns = 8;                    // under way in one browser; the oldest gives way
constexpr int64_t kToldMilliseconds = 3'600'000;  // that a sign-in has ended

Secret to_record(const Browser& browser) {
  std::string text;
  JsonWriter json(text);
  json.begin_object()
      .member("id", browser.id)
      .member("binding", browser.binding)
      .member("secret_hash", hex(browser.secret_hash))
      .member("issuer", browser.issuer)
      .member("issuer_sub", browser.issuer_sub)
      .member("issuer_sid", browser.issuer_sid)
      .member("signed_in_at", browser.signed_in_at)
      .member("boot", browser.lifetime.boot)
      .member("deadline", browser.lifetime.deadline);
  if (browser.user) {
    json.key("user");
    write_user(json, *browser.user);
  }
  json.key("claims").begin_object();
  for (const auto& [name, value] : browser.claims) json.member(name, value);
  json.end_object().key("sign_ins").begin_array();
  for (const SignIn& sign_in : browser.sign_ins) {
    json.begin_object().member("issuer", sign_in.issuer).member("next", sign_in.next).key("flow");
    write_flow(json, sign_in.flow);
    json.end_object();
  }
  json.end_array().end_object();
  return Secret(std::move(text));
}

Result<BrowserRef> from_record(const Record& record) {
  REEVE_TRY(Json json, parse_json(record.plain.reveal()));
  if (json.object() == nullptr) return Error{Code::corrupt, "a browser's record"};
  auto browser = std::make_shared<Browser>();
  browser->id = json.text("id");
  browser->binding = json.text("binding");
  browser->secret_hash = hex_decode(json.text("secret_hash")).value_or("");
  browser->issuer = json.text("issuer");
  browser->issuer_sub = json.text("issuer_sub");
  browser->issuer_sid = json.text("issuer_sid");
  browser->signed_in_at = json.integer("signed_in_at").value_or(0);
  browser->lifetime = {json.text("boot"), json.integer("deadline").value_or(0)};
  browser->user = read_user(json.find("user"));
  if (const Json* claims = json.find("claims"); claims != nullptr && claims->object() != nullptr) {
    for (const auto& [name, value] : *claims->object()) {
      if (value.string() != nullptr) browser->claims[name] = *value.string();
    }
  }
  for (auto& [name, value] : *json.object()) {
    if (name != "sign_ins" || value.array() == nullptr) continue;
    for (Json& entry : *value.array()) {
      SignIn sign_in{{}, entry.text("issuer"), entry.text("next")};
      if (entry.object() == nullptr) continue;
      for (auto& member : *entry.object()) {
        if (member.first != "flow") continue;
        if (auto flow = read_flow(member.second)) sign_in.flow = std::move(*flow);
      }
      browser->sign_ins.push_back(std::move(sign_in));
    }
  }
  if (browser->id.empty() || browser->secret_hash.size() != hash_bytes) {
    return Error{Code::corrupt, "a browser's record"};
  }
  return browser;
}

bool of_this_host(const Browser& browser) { return browser.user && browser.user->issuer == kUnix; }

// THREATS T19: whoever else has the cookie, another user of this host, is nobody.
bool sent_by_its_user(const Browser& browser, const BrowserKey& key) {
  if (!of_this_host(browser) || !check_on(Check::socket_owner)) return true;
  return key.owner && policy_subject(*browser.user) == std::to_string(*key.owner);
}

}  // namespace

Flow Flow::clone() const {
  return {state_hash, cookie_hash, browser, redirect_uri, nonce, code_verifier.clone(), lifetime};
}

void write_flow(JsonWriter& json, const Flow& flow) {
  json.begin_object()
      .member("state_hash", hex(flow.state_hash))
      .member("cookie_hash", hex(flow.cookie_hash))
      .member("browser", flow.browser)
      .member("redirect_uri", flow.redirect_uri)
      .member("nonce", flow.nonce)
      .member("code_verifier", flow.code_verifier.reveal())
      .member("boot", flow.lifetime.boot)
      .member("deadline", flow.lifetime.deadline)
      .end_object();
}

std::optional<Flow> read_flow(Json& value) {
  Flow flow;
  flow.state_hash = hex_decode(value.text("state_hash")).value_or("");
  flow.cookie_hash = hex_decode(value.text("cookie_hash")).value_or("");
  flow.browser = value.text("browser");
  flow.redirect_uri = value.text("redirect_uri");
  flow.nonce = value.text("nonce");
  flow.code_verifier = Secret(value.take_text("code_verifier"));
  flow.lifetime = {value.text("boot"), value.integer("deadline").value_or(0)};
  if (flow.state_hash.size() != hash_bytes || flow.cookie_hash.size() != hash_bytes)
    return std::nullopt;
  return flow;
}

RecordId Browsers::record_id(const Browser& browser) const {
  return vault_.id(Kind::browser, {browser.id});
}

Result<void> Browsers::load() {
  return vault_.for_each(Kind::browser, [this](const RecordId&, Record record) -> Result<void> {
    REEVE_TRY(BrowserRef browser, from_record(record));
    browser->seen = clock_.boot_milliseconds();
    by_secret_[browser->secret_hash] = std::move(browser);
    return {};
  });
}

int64_t Browsers::end_of(const Browser& browser) const {
  if (browser.lifetime.boot != boot_) return 0;
  if (!browser.user) return browser.lifetime.deadline;
  return std::min(browser.lifetime.deadline, browser.seen + limits_.idle_seconds * 1000);
}

BrowserRef Browsers::find(const BrowserKey& key) {
  const auto found = by_secret_.find(sha256(key.secret));
  if (found == by_secret_.end() || !live(*found->second)) return nullptr;
  const BrowserRef& browser = found->second;
  if (browser->binding != key.binding || !sent_by_its_user(*browser, key)) return nullptr;
  browser->seen = clock_.boot_milliseconds();
  return browser;
}

bool Browsers::asks_owner(const BrowserKey& key) const {
  const auto found = by_secret_.find(sha256(key.secret));
  return found != by_secret_.end() && of_this_host(*found->second);
}

bool Browsers::ended_lately(const Browser& browser) const {
  const int64_t end = end_of(browser), now = clock_.boot_milliseconds();
  return browser.user && end > 0 && now >= end && now < end + kToldMilliseconds;
}

bool Browsers::ended(const BrowserKey& key) const {
  const auto found = by_secret_.find(sha256(key.secret));
  if (found == by_secret_.end()) return false;
  const Browser& browser = *found->second;
  return browser.binding == key.binding && sent_by_its_user(browser, key) && ended_lately(browser);
}

BrowserRef Browsers::by_id(std::string_view id) const {
  for (const auto& [hash, browser] : by_secret_) {
    if (browser->id == id && live(*browser)) return browser;
  }
  return nullptr;
}

std::vector<BrowserRef> Browsers::signed_in() const {
  std::vector<BrowserRef> list;
  for (const auto& [hash, browser] : by_secret_) {
    if (browser->user && live(*browser)) list.push_back(browser);
  }
  return list;
}

std::vector<Change> Browsers::purge() {
  const bool room = by_secret_.size() < limits_.all;
  std::erase_if(by_secret_, [&](const auto& entry) {
    if (live(*entry.second) || (room && ended_lately(*entry.second))) return false;
    leftovers_.add(record_id(*entry.second));
    return true;
  });
  std::vector<Change> changes = leftovers_.erasures();
  for (const auto& [hash, browser] : by_secret_) {
    // Kept as over, so that no restart brings it back.
    const int64_t end = end_of(*browser);
    if (live(*browser) || browser->lifetime.deadline == end) continue;
    browser->lifetime.deadline = end;
    changes.push_back({Kind::browser, record_id(*browser), to_record(*browser), std::nullopt});
  }
  return changes;
}

Result<BrowserRef> Browsers::find_or_make(const BrowserKey& key) {
  if (BrowserRef found = find(key)) return found;
  const std::string hash = sha256(key.secret);
  const auto known = by_secret_.find(hash);
  // Another binding's, which stays what it is.
  if (known != by_secret_.end() && live(*known->second)) {
    return Error{Code::invalid, "the browser's secret"};
  }
  if (by_secret_.size() >= limits_.all) return Error{Code::limit, "browsers"};
  if (known != by_secret_.end()) leftovers_.add(record_id(*known->second));
  auto browser = std::make_shared<Browser>();
  browser->id = hex(random_bytes(12));
  browser->binding = key.binding;
  browser->secret_hash = hash;
  browser->lifetime = {boot_, clock_.boot_milliseconds() + kUnsignedSeconds * 1000};
  by_secret_[browser->secret_hash] = browser;
  return browser;
}

Task<Result<BrowserRef>> Browsers::visit(BrowserKey key) {
  auto found = find_or_make(key);
  if (found || found.error().code != Code::limit) co_return found;
  CO_CHECK(co_await vault_.commit(purge()));
  co_return find_or_make(key);
}

BrowserRef Browsers::with_sign_in(std::string_view state_hash) const {
  for (const auto& [hash, browser] : by_secret_) {
    if (!live(*browser)) continue;
    for (const SignIn& sign_in : browser->sign_ins) {
      if (sign_in.flow.state_hash == state_hash) return browser;
    }
  }
  return nullptr;
}

Task<Result<void>> Browsers::save(BrowserRef browser) {
  while (browser->sign_ins.size() > kSignIns) browser->sign_ins.erase(browser->sign_ins.begin());
  std::vector<Change> changes;
  changes.push_back({Kind::browser, record_id(*browser), to_record(*browser), std::nullopt});
  co_return co_await vault_.commit(std::move(changes));
}

void Browsers::make_room(const User& user) {
  std::vector<BrowserRef> own;
  for (const BrowserRef& browser : signed_in()) {
    if (browser->user->is(user)) own.push_back(browser);
  }
  if (own.size() < limits_.per_user) return;
  std::sort(own.begin(), own.end(), [](const BrowserRef& a, const BrowserRef& b) {
    return a->signed_in_at < b->signed_in_at;
  });
  own.resize(own.size() - limits_.per_user + 1);
  for (const BrowserRef& browser : own) {
    by_secret_.erase(browser->secret_hash);
    browser->user.reset();
    browser->lifetime.deadline = 0;
    leftovers_.add(record_id(*browser));
  }
}

Task<Result<Secret>> Browsers::sign_in(BrowserRef browser, Identity identity, std::string issuer,
                                       int64_t lifetime_seconds) {
  browser->user.reset();
  make_room(identity.user);
  Secret secret = random_token();
  if (check_on(Check::renewal)) by_secret_.erase(browser->secret_hash);
  browser->secret_hash = sha256(secret.reveal());
  browser->user = std::move(identity.user);
  browser->claims = std::move(identity.claims);
  browser->issuer = std::move(issuer);
  browser->issuer_sub = std::move(identity.sub);
  browser->issuer_sid = std::move(identity.sid);
  browser->signed_in_at = clock_.unix_seconds();
  browser->seen = clock_.boot_milliseconds();
  browser->lifetime = {boot_, clock_.boot_milliseconds() + lifetime_seconds * 1000};
  by_secret_[browser->secret_hash] = browser;
  CO_CHECK(co_await save(browser));
  co_return secret;
}

Task<Result<void>> Browsers::erase(BrowserRef browser) {
  by_secret_.erase(browser->secret_hash);
  browser->user.reset();
  browser->lifetime.deadline = 0;
  leftovers_.add(record_id(*browser));
  std::vector<Change> changes = leftovers_.erasures();
  co_return co_await vault_.commit(std::move(changes));
}

}  // namespace reeve
