// Client: one Varlink connection to another daemon, for one call at a time.
#pragma once

#include <memory>
#include <string>

#include "async/unix_socket.h"
#include "base/json.h"

namespace reeve::varlink {

struct ClientReply {
  std::string error;  // full name; empty: success
  Json parameters;
  bool continues = false;
};

class Client final {
 public:
  // Connects to the socket at `path`.
  static Task<Result<std::unique_ptr<Client>>> connect(Loop& loop, std::string path,
                                                       int64_t timeout_milliseconds);
  Client(Loop& loop, Fd fd);

  // Sends a call and reads its (first) reply. `parameters` is the text of a JSON object. An Error
  // means that no whole reply came; the connection is of no use any more. Code::timeout: not within
  // that time, in which the sending counts too; Code::unavailable: the other end left.
  Task<Result<ClientReply>> call(std::string method, std::string parameters,
                                 int64_t timeout_milliseconds, bool more = false);
  // The same; a copy of the descriptor goes with it (SCM_RIGHTS).
  Task<Result<ClientReply>> call_with(std::string method, std::string parameters, int descriptor,
                                      int64_t timeout_milliseconds);
  // The user who listens at the other end (SO_PEERCRED).
  std::optional<uid_t> server_uid() const;
  // The next reply of a call with `more`, while the last one `continues`.
  Task<Result<ClientReply>> next(int64_t timeout_milliseconds);

  static constexpr size_t kReplyBytes = size_t{8} * 1024 * 1024;

 private:
  Task<Result<Unit>> write_all(std::string text, int descriptor);
  Task<Result<ClientReply>> read_reply();
  void give_up();
  Error ended(std::string_view why) const;

  Loop& loop_;
  Fd fd_;
  Readiness readiness_;
  std::string buffer_;
  bool late_ = false;  // by give_up(): what ended the connection was a deadline
};

// Connects, calls once, closes: where calls run side by side.
Task<Result<ClientReply>> call_once(Loop& loop, std::string path, std::string method,
                                    std::string parameters, int64_t timeout_milliseconds);

}  // namespace reeve::varlink
