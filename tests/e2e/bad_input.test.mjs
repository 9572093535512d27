// What nobody should send: each parameter of each address doubled, missing, empty, huge, in other characters; methods,
// bodies, lengths, headers and cookies that are not as they should be; requests that do not arrive. Whatever it is: a short
// answer with all its headers, nothing of what was sent in it, and nothing done.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import net from 'node:net';
import { after, before, test } from 'node:test';
import { Visitor, hidden } from './visitor.mjs';
import { World, refusal, stream } from './world.mjs';

const MARK = 'zq7Marker';  // in every value that is wrong
const STANDING = ['content-security-policy', 'x-frame-options', 'referrer-policy', 'cache-control', 'x-content-type-options',
                  'cross-origin-opener-policy', 'cross-origin-resource-policy', 'permissions-policy'];

let world, alice, asked, addresses;
before(async () => {
  world = await World.start();
  alice = new Visitor(world.url);
  await alice.signIn('alice', world.redirects['issuer.corp']);
  const agent = await world.agent();
  const session = await world.session(agent, 'alice');
  asked = { agent, session, ...(await refusal(agent.call('io.reeve.Agent.GetToken', { session, provider: 'files' }))).parameters };
  addresses = await everyAddress();
});
after(() => world?.stop());

// Every address with a good value for each of its parameters; those that must be there are `needed`.
async function everyAddress() {
  const connect = new URL(asked.url).pathname, callback = new URL(world.redirects['provider.files']).pathname;
  const form = async (page, action) => hidden((await alice.open(page)).text, action);
  const answer = { state: 'A'.repeat(43), code: 'c', iss: world.providerUrl, error: 'access_denied', error_description: 'no' };
  const signIn = { csrf: '', next: '/', issuer: world.issuerUrl, other_user: 'yes' };
  return [
    { path: callback, query: answer, needed: ['state'] },
    { path: new URL(world.redirects['issuer.corp']).pathname, query: answer, needed: ['state'] },
    { path: callback, form: answer, needed: [] },
    { path: callback, query: { posted: 'A'.repeat(90) }, needed: ['posted'] },
    { path: connect, form: { csrf: (await form(connect, connect)).csrf, action: 'decline' }, needed: ['csrf', 'action'] },
    { path: connect, form: { ...await form(connect, connect), action: 'continue' }, needed: ['csrf', 'digest', 'action'] },
    { path: '/done/AAAA', form: { csrf: '', accept: 'yes' }, needed: ['csrf', 'accept'] },
    { path: '/connections', form: { csrf: '', grant: 'AAAA' }, needed: ['csrf', 'grant'] },
    { path: '/signout', form: await form('/connections', '/signout'), needed: ['csrf'] },
    { path: '/signin', form: { ...signIn, ...await form(connect, '/signin') }, needed: ['csrf', 'next'] },
    { path: '/backchannel-logout', form: { logout_token: 'a.b.c' }, needed: ['logout_token'] },
  ];
}

// One request as it is written; {status, headers, body}, or {closed: true} where no answer came.
async function raw(text, { half = false } = {}) {
  const socket = net.connect(new URL(world.url).port, '127.0.0.1');
  socket.on('error', () => {});
  await once(socket, 'connect');
  socket.write(Buffer.from(text, 'latin1'));
  if (!half) socket.end();
  let said = '';
  socket.setEncoding('latin1').on('data', (piece) => { said += piece; });
  await once(socket, 'close');
  const [head, ...body] = said.split('\r\n\r\n');
  if (!said) return { closed: true, headers: {}, body: '' };
  const lines = head.split('\r\n').slice(1).map((line) => line.split(/: (.*)/s));
  return { status: Number(said.split(' ')[1]), body: body.join('\r\n\r\n'), said,
           headers: Object.fromEntries(lines.map(([name, value]) => [name.toLowerCase(), value])) };
}

