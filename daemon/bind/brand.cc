#include "bind/brand.h"

#include "base/encoding.h"
#include "base/fd.h"

namespace reeve {
namespace {

constexpr size_t kLogoBytes = size_t{128} * 1024;
constexpr size_t kTextBytes = 200;

std::string type_of(std::string_view octets) {
  if (octets.starts_with("\x89PNG\r\n\x1A\n")) return "image/png";
  if (octets.starts_with("\xFF\xD8\xFF")) return "image/jpeg";
  if (octets.starts_with("GIF87a") || octets.starts_with("GIF89a")) return "image/gif";
  if (octets.starts_with("RIFF") && octets.size() > 12 && octets.substr(8, 4) == "WEBP") {
    return "image/webp";
  }
  return {};
}

}  // namespace

Result<Logo> read_logo(const std::string& path) {
  auto octets = read_file(path, kLogoBytes);
  if (!octets && octets.error().code == Code::limit) {
    return Error{Code::limit, "--logo: " + path + " has more than 128 KiB; take a smaller picture"};
  }
  if (!octets) return in("--logo", std::move(octets).error());
  Logo logo{type_of(*octets), std::move(*octets)};
  if (logo.type.empty()) {
    return Error{Code::invalid, "--logo: " + path + " is no PNG, JPEG, GIF or WebP picture"};
  }
  return logo;
}

Result<void> check_brand_text(std::string_view option, std::string_view text) {
  const bool sound = text.size() <= kTextBytes && printable(text, text.size()) == text;
  if (sound) return {};
  return Error{Code::invalid,
               std::string(option) + ": expected one line of at most 200 bytes of UTF-8"};
}

}  // namespace reeve
