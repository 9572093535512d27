#include "src/errors.h"

#include <cstring>

namespace reeve::client {
namespace {

struct Row {
  const char* name;
  reeve_error code;
  const char* field;  // the one that says most, or null
};

constexpr Row kRows[] = {
    {"io.reeve.Agent.ConsentRequired", REEVE_CONSENT_REQUIRED, "reason"},
    {"io.reeve.Agent.Denied", REEVE_DENIED, "reason"},
    {"io.reeve.Agent.SessionInvalid", REEVE_SESSION_INVALID, nullptr},
    {"io.reeve.Agent.UserTokenInvalid", REEVE_USER_TOKEN_INVALID, "reason"},
    {"io.reeve.Agent.RequestInvalid", REEVE_REQUEST_INVALID, nullptr},
    {"io.reeve.Agent.Unavailable", REEVE_NOT_NOW, "reason"},
    {"io.reeve.Agent.UnknownProvider", REEVE_UNKNOWN_PROVIDER, "provider"},
    {"io.reeve.Agent.ProviderFailed", REEVE_PROVIDER_FAILED, "error"},
    {"io.reeve.Agent.LimitReached", REEVE_LIMIT_REACHED, "limit"},
    {"org.varlink.service.InvalidParameter", REEVE_INVALID_PARAMETER, "parameter"},
    {"org.varlink.service.PermissionDenied", REEVE_PERMISSION, nullptr},
    {"org.varlink.service.MethodNotFound", REEVE_NOT_SUPPORTED, "method"},
    {"org.varlink.service.InterfaceNotFound", REEVE_NOT_SUPPORTED, "interface"},
    {"org.varlink.service.MethodNotImplemented", REEVE_NOT_SUPPORTED, "method"},
};

const Row* row_of(const char* name) {
  for (const Row& row : kRows) {
    if (std::strcmp(row.name, name) == 0) return &row;
  }
  return nullptr;
}

}  // namespace

reeve_error code_of(const char* name) {
  const Row* row = row_of(name);
  return row == nullptr ? REEVE_OTHER_ERROR : row->code;
}

reeve_error tell(const reeve_reply& reply) {
  const Row* row = row_of(reply.parts.error);
  if (row == nullptr) return fail(REEVE_OTHER_ERROR, "%s", word(reply.parts.error).text);
  if (row->field == nullptr) return fail(row->code);
  const char* const said = reeve_reply_text(&reply, row->field);
  return fail(row->code, "%s: %s", row->field, word(said).text);
}

}  // namespace reeve::client

const char* reeve_detail() { return reeve::client::detail(); }

const char* reeve_strerror(reeve_error error) {
  switch (error) {
    case REEVE_OK: return "no error";
    case REEVE_INVALID_ARGUMENT: return "an argument is missing or malformed: correct the call";
    case REEVE_NO_MEMORY: return "memory or file descriptors ran out: free some";
    case REEVE_UNAVAILABLE: return "no daemon answers there: start reeved, or set REEVE_SOCKET";
    case REEVE_PERMISSION: return "no permission: check the socket's modes, and who may use it";
    case REEVE_UNTRUSTED: return "something may stand in the daemon's place; nothing was sent";
    case REEVE_CLOSED: return "the connection is over and nothing was sent: connect again";
    case REEVE_LOST: return "the connection ended without an answer: connect again, and ask again";
    case REEVE_PROTOCOL: return "the answer is not as it must be: is this Reeve's socket?";
    case REEVE_TIMEOUT: return "no answer in time: try again or wait longer";
    case REEVE_TOO_LONG: return "the call is over 256 KiB: an argument is too long";
    case REEVE_BUSY: return "a call is open on this connection: finish it or use another one";
    case REEVE_FORKED: return "the connection belongs to another process: connect again";
    case REEVE_END: return "there is nothing further";
    case REEVE_AGAIN: return "nothing whole came yet: poll, then process again";
    case REEVE_IN_USE: return "another thread uses this connection: have one for each thread";
    case REEVE_CONSENT_REQUIRED: return "the user must consent: show url and phrase, then wait";
    case REEVE_DENIED: return "denied by the policy: ask the operator, do not try again";
    case REEVE_SESSION_INVALID: return "the session has ended or is not this one's: open another";
    case REEVE_USER_TOKEN_INVALID:
      return "the user's token was refused: get a new one for this "
             "workload's audience";
    case REEVE_REQUEST_INVALID: return "that consent is over: ask for the token again";
    case REEVE_NOT_NOW: return "the daemon cannot do this now: try again later";
    case REEVE_UNKNOWN_PROVIDER: return "no such provider is configured: check its name";
    case REEVE_PROVIDER_FAILED: return "the provider failed: try again later";
    case REEVE_LIMIT_REACHED: return "a limit is reached: close sessions and connections, wait";
    case REEVE_INVALID_PARAMETER: return "the daemon refused a parameter: check its value";
    case REEVE_NOT_SUPPORTED: return "the daemon does not know this call: it is older";
    case REEVE_OTHER_ERROR: return "the daemon answered with an error that is unknown here";
  }
  return "an error of a later version";
}
