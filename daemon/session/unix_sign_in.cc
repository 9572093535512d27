#include "session/unix_sign_in.h"

#include <pwd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <memory>

#include "base/check.h"
#include "base/encoding.h"
#include "crypto/hash.h"
#include "crypto/random.h"
#include "session/sign_in.h"

namespace reeve {
namespace {

constexpr int64_t kCodeSeconds = 120;
constexpr size_t kCodes = 1024;
constexpr size_t kCodesPerUser = 8;  // the oldest gives way

// The user's name in /etc/passwd: for people only, so no name service is asked that might be slow.
std::string name_of(uid_t uid) {
  const std::unique_ptr<FILE, int (*)(FILE*)> users(std::fopen("/etc/passwd", "re"), &std::fclose);
  std::array<char, 4096> room{};
  passwd entry{};
  passwd* found = nullptr;
  while (users != nullptr &&
         ::fgetpwent_r(users.get(), &entry, room.data(), room.size(), &found) == 0) {
    if (found->pw_uid == uid) return printable(found->pw_name, 100);
  }
  return "uid " + std::to_string(uid);
}

}  // namespace

User UnixDesk::user_of(uid_t uid) const {
  return {std::string(kUnix), parts_.machine + ":" + std::to_string(uid), "uid", name_of(uid)};
}

void UnixDesk::forget_old(uid_t uid) {
  std::erase_if(codes_, [now = parts_.clock.boot_milliseconds()](const Issued& issued) {
    return now >= issued.deadline;
  });
  const auto own = [uid](const Issued& issued) { return issued.uid == uid; };
  const bool many =
      static_cast<size_t>(std::count_if(codes_.begin(), codes_.end(), own)) >= kCodesPerUser;
  if (many) codes_.erase(std::find_if(codes_.begin(), codes_.end(), own));
}

Bound<UnixCode> UnixDesk::prove(uid_t uid, const std::string& page) {
  const auto& bindings = parts_.setup.get()->config.bindings;
  const BindingConfig* binding = nullptr;
  std::string path = "/connections";
  for (const auto& [name, one] : bindings) {
    const bool named = page.starts_with(one.url + "/");
    if (named) path = page.substr(one.url.size());
    if (named || (page.empty() && (bindings.size() == 1 || name == "main"))) binding = &one;
  }
  if (!page.empty() && (binding == nullptr || !own_path(path)))
    return Refusal{Refusal::Kind::flow, "page"};
  if (binding == nullptr || !takes_unix_users(*binding))
    return Refusal{Refusal::Kind::flow, "binding"};
  forget_old(uid);
  if (codes_.size() >= kCodes) return Refusal{Refusal::Kind::limit, "codes"};
  UnixCode made;
  made.code = random_token();
  made.expires_at = parts_.clock.unix_seconds() + kCodeSeconds;
  made.url = binding->url + "/signin/unix?code=" + std::string(made.code.reveal()) +
             "&next=" + percent_encode(path);
  codes_.push_back({sha256(made.code.reveal()), uid, binding->name,
                    parts_.clock.boot_milliseconds() + kCodeSeconds * 1000});
  return made;
}

Refusal UnixDesk::refused(std::string reason, const BrowserKey& key) {
  Event event;
  event.name = "sign_in.refused";
  event.issuer = kUnix;
  event.outcome = "refused";
  event.reason = reason;
  const std::string visitor = key.owner ? user_of(*key.owner).subject : std::string();
  event.visitor_issuer = key.owner ? kUnix : std::string_view();
  event.visitor_subject = visitor;
  if (const auto recorded = parts_.audit.record(event); !recorded)
    return {Refusal::Kind::unavailable, recorded.error().text};
  return {Refusal::Kind::flow, std::move(reason)};
}

Bound<UnixDesk::Codes::iterator> UnixDesk::brought(const BrowserKey& key, const std::string& hash) {
  if (pace_.take(key.owner ? std::to_string(*key.owner) : "nobody") > 0)
    return Refusal{Refusal::Kind::limit, "sign_ins"};
  const BindingConfig* const binding = parts_.setup.get()->binding(key.binding);
  if (binding == nullptr || !takes_unix_users(*binding)) return refused("binding", key);
  const auto issued = std::find_if(codes_.begin(), codes_.end(), [&](const Issued& one) {
    return one.hash == hash && one.binding == key.binding &&
           parts_.clock.boot_milliseconds() < one.deadline;
  });
  if (issued == codes_.end()) return refused("code", key);
  if (key.owner != issued->uid && check_on(Check::socket_owner))
    return refused("socket_owner", key);
  return issued;
}

Task<Bound<Secret>> UnixDesk::sign_in(BrowserKey key, std::string code) {
  const std::string hash = sha256(code);
  wipe(code);
  auto found = brought(key, hash);
  if (auto* refusal = std::get_if<Refusal>(&found)) co_return std::move(*refusal);
  const auto issued = std::get<Codes::iterator>(found);
  const User user = user_of(issued->uid);
  codes_.erase(issued);
  const SetupRef setup = parts_.setup.get();
  const auto visited = co_await parts_.browsers.visit(key);
  if (!visited && visited.error().code == Code::limit)
    co_return Refusal{Refusal::Kind::limit, visited.error().text};
  if (!visited) co_return refused("browser", key);
  const BrowserRef& browser = *visited;
  const Event event = signed_in_event(user);
  const auto recorded = co_await parts_.audit.record_synced(event);
  if (!recorded) co_return Refusal{Refusal::Kind::unavailable, recorded.error().text};
  if (parts_.browsers.by_id(browser->id) != browser) co_return refused("browser", key);
  Identity identity{user, {}, "", ""};
  std::string issuer(kUnix);
  auto secret = co_await parts_.browsers.sign_in(browser, std::move(identity), std::move(issuer),
                                                 setup->config.limits.sign_in_seconds);
  if (!secret) co_return Refusal{Refusal::Kind::unavailable, secret.error().text};
  co_return std::move(*secret);
}

}  // namespace reeve
