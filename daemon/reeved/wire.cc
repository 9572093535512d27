#include "reeved/wire.h"

#include "base/log.h"

namespace reeve::wire {

varlink::Reply unavailable(std::string_view interface, std::string_view reason) {
  return failure(std::string(interface) + ".Unavailable",
                 [&](JsonWriter& json) { json.member("reason", reason); });
}

varlink::Reply from_error(std::string_view interface, const Error& error) {
  if (error.code == Code::limit) {
    return failure(std::string(interface) + ".LimitReached", [&](JsonWriter& json) {
      json.member("limit", error.text).member("retry_after", limit_seconds);
    });
  }
  log(Level::error, error.text);
  return unavailable(interface, error.code == Code::io || error.code == Code::corrupt ||
                                        error.code == Code::internal
                                    ? "the daemon could not keep its state; its log says why"
                                    : error.text);
}

varlink::Reply too_many_waiting(std::string_view interface) {
  return failure(std::string(interface) + ".LimitReached", [](JsonWriter& json) {
    json.member("limit", "waiting_per_workload").member("retry_after", int64_t{1});
  });
}

varlink::Reply denied(std::string_view reason) {
  return failure("io.reeve.Agent.Denied", [&](JsonWriter& json) { json.member("reason", reason); });
}

varlink::Reply session_invalid() { return failure("io.reeve.Agent.SessionInvalid"); }

varlink::Reply expected_more() { return failure("org.varlink.service.ExpectedMore"); }

void write_user(JsonWriter& json, const User& user) {
  json.begin_object().member("issuer", user.issuer).member("subject", user.subject);
  if (!user.name.empty()) json.member("name", user.name);
  json.end_object();
}

}  // namespace reeve::wire
