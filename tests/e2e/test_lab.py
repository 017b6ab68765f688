#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The lab as a person uses it: exchange, gateway and SIP peer as separate processes, real time.

  test_lab.py BUILDDIR calls N       N calls each way at once, all of it checked
  test_lab.py BUILDDIR plants WHO    a fault planted in the audio: the check must fail
  test_lab.py BUILDDIR capture       tshark reads what was captured and finds nothing to say
  test_lab.py BUILDDIR usage         IPv6, PCMU, --demo, wrong options
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


def calls(_, build, count, *more):
    """Not only the exit status: what the summaries say must fit as well."""
    status, out, err = lab(build, '--calls', count, '--check', '--json', *more)
    summaries = [json.loads(line) for line in out.splitlines()]
    for summary in summaries:
        print('# ' + json.dumps(summary))
    check(status == 0, f'exit {status}: {err}')
    check(len({s['direction'] for s in summaries}) == 2, 'a summary for each direction')
    for s in summaries:
        check(s['ok'] and s['good'] == s['calls'] >= int(count), f'not all good: {s}')
        check(s['answered'] == s['expected_answered'] > 0, f'answers: {s}')
        check(s['early_media'] > 0, f'no early media: {s}')
        # A second of speech for each answered call, at the very least.
        check(s['octets']['octets'] >= 8000 * s['answered'], f'too little audio: {s}')
        check(s['octets']['unexplained'] == 0, f'unexplained: {s}')


def for_people(folder, build):
    status, out, err = lab(build, '--calls', '1', '--check', '--seconds', '1', '--keep-logs', folder)
    check(status == 0, f'exit {status}: {out}{err}')
    check(out.count('unexplained 0') == 2, f'a line for each direction: {out}')
    # The plan that routed these calls routes their records the same.
    done = subprocess.run([os.path.join(build, 'spanbridge'), 'plan', 'replay', '--json', '--config',
                           os.path.join(folder, 'spanbridge.yaml')], capture_output=True, text=True,
                          timeout=LAB_GUARD_S, check=False)
    said = json.loads(done.stdout)
    check(said['calls'] >= 2 and said['same'] == said['calls'] and not said['other_rule'], said)


def demo(_, build):
    status, out, err = lab(build, '--demo', '--calls', '2')
    check(status == 0, f'exit {status}: {out}{err}')


def plant(_, build, kind, where):
    status, out, err = lab(build, '--calls', '1', '--check', '--seconds', '1', '--plant', kind,
                           '--plant-at', where)
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


def warnings(path):
    rows = tshark(path, ['frame.number', '_ws.expert.severity', '_ws.expert.message'], '_ws.expert')
    return [row for row in rows
            if max(int(s, 0) for s in row[1].split(',')) >= SEVERITY_WARNING]


def capture(folder, build):
    path = os.path.join(folder, 'lab.pcapng')
    status, out, err = lab(build, '--calls', '4', '--check', '--capture', path)
    check(status == 0, f'exit {status}: {out}{err}')

    found = warnings(path)
    check(not found, f'tshark: {found}')
    # The same capture with a wrong length in each Channel Identification: it would be seen.
    with open(path, 'rb') as good, open(path + '.spoiled', 'wb') as bad:
        bad.write(good.read().replace(b'\x18\x03', b'\x18\x09'))
    check(warnings(path + '.spoiled'), 'a spoiled capture passes as well')
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
            suite.case(f'--plant {kind} at {sys.argv[3]} is noticed', plant, build, kind,
                       sys.argv[3])
    elif what == 'capture':
        suite.case('tshark reads the capture without a warning', capture, build)
    else:
        suite.case('over IPv6', calls, build, '2', '--seconds', '1',
                   '--ipv6')
        suite.case('with PCMU: the law changes both ways', calls, build, '2', '--seconds',
                   '1', '--law', 'pcmu')
        suite.case('a line for each direction', for_people, build)
        suite.case('--demo --calls 2 ends by itself', demo, build)
        suite.case('wrong usage', wrong_usage, build)
    return suite.end()


if __name__ == '__main__':
    sys.exit(main())
