#include "varlink/frame.h"

namespace reeve::varlink {
namespace {

// Takes one member of the call; false where it is of a wrong type, or unknown.
bool take_member(const std::string& name, Json& value, CallFrame& call) {
  if (name == "method") return true;
  if (name == "parameters") {
    if (value.is_null()) return true;
    if (value.object() == nullptr) return false;
    call.parameters = std::move(value);
    return true;
  }
  if (name == "upgrade") return value.boolean() == false;
  if (name != "more" && name != "oneway") return false;
  (name == "more" ? call.more : call.oneway) = value.boolean().value_or(false);
  return value.boolean().has_value();
}

}  // namespace

CallFrame read_call(std::string_view frame, size_t limit) {
  CallFrame call;
  call.parameters = Json(JsonObject());
  JsonLimits limits;
  limits.bytes = limit;
  auto parsed = parse_json(frame, limits);
  if (parsed) call.method = parsed->text("method");
  if (call.method.empty()) {
    call.problem = parsed ? "method" : parsed.error().text;
    call.broken = true;
    return call;
  }
  for (auto& [name, value] : *parsed->object()) {
    if (call.problem.empty() && !take_member(name, value, call)) call.problem = name;
  }
  if (call.oneway) call.more = false;
  return call;
}

}  // namespace reeve::varlink
