/* The client under the scenarios of clients.test.mjs: C, by libreeve. The commands are in
 * client.mjs. Each runs in a thread and on a connection of its own, and says what came as it came:
 * {"id": N, "reply": {...}}, {"id": N, "ask": {...}} where the user must be asked, {"id": N,
 * "error": "...", "parameters": {...}}. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "reeve.h"

enum { LIMIT = 60000, SIZE = 8192, SESSIONS = 16 };

static const char* const names[] = {"REEVE_OK",         "REEVE_INVALID_ARGUMENT",
                                    "REEVE_NO_MEMORY",  "REEVE_UNAVAILABLE",
                                    "REEVE_PERMISSION", "REEVE_UNTRUSTED",
                                    "REEVE_CLOSED",     "REEVE_LOST",
                                    "REEVE_PROTOCOL",   "REEVE_TIMEOUT",
                                    "REEVE_TOO_LONG",   "REEVE_BUSY",
                                    "REEVE_FORKED",     "REEVE_END"};

/* Sessions by name; the harness opens one before it uses it. */
static char sessions[SESSIONS][2][128];

typedef struct {
  int id;
  char words[6][SIZE];
  reeve_connection* connection;
} command;

static void fail(const command* now, reeve_error error) {
  const size_t count = sizeof(names) / sizeof(names[0]);
  const char* name = (size_t)error < count ? names[error] : "REEVE_OTHER";
  printf("{\"id\":%d,\"error\":\"%s\",\"parameters\":{}}\n", now->id, name);
}

/* Of a text without escapes in a JSON object: handles, links and statuses are such. */
static const char* value(const char* json, const char* name, char* to, size_t size) {
  char key[64];
  const char* at;
  size_t length;
  snprintf(key, sizeof(key), "\"%s\":\"", name);
  at = strstr(json, key);
  to[0] = '\0';
  if (at == NULL) return to;
  at += strlen(key);
  length = strcspn(at, "\"");
  if (length < size) snprintf(to, size, "%.*s", (int)length, at);
  return to;
}

/* Tells a reply and frees it; 1 if it was one that is no error. */
static int tell(const command* now, const char* as, reeve_reply* reply) {
  const char* error = reeve_reply_error(reply);
  if (error != NULL) {
    const char* dot = strrchr(error, '.');
    printf("{\"id\":%d,\"error\":\"%s\",\"parameters\":%s}\n", now->id, dot + 1,
           reeve_reply_parameters(reply));
  } else {
    printf("{\"id\":%d,\"%s\":%s}\n", now->id, as, reeve_reply_parameters(reply));
  }
  reeve_free_reply(reply);
  return error == NULL;
}

static const char* handle(const char* name) {
  int i;
  for (i = 0; i < SESSIONS; ++i) {
    if (strcmp(sessions[i][0], name) == 0) return sessions[i][1];
  }
  return "none";
}

static void open_session(command* now) {
  char parameters[SIZE + 128], lifetime[32] = "";
  reeve_reply* reply = NULL;
  reeve_error error;
  int i = 0;
  if (now->words[3][0] != '-')
    snprintf(lifetime, sizeof(lifetime), ",\"lifetime\":%d", atoi(now->words[3]));
  snprintf(parameters, sizeof(parameters), "{\"as\":\"token\",\"user_token\":\"%s\"%s}",
           now->words[2], lifetime);
  error = reeve_call(now->connection, "io.reeve.Agent.OpenSession", parameters, LIMIT, &reply);
  if (error != REEVE_OK) {
    fail(now, error);
    return;
  }
  while (sessions[i][0][0] != '\0') ++i;
  value(reeve_reply_parameters(reply), "session", sessions[i][1], sizeof(sessions[i][1]));
  snprintf(sessions[i][0], sizeof(sessions[i][0]), "%.100s", now->words[1]);
  tell(now, "reply", reply);
}

/* Waits for the end of a consent; tells it where it is not "granted". */
static int granted(command* now, const char* parameters) {
  reeve_reply* reply = NULL;
  reeve_error error =
      reeve_call_more(now->connection, "io.reeve.Agent.AwaitConsent", parameters, LIMIT);
  char status[32] = "pending";
  while (error == REEVE_OK && strcmp(status, "pending") == 0) {
    error = reeve_next(now->connection, LIMIT, &reply);
    if (error != REEVE_OK) break;
    value(reeve_reply_parameters(reply), "status", status, sizeof(status));
    if (strcmp(status, "pending") != 0 && strcmp(status, "granted") != 0) tell(now, "ended", reply);
    else reeve_free_reply(reply);
  }
  if (error != REEVE_OK) fail(now, error);
  return error == REEVE_OK && strcmp(status, "granted") == 0;
}

