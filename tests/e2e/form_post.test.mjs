// Answers that come as a form's POST (OAuth 2.0 Form Post Response Mode), at sign-in and at the provider: a browser
// sends no Lax cookie with a POST from another site, and the flow is bound to those cookies all the same.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launch, person } from '../support/node/browser.mjs';
import { confirm, continueAs, openAndSignIn } from './people.mjs';
import { World, refusal } from './world.mjs';

let world, browser;
before(async () => {
  const keys = 'response_mode = "form_post"';
  world = await World.start({ issuerKeys: keys, providerKeys: keys });
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await world?.stop();
});

test('a consent whose every answer is posted, with its cookies and without its code in any address', async () => {
  const agent = await world.agent();
  const session = await world.session(agent, 'alice');
  const asked = await refusal(agent.call('io.reeve.Agent.GetToken', { session, provider: 'files' }));
  const alice = await person(browser);
  const seen = [];
  alice.page.on('request', (request) => {
    if (request.url().startsWith(`${world.url}/callback/`)) seen.push(request);
  });
  await openAndSignIn(alice.page, asked.parameters.url, 'alice');
  await continueAs(alice.page, 'alice');
  await confirm(alice.page);
  const { token } = (await agent.call('io.reeve.Agent.GetToken', { session, provider: 'files' })).parameters;
  assert.ok(token.access_token);

  assert.deepEqual(seen.map((request) => request.method()), ['POST', 'GET', 'POST', 'GET'], 'sign-in, then the provider');
  for (const request of seen) assert.doesNotMatch(request.url(), /code=|state=/);
  const posted = await seen[2].allHeaders(), got = await seen[3].allHeaders();
  assert.ok(!(posted.cookie ?? '').includes('__Host-reeve'), 'the browser kept its Lax cookies back');
  assert.match(got.cookie, /__Host-reeve-browser=.*__Host-reeve-flow-|__Host-reeve-flow-.*__Host-reeve-browser=/);
  await alice.close();
});

test('a posted answer of another flow, and one that another browser carries, is worth nothing', async () => {
  const context = new URL(world.redirects['provider.files']).pathname;
  const post = (fields) => fetch(world.url + context, { method: 'POST', redirect: 'manual', body: new URLSearchParams(fields) });
  const turned = await post({ code: 'stolen', state: 'A'.repeat(43) });
  assert.equal(turned.status, 303);
  const end = await fetch(new URL(turned.headers.get('location'), world.url), { redirect: 'manual' });
  assert.equal(end.headers.get('location'), '/refused');
  assert.equal(world.auditEvents('grant.created').length, 1, 'the one of the first story');
  assert.equal((await fetch(world.url + context, { method: 'POST', redirect: 'manual', body: 'state=a&state=b',
    headers: { 'content-type': 'application/x-www-form-urlencoded' } })).status, 400);
  assert.equal((await post({ state: 'x', code: 'y'.repeat(10000) })).status, 413);
});
