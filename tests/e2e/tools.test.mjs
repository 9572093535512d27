// Tools that know nothing of Reeve get their tokens by the convention they already speak: git, docker and skopeo, kubectl,
// the Kubernetes library, AWS's command line, curl. All are the distribution's own; the server is Apache, which asks the
// authorization server of every token. AWS's Security Token Service is moto, behind a check of the token.
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { launch, person } from '../support/node/browser.mjs';
import { startSts } from '../support/node/sts.mjs';
import { startApache } from './apache.mjs';
import { confirm, continueAs, heading, openAndSignIn } from './people.mjs';
import { startRegistry } from './registry.mjs';
import { ofTrixie } from './trixie.mjs';
import { World, freePort, sleep } from './world.mjs';

const HOST = '127.0.0.4';
const STS = 'https://sts.test/';
const run = promisify(execFile);
let world, browser, apache, images, sts, env, whom;

before(async () => {
  world = await World.start({
    provider: { resources: [{ uri: STS, scopes: ['openid', 'profile'], format: 'jwt' }] },
    account: 'id_token',  // a token for a resource is none for the userinfo endpoint
    providerKeys: `resources = ["${STS}"]`,
    providerClients: [{ client_id: 'resource-server', client_secret: 'resource-server-secret',
                        redirect_uris: ['http://127.0.0.1:9/none'] }],
  });
  images = await startRegistry({ directory: path.join(world.directory, 'registry'), host: HOST, port: await freePort(HOST) });
  apache = await startApache({ directory: path.join(world.directory, 'apache'), host: HOST, port: await freePort(HOST),
    introspection: `${world.providerUrl}/token/introspection`, client_id: 'resource-server',
    client_secret: 'resource-server-secret', registry: images.url });
  sts = await startSts({ host: '127.0.0.5', issuer: world.providerUrl, audience: STS });
  const bin = path.join(world.directory, 'tools');
  const reeve = path.join(process.env.REEVE_BUILD, 'libclient/cli/reeve');
  fs.mkdirSync(bin);
  for (const name of ['reeve', 'git-credential-reeve', 'docker-credential-reeve']) fs.symlinkSync(reeve, path.join(bin, name));
  const home = path.join(world.directory, 'home');
  fs.mkdirSync(home);
  env = { PATH: `${bin}:${process.env.PATH}`, HOME: home, REEVE_SOCKET: world.agentSocket, GIT_TERMINAL_PROMPT: '0',
          LC_ALL: 'C', ...(process.env.ASAN_OPTIONS && { ASAN_OPTIONS: process.env.ASAN_OPTIONS }) };
  whom = ['--as-user', world.issuerUrl, 'alice'];
  browser = await launch();
  await consent('reeve', ['token', 'files', '--wait', ...whom]);
});
after(async () => {
  await browser?.close();
  await sts?.stop();
  await apache?.stop();
  await images?.stop();
  await world?.stop();
});

