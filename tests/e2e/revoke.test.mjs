// The kill switch: sessions and grants end at once; a provider that is down is told when it is back, also after a restart.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startAuthz } from '../support/node/authz.mjs';
import { walk } from './walk.mjs';
import { World, refusal } from './world.mjs';

let world;
before(async () => {
  world = await World.start();
});
after(async () => {
  await world?.stop();
});

test('the kill switch, the provider down, reeved killed: it is told once it is back', async () => {
  const agent = await world.agent();
  const user = { issuer: world.issuerUrl, subject: 'alice' };
  const { session } = (await agent.call('io.reeve.Agent.OpenSession', { as: 'asserted', user })).parameters;
  const ask = () => agent.call('io.reeve.Agent.GetToken', { session, provider: 'files' });
  const asked = await refusal(ask());
  await walk(asked.parameters.url, 'alice');
  assert.ok((await ask()).parameters.token.access_token);
  const watching = await world.agent();
  const watched = watching.call('io.reeve.Agent.Watch', { session }, { more: true });
  assert.equal((await watched.next()).value.parameters.event, 'ready');

  await world.provider.stop();
  const operator = await world.admin();
  const said = (await operator.call('io.reeve.Admin.RevokeGrants', { user, sessions: true })).parameters;
  await operator.close();
  assert.deepEqual([said.revoked, said.at_provider, said.sessions], [1, 0, 1]);
  assert.equal(said.grants[0].said, 'failed');
  assert.equal(said.grants[0].again, true);
  assert.match(said.grants[0].reason, /it is tried again/);
  assert.ok(said.grants[0].lent_until > Date.now() / 1000, 'until when what was lent lives');
  assert.equal((await watched.next()).value.parameters.event, 'session_ended');
  assert.equal((await refusal(ask())).name, 'SessionInvalid');

  await world.kill('reeved');
  const port = Number(new URL(world.providerUrl).port);
  world.provider = await startAuthz({ host: '127.0.0.3', port, users: [{ sub: 'alice' }],
    clients: [{ client_id: 'reeve-files', client_secret: world.secrets.provider,
                redirect_uris: [world.redirects['provider.files']] }] });
  await world.provider.event({ event: 'request', endpoint: 'revocation', status: 200 }, 60_000);
  const admin = await world.admin();
  for (let left = 1; left > 0;) {
    left = 0;
    const open = admin.call('io.reeve.Admin.Revocations', {}, { more: true });
    for await (const { parameters } of open) left += parameters.revocation ? 1 : 0;
  }
  assert.equal(world.auditEvents('grant.revocation').at(-1).outcome, 'revoked');
  await Promise.all([agent, watching, admin].map((one) => one.close()));
});
