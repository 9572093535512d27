// Daemon: one of reeved's two doors, the agents' or the operator's, and the calls through it. Built
// on libreeve; what goes wrong is thrown as Failure.
#pragma once

#include <functional>
#include <string>

#include "cli/json.h"
#include "cli/options.h"
#include "reeve.hpp"

namespace reeve::cli {

class Daemon final {
 public:
  enum class Door { agent, admin };
  Daemon(Door door, const Options& options, int default_timeout_seconds = 30);

  // `method` without its interface ("WhoAmI"). Connects when first used. Where the daemon ended the
  // connection (it restarts, say), what can do no harm twice is asked once more.
  Value call(const std::string& method, const Value& parameters = Value());
  // A call with `more`, on a connection of its own. take: gets each reply's parameters, says
  // whether to go on. timeout_ms: for each wait, from a function that may also end it by throwing.
  void stream(const std::string& method, const Value& parameters,
              const std::function<int()>& timeout_ms,
              const std::function<bool(const Value&)>& take) const;
  // All replies of a stream that is a list: the member `name` of each.
  Value::List list(const std::string& method, const char* name) const;

  int timeout_ms() const { return timeout_ms_; }

 private:
  reeve_error attempt(const std::string& method, const std::string& parameters, Reply& reply);
  reeve_error begin(Connection& connection, const std::string& method, const Value& parameters,
                    Reply& first, int timeout_ms) const;
  Value checked(const Reply& reply) const;
  void check(reeve_error error) const;

  Door door_;
  std::string path_;
  std::string interface_;
  int timeout_ms_;
  Connection connection_;
  bool connected_ = false;
};

}  // namespace reeve::cli
