// Varlink clients that know nothing of Reeve, unchanged: varlinkctl of Debian 13 in its own root, and the library for
// Python, both on the socket that agents use.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { trixie as root } from './trixie.mjs';
import { World } from './world.mjs';

const run = promisify(execFile);
const top = path.resolve(import.meta.dirname, '../..');
let world;
before(async () => {
  world = await World.start();
});
after(() => world?.stop());

// In a mount namespace of its own, so that nothing is left of it in the root. varlinkctl looks at /proc.
async function varlinkctl(...args) {
  const script = `mount --bind "$1" "$2/run"; mount --rbind /proc "$2/proc"
root=$2; shift 2; exec chroot "$root" varlinkctl "$@"`;
  const { stdout } = await run('unshare', ['-m', 'sh', '-ec', script, 'sh', path.join(world.directory, 'run'), root, ...args]);
  return stdout;
}
const SOCKET = '/run/agent/agent.sock';

test('varlinkctl of Debian 13 lists, describes and introspects', async () => {
  assert.match(await varlinkctl('info', SOCKET), /Product: .*Reeve/i);
  assert.match(await varlinkctl('list-interfaces', SOCKET), /^io\.reeve\.Agent$/m);
  const text = await varlinkctl('introspect', SOCKET, 'io.reeve.Agent');
  for (const part of ['method GetToken', 'error ConsentRequired', 'type Token']) assert.ok(text.includes(part), part);
});

test('varlinkctl calls, is told errors, and reads a stream', async () => {
  const json = async (...args) => JSON.parse(await varlinkctl('-j', 'call', ...args));
  assert.equal((await json(SOCKET, 'io.reeve.Agent.WhoAmI', '{}')).workload, 'agent');
  const user = { issuer: world.issuerUrl, subject: 'alice' };
  const opened = await json(SOCKET, 'io.reeve.Agent.OpenSession', JSON.stringify({ as: 'asserted', user }));
  assert.equal(opened.user.subject, 'alice');
  // Sessions belong to the process that opened them where there is no unit and no container; here each call is one.
  const foreign = varlinkctl('call', SOCKET, 'io.reeve.Agent.GetToken', JSON.stringify({ session: 'x', provider: 'files' }));
  await assert.rejects(foreign, /io\.reeve\.Agent\.SessionInvalid/);
  await assert.rejects(varlinkctl('call', SOCKET, 'io.reeve.Agent.WhoAmI', '{"a":1}'), /InvalidParameter/);
  const admin = '/run/admin.sock';
  const list = await varlinkctl('-j', '--more', 'call', admin, 'io.reeve.Admin.Sessions', '{}');
  assert.match(list, /"subject"\s*:\s*"alice"/);
});

test('the Varlink library for Python calls by the interface it has read', async () => {
  const program = `
import json, sys, varlink
with varlink.Client(address='unix:' + sys.argv[1]) as client, client.open('io.reeve.Agent') as agent:
    said = {'workload': agent.WhoAmI()['workload']}
    opened = agent.OpenSession('asserted', None, {'issuer': sys.argv[2], 'subject': 'alice'}, None)
    try:
        agent.GetToken(opened['session'], 'files')
    except varlink.VarlinkError as error:
        said['error'] = error.error()
        said['url'] = error.parameters()['url']
        waiting = agent.AwaitConsent(opened['session'], error.parameters()['request'], _more=True)
        said['status'] = next(waiting)['status']
    print(json.dumps(said))
`;
  const python = path.join(top, 'tests/support/python/venv/bin/python');
  const { stdout } = await run(python, ['-c', program, world.agentSocket, world.issuerUrl]);
  const said = JSON.parse(stdout);
  assert.equal(said.workload, 'agent');
  assert.equal(said.error, 'io.reeve.Agent.ConsentRequired');
  assert.match(said.url, /\/connect\//);
  assert.equal(said.status, 'pending');
});
