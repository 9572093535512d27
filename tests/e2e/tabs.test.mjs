// Several tabs, several questions, several agents at once, and processes that die in the midst (T17): each person and each
// agent gets what is theirs, once.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launch, person, signIn } from '../support/node/browser.mjs';
import { confirm, consentAndWithhold, continueAs, openAndSignIn, pressContinue, text } from './people.mjs';
import { World, refusal, stream } from './world.mjs';

let world, browser;
before(async () => {
  world = await World.start({ evil: true });
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await world?.stop();
});

async function agentOf(login) {
  const agent = await world.agent();
  const session = await world.session(agent, login);
  const get = (more) => agent.call('io.reeve.Agent.GetToken', { session, provider: 'files', ...more });
  return { agent, session, get, asks: async (more) => (await refusal(get(more))).parameters };
}
const settled = async ({ session }, { request }) => {
  const waiting = await world.agent();
  return (await stream(waiting, 'io.reeve.Agent.AwaitConsent', { session, request })).at(-1).status;
};
const codeRequests = () => world.provider.events.filter(({ grant_type }) => grant_type === 'authorization_code').length;

test('two agents ask at once: one question, and its one answer serves both', async () => {
  const first = await agentOf('alice-1'), second = await agentOf('alice-1');
  const [one, other] = await Promise.all([first.asks(), second.asks()]);
  assert.equal(one.phrase, other.phrase, 'the same question');
  assert.notEqual(one.url, other.url, 'by links of their own');
  const waiting = Promise.all([settled(first, one), settled(second, other)]);
  const alice = await person(browser);
  await openAndSignIn(alice.page, one.url, 'alice-1');
  await continueAs(alice.page, 'alice');
  await confirm(alice.page);
  assert.deepEqual(await waiting, ['granted', 'granted']);
  for (const { get } of [first, second]) assert.ok((await get()).parameters.token.access_token);
  await alice.page.goto(other.url);
  assert.equal(await alice.page.getByRole('button', { name: 'Continue' }).count(), 0, 'nothing is left to ask');
  await alice.close();
});

test('one link in two tabs, both gone to the provider: the first back wins, the other breaks nothing', async () => {
  const agent = await agentOf('alice-2');
  const asked = await agent.asks();
  const alice = await person(browser);
  const tabs = [alice.page, await alice.context.newPage()];
  await openAndSignIn(tabs[0], asked.url, 'alice-2');
  await tabs[1].goto(asked.url);
  await pressContinue(tabs[0]);
  const callback = await consentAndWithhold(tabs[0], 'alice', world.redirects['provider.files']);
  const before = codeRequests();
  // The provider knows her by now, and asks nothing.
  await pressContinue(tabs[1]);
  await tabs[1].getByRole('button', { name: 'Yes, connect' }).waitFor();
  await tabs[0].goto(callback);
  assert.match(await text(tabs[0]), /stopped/i);
  await confirm(tabs[1]);
  assert.equal(await settled(agent, asked), 'granted');
  assert.equal(codeRequests(), before + 1);
  assert.ok((await agent.get()).parameters.token.access_token);
  await alice.close();
});

test('she closes the page that shows the account, and opens the link again: she is led back there, and nobody else', async () => {
  const agent = await agentOf('alice-6');
  const asked = await agent.asks();
  const alice = await person(browser);
  await openAndSignIn(alice.page, asked.url, 'alice-6');
  await continueAs(alice.page, 'alice');
  await alice.page.getByRole('button', { name: 'Yes, connect' }).waitFor();
  await alice.page.close();
  await world.kill('reeved', 'bind');
  const leads = async ({ page }) => await page.getByRole('button', { name: 'Yes, connect' }).count() > 0;
  const mallory = await person(browser), elsewhere = await person(browser);
  await openAndSignIn(mallory.page, asked.url, 'mallory-6');
  assert.equal(await leads(mallory), false, 'another user');
  await openAndSignIn(elsewhere.page, asked.url, 'alice-6');
  assert.equal(await leads(elsewhere), false, 'another browser of hers');
  const before = codeRequests();
  const page = await alice.context.newPage();
  await page.goto(asked.url);
  assert.match(new URL(page.url()).pathname, /^\/done\//);
  await confirm(page);
  assert.equal(await settled(agent, asked), 'granted');
  assert.equal(codeRequests(), before, 'nothing is redeemed again');
  await mallory.close();
  await elsewhere.close();
  await alice.close();
});

test('she signs in anew in one tab while another waits at the question: it is shown again, and goes on', async () => {
  const agent = await agentOf('alice-3');
  const asked = await agent.asks();
  const alice = await person(browser);
  await openAndSignIn(alice.page, asked.url, 'alice-3');
  const tab = await alice.context.newPage();
  await tab.goto(asked.url);
  await tab.getByRole('button', { name: 'Not you?' }).click();
  await signIn(tab, 'alice-3');
  await tab.getByRole('button', { name: 'Continue' }).waitFor();
  await pressContinue(alice.page);
  await alice.page.getByRole('link', { name: 'Look again' }).click();
  await continueAs(alice.page, 'alice');
  await confirm(alice.page);
  assert.equal(await settled(agent, asked), 'granted');
  await alice.close();
});

test('two questions of one user at two providers at once do not touch each other', async () => {
  const agent = await agentOf('alice-4');
  const files = await agent.asks(), shared = await agent.asks({ provider: 'shared' });
  const alice = await person(browser);
  const tab = await alice.context.newPage();
  await openAndSignIn(alice.page, files.url, 'alice-4');
  await tab.goto(shared.url);
  await pressContinue(alice.page);
  await pressContinue(tab);
  await signIn(tab, 'alice');
  await confirm(tab);
  assert.equal(await settled(agent, shared), 'granted');
  await signIn(alice.page, 'alice');
  await confirm(alice.page);
  assert.equal(await settled(agent, files), 'granted');
  await alice.close();
});

test('reeved and reeve-bind die while she is at the provider: the answer is taken, once', async () => {
  const agent = await agentOf('alice-5');
  const asked = await agent.asks();
  const alice = await person(browser);
  await openAndSignIn(alice.page, asked.url, 'alice-5');
  await pressContinue(alice.page);
  const callback = await consentAndWithhold(alice.page, 'alice', world.redirects['provider.files']);
  await world.kill('reeved', 'bind');
  const before = codeRequests();
  await alice.page.goto(callback);
  await confirm(alice.page);
  assert.equal(await settled(agent, asked), 'granted');
  await alice.page.goto(callback);
  assert.match(await text(alice.page), /stopped/i);
  assert.equal(codeRequests(), before + 1);
  await alice.close();
});
