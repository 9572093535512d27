// Bad answers, restarts, turns and trust: a typed error each, never a hang, never a token in it.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { DaemonUnavailable, DaemonUntrusted, ProtocolError, Timeout } from 'reeve';
import { SECRET, givesTokens, place, refusal, tokenFields } from './scripted.mjs';

const shows = (error) => [inspect(error, { depth: 20, showHidden: true }), error.stack, JSON.stringify(error)].join();

test('what is no answer is a protocol error that quotes nothing', async (t) => {
  const token = `"token":${JSON.stringify(tokenFields())}`;
  const raws = [
    SECRET, `{"a":"${SECRET}`, `["${SECRET}"]`, '7', 'null', `{"parameters":["${SECRET}"]}`,
    `{"error":["${SECRET}"]}`, `{"parameters":{},"continues":"${SECRET}"}`, '{}',
    `{"parameters":{${token},${token}}}`, `{"parameters":{${token},"\\u0074oken":1}}`,
    `{"parameters":{${token},"x":${'['.repeat(20)}${']'.repeat(20)}}}`, '['.repeat(100_000),
    `{"parameters":{"token":${JSON.stringify(tokenFields({ access_token: [SECRET] }))}}}`,
    `{"parameters":{"token":${JSON.stringify(tokenFields({ access_token: `${SECRET}\r\nX: 1` }))}}}`,
    `{"parameters":{"token":${JSON.stringify(tokenFields({ access_token: '' }))}}}`,
    `{"parameters":{"token":${JSON.stringify(tokenFields({ expires_at: 1.5 }))}}}`,
    `{"parameters":{"token":${JSON.stringify(tokenFields({ id: null }))}}}`,
    Buffer.concat([Buffer.from(`{"parameters":{"x":"${SECRET}`), Buffer.from([0xff, 0xfe]), Buffer.from('"}}')]),
    `{"parameters":{${token}},"continues":true}`, `\ufeff{"parameters":{${token}}}`,
  ];
  for (const [number, raw] of raws.entries()) {
    await t.test(`${number}: ${String(raw).slice(0, 30)}`, async (t) => {
      const here = place(t);
      await here.serve(async (peer) => {
        await peer.expect('GetToken');
        peer.raw(raw);
        peer.raw('\0');
      });
      const error = await refusal((await here.session()).token('p'), ProtocolError);
      assert.ok(!shows(error).includes(SECRET), shows(error));
    });
  }
});

test('half an answer, none, and one that never ends', async (t) => {
  for (const [raw, kind] of [[`{"x":"${SECRET}`, ProtocolError], ['', DaemonUnavailable],
    ['x'.repeat(1_200_000), ProtocolError]]) {
    await t.test(raw.slice(0, 20), async (t) => {
      const here = place(t);
      const script = async (peer) => {
        await peer.expect('GetToken');
        if (raw) peer.raw(raw);
      };
      await here.serve(script, script);  // what got no byte is asked once more
      assert.ok(!shows(await refusal((await here.session()).token('p'), kind)).includes(SECRET));
    });
  }
});

test('unknown fields are ignored, a long token comes whole, byte by byte too', async (t) => {
  const here = place(t);
  const long = 'x'.repeat(900_000);
  await here.serve(async (peer) => {
    await peer.expect('GetToken');
    peer.reply({ token: tokenFields({ access_token: long, later: [1] }), more: 1 }, { later: true });
    await peer.expect('GetToken');
    for (const byte of Buffer.from(`${JSON.stringify({ parameters: { token: tokenFields() } })}\0`)) {
      peer.raw(Buffer.from([byte]));
      await new Promise((resolve) => setImmediate(resolve));
    }
  });
  const session = await here.session();
  assert.equal(String(await session.token('p')), long);
  assert.equal(String(await session.token('p')), SECRET);
});

test('a call that is too long is not sent', async (t) => {
  const here = place(t);
  const server = await here.serve();
  await refusal((await here.session()).token('p', { scopes: ['x'.repeat(300_000)] }), ProtocolError);
  assert.equal(server.connections, 0);
});

test('a restart while idle goes unnoticed; a call that got no answer is repeated once where that is safe', async (t) => {
  const here = place(t);
  const server = await here.serve(givesTokens(1));
  const session = await here.session();
  await session.token('p');
  await server.kill();
  const second = await here.serve(async (peer) => {
    await givesTokens(1)(peer);
    await peer.expect('GetToken');
  }, givesTokens(1), async (peer) => { await peer.expect('GetToken'); });
  await session.token('p');
  assert.equal((await session.token('p')).id, 't-0');
  assert.equal(second.connections, 2);
  await refusal(session.token('p', { fresh: true }), DaemonUnavailable);
  assert.equal(second.connections, 3, 'fresh would ask the user twice');
});

