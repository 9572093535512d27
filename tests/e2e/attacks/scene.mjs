// scene: what the attacks have in common. Alice is the victim, Mallory the attacker; both are users of the agent, each
// at a browser of their own. Whatever an attack gets is asked of the real agent interface. At the issuer each scene has an
// Alice and a Mallory of its own, so that no question is left from an earlier one; at the provider they have one account.
import { createServer } from 'node:http';
import { once } from 'node:events';
import path from 'node:path';
import { launchAs, person } from '../../support/node/browser.mjs';
import { openAndSignIn } from '../people.mjs';
import { World, callAs, refusal, sleep, stream, users } from '../world.mjs';

export class Scene {
  constructor(world, browser) {
    this.world = world;
    this.browser = browser;
    this.ends = [];
    this.number = world.scenes = (world.scenes ?? 0) + 1;
  }
  async end() {
    for (const end of this.ends.reverse()) await end();
  }
  async person() {
    const made = await person(this.browser);
    this.ends.push(() => made.close());
    return made;
  }

  // A user of this host, at a browser of their own; where `reeve` would open it with a code of theirs.
  async hostUser(login) {
    const made = await launchAs(users[login], path.join(this.world.directory, `${login}-${this.number}`));
    this.ends.push(() => made.close());
    return made;
  }
  async codeUrl(login) {
    return (await this.callAs(users[login], 'io.reeve.Agent.ProveUser', {})).parameters.url;
  }
  async hostUserSignedIn(login) {
    const someone = await this.hostUser(login);
    await someone.page.goto(await this.codeUrl(login));
    await someone.page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await someone.page.waitForLoadState();
    return someone;
  }
  // As whom the pages know this browser, by what they say above every page; null: as nobody.
  async hostUserKnown(page) {
    await page.goto(`${this.world.url}/connections`);
    const body = await page.locator('body').innerText();
    return Object.keys(users).find((login) => body.includes(`You are uid ${users[login]}.`)) ?? null;
  }

  // The name at the issuer.
  user(login) {
    return `${login}-${this.number}`;
  }
  session(agent, login) {
    return this.world.session(agent, this.user(login));
  }
  // Opens one of our pages and signs in at the issuer.
  async signIn(page, url, login) {
    await openAndSignIn(page, url, this.user(login));
  }

  // A question to that user, by an agent on a connection of its own.
  async question(login, more = {}) {
    const agent = await this.world.agent();
    this.ends.push(() => agent.close());
    return this.questionBeside({ agent, session: await this.session(agent, login) }, more);
  }
  // One more of the same agent, in the same session.
  async questionBeside({ agent, session }, more) {
    const ask = { session, provider: 'files', ...more };
    const refused = await refusal(agent.call('io.reeve.Agent.GetToken', ask));
    return { agent, session, ask, error: refused.name, url: refused.parameters.url, request: refused.parameters.request };
  }
  // Whose account the agent can act as now, or null.
  async lent({ agent, ask }) {
    try {
      const { token } = (await agent.call('io.reeve.Agent.GetToken', { ...ask, return_url: undefined })).parameters;
      const answer = await fetch(`${this.world.providerUrl}/me`, { headers: { authorization: `Bearer ${token.access_token}` } });
      return (await answer.json()).sub;
    } catch (error) {
      if (!error.error) throw error;
      return null;
    }
  }
  // The same, where nothing tells when a code that came is redeemed.
  async lentSoon(asked) {
    for (let i = 0; i < 20; ++i) {
      const account = await this.lent(asked);
      if (account !== null) return account;
      await sleep(50);
    }
    return null;
  }
  async status({ agent, session, request }) {
    return (await stream(agent, 'io.reeve.Agent.AwaitConsent', { session, request })).at(-1).status;
  }
  // The user of that question opens it, signs in, and sees it.
  async opened(question, login) {
    const someone = await this.person();
    await this.signIn(someone.page, question.url, login);
    return someone;
  }
  // Signed in at the pages, for no question.
  async signedIn(login) {
    const someone = await this.person();
    await this.signIn(someone.page, `${this.world.url}/connections`, login);
    return someone;
  }
  // As whom the pages know this browser, by the page of connections; null: as nobody.
  async knownAs(page) {
    await page.goto(`${this.world.url}/connections`);
    if (await page.getByRole('button', { name: 'Sign in', exact: true }).count() > 0) return null;
    const body = await page.locator('body').innerText();
    return /alice/i.test(body) ? 'alice' : /mallory/i.test(body) ? 'mallory' : 'somebody';
  }
  // A page of the attacker's, on an address of its own. handler(request, response); returns its URL.
  async foreign(handler) {
    return `http://127.0.0.5:${await this.serve(handler, '127.0.0.5')}/`;
  }
  // On a host of the same domain, of a world whose host is agents.corp.localhost.
  async sibling(handler) {
    return `http://evil.corp.localhost:${await this.serve(handler, '127.0.0.1')}/`;
  }
  async serve(handler, address) {
    const server = createServer(handler).listen(0, address);
    await once(server, 'listening');
    this.ends.push(() => { server.closeAllConnections(); server.close(); });
    return server.address().port;
  }
  page(html) {
    return this.foreign((request, response) => {
      response.setHeader('content-type', 'text/html');
      response.end(html);
    });
  }
  async openQuestions() {
    const admin = await this.world.admin();
    const { parameters } = await admin.call('io.reeve.Admin.Status', {});
    await admin.close();
    return parameters.consents;
  }
  codeRequests() {
    const { events } = this.world.provider;
    return events.filter(({ endpoint, grant_type }) => endpoint === 'token' && grant_type === 'authorization_code').length;
  }
  callAs(uid, method, parameters, options) {
    return callAs(this.world, uid, method, parameters, options);
  }
}

export const offers = (page, name) => page.getByRole('button', { name }).count().then((count) => count > 0);

// The worlds of a suite, one for each set of options.
export class Worlds {
  constructor() {
    this.all = new Map();
  }
  async get(options) {
    const key = JSON.stringify(options);
    if (!this.all.has(key)) this.all.set(key, await World.start({ evil: true, ...options }));
    return this.all.get(key);
  }
  async stop() {
    for (const world of this.all.values()) await world.stop();
  }
}
