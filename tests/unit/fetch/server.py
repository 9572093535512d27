#!/usr/bin/python3
"""A web server that misbehaves on request, for the tests of daemon/fetch.

Usage: server.py DIRECTORY. Makes certificates there (ca.pem is the one to trust), listens on
127.0.0.1 and prints its ports as one line of JSON; ends when its standard input does.
Every path counts its requests; /count/PATH tells.
"""
import collections
import json
import pathlib
import socket
import ssl
import subprocess
import sys
import threading
import time

COUNTS = collections.Counter()
CONNECTIONS = collections.Counter()
LOCK = threading.Lock()


def openssl(*arguments: str) -> None:
    subprocess.run(['openssl', *arguments], check=True, stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL)


def make_certificate(home: pathlib.Path, name: str, san: str, ca: bool, days: str) -> None:
    key, request, cert = (str(home / f'{name}.{end}') for end in ('key', 'csr', 'pem'))
    openssl('req', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout',
            key, '-out', request, '-subj', f'/CN={name}')
    extensions = home / f'{name}.ext'
    extensions.write_text(f'subjectAltName={san}\n')
    signer = ['-CA', str(home / 'ca.pem'), '-CAkey', str(home / 'ca.key'), '-CAcreateserial']
    openssl('x509', '-req', '-in', request, '-out', cert, '-days', days, '-extfile',
            str(extensions), *(signer if ca else ['-signkey', key]))


def make_certificates(home: pathlib.Path) -> None:
    openssl('req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes',
            '-keyout', str(home / 'ca.key'), '-out', str(home / 'ca.pem'), '-subj', '/CN=test CA',
            '-days', '2')
    names = 'DNS:localhost,DNS:good.test,IP:127.0.0.1'
    make_certificate(home, 'good', names, ca=True, days='2')
    make_certificate(home, 'expired', names, ca=True, days='-1')
    make_certificate(home, 'wrong_name', 'DNS:other.test', ca=True, days='2')
    make_certificate(home, 'self_signed', names, ca=False, days='2')


def read_request(stream) -> tuple[str, str, list, bytes] | None:
    line = stream.readline()
    if not line:
        return None
    method, path, _ = line.decode().split(' ', 2)
    headers = []
    while (line := stream.readline().decode().rstrip('\r\n')):
        name, value = line.split(':', 1)
        headers.append((name, value.strip()))
    length = next((int(v) for n, v in headers if n.lower() == 'content-length'), 0)
    return method, path, headers, stream.read(length)


def answer(body: bytes, status: str = '200 OK', headers: str = '') -> bytes:
    return f'HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n{headers}\r\n'.encode() + body


def chunk(data: bytes) -> bytes:
    return f'{len(data):x}\r\n'.encode() + data + b'\r\n'


CHUNKED = b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n'


def behave(send, number: int, request: tuple) -> bool:
    """Answers one request; False: close the connection."""
    method, path, headers, body = request
    word, _, argument = path[1:].partition('/')
    if word == 'echo':
        send(answer(json.dumps({'method': method, 'headers': headers, 'path': path,
                                'body': body.decode()}).encode()))
    elif word == 'count':
        send(answer(str(COUNTS['/' + argument]).encode()))
    elif word == 'connection':
        send(answer(str(number).encode()))
    elif word == 'status':
        send(answer(b'', f'{argument} Some', 'Location: /hit\r\nRefresh: 0; url=/hit\r\n'))
    elif word == 'size':
        send(answer(b'x' * int(argument)))
    elif word == 'chunks':
        send(CHUNKED + b''.join(chunk(b'x' * 1000) for _ in range(int(argument))) + b'0\r\n\r\n')
    elif word == 'endless':
        send(CHUNKED)
        while True:
            send(chunk(b'x' * 1000))
    elif word == 'slow':
        time.sleep(int(argument.split('/')[0]) / 1000)
        send(answer(b'late'))
    elif word == 'trickle':
        send(answer(b'')[:-2] + b'X-Slow: ')
        while True:
            send(b'x')
            time.sleep(0.02)
    elif word == 'headers':
        send(answer(b'', headers=''.join(f'X-{i}: {"y" * 900}\r\n' for i in range(int(argument)))))
    elif word == 'endless_header':
        send(b'HTTP/1.1 200 OK\r\nX-Long: ')
        while True:
            send(b'x' * 1000)
    elif word == 'raw':
        send({'broken_header': b'HTTP/1.1 200 OK\r\nno colon here\r\nContent-Length: 0\r\n\r\n',
              'folded': b'HTTP/1.1 200 OK\r\nX-A: 1\r\n 2\r\nContent-Length: 0\r\n\r\n',
              'control': b'HTTP/1.1 200 OK\r\nX-A: a\x07b\r\nContent-Length: 0\r\n\r\n',
              'truncated': b'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf',
              'chunk_truncated': CHUNKED + b'64\r\nhalf',
              'http09': b'hello',
              'lengths': b'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 4\r\n\r\nabcd',
              'nothing': b'',
              'interim': b'HTTP/1.1 103 Early Hints\r\nX-Early: 1\r\n\r\n' + answer(b'final'),
              'trailer': CHUNKED + chunk(b'body') + b'0\r\nX-Trailer: 1\r\n\r\n',
              'gzip': answer(b'\x1f\x8b not really', headers='Content-Encoding: gzip\r\n'),
              'cookie': answer(b'', headers='Set-Cookie: a=b; Path=/\r\n'),
              'odd': b'HTTP/1.1 200 OK\r\nX-A:\r\nX-B: \xff\xfe\r\nContent-Length: 0\r\n\r\n',
              'other_case': answer(b'', headers='X-UPPER:   Value  \r\n')}[argument])
        return argument in ('interim', 'trailer', 'gzip', 'cookie', 'odd', 'other_case')
    else:
        send(answer(b'ok'))
    return True


def serve(connection: socket.socket, context: ssl.SSLContext | None) -> None:
    try:
        if context:
            connection = context.wrap_socket(connection, server_side=True)
        with LOCK:
            CONNECTIONS['all'] += 1
            number = CONNECTIONS['all']
        with connection, connection.makefile('rb') as stream:
            while (request := read_request(stream)):
                with LOCK:
                    COUNTS[request[1]] += 1
                if not behave(connection.sendall, number, request):
                    return
    except (OSError, ValueError):
        connection.close()


def listen(context: ssl.SSLContext | None, mute: bool = False) -> int:
    listening = socket.create_server(('127.0.0.1', 0), backlog=512)
    kept = []

    def accept() -> None:
        while True:
            connection, _ = listening.accept()
            if mute:
                kept.append(connection)
                continue
            threading.Thread(target=serve, args=(connection, context), daemon=True).start()
    threading.Thread(target=accept, daemon=True).start()
    return listening.getsockname()[1]


def context_of(home: pathlib.Path, name: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(home / f'{name}.pem', home / f'{name}.key')
    return context


def main() -> None:
    home = pathlib.Path(sys.argv[1])
    make_certificates(home)
    ports = {'http': listen(None), 'mute': listen(None, mute=True)}
    for name in ('good', 'expired', 'wrong_name', 'self_signed'):
        ports[name] = listen(context_of(home, name))
    old = context_of(home, 'good')
    old.set_ciphers('ALL:@SECLEVEL=0')
    old.minimum_version = ssl.TLSVersion.TLSv1
    old.maximum_version = ssl.TLSVersion.TLSv1_1
    ports['old_tls'] = listen(old)
    print(json.dumps(ports), flush=True)
    sys.stdin.read()


if __name__ == '__main__':
    main()
