// Every attack of T1 to T20 on the browser half, each a script: run(scene) is true where the attacker got what he wanted.
//
//   id, name   of docs/attacks.md
//   off        the checks (daemon/base/check.h) without all of which it succeeds; `besides`: what else is off then
//   why        where nothing is there to be switched off: what stops it then
//   world      options of a World of its own, where the common one does not do
//   control    the same, for the one in which it is to succeed
//
// attacks.test.mjs runs them against the programs as they are: none may succeed. control.test.mjs runs them against a
// control build with those checks off: each must.
import { attacks as contexts } from './contexts.mjs';
import { attacks as cookies } from './cookies.mjs';
import { attacks as flow } from './flow.mjs';
import { attacks as host } from './host.mjs';
import { attacks as leaks } from './leaks.mjs';
import { attacks as pages } from './pages.mjs';
import { attacks as swap } from './swap.mjs';
import { attacks as times } from './times.mjs';

const number = ({ id }) => Number(id.slice(1));
export const attacks = [swap, contexts, pages, leaks, cookies, times, host, flow].flat().sort((a, b) => number(a) - number(b));

// docs/attacks.md, of what was seen: results maps an attack's name to {stopped, succeeded}.
export function table(results) {
  const rows = attacks.map(({ id, name, off, why, besides }) => {
    const { succeeded } = results.get(name);
    const checks = why ?? [...off.map((check) => `\`${check}\``), besides ?? []].flat().join(', ');
    return `| ${id} | ${name} | ${checks} | ${succeeded === undefined ? 'no switch' : succeeded ? 'succeeds' : 'FAILS'} |`;
  });
  return `# The attacks on the browser half, and their control

Written by \`tests/e2e/control.test.mjs\` from its run (\`REEVE_WRITE_DOCS=1\`); a test fails where this file does not say
what the run did. The scripts are in \`tests/e2e/attacks\`; two people at real browsers, a real issuer and a real
provider. Every attack is run against the programs as they are, where it gets nothing (\`tests/e2e/attacks.test.mjs\`), and
against a *control build* (\`meson setup -Dcontrol=true\`), in which the checks named here are off: there it must succeed,
or it would prove nothing. Where several checks are named, they were off together. The checks' names are explained in
\`daemon/base/check.h\`. An ordinary build has no such switch.

| id | attack | stopped by | without it |
|---|---|---|---|
${rows.join('\n')}
`;
}
