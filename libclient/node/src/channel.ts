// Calls to the daemon: some kept connections for calls, an own one for each stream.
//
// Each call has a connection to itself, so that one that waits for a provider keeps no other
// waiting; idle ones are kept for the next, and at most MAX_OPEN calls are on their way, the rest
// wait their turn. A call that is aborted or late closes its connection, so that nobody reads the
// answer that was meant for another.
//
// The daemon may restart at any moment. If a connection, kept or new, ends before a byte of an answer
// came, the call is repeated once on a new one, where it does no harm if the daemon carries it out
// twice. Other calls go out on new connections only, and once.

import { Connection, ConnectionLost } from './connection.js';
import type { Deadline } from './deadline.js';
import { ProtocolError } from './errors.js';
import { encodeCall, type Reply } from './frames.js';
import type { Fields } from './json.js';
import { AGENT, unwrap } from './reply.js';

const MAX_OPEN = 16;

export class Channel {
  readonly path: string;
  readonly #idle: Connection[] = [];
  readonly #waiting: (() => void)[] = [];
  #open = 0;

  constructor(path: string) {
    this.path = path;
  }

  // One call, one answer. repeat: it does no harm if the daemon carries it out twice.
  async call(method: string, parameters: Fields, deadline: Deadline, repeat: boolean): Promise<Fields> {
    const frame = encodeCall(AGENT + method, parameters);
    await this.#turn(deadline);
    try {
      const kept = repeat ? this.#take() : null;
      try {
        return unwrap(await this.#once(kept ?? await Connection.open(this.path, deadline), frame, deadline));
      } catch (error) {
        if (!repeat || !(error instanceof ConnectionLost)) throw error;
      }
      return unwrap(await this.#once(await Connection.open(this.path, deadline), frame, deadline));
    } finally {
      this.#open -= 1;
      this.#waiting.shift()?.();
    }
  }

  // Sends a call with `more` on a new connection and returns that.
  async stream(method: string, parameters: Fields, deadline: Deadline): Promise<Connection> {
    const frame = encodeCall(AGENT + method, parameters, true);
    const connection = await Connection.open(this.path, deadline);
    connection.send(frame);
    return connection;
  }

  // Drops the idle connections; the next call makes a new one.
  close(): void {
    for (const connection of this.#idle.splice(0)) connection.close();
  }

  async #turn(deadline: Deadline): Promise<void> {
    deadline.check();
    while (this.#open >= MAX_OPEN) {
      let mine = (): void => {};
      const freed = new Promise<void>((resolve) => { mine = resolve; });
      this.#waiting.push(mine);
      try {
        await deadline.race(freed);
      } catch (error) {
        const at = this.#waiting.indexOf(mine);
        if (at >= 0) this.#waiting.splice(at, 1);
        else this.#waiting.shift()?.();  // it was our turn: the next one's, then
        throw error;
      }
    }
    this.#open += 1;
  }

  #take(): Connection | null {
    for (let kept = this.#idle.pop(); kept !== undefined; kept = this.#idle.pop()) {
      if (kept.quiet) return kept;
      kept.close();
    }
    return null;
  }

  // One attempt. The connection is kept if it is in step afterwards, else closed.
  async #once(connection: Connection, frame: Buffer, deadline: Deadline): Promise<Reply> {
    try {
      connection.send(frame);
      const reply = await connection.receive(deadline);
      if (reply.continues) throw new ProtocolError('the daemon sent a stream for a single answer');
      connection.rest();
      this.#idle.push(connection);
      return reply;
    } catch (error) {
      connection.close();
      throw error;
    }
  }
}
