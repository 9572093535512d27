// Apache, as the real server whose resources the lent tokens are for: it asks the authorization server of each token
// (mod_auth_openidc, RFC 7662), and serves over TLS
//
//   /git/    repositories, by git-http-backend; the token is the password, as git hosts have it
//   /v2/     a registry of container images behind it (registry.mjs); the token is the password
//   /api/    a file; the token is a bearer's
//
// Logs each request with the user that the token names.
import { execFileSync, spawn } from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';

const MODULES = ['mpm_prefork', 'authn_core', 'authz_core', 'authz_user', 'alias', 'env', 'cgi', 'ssl', 'auth_openidc',
                 'proxy', 'proxy_http'];
const USER = 64112;

function run(program, args, options = {}) {
  return execFileSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], ...options });
}

function makeCertificate(at, host) {
  run('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=test', '-addext',
    `subjectAltName=IP:${host}`, '-keyout', at('key.pem'), '-out', at('cert.pem')]);
}

function makeRepository(at) {
  const git = (...args) => run('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.com', ...args], { cwd: at('work') });
  fs.mkdirSync(at('work'));
  fs.writeFileSync(at('work/README'), 'hello from the repository\n');
  git('init', '-q', '-b', 'main');
  git('add', 'README');
  git('commit', '-q', '-m', 'first');
  fs.mkdirSync(at('git'));
  run('git', ['clone', '-q', '--bare', at('work'), at('git/tool.git')]);
  run('chown', ['-R', `${USER}:${USER}`, at('git')]);
}

function configuration(at, { host, port, introspection, client_id, client_secret, registry }) {
  const guarded = (place, accept, more = '') => `<Location "${place}">
  AuthType oauth20
  OIDCOAuthAcceptTokenAs ${accept}
  Require valid-user
${more}</Location>\n`;
  return `ServerRoot "${at('')}"
ServerName ${host}
DefaultRuntimeDir "${at('')}"
PidFile "${at('pid')}"
ErrorLog "${at('error.log')}"
LogFormat "%>s %u %m %U" short
Listen ${host}:${port}
User #${USER}
Group #${USER}
StartServers 4
${MODULES.map((name) => `LoadModule ${name}_module /usr/lib/apache2/modules/mod_${name}.so`).join('\n')}
CustomLog "${at('access.log')}" short
SSLEngine on
SSLCertificateFile "${at('cert.pem')}"
SSLCertificateKeyFile "${at('key.pem')}"
OIDCCryptoPassphrase test
# The module asks over TLS only; the authorization server of the tests has none.
ProxyPass /introspection ${introspection}
OIDCOAuthIntrospectionEndpoint https://${host}:${port}/introspection
OIDCCABundlePath "${at('cert.pem')}"
OIDCOAuthIntrospectionEndpointAuth client_secret_basic
OIDCOAuthClientID ${client_id}
OIDCOAuthClientSecret ${client_secret}
OIDCOAuthRemoteUserClaim sub
OIDCOAuthTokenIntrospectionInterval -1
ScriptAlias /git/ /usr/lib/git-core/git-http-backend/
ProxyPass /v2/ ${registry}/v2/
Alias /api/ "${at('api')}/"
${guarded('/git/', 'basic', `  SetEnv GIT_PROJECT_ROOT "${at('git')}"
  SetEnv GIT_HTTP_EXPORT_ALL 1
  SetEnv GIT_CONFIG_COUNT 1
  SetEnv GIT_CONFIG_KEY_0 safe.directory
  SetEnv GIT_CONFIG_VALUE_0 *
`)}${guarded('/v2/', 'basic')}${guarded('/api/', 'header')}`;
}

async function listening(host, port, apache) {
  for (let i = 0; i < 1500; ++i) {
    if (apache.exitCode !== null) return false;
    const open = await new Promise((resolve) => {
      const socket = net.connect(port, host, () => resolve(socket)).on('error', () => resolve(null));
    });
    open?.destroy();
    if (open) return true;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return false;
}

// options: {directory, host, port, introspection, client_id, client_secret, registry}. Answers {url, certificate, log(), stop()}.
export async function startApache(options) {
  const at = (name) => path.join(options.directory, name);
  fs.mkdirSync(options.directory, { mode: 0o755 });
  makeCertificate(at, options.host);
  makeRepository(at);
  fs.mkdirSync(at('api'));
  fs.writeFileSync(at('api/hello'), 'hello from the API\n');
  fs.writeFileSync(at('apache.conf'), configuration(at, options));
  run('chmod', ['-R', 'a+rX', options.directory]);
  fs.chmodSync(at('key.pem'), 0o600);
  // In a process group of its own: Apache sends its end on to its whole group, which would be the tests' too.
  const apache = spawn('/usr/sbin/apache2', ['-f', at('apache.conf'), '-DFOREGROUND'],
    { stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  let said = '';
  for (const stream of [apache.stdout, apache.stderr]) stream.on('data', (chunk) => { said += chunk; });
  const ended = new Promise((resolve) => apache.on('close', resolve));
  const log = (name = 'access.log') => (fs.existsSync(at(name)) ? fs.readFileSync(at(name), 'utf8') : '');
  if (!await listening(options.host, options.port, apache)) throw new Error(`apache2: ${said}${log('error.log')}`);
  const stop = async () => {
    apache.kill('SIGTERM');
    await ended;
  };
  return { url: `https://${options.host}:${options.port}`, certificate: at('cert.pem'), at, log, stop };
}
