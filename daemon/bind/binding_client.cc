#include "bind/binding_client.h"

#include "base/json_writer.h"
#include "base/log.h"
#include "varlink/client.h"

namespace reeve {
namespace {

using Failure = BindingReply::Failure;

constexpr std::string_view kInterface = "io.reeve.Binding.";

BindingReply read_error(std::string_view error, const Json& parameters) {
  BindingReply reply;
  reply.failure = Failure::other;
  if (!error.starts_with(kInterface)) return reply;
  error.remove_prefix(kInterface.size());
  if (error == "TicketInvalid") reply.failure = Failure::ticket;
  else if (error == "NotSignedIn") reply.failure = Failure::not_signed_in;
  else if (error == "FlowRefused") reply.failure = Failure::refused;
  else if (error == "Unavailable") reply.failure = Failure::unavailable;
  else if (error == "LimitReached") reply.failure = Failure::limit;
  reply.reason = parameters.text("reason");
  reply.ended = parameters.boolean("ended").value_or(false);
  reply.retry_after = parameters.integer("retry_after").value_or(10);
  return reply;
}

}  // namespace

BindingCall& BindingCall::with(std::string_view name, std::string_view value) {
  if (!members_.empty()) members_ += ',';
  JsonWriter(members_).member(name, value);
  return *this;
}

BindingCall& BindingCall::with(std::string_view name, bool value) {
  if (!members_.empty()) members_ += ',';
  JsonWriter(members_).member(name, value);
  return *this;
}

BindingCall& BindingCall::with(std::string_view name, int64_t value) {
  if (!members_.empty()) members_ += ',';
  JsonWriter(members_).member(name, value);
  return *this;
}

BindingCall& BindingCall::with_some(std::string_view name, const std::string* value) {
  return value == nullptr ? *this : with(name, std::string_view(*value));
}

Task<BindingReply> BindingClient::ask_within(BindingCall call, int64_t milliseconds) {
  std::string method = std::string(kInterface) + call.method_;
  std::string parameters = '{' + call.members_ + '}';
  auto answer =
      co_await varlink::call_once(loop_, socket_, method, std::move(parameters), milliseconds);
  if (!answer) {
    BindingReply reply;
    const bool late = answer.error().code == Code::timeout;
    reply.failure = late ? Failure::timeout : Failure::unavailable;
    reply.retry_after = 3;
    if (!late) tell(false, answer.error().text);
    co_return reply;
  }
  tell(true, {});
  if (!answer->error.empty()) {
    BindingReply reply = read_error(answer->error, answer->parameters);
    if (reply.failure == Failure::other) {
      log(Level::error, call.method_ + ": reeved answered " + answer->error);
    }
    co_return reply;
  }
  BindingReply reply;
  reply.out = std::move(answer->parameters);
  co_return reply;
}

void BindingClient::tell(bool reached, const std::string& why) {
  if (reached == reached_) return;
  reached_ = reached;
  if (reached) log(Level::notice, "reeved answers again");
  else log(Level::warning, "reeved does not answer: " + why);
}

}  // namespace reeve
