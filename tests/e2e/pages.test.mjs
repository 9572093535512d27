// The pages as people meet them: in their language, on a narrow screen, by keyboard, under the operator's name.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { after, before, test } from 'node:test';
import { launch, signIn } from '../support/node/browser.mjs';
import { World, refusal } from './world.mjs';

// One pixel.
const picture = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64');
const logo = `${fs.mkdtempSync('/tmp/reeve-logo.')}/logo.png`;

let world, browser;
before(async () => {
  fs.chmodSync(logo.replace('/logo.png', ''), 0o755);
  fs.writeFileSync(logo, picture);
  world = await World.start({ bindOptions: ['--operator=Example & Söhne', '--contact=help@example.com', `--logo=${logo}`] });
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await world?.stop();
  fs.rmSync(logo.replace('/logo.png', ''), { recursive: true });
});

const ask = async (agent, session) =>
  (await refusal(agent.call('io.reeve.Agent.GetToken', { session, provider: 'files', fresh: true }))).parameters;

// What a page of each kind must keep: whole at 360 pixels and at 200 % of 1280, one h1, its language, a name for each
// control, the operator's name.
async function lookAt(page, language) {
  for (const width of [360, 640]) {
    await page.setViewportSize({ width, height: 700 });
    const [needs, has] = await page.evaluate(() => [document.documentElement.scrollWidth, window.innerWidth]);
    assert.ok(needs <= has, `${page.url()} needs ${needs} of ${has} pixels`);
  }
  assert.equal(await page.locator('html').getAttribute('lang'), language);
  assert.equal(await page.getByRole('heading', { level: 1 }).count(), 1);
  assert.match(await page.title(), / - Example & Söhne$/);
  assert.ok(await page.locator('header img').evaluate((image) => image.complete && image.naturalWidth === 1), 'the logo is shown');
  assert.equal(await page.getByRole('contentinfo').getByRole('link', { name: 'help@example.com' }).getAttribute('href'),
    'mailto:help@example.com');
  for (const control of await page.locator('a, button, summary').all()) {
    assert.notEqual((await control.getAttribute('aria-label')) ?? (await control.textContent()), '');
  }
}

// Goes to the control with that selector by the Tab key alone, and presses it.
async function pressByKeyboard(page, selector) {
  for (let presses = 0; presses < 20; ++presses) {
    await page.keyboard.press('Tab');
    if (await page.evaluate((wanted) => document.activeElement.matches(wanted), selector)) {
      const outline = await page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle);
      assert.notEqual(outline, 'none', 'the focus is seen');
      await page.keyboard.press('Enter');
      return;
    }
  }
  throw new Error(`no way to ${selector} by keyboard`);
}

for (const [language, headings] of [
  ['de', ['Bitte zuerst bei', 'Darf agent für Sie Files benutzen?', 'alice bei Files mit alice verbinden?', 'Verbunden',
          'Ihre Verbindungen', 'Getrennt']],
  ['fr', ['Identifiez-vous d’abord auprès de', 'agent peut-il utiliser Files pour vous ?',
          'Relier alice chez Files à alice ?', 'C’est relié', 'Vos connexions', 'C’est coupé']]]) {
  test(`a whole consent by keyboard alone, in ${language}`, async () => {
    const context = await browser.newContext({ locale: language });
    const page = await context.newPage();
    page.setDefaultTimeout(30_000);
    const agent = await world.agent();
    const session = await world.session(agent, 'alice');
    const see = async (heading) => {
      await page.getByRole('heading', { level: 1, name: heading }).waitFor();
      await lookAt(page, language);
    };
    await page.goto((await ask(agent, session)).url);
    await see(headings[0]);
    await pressByKeyboard(page, 'main button');
    await signIn(page, 'alice');
    await see(headings[1]);
    await pressByKeyboard(page, 'button[value=continue]');
    await signIn(page, 'alice');
    await see(headings[2]);
    await pressByKeyboard(page, 'button[value=yes]');
    await see(headings[3]);
    await agent.call('io.reeve.Agent.GetToken', { session, provider: 'files' });
    await page.goto(`${world.url}/connections`);
    await see(headings[4]);
    await pressByKeyboard(page, '.cards button');
    await see(headings[5]);
    assert.match(await page.locator('main').innerText(), /5[0-9]|60/, 'how long lent tokens live on');
    await agent.close();
    await context.close();
  });
}

test('errors speak the language too, bear the same name, and nothing comes from elsewhere', async () => {
  const context = await browser.newContext({ locale: 'es' });
  const page = await context.newPage();
  const asked = [];
  page.on('request', (request) => asked.push(new URL(request.url()).origin));
  const response = await page.goto(`${world.url}/connect/${'x'.repeat(43)}`);
  assert.equal(response.headers()['content-language'], 'es');
  assert.equal(response.headers().vary, 'Accept-Language');
  await lookAt(page, 'es');
  await page.goto(`${world.url}/nowhere`);
  await lookAt(page, 'es');
  assert.deepEqual([...new Set(asked)], [world.url]);
  await context.close();
});

test('all that a person has connected is ended at once, and the provider told', async () => {
  const context = await browser.newContext({ locale: 'en' });
  const page = await context.newPage();
  page.setDefaultTimeout(30_000);
  const agent = await world.agent();
  const session = await world.session(agent, 'alice');
  for (const account of ['alice', 'mallory']) {
    await page.goto((await ask(agent, session)).url);
    if (await page.getByRole('button', { name: 'Sign in', exact: true }).count()) {
      await page.getByRole('button', { name: 'Sign in', exact: true }).click();
      await signIn(page, 'alice');
    }
    await context.clearCookies({ domain: '127.0.0.3' });
    await page.getByRole('button', { name: 'Continue' }).click();
    await signIn(page, account);
    if (account === 'mallory') assert.match(await page.locator('main').innerText(), /has alice at Files already/);
    await page.getByRole('button', { name: 'Yes, connect' }).click();
    await page.getByRole('heading', { name: 'Connected' }).waitFor();
  }
  await page.goto(`${world.url}/connections`);
  assert.equal(await page.getByRole('button', { name: 'Disconnect agent from mallory at Files' }).count(), 1);
  await page.getByText('Disconnect all', { exact: true }).click();
  await page.getByRole('button', { name: 'Yes, disconnect all' }).click();
  await page.getByRole('heading', { name: 'All disconnected' }).waitFor();
  assert.equal((await page.locator('main').innerText()).match(/Files has confirmed it/g).length, 2);
  assert.equal(world.auditEvents('grant.revoked').filter((event) => event.reason === 'user').length >= 2, true);
  await page.getByRole('link', { name: 'Back to your connections' }).click();
  await page.getByText('Nothing is connected').waitFor();
  assert.equal((await ask(agent, session)).reason, 'fresh');
  await agent.close();
  await context.close();
});
