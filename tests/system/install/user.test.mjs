// A user's own instance: the packages' user units, started by the service manager of a user who lingers, no root in it
// and no issuer. The provider and the browser are outside of the booted system, the browser as that user.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { confirm, continueAs, heading, text } from '../../e2e/people.mjs';
import { startAuthz } from '../../support/node/authz.mjs';
import { launchAs } from '../../support/node/browser.mjs';
import { Booted } from '../booted.mjs';
import { commands, toml } from './guide.mjs';

const here = import.meta.dirname;
const root = path.resolve(here, '../../..');
const url = 'http://127.0.0.1:8421', providerUrl = 'http://127.0.0.3:8422';
const suite = process.env.REEVE_BOOT_SUITE ?? 'bookworm';
const secret = 'provider-secret-5c1e';
const uid = 4242, otherUid = 4243;

let system, provider, browser, other, directory;
const startProvider = (redirect) => startAuthz({ host: '127.0.0.3', port: 8422,
  users: [{ sub: 'alice', name: 'Alice', preferred_username: 'alice' }],
  clients: [{ client_id: 'reeve-files', client_secret: secret, redirect_uris: [redirect] }] });

before(async () => {
  if (process.env.REEVE_PACKAGES !== 'ready') {
    execFileSync(path.join(root, 'scripts/deb'), ['--quick'], { stdio: ['ignore', 'ignore', 'inherit'] });
  }
  const packages = path.join(root, 'build-deb/packages');
  system = await Booted.start(['--suite', suite, '--share-network', '--bind', `${packages}:/packages`]);
  directory = fs.mkdtempSync('/tmp/reeve-user.');
  fs.chmodSync(directory, 0o755);
  browser = await launchAs(uid, path.join(directory, 'dev'));
  other = await launchAs(otherUid, path.join(directory, 'other'));
  provider = await startProvider(`${url}/unknown`);
});
after(async () => {
  if (process.env.REEVE_JOURNAL && system) console.error((await system.run('journalctl', '-b', '--no-pager', '-n', '400')).stdout);
  await browser?.close();
  await other?.close();
  await system?.stop();
  await provider?.stop();
  if (directory) fs.rmSync(directory, { recursive: true, force: true });
});

