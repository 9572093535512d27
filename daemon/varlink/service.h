// Service: the methods that one socket serves, each a coroutine that answers once.
//
// Built from interface texts and tables of handlers; org.varlink.service is always served. It knows
// neither sockets nor tokens: Server (server.h) reads the frames and calls it.
#pragma once

#include <sys/types.h>

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "async/task.h"
#include "base/fd.h"
#include "base/json.h"
#include "varlink/idl.h"

namespace reeve::varlink {

// What the owner of a socket attaches to each connection at accept (who the peer is, say).
class ConnectionContext {
 public:
  virtual ~ConnectionContext() = default;
  // False: prepare() has to run before the first byte is read; its false ends the connection.
  virtual bool prepared() const { return true; }
  virtual Task<bool> prepare() { co_return true; }
  // Bytes came from this process (ServerLimits::senders).
  virtual void heard(std::optional<pid_t> /*sender*/) {}
};

// A method's final answer. `parameters` is the text of one JSON object. It may hold secrets; it is
// wiped after it is sent.
struct Reply {
  std::string parameters = "{}";
  std::string error;  // full name, "io.reeve.Agent.Denied"; empty: success

  static Reply failure(std::string error, std::string parameters = "{}") {
    return {std::move(parameters), std::move(error)};
  }
};

// One call while it runs. Lives longer than its handler's task.
class Call {
 public:
  virtual ~Call() = default;
  Json parameters;  // checked against the interface; null members count as absent
  bool more = false;
  bool oneway = false;
  ConnectionContext* context = nullptr;
  std::vector<Fd> descriptors;  // that came with it (ServerLimits::descriptors)

  // Sends a reply with "continues"; only where `more` holds.
  virtual Task<void> send(std::string reply_parameters) = 0;
};

using Handler = std::function<Task<Reply>(Call&)>;
using MethodTable = std::map<std::string, Handler>;  // "GetToken" -> handler

struct ServiceInfo {
  std::string product;  // "reeved"
  std::string version;
};

class Service final {
 public:
  explicit Service(ServiceInfo info);

  // The text is parsed, and each handler must name a method of it; a method without a handler
  // answers MethodNotImplemented. A wrong text or name is a bug: it asserts.
  void add(std::string_view interface_text, MethodTable handlers);

  // Runs the call named by `method`: checks it, then the handler.
  Task<Reply> run(const std::string& method, Call& call) const;

  const std::map<std::string, Interface>& interfaces() const { return interfaces_; }
  // Methods of the interface texts that have no handler; for the contract test.
  std::vector<std::string> unimplemented() const;

 private:
  struct Entry {
    const Interface* interface = nullptr;
    const MethodType* type = nullptr;
    Handler handler;
  };
  Task<Reply> get_info(Call& call) const;
  Task<Reply> get_description(Call& call) const;

  ServiceInfo info_;
  std::map<std::string, Interface> interfaces_;
  std::map<std::string, Entry, std::less<>> methods_;  // by full name
};

Reply invalid_parameter(std::string_view name);

}  // namespace reeve::varlink
