// What stands for AWS's Security Token Service, which nobody but AWS has: it verifies the web identity as AWS would (the
// issuer's published keys, issuer, audience, expiry), gives credentials in AWS's XML, and takes a signed
// GetCallerIdentity with these credentials only. It keeps no policy and checks no signature.
import { createHmac, randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import { parse } from 'node:querystring';
import { text } from 'node:stream/consumers';
import { createRemoteJWKSet, jwtVerify } from 'jose';

const NAMESPACE = 'https://sts.amazonaws.com/doc/2011-06-15/';
const failure = (code) => `<ErrorResponse xmlns="${NAMESPACE}"><Error><Type>Sender</Type><Code>${code}</Code><Message>no</Message>
</Error><RequestId>1</RequestId></ErrorResponse>`;

export async function startSts({ host, issuer, audience }) {
  const keys = createRemoteJWKSet(new URL(`${issuer}/jwks`));
  const lent = new Map();  // access key id -> {session_token, subject}

  async function assume(form) {
    const { payload } = await jwtVerify(form.WebIdentityToken, keys, { issuer, audience });
    const id = `ASIA${randomBytes(8).toString('hex').toUpperCase()}`;
    const session_token = createHmac('sha256', randomBytes(32)).update(id).digest('base64');
    lent.set(id, { session_token, subject: payload.sub, role: form.RoleArn, session: form.RoleSessionName });
    const expiration = new Date(Date.now() + 3600_000).toISOString().replace(/\.\d+/, '');
    return `<?xml version="1.0" encoding="UTF-8"?>
<AssumeRoleWithWebIdentityResponse xmlns="${NAMESPACE}"><AssumeRoleWithWebIdentityResult>
<Audience>${audience}</Audience><Credentials><AccessKeyId>${id}</AccessKeyId>
<SecretAccessKey>${randomBytes(30).toString('base64')}</SecretAccessKey><SessionToken>${session_token}</SessionToken>
<Expiration>${expiration}</Expiration></Credentials><Provider>${issuer}</Provider>
</AssumeRoleWithWebIdentityResult>
<ResponseMetadata><RequestId>1</RequestId></ResponseMetadata></AssumeRoleWithWebIdentityResponse>`;
  }

  function identity(headers) {
    const id = /Credential=([A-Z0-9]+)\//.exec(headers.authorization ?? '')?.[1];
    const known = lent.get(id);
    if (!known || headers['x-amz-security-token'] !== known.session_token) return undefined;
    return `<GetCallerIdentityResponse xmlns="${NAMESPACE}"><GetCallerIdentityResult><UserId>AROA:${known.session}</UserId>
<Account>123456789012</Account><Arn>${known.role}/${known.subject}</Arn></GetCallerIdentityResult></GetCallerIdentityResponse>`;
  }

  const server = createServer(async (incoming, answer) => {
    const form = parse(await text(incoming));
    let xml;
    try {
      xml = form.Action === 'AssumeRoleWithWebIdentity' ? await assume(form) : identity(incoming.headers);
    } catch {
      // Told below: AWS's word for a token it does not take.
    }
    answer.writeHead(xml ? 200 : 400, { 'content-type': 'text/xml' });
    answer.end(xml ?? failure('InvalidIdentityToken'));
  });
  await new Promise((resolve) => server.listen(0, host, resolve));
  return { url: `http://${host}:${server.address().port}/`, lent, stop: () => new Promise((resolve) => server.close(resolve)) };
}
