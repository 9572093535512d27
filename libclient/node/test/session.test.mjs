// Sessions, tokens, consents and events, as the daemon's answers make them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as reeve from 'reeve';
import { SECRET, consentFields, givesTokens, place, refusal, tokenFields } from './scripted.mjs';

test('each way to open says so, and exactly one must be given', async (t) => {
  const here = place(t);
  const server = await here.serve(...Array(4).fill((peer) => peer.openSession()));
  const client = here.client();
  const user = { issuer: 'https://login.example.com', subject: 'alice' };
  await client.session({ userToken: 'jwt', lifetime: 60 });
  await client.session({ user });
  await client.session({ unix: true });
  await client.session({ workload: true });
  assert.deepEqual(server.asked, [{ as: 'token', user_token: 'jwt', lifetime: 60 },
    { as: 'asserted', user }, { as: 'unix' }, { as: 'workload' }]);
  for (const ways of [{}, { unix: true, workload: true }, { userToken: 'x', unix: true }]) {
    await refusal(client.session(ways), TypeError);
  }
  assert.throws(() => new reeve.Client({ unix: true, workload: true }), TypeError);
});

test('a token is asked for with what was given and no more', async (t) => {
  const here = place(t);
  const server = await here.serve(givesTokens(1), givesTokens(1));
  const session = await here.session();
  assert.equal(String(await session.token('github')), SECRET);
  await session.token('github', { scopes: [], resource: 'https://api', account: 'a', minValid: 60, fresh: true,
    returnUrl: 'https://x', returnState: 's', acrValues: ['gold'], maxAge: 0 });
  assert.deepEqual(server.asked, [{ session: 'handle-1', provider: 'github' },
    { session: 'handle-1', provider: 'github', scopes: [], resource: 'https://api', account: 'a', min_valid: 60,
      fresh: true, return_url: 'https://x', return_state: 's', acr_values: ['gold'], max_age: 0 }]);
  await refusal(session.token('github', { scopes: 'repo' }), TypeError);
});

test('the default session is opened once for many, and anew when it has ended', async (t) => {
  const here = place(t);
  const server = await here.serve(async (peer) => {
    await peer.openSession('one');
    await peer.expect('GetToken');
    peer.error('SessionInvalid');
    await peer.untilClosed();
  }, async (peer) => {
    await peer.openSession('two');
    await givesTokens(1)(peer);
    await peer.answer('ReportInvalid');
    await peer.answer('CloseSession');
  });
  const client = here.client({ workload: true });
  const sessions = await Promise.all([1, 2, 3].map(() => client.defaultSession()));
  assert.equal(new Set(sessions).size, 1);
  const token = await client.token('github');
  await client.reportInvalid(token);
  await client.close();
  assert.deepEqual(server.asked.slice(3), [{ session: 'two', provider: 'github' },
    { session: 'two', token: 't-0' }, { session: 'two' }]);
});

test('a session in the environment is used, and not closed nor opened anew', async (t) => {
  const here = place(t);
  await here.serve(async (peer) => {
    await peer.expect('GetToken');
    peer.error('SessionInvalid');
    await peer.untilClosed();
  });
  process.env.REEVE_SESSION = 'given';
  process.env.REEVE_SOCKET = here.file;
  const client = new reeve.Client();
  await refusal(client.token('github'), reeve.SessionInvalid);
  await client.close();
});

test('nobody to act for is an error that says what to do', async (t) => {
  const here = place(t);
  const error = await refusal(here.client().token('github'), reeve.NoSession);
  assert.match(error.message, /REEVE_USER_TOKEN_FILE/);
  process.env.REEVE_USER_TOKEN_FILE = `${here.directory}/none`;
  assert.match((await refusal(here.client().token('github'), reeve.NoSession)).message, /ENOENT/);
});

