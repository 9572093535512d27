/* reeve.h: the C interface of libreeve, the way to reeved, which lends agents the OAuth access
 * tokens of the users they act for.
 *
 *   reeve_connection* reeve = NULL;
 *   reeve_session* alice = NULL;
 *   reeve_token* token = NULL;
 *   reeve_identity who = REEVE_IDENTITY_INIT;
 *   who.as = "token";
 *   who.user_token = jwt;                      // of the user's sign-in at your agent
 *   reeve_token_request ask = REEVE_TOKEN_REQUEST_INIT;
 *   ask.provider = "github";
 *   reeve_error error = reeve_connect(NULL, 5000, &reeve);
 *   if (!error) error = reeve_open_session(reeve, &who, 5000, &alice);
 *   if (!error) error = reeve_get_token(reeve, reeve_session_handle(alice), &ask, 60000, &token);
 *   if (error == REEVE_CONSENT_REQUIRED) {     // show both to that user, and to nobody else
 *     const reeve_reply* told = reeve_last_reply(reeve);
 *     show(reeve_reply_text(told, "url"), reeve_reply_text(told, "phrase"));
 *     reeve_consent consent;
 *     error = reeve_await_consent(reeve, reeve_session_handle(alice),
 *                                 reeve_reply_text(told, "request"), 600000, &consent);
 *     if (!error && consent == REEVE_GRANTED) ... call reeve_get_token() again
 *   }
 *   if (error) fprintf(stderr, "%s: %s\n", reeve_strerror(error), reeve_detail());
 *
 * The calls are those of io.reeve.Agent; its text, io.reeve.Agent.varlink, says what each parameter
 * means and which fields an error has. Any other call of reeved's goes through reeve_call().
 *
 * What the library sees to:
 * - That it talks to the daemon (W8: a false daemon would collect user tokens). On the way from /
 *   to the directory that holds the socket, symlinks resolved, every directory belongs to root, to
 *   the caller (effective uid) or to the configured uid ($REEVE_DAEMON_UID, a number), and nobody
 *   else may write in it. Two allowances: above the last directory a sticky one such as /tmp will
 *   do; and where no uid is configured, a directory in which nobody else may write may hand the
 *   rest of the way to one more account, the keeper (root gives /run/reeve to the daemon's, say).
 *   And whoever listens (SO_PEERCRED) is root or the configured uid; where none is configured root,
 *   the caller or the keeper, or anybody if the directory is root's and there is no keeper. Else
 *   nothing is sent: REEVE_UNTRUSTED. In a container with a user namespace of its own the host's
 *   accounts look like 65534: set REEVE_DAEMON_UID=65534 there.
 * - That every wait ends: each function that waits takes a timeout in milliseconds, more than 0. A
 *   signal that arrives meanwhile (EINTR) neither ends the wait nor makes it longer.
 * - That a reply is whole: UTF-8, strict JSON without duplicate keys, nested at most 16 deep, at
 *   most 1 MiB. So any JSON reader reads the same in it. Fields that are unknown are left alone.
 * - That nothing is left behind: what was sent and received is wiped from memory before it is
 *   freed. No text of an error holds a token or a session's handle.
 *
 * - That a restart of the daemon goes unnoticed: where the daemon has ended the connection, the
 *   typed calls that wait connect once more (and check again) if nothing was sent yet, or if the
 *   call may be carried out twice: reeve_whoami(), reeve_get_token() but for `fresh`,
 *   reeve_await_consent(), reeve_report_invalid(), reeve_watch(). No other function connects again.
 *
 * What it does not do: it starts no thread, installs no signal handler and raises no SIGPIPE,
 * writes nothing anywhere, and needs nothing but libc.
 *
 * Threads: a connection and what came from it is for one thread at a time; a call on a connection
 * that another thread is in fails with REEVE_IN_USE and does nothing. Two connections know nothing
 * of each other. Tokens, sessions, evidence and replies are values: once made they may be read by
 * many threads, each freed by one. reeve_detail() is this thread's own. (reeve_reply_text() writes
 * into its reply: one thread at a time there.)
 *
 * fork: a connection belongs to the process that made it. In a child every call on it fails with
 * REEVE_FORKED, and reeve_free_connection() gives back the child's copy alone.
 *
 * Every function that can fail returns a reeve_error and leaves its out-parameters untouched when
 * it is not REEVE_OK. Times are Unix seconds. Texts are UTF-8 and end with a NUL.
 */
