"""Runs reeved alone, with the sockets that it wants, as the daemon's user: start.py [--at DIRECTORY] UID REEVED
ARGUMENT... They stay in the directory, as a user's own service manager has them there; else nobody can call."""
import os
import socket
import sys
import tempfile


def listen(place: str, uid: int) -> list[socket.socket]:
    sockets = []
    for name in ('agent', 'bind', 'admin'):
        one = socket.socket(socket.AF_UNIX)
        one.bind(f'{place}/{name}.sock')
        os.chown(f'{place}/{name}.sock', uid, uid)
        os.chmod(f'{place}/{name}.sock', 0o600)
        one.listen()
        sockets.append(one)
    return sockets


def main() -> None:
    kept_at = None
    if sys.argv[1] == '--at':
        kept_at = sys.argv[2]
        del sys.argv[1:3]
    uid, program = int(sys.argv[1]), sys.argv[2]
    with tempfile.TemporaryDirectory() as place:
        sockets = listen(kept_at or place, uid)
    kept = [os.dup2(os.dup(one.fileno()), 20 + i) for i, one in enumerate(sockets)]
    for i, number in enumerate(kept):
        os.dup2(number, 3 + i)
    os.setgroups([])
    os.setgid(uid)
    os.setuid(uid)
    environment = {'LISTEN_PID': str(os.getpid()), 'LISTEN_FDS': '3', 'LISTEN_FDNAMES': 'agent:bind:admin'}
    os.execve(program, [program, *sys.argv[3:]], environment)


if __name__ == '__main__':
    main()
