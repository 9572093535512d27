// requiresToken: a function that needs a token gets one, and its callers do not see it.
//
//   const listIssues = requiresToken({ provider: 'github', scopes: ['repo'] },
//     async (token, repository: string) => ...);
//   await using(session, () => listIssues('reeve'));
//
// A tool's schema describes what its callers give: here `repository`, and never the token.

import { type Acting, acting } from './context.js';
import type { TokenOptions } from './session.js';
import type { Token } from './token.js';

export interface RequiresToken extends Omit<TokenOptions, 'wait'> {
  readonly provider: string;
  // "push" (the default) shows the consent by onConsent and waits for the user; "raise" throws
  // ConsentRequired.
  readonly wait?: 'push' | 'raise' | undefined;
  // Whose token; by default that of using().
  readonly session?: Acting | undefined;
}

export function requiresToken<A extends unknown[], R>(options: RequiresToken,
  run: (token: Token, ...args: A) => R): (...args: A) => Promise<Awaited<R>> {
  const { provider, wait = 'push', session, ...ask } = options;
  if (wait !== 'push' && wait !== 'raise') throw new TypeError('wait is "push" or "raise"');
  return async (...args: A): Promise<Awaited<R>> => {
    const token = await acting(session).token(provider, { ...ask, wait: wait === 'push' });
    return await run(token, ...args);
  };
}