test('every wire error is a class of its own', async (t) => {
  const here = place(t);
  const table = [
    ['Denied', { reason: 'scope' }, reeve.Denied, { reason: 'scope' }],
    ['SessionInvalid', {}, reeve.SessionInvalid, {}],
    ['UserTokenInvalid', { reason: 'expired' }, reeve.UserTokenInvalid, { reason: 'expired' }],
    ['RequestInvalid', {}, reeve.RequestInvalid, {}],
    ['Unavailable', { reason: 'vault' }, reeve.Unavailable, { reason: 'vault' }],
    ['UnknownProvider', { provider: 'x' }, reeve.UnknownProvider, { provider: 'x' }],
    ['ProviderFailed', { provider: 'x', error: 'server_error', retry_after: 7 }, reeve.ProviderFailed,
      { error: 'server_error', retryAfter: 7, description: null }],
    ['LimitReached', { limit: 'sessions' }, reeve.LimitReached, { limit: 'sessions', retryAfter: null }],
    ['org.varlink.service.MethodNotFound', { method: 'm' }, reeve.MethodNotFound, { missing: 'm' }],
    ['org.varlink.service.InvalidParameter', { parameter: 'p' }, reeve.InvalidParameter, { parameter: 'p' }],
    ['org.varlink.service.PermissionDenied', {}, reeve.PermissionDenied, {}],
    ['io.reeve.Agent.Later', {}, reeve.UnknownError, { error: 'io.reeve.Agent.Later' }],
    ['Denied', { reason: 7 }, reeve.ProtocolError, {}],
  ];
  await here.serve(async (peer) => {
    for (const [name, parameters] of table) {
      await peer.expect('GetToken');
      peer.error(name, parameters);
    }
  }, ...table.map(() => async () => {}));
  const session = await here.session();
  for (const [name, , kind, fields] of table) {
    const error = await refusal(session.token('x'), kind);
    assert.equal(error.name, kind.name, name);
    assert.ok(error instanceof reeve.ReeveError && error.message.length > 20);
    for (const [field, value] of Object.entries(fields)) assert.equal(error[field], value, `${name}.${field}`);
  }
});

const asks = (then) => async (peer) => {
  await peer.expect('GetToken');
  peer.error('ConsentRequired', consentFields());
  await then?.(peer);
};
const told = (...statuses) => async (peer) => {
  assert.deepEqual(await peer.expect('AwaitConsent'), { session: 'handle-1', request: 'request-1' });
  statuses.forEach((status, i) => peer.reply({ status }, i < statuses.length - 1 ? { continues: true } : {}));
};
const nothing = () => {};

test('the user agrees: the link is shown, the wait is pushed, the token comes', async (t) => {
  const here = place(t);
  await here.serve(asks(givesTokens(1)), told('pending', 'granted'));
  const shown = [];
  const session = await here.session();
  const token = await session.token('github', { wait: true,
    onConsent: async ({ url, phrase }) => shown.push(url, phrase) });
  assert.equal(token.id, 't-0');
  assert.deepEqual(shown, ['https://agents.example.com/connect/ticket-1', 'amber-fox']);
});

test('without wait ConsentRequired is thrown, and no printer shows its link', async (t) => {
  const here = place(t);
  await here.serve(asks());
  const error = await refusal((await here.session()).token('github'), reeve.ConsentRequired);
  assert.equal(error.phrase, 'amber-fox');
  const { inspect } = await import('node:util');
  for (const text of [inspect(error, { depth: 9 }), JSON.stringify(error), String(error)]) {
    for (const hidden of ['ticket-1', 'amber-fox', 'request-1']) assert.ok(!text.includes(hidden), text);
  }
});

test('how a consent ends', async (t) => {
  for (const [status, kind] of [['declined', reeve.Declined], ['refused', reeve.Refused],
    ['expired', reeve.ConsentExpired], ['failed', reeve.ConsentFailed], ['later', reeve.ConsentFailed],
    ['pending', reeve.ProtocolError]]) {
    await t.test(status, async (t) => {
      const here = place(t);
      await here.serve(asks(), told('pending', status));
      await refusal((await here.session()).token('github', { wait: true, onConsent: nothing }), kind);
    });
  }
});

