// V3: the disk under the vault is full, or cannot be written any more: every call says so, nothing is lent that was not
// written down, nothing is lost, and it goes on when the disk does. Real file systems of its own.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { walk } from './walk.mjs';
import { World, refusal } from './world.mjs';

let world, state, session;
async function begin(disk) {
  world = await World.start({ ...disk, provider: { ttl: { AccessToken: 600 } } });
  state = path.join(world.directory, 'state');
  session = await open();
  const asked = await refusal(ask());
  assert.equal(asked.name, 'ConsentRequired');
  await walk(asked.parameters.url, 'alice');
}
before(() => begin({ stateMegabytes: 8 }));
after(async () => {
  await world?.stop();
});

async function with_agent(use) {
  const agent = await world.agent();
  try {
    return await use(agent);
  } finally {
    await agent.close();
  }
}
const open = () => with_agent(async (agent) => (await agent.call('io.reeve.Agent.OpenSession',
  { as: 'asserted', user: { issuer: world.issuerUrl, subject: 'alice' } })).parameters.session);
const ask = (more = {}) => with_agent(async (agent) =>
  (await agent.call('io.reeve.Agent.GetToken', { session, provider: 'files', ...more })).parameters.token);
const alarms = () => world.provider.events.filter(({ event }) => event === 'reuse').length;

// Fills what is left, to the last byte.
function fill() {
  const file = path.join(state, 'filler');
  const fd = fs.openSync(file, 'w');
  const block = Buffer.alloc(4096);
  for (let size = block.length; size >= 1;) {
    try {
      if (fs.writeSync(fd, block, 0, size) < size) size >>= 1;
    } catch (error) {
      assert.equal(error.code, 'ENOSPC');
      size >>= 1;
    }
  }
  fs.closeSync(fd);
  return () => fs.rmSync(file);
}

// Whole records of tokens that were lent.
const records = () => world.auditText().split('\n')
  .filter((line) => line.endsWith('}') && line.includes('"event":"token.lent"')).length;

// The error of a call that must fail.
async function error_of(call) {
  try {
    await call();
  } catch (error) {
    return error.error;
  }
  return 'it was answered';
}

test('a full disk: every call says so, no token goes out without its record, and all goes on afterwards', async () => {
  const first = await ask();
  const mend = fill();
  let lent = 0, refusal_of_cached;
  const recorded = records();
  try {
    assert.equal(await error_of(open), 'io.reeve.Agent.Unavailable');
    assert.equal(await error_of(() => ask({ min_valid: 3600 })), 'io.reeve.Agent.Unavailable', 'a refresh');
    // The audit file's last page has room for a few records.
    for (; lent < 100; ++lent) {
      refusal_of_cached = await error_of(ask);
      if (refusal_of_cached !== 'it was answered') break;
    }
    assert.equal(refusal_of_cached, 'io.reeve.Agent.Unavailable', 'no record, no token');
  } finally {
    mend();
  }
  assert.equal(records(), recorded + lent, 'a record for each token, and no more');
  const refreshed = await ask({ min_valid: 3600 });
  assert.notEqual(refreshed.access_token, first.access_token);
  await world.kill('reeved');
  assert.equal((await ask()).access_token, refreshed.access_token, 'what was lent is kept');
  assert.equal(alarms(), 0, 'no used refresh token came back');
  assert.ok(await open());
});

test('a read-only file system: reeved does not start, says why, and harms nothing', async () => {
  const copy = path.join(world.directory, 'copy');
  const config = path.join(world.directory, 'copy.toml');
  fs.writeFileSync(config, fs.readFileSync(world.configFile, 'utf8').replaceAll(`${world.directory}/state`, copy));
  fs.mkdirSync(copy);
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=8m', 'reeve-test', copy]);
  try {
    process.kill(world.pids.reeved, 'SIGSTOP');
    execFileSync('cp', ['-a', `${state}/.`, copy]);
    process.kill(world.pids.reeved, 'SIGCONT');
    execFileSync('mount', ['-o', 'remount,ro', copy]);
    const digest = () => execFileSync('sh', ['-c', 'sha256sum vault.db*'], { cwd: copy, encoding: 'utf8' });
    const before = digest();
    const run = spawnSync('setpriv', ['--reuid', '64101', '--regid', '64101', '--clear-groups', '/usr/bin/python3', '-c', `
import os, socket, sys
pairs = [socket.socketpair() for _ in range(3)]
for i, (a, b) in enumerate(pairs): os.dup2(a.fileno(), 50 + i)
for i in range(3): os.dup2(50 + i, 3 + i, inheritable=True)
os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS='3', LISTEN_FDNAMES='agent:bind:admin')
os.execv(sys.argv[1], sys.argv[1:])`, path.join(world.directory, 'bin/reeved'), '--config', config,
    '--presets', path.join(world.directory, 'presets')], { encoding: 'utf8', timeout: 20_000 });
    assert.equal(run.status, 1, run.stderr);
    assert.match(run.stderr, /vault\.db.*(read-?only|cannot be written)/i);
    assert.equal(digest(), before);
  } finally {
    execFileSync('umount', [copy]);
  }
});

test('a disk that fails and turns read-only under a running reeved: every call says so, and nothing is lost', async (t) => {
  if (spawnSync('losetup', ['-f']).status !== 0) return t.skip('no loop device here');
  await world.stop();
  await begin({ stateImage: 32 });
  const first = await ask();
  const kept = await ask({ min_valid: 3600 });
  assert.notEqual(kept.access_token, first.access_token);
  world.breakDisk();
  assert.equal(await error_of(ask), 'io.reeve.Agent.Unavailable', 'no record, no token');
  assert.equal(await error_of(() => ask({ min_valid: 3600 })), 'io.reeve.Agent.Unavailable', 'a refresh');
  assert.equal(await error_of(open), 'io.reeve.Agent.Unavailable');
  await world.end();
  world.mendDisk();
  await world.launch();
  assert.equal((await ask()).access_token, kept.access_token, 'what was lent is kept');
  assert.ok(await ask({ min_valid: 3600 }), 'and is refreshed again');
  assert.ok(await open());
  assert.equal(alarms(), 0, 'no used refresh token came back');
});
