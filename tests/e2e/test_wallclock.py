#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The wall clock goes on by an hour while a call is up and T309 runs, in the gateway and in the
exchange: neither may notice. test_wallclock.py BUILDDIR PRELOAD"""
import os
import sys

from bed import Bed, Call
from harness import Suite, build_folder, check, wait_for

T309_RUNS_PACKETS = 400  # 8 s of audio after layer 2 is down: libpri counts T309 from 4 s on
AFTER_STEP_PACKETS = 150


def make_bed(build, folder, preload, step_file):
    """Both programs get the preload, SIPp does not."""
    os.environ['LD_PRELOAD'] = os.path.abspath(preload)
    os.environ['WALLCLOCK_STEP_FILE'] = step_file
    try:
        return Bed(build, folder)
    finally:
        del os.environ['LD_PRELOAD'], os.environ['WALLCLOCK_STEP_FILE']


def packets(call, count):
    before = call.rtp.packets(2 * call.n)
    wait_for(lambda: call.rtp.packets(2 * call.n) >= before + count, 'the call goes on')


def told(bed, event, times=1):
    wait_for(lambda: bed.gateway.child.output().count(event) >= times, event)


def step(folder, build, preload):
    step_file = os.path.join(folder, 'stepped')
    bed = make_bed(build, folder, preload, step_file)
    try:
        with Call(bed, folder, '4', 'uas_answer') as call:
            call.from_exchange()
            call.speak()
            call.event('connected')
            call.hear()
            bed.exchange.send('fault', dchannel='drop')
            told(bed, 'span.dchannel_down')
            packets(call, T309_RUNS_PACKETS)
            with open(step_file, 'w', encoding='utf-8'):
                pass
            packets(call, AFTER_STEP_PACKETS)
            bed.exchange.send('fault', dchannel='pass')
            told(bed, 'span.dchannel_up', 2)
            packets(call, AFTER_STEP_PACKETS)
            call.hang_up()
            call.over()
        stamps = {line[11:13] for line in bed.gateway.child.output().splitlines()
                  if line[:2] == '20'}
        check(len(stamps) > 1, 'the log shows no step: was the preload loaded?')
    finally:
        bed.gateway.stop()


def main():
    suite = Suite()
    build = build_folder()
    suite.case('an hour forward while T309 runs', step, build, sys.argv[2])
    return suite.end()


if __name__ == '__main__':
    sys.exit(main())
