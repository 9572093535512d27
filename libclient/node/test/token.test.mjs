// Token, requiresToken and tokenFetch: what a caller gets, and what nobody gets to see.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { once } from 'node:events';
import { test } from 'node:test';
import { format, inspect } from 'node:util';
import { ConsentRequired, NoSession, requiresToken, tokenFetch, using } from 'reeve';
import { SECRET, consentFields, givesTokens, place, refusal, tokenFields } from './scripted.mjs';

test('a token goes into a header as it is, and is shown by no printer', async (t) => {
  const here = place(t);
  await here.serve(givesTokens(1));
  const token = await (await here.session()).token('github');
  assert.equal(`Bearer ${token}`, `Bearer ${SECRET}`);
  assert.equal(token + '', SECRET);
  assert.deepEqual([token.provider, token.id, token.grant, token.account, [...token.scopes], token.expiresAt,
    token.tokenType], ['github', 't-0', 'g-1', 'octo-alice', ['repo'], 1999999999, 'Bearer']);
  for (const text of [inspect(token), inspect({ token: [token] }, { depth: 9, showHidden: true }), format('%o', token),
    format('%O', token), JSON.stringify({ token }), JSON.stringify(structuredClone(token)),
    JSON.stringify(Object.getOwnPropertyDescriptors(token))]) {
    assert.ok(!text.includes(SECRET), text);
  }
  assert.match(inspect(token), /github/);
  assert.throws(() => { token.id = 'x'; }, TypeError);
});

test('requiresToken gives the token to the function, and its callers never see it', async (t) => {
  const here = place(t);
  const server = await here.serve(givesTokens(1));
  const list = requiresToken({ provider: 'github', scopes: ['repo'] },
    (token, repository, limit = 10) => `${repository} ${limit} ${token}`);
  await refusal(list('r'), NoSession);
  assert.equal(await using(await here.session(), () => list('r', 5)), `r 5 ${SECRET}`);
  assert.deepEqual(server.asked[0], { session: 'handle-1', provider: 'github', scopes: ['repo'] });
  assert.throws(() => requiresToken({ provider: 'github', wait: 'poll' }, () => {}), TypeError);
});

test('push waits for the user, raise does not', async (t) => {
  const here = place(t);
  const asks = async (peer) => {
    await peer.expect('GetToken');
    peer.error('ConsentRequired', consentFields());
  };
  await here.serve(async (peer) => {
    await asks(peer);
    await givesTokens(1)(peer);
    await asks(peer);
  }, (peer) => peer.answer('AwaitConsent', { status: 'granted' }));
  const session = await here.session();
  const shown = [];
  const onConsent = ({ phrase }) => shown.push(phrase);
  assert.equal(await requiresToken({ provider: 'github', session, onConsent }, String)(), SECRET);
  assert.deepEqual(shown, ['amber-fox']);
  await refusal(requiresToken({ provider: 'github', session, wait: 'raise' }, String)(), ConsentRequired);
});

test('contexts that run at once get each their own user\'s token', async (t) => {
  const here = place(t);
  const answers = async (peer) => {
    for (let call = await peer.call(); call !== null; call = await peer.call()) {
      peer.reply({ token: tokenFields({ access_token: `token-of-${call.parameters.session}` }) });
    }
  };
  await here.serve(...Array(32).fill(answers));
  const list = requiresToken({ provider: 'github' }, String);
  await Promise.all(Array.from({ length: 8 }, async (_, i) => {
    process.env.REEVE_SESSION = `user-${i}`;
    const client = here.client();
    await using(client, async () => {
      assert.equal(await list(), `token-of-user-${i}`);
      await new Promise((resolve) => setImmediate(resolve));
      assert.equal(await list(), `token-of-user-${i}`);
    });
  }));
});

// A real server that takes the token "two" only; notes what came.
async function api(t, host) {
  const seen = [];
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    seen.push([request.url, request.headers.authorization, body]);
    const good = request.headers.authorization === 'Bearer two';
    if (request.url === '/moved') response.writeHead(307, { location: server.elsewhere }).end();
    else response.writeHead(good ? 200 : 401).end('ok');
  });
  server.listen(0, host);
  await once(server, 'listening');
  t.after(() => { server.closeAllConnections(); server.close(); });
  return { seen, server, url: `http://${host}:${server.address().port}` };
}

// A daemon that lends these; each but the last must be reported before the next.
const lending = (...tokens) => async (peer) => {
  for (const [number, access_token] of tokens.entries()) {
    if (number > 0) await peer.answer('ReportInvalid');
    await peer.answer('GetToken', { token: tokenFields({ access_token, id: access_token }) });
  }
  await peer.untilClosed();
};

test('fetch: 401 is reported and the request with its body sent once more', async (t) => {
  const here = place(t);
  const { seen, url } = await api(t, '127.0.0.1');
  const server = await here.serve(lending('one', 'two'));
  const send = tokenFetch('github', { session: await here.session(), scopes: ['repo'] });
  const answer = await send(`${url}/x`, { method: 'POST', body: 'body' });
  assert.equal(answer.status, 200);
  assert.deepEqual(seen, [['/x', 'Bearer one', 'body'], ['/x', 'Bearer two', 'body']]);
  assert.equal(server.asked[1].token, 'one');
});

test('fetch: a second 401 is the answer; an aborted request asks for nothing', async (t) => {
  const here = place(t);
  const { seen, url } = await api(t, '127.0.0.1');
  await here.serve(lending('one', 'another'));
  const send = tokenFetch('github', { session: await here.session() });
  assert.equal((await send(url)).status, 401);
  assert.equal(seen.length, 2);
  const gone = AbortSignal.abort();
  assert.equal((await refusal(send(url, { signal: gone }))).name, 'AbortError');
});

test('fetch: a host to which a redirect leads gets no token, and its 401 asks for none', async (t) => {
  const here = place(t);
  const { url, server } = await api(t, '127.0.0.1');
  const other = await api(t, '127.0.0.2');
  server.elsewhere = `${other.url}/there`;
  await here.serve(lending('one'));
  const send = tokenFetch('github', { session: await here.session() });
  assert.equal((await send(`${url}/moved`)).status, 401);
  assert.deepEqual(other.seen, [['/there', undefined, '']]);
});