test('the wait is taken up again after a restart, and given up when the daemon stays away', async (t) => {
  const here = place(t);
  const dies = async (peer) => {
    await peer.expect('AwaitConsent');
    peer.reply({ status: 'pending' }, { continues: true });
  };
  await here.serve(asks(givesTokens(1)), dies, told('granted'));
  await (await here.session()).token('github', { wait: true, onConsent: nothing });
  await t.test('gone', async (t) => {
    const there = place(t);
    const server = await there.serve(asks());
    const session = await there.session({ timeoutMs: 200 });
    await refusal(session.token('github', { wait: true, onConsent: () => server.kill() }), reeve.DaemonUnavailable);
  });
});

test('an abort ends a wait at once with its reason, and the connection', async (t) => {
  const here = place(t);
  const abort = new AbortController();
  const server = await here.serve(asks(), async (peer) => {
    await peer.expect('AwaitConsent');
    peer.reply({ status: 'pending' }, { continues: true });
    abort.abort(new RangeError('enough'));
    await peer.untilClosed();
  });
  const session = await here.session();
  await refusal(session.token('github', { wait: true, signal: abort.signal, onConsent: nothing }), RangeError);
  await server.join();
});

test('a watch: ready first, each event, the end; leaving the loop closes it', async (t) => {
  const here = place(t);
  const events = async (peer) => {
    await peer.expect('Watch');
    peer.reply({ event: 'ready' }, { continues: true });
    peer.reply({ event: 'grant_revoked', provider: 'github', grant: 'g' }, { continues: true });
    peer.reply({ event: 'session_ended' });
  };
  await here.serve(events, async (peer) => {
    await peer.expect('Watch');
    peer.reply({ event: 'ready' }, { continues: true });
    await peer.untilClosed();
  }, async (peer) => {
    await peer.expect('Watch');
    peer.reply({ event: 'ready' }, { continues: true });
  });
  const session = await here.session();
  const seen = [];
  for await (const { event, provider } of session.watch()) seen.push([event, provider]);
  assert.deepEqual(seen, [['ready', null], ['grant_revoked', 'github'], ['session_ended', null]]);
  for await (const { event } of session.watch()) {
    assert.equal(event, 'ready');
    break;
  }
  const dying = session.watch();
  await dying.next();
  await refusal(dying.next(), reeve.DaemonUnavailable);
  assert.deepEqual(await dying.next(), { done: true, value: undefined });
});

test('a watch goes on after a timeout; one step at a time; close ends a step', async (t) => {
  const here = place(t);
  let goOn;
  const later = new Promise((resolve) => { goOn = resolve; });
  await here.serve(async (peer) => {
    await peer.expect('Watch');
    peer.reply({ event: 'ready' }, { continues: true });
    await later;
    peer.reply({ event: 'token_refreshed' }, { continues: true });
    await peer.untilClosed();
  });
  const watch = (await here.session()).watch({ timeoutMs: 300 });
  assert.equal((await watch.next()).value.event, 'ready');
  await refusal(watch.next(), reeve.Timeout);
  const step = watch.next();
  await refusal(watch.next(), reeve.ReeveError);
  goOn();
  assert.equal((await step).value.event, 'token_refreshed');
  const last = watch.next();
  watch.close();
  assert.deepEqual(await last, { done: true, value: undefined });
});

test('after close nothing is asked', async (t) => {
  const here = place(t);
  await here.serve((peer) => peer.answer('CloseSession'));
  const session = await here.session();
  await session.close();
  await session.close();
  await refusal(session.token('github'), reeve.SessionInvalid);
  assert.throws(() => session.watch(), reeve.SessionInvalid);
});
