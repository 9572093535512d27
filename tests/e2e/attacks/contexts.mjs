// Whose answer it is: mix-up, other owners' clients, RFC 9207 (T10); answers by who has the state, but not the browser (T14,
// T16).
import { randomBytes } from 'node:crypto';
import { signIn } from '../../support/node/browser.mjs';
import { confirm, consentAndWithhold, pressContinue, startAndWithhold } from '../people.mjs';
import { users } from '../world.mjs';
import { offers } from './scene.mjs';

// Alice consents to her own question at the honest provider; change(URL) is done to its answer on the way.
async function answeredBy(scene, change) {
  const asked = await scene.question('alice');
  const alice = await scene.opened(asked, 'alice');
  await pressContinue(alice.page);
  const url = new URL(await consentAndWithhold(alice.page, 'alice', scene.world.redirects['provider.files']));
  change(url);
  await alice.page.goto(url.href);
  if (await offers(alice.page, 'Yes, connect')) await confirm(alice.page);
  return asked;
}
// The authorization request of one flow, made out to the honest client of another.
function asClient(query, provider, world) {
  const url = new URL(`${world.providerUrl}/auth`);
  const ask = { client_id: `reeve-${provider}`, response_type: 'code', scope: 'openid', state: query.get('state'),
                redirect_uri: world.redirects[`provider.${provider}`], code_challenge: query.get('code_challenge'),
                code_challenge_method: 'S256' };
  for (const [name, value] of Object.entries(ask)) url.searchParams.set(name, value);
  return url.href;
}

export const attacks = [
  {
    id: 'T10', name: 'mix-up: the provider "evil" sends its user on to an honest one, for a code', off: ['redirect_uri', 'iss'],
    async run(scene) {
      const asked = await scene.question('alice', { provider: 'evil' });
      scene.world.evil.next = (query) => asClient(query, 'files', scene.world);
      const before = scene.world.evil.codes.length;
      const alice = await scene.person();
      await scene.signIn(alice.page, asked.url, 'alice');
      await pressContinue(alice.page);
      await signIn(alice.page, 'alice');
      await alice.page.waitForLoadState();
      return scene.world.evil.codes.length > before;
    },
  },
  {
    id: 'T10', name: 'two owners\' clients of one provider: a code of the first goes to the provider in the second\'s name',
    off: ['redirect_uri'],
    async run(scene) {
      const asked = await scene.question('alice', { provider: 'shared' });
      const alice = await scene.opened(asked, 'alice');
      const away = new URL(await startAndWithhold(alice.page, scene.world.providerUrl));
      const before = scene.codeRequests();
      await alice.page.goto(asClient(away.searchParams, 'files', scene.world));
      await signIn(alice.page, 'alice');
      await alice.page.waitForLoadState();
      return scene.codeRequests() > before;
    },
  },
  {
    id: 'T10', name: 'and the other way: a code of the second, with the state of the first\'s flow', off: ['redirect_uri'],
    async run(scene) {
      const answerOf = async (provider) => {
        const { page } = await scene.opened(await scene.question('alice', { provider }), 'alice');
        await pressContinue(page);
        const url = await consentAndWithhold(page, 'alice', scene.world.redirects[`provider.${provider}`]);
        return { page, url: new URL(url) };
      };
      const stolen = await answerOf('shared'), own = await answerOf('files');
      stolen.url.searchParams.set('state', own.url.searchParams.get('state'));
      const before = scene.codeRequests();
      await own.page.goto(stolen.url.href);
      await own.page.waitForLoadState();
      return scene.codeRequests() > before;
    },
  },
  {
    id: 'T10', name: 'an answer without `iss`, where the provider says that it sends it', off: ['iss'],
    async run(scene) {
      const asked = await answeredBy(scene, ({ searchParams }) => searchParams.delete('iss'));
      return await scene.lent(asked) !== null;
    },
  },
  {
    id: 'T10', name: 'an answer with the `iss` of another provider', off: ['iss'],
    async run(scene) {
      const asked = await answeredBy(scene, ({ searchParams }) => searchParams.set('iss', `${scene.world.providerUrl}/`));
      return await scene.lent(asked) !== null;
    },
  },
  {
    id: 'T10', name: 'a refusal with the `iss` of another provider is told as the user\'s', off: ['iss'],
    async run(scene) {
      const asked = await answeredBy(scene, ({ searchParams }) => {
        searchParams.delete('code');
        searchParams.set('error', 'access_denied');
        searchParams.set('iss', scene.world.issuerUrl);
      });
      return await scene.status(asked) === 'declined';
    },
  },
  {
    id: 'T14', name: 'Mallory has read the state, and answers "declined" from her own browser',
    off: ['browser', 'flow_cookie', 'user'],
    async run(scene) {
      const asked = await scene.question('alice', { provider: 'shared' });
      const alice = await scene.opened(asked, 'alice');
      const away = new URL(await startAndWithhold(alice.page, scene.world.providerUrl));
      const mallory = await scene.signedIn('mallory');
      const query = new URLSearchParams({ error: 'access_denied', state: away.searchParams.get('state'),
                                          iss: scene.world.providerUrl });
      await mallory.page.goto(`${scene.world.redirects['provider.shared']}?${query}`);
      await alice.page.goto(asked.url);
      return !await offers(alice.page, 'Continue');
    },
  },
  {
    id: 'T16', name: 'a hijacked reeve-bind presents Alice\'s answer in another browser\'s name, then again in hers',
    off: ['browser', 'user'],
    async run(scene) {
      const asked = await scene.question('alice');
      const alice = await scene.opened(asked, 'alice'), mallory = await scene.signedIn('mallory');
      await pressContinue(alice.page);
      const url = new URL(await consentAndWithhold(alice.page, 'alice', scene.world.redirects['provider.files']));
      const cookies = await alice.context.cookies(scene.world.url);
      const named = (list, start) => list.find(({ name }) => name.startsWith(start)).value;
      const secret = (list) => named(list, '__Host-reeve-browser');
      const answer = { flow: named(cookies, '__Host-reeve-flow-'), redirect: scene.world.redirects['provider.files'],
                       ...Object.fromEntries(['state', 'code', 'iss'].map((name) => [name, url.searchParams.get(name)])) };
      const before = scene.codeRequests();
      for (const browser of [secret(await mallory.context.cookies(scene.world.url)), randomBytes(32).toString('base64url'),
                             secret(cookies)]) {
        await scene.callAs(users.binder, 'io.reeve.Binding.Return', { browser, ...answer });
      }
      return scene.codeRequests() > before;
    },
  },
];
