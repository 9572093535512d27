// Every client through the same scenarios, against a real authorization server and all of Reeve. What
// came of each stands in docs/clients.md, which must say what this run shows (REEVE_WRITE_DOCS=1 writes it).
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { nodePackage } from '../support/node/package.mjs';
import { answer } from './answer.mjs';
import { ClientProgram, clients } from './clients/client.mjs';
import { World, sleep } from './world.mjs';

const root = path.resolve(import.meta.dirname, '../..');
const TOKEN_SECONDS = 20, CONSENT_SECONDS = 40, FETCH_SECONDS = 3;
const LIMIT = 180_000;  // of one scenario; nothing comes near it
// Each client's people: one who says yes, one who says no, one who never answers, one who is asked too much.
const users = clients.flatMap(({ user }) => ['', '-no', '-mute', '-many'].map((kind) => ({ sub: `${user}${kind}` })));

let world, programs;
const seen = new Map();  // scenario: {what, came: one a client}

before(async () => {
  nodePackage();
  world = await World.start({ issuer: { users }, provider: { users, rotate: false, ttl: { AccessToken: TOKEN_SECONDS } }, config: `
[limits]
consent_seconds = ${CONSENT_SECONDS}
consents_per_user = 2
fetch_seconds = ${FETCH_SECONDS}
` });
  programs = clients.map((client) => new ClientProgram(client, world.agentSocket));
});
after(async () => {
  await Promise.all((programs ?? []).map((program) => program.stop()));
  await world?.stop();
});

// A scenario: `each` runs for every client at once and says what came. Clients that differ are seen in the table.
function scenario(name, what, each) {
  test(name, { timeout: LIMIT }, async () => {
    const came = await Promise.all(programs.map(each));
    seen.set(name, { what, came });
  });
}

const open = async (program, session, login, lifetime = '-') => {
  const { id_token } = await world.userToken(login);
  assert.deepEqual(await program.ask('open', session, id_token, lifetime).then(({ ok }) => ok), true);
};
const said = ({ error, reason }) => `\`${error}\`${reason ? ` (${reason})` : ''}`;

const userinfo = async (token) => (await fetch(`${world.providerUrl}/me`,
  { headers: { authorization: `Bearer ${token}` } })).json();

test('what takes long begins', async () => {
  await Promise.all(programs.map(async (program) => {
    await open(program, 'mute', `${program.user}-mute`);
    program.waiting = program.call('token', 'mute', 'files', '-', 'wait', '-');
    assert.ok((await program.waiting.next()).url);
    await open(program, 'short', program.user, CONSENT_SECONDS);
  }));
});

scenario('consent by push', 'no grant: link and phrase come, the person says yes, the call that waits answers',
  async (program) => {
    await open(program, 'main', program.user);
    const call = program.call('token', 'main', 'files', '-', 'wait', '-');
    const asked = await call.next();
    assert.match(asked.phrase, /^[a-z]+-[a-z]+-[a-z]+$/);
    await answer(asked.url, program.user);
    const got = await call.next();
    assert.equal((await userinfo(got.token)).sub, program.user);
    return `token (${got.scopes.join(' ')})`;
  });

scenario('a cached token', 'a grant: the same token at once; after ReportInvalid another', async (program) => {
  const first = await program.ask('token', 'main', 'files', '-', '-', '-');
  const again = await program.ask('token', 'main', 'files', '-', '-', '-');
  assert.ok(first.token);
  assert.equal(again.token, first.token);
  assert.ok((await program.ask('report', 'main', again.name)).ok);
  const next = await program.ask('token', 'main', 'files', '-', '-', '-');
  assert.notEqual(next.token, first.token);
  assert.equal((await userinfo(next.token)).sub, program.user);
  return 'the same, then another';
});

scenario('declined', 'the person says no', async (program) => {
  await open(program, 'no', `${program.user}-no`);
  const call = program.call('token', 'no', 'files', '-', 'wait', '-');
  await answer((await call.next()).url, `${program.user}-no`, false);
  return said(await call.next());
});

scenario('beyond the policy', 'a scope that the workload may not have; a provider that is not configured',
  async (program) => [
    said(await program.ask('token', 'main', 'files', 'openid,admin', '-', '-')),
    said(await program.ask('token', 'main', 'nothing', '-', '-', '-'))].join(', '));

scenario('limits', 'a third open question to one user, where two are allowed', async (program) => {
  await open(program, 'many', `${program.user}-many`);
  const asked = [];
  for (const scopes of ['openid', 'openid,profile', 'openid,email']) {
    asked.push(await program.ask('token', 'many', 'files', scopes, '-', '-'));
  }
  assert.deepEqual(asked.slice(0, 2).map(({ error }) => error), ['ConsentRequired', 'ConsentRequired']);
  return said(asked[2]);
});

