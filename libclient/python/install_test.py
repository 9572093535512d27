"""The package as pip builds and installs it from this tree, in a clean environment, under its tests.

It needs the venv of scripts/deps, which has what building needs; nothing is fetched.
"""

from __future__ import annotations

import glob
import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
import unittest
import zipfile

HERE = os.path.dirname(os.path.abspath(__file__))
OURS = ["_aio_client.py", "__init__.py", "httpx.py", "py.typed"]


@unittest.skipUnless(importlib.util.find_spec("wheel") and importlib.util.find_spec("setuptools"),
                     "setuptools and wheel are not installed")
class InstallTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.place = tempfile.mkdtemp(prefix="reeve-")
        cls.addClassCleanup(shutil.rmtree, cls.place)
        source = os.path.join(cls.place, "source")
        # A build leaves files beside what it builds.
        shutil.copytree(HERE, source, ignore=shutil.ignore_patterns(
            "build", "*.egg-info", "__pycache__", ".mypy_cache"))
        cls.run_program(sys.executable, "-m", "pip", "wheel", "--no-index", "--no-deps",
                        "--no-build-isolation", "--wheel-dir", cls.place, source)
        cls.wheel, = glob.glob(os.path.join(cls.place, "*.whl"))
        cls.run_program(sys.executable, "-m", "venv", os.path.join(cls.place, "venv"))
        cls.python = os.path.join(cls.place, "venv/bin/python")
        cls.run_program(cls.python, "-m", "pip", "install", "--no-index", cls.wheel)
        shutil.copytree(os.path.join(HERE, "tests"), os.path.join(cls.place, "own/tests"))

    @classmethod
    def run_program(cls, *command):
        ran = subprocess.run(command, cwd=cls.place, stdout=subprocess.PIPE,
                             stderr=subprocess.STDOUT, text=True, env={
                                 "PATH": os.environ["PATH"], "PIP_DISABLE_PIP_VERSION_CHECK": "1"})
        if ran.returncode != 0:
            raise AssertionError(f"{command} ended with {ran.returncode}:\n{ran.stdout}")
        return ran.stdout

    def test_the_wheel_is_pure_and_holds_the_package_and_no_tests(self):
        self.assertTrue(self.wheel.endswith("-py3-none-any.whl"), self.wheel)
        with zipfile.ZipFile(self.wheel) as archive:
            names = archive.namelist()
        for name in OURS:
            self.assertIn(f"reeve/{name}", names)
        self.assertFalse([name for name in names
                          if not name.startswith(("reeve/", "reeve-"))], names)

    def test_it_needs_nothing_else(self):
        listed = self.run_program(self.python, "-m", "pip", "list", "--format", "freeze")
        names = {line.split("==")[0] for line in listed.split()}
        self.assertEqual(names - {"pip", "setuptools"}, {"reeve"})
        self.run_program(self.python, "-m", "pip", "check")

    def test_the_auth_classes_want_their_package_only_when_they_are_imported(self):
        self.run_program(self.python, "-c", "import reeve")
        with self.assertRaises(AssertionError) as caught:
            self.run_program(self.python, "-c", "import reeve.httpx")
        self.assertIn("No module named 'httpx'", str(caught.exception))

    def test_its_own_tests_pass_there(self):
        where = self.run_program(self.python, "-c", "import reeve; print(reeve.__file__)")
        self.assertTrue(where.startswith(self.place), where)
        said = self.run_program(self.python, "-W", "error::ResourceWarning", "-m", "unittest",
                                "discover", "-s", os.path.join(self.place, "own/tests"))
        self.assertRegex(said, r"Ran 1[0-9][0-9] tests")


if __name__ == "__main__":
    unittest.main()
