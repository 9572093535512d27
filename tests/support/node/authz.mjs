// A real authorization server for tests: oidc-provider behind one configuration file.
//
//     node authz.mjs CONFIG.json [--until-stdin-closes]
//
// Not a model of all servers: it is one strict server with its own habits, and it forgets
// everything when it ends. Whoever starts it must read its stdout (or point it at a file): a full
// pipe stops the server. startAuthz() below does all that for a test.
//
// CONFIG.json (only host, users and clients are needed):
//   host, port       the issuer is http://HOST:PORT; port 0 or none takes a free one
//   users            [{sub, password?, CLAIM: VALUE...}]; the login name is the sub; any password
//                    does where none is given; email and email_verified come with scope email,
//                    every other claim with scope profile
//   clients          client metadata of RFC 7591: client_id, client_secret, redirect_uris,
//                    token_endpoint_auth_method, grant_types (default: code and refresh)...
//   scopes           further scopes, beyond openid offline_access profile email
//   resources        [{uri, scopes, format?}] (RFC 8707), tokens opaque or, by format, jwt; where a
//                    client asks for none, its access token is for the userinfo endpoint
//   ttl              seconds by name: {AccessToken, RefreshToken, AuthorizationCode, IdToken...}
//   rotate           every refresh gives a new refresh token (default true)
//   pkce_required    default true
//   par_required     nothing is asked but what was pushed before (RFC 9126; default false)
//   par_seconds      that a pushed request is good for (the library's own: 60)
//   secrets_file     appended, before it leaves, with {kind, value} for each code, access_token,
//                    refresh_token and id_token, one JSON object a line
//
// Prints one JSON object a line: {ready, issuer, port} first, then events without secrets:
//   {event: "request", endpoint, client_id, grant_type, status, error}
//   {event: "reuse", kind, client_id}           a used refresh token or code has come back
//   {event: "logout", client_id, told}          a client was told of a sign-out, and took it or not
//   {event: "grant_revoked", client_id, by}     by reuse ("token") or by asking ("revocation")

import { spawn } from 'node:child_process';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'node:querystring';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

const ENDPOINTS = {
  authorization: 'authorization',
  introspection: 'introspection',
  jwks: 'jwks',
  pushed_authorization_request: 'par',
  revocation: 'revocation',
  token: 'token',
  userinfo: 'userinfo',
};

const REUSED = new Map([
  ['refresh token already used', 'refresh_token'],
  ['authorization code already consumed', 'code'],
]);

const say = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);

// Own keys for each server: with the library's example keys one issuer could sign for another.
function signingKeys() {
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
  const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
  return { keys: [rsa, ec].map((key) => ({ ...key.export({ format: 'jwk' }), use: 'sig' })) };
}

function claimsByScope(users) {
  const email = ['email', 'email_verified'];
  const names = new Set(users.flatMap(Object.keys));
  const profile = [...names].filter((name) => !['sub', 'password', ...email].includes(name));
  return { openid: ['sub'], email, profile };
}

function settings(config, { errors }) {
  const { users, resources = [], scopes = [], rotate = true, pkce_required = true } = config;
  const { par_required = false } = config;
  return {
    jwks: signingKeys(),
    cookies: { keys: [randomBytes(32).toString('hex')] },
    clients: config.clients,
    clientDefaults: { grant_types: ['authorization_code', 'refresh_token'] },
    clientAuthMethods: ['client_secret_basic', 'client_secret_post', 'none'],
    responseTypes: ['code'],
    scopes: ['openid', 'offline_access', ...scopes],
    claims: claimsByScope(users),
    ttl: config.ttl ?? {},
    clockTolerance: 0,
    pkce: { required: () => pkce_required },
    rotateRefreshToken: () => rotate,
    issueRefreshToken: (ctx, client) => client.grantTypeAllowed('refresh_token'),
    expiresWithSession: () => false,
    // Without the library's dispatcher, which keeps it from loopback addresses: all clients here are on those.
    fetch: (url, { dispatcher, ...options }) => globalThis.fetch(url, options),
    findAccount(ctx, sub) {
      const { password, ...claims } = users.find((user) => user.sub === sub) ?? {};
      return claims.sub && { accountId: sub, claims: () => claims };
    },
    features: {
      backchannelLogout: { enabled: true },
      devInteractions: { enabled: true },
      introspection: { enabled: true },
      pushedAuthorizationRequests: {
        enabled: true,
        requirePushedAuthorizationRequests: par_required,
      },
      revocation: { enabled: true },
      resourceIndicators: {
        enabled: true,
        useGrantedResource: () => true,
        getResourceServerInfo(ctx, uri) {
          const resource = resources.find((known) => known.uri === uri);
          if (!resource) throw new errors.InvalidTarget();
          const { format: accessTokenFormat = 'opaque' } = resource;
          return { audience: uri, scope: resource.scopes.join(' '), accessTokenFormat,
            jwt: { sign: { alg: 'RS256' } } };
        },
      },
    },
  };
}

// The library's development login page takes every name; this one stands before it.
function loginCheck(users) {
  return async (ctx, next) => {
    if (ctx.method === 'POST' && ctx.path.startsWith('/interaction/')) {
      ctx.req.body = parse(await text(ctx.req));
      const { prompt, login, password } = ctx.req.body;
      const user = users.find(({ sub }) => sub === login);
      if (prompt === 'login' && (!user || (user.password ?? password) !== password)) {
        ctx.status = 403;
        ctx.type = 'html';
        ctx.body = '<!DOCTYPE html><title>Sign-in</title><p id="refused">Login refused</p>';
        return;
      }
    }
    await next();
    // The pages import a web font; in a test that is a console error and a wait for nothing.
    if (typeof ctx.body === 'string') ctx.body = ctx.body.replace(/@import url\([^)]*\);/, '');
  };
}

