// The C functions: each is its C++ part behind one guard.
#include "reeve.h"

#include <cstdlib>
#include <new>
#include <string>
#include <string_view>

#include "src/connection.h"

namespace {

using reeve::client::Failure;

thread_local char detail[512];  // of this thread's last failure

void keep_detail(std::string_view text) { detail[text.copy(detail, sizeof(detail) - 1)] = '\0'; }

reeve_error refuse(const char* what) {
  keep_detail(what);
  return REEVE_INVALID_ARGUMENT;
}

// Runs it and lets no exception out.
template <class Body>
reeve_error guarded(Body body) noexcept {
  detail[0] = '\0';
  try {
    body();
    return REEVE_OK;
  } catch (const Failure& failure) {
    keep_detail(failure.detail);
    return failure.code;
  } catch (const std::bad_alloc&) {
    return REEVE_NO_MEMORY;
  } catch (...) {
    return REEVE_PROTOCOL;
  }
}

std::string socket_path(const char* path) {
  if (path == nullptr) path = ::secure_getenv("REEVE_SOCKET");
  return path == nullptr || *path == '\0' ? REEVE_DEFAULT_SOCKET : path;
}

const char* text_or_none(const char* parameters) {
  return parameters == nullptr ? "{}" : parameters;
}

}  // namespace

reeve_error reeve_connect(const char* path, int timeout_ms, reeve_connection** connection) {
  if (connection == nullptr || timeout_ms < 1) return refuse("no out-parameter or no timeout");
  return guarded([&] { *connection = new reeve_connection(socket_path(path), timeout_ms); });
}

reeve_error reeve_call(reeve_connection* connection, const char* method, const char* parameters,
                       int timeout_ms, reeve_reply** reply) {
  if (connection == nullptr || method == nullptr || reply == nullptr || timeout_ms < 1) {
    return refuse("a null pointer or no timeout");
  }
  return guarded([&] {
    *reply = new reeve_reply{connection->call(method, text_or_none(parameters), timeout_ms)};
  });
}

reeve_error reeve_call_more(reeve_connection* connection, const char* method,
                            const char* parameters, int timeout_ms) {
  if (connection == nullptr || method == nullptr || timeout_ms < 1) {
    return refuse("a null pointer or no timeout");
  }
  return guarded([&] { connection->call_more(method, text_or_none(parameters), timeout_ms); });
}

reeve_error reeve_next(reeve_connection* connection, int timeout_ms, reeve_reply** reply) {
  if (connection == nullptr || reply == nullptr || timeout_ms < 1) {
    return refuse("a null pointer or no timeout");
  }
  return guarded([&] { *reply = new reeve_reply{connection->next(timeout_ms)}; });
}

const char* reeve_reply_error(const reeve_reply* reply) {
  if (reply == nullptr || !reply->parts.error) return nullptr;
  return reply->parts.frame.view().data() + *reply->parts.error;
}

const char* reeve_reply_parameters(const reeve_reply* reply) {
  if (reply == nullptr || !reply->parts.parameters) return "{}";
  return reply->parts.frame.view().data() + *reply->parts.parameters;
}

int reeve_reply_continues(const reeve_reply* reply) {
  return reply != nullptr && reply->parts.continues ? 1 : 0;
}

void reeve_free_reply(reeve_reply* reply) { delete reply; }

void reeve_free_connection(reeve_connection* connection) { delete connection; }

const char* reeve_detail() { return detail; }

const char* reeve_strerror(reeve_error error) {
  switch (error) {
    case REEVE_OK: return "no error";
    case REEVE_INVALID_ARGUMENT: return "an argument is missing or malformed";
    case REEVE_NO_MEMORY: return "memory or file descriptors ran out";
    case REEVE_UNAVAILABLE: return "no daemon answers there: start reeved, or set REEVE_SOCKET";
    case REEVE_PERMISSION: return "no permission to connect: check the modes on the way";
    case REEVE_UNTRUSTED: return "something may stand in the daemon's place; nothing was sent";
    case REEVE_CLOSED: return "the connection is over and nothing was sent: connect again";
    case REEVE_LOST: return "the connection ended without an answer: the daemon may be restarting";
    case REEVE_PROTOCOL: return "the answer is no Varlink reply: is this Reeve's socket?";
    case REEVE_TIMEOUT: return "no answer in time: try again or wait longer";
    case REEVE_TOO_LONG: return "the call is over 256 KiB: an argument is too long";
    case REEVE_BUSY: return "a stream is open on this connection: use another one";
    case REEVE_FORKED: return "the connection belongs to another process: connect again";
    case REEVE_END: return "there is no further reply";
  }
  return "an error of a later version";
}
