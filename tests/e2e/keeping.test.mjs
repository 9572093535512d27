// What is kept, end to end: the audit (chain, signatures, receipts), keys that change, a backup and the way back, what
// somebody can do with the stopped daemon's files (V1, V2), figures, and reeved's own memory after a run (W11).
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { launch, person } from '../support/node/browser.mjs';
import { confirm, continueAs, openAndSignIn } from './people.mjs';
import { World, refusal, sleep, stream, users } from './world.mjs';

let world;
const at = (name) => path.join(world.directory, name);
const state = (name) => path.join(world.directory, 'state', name);
const here = (name) => path.join(import.meta.dirname, name);
const python = (input, ...words) => {
  const ran = spawnSync('/usr/bin/python3', words, { encoding: 'utf8', input, maxBuffer: 1 << 26 });
  assert.equal(ran.status, 0, ran.stderr);
  return ran.stdout;
};
const secrets = new Map();  // value -> kind
const know = (kind, value) => value && String(value).length >= 16 && secrets.set(String(value), kind);

async function ask(session, more = {}) {
  const agent = await world.agent();
  try {
    return (await agent.call('io.reeve.Agent.GetToken', { session, provider: 'files', ...more })).parameters.token;
  } finally {
    await agent.close();
  }
}

async function open(login) {
  const agent = await world.agent();
  const session = await world.session(agent, login);
  await agent.close();
  know('session handle', session);
  return session;
}

before(async () => {
  world = await World.start({ provider: { ttl: { AccessToken: 3 } } });
  const browser = await launch();
  try {
    for (const login of ['alice', 'mallory']) {
      const session = await open(login);
      const asked = await refusal(ask(session));
      know('request', asked.parameters.request);
      know('ticket', asked.parameters.url.split('/').pop());
      const someone = await person(browser);
      await openAndSignIn(someone.page, asked.parameters.url, login);
      await continueAs(someone.page, login);
      await confirm(someone.page);
      for (const cookie of await someone.context.cookies()) know(`cookie ${cookie.name}`, cookie.value);
      await someone.close();
      know('access token', (await ask(session)).access_token);
    }
  } finally {
    await browser.close();
  }
});
after(() => world?.stop());

const grants = async () => {
  const admin = await world.admin();
  const list = (await stream(admin, 'io.reeve.Admin.Grants', {})).map((reply) => reply.grant).filter(Boolean);
  await admin.close();
  return list;
};

// Starts reeved over what lies there, and gives back what it says before it ends.
function failedStart() {
  const words = [here('start.py'), String(users.daemon), at('bin/reeved'), '--config', world.configFile,
                 '--presets', at('presets')];
  const ran = spawnSync('/usr/bin/python3', words, { encoding: 'utf8', timeout: 60000, cwd: '/' });
  assert.equal(ran.status, 1, `reeved did not end by itself: ${ran.stdout}${ran.stderr}`);
  return ran.stdout + ran.stderr;
}

test('the audit is whole while reeved runs, and shows a user\'s story', () => {
  const verified = world.reeve('audit', 'verify');
  assert.equal(verified.status, 0, verified.out + verified.err);
  assert.match(verified.out, /^as it was written: \d+ records/m);
  assert.equal(world.reeve('audit', 'key').out, fs.readFileSync(state('audit.jsonl.pub'), 'utf8'));
  const shown = world.reeve('audit', 'show', '--user', world.issuerUrl, 'alice');
  const events = ['session.opened', 'consent.asked', 'grant.created', 'token.lent'];
  for (const event of events) assert.match(shown.out, new RegExp(event));
  assert.doesNotMatch(shown.out, /mallory/);
  assert.equal(world.reeve('audit', 'tail', '-n', '3').out.trim().split('\n').length, 3);
});

test('a grant\'s record is the receipt of the consent', () => {
  const [record] = world.auditEvents('grant.created');
  assert.equal(record.user.subject, 'alice');
  assert.equal(record.receipt.asked_by.workload, 'agent');
  assert.equal(record.receipt.asked_by.peer.uid, '0');
  assert.deepEqual(record.receipt.shown.scopes, ['openid', 'profile']);
  assert.equal(record.receipt.account_proof, 'shown and confirmed');
  assert.equal(record.receipt.signed_in.issuer, world.issuerUrl);
});

test('figures, as Prometheus reads them', () => {
  const open = python(world.reeve('metrics').out, here('openmetrics.py'), 'openmetrics');
  assert.match(open, /^counter reeve_requests_total outcome=ok provider=files [1-9]/m);
  assert.match(open, /^gauge reeve_grants state=live 2/m);
  assert.match(open, /^histogram reeve_call_seconds_count method=GetToken [1-9]/m);
  assert.match(open, /^histogram reeve_exchange_seconds_count exchange=code provider=files [1-9]/m);
  assert.match(open, /^histogram reeve_exchange_seconds_count exchange=sign_in provider=corp [1-9]/m);
  assert.equal(world.reeve('metrics', '--format', 'prometheus', '--output', at('reeve.prom')).status, 0);
  const older = python(fs.readFileSync(at('reeve.prom'), 'utf8'), here('openmetrics.py'), 'prometheus');
  assert.match(older, /reeve_key_epoch +1/);
});

