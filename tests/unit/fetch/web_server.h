// WebServer: server.py as a child process, for one test program; and what the tests ask names of.
#pragma once

#include <sys/types.h>

#include <string>

#include "base/fd.h"
#include "base/json.h"

namespace reeve::test {

// A directory of its own, removed with everything in it.
class TemporaryDirectory final {
 public:
  TemporaryDirectory();
  ~TemporaryDirectory();
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  const std::string& path() const { return path_; }
  std::string operator/(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

class WebServer final {
 public:
  WebServer();
  ~WebServer();
  WebServer(const WebServer&) = delete;
  WebServer& operator=(const WebServer&) = delete;

  // "https://HOST:PORT/PATH" of one of its listeners: good, expired, wrong_name, self_signed,
  // old_tls, mute (never says a word).
  std::string https(const std::string& listener, const std::string& path,
                    const std::string& host = "127.0.0.1") const;
  std::string http(const std::string& path, const std::string& host = "127.0.0.1") const;
  std::string ca_file() const { return directory_ / "ca.pem"; }

 private:
  std::string port(const std::string& listener) const;
  TemporaryDirectory directory_;
  pid_t child_ = -1;
  Fd input_;
  Json ports_;
};

// One for the whole program: starting it takes a quarter of a second.
WebServer& web_server();

// getaddrinfo(3) of this program knows these names without asking anyone:
//   inside.test 10.0.0.1; metadata.test 169.254.169.254; rebound.test and good.test 127.0.0.1;
//   mapped.test ::ffff:10.0.0.1; silent.test: no answer until release_names().
void release_names();

}  // namespace reeve::test
