// The typed calls of reeve.h that wait: begun as in starts.h, waited for, and the reply read.
#include <cstddef>

#include "reeve.h"
#include "src/errors.h"
#include "src/starts.h"

using namespace reeve::client;

namespace {

// Whether the daemon may carry it out twice without harm.
enum class Repeat { no, yes };

// One attempt: waits for the one reply of the call that `start` begins. An error of the daemon's is
// kept as the last reply, and so is what `keep` says.
template <class Start, class Read>
reeve_error attempt(reeve_connection& connection, const Deadline& deadline, Start& start,
                    Read& read) {
  if (const reeve_error error = start(connection)) return error;
  Owned<reeve_reply> reply;
  reeve_error error = REEVE_OK;
  bool final = false;
  do {
    error = connection.wait_for(deadline, reply);
    if (error) return connection.give_up(error);
    error = reply->parts.error == nullptr ? read(*reply, final) : tell(*reply);
  } while (error == REEVE_OK && !final && reply->parts.continues);
  if (error == REEVE_PROTOCOL || error == REEVE_NO_MEMORY) connection.give_up(error);
  if (error >= REEVE_CONSENT_REQUIRED || error == REEVE_PERMISSION || error == REEVE_OK) {
    connection.last = std::move(reply);
  }
  return error;
}

// The daemon may restart while a connection is kept. If that is what ended it, the call goes out
// once more, on a new connection: where nothing was sent, or where it may be carried out twice.
template <class Start, class Read>
reeve_error exchange(reeve_connection* connection, int timeout_ms, Repeat repeat, Start start,
                     Read read) {
  begin();
  if (connection == nullptr || timeout_ms < 1) {
    return fail(REEVE_INVALID_ARGUMENT, "no connection or no timeout");
  }
  const reeve_connection::Stay stay(connection);
  if (stay.refused()) return stay.refused();
  const Deadline deadline(timeout_ms);
  const bool was_open = connection->fd() >= 0;
  const reeve_error first = attempt(*connection, deadline, start, read);
  const bool again = first == REEVE_CLOSED || (first == REEVE_LOST && repeat == Repeat::yes);
  if (!was_open || !again) return first;
  const reeve_error opened = connection->open_again(deadline);
  if (opened == REEVE_UNTRUSTED) return opened;
  return opened ? fail(first) : attempt(*connection, deadline, start, read);
}

// The same for a reply that is read as a T and need not be kept.
template <class T, class Start>
reeve_error typed(reeve_connection* connection, int timeout_ms, Repeat repeat, Start start,
                  T** out) {
  if (out == nullptr) return fail(REEVE_INVALID_ARGUMENT, "no out-parameter");
  Owned<T> made = make<T>();
  if (made == nullptr) return fail(REEVE_NO_MEMORY);
  const auto read = [&](const reeve_reply& reply, bool&) { return made->read(reply); };
  const reeve_error error = exchange(connection, timeout_ms, repeat, start, read);
  if (error) return error;
  connection->last.reset();
  *out = made.release();
  return REEVE_OK;
}

// The same for a reply without parameters.
template <class Start>
reeve_error done(reeve_connection* connection, int timeout_ms, Repeat repeat, Start start) {
  const auto read = [](const reeve_reply&, bool&) { return REEVE_OK; };
  const reeve_error error = exchange(connection, timeout_ms, repeat, start, read);
  if (error == REEVE_OK) connection->last.reset();
  return error;
}

}  // namespace

reeve_error reeve_whoami(reeve_connection* connection, int timeout_ms, reeve_evidence** evidence) {
  return typed(connection, timeout_ms, Repeat::yes, start_whoami, evidence);
}

reeve_error reeve_open_session(reeve_connection* connection, const reeve_identity* identity,
                               int timeout_ms, reeve_session** session) {
  const auto start = [&](reeve_connection& open) { return start_open_session(open, identity); };
  return typed(connection, timeout_ms, Repeat::no, start, session);
}

reeve_error reeve_close_session(reeve_connection* connection, const char* session, int timeout_ms) {
  return done(connection, timeout_ms, Repeat::no,
              [&](reeve_connection& open) { return start_close_session(open, session); });
}

reeve_error reeve_get_token(reeve_connection* connection, const char* session,
                            const reeve_token_request* request, int timeout_ms,
                            reeve_token** token) {
  const auto start = [&](reeve_connection& open) {
    return start_get_token(open, session, request);
  };
  // Asked afresh twice, the user would be asked twice.
  const bool said = request != nullptr && request->size > offsetof(reeve_token_request, fresh);
  const bool fresh = said && request->fresh != 0;
  return typed(connection, timeout_ms, fresh ? Repeat::no : Repeat::yes, start, token);
}

reeve_error reeve_await_consent(reeve_connection* connection, const char* session,
                                const char* request, int timeout_ms, reeve_consent* consent) {
  if (consent == nullptr) return fail(REEVE_INVALID_ARGUMENT, "no out-parameter");
  reeve_consent status = REEVE_PENDING;
  const auto start = [&](reeve_connection& open) {
    return start_await_consent(open, session, request);
  };
  const auto read = [&](const reeve_reply& reply, bool&) {
    return reeve_reply_consent(&reply, &status);
  };
  const reeve_error error = exchange(connection, timeout_ms, Repeat::yes, start, read);
  if (error == REEVE_OK) *consent = status;
  return error;
}

reeve_error reeve_report_invalid(reeve_connection* connection, const char* session,
                                 const char* token_id, int timeout_ms) {
  return done(connection, timeout_ms, Repeat::yes, [&](reeve_connection& open) {
    return start_report_invalid(open, session, token_id);
  });
}

reeve_error reeve_watch(reeve_connection* connection, const char* session, int timeout_ms) {
  const auto start = [&](reeve_connection& open) { return start_watch(open, session); };
  const auto read = [](const reeve_reply&, bool& final) {
    final = true;  // the first one, "ready"; the others are for reeve_next()
    return REEVE_OK;
  };
  const reeve_error error = exchange(connection, timeout_ms, Repeat::yes, start, read);
  if (error == REEVE_OK) connection->last.reset();
  return error;
}
