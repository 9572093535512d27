// A person without a browser: pages over fetch, cookies by host, forms by what their button says. For
// tests that need somebody to say yes or no, and not the proof of what a browser does: a tenth of a
// second for a whole consent. The pages' own rules hold: cookies' hosts and paths, an Origin on each
// POST, and a redirect is followed as a browser would. (fetch sends a Sec-Fetch-Mode of its own and no
// Sec-Fetch-Site, as an old browser does.)

const tags = (html, name) => [...html.matchAll(new RegExp(`<${name}\\b([^>]*)>`, 'gi'))].map(([, text]) => (
  Object.fromEntries([...text.matchAll(/([\w-]+)(?:="([^"]*)")?/g)].map(([, key, value = '']) => [key, unescape_(value)]))));
const unescape_ = (text) => text.replace(/&(amp|lt|gt|quot|#39|#x27);/g, (_, name) => (
  { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'", '#x27': "'" })[name]);

export class Walker {
  #cookies = new Map();  // by host, path and name
  #url = null;
  #page = '';

  get url() {
    return this.#url.href;
  }
  get page() {
    return this.#page;
  }

  goto(url) {
    return this.#visit(new URL(url), null);
  }

  // The form whose button says so, with its own fields and these.
  press(button, fields = {}) {
    for (const [whole, attributes] of this.#page.matchAll(/<form\b([^>]*)>.*?<\/form>/gis)) {
      const text = whole.replace(/<[^>]*>/g, ' ');
      if (!text.includes(button)) continue;
      const [form] = tags(`<form${attributes}>`, 'form');
      const own = tags(whole, 'input').map(({ name, value = '' }) => [name, value]);
      const pressed = [...whole.matchAll(/<button\b([^>]*)>([^<]*)/gi)]
        .filter(([, , says]) => says.includes(button)).map(([tag]) => tags(tag, 'button')[0]);
      const chosen = pressed.filter(({ name }) => name).map(({ name, value = '' }) => [name, value]);
      const body = new URLSearchParams([...own, ...chosen].filter(([name]) => name && !(name in fields)));
      for (const [name, value] of Object.entries(fields)) body.set(name, value);
      return this.#visit(new URL(pressed[0]?.formaction ?? form.action ?? '', this.#url), body);
    }
    throw new Error(`no "${button}" at ${this.#url}: ${this.#page}`);
  }

  // Through the login and consent pages of authz.mjs, as far as they come.
  async signIn(login) {
    if (this.#page.includes('name="login"')) await this.press('Sign-in', { login, password: 'any' });
    if (this.#page.includes('value="consent"')) await this.press('Continue');
  }

  async #visit(to, body) {
    let url = to;
    for (let steps = 0; steps < 20; steps += 1) {
      const headers = { accept: 'text/html', cookie: this.#header(url) };
      if (body) headers.origin = this.#url.origin;
      const response = await fetch(url, { method: body ? 'POST' : 'GET', headers, body, redirect: 'manual' });
      this.#take(url, response);
      const location = response.headers.get('location');
      if (!location) {
        this.#url = url;
        this.#page = await response.text();
        // A page in between, on which a browser goes on by itself.
        const [, on] = this.#page.match(/<a class="button" href="([^"]+)">Go on</) ?? [];
        if (!on) return;
        body = null;
        url = new URL(unescape_(on), url);
        continue;
      }
      body = null;
      url = new URL(location, url);
    }
    throw new Error(`too many redirects from ${to}`);
  }

  #take(url, response) {
    for (const line of response.headers.getSetCookie()) {
      const [pair, ...attributes] = line.split(';').map((part) => part.trim());
      const path = attributes.find((part) => /^path=/i.test(part))?.slice(5) ?? url.pathname;
      const [name, value] = pair.split(/=(.*)/s);
      const gone = value === '' || attributes.some((part) => /^max-age=0$/i.test(part));
      this.#cookies.set(`${url.hostname} ${path} ${name}`, { host: url.hostname, path, pair, gone });
    }
  }

  #header(url) {
    return [...this.#cookies.values()].filter(({ host, path, gone }) => !gone && host === url.hostname
      && (url.pathname === path || url.pathname.startsWith(path.replace(/\/?$/, '/')))).map(({ pair }) => pair).join('; ');
  }
}
