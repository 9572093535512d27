// The client under the scenarios of clients.test.mjs: Node.js. The commands are in client.mjs.
import { createInterface } from 'node:readline';
import { Client, ReeveError } from '../../../libclient/node/dist/esm/index.js';

const timeoutMs = 60_000;
const client = new Client({ timeoutMs });
const sessions = new Map();

const say = (id, said) => process.stdout.write(`${JSON.stringify({ id, ...said })}\n`);
const given = (word, make) => (word === '-' ? undefined : make(word));

const verbs = {
  async open(id, [name, userToken, lifetime]) {
    sessions.set(name, await client.session({ userToken, lifetime: given(lifetime, Number) }));
    say(id, { ok: true });
  },
  async token(id, [name, provider, scopes, wait, minValid]) {
    const token = await sessions.get(name).token(provider, {
      scopes: given(scopes, (list) => list.split(',')), wait: wait === 'wait', minValid: given(minValid, Number),
      onConsent: ({ url, phrase }) => say(id, { url, phrase }) });
    say(id, { token: String(token), name: token.id, scopes: token.scopes, expires_at: token.expiresAt });
  },
  async report(id, [name, token]) {
    await sessions.get(name).reportInvalid(token);
    say(id, { ok: true });
  },
  async watch(id, [name]) {
    for await (const { event } of sessions.get(name).watch()) say(id, { event });
    say(id, { ok: true });
  },
  async whoami(id, [socket]) {
    say(id, { workload: (await new Client({ socket, timeoutMs }).whoami()).workload });
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  const [number, verb, ...words] = line.split(' ');
  const id = Number(number);
  verbs[verb](id, words).catch((error) => {
    if (!(error instanceof ReeveError)) throw error;
    say(id, { error: error.name, reason: error.limit ?? error.reason ?? error.error ?? error.provider ?? null });
  });
}
process.exit();
