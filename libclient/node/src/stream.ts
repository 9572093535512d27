// The answers to one call with `more`, as an async iterator, on a connection of its own.
//
// The connection is made at the first step. The iterator ends with the last answer, by close(), or
// by leaving the loop. A Timeout leaves it usable: the next step waits on. Any other error ends it,
// an abort too.

import { type Connection, ConnectionLost } from './connection.js';
import type { Deadline } from './deadline.js';
import { ReeveError, Timeout } from './errors.js';
import type { Fields } from './json.js';
import { unwrap } from './reply.js';

export class Stream<T> implements AsyncIterableIterator<T> {
  readonly #connect: (deadline: Deadline) => Promise<Connection>;
  readonly #make: (fields: Fields) => T;
  readonly #deadline: (first: boolean) => Deadline;
  #connection: Connection | null = null;
  #over = false;
  #busy = false;
  #first = true;

  constructor(connect: (deadline: Deadline) => Promise<Connection>, make: (fields: Fields) => T,
    deadline: (first: boolean) => Deadline) {
    this.#connect = connect;
    this.#make = make;
    this.#deadline = deadline;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<T>> {
    if (this.#busy) throw new ReeveError('somebody waits on this stream already: one step at a time');
    this.#busy = true;
    try {
      return this.#over ? { done: true, value: undefined } : await this.#step();
    } finally {
      this.#busy = false;
      if (this.#over) this.close();
    }
  }

  async #step(): Promise<IteratorResult<T>> {
    try {
      const deadline = this.#deadline(this.#first);
      this.#connection ??= await this.#connect(deadline);
      const reply = await this.#connection.receive(deadline);
      this.#first = false;
      this.#over ||= !reply.continues;
      return { done: false, value: this.#make(unwrap(reply)) };
    } catch (error) {
      if (error instanceof ConnectionLost && this.#over) return { done: true, value: undefined };
      this.#over ||= !(error instanceof Timeout);
      throw error;
    }
  }

  // Ends the stream. A step that waits ends too.
  close(): void {
    this.#over = true;
    this.#connection?.close();
    this.#connection = null;
  }

  async return(): Promise<IteratorResult<T>> {
    this.close();
    return { done: true, value: undefined };
  }
}
