#!/usr/bin/python3
"""Checks the lint programs: each passes a clean tree and finds what is planted in a bad one.

A lint that cannot fail is worse than none, so every rule has a row here: the file, its text, and
what the output must say of which line.
"""
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

import catalog
import includes
import workplace

HERE = pathlib.Path(__file__).resolve().parent
HEADER = '// thing: a thing.\n#pragma once\n'
CLEAN = {
    'daemon/base/result.h': HEADER + '\n#include <string>\n',
    'daemon/base/json.cc': '#include <nlohmann/json.hpp>\n\n#include "base/result.h"\n',
    'daemon/async/loop.cc': '#include "async/loop.h"\n\n#include <uv.h>\n\n'
                            '#include "base/result.h"\n',
    'daemon/crypto/aead.cc': '#include <openssl/evp.h>\n#include <sodium.h>\n',
    'daemon/vault/store_sqlite.cc': '#include <sqlite3.h>\n\n#include "async/work.h"\n'
                                    '#include "crypto/aead.h"\n',
    'daemon/config/read.cc': '#include <toml++/toml.h>\n',
    'daemon/policy/verdict.cc': '#include "config/config.h"\n#include "peer/peer.h"\n',
    'daemon/session/session.cc': '#include "oauth/request.h"\n#include "policy/verdict.h"\n',
    'daemon/reeved/main.cc': '#include "session/session.h"\n#include "varlink/service.h"\n',
    'daemon/bind/http.cc': '#include <microhttpd.h>\n\n#include "varlink/client.h"\n',
    'daemon/fetch/fetch.cc': '#include <curl/curl.h>\n\n#include "crypto/box.h"\n',
    'libclient/src/client.cc': '#include "reeve.h"\n#include "src/wire.h"\n',
    'libclient/cli/main.cc': '#include <CLI/CLI.hpp>\n\n#include "cli/table.h"\n'
                             '#include "reeve.hpp"\n',
    'tests/unit/vault/vault_test.cc': '#include <sqlite3.h>\n\n#include "reeved/daemon.h"\n',
    'tests/e2e/walk.test.mjs': "const exe = `/proc/${pid}/root/bin/true`;\n",
    'scripts/run': '#!/bin/sh\nexec true\n',
    'docs/guide.md': 'Lines of prose may be as long as they like. ' * 5 + '\n',
}


def write(top: pathlib.Path, files: dict[str, str]) -> None:
    for name, content in files.items():
        (top / name).parent.mkdir(parents=True, exist_ok=True)
        (top / name).write_text(content)


def run(lint: str, top: pathlib.Path, *more: str) -> subprocess.CompletedProcess:
    program = [sys.executable] if lint.endswith('.py') else ['bash']
    return subprocess.run([*program, str(HERE / lint), str(top), *more], capture_output=True,
                          text=True, env={**os.environ, 'PYTHONDONTWRITEBYTECODE': '1'})


class LintCase(unittest.TestCase):
    def setUp(self) -> None:
        place = tempfile.TemporaryDirectory(prefix='reeve-lint-')
        self.addCleanup(place.cleanup)
        self.top = pathlib.Path(place.name)
        write(self.top, CLEAN)

    def passes(self, lint: str, *more: str) -> None:
        ran = run(lint, self.top, *more)
        self.assertEqual(ran.returncode, 0, ran.stdout + ran.stderr)

    def finds(self, lint: str, path: str, content: str, line: int, what: str) -> None:
        with self.subTest(path=path, content=content[:80]):
            before = CLEAN.get(path)
            write(self.top, {path: content})
            ran = run(lint, self.top)
            self.assertNotEqual(ran.returncode, 0, 'found nothing')
            said = ran.stdout + ran.stderr
            self.assertIn(f'{path}:{line}:', said)
            self.assertIn(what, said)
            (self.top / path).unlink()
            if before is not None:
                write(self.top, {path: before})


