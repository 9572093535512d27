// Every page, looked at by programs: axe-core for accessibility in light and dark, on a phone of 360 px and at 200 % zoom;
// the browser's accessibility tree for names; the keyboard; nothing wider than the window; no request to anybody else; no
// violation of the page's own policy; the headers that every answer carries. In English, then in the other languages.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import { after, before, test } from 'node:test';
import { launch, person } from '../support/node/browser.mjs';
import { walkPages } from './page_walk.mjs';
import { confirm, consentAndWithhold, continueAs, openAndSignIn, pressContinue, startAndWithhold } from './people.mjs';
import { World, refusal } from './world.mjs';

const support = createRequire(new URL('../support/node/', import.meta.url));
const axe = fs.readFileSync(support.resolve('axe-core/axe.min.js'), 'utf8');
const PHONE = { width: 360, height: 740 };
const ZOOMED = { width: 640, height: 400 };  // a window of 1280 by 800 at 200 %
const STANDING = ['content-security-policy', 'x-frame-options', 'referrer-policy', 'cache-control', 'x-content-type-options',
                  'cross-origin-opener-policy', 'cross-origin-resource-policy', 'permissions-policy'];
const NAMED = ['button', 'link', 'heading', 'textbox', 'image', 'list', 'region', 'main', 'banner', 'contentinfo'];

let world, browser;
const looked = [];
before(async () => {
  world = await World.start({ evil: true });
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await world?.stop();
});

// A person whose browser keeps what its pages do.
async function watched(options) {
  const someone = await person(browser, options);
  await someone.page.setViewportSize(PHONE);
  someone.elsewhere = [];
  someone.context.on('request', (request) => {
    const { origin } = new URL(request.url());
    const navigation = request.isNavigationRequest() || request.frame()?.url().startsWith(world.url) === false;
    if (origin !== world.url && !navigation) someone.elsewhere.push(request.url());
  });
  await someone.context.addInitScript(() => {
    window.violations = [];
    document.addEventListener('securitypolicyviolation', (event) => {
      window.violations.push(`${event.violatedDirective} ${event.blockedURI}`);
    });
  });
  return someone;
}

const tooWide = (page) => page.evaluate(() => (
  [...document.querySelectorAll('*')].filter((one) => one.getBoundingClientRect().right > window.innerWidth + 1)
    .map((one) => one.outerHTML.slice(0, 80))));

async function accessibility(page) {
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => window.axe.run(document, { preload: false,
    runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] }));
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 100)).join(' | ')}`);
}

async function names(page) {
  const devtools = await page.context().newCDPSession(page);
  const { nodes } = await devtools.send('Accessibility.getFullAXTree');
  await devtools.detach();
  const seen = nodes.filter(({ ignored, role }) => !ignored && NAMED.includes(role?.value));
  const nameless = seen.filter(({ role, name }) => ['button', 'link', 'heading', 'textbox', 'image'].includes(role.value)
    && !name?.value.trim());
  const buttons = seen.filter(({ role }) => role.value === 'button').map(({ name }) => name.value);
  return { nameless: nameless.length, doubled: buttons.filter((name, i) => buttons.indexOf(name) !== i),
           mains: seen.filter(({ role }) => role.value === 'main').length };
}

// Every button and link is reached by Tab, in the order in which it stands.
async function byKeyboard(page) {
  const all = await page.evaluate(() => {
    const list = [...document.querySelectorAll('a[href], button, input:not([type=hidden])')];
    list.forEach((one, i) => { one.dataset.order = i; });
    document.activeElement?.blur();
    return list.length;
  });
  const reached = [];
  for (let i = 0; i < all; ++i) {
    await page.keyboard.press('Tab');
    reached.push(await page.evaluate(() => Number(document.activeElement?.dataset.order ?? -1)));
  }
  assert.deepEqual(reached, [...Array(all).keys()], 'the order of Tab');
}

async function fits(page, about) {
  for (const size of [PHONE, ZOOMED]) {
    await page.setViewportSize(size);
    assert.deepEqual(await tooWide(page), [], `${about}: wider than ${size.width} px`);
  }
  await page.setViewportSize(PHONE);
  await page.evaluate(() => { document.documentElement.style.fontSize = '200%'; });
  assert.deepEqual(await tooWide(page), [], `${about}: wider than the phone, with text of 200 %`);
  await page.evaluate(() => { document.documentElement.style.fontSize = ''; });
}

async function accessible(page, about, schemes = ['light', 'dark']) {
  for (const colorScheme of schemes) {
    await page.emulateMedia({ colorScheme });
    assert.deepEqual(await accessibility(page), [], `${about}: ${colorScheme}`);
  }
}

async function look(page, name, heading, schemes = ['light', 'dark']) {
  const about = `${name} (${new URL(page.url()).pathname.replace(/[\w-]{22,}/, '...')})`;
  await page.locator('h1').waitFor();
  if (heading) assert.match(await page.locator('h1').innerText(), heading, about);
  assert.equal(await page.locator('h1').count(), 1, `${about}: one h1`);
  assert.ok(await page.title(), about);
  assert.deepEqual(await page.evaluate(() => window.violations ?? []), [], `${about}: its own policy`);
  await fits(page, about);
  await accessible(page, about, schemes);
  assert.deepEqual(await names(page), { nameless: 0, doubled: [], mains: 1 }, about);
  await byKeyboard(page);
  looked.push(name);
}

// What the browser was told by every answer, and what it asked of others.
async function endOf(someone) {
  const own = (await someone.responses()).filter(({ url }) => url.startsWith(world.url));
  for (const { url, status, headers } of own) {
    for (const name of STANDING) assert.ok(headers[name], `${status} ${url}: without ${name}`);
    assert.ok(!headers.server && !headers['x-powered-by'], url);
  }
  assert.deepEqual(someone.elsewhere, [], 'nothing is fetched from elsewhere');
  await someone.close();
}

async function question(login, more = {}) {
  const agent = await world.agent();
  const session = await world.session(agent, login);
  const ask = { session, provider: 'files', ...more };
  return { agent, ask, ...(await refusal(agent.call('io.reeve.Agent.GetToken', ask))).parameters };
}

test('the pages of somebody who was sent no link', async () => {
  const someone = await watched();
  const { page } = someone;
  const open = (path) => page.goto(world.url + path);
  await open('/');
  await look(page, 'home');
  for (const path of ['/refused', '/failed', '/connections']) {
    await open(path);
    await look(page, path);
  }
  await open(`/connect/${'A'.repeat(43)}`);
  await look(page, 'a link that is not known', /not known/);
  await open('/nothing');
  await look(page, '404');
  await open('/signin');
  await look(page, '405');
  await open('/callback/A?state=%00');
  await look(page, '400');
  await page.goto(`http://rebound.localhost:${new URL(world.url).port}/`);
  await look(page, '421', /Another address/, ['light']);  // and no style sheet either: that host gets nothing
  await endOf(someone);
});

