// The socket half: W5, W6, W7, W12 as attacks by real processes of other users, and bad input of every kind. After
// each the daemon lives and serves the next caller.
import assert from 'node:assert/strict';
import { createHmac, generateKeyPairSync, sign } from 'node:crypto';
import { once } from 'node:events';
import path from 'node:path';
import { after, afterEach, before, test } from 'node:test';
import { World, callAs as callAsIn, refusal, users } from './world.mjs';

let world;
before(async () => {
  world = await World.start({ config: `
[workload.sub]
match = { uid = ${users.agent} }
issuer.corp = { audiences = ["triage-app"] }
unix = true
allow = [ { provider = "files", scopes = ["openid"] } ]
` });
});
after(() => world?.stop());
afterEach(async () => {
  const agent = await world.agent();
  assert.equal((await agent.call('io.reeve.Agent.WhoAmI', {})).parameters.workload, 'agent');
  await agent.close();
});

const callAs = (uid, method, parameters, options) => callAsIn(world, uid, method, parameters, options);

test('WhoAmI says what the kernel says, and which workload the policy sees', async () => {
  const said = (await callAs(users.other, 'io.reeve.Agent.WhoAmI', {})).parameters;
  assert.equal(said.workload, 'other');
  assert.equal(said.evidence.uid, String(users.other));
  const nobody = (await callAs(64199, 'io.reeve.Agent.WhoAmI', {})).parameters;
  assert.equal(nobody.workload, undefined);
});

test('W5 a session handle used by another process or workload looks like none at all', async () => {
  const agent = await world.agent();
  const session = await world.session(agent, 'alice');
  const unknown = await refusal(agent.call('io.reeve.Agent.GetToken', { session: 'A'.repeat(43), provider: 'files' }));
  assert.equal(unknown.name, 'SessionInvalid');
  for (const uid of [users.other, users.agent, 0]) {
    for (const [method, more] of [['GetToken', { provider: 'files' }], ['CloseSession', {}], ['ReportInvalid', { token: 'x' }]]) {
      const stolen = await callAs(uid, `io.reeve.Agent.${method}`, { session, ...more });
      assert.equal(stolen.error, 'io.reeve.Agent.SessionInvalid', `${uid} ${method}`);
      assert.deepEqual(stolen.parameters ?? {}, unknown.parameters);
    }
  }
  assert.ok(world.auditEvents('session.refused').length >= 10, 'one record a refusal');
  const own = await refusal(agent.call('io.reeve.Agent.GetToken', { session, provider: 'files' }));
  assert.equal(own.name, 'ConsentRequired', 'it still works where it was opened');
  const { request } = own.parameters;
  const waiting = await callAs(users.other, 'io.reeve.Agent.AwaitConsent', { session, request }, { more: true });
  assert.equal(waiting.error, 'io.reeve.Agent.SessionInvalid');
});

test('W6 an agent asks for more than its mandate', async () => {
  const agent = await world.agent();
  const session = await world.session(agent, 'alice');
  const ask = (more) => refusal(agent.call('io.reeve.Agent.GetToken', { session, provider: 'files', ...more }));
  assert.deepEqual((await ask({ scopes: ['openid', 'admin'] })).parameters, { reason: 'scope_not_allowed' });
  assert.equal((await ask({ provider: 'nowhere' })).name, 'UnknownProvider');
  assert.equal((await ask({ resource: 'https://api.example/' })).name, 'Denied');
  assert.match((await ask({ min_valid: -1 })).name, /InvalidParameter$/);
  assert.equal((await ask({ scopes: ['openid', 'email'] })).name, 'ConsentRequired', 'what the policy allows is asked of the user');
  const assertion = (issuer) => ({ as: 'asserted', user: { issuer, subject: 'alice' } });
  const named = await refusal(agent.call('io.reeve.Agent.OpenSession', assertion('https://other.example')));
  assert.equal(named.name, 'Denied');
  const other = await callAs(users.other, 'io.reeve.Agent.OpenSession', assertion(world.issuer.issuer));
  assert.equal(other.error, 'io.reeve.Agent.Denied', 'only who may assert');
});

const part = (value) => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');

