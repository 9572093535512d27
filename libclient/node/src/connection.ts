// One stream to the daemon, checked (trust.ts) before its first byte; knows nothing of tokens.

import net from 'node:net';
import type { Deadline } from './deadline.js';
import { DaemonUnavailable, ProtocolError, ReeveError } from './errors.js';
import { Frames, type Reply } from './frames.js';
import { checkDaemon } from './trust.js';

// The connection ended before one byte of the answer.
export class ConnectionLost extends DaemonUnavailable {
  constructor() {
    super('the daemon closed the connection without an answer: it may be restarting; try again');
  }

  override get name(): string {
    return 'DaemonUnavailable';
  }
}

const BACKLOG_PAUSE = 10;  // milliseconds between attempts while the daemon's backlog is full

export class Connection {
  readonly #socket: net.Socket;
  readonly #frames = new Frames();
  readonly #replies: Reply[] = [];
  #ended: ReeveError | null = null;
  #wake: (() => void) | null = null;

  private constructor(socket: net.Socket) {
    this.#socket = socket;
    socket.on('data', (chunk: Buffer) => this.#take(chunk));
    socket.on('error', () => {});  // 'close' follows
    socket.on('close', () => this.#end(this.#frames.partial
      ? new ProtocolError("the daemon's answer ends in the middle: it may have crashed; look at its "
        + 'log and try again')
      : new ConnectionLost()));
  }

  // Connects and checks; sends nothing.
  static async open(socket: string, deadline: Deadline): Promise<Connection> {
    for (;;) {
      deadline.check();
      const path = checkDaemon(socket);
      const connecting = net.createConnection(path);
      try {
        await deadline.race(connected(connecting));
        return new Connection(connecting);
      } catch (error) {
        connecting.destroy();
        if ((error as NodeJS.ErrnoException)?.code !== 'EAGAIN') throw unavailable(path, error);
      }
      await deadline.sleep(BACKLOG_PAUSE);
    }
  }

  send(frame: Buffer): void {
    this.#socket.ref();
    if (this.#ended === null) this.#socket.write(frame);
  }

  // The next reply. What was read stays over a timeout or an abort.
  async receive(deadline: Deadline): Promise<Reply> {
    for (;;) {
      const reply = this.#replies.shift();
      if (reply !== undefined) return reply;
      if (this.#ended !== null) throw this.#ended;
      this.#socket.resume();
      await deadline.race(new Promise<void>((resolve) => { this.#wake = resolve; }))
        .finally(() => { this.#wake = null; });
    }
  }

  // Open, and with nothing to read: only then may the next call go out on it.
  get quiet(): boolean {
    return this.#ended === null && !this.#frames.partial && this.#replies.length === 0;
  }

  // An idle connection does not keep the program from ending.
  rest(): void {
    this.#socket.unref();
  }

  // Closes our end; any number of times. A receive() that waits ends too.
  close(): void {
    this.#end(new ConnectionLost());
    this.#socket.destroy();
  }

  #take(chunk: Buffer): void {
    try {
      this.#replies.push(...this.#frames.feed(chunk));
    } catch (error) {
      this.#end(error as ReeveError);
      this.#socket.destroy();
    }
    if (this.#wake === null) this.#socket.pause();
    this.#wake?.();
  }

  #end(error: ReeveError): void {
    this.#ended ??= error;
    this.#wake?.();
  }
}

function connected(socket: net.Socket): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once('connect', () => {
      socket.removeListener('error', reject);
      resolve();
    });
    socket.once('error', reject);
  });
}

// Why connect() failed, and what to do.
function unavailable(path: string, error: unknown): unknown {
  const code = (error as NodeJS.ErrnoException)?.code;
  if (typeof code !== 'string' || !(error instanceof Error) || error instanceof ReeveError) return error;
  if (code === 'ECONNREFUSED') {
    return new DaemonUnavailable(`nobody listens on ${path}: start the daemon (reeved)`);
  }
  if (code === 'ENOENT') {
    return new DaemonUnavailable(`no socket ${path}: start the daemon (reeved), or mount its directory `
      + 'if this is a container, or set REEVE_SOCKET');
  }
  if (code === 'EACCES' || code === 'EPERM') {
    return new DaemonUnavailable(`no permission to connect to ${path}: check the modes of the socket `
      + 'and its way');
  }
  return new DaemonUnavailable(`cannot connect to ${path}: ${code}`);
}