const own = () => ({ host: new URL(world.url).host, cookie: alice.cookie, 'sec-fetch-site': 'same-origin', origin: world.url });
function request(method, target, headers = {}, body) {
  const all = { ...own(), ...(body !== undefined && { 'content-type': 'application/x-www-form-urlencoded',
                                                      'content-length': body.length }), ...headers };
  const lines = Object.entries(all).filter(([, value]) => value !== undefined).map(([name, value]) => `${name}: ${value}\r\n`);
  return `${method} ${target} HTTP/1.1\r\n${lines.join('')}\r\n${body ?? ''}`;
}
const encoded = (pairs) => pairs.map(([name, value]) => `${name}=${value}`).join('&');

function isShort(answer, about) {
  if (answer.closed) return;
  assert.ok(answer.status >= 200 && answer.status < 500, `${about}: ${answer.status}`);
  assert.ok(answer.said.length < 6000, `${about}: ${answer.said.length} octets`);
  assert.ok(!answer.said.includes(MARK), `${about}: repeats what was sent`);
  assert.doesNotMatch(answer.said, /\.cc\b|std::|exception|terminate|0x[0-9a-f]{8}/i, `${about}: tells of the program`);
  for (const name of STANDING) assert.ok(answer.headers[name], `${about}: without ${name}`);
  assert.equal(answer.headers['cache-control'], 'no-store');
}
// What libmicrohttpd cannot read it answers itself, in a few words and without our headers (http_server.h).
async function unread(text) {
  const { closed, status, said = '', headers } = await raw(text);
  assert.ok(closed || status >= 400, `${JSON.stringify(text.slice(0, 99))}: ${status}`);
  assert.ok(said.length < 1000 && !said.includes(MARK) && !headers['set-cookie'], JSON.stringify(text.slice(0, 99)));
}
async function refused(text, about, statuses) {
  const answer = await raw(text);
  isShort(answer, about);
  assert.ok(statuses.includes(answer.status ?? 'closed'), `${about}: ${answer.status}, not ${statuses}`);
}

// What stands in for a parameter's value; the parameter may be a text for people.
const WRONG = {
  doubled: (name, value) => [[name, value], [name, `${value}${MARK}`]],
  'doubled in another spelling': (name, value) => [[name, value], [`%${name.charCodeAt(0).toString(16)}${name.slice(1)}`, MARK]],
  missing: () => [],
  empty: (name) => [[name, '']],
  huge: (name) => [[name, MARK.repeat(700)]],
  enormous: (name) => [[name, MARK.repeat(4000)]],
  'non-ASCII': (name) => [[name, `${MARK}%C3%A9%E2%80%AE`]],
  'not UTF-8': (name) => [[name, `${MARK}%FF%C0%80`]],
  'raw octets': (name) => [[name, `${MARK}\xe9`]],
  NUL: (name) => [[name, `${MARK}%00`]],
  'a line break': (name) => [[name, `${MARK}%0D%0ASet-Cookie:%20${MARK}=1`]],
  'an escape': (name) => [[name, `${MARK}%1B[31m`]],
  'a broken escape': (name) => [[name, `${MARK}%zz%`]],
  markup: (name) => [[name, `${MARK}%22%3E%3Cscript%3Ealert(1)%3C/script%3E`]],
};

test('every parameter of every address, wrong in every way', async () => {
  let tried = 0;
  for (const { path, query, form, needed } of addresses) {
    for (const name of Object.keys(query ?? form)) {
      for (const [way, make] of Object.entries(WRONG)) {
        const good = Object.entries(query ?? form).filter(([other]) => other !== name);
        const pairs = good.map(([key, value]) => [key, encodeURIComponent(value)]);
        const value = encodeURIComponent((query ?? form)[name]);
        const about = `${form ? 'POST' : 'GET'} ${path} ${name} ${way}`;
        const text = encoded([...pairs, ...make(name, value)]);
        const answer = await raw(form ? request('POST', path, {}, text) : request('GET', `${path}?${text}`));
        isShort(answer, about);
        const prose = name === 'error_description' && !way.startsWith('doubled') && !way.includes('escape');
        const optional = !needed.includes(name) && (way === 'missing' || way === 'empty');
        const spent = ['/refused', '/failed'].includes(answer.headers.location) || path === '/backchannel-logout';
        if (!prose && !optional && !spent && !(form && path.startsWith('/callback'))) {
          assert.ok(answer.closed || answer.status >= 400, `${about}: ${answer.status}`);
        }
        tried += 1;
      }
    }
  }
  assert.ok(tried > 400, `${tried} were tried`);
});

