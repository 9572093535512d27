// World: everything a story needs, for real: an issuer, a provider, and Reeve's own programs, started by
// scripts/launch in a temporary directory, each program as its own user. Nothing here pretends to be a part.
//
//   const world = await World.start({ provider: {...}, config: 'more TOML', issuerKeys: 'of [issuer.corp]',
//                                     providerKeys: 'of [provider.files]', allow: 'more of [workload.agent]',
//                                     bindOptions: ['--contact=...'], launch: ['--bind-mode=666'],
//                                     host: 'of the pages', url: 'of the pages', listen: 'of reeve-bind',
//                                     bindingKeys: 'of [binding.main]' });
//   within: a command's beginning that Reeve's programs are started by (journal.mjs).
//   crash: true takes programs that die at named steps (tests/support/kill_point.cc); stateMegabytes: 8 gives the
//   vault a file system of its own; stateImage: 32 one on a disk, which breakDisk() makes fail.
//   ... world.agent() is a Varlink connection of this process, the workload "agent" ...
//   await world.stop();
//
// Needs root (users of their own, an empty network namespace for reeved). REEVE_BUILD names the build directory.
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import fs from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { startAuthz } from '../support/node/authz.mjs';
import { userToken } from '../support/node/usertoken.mjs';
import { connect } from '../support/node/varlink.mjs';

const root = path.resolve(import.meta.dirname, '../..');
export const users = { daemon: 64101, binder: 64102, fetch: 64103, agent: 64110, other: 64111, alice: 64121, mallory: 64122 };

// What no page may take for more than text; a scope may look so, too (RFC 6749 section 3.3).
export const markup = "<svg/onload=document.title='pwned'>";

