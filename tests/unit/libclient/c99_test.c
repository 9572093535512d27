/* reeve.h is C99 by itself, and its first example is too; this file has to compile and link. */
#include "reeve.h"

int reeve_c99_test(const char* path, const char* jwt);

int reeve_c99_test(const char* path, const char* jwt) {
  reeve_connection* reeve = NULL;
  reeve_session* alice = NULL;
  reeve_token* token = NULL;
  reeve_identity who = REEVE_IDENTITY_INIT;
  reeve_token_request ask = REEVE_TOKEN_REQUEST_INIT;
  reeve_error error = reeve_connect(path, 5000, &reeve);
  who.as = "token";
  who.user_token = jwt;
  ask.provider = "github";
  if (!error) error = reeve_open_session(reeve, &who, 5000, &alice);
  if (!error) error = reeve_get_token(reeve, reeve_session_handle(alice), &ask, 5000, &token);
  if (!error && reeve_token_value(token)[0] == '\0') error = REEVE_PROTOCOL;
  reeve_free_token(token);
  reeve_free_session(alice);
  reeve_free_connection(reeve);
  return (int)error;
}
