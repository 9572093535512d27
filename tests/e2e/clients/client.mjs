// One client program under the scenarios: a process that reads commands and says what came of them.
//
// Commands, one a line, a number of the caller's first; "-" is what is not said:
//   N open SESSION USER_TOKEN LIFETIME        N token SESSION PROVIDER SCOPES wait|- MIN_VALID
//   N report SESSION TOKEN_ID                 N watch SESSION            N whoami SOCKET
// Said, one JSON object a line, {id: N, ...}: ok, token (and name, scopes, expires_at), workload, event, url (and
// phrase) where the user must be asked, or error (the name of io.reeve.Agent's error, or of the client's own) and reason.
import { spawn } from 'node:child_process';
import path from 'node:path';
import { createInterface } from 'node:readline';

const root = path.resolve(import.meta.dirname, '../../..');
const here = import.meta.dirname;

// libreeve hands the daemon's answers on as they are.
const plain = ({ id, reply, ask, ended, error, parameters }) => {
  if (error) return { id, error, reason: ['limit', 'reason', 'error', 'provider'].map((name) => parameters[name]).find(Boolean) };
  if (ended) return { id, error: `status ${ended.status}`, reason: ended.reason };
  if (ask) return { id, url: ask.url, phrase: ask.phrase };
  const { token, session, event, workload } = reply;
  if (token) return { id, token: token.access_token, name: token.id, scopes: token.scopes, expires_at: token.expires_at };
  if (event) return { id, event };
  return workload || session ? { id, ok: true, workload } : { id, ok: true };
};

export const clients = [
  { name: 'C', user: 'cora', command: [path.join(path.resolve(root, process.env.REEVE_BUILD ?? 'build'),
    'tests/e2e/clients/reeve_agent')], understand: plain },
  { name: 'Python', user: 'paula', command: ['/usr/bin/python3', path.join(here, 'blocking.py')] },
  { name: 'Python asyncio', user: 'arno', command: ['/usr/bin/python3', path.join(here, 'asynchronous.py')] },
  { name: 'Node.js', user: 'nora', command: [process.execPath, path.join(here, 'node.mjs')] },
];

export class ClientProgram {
  #said = new Map();  // by number: what came, and who waits for more
  #next = 1;

  constructor({ name, user, command, understand = (said) => said }, socket) {
    this.name = name;
    this.user = user;
    this.process = spawn(command[0], command.slice(1), {
      env: { PATH: process.env.PATH, REEVE_SOCKET: socket, PYTHONPATH: path.join(root, 'libclient/python'),
             PYTHONDONTWRITEBYTECODE: '1' },
      stdio: ['pipe', 'pipe', 'inherit'] });
    this.ended = new Promise((resolve) => this.process.once('close', resolve));
    createInterface({ input: this.process.stdout }).on('line', (line) => {
      const said = understand(JSON.parse(line));
      const call = this.#said.get(said.id);
      call.lines.push(said);
      call.wake();
    });
    this.ended.then(() => { for (const call of this.#said.values()) { call.over = true; call.wake(); } });
  }

  // Gives a command; next() resolves to what is said of it, one after another.
  call(...words) {
    const number = this.#next++;
    const call = { lines: [], wake: () => {}, over: false };
    this.#said.set(number, call);
    this.process.stdin.write(`${[number, ...words].join(' ')}\n`);
    const next = async () => {
      while (call.lines.length === 0) {
        if (call.over) throw new Error(`${this.name} has ended`);
        await new Promise((resolve) => { call.wake = resolve; });
      }
      return call.lines.shift();
    };
    return { next };
  }

  ask(...words) {
    return this.call(...words).next();
  }

  stop() {
    this.process.stdin.end();
    return this.ended;
  }
}
