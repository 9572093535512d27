// AWS's Security Token Service, as far as anybody but AWS has it: moto, which answers AssumeRoleWithWebIdentity and
// GetCallerIdentity as AWS does, but takes every token. So a check stands before it, as AWS would make it: the issuer's
// published keys, issuer, audience, expiry. Neither keeps a policy or checks a request's signature.
import { spawn } from 'node:child_process';
import { createServer, request } from 'node:http';
import net from 'node:net';
import path from 'node:path';
import { parse } from 'node:querystring';
import { text } from 'node:stream/consumers';
import { createRemoteJWKSet, jwtVerify } from 'jose';

// The venv that scripts/deps makes.
const PYTHON = path.resolve(import.meta.dirname, '../python/venv/bin/python');
const REFUSED = `<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type>
<Code>InvalidIdentityToken</Code><Message>no</Message></Error><RequestId>1</RequestId></ErrorResponse>`;

async function freePort(host) {
  const server = net.createServer();
  await new Promise((resolve) => server.listen(0, host, resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function startMoto(host) {
  const port = await freePort(host);
  const child = spawn(PYTHON, ['-m', 'moto.server', '-H', host, '-p', `${port}`], { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.on('data', (chunk) => { said += chunk; });
  const ended = new Promise((resolve) => child.on('close', resolve));
  const url = `http://${host}:${port}/`;
  for (let i = 0; !await fetch(url).then(() => true, () => false); ++i) {
    if (child.exitCode !== null || i === 600) throw new Error(`moto: ${said}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  const stop = () => {
    child.kill('SIGTERM');
    return ended;
  };
  return { url, stop };
}

// Not by fetch, which chooses the Host itself.
function relay(url, headers, body) {
  return new Promise((resolve, reject) => {
    const asked = request(url, { method: 'POST', headers }, async (answer) => {
      resolve({ status: answer.statusCode, body: await text(answer) });
    });
    asked.on('error', reject).end(body);
  });
}

export async function startSts({ host, issuer, audience }) {
  const moto = await startMoto(host);
  const keys = createRemoteJWKSet(new URL(`${issuer}/jwks`));
  const lent = [];  // {subject, role, session} of each credential that was given
  const server = createServer(async (incoming, answer) => {
    const body = await text(incoming);
    const form = parse(body);
    if (form.Action === 'AssumeRoleWithWebIdentity') {
      const verified = await jwtVerify(form.WebIdentityToken, keys, { issuer, audience }).catch(() => null);
      if (!verified) {
        answer.writeHead(400, { 'content-type': 'text/xml' }).end(REFUSED);
        return;
      }
      lent.push({ subject: verified.payload.sub, role: form.RoleArn, session: form.RoleSessionName });
    }
    // What names no service by its host is told by the signature, or is for this one.
    const headers = { ...incoming.headers, host: 'sts.amazonaws.com' };
    for (const name of ['connection', 'content-length', 'expect']) delete headers[name];
    const said = await relay(moto.url, headers, body);
    answer.writeHead(said.status, { 'content-type': 'text/xml' }).end(said.body);
  });
  await new Promise((resolve) => server.listen(0, host, resolve));
  const stop = async () => {
    await new Promise((resolve) => server.close(resolve));
    await moto.stop();
  };
  return { url: `http://${host}:${server.address().port}/`, lent, stop };
}
