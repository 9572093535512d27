// V3, V4: kill -9 of reeved and reeve-fetch while grants are refreshed all the time, in short; the long run is
// rotation.mjs itself (HACKING.md).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PHASES, rotation, table } from './rotation.mjs';

test('no grant is lost whose answer had arrived, no used token comes back by our fault', { timeout: 300_000 }, async (t) => {
  const { rows, wrong } = await rotation({ kills: 24, grants: 4, seed: 6 });
  t.diagnostic(`\n${table(rows)}`);
  assert.deepEqual(wrong, []);
  assert.equal(rows.length, PHASES.length);
  for (const row of rows) assert.ok(row.refreshes > 0, `nothing was refreshed: ${row.phase}`);
});
