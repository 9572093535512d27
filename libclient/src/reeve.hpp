// reeve.hpp: reeve.h for C++, with owners that free. Header only, and no more than that: errors
// stay return values, so it serves programs built without exceptions too. A value that is read
// (Token, Session, Evidence) goes to the functions of reeve.h by get().
#pragma once

#include <memory>
#include <string_view>

#include "reeve.h"

namespace reeve {

struct Free {
  void operator()(reeve_connection* connection) const { reeve_free_connection(connection); }
  void operator()(reeve_reply* reply) const { reeve_free_reply(reply); }
  void operator()(reeve_evidence* evidence) const { reeve_free_evidence(evidence); }
  void operator()(reeve_session* session) const { reeve_free_session(session); }
  void operator()(reeve_token* token) const { reeve_free_token(token); }
};

using Evidence = std::unique_ptr<reeve_evidence, Free>;
using Session = std::unique_ptr<reeve_session, Free>;
using Token = std::unique_ptr<reeve_token, Free>;

// Calls `function` with room for its out-parameter behind the other arguments; `out` takes what it
// made, and is left alone where it failed:  call(out, reeve_get_token, connection, ...)
template <class Owner, class Function, class... Arguments>
reeve_error call(Owner& out, Function function, Arguments... arguments) {
  typename Owner::pointer made = nullptr;
  const reeve_error error = function(arguments..., &made);
  if (error == REEVE_OK) out.reset(made);
  return error;
}

// One reply; empty until a call has filled it.
class Reply final {
 public:
  explicit operator bool() const { return held_ != nullptr; }
  const reeve_reply* get() const { return held_.get(); }
  // The error the daemon answered with; empty for success.
  std::string_view error() const {
    const char* name = reeve_reply_error(held_.get());
    return name == nullptr ? std::string_view() : std::string_view(name);
  }
  // The text of a JSON object, NUL-terminated behind its end. May hold a token.
  std::string_view parameters() const { return reeve_reply_parameters(held_.get()); }
  bool continues() const { return reeve_reply_continues(held_.get()) != 0; }

 private:
  friend class Connection;
  std::unique_ptr<reeve_reply, Free> held_;
};

// One connection; each member is the function of reeve.h of its name. What fails leaves its
// out-parameter as it was.
class Connection final {
 public:
  reeve_connection* get() const { return held_.get(); }

  reeve_error connect(const char* path, int timeout_ms) {
    return reeve::call(held_, reeve_connect, path, timeout_ms);
  }
  reeve_error whoami(int timeout_ms, Evidence& evidence) {
    return reeve::call(evidence, reeve_whoami, held_.get(), timeout_ms);
  }
  reeve_error open_session(const reeve_identity& identity, int timeout_ms, Session& session) {
    return reeve::call(session, reeve_open_session, held_.get(), &identity, timeout_ms);
  }
  reeve_error close_session(const char* session, int timeout_ms) {
    return reeve_close_session(held_.get(), session, timeout_ms);
  }
  reeve_error get_token(const char* session, const reeve_token_request& request, int timeout_ms,
                        Token& token) {
    return reeve::call(token, reeve_get_token, held_.get(), session, &request, timeout_ms);
  }
  reeve_error await_consent(const char* session, const char* request, int timeout_ms,
                            reeve_consent& consent) {
    return reeve_await_consent(held_.get(), session, request, timeout_ms, &consent);
  }
  reeve_error report_invalid(const char* session, const char* token_id, int timeout_ms) {
    return reeve_report_invalid(held_.get(), session, token_id, timeout_ms);
  }
  reeve_error watch(const char* session, int timeout_ms) {
    return reeve_watch(held_.get(), session, timeout_ms);
  }
  const reeve_reply* last_reply() const { return reeve_last_reply(held_.get()); }

  reeve_error call(const char* method, const char* parameters, int timeout_ms, Reply& reply) {
    return reeve::call(reply.held_, reeve_call, held_.get(), method, parameters, timeout_ms);
  }
  reeve_error call_more(const char* method, const char* parameters, int timeout_ms) {
    return reeve_call_more(held_.get(), method, parameters, timeout_ms);
  }
  reeve_error next(int timeout_ms, Reply& reply) {
    return reeve::call(reply.held_, reeve_next, held_.get(), timeout_ms);
  }
  reeve_error process(Reply& reply) { return reeve::call(reply.held_, reeve_process, held_.get()); }

 private:
  std::unique_ptr<reeve_connection, Free> held_;
};

}  // namespace reeve
