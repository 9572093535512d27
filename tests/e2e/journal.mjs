// A journal of the test's own: systemd's, in a mount namespace whose /run is empty but for it. Programs that are started
// by `within` write to it, where they would to the host's. Needs root.
//
//   const journal = await startJournal();
//   const world = await World.start({ within: journal.within });
//   const records = await journal.find('REEVE_EVENT=flow.refused');   // as `journalctl -o json` prints them
//   await journal.stop();
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import { sleep } from './world.mjs';

// Nothing of the host's: not its kernel's messages, nor a journal that it keeps.
const START = `set -e
mount -t tmpfs reeve-test /run
mkdir -p /run/systemd/journald.conf.d
cat > /run/systemd/journald.conf.d/test.conf
exec /lib/systemd/systemd-journald`;
const CONFIG = '[Journal]\nStorage=volatile\nReadKMsg=no\nAudit=\nForwardToSyslog=no\n';

export async function startJournal() {
  const daemon = spawn('unshare', ['--mount', '/bin/sh', '-c', START], { stdio: ['pipe', 'ignore', 'inherit'] });
  daemon.stdin.end(CONFIG);
  const within = ['nsenter', '--mount', '--target', String(daemon.pid), '--'];
  const socket = `/proc/${daemon.pid}/root/run/systemd/journal/socket`;
  const mine = `/proc/${daemon.pid}/root/run/systemd/journald.conf.d/test.conf`;
  for (let i = 0; i < 500 && !(fs.existsSync(mine) && fs.existsSync(socket)); ++i) await sleep(20);
  const read = (...matches) => execFileSync(within[0],
    [...within.slice(1), 'journalctl', '--quiet', '--no-pager', '--output=json', '--all', ...matches], { encoding: 'utf8' });
  return {
    within,
    // What is there, once there is something: the copies follow the records.
    async find(...matches) {
      for (let i = 0; i < 100; ++i) {
        const lines = read(...matches).split('\n').filter(Boolean);
        if (lines.length > 0) return lines.map((line) => JSON.parse(line));
        await sleep(50);
      }
      throw new Error(`the journal has nothing of ${matches}; it has:\n${read()}`);
    },
    async stop() {
      if (daemon.exitCode !== null) return;
      const ended = once(daemon, 'exit');
      daemon.kill();
      await ended;
    },
  };
}
