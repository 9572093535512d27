// A daemon of one's own, without a service manager: what `reeve setup user` makes, and what `reeve doctor` says of it
// to the user. With a service manager and the packages: system/install/user.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { freePort, sleep, users } from './world.mjs';

const build = path.resolve(import.meta.dirname, '../..', process.env.REEVE_BUILD);
const begin = 'systemctl --user enable --now reeved.socket reeve-bind.socket';
let directory, bin, daemon;

before(() => {
  directory = fs.mkdtempSync('/tmp/reeve-own.');
  fs.chmodSync(directory, 0o755);
  bin = path.join(directory, 'bin');
  fs.mkdirSync(bin);
  // Other users must be able to run them, whatever directory the build lies in.
  for (const file of ['libclient/cli/reeve', 'daemon/reeved/reeved', 'libclient/src/libreeve.so.1']) {
    fs.copyFileSync(path.join(build, file), path.join(bin, path.basename(file)));
    fs.chmodSync(path.join(bin, path.basename(file)), 0o755);
  }
});
after(() => {
  daemon?.kill();
  fs.rmSync(directory, { recursive: true, force: true });
});

// A user of this host with a home and a runtime directory.
function person(name, uid) {
  const home = path.join(directory, name), runtime = path.join(directory, `run-${name}`);
  for (const place of [home, runtime]) {
    fs.mkdirSync(place, { mode: 0o700 });
    fs.chownSync(place, uid, uid);
  }
  const env = { PATH: '/usr/bin:/bin', HOME: home, XDG_RUNTIME_DIR: runtime, LD_LIBRARY_PATH: bin, LC_ALL: 'C' };
  const reeve = (...words) => spawnSync(path.join(bin, 'reeve'), words, { uid, gid: uid, env, cwd: '/', encoding: 'utf8' });
  const config = path.join(home, '.config/reeve/reeve.toml'), key = path.join(home, '.config/reeve/credentials/master-key');
  const dropIn = path.join(home, '.config/systemd/user/reeve-bind.socket.d/10-reeve-setup.conf');
  // In the URL and where the service manager will listen: one and the same.
  const port = () => {
    const [, url] = /^url = "http:\/\/127\.0\.0\.1:(\d+)"$/m.exec(fs.readFileSync(config, 'utf8'));
    const listens = fs.readFileSync(dropIn, 'utf8');
    assert.match(listens, new RegExp(`^\\[Socket\\]\nListenStream=\nListenStream=127\\.0\\.0\\.1:${url}\n$`, 'm'));
    return Number(url);
  };
  return { uid, home, runtime, env, reeve, config, key, dropIn, port };
}
function doctor(who, ...words) {
  const { status, stdout, stderr } = who.reeve('doctor', '--json', ...words);
  const findings = JSON.parse(stdout || `"${stderr}"`);
  return { status, findings, of: (part) => findings.find((one) => one.part === part) };
}

test('doctor tries a user\'s own daemon as that user, and says what to do without root', async () => {
  const alice = person('alice', users.alice);
  assert.equal(alice.reeve('setup', 'user').status, 0);
  // Nothing is started yet.
  let said = doctor(alice);
  assert.equal(said.status, 1);
  const read = said.findings.filter(({ part }) => part === 'configuration').map(({ outcome }) => outcome);
  assert.deepEqual(read, ['warning', 'ok'], 'it allows nothing yet');
  assert.equal(said.of('master key').text, `in ${alice.key}`);
  const place = path.join(alice.runtime, 'reeve');
  for (const part of [place, `${place}/agent.sock`, `${place}/admin.sock`]) {
    assert.deepEqual([said.of(part).outcome, said.of(part).advice], ['failed', begin], part);
  }
  assert.match(said.of(`${place}/agent.sock`).text, /systemctl --user status reeved/);
  for (const { advice } of said.findings) assert.doesNotMatch(advice ?? '', /systemctl (?!--user)|journalctl (?!--user)/);

  fs.mkdirSync(place, { mode: 0o700 });
  fs.chownSync(place, alice.uid, alice.uid);
  daemon = spawn('/usr/bin/python3', [path.join(import.meta.dirname, 'start.py'), '--at', place, String(alice.uid),
    path.join(bin, 'reeved'), '--same-user', '--config', alice.config], { stdio: ['ignore', 'ignore', 'inherit'], env: alice.env });
  for (let i = 0; i < 500 && alice.reeve('status').status !== 0; ++i) await sleep(20);
  said = doctor(alice);
  assert.match(said.of(`${place}/agent.sock`).text, /the daemon answers; this process is me$/);
  assert.equal(said.of(`${place}/admin.sock`).outcome, 'ok');
  // What reeved tries itself: there is no reeve-fetch that could reach the pages.
  assert.equal(said.of('binding.main').outcome, 'failed');
  assert.match(said.of('binding.main').advice, /^systemctl --user /);
});