function watch(provider, secrets_file) {
  const keep = (kind, value) => {
    if (!secrets_file || !value) return;
    appendFileSync(secrets_file, `${JSON.stringify({ kind, value })}\n`, { mode: 0o600 });
  };
  const clientId = ({ oidc }) => oidc.client?.clientId ?? oidc.params?.client_id;

  for (const name of ['grant', 'authorization', 'introspection', 'pushed_authorization_request',
    'revocation', 'userinfo']) {
    provider.on(`${name}.error`, (ctx, error) => {
      ctx.state.error = error.error;
      const kind = REUSED.get(error.error_detail);
      if (kind) say({ event: 'reuse', kind, client_id: clientId(ctx) });
    });
  }
  provider.on('server_error', (ctx, error) => {
    ctx.state.error = 'server_error';
    console.error(error);
  });
  provider.on('grant.revoked', (ctx) => {
    say({ event: 'grant_revoked', client_id: clientId(ctx), by: ctx.oidc.route });
  });
  for (const [name, told] of [['success', true], ['error', false]]) {
    provider.on(`backchannel.${name}`, (ctx, ...rest) => {
      const client = rest.find((one) => one?.clientId);
      say({ event: 'logout', client_id: client?.clientId, told });
    });
  }
  provider.on('authorization_code.saved', (code) => keep('code', code.jti));

  provider.use(async (ctx, next) => {
    await next();
    const endpoint = ENDPOINTS[ctx.oidc?.route];
    if (!endpoint) return;
    if (endpoint === 'token') {
      const kinds = ['access_token', 'refresh_token', 'id_token'];
      for (const kind of kinds) keep(kind, ctx.body?.[kind]);
    }
    say({
      event: 'request',
      endpoint,
      client_id: clientId(ctx),
      grant_type: ctx.oidc.params?.grant_type,
      status: ctx.status,
      error: ctx.state.error,
    });
  });
}

// On standard input: {"drop": ACCESS_TOKEN}, which the server then knows no more; its grant lives on.
function obey(provider) {
  createInterface({ input: process.stdin }).on('line', async (line) => {
    const token = await provider.AccessToken.find(JSON.parse(line).drop);
    await token?.destroy();
    say({ event: 'dropped', found: Boolean(token) });
  });
}

// The library has no setting for these.
function shorten(Model, seconds) {
  const { save } = Model.prototype;
  Model.prototype.save = function saveShort() { return save.call(this, seconds); };
}

async function serve(config) {
  const { Provider, errors } = await import('oidc-provider');
  const server = createServer();
  await new Promise((resolve, reject) => {
    server.once('error', reject).listen(config.port ?? 0, config.host, resolve);
  });
  const { port } = server.address();
  const issuer = `http://${config.host}:${port}`;
  const provider = new Provider(issuer, settings(config, { errors }));
  watch(provider, config.secrets_file);
  provider.use(loginCheck(config.users));
  if (config.par_seconds) shorten(provider.PushedAuthorizationRequest, config.par_seconds);
  obey(provider);
  server.on('request', provider.callback());
  say({ ready: true, issuer, port });
}

// Starts the program in a process of its own and answers when it is ready. The process ends with
// stop(), or when this one dies.
export async function startAuthz(config) {
  const dir = mkdtempSync(join(tmpdir(), 'authz-'));
  const file = join(dir, 'config.json');
  writeFileSync(file, JSON.stringify(config), { mode: 0o600 });
  const program = fileURLToPath(import.meta.url);
  const child = spawn(process.execPath, [program, file, '--until-stdin-closes']);
  const exited = new Promise((resolve) => { child.once('close', resolve); });
  let stderr = '';
  child.stderr.on('data', (chunk) => { stderr += chunk; });

  const events = [];
  const waiters = new Set();
  const ready = new Promise((resolve, reject) => {
    exited.then(() => reject(new Error(`the authorization server ended: ${stderr}`)));
    createInterface({ input: child.stdout }).on('line', (line) => {
      const event = JSON.parse(line);
      if (event.ready) resolve(event);
      else events.push(event);
      for (const waiter of waiters) waiter();
    });
  });
  const { issuer, port } = await ready.finally(() => rmSync(dir, { recursive: true }));

  // The first event, past or to come, that has all the members of `like`.
  function event(like, wait_ms = 5000) {
    const fits = (one) => Object.entries(like).every(([name, value]) => one[name] === value);
    return new Promise((resolve, reject) => {
      const look = () => {
        const found = events.find(fits);
        if (!found) return;
        settle();
        resolve(found);
      };
      const late = setTimeout(() => {
        settle();
        reject(new Error(`no event ${JSON.stringify(like)} in ${JSON.stringify(events)}`));
      }, wait_ms);
      const settle = () => { clearTimeout(late); waiters.delete(look); };
      waiters.add(look);
      look();
    });
  }

  const stop = () => { child.kill('SIGTERM'); return exited; };
  // Forgets an access token, as after a change of mind that spares the refresh token.
  const drop = (access_token) => {
    child.stdin.write(`${JSON.stringify({ drop: access_token })}\n`);
    return event({ event: 'dropped', found: true });
  };
  return { issuer, port, pid: child.pid, events, event, drop, stop };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  process.on('SIGTERM', () => process.exit(0));
  process.stdout.on('error', () => process.exit(0));
  console.info = console.error;  // the library's notices; stdout is for events alone
  if (process.argv.includes('--until-stdin-closes')) {
    process.stdin.resume().on('close', () => process.exit(0));
  }
  await serve(JSON.parse(readFileSync(process.argv[2], 'utf8')));
}
