#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Stands in for one of the lab's three programs and misbehaves as LAB_STAND_IN says, a word per
program: {"spanbridged": "dies"}. Names its process in the FIFO LAB_STAND_IN_PIDS."""
import json
import os
import signal
import sys

NAME = os.path.basename(sys.argv[0])
HOW = json.loads(os.environ.get('LAB_STAND_IN', '{}')).get(NAME, 'well')


def say(**event):
    print(json.dumps(event), flush=True)


def main():
    with open(os.environ['LAB_STAND_IN_PIDS'], 'a', encoding='utf-8') as pids:
        pids.write(f'{NAME} {os.getpid()}\n')
    if HOW == 'dies':
        print('first words', file=sys.stderr)
        print('no such span: the last words', file=sys.stderr)
        return 3
    if HOW == 'crashes':
        os.kill(os.getpid(), signal.SIGSEGV)
    if HOW == 'stubborn':
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if HOW == 'garbage':
        sys.stdout.write('what?\n{"event":\n' + 'x' * 50000 + '\n[1,2]\n{"event":7}\n')
        sys.stdout.flush()
    if NAME == 'spanbridge':
        say(event='ready', sip='127.0.0.1:5099')
    if NAME == 'spanbridged':
        print('2026-11-21T00:00:00.000Z INFO span.dchannel_up span=1', file=sys.stderr, flush=True)
    if NAME == 'spanbridge-pbx' and HOW != 'down':
        say(event='up', now_us=1)
    for line in sys.stdin:
        command = json.loads(line)
        if HOW == 'dies-on-call' and command['cmd'] == 'call':
            return 1
        if command['cmd'] == 'status':
            say(event='status')
    while HOW == 'stubborn' or NAME == 'spanbridged':  # the end of its input is nothing to it
        signal.pause()
    return 0


if __name__ == '__main__':
    sys.exit(main())
