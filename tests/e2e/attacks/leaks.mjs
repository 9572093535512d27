// What stands on a page, and what leaks from it: foreign texts, Referer, history (T12); open redirects (T11).
import { signIn } from '../../support/node/browser.mjs';
import { continueAs, pressContinue } from '../people.mjs';
import { markup } from '../world.mjs';

// Did a script of the page's run?
async function pwned(page) {
  await page.waitForFunction(() => document.title === 'pwned', null, { timeout: 1000 }).catch(() => {});
  return await page.title() === 'pwned';
}
// The evil provider answers with that, and its own state.
const answers = (scene, more) => {
  scene.world.evil.next = (query) => (
    `${scene.world.redirects['provider.evil']}?${new URLSearchParams({ state: query.get('state'), ...more })}`);
};

// The sign-in's form with another next: was it taken?
async function signsInFor(scene, page, next) {
  await page.goto(`${scene.world.url}/connections`);
  await page.locator('input[name=next]').first().evaluate((input, value) => { input.value = value; }, next);
  const answered = page.waitForResponse((response) => response.request().method() === 'POST');
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  return (await answered).status() === 200;
}

export const attacks = [
  {
    id: 'T11', name: 'the agent\'s return_state brings parameters, a header or another host',
    why: 'it is one value, percent-encoded, behind the registered URL',
    async run(scene) {
      const return_url = `${scene.world.evil.url}/back`;
      const state = '@evil.example/\r\nSet-Cookie: a=b&admin=1#';
      const asked = await scene.question('alice', { return_url, return_state: state });
      const alice = await scene.opened(asked, 'alice');
      await alice.page.getByRole('button', { name: 'Decline' }).click();
      await alice.page.waitForURL((url) => url.origin !== scene.world.url);
      const url = new URL(alice.page.url());
      const cookies = (await alice.context.cookies()).map(({ name }) => name);
      return url.origin !== scene.world.evil.url || url.hash !== '' || cookies.includes('a')
          || JSON.stringify([...url.searchParams]) !== JSON.stringify([['state', state]]);
    },
  },
  {
    id: 'T11', name: 'open redirect: the sign-in\'s next leads to another host', off: ['next'],
    async run(scene) {
      const url = await scene.page('gotcha');
      const alice = await scene.person();
      if (!await signsInFor(scene, alice.page, url.replace('http:', ''))) return false;
      await signIn(alice.page, scene.user('alice'));
      await alice.page.waitForURL(`${url}**`, { timeout: 5000 }).catch(() => {});
      return alice.page.url().startsWith(url);
    },
  },
  {
    id: 'T11', name: 'open redirects: what only looks like a path of ours, as the sign-in\'s next', off: ['next'],
    async run(scene) {
      const alice = await scene.person();
      const ways = ['/\\evil.example', 'https://evil.example', '/connect/../../evil', '/%2f%2fevil.example', 'javascript:alert(1)',
                    '/connections?next=//evil.example', '/connections\r\nLocation: //evil.example'];
      for (const next of ways) {
        if (await signsInFor(scene, alice.page, next)) return true;
      }
      return false;
    },
  },
  {
    id: 'T12', name: 'script in the name of an account', off: ['escaping', 'csp'],
    async run(scene) {
      const asked = await scene.question('alice');
      const alice = await scene.opened(asked, 'alice');
      await continueAs(alice.page, 'eve');
      return pwned(alice.page);
    },
  },
  {
    id: 'T12', name: 'script in the names of a provider and a scope', off: ['escaping', 'csp'],
    async run(scene) {
      const asked = await scene.question('alice', { provider: 'evil' });
      const alice = await scene.opened(asked, 'alice');
      return pwned(alice.page);
    },
  },
  {
    id: 'T12', name: 'script in the error that a provider answers with',
    why: 'of an error only a word of known characters is kept',
    async run(scene) {
      answers(scene, { error: markup, error_description: markup, error_uri: 'javascript:alert(1)' });
      const asked = await scene.question('alice', { provider: 'evil' });
      const alice = await scene.opened(asked, 'alice');
      await pressContinue(alice.page);
      await alice.page.waitForURL(/\/done\//);
      return await pwned(alice.page) || await alice.page.locator('svg').count() > 0;
    },
  },
  {
    id: 'T12', name: 'the provider and the page at the return URL read the link in Referer', off: ['referrer'],
    async run(scene) {
      answers(scene, { error: 'temporarily_unavailable' });
      scene.world.evil.referers.length = 0;
      const asked = await scene.question('alice', { provider: 'evil', return_url: `${scene.world.evil.url}/back` });
      const alice = await scene.opened(asked, 'alice');
      await pressContinue(alice.page);
      await alice.page.waitForURL(`${scene.world.evil.url}/back**`);
      const ours = scene.world.evil.referers.map((referer) => new URL(referer)).filter(({ origin }) => origin === scene.world.url);
      return ours.some(({ pathname }) => pathname !== '/');
    },
  },
  {
    id: 'T12', name: 'code and state stay in the browser\'s history', off: ['address'],
    async run(scene) {
      const asked = await scene.question('alice');
      const alice = await scene.opened(asked, 'alice');
      await continueAs(alice.page, 'alice');
      const devtools = await alice.context.newCDPSession(alice.page);
      const { entries } = await devtools.send('Page.getNavigationHistory');
      return entries.some(({ url }) => url.startsWith(scene.world.url) && /[?&](code|state)=/.test(url));
    },
  },
  {
    id: 'T12', name: 'clickjacking: the question in a frame of a page of a sibling host, which gets our cookies',
    off: ['framing', 'embedding'], world: { host: 'agents.corp.localhost' },
    async run(scene) {
      const asked = await scene.question('alice');
      const alice = await scene.opened(asked, 'alice');
      await alice.page.goto(await scene.sibling((request, response) => {
        response.setHeader('content-type', 'text/html');
        response.end(`<iframe src="${asked.url}" width="600" height="600"></iframe>`);
      }));
      return await alice.page.frameLocator('iframe').getByRole('button', { name: 'Continue' }).count() > 0;
    },
  },
  {
    id: 'T12', name: 'a foreign page opens the question in a window, and keeps a handle on it',
    off: ['opener'],
    async run(scene) {
      const asked = await scene.question('alice');
      const alice = await scene.opened(asked, 'alice');
      await alice.page.goto(await scene.page('<button onclick="window.w = window.open(this.dataset.url)">go</button>'));
      await alice.page.locator('button').evaluate((button, url) => { button.dataset.url = url; }, asked.url);
      await alice.page.locator('button').click();
      // Cut off, it looks closed from there.
      const cut = alice.page.waitForFunction(() => window.w.closed, null, { timeout: 3000 });
      return cut.then(() => false, () => true);
    },
  },
];
