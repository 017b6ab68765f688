#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The wall clock goes on by an hour while calls are up, in all three programs of the lab: no call
may notice. test_wallclock.py BUILDDIR PRELOAD"""
import json
import os
import subprocess
import sys

from harness import Suite, build_folder, check

GUARD_S = 150
HOUR_MS = 3600 * 1000


def step(folder, build, preload):
    environment = dict(os.environ, LD_PRELOAD=os.path.abspath(preload))
    done = subprocess.run([os.path.join(build, 'spanbridge'), 'lab', '--calls', '10', '--check',
                           '--keep-logs', folder],
                          capture_output=True, text=True, timeout=GUARD_S, check=False,
                          stdin=subprocess.DEVNULL, env=environment)
    check(done.returncode == 0, f'exit {done.returncode}: {done.stdout}{done.stderr}')
    with open(os.path.join(folder, 'core.log'), encoding='utf-8') as log:
        stamps = [line.split('T')[1][:2] for line in log if line[:2] == '20']
    check(len(set(stamps)) > 1, 'the log shows no step of an hour: was the preload loaded?')
    with open(os.path.join(folder, 'calls.jsonl'), encoding='utf-8') as records:
        for line in records:
            record = json.loads(line)
            longest = max([v for k, v in record.items()
                           if k.endswith('_ms') and isinstance(v, (int, float))], default=0)
            check(longest < HOUR_MS / 2, f'a duration saw the step: {line}')


def main():
    suite = Suite()
    build = build_folder()
    suite.case('ten calls each way do not notice', step, build, sys.argv[2])
    return suite.end()


if __name__ == '__main__':
    sys.exit(main())
