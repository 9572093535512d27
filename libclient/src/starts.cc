#include "src/starts.h"

#include <cstring>

#include "src/parameters.h"

namespace reeve::client {
namespace {

reeve_error begin_call(reeve_connection& connection, const char* method, Parameters& parameters,
                       bool more = false) {
  const Bytes& whole = parameters.whole();
  if (whole.failed()) return fail(REEVE_NO_MEMORY);
  return connection.begin(method, whole.view(), more);
}

// Only what this program's version of the struct holds is read.
template <class T>
reeve_error copy(const T* from, T& to) {
  if (from == nullptr) return fail(REEVE_INVALID_ARGUMENT, "a null pointer");
  if (from->size < offsetof(T, size) + sizeof(from->size) || from->size > size_t{4096}) {
    return fail(REEVE_INVALID_ARGUMENT, "the struct's size is not set: begin with its _INIT");
  }
  if (from->size > sizeof(T)) {
    return fail(REEVE_INVALID_ARGUMENT, "the program was built for a later libreeve");
  }
  std::memcpy(&to, from, from->size);
  return REEVE_OK;
}

bool missing(const char* const* values, size_t count) {
  for (size_t i = 0; values != nullptr && i < count; ++i) {
    if (values[i] == nullptr) return true;
  }
  return values == nullptr && count > 0;
}

}  // namespace

reeve_error start_whoami(reeve_connection& connection) {
  Parameters none;
  return begin_call(connection, "io.reeve.Agent.WhoAmI", none);
}

reeve_error start_open_session(reeve_connection& connection, const reeve_identity* identity) {
  reeve_identity who = REEVE_IDENTITY_INIT;
  if (const reeve_error error = copy(identity, who)) return error;
  if (who.as == nullptr) return fail(REEVE_INVALID_ARGUMENT, "`as` is not said");
  Parameters parameters;
  parameters.text("as", who.as).text("user_token", who.user_token).user(who.issuer, who.subject);
  if (who.lifetime != 0) parameters.number("lifetime", who.lifetime);
  return begin_call(connection, "io.reeve.Agent.OpenSession", parameters);
}

reeve_error start_close_session(reeve_connection& connection, const char* session) {
  if (session == nullptr) return fail(REEVE_INVALID_ARGUMENT, "a null pointer");
  Parameters parameters;
  return begin_call(connection, "io.reeve.Agent.CloseSession", parameters.text("session", session));
}

reeve_error start_get_token(reeve_connection& connection, const char* session,
                            const reeve_token_request* request) {
  reeve_token_request ask = REEVE_TOKEN_REQUEST_INIT;
  if (const reeve_error error = copy(request, ask)) return error;
  if (session == nullptr || ask.provider == nullptr) {
    return fail(REEVE_INVALID_ARGUMENT, "a session and a provider are needed");
  }
  if (missing(ask.scopes, ask.scope_count) || missing(ask.acr_values, ask.acr_count)) {
    return fail(REEVE_INVALID_ARGUMENT, "a null pointer in scopes or acr_values");
  }
  Parameters parameters;
  parameters.text("session", session)
      .text("provider", ask.provider)
      .texts("scopes", ask.scopes, ask.scope_count)
      .text("resource", ask.resource)
      .text("account", ask.account)
      .number("min_valid", ask.min_valid)
      .flag("fresh", ask.fresh != 0)
      .text("return_url", ask.return_url)
      .text("return_state", ask.return_state)
      .texts("acr_values", ask.acr_values, ask.acr_count)
      .number("max_age", ask.max_age);
  return begin_call(connection, "io.reeve.Agent.GetToken", parameters);
}

reeve_error start_await_consent(reeve_connection& connection, const char* session,
                                const char* request) {
  if (session == nullptr || request == nullptr) {
    return fail(REEVE_INVALID_ARGUMENT, "a null pointer");
  }
  Parameters parameters;
  parameters.text("session", session).text("request", request);
  return begin_call(connection, "io.reeve.Agent.AwaitConsent", parameters, true);
}

reeve_error start_report_invalid(reeve_connection& connection, const char* session,
                                 const char* token_id) {
  if (session == nullptr || token_id == nullptr) {
    return fail(REEVE_INVALID_ARGUMENT, "a null pointer");
  }
  Parameters parameters;
  parameters.text("session", session).text("token", token_id);
  return begin_call(connection, "io.reeve.Agent.ReportInvalid", parameters);
}

reeve_error start_watch(reeve_connection& connection, const char* session) {
  if (session == nullptr) return fail(REEVE_INVALID_ARGUMENT, "a null pointer");
  Parameters parameters;
  return begin_call(connection, "io.reeve.Agent.Watch", parameters.text("session", session), true);
}

}  // namespace reeve::client
