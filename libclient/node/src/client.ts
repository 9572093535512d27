// The client: where the daemon is, and the sessions one opens there.

import { lstatSync } from 'node:fs';

import { Channel } from './channel.js';
import { type Bounds, Deadline } from './deadline.js';
import { SessionInvalid } from './errors.js';
import { fromEnvironment, type Identity, openParameters, ways } from './identity.js';
import { maybeText, textMap } from './reply.js';
import { Session, type TokenOptions } from './session.js';
import type { Token } from './token.js';

export const DEFAULT_SOCKET = '/run/reeve/agent/agent.sock';

// $REEVE_SOCKET, else that of the user's own daemon where it is there and the caller's, else the system's.
function defaultSocket(): string {
  if (process.env['REEVE_SOCKET']) return process.env['REEVE_SOCKET'];
  const runtime = process.env['XDG_RUNTIME_DIR'] ?? '';
  const own = `${runtime}/reeve/agent.sock`;
  const seen = lstatSync(own, { throwIfNoEntry: false });
  const theirs = runtime.startsWith('/') && seen?.isSocket() === true && seen.uid === process.geteuid?.();
  return theirs ? own : DEFAULT_SOCKET;
}

// What the kernel says of this process. No workload: the policy knows none such.
export interface WhoAmI {
  readonly workload: string | null;
  readonly evidence: Record<string, string>;
}

// The identity says for whom the default session acts, which token() uses; without one, the session
// in $REEVE_SESSION, or the user whose token lies in the file $REEVE_USER_TOKEN_FILE.
export interface ClientOptions extends Identity {
  // By default $REEVE_SOCKET, else $XDG_RUNTIME_DIR/reeve/agent.sock where it is the caller's, else
  // /run/reeve/agent/agent.sock.
  readonly socket?: string | undefined;
  // For each call; 30,000 by default, Infinity waits for ever.
  readonly timeoutMs?: number | undefined;
}

// Making a Client connects to nothing. It survives a restart of the daemon, and may be used again
// after close(). Calls do not wait for each other.
export class Client {
  readonly #channel: Channel;
  readonly #timeoutMs: number;
  readonly #identity: Identity;
  readonly #handed: string | null;
  #session: Session | null = null;
  #opening: Promise<Session> | null = null;

  constructor(options: ClientOptions = {}) {
    const { socket, timeoutMs = 30_000, ...identity } = options;
    this.#channel = new Channel(socket ?? defaultSocket());
    this.#timeoutMs = timeoutMs;
    this.#identity = identity;
    this.#handed = ways(identity) > 0 ? null : process.env['REEVE_SESSION'] || null;
  }

  // What the daemon knows of this process, without any session.
  async whoami(bounds: Bounds = {}): Promise<WhoAmI> {
    const reply = await this.#channel.call('WhoAmI', {}, this.#deadline(bounds), true);
    return { workload: maybeText(reply, 'workload'), evidence: textMap(reply, 'evidence') };
  }

  // Opens a session, by exactly one of four ways.
  async session(identity: Identity, bounds: Bounds = {}): Promise<Session> {
    const parameters = openParameters(identity);
    const reply = await this.#channel.call('OpenSession', parameters, this.#deadline(bounds), false);
    return Session.from(this.#channel, this.#timeoutMs, reply);
  }

  // The session that token() uses; opened when first needed, once for all who ask meanwhile.
  async defaultSession(): Promise<Session> {
    return this.#session ?? this.#renew(null);
  }

  // Session.token of the default session, opened anew once if it has ended.
  async token(provider: string, options: TokenOptions = {}): Promise<Token> {
    const session = await this.defaultSession();
    try {
      return await session.token(provider, options);
    } catch (error) {
      if (!(error instanceof SessionInvalid) || this.#handed !== null) throw error;
      return (await this.#renew(session)).token(provider, options);
    }
  }

  // Session.reportInvalid of the default session.
  async reportInvalid(token: Token | string, bounds: Bounds = {}): Promise<void> {
    await (await this.defaultSession()).reportInvalid(token, bounds);
  }

  // Ends the default session, if this client opened it, and drops the connections.
  async close(): Promise<void> {
    const session = this.#session;
    this.#session = null;
    this.#opening = null;
    try {
      if (session !== null && this.#handed === null) await session.close();
    } finally {
      this.#channel.close();
    }
  }

  #deadline(bounds: Bounds): Deadline {
    return new Deadline(bounds.timeoutMs ?? this.#timeoutMs, bounds.signal);
  }

  // Opens the default session, unless somebody has replaced `ended` meanwhile.
  async #renew(ended: Session | null): Promise<Session> {
    if (this.#session !== null && this.#session !== ended) return this.#session;
    this.#session = null;
    const opening = this.#opening ??= this.#first();
    try {
      const session = await opening;
      if (this.#opening === opening) this.#session = session;
      return session;
    } finally {
      if (this.#opening === opening) this.#opening = null;
    }
  }

  async #first(): Promise<Session> {
    if (this.#handed !== null) return new Session(this.#channel, this.#timeoutMs, this.#handed);
    return this.session(ways(this.#identity) > 0 ? this.#identity
      : fromEnvironment(this.#identity.lifetime));
  }
}
