// docs/operator.md, whose commands are run as they stand there, so that it cannot say what does not work; install.test.mjs
// and user.test.mjs ask for them.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

const file = path.resolve(import.meta.dirname, '../../../docs/operator.md');
const sections = fs.readFileSync(file, 'utf8').split(/^##+ /m).slice(1);

function block(heading, number, kind, swaps) {
  const section = sections.find((text) => text.startsWith(`${heading}\n`));
  assert.ok(section, `the guide has no section "${heading}"`);
  const pattern = kind === 'toml' ? /^```toml\n(.*?)^```/gms : /((?:^ {4}.*\n)+)/gm;
  let text = [...section.matchAll(pattern)][number]?.[1];
  assert.ok(text, `"${heading}" of the guide has no ${kind} ${number}`);
  if (kind !== 'toml') text = text.replace(/^ {4}/gm, '');
  for (const [from, to] of swaps) {
    assert.ok(text.includes(from), `"${heading}" of the guide, ${kind} ${number}, has no ${from}: ${text}`);
    text = text.replaceAll(from, to);
  }
  return text;
}

// The commands of a block of that section, from 0, or its lines for a configuration. Swaps: what differs here, each of
// which must stand there.
export const commands = (heading, number, ...swaps) => block(heading, number, 'commands', swaps);
export const toml = (heading, number, ...swaps) => block(heading, number, 'toml', swaps);

export function guide(story) {
  const ok = (line) => story.system.ok(`set -e; cd /packages; ${line}`);

  test('the guide: the first token, as the agent\'s unit', async () => {
    await story.system.ok(`systemctl stop triage-bot; cp /var/tmp/user-token /var/tmp/id-token`);
    const token = await ok(commands('The first agent', 1, ['--pty', '--quiet --pipe --wait'], ['github', 'files']));
    assert.match(token, /^\S{20,}$/);
  });

  test('the guide: images and labels', async () => {
    await ok(commands('In a container', 1));
    await story.system.ok(`cat > /etc/reeve/conf.d/team.toml <<'END'\n${toml('In a container', 1)}END\nsystemctl reload reeved`);
    assert.match((await story.system.run('reeve', 'doctor')).stdout, /ok +reeve-attest/);
    await story.system.ok('rm /etc/reeve/conf.d/team.toml; systemctl reload reeved; systemctl disable --now reeve-attest.socket');
  });

  test('the guide: a backup, put back with the recovery key', async () => {
    await story.system.ok('mkdir -p /var/backups');
    await ok(commands('Backup', 0));
    const recovery = /([0-9a-f]{64}|[A-Za-z0-9_-]{43,})/.exec(await ok(commands('Backup', 1)))?.[1];
    assert.ok(recovery, 'the recovery key is printed');
    await ok(`rm /var/backups/reeve-vault; ${commands('Backup', 0)}`);
    await ok(commands('Backup', 2));
    assert.match(await ok('systemctl start reeved && reeve grants'), /alice/);
    assert.equal(await ok('find /var/lib/reeve ! -user reeve'), '', 'and it is the daemon\'s');
  });

  test('the guide: keys and a client\'s secret changed', async () => {
    await ok(commands('Rotation', 0));
    await ok(`{ ${commands('Rotation', 1, ['github', 'files'], [' - /etc', ' /var/tmp/provider /etc'])} }`);
    assert.match(await ok('reeve grants'), /alice/);
  });

  test('the guide: an incident', async () => {
    const said = await ok(commands('An incident', 0, ['https://login.example.com', story.issuerUrl], ['github', 'files'])
      // What an earlier line has ended is there no more.
      .replace(/ +#.*$/gm, '').replace(/(kill|revoke).*/g, '$& || true'));
    assert.match(said, /alice/);
    assert.equal(await ok('reeve grants --json'), '[]');
    await ok(commands('An incident', 2));
    await ok(commands('An incident', 1));
    assert.notEqual((await story.system.run('reeve', 'whoami')).status, 0);
    await ok('systemctl start reeved.socket reeved-bind.socket reeved-admin.socket');
  });
}
