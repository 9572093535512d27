// World: everything a story needs, for real: an issuer, a provider, and Reeve's own programs, started by
// scripts/launch in a temporary directory, each program as its own user. Nothing here pretends to be a part.
//
//   const world = await World.start({ provider: {...}, config: 'more TOML', issuerKeys: 'of [issuer.corp]',
//                                     providerKeys: 'of [provider.files]', bindOptions: ['--contact=...'] });
//   crash: true takes programs that die at named steps (tests/support/kill_point.cc); stateMegabytes: 8 gives the
//   vault a file system of its own.
//   ... world.agent() is a Varlink connection of this process, the workload "agent" ...
//   await world.stop();
//
// Needs root (users of their own, an empty network namespace for reeved). REEVE_BUILD names the build directory.
import { execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { startAuthz } from '../support/node/authz.mjs';
import { userToken } from '../support/node/usertoken.mjs';
import { connect } from '../support/node/varlink.mjs';

const root = path.resolve(import.meta.dirname, '../..');
export const users = { daemon: 64101, binder: 64102, fetch: 64103, agent: 64110, other: 64111 };

export async function freePort(host = '127.0.0.1') {
  const server = net.createServer();
  await new Promise((resolve) => server.listen(0, host, resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

function buildDirectory() {
  const build = process.env.REEVE_BUILD;
  if (!build) throw new Error('REEVE_BUILD must name the build directory');
  return path.resolve(root, build);
}

export class World {
  static async start(options = {}) {
    const world = new World();
    try {
      await world.prepare(options);
      await world.launch();
    } catch (error) {
      await world.stop();
      throw error;
    }
    return world;
  }

  async prepare(options) {
    this.bindOptions = (options.bindOptions ?? []).map((option) => `--bind-option=${option}`);
    this.directory = fs.mkdtempSync('/tmp/reeve-e2e.');
    fs.chmodSync(this.directory, 0o755);
    const at = (name) => path.join(this.directory, name);
    // Other users must be able to run them, whatever directory the build lies in.
    fs.mkdirSync(at('bin'));
    for (const [folder, name] of [['reeved', 'reeved'], ['fetch', 'reeve-fetch'], ['bind', 'reeve-bind']]) {
      const dies = options.crash && name !== 'reeve-bind';
      const built = dies ? `tests/support/${name}-crash` : `daemon/${folder}/${name}`;
      fs.copyFileSync(path.join(buildDirectory(), built), at(`bin/${name}`));
      fs.chmodSync(at(`bin/${name}`), 0o755);
    }
    // Where the programs of a crash test find the step to die at; they remove it themselves.
    if (options.crash) {
      fs.mkdirSync(at('kill'));
      fs.chmodSync(at('kill'), 0o777);
    }
    if (options.stateMegabytes) {
      fs.mkdirSync(at('state'));
      execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${options.stateMegabytes}m`, 'reeve-test', at('state')]);
      this.mounted = at('state');
    }
    fs.cpSync(path.join(root, 'data/providers'), at('presets'), { recursive: true });
    this.secrets = { master: randomBytes(32).toString('hex'), issuer: `is+${randomBytes(18).toString('base64url')}%&`,
                     provider: `pr ${randomBytes(18).toString('base64url')}:+` };
    for (const [name, value] of Object.entries(this.secrets)) this.secretFile(name, value);
    this.secretsFile = at('known-secrets.jsonl');
    const ports = { bind: await freePort(), issuer: await freePort('127.0.0.2'), provider: await freePort('127.0.0.3') };
    this.listen = `127.0.0.1:${ports.bind}`;
    this.url = `http://${this.listen}`;
    this.issuerUrl = `http://127.0.0.2:${ports.issuer}`;
    this.providerUrl = `http://127.0.0.3:${ports.provider}`;
    this.configFile = at('reeve.toml');
    fs.writeFileSync(this.configFile, this.config(options));
    this.redirects = this.redirectUris();
    await this.startServers(options, ports);
  }

  secretFile(name, value) {
    const file = path.join(this.directory, `${name}.secret`);
    fs.writeFileSync(file, value, { mode: 0o600 });
    fs.chownSync(file, users.daemon, users.daemon);
    return file;
  }

  config(options) {
    const d = this.directory;
    return `
[daemon]
runtime_directory = "${d}/run"
state_directory = "${d}/state"
daemon_user = ${users.daemon}
binder_user = ${users.binder}
fetch_user = ${users.fetch}
admin_group = 0
[vault]
master_key = { file = "${d}/master.secret" }
[binding.main]
url = "${this.url}"
[issuer.corp]
issuer = "${this.issuerUrl}"
client_id = "reeve"
client_secret = { file = "${d}/issuer.secret" }
loopback_http = true
${options.issuerKeys ?? ''}
[provider.files]
name = "Files"
issuer = "${this.providerUrl}"
client_id = "reeve-files"
client_secret = { file = "${d}/provider.secret" }
loopback_http = true
scopes = ["openid", "profile"]
account = "${options.account ?? 'userinfo'}"
${options.providerKeys ?? ''}
[workload.agent]
match = { uid = 0 }
assert = ["corp"]
issuer.corp = { audiences = ["triage-app"] }
return_urls = ["${this.url}/healthz"]
allow = [ { provider = "files", scopes = ["openid", "profile", "email"] } ]
[workload.other]
match = { uid = ${users.other} }
issuer.corp = { audiences = ["other-app"] }
allow = [ { provider = "files", scopes = ["openid", "profile"] } ]
${options.config ?? ''}
`;
  }

  // As the operator learns them.
  redirectUris() {
    const text = execFileSync(path.join(this.directory, 'bin/reeved'),
      ['--check', '--config', this.configFile, '--presets', path.join(this.directory, 'presets')], { encoding: 'utf8' });
    return Object.fromEntries([...text.matchAll(/^\[(.+?)\] redirect_uri to register: (\S+)$/gm)].map((m) => [m[1], m[2]]));
  }

  async startServers(options, ports) {
    const people = [{ sub: 'alice', name: 'Alice', preferred_username: 'alice' },
                    { sub: 'mallory', name: 'Mallory', preferred_username: 'mallory' }];
    const app = (client_id) => ({ client_id, client_secret: `${client_id}-secret`, redirect_uris: ['http://127.0.0.1:9/app'] });
    this.issuer = await startAuthz({ host: '127.0.0.2', port: ports.issuer, users: people, secrets_file: this.secretsFile,
      clients: [{ client_id: 'reeve', client_secret: this.secrets.issuer, redirect_uris: [this.redirects['issuer.corp']],
                  backchannel_logout_uri: `${this.url}/backchannel-logout`, backchannel_logout_session_required: true },
                app('triage-app'), app('other-app'), app('foreign-app')], ...options.issuer });
    this.provider = await startAuthz({ host: '127.0.0.3', port: ports.provider, users: people, secrets_file: this.secretsFile,
      clients: [{ client_id: 'reeve-files', client_secret: this.secrets.provider,
                  redirect_uris: [this.redirects['provider.files']] }, ...(options.providerClients ?? [])], ...options.provider });
  }

  async launch() {
    const d = this.directory;
    this.log = fs.openSync(path.join(d, 'log'), 'a');
    this.launcher = spawn('/usr/bin/python3', [path.join(root, 'scripts/launch'), '--config', this.configFile, '--bin', `${d}/bin`,
      '--presets', `${d}/presets`, '--listen', this.listen, '--until-stdin-closes', ...this.bindOptions],
      { stdio: ['pipe', 'pipe', this.log] });
    this.pids = {};
    this.restarts = [];
    const lines = createInterface({ input: this.launcher.stdout });
    await new Promise((resolve, reject) => {
      this.launcher.on('exit', (status) => reject(new Error(`launch ended with ${status}:\n${this.logText()}`)));
      lines.on('line', (line) => {
        const said = JSON.parse(line);
        if (said.ready) {
          this.pids = said.pids;
          resolve();
        } else if (said.restarted) {
          this.pids[said.restarted] = said.pid;
          this.restarts.push(said.restarted);
        }
      });
    });
    this.launcher.removeAllListeners('exit');
  }

  logText() {
    return fs.readFileSync(path.join(this.directory, 'log'), 'utf8');
  }
  auditText() {
    const file = path.join(this.directory, 'state/audit.jsonl');
    return fs.existsSync(file) ? fs.readFileSync(file, 'utf8') : '';
  }
  auditEvents(name) {
    const events = this.auditText().split('\n').filter(Boolean).map((line) => JSON.parse(line));
    return name ? events.filter((event) => event.event === name) : events;
  }
  get agentSocket() {
    return path.join(this.directory, 'run/agent/agent.sock');
  }

  agent() {
    return connect(this.agentSocket);
  }
  admin() {
    return connect(path.join(this.directory, 'run/admin.sock'));
  }

  userToken(login, client_id = 'triage-app') {
    return userToken({ issuer: this.issuer.issuer, client_id, client_secret: `${client_id}-secret`,
                       redirect_uri: 'http://127.0.0.1:9/app', login });
  }

  // A session for that person on a connection, by a real ID token.
  async session(agent, login) {
    const { id_token } = await this.userToken(login);
    const { parameters } = await agent.call('io.reeve.Agent.OpenSession', { as: 'token', user_token: id_token });
    return parameters.session;
  }

  // Kills programs and waits until they are back.
  async kill(...names) {
    const before = this.restarts.length;
    for (const name of names) process.kill(this.pids[name], 'SIGKILL');
    for (let i = 0; i < 500 && this.restarts.length < before + names.length; ++i) await sleep(20);
    if (this.restarts.length < before + names.length) throw new Error(`not restarted: ${names}`);
  }

  async stop() {
    if (this.launcher && this.launcher.exitCode === null) {
      const ended = new Promise((resolve) => this.launcher.on('exit', resolve));
      this.launcher.stdin.end();
      await ended;
    }
    await this.issuer?.stop();
    await this.provider?.stop();
    if (this.log) fs.closeSync(this.log);
    if (this.mounted) execFileSync('umount', [this.mounted]);
    if (process.env.REEVE_KEEP) console.error(`kept: ${this.directory}`);
    else fs.rmSync(this.directory, { recursive: true, force: true });
  }
}

export const sleep = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

// All replies of a call with `more`, as their parameters.
export async function stream(agent, method, parameters) {
  const replies = [];
  for await (const reply of agent.call(method, parameters, { more: true })) replies.push(reply.parameters);
  return replies;
}

// The error of a call that must fail: its short name.
export async function refusal(promise) {
  try {
    await promise;
  } catch (error) {
    if (!error.error) throw error;
    return { name: error.error.replace(/^io\.reeve\.[A-Za-z]+\./, ''), parameters: error.parameters ?? {} };
  }
  throw new Error('the call was not refused');
}
