// kill -9 of each process in turn, and of all at once, at rest and in mid-consent: nothing that was there is lost, the
// next call works, and an open consent can be finished.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launch, person } from '../support/node/browser.mjs';
import { confirm, continueAs, openAndSignIn } from './people.mjs';
import { World, refusal, sleep, stream } from './world.mjs';

let world, browser;
const everything = ['reeved', 'bind', 'fetch-issuers', 'fetch-providers'];
before(async () => {
  world = await World.start();
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await world?.stop();
});

const ask = async (session) => {
  const agent = await world.agent();
  try {
    return await agent.call('io.reeve.Agent.GetToken', { session, provider: 'files' });
  } finally {
    await agent.close();
  }
};

async function consented(login) {
  const agent = await world.agent();
  const session = await world.session(agent, login);
  await agent.close();
  const asked = await refusal(ask(session));
  const someone = await person(browser);
  await openAndSignIn(someone.page, asked.parameters.url, login);
  await continueAs(someone.page, login);
  await confirm(someone.page);
  await someone.close();
  return session;
}

test('at rest: sessions and grants outlive every process', async () => {
  const session = await consented('alice');
  const before = (await ask(session)).parameters.token.access_token;
  for (const names of [...everything.map((name) => [name]), everything]) {
    await world.kill(...names);
    assert.equal((await ask(session)).parameters.token.access_token, before, `after kill -9 of ${names}`);
  }
  const admin = await world.admin();
  assert.equal((await admin.call('io.reeve.Admin.Status', {})).parameters.sessions, 1);
  await admin.close();
});

// The steps of a consent; a kill after each.
const steps = {
  'after the question': async () => {},
  'after the sign-in': async (someone, url, login) => openAndSignIn(someone.page, url, login),
  'at the provider': async (someone) => {
    await someone.page.getByRole('button', { name: 'Continue' }).click();
    await someone.page.waitForSelector('input[name=login]');
  },
  'before the confirmation': async (someone, url, login) => {
    const { signIn } = await import('../support/node/browser.mjs');
    await signIn(someone.page, login);
    await someone.page.waitForLoadState();
  },
};

for (const victims of [['reeved'], ['bind'], ['fetch-providers', 'fetch-issuers'], everything]) {
  test(`in mid-consent: kill -9 of ${victims.join(', ')} after every step`, async () => {
    const admin = await world.admin();
    await admin.call('io.reeve.Admin.RevokeGrants', { provider: 'files' });
    await admin.close();
    const agent = await world.agent();
    const session = await world.session(agent, 'mallory');
    await agent.close();
    const asked = await refusal(ask(session));
    assert.equal(asked.name, 'ConsentRequired');
    const someone = await person(browser);
    for (const step of Object.values(steps)) {
      await step(someone, asked.parameters.url, 'mallory');
      await world.kill(...victims);
    }
    await confirm(someone.page);
    assert.ok((await ask(session)).parameters.token.access_token);
    const again = await world.agent();
    const { request } = asked.parameters;
    const replies = await stream(again, 'io.reeve.Agent.AwaitConsent', { session, request });
    assert.deepEqual(replies.map(({ status }) => status), ['granted']);
    await again.close();
    await someone.close();
  });
}

test('a flipped byte in the vault is found, named, and nothing is served; a wrong master key harms nothing', async () => {
  const fs = await import('node:fs');
  const path = await import('node:path');
  const file = path.join(world.directory, 'state/vault.db');
  const { execFileSync, spawnSync } = await import('node:child_process');
  const copy = path.join(world.directory, 'copy');
  const run = (state, master) => {
    const config = path.join(world.directory, 'copy.toml');
    fs.writeFileSync(config, fs.readFileSync(world.configFile, 'utf8').replaceAll(`${world.directory}/state`, state)
      .replace(`${world.directory}/master.secret`, master));
    return spawnSync('setpriv', ['--reuid', '64101', '--regid', '64101', '--clear-groups', '/usr/bin/python3', '-c', `
import os, socket, subprocess, sys
pairs = [socket.socketpair() for _ in range(3)]
for i, (a, b) in enumerate(pairs): os.dup2(a.fileno(), 50 + i)
for i in range(3): os.dup2(50 + i, 3 + i, inheritable=True)
os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS='3', LISTEN_FDNAMES='agent:bind:admin')
os.execv(sys.argv[1], sys.argv[1:])`, path.join(world.directory, 'bin/reeved'), '--config', config,
      '--presets', path.join(world.directory, 'presets')],
      { encoding: 'utf8', timeout: 20_000 });
  };
  await world.kill('reeved');
  await sleep(300);
  process.kill(world.pids.reeved, 'SIGSTOP');
  fs.cpSync(path.dirname(file), copy, { recursive: true });
  process.kill(world.pids.reeved, 'SIGCONT');
  const whole = path.join(copy, 'vault.db');
  execFileSync('/usr/bin/python3', ['-c', `
import sqlite3, sys
db = sqlite3.connect(sys.argv[1]); db.execute('pragma wal_checkpoint(truncate)'); db.close()`, whole]);
  const wrongKey = world.secretFile('wrong', 'f'.repeat(64));
  execFileSync('chown', ['-R', '64101:64101', copy]);
  const wrong = run(copy, wrongKey);
  assert.notEqual(wrong.status, 0);
  assert.match(wrong.stderr, /master key/i);
  execFileSync('/usr/bin/python3', ['-c', `
import sqlite3, sys
db = sqlite3.connect(sys.argv[1])
# The longest of those that are read at start: no grant (4), no access token (5).
kind, id, sealed = db.execute('''select kind, id, sealed from record
  where kind not in (4, 5) order by length(sealed) desc''').fetchone()
value = bytearray(sealed); value[len(value) // 2] ^= 1
db.execute('update record set sealed = ? where kind = ? and id = ?', (bytes(value), kind, id)); db.commit(); db.close()`, whole]);
  const flipped = run(copy, path.join(world.directory, 'master.secret'));
  assert.notEqual(flipped.status, 0, flipped.stderr);
  assert.match(flipped.stderr, /vault|record|damaged|corrupt/i);
});