test('doctor finds what is wrong in a user\'s files, and its advice mends it', () => {
  const bob = person('bob', users.mallory);
  assert.equal(bob.reeve('setup', 'user').status, 0);
  const mended = (part, break_it, advice) => {
    break_it();
    const found = doctor(bob).findings.find((one) => one.part === part && one.outcome === 'failed');
    assert.match(found?.advice ?? '', advice, JSON.stringify(doctor(bob).findings));
    return found.advice;
  };
  const env = { ...bob.env, PATH: `${bin}:/usr/bin:/bin` };
  const run = (line) => assert.equal(spawnSync('/bin/sh', ['-ec', line], { uid: bob.uid, gid: bob.uid, env }).status, 0, line);
  const faults = () => doctor(bob).findings.filter(({ outcome, part }) => (
    outcome === 'failed' && (part.startsWith(`${bob.home}/`) || part === 'master key'))).length;
  run(mended(bob.key, () => fs.chmodSync(bob.key, 0o644), /^chmod 0600 /));
  run(mended(`${bob.home}/.local/state/reeve`, () => fs.chmodSync(`${bob.home}/.local/state/reeve`, 0o755), /^chmod 0700 /));
  assert.equal(faults(), 0);
  run(mended('master key', () => fs.rmSync(bob.key), /^reeve setup key --user$/));
  assert.equal(faults(), 0);
  fs.writeFileSync(`${bob.home}/.local/state/reeve/vault.db`, '');
  mended('master key', () => fs.rmSync(bob.key), /^bring it back there: another one would not open the vault/);
  mended('configuration', () => fs.appendFileSync(bob.config, 'nonsense = 1\n'),
    /^mend that line; `reeve check --same-user .*systemctl --user reload/);
});

test('doctor looks at the system\'s daemon for root, for who has no daemon of his own, and where its socket is named', () => {
  const carol = person('carol', users.alice);
  assert.match(JSON.stringify(doctor(carol).findings), /systemctl enable --now reeved.socket/);
  assert.equal(carol.reeve('setup', 'user').status, 0);
  const said = doctor(carol, '--socket', '/run/reeve/none.sock');
  assert.equal(said.of('/run/reeve/none.sock').advice, 'systemctl enable --now reeved.socket');
  assert.doesNotMatch(JSON.stringify(said.findings), /--user/);
  const root = spawnSync(path.join(bin, 'reeve'), ['doctor'], { env: carol.env, encoding: 'utf8' });
  assert.doesNotMatch(root.stdout, /--user/);
});

// Somebody else's program there, for as long as `during` takes.
async function taken(port, during) {
  const server = net.createServer().listen(port, '127.0.0.1');
  await Promise.race([once(server, 'listening'), once(server, 'error')]); // an error: it is taken already
  try {
    return await during();
  } finally {
    server.close();
  }
}

test('the port of the pages is one that is free, or the one that was asked for', async () => {
  const dora = person('dora', users.alice), erik = person('erik', users.mallory);
  const said = await taken(8421, () => dora.reeve('setup', 'user'));
  assert.equal(said.status, 0, said.stderr);
  assert.ok(dora.port() > 8421 && dora.port() <= 8452, `${dora.port()}`);
  assert.match(said.stdout, new RegExp(`your browser will reach it at http://127.0.0.1:${dora.port()}\n`));
  const port = await freePort();
  const refused = await taken(port, () => erik.reeve('setup', 'user', '--port', `${port}`));
  assert.equal(refused.status, 1);
  assert.match(refused.stderr, new RegExp(`port ${port} cannot be had`));
  assert.ok(!fs.existsSync(erik.config) && !fs.existsSync(erik.dropIn), 'nothing was written');
  assert.equal(erik.reeve('setup', 'user', '--port', `${port}`).status, 0);
  assert.equal(erik.port(), port);
  assert.equal(erik.reeve('setup', 'user', '--port', '80').status, 2);
});

test('the port stays: not in place of the configuration, and the same where that is made anew while it listens', async () => {
  const frida = person('frida', users.alice);
  const port = await freePort();
  assert.equal(frida.reeve('setup', 'user', '--port', `${port}`).status, 0);
  for (const more of [[], ['--port', `${await freePort()}`]])
    assert.match(frida.reeve('setup', 'user', ...more).stderr, /is there already/);
  assert.equal(frida.port(), port);
  fs.rmSync(frida.config);
  await taken(port, () => assert.equal(frida.reeve('setup', 'user').status, 0));
  assert.equal(frida.port(), port);
});
