"""The stage of the demo: a temporary directory, the users of its programs, and their processes.

A Stage is a context manager; when it ends, however it ends, so does everything that it started,
and its directory is removed. Signals are only noted; every wait here looks for them and for its
deadline. What a program prints goes to a file of the stage and is read from there.
"""
from __future__ import annotations

import contextlib
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import typing

ROOT = pathlib.Path(__file__).resolve().parents[2]
PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'
# Only numbers: nobody needs to be made for the demo.
UIDS = {'daemon': 64301, 'binder': 64302, 'fetch': 64303, 'issuer': 64304, 'provider': 64305,
        'agent': 64306, 'person': 64307, 'thief': 64308}
LOOK_SECONDS = 0.05
STOP_SECONDS = 15


class Failure(Exception):
    """What went wrong, and the file that may say why."""

    def __init__(self, what: str, log: pathlib.Path | None = None) -> None:
        super().__init__(what)
        self.log = log


class Stopped(Exception):
    """A signal came; its number."""


def as_user(uid: int) -> list[str]:
    """The beginning of a command that shall have this user and no privilege."""
    return ['setpriv', '--reuid', str(uid), '--regid', str(uid), '--clear-groups',
            '--inh-caps=-all', '--bounding-set=-all', '--no-new-privs', '--']


def can_separate() -> bool:
    """Whether programs can get users of their own, and reeved no network."""
    if os.geteuid() != 0:
        return False
    command = ['unshare', '-n', '--', *as_user(UIDS['daemon']), 'true']
    with contextlib.suppress(OSError):
        return subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True,
                              timeout=STOP_SECONDS).returncode == 0
    return False


def descendants(pid: int) -> list[int]:
    parents = {}
    for entry in pathlib.Path('/proc').glob('[0-9]*/stat'):
        with contextlib.suppress(OSError, ValueError, IndexError):
            parents[int(entry.parent.name)] = int(entry.read_text().rpartition(')')[2].split()[1])
    found = [pid]
    for one in found:
        found += [child for child, parent in parents.items() if parent == one]
    return found[1:]


def free_port(host: str) -> int:
    with socket.socket() as probe:
        probe.bind((host, 0))
        return probe.getsockname()[1]


class Program:
    """A running program, what it prints (`out`) and what it complains of (`log`)."""

    def __init__(self, name: str, process: subprocess.Popen, out: pathlib.Path,
                 log: pathlib.Path, leads: bool) -> None:
        self.name, self.process, self.out, self.log = name, process, out, log
        self.leads_ = leads             # a process group of its own
        self.read_ = 0

    def new_lines(self) -> list[str]:
        """The whole lines that it has printed since the last call."""
        with open(self.out, 'rb') as file:
            file.seek(self.read_)
            text = file.read()
        whole = text[:text.rfind(b'\n') + 1]
        self.read_ += len(whole)
        return whole.decode(errors='replace').splitlines()

    def close_input(self) -> None:
        with contextlib.suppress(OSError):
            self.process.stdin.close()

    def stop(self) -> None:
        """Politely first; then all that it has started, too."""
        if self.process.poll() is None:
            self.process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(STOP_SECONDS)
        if self.process.poll() is None:
            for pid in (*descendants(self.process.pid), self.process.pid):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            self.process.wait(STOP_SECONDS)
        if self.leads_:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, signal.SIGKILL)
        self.close_input()


class Stage:
    def __init__(self, separated: bool) -> None:
        self.separated = separated
        self.programs_: list[Program] = []
        self.signal_ = 0
        self.directory = pathlib.Path()

    def __enter__(self) -> Stage:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self.note_)
        os.umask(0o022)
        # Short: the name of a Unix socket has at most 107 bytes. Others must be able to enter.
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix='reeve-demo.', dir='/tmp'))
        self.directory.chmod(0o755 if self.separated else 0o700)
        self.make_directory('log')
        self.make_directory('secrets', 0o755)
        return self

    def __exit__(self, *_: object) -> None:
        for program in reversed(self.programs_):
            program.stop()
        shutil.rmtree(self.directory, ignore_errors=True)

    def note_(self, number: int, _: object) -> None:
        self.signal_ = self.signal_ or number

    def check(self) -> None:
        if self.signal_:
            raise Stopped(self.signal_)

    # Users and files.

    def uid(self, who: str) -> int:
        return UIDS[who] if self.separated else os.getuid()

    def give(self, path: pathlib.Path, who: str) -> pathlib.Path:
        if self.separated:
            os.chown(path, UIDS[who], UIDS[who])
        return path

    def make_directory(self, name: str, mode: int = 0o700, who: str = '') -> pathlib.Path:
        path = self.directory / name
        path.mkdir(mode=mode, parents=True)
        return self.give(path, who) if who else path

    def write(self, name: str, text: str, mode: int = 0o600, who: str = '') -> pathlib.Path:
        path = self.directory / name
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), 'w') as file:
            file.write(text)
        return self.give(path, who) if who else path

    def copy(self, source: pathlib.Path, name: str) -> pathlib.Path:
        """A file or folder where everybody can read it; by a link where there is one user only."""
        path = self.directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if not self.separated:
            path.symlink_to(source)
        elif source.is_dir():
            skip = shutil.ignore_patterns('__pycache__', '.cache')
            shutil.copytree(source, path, symlinks=True, ignore=skip)
            for place, _, files in os.walk(path):
                for each in (place, *(os.path.join(place, file) for file in files)):
                    if not os.path.islink(each):
                        mode = os.stat(each).st_mode
                        os.chmod(each, 0o755 if mode & 0o100 else 0o644)
        else:
            shutil.copyfile(source, path)
            path.chmod(0o755 if source.stat().st_mode & 0o100 else 0o644)
        return path

    # Programs.

    def start(self, name: str, command: list[str], *, who: str = '', terminal: bool = False,
              **environment: str) -> Program:
        """who: as that user, with no environment but what is given. terminal: it may ask there."""
        self.check()
        out, log = self.directory / f'log/{name}.out', self.directory / f'log/{name}.log'
        env = {**({'PATH': PATH, 'LANG': 'C.UTF-8'} if who else os.environ), **environment}
        if who and self.separated:
            command = [*as_user(UIDS[who]), *command]
        with open(out, 'wb') as stdout, open(log, 'wb') as stderr:
            process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=stdout, stderr=stderr if who else stdout,
                cwd='/' if who else ROOT, env=env, start_new_session=not terminal)
        program = Program(name, process, out, log if who else out, leads=not terminal)
        self.programs_.append(program)
        return program

    def wait(self, program: Program, seconds: float,
             done: typing.Callable[[], object] | None = None) -> typing.Any:
        """Until done() is true, then its value; or, without it, until the program ends well."""
        deadline = time.monotonic() + seconds
        while True:
            ended = program.process.poll()
            value = done() if done else ended is not None
            if value and (done or ended == 0):
                return value
            if ended is not None:
                raise Failure(f'{program.name} ended with status {ended}', program.log)
            if time.monotonic() > deadline:
                raise Failure(f'{program.name}: not done after {seconds:.0f} s', program.log)
            self.check()
            for other in self.programs_:
                if other.process.poll() not in (None, 0):
                    raise Failure(f'{other.name} ended with status {other.process.poll()}',
                                  other.log)
            time.sleep(LOOK_SECONDS)

    def first_line(self, program: Program, seconds: float) -> str:
        return self.wait(program, seconds, lambda: program.new_lines())[0]
