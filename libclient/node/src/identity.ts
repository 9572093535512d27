// For whom a session acts: the four ways to say it, and where a default comes from.

import fs from 'node:fs';
import { NoSession } from './errors.js';
import type { Fields } from './json.js';

const MAX_TOKEN_FILE = 64 * 1024;
const WAYS = 'give one of userToken, user, unix: true, workload: true';

// At most one of the first four.
export interface Identity {
  // A JWT of the user's sign-in, for this workload's audience.
  readonly userToken?: string | undefined;
  // Where the policy lets this workload name users.
  readonly user?: { readonly issuer: string; readonly subject: string } | undefined;
  // The user this process runs as.
  readonly unix?: boolean | undefined;
  // No user, the workload itself.
  readonly workload?: boolean | undefined;
  // Seconds, at most what the policy gives.
  readonly lifetime?: number | undefined;
}

// How many of the four were given.
export function ways(identity: Identity): number {
  const { userToken, user, unix, workload } = identity;
  const count = [userToken !== undefined, user !== undefined, unix === true, workload === true]
    .filter(Boolean).length;
  if (count > 1) throw new TypeError(WAYS);
  return count;
}

// The parameters of OpenSession.
export function openParameters(identity: Identity): Fields {
  if (ways(identity) !== 1) throw new TypeError(WAYS);
  const { userToken, user, unix, lifetime } = identity;
  if (userToken !== undefined) return { as: 'token', user_token: userToken, lifetime };
  if (user !== undefined) {
    return { as: 'asserted', user: { issuer: user.issuer, subject: user.subject }, lifetime };
  }
  return { as: unix ? 'unix' : 'workload', lifetime };
}

// The identity in $REEVE_USER_TOKEN_FILE, the name of a file that holds the user token. It is read
// at each opening, since such files are renewed in place. Errors never quote it.
export function fromEnvironment(lifetime: number | undefined): Identity {
  const name = process.env['REEVE_USER_TOKEN_FILE'];
  if (!name) {
    throw new NoSession('nobody to act for: give Client one of userToken, user, unix, workload, or set '
      + 'REEVE_SESSION or REEVE_USER_TOKEN_FILE');
  }
  return { userToken: readToken(name), lifetime };
}

function readToken(name: string): string {
  let raw: string;
  try {
    if (fs.statSync(name).size > MAX_TOKEN_FILE) throw Object.assign(new Error(), { code: 'EFBIG' });
    raw = fs.readFileSync(name, 'latin1').trim();
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'error';
    throw new NoSession(`cannot read the user token in ${name}: ${code}`);
  }
  if (!/^[\x21-\x7e]+$/.test(raw)) {
    throw new NoSession(`${name} does not hold a user token: it is empty or not text`);
  }
  return raw;
}
