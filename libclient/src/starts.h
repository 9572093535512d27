// The calls of io.reeve.Agent, begun on a connection: their parameters from C's arguments. Shared
// by the reeve_start functions and those that wait.
#pragma once

#include "src/connection.h"

namespace reeve::client {

reeve_error start_whoami(reeve_connection& connection);
reeve_error start_open_session(reeve_connection& connection, const reeve_identity* identity);
reeve_error start_close_session(reeve_connection& connection, const char* session);
reeve_error start_get_token(reeve_connection& connection, const char* session,
                            const reeve_token_request* request);
reeve_error start_await_consent(reeve_connection& connection, const char* session,
                                const char* request);
reeve_error start_report_invalid(reeve_connection& connection, const char* session,
                                 const char* token_id);
reeve_error start_watch(reeve_connection& connection, const char* session);

}  // namespace reeve::client
