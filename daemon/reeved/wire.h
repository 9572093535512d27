// wire: replies and errors of reeved's interfaces, made in one place from what the layers below
// say.
//
// Text for people is in parameters; what a client branches on is the error's name. Unknown, foreign
// and expired handles look the same.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/json_writer.h"
#include "base/result.h"
#include "session/user.h"
#include "varlink/service.h"

namespace reeve::wire {

// A reply whose parameters the function writes: `reply([&](JsonWriter& json) { json.member(...);
// })`.
template <class Write>
varlink::Reply reply(Write write) {
  varlink::Reply made;
  made.parameters.clear();
  JsonWriter json(made.parameters);
  json.begin_object();
  write(json);
  json.end_object();
  return made;
}

template <class Write>
varlink::Reply failure(std::string error, Write write) {
  varlink::Reply made = reply(write);
  made.error = std::move(error);
  return made;
}

inline varlink::Reply failure(std::string error) {
  return varlink::Reply::failure(std::move(error));
}

// When to try again after a limit: what is in the way is over or gone by then, as far as it is
// known.
constexpr int64_t limit_seconds = 30;

// An error of the layers below as an error of that interface ("io.reeve.Agent"): LimitReached,
// Unavailable.
varlink::Reply from_error(std::string_view interface, const Error& error);

// waiting_per_workload: each that waits is answered within fetch_seconds, most at once.
varlink::Reply too_many_waiting(std::string_view interface);
varlink::Reply denied(std::string_view reason);
varlink::Reply session_invalid();
varlink::Reply unavailable(std::string_view interface, std::string_view reason);
varlink::Reply expected_more();

// Without the claim, which is nobody's business outside.
void write_user(JsonWriter& json, const User& user);

}  // namespace reeve::wire
