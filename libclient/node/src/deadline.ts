// Until when something may take, and by whom it may be ended: a point in time and an AbortSignal.

import { Timeout } from './errors.js';

const LONGEST_TIMER = 2 ** 31 - 1;

// How a caller bounds a call.
export interface Bounds {
  // Milliseconds; Infinity waits for ever.
  readonly timeoutMs?: number | undefined;
  // Ends the wait at once, with the signal's reason.
  readonly signal?: AbortSignal | undefined;
}

export class Deadline {
  readonly #end: number;
  readonly #milliseconds: number;

  constructor(milliseconds: number, readonly signal?: AbortSignal | undefined) {
    if (!(milliseconds > 0)) throw new TypeError('timeoutMs is a number of milliseconds over 0');
    this.#milliseconds = milliseconds;
    this.#end = performance.now() + milliseconds;
  }

  // Throws once it has passed or was aborted.
  check(): void {
    this.signal?.throwIfAborted();
    if (performance.now() >= this.#end) throw this.timeout();
  }

  timeout(): Timeout {
    return new Timeout(`no answer within ${this.#milliseconds} ms: the daemon may be busy or waiting `
      + 'for a provider; try again or give a longer timeout');
  }

  // Waits for the promise, but no longer than this. A promise that is left is not cancelled.
  async race<T>(promise: Promise<T>): Promise<T> {
    this.check();
    let end = (): void => {};
    const ended = new Promise<never>((_, reject) => {
      const left = this.#end - performance.now();
      const timer = left < LONGEST_TIMER ? setTimeout(() => reject(this.timeout()), left) : undefined;
      const abort = (): void => reject(this.signal?.reason);
      this.signal?.addEventListener('abort', abort, { once: true });
      end = () => {
        clearTimeout(timer);
        this.signal?.removeEventListener('abort', abort);
      };
    });
    try {
      return await Promise.race([promise, ended]);
    } finally {
      end();
    }
  }

  async sleep(milliseconds: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    try {
      await this.race(new Promise<void>((done) => { timer = setTimeout(done, milliseconds); }));
    } finally {
      clearTimeout(timer);
    }
  }
}
