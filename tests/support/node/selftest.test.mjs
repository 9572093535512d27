// The support programs tried against each other, before anything of Reeve's is tried with them:
// two authorization servers, a browser, a receiver in the place of a client's callback, and a
// Varlink server of twenty lines. Needs Chromium and loopback, nothing else.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { createServer as createSocketServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { startAuthz } from './authz.mjs';
import { cancel, launch, person, screenshot, signIn, withhold } from './browser.mjs';
import { userToken } from './usertoken.mjs';
import { connect } from './varlink.mjs';

const VERIFIER = 'a-verifier-long-enough-for-the-rule-of-43-characters';
const CLIENT = { client_id: 'reeve', client_secret: 'a secret: with +signs' };

let dir, receiver, redirect_uri, one, two, browser;

before(async () => {
  dir = mkdtempSync(join(tmpdir(), 'selftest-'));
  receiver = createHttpServer((request, response) => response.end('arrived'));
  await once(receiver.listen(0, '127.0.0.1'), 'listening');
  redirect_uri = `http://127.0.0.1:${receiver.address().port}/callback`;
  const config = {
    users: [
      { sub: 'alice', name: 'Alice A.', preferred_username: 'alice-a', email: 'alice@example.org' },
      { sub: 'mallory', password: 'right' },
    ],
    clients: [{ ...CLIENT, redirect_uris: [redirect_uri] }],
    scopes: ['files.read'],
    resources: [{ uri: 'https://files.example', scopes: ['files.write'] }],
    secrets_file: join(dir, 'secrets'),
  };
  [one, two, browser] = await Promise.all([
    startAuthz({ ...config, host: '127.0.0.2' }),
    startAuthz({ ...config, host: '127.0.0.3', rotate: false, ttl: { AccessToken: 1 } }),
    launch(),
  ]);
});

after(async () => {
  await Promise.all([browser?.close(), one?.stop(), two?.stop()]);
  receiver?.closeAllConnections();
  receiver?.close();
  rmSync(dir, { recursive: true });
});

function authorizationUrl({ issuer }, more = {}) {
  const query = new URLSearchParams({
    client_id: CLIENT.client_id,
    redirect_uri,
    response_type: 'code',
    scope: 'openid profile files.read',
    state: 'the-state',
    code_challenge: createHash('sha256').update(VERIFIER).digest('base64url'),
    code_challenge_method: 'S256',
    ...more,
  });
  return `${issuer}/auth?${query}`;
}

