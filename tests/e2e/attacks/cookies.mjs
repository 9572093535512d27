// Cookies and sign-ins: fixation, theft, tossing, silent sign-in as somebody else (T13).
import { offers } from './scene.mjs';

const cookie = async ({ context }) => (await context.cookies()).find(({ name }) => name.endsWith('reeve-browser'));

export const attacks = [
  {
    id: 'T13', name: 'fixation: Alice signs in with a browser secret that Mallory knows', off: ['renewal'],
    async run(scene) {
      const mallory = await scene.person(), alice = await scene.person();
      const asked = await scene.question('alice');
      await mallory.page.goto(asked.url);
      await alice.context.addCookies([await cookie(mallory)]);
      await scene.signIn(alice.page, asked.url, 'alice');
      return await scene.knownAs(mallory.page) === 'alice';
    },
  },
  {
    id: 'T13', name: 'a cookie that was stolen is used after Alice signed out', off: ['sign_out'],
    async run(scene) {
      const alice = await scene.signedIn('alice'), mallory = await scene.person();
      await mallory.context.addCookies([await cookie(alice)]);
      await alice.page.goto(`${scene.world.url}/connections`);
      await alice.page.getByRole('button', { name: /sign out/i }).first().click();
      await alice.page.getByRole('heading', { name: 'Signed out' }).waitFor();
      return await scene.knownAs(mallory.page) === 'alice';
    },
  },
  {
    id: 'T13', name: 'a sibling host tosses Mallory\'s cookie to Alice, who is then signed in as Mallory', off: ['prefix'],
    world: { host: 'agents.corp.localhost' },
    async run(scene) {
      const mallory = await scene.signedIn('mallory');
      const { value } = await cookie(mallory);
      const names = ['__Host-reeve-browser', '__host-reeve-browser', '=__Host-reeve-browser', ' __Host-reeve-browser',
                     '\u2003__Host-reeve-browser', 'reeve-browser'];
      const alice = await scene.person();
      await alice.page.goto(await scene.sibling((request, response) => {
        response.setHeader('set-cookie', names.flatMap((name) => ['', '; Secure'].map((secure) => (
          Buffer.from(`${name}=${value}; Domain=corp.localhost; Path=/${secure}`).toString('latin1')))));
        response.end('hello');
      }));
      return await scene.knownAs(alice.page) !== null;
    },
  },
  {
    id: 'T13', name: 'Alice\'s browser is Mallory\'s at the issuer, which asks nothing: Mallory\'s link, Alice\'s account',
    off: [], world: { issuerKeys: 'prompt = "login"' }, control: { issuerKeys: '' },
    why: 'the operator\'s `prompt = "login"`; without it "You are mallory" stands on the page',
    async run(scene) {
      const alice = await scene.signedIn('mallory');
      await alice.context.clearCookies({ domain: new URL(scene.world.url).hostname });
      const asked = await scene.question('mallory');
      await alice.page.goto(asked.url);
      await alice.page.getByRole('button', { name: 'Sign in', exact: true }).click();
      await alice.page.waitForLoadState();
      if (await alice.page.locator('input[name=login]').count() > 0) return false;
      return offers(alice.page, 'Continue');
    },
  },
];
