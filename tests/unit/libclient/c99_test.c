/* reeve.h is C99 by itself; this file only has to compile and link. */
#include "reeve.h"

int reeve_c99_test(void);

int reeve_c99_test(void) {
  reeve_connection* connection = 0;
  reeve_reply* reply = 0;
  reeve_error error = reeve_connect("/nowhere", 1000, &connection);
  if (error == REEVE_OK) error = reeve_call(connection, "io.reeve.Agent.WhoAmI", 0, 1000, &reply);
  reeve_free_reply(reply);
  reeve_free_connection(connection);
  return error == REEVE_UNAVAILABLE && reeve_strerror(error)[0] != 0;
}
