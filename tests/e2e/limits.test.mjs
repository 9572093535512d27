// W9: floods. Each limit refuses with its name, each kind of silence has a deadline, and nobody else is hurt.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import net from 'node:net';
import { after, before, test } from 'node:test';
import { World, users } from './world.mjs';

let world;
before(async () => {
  world = await World.start({ config: `
[limits]
connections_per_uid = 40
connections_of_strangers = 10
frame_seconds = 1
idle_seconds = 3
sessions_per_workload = 12
[workload.small]
match = { uid = ${users.agent} }
assert = ["corp"]
sessions = 2
allow = [ { provider = "files", scopes = ["openid"] } ]
` });
});
after(() => world?.stop());

const works = async () => {
  const agent = await world.agent();
  assert.equal((await agent.call('io.reeve.Agent.WhoAmI', {})).parameters.workload, 'agent');
  await agent.close();
};

// Connects `count` times as that user, does `each` with every connection, and prints one line.
async function as(uid, script) {
  const child = spawn('/usr/bin/python3', ['-c', `
import json, socket
def connect():
    client = socket.socket(socket.AF_UNIX)
    client.settimeout(30)
    client.connect('${world.agentSocket}')
    return client
def ask(client, method, **parameters):
    data = b''
    frame = json.dumps({'method': 'io.reeve.Agent.' + method, 'parameters': parameters}).encode() + b'\\0'
    try:
        client.sendall(frame)
    except OSError:
        pass  # it was refused already: the reason is there to be read
    try:
        while not data.endswith(b'\\0'):
            piece = client.recv(65536)
            if not piece:
                break
            data += piece
    except OSError:
        pass
    return json.loads(data.split(b'\\0')[0]) if data else {'error': 'closed'}
${script}
`], { uid, gid: uid, cwd: '/', stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  for await (const data of child.stdout) output += data;
  return JSON.parse(output);
}

test('W9 one user\'s connections do not take the others\'', async () => {
  const answers = await as(users.other, `
clients = [connect() for _ in range(60)]
print(json.dumps([ask(client, 'WhoAmI') for client in clients]))`);
  const served = answers.filter(({ error }) => !error);
  const refused = answers.filter(({ error }) => error === 'io.reeve.Agent.LimitReached');
  assert.equal(served.length, 40);
  assert.ok(refused.length > 0 && answers.length === 60);
  assert.deepEqual(refused[0].parameters, { limit: 'connections_per_uid', retry_after: 30 });
  await works();
});

test('W9 strangers share a few connections, however many users they are', async () => {
  const answers = await Promise.all([64301, 64302, 64303].map((uid) => as(uid, `
import time
clients = [connect() for _ in range(8)]
answers = [ask(client, 'WhoAmI') for client in clients]
time.sleep(1)
print(json.dumps(answers))`)));
  assert.ok(answers.flat().filter(({ error }) => !error).length <= 20);
  assert.ok(answers.flat().some(({ error }) => error === 'closed'));
  await works();
});

const ended = (socket) => new Promise((resolve) => { socket.on('close', resolve); socket.on('error', () => {}); });

test('W9 half a frame, an idle connection and a slow reader each have a deadline', async () => {
  const half = net.createConnection(world.agentSocket);
  half.write('{"method":"io.reeve.Agent.Who');
  const idle = net.createConnection(world.agentSocket);
  const slow = net.createConnection(world.agentSocket);
  slow.pause();
  // Answers that nobody takes: far more than a socket holds.
  const call = Buffer.from('{"method":"org.varlink.service.GetInterfaceDescription",'
    + '"parameters":{"interface":"io.reeve.Agent"}}\0');
  slow.write(Buffer.concat(Array(2000).fill(call)));
  const idleBegan = Date.now();
  half.resume();
  idle.resume();
  await ended(half);
  await ended(idle);
  assert.ok(Date.now() - idleBegan > 2500, 'an idle one has longer than half a frame');
  slow.resume();
  await ended(slow);
  assert.ok(slow.bytesRead < 2000 * 2000, 'it did not get all of it');
  await works();
});

test('W9 sessions: a workload\'s own limit, and the one for each', async () => {
  const opened = (count) => `
client = connect()
user = {'issuer': '${world.issuer.issuer}', 'subject': 'alice'}
print(json.dumps([ask(client, 'OpenSession', **{'as': 'asserted', 'user': user}) for _ in range(${count})]))`;
  const small = await as(users.agent, opened(4));
  assert.deepEqual(small.map(({ error }) => error ?? 'opened'),
    ['opened', 'opened', 'io.reeve.Agent.LimitReached', 'io.reeve.Agent.LimitReached']);
  assert.equal(small[3].parameters.limit, 'sessions_per_workload');
  assert.ok(small[3].parameters.retry_after > 0);
  const all = await as(0, opened(14));
  assert.equal(all.filter(({ error }) => !error).length, 12);
  await works();
});
