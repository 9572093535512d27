// The crash harness: grants that are refreshed all the time at a provider which exchanges its refresh tokens and ends a
// grant when a used one comes back, while Reeve's programs are killed: at random moments, and at named steps.
//
//     REEVE_BUILD=build-dev node tests/e2e/rotation.mjs [--kills N] [--grants N] [--seed N] [--phase N]
//
// --phase is the number of the only phase to be carried out. The same seed kills the same programs at the same steps and
// after the same waits. Prints a table; exits with 1 where a grant was lost whose answer had arrived, or where the provider
// saw a used token without such a loss before it.
import fs from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { World, sleep } from './world.mjs';
import { walk } from './walk.mjs';

// What is killed, and whether an answer may be lost by it: only with a reeve-fetch that has not yet stored it. `alone`: one
// grant refreshes meanwhile, so that no other's answer is on its way to that reeve-fetch.
const REEVED_STEPS = ['intent', 'answer', 'kept', 'forgotten'];
export const PHASES = [
  { name: 'reeved, at random moments', victims: ['reeved'], share: 5 },
  { name: 'reeved, at each step', victims: ['reeved'], steps: REEVED_STEPS, share: 6 },
  { name: 'reeve-fetch, answer stored', victims: ['fetch-providers'], steps: ['stored', 'acknowledged'], alone: true, share: 3 },
  { name: 'reeve-fetch, answer not yet stored', victims: ['fetch-providers'], steps: ['reserved', 'arrived'],
    may_lose: true, share: 2 },
  { name: 'reeve-fetch, at random moments', victims: ['fetch-providers'], may_lose: true, share: 2 },
  { name: 'both at once', victims: ['reeved', 'fetch-providers'], may_lose: true, share: 2 },
];
const PROGRAM = { reeved: 'reeved', 'fetch-providers': 'reeve-fetch' };

