// Sign-out: by the person, and by the issuer, who tells reeve-bind (OpenID Connect Back-Channel Logout 1.0).
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launch, person, signIn } from '../support/node/browser.mjs';
import { text } from './people.mjs';
import { World } from './world.mjs';

let world, browser;
before(async () => {
  world = await World.start();
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await world?.stop();
});

const connections = (page) => page.goto(`${world.url}/connections`);
const signedIn = async (page) => {
  await connections(page);
  return await page.getByRole('button', { name: 'Sign in', exact: true }).count() === 0;
};
async function someone(login) {
  const made = await person(browser);
  await connections(made.page);
  await made.page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await signIn(made.page, login);
  await made.page.waitForLoadState();
  assert.ok(await signedIn(made.page));
  return made;
}
// At the issuer's own page.
async function leaveIssuer(page) {
  await page.goto(`${world.issuerUrl}/session/end`);
  await page.locator('button[value=yes]').click();
  await page.waitForLoadState();
}
const bring = (logout_token) =>
  fetch(`${world.url}/backchannel-logout`, { method: 'POST', body: new URLSearchParams({ logout_token }) });

test('who signs out at the issuer is signed out here, by that session alone', async () => {
  const desk = await someone('alice'), phone = await someone('alice'), mallory = await someone('mallory');
  await leaveIssuer(desk.page);
  await world.issuer.event({ event: 'logout', client_id: 'reeve', told: true });
  assert.ok(!await signedIn(desk.page), 'signed out here too');
  assert.ok(await signedIn(phone.page), 'another session of hers goes on');
  assert.ok(await signedIn(mallory.page));
  const ended = world.auditEvents('user.signed_out');
  assert.equal(ended.length, 1);
  assert.deepEqual(ended[0].user, { issuer: world.issuerUrl, subject: 'alice' });
  for (const one of [desk, phone, mallory]) await one.close();
});

test('what is no logout token of the issuer signs nobody out', async () => {
  const alice = await someone('alice');
  const { id_token } = await world.userToken('alice', 'triage-app');
  const claims = (token) => Buffer.from(JSON.stringify(token)).toString('base64url');
  const unsigned = `${claims({ alg: 'none' })}.${claims({ iss: world.issuerUrl, aud: 'reeve', sub: 'alice', jti: '1',
    iat: 1, exp: 4e9, events: { 'http://schemas.openid.net/event/backchannel-logout': {} } })}.`;
  for (const token of [id_token, unsigned, 'a.b.c', '', 'x'.repeat(4000)]) {
    const answer = await bring(token);
    assert.equal(answer.status, 400);
    assert.equal(answer.headers.get('cache-control'), 'no-store');
    assert.ok(!(await answer.text()).includes(token.slice(0, 20) || 'logout_token'), 'nothing of it is repeated');
  }
  assert.equal((await fetch(`${world.url}/backchannel-logout`)).status, 405);
  assert.ok(await signedIn(alice.page));
  assert.ok(world.auditEvents('logout.refused').some((event) => event.reason.startsWith('logout_token:')));
  await alice.close();
});

test('who signs out here is signed out at once, on every page', async () => {
  const alice = await someone('alice');
  await connections(alice.page);
  await alice.page.getByRole('button', { name: /sign out/i }).click();
  await alice.page.waitForLoadState();
  assert.match(await text(alice.page), /signed out/i);
  assert.ok(!await signedIn(alice.page));
  await alice.close();
});
