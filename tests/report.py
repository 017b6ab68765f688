#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs test suites through `meson test` and prints one line for each: name, passed, failed, skipped,
seconds. Used by ./run; the results of one run gather in a file of tab-separated lines.

  report.py --results FILE start
  report.py --results FILE step NAME ok|failed SECONDS        a build, counted as one check
  report.py --results FILE meson BUILDDIR --suite NAME...     runs suites of a build folder
  report.py --results FILE total                              last line; exit 1 unless all is well

A suite is one test program; what it prints as TAP is counted point by point. A program that ends
badly without a "not ok" (crash, sanitizer, guard time, wrong plan) counts as one failure more, and
so does a suite name under which nothing is registered. With CI=true a skip is a failure.
"""
import argparse
import json
import os
import re
import subprocess
import sys

TAP_POINT = re.compile(r'^\s*(not )?ok\b(.*)$')
TAP_PLAN_SKIP = re.compile(r'^1\.\.0\s*#\s*skip', re.I)
TAP_SKIP = re.compile(r'#\s*skip', re.I)
TAP_TODO = re.compile(r'#\s*todo', re.I)
ROW = '{:<34} {:>7} {:>7} {:>8} {:>9}'
OUTPUT_LINES = 60  # of a failed suite


def count_tap(text):
    passed = failed = skipped = 0
    for line in text.splitlines():
        if TAP_PLAN_SKIP.match(line):
            skipped += 1
            continue
        point = TAP_POINT.match(line)
        if not point:
            continue
        if TAP_SKIP.search(point[2]):
            skipped += 1
        elif point[1] and not TAP_TODO.search(point[2]):
            failed += 1
        else:
            passed += 1
    return passed, failed, skipped


def count_suite(record):
    """(passed, failed, skipped) of one line of Meson's testlog.json."""
    passed, failed, skipped = count_tap(record.get('stdout') or '')
    result = record['result']
    if passed + failed + skipped == 0:  # no TAP: the exit status alone speaks
        if result == 'OK':
            passed = 1
        elif result == 'SKIP':
            skipped = 1
    if result not in ('OK', 'SKIP') and failed == 0:
        failed = 1
    return passed, failed, skipped


class Results:
    def __init__(self, path):
        self.path = path

    def start(self):
        with open(self.path, 'w', encoding='utf-8'):
            pass
        print(ROW.format('suite', 'passed', 'failed', 'skipped', 'seconds'), flush=True)

    def add(self, name, passed, failed, skipped, seconds):
        with open(self.path, 'a', encoding='utf-8') as out:
            print(name, passed, failed, skipped, sep='\t', file=out)
        print(ROW.format(name, passed, failed, skipped, f'{seconds:.1f}'), flush=True)

    def read(self):
        with open(self.path, encoding='utf-8') as lines:
            for line in lines:
                name, *counts = line.rstrip('\n').split('\t')
                yield name, *map(int, counts)


def show_output(record):
    text = (record.get('stdout') or '') + (record.get('stderr') or '')
    lines = text.splitlines()
    print(f'   {record["name"]}: {record["result"]}, exit {record["returncode"]}; '
          f'the end of what it printed:')
    for line in lines[-OUTPUT_LINES:]:
        print('   | ' + line)
    sys.stdout.flush()


def run_meson(results, build_dir, suites):
    log_path = os.path.join(build_dir, 'meson-logs', 'testlog.json')
    if os.path.exists(log_path):
        os.unlink(log_path)
    command = ['meson', 'test', '-C', build_dir]  # first builds what these suites need
    for suite in suites:
        command += ['--suite', suite]
    meson = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                             encoding='utf-8', errors='replace')
    shown = 0
    said = []

    def show_new():
        nonlocal shown
        try:
            with open(log_path, encoding='utf-8', errors='replace') as log:
                lines = [line for line in log.readlines() if line.endswith('\n')]
        except FileNotFoundError:
            return
        for line in lines[shown:]:
            record = json.loads(line)
            passed, failed, skipped = count_suite(record)
            results.add(record['name'].split(' / ')[-1], passed, failed, skipped, record['duration'])
            if failed:
                show_output(record)
        shown = len(lines)

    for line in meson.stdout:
        said.append(line)
        show_new()
    meson.wait()
    show_new()
    if shown == 0:
        print('   meson test ran nothing of: ' + ', '.join(suites))
        print(''.join('   | ' + line for line in said[-20:]), end='')
        results.add('+'.join(suites), 0, 1, 0, 0)


def total(results):
    passed = failed = skipped = 0
    bad = []
    for name, ok, not_ok, skip in results.read():
        passed += ok
        failed += not_ok
        skipped += skip
        if not_ok:
            bad.append(name)
        elif skip and os.environ.get('CI') == 'true':
            bad.append(name + ' (skipped; in CI a skip is a failure)')
    if os.environ.get('CI') == 'true':
        failed += skipped
    for name in bad:
        print(f'failed: {name}')
    if skipped:
        print(f'{skipped} skipped')
    print(f'{passed} passed, {failed} failed')
    return 0 if failed == 0 and passed > 0 else 1


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--results', required=True)
    verbs = parser.add_subparsers(dest='verb', required=True)
    verbs.add_parser('start')
    step = verbs.add_parser('step')
    step.add_argument('name')
    step.add_argument('result', choices=['ok', 'failed'])
    step.add_argument('seconds', type=float)
    meson = verbs.add_parser('meson')
    meson.add_argument('build_dir')
    meson.add_argument('--suite', action='append', required=True)
    verbs.add_parser('total')
    args = parser.parse_args()

    results = Results(args.results)
    if args.verb == 'start':
        results.start()
    elif args.verb == 'step':
        ok = args.result == 'ok'
        results.add(args.name, int(ok), int(not ok), 0, args.seconds)
    elif args.verb == 'meson':
        run_meson(results, args.build_dir, args.suite)
    else:
        return total(results)
    return 0


if __name__ == '__main__':
    sys.exit(main())
