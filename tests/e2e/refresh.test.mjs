// Refreshing: one refresh for a thousand callers, ahead of expiry in the background, what a dead grant looks like, and
// a provider that hangs.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launch, person } from '../support/node/browser.mjs';
import { confirm, continueAs, openAndSignIn } from './people.mjs';
import { World, refusal, sleep } from './world.mjs';

let world, browser;
before(async () => {
  world = await World.start({ provider: { ttl: { AccessToken: 10 } } });
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await world?.stop();
});

const ask = (agent, session, more = {}) => agent.call('io.reeve.Agent.GetToken', { session, provider: 'files', ...more });
const refreshes = () => world.provider.events.filter(
  (event) => event.endpoint === 'token' && event.grant_type === 'refresh_token').length;

async function consented(agent, login) {
  const session = await world.session(agent, login);
  const asked = await refusal(ask(agent, session));
  const someone = await person(browser);
  await openAndSignIn(someone.page, asked.parameters.url, login);
  await continueAs(someone.page, login);
  await confirm(someone.page);
  await someone.close();
  return session;
}

test('1,000 concurrent callers of one expired token: exactly one refresh, all answered', async () => {
  const agent = await world.agent();
  const session = await consented(agent, 'alice');
  const first = (await ask(agent, session)).parameters.token;
  await sleep(10_500);
  const before = refreshes();
  const connections = await Promise.all(Array.from({ length: 100 }, () => world.agent()));
  const answers = await Promise.all(Array.from({ length: 1000 }, (_, i) => ask(connections[i % 100], session)));
  const tokens = new Set(answers.map(({ parameters }) => parameters.token.access_token));
  assert.equal(tokens.size, 1);
  assert.ok(!tokens.has(first.access_token));
  assert.equal(refreshes(), before + 1);
  await Promise.all(connections.map((connection) => connection.close()));
  await agent.close();
});

test('min_valid beyond what is left, and ReportInvalid, refresh once', async () => {
  const agent = await world.agent();
  const session = await world.session(agent, 'alice');
  const old = (await ask(agent, session)).parameters.token;
  const before = refreshes();
  const fresh = (await ask(agent, session, { min_valid: 3600 })).parameters.token;
  assert.notEqual(fresh.access_token, old.access_token);
  assert.equal(refreshes(), before + 1, 'beyond the provider\'s lifetime: one refresh, then served');
  await agent.call('io.reeve.Agent.ReportInvalid', { session, token: fresh.id });
  const again = (await ask(agent, session)).parameters.token;
  assert.notEqual(again.access_token, fresh.access_token);
  await agent.close();
});

test('a watcher is told of the refresh; the token in hand changes ahead of its end', async () => {
  const agent = await world.agent(), watching = await world.agent();
  const session = await world.session(agent, 'alice');
  const events = [];
  const watched = (async () => {
    try {
      const told = watching.call('io.reeve.Agent.Watch', { session }, { more: true });
      for await (const { parameters } of told) events.push(parameters.event);
    } catch { /* closed below */ }
  })();
  const first = (await ask(agent, session, { min_valid: 3600 })).parameters.token;
  await sleep(8300);  // less than a fifth of the lifetime is left, whatever part of a second it began at
  assert.equal((await ask(agent, session)).parameters.token.access_token, first.access_token, 'the old one serves meanwhile');
  for (let i = 0; i < 50 && events.filter((event) => event === 'token_refreshed').length < 2; ++i) await sleep(20);
  assert.equal(events[0], 'ready');
  assert.ok(events.filter((event) => event === 'token_refreshed').length >= 2, events.join());
  await watching.close();
  await watched;
  await agent.close();
});

// How long 300 calls of a cached token take, one after another.
async function burst(agent, session) {
  const begun = process.hrtime.bigint();
  for (let i = 0; i < 300; ++i) await ask(agent, session);
  return Number(process.hrtime.bigint() - begun);
}

test('W10 a provider that hangs in mid-refresh delays no cached token; when it goes on, the callers are answered', async (t) => {
  const agent = await world.agent(), other = await world.agent();
  const session = await world.session(agent, 'alice');
  const calm = await consented(other, 'mallory');
  await ask(agent, session, { min_valid: 3600 });
  await sleep(10_500);
  await ask(other, calm);  // refreshed now: cached for the seconds that follow
  const before = await burst(other, calm);
  process.kill(world.provider.pid, 'SIGSTOP');
  const waiting = ask(await world.agent(), session);
  const during = await burst(other, calm);
  process.kill(world.provider.pid, 'SIGCONT');
  assert.ok((await waiting).parameters.token.access_token);
  t.diagnostic(`cached tokens while the provider hung: ${(before / during).toFixed(2)} of the rate before`);
  await other.close();
  await agent.close();
});

test('revoked at the provider: the grant is latched, the next call says why', async () => {
  const agent = await world.agent();
  const session = await world.session(agent, 'alice');
  await ask(agent, session);
  await world.provider.stop();
  const { startAuthz } = await import('../support/node/authz.mjs');
  // The same provider with an empty memory: it knows none of its tokens any more.
  const port = Number(new URL(world.providerUrl).port);
  world.provider = await startAuthz({ host: '127.0.0.3', port, users: [{ sub: 'alice' }], ttl: { AccessToken: 10 },
    clients: [{ client_id: 'reeve-files', client_secret: world.secrets.provider,
                redirect_uris: [world.redirects['provider.files']] }] });
  await sleep(10_500);
  const asked = await refusal(ask(agent, session));
  assert.equal(asked.name, 'ConsentRequired');
  assert.equal(asked.parameters.reason, 'revoked');
  assert.equal(refreshes(), 1, 'no retry loop');
  await agent.close();
});
