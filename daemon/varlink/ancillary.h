// ancillary: what the kernel carries beside the bytes of a Unix socket: descriptors, and who sent.
//
// The receiver says how many descriptors it will take; what is sent beyond is closed by the kernel
// and never enters this process. Who sent (SCM_CREDENTIALS, with SO_PASSCRED) is filled in by the
// kernel at each send: the process that called it, whoever connected.
#pragma once

#include <sys/types.h>

#include <optional>
#include <vector>

#include "base/fd.h"

namespace reeve::varlink {

struct Received {
  ssize_t count = -1;  // as of recv(2), errno included
  std::optional<pid_t> sender;
  std::vector<Fd> descriptors;
};

constexpr size_t descriptor_limit = 4;

// Without blocking. `descriptors`: how many to take, at most descriptor_limit.
Received receive(int socket, char* data, size_t size, size_t descriptors);
// Asks the kernel for the sender of each message.
void want_senders(int socket);
// As send(2), without blocking and signals, with a descriptor where it is not -1.
ssize_t send_with(int socket, const char* data, size_t size, int descriptor);

}  // namespace reeve::varlink
