// consent_bench: complete consents by a scripted client without a browser, against the real programs: how many a second and
// what bounds them, how long from the callback's arrival to AwaitConsent's `granted`, and what that does to cached tokens.
//
//   REEVE_BUILD=build-release node tests/bench/consent_bench.mjs [SECONDS [USERS]]
//
// As root. Users sign in once, at a real issuer; then each asks, opens the link, continues, comes back from the provider,
// confirms the account and waits for `granted`, over and over. The provider is this program's own: an authorization
// server whose answers take no time. Not a test: it prints. Meanwhile a process of its own asks for a cached token, 200
// times a second.
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import fs from 'node:fs';
import http from 'node:http';
import { Visitor } from '../e2e/visitor.mjs';
import { World, freePort, refusal, sleep } from '../e2e/world.mjs';

const seconds = Number(process.argv[2] ?? 15), people = Number(process.argv[3] ?? 48);
const HERTZ = 100;  // of /proc/PID/stat, on every Linux there is
const users = Array.from({ length: people }, (_, i) => ({ sub: `user-${i}`, name: `User ${i}` }));
const random = () => randomBytes(32).toString('base64url');
const now = () => performance.now();
const quantile = (all, q) => [...all].sort((a, b) => a - b)[Math.min(all.length - 1, Math.floor(all.length * q))];
const ms = (number) => `${number.toFixed(2)} ms`;

// How long the provider took for each code: its token answer and the account.
const spent = new Map(), codeOf = new Map();
async function startProvider(port) {
  const body = async (request) => {
    let text = '';
    for await (const piece of request) text += piece;
    return new URLSearchParams(text);
  };
  const answer = (response, value) => response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(value));
  const server = http.createServer(async (request, response) => {
    const begun = now();
    if (request.url === '/token') {
      const form = await body(request);
      const access_token = random(), code = form.get('code');
      codeOf.set(access_token, code);
      answer(response, { access_token, token_type: 'Bearer', expires_in: 3600, refresh_token: random(), scope: 'read' });
      spent.set(code, now() - begun);
    } else {
      const code = codeOf.get(request.headers.authorization.slice(7));
      answer(response, { sub: code.split('.')[0], name: 'an account' });
      spent.set(code, spent.get(code) + now() - begun);
    }
  }).listen(port, '127.0.0.3');
  await once(server, 'listening');
  return server;
}

const providers = (port) => ['ask', 'proven'].map((name) => `[provider.${name}]
client_id = "bench"
loopback_http = true
scopes = ["read"]
account = { source = "userinfo", id = "/sub", label = ["/name"] }
endpoints = { ${['authorization', 'token', 'userinfo'].map((each) => `${each} = "http://127.0.0.3:${port}/${each}"`).join(', ')} }
${name === 'proven' ? 'account_match = { claim = "sub", account = "/sub" }' : ''}
`).join('');

class Walker {
  constructor(world, { sub }) {
    Object.assign(this, { world, sub, visitor: new Visitor(world.url), agent: null, waiting: null, session: null });
  }
  async prepare() {
    this.agent = await this.world.agent();
    this.waiting = await this.world.agent();
    const user = { issuer: this.world.issuerUrl, subject: this.sub };
    this.session = (await this.agent.call('io.reeve.Agent.OpenSession', { as: 'asserted', user })).parameters.session;
    await this.visitor.signIn(this.sub, this.world.redirects['issuer.corp']);
  }
  async granted(request) {
    const ask = { session: this.session, request };
    let last;
    for await (const reply of this.waiting.call('io.reeve.Agent.AwaitConsent', ask, { more: true })) {
      last = reply.parameters.status;
    }
    if (last !== 'granted') throw new Error(`the consent ended as ${last}`);
    return now();
  }
  // One whole consent; resolves to the milliseconds from the callback to `granted` beyond the provider's own.
  async consent(provider) {
    const ask = { session: this.session, provider, fresh: true };
    const { parameters } = await refusal(this.agent.call('io.reeve.Agent.GetToken', ask));
    const end = this.granted(parameters.request);
    const link = new URL(parameters.url).pathname;
    const left = await this.visitor.fillIn(link, link, { action: 'continue' });
    const state = new URL(left.headers.get('refresh').replace('0;url=', '')).searchParams.get('state');
    const code = `${this.sub}.${random()}`;
    const callback = new URL(this.world.redirects[`provider.${provider}`]).pathname;
    const begun = now();
    const back = await this.visitor.open(`${callback}?state=${state}&code=${code}`);
    if (provider === 'ask') {
      const done = back.headers.get('location');
      await this.visitor.fillIn(done, done, { accept: 'yes' });
    }
    const took = await end - begun - spent.get(code);
    spent.delete(code);
    return took;
  }
}

