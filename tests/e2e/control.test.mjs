// The control of the attack suite: with the checks that stop it switched off, every attack succeeds. See docs/attacks.md.
// With REEVE_CONTROL_ALONE also: where several checks are named, any one of them alone stops it.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { launch } from '../support/node/browser.mjs';
import { attacks, table } from './attacks/all.mjs';
import { Scene, Worlds } from './attacks/scene.mjs';

const results = new Map(attacks.map(({ name }) => [name, {}]));
const worlds = new Worlds();
let browser;
before(async () => {
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await worlds.stop();
});

for (const { id, name, off, why, control, run, world: own } of attacks.filter(({ off }) => off)) {
  test(`${id} without ${off.join(', ') || why}: ${name}`, async () => {
    const world = await worlds.get({ ...own, ...control, control: true });
    const scene = new Scene(world, browser);
    world.switchOff(off);
    try {
      const succeeded = await run(scene);
      results.get(name).succeeded = succeeded;
      assert.ok(succeeded, 'the attack must be able to succeed');
      for (const check of process.env.REEVE_CONTROL_ALONE && off.length > 1 ? off : []) {
        world.switchOff(off.filter((other) => other !== check));
        assert.equal(await run(new Scene(world, browser)), false, `${check} alone must stop it`);
      }
    } finally {
      world.switchOff([]);
      await scene.end();
    }
  });
}

test('docs/attacks.md says what this run showed', () => {
  const file = path.join(import.meta.dirname, '../../docs/attacks.md');
  const text = table(results);
  if (process.env.REEVE_WRITE_DOCS) fs.writeFileSync(file, text);
  assert.equal(fs.readFileSync(file, 'utf8'), text, 'write it anew with REEVE_WRITE_DOCS=1');
});

test('an ordinary build has no switch, a control build does not run by itself', () => {
  for (const [folder, name] of [['reeved', 'reeved'], ['bind', 'reeve-bind'], ['fetch', 'reeve-fetch']]) {
    const program = (build) => path.resolve(import.meta.dirname, '../..', build, 'daemon', folder, name);
    assert.ok(!fs.readFileSync(program(process.env.REEVE_BUILD)).includes('REEVE_CONTROL_OFF'), name);
    if (name === 'reeve-fetch') continue;
    const options = name === 'reeved' ? [] : ['--url', 'http://127.0.0.1:1'];
    const { status, stderr } = spawnSync(program(process.env.REEVE_CONTROL_BUILD), options, { env: {}, encoding: 'utf8' });
    assert.equal(status, 1);
    assert.match(stderr, /a control build runs in tests only/);
  }
});
