#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What the command line does with number plans as files: import, lint, replay, saved cases.

  test_plan_files.py BUILDDIR
"""
import json
import os
import subprocess
import sys

from harness import GUARD_S, Suite, build_folder, check

CONFIG = '''spans:
  - {span: 1, driver: virtual, connect: /nowhere/e1.sock, side: user}
trunks:
  - {name: provider, bind: "127.0.0.1:5060", peer: "127.0.0.1:5080"}
plan:
  - {name: out, from: "span:1", prefix: "0", strip: 1, prepend: "49", set_ton: international,
     to: "trunk:provider"}
  - {name: in, from: "trunk:provider", prefix: "4930", ton: international, strip: 4,
     to: "span:1"}
'''
CASES = '''cases:
  - {from: "span:1", called: "030 1234", expect: {target: "trunk:provider", number: "+49 30 1234"}}
  - {name: wrong, from: "span:1", called: "112", expect: {target: "trunk:provider"}}
'''
EXTENSIONS = '''[from-pbx]
exten => _9.,1,Dial(DAHDI/g1/${EXTEN:1})
exten => s,1,Playback(hello)
'''


def record(call, called, ton, out, out_ton, source='span:1', target='trunk:provider'):
    return json.dumps({
        'call': call, 'begin': '2026-11-28T10:00:00.123Z', 'source': source, 'target': target,
        'rule': 'out', 'called': {'digits': called, 'ton': ton, 'npi': 'e164'},
        'called_out': {'digits': out, 'ton': out_ton, 'npi': 'e164'}, 'bearer': 'speech'})


RECORDS = '\n'.join([
    record('1', '0301234', 'unknown', '49301234', 'international'),
    record('2', '0401234', 'unknown', '401234', 'national'),
    'not a record',
    json.dumps({'call': '-', 'begin': '2026-11-28T10:00:00.123Z', 'source': 'trunk:provider',
                'called_text': 'alice', 'refused': 'no number', 'cause_a': {'sip_status': 404}}),
    record('3', '0409999', 'unknown', '409999', 'national'),
    record('4', '49301234', 'international', '1234', 'international', 'trunk:provider', 'span:1'),
]) + '\n'


def run(*arguments, program='spanbridge'):
    return subprocess.run([os.path.join(build_folder(), program), *arguments], capture_output=True,
                          text=True, timeout=GUARD_S, check=False, stdin=subprocess.DEVNULL)


def file(folder, name, text):
    path = os.path.join(folder, name)
    with open(path, 'w', encoding='utf-8') as out:
        out.write(text)
    return path


def failing_case(folder):
    bad = file(folder, 'bad.yaml', CONFIG + CASES)
    done = run('config', 'check', bad)
    check(done.returncode == 1, f'exit {done.returncode}')
    check(f'{bad}:12:5: case "wrong" fails: the call is refused with cause 3' in done.stderr,
          done.stderr)
    check('1 mistake\n' in done.stderr, done.stderr)
    daemon = run('--config', bad, program='spanbridged')
    check(daemon.returncode == 2 and 'nothing was started' in daemon.stderr, daemon.stderr)


def replay(folder):
    config = file(folder, 'good.yaml', CONFIG)
    records = file(folder, 'calls.jsonl', RECORDS)
    done = run('plan', 'replay', '--config', config, '--records', records, '--json')
    check(done.returncode == 0, done.stderr)
    said = json.loads(done.stdout)
    check((said['calls'], said['same'], said['changed'], said['unread']) == (6, 2, 2, 1), said)
    check(said['refused'] == 1, said)
    check(len(said['changes']) == 1 and said['changes'][0]['calls'] == 2, said)
    check(said['changes'][0]['example']['would_be_number'] == '+49401234', said)
    done = run('plan', 'replay', '--config', config, '--records', records, '--last', '1')
    check(done.stdout.startswith('1 call: 1 as before'), done.stdout)
    done = run('plan', 'replay', '--config', config)
    check(done.returncode == 1 and '--records' in done.stderr, done.stderr)
    check(run('plan', 'replay', '--last', '0').returncode == 2, '--last 0')


def imports(folder):
    done = run('import', 'extensions', file(folder, 'extensions.conf', EXTENSIONS))
    check(done.returncode == 0, done.stderr)
    check('pattern: "9."' in done.stdout and '# Not taken over:' in done.stdout, done.stdout)
    check('extensions.conf:3:10: exten => s,1,Playback(hello):' in done.stderr, done.stderr)
    check(run('import', 'csv', file(folder, 'empty.csv', 'x\n')).returncode == 1, 'an empty one')
    check(run('import', 'csv', '/nowhere').returncode == 1, 'a missing one')
    check(run('import', 'nothing', '/nowhere').returncode == 2, 'an unknown kind')


def lint(folder):
    config = file(folder, 'good.yaml', CONFIG)
    done = run('plan', 'lint', config)
    check(done.returncode == 0, done.stdout + done.stderr)
    lonely = file(folder, 'lonely.yaml', CONFIG[:CONFIG.index('  - {name: in')])
    done = run('plan', 'lint', lonely)
    check(done.returncode == 1, done.stdout)
    check(f'{lonely}:2: no rule sends a call to span:1' in done.stdout, done.stdout)
    for program, arguments in (('spanbridge', ['config', 'check']), ('spanbridged', ['--check'])):
        done = run(*arguments, lonely, program=program)
        check(done.returncode == 0 and 'warning: no rule sends' in done.stderr, done.stderr)


def weight(folder):
    """What a target weighs that says nothing of it, or 0: as documented, 1."""
    config = file(folder, 'good.yaml', CONFIG)
    zero = file(folder, 'zero.yaml', CONFIG.replace('to: "trunk:provider"}',
                                                    'targets: [{to: "trunk:provider", weight: 0}]}'))
    for path in (config, zero):
        done = run('plan', 'test', '0301234', '--from', 'span:1', '--config', path, '--json')
        check(done.returncode == 0, done.stderr)
        check([t['weight'] for t in json.loads(done.stdout)['targets']] == [1], done.stdout)


def profiles(_):
    check(len(run('plan', 'profile').stdout.splitlines()) == 10, 'ten countries')
    done = run('plan', 'profile', 'jp')
    check('digits: "010"' in done.stdout and 'document:' in done.stdout, done.stdout)
    check(run('plan', 'profile', 'xx').returncode == 2, 'no such country')


def main():
    suite = Suite()
    suite.case('a plan whose cases fail is refused, with the place and what came instead', failing_case)
    suite.case('replay shows what a candidate would change', replay)
    suite.case('import writes a plan and lists what it did not take', imports)
    suite.case('lint is silent about a sound plan, and warnings stop nothing', lint)
    suite.case('a target without a weight has weight 1', weight)
    suite.case('profiles are listed and shown', profiles)
    return suite.end()


if __name__ == '__main__':
    sys.exit(main())
