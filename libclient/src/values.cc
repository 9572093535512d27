// What reeve.h's values tell, and their ends.
#include <cstring>

#include "src/errors.h"
#include "src/json_text.h"
#include "src/reply.h"

using namespace reeve::client;

const char* reeve_reply_error(const reeve_reply* reply) {
  return reply == nullptr ? nullptr : reply->parts.error;
}

reeve_error reeve_reply_code(const reeve_reply* reply) {
  return reply == nullptr || reply->parts.error == nullptr ? REEVE_OK : code_of(reply->parts.error);
}

const char* reeve_reply_parameters(const reeve_reply* reply) {
  return reply == nullptr ? "{}" : reply->parts.object().data();
}

const char* reeve_reply_text(const reeve_reply* reply, const char* name) {
  if (reply == nullptr || name == nullptr) return nullptr;
  const std::string_view object = reply->parts.object();
  return reply->texts.resolve(object, find(object, name));
}

reeve_error reeve_reply_number(const reeve_reply* reply, const char* name, int64_t* number) {
  begin();
  if (reply == nullptr || name == nullptr || number == nullptr) {
    return fail(REEVE_INVALID_ARGUMENT, "a null pointer");
  }
  const bool there = whole_number(find(reply->parts.object(), name), *number);
  return there ? REEVE_OK : fail(REEVE_END, "the reply has no such number");
}

int reeve_reply_continues(const reeve_reply* reply) {
  return reply != nullptr && reply->parts.continues ? 1 : 0;
}

const char* reeve_evidence_workload(const reeve_evidence* evidence) {
  return evidence == nullptr ? nullptr : evidence->workload;
}

size_t reeve_evidence_count(const reeve_evidence* evidence) {
  return evidence == nullptr ? 0 : evidence->count;
}

const char* reeve_evidence_name(const reeve_evidence* evidence, size_t index) {
  return index < reeve_evidence_count(evidence) ? evidence->pairs[2 * index] : nullptr;
}

const char* reeve_evidence_value(const reeve_evidence* evidence, size_t index) {
  return index < reeve_evidence_count(evidence) ? evidence->pairs[2 * index + 1] : nullptr;
}

const char* reeve_session_handle(const reeve_session* session) {
  return session == nullptr ? nullptr : session->handle;
}

int64_t reeve_session_expires_at(const reeve_session* session) {
  return session == nullptr ? 0 : session->expires_at;
}

const char* reeve_session_issuer(const reeve_session* session) {
  return session == nullptr ? nullptr : session->issuer;
}

const char* reeve_session_subject(const reeve_session* session) {
  return session == nullptr ? nullptr : session->subject;
}

const char* reeve_session_name(const reeve_session* session) {
  return session == nullptr ? nullptr : session->name;
}

const char* reeve_token_value(const reeve_token* token) {
  return token == nullptr ? nullptr : token->value;
}

const char* reeve_token_id(const reeve_token* token) {
  return token == nullptr ? nullptr : token->id;
}

const char* reeve_token_type(const reeve_token* token) {
  return token == nullptr ? nullptr : token->type;
}

const char* reeve_token_grant(const reeve_token* token) {
  return token == nullptr ? nullptr : token->grant;
}

int64_t reeve_token_expires_at(const reeve_token* token) {
  return token == nullptr ? REEVE_UNSET : token->expires_at;
}

size_t reeve_token_scope_count(const reeve_token* token) {
  return token == nullptr ? 0 : token->scope_count;
}

const char* reeve_token_scope(const reeve_token* token, size_t index) {
  return index < reeve_token_scope_count(token) ? token->scopes[index] : nullptr;
}

const char* reeve_token_account(const reeve_token* token) {
  return token == nullptr ? nullptr : token->account;
}

void reeve_free_reply(reeve_reply* reply) { destroy(reply); }
void reeve_free_evidence(reeve_evidence* evidence) { destroy(evidence); }
void reeve_free_session(reeve_session* session) { destroy(session); }
void reeve_free_token(reeve_token* token) { destroy(token); }