class Includes(LintCase):
    def test_passes_a_clean_tree(self) -> None:
        self.passes('includes.py')

    def test_finds_a_wrong_direction(self) -> None:
        for path, header, what in (
                ('daemon/base/x.cc', 'async/loop.h', 'base may not use async'),
                ('daemon/async/x.cc', 'crypto/aead.h', 'async may not use crypto'),
                ('daemon/vault/x.h', 'audit/event.h', 'vault may not use audit'),
                ('daemon/policy/x.cc', 'vault/vault.h', 'policy may not use vault'),
                ('daemon/policy/x.cc', 'oauth/engine.h', 'policy may not use oauth'),
                ('daemon/oauth/x.cc', 'policy/verdict.h', 'oauth may not use policy'),
                ('daemon/session/x.cc', 'reeved/daemon.h', 'session may not use reeved'),
                ('daemon/bind/x.cc', 'vault/vault.h', 'bind may not use vault'),
                ('daemon/fetch/x.cc', 'config/config.h', 'fetch may not use config'),
                ('daemon/reeved/x.cc', 'bind/pages.h', 'reeved may not use bind'),
                ('daemon/base/x.cc', 'result.h', 'names no folder'),
                ('daemon/new/x.cc', 'base/result.h', 'is in no layer'),
                ('libclient/src/x.cc', 'base/result.h', 'no header of the daemon'),
                ('libclient/cli/x.cc', 'src/wire.h', 'cli may use')):
            self.finds('includes.py', path, f'// x\n#include "{header}"\n', 2, what)

    def test_finds_each_library_outside_its_folder(self) -> None:
        for name, place in includes.LIBRARIES.items():
            header = f'{name}x.h' if name.endswith('/') else name
            for path in ('daemon/reeved/x.cc', 'daemon/base/x.cc', 'libclient/src/x.cc'):
                self.finds('includes.py', path, f'#include <{header}>\n', 1, f'in {place} only')

    def test_sees_the_files_that_git_sees(self) -> None:
        subprocess.run(['git', 'init', '-q', str(self.top)], check=True)
        write(self.top, {'.gitignore': 'ignored/\n',
                         'daemon/base/ignored/x.cc': '#include <uv.h>\n'})
        self.passes('includes.py')
        self.finds('includes.py', 'daemon/base/x.cc', '#include <uv.h>\n', 1, 'daemon/async')


class Catalog(LintCase):
    def test_passes_a_clean_tree(self) -> None:
        entry = f'-- {catalog.message_id("token.lent")}\nSubject: Lent\nDefined-By: reeve\n\nText.\n'
        write(self.top, {'daemon/session/x.cc': '// x\nevent.name = "token.lent";\n',
                         'data/reeve.catalog': '# token.lent\n' + entry})
        self.passes('catalog.py')
        self.finds('catalog.py', 'data/reeve.catalog', entry, 1, 'without its name')
        self.finds('catalog.py', 'data/reeve.catalog',
                   '# token.kept\n' + entry, 1, 'the id of token.kept')

    def test_finds_a_kind_without_a_text(self) -> None:
        for line in ('event.name = "x.new";', 'event_of(*consent, "x.new", "ok");',
                     'audit_.checkpoint("x.new");', 'checkpoint_or_log("x.new");'):
            self.finds('catalog.py', 'daemon/session/x.cc', f'// x\n{line}\n', 2,
                       catalog.message_id('x.new'))


class Style(LintCase):
    def test_passes_a_clean_tree(self) -> None:
        self.passes('style.py')

    def test_finds_bad_lines(self) -> None:
        mark = 'TO' + 'DO'
        for path, content, line, what in (
                ('daemon/base/x.cc', 'int a;\n' + '/' * 101 + '\n', 2, '101 columns'),
                ('scripts/x', '#!/bin/sh\n# ' + 'x' * 131 + '\n', 2, '133 columns'),
                ('tests/x.py', 'a = 1 \n', 1, 'trailing blanks'),
                ('data/providers/x.toml', 'a = 1 \n', 1, 'trailing blanks'),
                ('tests/x.mjs', '\tlet a;\n', 1, 'a tab'),
                ('daemon/base/x.cc', f'// {mark}: later\n', 1, 'unfinished'),
                ('daemon/base/x.cc', 'int a;', 1, 'no newline'),
                ('daemon/base/x.cc', '\nusing namespace std;\n', 2, 'using namespace std')):
            self.finds('style.py', path, content, line, what)

    def test_finds_a_bad_header(self) -> None:
        self.finds('style.py', 'libclient/x.h', '// x: it.\nint a();\n', 1, 'no #pragma once')
        self.finds('style.py', 'daemon/base/x.h', '#pragma once\nint a();\n', 1, 'comment')

    def test_finds_a_secret_in_a_log_call(self) -> None:
        for call in ('log(Level::info, token.reveal());', 'std::cerr << token.reveal();',
                     'printf("%s", token.reveal().data());', 'log_debug(token.reveal());'):
            self.finds('style.py', 'daemon/base/x.cc', f'// x\n{call}\n', 2, 'a revealed secret')
        spread = 'log(Level::info,\n    "token " +\n    std::string(token.reveal()));\n'
        self.finds('style.py', 'tests/x.cc', spread, 3, 'a revealed secret')

    def test_lets_a_secret_go_where_it_belongs(self) -> None:
        write(self.top, {'daemon/base/x.cc': 'log(Level::info, "sent");\nsend(token.reveal());\n'
                                             'login(password.reveal());\n'})
        self.passes('style.py')

    def test_finds_a_long_file(self) -> None:
        self.finds('style.py', 'daemon/base/x.cc', 'int a;\n' * 401, 401, '401 lines')
        self.finds('style.py', 'libclient/x.py', 'a = 1\n' * 401, 401, '401 lines')
        write(self.top, {'tests/unit/x_test.cc': 'int a;\n' * 401})
        self.passes('style.py')


