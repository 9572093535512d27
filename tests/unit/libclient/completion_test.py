#!/usr/bin/python3
"""The completions of bash, zsh and fish, each by its shell: every verb and option of --help is offered, and no other.

Usage: completion_test.py REEVE. Speaks TAP. A shell that is not installed is skipped, and said so.
"""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

HOME = pathlib.Path(__file__).resolve().parents[3] / 'data/completion'
OPTION = re.compile(r'^ *(?:-[a-z],)?(--[a-z-]+)', re.MULTILINE)

BASH = '''
source "$1"; shift
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1))
_reeve; printf '%s\\n' "${COMPREPLY[@]}"
'''
# The part of compsys that a completion calls, so that what it offers can be read.
ZSH = '''
compdef() { }
_default() { }
compadd() { shift; print -l -- "$@" | grep -- "^$words[CURRENT]"; return 0 }
source "$1"; shift
words=("$@"); CURRENT=$#words
_reeve
'''


def run(*command: str) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True, stdin=subprocess.DEVNULL).stdout


def offered(shell: str, line: list[str]) -> set[str]:
    if shell == 'bash':
        said = run('bash', '--norc', '-c', BASH, 'bash', str(HOME / 'reeve.bash'), *line)
    elif shell == 'zsh':
        said = run('zsh', '-f', '-c', ZSH, 'zsh', str(HOME / '_reeve'), *line)
    else:
        words = ' '.join(line)
        said = run('fish', '--no-config', '-c', f'source {HOME}/reeve.fish; complete -C "{words}"')
    return {word.split('\t')[0] for word in said.splitlines() if word}


def verbs_in(text: str) -> list[str]:
    below = text.split('Subcommands:')
    return re.findall(r'^  ([a-z][a-z-]*) ', below[1], re.MULTILINE) if len(below) == 2 else []


def main() -> int:
    directory = tempfile.mkdtemp(prefix='reeve-completion-')
    os.symlink(sys.argv[1], f'{directory}/reeve')
    os.environ.update(PATH=f'{directory}:{os.environ["PATH"]}', HOME=directory, XDG_CONFIG_HOME=directory)
    text = run('reeve', '--help')
    verbs = verbs_in(text)
    helps = {verb: run('reeve', verb, '--help') for verb in verbs}
    options = {verb: set(OPTION.findall(helps[verb])) for verb in verbs}
    below = {(verb, each) for verb in verbs for each in verbs_in(helps[verb])}
    assert ('setup', 'key') in below, below
    common = set(OPTION.findall(text))
    failed = 0
    print('1..3')
    for number, shell in enumerate(('bash', 'zsh', 'fish'), 1):
        if shutil.which(shell) is None:
            print(f'ok {number} # SKIP {shell} is not installed')
            continue
        wrong = []
        if offered(shell, ['reeve', '']) != set(verbs):
            wrong.append(f'verbs: {sorted(offered(shell, ["reeve", ""]) ^ set(verbs))}')
        if offered(shell, ['reeve', '--timeout', '5', 'ki']) != {'kill'}:
            wrong.append('the verb behind a common option')
        for verb in verbs:
            differ = offered(shell, ['reeve', verb, '--']) ^ (options[verb] | common)
            if differ:
                wrong.append(f'{verb}: {sorted(differ)}')
        for verb in sorted({verb for verb, _ in below}):
            differ = offered(shell, ['reeve', verb, '']) ^ {each for owner, each in below if owner == verb}
            if differ:
                wrong.append(f'{verb}: its verbs {sorted(differ)}')
        for verb, each in sorted(below):
            own = set(OPTION.findall(run('reeve', verb, each, '--help')))
            differ = offered(shell, ['reeve', verb, each, '--']) ^ (own | options[verb] | common)
            if differ:
                wrong.append(f'{verb} {each}: {sorted(differ)}')
        print(f'{"not ok" if wrong else "ok"} {number} - {shell} offers {len(verbs)} verbs and their options {"; ".join(wrong)}')
        failed += bool(wrong)
    shutil.rmtree(directory)
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())