// All of them at once, each over and over, for so long.
async function load(walkers, provider, milliseconds) {
  const until = now() + milliseconds, times = [];
  await Promise.all(walkers.map(async (walker) => {
    while (now() < until) times.push(await walker.consent(provider));
  }));
  return times;
}

function processorSeconds(pids) {
  return Object.fromEntries(Object.entries(pids).map(([name, pid]) => {
    const fields = fs.readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
    return [name, (Number(fields[11]) + Number(fields[12])) / HERTZ];
  }));
}

// p50 and p99 of a cached token, asked for by a process of its own until told to stop.
const PROBE = `
import json, select, socket, sys, time
s = socket.socket(socket.AF_UNIX); s.connect(sys.argv[1])
def call(method, parameters):
    s.sendall(json.dumps({'method': method, 'parameters': parameters}).encode() + b'\\0'); data = b''
    while not data.endswith(b'\\0'): data += s.recv(65536)
    return json.loads(data[:-1])
session = call('io.reeve.Agent.OpenSession', json.loads(sys.argv[2]))['parameters']['session']
ask, times = {'session': session, 'provider': 'ask'}, []
while not select.select([sys.stdin], [], [], 0.005)[0]:
    begun = time.perf_counter(); reply = call('io.reeve.Agent.GetToken', ask); times.append(time.perf_counter() - begun)
    assert 'token' in reply.get('parameters', {}), reply.get('error')
print(json.dumps(times))
`;
async function probed(world, user, during) {
  const words = ['-c', PROBE, world.agentSocket, JSON.stringify({ as: 'asserted', user })];
  const child = spawn('/usr/bin/python3', words, { stdio: ['pipe', 'pipe', 'inherit'] });
  let said = '';
  child.stdout.on('data', (piece) => { said += piece; });
  const result = await during();
  child.stdin.end('stop');
  await once(child, 'close');
  return { result, times: JSON.parse(said).map((each) => each * 1000) };
}

const port = await freePort('127.0.0.3');
const provider = await startProvider(port);
const world = await World.start({ issuer: { users: [...users, { sub: 'cached', name: 'Cached' }] },
  config: providers(port),
  allow: ', { provider = "ask" }, { provider = "proven" }' });
try {
  const walkers = users.map((user) => new Walker(world, user)), cached = new Walker(world, { sub: 'cached' });
  for (const walker of [...walkers, cached]) await walker.prepare();
  await cached.consent('ask');
  const user = { issuer: world.issuerUrl, subject: 'cached' };
  await load(walkers, 'ask', 1000);  // warm
  const quiet = await probed(world, user, () => sleep(seconds * 500));
  const pids = { ...world.pids, 'this program (client, provider)': process.pid };
  const before = processorSeconds(pids), begun = now();
  const busy = await probed(world, user, () => load(walkers, 'ask', seconds * 1000));
  const took = (now() - begun) / 1000, after = processorSeconds(pids);
  const count = busy.result.length;
  console.log(`${count} complete consents by ${people} users in ${took.toFixed(1)} s: ${(count / took).toFixed(1)} a second`);
  for (const name of Object.keys(pids)) {
    const used = after[name] - before[name];
    console.log(`  ${name}: ${(used / took * 100).toFixed(0)} % of a processor, ${ms(used / count * 1000)} a consent`);
  }
  const [idle, loaded] = [quiet.times, busy.times];
  console.log(`a cached token, quiet: p50 ${ms(quantile(idle, 0.5))}, p99 ${ms(quantile(idle, 0.99))} (${idle.length} calls)`);
  console.log(`under that load: p50 ${ms(quantile(loaded, 0.5))}, p99 ${ms(quantile(loaded, 0.99))} (${loaded.length} calls); `
    + `ratio of the p99 ${(quantile(loaded, 0.99) / quantile(idle, 0.99)).toFixed(2)}`);
  for (const [words, some] of [['one at a time', walkers.slice(0, 1)], [`${people} at once`, walkers]]) {
    const times = await load(some, 'proven', seconds * 500);
    console.log(`callback to granted, beyond the provider's own time, ${words}: p50 ${ms(quantile(times, 0.5))}, `
      + `p99 ${ms(quantile(times, 0.99))} (${times.length} consents)`);
  }
} finally {
  await world.stop();
  provider.close();
  provider.closeAllConnections();
}
process.exit(0);
