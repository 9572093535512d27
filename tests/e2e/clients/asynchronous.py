"""The client under the scenarios of clients.test.mjs: Python, asyncio. The commands are in client.mjs."""
import asyncio
import json
import sys

import reeve

LIMIT = 60
client = reeve.AsyncClient(timeout=LIMIT)
sessions = {}


def say(number, **said):
    print(json.dumps({'id': number, **said}), flush=True)


def fail(number, error):
    reason = [getattr(error, name) for name in ('limit', 'reason', 'error', 'provider')
              if getattr(error, name, None)]
    # A class of the package's own inside counts as the public one it is made from.
    kind = next(one.__name__ for one in type(error).__mro__ if hasattr(reeve, one.__name__))
    say(number, error=kind, reason=reason[0] if reason else None)


async def run(number, verb, *words):
    if verb == 'open':
        name, user_token, lifetime = words
        sessions[name] = await client.session(user_token=user_token,
                                              lifetime=None if lifetime == '-' else int(lifetime))
        say(number, ok=True)
    elif verb == 'token':
        name, provider, scopes, wait, min_valid = words
        token = await sessions[name].token(
            provider, None if scopes == '-' else scopes.split(','), wait=wait == 'wait',
            min_valid=None if min_valid == '-' else int(min_valid),
            on_consent=lambda consent: say(number, url=consent.url, phrase=consent.phrase))
        say(number, token=str(token), name=token.id, scopes=list(token.scopes), expires_at=token.expires_at)
    elif verb == 'report':
        await sessions[words[0]].report_invalid(words[1])
        say(number, ok=True)
    elif verb == 'watch':
        async with sessions[words[0]].watch() as events:
            async for event in events:
                say(number, event=event.event)
        say(number, ok=True)
    elif verb == 'whoami':
        say(number, workload=(await reeve.AsyncClient(words[0], timeout=LIMIT).whoami()).workload)


async def guarded(number, *words):
    try:
        await run(number, *words)
    except reeve.ReeveError as error:
        fail(number, error)


async def main():
    reader = asyncio.StreamReader(limit=1 << 20)
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    tasks = set()
    while line := (await reader.readline()).decode():
        number, *words = line.split()
        tasks.add(asyncio.ensure_future(guarded(int(number), *words)))


asyncio.run(main())
