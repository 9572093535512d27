// What can go wrong, one class a case.
//
// Every error of the package is a ReeveError. Programs branch on the class and its fields and never
// parse the text, which says what to do. No text holds a token, a session handle, a ticket or bytes
// of an answer, so errors may be logged; url and phrase of ConsentRequired are for the user's eyes,
// and shown by no printer.

// Foreign text made fit for a message: one line, printable, at most 200 characters.
export function plain(text: string): string {
  const shown = text.replace(/[^\x20-\x7e\u00a1-\ud7ff]/g, '?');
  return shown.length <= 200 ? shown : `${shown.slice(0, 197)}...`;
}

const when = (retryAfter: number | null): string => (
  retryAfter === null ? 'later' : `in ${retryAfter} seconds`);

// A field that a printer of objects (console.log, util.inspect, JSON.stringify) does not show.
function hide(error: Error, fields: Record<string, unknown>): void {
  for (const [name, value] of Object.entries(fields)) {
    Object.defineProperty(error, name, { value, enumerable: false });
  }
}

export class ReeveError extends Error {
  override get name(): string {
    return this.constructor.name;
  }
}

// The way to the daemon.

// No daemon answers: the socket is absent or refused, or the connection ended.
export class DaemonUnavailable extends ReeveError {}

// Something may stand in the daemon's place (the rule is in trust.ts). Nothing was sent.
export class DaemonUntrusted extends ReeveError {}

// The other side does not speak as io.reeve.Agent says; the connection was dropped.
export class ProtocolError extends ReeveError {}

// No answer in time. The daemon may still carry the call out.
export class Timeout extends ReeveError {}

// There is nobody to act for.
export class NoSession extends ReeveError {}

// What the daemon says no with: the errors of io.reeve.Agent, in its order.

// The user must be asked first: show url and phrase to the user, and to nobody else, and wait on
// `request` with Session.awaitConsent(); or call Session.token() with wait, which does both.
export class ConsentRequired extends ReeveError {
  declare readonly url: string | null;
  declare readonly phrase: string | null;
  declare readonly request: string;

  constructor(readonly provider: string, readonly reason: string, url: string | null,
    phrase: string | null, request: string, readonly expiresAt: number) {
    super(`${plain(provider)} needs the user's consent (${plain(reason)}): show the error's url and `
      + 'phrase to the user, or ask again with wait');
    hide(this, { url, phrase, request });
  }
}

// The policy does not allow this to this workload.
export class Denied extends ReeveError {
  constructor(readonly reason: string) {
    super(`denied by policy (${plain(reason)}): ask the operator; \`reeve explain\` shows the rule`);
  }
}

// The session is unknown, ended, or was opened elsewhere; these look the same.
export class SessionInvalid extends ReeveError {
  constructor() {
    super('the session has ended or was not opened by this workload here: open a new one');
  }
}

// The user token does not prove a user to this workload.
export class UserTokenInvalid extends ReeveError {
  constructor(readonly reason: string) {
    super(`the user token was refused (${plain(reason)}): get a new one from the user's sign-in, `
      + "made out to this workload's audience");
  }
}

// No such consent request in this session, or not any more.
export class RequestInvalid extends ReeveError {
  constructor() {
    super('the consent request is unknown or over: ask for the token again');
  }
}

// The daemon cannot do it just now.
export class Unavailable extends ReeveError {
  constructor(readonly reason: string) {
    super(`the daemon cannot do this now (${plain(reason)}): try again later`);
  }
}

// The daemon has no provider of this name.
export class UnknownProvider extends ReeveError {
  constructor(readonly provider: string) {
    super(`no provider "${plain(provider)}" is configured: check the name`);
  }
}

// The provider answered with an error, or not at all; `error` is its OAuth error code.
export class ProviderFailed extends ReeveError {
  constructor(readonly provider: string, readonly error: string,
    readonly description: string | null, readonly retryAfter: number | null) {
    super(`${plain(provider)} failed (${plain(error)}): try again ${when(retryAfter)}`);
  }
}

// Too many at once or too often; `limit` names which limit.
export class LimitReached extends ReeveError {
  constructor(readonly limit: string, readonly retryAfter: number | null) {
    super(`the limit "${plain(limit)}" is reached: close what is not needed, try ${when(retryAfter)}`);
  }
}

// How a consent can end, other than well.
export class ConsentEnded extends ReeveError {
  constructor(readonly provider: string, readonly reason: string | null,
    advice = 'the consent ended without a grant') {
    super(`${plain(provider)}: ${advice}${reason ? ` (${plain(reason)})` : ''}`);
  }
}

// The user said no, here or at the provider.
export class Declined extends ConsentEnded {
  constructor(provider: string, reason: string | null) {
    super(provider, reason, 'the user declined; do not ask again unless the user wants it');
  }
}

// The daemon ended it: somebody else tried to answer for the user.
export class Refused extends ConsentEnded {
  constructor(provider: string, reason: string | null) {
    super(provider, reason,
      'the consent was refused; make sure that the link reaches only its user');
  }
}

// Nobody answered in time.
export class ConsentExpired extends ConsentEnded {
  constructor(provider: string, reason: string | null) {
    super(provider, reason,
      'nobody answered in time; ask for the token again when the user is there');
  }
}

// The provider answered the consent with an error.
export class ConsentFailed extends ConsentEnded {
  constructor(provider: string, reason: string | null) {
    super(provider, reason, 'the consent failed; ask for the token again');
  }
}

// The errors of org.varlink.service, which every Varlink service may answer with.

// The daemon does not understand the call; most often it is older or newer than this.
export class ServiceError extends ReeveError {}

// The daemon has no such method or interface; `missing` is what was not found.
export class MethodNotFound extends ServiceError {
  constructor(readonly missing: string) {
    super(`the daemon does not know ${plain(missing)}: update the daemon or this package`);
  }
}

// An argument was refused; `parameter` is its name in io.reeve.Agent.
export class InvalidParameter extends ServiceError {
  constructor(readonly parameter: string) {
    super(`the daemon refused the parameter "${plain(parameter)}": check its value`);
  }
}

// This socket does not serve this caller.
export class PermissionDenied extends ServiceError {
  constructor() {
    super('the daemon does not serve this caller here: check the socket and the policy');
  }
}

// An error this version does not know; `error` is its Varlink name.
export class UnknownError extends ServiceError {
  constructor(readonly error: string) {
    super(`the daemon answered ${plain(error)}, which is unknown here: update this package`);
  }
}
