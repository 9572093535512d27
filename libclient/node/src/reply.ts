// Reading replies: total accessors, and the one table from wire errors to classes.
//
// A field that is missing or of the wrong type makes a ProtocolError that names the field and never
// its value. Fields nobody asks for are ignored, so replies may grow.

import * as errors from './errors.js';
import type { Reply } from './frames.js';
import { type Fields, isObject } from './json.js';

export const AGENT = 'io.reeve.Agent.';
const SERVICE = 'org.varlink.service.';

const wrong = (name: string, expected: string): errors.ProtocolError => new errors.ProtocolError(
  `the daemon's answer has no field "${name}" that is ${expected}: the daemon and this package do `
  + 'not fit together');

// A field of that name, of the object's own.
const field = (fields: Fields, name: string): unknown => (
  Object.hasOwn(fields, name) ? fields[name] : undefined);

export function text(fields: Fields, name: string): string {
  const value = field(fields, name);
  if (typeof value !== 'string') throw wrong(name, 'a string');
  return value;
}

export function integer(fields: Fields, name: string): number {
  const value = field(fields, name);
  if (!Number.isSafeInteger(value)) throw wrong(name, 'a whole number');
  return value as number;
}

export const maybeText = (fields: Fields, name: string): string | null => (
  (field(fields, name) ?? null) === null ? null : text(fields, name));

export const maybeInteger = (fields: Fields, name: string): number | null => (
  (field(fields, name) ?? null) === null ? null : integer(fields, name));

export function texts(fields: Fields, name: string): string[] {
  const value = field(fields, name);
  if (!Array.isArray(value) || !value.every((item) => typeof item === 'string')) {
    throw wrong(name, 'a list of strings');
  }
  return value as string[];
}

export function struct(fields: Fields, name: string): Fields {
  const value = field(fields, name);
  if (!isObject(value)) throw wrong(name, 'an object');
  return value;
}

export const maybeStruct = (fields: Fields, name: string): Fields | null => (
  (field(fields, name) ?? null) === null ? null : struct(fields, name));

export function textMap(fields: Fields, name: string): Record<string, string> {
  const value = struct(fields, name);
  if (!Object.values(value).every((item) => typeof item === 'string')) {
    throw wrong(name, 'an object of strings');
  }
  return { ...value } as Record<string, string>;
}

const ERRORS = new Map<string, (p: Fields) => errors.ReeveError>([
  [`${AGENT}ConsentRequired`, (p) => new errors.ConsentRequired(text(p, 'provider'), text(p, 'reason'),
    maybeText(p, 'url'), maybeText(p, 'phrase'), text(p, 'request'), integer(p, 'expires_at'))],
  [`${AGENT}Denied`, (p) => new errors.Denied(text(p, 'reason'))],
  [`${AGENT}SessionInvalid`, () => new errors.SessionInvalid()],
  [`${AGENT}UserTokenInvalid`, (p) => new errors.UserTokenInvalid(text(p, 'reason'))],
  [`${AGENT}RequestInvalid`, () => new errors.RequestInvalid()],
  [`${AGENT}Unavailable`, (p) => new errors.Unavailable(text(p, 'reason'))],
  [`${AGENT}UnknownProvider`, (p) => new errors.UnknownProvider(text(p, 'provider'))],
  [`${AGENT}ProviderFailed`, (p) => new errors.ProviderFailed(text(p, 'provider'), text(p, 'error'),
    maybeText(p, 'description'), maybeInteger(p, 'retry_after'))],
  [`${AGENT}LimitReached`, (p) => new errors.LimitReached(text(p, 'limit'),
    maybeInteger(p, 'retry_after'))],
  [`${SERVICE}InterfaceNotFound`, (p) => new errors.MethodNotFound(text(p, 'interface'))],
  [`${SERVICE}MethodNotFound`, (p) => new errors.MethodNotFound(text(p, 'method'))],
  [`${SERVICE}MethodNotImplemented`, (p) => new errors.MethodNotFound(text(p, 'method'))],
  [`${SERVICE}InvalidParameter`, (p) => new errors.InvalidParameter(text(p, 'parameter'))],
  [`${SERVICE}PermissionDenied`, () => new errors.PermissionDenied()],
]);

// What was answered; throws the typed error. One this version does not know becomes UnknownError.
export function unwrap(reply: Reply): Fields {
  if (reply.error === null) return reply.parameters;
  throw ERRORS.get(reply.error)?.(reply.parameters) ?? new errors.UnknownError(reply.error);
}
