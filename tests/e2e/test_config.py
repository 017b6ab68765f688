#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Configuration files as a person meets them: the examples are good, each planted mistake is named
with its place, and nothing starts half.

  test_config.py BUILDDIR
"""
import glob
import os
import subprocess
import sys

from harness import GUARD_S, HERE, Suite, build_folder, check

GOOD = '''spans:
  - span: 1
    driver: virtual
    connect: /nowhere/e1.sock
    side: user
trunks:
  - name: provider
    bind: 127.0.0.1:5060
    peer: 127.0.0.1:5080
plan:
  - name: out
    from: span:1
    to: trunk:provider
control:
  socket: {folder}/control.sock
'''

# What is replaced, by what, where the mistake must be reported ("line:column"), and words that the
# report must hold: what is wrong, and what would be right.
MISTAKES = [
    ('an unknown key', '    side: user', '    sied: user', '5:5', ['sied', 'side']),
    ('a wrong word', 'side: user', 'side: exchange', '5:11', ['exchange', 'user', 'network']),
    ('a key twice', '    side: user', '    side: user\n    side: network', '6:5', ['side']),
    ('a timeslot that no E1 has', '    side: user', '    side: user\n    bchannels: 1-32', '6:16',
     ['31']),
    ('the D-channel as a B-channel', '    side: user', '    side: user\n    bchannels: 10-20',
     '6:16', ['16']),
    ('a D-channel where none can be', '    side: user', '    side: user\n    dchannel: 0', '6:15',
     ['0', '1']),
    ('a trunk that is not there', 'to: trunk:provider', 'to: trunk:porvider', '13:9',
     ['porvider', 'provider']),
    ('a missing key', '    peer: 127.0.0.1:5080\n', '', '7:5', ['peer']),
    ('an address that is none', 'bind: 127.0.0.1:5060', 'bind: 127.0.0.256:5060', '8:11',
     ['127.0.0.256']),
    ('a number out of range', 'span: 1\n', 'span: 0\n', '2:11', ['0', '1']),
    ('a list where a value belongs', 'driver: virtual', 'driver: [virtual]', '3:13', ['driver']),
    ('broken YAML', 'driver: virtual', 'driver: "virtual', None, []),
    ('a tab', '    driver: virtual', '\tdriver: virtual', '3:1', ['tab']),
    ('an empty file', GOOD, '', '1:1', []),
    ('octets that are no text', 'name: out', 'name: \udcff\udcfe', None, []),
]


def run(program, *arguments):
    return subprocess.run([program, *arguments], capture_output=True, text=True, timeout=GUARD_S,
                          check=False, stdin=subprocess.DEVNULL)


def good(_, program, path):
    done = run(program, '--check', path)
    check(done.returncode == 0, f'exit {done.returncode}: {done.stdout}{done.stderr}')


def mistake(folder, program, old, new, place, words):
    path = os.path.join(folder, 'file.yaml')
    text = GOOD.format(folder=folder)
    if old == GOOD:
        text = new
    else:
        check(text.count(old) == 1, 'the mistake can be planted')
        text = text.replace(old, new)
    with open(path, 'wb') as out:
        out.write(text.encode(errors='surrogateescape'))
    for arguments in (['--check', path], ['--config', path]):
        done = run(program, *arguments)
        said = done.stdout + done.stderr
        check(done.returncode == 2, f'{arguments[0]}: exit {done.returncode}: {said}')
        lines = [line for line in said.splitlines() if line.startswith(path + ':')]
        place_found = [line[len(path) + 1:].split(': ')[0] for line in lines]
        check(lines and (place is None or place in place_found), f'not at {place}: {said}')
        mistakes = ' '.join(lines)
        check(all(word in mistakes for word in words), f'{words} are not all named: {said}')
    check(not os.path.exists(os.path.join(folder, 'control.sock')), 'nothing started')


def all_at_once(folder, program):
    path = os.path.join(folder, 'file.yaml')
    text = GOOD.format(folder=folder)
    for old, new in (('side: user', 'side: exchange'), ('name: out', 'nam: out'),
                     ('peer: 127.0.0.1:5080', 'peer: nobody')):
        text = text.replace(old, new)
    with open(path, 'w', encoding='utf-8') as out:
        out.write(text)
    done = run(program, '--check', path)
    said = done.stdout + done.stderr
    for line in (5, 9, 11):
        check(f'{path}:{line}:' in said, f'line {line} is not named: {said}')


def no_file(folder, program):
    for path in (os.path.join(folder, 'nowhere.yaml'), folder):
        done = run(program, '--check', path)
        check(done.returncode == 2 and path in done.stdout + done.stderr,
              f'exit {done.returncode}: {done.stdout}{done.stderr}')


def main():
    suite = Suite()
    program = os.path.join(build_folder(), 'spanbridged')
    examples = sorted(glob.glob(os.path.join(HERE, '../../config/examples/*.yaml')))
    suite.case('there are examples', lambda _: check(examples, 'none found'))
    for path in examples:
        suite.case(f'{os.path.basename(path)} is good', good, program, path)
    for name, old, new, place, words in MISTAKES:
        suite.case(name, mistake, program, old, new, place, words)
    suite.case('all mistakes in one run', all_at_once, program)
    suite.case('no such file', no_file, program)
    return suite.end()


if __name__ == '__main__':
    sys.exit(main())
