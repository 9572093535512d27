// Varlink frames: a call as bytes, and bytes as a reply. Pure; a frame is a JSON object, and the
// NUL behind it is not part of what is given or taken here.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "src/bytes.h"

namespace reeve::client {

constexpr size_t kMaxCall = size_t{256} * 1024;    // what the daemon accepts
constexpr size_t kMaxReply = size_t{1024} * 1024;  // what we accept

// The frame of a call and its NUL. Throws Failure: REEVE_INVALID_ARGUMENT, REEVE_TOO_LONG.
Bytes encode_call(std::string_view method, std::string_view parameters, bool more);

// A reply: the frame, and where its parts lie in it, each ended by a NUL put there.
struct ReplyFrame {
  Bytes frame;
  std::optional<size_t> error;       // offset of the error's name
  std::optional<size_t> parameters;  // offset of an object's text
  bool continues = false;
};

// Throws Failure (REEVE_PROTOCOL) if it is no reply.
ReplyFrame decode_reply(Bytes frame);

}  // namespace reeve::client