#pragma once

#include <stddef.h> /* NOLINT(modernize-deprecated-headers): C reads it too */
#include <stdint.h> /* NOLINT(modernize-deprecated-headers) */

#ifdef __cplusplus
extern "C" {
#endif

/* Where the system's daemon listens for agents. */
#define REEVE_DEFAULT_SOCKET "/run/reeve/agent/agent.sock"

typedef struct reeve_connection reeve_connection;
typedef struct reeve_reply reeve_reply;
typedef struct reeve_evidence reeve_evidence;
typedef struct reeve_session reeve_session;
typedef struct reeve_token reeve_token;

/* Values are never renumbered; later versions may add some. */
typedef enum reeve_error {
  REEVE_OK = 0,
  /* No answer came, or none was asked for. */
  REEVE_INVALID_ARGUMENT = 1, /* null, no timeout, no method name, no JSON object, no UTF-8 */
  REEVE_NO_MEMORY = 2,        /* memory or file descriptors ran out */
  REEVE_UNAVAILABLE = 3,      /* no daemon there: the socket is absent, or nobody listens */
  REEVE_PERMISSION = 4,       /* the caller may not reach the socket, or is not served on it */
  REEVE_UNTRUSTED = 5,        /* something may stand in the daemon's place; nothing was sent */
  REEVE_CLOSED = 6,    /* the connection is over, and this call was not sent: connect again */
  REEVE_LOST = 7,      /* it ended before the reply: the call may have been carried out */
  REEVE_PROTOCOL = 8,  /* what was answered is no such reply; the connection is over */
  REEVE_TIMEOUT = 9,   /* no reply in time: the call may still be carried out */
  REEVE_TOO_LONG = 10, /* the call is over 256 KiB; nothing was sent */
  REEVE_BUSY = 11,     /* a call or stream is open on this connection: use another one */
  REEVE_FORKED = 12,   /* the connection is another process's: connect again */
  REEVE_END = 13,      /* no call is open on this connection, or its last reply was read */
  REEVE_AGAIN = 14,    /* of reeve_process(): nothing whole came yet, wait for reeve_fd() */
  REEVE_IN_USE = 15,   /* another thread is in a call on this connection: use one each */
  /* The daemon answered with this error; reeve_last_reply() has its fields. */
  REEVE_CONSENT_REQUIRED = 32,   /* show `url` and `phrase` to the user, then await `request` */
  REEVE_DENIED = 33,             /* by the policy, see `reason`: do not try again */
  REEVE_SESSION_INVALID = 34,    /* unknown, ended, or opened elsewhere: open a session */
  REEVE_USER_TOKEN_INVALID = 35, /* see `reason`: get a new one from the user's sign-in */
  REEVE_REQUEST_INVALID = 36,    /* that consent is over or not yours: ask for the token again */
  REEVE_NOT_NOW = 37,            /* the daemon cannot do it now, see `reason`: try again later */
  REEVE_UNKNOWN_PROVIDER = 38,   /* no such `provider` is configured */
  REEVE_PROVIDER_FAILED = 39,    /* see `error`; try again after `retry_after` seconds */
  REEVE_LIMIT_REACHED = 40,      /* see `limit`; wait `retry_after` seconds */
  REEVE_INVALID_PARAMETER = 41,  /* the daemon refused `parameter` */
  REEVE_NOT_SUPPORTED = 42,      /* the daemon does not know this call: it is older */
  REEVE_OTHER_ERROR = 43         /* an error this version does not know: reeve_reply_error() */
} reeve_error;

/* What the error means and what to do, in English, for people; never null. Any thread. */
const char* reeve_strerror(reeve_error error);

/* More about the last failure in this thread, for people: which directory is not trusted, the
 * daemon's `reason`. Empty if there is no more. Holds no token and no handle. Valid until this
 * thread's next call of a function that returns a reeve_error. */
const char* reeve_detail(void);

/* ---- Connections ---- */

/* Connects to the daemon's socket and checks that it is the daemon's; sends nothing. path: null for
 * $REEVE_SOCKET or, without it, that of the user's own daemon, $XDG_RUNTIME_DIR/reeve/agent.sock,
 * where it is there and the caller's, or else REEVE_DEFAULT_SOCKET. (No variable is read in a
 * set-uid program.) Waits only while the daemon's queue of connections is full. */
reeve_error reeve_connect(const char* path, int timeout_ms, reeve_connection** connection);

/* Closes, wipes and frees; null is allowed. This is how a call that is under way is given up. Not
 * while another thread is in a call on it. */
void reeve_free_connection(reeve_connection* connection);

/* ---- Calls that wait. After REEVE_LOST, REEVE_PROTOCOL and REEVE_TIMEOUT the connection is over.
 * Text arguments may lie in what the same connection last told. ---- */

/* What the kernel says of this process, and which workload the policy takes it for. */
reeve_error reeve_whoami(reeve_connection* connection, int timeout_ms, reeve_evidence** evidence);
/* Null where the policy knows no such workload. */
const char* reeve_evidence_workload(const reeve_evidence* evidence);
size_t reeve_evidence_count(const reeve_evidence* evidence);
/* From 0; null beyond the end. */
const char* reeve_evidence_name(const reeve_evidence* evidence, size_t index);
const char* reeve_evidence_value(const reeve_evidence* evidence, size_t index);
void reeve_free_evidence(reeve_evidence* evidence);

/* For whom a session is. Begin with REEVE_IDENTITY_INIT; what does not go with `as` stays null. */
typedef struct reeve_identity {
  size_t size;            /* of this struct, as this program was built */
  const char* as;         /* "token", "asserted", "unix" or "workload" */
  const char* user_token; /* with "token": a JWT made out to this workload's audience */
  const char* issuer;     /* with "asserted": the user's issuer, */
  const char* subject;    /* and name there */
  int64_t lifetime;       /* seconds; 0: what the policy says */
} reeve_identity;
#define REEVE_IDENTITY_INIT \
  { sizeof(reeve_identity), NULL, NULL, NULL, NULL, 0 }

reeve_error reeve_open_session(reeve_connection* connection, const reeve_identity* identity,
                               int timeout_ms, reeve_session** session);
/* A secret, good in this process's container or unit only; never null. */
const char* reeve_session_handle(const reeve_session* session);
int64_t reeve_session_expires_at(const reeve_session* session);
/* Of the user; null where the session is for none, or the daemon did not say. */
const char* reeve_session_issuer(const reeve_session* session);
const char* reeve_session_subject(const reeve_session* session);
const char* reeve_session_name(const reeve_session* session);
/* Wipes and frees the handle. The session itself goes on: reeve_close_session() ends it. */
void reeve_free_session(reeve_session* session);

reeve_error reeve_close_session(reeve_connection* connection, const char* session, int timeout_ms);

/* What to ask for. Begin with REEVE_TOKEN_REQUEST_INIT; null, 0 and REEVE_UNSET: not said. */
#define REEVE_UNSET (-1)
typedef struct reeve_token_request {
  size_t size;               /* of this struct, as this program was built */
  const char* provider;      /* needed: the operator's name for it */
  const char* const* scopes; /* scope_count of them; null: what the operator configured */
  size_t scope_count;
  const char* resource;
  const char* account;
  int64_t min_valid; /* seconds it must still live */
  int fresh;         /* not 0: ask the user again */
  const char* return_url;
  const char* return_state;
  const char* const* acr_values; /* acr_count of them (RFC 9470) */
  size_t acr_count;
  int64_t max_age; /* seconds since the user's sign-in at most (RFC 9470) */
} reeve_token_request;
#define REEVE_TOKEN_REQUEST_INIT                                                                 \
  {                                                                                              \
    sizeof(reeve_token_request), NULL, NULL, 0, NULL, NULL, REEVE_UNSET, 0, NULL, NULL, NULL, 0, \
        REEVE_UNSET                                                                              \
  }

/* REEVE_CONSENT_REQUIRED is the normal answer where the user has not agreed yet. */
reeve_error reeve_get_token(reeve_connection* connection, const char* session,
                            const reeve_token_request* request, int timeout_ms,
                            reeve_token** token);
/* The secret: printable ASCII without blanks, so that a header can carry it. Never null, nor are
 * the id (what reeve_report_invalid() takes; may be logged), the type ("Bearer") and the grant. */
const char* reeve_token_value(const reeve_token* token);
const char* reeve_token_id(const reeve_token* token);
const char* reeve_token_type(const reeve_token* token);
const char* reeve_token_grant(const reeve_token* token);
/* REEVE_UNSET where the provider does not say. */
int64_t reeve_token_expires_at(const reeve_token* token);
size_t reeve_token_scope_count(const reeve_token* token);
/* From 0; null beyond the end. */
const char* reeve_token_scope(const reeve_token* token, size_t index);
/* The user's account at the provider, for people; or null. */
const char* reeve_token_account(const reeve_token* token);
void reeve_free_token(reeve_token* token);

/* How a consent stands. All but the first are final; a status of a later version counts as
 * REEVE_FAILED if it is final, else as REEVE_PENDING. */
typedef enum reeve_consent {
  REEVE_PENDING = 0,
  REEVE_GRANTED = 1,  /* call reeve_get_token() again */
  REEVE_DECLINED = 2, /* by the user */
  REEVE_REFUSED = 3,  /* somebody else opened the link, or a check did not hold */
  REEVE_EXPIRED = 4,  /* nobody answered */
  REEVE_FAILED = 5    /* the provider said no */
} reeve_consent;

/* Waits for the final status; the daemon pushes it. A `reason`, where there is one, is in
 * reeve_last_reply(). After REEVE_TIMEOUT or REEVE_LOST the question is still open: connect and
 * wait again. */
reeve_error reeve_await_consent(reeve_connection* connection, const char* session,
                                const char* request, int timeout_ms, reeve_consent* consent);

/* The API answered 401 to the token with this id: the next reeve_get_token() brings another. */
reeve_error reeve_report_invalid(reeve_connection* connection, const char* session,
                                 const char* token_id, int timeout_ms);

/* Opens the stream of events and waits until it is "ready"; then reeve_next() waits for each. Its
 * reply has `event` (token_refreshed, grant_revoked, session_ended and later ones), `provider` and
 * `grant`, by reeve_reply_text(). */
reeve_error reeve_watch(reeve_connection* connection, const char* session, int timeout_ms);

/* Any call ("io.reeve.Agent.WhoAmI") that has one reply. parameters: the text of a JSON object, or
 * null for none. An error that the daemon answers with is a reply like any other here, REEVE_OK. */
reeve_error reeve_call(reeve_connection* connection, const char* method, const char* parameters,
                       int timeout_ms, reeve_reply** reply);

/* Any call with `more`; its replies are read with reeve_next(). The timeout is for sending. */
reeve_error reeve_call_more(reeve_connection* connection, const char* method,
                            const char* parameters, int timeout_ms);

/* Waits for the next reply of the open stream; REEVE_END after the one that does not continue.
 * After REEVE_TIMEOUT the stream is still open and can be waited on again. */
reeve_error reeve_next(reeve_connection* connection, int timeout_ms, reeve_reply** reply);

/* The error the daemon last answered with to a call above that is not reeve_call() or reeve_next(),
 * or the last reply of reeve_await_consent(); null for none. The connection's, until its next call
 * is answered. */
const reeve_reply* reeve_last_reply(const reeve_connection* connection);

/* ---- Replies ---- */

/* The full name of the error the daemon answered with ("io.reeve.Agent.Denied"; only letters,
 * digits, dots and dashes), or null for success. Lives as long as the reply. */
const char* reeve_reply_error(const reeve_reply* reply);
/* The same as a value: REEVE_OK or one from REEVE_CONSENT_REQUIRED on (or REEVE_PERMISSION). */
reeve_error reeve_reply_code(const reeve_reply* reply);
/* The parameters, the text of a JSON object ("{}" for none). Lives as long as the reply. It may
 * hold a token: copy no more of it than needed. */
const char* reeve_reply_parameters(const reeve_reply* reply);
/* A text among the parameters, such as "reason"; null if it is absent or no text, holds a NUL, or
 * memory ran out. Lives as long as the reply. */
const char* reeve_reply_text(const reeve_reply* reply, const char* name);
/* A whole number among them, such as "retry_after": REEVE_END if it is absent or none. */
reeve_error reeve_reply_number(const reeve_reply* reply, const char* name, int64_t* number);
/* 1 if another reply follows, else 0. */
int reeve_reply_continues(const reeve_reply* reply);
/* Wipes and frees; null is allowed, as it is for all that free. */
void reeve_free_reply(reeve_reply* reply);

/* What a reply to one of the calls below carries. If it is an error: that error. */
reeve_error reeve_reply_evidence(const reeve_reply* reply, reeve_evidence** evidence);
reeve_error reeve_reply_session(const reeve_reply* reply, reeve_session** session);
reeve_error reeve_reply_token(const reeve_reply* reply, reeve_token** token);
reeve_error reeve_reply_consent(const reeve_reply* reply, reeve_consent* consent);

/* ---- Calls that never wait, for programs with a loop of their own ----
 *
 * One of the reeve_start functions begins a call; then, whenever reeve_fd() is ready for
 * reeve_events(), reeve_process() goes on with it. The loop's own timer ends a call that takes too
 * long: by reeve_free_connection(). One call at a time is open on a connection. */

/* The descriptor to poll (only that); -1 when the connection is over. It does not change but by a
 * call that waits, above. */
int reeve_fd(const reeve_connection* connection);
/* POLLIN, and POLLOUT while a call has not left whole. Ask again after each reeve_process(). */
short reeve_events(const reeve_connection* connection);
/* Sends and reads what can be without waiting. REEVE_OK: a reply, the caller's; if it does not
 * continue the connection is free for the next call. REEVE_AGAIN: poll. REEVE_END: no call is open
 * (if the daemon has hung up meanwhile: REEVE_CLOSED). */
reeve_error reeve_process(reeve_connection* connection, reeve_reply** reply);

/* more: not 0 for a stream of replies. */
reeve_error reeve_start(reeve_connection* connection, const char* method, const char* parameters,
                        int more);
reeve_error reeve_start_whoami(reeve_connection* connection);
reeve_error reeve_start_open_session(reeve_connection* connection, const reeve_identity* identity);
reeve_error reeve_start_close_session(reeve_connection* connection, const char* session);
reeve_error reeve_start_get_token(reeve_connection* connection, const char* session,
                                  const reeve_token_request* request);
/* A stream: a reply at once and at every change. */
reeve_error reeve_start_await_consent(reeve_connection* connection, const char* session,
                                      const char* request);
reeve_error reeve_start_report_invalid(reeve_connection* connection, const char* session,
                                       const char* token_id);
/* A stream: first "ready". */
reeve_error reeve_start_watch(reeve_connection* connection, const char* session);

#ifdef __cplusplus
}
#endif
