// The vault's master key as systemd keeps it: sealed to the machine's own key or to its TPM, and what is said where it does
// not open. A chapter of install.test.mjs.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { commands } from './guide.mjs';

const key = '/etc/reeve/credentials/master-key.cred';

export function keys(story) {
  const ok = (line) => story.system.ok(line);
  const journal = () => ok('journalctl --sync; journalctl -u reeved -o cat --no-pager -n 40');
  const works = async () => assert.match(await ok(`systemctl reset-failed; systemctl restart reeved.socket reeved-bind.socket \
    reeved-admin.socket reeved && reeve grants`), /alice/);
  const fails = async () => assert.notEqual((await story.system.run('systemctl', 'restart', 'reeved')).status, 0);
  const doctor = async () => (await story.system.run('reeve', 'doctor')).stdout;

  test('keys: sealed to this host, a copied disk does not open it; doctor says so before anybody asks', async () => {
    await ok(`cp -a ${key} /var/tmp/good.cred && cp -a /var/lib/systemd/credential.secret /var/tmp/host.secret`);
    assert.equal(await ok(`systemd-creds decrypt --name=master-key ${key} - | wc -c`), '64');
    // Another host: another secret of systemd's own.
    await ok('rm /var/lib/systemd/credential.secret && systemd-creds setup');
    const said = await doctor();
    assert.match(said, /FAILED +\/etc\/reeve\/credentials\/master-key\.cred: this machine does not open it: /);
    assert.ok(said.includes(` systemd-creds encrypt --name=master-key - ${key}; systemctl restart reeved`), said);
    await fails();
    await ok('cp -a /var/tmp/host.secret /var/lib/systemd/credential.secret');
    await works();
  });

  test('keys: another key than the vault\'s is refused, with what to do, and nothing is harmed', async () => {
    await ok(`openssl rand -hex 32 | tr -d '\\n' | systemd-creds encrypt --name=master-key - ${key}`);
    await fails();
    assert.match(await journal(), /sealed with another master key: start reeved with the key it was made with/);
    await ok(`cp -a /var/tmp/good.cred ${key}`);
    await works();
  });

  test('keys: a key that no unit loads is told, and `reeve setup key` has it loaded again', async () => {
    await ok('rm /etc/systemd/system/reeved.service.d/reeve-master-key.conf && systemctl daemon-reload');
    await fails();
    assert.match(await journal(), /master-key: .*reeve setup key/);
    assert.match(await ok('reeve setup key'), /is there already; now reeved\.service loads it/);
    await works();
    assert.equal((await story.system.run('reeve', 'setup', 'key')).status, 1, 'and no second one is made');
  });

  test('keys: sealed to the TPM by the guide\'s own command, it opens there and in no other', async () => {
    // A TPM of software; in a container systemd-creds takes it where it is told to only.
    await ok(commands('Backup', 3, ['systemd-creds', 'SYSTEMD_TPM2_DEVICE=swtpm:path=/run/tpm/s systemd-creds']));
    await works();
    await ok('mv /run/tpm/s /run/tpm/gone');
    await fails();
    await ok(`mv /run/tpm/gone /run/tpm/s; cp -a /var/tmp/good.cred ${key}`);
    await works();
  });
}
