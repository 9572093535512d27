"""Runs reeved alone, with the sockets that it wants, as the daemon's user: start.py UID REEVED ARGUMENT..."""
import os
import socket
import sys
import tempfile


def main() -> None:
    uid, program = int(sys.argv[1]), sys.argv[2]
    with tempfile.TemporaryDirectory() as place:
        sockets = []
        for name in ('agent', 'bind', 'admin'):
            one = socket.socket(socket.AF_UNIX)
            one.bind(f'{place}/{name}')
            one.listen()
            sockets.append(one)
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
