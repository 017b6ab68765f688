#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""A machine that stalls: each program in turn gets no processor for a while, in the middle of calls.
Octets may be lost then, but each must have been counted by somebody.

  test_stalls.py BUILDDIR
"""
import os
import select
import signal
import subprocess
import sys

GUARD_S = 120
EVERY_S = 0.6
STALL_S = 0.25


def children(pid):
    with open(f'/proc/{pid}/task/{pid}/children', encoding='utf-8') as found:
        return sorted(int(child) for child in found.read().split())


def stall(lab, pidfd):
    """Until the lab has ended. Returns how often each program stood still."""
    count = [0, 0, 0]
    turn = 0
    while not select.select([pidfd], [], [], EVERY_S)[0]:
        running = children(lab.pid)
        if len(running) != 3:
            continue
        who = turn % 3
        turn += 1
        try:
            os.kill(running[who], signal.SIGSTOP)
            select.select([pidfd], [], [], STALL_S)
            os.kill(running[who], signal.SIGCONT)
        except ProcessLookupError:
            continue
        count[who] += 1
    return count


def main():
    build = os.path.abspath(sys.argv[1])
    print('1..1')
    with subprocess.Popen([os.path.join(build, 'spanbridge'), 'lab', '--calls', '5', '--check',
                           '--seconds', '5'], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True) as lab:
        pidfd = os.pidfd_open(lab.pid)
        count = stall(lab, pidfd)
        said, _ = lab.communicate(timeout=GUARD_S)
    for line in said.splitlines():
        print('# ' + line)
    print(f'# stalls of {STALL_S} s: {count}')
    good = lab.returncode == 0 and min(count) >= 3 and said.count('unexplained 0') == 2
    print(f'{"ok" if good else "not ok"} 1 - octets lost in stalls are counted')
    return 0 if good else 1


if __name__ == '__main__':
    sys.exit(main())
