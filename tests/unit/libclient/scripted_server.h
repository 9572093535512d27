// ScriptedServer: a false daemon on a real Unix socket, which answers as a test says.
//
// The script runs once a connection, each in a thread of its own. Nothing here sleeps; a script
// that waits for what never comes is ended after kPatience.
#pragma once

#include <sys/types.h>

#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace reeve::test {

constexpr int kPatience = 10;  // seconds

// One accepted connection, seen from the daemon's side.
class Peer final {
 public:
  Peer(int fd, std::function<void(std::string)> note) : fd_(fd), note_(std::move(note)) {}

  // The next call's frame, or nullopt once the client has closed.
  std::optional<std::string> call();
  // False once the client has closed.
  bool raw(std::string_view bytes) const;
  // `parameters` is the text of an object.
  void reply(const std::string& parameters, bool continues = false) const;
  void error(const std::string& name, const std::string& parameters = "{}") const;
  // Ends our sending half, or everything.
  void finish() const;
  // Lets this many milliseconds go by, or less if the client closes.
  void pause(int milliseconds) const;
  // Reads nothing until the client has closed.
  void ignore() const { pause(kPatience * 1000); }
  // Reads on until the client has closed.
  void until_closed();

 private:
  int fd_;
  std::function<void(std::string)> note_;
  std::string buffer_;
};

class ScriptedServer final {
 public:
  using Script = std::function<void(Peer&)>;
  // listener: whom SO_PEERCRED shows a client, for tests that run as root.
  ScriptedServer(std::string path, Script script, std::optional<uid_t> listener = std::nullopt);
  ScriptedServer(const ScriptedServer&) = delete;
  ScriptedServer& operator=(const ScriptedServer&) = delete;
  ~ScriptedServer();

  const std::string& path() const { return path_; }
  // The frames of all calls so far, in order.
  std::vector<std::string> calls() const;
  size_t connections() const;

 private:
  void accept_all();

  std::string path_;
  Script script_;
  int listening_;
  mutable std::mutex mutex_;
  std::vector<std::string> calls_;
  std::vector<int> accepted_;
  std::vector<std::thread> workers_;
  std::thread acceptor_;
};

// Bytes of one reply, for Answers.
std::string reply_frame(const std::string& parameters, bool continues = false);
std::string error_frame(const std::string& name, const std::string& parameters = "{}");

// A script by table: each call of a method is answered with the next bytes in its row. A call
// without a row, or beyond its end, closes the connection.
class Answers final {
 public:
  Answers& on(const std::string& method, std::string bytes);
  ScriptedServer::Script script();

 private:
  std::string next(const std::string& frame);

  std::mutex mutex_;
  std::map<std::string, std::vector<std::string>> rows_;
};

}  // namespace reeve::test
