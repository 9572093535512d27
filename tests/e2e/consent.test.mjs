// The good path and its ends, by two people in two browsers: what everything else is measured against.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { cancel, launch, person } from '../support/node/browser.mjs';
import { confirm, continueAs, heading, openAndSignIn, pressContinue, text } from './people.mjs';
import { World, refusal, stream } from './world.mjs';

let world, browser;
before(async () => {
  world = await World.start({ config: `
[workload.declined]
match = { uid = 64110 }
assert = ["corp"]
allow = [ { provider = "files" } ]
` });
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await world?.stop();
});

const ask = (agent, session, more = {}) => agent.call('io.reeve.Agent.GetToken', { session, provider: 'files', ...more });

async function statuses(session, request) {
  const agent = await world.agent();
  const replies = await stream(agent, 'io.reeve.Agent.AwaitConsent', { session, request });
  await agent.close();
  return replies.map(({ status }) => status);
}

test('a person consents, the agent is told at once and gets the token of that account', async () => {
  const agent = await world.agent();
  const session = await world.session(agent, 'alice');
  const asked = await refusal(ask(agent, session));
  assert.equal(asked.name, 'ConsentRequired');
  assert.equal(asked.parameters.reason, 'new');
  assert.match(asked.parameters.phrase, /^[a-z]+-[a-z]+-[a-z]+$/);
  const waiting = statuses(session, asked.parameters.request);

  const alice = await person(browser);
  await openAndSignIn(alice.page, asked.parameters.url, 'alice');
  const page = await text(alice.page);
  for (const shown of ['agent', 'Files', 'openid', 'profile', 'alice', asked.parameters.phrase]) {
    assert.ok(page.includes(shown), shown);
  }
  await continueAs(alice.page, 'alice');
  assert.match(await heading(alice.page), /Connect alice at Files to alice\?/i);
  assert.equal((await refusal(ask(agent, session))).name, 'ConsentRequired', 'nothing counts before it is confirmed');
  await confirm(alice.page);
  assert.deepEqual(await waiting, ['pending', 'granted']);

  const { token } = (await ask(agent, session)).parameters;
  assert.equal(token.token_type, 'Bearer');
  assert.deepEqual(token.scopes, ['openid', 'profile']);
  const answer = await fetch(`${world.providerUrl}/me`, { headers: { authorization: `Bearer ${token.access_token}` } });
  assert.equal((await answer.json()).sub, 'alice');
  assert.equal((await ask(agent, session)).parameters.token.access_token, token.access_token, 'cached');
  await alice.page.reload();
  assert.ok(!(await heading(alice.page)).includes('?'), 'a reload of a finished flow shows its outcome');
  await alice.close();
  await agent.close();
});

test('the user declines on our page, and the agent is told', async () => {
  const agent = await world.agent();
  const session = await world.session(agent, 'mallory');
  const asked = await refusal(ask(agent, session));
  const waiting = statuses(session, asked.parameters.request);
  const mallory = await person(browser);
  await openAndSignIn(mallory.page, asked.parameters.url, 'mallory');
  await mallory.page.getByRole('button', { name: 'Decline' }).click();
  await mallory.page.waitForLoadState();
  assert.deepEqual(await waiting, ['pending', 'declined']);
  await mallory.close();
});

test('T14 the user says no at the provider: declined, and a page for the person', async () => {
  const agent = await world.agent();
  const session = await world.session(agent, 'mallory');
  const asked = await refusal(ask(agent, session));
  const waiting = statuses(session, asked.parameters.request);
  const mallory = await person(browser);
  await openAndSignIn(mallory.page, asked.parameters.url, 'mallory');
  await pressContinue(mallory.page);
  await mallory.page.waitForSelector('input[name=login]');
  await cancel(mallory.page);
  assert.deepEqual(await waiting, ['pending', 'declined']);
  assert.ok((await heading(mallory.page)).length > 0);
  await mallory.close();
});

test('T15 a wrong account is not connected, and is revoked at the provider', async () => {
  const agent = await world.agent();
  const session = await world.session(agent, 'mallory');
  const asked = await refusal(ask(agent, session));
  const waiting = statuses(session, asked.parameters.request);
  const mallory = await person(browser);
  await openAndSignIn(mallory.page, asked.parameters.url, 'mallory');
  await continueAs(mallory.page, 'alice');
  assert.match(await heading(mallory.page), /alice at Files to mallory/i);
  await confirm(mallory.page, false);
  assert.deepEqual(await waiting, ['pending', 'declined']);
  await world.provider.event({ event: 'request', endpoint: 'revocation', status: 200 });
  assert.equal((await refusal(ask(agent, session))).name, 'ConsentRequired');
  await mallory.close();
});

test('the browser goes back to the registered return URL with the agent\'s own state, and to no other', async () => {
  const agent = await world.agent();
  const session = await world.session(agent, 'mallory');
  for (const return_url of ['https://evil.example/', `${world.url}/healthz?x=1`, '//evil.example', 'javascript:alert(1)']) {
    const refused = await refusal(ask(agent, session, { return_url }));
    assert.deepEqual([refused.name, refused.parameters.reason], ['Denied', 'return_url'], return_url);
  }
  const asked = await refusal(ask(agent, session, { return_url: `${world.url}/healthz`, return_state: 'a b&c' }));
  const mallory = await person(browser);
  await openAndSignIn(mallory.page, asked.parameters.url, 'mallory');
  await continueAs(mallory.page, 'mallory');
  await confirm(mallory.page);
  await mallory.page.waitForURL(/healthz/);
  assert.equal(new URL(mallory.page.url()).searchParams.get('state'), 'a b&c');
  await mallory.close();
});

test('the user sees her connections and disconnects one: the token is gone here and at the provider', async () => {
  const agent = await world.agent();
  const session = await world.session(agent, 'mallory');
  const { token } = (await ask(agent, session)).parameters;
  const mallory = await person(browser);
  await mallory.page.goto(`${world.url}/connections`);
  await mallory.page.getByRole('button', { name: 'Sign in' }).click();
  const { signIn } = await import('../support/node/browser.mjs');
  await signIn(mallory.page, 'mallory');
  await mallory.page.waitForLoadState();
  assert.match(await text(mallory.page), /Files/);
  await mallory.page.getByRole('button', { name: /Disconnect/ }).first().click();
  await mallory.page.waitForLoadState();
  const again = await refusal(ask(agent, session));
  assert.equal(again.name, 'ConsentRequired');
  const answer = await fetch(`${world.providerUrl}/me`, { headers: { authorization: `Bearer ${token.access_token}` } });
  assert.equal(answer.status, 401);
  await mallory.close();
});
