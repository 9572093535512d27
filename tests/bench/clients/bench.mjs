// What GetToken of a cached token costs from Node.js: the package against a plain socket that sends the same call to the
// same reeved and reads to the NUL. Prints one JSON object; started by ../clients.mjs.
import { once } from 'node:events';
import net from 'node:net';
import { Client } from '../../../libclient/node/dist/esm/index.js';

const [rounds, calls] = process.argv.slice(2).map(Number);
const client = new Client();
const session = await client.defaultSession();
await session.token('files');

const plain = net.createConnection(process.env.REEVE_SOCKET);
await once(plain, 'connect');
let answered;
plain.on('data', (chunk) => { if (chunk.at(-1) === 0) answered(); });
const frame = Buffer.from(`${JSON.stringify({ method: 'io.reeve.Agent.GetToken',
  parameters: { session: session.handle, provider: 'files' } })}\0`);
const raw = () => new Promise((resolve) => { answered = resolve; plain.write(frame); });

async function timed(call) {
  const begun = process.hrtime.bigint();
  for (let i = 0; i < calls; ++i) await call();
  return Number(process.hrtime.bigint() - begun) / calls / 1000;
}
const median = (list) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)];
const seen = [];
for (let i = 0; i < rounds; ++i) seen.push([await timed(raw), await timed(() => session.token('files'))]);
console.log(JSON.stringify({ raw_us: median(seen.map(([one]) => one)), promises: median(seen.map(([one, two]) => one / two)) }));
plain.destroy();
await client.close();
