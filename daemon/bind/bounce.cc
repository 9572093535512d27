#include "bind/bounce.h"

#include <algorithm>
#include <charconv>

#include "base/encoding.h"
#include "bind/pages/error_pages.h"
#include "crypto/aead.h"

namespace reeve {
namespace {

constexpr std::string_view kName = "posted";
constexpr int64_t kMilliseconds = 60'000;

}  // namespace

Answer Bounce::turn(const Visit& visit) const {
  std::string posted = form(visit.fields.all());
  std::string plain = std::to_string(clock_.boot_milliseconds() + kMilliseconds) + '\n' + posted;
  wipe(posted);
  const std::string sealed = base64url(seal(key_, plain, visit.path));
  wipe(plain);
  std::string target = visit.path + '?' + std::string(kName) + '=' + sealed;
  if (target.size() > kTargetBytes) return error_answer(visit.look, 413);
  return see_other(std::move(target));
}

std::optional<Fields> Bounce::fields(const Visit& visit) const {
  const std::string* const sealed = visit.fields.find(kName);
  if (sealed == nullptr) return visit.fields;
  const auto octets = base64url_decode(*sealed);
  if (!octets || visit.fields.all().size() != 1) return std::nullopt;
  const auto plain = unseal(key_, *octets, visit.path);
  if (!plain) return std::nullopt;
  const std::string_view text = plain->reveal();
  const size_t line = std::min(text.find('\n'), text.size());
  int64_t until = 0;
  std::from_chars(text.data(), text.data() + line, until);
  if (until < clock_.boot_milliseconds()) return std::nullopt;
  return Fields::parse(text.substr(std::min(line + 1, text.size())));
}

}  // namespace reeve
