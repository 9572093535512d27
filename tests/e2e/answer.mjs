// A person's answer to a consent without a browser, for tests that are not about browsers: opens the link, signs in,
// and says yes, then that the account is hers; or no.
import { Walker } from '../support/node/walker.mjs';

export async function answer(url, login, yes = true) {
  const someone = new Walker();
  await someone.goto(url);
  await someone.press('Sign in');
  await someone.signIn(login);
  await someone.press(yes ? 'Continue' : 'Decline');
  if (!yes) return;
  await someone.signIn(login);
  await someone.press('Yes, connect');
}
