// A user's ID token and access token without a browser: one authorization code flow with PKCE,
// walked over fetch through the login and consent pages of authz.mjs.
//
//     echo '{"issuer": ..., "client_id": ..., "client_secret": ...?, "redirect_uri": ...,
//            "login": ..., "password": ...?, "scope": ...?}' | node usertoken.mjs /dev/stdin
//
// For the tests that need some user's token as a starting point. Not a relying party: it checks
// state and iss and nothing else, does not verify the ID token, and never visits redirect_uri.

import { createHash, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const random = () => randomBytes(32).toString('base64url');

// Cookies of one host: name, value and path are all that authz.mjs makes use of.
class CookieJar {
  cookies_ = new Map();

  take(response, path) {
    for (const line of response.headers.getSetCookie()) {
      const [pair, ...attributes] = line.split(';').map((part) => part.trim());
      const at = attributes.find((part) => /^path=/i.test(part))?.slice(5) ?? path;
      const [name, value] = pair.split(/=(.*)/s);
      this.cookies_.set(`${at} ${name}`, { at, pair, gone: value === '' });
    }
  }

  header(path) {
    const fits = ({ at, gone }) => (
      !gone && (path === at || path.startsWith(at.replace(/\/?$/, '/'))));
    return [...this.cookies_.values()].filter(fits).map(({ pair }) => pair).join('; ');
  }
}

async function visit(jar, url, form) {
  const { pathname } = new URL(url);
  const response = await fetch(url, {
    method: form ? 'POST' : 'GET',
    headers: { cookie: jar.header(pathname), accept: 'text/html' },
    body: form && new URLSearchParams(form),
    redirect: 'manual',
  });
  jar.take(response, pathname);
  const location = response.headers.get('location');
  if (location) return { next: new URL(location, url).href };
  const page = await response.text();
  if (response.status !== 200) throw new Error(`${response.status} at ${pathname}: ${page}`);
  return { page };
}

// From the authorization URL to the callback URL, which is returned unvisited.
export async function authorize(authorization_url, { redirect_uri, login, password = 'any' }) {
  const jar = new CookieJar();
  let url = authorization_url;
  for (let steps = 0; steps < 12; steps += 1) {
    if (url.startsWith(redirect_uri)) return new URL(url);
    let { next, page } = await visit(jar, url);
    if (page) {
      const form = page.includes('name="login"')
        ? { prompt: 'login', login, password } : { prompt: 'consent' };
      ({ next, page } = await visit(jar, url, form));
      if (page) throw new Error(`the form at ${url} led nowhere: ${page}`);
    }
    url = next;
  }
  throw new Error(`the flow never came back to ${redirect_uri}`);
}

async function redeem(endpoint, { client_id, client_secret }, form) {
  const headers = {};
  if (client_secret === undefined) {
    form.client_id = client_id;
  } else {
    const pair = [client_id, client_secret].map(encodeURIComponent).join(':');
    headers.authorization = `Basic ${Buffer.from(pair).toString('base64')}`;
  }
  const response = await fetch(endpoint, {
    method: 'POST', headers, body: new URLSearchParams(form),
  });
  const answer = await response.json();
  if (!response.ok) throw new Error(`token endpoint: ${response.status} ${answer.error}`);
  return answer;
}

export async function userToken(request) {
  const { issuer, client_id, redirect_uri, scope = 'openid profile' } = request;
  const metadata = await (await fetch(`${issuer}/.well-known/openid-configuration`)).json();
  const [state, nonce, code_verifier] = [random(), random(), random()];
  const query = new URLSearchParams({
    client_id,
    redirect_uri,
    scope,
    state,
    nonce,
    response_type: 'code',
    code_challenge: createHash('sha256').update(code_verifier).digest('base64url'),
    code_challenge_method: 'S256',
  });
  const callback = await authorize(`${metadata.authorization_endpoint}?${query}`, request);
  const { code, error, ...echo } = Object.fromEntries(callback.searchParams);
  if (error) throw new Error(`authorization endpoint: ${error}`);
  if (echo.state !== state || echo.iss !== issuer) throw new Error('not the answer to this flow');
  const form = { grant_type: 'authorization_code', code, redirect_uri, code_verifier };
  const { id_token, access_token } = await redeem(metadata.token_endpoint, request, form);
  return { id_token, access_token };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const request = JSON.parse(readFileSync(process.argv[2], 'utf8'));
  console.log(JSON.stringify(await userToken(request)));
}
