#include "varlink/ancillary.h"

#include <sys/socket.h>

#include <algorithm>
#include <cstring>

namespace reeve::varlink {
namespace {

constexpr size_t kSenderBytes = CMSG_SPACE(sizeof(ucred));

void take(const cmsghdr& header, Received& received) {
  const auto* data = CMSG_DATA(&header);
  if (header.cmsg_level != SOL_SOCKET) return;
  if (header.cmsg_type == SCM_CREDENTIALS) {
    ucred sender{};
    std::memcpy(&sender, data, sizeof sender);
    received.sender = sender.pid;
  } else if (header.cmsg_type == SCM_RIGHTS) {
    for (size_t at = 0; at + sizeof(int) <= header.cmsg_len - CMSG_LEN(0); at += sizeof(int)) {
      int number = -1;
      std::memcpy(&number, data + at, sizeof number);
      received.descriptors.emplace_back(number);
    }
  }
}

}  // namespace

Received receive(int socket, char* data, size_t size, size_t descriptors) {
  alignas(cmsghdr) char control[kSenderBytes + CMSG_SPACE(descriptor_limit * sizeof(int))];
  iovec piece{data, size};
  msghdr message{};
  message.msg_iov = &piece;
  message.msg_iovlen = 1;
  message.msg_control = control;
  // The credentials come first; without room for more the kernel drops the descriptors.
  message.msg_controllen =
      kSenderBytes +
      (descriptors == 0 ? 0 : CMSG_SPACE(std::min(descriptors, descriptor_limit) * sizeof(int)));
  Received received;
  received.count = ::recvmsg(socket, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
  if (received.count < 0) return received;
  for (cmsghdr* header = CMSG_FIRSTHDR(&message); header != nullptr;
       header = CMSG_NXTHDR(&message, header)) {
    take(*header, received);
  }
  // Where the sender was not asked for, its room could hold some.
  if (received.descriptors.size() > descriptors) received.descriptors.resize(descriptors);
  return received;
}

void want_senders(int socket) {
  const int on = 1;
  ::setsockopt(socket, SOL_SOCKET, SO_PASSCRED, &on, sizeof on);
}

ssize_t send_with(int socket, const char* data, size_t size, int descriptor) {
  if (descriptor < 0) return ::send(socket, data, size, MSG_NOSIGNAL | MSG_DONTWAIT);
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
  // The kernel does not write to it; the structure has no const.
  iovec piece{const_cast<char*>(data), size};  // NOLINT(cppcoreguidelines-pro-type-const-cast)
  msghdr message{};
  message.msg_iov = &piece;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  cmsghdr* const header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(sizeof(int));
  std::memcpy(CMSG_DATA(header), &descriptor, sizeof descriptor);
  return ::sendmsg(socket, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
}

}  // namespace reeve::varlink
