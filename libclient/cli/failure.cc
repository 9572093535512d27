#include "cli/failure.h"

#include "cli/own.h"
#include "cli/terminal.h"

namespace reeve::cli {
namespace {

std::string advice(reeve_error code, const std::string& path, bool admin) {
  const std::string systemctl = own::systemctl(path);
  switch (code) {
    case REEVE_UNAVAILABLE:
      return "is the daemon running? See `" + systemctl + " status reeved`" +
             (admin ? "" : "; in a container, mount the socket's directory or set REEVE_SOCKET");
    case REEVE_PERMISSION:
      return admin ? "be root or a member of the group reeve-admin"
                   : "check the modes of the socket and of the directories on its way";
    case REEVE_LOST:
    case REEVE_CLOSED: return "try again; `" + systemctl + " status reeved` says more";
    default: return "";
  }
}

std::string when(const Value& parameters) {
  const auto seconds = parameters.integer("retry_after");
  return seconds ? "in " + std::to_string(*seconds) + " seconds" : "later";
}

std::string lines(const Value& parameters, const char* name) {
  std::string text;
  for (const std::string& line : parameters.texts(name)) text += "\n  " + plain(line);
  return text;
}

// What to tell of the error with this short name; empty for one this version does not know.
std::string message(const std::string& name, const Value& parameters) {
  const auto field = [&](const char* key) { return plain(parameters.text(key).value_or("?")); };
  if (name == "ConsentRequired") {
    return field("provider") + " needs the user's consent (" + field("reason") + ")";
  }
  if (name == "Denied") {
    return "denied by policy (" + field("reason") +
           "): ask the operator; `reeve explain` shows the rule";
  }
  if (name == "SessionInvalid") {
    return "the session has ended or was not opened by this workload here: open a new one";
  }
  if (name == "UserTokenInvalid") {
    return "the user token was refused (" + field("reason") +
           "): get a new one, made out to this workload's audience";
  }
  if (name == "RequestInvalid") return "the consent request is over: ask for the token again";
  if (name == "Unavailable") {
    return "the daemon cannot do this now (" + field("reason") + "): try again later";
  }
  if (name == "UnknownProvider") {
    return "no provider '" + field("provider") + "' is configured: check the name";
  }
  if (name == "ProviderFailed") {
    const auto described = parameters.text("description");
    return field("provider") + " failed (" + field("error") +
           (described ? ": " + plain(*described) : "") + "): try again " + when(parameters);
  }
  if (name == "LimitReached") {
    return "the limit '" + field("limit") + "' is reached: try again " + when(parameters);
  }
  if (name == "ConfigurationInvalid") {
    return "the configuration has errors, and nothing was changed:" + lines(parameters, "errors");
  }
  if (name == "DiscoveryFailed") {
    return "the server does not say where its endpoints are (" + field("reason") +
           "): check the URL";
  }
  if (name == "NotFound") return "there is no " + field("what");
  if (name == "InvalidParameter") {
    return "the daemon refused the parameter '" + field("parameter") + "': check its value";
  }
  if (name == "PermissionDenied") return "the daemon does not serve this user on this socket";
  if (name == "MethodNotFound" || name == "InterfaceNotFound" || name == "MethodNotImplemented") {
    return "the daemon does not know this request: it is older than this program";
  }
  return "";
}

}  // namespace

Failure transport_failure(reeve_error code, const std::string& path, bool admin) {
  std::string text = plain(path) + ": " + reeve_strerror(code);
  // What the library knows more exactly than its general text.
  const std::string detail = plain(reeve_detail());
  if (code == REEVE_UNAVAILABLE || code == REEVE_PERMISSION) {
    text = (code == REEVE_UNAVAILABLE ? "no daemon answers: " : "no permission: ") +
           (detail.empty() ? plain(path) : detail);
  } else if (!detail.empty()) {
    text += " (" + detail + ")";
  }
  const std::string what_to_do = advice(code, path, admin);
  Failure failure(kFailed, what_to_do.empty() ? text : text + ": " + what_to_do);
  failure.code = code;
  return failure;
}

Failure daemon_failure(const std::string& error, const Value& parameters) {
  const std::string name = error.substr(error.rfind('.') + 1);
  std::string text = message(name, parameters);
  if (text.empty()) text = "the daemon answered " + plain(error) + ", which is unknown here";
  if (error == "org.varlink.service.PermissionDenied") {
    text += ": for the operator's requests be root or a member of the group reeve-admin";
  }
  const Exit status = name == "ConsentRequired"                        ? kConsentRequired
                      : name == "Denied" || name == "PermissionDenied" ? kDenied
                                                                       : kFailed;
  Failure failure(status, std::move(text));
  failure.error = error;
  failure.parameters = parameters;
  return failure;
}

Failure misfit(const std::string& field) {
  return {kFailed, "the daemon's answer lacks '" + field +
                       "': the daemon and this program do not fit together"};
}

void tell(const Failure& failure, bool json) {
  if (!json) {
    complain("reeve: " + failure.text);
    return;
  }
  Value told;
  if (!failure.error.empty()) {
    told.set("error", failure.error).set("parameters", failure.parameters);
  }
  told.set("message", failure.text);
  complain(told.dump());
}

}  // namespace reeve::cli
