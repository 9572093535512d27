#include "peer/lsm.h"

#include <sys/socket.h>

#include <algorithm>

namespace reeve {
namespace {

constexpr size_t kLabelBytes = 4096;

}  // namespace

std::optional<std::string> lsm_label(std::string_view given) {
  while (!given.empty() && (given.back() == '\0' || given.back() == '\n')) given.remove_suffix(1);
  const bool plain =
      std::all_of(given.begin(), given.end(), [](char c) { return c >= ' ' && c < 0x7f; });
  if (given.empty() || !plain) return std::nullopt;
  return std::string(given);
}

std::optional<std::string> read_lsm_label(int socket) {
  std::string label(kLabelBytes, '\0');
  auto length = static_cast<socklen_t>(label.size());
  if (::getsockopt(socket, SOL_SOCKET, SO_PEERSEC, label.data(), &length) != 0) return std::nullopt;
  return lsm_label(std::string_view(label).substr(0, std::min<size_t>(length, label.size())));
}

}  // namespace reeve
