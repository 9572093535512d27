// The attacks on the browser half: the scripts of attacks/, which must come to nothing (and succeed in control.test.mjs),
// then T1 to T7 in more detail, each followed by the same steps without the attack, which succeed.
// Issuer, provider and reeve-bind stand on addresses of their own, so that cookies tell them apart.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { after, before, test } from 'node:test';
import { launch, person, signIn } from '../support/node/browser.mjs';
import { confirm, consentAndWithhold, continueAs, heading, openAndSignIn, pressContinue, startAndWithhold,
         text } from './people.mjs';
import { attacks } from './attacks/all.mjs';
import { Scene, Worlds } from './attacks/scene.mjs';
import { freePort, refusal, stream } from './world.mjs';

const worlds = new Worlds();
let world, browser;
before(async () => {
  world = await worlds.get({});
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await worlds.stop();
});

// A fresh question to that user: no grant is there, the consent is new.
async function question(login) {
  const admin = await world.admin();
  await admin.call('io.reeve.Admin.RevokeGrants', { provider: 'files' });
  await admin.close();
  const agent = await world.agent();
  const session = await world.session(agent, login);
  const asked = await refusal(agent.call('io.reeve.Agent.GetToken', { session, provider: 'files' }));
  assert.equal(asked.name, 'ConsentRequired');
  return { agent, session, url: asked.parameters.url, request: asked.parameters.request };
}

const token = ({ agent, session }) => agent.call('io.reeve.Agent.GetToken', { session, provider: 'files' });
const stillNothing = async (asked) => assert.equal((await refusal(token(asked))).name, 'ConsentRequired');
const seen = (fits) => world.provider.events.filter(fits).length;
const contacts = () => seen((event) => ['authorization', 'par'].includes(event.endpoint));
const codeRequests = () => seen((event) => event.endpoint === 'token' && event.grant_type === 'authorization_code');
const lastStatus = async (agent, session, request) =>
  (await stream(agent, 'io.reeve.Agent.AwaitConsent', { session, request })).at(-1).status;
const refusals = (reason) => world.auditEvents('flow.refused').filter((event) => event.reason === reason).length;

for (const { id, name, run, world: own } of attacks) {
  test(`${id} ${name}`, async () => {
    const scene = new Scene(await worlds.get(own ?? {}), browser);
    try {
      assert.equal(await run(scene), false, 'the attacker got what he wanted');
    } finally {
      await scene.end();
    }
  });
}

async function succeeds(asked, login) {
  const someone = await person(browser);
  await openAndSignIn(someone.page, asked.url, login);
  await continueAs(someone.page, login);
  await confirm(someone.page);
  assert.ok((await token(asked)).parameters.token.access_token);
  await someone.close();
}

test('T1 takeover: another user opens the connect URL', async () => {
  const asked = await question('mallory');
  const before = contacts();
  const alice = await person(browser);
  await openAndSignIn(alice.page, asked.url, 'alice');
  assert.equal(await alice.page.getByRole('button', { name: 'Continue' }).count(), 0);
  assert.ok(!(await text(alice.page)).includes('Files'), 'the page says nothing of the question');
  assert.equal(contacts(), before, 'the provider was never contacted');
  assert.ok(refusals('wrong_user') > 0);
  await stillNothing(asked);
  await succeeds(asked, 'mallory');
  await alice.close();
});

test('T1 the third opening by another user, or her Continue, refuses the consent', async () => {
  const asked = await question('mallory');
  const alice = await person(browser);
  await openAndSignIn(alice.page, asked.url, 'alice');
  for (let i = 0; i < 3; ++i) await alice.page.goto(asked.url);
  const agent = await world.agent();
  assert.equal(await lastStatus(agent, asked.session, asked.request), 'refused');
  await alice.close();
  await succeeds(await question('mallory'), 'mallory');
});

test('T2 handle replay: the callback of Mallory\'s flow arrives in Alice\'s browser, then in Mallory\'s', async () => {
  const asked = await question('mallory');
  const mallory = await person(browser), alice = await person(browser);
  await openAndSignIn(mallory.page, asked.url, 'mallory');
  const away = await startAndWithhold(mallory.page, world.providerUrl);
  const callbacks = (response) => response.url().startsWith(world.redirects['provider.files']);
  const answers = alice.page.waitForResponse(callbacks);
  await alice.page.goto(away);
  await signIn(alice.page, 'alice');
  const callback = (await answers).url();
  const before = codeRequests();
  await mallory.page.goto(callback);
  await mallory.page.goto(asked.url).catch(() => {});
  assert.equal(codeRequests(), before, 'no code was redeemed');
  await stillNothing(asked);
  await mallory.close();
  await alice.close();
  await succeeds(await question('mallory'), 'mallory');
});

test('T3 Alice\'s connect URL leaks to Mallory', async () => {
  const asked = await question('alice');
  const before = contacts();
  const mallory = await person(browser);
  await openAndSignIn(mallory.page, asked.url, 'mallory');
  assert.equal(await mallory.page.getByRole('button', { name: 'Continue' }).count(), 0);
  assert.equal(contacts(), before, 'no provider URL was made for her');
  // She makes Alice's browser arrive at the callback with a code of her own.
  const alice = await person(browser);
  const iss = encodeURIComponent(world.providerUrl);
  await alice.page.goto(`${world.redirects['provider.files']}?code=stolen&state=${'A'.repeat(43)}&iss=${iss}`);
  await stillNothing(asked);
  await mallory.close();
  await alice.close();
  await succeeds(asked, 'alice');
});

