#include "web_server.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>

#include <cstdlib>
#include <filesystem>

namespace reeve::test {

TemporaryDirectory::TemporaryDirectory() {
  char path[] = "/tmp/reeve-fetch.XXXXXX";
  path_ = ::mkdtemp(path);
}

TemporaryDirectory::~TemporaryDirectory() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

WebServer::WebServer() {
  int input[2], output[2];
  if (::pipe2(input, O_CLOEXEC) != 0 || ::pipe2(output, O_CLOEXEC) != 0) std::abort();
  child_ = ::fork();
  if (child_ == 0) {
    ::dup2(input[0], 0);
    ::dup2(output[1], 1);
    ::execl("/usr/bin/python3", "python3", "-Wignore", FETCH_TEST_SERVER, directory_.path().c_str(),
            nullptr);
    ::_exit(127);
  }
  ::close(input[0]);
  ::close(output[1]);
  input_ = Fd(input[1]);
  const Fd read_end(output[0]);
  std::string line;
  char byte = 0;
  while (::read(read_end.get(), &byte, 1) == 1 && byte != '\n') line += byte;
  auto ports = parse_json(line);
  if (!ports) std::abort();
  ports_ = std::move(*ports);
}

WebServer::~WebServer() {
  ::kill(child_, SIGKILL);
  ::waitpid(child_, nullptr, 0);
}

std::string WebServer::port(const std::string& listener) const {
  return std::to_string(ports_.integer(listener).value_or(1));
}

std::string WebServer::https(const std::string& listener, const std::string& path,
                             const std::string& host) const {
  return "https://" + host + ":" + port(listener) + path;
}

std::string WebServer::http(const std::string& path, const std::string& host) const {
  return "http://" + host + ":" + port("http") + path;
}

WebServer& web_server() {
  static WebServer server;
  return server;
}

}  // namespace reeve::test
