// A host without an issuer: its users show by their uid who they are, each at a browser that runs as they.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { consent, launchAs, signIn } from '../support/node/browser.mjs';
import { confirm, continueAs, heading, pressContinue, text } from './people.mjs';
import { hostConfig } from './attacks/host.mjs';
import { World, callAs, refusal, sleep, users } from './world.mjs';

let world, alice, mallory;
before(async () => {
  world = await World.start({ config: hostConfig });
  alice = await launchAs(users.alice, path.join(world.directory, 'alice'));
  mallory = await launchAs(users.mallory, path.join(world.directory, 'mallory'));
});
after(async () => {
  await alice?.close();
  await mallory?.close();
  await world?.stop();
});

const call = (method, parameters, uid = users.alice) => callAs(world, uid, `io.reeve.Agent.${method}`, parameters);
const prove = async (uid, page) => (await call('ProveUser', page ? { page } : {}, uid)).parameters;
async function question(more = {}) {
  const { session, user } = (await call('OpenSession', { as: 'unix' })).parameters;
  const asked = await call('GetToken', { session, provider: 'files', ...more });
  assert.equal(asked.error, 'io.reeve.Agent.ConsentRequired');
  return { session, user, ...asked.parameters };
}
async function pressSignIn(page) {
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await page.waitForLoadState();
}

test('a user of the host consents in a browser of hers, and her agent gets the token', async () => {
  const asked = await question();
  assert.equal(asked.user.issuer, 'unix');
  assert.match(asked.user.subject, new RegExp(`:${users.alice}$`));
  // Without a code the page says how to get one.
  await alice.page.goto(asked.url);
  assert.ok((await text(alice.page)).includes(`reeve sign-in ${asked.url}`));
  const { url } = await prove(users.alice, asked.url);
  await alice.page.goto(url);
  await pressSignIn(alice.page);
  assert.equal(alice.page.url(), asked.url, 'the code is out of the address');
  assert.match(await heading(alice.page), /May terminal use Files for you/);
  await continueAs(alice.page, 'alice');
  await confirm(alice.page);
  const { parameters } = await call('GetToken', { session: asked.session, provider: 'files' });
  const answer = await fetch(`${world.providerUrl}/me`, { headers: { authorization: `Bearer ${parameters.token.access_token}` } });
  assert.equal((await answer.json()).sub, 'alice');
  assert.deepEqual(world.auditEvents('user.signed_in').at(-1).user, { issuer: 'unix', subject: asked.user.subject });
});

test('another user of the host gets nothing of it: not by the link, her own sign-in, the code or the cookie', async () => {
  const asked = await question({ fresh: true });
  const known = new RegExp(`You are uid ${users.alice}\\.`);
  // The link, as herself.
  const own = (await prove(users.mallory, asked.url)).url;
  await mallory.page.goto(own);
  await pressSignIn(mallory.page);
  assert.equal(await heading(mallory.page), 'This link is for somebody else');
  // Alice's code. It is still good for Alice then.
  const stolen = (await prove(users.alice, asked.url)).url;
  await mallory.page.goto(stolen);
  await pressSignIn(mallory.page);
  assert.equal(await heading(mallory.page), 'This was stopped');
  assert.equal(world.auditEvents('sign_in.refused').at(-1).reason, 'socket_owner');
  await alice.page.goto(stolen);
  await pressSignIn(alice.page);
  assert.match(await text(alice.page), known);
  // And was good once.
  await alice.page.goto(stolen);
  await pressSignIn(alice.page);
  assert.match(await text(alice.page), /reeve sign-in/);
  // Alice's cookie.
  await mallory.context.clearCookies();
  await mallory.context.addCookies(await alice.context.cookies(world.url));
  for (const url of [asked.url, `${world.url}/connections`]) {
    await mallory.page.goto(url);
    assert.doesNotMatch(await text(mallory.page), known);
    assert.equal(await mallory.page.getByRole('button', { name: /Continue|Disconnect/ }).count(), 0);
  }
  await mallory.context.clearCookies();
  // Alice goes on where she was.
  await alice.page.goto(asked.url);
  assert.equal(await alice.page.getByRole('button', { name: 'Continue' }).count(), 1);
});

test('a sign-in at the issuer is none of this host, nor the other way round: the page says which one it needs', async () => {
  const agent = await world.agent();
  const asked = await refusal(agent.call('io.reeve.Agent.GetToken',
    { session: await world.session(agent, 'alice'), provider: 'files', fresh: true }));
  const own = await question({ fresh: true });
  const refused = world.auditEvents('flow.refused').length;
  const { page } = alice;
  await page.goto((await prove(users.alice, own.url)).url);
  await pressSignIn(page);
  assert.match(await heading(page), /May terminal use Files/);
  await page.goto(asked.parameters.url);
  const said = await text(page);
  const place = new URL(world.issuer.issuer).host;
  assert.ok(said.includes(`as uid ${users.alice}, but at another place. This needs your sign-in at ${place}.`), said);
  assert.ok(!said.includes(asked.parameters.phrase), 'nothing of the question');
  await pressSignIn(page);
  await signIn(page, 'alice');
  assert.match(await heading(page), /May agent use Files/);
  await page.goto(own.url);
  assert.ok((await text(page)).includes(`reeve sign-in ${own.url}`));
  assert.equal(await page.getByRole('button', { name: 'Continue' }).count(), 0);
  assert.equal(world.auditEvents('flow.refused').length, refused, 'nobody came to another\'s question');
  await agent.close();
});

