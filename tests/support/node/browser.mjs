// People at real browsers, over playwright-core and the distribution's Chromium.
//
// launch() starts Chromium once; person() is one human with a cookie jar of their own; signIn(),
// consent(), cancel() work the pages of authz.mjs; withhold() steals a URL on its way. Nothing
// here knows Reeve's pages.
//
// Cookies ignore ports: keep the authorization server and Reeve on different addresses (127.0.0.2
// and 127.0.0.1), or the one gets the other's cookies and SameSite proves nothing.

import { chownSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { chromium } from 'playwright-core';

// No name resolves but loopback's: a page that reaches for the world fails at once.
const ARGS = [
  '--no-sandbox',
  '--disable-background-networking',
  '--disable-quic',
  '--no-first-run',
  '--host-resolver-rules=MAP * ~NOTFOUND, '
    + 'EXCLUDE 127.0.0.*, EXCLUDE *.localhost, EXCLUDE localhost',
];

export function launch() {
  return chromium.launch({ executablePath: '/usr/bin/chromium', args: ARGS });
}

// A Chromium of another user of this host, whose processes make its connections; as root. `directory` is its home and
// is made that user's. Resolves to {context, page, close()}, one person.
export async function launchAs(uid, directory) {
  mkdirSync(directory, { recursive: true });
  chownSync(directory, uid, uid);
  const program = join(directory, 'chromium');
  writeFileSync(program, `#!/bin/sh\nexec setpriv --reuid ${uid} --regid ${uid} --clear-groups /usr/bin/chromium "$@"\n`,
    { mode: 0o755 });
  const profile = join(directory, 'profile');
  mkdirSync(profile, { mode: 0o700 });
  chownSync(profile, uid, uid);
  const env = { PATH: '/usr/bin:/bin', HOME: directory, TMPDIR: directory };
  const context = await chromium.launchPersistentContext(profile, { executablePath: program, args: ARGS, env });
  return { context, page: context.pages()[0] ?? await context.newPage(), close: () => context.close() };
}

// {context, page, console_errors, responses(), close()}. console_errors are {text, url} of console
// errors and uncaught exceptions. responses() resolves to [{url, method, status, headers}] so far,
// in order, redirects too, of all the person's pages; headers are lower case, several Set-Cookie
// are joined by newlines.
export async function person(browser, options = {}) {
  const context = await browser.newContext(options);
  const console_errors = [];
  const seen = [];
  context.on('console', (message) => {
    if (message.type() !== 'error') return;
    console_errors.push({ text: message.text(), url: message.location().url });
  });
  context.on('weberror', (error) => {
    console_errors.push({ text: String(error.error()), url: error.page()?.url() });
  });
  context.on('response', (response) => {
    const entry = { url: response.url(), method: response.request().method() };
    const headers = response.allHeaders().catch(() => response.headers());
    seen.push(headers.then((all) => ({ ...entry, status: response.status(), headers: all })));
  });
  const page = await context.newPage();
  return {
    context,
    page,
    console_errors,
    responses: () => Promise.all(seen),
    close: () => context.close(),
  };
}

// Clicks, and waits until the page has left the server it is at, or until the request that would
// leave it has failed (was withheld), or until one of `or_else` settles. Resolves to 'left', or to
// that one's value.
async function clickAndLeave(page, button, or_else = []) {
  const { origin } = new URL(page.url());
  const outside = (url) => new URL(url).origin !== origin;
  const left = [
    page.waitForEvent('framenavigated', (frame) => (
      frame === page.mainFrame() && outside(frame.url()))),
    page.waitForEvent('requestfailed', (request) => (
      request.isNavigationRequest() && outside(request.url()))),
  ].map((event) => event.then(() => 'left'));
  const [came] = await Promise.all([Promise.race([...left, ...or_else]), button.click()]);
  return came;
}

// The page is at, or on its way to, the consent page: says yes, and waits until it has left.
export async function consent(page) {
  await page.locator('input[name=prompt][value=consent]').waitFor({ state: 'attached' });
  await clickAndLeave(page, page.locator('button[type=submit]'));
}

// The page is at, or on its way to, the login page: signs in, consents if asked, and waits until
// the browser has left the server. A refused login throws. Someone whom the server knows already
// sees no login page: then there is nothing to call, or consent() alone.
export async function signIn(page, login, password = 'any') {
  await page.locator('input[name=login]').fill(login);
  await page.locator('input[name=password]').fill(password);
  const consent_form = page.locator('input[name=prompt][value=consent]');
  const came = await clickAndLeave(page, page.locator('button[type=submit]'), [
    consent_form.waitFor({ state: 'attached' }).then(() => 'asked'),
    page.locator('#refused').waitFor().then(() => 'refused'),
  ]);
  if (came === 'refused') throw new Error(`login refused: ${login}`);
  if (came === 'asked') await consent(page);
}

// The Cancel link of the login or consent page: back to the client with error=access_denied.
export async function cancel(page) {
  const link = page.locator('a[href$="/abort"]');
  await link.waitFor();
  await clickAndLeave(page, link);
}

// Armed when it resolves: the next request of this page to match url_pattern (with * and ?), be it
// reached by a redirect, never leaves the browser, and `url` resolves to what it was. For callbacks
// that are stolen before they are used. Once only; page.route() would not see redirects.
export async function withhold(page, url_pattern, wait_ms = 10000) {
  const cdp = await page.context().newCDPSession(page);
  const url = new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error(`nothing matched ${url_pattern}`)), wait_ms);
    cdp.once('Fetch.requestPaused', async ({ requestId, request }) => {
      clearTimeout(late);
      await cdp.send('Fetch.failRequest', { requestId, errorReason: 'Aborted' });
      await cdp.detach();
      resolve(request.url);
    });
  });
  url.catch(() => {});  // a test that failed before it looks here has told enough
  await cdp.send('Fetch.enable', { patterns: [{ urlPattern: url_pattern }] });
  return { url };
}

// DIR/NAME.png, the whole page; returns the path.
export async function screenshot(page, dir, name) {
  mkdirSync(dir, { recursive: true });
  const path = join(dir, `${name}.png`);
  await page.screenshot({ path, fullPage: true });
  return path;
}