test('T4 the provider\'s URL is forwarded to the other person', async () => {
  const asked = await question('alice');
  const alice = await person(browser), mallory = await person(browser);
  await openAndSignIn(alice.page, asked.url, 'alice');
  const away = await startAndWithhold(alice.page, world.providerUrl);
  const before = codeRequests();
  await mallory.page.goto(away);
  await signIn(mallory.page, 'mallory');
  await mallory.page.waitForLoadState();
  assert.equal(codeRequests(), before, 'refused before the token request');
  assert.ok(refusals('browser') > 0);
  await stillNothing(asked);
  // And with a browser cookie of her own, signed in as herself.
  const again = await question('alice');
  await openAndSignIn(alice.page, again.url, 'alice').catch(() => alice.page.goto(again.url));
  const away2 = await startAndWithhold(alice.page, world.providerUrl);
  await mallory.page.goto(`${world.url}/connections`);
  await mallory.page.getByRole('button', { name: 'Sign in' }).click();
  await signIn(mallory.page, 'mallory');
  await mallory.page.goto(away2);
  await mallory.page.waitForLoadState();
  assert.equal(codeRequests(), before);
  await stillNothing(again);
  await alice.close();
  await mallory.close();
  await succeeds(again, 'alice').catch(async () => succeeds(await question('alice'), 'alice'));
});

test('T5 the code of another flow is injected at the callback', async () => {
  const theirs = await question('mallory');
  const mallory = await person(browser), alice = await person(browser);
  await openAndSignIn(mallory.page, theirs.url, 'mallory');
  await pressContinue(mallory.page);
  const stolen = new URL(await consentAndWithhold(mallory.page, 'mallory', world.redirects['provider.files']));
  const agent = await world.agent();
  const session = await world.session(agent, 'alice');
  const asked = await refusal(agent.call('io.reeve.Agent.GetToken', { session, provider: 'files' }));
  await openAndSignIn(alice.page, asked.parameters.url, 'alice');
  await pressContinue(alice.page);
  const own = new URL(await consentAndWithhold(alice.page, 'alice', world.redirects['provider.files']));
  own.searchParams.set('code', stolen.searchParams.get('code'));
  await alice.page.goto(own.href);
  await alice.page.waitForLoadState();
  assert.equal(await lastStatus(agent, session, asked.parameters.request), 'failed');
  await world.provider.event({ endpoint: 'token', grant_type: 'authorization_code', error: 'invalid_grant' });
  await mallory.close();
  await alice.close();
  await succeeds(await question('alice'), 'alice');
});

test('T6 a foreign page makes the browser GET or POST our URLs', async () => {
  const asked = await question('alice');
  const alice = await person(browser);
  await openAndSignIn(alice.page, asked.url, 'alice');
  const port = await freePort('127.0.0.5');
  let form = '';
  const evil = createServer((request, response) => {
    response.setHeader('content-type', 'text/html');
    response.end(form);
  }).listen(port, '127.0.0.5');
  const before = contacts();
  const attacks = [[new URL(asked.url).pathname, { action: 'continue' }], [new URL(asked.url).pathname, { action: 'decline' }],
                   ['/signout', {}], ['/signin', { next: '/' }], ['/connections', { grant: 'x' }]];
  for (const [path, fields] of attacks) {
    const inputs = Object.entries(fields).map(([name, value]) => `<input name="${name}" value="${value}">`).join('');
    form = `<form method="post" action="${world.url}${path}">${inputs}</form><script>document.forms[0].submit()</script>`;
    const posted = (response) => response.url() === world.url + path && response.request().method() === 'POST';
    const answered = alice.page.waitForResponse(posted);
    await alice.page.goto(`http://127.0.0.5:${port}/`).catch(() => {});
    assert.ok((await answered).status() >= 400, `${path} ${JSON.stringify(fields)}`);
  }
  // A GET, and an image of every URL, change nothing.
  form = attacks.map(([path]) => `<img src="${world.url}${path}">`).join('');
  await alice.page.goto(`http://127.0.0.5:${port}/`);
  assert.equal(contacts(), before);
  await alice.page.goto(asked.url);
  assert.equal(await alice.page.getByRole('button', { name: 'Continue' }).count(), 1, 'still signed in, still pending');
  await continueAs(alice.page, 'alice');
  await confirm(alice.page);
  assert.ok((await token(asked)).parameters.token);
  evil.close();
  await alice.close();
});

test('T7 the callback is raced, doubled and replayed', async () => {
  const asked = await question('alice');
  const alice = await person(browser);
  await openAndSignIn(alice.page, asked.url, 'alice');
  await pressContinue(alice.page);
  const callback = await consentAndWithhold(alice.page, 'alice', world.redirects['provider.files']);
  const before = codeRequests();
  const raced = await Promise.all([1, 2, 3, 4].map(() => alice.context.request.get(callback, { maxRedirects: 0 })));
  const places = raced.map((response) => response.headers().location);
  const done = places.filter((place) => place.startsWith('/done/'));
  assert.equal(done.length, 1, `one of them won: ${places}`);
  await alice.page.goto(world.url + done[0]);
  assert.match(await heading(alice.page), /Connect alice/i);
  assert.equal(codeRequests(), before + 1, 'one token request');
  await alice.page.goto(callback);
  assert.equal(codeRequests(), before + 1);
  await alice.page.goto(world.url + done[0]);
  await confirm(alice.page);
  assert.ok((await token(asked)).parameters.token, 'the replay broke nothing');
  await alice.close();
});
