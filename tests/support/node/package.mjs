// The Node package of this tree, built: the directory that stands for an installed one.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';

export function nodePackage() {
  const place = path.resolve(import.meta.dirname, '../../../libclient/node');
  const newest = (directory) => Math.max(...fs.readdirSync(directory)
    .map((name) => fs.statSync(path.join(directory, name)).mtimeMs));
  const built = path.join(place, 'dist/cjs/package.json');
  if (!fs.existsSync(built) || fs.statSync(built).mtimeMs < newest(path.join(place, 'src'))) {
    execFileSync('npm', ['run', '--silent', 'build'], { cwd: place, stdio: ['ignore', 'inherit', 'inherit'] });
  }
  return place;
}
