// V6: after a whole story, with errors in it, none of the secrets that the run knows stands in any log, audit record,
// error or page; the connect URL shown to the agent excepted. And the stopped vault holds none in clear (V1).
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { launch, person, signIn } from '../support/node/browser.mjs';
import { confirm, consentAndWithhold, continueAs, openAndSignIn, pressContinue } from './people.mjs';
import { World, refusal, sleep, stream } from './world.mjs';

let world, browser;
before(async () => {
  world = await World.start({ provider: { ttl: { AccessToken: 5 } } });
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await world?.stop();
});

test('V6 no secret in any log, audit record, error or page; V1 none in the vault\'s files', async () => {
  const shown = [];    // all that a log, an error or a page says
  const secrets = new Map();
  const know = (kind, value) => value && String(value).length >= 16 && secrets.set(String(value), kind);
  const agent = await world.agent();
  const { id_token } = await world.userToken('alice');
  know('user token', id_token);
  const { parameters: opened } = await agent.call('io.reeve.Agent.OpenSession', { as: 'token', user_token: id_token });
  know('session handle', opened.session);
  const ask = (more = {}) => agent.call('io.reeve.Agent.GetToken', { session: opened.session, provider: 'files', ...more });
  const asked = await refusal(ask());
  know('ticket', asked.parameters.url.split('/').pop());
  know('request', asked.parameters.request);

  const alice = await person(browser);
  await openAndSignIn(alice.page, asked.parameters.url, 'alice');
  shown.push(await alice.page.content());
  await pressContinue(alice.page);
  const callback = new URL(await consentAndWithhold(alice.page, 'alice', world.redirects['provider.files']));
  know('code', callback.searchParams.get('code'));
  know('state', callback.searchParams.get('state'));
  await alice.page.goto(callback.href);
  shown.push(await alice.page.content(), alice.page.url().replace(/done\/.*/, ''));
  await confirm(alice.page);
  shown.push(await alice.page.content());
  await alice.page.goto(callback.href);
  shown.push(await alice.page.content());
  for (const cookie of await alice.context.cookies()) {
    if (cookie.name.includes('reeve')) know(`cookie ${cookie.name}`, cookie.value);
  }
  const { token } = (await ask()).parameters;
  know('access token', token.access_token);
  await sleep(5500);
  know('access token', (await ask()).parameters.token.access_token);

  // And what goes wrong on the way.
  for (const bad of [{ as: 'token', user_token: `${id_token}x` }, { as: 'token', user_token: token.access_token }]) {
    shown.push(JSON.stringify(await refusal(agent.call('io.reeve.Agent.OpenSession', bad))));
  }
  shown.push(JSON.stringify(await refusal(ask({ scopes: ['admin'] }))));
  const wrong = { session: token.access_token, provider: 'files' };
  shown.push(JSON.stringify(await refusal(agent.call('io.reeve.Agent.GetToken', wrong))));
  const admin = await world.admin();
  shown.push(JSON.stringify((await admin.call('io.reeve.Admin.Status', {})).parameters));
  for (const method of ['Sessions', 'Grants']) {
    shown.push(JSON.stringify(await stream(admin, `io.reeve.Admin.${method}`, {})));
  }
  for (const [name, value] of Object.entries(world.secrets)) know(name, value);
  for (const line of fs.readFileSync(world.secretsFile, 'utf8').split('\n').filter(Boolean)) {
    const { kind, value } = JSON.parse(line);
    know(kind, value);
  }
  assert.ok(secrets.size > 12, `${secrets.size} secrets are known`);
  shown.push(world.logText(), world.auditText());
  assert.ok(!world.logText().includes('/connect/') && !world.auditText().includes('/connect/'));
  for (const pid of Object.values(world.pids)) {
    shown.push(fs.readFileSync(`/proc/${pid}/cmdline`, 'latin1'), fs.readFileSync(`/proc/${pid}/environ`, 'latin1'));
  }
  const all = shown.join('\n');
  for (const [value, kind] of secrets) {
    const bytes = Buffer.from(value);
    for (const form of [value, encodeURIComponent(value), bytes.toString('base64'), bytes.toString('base64url')]) {
      // The page at the connect URL names its own URL.
      const where = kind === 'ticket' ? all.replaceAll(`/connect/${value}`, '') : all;
      assert.ok(!where.includes(form), `the ${kind} is shown somewhere`);
    }
  }
  assert.match(all, /token\.lent/, 'the search looked at the right text');

  const state = path.join(world.directory, 'state');
  const files = fs.readdirSync(state).filter((name) => name.startsWith('vault'))
    .map((name) => fs.readFileSync(path.join(state, name), 'latin1')).join('\n');
  assert.ok(files.length > 4096);
  for (const [value, kind] of secrets) assert.ok(!files.includes(value), `the ${kind} lies in the vault in clear`);
  for (const name of ['alice', 'files', world.issuerUrl, 'openid']) {
    assert.ok(!files.includes(name), `${name} lies in the vault in clear`);
  }
  await admin.close();
  await agent.close();
  await alice.close();
});
