// BindingClient: what this program asks of reeved, over io.reeve.Binding. One connection a call.
//
// A connection per call needs no reconnecting: when reeved is restarted, the next call finds it.
// Each call has a deadline; what comes of it is a reply or one of the few failures a page can tell
// apart.
#pragma once

#include <string>

#include "async/task.h"
#include "base/json.h"
#include "base/secret.h"

namespace reeve {

struct BindingReply {
  enum class Failure {
    none,
    ticket,         // TicketInvalid: reason
    not_signed_in,  // NotSignedIn
    refused,        // FlowRefused: reason
    unavailable,    // Unavailable, or no reeved, or no answer in time
    timeout,        // the deadline passed
    limit,          // LimitReached: retry_after
    other,          // anything else: a bug on one of the two sides
  };
  Failure failure = Failure::none;
  std::string reason;
  int64_t retry_after = 0;
  bool ended = false;  // NotSignedIn: somebody was, and time has ended it
  Json out;

  explicit operator bool() const { return failure == Failure::none; }
};

// One call: the method's name and the members of its parameters, as JSON text. Secrets go in by
// reveal() and are wiped with it.
class BindingCall {
 public:
  explicit BindingCall(std::string method) : method_(std::move(method)) {}
  BindingCall(BindingCall&& other) noexcept = default;
  BindingCall& operator=(BindingCall&&) = delete;
  ~BindingCall() { wipe(members_); }

  BindingCall& with(std::string_view name, std::string_view value);
  BindingCall& with(std::string_view name, bool value);
  BindingCall& with(std::string_view name, int64_t value);
  // Nothing where there is no value.
  BindingCall& with_some(std::string_view name, const std::string* value);

 private:
  friend class BindingClient;
  std::string method_;
  std::string members_;
};

// In milliseconds. Start and Confirm may make reeved speak with the provider (PAR, revocation);
// Outcome waits for the provider's answer, and its page loads itself again after that.
struct BindingDeadlines {
  int64_t call = 25'000;
  int64_t outcome = 20'000;
};

class BindingClient final {
 public:
  // `socket`: the path of bind.sock.
  BindingClient(Loop& loop, std::string socket, BindingDeadlines deadlines = {})
      : loop_(loop), socket_(std::move(socket)), deadlines_(deadlines) {}

  // Never fails otherwise than by the reply.
  Task<BindingReply> ask(BindingCall call) { return ask_within(std::move(call), deadlines_.call); }
  Task<BindingReply> ask_outcome(BindingCall call) {
    return ask_within(std::move(call), deadlines_.outcome);
  }

 private:
  Task<BindingReply> ask_within(BindingCall call, int64_t milliseconds);
  void tell(bool reached, const std::string& why);

  Loop& loop_;
  std::string socket_;
  BindingDeadlines deadlines_;
  bool reached_ = true;  // so that an outage is one line of the log, and its end another
};

}  // namespace reeve
