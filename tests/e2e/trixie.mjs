// Programs of Debian 13, which scripts/deps unpacks into build-trixie: run by the loader and the libraries of their own
// Debian.
import fs from 'node:fs';
import path from 'node:path';

export const trixie = path.resolve(import.meta.dirname, '../../build-trixie');

// The words of a command, for one of them by its path below that root.
export function ofTrixie(program) {
  const library = path.join(trixie, 'usr/lib');
  const libraries = fs.readdirSync(library).filter((name) => name.endsWith('-linux-gnu')).map((name) => path.join(library, name));
  const loaders = [`${library}64`, library].flatMap((place) => (
    fs.readdirSync(place).filter((name) => name.startsWith('ld-linux')).map((name) => path.join(place, name))));
  return [loaders[0], '--library-path', libraries.join(':'), path.join(trixie, program)];
}
