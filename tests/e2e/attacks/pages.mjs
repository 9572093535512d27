// Requests that nobody meant: forgery, redirects, previews, other names and origins (T6, T11, T18, T19).
import { request as httpRequest } from 'node:http';
import { offers } from './scene.mjs';

const form = (action, fields) => `<form method="post" action="${action}">${Object.entries(fields).map(([name, value]) => (
  `<input name="${name}" value="${value}">`)).join('')}</form><script>document.forms[0].submit()</script>`;

// The status of a plain request with that Host.
function asHost(url, host) {
  return new Promise((resolve, reject) => {
    httpRequest(url, { headers: { host } }, (answer) => resolve(answer.resume().statusCode)).on('error', reject).end();
  });
}

export const attacks = [
  {
    id: 'T6', name: 'a foreign page declines Alice\'s question in her browser', off: ['origin', 'form_token', 'same_site'],
    async run(scene) {
      const asked = await scene.question('alice');
      const alice = await scene.opened(asked, 'alice');
      const answered = alice.page.waitForResponse((response) => response.request().method() === 'POST');
      await alice.page.goto(await scene.page(form(asked.url, { action: 'decline' }))).catch(() => {});
      await answered;
      await alice.page.goto(asked.url);
      return !await offers(alice.page, 'Continue');
    },
  },
  {
    id: 'T11', name: 'the agent names a return URL that is not registered', off: ['return_url'],
    async run(scene) {
      let came = 0;
      const url = await scene.foreign((request, response) => { came += 1; response.end('hello'); });
      const asked = await scene.question('alice', { return_url: url });
      if (asked.error !== 'ConsentRequired') return false;
      const alice = await scene.opened(asked, 'alice');
      await alice.page.getByRole('button', { name: 'Decline' }).click();
      await alice.page.waitForURL(`${url}**`, { timeout: 5000 }).catch(() => {});
      return came > 0;
    },
  },
  {
    id: 'T18', name: 'previews, prefetchers and scanners open the connect link before Alice',
    why: 'opening it changes nothing, so there is nothing to switch off',
    async run(scene) {
      const asked = await scene.question('alice');
      const before = scene.world.provider.events.length;
      for (const headers of [{}, { 'sec-purpose': 'prefetch;prerender' }, { purpose: 'preview' }, { 'x-moz': 'prefetch' },
                             { 'user-agent': 'Slackbot-LinkExpanding 1.0' }]) {
        for (const method of ['GET', 'HEAD']) await fetch(asked.url, { method, headers });
      }
      const alice = await scene.opened(asked, 'alice');
      return !await offers(alice.page, 'Continue') || scene.world.provider.events.length !== before;
    },
  },
  {
    id: 'T19', name: 'DNS rebinding: the pages under another name', off: ['host'],
    async run(scene) {
      const { port } = new URL(scene.world.url);
      const seen = await Promise.all([`rebound.example:${port}`, `localhost:${port}`, '127.0.0.1', `127.0.0.1.:${port}`].map(
        (host) => asHost(`${scene.world.url}/connections`, host)));
      return seen.some((status) => status !== 421);
    },
  },
  {
    id: 'T19', name: 'DNS rebinding: a page of Mallory\'s name, which leads here now', off: ['host'],
    async run(scene) {
      const alice = await scene.person();
      await alice.page.goto(`http://rebound.localhost:${new URL(scene.world.url).port}/connections`);
      return offers(alice.page, 'Sign in');
    },
  },
  {
    id: 'T19', name: 'a page without an origin (sandboxed) declines Alice\'s question',
    off: ['origin', 'form_token', 'same_site'],
    async run(scene) {
      const asked = await scene.question('alice');
      const alice = await scene.opened(asked, 'alice');
      const answered = alice.page.waitForResponse((response) => response.request().method() === 'POST');
      await alice.page.goto(await scene.foreign((request, response) => {
        response.setHeader('content-type', 'text/html');
        response.setHeader('content-security-policy', 'sandbox allow-forms allow-scripts');
        response.end(form(asked.url, { action: 'decline' }));
      })).catch(() => {});
      await answered;
      await alice.page.goto(asked.url);
      return !await offers(alice.page, 'Continue');
    },
  },
  {
    id: 'T19', name: 'a foreign page reads Alice\'s connections by fetch()',
    why: 'no answer permits it (CORS), and the cookies do not come along',
    async run(scene) {
      const alice = await scene.signedIn('alice');
      const answers = [];
      alice.page.on('response', (answer) => { if (answer.url().startsWith(scene.world.url)) answers.push(answer); });
      await alice.page.goto(await scene.page('hello'));
      const read = await alice.page.evaluate(async (url) => {
        const tries = [{ credentials: 'include' }, { credentials: 'include', mode: 'no-cors' },
                       { method: 'POST', credentials: 'include', headers: { 'content-type': 'application/json' }, body: '{}' }];
        const read = (options) => fetch(url, options).then((answer) => answer.text()).catch(() => '');
        return (await Promise.all(tries.map(read))).join('');
      }, `${scene.world.url}/connections`);
      const permitted = answers.some((answer) => answer.headers()['access-control-allow-origin'] !== undefined);
      return read !== '' || permitted;
    },
  },
];
