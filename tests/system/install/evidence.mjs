// Who is asking, where systemd is the real one: agents that run as units, instances, in slices, as users that exist for the
// unit's life, and in Podman's containers. A chapter of install.test.mjs, which installs it all first.
import assert from 'node:assert/strict';
import { test } from 'node:test';

const rule = (name, match) => `[workload.${name}]\nmatch = { ${match} }\nassert = ["corp"]\n`
  + 'allow = [ { provider = "files", scopes = ["openid"] } ]\n';
const rules = rule('plain', 'unit = "plain.service"') + rule('worker', 'unit = ["worker@*.service", "job@*.service"]')
  + rule('dynamic', 'unit = "dynamic.service"')
  + rule('night', 'unit = "worker@night.service"') + rule('sliced', 'slice = "agents.slice"')
  + rule('passing', 'unit = "passing.service", uid = "reeve-fetch"')
  + rule('team', 'container = "podman:*", label.team = "agents", image = "localhost/agent:*"')
  + rule('any-root', 'uid = "root", gid = "root"');

export function evidence(story) {
  const ok = (line) => story.system.ok(line);
  // Runs the unit to its end; what it printed.
  async function ran(unit) {
    await ok(`systemctl start ${unit}`);
    return JSON.parse(await ok(`cat /run/${unit}.said`));
  }
  const transient = async (unit, ...options) => JSON.parse(
    await ok(`systemd-run -q --wait --pipe --collect --unit=${unit} ${options.join(' ')} reeve whoami --json`));

  test('systemd: a unit, an instance and a slice are what the rules say, and their like are not', async () => {
    await ok(`cat > /etc/reeve/conf.d/evidence.toml <<'END'
${rules}END
for name in plain plain2 worker@ xworker@; do
  printf '[Service]\\nType=oneshot\\nUser=nobody\\nExecStart=/usr/bin/reeve whoami --json\\n%s\\n' \
    StandardOutput=truncate:/run/%n.said > /run/systemd/system/$name.service
done
systemctl daemon-reload; systemctl reload reeved`);
    const plain = await ran('plain.service');
    assert.equal(plain.workload, 'plain');
    assert.equal(plain.evidence.unit, 'plain.service');
    assert.equal(plain.evidence.slice, 'system.slice');
    assert.equal(plain.evidence.cgroup, '/system.slice/plain.service');
    assert.equal(plain.evidence.uid, await ok('id -u nobody'));
    assert.equal((await ran('plain2.service')).workload, undefined);
    const one = await ran('worker@one.service');
    assert.deepEqual([one.workload, one.evidence.unit], ['worker', 'worker@one.service']);
    assert.match(one.evidence.slice, /^system\.slice.*system-worker\.slice/);
    assert.equal((await ran('worker@night.service')).workload, 'night', 'the exact name before the pattern');
    assert.equal((await ran('xworker@one.service')).workload, undefined);
    const near = await transient('any', '--slice=agents.slice', '-p', 'User=nobody');
    assert.equal(near.workload, 'sliced');
    const below = await transient('any', '--slice=agents-far-below.slice', '-p', 'User=nobody');
    assert.equal(below.workload, 'sliced', `a slice below it: ${JSON.stringify(below.evidence)}`);
    assert.equal((await transient('any', '--slice=agents2.slice', '-p', 'User=nobody')).workload, undefined);
  });

  test('systemd: a user that lives as long as its unit is known by the unit, and its number alone says nothing', async () => {
    const said = await transient('passing', '-p', 'DynamicUser=yes');
    assert.equal(said.workload, undefined, 'the rule wants another user in this unit');
    assert.ok(Number(said.evidence.uid) >= 61184 && Number(said.evidence.uid) <= 65519, said.evidence.uid);
    assert.equal((await transient('dynamic', '-p', 'DynamicUser=yes')).workload, 'dynamic', 'a rule of the unit alone');
    // As an operator sees the running one.
    await ok('systemd-run -q --unit=job@dynamic -p DynamicUser=yes sleep infinity');
    const explained = await ok('reeve explain --pid $(systemctl show -P MainPID job@dynamic) --user corp --provider files');
    assert.match(explained, /allowed/);
    assert.match(explained, /worker/);
    assert.match(explained, /unit/, 'the near misses are told');
    await ok('systemctl stop job@dynamic');
  });

  test('systemd: W3 a group that a unit makes for itself names no other unit', async () => {
    const said = JSON.parse(await ok(`systemd-run -q --wait --pipe --collect --unit=forger -p User=nobody -p Delegate=yes bash -c '
      own=/sys/fs/cgroup/system.slice/forger.service/plain.service; mkdir $own && echo 0 > $own/cgroup.procs || exit 1
      exec reeve whoami --json'`));
    assert.equal(said.workload, undefined, JSON.stringify(said));
    assert.equal(said.evidence.unit, 'forger.service');
  });

  test('systemd: W5 what one instance opened, the other cannot use, nor the same one started again', async () => {
    const user = `{"issuer":"${story.issuerUrl}","subject":"alice"}`;
    const session = async (unit) => JSON.parse(await ok(`systemd-run -q --wait --pipe --collect --unit=${unit} python3 \
      /tests/calls.py OpenSession '{"as":"asserted","user":${user}}'`)).parameters.session;
    const use = async (unit, handle) => JSON.parse(await ok(`systemd-run -q --wait --pipe --collect --unit=${unit} python3 \
      /tests/calls.py GetToken '{"session":"${handle}","provider":"files"}'`)).error;
    const handle = await session('job@one');
    assert.equal(await use('job@two', handle), 'io.reeve.Agent.SessionInvalid');
    assert.equal(await use('job@one', handle), 'io.reeve.Agent.SessionInvalid', 'its group is another one');
    const both = (await ok(`systemd-run -q --wait --pipe --collect --unit=job@one bash -c '
      handle=$(python3 /tests/calls.py OpenSession "$1" | sed "s/.*\\"session\\":\\"\\([^\\"]*\\).*/\\1/")
      python3 /tests/calls.py GetToken "{\\"session\\":\\"$handle\\",\\"provider\\":\\"files\\"}"' x \
      '{"as":"asserted","user":${user}}'`));
    assert.match(both, /ConsentRequired/, 'within the unit another process may');
  });

  test('reeve-attest: doctor and status say where it is missing, and how it comes', async () => {
    await ok(`printf '[daemon]\\nattest = true\\n' > /etc/reeve/conf.d/attest.toml && systemctl reload reeved`);
    assert.match(await ok('reeve status'),
      /reeve-attest: .*attest\.sock is not there: systemctl enable --now reeve-attest\.socket/);
    const looked = await story.system.run('reeve', 'doctor');
    assert.equal(looked.status, 1);
    assert.match(looked.stdout, /FAILED +reeve-attest: .*\n +systemctl enable --now reeve-attest\.socket/);
    await ok('systemctl enable --now reeve-attest.socket');
    assert.equal(await ok('stat -c "%U %a" /run/reeve/attest.sock'), 'reeve 600');
    assert.match((await story.system.run('reeve', 'doctor')).stdout, /ok +reeve-attest: it answers/);
    assert.doesNotMatch(await ok('reeve status'), /reeve-attest/);
    const pid = await ok('systemctl show -P MainPID reeve-attest');
    const status = await ok(`cat /proc/${pid}/status`);
    // CAP_DAC_READ_SEARCH (2) and CAP_SYS_PTRACE (19).
    for (const line of ['Seccomp:\\s+2', 'NoNewPrivs:\\s+1', 'CapEff:\\s+0000000000080004', 'CapBnd:\\s+0000000000080004']) {
      assert.match(status, new RegExp(`^${line}$`, 'm'));
    }
    assert.equal(await ok(`nsenter -t ${pid} -n ip -o link | grep -vc ': lo:' || true`), '0');
  });

  test('Podman: a container is what its engine says, and its like is not', async () => {
    // In the harness's container no group counts processes, and no limit may be raised.
    await ok(`mkdir -p /etc/containers && printf '[containers]\\npids_limit = 0\\n[engine]\\nruntime = "runc"\\n' \
      > /etc/containers/containers.conf
systemctl start podman.socket; mkdir -p /var/tmp/image/run/reeve/agent /var/tmp/image/tests /var/tmp/image/tmp /var/tmp/image/usr
for name in bin lib lib64; do ln -sfn usr/$name /var/tmp/image/$name; done
tar -C /var/tmp/image -c . | podman import - localhost/agent:1`);
    const run = 'podman run --rm --network=none -v /usr:/usr:ro -v /tests:/tests:ro -v /run/reeve/agent:/run/reeve/agent';
    const inside = async (...options) => JSON.parse(await ok(`${run} ${options.join(' ')} localhost/agent:1 reeve whoami --json`));
    const said = await inside('--label team=agents', '--name one');
    assert.equal(said.workload, 'team', JSON.stringify(said));
    assert.match(said.evidence.container, /^podman:[0-9a-f]{64}$/);
    assert.deepEqual([said.evidence.image, said.evidence['label.team'], said.evidence.container_name],
      ['localhost/agent:1', 'agents', 'one']);
    assert.ok(said.evidence.image_digest.split(',').includes(
      await ok("podman image inspect --format '{{.Id}}' localhost/agent:1 | sed 's/^/sha256:/'")));
    assert.equal((await inside('--label team=others')).workload, undefined);
    assert.equal((await inside('--env container_label_team=agents')).workload, undefined);
    // Root on this host is another than root in there.
    assert.equal((await transient('outside')).workload, 'any-root');
    await ok(`systemd-run -q --unit=box podman run --rm --name two --label team=agents --network=none -v /usr:/usr:ro \
      localhost/agent:1 sleep infinity
      for i in $(seq 200); do
        [ "$(podman inspect --format '{{.State.Running}}' two 2>/dev/null)" = true ] && exit; sleep 0.1
      done; exit 1`);
    const explained = await ok("reeve explain --pid $(podman inspect --format '{{.State.Pid}}' two) --user corp --provider files");
    assert.match(explained, /allowed/);
    assert.match(explained, /any-root/, 'a near miss, and why');
    await ok('podman kill two');
  });

  test('reeve-attest: gone, its evidence is absent, everything else works; it comes back by itself', async () => {
    await ok('systemctl stop reeve-attest.socket reeve-attest.service');
    assert.equal((await ran('plain.service')).workload, 'plain');
    const run = 'podman run --rm --network=none -v /usr:/usr:ro -v /run/reeve/agent:/run/reeve/agent --label team=agents';
    const said = JSON.parse(await ok(`${run} localhost/agent:1 reeve whoami --json`));
    assert.deepEqual([said.workload, said.evidence['label.team']], [undefined, undefined]);
    assert.match(await ok('reeve status'), /reeve-attest: .*systemctl enable --now reeve-attest\.socket/);
    await ok('systemctl start reeve-attest.socket && reeve doctor >/dev/null; systemctl kill --signal=KILL reeve-attest');
    await ok(`for i in $(seq 200); do reeve doctor | grep -q "ok  *reeve-attest" && exit; sleep 0.1; done; exit 1`);
    await ok(`rm /etc/reeve/conf.d/evidence.toml /etc/reeve/conf.d/attest.toml && systemctl reload reeved &&
      systemctl disable --now reeve-attest.socket reeve-attest.service`);
  });
}