export async function freePort(host = '127.0.0.1') {
  const server = net.createServer();
  await new Promise((resolve) => server.listen(0, host, resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

function buildDirectory(variable) {
  const build = process.env[variable];
  if (!build) throw new Error(`${variable} must name the build directory`);
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
    this.within = options.within ?? [];
    this.launchOptions = [...(options.launch ?? []), ...(options.bindOptions ?? []).map((option) => `--bind-option=${option}`)];
    this.directory = fs.mkdtempSync('/tmp/reeve-e2e.');
    fs.chmodSync(this.directory, 0o755);
    const at = (name) => path.join(this.directory, name);
    const build = buildDirectory(options.control ? 'REEVE_CONTROL_BUILD' : 'REEVE_BUILD');
    // Other users must be able to run them, whatever directory the build lies in.
    fs.mkdirSync(at('bin'));
    for (const [folder, name] of [['reeved', 'reeved'], ['fetch', 'reeve-fetch'], ['bind', 'reeve-bind'],
                                   ['attest', 'reeve-attest']]) {
      const dies = options.crash && ['reeved', 'reeve-fetch'].includes(name);
      const built = dies ? `tests/support/${name}-crash` : `daemon/${folder}/${name}`;
      // A control build has no reeve-attest.
      if (name === 'reeve-attest' && !fs.existsSync(path.join(build, built))) continue;
      fs.copyFileSync(path.join(build, built), at(`bin/${name}`));
      fs.chmodSync(at(`bin/${name}`), 0o755);
    }
    if (options.control) this.controlFile = at('control-off');
    this.switchOff([]);
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
    if (options.stateImage) {
      fs.mkdirSync(at('state'));
      execFileSync('truncate', ['-s', `${options.stateImage}M`, at('image')]);
      execFileSync('mkfs.ext4', ['-q', at('image')]);
      execFileSync('mount', ['-o', 'loop,errors=remount-ro', at('image'), at('state')]);
      this.mounted = at('state');
    }
    fs.cpSync(path.join(root, 'data/providers'), at('presets'), { recursive: true });
    this.secrets = { master: randomBytes(32).toString('hex'), issuer: `is+${randomBytes(18).toString('base64url')}%&`,
                     provider: `pr ${randomBytes(18).toString('base64url')}:+` };
    for (const [name, value] of Object.entries(this.secrets)) this.secretFile(name, value);
    this.secretsFile = at('known-secrets.jsonl');
    const ports = { bind: await freePort(), issuer: await freePort('127.0.0.2'), provider: await freePort('127.0.0.3') };
    this.listen = options.listen ?? `127.0.0.1:${ports.bind}`;
    this.url = options.url ?? `http://${options.host ?? '127.0.0.1'}:${ports.bind}`;
    this.issuerUrl = `http://127.0.0.2:${ports.issuer}`;
    this.providerUrl = `http://127.0.0.3:${ports.provider}`;
    this.configFile = at('reeve.toml');
    if (options.evil) await this.startEvil();
    fs.writeFileSync(this.configFile, this.config(options));
    this.redirects = this.redirectUris();
    await this.startServers(options, ports);
  }

  // In a control build: the checks (daemon/base/check.h) that are off from now on.
  switchOff(checks) {
    if (this.controlFile) fs.writeFileSync(this.controlFile, checks.join('\n'));
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
${options.daemonKeys ?? ''}
[vault]
master_key = { file = "${d}/master.secret" }
[binding.main]
url = "${this.url}"
${options.bindingKeys ?? ''}
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
return_urls = ["${this.url}/healthz"${this.evil ? `, "${this.evil.url}/back"` : ''}]
allow = [ { provider = "files", scopes = ["openid", "profile", "email"] }
          ${options.allow ?? ''}${this.evil ? `, { provider = "shared" }, { provider = "evil", scopes = ["${markup}"] }` : ''} ]
[workload.other]
match = { uid = ${users.other} }
issuer.corp = { audiences = ["other-app"] }
allow = [ { provider = "files", scopes = ["openid", "profile"] } ]
${this.evil ? `[provider.shared]
endpoints = { authorization = "${this.providerUrl}/auth", token = "${this.providerUrl}/token" }
account = "none"
client_id = "reeve-shared"
client_secret = { file = "${d}/provider.secret" }
loopback_http = true
scopes = ["openid"]
[provider.evil]
name = "${markup}"
client_id = "reeve-evil"
client_secret = { file = "${d}/provider.secret" }
client_auth = "post"
loopback_http = true
account = "none"
endpoints = { authorization = "${this.evil.url}/authorize", token = "${this.evil.url}/token" }` : ''}
${options.config ?? ''}
`;
  }

  // A provider in the hands of an attacker, with markup in its name and scope: it sends browsers where `next` says, and
  // keeps the codes it is given and what browsers say of where they come from; it answers when `hold` is over. Its page
  // /back is a return URL. And another owner's client of the honest provider, by its endpoints, so that nothing is pushed:
  // [provider.shared].
  async startEvil() {
    const evil = { codes: [], referers: [], next: () => '/' };
    evil.server = http.createServer(async (request, response) => {
      const url = new URL(request.url, 'http://evil');
      if (request.headers.referer) evil.referers.push(request.headers.referer);
      if (url.pathname === '/authorize') {
        response.writeHead(302, { location: evil.next(url.searchParams) }).end();
        return;
      }
      if (request.method === 'GET') {
        response.end('back');
        return;
      }
      let body = '';
      for await (const chunk of request) body += chunk;
      evil.codes.push(new URLSearchParams(body).get('code'));
      await evil.hold;
      response.writeHead(400, { 'content-type': 'application/json' }).end('{"error":"invalid_grant"}');
    }).listen(0, '127.0.0.4');
    await once(evil.server, 'listening');
    evil.url = `http://127.0.0.4:${evil.server.address().port}`;
    this.evil = evil;
  }

  // As the operator learns them.
  redirectUris() {
    const text = execFileSync(path.join(this.directory, 'bin/reeved'),
      ['--check', '--config', this.configFile, '--presets', path.join(this.directory, 'presets')], { encoding: 'utf8' });
    return Object.fromEntries([...text.matchAll(/^\[(.+?)\] redirect_uri to register: (\S+)$/gm)].map((m) => [m[1], m[2]]));
  }

  // Of each binding.
  redirectsOf(table) {
    return Object.entries(this.redirects).filter(([name]) => name.split(' at ')[0] === table).map(([, uri]) => uri);
  }

  async startServers(options, ports) {
    const people = [{ sub: 'alice', name: 'Alice', preferred_username: 'alice' },
                    { sub: 'mallory', name: 'Mallory', preferred_username: 'mallory' },
                    { sub: 'eve', name: '<b>Eve</b>', preferred_username: markup }];
    // For many questions in one world: an Alice and a Mallory each (attacks/scene.mjs).
    const more = !options.evil ? [] : Array.from({ length: 99 }, (_, i) => (
      people.slice(0, 2).map(({ sub, name }) => ({ sub: `${sub}-${i + 1}`, name })))).flat();
    const app = (client_id) => ({ client_id, client_secret: `${client_id}-secret`, redirect_uris: ['http://127.0.0.1:9/app'] });
    this.issuer = await startAuthz({ host: '127.0.0.2', port: ports.issuer, users: [...people, ...more],
      secrets_file: this.secretsFile,
      clients: [{ client_id: 'reeve', client_secret: this.secrets.issuer, redirect_uris: this.redirectsOf('issuer.corp'),
                  backchannel_logout_uri: `${this.url}/backchannel-logout`, backchannel_logout_session_required: true },
                app('triage-app'), app('other-app'), app('foreign-app')], ...options.issuer });
    this.provider = await startAuthz({ host: '127.0.0.3', port: ports.provider, users: people, secrets_file: this.secretsFile,
      clients: ['files', 'shared'].filter((name) => this.redirects[`provider.${name}`]).map((name) => (
        { client_id: `reeve-${name}`, client_secret: this.secrets.provider, redirect_uris: this.redirectsOf(`provider.${name}`) }
      )).concat(options.providerClients ?? []), ...options.provider });
  }

  async launch(ahead = 0) {
    const d = this.directory;
    this.log ??= fs.openSync(path.join(d, 'log'), 'a');
    const command = ['/usr/bin/python3', path.join(root, 'scripts/launch'), '--config', this.configFile, '--bin', `${d}/bin`,
      '--presets', `${d}/presets`, '--listen', this.listen, '--until-stdin-closes', ...this.launchOptions];
    // Later on CLOCK_BOOTTIME, by a time namespace.
    if (ahead) command.unshift('unshare', '--time', '--boottime', `${ahead}`, '--fork', '--kill-child', '--');
    command.unshift(...this.within);
    const env = { ...process.env, ...(this.controlFile && { REEVE_CONTROL_OFF: this.controlFile }) };
    this.launcher = spawn(command[0], command.slice(1), { stdio: ['pipe', 'pipe', this.log], env });
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

  // Reeve's programs end, and are started again so much later.
  async restart(ahead = 0) {
    await this.end();
    await this.launch(ahead);
  }

  // The kernel meets an error on the disk, and takes no write from then on.
  breakDisk() {
    const device = execFileSync('findmnt', ['-no', 'SOURCE', this.mounted], { encoding: 'utf8' }).trim();
    fs.writeFileSync(`/sys/fs/ext4/${path.basename(device)}/trigger_fs_error`, '1');
  }

  // What an operator does about it, while Reeve's programs do not run.
  mendDisk() {
    const image = path.join(this.directory, 'image');
    execFileSync('umount', [this.mounted]);
    const checked = spawnSync('e2fsck', ['-fp', image], { encoding: 'utf8' });
    if (checked.status > 1) throw new Error(checked.stdout + checked.stderr);
    execFileSync('mount', ['-o', 'loop,errors=remount-ro', image, this.mounted]);
  }

  // Ends Reeve's own programs, in order; launch() starts them again over the same state.
  async end() {
    if (!this.launcher || this.launcher.exitCode !== null) return;
    const ended = new Promise((resolve) => this.launcher.on('exit', resolve));
    this.launcher.stdin.end();
    await ended;
  }

  // What the operator types: the program reeve; its status and what it said.
  reeve(...words) {
    const env = { PATH: `${this.directory}/bin:/usr/bin:/bin`, TZ: 'UTC', REEVE_DAEMON_UID: String(users.daemon),
                  REEVE_ADMIN_SOCKET: path.join(this.directory, 'run/admin.sock') };
    const ran = spawnSync(this.program, words, { env, encoding: 'utf8', cwd: '/' });
    return { status: ran.status, out: ran.stdout, err: ran.stderr };
  }
  get program() {
    return path.join(buildDirectory('REEVE_BUILD'), 'libclient/cli/reeve');
  }

  async stop() {
    await this.end();
    this.evil?.server.close();
    await this.issuer?.stop();
    await this.provider?.stop();
    if (this.log) fs.closeSync(this.log);
    if (this.mounted) execFileSync('umount', [this.mounted]);
    if (process.env.REEVE_KEEP) console.error(`kept: ${this.directory}`);
    else fs.rmSync(this.directory, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  }
}

// A process of another user that makes one call and prints what came: {parameters} or {error, parameters}. Of the agent's
// interface, or by its name of another. through: a program that runs it, such as ['unshare', '--user'].
export async function callAs(world, uid, method, parameters, { more = false, through = [] } = {}) {
  const program = path.join(import.meta.dirname, 'call_as.py');
  const [command, ...given] = [...through, '/usr/bin/python3', '-'];
  const child = spawn(command, given, { uid, gid: uid, stdio: ['pipe', 'pipe', 'inherit'], cwd: '/' });
  const words = [world.agentSocket, method, JSON.stringify(parameters)].map((word) => JSON.stringify(word));
  child.stdin.end(`${fs.readFileSync(program, 'utf8')}\nmain(${words.join(', ')}, ${more ? 'True' : 'False'})\n`);
  const [line] = await once(createInterface({ input: child.stdout }), 'line');
  return JSON.parse(line);
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
