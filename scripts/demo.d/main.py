"""Shows Reeve at work on this machine: an agent asks for a token of its user, the user consents in
a browser, and the agent reaches her account with it.

Usage: scripts/demo [--headless] [--screenshots DIR] [--build DIR] [--no-deps] [--same-user]

  (no option)        you are the user: open the link in a browser on this machine
  --headless         Chromium is the user, and every page is saved as a picture
  --screenshots DIR  where to (default: demo-screenshots, here)
  --build DIR        use what is built in that directory, build nothing
  --no-deps          do not look for missing packages (scripts/deps)
  --same-user        all programs run as you, though you are root

It installs what is missing (as root, or by sudo), builds, and starts a users' issuer, a provider,
Reeve's four processes and an agent, on loopback addresses and free ports: as root each under a
user of its own, else all as you. The browser must be on this machine: the pages are at 127.0.0.1,
127.0.0.2 and 127.0.0.3. Ctrl-C ends everything; what remains is build/ and the pictures.
"""
from __future__ import annotations

import argparse
import dataclasses
import json
import os
import pathlib
import re
import secrets
import shutil
import string
import subprocess
import sys
import time

from stage import PATH, ROOT, Failure, Program, Stage, Stopped, as_user, can_separate, free_port

USER = 'alice'
TARGETS = {'reeved': 'daemon/reeved/reeved', 'reeve-fetch': 'daemon/fetch/reeve-fetch',
           'reeve-bind': 'daemon/bind/reeve-bind'}
START_SECONDS = 60
AGENT_SECONDS = 120             # for its calls, beyond what the user takes
USER_SECONDS = 600              # Reeve's own limit for a consent
PICTURE_SECONDS = 180
INSTALL_SECONDS = 45 * 60
BUILD_SECONDS = 90 * 60
STILL_SECONDS = 30


def say(text: str = '') -> None:
    print(text, flush=True)


@dataclasses.dataclass
class Addresses:
    binding: str
    issuer: str
    provider: str


