// One person's walk past every page of reeve-bind, in whatever language: pages are told apart by their forms, not by
// their words. `see(page, name)` is called on each. Ends as it began: alice has connected nothing.
import { signIn } from '../support/node/browser.mjs';
import { refusal } from './world.mjs';

const press = (page, selector) => page.locator(selector).first().click().then(() => page.waitForLoadState());
const ask = (agent, session, more = {}) =>
  refusal(agent.call('io.reeve.Agent.GetToken', { session, provider: 'files', ...more }));

export async function walkPages(world, context, look) {
  const page = await context.newPage();
  page.setDefaultTimeout(20_000);
  const see = (name) => look(page, name);
  const agent = await world.agent();
  const session = await world.session(agent, 'alice');
  const connect = async (account, scopes) => {
    const { parameters } = await ask(agent, session, { fresh: true, scopes });
    await page.goto(parameters.url);
    return parameters;
  };
  await connect();
  await see('01-sign-in');
  await press(page, 'main button');
  await signIn(page, 'mallory');
  await page.waitForLoadState();
  await see('02-wrong-user');
  await context.clearCookies();
  await connect();
  await press(page, 'main button');
  await signIn(page, 'alice');
  await page.waitForLoadState();
  await see('03-question');
  await page.locator('main button[value=continue]').click();
  await signIn(page, 'alice');
  await page.waitForLoadState();
  await see('04-account');
  await press(page, 'main button[value=yes]');
  await see('05-connected');
  await agent.call('io.reeve.Agent.GetToken', { session, provider: 'files' });
  // As another account of the same person.
  await context.clearCookies({ domain: '127.0.0.3' });
  await connect(undefined, ['openid', 'profile', 'email']);
  await press(page, 'main button[value=continue]');
  await signIn(page, 'mallory');
  await page.waitForLoadState();
  await see('06-second-account');
  await press(page, 'main button[value=yes]');
  await page.goto(`${world.url}/connections`);
  await page.locator('details summary').click();
  await see('07-connections');
  await press(page, '.cards button');
  await see('08-disconnected');
  await page.goto(`${world.url}/connections`);
  await connect();
  await press(page, 'main button[value=decline]');
  await see('09-declined');
  await page.goto(`${world.url}/connect/${'x'.repeat(43)}`);
  await see('10-unknown-link');
  await page.goto(`${world.url}/refused`);
  await see('11-stopped');
  await page.goto(`${world.url}/`);
  await see('12-home');
  await page.goto(`${world.url}/connections`);
  await press(page, '.who button');
  await see('13-signed-out');
  const admin = await world.admin();
  await admin.call('io.reeve.Admin.RevokeGrants', { workload: 'agent' });
  await admin.close();
  await agent.close();
}
