// reeve-bind behind nginx and behind Apache, by the configurations of docs/examples/proxy, and with a certificate of its
// own: real browsers walk through a consent over TLS; who asks is known by what the proxy says and by nothing a client
// says (RFC 9700 section 4.13).
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import https from 'node:https';
import net from 'node:net';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { launch, person } from '../support/node/browser.mjs';
import { confirm, continueAs, heading, openAndSignIn } from './people.mjs';
import { ofTrixie } from './trixie.mjs';
import { World, freePort, refusal, sleep } from './world.mjs';

const root = path.resolve(import.meta.dirname, '../..');
const HOST = 'agents.localhost';

let browser, directory;
const at = (name) => path.join(directory, name);
before(async () => {
  directory = fs.mkdtempSync('/tmp/reeve-proxy.');
  fs.chmodSync(directory, 0o755);
  execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2',
    '-subj', '/CN=test', '-addext', `subjectAltName=DNS:${HOST}`, '-keyout', at('key.pem'), '-out', at('fullchain.pem')],
  { stdio: 'pipe' });
  fs.chmodSync(at('key.pem'), 0o644);  // of a test: reeve-bind's user reads it
  browser = await launch();
});
after(async () => {
  await browser?.close();
  fs.rmSync(directory, { recursive: true });
});

// The example as it stands, but for its port, its files and where reeve-bind is.
function example(name, { port, behind }) {
  let text = fs.readFileSync(path.join(root, 'docs/examples/proxy', name), 'utf8');
  for (const [from, to] of [[/\b443\b/, port], ['agents.example.com;', `${HOST};`],
                            ['ServerName agents.example.com', `ServerName ${HOST}`], ['/etc/ssl/reeve', directory],
                            [/\/var\/log\/(nginx|apache2)/, directory], ['127.0.0.1:8420', behind]]) {
    text = text.replaceAll(from instanceof RegExp ? new RegExp(from, 'g') : from, to);
  }
  fs.writeFileSync(at(name), text);
  return at(name);
}

const PROXIES = {
  nginx(options) {
    fs.writeFileSync(at('main.conf'), `daemon off; master_process off; pid ${at('nginx.pid')}; error_log ${at('start.log')};
events {}
http {
${['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((one) => `${one}_temp_path ${at(one)};`).join('\n')}
include ${example('nginx.conf', options)};
}
`);
    return [...ofTrixie('usr/sbin/nginx'), '-p', directory, '-c', at('main.conf'), '-e', at('start.log')];
  },
  apache(options) {
    fs.writeFileSync(at('main.conf'), `ServerRoot "${directory}"
PidFile "${at('apache.pid')}"
DefaultRuntimeDir "${directory}"
ErrorLog "${at('start.log')}"
Listen ${options.port}
User #64112
Group #64112
${['mpm_event', 'authz_core', 'ssl', 'proxy', 'proxy_http']
    .map((name) => `LoadModule ${name}_module /usr/lib/apache2/modules/mod_${name}.so`).join('\n')}
Include "${example('apache.conf', options)}"
`);
    return ['/usr/sbin/apache2', '-f', at('main.conf'), '-DFOREGROUND'];
  },
};

async function until(what, probe) {
  for (let i = 0; i < 1500; ++i) {
    if (await probe()) return;
    await sleep(20);
  }
  throw new Error(`never: ${what}`);
}

const answers = (port) => new Promise((resolve) => {
  const socket = net.connect(port, '127.0.0.1', () => resolve(true)).on('error', () => resolve(false));
  socket.on('connect', () => socket.destroy());
});

// What reeve-bind answers to a request over TLS that says whatever it likes.
function request(port, { method = 'GET', target = '/healthz', headers = {} } = {}) {
  return new Promise((resolve, reject) => {
    const asked = https.request({ host: '127.0.0.1', port, servername: HOST, ca: fs.readFileSync(at('fullchain.pem')), method,
      path: target, headers: { host: `${HOST}:${port}`, ...headers } }, (answer) => {
      let body = '';
      answer.on('data', (chunk) => { body += chunk; });
      answer.on('end', () => resolve({ status: answer.statusCode, headers: answer.headers, body }));
    });
    asked.on('error', reject).end();
  });
}

// A consent in a browser, from the agent's question to its token; no cookie may travel without TLS.
async function consent(world, origin) {
  const agent = await world.agent();
  const session = await world.session(agent, 'alice');
  const asked = await refusal(agent.call('io.reeve.Agent.GetToken', { session, provider: 'files' }));
  assert.ok(asked.parameters.url.startsWith(`${origin}/connect/`), asked.parameters.url);
  const { page, context, console_errors, close } = await person(browser, { ignoreHTTPSErrors: true });
  await openAndSignIn(page, asked.parameters.url, 'alice');
  await continueAs(page, 'alice');
  await confirm(page);
  assert.equal(await heading(page), 'Connected');
  const ours = (await context.cookies(origin)).filter(({ name }) => name.includes('reeve'));
  assert.ok(ours.length > 0 && ours.every(({ name, secure }) => name.startsWith('__Host-') && secure), JSON.stringify(ours));
  assert.deepEqual(console_errors.filter(({ url }) => url?.startsWith(origin)), []);
  await close();
  const { parameters } = await agent.call('io.reeve.Agent.GetToken', { session, provider: 'files' });
  assert.ok(parameters.token);
  await agent.close();
}

