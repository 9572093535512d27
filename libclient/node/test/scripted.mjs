// A false daemon on a real Unix socket, which answers as a test says. A script is an async function
// of one Peer a connection; the scripts of a server are used one a connection, in order. What they
// throw fails the test at stop().
import assert from 'node:assert/strict';
import { once } from 'node:events';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { Client } from 'reeve';

export const SECRET = 'ghu_16C7e42F292c6912E7710c838347Ae178B4a';

class Peer {
  #buffer = Buffer.alloc(0);
  #wake = () => {};
  #ended = false;

  constructor(socket, asked) {
    this.socket = socket;
    this.asked = asked;
    socket.on('data', (chunk) => { this.#buffer = Buffer.concat([this.#buffer, chunk]); this.#wake(); });
    socket.on('error', () => {});
    socket.on('close', () => { this.#ended = true; this.#wake(); });
  }

  // The next call, or null when the client has closed.
  async call() {
    for (;;) {
      const end = this.#buffer.indexOf(0);
      if (end >= 0) {
        const call = JSON.parse(this.#buffer.subarray(0, end).toString());
        this.#buffer = this.#buffer.subarray(end + 1);
        this.asked.push(call.parameters ?? {});
        return call;
      }
      if (this.#ended) return null;
      await new Promise((resolve) => { this.#wake = resolve; });
    }
  }

  async expect(method) {
    const call = await this.call();
    assert.equal(call?.method, `io.reeve.Agent.${method}`);
    return call.parameters ?? {};
  }

  raw(data) {
    this.socket.write(data);
  }
  reply(parameters = {}, more = {}) {
    this.raw(`${JSON.stringify({ parameters, ...more })}\0`);
  }
  error(name, parameters = {}) {
    this.raw(`${JSON.stringify({ error: name.includes('.') ? name : `io.reeve.Agent.${name}`, parameters })}\0`);
  }
  async answer(method, parameters) {
    await this.expect(method);
    this.reply(parameters);
  }
  openSession(handle = 'handle-1') {
    return this.answer('OpenSession', { session: handle, user: null, expires_at: 2000000000 });
  }
  async untilClosed() {
    assert.equal(await this.call(), null, 'a call too many');
  }
}

export class Server {
  asked = [];
  connections = 0;
  #running = [];
  #sockets = new Set();

  static async start(file, ...scripts) {
    const server = new Server();
    server.net = net.createServer((socket) => {
      const script = scripts[server.connections++];
      server.#sockets.add(socket);
      const run = async () => {
        assert.ok(script, 'a connection too many');
        await script(new Peer(socket, server.asked));
      };
      const running = run().finally(() => socket.destroySoon());
      running.catch(() => {});
      server.#running.push(running);
    });
    server.net.listen(file);
    await once(server.net, 'listening');
    return server;
  }

  // Every script has run to its end; throws what one threw.
  join() {
    return Promise.all(this.#running);
  }

  // Takes no more connections and drops those it has, as a daemon that has died.
  async kill() {
    this.net.close();
    for (const socket of this.#sockets) socket.destroy();
    await this.join();
  }
}

// A directory of its own, a clean environment, and servers in it, for one test.
export function place(t) {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'reeve-'));
  const file = path.join(directory, 'agent.sock');
  const before = { ...process.env };
  for (const name of Object.keys(process.env)) if (name.startsWith('REEVE_')) delete process.env[name];
  const closing = [];
  t.after(async () => {
    for (const close of closing.reverse()) await close();
    process.env = before;
    fs.rmSync(directory, { recursive: true });
  });
  return {
    directory,
    file,
    async serve(...scripts) {
      const server = await Server.start(file, ...scripts);
      closing.push(() => server.kill());
      return server;
    },
    // A client whose connections are dropped when the test is over; nothing is said to the daemon.
    client(options = {}) {
      return new Client({ socket: file, timeoutMs: 10_000, ...options });
    },
    // A session that exists already.
    session(options = {}) {
      process.env.REEVE_SESSION = 'handle-1';
      return this.client(options).defaultSession();
    },
  };
}

export const tokenFields = (changes = {}) => ({
  id: 't-1', access_token: SECRET, token_type: 'Bearer', expires_at: 1999999999, scopes: ['repo'],
  grant: 'g-1', account: 'octo-alice', ...changes,
});

export const consentFields = (changes = {}) => ({
  provider: 'github', reason: 'new', url: 'https://agents.example.com/connect/ticket-1',
  phrase: 'amber-fox', request: 'request-1', expires_at: 1999999999, ...changes,
});

export const givesTokens = (count, changes = {}) => async (peer) => {
  for (let i = 0; i < count; ++i) await peer.answer('GetToken', { token: tokenFields({ id: `t-${i}`, ...changes }) });
};

// What a promise is refused with.
export async function refusal(promise, kind) {
  try {
    await promise;
  } catch (error) {
    if (kind) assert.ok(error instanceof kind, String(error?.stack ?? error));
    return error;
  }
  throw new assert.AssertionError({ message: 'it was not refused' });
}
