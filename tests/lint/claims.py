#!/usr/bin/python3
"""Each test that docs/conformance.md names is there: `unit/FOLDER/NAME:test`, `e2e/NAME`, `e2e/attacks:ID`."""
import pathlib
import re

import tree

PAGE = pathlib.Path('docs/conformance.md')
CLAIM = re.compile(r'`(unit|e2e)/([a-z0-9_/]+)(?::(\w+))?`')


def missing(top: pathlib.Path, suite: str, name: str, part: str) -> str | None:
    """Why the test is not there; None: it is."""
    source = pathlib.Path(f'tests/unit/{name}_test.cc' if suite == 'unit' else f'tests/e2e/{name}.test.mjs')
    if not (top / source).is_file():
        return f'{source} is not there'
    if not part:
        return None
    places = [top / source] if suite == 'unit' else sorted((top / f'tests/e2e/{name}').glob('*.mjs'))
    test = rf'^TEST(?:_F|_P)?\(\w+,\s*{part}\)' if suite == 'unit' else f"id: '{part}',"
    there = any(re.search(test, place.read_text(), re.MULTILINE) for place in places)
    return None if there else f'{source} has no {part}'


def main() -> None:
    top = tree.root()
    findings = tree.Findings()
    content = (top / PAGE).read_text() if (top / PAGE).is_file() else ''
    for number, line in enumerate(content.splitlines(), 1):
        for claim in CLAIM.findall(line):
            problem = missing(top, *claim)
            if problem:
                findings.add(PAGE, number, problem)
    findings.finish()


if __name__ == '__main__':
    main()
