// Users of one host, who sign in by their uid (T19, W12): Alice and Mallory each at a browser that runs as they.
import { users } from '../world.mjs';

// Alice's own terminal, and an agent of Mallory's uid.
export const hostConfig = `
[workload.terminal]
match = { uid = [${users.alice}] }
unix = true
prove_user = true
session_scope = "workload"
allow = [ { provider = "files", scopes = ["openid", "profile"] } ]`;
const agentConfig = `
[workload.robot]
match = { uid = [${users.mallory}] }
unix = true
allow = [ { provider = "files", scopes = ["openid", "profile"] } ]`;
const world = { config: hostConfig };

const cookie = async ({ context }) => (await context.cookies()).find(({ name }) => name.endsWith('reeve-browser'));
const proves = async (scene, options) => (
  (await scene.callAs(users.alice, 'io.reeve.Agent.ProveUser', {}, options)).parameters?.code !== undefined);

async function pressSignIn(page) {
  const button = page.getByRole('button', { name: 'Sign in', exact: true });
  if (await button.count() === 0) return;
  await button.click();
  await page.waitForLoadState();
}

export const attacks = [
  {
    id: 'T19', name: 'another user of the host brings the cookie of Alice, who signed in by her uid', off: ['socket_owner'], world,
    async run(scene) {
      const alice = await scene.hostUserSignedIn('alice'), mallory = await scene.hostUser('mallory');
      if (await scene.hostUserKnown(alice.page) !== 'alice') throw new Error('Alice is not signed in');
      await mallory.context.addCookies([await cookie(alice)]);
      return await scene.hostUserKnown(mallory.page) === 'alice';
    },
  },
  {
    id: 'T19', name: 'another user of the host read Alice\'s code in a command line, and opens it first',
    off: ['socket_owner'], world,
    async run(scene) {
      const mallory = await scene.hostUser('mallory');
      await mallory.page.goto(await scene.codeUrl('alice'));
      await pressSignIn(mallory.page);
      return await scene.hostUserKnown(mallory.page) === 'alice';
    },
  },
  {
    id: 'T19', name: 'Mallory plants a link with her own code: Alice\'s browser is then Mallory\'s', off: ['socket_owner'], world,
    async run(scene) {
      const alice = await scene.hostUser('alice');
      await alice.page.goto(await scene.codeUrl('mallory'));
      await pressSignIn(alice.page);
      return await scene.hostUserKnown(alice.page) === 'mallory';
    },
  },
  {
    id: 'T19', name: 'a hijacked reeve-bind names no connection, or one that is not there', world,
    why: 'reeved reads the owner itself, and without one nobody is signed in',
    async run(scene) {
      const alice = await scene.hostUserSignedIn('alice');
      const { value } = await cookie(alice);
      for (const named of [{}, { address: '127.0.0.1', port: 1 }, { address: '127.0.0.1', port: 70000 },
                           { address: 'x', port: 1 }]) {
        const said = await scene.callAs(users.binder, 'io.reeve.Binding.Connections', { browser: value, ...named });
        if (said.error === undefined) return true;
      }
      return false;
    },
  },
  {
    id: 'W12', name: 'Alice\'s uid in another user namespace proves itself as hers', world,
    why: 'only the initial user and pid namespaces name users of this host',
    async run(scene) {
      if (!await proves(scene)) throw new Error('Alice cannot prove herself');
      const namespaces = ['--user', '--map-current-user'];
      return await proves(scene, { through: ['unshare', ...namespaces] })
        || proves(scene, { through: ['unshare', ...namespaces, '--pid', '--fork'] });
    },
  },
  {
    id: 'W12', name: 'an agent proves the uid it runs as, to answer its own question', world: { config: hostConfig + agentConfig },
    why: 'a workload proves no user, unless it is a person\'s own terminal (`prove_user`)',
    async run(scene) {
      const said = await scene.callAs(users.mallory, 'io.reeve.Agent.ProveUser', {});
      return said.error === undefined;
    },
  },
];
