"""What can be done inside reeved's sandbox: runs as the unit reeved.service does, with this program in reeved's place, and
prints what it could do of what it must not be able to do."""
import os
import socket
import subprocess


def attempt(what: str, action: object) -> None:
    try:
        action()
    except (OSError, subprocess.SubprocessError):
        return
    print('could', what, flush=True)


def write(path: str) -> None:
    with open(path, 'w', encoding='utf-8') as file:
        file.write('x')
    os.unlink(path)


def main() -> None:
    families = {'TCP': (socket.AF_INET, socket.SOCK_STREAM), 'TCP over IPv6': (socket.AF_INET6, socket.SOCK_STREAM),
                'UDP': (socket.AF_INET, socket.SOCK_DGRAM), 'raw': (socket.AF_INET, socket.SOCK_RAW),
                'packet': (socket.AF_PACKET, socket.SOCK_RAW), 'netlink': (socket.AF_NETLINK, socket.SOCK_RAW),
                'vsock': (socket.AF_VSOCK, socket.SOCK_STREAM)}
    for name, (family, kind) in families.items():
        attempt(f'open a {name} socket', lambda family=family, kind=kind: socket.socket(family, kind).close())
    for program in ('/bin/true', '/usr/bin/curl', '/usr/sbin/reeved'):
        attempt(f'run {program}', lambda program=program: subprocess.run([program], check=False))
    for place in ('/etc', '/usr', '/var', '/var/lib', '/run', '/run/reeve', '/run/reeve/agent', '/root', '/home', '/dev/shm',
                  '/sys', '/proc/sys/kernel'):
        attempt(f'write to {place}', lambda place=place: write(f'{place}/probe'))
    for path in ('/etc/shadow', '/etc/reeve/credentials/master-key.cred', '/dev/mem', '/dev/kmsg'):
        attempt(f'read {path}', lambda path=path: open(path, 'rb').close())
    attempt('unshare a namespace', lambda: os.unshare(os.CLONE_NEWUSER) if hasattr(os, 'unshare') else _no())
    # What it must be able to do, or the rest proves nothing.
    write('/var/lib/reeve/probe')
    write('/tmp/probe')
    socket.socket(socket.AF_UNIX).close()
    with open('/proc/1/cgroup', encoding='utf-8'):
        print('done', flush=True)


def _no() -> None:
    raise OSError


if __name__ == '__main__':
    main()
