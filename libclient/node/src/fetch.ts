// fetch with the user's token: a 401 is reported to the daemon and the request sent once more.

import { type Acting, acting } from './context.js';
import type { TokenOptions } from './session.js';

export interface FetchOptions extends Omit<TokenOptions, 'signal'> {
  // Whose token; by default that of using().
  readonly session?: Acting | undefined;
  // By default the global one.
  readonly fetch?: typeof fetch | undefined;
}

// A function like fetch. Another host, to which a redirect leads, gets no token (fetch itself takes
// the header away), and its 401 is no reason to ask for a new one. The request's signal also ends
// the asking for a token.
export function tokenFetch(provider: string, options: FetchOptions = {}): typeof fetch {
  const { session: given, fetch: send = globalThis.fetch, ...ask } = options;
  return async (input, init) => {
    const session = acting(given);
    const request = new Request(input, init);
    const { signal } = request;
    const again = request.clone();  // a body can be read only once
    const token = await session.token(provider, { ...ask, signal });
    request.headers.set('authorization', `Bearer ${token}`);
    const response = await send(request);
    if (response.status !== 401 || new URL(response.url || request.url).origin !== new URL(request.url).origin) {
      await again.body?.cancel();
      return response;
    }
    await session.reportInvalid(token, { signal });
    const fresh = await session.token(provider, { ...ask, signal });
    if (String(fresh) === String(token)) {
      await again.body?.cancel();
      return response;
    }
    await response.body?.cancel();
    again.headers.set('authorization', `Bearer ${fresh}`);
    return send(again);
  };
}
