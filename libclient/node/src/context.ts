// For whom the code that runs now acts: a session per asynchronous context, so that one process can
// serve many users. Where none was named there is none: nothing falls back to somebody else's.

import { AsyncLocalStorage } from 'node:async_hooks';
import type { Client } from './client.js';
import { NoSession } from './errors.js';
import type { Session } from './session.js';

// A client stands for its default session.
export type Acting = Session | Client;

const current = new AsyncLocalStorage<Acting>();

// Runs the function, and all it awaits, with this session.
export function using<R>(session: Acting, run: () => R): R {
  return current.run(session, run);
}

// The given session, or that of this context.
export function acting(given?: Acting | undefined): Acting {
  const found = given ?? current.getStore();
  if (found === undefined) {
    throw new NoSession('nobody to act for here: name a session, or run this inside using(session, ...)');
  }
  return found;
}
