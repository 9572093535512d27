// Waiting for the user: what a consent can become, and how to sit it out.
//
// The daemon pushes; nothing here polls. A consent outlives a restart of the daemon, so a wait whose
// connection ends is taken up again, as long as the daemon comes back within the client's timeout.

import { Deadline } from './deadline.js';
import {
  type ConsentRequired, ConsentExpired, ConsentFailed, DaemonUnavailable, Declined, plain,
  ProtocolError, Refused, Timeout,
} from './errors.js';
import type { Fields } from './json.js';
import { maybeText, text } from './reply.js';
import type { Stream } from './stream.js';

const LONGEST = 600_000;  // how long a consent may stay open; the daemon's limit
const PAUSES = [50, 200, 500, 1000];  // between attempts while the daemon restarts

const ENDS = new Map([
  ['declined', Declined], ['refused', Refused], ['expired', ConsentExpired], ['failed', ConsentFailed]]);

// pending, granted, declined, refused, expired or failed; a later daemon may know more.
export interface ConsentStatus {
  readonly status: string;
  readonly reason: string | null;
}

export type OnConsent = (consent: ConsentRequired) => unknown;

export const statusFrom = (fields: Fields): ConsentStatus => (
  { status: text(fields, 'status'), reason: maybeText(fields, 'reason') });

// How long to wait for a user where the caller does not say.
export const longest = (timeoutMs: number): number => LONGEST + timeoutMs;

// What is done where the caller gives no onConsent: tell the person at the terminal.
export function printConsent(consent: ConsentRequired): void {
  const lines = [`${plain(consent.provider)} needs your consent.`];
  if (consent.url !== null) lines.push(`Open ${consent.url.replace(/[^\x21-\x7e]/g, '')}`);
  if (consent.phrase !== null) lines.push(`and check that the page shows: ${plain(consent.phrase)}`);
  process.stderr.write(`${lines.join('\n')}\n`);
}

// Resolves once granted; throws how else it ended. listen opens AwaitConsent anew. patience:
// milliseconds the daemon may be away.
export async function waitFor(provider: string, listen: () => Stream<ConsentStatus>, deadline: Deadline,
  patience: number): Promise<void> {
  let last = 'pending';
  let away: Deadline | null = null;
  for (let lost = 0; ;) {
    const updates = listen();
    try {
      for await (const update of updates) {
        away = null;
        lost = 0;
        last = update.status;
        const End = ENDS.get(last);
        if (End !== undefined) throw new End(provider, update.reason);
        if (last === 'granted') return;
      }
      break;
    } catch (error) {
      if (error instanceof Timeout) {
        throw new Timeout('the user has not answered in time: the consent stays open for a while; ask '
          + 'again with wait to go on waiting');
      }
      if (!(error instanceof DaemonUnavailable)) throw error;
      away ??= new Deadline(patience, deadline.signal);
      if (!inTime(away)) throw error;
      await deadline.sleep(PAUSES[Math.min(lost, PAUSES.length - 1)] as number);
      lost += 1;
    } finally {
      updates.close();
    }
  }
  throw last === 'pending'
    ? new ProtocolError('the daemon ended the wait while the consent was pending')
    : new ConsentFailed(provider, last);
}

function inTime(deadline: Deadline): boolean {
  try {
    deadline.check();
    return true;
  } catch (error) {
    if (error instanceof Timeout) return false;
    throw error;
  }
}
