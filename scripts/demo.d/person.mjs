// What a person does in a browser, for scripts/demo --headless, with a screenshot of each page.
//
//     echo '{"url": ..., "phrase": ..., "login": ..., "screenshots": DIR}' | node person.mjs
//
// Prints a line for people at each step. On a failure the last screenshot is named "stuck".
import { text } from 'node:stream/consumers';
import { launch, person, screenshot } from '../../tests/support/node/browser.mjs';

const WAIT_MS = 30_000;
const task = JSON.parse(await text(process.stdin));
const browser = await launch();
const { page } = await person(browser);
page.setDefaultTimeout(WAIT_MS);
let number = 0;

const say = (line) => process.stdout.write(`${line}\n`);
const button = (name) => page.getByRole('button', { name, exact: true });

// The page is complete when `sign` is there.
async function see(sign, name) {
  await sign.waitFor({ state: 'attached' });
  await screenshot(page, task.screenshots, `${String(++number).padStart(2, '0')}-${name}`);
}

// The sign-in and consent pages of the authorization server.
async function passServer(name) {
  await see(page.locator('input[name=login]'), `${name}-sign-in`);
  await page.locator('input[name=login]').fill(task.login);
  await page.locator('input[name=password]').fill('any');
  await page.locator('button[type=submit]').click();
  await see(page.locator('input[name=prompt][value=consent]'), `${name}-consent`);
  await page.locator('button[type=submit]').click();
}

async function walk() {
  await page.goto(task.url);
  await see(button('Sign in'), 'reeve-sign-in');
  await button('Sign in').click();
  await passServer('issuer');
  say(`signed in as ${task.login} at the users' issuer`);

  await see(button('Continue'), 'reeve-consent');
  if (!(await page.locator('body').innerText()).includes(task.phrase)) {
    throw new Error('the page does not show the phrase');
  }
  say('the page asks what the agent asks, and shows the same phrase: Continue');
  await button('Continue').click();
  await passServer('provider');
  say(`signed in as ${task.login} at the provider, and agreed there`);

  await see(button('Yes, connect'), 'reeve-connect-this-account');
  say(`"${await page.getByRole('heading', { level: 1 }).innerText()}" Yes, connect`);
  await button('Yes, connect').click();
  await see(page.getByRole('heading', { name: 'Connected', exact: true }), 'reeve-done');
  await page.getByRole('link', { name: 'your connections', exact: true }).click();
  await see(page.getByRole('button', { name: /^Disconnect/ }), 'reeve-connections');
}

try {
  await walk();
} catch (error) {
  await screenshot(page, task.screenshots, 'stuck').catch(() => {});
  console.error(`at ${new URL(page.url()).origin}: ${error.message}`);
  process.exitCode = 1;
} finally {
  await browser.close();
}
