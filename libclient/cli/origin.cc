#include "cli/origin.h"

#include <algorithm>

namespace reeve::cli {
namespace {

std::string lower(std::string_view text) {
  std::string made(text);
  std::transform(made.begin(), made.end(), made.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; });
  return made;
}

bool all_of(std::string_view text, std::string_view allowed) {
  return !text.empty() && text.find_first_not_of(allowed) == std::string_view::npos;
}

constexpr std::string_view kNameSigns = "abcdefghijklmnopqrstuvwxyz0123456789.-_";
constexpr std::string_view kDigits = "0123456789";

std::string_view trimmed(std::string_view path) {
  while (!path.empty() && path.front() == '/') path.remove_prefix(1);
  while (!path.empty() && path.back() == '/') path.remove_suffix(1);
  return path;
}

}  // namespace

std::optional<Origin> make_origin(std::string_view scheme, std::string_view host_and_port,
                                  std::string_view path) {
  Origin origin{lower(scheme), lower(host_and_port), "", std::string(trimmed(path))};
  const size_t behind = origin.host.rfind(']');
  const size_t colon = origin.host.find(':', behind == std::string::npos ? 0 : behind);
  if (colon != std::string::npos) {
    origin.port = origin.host.substr(colon + 1);
    origin.host.resize(colon);
    if (!all_of(origin.port, kDigits) || origin.port.size() > 5) return std::nullopt;
  }
  const bool bracketed =
      origin.host.size() > 2 && origin.host.front() == '[' && origin.host.back() == ']' &&
      all_of(std::string_view(origin.host).substr(1, origin.host.size() - 2), "0123456789abcdef:.");
  if (!bracketed && !all_of(origin.host, kNameSigns)) return std::nullopt;
  if (origin.scheme != "https" && origin.scheme != "http") return std::nullopt;
  if (origin.port == (origin.scheme == "https" ? "443" : "80")) origin.port.clear();
  return origin;
}

std::optional<Origin> parse_origin(std::string_view url) {
  const size_t scheme = url.find("://");
  if (scheme == std::string_view::npos) return std::nullopt;
  const std::string_view rest = url.substr(scheme + 3);
  const size_t slash = std::min(rest.find('/'), rest.size());
  return make_origin(url.substr(0, scheme), rest.substr(0, slash), rest.substr(slash));
}

bool covers(const Origin& rule, const Origin& asked) {
  if (rule.scheme != asked.scheme || rule.host != asked.host || rule.port != asked.port) {
    return false;
  }
  if (rule.path.empty()) return true;
  // "org" covers "org" and "org/tool", not "organisation"; "org/../x" is no path of a repository.
  if (asked.path.find("..") != std::string::npos) return false;
  return asked.path.compare(0, rule.path.size(), rule.path) == 0 &&
         (asked.path.size() == rule.path.size() || asked.path[rule.path.size()] == '/');
}

bool fit_for_tokens(const Origin& origin) {
  const bool here = origin.host == "localhost" || origin.host == "[::1]" ||
                    (origin.host.compare(0, 4, "127.") == 0 && all_of(origin.host, "0123456789."));
  return origin.scheme == "https" || here;
}

}  // namespace reeve::cli
