// Pictures of every page of reeve-bind, by a real walk through a real world: in each language, light, dark and 360 px
// wide. For people to look at; scripts/screenshots runs it.
//
//     REEVE_BUILD=build node tests/e2e/screenshots.mjs DIRECTORY [LANGUAGE...]
import fs from 'node:fs';
import path from 'node:path';
import { launch, signIn } from '../support/node/browser.mjs';
import { World, refusal } from './world.mjs';

const [directory, ...chosen] = process.argv.slice(2);
const languages = chosen.length > 0 ? chosen : ['en', 'de', 'fr', 'es'];
fs.mkdirSync(directory, { recursive: true });

const browser = await launch();
const logo = path.join(fs.mkdtempSync('/tmp/reeve-logo.'), 'logo.png');
await drawLogo();
const world = await World.start({
  bindOptions: ['--operator=Example Works', '--contact=help@example.com', `--logo=${logo}`],
});

async function drawLogo() {
  const page = await browser.newPage({ viewport: { width: 64, height: 64 } });
  await page.setContent('<body style="margin:0;height:64px;background:radial-gradient(circle,#2a6fb0 60%,#fff 62%)">');
  fs.writeFileSync(logo, await page.screenshot());
  fs.chmodSync(path.dirname(logo), 0o755);
  await page.close();
}

async function shoot(page, language, name) {
  for (const [kind, colorScheme, width] of [['light', 'light', 800], ['dark', 'dark', 800], ['narrow', 'light', 360]]) {
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize({ width, height: 700 });
    await page.screenshot({ path: path.join(directory, `${name}.${language}.${kind}.png`), fullPage: true });
  }
  await page.setViewportSize({ width: 800, height: 700 });
}

const press = (page, selector) => page.locator(selector).first().click().then(() => page.waitForLoadState());
const ask = (agent, session, more = {}) =>
  refusal(agent.call('io.reeve.Agent.GetToken', { session, provider: 'files', ...more }));

// One person's walk; the pages are told apart by their forms, not by their words.
async function walk(language) {
  const context = await browser.newContext({ locale: language });
  const page = await context.newPage();
  page.setDefaultTimeout(20_000);
  const see = (name) => shoot(page, language, name);
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
  await context.close();
}

try {
  for (const language of languages) await walk(language);
  console.log(`${fs.readdirSync(directory).length} pictures in ${directory}`);
} finally {
  await browser.close();
  await world.stop();
  fs.rmSync(path.dirname(logo), { recursive: true });
}
