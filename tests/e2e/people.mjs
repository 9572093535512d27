// people: what a person does in a browser on reeve-bind's pages. One step of a story a function.
import { signIn, withhold } from '../support/node/browser.mjs';

// Opens the connect URL and signs in at the issuer as that user; ends on the page that follows.
export async function openAndSignIn(page, url, login) {
  await page.goto(url);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await signIn(page, login);
  await page.waitForLoadState();
}

export const pressContinue = (page) => page.getByRole('button', { name: 'Continue' }).click();

// On the consent page: Continue, and through the provider's own pages as that account.
export async function continueAs(page, account) {
  await pressContinue(page);
  await signIn(page, account);
  await page.waitForLoadState();
}

// On the page that shows the account.
export async function confirm(page, accept = true) {
  await page.getByRole('button', { name: accept ? 'Yes, connect' : 'No, do not' }).click();
  await page.waitForLoadState();
}

// Presses Continue, but the browser never gets to the provider: the provider's URL.
export async function startAndWithhold(page, provider) {
  const taken = await withhold(page, `${provider}/auth*`);
  await pressContinue(page);
  return taken.url;
}

// Goes through the provider's pages, but the answer never arrives at reeve-bind: the callback's URL.
export async function consentAndWithhold(page, account, callback) {
  const taken = await withhold(page, `${callback}*`);
  await signIn(page, account);
  return taken.url;
}

export const heading = (page) => page.getByRole('heading', { level: 1 }).innerText();
export const text = (page) => page.locator('body').innerText();