test('W9 guesses meet the page that says when to come again, and no record each; Alice does not notice', async () => {
  const page = await fetch(`${world.url}/signin/unix?code=${'A'.repeat(43)}&next=/connections`);
  const cookie = page.headers.getSetCookie().map((line) => line.split(';')[0]).join('; ');
  const [, csrf] = /name="csrf" value="([^"]*)"/.exec(await page.text());
  const guess = () => fetch(`${world.url}/signin/unix`, { method: 'POST', redirect: 'manual',
    headers: { cookie, origin: world.url }, body: new URLSearchParams({ csrf, code: 'A'.repeat(43), next: '/connections' }) });
  const before = world.auditEvents('sign_in.refused').length;
  const statuses = [];
  for (let i = 0; i < 70; ++i) {
    const answer = await guess();
    statuses.push(answer.status);
    if (answer.status === 429) assert.ok(Number(answer.headers.get('retry-after')) > 0);
  }
  // A little comes back while they are made.
  const told = statuses.filter((status) => status === 429).length;
  assert.ok(told >= 1 && told <= 10, statuses.join(' '));
  assert.ok(statuses.slice(0, 60).every((status) => status === 200), statuses.join(' '));
  assert.equal(world.auditEvents('sign_in.refused').length - before, statuses.length - told);
  await alice.page.goto((await prove(users.alice)).url);
  await pressSignIn(alice.page);
  assert.match(await text(alice.page), new RegExp(`uid ${users.alice}`));
});

// At a terminal of Alice's: script(1) is the terminal, and $BROWSER tells which page it was asked to open.
test('`reeve token PROVIDER` at a terminal opens the browser, waits, and prints the token', async () => {
  const admin = await world.admin();
  await admin.call('io.reeve.Admin.RevokeGrants', { provider: 'files' });
  await admin.close();
  const home = path.join(world.directory, 'alice'), opened = path.join(home, 'opened');
  const browser = path.join(home, 'browser'), program = path.join(home, 'reeve');
  fs.writeFileSync(browser, `#!/bin/sh\nprintf '%s' "$1" > '${opened}.new' && mv '${opened}.new' '${opened}'\n`, { mode: 0o755 });
  // With its library, whatever directory the build lies in.
  fs.copyFileSync(world.program, program);
  fs.chmodSync(program, 0o755);
  fs.copyFileSync(path.join(world.program, '../../src/libreeve.so.1'), path.join(home, 'libreeve.so.1'));
  const env = { PATH: '/usr/bin:/bin', LD_LIBRARY_PATH: home, BROWSER: browser, REEVE_SOCKET: world.agentSocket,
                REEVE_DAEMON_UID: String(users.daemon) };
  const terminal = spawn('script', ['-qec', `'${program}' token files`, '/dev/null'],
    { env, uid: users.alice, gid: users.alice, cwd: '/', stdio: ['pipe', 'pipe', 'inherit'] });
  let said = '';
  terminal.stdout.on('data', (piece) => { said += piece; });
  const ended = once(terminal, 'exit');
  for (let i = 0; i < 500 && !fs.existsSync(opened); ++i) await sleep(20);
  const url = fs.readFileSync(opened, 'utf8');
  assert.match(url, new RegExp(`^${world.url}/signin/unix\\?code=`));
  assert.ok(said.includes(url), 'the link is printed too');
  await alice.page.goto(url);
  await pressSignIn(alice.page);
  await pressContinue(alice.page);
  await consent(alice.page); // known there, and asked again
  await alice.page.waitForLoadState();
  await confirm(alice.page);
  assert.deepEqual(await ended, [0, null]);
  const token = said.trim().split(/\s+/).at(-1);
  const answer = await fetch(`${world.providerUrl}/me`, { headers: { authorization: `Bearer ${token}` } });
  assert.equal((await answer.json()).sub, 'alice');
});

test('where the proof is not given, nobody is told more: root, a page of nobody, a binding behind a proxy', async () => {
  const refused = async (uid, parameters, reason) => {
    const said = await callAs(world, uid, 'io.reeve.Agent.ProveUser', parameters);
    assert.deepEqual([said.error, said.parameters.reason], ['io.reeve.Agent.Denied', reason]);
  };
  await refused(0, {}, 'user_not_allowed');
  await refused(users.alice, { page: 'https://elsewhere.example/connections' }, 'page');
  await refused(users.alice, { page: `${world.url}/healthz` }, 'page');
  await refused(users.alice, { page: `${world.url}//elsewhere.example` }, 'page');
  const proxied = await World.start({ config: hostConfig, bindingKeys: 'proxies = ["127.0.0.1"]' });
  const said = await callAs(proxied, users.alice, 'io.reeve.Agent.ProveUser', {});
  assert.deepEqual([said.error, said.parameters.reason], ['io.reeve.Agent.Denied', 'binding']);
  assert.equal((await fetch(`${proxied.url}/signin/unix?code=${'A'.repeat(43)}&next=/connections`)).status, 404);
  await proxied.stop();
});