class Workplace(LintCase):
    def test_passes_a_clean_tree(self) -> None:
        self.passes('workplace.py')

    def test_finds_each_registry(self) -> None:
        for host in workplace.HOSTS:
            self.finds('workplace.py', 'x.json', f'{{\n"resolved": "https://{host}/x"}}\n', 2, host)

    def test_finds_a_path_of_one_machine(self) -> None:
        for path in ('/home/' + 'alice/reeve', '/root/' + '.npmrc', '/workspace/' + 'reeve',
                     '/Users/' + 'alice/x', f'{self.top}/build'):
            self.finds('workplace.py', 'docs/x.md', f'\nsee `{path}` for it\n', 2, 'path of')


class Claims(LintCase):
    TESTS = {'tests/unit/bind/gate_test.cc': 'TEST_F(Gate, holds) {}\n', 'tests/e2e/attacks.test.mjs': 'test();\n',
             'tests/e2e/attacks/pages.mjs': "    id: 'T6', name: 'a'\n"}

    def test_passes_tests_that_are_there(self) -> None:
        write(self.top, {**self.TESTS, 'docs/conformance.md': '`unit/bind/gate:holds` `e2e/attacks` `e2e/attacks:T6`\n'})
        self.passes('claims.py')

    def test_finds_what_is_not_there(self) -> None:
        for claim in ('unit/bind/gate:falls', 'unit/bind/gates', 'e2e/attack', 'e2e/attacks:T7', 'unit/bind/gate:hold'):
            write(self.top, self.TESTS)
            self.finds('claims.py', 'docs/conformance.md', f'\n`{claim}`\n', 2, 'tests/')


class Format(LintCase):
    def test_passes_a_clean_tree(self) -> None:
        write(self.top, {'.clang-format': 'BasedOnStyle: Google\n'})
        self.passes('format.sh')

    def test_finds_what_the_tool_would_change(self) -> None:
        for git in (False, True):
            if git:
                subprocess.run(['git', 'init', '-q', str(self.top)], check=True)
            write(self.top, {'.clang-format': 'BasedOnStyle: Google\n'})
            self.finds('format.sh', 'daemon/base/x.cc', 'int a;\nint   b;\n', 2,
                       'format-violations')


class Tidy(LintCase):
    def tidy(self, content: str) -> subprocess.CompletedProcess:
        """Runs over one source, with the checks of the tree's own list."""
        source = self.top / 'daemon/base/x.cc'
        write(self.top, {'daemon/base/x.cc': content,
                         '.clang-tidy': (HERE.parents[1] / '.clang-tidy').read_text()})
        command = {'directory': str(self.top), 'file': str(source), 'output': 'x.o',
                   'command': 'c++ -std=c++20 -Wlogical-op -ftrivial-auto-var-init=zero '
                              f'-c {source}'}
        write(self.top, {'build-asan/compile_commands.json': json.dumps([command])})
        return run('tidy.py', self.top)

    def test_passes_a_clean_source_and_remembers_it(self) -> None:
        ran = self.tidy('int one() { return 1; }\n')
        self.assertEqual(ran.returncode, 0, ran.stdout + ran.stderr)
        self.assertIn('1 sources looked at', ran.stdout)
        self.assertIn('0 sources looked at', self.tidy('int one() { return 1; }\n').stdout)
        self.assertIn('1 sources looked at', self.tidy('int two() { return 2; }\n').stdout)

    def test_finds_a_fault_every_time(self) -> None:
        fault = '#include <string>\n#include <utility>\nsize_t size(std::string a) {\n' \
                '  const std::string b = std::move(a);\n  return a.size() + b.size();\n}\n'
        for _ in range(2):
            ran = self.tidy(fault)
            self.assertEqual(ran.returncode, 1, ran.stdout + ran.stderr)
            self.assertIn('daemon/base/x.cc:5:', ran.stdout)
            self.assertIn('bugprone-use-after-move', ran.stdout)

    def test_reads_coroutines(self) -> None:
        ran = self.tidy('''#include <coroutine>
struct Job {
  struct promise_type {
    Job get_return_object() { return {}; }
    std::suspend_never initial_suspend() noexcept { return {}; }
    std::suspend_never final_suspend() noexcept { return {}; }
    void return_void() {}
    void unhandled_exception() {}
  };
};
Job job() { co_await std::suspend_never{}; }
''')
        self.assertEqual(ran.returncode, 0, ran.stdout + ran.stderr)


if __name__ == '__main__':
    unittest.main()