class Demo:
    def __init__(self, arguments: argparse.Namespace, stage: Stage) -> None:
        self.arguments, self.stage = arguments, stage
        self.step = self.speaker = 'begin'
        self.addresses = Addresses(*(f'http://{host}:{free_port(host)}'
                                     for host in ('127.0.0.1', '127.0.0.2', '127.0.0.3')))
        self.tree = ROOT
        self.node = ''

    def begin(self, step: str, text: str) -> None:
        self.step = self.speaker = step
        say(f'{step + ":":10} {text}')

    def more(self, text: str) -> None:
        say(f'{"":10} {text}')

    def heard(self, speaker: str, text: str) -> None:
        """What a program says; the step stays."""
        say(f'{"" if speaker == self.speaker else speaker + ":":10} {text}')
        self.speaker = speaker

    def run(self) -> None:
        self.pictures()
        self.packages()
        built = self.build()
        self.prepare(built)
        self.servers()
        self.reeve()
        report = self.agent()
        self.look(report)
        say(f'demo: the agent reached the account of {report["account"]} as {report["user"]}')

    # What is needed.

    def pictures(self) -> None:
        self.step = 'pictures'
        if self.arguments.headless:
            try:
                self.arguments.screenshots.mkdir(parents=True, exist_ok=True)
                for old in self.arguments.screenshots.glob('*.png'):
                    if re.fullmatch(r'(\d\d-(reeve|issuer|provider)-.*|stuck)\.png', old.name):
                        old.unlink()
            except OSError as error:
                raise Failure(f'cannot write to {self.arguments.screenshots}: {error.strerror}')

    def long(self, program: Program, seconds: float) -> None:
        """Waits, and says now and then that it goes on."""
        begun = time.monotonic()
        said = begun
        last = ''

        def ended() -> bool:
            nonlocal said, last
            last = (program.new_lines() or [last])[-1]
            if time.monotonic() - said > STILL_SECONDS:
                said = time.monotonic()
                self.more(f'... {said - begun:.0f} s: {last[:70]}')
            return program.process.poll() == 0

        self.stage.wait(program, seconds, ended)

    def packages(self) -> None:
        if not self.arguments.no_deps:
            self.begin('packages', 'what is missing is installed (scripts/deps)')
            # Not as root it may ask for the password of sudo.
            program = self.stage.start('deps', [str(ROOT / 'scripts/deps')],
                                       terminal=os.geteuid() != 0)
            program.close_input()
            self.long(program, INSTALL_SECONDS)
        self.step = 'packages'
        found = subprocess.run([ROOT / 'scripts/deps', '--node'], capture_output=True, text=True,
                               timeout=START_SECONDS)
        if found.returncode != 0:
            raise Failure(found.stderr.strip())
        self.node = found.stdout.strip()

    def build(self) -> pathlib.Path:
        if self.arguments.build:
            self.step = 'build'
            missing = [path for path in TARGETS.values()
                       if not (self.arguments.build / path).is_file()]
            if missing:
                raise Failure(f'{self.arguments.build} has no {missing[0]}')
            return self.arguments.build.resolve()
        place = ROOT / 'build'
        # Set up as scripts/test does it, which uses it too; only the three programs are built.
        if not (place / 'build.ninja').exists():
            self.begin('build', 'set up in build/ (the first time the compiler needs some minutes)')
            half = ['--wipe'] if (place / 'meson-private/coredata.dat').exists() else []
            self.long(self.stage.start('meson', ['meson', 'setup', *half, str(place), str(ROOT),
                                                 '--buildtype=release']), START_SECONDS * 5)
        self.begin('build', 'reeved, reeve-fetch and reeve-bind, in build/')
        self.long(self.stage.start('ninja', ['ninja', '-C', str(place), *TARGETS.values()]),
                  BUILD_SECONDS)
        return place

    # What is started.

    def prepare(self, built: pathlib.Path) -> None:
        stage = self.stage
        self.step = 'files'
        for name, path in TARGETS.items():
            stage.copy(built / path, f'bin/{name}')
        stage.copy(ROOT / 'data/providers', 'presets')
        if stage.separated:
            for name in ('tests/support/node', 'libclient/python/reeve', 'scripts/demo.d'):
                stage.copy(ROOT / name, f'tree/{name}')
            self.tree = stage.directory / 'tree'
            if not runs_for_others(self.node):
                self.node = str(stage.copy(pathlib.Path(self.node), 'bin/node'))
        stage.write('secrets/master', secrets.token_hex(32), who='daemon')
        self.secrets = {name: secrets.token_urlsafe(24) for name in ('issuer', 'provider')}
        for name, value in self.secrets.items():
            stage.write(f'secrets/{name}', value, who='daemon')
        template = string.Template((ROOT / 'scripts/demo.d/reeve.toml').read_text())
        users = [f'{name}_user = {stage.uid(name)}' for name in ('daemon', 'binder', 'fetch')]
        text = template.substitute(
            dataclasses.asdict(self.addresses), stage=stage.directory,
            match=match_of(stage.uid('agent')),
            users='\n'.join([*users, 'admin_group = 0'] if stage.separated else []))
        self.config = stage.write('reeve.toml', text, 0o644)

    def redirect_uris(self) -> dict[str, str]:
        """As an operator learns what to register at the issuer and at the provider."""
        command = [self.stage.directory / 'bin/reeved', '--check', '--config', self.config,
                   '--presets', self.stage.directory / 'presets']
        if not self.stage.separated:
            command.append('--same-user')
        said = subprocess.run(command, capture_output=True, text=True, timeout=START_SECONDS)
        if said.returncode != 0:
            raise Failure(f'the configuration is refused: {said.stdout}{said.stderr}')
        return dict(re.findall(r'^\[(.+?)\] redirect_uri to register: (\S+)$', said.stdout,
                               re.MULTILINE))

    def servers(self) -> None:
        redirects = self.redirect_uris()
        self.begin('servers', f'oidc-provider as the users\' issuer, {self.addresses.issuer}')
        self.more(f'oidc-provider as the provider "Files", {self.addresses.provider}')
        people = [{'sub': name, 'name': name.capitalize()} for name in (USER, 'mallory')]
        for name, table in (('issuer', 'issuer.corp'), ('provider', 'provider.files')):
            host, port = getattr(self.addresses, name).removeprefix('http://').split(':')
            client = {'client_id': 'reeve', 'client_secret': self.secrets[name],
                      'redirect_uris': [redirects[table]]}
            config = {'host': host, 'port': int(port), 'users': people, 'clients': [client]}
            file = self.stage.write(f'{name}.json', json.dumps(config), who=name)
            program = self.stage.start(
                name, [self.node, str(self.tree / 'tests/support/node/authz.mjs'), str(file),
                       '--until-stdin-closes'], who=name, HOME='/')
            self.stage.first_line(program, START_SECONDS)

    def reeve(self) -> None:
        stage = self.stage
        command = ['/usr/bin/python3', str(ROOT / 'scripts/launch'), '--config', str(self.config),
                   '--bin', str(stage.directory / 'bin'),
                   '--presets', str(stage.directory / 'presets'), '--until-stdin-closes',
                   '--listen', self.addresses.binding.removeprefix('http://')]
        if not stage.separated:
            command.append('--same-user')
        self.begin('reeve', 'reeved, two reeve-fetch and reeve-bind (scripts/launch)')
        launch = stage.start('launch', command, PATH=PATH)
        stage.wait(launch, START_SECONDS * 2, lambda: any(
            line.startswith('{"ready"') for line in launch.new_lines()))
        if stage.separated:
            uids = {name: stage.uid(name) for name in ('daemon', 'fetch', 'binder')}
            self.more('users of their own: reeved {daemon} (without any network), reeve-fetch '
                      '{fetch}, reeve-bind {binder}'.format(**uids))
        else:
            self.more(f'unseparated: all run as uid {os.getuid()}. {why_unseparated()}')
        self.more(f'the user\'s pages are at {self.addresses.binding}')

    # What is shown.

    def agent(self) -> dict:
        stage = self.stage
        uid = stage.uid('agent')
        home = stage.make_directory('agent', who='agent')
        report = home / 'report.json'
        self.begin('agent', f'a Python program, uid {uid}, which acts for {USER}')
        self.working = agent = stage.start(
            'agent', ['/usr/bin/python3', str(self.tree / 'scripts/demo.d/agent.py'),
                      self.addresses.issuer, USER, self.addresses.provider, str(report)],
            who='agent', HOME=str(home), PYTHONPATH=str(self.tree / 'libclient/python'),
            PYTHONDONTWRITEBYTECODE='1', REEVE_SOCKET=str(self.socket()))
        asked = {}

        def hear() -> bool:
            for line in agent.new_lines():
                self.heard('agent', line)
                for name, value in re.findall(r'^ +(link|phrase) +(\S+)$', line):
                    asked[name] = value
            return len(asked) == 2 or report.exists()

        stage.wait(agent, AGENT_SECONDS, hear)
        if not report.exists():
            self.user(asked)
        self.step = 'agent'
        self.step = 'agent'
        stage.wait(agent, USER_SECONDS + AGENT_SECONDS, lambda: hear() and report.exists())
        return json.loads(report.read_text())

    def socket(self) -> pathlib.Path:
        return self.stage.directory / 'run/agent/agent.sock'

    def user(self, asked: dict[str, str]) -> None:
        if not self.arguments.headless:
            self.begin('user', f'you are {USER}: open the link in a browser on this machine, and '
                       'compare the phrase.')
            self.more(f'Sign in as {USER} both times, with any password. (Or first as mallory, to '
                      'be turned away.)')
            return
        self.begin('user', f'{USER}, by Chromium: opens the link')
        home = self.stage.make_directory('person', who='person')
        task = {'url': asked['link'], 'phrase': asked['phrase'], 'login': USER,
                'screenshots': str(home / 'pictures')}
        person = self.stage.start(
            'person', [self.node, str(self.tree / 'scripts/demo.d/person.mjs')], who='person',
            HOME=str(home), TMPDIR=str(home))
        person.process.stdin.write(json.dumps(task).encode())
        person.close_input()

        def hear() -> bool:
            for line in person.new_lines():
                self.heard('user', line)
            return person.process.poll() == 0

        try:
            self.stage.wait(person, PICTURE_SECONDS, hear)
        finally:
            taken = sorted((home / 'pictures').glob('*.png'))
            for picture in taken:
                shutil.copyfile(picture, self.arguments.screenshots / picture.name)
        self.more(f'{len(taken)} pictures in {self.arguments.screenshots}/')

    def look(self, report: dict) -> None:
        """What else there is to see, while the agent still waits."""
        facts = [f'{name} {value}' for name, value in sorted(report['evidence'].items())
                 if name != 'scope']        # the session's own: boot, process or cgroup
        self.begin('kernel', f'what it said of the agent: {", ".join(facts)}')
        self.steal(report)
        self.step = 'agent'
        self.working.close_input()
        self.stage.wait(self.working, AGENT_SECONDS)
        for line in self.working.new_lines():
            self.heard('agent', line)
        self.step = 'audit'
        file = self.stage.directory / 'state/audit.jsonl'
        events = [json.loads(line) for line in file.read_text().splitlines()]
        lent = [event for event in events if event['event'] == 'token.lent']
        if not lent:
            raise Failure('the audit file does not have the loan')
        keys = ('event', 'workload', 'provider', 'account', 'scopes', 'rule', 'outcome')
        shown = {key: lent[0].get(key) for key in keys}
        self.begin('audit', f'{len(events)} records; of the loan, for '
                   f'{lent[0]["user"]["subject"]}:')
        self.more(json.dumps(shown))

    def steal(self, report: dict) -> None:
        evidence = report['evidence']
        shared = [evidence[name] for name in ('container', 'unit') if name in evidence]
        if shared and not self.stage.separated:
            self.begin('thief', f'not shown: a session belongs to all of {shared[0]} of one user; '
                       'as root the thief is another')
            return
        self.begin('thief', f'another process (uid {self.stage.uid("thief")}) has stolen the '
                   'agent\'s session handle and asks with it')
        program = self.stage.start(
            'thief', ['/usr/bin/python3', str(self.tree / 'scripts/demo.d/thief.py')], who='thief',
            PYTHONPATH=str(self.tree / 'libclient/python'), PYTHONDONTWRITEBYTECODE='1',
            REEVE_SOCKET=str(self.socket()), REEVE_SESSION=report['session'])
        said = self.stage.first_line(program, AGENT_SECONDS)
        if said != 'SessionInvalid':
            raise Failure(f'the thief got {said}')
        self.more(f'it gets {said}')


