"""A small agent: it asks Reeve for its user's token and looks whose account the token reaches.

    agent.py ISSUER USER PROVIDER_URL REPORT

REEVE_SOCKET says where the daemon is. What it prints is for people. The file REPORT, and that it
then waits until its standard input closes, are for the demo alone.
"""
import json
import os
import sys
import time
import urllib.request

import reeve

SECONDS = 30


def say(text: str) -> None:
    print(text, flush=True)


def ask_the_user(consent: reeve.ConsentRequired) -> None:
    say('no token yet, the user must say yes. This is for the user alone:')
    say(f'  link    {consent.url}')
    say(f'  phrase  {consent.phrase}')


def get(url: str, token: str = '') -> dict:
    headers = {'Authorization': f'Bearer {token}'} if token else {}
    request = urllib.request.Request(url, headers=headers)
    with urllib.request.urlopen(request, timeout=SECONDS) as answer:
        return json.load(answer)


def reached(provider_url: str, token: str) -> dict:
    """Whose account it is, by the provider's own word."""
    metadata = get(f'{provider_url}/.well-known/openid-configuration')
    return get(metadata['userinfo_endpoint'], token)


def report(path: str, **facts: object) -> None:
    with open(f'{path}.new', 'w', encoding='utf-8') as file:
        json.dump(facts, file)
    os.rename(f'{path}.new', path)


def main(issuer: str, user: str, provider_url: str, report_path: str) -> None:
    client = reeve.Client(timeout=SECONDS)
    known = client.whoami()
    say(f'the kernel says uid {known.evidence["uid"]}, pid {known.evidence["pid"]}; '
        f'the policy calls that {known.workload}')
    # Asserted: the policy lets this workload say who its user is. An agent in production has the
    # user's own proof and gives that instead: client.session(user_token=JWT).
    with client.session(user=(issuer, user)) as session:
        say(f'a session for {session.user.subject} is open (asserted; in production by a token of '
            'the user\'s sign-in)')
        token = session.token('files', wait=True, on_consent=ask_the_user)
        life = f'{token.expires_at - time.time():.0f} s' if token.expires_at else 'unknown'
        say(f'got an access token: scopes {" ".join(token.scopes)}, life {life}')
        account = reached(provider_url, token)
        say(f'called the provider with it: this is the account of {account["sub"]}')
        report(report_path, user=session.user.subject, account=account['sub'],
               evidence=known.evidence, session=session.handle)
        sys.stdin.read()
        again = session.token('files')
        same = 'the same token' if again == token else 'another token'
        say(f'asked once more: {same}, at once, and nobody was asked again')


if __name__ == '__main__':
    try:
        main(*sys.argv[1:])
    except reeve.ReeveError as error:
        sys.exit(f'{type(error).__name__}: {error}')