test('provider failure', { timeout: LIMIT }, async () => {
  process.kill(world.provider.pid, 'SIGSTOP');
  let failed;
  try {
    failed = await Promise.all(programs.map((program) => program.ask('token', 'main', 'files', '-', '-', '3600')));
  } finally {
    process.kill(world.provider.pid, 'SIGCONT');
  }
  const after = await Promise.all(programs.map(async (program) => {
    for (const late = Date.now() + LIMIT / 2; Date.now() < late;) {
      const got = await program.ask('token', 'main', 'files', '-', '-', '-');
      if (got.token) return 'then a token';
      await sleep(200);
    }
    throw new Error('no token any more');
  }));
  seen.set('provider failure', { what: 'the provider hangs in a refresh, then goes on',
    came: failed.map((one, i) => `${said(one)}, ${after[i]}`) });
});

// What began at first has come to its end meanwhile.
scenario('expiry', 'a consent that nobody answers; a session at its end; a token at its end is followed by the next',
  async (program) => {
    const first = await program.ask('token', 'main', 'files', '-', '-', '-');
    const unanswered = await program.waiting.next();
    await sleep(1000);
    const session = await program.ask('token', 'short', 'files', '-', '-', '-');
    await sleep(Math.max(0, first.expires_at * 1000 - Date.now()));
    const next = await program.ask('token', 'main', 'files', '-', '-', '-');
    assert.ok(next.token);
    assert.notEqual(next.token, first.token);
    return [said(unanswered), said(session), 'the next token'].join(', ');
  });

test('a restart of the daemon', { timeout: LIMIT }, async () => {
  const watches = programs.map((program) => program.call('watch', 'main'));
  for (const watch of watches) assert.equal((await watch.next()).event, 'ready');
  await world.kill('reeved');
  const came = await Promise.all(programs.map(async (program, i) => {
    let ended = await watches[i].next();
    while (ended.event) ended = await watches[i].next();
    const got = await program.ask('token', 'main', 'files', '-', '-', '-');
    return `watch: ${said(ended)}, ${got.token ? 'a token by the same session' : said(got)}`;
  }));
  seen.set('a restart of the daemon', { what: 'under an open client that watches; it asks again by the same session', came });
});

test('revoked while watching', { timeout: LIMIT }, async () => {
  const watches = programs.map((program) => program.call('watch', 'main'));
  for (const watch of watches) assert.equal((await watch.next()).event, 'ready');
  const admin = await world.admin();
  await admin.call('io.reeve.Admin.RevokeGrants', { provider: 'files' });
  await admin.close();
  const came = await Promise.all(programs.map(async (program, i) => {
    let told = await watches[i].next();
    while (told.event === 'token_refreshed') told = await watches[i].next();
    const asked = await program.ask('token', 'main', 'files', '-', '-', '-');
    return `event ${told.event}, ${said(asked)}`;
  }));
  seen.set('revoked while watching', { what: 'the operator revokes the grant; the client asks again', came });
});

scenario('a false daemon', 'a socket where others may write: nothing is sent to it', async (program) => {
  const place = path.join(world.directory, `open-${program.user}`);
  fs.mkdirSync(place);
  fs.chmodSync(place, 0o777);
  const { createServer } = await import('node:net');
  let bytes = 0;
  const server = createServer((socket) => socket.on('data', (chunk) => { bytes += chunk.length; }));
  await new Promise((resolve) => server.listen(path.join(place, 'agent.sock'), resolve));
  const came = await program.ask('whoami', path.join(place, 'agent.sock'));
  server.close();
  assert.equal(bytes, 0);
  return said(came);
});

scenario('no daemon', 'no socket at all', async (program) =>
  said(await program.ask('whoami', path.join(world.directory, 'none/agent.sock'))));

test('docs/clients.md says what this run showed', () => {
  const names = clients.map(({ name }) => name);
  const rows = [...seen].map(([name, { what, came }]) => `| **${name}**: ${what} | ${came.join(' | ')} |`);
  const text = `# Clients and scenarios

Written by \`tests/e2e/clients.test.mjs\` from its run (\`REEVE_WRITE_DOCS=1\`); a test fails where this file does not say
what the run showed. Every client goes through every scenario, against a real authorization server and all of Reeve.
Errors are named as the client names them.

| scenario | ${names.join(' | ')} |
|---|${names.map(() => '---|').join('')}
${rows.join('\n')}
`;
  const file = path.join(root, 'docs/clients.md');
  if (process.env.REEVE_WRITE_DOCS) fs.writeFileSync(file, text);
  assert.equal(fs.readFileSync(file, 'utf8'), text, 'write it anew with REEVE_WRITE_DOCS=1');
});