def why_unseparated() -> str:
    if os.geteuid() != 0:
        return 'As root each would have its own user.'
    if '--same-user' in sys.argv:
        return 'You asked for it.'
    return 'This root may not change users or make network namespaces.'


def match_of(uid: int) -> str:
    """The evidence that the agent will have. A rule without `container` matches nothing in one."""
    if pathlib.Path('/proc/self/uid_map').read_text().split() != ['0', '0', str(2**32 - 1)]:
        return f'uid = {uid}, container = "rootless"'
    own = [line for line in pathlib.Path('/proc/self/cgroup').read_text().splitlines()
           if line.startswith('0::')]
    if any(re.search(r'/(docker|libpod|cri-containerd|crio)[-/]', line) for line in own):
        return f'uid = {uid}, container = "*"'
    return f'uid = {uid}'


def runs_for_others(program: str) -> bool:
    command = [*as_user(64307), program, '--version']
    return subprocess.run(command, capture_output=True, cwd='/', timeout=START_SECONDS,
                          stdin=subprocess.DEVNULL).returncode == 0


def arguments_of() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog='scripts/demo', add_help=False, allow_abbrev=False,
                                     usage='scripts/demo --help')
    parser.add_argument('--help', '-h', action='store_true')
    parser.add_argument('--headless', action='store_true')
    parser.add_argument('--screenshots', type=pathlib.Path, default='demo-screenshots')
    parser.add_argument('--build', type=pathlib.Path)
    parser.add_argument('--no-deps', action='store_true')
    parser.add_argument('--same-user', action='store_true')
    return parser.parse_args()


def tell(step: str, failure: Failure) -> None:
    print(f'demo: failed at "{step}": {failure}', file=sys.stderr)
    if failure.log and failure.log.exists():
        for line in failure.log.read_text(errors='replace').splitlines()[-20:]:
            print(f'  {line}', file=sys.stderr)


def main() -> int:
    arguments = arguments_of()
    if arguments.help:
        say(__doc__.strip())
        return 0
    with Stage(separated=not arguments.same_user and can_separate()) as stage:
        demo = Demo(arguments, stage)
        try:
            demo.run()
        except Stopped as stopped:
            print('demo: stopped; everything is ended', file=sys.stderr)
            return 128 + stopped.args[0]
        except (Failure, OSError, subprocess.SubprocessError) as error:
            tell(demo.step, error if isinstance(error, Failure) else Failure(str(error)))
            return 1
    return 0


if __name__ == '__main__':
    sys.exit(main())
