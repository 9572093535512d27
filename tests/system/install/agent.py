"""The agent of the system test: a unit with a user of its own, in nobody's secrets. Asks for alice's token, waits for her
consent, and calls the provider with it: prints whose account it is, then waits to be asked again (SIGHUP)."""
import json
import os
import signal
import sys
import urllib.request

import reeve


def say(**line: object) -> None:
    print(json.dumps(line), flush=True)


def main() -> None:
    jwt, api = (open(os.path.join(os.environ['CREDENTIALS_DIRECTORY'], name), encoding='utf-8').read().strip()
                for name in ('user-token', 'api'))
    signal.signal(signal.SIGHUP, lambda *_: None)
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGHUP})
    with reeve.Client(user_token=jwt) as client:
        while True:
            token = client.token('files', wait=True, on_consent=lambda consent: say(url=consent.url, phrase=consent.phrase))
            request = urllib.request.Request(api, headers={'Authorization': f'Bearer {token}'})
            with urllib.request.urlopen(request, timeout=60) as answer:
                say(account=json.load(answer)['sub'])
            signal.sigwait({signal.SIGHUP})


if __name__ == '__main__':
    sys.exit(main())
