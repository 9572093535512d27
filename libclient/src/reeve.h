/* reeve.h: the C interface of libreeve, the way to reeved from any language.
 *
 * reeved speaks Varlink: a call is a method's name and its parameters, a JSON object; a reply is an
 * error's name or none, and parameters, a JSON object. This library carries calls and replies and
 * leaves reading the JSON to the program, which has a reader of its own; the methods are documented
 * in io.reeve.Agent.varlink and io.reeve.Admin.varlink.
 *
 * What it sees to:
 * - That it talks to the daemon (W8: a false daemon would collect user tokens). On the way from /
 * to the directory that holds the socket, symlinks resolved, every directory belongs to root, to
 * the caller (effective uid) or to the configured uid ($REEVE_DAEMON_UID, a number), and nobody
 * else may write in it. Two allowances: above the last directory a sticky one such as /tmp will do;
 *   and where no uid is configured, a directory in which nobody else may write may hand the rest
 *   of the way to one more account, the keeper (root gives /run/reeve to the daemon's, say). And
 *   whoever listens (SO_PEERCRED) is root or the configured uid; where none is configured root, the
 *   caller or the keeper, or anybody if the directory is root's and there is no keeper. Else
 *   nothing is sent: REEVE_UNTRUSTED. In a container with a user namespace of its own the host's
 *   accounts look like 65534: set REEVE_DAEMON_UID=65534 there.
 * - That every wait ends: each function that waits takes a timeout in milliseconds, more than 0.
 * - That a reply is whole: UTF-8, strict JSON without duplicate keys, nested at most 16 deep, at
 *   most 1 MiB. So any JSON reader reads the same in it.
 * - That nothing is left behind: what was sent and received is wiped from memory before it is
 * freed.
 *
 * What it does not do: it starts no thread, installs no signal handler and raises no SIGPIPE, does
 * not connect again by itself, writes nothing anywhere, and lets no exception out. A connection is
 * for one thread at a time; two connections know nothing of each other.
 *
 * fork: a connection belongs to the process that made it. In a child every call on it fails with
 * REEVE_FORKED and reeve_free_connection() gives back the child's copy alone.
 *
 * Every function that can fail returns a reeve_error and leaves its out-parameters untouched when
 * it is not REEVE_OK. An error that the daemon answers with is a reply like any other, REEVE_OK.
 */
#pragma once

#ifdef __cplusplus
extern "C" {
#endif

/* Where the daemon listens for agents, unless $REEVE_SOCKET says otherwise. */
#define REEVE_DEFAULT_SOCKET "/run/reeve/agent/agent.sock"

typedef struct reeve_connection reeve_connection;
typedef struct reeve_reply reeve_reply;

/* Values are never renumbered; later versions may add some. */
typedef enum reeve_error {
  REEVE_OK = 0,
  REEVE_INVALID_ARGUMENT = 1, /* null, no timeout, no method name, no JSON object */
  REEVE_NO_MEMORY = 2,        /* memory or file descriptors ran out */
  REEVE_UNAVAILABLE = 3,      /* no daemon there: the socket is absent, or nobody listens */
  REEVE_PERMISSION = 4,       /* the caller may not reach the socket */
  REEVE_UNTRUSTED = 5,        /* something may stand in the daemon's place; nothing was sent */
  REEVE_CLOSED = 6,    /* the connection is over, and this call was not sent: connect again */
  REEVE_LOST = 7,      /* it ended before the reply: the call may have been carried out */
  REEVE_PROTOCOL = 8,  /* what was answered is no Varlink reply; the connection is over */
  REEVE_TIMEOUT = 9,   /* no reply in time: the call may still be carried out */
  REEVE_TOO_LONG = 10, /* the call is over 256 KiB; nothing was sent */
  REEVE_BUSY = 11,     /* a stream is open on this connection: use another one */
  REEVE_FORKED = 12,   /* the connection is another process's: connect again */
  REEVE_END = 13       /* no stream is open on this connection, or its last reply was read */
} reeve_error;

/* Connects to the daemon's socket and checks that it is the daemon's; sends nothing. path: null for
 * $REEVE_SOCKET or, without it, REEVE_DEFAULT_SOCKET. (Neither variable is read in a set-uid
 * program.) */
reeve_error reeve_connect(const char* path, int timeout_ms, reeve_connection** connection);

/* Calls a method ("io.reeve.Agent.WhoAmI") and waits for its one reply. parameters: the text of a
 * JSON object, or null for none. After REEVE_LOST, REEVE_PROTOCOL and REEVE_TIMEOUT the connection
 * is over. The reply is the caller's, and outlives the connection. */
reeve_error reeve_call(reeve_connection* connection, const char* method, const char* parameters,
                       int timeout_ms, reeve_reply** reply);

/* Calls a method with `more`; its replies are read with reeve_next(). The timeout is for sending.
 */
reeve_error reeve_call_more(reeve_connection* connection, const char* method,
                            const char* parameters, int timeout_ms);

/* Waits for the next reply of the open stream; REEVE_END after the one that does not continue.
 * After REEVE_TIMEOUT the stream is still open and can be waited on again. Freeing the connection
 * is how a stream is given up. */
reeve_error reeve_next(reeve_connection* connection, int timeout_ms, reeve_reply** reply);

/* The full name of the error the daemon answered with ("io.reeve.Agent.Denied"; only letters,
 * digits, dots and dashes), or null for success. Lives as long as the reply. */
const char* reeve_reply_error(const reeve_reply* reply);

/* The parameters, the text of a JSON object ("{}" for none). Lives as long as the reply. It may
 * hold a token: copy no more of it than needed. */
const char* reeve_reply_parameters(const reeve_reply* reply);

/* 1 if another reply follows, else 0. */
int reeve_reply_continues(const reeve_reply* reply);

/* Wipe and free; null is allowed. */
void reeve_free_reply(reeve_reply* reply);
void reeve_free_connection(reeve_connection* connection);

/* What the error means and what to do, in English, for people; never null. */
const char* reeve_strerror(reeve_error error);

/* More about the last failure in this thread, for people: which directory is not trusted, say.
 * Empty if there is no more. Holds no byte that was sent or received. Valid until this thread's
 * next call of a function that returns a reeve_error. */
const char* reeve_detail(void);

#ifdef __cplusplus
}
#endif
