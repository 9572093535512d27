// A sign-in on the pages ends by itself, where nobody opens one for a while and at its own end; the page says so, and
// the person goes on where she was.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launch, person, signIn } from '../support/node/browser.mjs';
import { heading, openAndSignIn, text } from './people.mjs';
import { World, refusal, sleep } from './world.mjs';

const IDLE = 10, MOST = 600;
const ENDED = /that has ended by itself/;
let world, browser;
before(async () => {
  world = await World.start({ config: `[limits]\nsign_in_idle_seconds = ${IDLE}\nsign_in_seconds = ${MOST}\n` });
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await world?.stop();
});

// The issuer knows her still, and asks nothing.
async function signInAgain(page, heading) {
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await page.getByRole('heading', { level: 1, name: heading }).waitFor();
}

test('a sign-in ends while nobody uses it, at a question too, and goes on there', async () => {
  const agent = await world.agent();
  const session = await world.session(agent, 'alice');
  const asked = await refusal(agent.call('io.reeve.Agent.GetToken', { session, provider: 'files' }));
  const alice = await person(browser);
  await openAndSignIn(alice.page, asked.parameters.url, 'alice');
  assert.match(await heading(alice.page), /use Files/);
  await sleep(IDLE * 500);
  await alice.page.reload();
  assert.match(await heading(alice.page), /use Files/);
  await sleep(IDLE * 600);
  await alice.page.reload();
  assert.match(await heading(alice.page), /use Files/, 'a visit begins the time anew');
  await sleep(IDLE * 1000 + 100);
  await alice.page.getByRole('button', { name: 'Continue' }).click();
  await alice.page.waitForLoadState();
  assert.match(await text(alice.page), ENDED);
  assert.equal(new URL(alice.page.url()).origin, world.url, 'the provider was not asked');
  await signInAgain(alice.page, /use Files/);
  await alice.close();
  await agent.close();
});

test('a sign-in has an end, however it is used, and one that the person ended herself is not called so', async () => {
  const alice = await person(browser);
  const connections = () => alice.page.goto(`${world.url}/connections`);
  await connections();
  assert.doesNotMatch(await text(alice.page), ENDED);
  await alice.page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await signIn(alice.page, 'alice');
  await world.restart(MOST - 60);
  await connections();
  assert.match(await heading(alice.page), /connections/i);
  await world.restart(MOST + 1);
  await connections();
  assert.match(await text(alice.page), ENDED);
  await signInAgain(alice.page, /connections/i);
  await alice.page.getByRole('button', { name: /sign out/i }).first().click();
  await alice.page.waitForLoadState();
  await connections();
  assert.doesNotMatch(await text(alice.page), ENDED);
  await alice.close();
});
