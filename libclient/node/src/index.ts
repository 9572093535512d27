// reeve: the access tokens that users delegated to this agent, from the Reeve daemon.
//
//   const client = new Client({ userToken: jwt });
//   const token = await client.token('github', { scopes: ['repo'], wait: true });
//   await fetch(url, { headers: { authorization: `Bearer ${token}` } });
//
// Only the daemon ever holds refresh tokens, client secrets and keys. See README.md.

export { Client, type ClientOptions, DEFAULT_SOCKET, type WhoAmI } from './client.js';
export type { ConsentStatus, OnConsent } from './consent.js';
export { type Acting, using } from './context.js';
export type { Bounds } from './deadline.js';
export {
  ConsentEnded, ConsentExpired, ConsentFailed, ConsentRequired, DaemonUnavailable, DaemonUntrusted,
  Declined, Denied, InvalidParameter, LimitReached, MethodNotFound, NoSession, PermissionDenied,
  ProtocolError, ProviderFailed, ReeveError, Refused, RequestInvalid, ServiceError, SessionInvalid,
  Timeout, Unavailable, UnknownError, UnknownProvider, UserTokenInvalid,
} from './errors.js';
export { type FetchOptions, tokenFetch } from './fetch.js';
export type { Identity } from './identity.js';
export { type RequiresToken, requiresToken } from './require.js';
export type { Session, TokenOptions, User, WatchEvent } from './session.js';
export type { Stream } from './stream.js';
export type { Token } from './token.js';