test('a call on a new connection is repeated once too, and no third time', async (t) => {
  const here = place(t);
  const dies = async (peer) => { await peer.expect('GetToken'); };
  const server = await here.serve(dies, givesTokens(1), dies, dies, givesTokens(1));
  const session = await here.session();
  assert.equal((await session.token('p')).id, 't-0');
  session.client?.close();
  const again = await here.session();
  await refusal(again.token('p'), DaemonUnavailable);
  assert.equal(server.connections, 4);
});

test('no daemon: a typed error that says what to do, at once', async (t) => {
  const here = place(t);
  const session = await here.session();
  assert.match((await refusal(session.token('p'), DaemonUnavailable)).message, /running/);
  const server = await here.serve();
  server.net.close();
  fs.writeFileSync(here.file, '');
  assert.match((await refusal(session.token('p'), DaemonUnavailable)).message, /no socket/);
});

test('no answer in time, and an abort, close the connection; the next call is answered by itself', async (t) => {
  const here = place(t);
  const silent = async (peer) => {
    await peer.expect('GetToken');
    await peer.untilClosed();
  };
  const server = await here.serve(silent, silent, givesTokens(1));
  const session = await here.session();
  await refusal(session.token('p', { timeoutMs: 50 }), Timeout);
  const abort = new AbortController();
  const waiting = session.token('p', { signal: abort.signal });
  while (server.asked.length < 2) await new Promise((resolve) => setImmediate(resolve));
  abort.abort();
  assert.equal((await refusal(waiting)).name, 'AbortError');
  assert.equal((await refusal(session.token('p', { signal: abort.signal }))).name, 'AbortError');
  assert.equal((await session.token('p')).id, 't-0');
  await server.join();
});

test('a call that waits keeps no other waiting, and many take turns', async (t) => {
  const here = place(t);
  let release;
  const released = new Promise((resolve) => { release = resolve; });
  const answers = async (peer) => {
    for (let call = await peer.call(); call !== null; call = await peer.call()) {
      if (call.parameters.provider === 'slow') await released;
      peer.reply({ token: tokenFields({ id: call.parameters.provider }) });
    }
  };
  const server = await here.serve(...Array(17).fill(answers));
  const session = await here.session();
  const slow = session.token('slow');
  const quick = await Promise.all(Array.from({ length: 200 }, (_, i) => session.token(`p${i}`)));
  assert.deepEqual(quick.map(({ id }) => id), quick.map((_, i) => `p${i}`));
  assert.ok(server.connections <= 16, `${server.connections} connections`);
  release();
  assert.equal((await slow).id, 'slow');
});

test('a place where others may write, or of a stranger, is not trusted; nothing is sent', async (t) => {
  const here = place(t);
  const server = await here.serve(givesTokens(1));
  const session = await here.session();
  fs.chmodSync(here.directory, 0o777);
  assert.match((await refusal(session.token('p'), DaemonUntrusted)).message, /writable by others/);
  fs.chmodSync(here.directory, 0o700);
  process.env.REEVE_DAEMON_UID = 'root';
  await refusal(session.token('p'), DaemonUntrusted);
  delete process.env.REEVE_DAEMON_UID;
  if (process.geteuid() === 0) {
    fs.chownSync(here.directory, 64999, 64999);
    assert.match((await refusal(session.token('p'), DaemonUntrusted)).message, /belongs to uid 64999/);
    process.env.REEVE_DAEMON_UID = '64998';
    await refusal(session.token('p'), DaemonUntrusted);
    fs.chownSync(here.directory, 0, 0);
    fs.chownSync(here.file, 64999, 64999);
    assert.match((await refusal(session.token('p'), DaemonUntrusted)).message, /belongs to uid 64999, not/);
    process.env.REEVE_DAEMON_UID = '64999';
  }
  assert.equal(server.connections, 0);
  assert.equal((await session.token('p')).id, 't-0');
});

test('what a handle, a user token and a token are is shown by no printer of objects', async (t) => {
  const here = place(t);
  await here.serve(async (peer) => {
    await peer.openSession(`${SECRET}-handle`);
    await peer.untilClosed();
  }, givesTokens(1));
  const client = here.client({ userToken: SECRET });
  const session = await client.defaultSession();
  assert.equal(session.handle, `${SECRET}-handle`);
  for (const thing of [client, session, session.watch()]) {
    for (const text of [inspect(thing, { depth: 20, showHidden: true }), JSON.stringify(thing)]) {
      assert.ok(!text.includes(SECRET), text);
    }
  }
});
