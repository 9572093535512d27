// How long from the operator's call to `session_ended` on the last of 100 open connections, beside a plain broadcast of
// as many bytes to as many sockets by a program that does nothing else. Medians of rounds that take turns.
//
//     REEVE_BUILD=build-release node tests/bench/kill_switch.mjs [ROUNDS]
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { World } from '../e2e/world.mjs';

const CONNECTIONS = 100;
const rounds = Number(process.argv[2] ?? 21);
const median = (list) => [...list].sort((a, b) => a - b)[list.length >> 1];
const world = await World.start();

async function killed() {
  const agent = await world.agent(), admin = await world.admin();
  const user = { issuer: world.issuerUrl, subject: 'alice' };
  const { session } = (await agent.call('io.reeve.Agent.OpenSession', { as: 'asserted', user })).parameters;
  const watching = await Promise.all(Array.from({ length: CONNECTIONS }, () => world.agent()));
  const streams = watching.map((one) => one.call('io.reeve.Agent.Watch', { session }, { more: true }));
  for (const stream of streams) await stream.next();  // "ready"
  const ended = streams.map(async (stream) => (await stream.next()).value.parameters.event);
  const begun = process.hrtime.bigint();
  const said = admin.call('io.reeve.Admin.KillSessions', { user });
  const events = await Promise.all(ended);
  const took = Number(process.hrtime.bigint() - begun) / 1e6;
  if (events.some((event) => event !== 'session_ended')) throw new Error(events.join());
  await said;
  await Promise.all([agent, admin, ...watching].map((one) => one.close()));
  return took;
}

const broadcaster = path.join(world.directory, 'broadcast.py');
fs.writeFileSync(broadcaster, `
import os, socket, sys
server = socket.socket(socket.AF_UNIX); server.bind(sys.argv[1]); server.listen(512)
print('ready', flush=True)
while True:
    first, _ = server.accept()
    others = [server.accept()[0] for _ in range(${CONNECTIONS})]
    message = b'{"parameters":{"event":"session_ended"}}\\0'
    if not first.recv(1): break
    for other in others: other.sendall(message)
    for one in [first, *others]: one.close()
`);
const socket = path.join(world.directory, 'broadcast.sock');
const program = spawn('/usr/bin/python3', [broadcaster, socket], { stdio: ['ignore', 'pipe', 'inherit'] });
await once(program.stdout, 'data');

async function broadcast() {
  const connect = async () => { const one = net.connect(socket); await once(one, 'connect'); return one; };
  const first = await connect();
  const others = [];
  for (let i = 0; i < CONNECTIONS; ++i) others.push(await connect());
  const heard = others.map((one) => once(one, 'data'));
  const begun = process.hrtime.bigint();
  first.write('!');
  await Promise.all(heard);
  const took = Number(process.hrtime.bigint() - begun) / 1e6;
  for (const one of [first, ...others]) one.destroy();
  return took;
}

const times = { killed: [], broadcast: [] };
for (let i = 0; i < rounds; ++i) {
  times.killed.push(await killed());
  times.broadcast.push(await broadcast());
}
program.kill();
await world.stop();
console.log(`${CONNECTIONS} connections, ${rounds} rounds, median: kill to the last session_ended `
  + `${median(times.killed).toFixed(2)} ms, plain broadcast ${median(times.broadcast).toFixed(2)} ms`);
