// Two issuers, and a user of the same name at each: a question is for one of them, and the sign-in of the other opens it not.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startAuthz } from '../support/node/authz.mjs';
import { launch, person, signIn } from '../support/node/browser.mjs';
import { confirm, continueAs, openAndSignIn, text } from './people.mjs';
import { World, callAs, freePort, refusal, users } from './world.mjs';

let world, browser, partner;
before(async () => {
  const port = await freePort('127.0.0.5');
  world = await World.start({ config: `
[issuer.partner]
issuer = "http://127.0.0.5:${port}"
client_id = "reeve"
loopback_http = true
[workload.guest]
match = { uid = ${users.mallory} }
assert = ["partner"]
session_scope = "workload"
allow = [ { provider = "files", scopes = ["openid", "profile"] } ]` });
  const redirect_uris = [world.redirects['issuer.partner']];
  partner = await startAuthz({ host: '127.0.0.5', port, users: [{ sub: 'alice' }],
    clients: [{ client_id: 'reeve', token_endpoint_auth_method: 'none', redirect_uris }] });
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await world?.stop();
  await partner?.stop();
});

test('a person who signed in at another issuer is shown no question, but where to sign in; and goes on there', async () => {
  const user = { issuer: partner.issuer, subject: 'alice' };
  const guest = (method, parameters) => callAs(world, users.mallory, `io.reeve.Agent.${method}`, parameters);
  const { session } = (await guest('OpenSession', { as: 'asserted', user })).parameters;
  const theirs = (await guest('GetToken', { session, provider: 'files' })).parameters;
  const agent = await world.agent();
  const own = await world.session(agent, 'alice');
  const asked = (await refusal(agent.call('io.reeve.Agent.GetToken', { session: own, provider: 'files' }))).parameters;
  const alice = await person(browser);
  const refused = world.auditEvents('flow.refused').length;
  const elsewhere = async (link, { issuer }) => {
    await alice.page.goto(link.url);
    const said = await text(alice.page);
    const place = new URL(issuer).host;
    assert.ok(said.includes(`You are signed in as alice, but at another place. This needs your sign-in at ${place}.`), said);
    assert.ok(!said.includes(link.phrase), 'nothing of the question');
    assert.equal(await alice.page.getByRole('button', { name: 'Continue' }).count(), 0);
  };
  await openAndSignIn(alice.page, theirs.url, 'alice');
  assert.ok((await text(alice.page)).includes(theirs.phrase));
  await elsewhere(asked, world.issuer);
  await alice.page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await signIn(alice.page, 'alice');
  await elsewhere(theirs, partner);
  await alice.page.goto(asked.url);
  await continueAs(alice.page, 'alice');
  await confirm(alice.page);
  assert.ok((await agent.call('io.reeve.Agent.GetToken', { session: own, provider: 'files' })).parameters.token.access_token);
  assert.equal(world.auditEvents('flow.refused').length, refused, 'the same name at another issuer is no attack');
  await alice.close();
  await agent.close();
});
