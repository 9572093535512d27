"""What the lint programs share: which files the tree has, and how a finding is told.

A lint program takes the root directory as its only argument (default: the repository that holds the
program), writes one line `path:line: what is wrong` per finding and exits with 1 if there was any.
"""
import os
import pathlib
import shutil
import subprocess
import sys

CPP = {'.c', '.cc', '.cpp', '.h', '.hpp'}
HEADERS = {'.h', '.hpp'}
SCRIPTS = {'.py', '.js', '.mjs', '.sh', '.ts'}
# Where no file of ours lies, in a tree that git does not know.
FOREIGN = {'.git', 'node_modules', '__pycache__', 'screenshots'}


def root() -> pathlib.Path:
    here = pathlib.Path(__file__).resolve().parents[2]
    return pathlib.Path(sys.argv[1]).resolve() if len(sys.argv) > 1 else here


def git_files(top: pathlib.Path) -> list[pathlib.Path] | None:
    """What git tracks or would track; None where there is no git, or no repository for it."""
    command = ['git', '-C', str(top), 'ls-files', '-z', '--cached', '--others',
               '--exclude-standard']
    if not (top / '.git').exists() or shutil.which('git') is None:
        return None
    ran = subprocess.run(command, capture_output=True)
    if ran.returncode != 0:
        return None
    return [pathlib.Path(os.fsdecode(name)) for name in set(ran.stdout.split(b'\0')) if name]


def files(top: pathlib.Path) -> list[pathlib.Path]:
    """The tree's files, as paths relative to top: git's, or in a plain directory every file."""
    found = git_files(top)
    if found is None:
        found = []
        for directory, below, names in os.walk(top):
            below[:] = [name for name in below
                        if name not in FOREIGN and not name.startswith('build')]
            found += [(pathlib.Path(directory) / name).relative_to(top) for name in names]
    return sorted(p for p in found if (top / p).is_file() and not (top / p).is_symlink())


def text(top: pathlib.Path, path: pathlib.Path) -> str | None:
    """The file's text, or None if it is not text."""
    try:
        content = (top / path).read_bytes().decode()
    except UnicodeDecodeError:
        return None
    return None if '\0' in content else content


def is_script(path: pathlib.Path, content: str) -> bool:
    """Scripts go by their suffix or, without one, by their first line."""
    return path.suffix in SCRIPTS or (path.suffix == '' and content.startswith('#!'))


class Findings:
    def __init__(self) -> None:
        self.lines: list[str] = []

    def add(self, path: pathlib.Path, line: int, what: str) -> None:
        self.lines.append(f'{path}:{line}: {what}')

    def finish(self) -> None:
        """Ends the program."""
        for line in self.lines:
            print(line)
        if self.lines:
            print(f'{pathlib.Path(sys.argv[0]).name}: {len(self.lines)} findings')
        sys.exit(1 if self.lines else 0)
