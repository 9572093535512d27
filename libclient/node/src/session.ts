// A session: this workload, in this container or unit, acts for this user until then.

import type { Channel } from './channel.js';
import { type ConsentStatus, longest, type OnConsent, printConsent, statusFrom, waitFor } from './consent.js';
import { type Bounds, Deadline } from './deadline.js';
import { ConsentRequired, SessionInvalid } from './errors.js';
import type { Fields } from './json.js';
import { integer, maybeStruct, maybeText, struct, text } from './reply.js';
import { Stream } from './stream.js';
import { Token } from './token.js';

// A person, named by issuer and subject; the name is for people only.
export interface User {
  readonly issuer: string;
  readonly subject: string;
  readonly name: string | null;
}

// ready, token_refreshed, grant_revoked, session_ended, or a later one.
export interface WatchEvent {
  readonly event: string;
  readonly provider: string | null;
  readonly grant: string | null;
}

export interface TokenOptions extends Bounds {
  readonly scopes?: readonly string[] | undefined;
  readonly resource?: string | undefined;
  readonly account?: string | undefined;          // which, where the user has several
  readonly minValid?: number | undefined;         // seconds it must still live
  readonly fresh?: boolean | undefined;           // ask the user again
  readonly returnUrl?: string | undefined;
  readonly returnState?: string | undefined;
  readonly acrValues?: readonly string[] | undefined;  // what an API demanded (RFC 9470)
  readonly maxAge?: number | undefined;
  readonly wait?: boolean | undefined;            // for the user, where consent is required
  readonly onConsent?: OnConsent | undefined;     // shows it; by default it is printed to stderr
}

export class Session {
  readonly user: User | null;          // for whom; null for the workload itself
  readonly expiresAt: number | null;   // Unix seconds; null where the handle came from elsewhere
  readonly #channel: Channel;
  readonly #timeoutMs: number;
  readonly #handle: string;
  #closed = false;

  // Made by Client.session().
  constructor(channel: Channel, timeoutMs: number, handle: string, user: User | null = null,
    expiresAt: number | null = null) {
    this.#channel = channel;
    this.#timeoutMs = timeoutMs;
    this.#handle = handle;
    this.user = user;
    this.expiresAt = expiresAt;
  }

  static from(channel: Channel, timeoutMs: number, reply: Fields): Session {
    const user = maybeStruct(reply, 'user');
    return new Session(channel, timeoutMs, text(reply, 'session'), user && {
      issuer: text(user, 'issuer'), subject: text(user, 'subject'), name: maybeText(user, 'name'),
    }, integer(reply, 'expires_at'));
  }

  // A secret of this workload, for a child's $REEVE_SESSION.
  get handle(): string {
    return this.#handle;
  }

  // The user's access token at this provider. Without a usable grant it throws ConsentRequired; with
  // `wait` it gives that to onConsent, waits for the user, and returns the token, or throws Declined,
  // Refused, ConsentExpired or ConsentFailed. timeoutMs is for all of it; without one each call has
  // the client's and the user has as long as the daemon gives.
  async token(provider: string, options: TokenOptions = {}): Promise<Token> {
    const { timeoutMs, signal, wait, onConsent } = options;
    const ask = askFor(provider, options);
    const whole = timeoutMs === undefined ? undefined : new Deadline(timeoutMs, signal);
    try {
      return await this.#getToken(ask, whole ?? this.#deadline(signal));
    } catch (error) {
      if (wait !== true || !(error instanceof ConsentRequired)) throw error;
      await (onConsent ?? printConsent)(error);
      const deadline = whole ?? new Deadline(longest(this.#timeoutMs), signal);
      await waitFor(provider, () => this.#listen(error.request, deadline), deadline, this.#timeoutMs);
    }
    // The user has just been asked.
    return this.#getToken({ ...ask, fresh: undefined }, whole ?? this.#deadline(signal));
  }

  // What becomes of a consent: its status now, then each change. `request` is that of a
  // ConsentRequired. The last status is final; timeoutMs is for all of it.
  awaitConsent(request: string, bounds: Bounds = {}): Stream<ConsentStatus> {
    return this.#listen(request,
      new Deadline(bounds.timeoutMs ?? longest(this.#timeoutMs), bounds.signal));
  }

  // The API answered 401 to this token (or token id): the daemon drops it.
  async reportInvalid(token: Token | string, bounds: Bounds = {}): Promise<void> {
    await this.#channel.call('ReportInvalid',
      { session: this.#usable(), token: typeof token === 'string' ? token : token.id },
      this.#deadline(bounds.signal, bounds.timeoutMs), true);
  }

  // Events of this session, from the first step on; the first is `ready`. timeoutMs is for each
  // step; after the Timeout it throws, the watch goes on. DaemonUnavailable when the daemon goes
  // away: watch again.
  watch(bounds: Bounds = {}): Stream<WatchEvent> {
    const fields = { session: this.#usable() };
    return new Stream<WatchEvent>(
      (deadline) => this.#channel.stream('Watch', fields, deadline),
      (reply) => ({ event: text(reply, 'event'), provider: maybeText(reply, 'provider'),
                    grant: maybeText(reply, 'grant') }),
      (first) => new Deadline(bounds.timeoutMs ?? (first ? this.#timeoutMs : Infinity), bounds.signal));
  }

  // Ends the session at the daemon; any number of times.
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    try {
      await this.#channel.call('CloseSession', { session: this.#handle }, this.#deadline(), true);
    } catch (error) {
      if (!(error instanceof SessionInvalid)) throw error;  // else it had ended already
    }
  }

  #deadline(signal?: AbortSignal, timeoutMs = this.#timeoutMs): Deadline {
    return new Deadline(timeoutMs, signal);
  }

  #usable(): string {
    if (this.#closed) throw new SessionInvalid();
    return this.#handle;
  }

  async #getToken(ask: Fields, deadline: Deadline): Promise<Token> {
    const reply = await this.#channel.call('GetToken', { session: this.#usable(), ...ask }, deadline,
      ask['fresh'] !== true);
    return new Token(ask['provider'] as string, struct(reply, 'token'));
  }

  #listen(request: string, deadline: Deadline): Stream<ConsentStatus> {
    const fields = { session: this.#usable(), request };
    return new Stream(() => this.#channel.stream('AwaitConsent', fields, deadline), statusFrom,
      () => deadline);
  }
}

// What GetToken is asked, but for the session.
function askFor(provider: string, options: TokenOptions): Fields {
  for (const list of [options.scopes, options.acrValues]) {
    if (list !== undefined && !Array.isArray(list)) {
      throw new TypeError('scopes and acrValues are arrays of strings');
    }
  }
  return {
    provider, scopes: options.scopes, resource: options.resource, account: options.account,
    min_valid: options.minValid, fresh: options.fresh === true ? true : undefined,
    return_url: options.returnUrl, return_state: options.returnState, acr_values: options.acrValues,
    max_age: options.maxAge,
  };
}
