#!/usr/bin/python3
"""Checks that no file tells where it was written.

The tree must mean the same on every machine: no absolute path of somebody's home or checkout, and
no package registry's host name (a mirror may stand in its place; lock files are made without them,
see HACKING.md). Host names are listed in pieces, so that this file passes its own check.
"""
import pathlib
import re

import tree

HOSTS = ['.'.join(parts) for parts in (
    ('registry', 'npmjs'), ('registry', 'yarnpkg'), ('pypi', 'org'), ('files', 'pythonhosted'),
    ('deb', 'debian'), ('security', 'debian'), ('snapshot', 'debian'), ('deb', 'nodesource'))]
# Homes, and where containers and CI machines put a checkout. The name must begin a path: what
# stands before the slash is no part of a longer one (/proc/PID/root/ is no home).
PLACES = re.compile(r'(?<![\w.}$)*~>-])'
                    r'/(?:home/[a-z][\w-]*|Users/\w+|root|work|workspace|workdir|builds)/[\w.]')
# Directories everybody has; a checkout may lie below them.
SHARED = {'/', '/home', '/opt', '/srv', '/tmp', '/usr', '/usr/local', '/usr/src', '/var',
          '/var/tmp'}


def own_places(top: pathlib.Path) -> list[str]:
    """The checkout itself and the directories above it, as far as they are somebody's own."""
    return [f'{place}/' for place in (top, *top.parents) if str(place) not in SHARED]


def fault(line: str, own: list[str]) -> str | None:
    for host in HOSTS:
        if host in line:
            return f'names a package registry ({host})'
    match = PLACES.search(line)
    if match:
        return f'an absolute path of one machine ({match[0]}...)'
    for place in own:
        at = line.find(place)
        if at >= 0 and not re.search(r'[\w.}$-]$', line[:at]):
            return f'a path of this checkout ({place})'
    return None


def main() -> None:
    top = tree.root()
    own = own_places(top)
    findings = tree.Findings()
    for path in tree.files(top):
        for number, line in enumerate((tree.text(top, path) or '').splitlines(), 1):
            wrong = fault(line, own)
            if wrong:
                findings.add(path, number, wrong)
    findings.finish()


if __name__ == '__main__':
    main()
