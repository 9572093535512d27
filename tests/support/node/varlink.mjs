// A small Varlink client for tests, over a Unix socket: JSON objects, each ended by a NUL byte.
//
// It knows no interface and checks no types, so that a test can say what it likes, wrong things
// too. Calls may be made before earlier ones are answered; answers come in the order of the calls.
// Not for programs: there is no limit on what a server may send, and a call waits as long as the
// server does.

import { once } from 'node:events';
import { createConnection } from 'node:net';

export class VarlinkError extends Error {
  constructor({ error, parameters = {} }) {
    super(`${error} ${JSON.stringify(parameters)}`);
    this.error = error;
    this.parameters = parameters;
  }
}

// The replies to one call with `more`, kept until they are asked for.
class Replies {
  kept_ = [];
  wake_ = () => {};

  put(reply) {
    this.kept_.push(reply);
    this.wake_();
  }

  async* read() {
    for (;;) {
      while (this.kept_.length === 0) await new Promise((resolve) => { this.wake_ = resolve; });
      const { error, parameters, continues } = this.kept_.shift();
      if (error) throw error;
      yield { parameters };
      if (!continues) return;
    }
  }
}

class Client {
  constructor(socket) {
    this.socket_ = socket;
    this.left_ = Buffer.alloc(0);
    this.waiting_ = [];  // the Replies of each unanswered call, oldest first
    this.raw_ = null;    // while raw() reads, it takes all that comes
    // Resolves when the connection has ended, from either side.
    this.closed = new Promise((resolve) => {
      socket.once('close', () => { this.ended_(); resolve(); });
    });
    socket.on('error', (error) => { this.error_ = error; });
    socket.on('data', (chunk) => (this.raw_ ? this.raw_(chunk) : this.take_(chunk)));
  }

  // Without `more`: a promise of {parameters}. With it: an async iterator of {parameters}, ended by
  // the first reply that does not continue. Errors of the server reject as VarlinkError.
  call(method, parameters = {}, { more = false } = {}) {
    const replies = new Replies();
    const answer = more ? replies.read() : new Promise((resolve, reject) => {
      replies.put = ({ error, parameters: result }) => (
        error ? reject(error) : resolve({ parameters: result }));
    });
    this.waiting_.push(replies);
    if (this.socket_.destroyed) this.ended_();
    this.socket_.write(`${JSON.stringify({ method, parameters, ...(more && { more }) })}\0`);
    return answer;
  }

  // Sends these bytes as they are, and resolves to {received, closed}: what came until a NUL byte
  // or the end of the connection, or in wait_ms if neither comes. Not to be mixed with open calls.
  raw(bytes, wait_ms = 1000) {
    return new Promise((resolve) => {
      let received = Buffer.alloc(0);
      const done = (closed) => {
        clearTimeout(late);
        this.raw_ = null;
        resolve({ received, closed });
      };
      const late = setTimeout(() => done(false), wait_ms);
      this.raw_ = (chunk) => {
        received = Buffer.concat([received, chunk]);
        if (received.includes(0)) done(false);
      };
      this.closed.then(() => done(true));
      this.socket_.write(bytes);
    });
  }

  // Hangs up at once; open calls reject.
  close() {
    this.socket_.destroy();
    return this.closed;
  }

  take_(chunk) {
    this.left_ = Buffer.concat([this.left_, chunk]);
    for (let end = this.left_.indexOf(0); end >= 0; end = this.left_.indexOf(0)) {
      const frame = JSON.parse(this.left_.subarray(0, end).toString());
      this.left_ = this.left_.subarray(end + 1);
      this.answer_(frame);
    }
  }

  answer_({ error, parameters = {}, continues = false }) {
    const replies = continues ? this.waiting_[0] : this.waiting_.shift();
    if (!replies) throw new Error('the server answers a call that nobody made');
    if (error) replies.put({ error: new VarlinkError({ error, parameters }) });
    else replies.put({ parameters, continues });
  }

  ended_() {
    const error = new Error('connection closed', { cause: this.error_ });
    for (const replies of this.waiting_.splice(0)) replies.put({ error });
  }
}

export async function connect(path) {
  const socket = createConnection(path);
  await once(socket, 'connect');
  return new Client(socket);
}