let sessions, backup;
test('keys change while tokens are lent, and a restart finds everything', async () => {
  sessions = { alice: await open('alice'), mallory: await open('mallory') };
  let asking = true;
  const lent = (async () => {
    let count = 0;
    for (; asking; ++count) know('access token', (await ask(sessions.alice)).access_token);
    return count;
  })();
  for (const epoch of [2, 3]) {
    const rotated = world.reeve('rotate');
    assert.equal(rotated.status, 0, rotated.err);
    assert.match(rotated.out, new RegExp(`^epoch ${epoch}, [1-9]\\d* records sealed anew`));
  }
  backup = at('backup');
  assert.equal(world.reeve('backup', backup).status, 0);
  assert.equal(fs.statSync(backup).mode & 0o777, 0o600);
  assert.match(world.reeve('backup', backup).err, /is there already/);
  asking = false;
  assert.ok(await lent > 0);
  know('recovery key', world.reeve('rotate', '--recovery').out.trim());
  world.secretFile('next', 'b'.repeat(64));
  assert.match(world.reeve('rotate', '--master').err, /name it as \[vault\] next_master_key/);
  const text = fs.readFileSync(world.configFile, 'utf8');
  fs.writeFileSync(world.configFile, text.replace('[vault]\n', `[vault]\nnext_master_key = { file = "${at('next.secret')}" }\n`));
  assert.equal(world.reeve('reload').status, 0);
  assert.equal(world.reeve('rotate', '--master').status, 0);
  await world.kill('reeved');  // opened by the next key now
  know('access token', (await ask(sessions.alice)).access_token);
  fs.writeFileSync(world.configFile, text.replace(at('master.secret'), at('next.secret')));
  await world.kill('reeved');
  know('access token', (await ask(sessions.mallory)).access_token);
  assert.equal(world.reeve('audit', 'verify').status, 0);
});

test('W11 none of the secrets of the run lies in reeved\'s memory', async () => {
  await sleep(1500);  // past what is done in the background after a request
  for (const [name, value] of Object.entries(world.secrets)) know(name, value);
  for (const line of fs.readFileSync(world.secretsFile, 'utf8').split('\n').filter(Boolean)) {
    const { kind, value } = JSON.parse(line);
    know(kind, value);
  }
  const all = [...secrets].filter(([, kind]) => !kind.startsWith('cookie '));
  assert.ok(all.length > 20, `${all.length} secrets are known`);
  const said = python(all.map(([value]) => value).join('\n'), here('memory.py'), String(world.pids.reeved));
  const [octets, ...found] = said.trim().split(' ');
  assert.ok(Number(octets) > 1e6, 'memory was read');
  assert.deepEqual(found.map((number) => all[Number(number)][1]), []);
});

test('V1 the files of the stopped daemon name no user, account or scope, and hold no token', async () => {
  await world.end();
  assert.ok(!fs.existsSync(state('vault.db-wal')), 'closed in order');
  const audit = fs.readdirSync(at('state')).filter((name) => name.startsWith('audit'));
  const found = spawnSync('find', [at('state'), at('run'), backup, '-type', 'f'], { encoding: 'utf8' });
  const files = found.stdout.trim().split('\n').filter((name) => !audit.includes(path.basename(name)));
  assert.ok(files.length >= 2);
  const text = files.map((name) => fs.readFileSync(name, 'latin1')).join('\n');
  for (const [value, kind] of secrets) assert.ok(!text.includes(value), `the ${kind} lies in a file`);
  for (const name of ['alice', 'Alice', 'mallory', 'files', 'openid', 'profile', world.issuerUrl, world.providerUrl, 'agent']) {
    assert.ok(!text.toLowerCase().includes(name.toLowerCase()), `${name} lies in a file`);
  }
  // The audit is to be read by people; it holds none of the secrets.
  for (const name of audit) {
    const said = fs.readFileSync(state(name), 'latin1');
    for (const [value, kind] of secrets) assert.ok(!said.includes(value), `the ${kind} is in ${name}`);
  }
});

