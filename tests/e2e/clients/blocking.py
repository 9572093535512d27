"""The client under the scenarios of clients.test.mjs: Python, blocking. The commands are in client.mjs."""
import json
import sys
import threading

import reeve

LIMIT = 60
lock = threading.Lock()
client = reeve.Client(timeout=LIMIT)
sessions = {}


def say(number, **said):
    with lock:
        print(json.dumps({'id': number, **said}), flush=True)


def fail(number, error):
    reason = [getattr(error, name) for name in ('limit', 'reason', 'error', 'provider')
              if getattr(error, name, None)]
    # A class of the package's own inside counts as the public one it is made from.
    kind = next(one.__name__ for one in type(error).__mro__ if hasattr(reeve, one.__name__))
    say(number, error=kind, reason=reason[0] if reason else None)


def run(number, verb, *words):
    if verb == 'open':
        name, user_token, lifetime = words
        sessions[name] = client.session(user_token=user_token, lifetime=None if lifetime == '-' else int(lifetime))
        say(number, ok=True)
    elif verb == 'token':
        name, provider, scopes, wait, min_valid = words
        token = sessions[name].token(
            provider, None if scopes == '-' else scopes.split(','), wait=wait == 'wait',
            min_valid=None if min_valid == '-' else int(min_valid),
            on_consent=lambda consent: say(number, url=consent.url, phrase=consent.phrase))
        say(number, token=str(token), name=token.id, scopes=list(token.scopes), expires_at=token.expires_at)
    elif verb == 'report':
        sessions[words[0]].report_invalid(words[1])
        say(number, ok=True)
    elif verb == 'watch':
        for event in sessions[words[0]].watch():
            say(number, event=event.event)
        say(number, ok=True)
    elif verb == 'whoami':
        say(number, workload=reeve.Client(words[0], timeout=LIMIT).whoami().workload)


def guarded(number, *words):
    try:
        run(number, *words)
    except reeve.ReeveError as error:
        fail(number, error)


for line in sys.stdin:
    number, *words = line.split()
    threading.Thread(target=guarded, args=(int(number), *words), daemon=True).start()
