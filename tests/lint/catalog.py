#!/usr/bin/python3
"""Checks that every kind of audit record has a text in the journal's message catalog.

A kind is a literal such as "token.lent" that becomes an Event's name: assigned to `name`, handed to
event_of(), event(), record() or checkpoint(). Its message id is made of its name (audit/journal.cc).
"""
import hashlib
import pathlib
import re

import tree

CATALOG = pathlib.Path('data/reeve.catalog')
LITERAL = re.compile(r'(?:\.name = |event\w*\([^"\n]*|checkpoint\w*\(|kind = )"([a-z_]+\.[a-z_]+)"')


def message_id(name: str) -> str:
    return hashlib.sha256(f'io.reeve.audit.{name}'.encode()).hexdigest()[:32]


def main() -> None:
    top = tree.root()
    findings = tree.Findings()
    text = (tree.text(top, CATALOG) or '') if (top / CATALOG).exists() else ''
    entries = dict(re.findall(r'^# ([a-z_.]+)\n-- ([0-9a-f]{32})\nSubject: .+\nDefined-By: reeve\n\n.+',
                              text, re.MULTILINE))
    for path in tree.files(top):
        if path.parts[0] != 'daemon' or path.suffix != '.cc':
            continue
        for number, line in enumerate((tree.text(top, path) or '').splitlines(), 1):
            for name in LITERAL.findall(line):
                if name not in entries:
                    findings.add(path, number, f'"{name}" is not in {CATALOG}: add "# {name}", '
                                               f'"-- {message_id(name)}", a Subject and a text')
    for name, identifier in entries.items():
        if identifier != message_id(name):
            findings.add(CATALOG, 1, f'the id of {name} is {message_id(name)}')
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith('-- ') and line[3:] not in entries.values():
            findings.add(CATALOG, number, 'an entry without its name above, its Subject or its text')
    findings.finish()


if __name__ == '__main__':
    main()
