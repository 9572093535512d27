#include "cli/daemon.h"

#include "cli/failure.h"

namespace reeve::cli {

Daemon::Daemon(Door door, const Options& options, int default_timeout_seconds)
    : door_(door),
      path_(door == Door::admin ? options.admin_socket : options.socket),
      interface_(door == Door::admin ? "io.reeve.Admin." : "io.reeve.Agent."),
      timeout_ms_(options.timeout.value_or(default_timeout_seconds) * 1000) {}

void Daemon::check(reeve_error error) const {
  if (error != REEVE_OK) throw transport_failure(error, path_, door_ == Door::admin);
}

Value Daemon::checked(const Reply& reply) const {
  Value parameters = Value::parse(reply.parameters());
  if (!reply.error().empty()) throw daemon_failure(std::string(reply.error()), parameters);
  return parameters;
}

Value Daemon::call(const std::string& method, const Value& parameters) {
  const std::string text = parameters.dump();
  if (!connected_) check(connection_.connect(path_.c_str(), timeout_ms_));
  connected_ = true;
  Reply reply;
  check(connection_.call((interface_ + method).c_str(), text.c_str(), timeout_ms_, reply));
  return checked(reply);
}

void Daemon::stream(const std::string& method, const Value& parameters,
                    const std::function<int()>& timeout_ms,
                    const std::function<bool(const Value&)>& take) const {
  Connection connection;
  check(connection.connect(path_.c_str(), timeout_ms_));
  check(
      connection.call_more((interface_ + method).c_str(), parameters.dump().c_str(), timeout_ms_));
  Reply reply;
  do {
    check(connection.next(timeout_ms(), reply));
    if (!take(checked(reply))) return;
  } while (reply.continues());
}

Value::List Daemon::list(const std::string& method, const char* name) const {
  Value::List found;
  const auto take = [&](const Value& reply) {
    if (const Value* element = reply.find(name)) found.push_back(*element);
    return true;
  };
  stream(
      method, Value(), [this] { return timeout_ms_; }, take);
  return found;
}

}  // namespace reeve::cli
