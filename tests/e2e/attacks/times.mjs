// What ends meanwhile: sessions, sign-ins, questions, at each step of a person's walk (T9); and one account beside
// another (T15).
import { signIn } from '../../support/node/browser.mjs';
import { confirm, consentAndWithhold, continueAs, pressContinue } from '../people.mjs';
import { offers } from './scene.mjs';

// Each takes Alice to a place, and returns how she goes on from there.
const steps = {
  'before she opens the link': async (scene, asked) => {
    const alice = await scene.signedIn('alice');
    return { alice, goOn: async () => {
      await alice.page.goto(asked.url);
      if (!await offers(alice.page, 'Continue')) return;
      await continueAs(alice.page, 'alice');
      await confirm(alice.page);
    } };
  },
  'before Continue': async (scene, asked) => {
    const alice = await scene.opened(asked, 'alice');
    return { alice, goOn: async () => {
      const away = alice.page.waitForURL((url) => url.href.startsWith(scene.world.providerUrl));
      const stopped = alice.page.waitForResponse((answer) => answer.request().method() === 'POST' && answer.status() !== 200);
      await pressContinue(alice.page);
      if (await Promise.race([away.then(() => false), stopped.then(() => true)])) return;
      await signIn(alice.page, 'alice');
      await alice.page.waitForLoadState();
      if (await offers(alice.page, 'Yes, connect')) await confirm(alice.page);
    } };
  },
  'before the provider\'s answer': async (scene, asked) => {
    const alice = await scene.opened(asked, 'alice');
    await pressContinue(alice.page);
    const callback = await consentAndWithhold(alice.page, 'alice', scene.world.redirects['provider.files']);
    return { alice, goOn: async () => {
      await alice.page.goto(callback);
      if (await offers(alice.page, 'Yes, connect')) await confirm(alice.page);
    } };
  },
  'before she says that it is her account': async (scene, asked) => {
    const alice = await scene.opened(asked, 'alice');
    await continueAs(alice.page, 'alice');
    return { alice, goOn: () => confirm(alice.page) };
  },
};

const ends = {
  'her agent\'s session is closed': (scene, { agent, session }) => agent.call('io.reeve.Agent.CloseSession', { session }),
  'the operator kills the sessions': async (scene) => {
    const admin = await scene.world.admin();
    await admin.call('io.reeve.Admin.KillSessions', { workload: 'agent' });
    await admin.close();
  },
  'Alice signs out in another tab': async (scene, asked, alice) => {
    const tab = await alice.context.newPage();
    await tab.goto(`${scene.world.url}/connections`);
    await tab.getByRole('button', { name: /sign out/i }).first().click();
    await tab.getByRole('heading', { name: 'Signed out' }).waitFor();
  },
};

const over = (end, step, switched) => ({
  id: 'T9', name: `${end} ${step}`, ...switched,
  async run(scene) {
    const asked = await scene.question('alice');
    const { alice, goOn } = await steps[step](scene, asked);
    await ends[end](scene, asked, alice);
    await goOn();
    // Another session, so that the ended one is no reason; the grant would be there.
    const session = await scene.session(asked.agent, 'alice');
    return await scene.lent({ agent: asked.agent, ask: { session, provider: 'files' } }) === 'alice';
  },
});
const [opening, pressing, answering, confirming] = Object.keys(steps);
const [closed, killed, signedOut] = Object.keys(ends);
const noSession = { off: ['session'] };
const noBrowser = { why: 'the browser\'s record is gone, and with it all that an answer could fit' };

export const attacks = [
  over(killed, opening, noSession), over(closed, pressing, noSession), over(closed, answering, noSession),
  over(killed, answering, noSession), over(killed, confirming, noSession),
  over(signedOut, pressing, noBrowser), over(signedOut, answering, noBrowser), over(signedOut, confirming, noBrowser),
  {
    id: 'T9', name: 'the question is too old at each step: link, Continue, the provider\'s answer, the account',
    why: 'what is older than ten minutes is over (CLOCK_BOOTTIME, by a time namespace)',
    world: { later: true },
    async run(scene) {
      // Four questions in one browser, by four sets of scopes; three have got somewhere.
      const asks = [['openid'], ['openid', 'profile'], ['openid', 'email'], ['openid', 'profile', 'email']];
      const questions = [await scene.question('alice', { scopes: asks[0] })];
      for (const scopes of asks.slice(1)) questions.push(await scene.questionBeside(questions[0], { scopes }));
      const alice = await scene.opened(questions[0], 'alice');
      const pages = [alice.page];
      for (const { url } of questions.slice(1)) {
        const page = await alice.context.newPage();
        pages.push(page);
        await page.goto(url);
      }
      await pressContinue(pages[1]);
      const callback = await consentAndWithhold(pages[1], 'alice', scene.world.redirects['provider.files']);
      await pressContinue(pages[2]);
      await pages[2].locator('input[name=prompt][value=consent]').waitFor({ state: 'attached' });
      await pages[2].locator('button[type=submit]').click();
      await pages[2].getByRole('button', { name: 'Yes, connect' }).waitFor();
      await scene.world.restart(700);
      await pressContinue(pages[0]);
      await pages[0].waitForLoadState();
      if (pages[0].url().startsWith(scene.world.providerUrl)) return true;
      await pages[1].goto(callback);
      if (await offers(pages[1], 'Yes, connect')) return true;
      await confirm(pages[2]);
      await pages[3].goto(questions[3].url);
      if (await offers(pages[3], 'Continue')) return true;
      const agent = await scene.world.agent();
      const session = await scene.session(agent, 'alice');
      for (const scopes of asks) {
        if (await scene.lent({ agent, ask: { session, provider: 'files', scopes } }) !== null) return true;
      }
      return false;
    },
  },
  {
    id: 'T15', name: 'Alice connects a second account, which takes the place of the first unnoticed',
    why: 'a grant is of one account; where none is named, the first serves',
    async run(scene) {
      const asked = await scene.question('alice');
      const alice = await scene.opened(asked, 'alice');
      await continueAs(alice.page, 'alice');
      await confirm(alice.page);
      if (await scene.lent(asked) !== 'alice') throw new Error('the first account was not connected');
      await alice.context.clearCookies({ domain: '127.0.0.3' });
      const again = await scene.questionBeside(asked, { fresh: true });
      await alice.page.goto(again.url);
      await continueAs(alice.page, 'mallory');
      await confirm(alice.page);
      return await scene.lent(asked) !== 'alice';
    },
  },
];
