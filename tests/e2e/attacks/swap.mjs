// Takeover and planting: one person's consent is made to count for the other (T1 to T5, T15).
import { signIn } from '../../support/node/browser.mjs';
import { confirm, consentAndWithhold, continueAs, pressContinue, startAndWithhold } from '../people.mjs';
import { offers } from './scene.mjs';

// The question to one person is opened by the other, who consents as far as the pages let them.
const openedBy = (other, asked) => async (scene) => {
  const question = await scene.question(asked);
  const { page } = await scene.opened(question, other);
  if (await offers(page, 'Continue')) {
    await continueAs(page, other);
    if (await offers(page, 'Yes, connect')) await confirm(page);
  }
  return await scene.lent(question) === other;
};

// The provider's address that was made for one person is followed by the other, to the end.
const followedBy = (other, asked) => async (scene) => {
  const question = await scene.question(asked);
  const { page } = await scene.opened(question, asked);
  const away = await startAndWithhold(page, scene.world.providerUrl);
  const somebody = await scene.person();
  await somebody.page.goto(away);
  await signIn(somebody.page, other);
  await somebody.page.waitForLoadState();
  return await scene.lentSoon(question) === other;
};

export const attacks = [
  {
    id: 'T1', name: 'Mallory sends her connect link to Alice, who consents: Alice\'s account for Mallory\'s agent',
    off: ['user'], run: openedBy('alice', 'mallory'),
  },
  {
    id: 'T2', name: 'Mallory\'s flow is consented to in Alice\'s browser',
    off: ['browser', 'flow_cookie', 'user', 'account'], run: followedBy('alice', 'mallory'),
  },
  {
    id: 'T3', name: 'Alice\'s connect link leaks; Mallory consents: Mallory\'s account for Alice\'s agent',
    off: ['user'], run: openedBy('mallory', 'alice'),
  },
  {
    id: 'T4', name: 'the provider\'s URL of Alice\'s flow is followed by Mallory',
    off: ['browser', 'flow_cookie', 'user', 'account'], run: followedBy('mallory', 'alice'),
  },
  {
    id: 'T5', name: 'the code of Mallory\'s flow is put into Alice\'s callback', off: ['nonce', 'account'], besides: 'PKCE',
    // Where the provider knows PKCE, it refuses that code by itself.
    control: { providerKeys: 'pkce_off = "this is the control of an attack"', provider: { pkce_required: false } },
    async run(scene) {
      const callback = scene.world.redirects['provider.files'];
      const hers = await scene.question('mallory');
      const mallory = await scene.opened(hers, 'mallory');
      await pressContinue(mallory.page);
      const stolen = new URL(await consentAndWithhold(mallory.page, 'mallory', callback));
      const asked = await scene.question('alice');
      const alice = await scene.opened(asked, 'alice');
      await pressContinue(alice.page);
      const own = new URL(await consentAndWithhold(alice.page, 'alice', callback));
      own.searchParams.set('code', stolen.searchParams.get('code'));
      await alice.page.goto(own.href);
      await alice.page.waitForLoadState();
      return await scene.lent(asked) === 'mallory';
    },
  },
  {
    id: 'T15', name: 'Alice\'s browser is signed in as Mallory at the provider, which asks nothing', off: ['account'],
    async run(scene) {
      const asked = await scene.question('alice');
      const alice = await scene.opened(asked, 'alice');
      await pressContinue(alice.page);
      await signIn(alice.page, 'mallory');
      await alice.page.waitForLoadState();
      return await scene.lent(asked) === 'mallory';
    },
  },
];
