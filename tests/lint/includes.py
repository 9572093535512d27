#!/usr/bin/python3
"""Checks that includes go the way the layers go, and that each library stays in its folder.

The daemon's folders form layers (HACKING.md); a file may include its own folder and the folders its
own may use, never a sibling and never upwards. A library's headers are seen by one folder only, so
that it can be replaced there. libclient knows nothing of the daemon. Tests may include anything.
"""
import pathlib
import re

import tree

# The layers, lowest first: a folder may use every folder of the rows before its own.
ROWS = [
    ['base'],
    ['async', 'crypto'],
    ['varlink', 'config', 'audit', 'peer', 'vault'],
    ['policy', 'oauth'],
    ['session'],
    ['reeved'],
]
# Beside the layers: programs that use these folders and no other.
HELPERS = {name: {'base', 'async', 'varlink', 'crypto'} for name in ('bind', 'fetch', 'attest')}
# Tighter than the rows: a pure function of its arguments reaches no loop, socket, store or log.
NEVER = {'policy': {'async', 'varlink', 'audit', 'vault'}}
# Header (a name, or a directory with its slash) -> the one folder or file that may include it.
LIBRARIES = {
    'uv.h': 'daemon/async', 'uv/': 'daemon/async',
    'openssl/': 'daemon/crypto', 'sodium.h': 'daemon/crypto', 'sodium/': 'daemon/crypto',
    'curl/': 'daemon/fetch',
    'microhttpd': 'daemon/bind',
    'sqlite3': 'daemon/vault',
    'toml': 'daemon/config',
    'nlohmann/': 'daemon/base/json.cc',
    'CLI/': 'libclient/cli',
}
# Header -> files besides that may include it.
ALSO = {'nlohmann/': ['libclient/cli/json.cc'],
        'curl/': ['libclient/cli/web_post.cc', 'daemon/attest/engine.cc']}
# The command line program is written on the public headers of libreeve alone.
PUBLIC = {'reeve.h', 'reeve.hpp'}

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')


def allowed() -> dict[str, set[str]]:
    table = {}
    below: set[str] = set()
    for row in ROWS:
        for folder in row:
            table[folder] = (below | {folder}) - NEVER.get(folder, set())
        below |= set(row)
    table.update({name: uses | {name} for name, uses in HELPERS.items()})
    return table


ALLOWED = allowed()


def library_fault(path: pathlib.Path, header: str) -> str | None:
    for name, place in LIBRARIES.items():
        places = [pathlib.Path(one) for one in (place, *ALSO.get(name, []))]
        if header.startswith(name) and path not in places:
            if pathlib.Path(place) not in path.parents:
                return f'<{header}> may be included in {place} only'
    return None


def daemon_fault(path: pathlib.Path, header: str) -> str | None:
    if len(path.parts) < 3:
        return 'a source lies in a folder of daemon/'
    folder = path.parts[1]
    if folder not in ALLOWED:
        return f'folder {folder} is in no layer'
    target = header.split('/')[0]
    if target not in ALLOWED:
        return f'"{header}" names no folder of daemon/'
    if target not in ALLOWED[folder]:
        return f'{folder} may not use {target} ("{header}")'
    return None


def client_fault(path: pathlib.Path, header: str) -> str | None:
    if header.split('/')[0] in ALLOWED or header.startswith('daemon/') or '/daemon/' in header:
        return f'libclient includes no header of the daemon ("{header}")'
    if path.parts[1] == 'cli' and header not in PUBLIC and not header.startswith('cli/'):
        return f'cli may use reeve.h, reeve.hpp and its own headers only ("{header}")'
    return None


def fault(path: pathlib.Path, quoted: bool, header: str) -> str | None:
    wrong = library_fault(path, header)
    if wrong:
        return wrong
    if path.parts[0] == 'daemon':
        if not quoted and header in PUBLIC:
            return f'the daemon does not use libreeve (<{header}>)'
        return daemon_fault(path, header) if quoted else None
    in_angles_too = header.split('/')[0] in ALLOWED
    return client_fault(path, header) if quoted or in_angles_too else None


def main() -> None:
    top = tree.root()
    findings = tree.Findings()
    for path in tree.files(top):
        if path.suffix not in tree.CPP or path.parts[0] not in ('daemon', 'libclient'):
            continue
        for number, line in enumerate((tree.text(top, path) or '').splitlines(), 1):
            match = INCLUDE.match(line)
            wrong = match and fault(path, match[1] == '"', match[2])
            if wrong:
                findings.add(path, number, wrong)
    findings.finish()


if __name__ == '__main__':
    main()
