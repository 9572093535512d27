// docs/examples/mcp: the SDK's own client calls the server's tool, with and without elicitation by URL; a real Reeve
// and a real authorization server stand behind.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { nodePackage } from '../support/node/package.mjs';
import { answer } from './answer.mjs';
import { World } from './world.mjs';

const example = path.resolve(import.meta.dirname, '../../docs/examples/mcp');
const sdk = (name) => import(path.join(example, 'node_modules/@modelcontextprotocol/sdk/dist/esm', name));

let world, place;
before(async () => {
  world = await World.start();
  // The example as a user installs it: the SDK from its directory, and the package beside.
  place = path.join(world.directory, 'mcp');
  fs.mkdirSync(path.join(place, 'node_modules'), { recursive: true });
  fs.copyFileSync(path.join(example, 'server.mjs'), path.join(place, 'server.mjs'));
  for (const name of fs.readdirSync(path.join(example, 'node_modules'))) {
    fs.symlinkSync(path.join(example, 'node_modules', name), path.join(place, 'node_modules', name));
  }
  fs.symlinkSync(nodePackage(), path.join(place, 'node_modules/reeve'));
});
after(() => world?.stop());

async function connect(login, capabilities, onElicit) {
  const { Client } = await sdk('client/index.js');
  const { StdioClientTransport } = await sdk('client/stdio.js');
  const { ElicitRequestSchema, ElicitationCompleteNotificationSchema } = await sdk('types.js');
  const client = new Client({ name: 'test', version: '1.0.0' }, { capabilities });
  client.completed = [];
  if (onElicit) {
    client.setRequestHandler(ElicitRequestSchema, async ({ params }) => ({ action: await onElicit(params) }));
    client.setNotificationHandler(ElicitationCompleteNotificationSchema,
      ({ params }) => { client.completed.push(params.elicitationId); });
  }
  const file = path.join(world.directory, `${login}.jwt`);
  fs.writeFileSync(file, (await world.userToken(login)).id_token, { mode: 0o600 });
  await client.connect(new StdioClientTransport({ command: process.execPath, args: [path.join(place, 'server.mjs')],
    env: { PATH: process.env.PATH, REEVE_SOCKET: world.agentSocket, REEVE_USER_TOKEN_FILE: file,
           FILES_URL: `${world.providerUrl}/me` } }));
  return client;
}

const call = (client) => client.callTool({ name: 'whose_files', arguments: {} });
const text = ({ content }) => content[0].text;

test('a client that elicits by URL: the user opens the page, agrees, and the same call goes on', async () => {
  const asked = [];
  const client = await connect('alice', { elicitation: { url: {} } }, (params) => {
    asked.push(params);
    answer(params.url, 'alice').catch((error) => asked.push(error));  // outside of the conversation
    return 'accept';
  });
  const got = await call(client);
  assert.equal(text(got), 'These are the files of alice.', JSON.stringify(asked));
  assert.equal(asked.length, 1);
  assert.equal(asked[0].mode, 'url');
  assert.match(asked[0].message, /[a-z]+-[a-z]+-[a-z]+$/);
  assert.deepEqual(client.completed, [asked[0].elicitationId]);
  assert.equal(text(await call(client)), 'These are the files of alice.');
  assert.equal(asked.length, 1, 'asked only once');
  const [tool] = (await client.listTools()).tools;
  assert.deepEqual(tool.inputSchema.properties ?? {}, {}, 'the schema shows no token');
  await client.close();
});

test('the user does not open the page, or says no there', async () => {
  let action = 'decline';
  const client = await connect('mallory', { elicitation: { url: {} } }, (params) => {
    if (action === 'accept') answer(params.url, 'mallory', false);
    return action;
  });
  const closed = await call(client);
  assert.ok(closed.isError);
  assert.match(text(closed), /did not open the page/);
  action = 'accept';
  const declined = await call(client);
  assert.ok(declined.isError);
  assert.match(text(declined), /the consent is declined/);
  await client.close();
});

test('a client that cannot: link and phrase in the answer; when the user has agreed the next call works', async () => {
  const client = await connect('mallory', {});
  const got = await call(client);
  assert.ok(got.isError);
  const [, phrase, url] = text(got).match(/shows ([a-z-]+): (http\S+) \nThen ask again\./);
  assert.match(phrase, /^[a-z]+-[a-z]+-[a-z]+$/);
  await answer(url, 'mallory');
  assert.equal(text(await call(client)), 'These are the files of mallory.');
  await client.close();
});
