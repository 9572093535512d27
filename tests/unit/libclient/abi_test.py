#!/usr/bin/python3
"""What libreeve is from outside, built as a release and alone: small, on libc alone, and exactly the functions of reeve.h.

Speaks TAP. Uses the compiler of $CC and $CXX, or the system's.
"""
import os
import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[3]
LIMIT = 100 * 1024
PROGRAM = """
#include <reeve.h>
int main(void) {
  reeve_connection* connection = NULL;
  return reeve_connect("/nowhere/agent.sock", 1000, &connection) == REEVE_UNAVAILABLE ? 0 : 1;
}
"""


def run(*command: object, **env: str) -> str:
    words = [str(word) for word in command]
    done = subprocess.run(words, env={**os.environ, **env}, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    if done.returncode != 0:
        raise RuntimeError(f'{" ".join(words)}: {done.returncode}\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}')
    return done.stdout


def header_names() -> set[str]:
    text = (ROOT / 'libclient/src/reeve.h').read_text()
    return set(re.findall(r'\b(reeve_\w+)\(', re.sub(r'/\*.*?\*/', '', text, flags=re.DOTALL)))


def map_names() -> set[str]:
    text = (ROOT / 'libclient/src/libreeve.map').read_text()
    return set(re.findall(r'^\s+(\w+);$', text, re.MULTILINE))


def build(place: pathlib.Path) -> pathlib.Path:
    """Configured as somebody would who wants libreeve alone, and installed below `place`."""
    run('meson', 'setup', '--buildtype=release', '-Donly_library=true', '--prefix=/usr', '--libdir=lib', place / 'build', ROOT)
    run('ninja', '-C', place / 'build')
    run('meson', 'install', '-C', place / 'build', '--no-rebuild', DESTDIR=str(place / 'root'))
    return place / 'root/usr'


def main() -> int:
    failed = 0
    print('1..7')
    checks = []
    with tempfile.TemporaryDirectory(prefix='reeve-abi-') as directory:
        place = pathlib.Path(directory)
        usr = build(place)
        library = usr / 'lib/libreeve.so.1.0.0'
        stripped = place / 'stripped.so'
        run('strip', '-o', stripped, library)
        dynamic = run('readelf', '-dW', library)
        needed = set(re.findall(r'\(NEEDED\).*\[(.+?)\]', dynamic))
        exported = {line.split()[-1].split('@')[0] for line in run('nm', '-D', '--defined-only', library).splitlines()}
        size = stripped.stat().st_size
        own = {name for name in exported if name != 'LIBREEVE_1'}
        checks.append((size < LIMIT, f'stripped it has {size} bytes, under {LIMIT}'))
        # The dynamic loader is libc's own.
        checks.append((all(name == 'libc.so.6' or name.startswith('ld-linux') for name in needed), f'it needs {sorted(needed)}'))
        checks.append(('[libreeve.so.1]' in dynamic, 'its soname is libreeve.so.1'))
        checks.append((own == header_names(), f'it exports the functions of reeve.h: {sorted(own ^ header_names())} differ'))
        checks.append((own == map_names(), f'the version script names them: {sorted(own ^ map_names())} differ'))
        versioned = re.findall(r'(reeve_\w+)@@LIBREEVE_1', run('nm', '-D', '--defined-only', '--with-symbol-versions', library))
        checks.append((set(versioned) == own, 'each has the version LIBREEVE_1'))
        source = place / 'program.c'
        source.write_text(PROGRAM)
        flags = run('pkg-config', '--cflags', '--libs', 'reeve', PKG_CONFIG_PATH=str(usr / 'lib/pkgconfig'),
                    PKG_CONFIG_SYSROOT_DIR=str(place / 'root')).split()
        compiler = [*os.environ.get('CC', 'cc').split(), '-std=c99', '-pedantic-errors', '-Wall', '-Werror']
        run(*compiler, source, *flags, '-o', place / 'program')
        run(place / 'program', LD_LIBRARY_PATH=str(usr / 'lib'))
        checks.append((True, 'a C99 program builds by pkg-config and runs'))
    for number, (good, what) in enumerate(checks, 1):
        print(f'{"ok" if good else "not ok"} {number} - {what}')
        failed += not good
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())
