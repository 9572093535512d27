// Reeve as an operator has it: the packages, installed by apt in a booted Debian; issuer, provider and the user's browser
// are outside of it, and an agent is a unit of a user of its own. One system, one story; each test goes on from the last.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { confirm, continueAs, heading, openAndSignIn, text } from '../../e2e/people.mjs';
import { startAuthz } from '../../support/node/authz.mjs';
import { launch, person } from '../../support/node/browser.mjs';
import { userToken } from '../../support/node/usertoken.mjs';
import { Booted } from '../booted.mjs';
import { evidence } from './evidence.mjs';
import { commands, guide, toml } from './guide.mjs';
import { keys } from './keys.mjs';
import { mistakes } from './mistakes.mjs';

const here = import.meta.dirname;
const root = path.resolve(here, '../../..');
const packages = path.join(root, 'build-deb/packages');
const url = 'http://127.0.0.1:8420';
const issuerUrl = 'http://127.0.0.2:8421', providerUrl = 'http://127.0.0.3:8422';
const suite = process.env.REEVE_BOOT_SUITE ?? 'bookworm';
const secrets = { issuer: 'issuer-secret-7d1f', provider: 'provider-secret-9a3c' };

let system, browser, issuer, provider;
const people = ['Alice', 'Mallory'].map((name) => ({ sub: name.toLowerCase(), name, preferred_username: name.toLowerCase() }));
const app = { client_id: 'triage-app', client_secret: 'triage-app-secret', redirect_uris: ['http://127.0.0.1:9/app'] };
const startIssuer = (redirect) => startAuthz({ host: '127.0.0.2', port: 8421, users: people, clients: [
  { client_id: 'reeve', client_secret: secrets.issuer, redirect_uris: [redirect] }, app] });
const startProvider = (redirect) => startAuthz({ host: '127.0.0.3', port: 8422, users: people, clients: [
  { client_id: 'reeve-files', client_secret: secrets.provider, redirect_uris: [redirect] }] });

before(async () => {
  // REEVE_PACKAGES=ready: those that scripts/deb has built already.
  if (process.env.REEVE_PACKAGES !== 'ready') {
    execFileSync(path.join(root, 'scripts/deb'), ['--quick'], { stdio: ['ignore', 'ignore', 'inherit'] });
  }
  system = await Booted.start(['--suite', suite, '--share-network', '--tpm', '--bind', `${packages}:/packages`,
    '--bind', `${here}:/tests`, '--bind', `${root}/packaging/deb/tests:/deb-tests`]);
  browser = await launch();
  [issuer, provider] = await Promise.all([startIssuer(`${url}/unknown`), startProvider(`${url}/unknown`)]);
});
after(async () => {
  if (process.env.REEVE_JOURNAL && system) console.error((await system.run('journalctl', '-b', '--no-pager', '-n', '400')).stdout);
  await browser?.close();
  await system?.stop();
  await issuer?.stop();
  await provider?.stop();
});

const show = (unit, what) => system.ok(`systemctl show -P ${what} ${unit}`);
const apt = 'DEBIAN_FRONTEND=noninteractive apt-get -q -y -o Dpkg::Use-Pty=0';

