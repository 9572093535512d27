#include "src/frame.h"

#include <algorithm>

#include "src/failure.h"
#include "src/json_scan.h"

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

[[noreturn]] void no_reply() { throw Failure{REEVE_PROTOCOL, ""}; }

// The name between the quotes of a string's text; names have no escapes.
std::string_view read_name(std::string_view value) {
  if (value.size() < 2 || value.front() != '"') no_reply();
  const std::string_view name = value.substr(1, value.size() - 2);
  if (!is_name(name)) no_reply();
  return name;
}

}  // namespace

Bytes encode_call(std::string_view method, std::string_view parameters, bool more) {
  if (!is_name(method)) throw Failure{REEVE_INVALID_ARGUMENT, "the method's name is none"};
  if (parameters.size() > kMaxCall) throw Failure{REEVE_TOO_LONG, ""};
  Bytes frame;
  frame.append("{\"method\":\"");
  frame.append(method);
  frame.append("\",\"parameters\":");
  frame.append(parameters);
  frame.append(more ? ",\"more\":true}" : "}");
  if (frame.size() > kMaxCall) throw Failure{REEVE_TOO_LONG, ""};
  // Alone, so that no text can close the object and add to the frame; and within, for its depth.
  if (!scan_object(parameters) || !scan_object(frame.view())) {
    throw Failure{REEVE_INVALID_ARGUMENT, "the parameters are no JSON object"};
  }
  frame.append({"\0", 1});
  return frame;
}

ReplyFrame decode_reply(Bytes frame) {
  const auto members = scan_object(frame.view());
  if (!members) no_reply();
  ReplyFrame reply;
  const auto place = [&](std::string_view part) {
    const auto at = static_cast<size_t>(part.data() - frame.data());
    // Never the frame's last character: what is placed lies within the outer braces.
    frame.data()[at + part.size()] = '\0';
    return at;
  };
  for (const JsonMember& member : *members) {
    if (member.value == "null") continue;
    if (member.key == "error") {
      reply.error = place(read_name(member.value));
    } else if (member.key == "parameters") {
      if (member.value.front() != '{') no_reply();
      reply.parameters = place(member.value);
    } else if (member.key == "continues") {
      if (member.value != "true" && member.value != "false") no_reply();
      reply.continues = member.value == "true";
    }
  }
  reply.frame = std::move(frame);
  return reply;
}

}  // namespace reeve::client