async function post({ issuer }, path, form, { client_id, client_secret } = CLIENT) {
  const pair = [client_id, client_secret].map(encodeURIComponent).join(':');
  const response = await fetch(issuer + path, {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from(pair).toString('base64')}` },
    body: new URLSearchParams(form),
  });
  const text = await response.text();
  return { status: response.status, ...(text && JSON.parse(text)) };
}

const redeem = (server, code) => post(server, '/token', {
  grant_type: 'authorization_code', code, redirect_uri, code_verifier: VERIFIER,
});
const refresh = (server, refresh_token) => post(server, '/token', {
  grant_type: 'refresh_token', refresh_token,
});
const userinfo = ({ issuer }, token) => fetch(`${issuer}/me`, {
  headers: { authorization: `Bearer ${token}` },
});

// A new person signs in, and the code arrives at the receiver.
async function codeByBrowser(server, more) {
  const alice = await person(browser);
  await alice.page.goto(authorizationUrl(server, more));
  await signIn(alice.page, 'alice');
  const callback = new URL(alice.page.url()).searchParams;
  await alice.close();
  return callback.get('code');
}

test('a user token comes without a browser, and says who the user is', async () => {
  const token = await userToken({ ...CLIENT, issuer: one.issuer, redirect_uri, login: 'alice' });
  const claims = JSON.parse(Buffer.from(token.id_token.split('.')[1], 'base64url'));
  assert.equal(claims.sub, 'alice');
  assert.equal(claims.iss, one.issuer);
  const answer = await (await userinfo(one, token.access_token)).json();
  assert.deepEqual(answer, { sub: 'alice', name: 'Alice A.', preferred_username: 'alice-a' });
});

test('an unknown login and a wrong password are refused', async () => {
  const request = { ...CLIENT, issuer: one.issuer, redirect_uri };
  await assert.rejects(userToken({ ...request, login: 'nobody' }), /403.*Login refused/);
  await assert.rejects(userToken({ ...request, login: 'mallory' }), /403.*Login refused/);
  assert.ok(await userToken({ ...request, login: 'mallory', password: 'right' }));
  const { page, close } = await person(browser);
  await page.goto(authorizationUrl(one));
  await assert.rejects(signIn(page, 'nobody'), /login refused: nobody/);
  await close();
});

test('a browser walks the code flow, and its person has a cookie jar of their own', async () => {
  const alice = await person(browser);
  await alice.page.goto(authorizationUrl(one));
  await screenshot(alice.page, dir, 'login');
  await signIn(alice.page, 'alice');
  const callback = new URL(alice.page.url());
  assert.equal(callback.origin + callback.pathname, redirect_uri);
  assert.equal(callback.searchParams.get('state'), 'the-state');
  assert.equal(callback.searchParams.get('iss'), one.issuer);

  const responses = await alice.responses();
  const cookies = responses.map(({ headers }) => headers['set-cookie']).join('\n');
  assert.match(cookies, /_session=/);
  assert.ok(responses.some(({ url, status }) => url.startsWith(`${one.issuer}/auth`)
    && status === 303));
  const noise = alice.console_errors.filter(({ url }) => !url.endsWith('/favicon.ico'));
  assert.deepEqual(noise, []);

  const mallory = await person(browser);
  assert.deepEqual(await mallory.context.cookies(), []);
  await Promise.all([alice.close(), mallory.close()]);
});

test('refresh tokens rotate, and one that comes back kills the grant', async () => {
  const first = await redeem(one, await codeByBrowser(one));
  const second = await refresh(one, first.refresh_token);
  const third = await refresh(one, second.refresh_token);
  assert.equal(third.scope, 'openid profile files.read');
  assert.equal(new Set([first, second, third].map((set) => set.refresh_token)).size, 3);
  assert.equal((await userinfo(one, third.access_token)).status, 200);

  const reused = await refresh(one, first.refresh_token);
  assert.deepEqual([reused.status, reused.error], [400, 'invalid_grant']);
  await one.event({ event: 'reuse', kind: 'refresh_token', client_id: 'reeve' });
  await one.event({ event: 'grant_revoked', by: 'token' });
  await one.event({ event: 'request', grant_type: 'refresh_token', error: 'invalid_grant' });
  assert.equal((await refresh(one, third.refresh_token)).error, 'invalid_grant');
  assert.equal((await userinfo(one, third.access_token)).status, 401);
});

test('without rotation a refresh token stays, and an access token ends on time', async () => {
  const first = await redeem(two, await codeByBrowser(two));
  const second = await refresh(two, first.refresh_token);
  assert.equal(second.refresh_token, first.refresh_token);
  assert.equal(second.expires_in, 1);
  await new Promise((resolve) => { setTimeout(resolve, 1100); });
  assert.equal((await userinfo(two, second.access_token)).status, 401);
});

test('a withheld callback never arrives, and its code still works for who stole it', async () => {
  const alice = await person(browser);
  let arrived = 0;
  receiver.on('request', () => { arrived += 1; });
  const withheld = await withhold(alice.page, `${redirect_uri}*`);
  await alice.page.goto(authorizationUrl(one));
  await signIn(alice.page, 'alice');
  const url = await withheld.url;
  assert.equal(arrived, 0);

  const mallory = await person(browser);
  await mallory.page.goto(url);
  assert.equal(arrived > 0, true);
  const tokens = await redeem(one, new URL(url).searchParams.get('code'));
  assert.equal(tokens.status, 200);
  await Promise.all([alice.close(), mallory.close()]);
});

test('a withheld callback is seen when no consent page comes before it', async () => {
  const alice = await person(browser);
  await alice.page.goto(authorizationUrl(one));
  await signIn(alice.page, 'alice');
  const withheld = await withhold(alice.page, `${redirect_uri}*`);
  await alice.page.goto(authorizationUrl(one)).catch(() => {});
  assert.match(await withheld.url, /code=/);
  await alice.close();
});

test('Cancel brings an error back', async () => {
  const { page, close } = await person(browser);
  await page.goto(authorizationUrl(one));
  await cancel(page);
  assert.equal(new URL(page.url()).searchParams.get('error'), 'access_denied');
  await close();
});

test('a revoked refresh token is dead, and its access token with it', async () => {
  const tokens = await redeem(one, await codeByBrowser(one));
  const { status } = await post(one, '/token/revocation', { token: tokens.refresh_token });
  assert.equal(status, 200);
  await one.event({ event: 'grant_revoked', by: 'revocation' });
  assert.equal((await refresh(one, tokens.refresh_token)).error, 'invalid_grant');
  const introspected = await post(one, '/token/introspection', { token: tokens.access_token });
  assert.equal(introspected.active, false);
});

test('a code that comes back is an alarm', async () => {
  const code = await codeByBrowser(one);
  assert.equal((await redeem(one, code)).status, 200);
  assert.equal((await redeem(one, code)).error, 'invalid_grant');
  await one.event({ event: 'reuse', kind: 'code' });
});

test('a token for a resource carries its scopes and no others', async () => {
  const resource = 'https://files.example';
  const code = await codeByBrowser(one, { resource, scope: 'openid files.write' });
  const tokens = await redeem(one, code);
  assert.equal(tokens.scope, 'files.write');
  assert.equal((await userinfo(one, tokens.access_token)).status, 403);
  const introspected = await post(one, '/token/introspection', { token: tokens.access_token });
  assert.equal(introspected.aud, resource);
});

test('a request may be pushed first, and a wrong secret is told from a right one', async () => {
  const form = Object.fromEntries(new URL(authorizationUrl(one)).searchParams);
  const wrong = await post(one, '/request', form, { ...CLIENT, client_secret: 'wrong' });
  assert.deepEqual([wrong.status, wrong.error], [401, 'invalid_client']);
  await one.event({ endpoint: 'par', client_id: 'reeve', status: 401, error: 'invalid_client' });
  const { status, request_uri } = await post(one, '/request', form);
  assert.equal(status, 201);
  const alice = await person(browser);
  const query = new URLSearchParams({ client_id: CLIENT.client_id, request_uri });
  await alice.page.goto(`${one.issuer}/auth?${query}`);
  await signIn(alice.page, 'alice');
  assert.match(alice.page.url(), /code=/);
  await alice.close();
});

test('every secret is in the secrets file, and none in the events', async () => {
  const tokens = await redeem(one, await codeByBrowser(one));
  const kept = readFileSync(join(dir, 'secrets'), 'utf8').trim().split('\n').map(JSON.parse);
  for (const kind of ['access_token', 'refresh_token', 'id_token']) {
    assert.ok(kept.some((line) => line.kind === kind && line.value === tokens[kind]));
  }
  assert.ok(kept.some(({ kind }) => kind === 'code'));
  const events = JSON.stringify([one.events, two.events]);
  assert.deepEqual(kept.filter(({ value }) => events.includes(value)), []);
});

// Answers every call with what it was asked: Fail with an error, Count with three replies.
function varlinkServer(socket) {
  let left = '';
  socket.on('data', (chunk) => {
    const frames = (left + chunk).split('\0');
    left = frames.pop();
    for (const frame of frames) {
      if (!frame.startsWith('{')) return socket.end();
      const { method, parameters } = JSON.parse(frame);
      const replies = {
        'org.example.Fail': [{ error: 'org.example.Denied', parameters }],
        'org.example.Count': [1, 2, 3].map((n) => ({ parameters: { n }, continues: n < 3 })),
      }[method] ?? [{ parameters }];
      for (const reply of replies) socket.write(`${JSON.stringify(reply)}\0`);
    }
  });
}

test('the Varlink client calls, fails, streams, sends rubbish and sees the end', async () => {
  const path = join(dir, 'socket');
  const server = createSocketServer(varlinkServer).listen(path);
  await once(server, 'listening');
  const client = await connect(path);
  const answers = await Promise.all([
    client.call('org.example.Echo', { text: 'ö' }),
    client.call('org.example.Fail', { why: 'so' }).catch(({ error, parameters }) => (
      { error, parameters })),
    collect(client.call('org.example.Count', {}, { more: true })),
  ]);
  assert.deepEqual(answers, [
    { parameters: { text: 'ö' } },
    { error: 'org.example.Denied', parameters: { why: 'so' } },
    [1, 2, 3].map((n) => ({ parameters: { n } })),
  ]);
  const half = await client.raw('{"method":"org.exam', 50);
  assert.deepEqual([half.received.length, half.closed], [0, false]);
  const whole = await client.raw('ple.Echo","parameters":{}}\0');
  assert.equal(whole.received.toString(), '{"parameters":{}}\0');
  assert.equal((await client.raw('rubbish\0')).closed, true);
  await assert.rejects(client.call('org.example.Echo'), /connection closed/);
  server.close();
});

async function collect(replies) {
  const all = [];
  for await (const reply of replies) all.push(reply);
  return all;
}
