// What the clients cost: GetToken of a cached token from Python and Node.js, as a ratio to a plain socket of the same
// language that makes the same call of the same reeved. Medians of rounds in turn; all on one CPU. Not a test: it prints.
//
//   REEVE_BUILD=$PWD/build-release $(scripts/deps --node) tests/bench/clients.mjs [ROUNDS [CALLS]]     (as root)
import { execFile, execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { answer } from '../e2e/answer.mjs';
import { World, refusal } from '../e2e/world.mjs';
import { nodePackage } from '../support/node/package.mjs';

const here = path.join(import.meta.dirname, 'clients');
const [rounds = '15', calls = '2000'] = process.argv.slice(2);
nodePackage();
const world = await World.start();
try {
  // Which CPU does not matter, but it must be one for all.
  for (const pid of Object.values(world.pids)) execFileSync('taskset', ['-apc', '0', String(pid)], { stdio: 'ignore' });
  const agent = await world.agent();
  const session = await world.session(agent, 'alice');
  const { parameters: { url } } = await refusal(agent.call('io.reeve.Agent.GetToken', { session, provider: 'files' }));
  await answer(url, 'alice');
  const file = path.join(world.directory, 'user.jwt');
  fs.writeFileSync(file, (await world.userToken('alice')).id_token, { mode: 0o600 });
  const env = { PATH: process.env.PATH, REEVE_SOCKET: world.agentSocket, REEVE_USER_TOKEN_FILE: file,
                PYTHONPATH: path.resolve(here, '../../../libclient/python') };
  const run = async (...command) => JSON.parse((await promisify(execFile)('taskset', ['-c', '0', ...command, rounds, calls],
    { env })).stdout);
  const python = await run('/usr/bin/python3', path.join(here, 'bench.py'));
  const node = await run(process.execPath, path.join(here, 'bench.mjs'));
  console.log(`Python   plain socket ${python.raw_us.toFixed(1)} us; of its rate: blocking ${python.blocking.toFixed(2)}, `
    + `asyncio ${python.asyncio.toFixed(2)}`);
  console.log(`Node.js  plain socket ${node.raw_us.toFixed(1)} us; of its rate: promises ${node.promises.toFixed(2)}`);
  await agent.close();
} finally {
  await world.stop();
}
