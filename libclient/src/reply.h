// The values of reeve.h: a reply, and what the typed calls read in one. Each owns the frame it came
// in; its texts lie in a copy of the parameters, resolved in place: no text is longer than what
// stood for it.
#pragma once

#include "src/frame.h"
#include "src/memory.h"

namespace reeve::client {

// Resolves texts that lie in an object's text.
class Texts final {
 public:
  // What a value of that object stands for, ended by a NUL; null if it is no text, holds a NUL, or
  // memory ran out. Stays where it is.
  const char* resolve(std::string_view object, std::string_view value);

 private:
  Bytes copy_;
};

// A frame's parameters with the texts that a typed value needs.
class Fields final {
 public:
  // Copies the parameters. False when memory ran out.
  bool read(const ReplyFrame& reply);
  std::string_view object() const { return object_.view(); }
  // Of an object within; null where absent. `wrong` is set where it is there, but is no such thing.
  const char* text(std::string_view object, const char* name, bool& wrong);
  const char* need(std::string_view object, const char* name, bool& wrong);
  const char* value(std::string_view value) { return texts_.resolve(object_.view(), value); }

 private:
  Bytes object_;
  Texts texts_;
};

}  // namespace reeve::client

struct reeve_reply final {
  reeve::client::ReplyFrame parts;
  mutable reeve::client::Texts texts;
};

struct reeve_evidence final {
  reeve::client::Fields fields;
  const char* workload = nullptr;
  const char** pairs = nullptr;  // name, value, name, value...
  size_t count = 0;              // of pairs

  reeve_evidence() = default;
  reeve_evidence(const reeve_evidence&) = delete;
  reeve_evidence& operator=(const reeve_evidence&) = delete;
  ~reeve_evidence() { std::free(pairs); }
  reeve_error read(const reeve_reply& reply);
};

struct reeve_session final {
  reeve::client::Fields fields;
  const char* handle = nullptr;
  const char *issuer = nullptr, *subject = nullptr, *name = nullptr;
  int64_t expires_at = 0;

  reeve_error read(const reeve_reply& reply);
};

struct reeve_token final {
  reeve::client::Fields fields;
  const char *value = nullptr, *id = nullptr, *type = nullptr, *grant = nullptr;
  const char* account = nullptr;
  int64_t expires_at = REEVE_UNSET;
  const char** scopes = nullptr;
  size_t scope_count = 0;

  reeve_token() = default;
  reeve_token(const reeve_token&) = delete;
  reeve_token& operator=(const reeve_token&) = delete;
  ~reeve_token() { std::free(scopes); }
  reeve_error read(const reeve_reply& reply);
};
