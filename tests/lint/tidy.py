#!/usr/bin/python3
"""Runs clang-tidy-14 with the list in .clang-tidy over the sources of daemon/ and libclient/.

Usage: tidy.py [ROOT [BUILD]]. BUILD is a build directory that has been built (default
ROOT/build-asan): it knows how each source is compiled and, from ninja, which headers went into it.
A source is looked at again only if it, one of those headers of ours, its command or .clang-tidy has
changed since it passed.
"""
import concurrent.futures
import hashlib
import json
import os
import pathlib
import re
import subprocess
import sys

import tree

PROGRAM = 'clang-tidy-14'
# Flags and warnings that only the compiler of the build knows, or that clang 14 would refuse.
EXTRA = ['--extra-arg=-ftrivial-auto-var-init=uninitialized',
         '--extra-arg=-Wno-unknown-warning-option',
         '--extra-arg=-Wno-ignored-optimization-argument',
         '--extra-arg=-Wno-unused-command-line-argument']


def dependencies(build: pathlib.Path) -> dict[str, list[str]]:
    """Object file -> the files it was made from."""
    ran = subprocess.run(['ninja', '-C', str(build), '-t', 'deps'], capture_output=True, text=True)
    table: dict[str, list[str]] = {}
    current: list[str] = []
    for line in ran.stdout.splitlines():
        if line.startswith(' '):
            current.append(str((build / line.strip()).resolve()))
        elif ': #deps' in line:
            current = table.setdefault(line.split(': #deps')[0], [])
    return table


def digest(top: pathlib.Path, entry: dict, made_from: list[str]) -> str:
    ours = sorted(name for name in made_from if name.startswith(f'{top}/'))
    hashed = hashlib.sha256(entry['command'].encode())
    for name in [str(top / '.clang-tidy'), str(pathlib.Path(__file__)), *ours]:
        hashed.update(name.encode() + b'\0' + pathlib.Path(name).read_bytes())
    return hashed.hexdigest()


def check(top: pathlib.Path, build: pathlib.Path, source: pathlib.Path) -> str:
    """What clang-tidy says, or nothing."""
    ran = subprocess.run([PROGRAM, '--quiet', '-p', str(build), *EXTRA, str(source)], cwd=top,
                         capture_output=True, text=True)
    if ran.returncode == 0:
        return ''
    # Paths as the tree has them, not as the build directory sees them.
    said = re.sub(r'(?m)^\S*/((?:daemon|libclient)/\S+:\d+:\d+: )', r'\1', ran.stdout)
    return said or ran.stderr


def findings(said: str) -> list[str]:
    """One finding each: a line `path:line:column: error: ...` and what follows of its notes."""
    return [part for part in re.split(r'(?m)^(?=\S+: error: |error: )', said) if part.strip()]


def main() -> None:
    top = tree.root()
    build = pathlib.Path(sys.argv[2]).resolve() if len(sys.argv) > 2 else top / 'build-asan'
    commands = build / 'compile_commands.json'
    if not commands.exists():
        sys.exit(f'{commands}:1: is missing: set the build directory up first')
    made_from = dependencies(build)
    passed = build / 'tidy-passed'
    passed.mkdir(exist_ok=True)
    work = {}
    for entry in json.loads(commands.read_text()):
        source = (pathlib.Path(entry['directory']) / entry['file']).resolve()
        if source.suffix not in tree.CPP or not source.exists():
            continue
        if any(folder in source.parents for folder in (top / 'daemon', top / 'libclient')):
            name = digest(top, entry, made_from.get(entry.get('output', ''), [str(source)]))
            if not (passed / name).exists():
                work[source] = passed / name
    failed = 0
    told = set()
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for source, said in zip(work, pool.map(lambda one: check(top, build, one), work)):
            if said:
                failed += 1
                # A header's finding comes once for every source that includes it.
                for finding in findings(said):
                    if finding not in told:
                        print(finding.rstrip())
                    told.add(finding)
            else:
                work[source].touch()
    print(f'tidy.py: {len(work)} sources looked at, {failed} with findings')
    sys.exit(1 if failed else 0)


if __name__ == '__main__':
    main()
