// docs/agents.md: every program of "From zero to a token", and the one in C, run as it stands there, but for the
// provider's name. A person answers the link that it prints.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { nodePackage } from '../support/node/package.mjs';
import { answer } from './answer.mjs';
import { World } from './world.mjs';

const root = path.resolve(import.meta.dirname, '../..');
const build = path.resolve(root, process.env.REEVE_BUILD);
const text = fs.readFileSync(path.join(root, 'docs/agents.md'), 'utf8');
const section = (title) => text.split(`\n## ${title}\n`)[1].split('\n## ')[0];
const blocks = (title) => [...section(title).matchAll(/```(\w+)\n(.*?)```/gs)]
  .map(([, language, code]) => ({ language, code: code.replaceAll('github', 'files') }));

let world, place, env;
before(async () => {
  world = await World.start();
  place = fs.mkdtempSync(path.join(world.directory, 'docs.'));
  fs.mkdirSync(`${place}/node_modules`);
  fs.symlinkSync(nodePackage(), `${place}/node_modules/reeve`);
  const file = path.join(place, 'alice.jwt');
  fs.writeFileSync(file, (await world.userToken('alice')).id_token, { mode: 0o600 });
  env = { PATH: `${build}/libclient/cli:${process.env.PATH}`, PYTHONPATH: path.join(root, 'libclient/python'),
          PYTHONDONTWRITEBYTECODE: '1', REEVE_SOCKET: world.agentSocket, REEVE_USER_TOKEN_FILE: file,
          API: `${world.providerUrl}/me` };
});
after(() => world?.stop());

async function revokeAll() {
  const admin = await world.admin();
  await admin.call('io.reeve.Admin.RevokeGrants', { provider: 'files' });
  await admin.close();
}

// Runs it to its end, and agrees to the link that it prints on its way. What it printed.
function run(program, args) {
  const child = spawn(program, args, { cwd: place, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let out = '', err = '', agreed;
  child.stdout.on('data', (chunk) => { out += chunk; });
  return new Promise((resolve, reject) => {
    child.stderr.on('data', (chunk) => {
      err += chunk;
      const [url] = err.match(/http:\S+\/connect\/\S+(?=\s)/) ?? [];
      if (url && !agreed) agreed = answer(url, 'alice').catch(reject);
    });
    child.on('close', async (status) => {
      await agreed;
      resolve({ status, out, err, agreed: agreed !== undefined });
    });
  });
}

const how = {
  python: (file) => ['/usr/bin/python3', [file]],
  js: (file) => [process.execPath, [file]],
  sh: (file) => ['/bin/sh', [file]],
};
const suffix = { python: 'py', js: 'mjs', sh: 'sh' };

const programs = blocks('From zero to a token');
test('there is one for each language, of ten lines at most', () => {
  assert.deepEqual(programs.map(({ language }) => language), ['python', 'python', 'js', 'sh']);
  for (const { code } of programs) assert.ok(code.trim().split('\n').length <= 10, code);
});

for (const [number, { language, code }] of programs.entries()) {
  test(`${number + 1}: ${language}`, async () => {
    await revokeAll();
    const file = path.join(place, `program${number}.${suffix[language]}`);
    fs.writeFileSync(file, code);
    const first = await run(...how[language](file));
    assert.equal(first.status, 0, first.err);
    assert.ok(first.agreed, 'the user was asked');
    assert.match(first.out, /alice/);
    const again = await run(...how[language](file));
    assert.ok(!again.agreed, 'and only once');
    assert.match(again.out, /alice/);
  });
}

test('C', async () => {
  const [{ language, code }] = blocks('In C');
  assert.equal(language, 'c');
  fs.writeFileSync(path.join(place, 'program.c'), `#include <stdio.h>
#include <stdlib.h>
#include "reeve.h"
static void show(const char* url) { fprintf(stderr, "%s \\n", url); }
static void use(const char* token) { puts(token); }
int main(void) {
  const char* jwt = getenv("JWT");
${code}
  return error == REEVE_OK ? 0 : 1;
}
`);
  const library = path.join(build, 'libclient/src');
  const sanitizers = execFileSync('nm', ['-D', `${library}/libreeve.so`], { encoding: 'utf8' }).includes('__asan_init')
    ? ['-fsanitize=address,undefined'] : [];
  execFileSync('gcc', ['-Wall', '-Werror', ...sanitizers, '-o', 'program', 'program.c', `-I${root}/libclient/src`,
    `-L${library}`, `-Wl,-rpath,${library}`, '-lreeve'], { cwd: place, env });
  env.JWT = fs.readFileSync(env.REEVE_USER_TOKEN_FILE, 'utf8');
  // It frees nothing before it ends.
  env.ASAN_OPTIONS = 'detect_leaks=0';
  await revokeAll();
  const asked = await run(path.join(place, 'program'), []);
  assert.deepEqual([asked.status, asked.agreed], [1, true], asked.err);
  const { status, out, err } = await run(path.join(place, 'program'), []);
  assert.equal(status, 0, err);
  const answer = await fetch(env.API, { headers: { authorization: `Bearer ${out.trim()}` } });
  assert.equal((await answer.json()).sub, 'alice');
});