// A command that needs alice's consent first: she gives it by the link on its standard error.
async function consent(program, args) {
  const child = spawn(program, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = new Promise((resolve) => child.on('close', resolve));
  let out = '';
  child.stdout.on('data', (chunk) => { out += chunk; });
  for await (const line of createInterface({ input: child.stderr })) {
    const link = /^Open (\S+)$/.exec(line)?.[1];
    if (!link) continue;
    const alice = await person(browser);
    await openAndSignIn(alice.page, link, 'alice');
    await continueAs(alice.page, 'alice');
    // An account that is connected already is not asked about again.
    if ((await heading(alice.page)).includes('?')) await confirm(alice.page);
    await alice.close();
  }
  assert.equal(await ended, 0);
  return out.trim();
}

const token = async () => (await run('reeve', ['token', 'files', ...whom], { env })).stdout.trim();
// Apache writes its line when the answer is out, which may be after the client has ended.
async function assertServed(what, status = 200) {
  const line = (text) => text.startsWith(`${status} alice ${what}`);
  for (let i = 0; i < 200 && !apache.log().split('\n').some(line); ++i) await sleep(50);
  assert.ok(apache.log().split('\n').some(line), apache.log());
}

const git = (...args) => run('git', ['-c', `http.sslCAInfo=${apache.certificate}`, '-c', 'credential.helper=', '-c',
  `credential.helper=reeve --as-user ${world.issuerUrl} alice`, ...args], { env });
const mapped = () => ['-c', `credential.${apache.url}.reeveProvider=files`];

test('git clones and pushes over HTTPS from a server that checks the token', async () => {
  const place = path.join(world.directory, 'clone');
  await git(...mapped(), 'clone', '-q', `${apache.url}/git/tool.git`, place);
  assert.match(fs.readFileSync(path.join(place, 'README'), 'utf8'), /hello from the repository/);
  await assertServed('POST /git/tool.git/git-upload-pack');
  await git('-C', place, '-c', 'user.name=a', '-c', 'user.email=a@example.com', 'commit', '-q', '--allow-empty', '-m', 'second');
  await git('-C', place, ...mapped(), 'push', '-q', 'origin', 'main');
  await assertServed('POST /git/tool.git/git-receive-pack');
  const config = fs.readFileSync(path.join(place, '.git/config'), 'utf8');
  assert.ok(!config.includes(await token()), 'the token is nowhere in the clone');
});

test('git gets nothing for a host that is not mapped, whatever was configured for all', async () => {
  const settings = ['credential.reeveProvider=files', 'credential.https://other.example.reeveProvider=files'];
  for (const more of [[], ...settings.map((setting) => ['-c', setting])]) {
    const failed = await git(...more, 'ls-remote', `${apache.url}/git/tool.git`).then(() => null, (error) => error);
    assert.match(failed?.stderr ?? '', /could not read Username/);
  }
});

test('git is refused once with a token that the server has forgotten, and then has another', async () => {
  const before_it = await token();
  await world.provider.drop(before_it);
  const refused = await git(...mapped(), 'ls-remote', `${apache.url}/git/tool.git`).then(() => null, (error) => error);
  assert.match(refused?.stderr ?? '', /Authentication failed/);
  assert.ok(!refused.stderr.includes(before_it));
  const { stdout } = await git(...mapped(), 'ls-remote', `${apache.url}/git/tool.git`);
  assert.match(stdout, /refs\/heads\/main/);
  assert.notEqual(await token(), before_it, 'ReportInvalid had it refreshed');
});

// The helper's own options come from the environment: these clients tell it a registry and no more.
async function registryClient() {
  const directory = path.join(world.directory, 'docker');
  const at = (name) => path.join(directory, name);
  const host = apache.url.replace('https://', '');
  const map = (line) => fs.writeFileSync(at('registries'), `${line}\n`, { mode: 0o600 });
  if (!fs.existsSync(directory)) {
    fs.mkdirSync(at('certificates'), { recursive: true });
    fs.copyFileSync(apache.certificate, at('certificates/ca.crt'));
    fs.writeFileSync(at('config.json'), JSON.stringify({ credHelpers: { [host]: 'reeve' } }));
    fs.writeFileSync(at('jwt'), (await world.userToken('alice')).id_token, { mode: 0o600 });
  }
  map(`${host} files`);
  return { at, map, image: `${host}/team/tool`,
           more: { ...env, REEVE_DOCKER_REGISTRIES: at('registries'), REEVE_USER_TOKEN_FILE: at('jwt') } };
}

test('docker asks docker-credential-reeve, and reads from a registry that checks the token', async () => {
  const { at, map, image, more } = await registryClient();
  const [program, ...rest] = ofTrixie('usr/bin/docker');
  // By the client itself: no engine is there.
  const docker = (...words) => run(program, [...rest, '--config', at('.'), ...words], { env: more });
  const manifest = JSON.parse((await docker('manifest', 'inspect', `${image}:latest`)).stdout);
  assert.equal(manifest.config.mediaType, 'application/vnd.oci.image.config.v1+json');
  await assertServed('GET /v2/team/tool/manifests/latest');
  assert.ok(!fs.readFileSync(at('config.json'), 'utf8').includes(await token()), 'docker keeps no token');
  map('other.example files');
  await assert.rejects(docker('manifest', 'inspect', `${image}:latest`), /unauthorized|no basic auth/i);
});

test('skopeo pushes and reads by the same helper', async () => {
  const { at, map, image, more } = await registryClient();
  const skopeo = (...words) => run('skopeo', words, { env: more });
  const auth = ['--authfile', at('config.json')];
  await skopeo('copy', '-q', ...auth, '--dest-cert-dir', at('certificates'), `oci:${images.image}`, `docker://${image}:second`);
  await assertServed('PUT /v2/team/tool/manifests/second', 201);
  const inspect = () => skopeo('inspect', ...auth, '--cert-dir', at('certificates'), `docker://${image}:second`);
  assert.equal(JSON.parse((await inspect()).stdout).Architecture, 'amd64');
  map('other.example files');
  await assert.rejects(inspect(), /unauthorized|authentication required|401/i);
});

// As kubectl of any version reads it: before 1.22 there was no v1.
async function kubeconfig(version, more = {}) {
  const server = more.server === undefined ? ['--server', apache.url] : more.server && ['--server', more.server];
  const exec = { apiVersion: `client.authentication.k8s.io/${version}`, command: 'reeve', provideClusterInfo: true,
                 args: ['kubectl-credential', 'files', ...(server || []), ...whom],
                 ...(version === 'v1' && { interactiveMode: 'Never' }) };
  const file = path.join(world.directory, `kubeconfig-${version}`);
  fs.writeFileSync(file, JSON.stringify({ apiVersion: 'v1', kind: 'Config', 'current-context': 'c',
    clusters: [{ name: 'c', cluster: { server: apache.url, 'certificate-authority': apache.certificate } }],
    contexts: [{ name: 'c', context: { cluster: 'c', user: 'u' } }], users: [{ name: 'u', user: { exec } }] }), { mode: 0o600 });
  return file;
}

test('kubectl has its token from reeve kubectl-credential, and for the named cluster only', async () => {
  const said = JSON.parse((await run('kubectl', ['version', '--client', '-o', 'json'], { env })).stdout);
  const version = parseInt(said.clientVersion.minor, 10) < 22 ? 'v1beta1' : 'v1';
  const get = async (more) => run('kubectl', ['--kubeconfig', await kubeconfig(version, more), 'get', '--raw', '/api/hello'],
    { env });
  assert.match((await get({})).stdout, /hello from the API/);
  await assertServed('GET /api/hello');
  await assert.rejects(get({ server: 'https://other.example' }), /not for the cluster|exit code 4/);
});

// This library does not say which cluster it is for.
test('the Kubernetes library for Python reads the same ExecCredential', async () => {
  const program = `
import sys
from kubernetes import client, config
config.load_kube_config(sys.argv[1])
api = client.ApiClient()
answer = api.call_api('/api/hello', 'GET', auth_settings=['BearerToken'], _preload_content=False)
print(answer[0].data.decode())
`;
  const { stdout } = await run('/usr/bin/python3', ['-c', program, await kubeconfig('v1beta1', { server: null })], { env });
  assert.match(stdout, /hello from the API/);
});

test('curl takes a header, a program its environment or a file', async () => {
  const url = `${apache.url}/api/hello`;
  const { stdout: header } = await run('reeve', ['header', 'files', ...whom], { env });
  const curl = ['curl', '-sS', '--cacert', apache.certificate];
  const [program, ...rest] = curl;
  assert.match((await run(program, [...rest, '-H', header.trim(), url], { env })).stdout, /hello from the API/);
  const script = `curl -sS --cacert ${apache.certificate} -H "Authorization: Bearer $ACCESS_TOKEN" ${url}`;
  assert.match((await run('reeve', ['exec', '--provider', 'files', ...whom, '--', 'sh', '-c', script], { env })).stdout, /hello/);
  const file = `printf 'Authorization: Bearer ' | cat - "$1" | curl -sS --cacert ${apache.certificate} -H @- ${url}`;
  const { stdout } = await run('reeve', ['exec', '--provider', 'files', '--file', ...whom, '--', 'sh', '-c', file, 'sh', '{}'],
    { env });
  assert.match(stdout, /hello from the API/);
});

// The last one: the consent for a resource replaces the grant.
test('the AWS command line gets a role for the user\'s token', async () => {
  const role = 'arn:aws:iam::123456789012:role/reader';
  const resource = ['--resource', STS];
  // A token that is made out to another audience gets no role, and is not quoted.
  const wrong = await run('reeve', ['aws-credential-process', 'files', '--role-arn', role, '--sts-url', sts.url, ...whom], { env })
    .then(() => null, (error) => error);
  assert.match(wrong?.stderr ?? '', /InvalidIdentityToken/);
  assert.ok(!wrong.stderr.includes(await token()));
  await consent('reeve', ['token', 'files', '--wait', ...resource, ...whom]);
  const config = path.join(world.directory, 'aws-config');
  const command = ['reeve', 'aws-credential-process', 'files', ...resource, '--role-arn', role, '--sts-url', sts.url, ...whom];
  fs.writeFileSync(config, `[default]\nregion = us-east-1\ncredential_process = ${command.join(' ')}\n`);
  const aws = (...args) => run('/usr/bin/aws', args,
    { env: { ...env, AWS_CONFIG_FILE: config, AWS_EC2_METADATA_DISABLED: 'true' } });
  const { stdout } = await aws('sts', 'get-caller-identity', '--endpoint-url', sts.url, '--output', 'json');
  assert.equal(JSON.parse(stdout).Arn, 'arn:aws:sts::123456789012:assumed-role/reader/reeve-alice');
  assert.deepEqual(sts.lent[0], { subject: 'alice', role, session: 'reeve-alice' });
});