test('the pages of a consent, from the link to the connections', async () => {
  const asked = await question('alice-1');
  const someone = await watched(), other = await watched();
  const { page } = someone;
  await page.goto(asked.url);
  await look(page, 'sign-in');
  await openAndSignIn(other.page, asked.url, 'mallory-1');
  await look(other.page, 'for somebody else', /somebody else/);
  await openAndSignIn(page, asked.url, 'alice-1');
  await look(page, 'the question', /use Files/);
  await page.locator('input[name=csrf]').evaluateAll((all) => { for (const one of all) one.value = 'x'; });
  await pressContinue(page);
  await look(page, 'not up to date', /look again/i);
  await page.goto(asked.url);
  await startAndWithhold(page, world.providerUrl);
  await look(page, 'on the way', /moment/);
  await page.goto(asked.url);
  await continueAs(page, 'alice');
  await look(page, 'the account', /Connect/);
  await confirm(page);
  await look(page, 'connected', /Connected/);
  await page.goto(asked.url);
  await look(page, 'a link that was used');
  const again = await question('alice-1', { fresh: true });
  await someone.context.clearCookies({ domain: '127.0.0.3' });
  await page.goto(again.url);
  await continueAs(page, 'mallory');
  await look(page, 'a second account', /Connect/);
  await confirm(page, false);
  await look(page, 'not connected');
  await page.goto((await question('alice-1', { scopes: ['openid', 'email'] })).url);
  await page.getByRole('button', { name: 'Decline' }).click();
  await look(page, 'declined', /Declined/);
  await page.goto(`${world.url}/connections`);
  await look(page, 'connections');
  await page.getByRole('button', { name: /sign out/i }).first().click();
  await look(page, 'signed out', /Signed out/);
  await endOf(someone);
  await endOf(other);
});

test('the pages of what goes wrong: foreign texts, a provider that fails or hangs, a reeved that does', async () => {
  const someone = await watched();
  const { page } = someone;
  const back = (query) => (asked) => `${world.redirects['provider.evil']}?state=${asked.get('state')}&${query}`;
  world.evil.next = back('error=server_error&error_description=%3Cb%3Ebad%3C/b%3E');
  const asked = await question('alice-2', { provider: 'evil' });
  await openAndSignIn(page, asked.url, 'alice-2');
  await look(page, 'a question with foreign texts');
  await pressContinue(page);
  await page.waitForURL(/\/done\//);
  await look(page, 'the provider failed');
  let release;
  world.evil.hold = new Promise((done) => { release = done; });
  world.evil.next = back('code=x');
  await page.goto((await question('alice-2', { provider: 'evil' })).url);
  await pressContinue(page);
  const tab = await someone.context.newPage();
  await tab.setViewportSize(PHONE);
  await page.waitForURL(/\/done\//, { waitUntil: 'commit' }).catch(() => {});
  process.kill(world.pids.reeved, 'SIGSTOP');
  try {
    const later = tab.goto(`${world.url}/connections`);
    await page.getByRole('heading', { name: /working/i }).waitFor({ timeout: 60000 });
    await page.route('**/done/**', (route) => route.abort());  // it loads itself again
    await look(page, 'waiting');
    await later;
    await look(tab, '503', /try again/i);
  } finally {
    process.kill(world.pids.reeved, 'SIGCONT');
    release();
  }
  await endOf(someone);
});

// Longer words, other letters: the same walk, without what does not depend on them.
for (const language of ['de', 'fr', 'es']) {
  test(`the pages in ${language}`, async () => {
    const someone = await watched({ locale: language });
    const words = new Map();
    const see = async (page, name) => {
      const about = `${name} in ${language}`;
      await page.locator('h1').waitFor();
      assert.equal(await page.evaluate(() => document.documentElement.lang), language, about);
      assert.deepEqual(await page.evaluate(() => window.violations ?? []), [], `${about}: its own policy`);
      await fits(page, about);
      await accessible(page, about);
      words.set(name, await page.locator('h1').innerText());
    };
    await walkPages(world, someone.context, see);
    for (const path of ['/nothing', '/failed', '/signin', '/callback/A?state=%00']) {
      await someone.page.goto(world.url + path);
      await see(someone.page, path);
    }
    assert.ok(words.size >= 17, [...words.keys()].join(', '));
    await endOf(someone);
  });
}

test('each of them was looked at', () => assert.ok(looked.length >= 24, looked.join(', ')));
