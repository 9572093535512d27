// listen_tcp: the listening socket: handed over by systemd or a launcher, or made here.
#pragma once

#include <string>

#include "base/fd.h"

namespace reeve {

// Listens on "127.0.0.1:8420", "[::1]:8420" or "0.0.0.0:80": a numeric address and a port.
Result<Fd> listen_tcp(const std::string& address);

// True if the socket listens on a loopback address: whoever comes then is on this host, which is
// where a proxy stands, so that one address may be everybody.
bool listens_on_loopback(int fd);

// Its port, for tests that listen on port 0.
int listening_port(int fd);

}  // namespace reeve
