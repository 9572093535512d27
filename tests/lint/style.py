#!/usr/bin/python3
"""Checks what clang-format does not: the plain habits of the house.

Code is at most 100 columns wide (tests and scripts 132), without tabs, trailing blanks or marks of unfinished work. A
header is guarded by `#pragma once` and begins with the comment that says what it is. No whole
namespace std. A secret that is revealed does not go into a log call. A file of the daemon or of
libclient over 400 lines has become two.
"""
import pathlib
import re

import tree

COLUMNS = 100
# Tests in tables, and languages without a formatter here.
WIDE_COLUMNS = 132
LINES = 400
# Data and prose have no columns, but no trailing blanks either.
DATA = {'.toml', '.varlink', '.service', '.socket', '.conf'}
# A Makefile, whose recipes begin with tabs.
TABBED = {'packaging/deb/rules'}
# Spelled in pieces, so that this file passes its own check.
UNFINISHED = re.compile(r'\b(TO' + r'DO|FIX' + r'ME|X' + r'XX)\b')
USING_STD = re.compile(r'^\s*using\s+namespace\s+std\b')
# A call that writes for people: log(, printf(, std::cerr <<, sd_journal_send( and their kin.
WRITES = re.compile(r'\b(?:log|log_\w+|\w+_log|v?[fds]?n?printf|f?puts|sd_journal_\w+|v?syslog)'
                    r'\s*\(|\b(?:cout|cerr|clog)\s*<<', re.IGNORECASE)
REVEAL = re.compile(r'\breveal\s*\(')


def check_lines(path: pathlib.Path, content: str, findings: tree.Findings) -> None:
    code = path.suffix not in DATA
    formatted = path.suffix in {'.cc', '.h', '.hpp'} and 'tests' not in path.parts
    columns = COLUMNS if formatted else WIDE_COLUMNS
    for number, line in enumerate(content.splitlines(), 1):
        if line != line.rstrip():
            findings.add(path, number, 'trailing blanks')
        if '\t' in line and path.as_posix() not in TABBED:
            findings.add(path, number, 'a tab')
        if UNFINISHED.search(line):
            findings.add(path, number, 'a mark of unfinished work: do it, or open an issue')
        if code and len(line) > columns:
            findings.add(path, number, f'{len(line)} columns, {columns} are allowed')
    if content and not content.endswith('\n'):
        findings.add(path, content.count('\n') + 1, 'no newline at the end')


def check_cpp(path: pathlib.Path, content: str, findings: tree.Findings) -> None:
    for number, line in enumerate(content.splitlines(), 1):
        if USING_STD.match(line):
            findings.add(path, number, 'using namespace std')
    # A call may span lines: look at everything up to the end of its statement.
    for call in WRITES.finditer(content):
        end = content.find(';', call.end())
        statement = content[call.start():end if end >= 0 else len(content)]
        secret = REVEAL.search(statement)
        if secret:
            number = content.count('\n', 0, call.start() + secret.start()) + 1
            findings.add(path, number, f'a revealed secret in a call of {call[0].rstrip("( <")}')


def check_header(path: pathlib.Path, content: str, findings: tree.Findings) -> None:
    if not re.search(r'^#pragma once$', content, re.MULTILINE):
        findings.add(path, 1, 'no #pragma once')
    if not content.lstrip().startswith(('//', '/*')):
        findings.add(path, 1, 'a header begins with a comment that says what it is')


def main() -> None:
    top = tree.root()
    findings = tree.Findings()
    for path in tree.files(top):
        content = tree.text(top, path)
        if content is None:
            continue
        cpp = path.suffix in tree.CPP
        code = cpp or tree.is_script(path, content) or path.name == 'meson.build'
        if not code and path.suffix not in DATA:
            continue
        check_lines(path, content, findings)
        if cpp:
            check_cpp(path, content, findings)
        if path.suffix in tree.HEADERS:
            check_header(path, content, findings)
        lines = content.count('\n')
        if code and path.parts[0] in ('daemon', 'libclient') and lines > LINES:
            findings.add(path, lines, f'{lines} lines: over {LINES}, split the file')
    findings.finish()


if __name__ == '__main__':
    main()
