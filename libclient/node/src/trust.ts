// Is it the daemon that answers? (A false daemon would collect user tokens.)
//
// "You" is the effective uid of this process; "the configured uid" is $REEVE_DAEMON_UID, a number,
// where it is set. Two halves must hold, or nothing is sent.
//
// The place. On the way from / to the directory that holds the socket, symlinks resolved, every
// directory belongs to root, you or the configured uid, and nobody else may write in it. Two
// allowances: above the last directory a sticky directory such as /tmp will do; and where no uid is
// configured, a directory in which nobody else may write may hand the rest of the way to one more
// account, the keeper (root gives /run/reeve to the daemon's account, say).
//
// The socket. It belongs to root or the configured uid. Where none is configured: root, you or the
// keeper; or anybody, if its directory is root's own and there is no keeper.
//
// What that proves, and what not. Node.js cannot ask the kernel who listens (SO_PEERCRED), as the
// clients in C and Python do. The first half proves that only accounts you trust anyway can have put
// a socket there, or can swap it after the check; the second that the one there was bound by such an
// account. That the process which listens still runs as that account, and was not handed the socket,
// is not proven.

import fs from 'node:fs';
import path from 'node:path';
import { DaemonUnavailable, DaemonUntrusted } from './errors.js';

const ROOT = 0;

interface Place {
  readonly path: string;
  readonly owner: number;           // of the directory
  readonly keeper: number | null;
}

// Throws if the socket cannot be trusted; returns the resolved path to connect to.
export function checkDaemon(socket: string): string {
  const me = process.geteuid?.() ?? ROOT;
  const configured = configuredUid();
  const place = checkPlace(socket, me, configured);
  checkSocket(place, me, configured);
  return place.path;
}

function configuredUid(): number | null {
  const value = process.env['REEVE_DAEMON_UID'];
  if (!value) return null;
  if (!/^[0-9]{1,10}$/.test(value)) {
    throw new DaemonUntrusted("REEVE_DAEMON_UID is not a number: set it to the daemon's uid");
  }
  return Number(value);
}

function checkPlace(socket: string, me: number, configured: number | null): Place {
  const resolved = resolve(socket);
  const trusted = new Set([ROOT, me, ...(configured === null ? [] : [configured])]);
  const ways = directories(resolved);
  let keeper: number | null = null;
  let owner = ROOT;
  let mayHandOver = false;  // only a directory that we have seen may
  for (const [index, name] of ways.entries()) {
    const seen = look(name);
    if (!seen.isDirectory()) throw new DaemonUntrusted(`${name} is no directory: check REEVE_SOCKET`);
    owner = seen.uid;
    if (!trusted.has(owner) && owner !== keeper) {
      if (configured !== null || keeper !== null || !mayHandOver) {
        throw new DaemonUntrusted(`${name} belongs to uid ${owner}, who could put a false daemon `
          + "there: use a directory of root's, or set REEVE_DAEMON_UID to the daemon's uid");
      }
      keeper = owner;
    }
    const shared = (seen.mode & (fs.constants.S_IWGRP | fs.constants.S_IWOTH)) !== 0;
    const sticky = (seen.mode & 0o1000) !== 0 && index < ways.length - 1 && owner !== keeper;
    if (shared && !sticky) {
      throw new DaemonUntrusted(`${name} is writable by others, who could put a false daemon there: `
        + 'chmod go-w it');
    }
    mayHandOver = !shared;
  }
  return { path: resolved, owner, keeper };
}

function checkSocket(place: Place, me: number, configured: number | null): void {
  const seen = look(place.path);
  if (!seen.isSocket()) throw new DaemonUnavailable(`${place.path} is no socket: check REEVE_SOCKET`);
  const { uid } = seen;
  if (uid === ROOT) return;
  if (configured !== null) {
    if (uid === configured) return;
    throw new DaemonUntrusted(`${place.path} belongs to uid ${uid}, not to uid ${configured}: check `
      + 'REEVE_DAEMON_UID and who runs the daemon');
  }
  if (uid === me || uid === place.keeper || (place.owner === ROOT && place.keeper === null)) return;
  throw new DaemonUntrusted(`${place.path} belongs to uid ${uid}: if this is the daemon's account, set `
    + 'REEVE_DAEMON_UID to it');
}

// Symlinks resolved; a last part that is missing stays.
function resolve(socket: string): string {
  const absolute = path.resolve(socket);
  try {
    return fs.realpathSync(absolute);
  } catch {
    try {
      return path.join(fs.realpathSync(path.dirname(absolute)), path.basename(absolute));
    } catch {
      return absolute;
    }
  }
}

// /, /run, /run/reeve, ... for a path, without its last part.
function directories(name: string): string[] {
  const found = [path.dirname(name)];
  while (found[0] !== '/') found.unshift(path.dirname(found[0] as string));
  return found;
}

function look(name: string): fs.Stats {
  try {
    return fs.lstatSync(name);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'error';
    throw new DaemonUnavailable(`no socket: ${name}: ${code}; is the daemon running, and its directory `
      + 'mounted if this is a container?');
  }
}
