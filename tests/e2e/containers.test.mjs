// Who is asking, in real containers: Podman as root and rootless, with the agents' socket mounted. What the daemon says
// of a container is held against what the engine says. The attacks: T8, W3, W4, W5 with containers and forged ones.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, test } from 'node:test';
import { Podman, cgroupRoot, image, makeImage } from './podman.mjs';
import { World, users } from './world.mjs';

const task = 'c'.repeat(31) + '7';
const arn = `arn:aws:ecs:eu-west-1:1:task/prod/${task}`;
const rootlessUser = 64150, forger = 64151, pinned = 64152;
let directory, world, podman, rootless, agentDirectory;

const rule = (name, match, more = '') => `
[workload.${name}]
match = { ${match} }
assert = ["corp"]
${more}
allow = [ { provider = "files", scopes = ["openid"] } ]
`;

before(async () => {
  directory = fs.mkdtempSync('/tmp/reeve-containers.');
  fs.chmodSync(directory, 0o755);
  const archive = makeImage(directory, path.resolve(process.env.REEVE_BUILD, 'libclient/cli/reeve'));
  podman = new Podman(path.join(directory, 'rootful'));
  rootless = new Podman(path.join(directory, 'rootless'), { uid: rootlessUser });
  await Promise.all([podman.do('import', archive, image), rootless.do('import', archive, image)]);
  await podman.serve();
  const imageId = await podman.do('image', 'inspect', '--format', '{{.Id}}', image);
  world = await World.start({
    daemonKeys: 'attest = true', launch: ['--engine', `podman=${podman.socket}`], config:
      rule('team', 'container = "podman:*", label.team = "agents"')
      + rule('digest', `image_digest = "sha256:${imageId}", container_name = "digest-*"`)
      + rule('mapped', 'container = "podman:*", uid = 200000')
      + rule('own', `container = "rootless", uid = ${rootlessUser}`)
      + rule('pinned', `uid = ${pinned}`, 'exec = "pinned"')
      + rule('ecs', 'ecs.family = "triage", ecs.container = "agent"') });
  agentDirectory = path.join(world.directory, 'run/agent');
  await Promise.all([
    podman.start('one', agentDirectory, '--label', 'team=agents'),
    podman.start('two', agentDirectory, '--label', 'team=agents'),
    podman.start('plain', agentDirectory, '--label', 'team=others', '--env', 'container_label_team=agents'),
  ]);
});
after(async () => {
  await podman?.stop();
  await rootless?.stop();
  await world?.stop();
  // An engine that was stopped may still be putting things away.
  fs.rmSync(directory, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
});

const whoAmI = { method: 'io.reeve.Agent.WhoAmI' };
const open = () => ({ method: 'io.reeve.Agent.OpenSession',
                      parameters: { as: 'asserted', user: { issuer: world.issuer.issuer, subject: 'alice' } } });
const getToken = (session) => ({ method: 'io.reeve.Agent.GetToken',
                                 parameters: { session, provider: 'files', scopes: ['openid'] } });
const who = async (name, engine = podman) => (await engine.calls(name, whoAmI))[0].parameters;

test('the daemon knows a container as its engine does', async () => {
  const [inspected] = JSON.parse(await podman.do('inspect', 'one'));
  const { workload, evidence } = await who('one');
  assert.equal(workload, 'team');
  assert.equal(evidence.container, `podman:${inspected.Id}`);
  assert.equal(evidence.image, image);
  assert.ok(evidence.image_digest.split(',').includes(`sha256:${inspected.Image.replace('sha256:', '')}`), evidence.image_digest);
  assert.equal(evidence['label.team'], 'agents');
  assert.equal(evidence.container_name, 'one');
  assert.equal(evidence.pid_namespace, 'other');
  assert.equal(evidence.uid, '0');
});

test('reeve whoami, run in a container, prints what the daemon sees', async () => {
  const said = await podman.program('one', '', '/bin/env', `REEVE_DAEMON_UID=${users.daemon}`, '/bin/reeve', 'whoami');
  assert.match(said, /team/);
  assert.match(said, new RegExp(`podman:${await podman.do('inspect', '--format', '{{.Id}}', 'one')}`));
});

test('the right rule matches, the wrong ones do not', async () => {
  await podman.start('digest-1', agentDirectory);
  await podman.start('other-1', agentDirectory);
  assert.equal((await who('digest-1')).workload, 'digest');
  assert.equal((await who('other-1')).workload, undefined, 'the same image under another name');
  assert.equal((await who('plain')).workload, undefined, 'another label');
});

test('W4 the same uid inside and outside are two', async () => {
  const outside = (await (await world.agent()).call('io.reeve.Agent.WhoAmI', {})).parameters;
  assert.equal(outside.workload, 'agent');
  const inside = await who('plain');
  assert.equal(inside.evidence.uid, outside.evidence.uid);
  assert.equal(inside.workload, undefined, 'a rule on uid 0 alone is not for a container');
  await podman.start('mapped-1', agentDirectory, '--uidmap', '0:200000:65536');
  const mapped = await who('mapped-1');
  assert.equal(mapped.evidence.uid, '200000');
  assert.equal(mapped.evidence.user_namespace, 'other');
  assert.equal(mapped.workload, 'mapped');
});

test('T8 W5 handles stay in the container that opened them', async () => {
  const [opened, own] = await podman.calls('one', open(), getToken('x'));
  const { session } = opened.parameters;
  assert.equal(own.error, 'io.reeve.Agent.SessionInvalid');
  const [again] = await podman.calls('one', getToken(session));
  assert.equal(again.error, 'io.reeve.Agent.ConsentRequired', 'another process of the same container may');
  const { request } = again.parameters;
  const wait = { method: 'io.reeve.Agent.AwaitConsent', parameters: { session, request }, more: true };
  for (const stolen of await podman.calls('two', getToken(session), wait,
    { method: 'io.reeve.Agent.CloseSession', parameters: { session } })) {
    assert.equal(stolen.error, 'io.reeve.Agent.SessionInvalid', 'a container of the same image');
  }
  const host = await world.agent();
  await assert.rejects(host.call(getToken(session).method, getToken(session).parameters), /SessionInvalid/);
  await podman.do('restart', '-t', '0', 'one');
  const [restarted] = await podman.calls('one', getToken(session));
  assert.equal(restarted.error, 'io.reeve.Agent.SessionInvalid', 'restarted, it is another one');
});

test('W3 a rootless engine counts as its user, whatever labels and names it gives', async () => {
  await rootless.start('digest-1', agentDirectory, '--label', 'team=agents');
  const { workload, evidence } = await who('digest-1', rootless);
  assert.equal(workload, 'own');
  assert.equal(evidence.uid, String(rootlessUser));
  assert.equal(evidence.user_namespace, 'other');
  for (const absent of ['container', 'image', 'label.team', 'container_name']) assert.equal(evidence[absent], undefined, absent);
});

// As `uid`, in the control group `group`: what the daemon says of a program that has set everything it can.
async function forged(uid, group, id) {
  const program = `
import json, os, socket, sys
own = '${group}/docker-${id}.scope'
os.mkdir(own)
open(own + '/cgroup.procs', 'w').write(str(os.getpid()))
client = socket.socket(socket.AF_UNIX)
client.connect('${world.agentSocket}')
client.sendall(b'{"method":"io.reeve.Agent.WhoAmI"}\\0')
print(client.recv(65536)[:-1].decode(), flush=True)
`;
  const child = spawn('/usr/bin/python3', ['-c', program], { uid, gid: uid, cwd: '/', stdio: ['pipe', 'pipe', 'inherit'],
    argv0: '/bin/call', env: { container: 'podman', CONTAINER_ID: id, 'com.amazonaws.ecs.cluster': 'prod' } });
  // It starts in the directory that was given to its user; only root may put it there.
  fs.writeFileSync(`${group}/cgroup.procs`, String(child.pid));
  const [line] = await once(createInterface({ input: child.stdout }), 'line');
  return JSON.parse(line).parameters;
}

test('W3 a control group that a user made, environment and argv name nobody', async () => {
  const group = fs.mkdtempSync(path.join(cgroupRoot, 'reeve-forged-'));
  try {
    fs.chmodSync(group, 0o755);
    for (const file of ['', '/cgroup.procs']) fs.chownSync(group + file, forger, forger);
    const id = await podman.do('inspect', '--format', '{{.Id}}', 'one');
    const { workload, evidence } = await forged(forger, group, id);
    assert.equal(workload, undefined);
    assert.match(evidence.cgroup, new RegExp(`docker-${id}\\.scope$`));
    assert.equal(evidence.container, undefined);
    assert.equal(evidence.rootless, 'docker');
    assert.equal(evidence.rootless_owner, String(forger));
    assert.match(evidence.scope, /^process:/);
  } finally {
    execFileSync('find', [group, '-depth', '-type', 'd', '-exec', 'rmdir', '{}', ';']);
  }
});

test('ECS: the engine\'s labels count in the cgroup of the task that they name', async () => {
  const labels = ['cluster=prod', `task-arn=${arn}`, 'task-definition-family=triage', 'task-definition-version=3',
                  'container-name=agent'].flatMap((label) => ['--label', `com.amazonaws.ecs.${label}`]);
  await podman.start('task', agentDirectory, '--cgroup-parent', `/ecs/${task}`, ...labels);
  const { workload, evidence } = await who('task');
  assert.equal(evidence.ecs_task, task);
  assert.equal(workload, 'ecs');
  await podman.start('no-task', agentDirectory, ...labels);
  assert.equal((await who('no-task')).workload, undefined, 'the labels alone');
});

// A process of the pinned workload: opens a session, then does what `then` says on the same connection; the last reply.
async function pinnedProcess(then) {
  const program = `
import json, os, socket
client = socket.socket(socket.AF_UNIX)
client.connect('${world.agentSocket}')
def ask(method, **parameters):
    client.sendall(json.dumps({'method': 'io.reeve.Agent.' + method, 'parameters': parameters}).encode() + b'\\0')
    data = b''
    while not data.endswith(b'\\0'):
        data += client.recv(65536)
    return json.loads(data[:-1])
opened = ask('OpenSession', **{'as': 'asserted', 'user': {'issuer': '${world.issuer.issuer}', 'subject': 'alice'}})
call = {'session': opened['parameters']['session'], 'provider': 'files', 'scopes': ['openid']}
${then}
`;
  const child = spawn('/usr/bin/python3', ['-c', program],
    { uid: pinned, gid: pinned, cwd: '/', stdio: ['ignore', 'pipe', 'inherit'] });
  const lines = [];
  for await (const line of createInterface({ input: child.stdout })) lines.push(JSON.parse(line));
  return lines;
}

test('W2 exec = "pinned": the program that connected, and no other, uses the connection', async () => {
  const [own] = await pinnedProcess("print(json.dumps(ask('GetToken', **call)))");
  assert.equal(own.error, 'io.reeve.Agent.ConsentRequired');
  const [passed, after] = await pinnedProcess(`
child = os.fork()
if child == 0:
    print(json.dumps(ask('GetToken', **call)), flush=True)
    os._exit(0)
os.waitpid(child, 0)
print(json.dumps(ask('GetToken', **call)))`);
  assert.deepEqual([passed.error, passed.parameters], ['io.reeve.Agent.Denied', { reason: 'exec_changed' }]);
  assert.equal(after.error, 'io.reeve.Agent.Denied', 'nor does the first one get it back');
  const [changed] = await pinnedProcess(`
frame = json.dumps({'method': 'io.reeve.Agent.GetToken', 'parameters': call})
os.set_inheritable(client.fileno(), True)
script = 'printf "%s\\\\0" "$1" >&"$2"; IFS= read -r -d "" line <&"$2"; printf "%s\\\\n" "$line"'
os.execv('/bin/bash', ['bash', '-c', script, 'bash', frame, str(client.fileno())])`);
  assert.deepEqual([changed.error, changed.parameters], ['io.reeve.Agent.Denied', { reason: 'exec_changed' }]);
  assert.ok(world.auditEvents('session.refused').some(({ reason }) => reason === 'exec_changed'));
});

test('the same by number, as on kernels before 6.5', async () => {
  const old = await World.start({ daemonKeys: 'attest = true',
    config: rule('team', 'container = "podman:*", label.team = "agents"'),
    launch: ['--old-kernel', '--engine', `podman=${podman.socket}`] });
  try {
    const socket = path.join(old.directory, 'run/agent');
    await Promise.all(['old-1', 'old-2'].map((name) => podman.start(name, socket, '--label', 'team=agents')));
    const opening = { method: 'io.reeve.Agent.OpenSession',
                      parameters: { as: 'asserted', user: { issuer: old.issuer.issuer, subject: 'alice' } } };
    const [said, opened] = await podman.calls('old-1', whoAmI, opening);
    assert.equal(said.parameters.workload, 'team');
    assert.equal(said.parameters.evidence.container_name, 'old-1');
    const { session } = opened.parameters;
    assert.equal((await podman.calls('old-1', getToken(session)))[0].error, 'io.reeve.Agent.ConsentRequired');
    assert.equal((await podman.calls('old-2', getToken(session)))[0].error, 'io.reeve.Agent.SessionInvalid');
  } finally {
    await old.stop();
  }
});

const problems = async () => (await (await world.admin()).call('io.reeve.Admin.Status', {})).parameters.problems
  .filter((text) => text.startsWith('reeve-attest'));
const hostWorks = async () => assert.equal(
  (await (await world.agent()).call('io.reeve.Agent.WhoAmI', {})).parameters.workload, 'agent');

test('reeve-attest hangs, or is gone: its evidence is absent, all else works, Status says so', async () => {
  await podman.start('fresh', agentDirectory, '--label', 'team=agents');
  process.kill(world.pids.attest, 'SIGSTOP');
  assert.equal((await who('fresh')).workload, undefined);
  assert.equal((await who('two')).workload, 'team', 'what it said of a running container is kept');
  await hostWorks();
  assert.notDeepEqual(await problems(), []);
  process.kill(world.pids.attest, 'SIGCONT');
  await world.kill('attest');
  for (let i = 0; i < 100 && (await who('fresh')).workload !== 'team'; ++i);
  assert.equal((await who('fresh')).workload, 'team', 'it is back');
  assert.deepEqual(await problems(), []);
});

test('the engine is gone: what it said of running containers is kept, of new ones it says nothing', async () => {
  assert.equal((await who('two')).workload, 'team');
  await podman.endService();
  await podman.start('late', agentDirectory, '--label', 'team=agents');
  const late = await who('late');
  assert.equal(late.workload, undefined);
  assert.match(late.evidence.container, /^podman:/, 'the kernel still says which container it is');
  assert.match((await problems()).join(), /podman/);
  assert.equal((await who('two')).workload, 'team');
  await hostWorks();
});
