// Podman: a container engine for one test, with storage, socket and images of its own in a directory.
//
// As root, or rootless as a user of its own. The image holds busybox, the client of call.c, and the program reeve
// with its libraries. Nothing is downloaded; containers have no network.
import { execFile, execFileSync, spawn } from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const here = import.meta.dirname;
export const image = 'localhost/reeve-test:1';

// What every container's image is made of, once for a test.
export function makeImage(directory, reeve) {
  const tree = path.join(directory, 'image');
  for (const folder of ['bin', 'lib', 'tmp', 'run/reeve/agent']) fs.mkdirSync(path.join(tree, folder), { recursive: true });
  fs.copyFileSync('/bin/busybox', path.join(tree, 'bin/busybox'));
  for (const name of ['sh', 'cat', 'sleep', 'env']) fs.symlinkSync('busybox', path.join(tree, 'bin', name));
  execFileSync('gcc', ['-static', '-O1', '-o', path.join(tree, 'bin/call'), path.join(here, 'call.c')]);
  fs.copyFileSync(reeve, path.join(tree, 'bin/reeve'));
  const libraries = execFileSync('ldd', [reeve], { encoding: 'utf8' });
  for (const [, file] of libraries.matchAll(/(?:=> |^\s*)(\/\S+) \(0x/gm)) {
    fs.copyFileSync(file, path.join(tree, 'lib', path.basename(file)));
  }
  fs.symlinkSync('lib', path.join(tree, 'lib64'));
  const archive = path.join(directory, 'image.tar');
  execFileSync('tar', ['--owner=0', '--group=0', '-C', tree, '-cf', archive, '.']);
  fs.chmodSync(archive, 0o644);
  return archive;
}

export class Podman {
  // `uid`: rootless as this user; undefined: as root. `driver`: of control groups.
  constructor(directory, { uid, driver = 'cgroupfs' } = {}) {
    this.uid = uid;
    this.directory = directory;
    fs.mkdirSync(directory);
    for (const name of ['home', 'run', 'tmp']) fs.mkdirSync(path.join(directory, name));
    const conf = path.join(directory, 'containers.conf');
    fs.writeFileSync(conf, `[containers]\ndefault_ulimits=[]\n[engine]\nruntime="runc"\ncgroup_manager="${driver}"\n`
      + 'events_logger="file"\n');
    if (uid !== undefined) execFileSync('chown', ['-R', `${uid}:${uid}`, directory]);
    this.environment = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', HOME: path.join(directory, 'home'), USER: `uid${uid ?? 0}`,
                         XDG_RUNTIME_DIR: path.join(directory, 'run'), CONTAINERS_CONF: conf };
    const at = (name) => path.join(directory, name);
    this.words = uid === undefined
      ? ['--root', at('root'), '--runroot', at('runroot'), '--tmpdir', at('tmp'), '--storage-driver', 'vfs']
      : ['--storage-driver', 'vfs'];
    this.socket = at('podman.sock');
    this.names = [];
  }

  get options() {
    return { env: this.environment, cwd: this.environment.HOME, uid: this.uid, gid: this.uid, encoding: 'utf8' };
  }

  async do(...words) {
    const { stdout } = await run('podman', [...this.words, ...words], this.options);
    return stdout.trim();
  }

  // To its end, whatever it left in the background that still has its output.
  async quietly(...words) {
    const child = spawn('podman', [...this.words, ...words], { ...this.options, stdio: 'ignore' });
    await new Promise((resolve) => child.on('exit', resolve));
  }

  // A container that sleeps; `words` are options of `podman run`. Its full id.
  async start(name, socketDirectory, ...words) {
    this.names.push(name);
    // The engine may not raise limits in a namespace of users.
    return this.do('run', '-d', '--name', name, '--network', 'none', '--ulimit', 'nofile=512:512', '--ulimit', 'nproc=512:512',
      '--stop-signal', 'KILL', '-v', `${socketDirectory}:/run/reeve/agent`, ...words, image, 'sleep', '1000');
  }

  // A process in the container that makes calls on one connection, one after the other, and ends: the replies.
  async calls(name, ...calls) {
    return JSON.parse(`[${(await this.program(name, calls.map((one) => JSON.stringify(one)).join('\n'), '/bin/call',
      '/run/reeve/agent/agent.sock')).trim().split('\n').join(',')}]`);
  }

  async program(name, input, ...words) {
    const child = spawn('podman', [...this.words, 'exec', '-i', name, ...words],
      { ...this.options, stdio: ['pipe', 'pipe', 'pipe'] });
    const output = { stdout: '', stderr: '' };
    for (const stream of ['stdout', 'stderr']) child[stream].on('data', (data) => { output[stream] += data; });
    child.stdin.end(`${input}\n`);
    const status = await new Promise((resolve) => child.on('close', resolve));
    if (status !== 0) throw new Error(`${words.join(' ')} in ${name} ended with ${status}: ${output.stderr}`);
    return output.stdout;
  }

  // The Docker API on this.socket.
  async serve() {
    this.service = spawn('podman', [...this.words, 'system', 'service', '--time=0', `unix://${this.socket}`],
      { ...this.options, stdio: 'ignore' });
    for (let i = 0; i < 1000; ++i) {
      if (fs.existsSync(this.socket) && await this.answers()) return;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    throw new Error('podman system service does not start');
  }

  answers() {
    return new Promise((resolve) => {
      const socket = net.createConnection(this.socket, () => { socket.destroy(); resolve(true); });
      socket.on('error', () => resolve(false));
    });
  }

  async endService() {
    if (!this.service || this.service.exitCode !== null || this.service.signalCode !== null) return;
    const ended = new Promise((resolve) => this.service.on('exit', resolve));
    this.service.kill('SIGKILL');
    await ended;
    fs.rmSync(this.socket, { force: true });
  }

  async stop() {
    await this.endService();
    if (this.names.length > 0) await this.quietly('rm', '-f', '-t', '0', ...this.names);
    // What keeps a rootless engine's namespaces between its commands.
    const pause = path.join(this.directory, 'run/libpod/tmp/pause.pid');
    if (fs.existsSync(pause)) process.kill(Number(fs.readFileSync(pause, 'utf8')), 'SIGKILL');
  }
}

// Where control groups of version 2 are.
export const cgroupRoot = fs.existsSync('/sys/fs/cgroup/cgroup.procs') ? '/sys/fs/cgroup' : '/sys/fs/cgroup/unified';
