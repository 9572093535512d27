#include "cli/daemon.h"

#include <algorithm>

#include "cli/failure.h"

namespace reeve::cli {
namespace {

// Whether it does no harm if the daemon carries it out twice.
bool repeatable(const std::string& method, const Value& parameters) {
  constexpr const char* kMethods[] = {"WhoAmI",  "GetToken", "ReportInvalid", "Status",
                                      "Explain", "Discover", "Metrics",       "AuditLog",
                                      "Grants",  "Sessions"};
  return std::find(std::begin(kMethods), std::end(kMethods), method) != std::end(kMethods) &&
         parameters.find("fresh") == nullptr;  // the user would be asked twice
}

bool ended(reeve_error error, bool repeat) {
  return error == REEVE_CLOSED || (error == REEVE_LOST && repeat);
}

}  // namespace

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

reeve_error Daemon::attempt(const std::string& method, const std::string& parameters,
                            Reply& reply) {
  if (!connected_) check(connection_.connect(path_.c_str(), timeout_ms_));
  connected_ = true;
  return connection_.call((interface_ + method).c_str(), parameters.c_str(), timeout_ms_, reply);
}

Value Daemon::call(const std::string& method, const Value& parameters) {
  const std::string text = parameters.dump();
  Reply reply;
  reeve_error error = attempt(method, text, reply);
  if (ended(error, repeatable(method, parameters))) {
    connected_ = false;
    error = attempt(method, text, reply);
  }
  check(error);
  return checked(reply);
}

// Up to the first reply.
reeve_error Daemon::begin(Connection& connection, const std::string& method,
                          const Value& parameters, Reply& first, int timeout_ms) const {
  check(connection.connect(path_.c_str(), timeout_ms_));
  const std::string name = interface_ + method;
  const reeve_error error =
      connection.call_more(name.c_str(), parameters.dump().c_str(), timeout_ms_);
  return error ? error : connection.next(timeout_ms, first);
}

void Daemon::stream(const std::string& method, const Value& parameters,
                    const std::function<int()>& timeout_ms,
                    const std::function<bool(const Value&)>& take) const {
  Connection connection;
  Reply reply;
  reeve_error error = begin(connection, method, parameters, reply, timeout_ms());
  if (ended(error, repeatable(method, parameters)))
    error = begin(connection, method, parameters, reply, timeout_ms());
  check(error);
  while (take(checked(reply)) && reply.continues()) check(connection.next(timeout_ms(), reply));
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
