// World: what the tests of the binder's outside share: a raw HTTP client on the same loop, and a
// scripted reeved on a real socket.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "async/unix_socket.h"
#include "bind/http.h"
#include "varlink/server.h"

namespace reeve::test {

struct HttpReply {
  int status = 0;  // 0: the connection ended without an answer
  Headers headers;
  std::string body;
  std::string header(std::string_view name) const;  // empty: absent
  std::vector<std::string> cookies() const;         // the values of Set-Cookie
};

// Sends the octets, reads until the server closes.
Task<HttpReply> exchange(Loop& loop, int port, std::string octets);
// A connected socket, for tests that send slowly or never.
Fd connect_tcp(int port);
Task<std::string> read_to_end(Loop& loop, int fd);

// Answers each method of io.reeve.Binding by a function of the test's, and keeps the calls.
class ScriptedReeved {
 public:
  using Script = std::function<varlink::Reply(const Json& parameters)>;
  struct Seen {
    std::string method;
    Json parameters;
  };

  ScriptedReeved(Loop& loop, const std::string& path);

  void on(const std::string& method, std::string parameters);
  void on(const std::string& method, Script script) { scripts_[method] = std::move(script); }
  void fails(const std::string& method, const std::string& error, std::string parameters = "{}");
  // Calls of the method are answered only after so long.
  void slow(const std::string& method, int64_t milliseconds) { delays_[method] = milliseconds; }

  const std::vector<Seen>& seen() const { return seen_; }
  size_t count(std::string_view method) const;

 private:
  static Task<varlink::Reply> play(ScriptedReeved& self, std::string method, varlink::Call& call);

  Loop& loop_;
  std::map<std::string, Script> scripts_;
  std::map<std::string, int64_t> delays_;
  std::vector<Seen> seen_;
  varlink::Service service_;
  std::unique_ptr<varlink::Server> server_;
};

}  // namespace reeve::test
