// An access token: an object that does not show itself.
//
// `Bearer ${token}` and String(token) give the value, nothing else does: console.log, util.inspect,
// JSON.stringify, structuredClone and a debugger's list of properties show what may be logged.

import { inspect } from 'node:util';
import { ProtocolError } from './errors.js';
import type { Fields } from './json.js';
import { maybeInteger, maybeText, text, texts } from './reply.js';

export class Token {
  readonly #value: string;
  readonly provider: string;          // the name it was asked by
  readonly id: string;                // names this token to the daemon, no secret
  readonly grant: string;             // the public id of the grant it comes from
  readonly account: string | null;    // the account at the provider
  readonly scopes: readonly string[];  // what it really carries
  readonly expiresAt: number | null;  // Unix seconds; null where the provider does not say
  readonly tokenType: string;

  // One that could not stand in a header (RFC 6749, A.12) is refused.
  constructor(provider: string, fields: Fields) {
    this.#value = text(fields, 'access_token');
    if (!/^[\x20-\x7e]+$/.test(this.#value)) {
      throw new ProtocolError('the daemon sent a token that no header can carry');
    }
    this.provider = provider;
    this.id = text(fields, 'id');
    this.grant = text(fields, 'grant');
    this.account = maybeText(fields, 'account');
    this.scopes = Object.freeze([...texts(fields, 'scopes')]);
    this.expiresAt = maybeInteger(fields, 'expires_at');
    this.tokenType = text(fields, 'token_type');
    Object.freeze(this);
  }

  toString(): string {
    return this.#value;
  }

  // Also what `token + ''` and a template do; as a number it is none.
  [Symbol.toPrimitive](hint: string): string | number {
    return hint === 'number' ? NaN : this.#value;
  }

  toJSON(): object {
    return { ...this };
  }

  [inspect.custom](): string {
    return `<reeve Token of ${this.provider}, id ${this.id}, account ${this.account}, `
      + `expires at ${this.expiresAt}>`;
  }
}
