#include "bind/sender.h"

#include <algorithm>

#include "base/encoding.h"

namespace reeve {
namespace {

std::string_view trimmed(std::string_view text) {
  const size_t begin = text.find_first_not_of(" \t");
  if (begin == text.npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

// Takes the last member off the list.
std::string_view take_last(std::string_view& list) {
  const size_t comma = list.rfind(',');
  const std::string_view last = comma == list.npos ? list : list.substr(comma + 1);
  list = list.substr(0, comma == list.npos ? 0 : comma);
  return trimmed(last);
}

std::string counted(const IpAddress& address) {
  if (is_loopback(address)) return {};
  return hex(
      std::string_view(reinterpret_cast<const char*>(address.octets.data()), address.v6 ? 8 : 4));
}

}  // namespace

std::string sender_of(const IpAddress& peer, const std::vector<std::string_view>& forwarded,
                      const std::vector<IpNetwork>& proxies) {
  const auto is_proxy = [&proxies](const IpAddress& address) {
    return std::any_of(proxies.begin(), proxies.end(),
                       [&address](const IpNetwork& network) { return contains(network, address); });
  };
  IpAddress sender = unmapped(peer);
  for (auto value = forwarded.rbegin(); value != forwarded.rend(); ++value) {
    for (std::string_view list = *value; !list.empty();) {
      if (!is_proxy(sender)) return counted(sender);
      // What is no address was not written by a proxy that can be followed further.
      const auto before = parse_ip(take_last(list));
      if (!before) return counted(sender);
      sender = unmapped(*before);
    }
  }
  return counted(sender);
}

}  // namespace reeve
