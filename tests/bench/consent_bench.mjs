// consent_bench: complete consents by a scripted client without a browser, against the real programs: how many a second and
// what bounds them, how long from the callback's arrival to AwaitConsent's `granted`, and what that does to cached tokens.
//
//   REEVE_BUILD=build-release node tests/bench/consent_bench.mjs [SECONDS [USERS [memory]]]
//
// As root. Users sign in once, at a real issuer; then each asks, opens the link, continues, comes back from the provider,
// confirms the account and waits for `granted`, over and over. The provider is this program's own: an authorization
// server whose answers take no time. Not a test: it prints. Meanwhile a process of its own asks for a cached token, 200
// times a second; once as the kernel schedules all of it, once with reeved and that process before everything else
// (SCHED_RR), once with the two on a processor of their own: what is left then is reeved's own time. `memory`: the vault
// and the audit lie on no disk.
import { execFileSync, spawn } from 'node:child_process';
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

// Of reeved's loop, which is its first thread, in milliseconds: how long it ran, how long it waited for a processor, and how
// often it was given one (/proc/PID/schedstat). And how much of the machine's time its host took, and all of it.
function loopTimes(pid) {
  const [ran, waited, slices] = fs.readFileSync(`/proc/${pid}/task/${pid}/schedstat`, 'utf8').split(' ').map(Number);
  const all = fs.readFileSync('/proc/stat', 'utf8').split('\n')[0].split(/\s+/).slice(1, 9).map(Number);
  return { ran: ran / 1e6, waited: waited / 1e6, slices, stolen: all[7], all: all.reduce((sum, each) => sum + each, 0) };
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
async function probed(world, user, during, settle = () => {}) {
  const words = ['-c', PROBE, world.agentSocket, JSON.stringify({ as: 'asserted', user })];
  const child = spawn('/usr/bin/python3', words, { stdio: ['pipe', 'pipe', 'inherit'] });
  settle(child.pid);
  let said = '';
  child.stdout.on('data', (piece) => { said += piece; });
  const result = await during();
  child.stdin.end('stop');
  await once(child, 'close');
  return { result, times: JSON.parse(said).map((each) => each * 1000) };
}

// How reeved and who asks it stand to everything else.
const ways = {
  'as the kernel schedules them': () => {},
  'reeved and who asks it before all else': (world, asks) => {
    for (const pid of [world.pids.reeved, asks]) execFileSync('chrt', ['--rr', '--pid', '10', `${pid}`]);
  },
  'reeved and who asks it on a processor of their own': (world, asks) => {
    const { reeved, ...others } = world.pids;
    const on = (cpu) => (pid) => execFileSync('taskset', ['-a', '-c', '-p', cpu, `${pid}`]);
    [...Object.values(others), process.pid].forEach(on('1'));
    [reeved, asks].forEach(on('0'));
    execFileSync('chrt', ['--other', '--pid', '0', `${reeved}`]);
  },
};

// What passed while something was done: its result, the seconds, and what counters say of them.
async function watched(world, during) {
  const pids = { ...world.pids, 'this program (client, provider)': process.pid };
  const before = processorSeconds(pids), loop = loopTimes(world.pids.reeved), begun = now();
  const { result, times } = await during();
  const took = (now() - begun) / 1000;
  const less = (after, first) => Object.fromEntries(Object.keys(after).map((name) => [name, after[name] - first[name]]));
  return { count: result.length, times, took, used: less(processorSeconds(pids), before),
           loop: less(loopTimes(world.pids.reeved), loop) };
}

function tell(words, quiet, { count, times, took, used, loop }) {
  const each = (count / took).toFixed(1);
  console.log(`${words}: ${count} complete consents by ${people} users in ${took.toFixed(1)} s: ${each} a second`);
  for (const [name, spent] of Object.entries(used)) {
    console.log(`  ${name}: ${(spent / took * 100).toFixed(0)} % of a processor, ${ms(spent / count * 1000)} a consent`);
  }
  const [ran, waited] = [loop.ran, loop.waited].map((all) => ms(all / loop.slices));
  const stolen = (loop.stolen / loop.all * 100).toFixed(0);
  console.log(`  reeved's loop ran ${ran} at a time, after ${waited} of waiting; this machine's host took ${stolen} % of its time`);
  const say = (some) => `p50 ${ms(quantile(some, 0.5))}, p99 ${ms(quantile(some, 0.99))} (${some.length} calls)`;
  const ratio = (q) => (quantile(times, q) / quantile(quiet.times, q)).toFixed(2);
  const ratios = `ratios ${ratio(0.5)} and ${ratio(0.99)}`;
  console.log(`  a cached token, quiet: ${say(quiet.times)}; under that load: ${say(times)}; ${ratios}`);
}

const port = await freePort('127.0.0.3');
const provider = await startProvider(port);
const stateMegabytes = process.argv[4] === 'memory' ? 256 : undefined;
const world = await World.start({ stateMegabytes, issuer: { users: [...users, { sub: 'cached', name: 'Cached' }] },
  config: providers(port),
  allow: ', { provider = "ask" }, { provider = "proven" }' });
try {
  const walkers = users.map((user) => new Walker(world, user)), cached = new Walker(world, { sub: 'cached' });
  for (const walker of [...walkers, cached]) await walker.prepare();
  await cached.consent('ask');
  const user = { issuer: world.issuerUrl, subject: 'cached' };
  await load(walkers, 'ask', 1000);  // warm
  for (const [words, some] of [['one at a time', walkers.slice(0, 1)], [`${people} at once`, walkers]]) {
    const times = await load(some, 'proven', seconds * 500);
    console.log(`callback to granted, beyond the provider's own time, ${words}: p50 ${ms(quantile(times, 0.5))}, `
      + `p99 ${ms(quantile(times, 0.99))} (${times.length} consents)`);
  }
  for (const [words, settle] of Object.entries(ways)) {
    const settled = (asks) => settle(world, asks);
    const quiet = await probed(world, user, () => sleep(seconds * 500), settled);
    const loaded = await watched(world, () => probed(world, user, () => load(walkers, 'ask', seconds * 1000), settled));
    tell(words, quiet, loaded);
  }
} finally {
  await world.stop();
  provider.close();
  provider.closeAllConnections();
}
process.exit(0);
