#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The lab as a person uses it: exchange, gateway and SIP peer as separate processes, real time.

  test_lab.py BUILDDIR calls N       N calls each way at once, all of it checked
  test_lab.py BUILDDIR plants        a fault planted in the audio: the check must fail
  test_lab.py BUILDDIR capture       tshark reads what was captured and finds nothing to say
  test_lab.py BUILDDIR usage         --json, --demo, wrong options
"""
import json
import os
import subprocess
import sys

from harness import Suite, build_folder, check

LAB_GUARD_S = 150
SEVERITY_WARNING = 0x600000  # tshark's PI_WARN; chat and note lie below
PLANTS = ['wrong-octet', 'drop', 'swap', 'late']


def lab(build, *arguments, guard_s=LAB_GUARD_S):
    done = subprocess.run([os.path.join(build, 'spanbridge'), 'lab', *arguments],
                          capture_output=True, text=True, timeout=guard_s, check=False,
                          stdin=subprocess.DEVNULL)
    return done.returncode, done.stdout, done.stderr


def calls(_, build, count):
    status, out, err = lab(build, '--calls', count, '--check')
    for line in out.splitlines():
        print('# ' + line)
    check(status == 0, f'exit {status}: {err}')
    check('unexplained' in out and 'unexplained=0' in out.replace(' ', ''), out)


def as_json(_, build):
    status, out, err = lab(build, '--calls', '1', '--check', '--json')
    check(status == 0, f'exit {status}: {err}')
    for line in out.splitlines():
        json.loads(line)
    check(out.strip(), 'it printed nothing')


def demo(_, build):
    status, out, err = lab(build, '--demo', '--calls', '2')
    check(status == 0, f'exit {status}: {out}{err}')


def plant(_, build, kind):
    status, out, err = lab(build, '--calls', '2', '--check', '--plant', kind)
    check(status == 1, f'exit {status}, 1 expected: {out}{err}')


def wrong_usage(_, build):
    for arguments in (['--calls', '0'], ['--calls', 'many'], ['--plant', 'nothing'], ['--nonsense']):
        status, out, err = lab(build, *arguments, guard_s=20)
        check(status == 2 and err, f'{arguments}: exit {status}: {out}{err}')


def tshark(path, fields, only=''):
    command = ['tshark', '-r', path, '-T', 'fields']
    for field in fields:
        command += ['-e', field]
    if only:
        command += ['-Y', only]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    check(done.returncode == 0, f'tshark: exit {done.returncode}: {done.stderr}')
    return [line.split('\t') for line in done.stdout.splitlines()]


def capture(folder, build):
    path = os.path.join(folder, 'lab.pcapng')
    status, out, err = lab(build, '--calls', '4', '--check', '--capture', path)
    check(status == 0, f'exit {status}: {out}{err}')

    for number, severities, messages in tshark(path, ['frame.number', '_ws.expert.severity',
                                                      '_ws.expert.message'], '_ws.expert'):
        worst = max(int(s, 0) for s in severities.split(','))
        check(worst < SEVERITY_WARNING, f'frame {number}: {messages}')
    methods = {row[0] for row in tshark(path, ['sip.Method'], 'sip.Method')}
    check({'INVITE', 'ACK', 'BYE'} <= methods, f'SIP methods: {methods}')
    q931 = {int(row[0].split(',')[0], 0) for row in tshark(path, ['q931.message_type'], 'q931')}
    check({0x05, 0x07, 0x0f, 0x45, 0x4d, 0x5a} <= q931, f'Q.931 messages: {q931}')
    sabme = tshark(path, ['frame.number'], 'lapd.control.u_modifier_cmd == 0x1b || '
                                           'lapd.control.u_modifier_cmd == 0x6c')
    check(sabme, 'no SABME: the D-channel was not captured from its start')


def main():
    build = build_folder()
    what = sys.argv[2]
    suite = Suite()
    if what == 'calls':
        suite.case(f'{sys.argv[3]} calls each way, all checked', calls, build, sys.argv[3])
    elif what == 'plants':
        for kind in PLANTS:
            suite.case(f'--plant {kind} is noticed', plant, build, kind)
    elif what == 'capture':
        suite.case('tshark reads the capture without a warning', capture, build)
    else:
        suite.case('--json', as_json, build)
        suite.case('--demo --calls 2 ends by itself', demo, build)
        suite.case('wrong usage', wrong_usage, build)
    return suite.end()


if __name__ == '__main__':
    sys.exit(main())
