"""The package under strict type checks, and programs that use it: one right, one wrong."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
import tempfile
import textwrap
import unittest

HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
ROOT = os.path.dirname(os.path.dirname(HERE))
PYRIGHT = os.path.join(ROOT, "tests/support/node/node_modules/pyright/index.js")
VERSIONS = ("3.9", f"{sys.version_info[0]}.{sys.version_info[1]}")

RIGHT = """
    import asyncio
    from typing import List, Optional, Tuple
    import reeve
    import reeve.httpx
    import reeve.requests

    @reeve.requires_token(provider="github", scopes=["repo"], wait="raise")
    def titles(repository: str, *, token: reeve.Token) -> List[str]:
        return [repository, token, *token.scopes]

    def blocking(client: reeve.Client) -> Optional[int]:
        with client.session(user=("https://i.example", "alice"), lifetime=60) as session:
            with reeve.using(session):
                titles("r")
            events: List[str] = [event.event for event in session.watch(timeout=1)]
            statuses: List[str] = [now.status for now in session.await_consent("r")]
            auth: Tuple[object, object] = (reeve.httpx.Auth("p"), reeve.requests.Auth("p"))
            return session.token("github", wait=True).expires_at

    async def waiting(client: reeve.AsyncClient) -> Optional[str]:
        async with await client.session(workload=True) as session:
            async with session.watch() as watch:
                async for event in watch:
                    return event.provider
            token: str = await session.token("github")
        return None
"""

WRONG = """
    import reeve

    def f(session: reeve.Session) -> None:
        number: int = session.token("github")
        session.token("github", scopes=7)
        session.token("github", sopes=["repo"])
        for event in session.watch():
            event.prvider
"""


@unittest.skipUnless(importlib.util.find_spec("mypy"), "mypy is not installed")
class TypesTest(unittest.TestCase):
    def mypy(self, *arguments):
        ran = subprocess.run(
            [sys.executable, "-m", "mypy", "--strict", "--cache-dir", self.cache, *arguments],
            cwd=HERE, capture_output=True, text=True,
            env={name: value for name, value in os.environ.items() if name != "PYTHONPATH"})
        return ran.returncode, ran.stdout + ran.stderr

    def program(self, text):
        path = os.path.join(self.cache, "program.py")
        with open(path, "w", encoding="ascii") as file:
            file.write(textwrap.dedent(text))
        return path

    def setUp(self):
        directory = tempfile.TemporaryDirectory(prefix="reeve-")
        self.addCleanup(directory.cleanup)
        self.cache = directory.name

    def test_the_package_is_strictly_typed_for_the_oldest_python_and_for_this_one(self):
        for version in VERSIONS:
            code, said = self.mypy("--python-version", version, "reeve")
            self.assertEqual(code, 0, said)

    def test_a_right_program_passes_and_each_mistake_is_found(self):
        code, said = self.mypy("reeve", self.program(RIGHT))
        self.assertEqual(code, 0, said)
        code, said = self.mypy("reeve", self.program(WRONG))
        self.assertEqual(code, 1)
        self.assertEqual(said.count("error:"), 4, said)


# It looks into what this Python has.
@unittest.skipUnless(os.path.exists(PYRIGHT) and importlib.util.find_spec("httpx") and
                     importlib.util.find_spec("requests"), "pyright, httpx or requests is not installed")
class OtherCheckerTest(unittest.TestCase):
    def test_pyright_finds_nothing_at_its_strictest_either(self):
        node = subprocess.run([os.path.join(ROOT, "scripts/deps"), "--node"], check=True,
                              capture_output=True, text=True).stdout.strip()
        for version in VERSIONS:
            ran = subprocess.run(
                [node, PYRIGHT, "--pythonversion", version, "--pythonpath", sys.executable],
                cwd=HERE, capture_output=True, text=True)
            self.assertEqual(ran.returncode, 0, ran.stdout + ran.stderr)
            self.assertIn("0 errors", ran.stdout)


@unittest.skipUnless(importlib.util.find_spec("vermin"), "vermin is not installed")
class OldestPythonTest(unittest.TestCase):
    """What a type checker does not see: syntax, and what the standard library had then."""

    def test_nothing_is_newer_than_the_oldest_python_that_is_claimed(self):
        ran = subprocess.run(
            [sys.executable, "-c", "import vermin; vermin.main()", "--target=3.9-", "--no-tips", "--eval-annotations",
             "--violations", "reeve"], cwd=HERE, capture_output=True, text=True)
        self.assertEqual(ran.returncode, 0, ran.stdout + ran.stderr)


if __name__ == "__main__":
    unittest.main()
