// The package as npm packs and installs it from this tree, in an empty directory, under its own tests,
// and under strict type checks from both kinds of modules. Nothing is fetched: it has no dependencies,
// and the compiler is that of this directory's node_modules (scripts/deps).
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';

const here = import.meta.dirname ?? path.dirname(new URL(import.meta.url).pathname);
let place, tarball;

// Not what this test runner set for its own children.
const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(NODE_|npm_)/.test(name)));
function run(program, args, cwd) {
  try {
    return execFileSync(program, args, { cwd, env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  } catch (error) {
    throw new Error(`${program} ${args.join(' ')}: ${error.stdout}${error.stderr}`);
  }
}

before(() => {
  place = fs.mkdtempSync(path.join(os.tmpdir(), 'reeve-'));
  const [packed] = JSON.parse(run('npm', ['pack', '--json', '--silent', '--pack-destination', place], here)
    .replace(/^[^[{]*/s, ''));
  tarball = path.join(place, packed.filename);
  fs.mkdirSync(`${place}/empty`);
  fs.writeFileSync(`${place}/empty/package.json`, '{"private":true,"type":"module"}');
  run('npm', ['install', '--offline', '--no-audit', '--no-fund', tarball], `${place}/empty`);
});
after(() => fs.rmSync(place, { recursive: true, force: true }));

test('the package holds what it ships, has no dependencies, and no tests or sources', () => {
  const installed = fs.readdirSync(`${place}/empty/node_modules`).filter((name) => !name.startsWith('.'));
  assert.deepEqual(installed, ['reeve']);
  assert.deepEqual(fs.readdirSync(`${place}/empty/node_modules/reeve`).sort(), ['README.md', 'dist', 'package.json']);
  const about = JSON.parse(fs.readFileSync(`${place}/empty/node_modules/reeve/package.json`));
  assert.equal(about.dependencies, undefined);
  assert.equal(about.scripts.install ?? about.scripts.postinstall, undefined);
});

test('import and require give the same names', () => {
  const names = (type, load) => run(process.execPath, [`--input-type=${type}`, '-e',
    `${load}; console.log(Object.keys(reeve).sort().join())`], `${place}/empty`);
  const imported = names('module', "import * as reeve from 'reeve'");
  const required = names('commonjs', "const reeve = require('reeve')");
  assert.equal(imported, required);
  assert.match(imported, /Client.*requiresToken.*tokenFetch.*using/);
});

test('its own tests pass there', () => {
  fs.cpSync(path.join(here, 'test'), `${place}/empty/test`, { recursive: true });
  const said = run(process.execPath, ['--test', 'test/'], `${place}/empty`);
  assert.match(said, /# pass [6-9][0-9]\n/);
  assert.match(said, /# fail 0\n/);
});

const RIGHT = `
import { Client, requiresToken, tokenFetch, using, type Token } from 'reeve';
const client = new Client({ user: { issuer: 'https://i.example', subject: 'alice' }, timeoutMs: 5 });
const titles = requiresToken({ provider: 'github', scopes: ['repo'], wait: 'raise' },
  (token: Token, repository: string, limit = 10): string[] => [repository, ...token.scopes, String(limit)]);
export async function main(signal: AbortSignal): Promise<number | null> {
  const list: string[] = await using(client, () => titles('r', 3));
  const session = await client.session({ workload: true }, { signal });
  for await (const { event, provider } of session.watch({ signal })) console.log(event.length, provider?.length, list);
  await tokenFetch('github', { session })('https://api.example', { method: 'POST' });
  return (await session.token('github', { wait: true, signal })).expiresAt;
}
`;
// A mistake a line.
const WRONG = `
import { Client, requiresToken, type Token } from 'reeve';
const client = new Client();
const titles = requiresToken({ provider: 'github' }, (token: Token, repository: string) => repository);
void titles('token', 'r');
const text: string = await client.token('github');
void client.token('github', { sopes: [] });
void client.session({ user: 'alice' });
void requiresToken({ provider: 'github', wait: 'poll' }, () => text);
`;

test('programs that use it are checked strictly, in both kinds of modules', () => {
  const tsc = path.join(here, 'node_modules/.bin/tsc');
  const types = path.join(here, 'node_modules/@types');
  const check = (text, ...files) => {
    for (const file of files) fs.writeFileSync(`${place}/empty/${file}`, text);
    try {
      run(tsc, ['--noEmit', '--strict', '--target', 'ES2022', '--module', 'NodeNext', '--exactOptionalPropertyTypes',
        '--typeRoots', types, '--types', 'node', ...files], `${place}/empty`);
      return [];
    } catch (error) {
      return error.message.match(/error TS\d+/g);
    }
  };
  assert.deepEqual(check(RIGHT, 'right.mts', 'right.cts'), []);
  assert.equal(check(WRONG, 'wrong.mts').length, 5);
});
