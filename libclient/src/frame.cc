#include "src/frame.h"

#include <algorithm>
#include <utility>

#include "src/json_check.h"
#include "src/json_text.h"

namespace reeve::client {
namespace {

bool name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
         c == '-';
}

bool is_name(std::string_view text) {
  return !text.empty() && text.size() <= 255 &&
         std::all_of(text.begin(), text.end(), name_character);
}

reeve_error checked(std::string_view text) {
  const JsonCheck check = check_object(text);
  if (check == JsonCheck::no_memory) return fail(REEVE_NO_MEMORY);
  if (check == JsonCheck::broken) {
    return fail(REEVE_INVALID_ARGUMENT, "the parameters are no JSON object, or no UTF-8");
  }
  return REEVE_OK;
}

// The name between the quotes of a string's text; names have no escapes. Empty if it is none.
std::string_view name_in(std::string_view value) {
  if (!is_text(value)) return {};
  const std::string_view name(value.data() + 1, value.size() - 2);
  return is_name(name) ? name : std::string_view();
}

}  // namespace

reeve_error encode_call(std::string_view method, std::string_view parameters, bool more,
                        Bytes& frame) {
  if (!is_name(method)) return fail(REEVE_INVALID_ARGUMENT, "the method's name is none");
  if (parameters.size() > kMaxCall) return fail(REEVE_TOO_LONG);
  frame.append("{\"method\":\"");
  frame.append(method);
  frame.append("\",\"parameters\":");
  frame.append(parameters);
  frame.append(more ? ",\"more\":true}" : "}");
  if (frame.failed()) return fail(REEVE_NO_MEMORY);
  if (frame.size() > kMaxCall) return fail(REEVE_TOO_LONG);
  // Alone, so that no text can close the object and add to the frame; and within, for its depth.
  for (const std::string_view text : {parameters, frame.view()}) {
    if (const reeve_error wrong = checked(text)) return wrong;
  }
  frame.append({"\0", 1});
  return frame.failed() ? fail(REEVE_NO_MEMORY) : REEVE_OK;
}

reeve_error decode_reply(Bytes frame, ReplyFrame& reply) {
  const JsonCheck check = check_object(frame.view());
  if (check == JsonCheck::no_memory) return fail(REEVE_NO_MEMORY);
  if (check == JsonCheck::broken) return fail(REEVE_PROTOCOL);
  const size_t start = frame.view().find('{');
  const std::string_view object(frame.data() + start, frame.view().rfind('}') + 1 - start);
  const std::string_view error = find(object, "error"), parameters = find(object, "parameters"),
                         continues = find(object, "continues");
  const std::string_view name = name_in(error);
  const bool fits = (error.empty() || !name.empty()) &&
                    (parameters.empty() || is_object(parameters)) &&
                    (continues.empty() || continues == "true" || continues == "false");
  if (!fits) return fail(REEVE_PROTOCOL);
  // Never beyond the frame's last character: both lie within the outer braces.
  for (const std::string_view part : {name, parameters}) {
    if (!part.empty()) frame.data()[part.data() + part.size() - frame.data()] = '\0';
  }
  reply.error = name.empty() ? nullptr : name.data();
  reply.parameters = parameters;
  reply.continues = continues == "true";
  reply.frame = std::move(frame);
  return REEVE_OK;
}

}  // namespace reeve::client