// How many sign-ins may be begun until one is told to wait; null: as many as are tried. Loopback's are not counted.
async function signInsUntilRefused(port, headersOf, localAddress = '127.0.0.1') {
  const page = await request(port, { target: '/connections' });
  const cookie = page.headers['set-cookie'].map((line) => line.split(';')[0]).join('; ');
  const form = /action="\/signin".*?name="csrf" value="([^"]*)"/s.exec(page.body);
  assert.ok(form, page.body);
  const body = new URLSearchParams({ csrf: form[1], next: '/connections' }).toString();
  for (let i = 0; i < 80; ++i) {
    const status = await new Promise((resolve, reject) => {
      const asked = https.request({ host: '127.0.0.1', port, localAddress, servername: HOST,
        ca: fs.readFileSync(at('fullchain.pem')), method: 'POST', path: '/signin',
        headers: { host: `${HOST}:${port}`, cookie, origin: `https://${HOST}:${port}`,
          'content-type': 'application/x-www-form-urlencoded', 'content-length': Buffer.byteLength(body), ...headersOf(i) } },
      (answer) => answer.resume().on('end', () => resolve(answer.statusCode)));
      asked.on('error', reject).end(body);
    });
    if (status === 429) return i;
    assert.equal(status, 200);
  }
  return null;
}

for (const [name, command] of Object.entries(PROXIES)) {
  test(`behind ${name}: consent over TLS, who asks by the proxy's word alone`, { timeout: 240_000 }, async () => {
    const port = await freePort();
    const origin = `https://${HOST}:${port}`;
    const world = await World.start({ url: origin, bindingKeys: 'proxies = ["127.0.0.1"]' });
    const [program, ...words] = command({ port, behind: world.listen });
    const proxy = spawn(program, words, { stdio: ['ignore', 'ignore', 'pipe'], detached: true });
    let said = '';
    proxy.stderr.on('data', (chunk) => { said += chunk; });
    try {
      await until(`${name} listens: ${said}`, () => answers(port));
      await consent(world, origin);

      const sound = await request(port);
      assert.equal(sound.status, 200);
      assert.match(sound.headers['strict-transport-security'] ?? '', /max-age=/);
      for (const headers of [{ host: 'other.localhost' }, { host: '127.0.0.1:8420' }]) {
        assert.notEqual((await request(port, { headers })).status, 200, JSON.stringify(headers));
      }
      const forged = await request(port, { headers: { 'x-forwarded-host': 'evil.example', forwarded: 'host=evil.example;proto=http',
        'x-forwarded-proto': 'http' } });
      assert.equal(forged.status, 200, 'what a proxy is said to have seen changes nothing');
      assert.doesNotMatch(JSON.stringify(forged), /evil\.example/);

      // From 127.0.0.1 this test is a proxy before the proxy, as a balancer of loads may be, and is believed.
      const says = (text) => () => ({ 'x-forwarded-for': text });
      assert.equal(await signInsUntilRefused(port, says('198.51.100.7')), 60);
      assert.equal(await signInsUntilRefused(port, (i) => ({ 'x-forwarded-for': `203.0.113.${i}, 198.51.100.9` })), 60,
        'what a client wrote itself is not reached');
      // From 127.0.0.9 it is a client, whose word is not taken: or it were refused at once.
      assert.equal(await signInsUntilRefused(port, says('198.51.100.7'), '127.0.0.9'), null);

      const logs = fs.readdirSync(directory).filter((file) => file.endsWith('.log'))
        .map((file) => fs.readFileSync(at(file), 'utf8')).join('\n');
      assert.match(logs, /GET \/callback\//);
      assert.doesNotMatch(logs, /code=|state=/);
    } finally {
      proxy.kill('SIGTERM');
      if (proxy.exitCode === null) await once(proxy, 'exit');
      await world.stop();
    }
  });
}

test('with a certificate of its own: consent over TLS 1.2 and later, nobody else is believed', { timeout: 240_000 }, async () => {
  const port = await freePort();
  const origin = `https://${HOST}:${port}`;
  const world = await World.start({ url: origin, listen: `127.0.0.1:${port}`,
    bindOptions: [`--certificate=${at('fullchain.pem')}`, `--certificate-key=${at('key.pem')}`] });
  try {
    await consent(world, origin);
    assert.equal((await request(port)).status, 200);
    assert.equal(await signInsUntilRefused(port, () => ({ 'x-forwarded-for': '198.51.100.7' })), null,
      'without a configured proxy the header says nothing');
    const offered = (version) => {
      try {
        execFileSync('openssl', ['s_client', '-connect', `127.0.0.1:${port}`, '-servername', HOST, version,
          '-cipher', 'ALL:@SECLEVEL=0'], { input: '', stdio: ['pipe', 'pipe', 'pipe'], timeout: 30_000 });
        return true;
      } catch {
        return false;
      }
    };
    assert.deepEqual(['-tls1', '-tls1_1', '-tls1_2', '-tls1_3'].map(offered), [false, false, true, true]);
    // Plain HTTP on that port is no HTTP, and takes nothing down.
    const plain = net.connect(port, '127.0.0.1');
    plain.end('GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n');
    await once(plain, 'close');
    assert.equal((await request(port)).status, 200);
  } finally {
    await world.stop();
  }
});