test('V2 a row changed, exchanged, removed or put back: reeved does not start, and says what it found', () => {
  fs.copyFileSync(state('vault.db'), at('whole'));
  const spoil = (...words) => python('', here('sqlite.py'), state('vault.db'), ...words);
  for (const [words, said] of [[['flip', '10'], /setting [0-9a-f]{8}: changed, or not from here/],
                               [['swap'], /not those its head was written for/],
                               [['drop'], /the vault's head knows \d+ rows, \d+ are there/],
                               [['old', backup], /put back from an older copy/],
                               [['newer'], /has schema 99, this reeve knows 2: was a newer reeve here\?/]]) {
    spoil(...words);
    assert.match(failedStart(), said, words[0]);
    fs.copyFileSync(at('whole'), state('vault.db'));
  }
});

test('V2 a grant that was changed is not lent; reeved says so, and lends the others', async () => {
  python('', here('sqlite.py'), state('vault.db'), 'flip', '4');
  await world.launch();
  const outcomes = [];
  for (const session of [sessions.alice, sessions.mallory]) {
    outcomes.push(await ask(session).then(() => 'lent', (refused) => refused.error));
  }
  assert.deepEqual(outcomes.sort(), ['io.reeve.Agent.Unavailable', 'lent']);
  assert.match(world.reeve('metrics').out, /^reeve_grants{state="live"} 2$/m, 'it is still counted');
  await world.end();
  fs.copyFileSync(at('whole'), state('vault.db'));
});

test('bad files are named, with what to do; nothing is changed and no new vault is made', () => {
  const config = fs.readFileSync(world.configFile, 'utf8');
  const configure = (from, to) => fs.writeFileSync(world.configFile, config.replace(from, to));
  const page = Buffer.from(fs.readFileSync(at('whole')));
  page.fill(0x5a, 4096, 8192);
  const cases = [
    ['the wrong key', () => configure(at('next.secret'), at('master.secret')), /sealed with another master key/],
    ['no credential', () => configure(/master_key = .*/, 'master_key = { credential = "k" }'), /master_key.*credential k/],
    ['a corrupt page', () => fs.writeFileSync(state('vault.db'), page), /damaged|malformed|changed/],
    ['another database', () => fs.writeFileSync(state('vault.db'), 'x'.repeat(8192)), /not a database/],
    ['an empty file', () => fs.writeFileSync(state('vault.db'), ''), /is empty: bring back a backup/],
    ['a file whose log was lost', () => python('', here('sqlite.py'), state('vault.db'), 'empty'), /holds no vault.*-wal/],
    ['no vault any more', () => fs.rmSync(state('vault.db')), /there is no vault .*reeve restore/],
    ['an audit that is none', () => fs.writeFileSync(state('audit.jsonl'), 'no audit\n'), /move the file away/],
    ['an audit that cannot be read', () => fs.chownSync(state('audit.jsonl'), 0, 0), /audit file .*Permission denied/],
  ];
  const audit = fs.readFileSync(state('audit.jsonl'));
  for (const [name, spoil, said] of cases) {
    spoil();
    const vault = () => fs.existsSync(state('vault.db')) && fs.readFileSync(state('vault.db'));
    const before = vault();
    assert.match(failedStart(), said, name);
    assert.deepEqual(vault(), before, `${name}: the vault was changed`);
    fs.writeFileSync(world.configFile, config);
    for (const [file, bytes] of [['vault.db', fs.readFileSync(at('whole'))], ['audit.jsonl', audit]]) {
      fs.writeFileSync(state(file), bytes, { mode: 0o600 });
      fs.chownSync(state(file), users.daemon, users.daemon);
    }
  }
});

test('the audit of the stopped daemon: what was done to it is found, at its place', () => {
  const verify = (...words) => world.reeve('audit', '--file', state('audit.jsonl'), 'verify', ...words);
  assert.equal(verify().status, 0, verify().out + verify().err);
  const whole = fs.readFileSync(state('audit.jsonl'), 'utf8');
  const lines = whole.trimEnd().split('\n');
  for (const [spoiled, place] of [[lines.map((line, i) => (i === 4 ? line.replace('alice', 'malice') : line)), 5],
                                  [lines.filter((_, i) => i !== 6), 7],
                                  [lines.slice(0, -3), lines.length - 3]]) {
    fs.writeFileSync(state('audit.jsonl'), `${spoiled.join('\n')}\n`);
    const found = verify();
    assert.equal(found.status, 1);
    assert.match(found.out, new RegExp(`audit\\.jsonl:${place}: `));
  }
  fs.writeFileSync(state('audit.jsonl'), whole);
  assert.equal(verify('--key', at('presets/github.toml')).status, 1, 'no key');
});

test('a backup comes back: sessions have ended, and what was revoked since stays revoked', async () => {
  await world.launch();
  const alice = (await grants()).find((grant) => grant.user.subject === 'alice');
  assert.equal(world.reeve('revoke', '--grant', alice.id, '--yes').status, 0);
  const restore = (...words) =>
    world.reeve('restore', backup, '--config', world.configFile, '--presets', at('presets'), ...words);
  assert.match(restore('--key', at('master.secret')).err, /stop it first/);
  await world.end();
  assert.match(restore().err, /sealed with another master key.*--key/);
  // The vault is lost: the audit alone knows what was revoked.
  fs.rmSync(state('vault.db'));
  const restored = restore('--key', at('master.secret'));
  assert.equal(restored.status, 0, restored.err);
  assert.match(restored.out, /restored 1 grant, 1 were taken back since/);
  await world.launch();
  assert.deepEqual((await grants()).map((grant) => grant.user.subject), ['mallory']);
  assert.equal((await refusal(ask(sessions.mallory))).name, 'SessionInvalid');
  assert.equal((await refusal(ask(await open('alice')))).name, 'ConsentRequired');
  assert.equal(world.auditEvents('vault.restored').length, 1);
  // Over a vault that can be read its newer refresh token counts.
  await ask(await open('mallory')).catch(() => undefined);
  const verified = world.reeve('audit', 'verify');
  assert.equal(verified.status, 0, verified.out);
});
