// Booted: a Debian with systemd as PID 1, made by tests/system/boot, in which a test runs commands.
//
//   const system = await Booted.start(['--bind', '/host:/inside']);
//   const said = await system.run('systemctl', 'is-active', 'reeved');   // {status, stdout, stderr}
//   const out = await system.ok('dpkg -i /inside/x.deb');                 // a shell line that must succeed
//   await system.stop();
import { spawn } from 'node:child_process';
import path from 'node:path';
import { createInterface } from 'node:readline';

const boot = path.join(import.meta.dirname, 'boot');

export class Booted {
  static async start(options = []) {
    const system = new Booted();
    system.process = spawn(boot, [...options, '--serve'], { stdio: ['pipe', 'pipe', 'inherit'] });
    const ended = new Promise((resolve, reject) => {
      system.process.on('exit', (status) => reject(new Error(`boot ended with ${status}`)));
    });
    const ready = new Promise((resolve) => {
      createInterface({ input: system.process.stdout }).on('line', (line) => resolve(Number(line.split(' ')[1])));
    });
    system.pid = await Promise.race([ready, ended]);
    ended.catch(() => {});
    return system;
  }

  run(...command) {
    return new Promise((resolve) => {
      const child = spawn(boot, ['--in', String(this.pid), ...command], { stdio: ['ignore', 'pipe', 'pipe'] });
      const said = { stdout: '', stderr: '' };
      for (const name of ['stdout', 'stderr']) child[name].setEncoding('utf8').on('data', (text) => (said[name] += text));
      child.on('close', (status) => resolve({ status, ...said }));
    });
  }

  async ok(line) {
    const said = await this.run('bash', '-c', line);
    if (said.status !== 0) throw new Error(`inside: ${line}\nended with ${said.status}\n${said.stdout}${said.stderr}`);
    return said.stdout.trimEnd();
  }

  async stop() {
    if (this.process.exitCode !== null) return;
    const ended = new Promise((resolve) => this.process.on('exit', resolve));
    this.process.stdin.end();
    await ended;
  }
}
