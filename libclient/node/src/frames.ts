// Varlink frames: a JSON object ended by a NUL byte. Pure: bytes go in, replies come out.

import { ProtocolError } from './errors.js';
import { type Fields, isObject, parseObject } from './json.js';

export const MAX_CALL = 256 * 1024;    // what the daemon accepts
export const MAX_REPLY = 1024 * 1024;  // what we accept

// One answer: parameters, or an error with parameters. continues: more will follow.
export interface Reply {
  readonly error: string | null;
  readonly parameters: Fields;
  readonly continues: boolean;
}

// The frame of one call; parameters that are null or undefined are left out.
export function encodeCall(method: string, parameters: Fields, more = false): Buffer {
  const given = Object.entries(parameters).filter(([, value]) => value !== null && value !== undefined);
  const call = {
    method,
    ...(given.length > 0 && { parameters: Object.fromEntries(given) }),
    ...(more && { more }),
  };
  const frame = Buffer.from(`${JSON.stringify(call)}\0`);
  if (frame.length > MAX_CALL) {
    throw new ProtocolError(`the call is over ${MAX_CALL} bytes: an argument is too long`);
  }
  return frame;
}

// The reply in a frame (without its NUL). Errors never quote the frame.
export function decodeReply(frame: Buffer): Reply {
  const value = parseObject(strictText(frame));
  if (value === null) {
    throw new ProtocolError("the daemon's answer is not a JSON object: is this Reeve's socket?");
  }
  const { error = null, parameters = null, continues = null } = value;
  if ((error !== null && typeof error !== 'string') || (parameters !== null && !isObject(parameters))
    || (continues !== null && typeof continues !== 'boolean')) {
    throw new ProtocolError("the daemon's answer is not a Varlink reply: is this Reeve's socket?");
  }
  return { error, parameters: parameters ?? {}, continues: continues === true };
}

function strictText(frame: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(frame);
  } catch {
    return '';
  }
}

// What has arrived on a connection.
export class Frames {
  #chunks: Buffer[] = [];
  #size = 0;

  // The beginning of a reply is kept.
  get partial(): boolean {
    return this.#size > 0;
  }

  // Takes what was read, returns the replies that are whole now.
  feed(chunk: Buffer): Reply[] {
    const replies: Reply[] = [];
    let rest = chunk;
    for (let end = rest.indexOf(0); end >= 0; end = rest.indexOf(0)) {
      this.#keep(rest.subarray(0, end));
      replies.push(decodeReply(Buffer.concat(this.#chunks)));
      this.#chunks = [];
      this.#size = 0;
      rest = rest.subarray(end + 1);
    }
    this.#keep(rest);
    return replies;
  }

  #keep(part: Buffer): void {
    if (part.length === 0) return;
    this.#chunks.push(part);
    this.#size += part.length;
    if (this.#size > MAX_REPLY) {
      throw new ProtocolError(`the daemon's answer is over ${MAX_REPLY} bytes`);
    }
  }
}
