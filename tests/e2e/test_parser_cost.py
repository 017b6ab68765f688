#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What each message of tests/corpus costs the SIP side: instructions counted by callgrind from the
datagram's arrival until it is dealt with (guard, libosip2, transaction, dialog, SDP), against those of
a normal INVITE. A peer that sends the worst of them takes less than 10 times what its calls would.

  test_parser_cost.py SIP_FEED           the program of tests/unit/sip_map/sip_feed.c, no sanitizers
"""
import os
import re
import subprocess
import sys

from harness import HERE, Suite, check

CORPUS = os.path.join(HERE, '..', 'corpus')
NORMAL = os.path.join(CORPUS, 'normal-invite.sip')
RATIO_MAX = 10


def files(folder, ending):
    path = os.path.join(CORPUS, folder)
    return [os.path.join(path, name) for name in sorted(os.listdir(path)) if name.endswith(ending)]


def count(feed, paths, folder):
    """Instructions of sip_receive() for each path; callgrind writes one file after each call of it."""
    done = subprocess.run(
        ['valgrind', '-q', '--tool=callgrind', '--toggle-collect=sip_receive',
         '--dump-after=sip_receive', f'--callgrind-out-file={folder}/out', feed, *paths],
        capture_output=True, text=True, timeout=100, check=False)
    check(done.returncode == 0, f'exit {done.returncode}: {done.stderr[-2000:]}')
    costs = []
    for number in range(1, len(paths) + 1):
        with open(f'{folder}/out.{number}', encoding='utf-8') as out:
            costs.append(int(re.search(r'^summary: (\d+)', out.read(), re.M)[1]))
    return costs


def measure(folder, feed, ratios):
    paths = files('parser-dos', '.sip') + files('rfc4475', '.dat')
    # The first one also pays for what is done once in a process.
    _, normal, *costs = count(feed, [NORMAL, NORMAL, *paths], folder)
    print(f'# a normal INVITE: {normal} instructions')
    check(normal > 10000, 'that is no INVITE')
    ratios += [(cost / normal, path) for cost, path in zip(costs, paths)]


def within(_, ratio):
    print(f'# {ratio:.2f} times a normal INVITE')
    check(ratio < RATIO_MAX, f'{ratio:.1f} times a normal INVITE; {RATIO_MAX} are allowed')


def main():
    suite = Suite()
    ratios = []
    if suite.case('callgrind counts', measure, os.path.abspath(sys.argv[1]), ratios):
        for ratio, path in ratios:
            suite.case(os.path.relpath(path, CORPUS), within, ratio)
        worst, path = max(ratios)
        print(f'# the worst: {os.path.basename(path)}, {worst:.1f} times a normal INVITE')
    return suite.end()


if __name__ == '__main__':
    sys.exit(main())