static void get_token(command* now) {
  char parameters[SIZE], scopes[256] = "", valid[64] = "", await[512], request[256];
  char *scope, *rest;
  reeve_reply* reply = NULL;
  reeve_error error;
  size_t used = 0;
  if (now->words[3][0] != '-') {
    for (scope = strtok_r(now->words[3], ",", &rest); scope != NULL;
         scope = strtok_r(NULL, ",", &rest)) {
      used += (size_t)snprintf(scopes + used, sizeof(scopes) - used, "%s\"%s\"",
                               used > 0 ? "," : ",\"scopes\":[", scope);
    }
    snprintf(scopes + used, sizeof(scopes) - used, "]");
  }
  if (now->words[5][0] != '-')
    snprintf(valid, sizeof(valid), ",\"min_valid\":%d", atoi(now->words[5]));
  snprintf(parameters, sizeof(parameters), "{\"session\":\"%s\",\"provider\":\"%.64s\"%s%s}",
           handle(now->words[1]), now->words[2], scopes, valid);
  error = reeve_call(now->connection, "io.reeve.Agent.GetToken", parameters, LIMIT, &reply);
  if (error == REEVE_OK && strcmp(now->words[4], "wait") == 0 && reeve_reply_error(reply) != NULL) {
    value(reeve_reply_parameters(reply), "request", request, sizeof(request));
    printf("{\"id\":%d,\"ask\":%s}\n", now->id, reeve_reply_parameters(reply));
    fflush(stdout);
    reeve_free_reply(reply);
    snprintf(await, sizeof(await), "{\"session\":\"%s\",\"request\":\"%s\"}", handle(now->words[1]),
             request);
    if (!granted(now, await)) return;
    error = reeve_call(now->connection, "io.reeve.Agent.GetToken", parameters, LIMIT, &reply);
  }
  if (error == REEVE_OK) tell(now, "reply", reply);
  else fail(now, error);
}

static void watch(command* now) {
  char parameters[256];
  reeve_reply* reply = NULL;
  reeve_error error;
  snprintf(parameters, sizeof(parameters), "{\"session\":\"%s\"}", handle(now->words[1]));
  error = reeve_call_more(now->connection, "io.reeve.Agent.Watch", parameters, LIMIT);
  while (error == REEVE_OK) {
    error = reeve_next(now->connection, LIMIT, &reply);
    if (error == REEVE_OK && !tell(now, "reply", reply)) return;
    fflush(stdout);
  }
  fail(now, error);
}

static void call(command* now, const char* method, const char* parameters) {
  reeve_reply* reply = NULL;
  const reeve_error error = reeve_call(now->connection, method, parameters, LIMIT, &reply);
  if (error == REEVE_OK) tell(now, "reply", reply);
  else fail(now, error);
}

static void* run(void* argument) {
  command* now = argument;
  const char* verb = now->words[0];
  const char* path = strcmp(verb, "whoami") == 0 ? now->words[1] : NULL;
  char parameters[512];
  const reeve_error error = reeve_connect(path, LIMIT, &now->connection);
  if (error != REEVE_OK) {
    fail(now, error);
  } else if (strcmp(verb, "open") == 0) {
    open_session(now);
  } else if (strcmp(verb, "token") == 0) {
    get_token(now);
  } else if (strcmp(verb, "watch") == 0) {
    watch(now);
  } else if (strcmp(verb, "report") == 0) {
    snprintf(parameters, sizeof(parameters), "{\"session\":\"%s\",\"token\":\"%.200s\"}",
             handle(now->words[1]), now->words[2]);
    call(now, "io.reeve.Agent.ReportInvalid", parameters);
  } else {
    call(now, "io.reeve.Agent.WhoAmI", NULL);
  }
  fflush(stdout);
  reeve_free_connection(now->connection);
  free(now);
  return NULL;
}

int main(void) {
  static char line[SIZE * 2];
  while (fgets(line, sizeof(line), stdin) != NULL) {
    command* now = calloc(1, sizeof(*now));
    pthread_t thread;
    int i;
    char* word = strtok(line, " \n");
    if (now == NULL || word == NULL) return 1;
    now->id = atoi(word);
    for (i = 0; i < 6 && (word = strtok(NULL, " \n")) != NULL; ++i)
      snprintf(now->words[i], SIZE, "%s", word);
    if (pthread_create(&thread, NULL, run, now) != 0) return 1;
    pthread_detach(thread);
  }
  return 0;
}
