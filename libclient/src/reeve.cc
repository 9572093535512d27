// The connection's functions of reeve.h that take any call, and those that never wait. Each is its
// part of starts.h or connection.h, behind one guard.
#include "reeve.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

#include "src/starts.h"

using namespace reeve::client;

namespace {

reeve_error refuse(const char* what) { return fail(REEVE_INVALID_ARGUMENT, "%s", what); }

// Runs a body in the connection: no other thread is there, and no other process.
template <class Body>
reeve_error within(reeve_connection* connection, Body body) {
  begin();
  if (connection == nullptr) return refuse("no connection");
  const reeve_connection::Stay stay(connection);
  return stay.refused() ? stay.refused() : body(*connection);
}

std::string_view text_or_none(const char* parameters) {
  return parameters == nullptr ? "{}" : parameters;
}

// The user's own daemon, where its socket is that user's.
template <size_t Size>
bool own_socket(char (&path)[Size]) {
  const char* runtime = ::secure_getenv("XDG_RUNTIME_DIR");
  if (runtime == nullptr || *runtime != '/') return false;
  const int length = std::snprintf(path, Size, "%s/reeve/agent.sock", runtime);
  struct stat seen = {};
  return length > 0 && static_cast<size_t>(length) < Size && ::lstat(path, &seen) == 0 &&
         S_ISSOCK(seen.st_mode) && seen.st_uid == ::geteuid();
}

reeve_error hand_out(Owned<reeve_reply> made, reeve_reply** reply) {
  *reply = made.release();
  return REEVE_OK;
}

}  // namespace

reeve_error reeve_connect(const char* path, int timeout_ms, reeve_connection** connection) {
  begin();
  if (connection == nullptr || timeout_ms < 1) return refuse("no out-parameter or no timeout");
  if (path == nullptr) path = ::secure_getenv("REEVE_SOCKET");
  char own[sizeof(sockaddr_un::sun_path)];
  if (path == nullptr || *path == '\0') path = own_socket(own) ? own : REEVE_DEFAULT_SOCKET;
  auto made = make<reeve_connection>();
  if (made == nullptr) return fail(REEVE_NO_MEMORY);
  if (const reeve_error error = made->open(path, Deadline(timeout_ms))) return error;
  *connection = made.release();
  return REEVE_OK;
}

void reeve_free_connection(reeve_connection* connection) {
  if (connection == nullptr) return;
  {
    // Better lost than pulled away under another thread.
    const reeve_connection::Stay stay(connection);
    if (stay.refused() == REEVE_IN_USE) return;
  }
  destroy(connection);
}

reeve_error reeve_call(reeve_connection* connection, const char* method, const char* parameters,
                       int timeout_ms, reeve_reply** reply) {
  return within(connection, [&](reeve_connection& open) {
    if (method == nullptr || reply == nullptr || timeout_ms < 1) {
      return refuse("a null pointer or no timeout");
    }
    const Deadline deadline(timeout_ms);
    if (const reeve_error error = open.begin(method, text_or_none(parameters), false)) return error;
    Owned<reeve_reply> made;
    if (const reeve_error error = open.wait_for(deadline, made)) return open.give_up(error);
    return hand_out(std::move(made), reply);
  });
}

reeve_error reeve_call_more(reeve_connection* connection, const char* method,
                            const char* parameters, int timeout_ms) {
  return within(connection, [&](reeve_connection& open) {
    if (method == nullptr || timeout_ms < 1) return refuse("a null pointer or no timeout");
    const Deadline deadline(timeout_ms);
    if (const reeve_error error = open.begin(method, text_or_none(parameters), true)) return error;
    return open.finish_sending(deadline);
  });
}

reeve_error reeve_next(reeve_connection* connection, int timeout_ms, reeve_reply** reply) {
  return within(connection, [&](reeve_connection& open) {
    if (reply == nullptr || timeout_ms < 1) return refuse("a null pointer or no timeout");
    Owned<reeve_reply> made;
    if (const reeve_error error = open.wait_for(Deadline(timeout_ms), made)) return error;
    return hand_out(std::move(made), reply);
  });
}

const reeve_reply* reeve_last_reply(const reeve_connection* connection) {
  return connection == nullptr ? nullptr : connection->last.get();
}

int reeve_fd(const reeve_connection* connection) {
  return connection == nullptr ? -1 : connection->fd();
}

short reeve_events(const reeve_connection* connection) {
  const bool unsent = connection != nullptr && connection->unsent();
  return static_cast<short>(unsent ? POLLIN | POLLOUT : POLLIN);
}

reeve_error reeve_process(reeve_connection* connection, reeve_reply** reply) {
  return within(connection, [&](reeve_connection& open) {
    if (reply == nullptr) return refuse("a null pointer");
    Owned<reeve_reply> made;
    if (const reeve_error error = open.step(made)) return error;
    return hand_out(std::move(made), reply);
  });
}

reeve_error reeve_start(reeve_connection* connection, const char* method, const char* parameters,
                        int more) {
  return within(connection, [&](reeve_connection& open) {
    if (method == nullptr) return refuse("a null pointer");
    return open.begin(method, text_or_none(parameters), more != 0);
  });
}

reeve_error reeve_start_whoami(reeve_connection* connection) {
  return within(connection, start_whoami);
}

reeve_error reeve_start_open_session(reeve_connection* connection, const reeve_identity* identity) {
  return within(connection,
                [&](reeve_connection& open) { return start_open_session(open, identity); });
}

reeve_error reeve_start_close_session(reeve_connection* connection, const char* session) {
  return within(connection,
                [&](reeve_connection& open) { return start_close_session(open, session); });
}

reeve_error reeve_start_get_token(reeve_connection* connection, const char* session,
                                  const reeve_token_request* request) {
  return within(connection,
                [&](reeve_connection& open) { return start_get_token(open, session, request); });
}

reeve_error reeve_start_await_consent(reeve_connection* connection, const char* session,
                                      const char* request) {
  return within(connection, [&](reeve_connection& open) {
    return start_await_consent(open, session, request);
  });
}

reeve_error reeve_start_report_invalid(reeve_connection* connection, const char* session,
                                       const char* token_id) {
  return within(connection, [&](reeve_connection& open) {
    return start_report_invalid(open, session, token_id);
  });
}

reeve_error reeve_start_watch(reeve_connection* connection, const char* session) {
  return within(connection, [&](reeve_connection& open) { return start_watch(open, session); });
}
