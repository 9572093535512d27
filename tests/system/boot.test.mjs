// The harness itself: what it boots is a whole Debian, its own, and thrown away; a script's end is its own end.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { Booted } from './booted.mjs';

const boot = path.join(import.meta.dirname, 'boot');

test('a script runs as a unit under systemd, with its arguments, and its status is the harness\'s', () => {
  const script = `/tmp/reeve-boot-${process.pid}.sh`;
  fs.writeFileSync(script, 'cat /proc/1/comm; echo "$1"; touch /usr/mine; ip -o link | wc -l; exit 7\n');
  try {
    const ran = spawnSync(boot, [script, 'one word'], { encoding: 'utf8' });
    assert.deepEqual([ran.status, ran.stdout], [7, 'systemd\none word\n1\n'], ran.stderr);
  } finally {
    fs.unlinkSync(script);
  }
});

test('commands run inside while it is up, and nothing of an earlier one is left', async () => {
  const system = await Booted.start();
  try {
    assert.notEqual((await system.run('test', '-e', '/usr/mine')).status, 0);
    assert.equal(await system.ok('systemd-run -q --wait --pipe -p DynamicUser=yes -p PrivateNetwork=yes id -un | wc -l'), '1');
    assert.equal((await system.run('false')).status, 1);
  } finally {
    await system.stop();
  }
});
