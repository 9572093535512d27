// Pushed authorization requests (RFC 9126), at a provider that takes nothing else: what browsers carry to it says nothing,
// serves once and not for long.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launch, person, signIn, withhold } from '../support/node/browser.mjs';
import { confirm, continueAs, heading, openAndSignIn, startAndWithhold } from './people.mjs';
import { World, refusal, sleep, stream } from './world.mjs';

const SECONDS = 5;  // that a pushed request is good for
let world, browser;
before(async () => {
  world = await World.start({ provider: { par_required: true, par_seconds: SECONDS } });
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await world?.stop();
});

async function question(login) {
  const agent = await world.agent();
  const session = await world.session(agent, login);
  const { parameters } = await refusal(agent.call('io.reeve.Agent.GetToken', { session, provider: 'files', fresh: true }));
  const waiting = stream(agent, 'io.reeve.Agent.AwaitConsent', { session, request: parameters.request });
  waiting.catch(() => {});  // a test that failed before it looks has told enough
  return { url: parameters.url, waiting: waiting.then((replies) => replies.map(({ status }) => status)), agent };
}
const parameters = (url) => [...new URL(url).searchParams.keys()].sort();
// The provider knows the redirect URI by the client, but no state any more.
async function endsNowhere(page, why) {
  assert.equal(page.url(), `${world.url}/failed`, why);
  assert.match(await heading(page), /did not work/i);
}
const redeemed = () => world.provider.events.filter(({ endpoint }) => endpoint === 'token').length;

test('the browser carries a client and a request_uri to provider and issuer, and no more; the rest was pushed', async () => {
  const refused = await fetch(`${world.providerUrl}/auth?${new URLSearchParams({ client_id: 'reeve-files', scope: 'openid',
    response_type: 'code', redirect_uri: world.redirects['provider.files'], state: 'x', code_challenge: 'x'.repeat(43),
    code_challenge_method: 'S256' })}`, { redirect: 'manual' });
  assert.match(refused.headers.get('location') ?? await refused.text(), /Pushed.Authorization.Request/i, 'the provider insists');
  const asked = await question('alice');
  const alice = await person(browser);
  await alice.page.goto(asked.url);
  const atIssuer = await withhold(alice.page, `${world.issuerUrl}/auth*`);
  await alice.page.getByRole('button', { name: 'Sign in', exact: true }).click();
  assert.deepEqual(parameters(await atIssuer.url), ['client_id', 'request_uri']);
  await openAndSignIn(alice.page, asked.url, 'alice');
  const away = await startAndWithhold(alice.page, world.providerUrl);
  assert.deepEqual(parameters(away), ['client_id', 'request_uri']);
  await world.provider.event({ event: 'request', endpoint: 'par', client_id: 'reeve-files', status: 201 });
  await alice.page.goto(away);
  await signIn(alice.page, 'alice');
  await confirm(alice.page);
  assert.deepEqual(await asked.waiting, ['pending', 'granted']);
  await alice.close();
  await asked.agent.close();
});

test('a request_uri that was passed on ends nowhere, in another browser and with another user', async () => {
  const asked = await question('alice');
  const alice = await person(browser), mallory = await person(browser);
  await openAndSignIn(alice.page, asked.url, 'alice');
  const away = await startAndWithhold(alice.page, world.providerUrl);
  const before_it = redeemed();
  await mallory.page.goto(away);
  await signIn(mallory.page, 'mallory');
  assert.match(await heading(mallory.page), /stopped/i);
  assert.equal(redeemed(), before_it, 'its code was not redeemed');
  await alice.page.goto(away);
  await endsNowhere(alice.page, 'it served once');
  // Her question is as it was.
  await alice.page.goto(asked.url);
  await continueAs(alice.page, 'alice');
  await confirm(alice.page);
  assert.deepEqual(await asked.waiting, ['pending', 'granted']);
  for (const one of [alice, mallory]) await one.close();
  await asked.agent.close();
});

test('one that has expired is the provider\'s to refuse, and the link leads to another', async () => {
  const asked = await question('mallory');
  const mallory = await person(browser);
  await openAndSignIn(mallory.page, asked.url, 'mallory');
  const away = await startAndWithhold(mallory.page, world.providerUrl);
  await sleep((SECONDS + 1) * 1000);
  await mallory.page.goto(away);
  await endsNowhere(mallory.page, 'it is too late');
  await mallory.page.goto(asked.url);
  const again = await startAndWithhold(mallory.page, world.providerUrl);
  assert.notEqual(again, away);
  await mallory.page.goto(again);
  await signIn(mallory.page, 'mallory');
  await confirm(mallory.page);
  assert.deepEqual(await asked.waiting, ['pending', 'granted']);
  await mallory.close();
  await asked.agent.close();
});
