"""What GetToken of a cached token costs from Python: the package, blocking and asyncio, against a plain socket that
sends the same call to the same reeved and reads to the NUL. Prints one JSON object; started by clients.mjs."""
import asyncio
import json
import os
import socket
import statistics
import sys
import time

import reeve

ROUNDS, CALLS = int(sys.argv[1]), int(sys.argv[2])


def timed(call):
    begun = time.perf_counter()
    for _ in range(CALLS):
        call()
    return (time.perf_counter() - begun) / CALLS


def raw_call(path, frame):
    plain = socket.socket(socket.AF_UNIX)
    plain.connect(path)

    def call():
        plain.sendall(frame)
        answer = plain.recv(65536)
        while not answer.endswith(b'\0'):
            answer += plain.recv(65536)
    return call


async def timed_async(session):
    begun = time.perf_counter()
    for _ in range(CALLS):
        await session.token('files')
    return (time.perf_counter() - begun) / CALLS


client = reeve.Client()
session = client.default_session()
session.token('files')
raw = raw_call(os.environ['REEVE_SOCKET'], json.dumps({'method': 'io.reeve.Agent.GetToken', 'parameters': {
    'session': session.handle, 'provider': 'files'}}).encode() + b'\0')
asynchronous = reeve.AsyncSession(reeve.AsyncClient()._channel, 30, session.handle)
rounds = [(timed(raw), timed(lambda: session.token('files')), asyncio.run(timed_async(asynchronous)))
          for _ in range(ROUNDS)]
print(json.dumps({
    'raw_us': statistics.median(r for r, _, _ in rounds) * 1e6,
    'blocking': statistics.median(r / s for r, s, _ in rounds),
    'asyncio': statistics.median(r / a for r, _, a in rounds)}))
