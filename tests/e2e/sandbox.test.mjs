// The suite's own premises: reeved runs in an empty network namespace, under its own filter, as its own user, without
// capabilities, and not dumpable; the other programs are users of their own (W11).
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { after, before, test } from 'node:test';
import { World, users } from './world.mjs';

let world;
before(async () => {
  world = await World.start();
});
after(() => world?.stop());

const status = (pid) => Object.fromEntries(
  fs.readFileSync(`/proc/${pid}/status`, 'utf8').split('\n').map((line) => line.split(/:\s+/)));

test('each program has a user of its own, no capability and no new privileges', () => {
  const expected = { reeved: users.daemon, bind: users.binder, 'fetch-issuers': users.fetch, 'fetch-providers': users.fetch };
  for (const [name, uid] of Object.entries(expected)) {
    const facts = status(world.pids[name]);
    assert.match(facts.Uid, new RegExp(`^${uid}\\b`), name);
    for (const set of ['CapEff', 'CapPrm', 'CapBnd']) assert.match(facts[set], /^0+$/, `${name} ${set}`);
    assert.equal(facts.NoNewPrivs, '1', name);
  }
});

test('reeved has no network: an empty namespace, and a filter', () => {
  const pid = world.pids.reeved;
  assert.equal(status(pid).Seccomp, '2');
  const links = spawnSync('nsenter', ['-t', String(pid), '-n', 'ip', '-o', 'link'], { encoding: 'utf8' });
  assert.equal(links.status, 0, links.stderr);
  assert.ok(links.stdout.split('\n').filter(Boolean).every((line) => /\blo\b/.test(line)), links.stdout);
  assert.notEqual(fs.readlinkSync(`/proc/${pid}/ns/net`), fs.readlinkSync('/proc/self/ns/net'));
});

test('W11 neither its own user nor another can read its memory or trace it', () => {
  const pid = world.pids.reeved;
  for (const uid of [users.daemon, users.agent]) {
    const tried = spawnSync('/usr/bin/python3', ['-c', `
import ctypes, sys
try:
    open('/proc/${pid}/mem', 'rb').read(1); print('memory')
except OSError: pass
libc = ctypes.CDLL(None, use_errno=True)
if libc.ptrace(16, ${pid}, 0, 0) == 0: print('traced')
try:
    open('/proc/${pid}/environ', 'rb').read(); print('environment')
except OSError: pass
`], { uid, gid: uid, encoding: 'utf8', cwd: '/' });
    assert.equal(tried.stdout, '', `uid ${uid}`);
  }
});
