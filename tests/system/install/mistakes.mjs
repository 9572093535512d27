// What an operator can get wrong: each is refused with one message that names the file and the command that repairs it, and
// that command repairs it. A chapter of install.test.mjs.
import assert from 'node:assert/strict';
import { test } from 'node:test';

export function mistakes(story) {
  const ok = (line) => story.system.ok(line);
  const doctor = async (status) => {
    const looked = await story.system.run('reeve', 'doctor');
    assert.equal(looked.status, status, looked.stdout + looked.stderr);
    return looked.stdout;
  };
  // The command below a finding: what doctor says is to be done.
  const advice = (said, part) => {
    const found = new RegExp(`^FAILED +${part}.*\\n +(.*)$`, 'm').exec(said);
    assert.ok(found, said);
    return found[1];
  };

  test('mistakes: a directory or a secret that others may use', async () => {
    await ok('chmod 0777 /run/reeve/agent; chmod 0644 /etc/reeve/credentials/*.cred; chown reeve /etc/reeve/credentials');
    const said = await doctor(1);
    assert.match((await story.system.run('reeve', 'whoami')).stderr, /chmod go-w/);
    for (const part of ['/run/reeve/agent: ', '/etc/reeve/credentials: ', '/etc/reeve/credentials/master-key.cred: ',
      '/etc/reeve/credentials/corp-client-issuer.cred: ', '/etc/reeve/credentials/files-client-provider.cred: ']) {
      await ok(advice(said, part));
    }
    await doctor(0);
  });

  test('mistakes: another program has the port', async () => {
    await ok(`systemctl stop reeve-bind.socket reeve-bind && systemd-run -q --unit=squatter python3 -m http.server -b 127.0.0.1 8420
      for i in $(seq 200); do curl -so /dev/null http://127.0.0.1:8420/ && exit; sleep 0.1; done; exit 1`);
    assert.notEqual((await story.system.run('systemctl', 'start', 'reeve-bind.socket')).status, 0);
    const said = await doctor(1);
    assert.match(said, /FAILED +reeve-bind\.socket: it does not listen/);
    assert.match(advice(said, 'reeve-bind.socket'), /^ss -ltnp/);
    assert.match(await ok(advice(said, 'reeve-bind.socket').split(' says')[0]), /127\.0\.0\.1:8420.*python/);
    await ok('systemctl stop squatter; systemctl reset-failed; systemctl start reeve-bind.socket');
    await doctor(0);
  });

  test('mistakes: the users of the package are gone', async () => {
    await ok('cp -a /etc/passwd /var/tmp/passwd && sed -i /^reeve-fetch:/d /etc/passwd');
    const said = await doctor(1);
    assert.match(said, /FAILED +configuration: .*reeve-fetch/);
    await ok(advice(said, 'configuration').split(' makes')[0]);
    await ok('getent passwd reeve-fetch && cp -a /var/tmp/passwd /etc/passwd');
    await doctor(0);
  });

  test('by hand, outside of every unit, reeved serves under its own system call filter', async () => {
    await ok(`mkdir -p /run/hand/agent && install -d -m 700 /run/hand/state && openssl rand -hex 32 > /run/hand/key &&
      chmod 600 /run/hand/key &&
      printf '%s\\n' '[daemon]' 'runtime_directory = "/run/hand"' 'state_directory = "/run/hand/state"' '[vault]' \
      'master_key = { file = "/run/hand/key" }' '[binding.main]' 'url = "http://127.0.0.1:8499"' > /run/hand/reeve.toml &&
      systemd-run -q --unit=hand systemd-socket-activate -l /run/hand/agent/agent.sock \
      -l /run/hand/bind.sock -l /run/hand/admin.sock --fdname=agent:bind:admin /usr/sbin/reeved --config /run/hand/reeve.toml \
      --same-user
      for i in $(seq 100); do [ -S /run/hand/admin.sock ] && break; sleep 0.1; done`);
    const said = await story.system.run('reeve', '--admin-socket', '/run/hand/admin.sock', 'status');
    assert.equal(said.status, 0, said.stderr + await ok('journalctl --sync; journalctl -u hand -o cat --no-pager -n 20'));
    await ok('systemctl stop hand; rm -r /run/hand');
  });
}