// What the agent printed since it was last looked at, once there is a line with that member.
let seen = 0;
async function agentSays(member) {
  for (;;) {
    const journal = await system.ok('journalctl -u triage-bot -o cat --no-pager');
    const lines = journal.split('\n').filter((line) => line.startsWith('{'));
    for (; seen < lines.length; ++seen) {
      const said = JSON.parse(lines[seen]);
      if (member in said) return ++seen, said;
    }
    assert.notEqual((await system.run('systemctl', 'is-active', 'triage-bot')).stdout.trim(), 'failed',
      (await system.run('journalctl', '-u', 'triage-bot', '--no-pager')).stdout);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

test('apt installs it; nothing runs before the operator says so; the master key is sealed to the machine', async () => {
  await system.ok(`cd /packages && ${commands('Install', 0, ['apt install', `${apt} install`])}`);
  await system.ok(`${apt} install /packages/*.deb`); // and the others
  assert.equal((await system.run('systemctl', 'is-enabled', 'reeved.socket')).stdout.trim(), 'disabled');
  assert.equal(await system.ok('stat -c "%U %a" /etc/reeve/credentials'), 'root 700');
  assert.equal(await system.ok('ls /etc/reeve/credentials'), 'master-key.cred');
  for (const user of ['reeve', 'reeve-bind', 'reeve-fetch']) await system.ok(`getent passwd ${user}`);
  await system.ok('getent group reeve-admin');
  const before = await system.run('reeve', 'status');
  assert.match(before.stderr, /systemctl/);
});

test('it starts as it is, and status and doctor say what comes next', async () => {
  assert.match(await system.ok(commands('Install', 1)), /no provider is configured: `reeve setup provider/);
  const looked = await system.run('reeve', 'doctor');
  assert.equal(looked.status, 0, looked.stdout + looked.stderr);
  assert.match(looked.stdout, /ok +master key: sealed/);
  assert.match(looked.stdout, /ok +binding\.main/);
});

test('each socket has the owner and the mode that it must have', async () => {
  const modes = await system.ok('stat -c "%n %U %G %a" /run/reeve /run/reeve/*  /run/reeve/agent/*');
  assert.deepEqual(modes.split('\n').sort(), [
    '/run/reeve root root 755', '/run/reeve/admin.sock root reeve-admin 660', '/run/reeve/agent root root 755',
    '/run/reeve/agent/agent.sock root root 666', '/run/reeve/bind.sock reeve-bind reeve-bind 600',
    '/run/reeve/fetch-issuers.sock reeve reeve 600', '/run/reeve/fetch-providers.sock reeve reeve 600']);
});

test('the units are clean, and as closed as they can be', async (t) => {
  const units = 'reeved.service reeved.socket reeved-bind.socket reeved-admin.socket reeve-bind.service reeve-bind.socket ' +
    'reeve-fetch@issuers.service reeve-fetch@issuers.socket reeve-attest.service reeve-attest.socket';
  const verified = await system.run('bash', '-c', `cd /lib/systemd/system && systemd-analyze --man=no verify ${units}`);
  assert.deepEqual([verified.status, verified.stderr + verified.stdout], [0, '']);
  for (const [unit, most] of [['reeved', 1.5], ['reeve-bind', 1.5], ['reeve-fetch@issuers', 1.5], ['reeve-attest', 3.0]]) {
    const said = await system.ok(`systemd-analyze security --no-pager ${unit}.service`);
    const exposure = Number(/exposure level for \S+: (\S+)/.exec(said)[1]);
    t.diagnostic(`systemd-analyze security ${unit}: ${exposure}`);
    assert.ok(exposure <= most, said);
  }
});

test('from inside reeved\'s sandbox: no network, no program, no file but its own', async () => {
  // The same unit, with a program that tries in reeved's place. It may run Python, and nothing else.
  await system.ok(`sed -e 's|^ExecStart=.*|ExecStart=/usr/bin/python3 /tests/probe.py|' -e '/^Exec[R]eload=/d' \
    -e 's|^Type=.*|Type=oneshot|' -e '/^Restart/d' -e '/^WatchdogSec/d' -e 's|^ExecPaths=\\S*|ExecPaths=/usr/bin/python3|' \
    -e '/^Requires=/d' /lib/systemd/system/reeved.service > /run/systemd/system/probe.service && systemctl daemon-reload &&
    systemctl start probe.service`);
  const said = await system.ok('journalctl -u probe.service -o cat --no-pager');
  assert.match(said, /^done$/m);
  assert.doesNotMatch(said, /^could/m);
  // And reeved itself.
  const pid = await show('reeved', 'MainPID');
  const status = await system.ok(`cat /proc/${pid}/status`);
  for (const line of [/^Seccomp:\s+2$/m, /^NoNewPrivs:\s+1$/m, /^CapEff:\s+0+$/m, /^CapBnd:\s+0+$/m]) assert.match(status, line);
  assert.equal(await system.ok(`nsenter -t ${pid} -n ip -o link | grep -vc ': lo:' || true`), '0');
});

test('setup asks the servers for their endpoints, keeps the secrets sealed, and says what to register', async () => {
  await system.ok('rm -f /etc/reeve/conf.d/*');
  for (const [name, secret] of Object.entries(secrets)) await system.ok(`echo '${secret}' > /var/tmp/${name}`);
  const wrong = await system.run('reeve', 'setup', 'issuer', 'corp', '--issuer', 'http://127.0.0.9:1', '--client-id', 'reeve',
    '--loopback-http', '--client-secret-file', '/var/tmp/issuer');
  assert.equal(wrong.status, 1);
  assert.match(wrong.stderr, /check the URL/);
  assert.equal(await system.ok('ls /etc/reeve/conf.d /etc/reeve/credentials | grep corp | wc -l'), '0');
  const first = await system.ok(commands('Who users are', 0, ['https://login.example.com', `${issuerUrl} --loopback-http`],
    ['file -', 'file - < /var/tmp/issuer']));
  const second = await system.ok(commands('Whose tokens are lent', 0, ['github', `files --issuer ${providerUrl} --loopback-http`],
    ['Iv1.abc', 'reeve-files'], ['read:user', 'openid --scope profile'], ['file -', 'file - < /var/tmp/provider']).replace(
    /(.*) < (\S+)(.*)/, '$1$3 < $2'));
  assert.match(second, /token endpoint: http:\/\/127\.0\.0\.3/);
  assert.match(second, /sealed to this machine/);
  assert.equal(await system.ok(`grep -rl '${secrets.provider}' /etc/reeve /etc/systemd | wc -l`), '0');
  const register = (said) => /redirect URI to register there: (\S+)/.exec(said)[1];
  await Promise.all([issuer.stop(), provider.stop()]);
  [issuer, provider] = await Promise.all([startIssuer(register(first)), startProvider(register(second))]);
  await system.ok(`cat > /etc/reeve/conf.d/triage-bot.toml <<'END'
${toml('The first agent', 0, ['github', 'files'], ['"read:user"', '"openid", "profile"'])}END`);
  assert.match(await system.ok(commands('The first agent', 0, ['github', 'files'], ['read:user', 'openid'])), /allowed/);
  const looked = await system.run('reeve', 'doctor');
  assert.equal(looked.status, 0, looked.stdout + looked.stderr);
  assert.match(looked.stdout, /ok +provider\.files: its metadata and its keys are good/);
});

// The operator finds who opened the link of another, by what was checked, and reads what it is.
async function refusedInJournal(link) {
  const mallory = await person(browser);
  await openAndSignIn(mallory.page, link, 'mallory');
  await mallory.close();
  const found = 'journalctl -u reeved -q --no-pager REEVE_EVENT=flow.refused REEVE_REASON=wrong_user';
  await system.ok(`for i in $(seq 100); do [ -n "$(${found} -o cat)" ] && exit; sleep 0.1; done; exit 1`);
  const record = JSON.parse(await system.ok(`${found} -o json -n 1`));
  assert.deepEqual([record.REEVE_WORKLOAD, record.REEVE_PROVIDER, record.REEVE_USER_SUBJECT, record.REEVE_VISITOR_SUBJECT],
    ['triage-bot', 'files', 'alice', 'mallory']);
  assert.match(await system.ok(`${found} -x`), /A step of a consent was refused/);
}

test('an agent in a unit gets alice\'s token after her consent, through restart and upgrade in mid-consent', async () => {
  const { id_token } = await userToken({ issuer: issuerUrl, client_id: app.client_id, client_secret: app.client_secret,
                                         redirect_uri: app.redirect_uris[0], login: 'alice' });
  await system.ok(`install -m 600 /dev/null /var/tmp/user-token && echo '${id_token}' > /var/tmp/user-token &&
    echo '${providerUrl}/me' > /var/tmp/api && systemd-run --quiet --unit=triage-bot -p DynamicUser=yes \
    -p LoadCredential=user-token:/var/tmp/user-token -p LoadCredential=api:/var/tmp/api /usr/bin/python3 /tests/agent.py`);
  const asked = await agentSays('url');
  await refusedInJournal(asked.url);
  const alice = await person(browser);
  await openAndSignIn(alice.page, asked.url, 'alice');
  assert.ok((await text(alice.page)).includes(asked.phrase));
  await system.ok('systemctl restart reeved reeve-bind "reeve-fetch@*"');
  await continueAs(alice.page, 'alice');
  assert.match(await heading(alice.page), /Connect alice at/i);
  const pid = await show('reeved', 'MainPID');
  await system.ok(`${apt} reinstall /packages/*.deb`);
  assert.notEqual(await show('reeved', 'MainPID'), pid, 'an upgrade restarts what runs');
  await confirm(alice.page);
  assert.equal((await agentSays('account')).account, 'alice');
  assert.match(await system.ok('reeve grants'), /alice/);
  await alice.close();
});

test('while reeved restarts nobody is refused: who connects waits, who was connected asks once more', async () => {
  // One connects anew for each call, one asks over the connection it has.
  await system.ok(`(for i in $(seq 12); do systemctl restart reeved || exit 1; done; touch /run/restarted) &
    cat > /run/asks.py <<'END'
import os, reeve
with reeve.Client() as client:
    asked = 0
    while not os.path.exists('/run/restarted'):
        client.whoami()
        asked += 1
print(asked)
END
    python3 /run/asks.py > /run/asked & asks=$!
    n=0; while [ ! -e /run/restarted ]; do reeve whoami >/dev/null 2>/run/said || { cat /run/said; exit 1; }
      n=$((n+1)); done
    wait $asks || exit; [ $n -gt 2 ] && [ $(cat /run/asked) -gt 2 ] || { echo $n; cat /run/asked; exit 1; }`);
  await system.ok('systemctl reset-failed; systemctl kill --signal=HUP triage-bot');
  assert.equal((await agentSays('account')).account, 'alice', 'its session has outlived all that');
});

test('a broken configuration is refused with its line, and the old one stays', async () => {
  const pid = await show('reeved', 'MainPID');
  await system.ok('printf "[provider.files2]\\npreset = 7\\n" > /etc/reeve/conf.d/broken.toml');
  const reload = await system.run('systemctl', 'reload', 'reeved');
  assert.notEqual(reload.status, 0);
  assert.match(await system.ok('journalctl -u reeved -o cat --no-pager -n 20'), /broken\.toml:2: \[provider\.files2\] preset/);
  assert.equal(await show('reeved', 'MainPID'), pid);
  await system.ok('systemctl kill --signal=HUP triage-bot');
  assert.equal((await agentSays('account')).account, 'alice');
  await system.ok('rm /etc/reeve/conf.d/broken.toml && systemctl reload reeved');
});

test('a reeved that hangs is killed by the watchdog, and comes back with all it had', async () => {
  await system.ok(`mkdir -p /run/systemd/system/reeved.service.d && printf '[Service]\\nWatchdogSec=1s\\n' \
    > /run/systemd/system/reeved.service.d/watchdog.conf && systemctl daemon-reload && systemctl restart reeved`);
  const pid = await show('reeved', 'MainPID');
  await system.ok(`kill -STOP ${pid}`);
  await system.ok('systemctl kill --signal=HUP triage-bot');
  assert.equal((await agentSays('account')).account, 'alice');
  assert.notEqual(await show('reeved', 'MainPID'), pid);
  assert.equal(await show('reeved', 'NRestarts'), '1');
  assert.match(await system.ok('journalctl -u reeved -o cat --no-pager'), /Watchdog timeout/);
  await system.ok('rm -r /run/systemd/system/reeved.service.d && systemctl daemon-reload && systemctl restart reeved');
});

const story = { get system() { return system; }, issuerUrl };
evidence(story);
keys(story);
mistakes(story);
guide(story);

test('the packages\' own tests pass', async () => {
  await system.ok('sh /deb-tests/daemon');
});

test('removed, it leaves the state; purged, it says what goes and leaves nothing of it', async () => {
  const removed = await system.ok(`${apt} remove reeve reeve-bind`);
  assert.match(removed, /are kept in \/var\/lib\/reeve/);
  await system.ok('test -s /var/lib/reeve/vault.db && test -e /etc/reeve/credentials/master-key.cred');
  await system.ok('! test -e /usr/sbin/reeved');
  const purged = await system.ok(`${apt} purge reeve reeve-bind`);
  assert.match(purged, /purge removes \/var\/lib\/reeve/);
  assert.equal(await system.ok('find /etc /var/lib /run /lib/systemd /usr -xdev -name "*reeve*" ! -path "*python3*" ' +
    '! -path "/var/lib/dpkg/*" ! -path "/usr/include/*" ! -path "*/libreeve*" ! -name "reeve.pc" ' +
    '! -path "/usr/share/doc/*"'), '');
});
