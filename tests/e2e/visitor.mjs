// Visitor: somebody at reeve-bind's pages without a browser, for what a browser would not send and for what needs many of
// them. Keeps the cookies, fills in the forms, follows what leads on; at issuer and provider it walks their real pages.
//
//   const alice = new Visitor(world.url);
//   await alice.signIn('alice', world.redirects['issuer.corp']);
//   await alice.consent(path, 'alice', world.redirects['provider.files']);
import { authorize } from '../support/node/usertoken.mjs';

export class Visitor {
  constructor(url) {
    this.url = url;
    this.jar = new Map();
  }
  get cookie() {
    return [...this.jar].map((pair) => pair.join('=')).join('; ');
  }

  // {status, headers, text}. With fields: a POST of that form.
  async open(path, fields) {
    const response = await fetch(this.url + path, {
      method: fields ? 'POST' : 'GET', redirect: 'manual', body: fields && new URLSearchParams(fields),
      headers: { cookie: this.cookie, ...(fields && { origin: this.url, 'sec-fetch-site': 'same-origin' }) },
    });
    for (const line of response.headers.getSetCookie()) {
      const [, name, value] = line.match(/^([^=]+)=([^;]*)/);
      if (value) this.jar.set(name, value);
      else this.jar.delete(name);
    }
    return { status: response.status, headers: response.headers, text: await response.text() };
  }

  // Opens the page, and posts its form for that path with these fields besides the hidden ones.
  async fillIn(path, action, fields = {}) {
    const { text } = await this.open(path);
    return this.open(action, { ...hidden(text, action), ...fields });
  }

  async signIn(login, redirect_uri, path = '/connections') {
    return this.comeBack(await this.fillIn(path, '/signin'), login, redirect_uri);
  }
  // The page that leads away has come: there and back, as that user. The answer to the callback.
  async comeBack(left, login, redirect_uri) {
    const away = left.headers.get('refresh').replace('0;url=', '');
    const back = await authorize(away, { redirect_uri, login });
    return this.open(back.pathname + back.search);
  }
  // The whole walk behind a link, signed in already: the answer to the last form.
  async consent(path, account, redirect_uri) {
    const back = await this.comeBack(await this.fillIn(path, path, { action: 'continue' }), account, redirect_uri);
    const done = back.headers.get('location');
    return this.fillIn(done, done, { accept: 'yes' });
  }
}

// The hidden fields of the page's form for that path.
export function hidden(text, action) {
  const form = text.split('<form ').find((part) => part.includes(`action="${action}"`)) ?? '';
  const inputs = form.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)">/g);
  return Object.fromEntries([...inputs].map(([, name, value]) => [name, value]));
}
