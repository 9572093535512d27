// The operator sees refused flows as they happen, by `reeve events -f` and in systemd's journal; and limits, as agents and
// as people meet them.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, test } from 'node:test';
import { launch, person } from '../support/node/browser.mjs';
import { startJournal } from './journal.mjs';
import { heading, openAndSignIn } from './people.mjs';
import { World, refusal, users } from './world.mjs';

let world, browser, journal;
before(async () => {
  journal = await startJournal();
  world = await World.start({ config: '[limits]\nbrowsers = 2\nconsents_per_user = 2\n', within: journal.within });
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await world?.stop();
  await journal?.stop();
});

// The operator's program, and the records it has printed: find() waits for one.
function watchEvents() {
  const program = path.resolve(import.meta.dirname, '../..', process.env.REEVE_BUILD, 'libclient/cli/reeve');
  const child = spawn(program, ['--admin-socket', path.join(world.directory, 'run/admin.sock'), '--json', 'events', '-f'],
    { stdio: ['ignore', 'pipe', 'inherit'] });
  const records = [];
  const waiting = new Set();
  createInterface({ input: child.stdout }).on('line', (line) => {
    records.push(JSON.parse(line));
    for (const look of waiting) look();
  });
  const find = (like) => new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error(`no ${JSON.stringify(like)} in ${JSON.stringify(records)}`)), 30_000);
    const look = () => {
      const found = records.find((record) => Object.entries(like).every(([name, value]) => record[name] === value));
      if (!found) return;
      clearTimeout(late);
      waiting.delete(look);
      resolve(found);
    };
    waiting.add(look);
    look();
  });
  return { find, records, stop: () => child.kill() };
}

const ask = (agent, session, scopes) => agent.call('io.reeve.Agent.GetToken', { session, provider: 'files', scopes });

test('a refused flow is told while it happens, in the journal too: who came, for whom, which check, which agent', async () => {
  const events = watchEvents();
  const agent = await world.agent();
  let session;
  for (let i = 0; events.records.length === 0 && i < 50; ++i) {  // until the watcher is there
    session = await world.session(agent, 'alice');
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  const asked = await refusal(ask(agent, session));
  const { consent } = await events.find({ event: 'consent.asked' });
  const mallory = await person(browser);
  await openAndSignIn(mallory.page, asked.parameters.url, 'mallory');
  const record = await events.find({ event: 'flow.refused', reason: 'wrong_user' });
  assert.equal(record.consent, consent);
  assert.equal(record.workload, 'agent');
  assert.equal(record.provider, 'files');
  assert.equal(record.outcome, 'refused');
  assert.deepEqual(record.user, { issuer: world.issuer.issuer, subject: 'alice' });
  assert.deepEqual(record.visitor, { issuer: world.issuer.issuer, subject: 'mallory' });
  assert.match(record.browser, /^[0-9a-f]{24}$/);
  const written = world.auditEvents('flow.refused').at(-1);
  assert.equal(written.sequence, record.sequence, 'one source');
  assert.equal(written.browser, record.browser);
  events.stop();
  const [copy] = await journal.find('REEVE_EVENT=flow.refused');
  const told = { MESSAGE_ID: '18bce415d431a09d4c6c2e4ece76ff98', PRIORITY: '4', SYSLOG_IDENTIFIER: 'reeved',
    REEVE_OUTCOME: 'refused', REEVE_REASON: 'wrong_user', REEVE_WORKLOAD: 'agent', REEVE_PROVIDER: 'files',
    REEVE_USER_ISSUER: world.issuer.issuer, REEVE_USER_SUBJECT: 'alice', REEVE_VISITOR_ISSUER: world.issuer.issuer,
    REEVE_VISITOR_SUBJECT: 'mallory', REEVE_BROWSER: record.browser, REEVE_CONSENT: consent,
    REEVE_SEQUENCE: String(record.sequence), _PID: String(world.pids.reeved), _UID: String(users.daemon) };
  assert.deepEqual(Object.fromEntries(Object.keys(told).map((name) => [name, copy[name]])), told);
  assert.match(copy.MESSAGE, /^flow\.refused: refused \(wrong_user\), user alice of .*, workload agent, .*visitor mallory of /);
  assert.deepEqual(JSON.parse(copy.REEVE_RECORD), written);
  assert.deepEqual(await journal.find('REEVE_REASON=wrong_user', 'REEVE_WORKLOAD=agent'), [copy]);
  await mallory.close();
  await agent.close();
});

test('a limit is told with a time to wait: to agents by an error, to people by a page', async () => {
  const agent = await world.agent();
  const session = await world.session(agent, 'alice');
  const links = [await refusal(ask(agent, session, ['openid'])), await refusal(ask(agent, session, ['openid', 'email']))];
  const full = await refusal(ask(agent, session, ['profile', 'email']));
  assert.equal(full.name, 'LimitReached');
  assert.equal(full.parameters.limit, 'consents_per_user');
  assert.ok(full.parameters.retry_after > 0);

  const [one, other] = [await person(browser), await person(browser)];
  const url = links.find(({ name }) => name === 'ConsentRequired').parameters.url;
  await openAndSignIn(one.page, url, 'alice');
  await other.page.goto(url);
  const answered = other.page.waitForResponse((response) => response.request().method() === 'POST');
  await other.page.getByRole('button', { name: 'Sign in', exact: true }).click();
  const response = await answered;
  assert.equal(response.status(), 429);
  assert.ok(Number(response.headers()['retry-after']) > 0);
  assert.equal(await heading(other.page), 'Too many at once');
  await one.page.reload();
  await one.page.getByRole('button', { name: 'Continue' }).waitFor();
  await one.close();
  await other.close();
  await agent.close();
});
