// The order of things: replays, handles of others, an eager agent, a binder gone bad (T7, T8, T14, T16, T20).
import { consentAndWithhold, pressContinue } from '../people.mjs';
import { refusal, sleep, users } from '../world.mjs';
import { offers } from './scene.mjs';

// Alice has consented at the provider, and its answer is on the way.
async function consented(scene, asked) {
  const alice = await scene.opened(asked, 'alice');
  await pressContinue(alice.page);
  return { alice, callback: await consentAndWithhold(alice.page, 'alice', scene.world.redirects['provider.files']) };
}
export const attacks = [
  {
    id: 'T7', name: 'the callback arrives again, three times at once: a code is redeemed twice',
    off: ['flow_cookie', 'state', 'under_way'],
    async run(scene) {
      const asked = await scene.question('alice');
      const { alice, callback } = await consented(scene, asked);
      const before = scene.codeRequests();
      const arrive = () => alice.context.request.get(callback, { maxRedirects: 0 });
      const redeemed = async (count) => {
        for (let i = 0; i < 100 && scene.codeRequests() < before + count; ++i) await sleep(10);
      };
      const { location } = (await arrive()).headers();
      await redeemed(1);
      await alice.page.goto(scene.world.url + location);
      await Promise.all([arrive(), arrive(), arrive()]);
      await redeemed(2);
      return scene.codeRequests() > before + 1;
    },
  },
  {
    id: 'T8', name: 'another process uses the session\'s handle', off: ['session_scope'],
    async run(scene) {
      const { session } = await scene.question('alice');
      const said = await scene.callAs(0, 'io.reeve.Agent.GetToken', { session, provider: 'files' });
      return said.error !== 'io.reeve.Agent.SessionInvalid';
    },
  },
  {
    id: 'T8', name: 'another process waits on the request', off: ['session_scope', 'request_scope'],
    async run(scene) {
      const { session, request } = await scene.question('alice');
      const said = await scene.callAs(0, 'io.reeve.Agent.AwaitConsent', { session, request }, { more: true });
      return said.error === undefined;
    },
  },
  {
    id: 'T14', name: 'a foreign page answers "declined" in the provider\'s name',
    why: 'without its state there is no flow to end',
    async run(scene) {
      const asked = await scene.question('alice');
      const alice = await scene.opened(asked, 'alice');
      const callback = scene.world.redirects['provider.files'];
      await alice.page.goto(await scene.page(`<a href="${callback}?error=access_denied&state=${'A'.repeat(43)}">more</a>`));
      await alice.page.getByRole('link').click();
      await alice.page.waitForLoadState();
      await alice.page.goto(asked.url);
      return !await offers(alice.page, 'Continue');
    },
  },
  {
    id: 'T16', name: 'a hijacked reeve-bind begins a question that it never showed', off: ['digest'],
    async run(scene) {
      const asked = await scene.question('alice');
      const alice = await scene.opened(asked, 'alice');
      const { value } = (await alice.context.cookies()).find(({ name }) => name === '__Host-reeve-browser');
      const ticket = new URL(asked.url).pathname.split('/').at(-1);
      const said = await scene.callAs(users.binder, 'io.reeve.Binding.Start', { browser: value, ticket, digest: 'A'.repeat(43) });
      return said.error === undefined;
    },
  },
  {
    id: 'T16', name: 'a hijacked reeve-bind invents answers, handles and browsers',
    why: 'what it could name are secrets that it was never told',
    async run(scene) {
      const asked = await scene.question('alice');
      const ticket = new URL(asked.url).pathname.split('/').at(-1);
      const browser = 'B'.repeat(43);
      const calls = [
        ['Describe', { browser, ticket }, (out) => out?.page], ['Start', { browser, ticket, digest: '' }],
        ['Decline', { browser, ticket }],
        ['Return', { browser, flow: browser, redirect: scene.world.redirects['provider.files'], state: browser, code: 'x' }],
        ['Outcome', { browser, handle: browser }], ['Confirm', { browser, handle: browser, accept: true }],
        ['Connections', { browser }], ['Disconnect', { browser, grant: 'x' }],
      ];
      for (const [method, parameters, gained = () => true] of calls) {
        const said = await scene.callAs(users.binder, `io.reeve.Binding.${method}`, parameters);
        if (said.error === undefined && gained(said.parameters)) return true;
      }
      return await scene.lent(asked) !== null;
    },
  },
  {
    id: 'T20', name: 'the agent opens its own link in a browser, and presses what it finds',
    why: 'the page needs the person\'s sign-in, which the agent has not',
    async run(scene) {
      const asked = await scene.question('alice');
      const robot = await scene.person();
      await robot.page.goto(asked.url);
      if (await offers(robot.page, 'Continue')) return true;
      await robot.page.getByRole('button').first().click();
      await robot.page.waitForLoadState();
      return await scene.lent(asked) !== null;
    },
  },
  {
    id: 'T20', name: 'the agent asks a hundred times, for more each time',
    why: 'one question for one set of scopes, named on the page; what the policy does not allow is refused',
    async run(scene) {
      const asked = await scene.question('alice');
      const before = await scene.openQuestions();
      for (let i = 0; i < 100; ++i) await asked.agent.call('io.reeve.Agent.GetToken', asked.ask).catch(() => {});
      if (await scene.openQuestions() > before) return true;
      const greedy = await refusal(asked.agent.call('io.reeve.Agent.GetToken', { ...asked.ask, scopes: ['openid', 'admin'] }));
      if (greedy.name !== 'Denied') return true;
      const wider = await scene.question('alice', { scopes: ['openid', 'profile', 'email'] });
      const alice = await scene.opened(wider, 'alice');
      return !(await alice.page.locator('main').innerText()).includes('email');
    },
  },
];
