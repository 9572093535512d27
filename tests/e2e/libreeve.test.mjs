// libreeve's scenarios: an agent in C (libreeve_driver.c) against the real daemon, server and browser.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, test } from 'node:test';
import { launch, person } from '../support/node/browser.mjs';
import { confirm, continueAs, openAndSignIn } from './people.mjs';
import { World, sleep } from './world.mjs';

const E = { ok: 0, closed: 6, lost: 7, timeout: 9, unavailable: 3, consentRequired: 32, denied: 33, sessionInvalid: 34,
            unknownProvider: 38, providerFailed: 39, limitReached: 40 };
const C = { granted: 1, declined: 2, expired: 4 };

let world, browser;
before(async () => {
  world = await World.start({ provider: { ttl: { AccessToken: 600 } }, config: `
[provider.gone]
endpoints = { authorization = "http://127.0.0.1:9/a", token = "http://127.0.0.1:9/t" }
client_id = "x"
loopback_http = true
` });
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await world?.stop();
});

class Driver {
  constructor() {
    const program = path.join(process.env.REEVE_BUILD, 'tests/e2e/libreeve_driver');
    this.child = spawn(program, { stdio: ['pipe', 'pipe', 'inherit'] });
    this.answers = [];
    this.waiting = [];
    createInterface({ input: this.child.stdout }).on('line', (line) => {
      const wake = this.waiting.shift();
      if (wake) wake(JSON.parse(line));
      else this.answers.push(JSON.parse(line));
    });
  }
  ask(...words) {
    this.child.stdin.write(`${words.join(' ')}\n`);
    return new Promise((resolve) => (this.answers.length ? resolve(this.answers.shift()) : this.waiting.push(resolve)));
  }
  // A leak would be its exit status, in a build that looks for leaks.
  async end() {
    const ended = new Promise((resolve) => this.child.on('exit', resolve));
    this.child.stdin.end();
    assert.equal(await ended, 0);
  }
}

async function agentOf(login) {
  const driver = new Driver();
  assert.equal((await driver.ask('connect', world.agentSocket)).error, E.ok);
  const { id_token } = await world.userToken(login);
  const opened = await driver.ask('open', id_token);
  assert.deepEqual([opened.error, opened.subject], [E.ok, login]);
  return driver;
}

async function consent(url, login) {
  const who = await person(browser);
  await openAndSignIn(who.page, url, login);
  await continueAs(who.page, login);
  await confirm(who.page);
  await who.close();
}

test('good path: consent by push, then the token, its refresh and what became of a refused one', async () => {
  const agent = await agentOf('alice');
  const asked = await agent.ask('token', 'files');
  assert.deepEqual([asked.error, asked.reason], [E.consentRequired, 'new']);
  const waiting = agent.ask('await');
  await consent(asked.url, 'alice');
  assert.deepEqual(await waiting, { error: E.ok, consent: C.granted });
  const first = await agent.ask('token', 'files');
  assert.deepEqual([first.error, first.account, first.scopes], [E.ok, 'alice', 2]);
  const answer = await fetch(`${world.providerUrl}/me`, { headers: { authorization: `Bearer ${first.token}` } });
  assert.equal((await answer.json()).sub, 'alice');
  assert.equal((await agent.ask('token', 'files')).token, first.token, 'cached');
  assert.equal((await agent.ask('report')).error, E.ok);
  const second = await agent.ask('token', 'files');
  assert.equal(second.error, E.ok);
  assert.notEqual(second.token, first.token);
  assert.notEqual((await agent.ask('token', 'files', '86400')).token, second.token, 'refreshed: it was to live longer');
  await agent.end();
});

test('decline, denial, an unknown provider and a session that is over are told apart', async () => {
  const agent = await agentOf('mallory');
  const asked = await agent.ask('token', 'files');
  const waiting = agent.ask('await');
  const mallory = await person(browser);
  await openAndSignIn(mallory.page, asked.url, 'mallory');
  await mallory.page.getByRole('button', { name: 'Decline' }).click();
  assert.deepEqual(await waiting, { error: E.ok, consent: C.declined });
  await mallory.close();
  assert.equal((await agent.ask('token', 'gone')).error, E.denied, 'the policy allows files only');
  assert.ok([E.unknownProvider, E.denied].includes((await agent.ask('token', 'nowhere')).error));
  assert.equal((await agent.ask('close')).error, E.ok);
  const over = await agent.ask('token', 'files');
  assert.equal(over.error, E.sessionInvalid);
  assert.match(over.text, /open another/);
  await agent.end();
});

test('a session expires', async () => {
  const agent = new Driver();
  await agent.ask('connect', world.agentSocket);
  const { id_token } = await world.userToken('alice');
  assert.equal((await agent.ask('open', id_token, '1')).error, E.ok);
  let last;
  for (let i = 0; i < 100; ++i) {
    last = await agent.ask('token', 'files');
    if (last.error !== E.ok) break;
    await sleep(100);
  }
  assert.equal(last.error, E.sessionInvalid);
  await agent.end();
});

test('a grant that is revoked is told to who watches', async () => {
  const watching = await agentOf('alice');
  assert.equal((await watching.ask('watch')).error, E.ok);
  assert.equal((await watching.ask('next', '50')).error, E.timeout, 'nothing has happened yet');
  const coming = watching.ask('next', '60000');
  const admin = await world.admin();
  const user = { issuer: world.issuerUrl, subject: 'alice' };
  assert.equal((await admin.call('io.reeve.Admin.RevokeGrants', { user })).parameters.revoked, 1);
  assert.deepEqual(await coming, { error: E.ok, event: 'grant_revoked' });
  await admin.close();
  const agent = await agentOf('alice');
  const asked = await agent.ask('token', 'files');
  assert.equal(asked.error, E.consentRequired);
  await agent.end();
  await watching.end();
});

test('a restart of the daemon under an open client goes unnoticed, the session is still there', async () => {
  const agent = await agentOf('alice');
  await world.kill('reeved');
  assert.equal((await agent.ask('token', 'files')).error, E.consentRequired, 'it was revoked above; the session holds');
  await agent.end();
});

test('no daemon, or a false one, is an error that says what to do', async () => {
  const agent = new Driver();
  const absent = await agent.ask('connect', '/run/nowhere/agent.sock');
  assert.equal(absent.error, E.unavailable);
  assert.match(absent.text, /start reeved/);
  await agent.end();
});

test('a provider that fails and a limit that is reached are told with what to do', async () => {
  const agent = await agentOf('alice');
  const asked = await agent.ask('token', 'files');
  const waiting = agent.ask('await');
  await consent(asked.url, 'alice');
  assert.deepEqual(await waiting, { error: E.ok, consent: C.granted });
  await world.provider.stop();
  const failed = await agent.ask('token', 'files', '86400');
  assert.equal(failed.error, E.providerFailed, failed.detail);
  assert.match(failed.text, /try again/);
  assert.equal((await agent.ask('token', 'files')).error, E.ok, 'the token it has still serves');
  const { id_token } = await world.userToken('alice');
  let limit;
  for (let i = 0; i < 5000; ++i) {
    limit = await agent.ask('open', id_token);
    if (limit.error !== E.ok) break;
  }
  assert.equal(limit.error, E.limitReached);
  assert.match(limit.detail, /limit: /);
  await agent.end();
});