test('paths that are none, and paths that are huge or strange', async () => {
  const strange = ['/nothing', '/connect/', `/connect/${MARK}/../x`, `/connect/${MARK}%00`, `/connect/%2e%2e/${MARK}`,
                   `//${MARK}`, `/callback/${MARK}?state=A&code=c`, `/done/${MARK}`, `/connect/${'A'.repeat(43)}`, `/${MARK}\xe9`,
                   '/connections/', `/style.css/${MARK}`, '/signin/callback/', `/connect/${MARK.repeat(2000)}`];
  for (const path of strange) await refused(request('GET', path), path, [303, 400, 403, 404, 410, 414, 431]);
  await refused(request('GET', `http://evil.example/${MARK}`), 'an absolute target', [400, 404]);
  await refused(request('GET', '*'), 'an asterisk', [400, 404]);
});

test('methods that are not taken', async () => {
  const paths = ['/', '/style.css', '/healthz', '/nothing', ...new Set(addresses.map(({ path }) => path))];
  for (const path of paths) {
    for (const method of ['PUT', 'DELETE', 'PATCH', 'OPTIONS', 'TRACE', 'get', 'PROPFIND', MARK]) {
      await refused(request(method, path), `${method} ${path}`, [404, 405]);
    }
  }
  for (const path of ['/signin', '/signout', '/backchannel-logout']) await refused(request('GET', path), `GET ${path}`, [405]);
  for (const path of ['/', '/healthz', '/refused']) await refused(request('POST', path, {}, 'a=b'), `POST ${path}`, [405]);
});

test('bodies and lengths that are not taken', async () => {
  for (const { path, form } of addresses.filter(({ form }) => form)) {
    const body = encoded(Object.entries(form));
    const fits = { 'content-type': 'application/x-www-form-urlencoded' };
    await refused(request('POST', path, {}, `${body}&more=${MARK.repeat(2000)}`), `${path}: over the limit`, [413]);
    const sent = (headers, more = '') => request('POST', path, { ...fits, ...headers }) + more;
    await refused(sent({ 'content-length': '999999999999' }), `${path}: endless`, [413]);
    await unread(sent({ 'content-length': '99999999999999999999' }));
    await unread(sent({ 'content-length': '-1' }));
    await refused(sent({ 'transfer-encoding': 'chunked' }, '0\r\n\r\n'), `${path}: chunked`, [411]);
    for (const type of ['application/json', 'text/plain', 'multipart/form-data; boundary=x', '', undefined]) {
      await refused(request('POST', path, { 'content-type': type }, body), `${path}: ${type}`, [415, 400]);
    }
    const many = Array.from({ length: 200 }, (_, i) => `f${i}=${MARK}`).join('&');
    await refused(request('POST', path, {}, `${body}&${many}`), `${path}: many fields`, [400]);
  }
  await refused(request('GET', '/connections', { 'content-length': 3 }, 'a=b'), 'GET with a body', [400]);
});

