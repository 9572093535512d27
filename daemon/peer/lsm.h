// lsm: the label that the security module (SELinux, AppArmor, Smack) gave the peer's socket.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace reeve {

// SO_PEERSEC; nullopt where no module labels sockets.
std::optional<std::string> read_lsm_label(int socket);
// The label in what the kernel gave: without its NUL; nullopt where it is empty or not plain text.
std::optional<std::string> lsm_label(std::string_view given);

}  // namespace reeve