const quoted = (line) => `'${line.replaceAll("'", `'\\''`)}'`;
const command = (line, user, id) => `runuser -u ${user} -- env -i HOME=/home/${user} USER=${user} PATH=/usr/bin:/bin ` +
  `XDG_RUNTIME_DIR=/run/user/${id} BROWSER=/home/${user}/browser bash -c ${quoted(`set -e; cd; ${line}`)}`;
const as = (line) => system.ok(command(line, 'dev', uid));
const tried = (line, user = 'dev', id = uid) => system.run('bash', '-c', command(line, user, id));
const show = (unit, what) => as(`systemctl --user show -P ${what} ${unit}`);
async function until(line, run = tried) {
  for (let i = 0; i < 200; ++i) {
    const said = await run(line);
    if (said.status === 0) return said.stdout.trim();
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`did not come about: ${line}`);
}

test('the packages enable nothing for anybody; a user begins an instance of his own', async () => {
  await system.ok('cd /packages && DEBIAN_FRONTEND=noninteractive apt-get -q -y -o Dpkg::Use-Pty=0 install ./reeve_*.deb ' +
    './reeve-bind_*.deb ./libreeve1_*.deb');
  await system.ok(`for one in dev:${uid} other:${otherUid}; do useradd -m -s /bin/bash -u \${one#*:} \${one%:*} &&
    loginctl enable-linger \${one%:*}; done`);
  await until('systemctl --user is-active default.target');
  assert.equal((await tried('systemctl --user is-enabled reeved.socket')).stdout.trim(), 'disabled');
  const began = await as(commands('On your own machine', 0));
  assert.match(began, /master key is kept in \/home\/dev\/.config\/reeve\/credentials\/master-key/);
  assert.equal(await as('stat -c "%a" .config/reeve/credentials/master-key .config/reeve/reeve.toml .local/state/reeve'),
    '600\n600\n700');
  const again = await tried('reeve setup user');
  assert.match(again.stderr, /is there already/);
  assert.match(await as('reeve status'), /unseparated/);
  assert.equal(await as('stat -c "%U %a" $XDG_RUNTIME_DIR/reeve/agent.sock'), 'dev 600');
  assert.match(await as('reeve whoami'), /workload: me/);
  const looked = await as('reeve doctor');
  for (const part of ['configuration: no errors', 'master key: in /home/dev/', `/run/user/${uid}/reeve/agent.sock: .* is me`,
    `binding.main: ${url} answers`, 'nothing is wrong']) assert.match(looked, new RegExp(part));
  assert.notEqual((await tried(`reeve --socket /run/user/${uid}/reeve/agent.sock whoami`, 'other', otherUid)).status, 0);
});

test('the units are clean, and closed as far as a user\'s manager can', async () => {
  const units = 'reeved.service reeved.socket reeved-bind.socket reeved-admin.socket reeve-bind.service reeve-bind.socket ' +
    'reeve-fetch@issuers.service reeve-fetch@issuers.socket';
  const verified = await tried(`cd /usr/lib/systemd/user && systemd-analyze --user --man=no verify ${units}`);
  assert.deepEqual([verified.status, verified.stderr + verified.stdout], [0, '']);
  for (const unit of ['reeved']) {
    const status = await system.ok(`cat /proc/${await show(unit, 'MainPID')}/status`);
    for (const line of [/^Seccomp:\s+2$/m, /^NoNewPrivs:\s+1$/m, /^CapEff:\s+0+$/m]) assert.match(status, line, unit);
  }
});

test('`reeve token` at a terminal opens the browser; the user consents there, and the token is printed', async () => {
  await as(`echo ${secret} > secret`);
  const said = await as(commands('On your own machine', 1, ['github', `files --issuer ${providerUrl} --loopback-http`],
    ['Iv1.abc', 'reeve-files'], ['read:user', 'openid --scope profile'], ['secret-file -', 'secret-file secret']));
  await provider.stop();
  provider = await startProvider(/redirect URI to register there: (\S+)/.exec(said)[1]);
  const allow = toml('On your own machine', 0, ['github', 'files']).trim();
  await as(`sed -i ${quoted(`s|^allow = .*|${allow}|`)} .config/reeve/reeve.toml
    systemctl --user reload reeved
    printf '#!/bin/sh\\nprintf %%s "$1" > ~/new && mv ~/new ~/opened\\n' > browser; chmod 755 browser`);
  const asked = tried(`mkfifo typed; exec 3<>typed; script -qec ${quoted('reeve token files')} /dev/null <&3`);
  const link = await until('cat opened');
  assert.ok(link.startsWith(`${url}/signin/unix?code=`), link);
  // Another user of the host was quicker.
  await other.page.goto(link);
  await other.page.getByRole('button', { name: 'Sign in', exact: true }).click();
  assert.equal(await heading(other.page), 'This was stopped');
  await browser.page.goto(link);
  await browser.page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await browser.page.waitForLoadState();
  assert.match(await text(browser.page), /You are dev\./);
  await other.context.addCookies(await browser.context.cookies(url));
  await other.page.goto(`${url}/connections`);
  assert.doesNotMatch(await text(other.page), /dev/);
  await continueAs(browser.page, 'alice');
  await confirm(browser.page);
  const { status, stdout } = await asked;
  assert.equal(status, 0, stdout);
  const answer = await fetch(`${providerUrl}/me`, { headers: { authorization: `Bearer ${stdout.trim().split(/\s+/).at(-1)}` } });
  assert.equal((await answer.json()).sub, 'alice');
  assert.match(await as('reeve grants'), /alice/);
});

test('another user\'s own instance has another port, and keeps it', async () => {
  const theirs = (line) => tried(line, 'other', otherUid);
  await until('systemctl --user is-active default.target', theirs);
  const said = await until(commands('On your own machine', 0), theirs);
  const [, there] = /your browser will reach it at (\S+)/.exec(said);
  assert.notEqual(there, url);
  assert.match(await until('reeve doctor', theirs), new RegExp(`binding.main: ${there} answers[^]*nothing is wrong`));
  assert.match((await theirs('reeve setup user')).stderr, /is there already/);
  await until(`systemctl --user restart reeve-bind.socket reeve-bind reeved; reeve doctor | grep ${there}`, theirs);
  await until('systemctl --user disable --now reeved.socket reeve-bind.socket reeved reeve-bind', theirs);
  assert.match(await as('reeve doctor'), new RegExp(`binding.main: ${url} answers`));
});

test('doctor says by which unit of the user\'s something is wrong, and its command mends it', async () => {
  const found = async (part) => {
    const { stdout } = await tried('reeve doctor --json');
    return JSON.parse(stdout).find((one) => one.part === part && one.outcome !== 'ok');
  };
  await as('systemctl --user stop reeve-bind.socket reeve-bind');
  assert.match((await found('binding.main')).advice, /^systemctl --user enable --now reeve-bind.socket/);
  await as((await found('reeve-bind.socket')).advice);
  await as('systemctl --user disable reeved.socket');
  assert.equal((await found('reeved.socket')).outcome, 'warning');
  await as((await found('reeved.socket')).advice);
  await as('reeve doctor | grep -x "nothing is wrong"');
  // Nobody's service manager, as behind su.
  const alone = await tried('env -u XDG_RUNTIME_DIR reeve doctor');
  assert.match(alone.stdout, /FAILED +systemctl --user: .*\n.*loginctl enable-linger/);
});

test('a restart keeps the vault, and a lost vault is not silently a new one', async () => {
  await as('systemctl --user restart reeved');
  assert.match(await as('reeve grants'), /alice/);
  await as('systemctl --user stop reeved; mkdir away; mv .local/state/reeve/vault.db* away; systemctl --user start reeved || true');
  const journal = (line) => system.run('bash', '-c', `journalctl _UID=${uid} -o cat --no-pager | ${line}`);
  assert.match(await until('grep "there is no vault"', journal), /bring the vault back/);
  await as('systemctl --user stop reeved; systemctl --user reset-failed; mv away/* .local/state/reeve/');
  await as('systemctl --user start reeved.socket reeved-bind.socket reeved-admin.socket reeved');
  assert.match(await as('reeve grants'), /alice/);
  await as('mv .config/reeve/reeve.toml .config/reeve/credentials/master-key away');
  assert.match((await tried('reeve setup user')).stderr, /there is a vault in .*, but not its key/);
});
