// walk: a person's consent without a browser: cookies, redirects and forms over plain HTTP, through the same pages.
// For stories that need many grants; what a browser does with those pages is tested with a browser.
import http from 'node:http';

class Jar {
  hosts_ = new Map();

  take(host, lines = []) {
    const cookies = this.hosts_.get(host) ?? new Map();
    this.hosts_.set(host, cookies);
    for (const line of lines) {
      const [pair, ...attributes] = line.split(';').map((part) => part.trim());
      const path = attributes.find((part) => /^path=/i.test(part))?.slice(5) ?? '/';
      const [name, value] = pair.split(/=(.*)/s);
      if (value === '') cookies.delete(`${path} ${name}`);
      else cookies.set(`${path} ${name}`, { path, pair });
    }
  }

  header(host, path) {
    const fits = (one) => path === one.path || path.startsWith(one.path.replace(/\/?$/, '/'));
    return [...(this.hosts_.get(host)?.values() ?? [])].filter(fits).map(({ pair }) => pair).join('; ');
  }
}

function once(jar, url, form) {
  const { host, hostname, port, pathname, search, origin } = new URL(url);
  const body = form && new URLSearchParams(form).toString();
  const headers = { host, cookie: jar.header(host, pathname), accept: 'text/html',
    'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document', 'sec-fetch-site': form ? 'same-origin' : 'none',
    ...(body && { origin, 'content-type': 'application/x-www-form-urlencoded', 'content-length': Buffer.byteLength(body) }) };
  return new Promise((resolve, reject) => {
    const request = http.request({ hostname, port, path: pathname + search, method: form ? 'POST' : 'GET', headers }, (answer) => {
      jar.take(host, answer.headers['set-cookie']);
      let text = '';
      answer.on('data', (chunk) => { text += chunk; }).on('error', reject);
      answer.on('end', () => resolve({ status: answer.statusCode, text,
        location: answer.headers.location ?? /^\d+; ?url=(.*)$/i.exec(answer.headers.refresh ?? '')?.[1] }));
    });
    request.on('error', reject).end(body);
  });
}

const unescape = (text) => text.replaceAll('&#x2F;', '/').replaceAll('&#47;', '/').replaceAll('&#61;', '=')
  .replaceAll('&quot;', '"').replaceAll('&#39;', "'").replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');

// What a press of that form's button sends.
function formWith(page, marks) {
  for (const [, attributes, inside] of page.matchAll(/<form([^>]*)>(.*?)<\/form>/gs)) {
    if (!marks.test(inside)) continue;
    const fields = {};
    for (const [input] of inside.matchAll(/<input[^>]*>/g)) {
      const name = /name="([^"]*)"/.exec(input)?.[1];
      if (name && /type="hidden"/.test(input)) fields[name] = unescape(/value="([^"]*)"/.exec(input)?.[1] ?? '');
    }
    return { action: unescape(/action="([^"]*)"/.exec(attributes)?.[1] ?? ''), fields };
  }
  return null;
}

// From the connect link to the page that says how it ended, which is returned.
export async function walk(url, login) {
  const jar = new Jar();
  const presses = [[/name="login"/, { prompt: 'login', login, password: 'any' }],
                   [/name="prompt"[^>]*value="consent"/, { prompt: 'consent' }],
                   [/name="accept"/, { accept: 'yes' }],
                   [/value="continue"/, { action: 'continue' }],
                   [/<button>Sign in<\/button>/, {}]];
  let form;
  for (let steps = 0; steps < 40; ++steps) {
    const { status, location, text } = await once(jar, url, form);
    form = undefined;
    if (location) {
      url = new URL(location, url).href;
      continue;
    }
    if (status !== 200) throw new Error(`${status} at ${url}: ${text.slice(0, 500)}`);
    for (const [marks, values] of presses) {
      const found = formWith(text, marks);
      if (!found) continue;
      url = new URL(found.action || url, url).href;
      form = { ...found.fields, ...values };
      break;
    }
    if (!form) return text;
  }
  throw new Error(`the walk never ended; it is at ${url}`);
}