test('headers and cookies that are not as they should be', async () => {
  const answers = [[{ host: 'evil.example' }, [421]], [{ host: `${MARK}\r\nhost: x` }, [400, 421]],
                   [{ host: new URL(world.url).host.toUpperCase() + '.' }, [421]]];
  for (const [headers, statuses] of answers) {
    await refused(request('GET', '/connections', headers), JSON.stringify(headers), statuses);
  }
  const signOut = encoded(Object.entries(addresses.find(({ path }) => path === '/signout').form));
  const origins = [{ origin: 'https://evil.example' }, { origin: 'null' }, { origin: undefined, 'sec-fetch-site': undefined },
                   { 'sec-fetch-site': 'cross-site' }, { 'sec-fetch-site': 'same-site' }, { origin: `${world.url}, x` }];
  for (const headers of origins) {
    await refused(request('POST', '/signout', headers, signOut), JSON.stringify(headers), [403]);
  }
  // What only a proxy may say is not listened to, so nobody can forge it.
  const forged = Object.fromEntries(['host', 'proto', 'for', 'port', 'server'].map((name) => [`x-forwarded-${name}`, MARK]));
  Object.assign(forged, { forwarded: `host=${MARK};proto=https`, 'x-real-ip': MARK, 'x-original-url': `/${MARK}` });
  const shown = await raw(request('GET', '/connections', forged));
  isShort(shown, 'forwarding headers');
  assert.equal(shown.body, (await raw(request('GET', '/connections'))).body);
  const { host } = new URL(world.url);
  await refused(request('GET', '/connections', { host: 'evil.example', 'x-forwarded-host': host, forwarded: `host=${host}` }),
    'a forwarded host', [421]);
  const foreign = Array.from({ length: 400 }, (_, i) => `c${i}=${MARK}`).join('; ');
  const borne = await raw(request('GET', '/connections', { cookie: `${foreign}; ${alice.cookie}` }));
  assert.equal(borne.status, 200, 'hundreds of cookies of others');
  isShort(borne, 'hundreds of cookies');
  const flow = (_, i) => `__Host-reeve-flow-${String(i).padStart(8, '0')}=${'A'.repeat(43)}`;
  const flows = Array.from({ length: 300 }, flow).join('; ');
  const [browser] = alice.cookie.split('; ');
  for (const cookie of [flows, `${browser}; ${browser}`, `__Host-reeve-browser=${MARK}`, `__Host-reeve-${MARK}=1`,
                        '__Host-reeve-browser', `${browser}\x01`]) {
    await refused(request('GET', '/connections', { cookie }), cookie.slice(0, 60), [400, 431]);
  }
  await unread(request('GET', '/', { host: undefined }));
  await unread(request('GET', '/', { 'x-long': MARK.repeat(20000) }));
  const none = [MARK, 'GET / HTTP/9.9', 'GET', '\0\0\0\0', `GET / HTTP/1.1\r\n${MARK}`];
  for (const line of none) await unread(`${line}\r\n\r\n`);
});

test('requests that do not arrive are ended, and nobody waits for them', async () => {
  const halves = ['', 'GET /conn', request('GET', '/').slice(0, -2),
                  request('POST', '/signout', { 'content-length': 100 }, 'csrf=')];
  const ended = Promise.all(halves.map((text) => raw(text, { half: true })));
  assert.equal((await alice.open('/healthz')).status, 200, 'others are answered meanwhile');
  for (const answer of await ended) assert.ok(answer.closed || answer.status >= 400);
});

test('after all of it nothing was done: she is signed in, the question is open, nobody was asked', async () => {
  const { status, text } = await alice.open(new URL(asked.url).pathname);
  assert.equal(status, 200);
  assert.match(text, /value="continue"/);
  assert.deepEqual(world.provider.events.filter(({ endpoint }) => ['token', 'authorization'].includes(endpoint)), []);
  assert.equal(world.auditEvents('grant.created').length, 0);
  await alice.consent(new URL(asked.url).pathname, 'alice', world.redirects['provider.files']);
  const seen = await stream(asked.agent, 'io.reeve.Agent.AwaitConsent', { session: asked.session, request: asked.request });
  assert.equal(seen.at(-1).status, 'granted');
  assert.deepEqual(world.restarts, [], 'no program fell');
});
