/* The agent of libreeve.test.mjs: makes the calls of libreeve that lines on standard input ask for,
 * and tells on standard output what came of each, one JSON object a line. One connection, one
 * session, as a small agent in C would have. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "reeve.h"

static reeve_connection* connection;
static reeve_session* session;
static reeve_token* token;
static char request[256];
static reeve_reply* event;

static void text(const char* name, const char* value) {
  printf(",\"%s\":", name);
  if (value == NULL) {
    printf("null");
    return;
  }
  putchar('"');
  for (; *value != '\0'; ++value) {
    if (*value == '"' || *value == '\\') putchar('\\');
    putchar(*value);
  }
  putchar('"');
}

static void done(reeve_error error) {
  printf("{\"error\":%d", (int)error);
  if (error != REEVE_OK) {
    text("text", reeve_strerror(error));
    text("detail", reeve_detail());
  }
}

static reeve_error get_token(char* words[]) {
  reeve_token_request ask = REEVE_TOKEN_REQUEST_INIT;
  reeve_error error;
  ask.provider = words[1];
  if (words[2] != NULL) ask.min_valid = atoi(words[2]);
  reeve_free_token(token);
  token = NULL;
  error = reeve_get_token(connection, reeve_session_handle(session), &ask, 60000, &token);
  done(error);
  if (error == REEVE_OK) {
    text("token", reeve_token_value(token));
    printf(",\"scopes\":%zu,\"expires_at\":%" PRId64, reeve_token_scope_count(token),
           reeve_token_expires_at(token));
    text("account", reeve_token_account(token));
  } else if (error == REEVE_CONSENT_REQUIRED) {
    const reeve_reply* told = reeve_last_reply(connection);
    text("url", reeve_reply_text(told, "url"));
    text("reason", reeve_reply_text(told, "reason"));
    snprintf(request, sizeof(request), "%s", reeve_reply_text(told, "request"));
  }
  return error;
}

static void open_session(char* words[]) {
  reeve_identity who = REEVE_IDENTITY_INIT;
  reeve_error error;
  who.as = "token";
  who.user_token = words[1];
  if (words[2] != NULL) who.lifetime = atoi(words[2]);
  reeve_free_session(session);
  session = NULL;
  error = reeve_open_session(connection, &who, 30000, &session);
  done(error);
  if (error == REEVE_OK) text("subject", reeve_session_subject(session));
}

static void await_consent(void) {
  reeve_consent consent = REEVE_PENDING;
  reeve_error error =
      reeve_await_consent(connection, reeve_session_handle(session), request, 60000, &consent);
  done(error);
  if (error == REEVE_OK) printf(",\"consent\":%d", (int)consent);
}

static void next(char* words[]) {
  reeve_error error;
  reeve_free_reply(event);
  event = NULL;
  error = reeve_next(connection, atoi(words[1]), &event);
  done(error);
  if (error == REEVE_OK) text("event", reeve_reply_text(event, "event"));
}

static void run(char* words[]) {
  const char* verb = words[0];
  if (strcmp(verb, "connect") == 0) {
    reeve_free_connection(connection);
    connection = NULL;
    done(reeve_connect(words[1], 10000, &connection));
  } else if (strcmp(verb, "open") == 0) {
    open_session(words);
  } else if (strcmp(verb, "token") == 0) {
    get_token(words);
  } else if (strcmp(verb, "await") == 0) {
    await_consent();
  } else if (strcmp(verb, "report") == 0) {
    done(reeve_report_invalid(connection, reeve_session_handle(session), reeve_token_id(token),
                              30000));
  } else if (strcmp(verb, "watch") == 0) {
    done(reeve_watch(connection, reeve_session_handle(session), 30000));
  } else if (strcmp(verb, "next") == 0) {
    next(words);
  } else if (strcmp(verb, "close") == 0) {
    done(reeve_close_session(connection, reeve_session_handle(session), 30000));
  } else {
    done(REEVE_INVALID_ARGUMENT);
  }
}

int main(void) {
  static char line[65536];
  while (fgets(line, sizeof(line), stdin) != NULL) {
    char* words[8] = {NULL};
    size_t count = 0;
    char* word = strtok(line, " \n");
    for (; word != NULL && count < 7; word = strtok(NULL, " \n")) words[count++] = word;
    if (count == 0) continue;
    run(words);
    printf("}\n");
    fflush(stdout);
  }
  reeve_free_reply(event);
  reeve_free_token(token);
  reeve_free_session(session);
  reeve_free_connection(connection);
  return 0;
}
