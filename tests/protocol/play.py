"""Plays protocol transcripts against a real reeved, one connection a file.

Usage: play.py REEVED PRESETS TRANSCRIPT...

A transcript is what a client's author wants to read: `> ` a call, `< ` the reply expected, `# ` a remark, and
`@ agent` or `@ admin` which socket (agent at first). In an expected reply the string "*" matches any value, "$NAME"
any string, which later calls and replies may use as "$NAME" again; a member "...": true allows further members.
`! TEXT` sends raw text with \\0 as NUL; `< end` expects the connection to end. The daemon runs as the caller, with
the configuration in reeve.toml beside the transcripts. Prints one TAP line a file.
"""
from __future__ import annotations

import json
import os
import pathlib
import socket
import sys
import tempfile
import time


class Daemon:
    def __init__(self, reeved: str, presets: str, config: pathlib.Path) -> None:
        self.temporary = tempfile.TemporaryDirectory(prefix='reeve-protocol.')
        directory = self.temporary.name
        key = pathlib.Path(directory, 'key')
        key.write_text('0f' * 32, encoding='ascii')
        key.chmod(0o600)
        text = config.read_text(encoding='utf-8').replace('@DIRECTORY@', directory).replace('@UID@', str(os.getuid()))
        pathlib.Path(directory, 'reeve.toml').write_text(text, encoding='utf-8')
        self.paths = {name: f'{directory}/{name}' for name in ('agent', 'bind', 'admin')}
        sockets = []
        for path in self.paths.values():
            sock = socket.socket(socket.AF_UNIX)
            sock.bind(path)
            sock.listen(64)
            sockets.append(sock)

        def hand_over() -> None:
            for index, sock in enumerate(sockets):
                os.dup2(sock.fileno(), 100 + index)
            for index in range(len(sockets)):
                os.dup2(100 + index, 3 + index, inheritable=True)
            os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS='3', LISTEN_FDNAMES='agent:bind:admin')
            os.execv(reeved, [reeved, '--same-user', '--config', f'{directory}/reeve.toml', '--presets', presets])

        self.log = open(f'{directory}/log', 'w+', encoding='utf-8')
        self.pid = os.fork()
        if self.pid == 0:
            os.dup2(self.log.fileno(), 2)
            try:
                hand_over()
            finally:
                os._exit(127)

    def connect(self, name: str) -> socket.socket:
        sock = socket.socket(socket.AF_UNIX)
        sock.settimeout(20)
        sock.connect(self.paths[name])
        return sock

    def stop(self) -> int:
        os.kill(self.pid, 15)
        status = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        self.log.seek(0)
        self.text = self.log.read()
        self.temporary.cleanup()
        return status


class Player:
    def __init__(self, daemon: Daemon) -> None:
        self.daemon, self.names = daemon, {}
        self.socket, self.buffer = daemon.connect('agent'), b''

    def fill(self, value: object) -> object:
        if isinstance(value, str) and value.startswith('$'):
            return self.names[value]
        if isinstance(value, dict):
            return {name: self.fill(member) for name, member in value.items()}
        if isinstance(value, list):
            return [self.fill(member) for member in value]
        return value

    def fits(self, wanted: object, got: object) -> bool:
        if wanted == '*':
            return True
        if isinstance(wanted, str) and wanted.startswith('$'):
            return self.names.setdefault(wanted, got) == got
        if isinstance(wanted, dict) and isinstance(got, dict):
            more = wanted.get('...') is True
            names = set(wanted) - {'...'}
            return (names <= set(got) if more else names == set(got)) and all(self.fits(wanted[n], got[n]) for n in names)
        if isinstance(wanted, list) and isinstance(got, list):
            return len(wanted) == len(got) and all(map(self.fits, wanted, got))
        return wanted == got

    def read(self) -> str:
        while b'\0' not in self.buffer:
            piece = self.socket.recv(65536)
            if not piece:
                return 'end'
            self.buffer += piece
        frame, self.buffer = self.buffer.split(b'\0', 1)
        return frame.decode()

    def play(self, line: str) -> str | None:
        kind, text = line[:2], line[2:].strip()
        if kind == '> ':
            self.socket.sendall(json.dumps(self.fill(json.loads(text))).encode() + b'\0')
        elif kind == '! ':
            self.socket.sendall(text.replace('\\0', '\0').encode())
        elif kind == '@ ':
            self.socket.close()
            self.socket, self.buffer = self.daemon.connect(text), b''
        elif kind == '< ':
            got = self.read()
            if text == 'end' or got == 'end':
                return None if text == got else f'expected {text}, got {got}'
            if not self.fits(json.loads(text), json.loads(got)):
                return f'expected {text}\n#      got {got}'
        return None


def main() -> int:
    reeved, presets, *files = sys.argv[1:]
    print(f'1..{len(files) + 1}')
    daemon = Daemon(reeved, presets, pathlib.Path(files[0]).parent / 'reeve.toml')
    failed = 0
    for number, name in enumerate(files, 1):
        problem = None
        player = Player(daemon)
        for index, line in enumerate(pathlib.Path(name).read_text(encoding='utf-8').splitlines(), 1):
            problem = player.play(line)
            if problem:
                problem = f'line {index}: {problem}'
                break
        failed += problem is not None
        print(f"{'not ok' if problem else 'ok'} {number} {pathlib.Path(name).stem}")
        if problem:
            print(f'# {problem}')
    time.sleep(0.05)
    status = daemon.stop()
    print(f"{'not ok' if status else 'ok'} {len(files) + 1} the daemon lived to the end")
    if status:
        print(f'# exit status {status}\n# ' + daemon.text.replace('\n', '\n# '))
    return 1 if failed or status else 0


if __name__ == '__main__':
    sys.exit(main())
