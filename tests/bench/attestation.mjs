// What it costs to say who asks: connect, be attested, GetToken of a cached token, close; beside a program that answers a
// connection with as many octets and asks nothing. From a process of this host, and from a Podman container that is known
// by its labels (reeve-attest asks the engine once and keeps its answer). Medians of rounds that take turns.
//
//     REEVE_BUILD=build-release node tests/bench/attestation.mjs [ROUNDS [CALLS]]     (as root)
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import { Podman, image, makeImage } from '../e2e/podman.mjs';
import { walk } from '../e2e/walk.mjs';
import { World, callAs } from '../e2e/world.mjs';

const uid = 64153;
const rounds = Number(process.argv[2] ?? 15), calls = Number(process.argv[3] ?? 1000);
const middle = (list, part = 0.5) => [...list].sort((a, b) => a - b)[Math.floor((list.length - 1) * part)];

const directory = fs.mkdtempSync('/tmp/reeve-bench.');
fs.chmodSync(directory, 0o755);
const client = path.join(directory, 'connect');
execFileSync('gcc', ['-static', '-O2', '-o', client, path.join(import.meta.dirname, 'connect.c')]);
const podman = new Podman(path.join(directory, 'podman'));
let world;
const yardsticks = [];
try {
  await podman.do('import', makeImage(directory, path.resolve(process.env.REEVE_BUILD, 'libclient/cli/reeve')), image);
  await podman.serve();
  world = await World.start({ daemonKeys: 'attest = true', launch: ['--engine', `podman=${podman.socket}`], config: `
[workload.team]
match = { container = "podman:*", label.team = "agents" }
assert = ["corp"]
allow = [ { provider = "files", scopes = ["openid"] } ]
[workload.host]
match = { uid = ${uid} }
session_scope = "workload"
assert = ["corp"]
allow = [ { provider = "files", scopes = ["openid"] } ]
` });
  const sockets = path.join(world.directory, 'run/agent');
  await podman.start('one', sockets, '--label', 'team=agents', '-v', `${client}:/bin/connect`);

  const open = { method: 'io.reeve.Agent.OpenSession',
                 parameters: { as: 'asserted', user: { issuer: world.issuerUrl, subject: 'alice' } } };
  const ask = (session) => ({ method: 'io.reeve.Agent.GetToken', parameters: { session, provider: 'files', scopes: ['openid'] } });
  // A session whose token lies in memory, and the text that asks for it.
  async function prepare(call) {
    const { session } = (await call(open)).parameters;
    await walk((await call(ask(session))).parameters.url, 'alice');
    const { parameters } = await call(ask(session));
    if (!parameters.token) throw new Error(`no token: ${JSON.stringify(parameters)}`);
    return JSON.stringify(ask(session));
  }

  const places = {
    'a process of this host': {
      text: await prepare((one) => callAs(world, uid, one.method, one.parameters)),
      measure: (socket, text) => {
        const ran = spawnSync(client, [path.join(sockets, socket), calls], { input: `${text}\n`, encoding: 'utf8', uid, gid: uid });
        if (ran.status !== 0) throw new Error(ran.stderr);
        return JSON.parse(ran.stdout);
      } },
    'a container': {
      text: await prepare(async (one) => (await podman.calls('one', one))[0]),
      measure: async (socket, text) => JSON.parse(
        await podman.program('one', text, '/bin/connect', `/run/reeve/agent/${socket}`, String(calls))) },
  };
  for (const [name, { text, measure }] of Object.entries(places)) {
    const { reply } = await measure('agent.sock', text);
    const plain = `plain-${yardsticks.length}.sock`;
    const yardstick = spawn(client, ['--serve', path.join(sockets, plain), text.length + 1, reply],
      { stdio: ['ignore', 'pipe', 'inherit'] });
    yardsticks.push(yardstick);
    await once(yardstick.stdout, 'data');
    const took = { plain: [], token: [], p99: [], ratio: [] };
    for (let i = 0; i < rounds; ++i) {
      const one = await measure(plain, text), other = await measure('agent.sock', text);
      took.plain.push(one.p50);
      took.token.push(other.p50);
      took.p99.push(other.p99);
      took.ratio.push(one.p50 / other.p50);
    }
    const us = (list, part) => `${middle(list, part).toFixed(1)} us`;
    console.log(`${name}: a plain connection p50 ${us(took.plain)}; connect, attest, GetToken, close p50 ${us(took.token)}, `
      + `p99 ${us(took.p99)}; ratio of rates ${middle(took.ratio).toFixed(2)} `
      + `(${middle(took.ratio, 0.1).toFixed(2)} to ${middle(took.ratio, 0.9).toFixed(2)}), ${rounds} rounds of ${calls}`);
  }
} finally {
  for (const yardstick of yardsticks) yardstick.kill();
  await podman.stop();
  await world?.stop();
  fs.rmSync(directory, { recursive: true, force: true });
}
