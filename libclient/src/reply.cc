#include "src/reply.h"

#include <algorithm>
#include <cstring>

#include "src/errors.h"
#include "src/json_text.h"

namespace reeve::client {
namespace {

reeve_error misfit(const char* field) {
  return fail(REEVE_PROTOCOL, "the daemon's answer lacks '%s', or has another kind of it", field);
}

// What a header can carry (RFC 6749, A.12: VSCHAR, and no blank).
bool fits_a_header(const char* text) {
  for (; *text != '\0'; ++text) {
    if (*text <= ' ' || *text > '~') return false;
  }
  return true;
}

// An error that a reply is, with its detail; REEVE_OK if it is none.
reeve_error error_of(const reeve_reply& reply) {
  return reply.parts.error == nullptr ? REEVE_OK : tell(reply);
}

size_t count(std::string_view container) {
  size_t counted = 0;
  std::string_view key, value;
  for (Walk walk(container); walk.next(key, value);) ++counted;
  return counted;
}

const char** array(size_t size) {
  return static_cast<const char**>(std::calloc(size + 1, sizeof(const char*)));
}

}  // namespace

const char* Texts::resolve(std::string_view object, std::string_view value) {
  if (!is_text(value)) return nullptr;
  if (copy_.size() == 0) {
    if (copy_.room(object.size()) == nullptr) return nullptr;
    copy_.grow(object.size());
  }
  char* const place = copy_.data() + (value.data() - object.data());
  return client::resolve(value, place) ? place : nullptr;
}

bool Fields::read(const ReplyFrame& reply) {
  object_ = Bytes();
  object_.append(reply.object());
  return !object_.failed();
}

const char* Fields::text(std::string_view object, const char* name, bool& wrong) {
  const std::string_view value = find(object, name);
  const char* const read = this->value(value);
  if (!value.empty() && read == nullptr) wrong = true;
  return read;
}

const char* Fields::need(std::string_view object, const char* name, bool& wrong) {
  const char* const read = text(object, name, wrong);
  if (read == nullptr) wrong = true;
  return read;
}

}  // namespace reeve::client

using namespace reeve::client;

reeve_error reeve_evidence::read(const reeve_reply& reply) {
  if (const reeve_error error = error_of(reply)) return error;
  if (!fields.read(reply.parts)) return fail(REEVE_NO_MEMORY);
  bool wrong = false;
  workload = fields.text(fields.object(), "workload", wrong);
  if (wrong) return misfit("workload");
  const std::string_view map = find(fields.object(), "evidence");
  if (!is_object(map)) return misfit("evidence");
  pairs = array(2 * reeve::client::count(map));
  if (pairs == nullptr) return fail(REEVE_NO_MEMORY);
  std::string_view key, value;
  for (Walk walk(map); walk.next(key, value);) {
    pairs[2 * count] = fields.value({key.data() - 1, key.size() + 2});
    pairs[2 * count + 1] = fields.value(value);
    // A later version may have evidence that is no text.
    if (pairs[2 * count] != nullptr && pairs[2 * count + 1] != nullptr) ++count;
  }
  return REEVE_OK;
}

reeve_error reeve_session::read(const reeve_reply& reply) {
  if (const reeve_error error = error_of(reply)) return error;
  if (!fields.read(reply.parts)) return fail(REEVE_NO_MEMORY);
  bool wrong = false;
  handle = fields.need(fields.object(), "session", wrong);
  if (wrong) return misfit("session");
  if (!whole_number(find(fields.object(), "expires_at"), expires_at)) return misfit("expires_at");
  const std::string_view user = find(fields.object(), "user");
  if (user.empty()) return REEVE_OK;
  issuer = fields.need(user, "issuer", wrong);
  subject = fields.need(user, "subject", wrong);
  name = fields.text(user, "name", wrong);
  return wrong ? misfit("user") : REEVE_OK;
}

reeve_error reeve_token::read(const reeve_reply& reply) {
  if (const reeve_error error = error_of(reply)) return error;
  if (!fields.read(reply.parts)) return fail(REEVE_NO_MEMORY);
  const std::string_view token = find(fields.object(), "token");
  if (!is_object(token)) return misfit("token");
  bool wrong = false;
  value = fields.need(token, "access_token", wrong);
  if (wrong || *value == '\0' || !fits_a_header(value)) return misfit("access_token");
  id = fields.need(token, "id", wrong);
  type = fields.need(token, "token_type", wrong);
  grant = fields.need(token, "grant", wrong);
  account = fields.text(token, "account", wrong);
  const std::string_view expiry = find(token, "expires_at"), list = find(token, "scopes");
  if (!expiry.empty() && !whole_number(expiry, expires_at)) wrong = true;
  if (wrong || !is_list(list))
    return misfit("id, token_type, grant, account, expires_at or scopes");
  scopes = array(reeve::client::count(list));
  if (scopes == nullptr) return fail(REEVE_NO_MEMORY);
  std::string_view key, scope;
  for (Walk walk(list); walk.next(key, scope);) {
    scopes[scope_count] = fields.value(scope);
    if (scopes[scope_count++] == nullptr) return misfit("scopes");
  }
  return REEVE_OK;
}

namespace {

// What a decoder of reeve.h does.
template <class T>
reeve_error read_into(const reeve_reply* reply, T** out) {
  begin();
  if (reply == nullptr || out == nullptr) return fail(REEVE_INVALID_ARGUMENT, "a null pointer");
  auto made = make<T>();
  if (made == nullptr) return fail(REEVE_NO_MEMORY);
  if (const reeve_error error = made->read(*reply)) return error;
  *out = made.release();
  return REEVE_OK;
}

}  // namespace

reeve_error reeve_reply_evidence(const reeve_reply* reply, reeve_evidence** evidence) {
  return read_into(reply, evidence);
}

reeve_error reeve_reply_session(const reeve_reply* reply, reeve_session** session) {
  return read_into(reply, session);
}

reeve_error reeve_reply_token(const reeve_reply* reply, reeve_token** token) {
  return read_into(reply, token);
}

reeve_error reeve_reply_consent(const reeve_reply* reply, reeve_consent* consent) {
  begin();
  if (reply == nullptr || consent == nullptr) {
    return fail(REEVE_INVALID_ARGUMENT, "a null pointer");
  }
  if (const reeve_error error = error_of(*reply)) return error;
  const char* const status = reeve_reply_text(reply, "status");
  if (status == nullptr) return misfit("status");
  const char* const known[] = {"pending", "granted", "declined", "refused", "expired", "failed"};
  const auto* const found = std::find_if(std::begin(known), std::end(known), [status](auto* name) {
    return std::strcmp(name, status) == 0;
  });
  reeve_consent read = reply->parts.continues ? REEVE_PENDING : REEVE_FAILED;
  if (found != std::end(known)) read = static_cast<reeve_consent>(found - known);
  if (read == REEVE_PENDING && !reply->parts.continues) return misfit("a final status");
  *consent = read;
  return REEVE_OK;
}
