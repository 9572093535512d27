#include "bind/cookies.h"

#include <algorithm>

#include "base/check.h"
#include "base/encoding.h"
#include "crypto/hash.h"

namespace reeve {
namespace {

constexpr std::string_view kOurs = "__Host-reeve-";
constexpr std::string_view kBrowser = "__Host-reeve-browser";
constexpr std::string_view kFlow = "__Host-reeve-flow-";
constexpr size_t kFlowIdSize = 8;
// Ten minutes of flows, at one every few seconds.
constexpr size_t kMostFlows = 128;

std::string_view named(std::string_view name) {
  return check_on(Check::prefix) ? name : name.substr(std::string_view("__Host-").size());
}

std::string_view attributes() {
  return check_on(Check::same_site) ? "; Path=/; Secure; HttpOnly; SameSite=Lax"
                                    : "; Path=/; Secure; HttpOnly; SameSite=None";
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

bool base64url_characters(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_';
  });
}

// False: one of ours, but not as we made it.
bool take(Cookies& cookies, std::string_view name, std::string_view value) {
  if (name == named(kBrowser)) {
    if (!cookies.browser.empty() || !token_shaped(value)) return false;
    cookies.browser = Secret::copy_of(value);
    return true;
  }
  const std::string_view flow = named(kFlow);
  const std::string_view id = name.substr(std::min(name.size(), flow.size()));
  if (!name.starts_with(flow) || id.size() != kFlowIdSize || !base64url_characters(id))
    return false;
  if (cookies.flow(id) != nullptr || cookies.flows.size() == kMostFlows) return false;
  if (!flow_shaped(value)) return false;
  cookies.flows.emplace_back(id, Secret::copy_of(value));
  return true;
}

}  // namespace

const Secret* Cookies::flow(std::string_view id) const {
  for (const auto& [name, value] : flows) {
    if (name == id) return &value;
  }
  return nullptr;
}

std::optional<Cookies> parse_cookies(std::string_view header) {
  Cookies cookies;
  while (!header.empty()) {
    const size_t end = header.find(';');
    const std::string_view pair = trim(header.substr(0, end));
    header = end == std::string_view::npos ? std::string_view() : header.substr(end + 1);
    if (!pair.starts_with(named(kOurs))) continue;
    const size_t equals = pair.find('=');
    if (equals == std::string_view::npos) return std::nullopt;
    if (!take(cookies, pair.substr(0, equals), pair.substr(equals + 1))) return std::nullopt;
  }
  return cookies;
}

bool token_shaped(std::string_view text) {
  if (text.size() != 43) return false;
  const auto octets = base64url_decode(text);
  return octets && octets->size() == 32;
}

bool flow_shaped(std::string_view text) {
  return text.size() >= 16 && text.size() <= 128 && base64url_characters(text);
}

std::string flow_id(std::string_view state) {
  return base64url(sha256(state)).substr(0, kFlowIdSize);
}

std::string set_browser_cookie(const Secret& value) {
  return std::string(named(kBrowser)).append("=").append(value.reveal()).append(attributes());
}

std::string set_flow_cookie(std::string_view id, std::string_view value) {
  std::string text(named(kFlow));
  return text.append(id).append("=").append(value).append(attributes()).append("; Max-Age=600");
}

std::string drop_browser_cookie() {
  return std::string(named(kBrowser)).append("=").append(attributes()).append("; Max-Age=0");
}

std::string drop_flow_cookie(std::string_view id) {
  return std::string(named(kFlow))
      .append(id)
      .append("=")
      .append(attributes())
      .append("; Max-Age=0");
}

}  // namespace reeve