// mulberry32: small, seeded, good enough to choose moments.
function random(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

class Run {
  constructor({ kills, grants, seed, phases = PHASES, told = () => {} }) {
    Object.assign(this, { kills, told, phases, random: random(seed), stopping: false });
    this.names = Array.from({ length: grants }, (_, i) => `user${String(i).padStart(2, '0')}`);
    this.count = { lent: 0, waits: 0, losses: [], other: [] };
  }

  async start() {
    const users = this.names.map((sub) => ({ sub, name: sub, preferred_username: sub }));
    this.world = await World.start({ crash: true, issuer: { users }, provider: { users, ttl: { AccessToken: 4 } } });
    this.agents = await Promise.all(this.names.map((name) => this.grant(name)));
    this.pumps = this.agents.map((agent) => this.pump(agent));
  }

  async grant(name) {
    const agent = { name, alive: 0 };
    const consented = await this.ask(agent);
    const page = consented.error ? await walk(consented.parameters.url, name) : '';
    const again = await this.ask(agent);
    if (again.error) throw new Error(`no grant for ${name}: ${again.error}\n${page}`);
    return agent;
  }

  // One call, over a connection that is made anew where it broke. Asks for more life than any token has: a refresh each time.
  async ask(agent, min_valid = 3600) {
    for (;;) {
      try {
        agent.connection ??= await this.world.agent();
        if (!agent.session) {
          const opened = await agent.connection.call('io.reeve.Agent.OpenSession',
            { as: 'asserted', user: { issuer: this.world.issuerUrl, subject: agent.name } });
          agent.session = opened.parameters.session;
        }
        const call = { session: agent.session, provider: 'files', min_valid };
        const { parameters } = await agent.connection.call('io.reeve.Agent.GetToken', call);
        return { token: parameters.token };
      } catch (error) {
        if (error.error) return { error: error.error.replace(/^io\.reeve\.Agent\./, ''), parameters: error.parameters };
        agent.connection = undefined;  // it broke: the daemon is being killed
        if (this.stopping) return { error: 'stopping' };
        await sleep(30);
      }
    }
  }

  // Keeps a grant refreshing; where it is lost, counts that and has the user consent again.
  async pump(agent) {
    while (!this.stopping) {
      agent.rests = this.only !== undefined && this.only !== agent;
      if (agent.rests) {
        await sleep(20);
        continue;
      }
      const got = await this.ask(agent);
      if (!got.token) agent.last = `${got.error}: ${JSON.stringify(got.parameters ?? {}).slice(0, 300)}`;
      if (got.token) {
        ++this.count.lent;
        ++agent.alive;
        agent.lost = false;
      } else if (got.error === 'ConsentRequired') {
        if (!agent.lost) this.count.losses.push({ phase: this.phase?.name, user: agent.name, reason: got.parameters.reason });
        agent.lost = true;
        try {
          const page = await walk(got.parameters.url, agent.name);
          // A new grant, which may be lost again before it lends anything.
          if (page.includes('<h1>Connected</h1>')) agent.lost = false;
        } catch (error) {
          agent.last = `the walk: ${error.message.slice(0, 300)}`;  // killed in its midst: asked again
        }
      } else if (got.error === 'ProviderFailed' || got.error === 'Unavailable') {
        ++this.count.waits;
        await sleep(150);
      } else if (!this.stopping) {
        this.count.other.push({ phase: this.phase?.name, ...got });
        await sleep(150);
      }
      await sleep(20);
    }
  }

  // Until every grant has given a token after now, or was counted as lost and given again.
  async calm() {
    const before = this.agents.map(({ alive }) => alive);
    for (let i = 0; i < 3000; ++i) {
      if (this.agents.every(({ alive }, at) => alive > before[at] + 1)) return;
      await sleep(50);
    }
    const silent = this.agents.filter(({ alive }, at) => alive <= before[at] + 1).map(({ name, last }) => `${name}: ${last}`);
    throw new Error(`not all grants work again:\n${silent.join('\n')}`);
  }

  async leave_alone(agent) {
    this.only = agent;
    for (let i = 0; i < 3000 && !this.agents.every((one) => one === agent || one.rests); ++i) await sleep(10);
  }

  async back(names, before) {
    for (let i = 0; i < 3000; ++i) {
      if (this.world.restarts.length >= before + names.length) return true;
      if (i > 2500 && this.waitsFor?.()) return false;
      await sleep(10);
    }
    throw new Error(`not restarted: ${names}`);
  }

  async kill(phase, number) {
    const before = this.world.restarts.length;
    if (!phase.steps) {
      await sleep(this.random() * 400);
      for (const victim of phase.victims) process.kill(this.world.pids[victim], 'SIGKILL');
      await this.back(phase.victims, before);
      return;
    }
    const step = phase.steps[number % phase.steps.length];
    const [victim] = phase.victims;
    if (phase.alone) await this.leave_alone(this.agents[number % this.agents.length]);
    const order = path.join(this.world.directory, 'kill', PROGRAM[victim]);
    fs.writeFileSync(`${order}.new`, `${step}\n`, { mode: 0o644 });
    fs.renameSync(`${order}.new`, order);
    this.waitsFor = () => fs.existsSync(order);
    if (!await this.back(phase.victims, before)) throw new Error(`nobody came to the step ${step}`);
    this.waitsFor = undefined;
    this.only = undefined;
  }

  provider(event, like = {}) {
    return this.world.provider.events.filter((one) => one.event === event
      && Object.entries(like).every(([name, value]) => one[name] === value)).length;
  }

  async carryOut() {
    const shares = PHASES.reduce((sum, { share }) => sum + share, 0);
    const rows = [];
    for (const described of this.phases) {
      const phase = this.phase = described;
      const refreshes = () => this.provider('request', { grant_type: 'refresh_token', status: 200 });
      const begun = { lent: this.count.lent, losses: this.count.losses.length, waits: this.count.waits,
                      alarms: this.provider('reuse'), refreshes: refreshes() };
      const kills = Math.max(phase.steps?.length ?? 1, Math.round(this.kills * phase.share / shares));
      for (let i = 0; i < kills; ++i) await this.kill(phase, i);
      await this.calm();
      rows.push({ phase: phase.name, kills, refreshes: refreshes() - begun.refreshes,
                  lent: this.count.lent - begun.lent, 'told to wait': this.count.waits - begun.waits,
                  lost: this.count.losses.length - begun.losses, alarms: this.provider('reuse') - begun.alarms,
                  may_lose: Boolean(phase.may_lose) });
      this.told(rows.at(-1));
    }
    return rows;
  }

  // What must not be: a loss where every answer was stored, a loss for another reason than a lost answer, more alarms than
  // losses, an intent or an answer that is left over.
  judge(rows) {
    const wrong = this.count.other.map((one) => `an unexpected answer: ${JSON.stringify(one)}`);
    for (const row of rows) {
      if (!row.may_lose && row.lost > 0) wrong.push(`${row.phase}: ${row.lost} grants lost`);
      if (!row.may_lose && row.alarms > 0) wrong.push(`${row.phase}: ${row.alarms} used tokens came back`);
      if (row.alarms > row.lost) wrong.push(`${row.phase}: ${row.alarms} used tokens came back, ${row.lost} losses`);
    }
    for (const loss of this.count.losses) {
      if (loss.reason !== 'answer_lost') wrong.push(`${loss.user} was lost: ${loss.reason} (${loss.phase})`);
    }
    if (this.world.auditEvents('grant.leak_suspected').length > 0) wrong.push('a leak was suspected');
    return wrong;
  }

  async stop() {
    this.stopping = true;
    await Promise.all(this.pumps ?? []);
    for (const { connection } of this.agents ?? []) await connection?.close();
    await this.world?.stop();
  }
}

export function table(rows) {
  const columns = ['phase', 'kills', 'refreshes', 'lent', 'told to wait', 'lost', 'alarms'];
  const all = { phase: 'together' };
  for (const column of columns.slice(1)) all[column] = rows.reduce((sum, row) => sum + row[column], 0);
  const lines = [columns, ...[...rows, all].map((row) => columns.map((column) => String(row[column])))];
  const widths = columns.map((_, at) => Math.max(...lines.map((line) => line[at].length)));
  const padded = (cell, at) => (at ? cell.padStart(widths[at]) : cell.padEnd(widths[at]));
  return lines.map((line) => line.map(padded).join('  ')).join('\n');
}

export async function rotation(options) {
  const run = new Run(options);
  try {
    await run.start();
    const rows = await run.carryOut();
    return { rows, wrong: run.judge(rows) };
  } finally {
    await run.stop();
  }
}

if (process.argv[1] === import.meta.filename) {
  const number = (fallback) => ({ type: 'string', default: String(fallback) });
  const { values } = parseArgs({ options: { kills: number(1000), grants: number(20), seed: number(1), phase: number(0) } });
  const options = { kills: Number(values.kills), grants: Number(values.grants), seed: Number(values.seed) };
  const phases = PHASES.slice(...(Number(values.phase) > 0 ? [values.phase - 1, Number(values.phase)] : [0]));
  if (!Object.values(options).every((value) => Number.isInteger(value) && value > 0)) {
    console.error('usage: node tests/e2e/rotation.mjs [--kills N] [--grants N] [--seed N] [--phase N]');
    process.exit(2);
  }
  const { rows, wrong } = await rotation({ ...options, phases, told: (row) => console.error(JSON.stringify(row)) });
  console.log(`${options.grants} grants, seed ${options.seed}\n${table(rows)}`);
  for (const line of wrong) console.error(`WRONG: ${line}`);
  process.exit(wrong.length > 0 ? 1 : 0);
}
