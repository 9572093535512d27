// The worked example of docs/examples/binder, a Flask application in the place of reeve-bind, in a browser; and that two
// bindings know nothing of each other.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { launch, person, signIn, withhold } from '../support/node/browser.mjs';
import { World, freePort, refusal, sleep, stream } from './world.mjs';

const root = path.resolve(import.meta.dirname, '../..');
const host = '127.0.0.4';
const shopUser = 64120;
let world, browser, app, url;
before(async () => {
  const port = await freePort(host);
  url = `http://${host}:${port}`;
  world = await World.start({ launch: ['--bind-mode=666'], config: `
[binding.shop]
url = "${url}"
user = ${shopUser}
[workload.clerk]
match = { uid = 0, gid = 0 }
binding = "shop"
assert = ["corp"]
return_urls = ["${url}/?back=1"]
allow = [ { provider = "files" } ]
` });
  app = await startApp(port);
  browser = await launch();
});
after(async () => {
  await browser?.close();
  app?.kill();
  await world?.stop();
});

async function startApp(port) {
  const at = path.join(world.directory, 'shop');
  fs.cpSync(path.join(root, 'docs/examples/binder'), at, { recursive: true });
  fs.cpSync(path.join(root, 'libclient/python/reeve'), path.join(at, 'reeve'), { recursive: true });
  const log = fs.openSync(path.join(world.directory, 'shop.log'), 'a');
  const child = spawn('/usr/bin/python3', ['-B', path.join(at, 'app.py')], { uid: shopUser, gid: shopUser, cwd: '/',
    env: { PATH: '/usr/bin:/bin', APP_URL: url, BIND_SOCKET: path.join(world.directory, 'run/bind.sock') },
    stdio: ['ignore', log, log] });
  fs.closeSync(log);
  for (;;) {
    try {
      await fetch(`http://${host}:${port}/`);
      return child;
    } catch (error) {
      const said = () => fs.readFileSync(path.join(world.directory, 'shop.log'), 'utf8');
      if (child.exitCode !== null) throw new Error(said(), { cause: error });
      await sleep(50);
    }
  }
}

const heading = (page) => page.getByRole('heading', { level: 1 }).innerText();
const press = async (page, name) => {
  await page.getByRole('button', { name, exact: true }).click();
  await page.waitForLoadState();
};
const ask = (agent, session, more = {}) => agent.call('io.reeve.Agent.GetToken', { session, provider: 'files', ...more });

async function asked(agent) {
  const { session } = (await agent.call('io.reeve.Agent.OpenSession',
    { as: 'asserted', user: { issuer: world.issuer.issuer, subject: 'alice' } })).parameters;
  return { session, ...(await refusal(ask(agent, session))).parameters };
}

test('a person consents at the application, the agent gets the token, and the connection is ended there', async () => {
  const agent = await world.agent();
  const { session, url: link, phrase, request } = await asked(agent);
  assert.ok(link.startsWith(`${url}/connect/`), link);
  const waiting = await world.agent();
  const statuses = stream(waiting, 'io.reeve.Agent.AwaitConsent', { session, request });
  const alice = await person(browser);
  const { page } = alice;
  page.setDefaultTimeout(30_000);
  await page.goto(link);
  await press(page, 'Sign in');
  await signIn(page, 'alice');
  await page.getByRole('button', { name: 'Continue' }).waitFor();
  assert.equal(await heading(page), 'May clerk use Files for alice?');
  assert.ok((await page.locator('main').innerText()).includes(phrase));
  await page.getByRole('button', { name: 'Continue' }).click();
  await signIn(page, 'alice');
  await page.getByRole('button', { name: 'Yes, connect' }).waitFor();
  assert.equal(await heading(page), 'Connect alice at Files to alice?');
  assert.equal((await refusal(ask(agent, session))).name, 'ConsentRequired', 'nothing counts before it is confirmed');
  await press(page, 'Yes, connect');
  assert.equal(await heading(page), 'Connected');
  assert.deepEqual((await statuses).map(({ status }) => status), ['pending', 'granted']);
  assert.equal((await ask(agent, session)).parameters.token.account, 'alice');
  for (const { name, secure, httpOnly, sameSite } of await alice.context.cookies(url)) {
    assert.ok(name.startsWith('__Host-app-') && secure && httpOnly && sameSite === 'Lax', name);
  }
  await page.goto(`${url}/connections`);
  await press(page, 'Disconnect');
  await page.getByText('Nothing is connected').waitFor();
  assert.equal((await refusal(ask(agent, session))).name, 'ConsentRequired');
  await press(page, 'Not you? Sign out');
  assert.equal(await heading(page), 'Signed out');
  assert.deepEqual(alice.console_errors.filter(({ url: of }) => of?.startsWith(url) && !of.endsWith('favicon.ico')), []);
  await alice.close();
  await agent.close();
  await waiting.close();
});

test('what another site, another person or another binding brings is refused', async () => {
  const agent = await world.agent();
  const { session, url: link } = await asked(agent);
  const ticket = new URL(link).pathname;
  // Tickets belong to one binding.
  assert.equal((await fetch(`${world.url}${ticket}`)).status, 404);
  assert.equal(world.auditEvents('flow.refused').at(-1).reason, 'binding');
  // Another name, doubled parameters, forms from elsewhere or without this browser's token.
  const mallory = await person(browser);
  await mallory.page.goto(link);
  const [{ name, value }] = await mallory.context.cookies(url);
  const post = (extra, body) => fetch(`${url}/signin`, { method: 'POST', redirect: 'manual', body: new URLSearchParams(body),
    headers: { cookie: `${name}=${value}`, ...extra } });
  assert.equal((await post({ origin: 'https://evil.example' }, { next: '/' })).status, 403);
  assert.equal((await post({ origin: url }, { next: '/' })).status, 403, 'no form token');
  assert.equal((await post({}, { next: '/' })).status, 403, 'no origin');
  assert.equal((await fetch(`${url}/callback/x?state=a&state=b`)).status, 400);
  assert.equal((await fetch(`${url}/`, { headers: { 'sec-fetch-dest': 'iframe' } })).status, 403);
  // Mallory, signed in as herself, learns nothing; her provider URL is never made.
  mallory.page.setDefaultTimeout(30_000);
  await press(mallory.page, 'Sign in');
  await signIn(mallory.page, 'mallory');
  await mallory.page.getByText('somebody else').first().waitFor();
  assert.ok(!(await mallory.page.locator('body').innerText()).includes('clerk'));
  // Alice's callback in Mallory's browser.
  const alice = await person(browser);
  alice.page.setDefaultTimeout(30_000);
  await alice.page.goto(link);
  await press(alice.page, 'Sign in');
  await signIn(alice.page, 'alice');
  await alice.page.getByRole('button', { name: 'Continue' }).waitFor();
  await alice.page.getByRole('button', { name: 'Continue' }).click();
  const stolen = await withhold(alice.page, `${url}/callback/*`);
  await signIn(alice.page, 'alice');
  const callback = await stolen.url;
  await mallory.page.goto(callback);
  assert.equal(await heading(mallory.page), 'This did not work');
  assert.equal(world.auditEvents('flow.refused').at(-1).reason, 'browser');
  await alice.page.goto(callback);
  assert.equal(await heading(alice.page), 'This did not work', 'the flow is burnt');
  assert.equal((await refusal(ask(agent, session))).name, 'ConsentRequired');
  const log = fs.readFileSync(path.join(world.directory, 'shop.log'), 'utf8');
  assert.ok(!/code=|state=/.test(log), 'neither codes nor states in its log');
  await alice.close();
  await mallory.close();
  await agent.close();
});