test('W7 user tokens that must not open a session', async () => {
  const { id_token, access_token } = await world.userToken('alice');
  const [header, payload, signature] = id_token.split('.');
  const head = JSON.parse(Buffer.from(header, 'base64url'));
  const claims = JSON.parse(Buffer.from(payload, 'base64url'));
  const own = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const signed = (h, c) => {
    const input = `${part(h)}.${part(c)}`;
    return `${input}.${sign('sha256', Buffer.from(input), own.privateKey).toString('base64url')}`;
  };
  const publicPem = own.publicKey.export({ type: 'spki', format: 'pem' });
  const hs = (() => {
    const input = `${part({ alg: 'HS256', kid: head.kid })}.${part(claims)}`;
    return `${input}.${createHmac('sha256', publicPem).update(input).digest('base64url')}`;
  })();
  const foreign = await world.userToken('alice', 'foreign-app');
  const others = await world.userToken('alice', 'other-app');
  const bad = {
    'alg none': `${part({ alg: 'none' })}.${payload}.`,
    'wrong key': signed(head, claims),
    'embedded jwk': signed({ ...head, jwk: own.publicKey.export({ format: 'jwk' }) }, claims),
    'embedded jku': signed({ ...head, jku: 'http://127.0.0.9/keys' }, claims),
    'HS256 with a public key': hs,
    'psychic signature': `${part({ alg: 'ES256', kid: head.kid })}.${payload}.${Buffer.alloc(64).toString('base64url')}`,
    'changed claims': `${header}.${part({ ...claims, sub: 'mallory' })}.${signature}`,
    'cut signature': `${header}.${payload}.${signature.slice(0, -4)}`,
    'another workload\'s audience': others.id_token,
    'nobody\'s audience': foreign.id_token,
    'an access token': access_token,
    'unknown issuer': signed(head, { ...claims, iss: 'https://evil.example' }),
    'unknown crit': signed({ ...head, crit: ['x'], x: 1 }, claims),
    'huge': `${header}.${part('x'.repeat(100_000))}.${signature}`,
    'nested': `${part('['.repeat(5000))}.${payload}.${signature}`,
    'no token': 'x',
  };
  const agent = await world.agent();
  for (const [name, user_token] of Object.entries(bad)) {
    const refused = await refusal(agent.call('io.reeve.Agent.OpenSession', { as: 'token', user_token }));
    assert.equal(refused.name, 'UserTokenInvalid', name);
    assert.ok(!JSON.stringify(refused.parameters).includes(user_token.slice(-20)) || name === 'no token', name);
  }
  const opened = await agent.call('io.reeve.Agent.OpenSession', { as: 'token', user_token: id_token });
  assert.equal(opened.parameters.user.subject, 'alice');
});

test('W7 a flood of unknown key ids makes at most one request for keys a minute', async () => {
  const { id_token } = await world.userToken('alice');
  const [, payload, signature] = id_token.split('.');
  const agent = await world.agent();
  await agent.call('io.reeve.Agent.OpenSession', { as: 'token', user_token: id_token });
  const fetches = () => world.issuer.events.filter(({ endpoint }) => endpoint === 'jwks').length;
  assert.ok(fetches() >= 1, 'the keys were fetched once');
  const before = fetches();
  for (let i = 0; i < 50; ++i) {
    const user_token = `${part({ alg: 'RS256', kid: `kid-${i}`, typ: 'JWT' })}.${payload}.${signature}`;
    assert.equal((await refusal(agent.call('io.reeve.Agent.OpenSession', { as: 'token', user_token }))).name, 'UserTokenInvalid');
  }
  assert.ok(fetches() <= before + 1, `${fetches() - before} requests for keys`);
  await agent.call('io.reeve.Agent.OpenSession', { as: 'token', user_token: id_token });
});

test('W12 a forgotten user token never becomes the host\'s user', async () => {
  const agent = await world.agent();
  for (const parameters of [{ as: 'token' }, { as: 'token', user_token: '' }, { as: '' }, { as: 'unix' }, { as: 'Unix' },
                            { as: 'unix', user_token: 'x' }, { as: 'workload', user: { issuer: 'unix', subject: 'x' } }]) {
    const refused = await refusal(agent.call('io.reeve.Agent.OpenSession', parameters));
    assert.match(refused.name, /Denied|InvalidParameter/, JSON.stringify(parameters));
  }
  // Where the policy says so, it is the caller's own uid and nobody else.
  const own = await callAs(users.agent, 'io.reeve.Agent.OpenSession', { as: 'unix' });
  assert.equal(own.parameters.user.issuer, 'unix');
  assert.ok(own.parameters.user.subject.endsWith(`:${users.agent}`));
  const root = { as: 'asserted', user: { issuer: 'unix', subject: 'x:0' } };
  const asserted = await refusal(agent.call('io.reeve.Agent.OpenSession', root));
  assert.equal(asserted.name, 'Denied');
});

test('bad frames are answered or ended, and hurt nobody else', async () => {
  const quiet = await world.agent();
  const frames = ['{"method":', '\0\0\0\0\0\0\0\0', 'x'.repeat(300 * 1024), '{"method":"io.reeve.Agent.WhoAmI"',
                  '[]\0', '{"method":1}\0',
                  '{"method":"io.reeve.Agent.WhoAmI","parameters":{"a":1}}\0', `${'['.repeat(100)}\0`,
                  Buffer.from([0x7b, 0xff, 0xfe, 0x00]), '{"method":"io.reeve.Agent.Nothing"}\0', '{"a":1,"a":2}\0'];
  for (const frame of frames) {
    const client = await world.agent();
    const { received } = await client.raw(frame, 300);
    const answer = received.toString();
    assert.ok(answer === '' || /"error"/.test(answer), answer);
    await client.close();
  }
  assert.equal((await quiet.call('io.reeve.Agent.WhoAmI', {})).parameters.workload, 'agent');
});

test('the binder\'s and the operator\'s sockets turn others away', async () => {
  for (const [socket, method] of [['bind.sock', 'io.reeve.Binding.Connections'], ['admin.sock', 'io.reeve.Admin.Status']]) {
    const { connect } = await import('../support/node/varlink.mjs');
    const file = path.join(world.directory, 'run', socket);
    if (socket === 'bind.sock') {
      // Root may connect to the file; the daemon still refuses, since it is not the binder.
      const client = await connect(file);
      const refused = await refusal(client.call(method, { browser: 'x' })).catch(() => ({ name: 'closed' }));
      assert.match(refused.name, /PermissionDenied|closed/);
    } else {
      const said = await callAs(users.other, method, {}).catch((error) => ({ error: String(error) }));
      assert.ok(said.error, 'a stranger gets nothing');
    }
  }
});
