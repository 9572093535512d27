// reeve.hpp: reeve.h for C++, with owners that free. Header only, and no more than that: errors
// stay return values, so it serves programs built without exceptions too.
#pragma once

#include <memory>
#include <string_view>

#include "reeve.h"

namespace reeve {

// One reply; empty until a call has filled it.
class Reply final {
 public:
  explicit operator bool() const { return held_ != nullptr; }
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
  struct Free {
    void operator()(reeve_reply* reply) const { reeve_free_reply(reply); }
  };
  std::unique_ptr<reeve_reply, Free> held_;
};

// One connection; each member is the function of reeve.h of its name. What fails leaves `reply` as
// it was.
class Connection final {
 public:
  reeve_error connect(const char* path, int timeout_ms) {
    reeve_connection* made = nullptr;
    const reeve_error error = reeve_connect(path, timeout_ms, &made);
    if (error == REEVE_OK) held_.reset(made);
    return error;
  }
  reeve_error call(const char* method, const char* parameters, int timeout_ms, Reply& reply) {
    reeve_reply* made = nullptr;
    const reeve_error error = reeve_call(held_.get(), method, parameters, timeout_ms, &made);
    if (error == REEVE_OK) reply.held_.reset(made);
    return error;
  }
  reeve_error call_more(const char* method, const char* parameters, int timeout_ms) {
    return reeve_call_more(held_.get(), method, parameters, timeout_ms);
  }
  reeve_error next(int timeout_ms, Reply& reply) {
    reeve_reply* made = nullptr;
    const reeve_error error = reeve_next(held_.get(), timeout_ms, &made);
    if (error == REEVE_OK) reply.held_.reset(made);
    return error;
  }

 private:
  struct Free {
    void operator()(reeve_connection* connection) const { reeve_free_connection(connection); }
  };
  std::unique_ptr<reeve_connection, Free> held_;
};

}  // namespace reeve
