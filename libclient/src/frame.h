// Varlink frames: a call as bytes, and bytes as a reply. Pure; a frame is a JSON object, and the
// NUL behind it is not part of what is given or taken here.
#pragma once

#include <cstddef>
#include <string_view>

#include "src/bytes.h"
#include "src/failure.h"

namespace reeve::client {

constexpr size_t kMaxCall = size_t{256} * 1024;    // what the daemon accepts
constexpr size_t kMaxReply = size_t{1024} * 1024;  // what we accept

// The frame of a call and its NUL.
reeve_error encode_call(std::string_view method, std::string_view parameters, bool more,
                        Bytes& frame);

// A reply: the frame, and where its parts lie in it, each ended by a NUL put there.
struct ReplyFrame {
  Bytes frame;
  const char* error = nullptr;  // its name, or null for success
  std::string_view parameters;  // an object's text, or empty
  bool continues = false;

  std::string_view object() const { return parameters.empty() ? "{}" : parameters; }
};

// REEVE_PROTOCOL if it is no reply.
reeve_error decode_reply(Bytes frame, ReplyFrame& reply);

}  // namespace reeve::client
