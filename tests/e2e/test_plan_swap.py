#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""A number plan with a large list is swapped under calls: who talks goes on talking, who calls is
decided by one plan or the other, and a bad plan changes nothing.

  test_plan_swap.py BUILDDIR [ROWS]    30 calls a second; prints the control turns over 5 ms
"""
import os
import random
import subprocess
import sys
import threading

import bed as beds
from harness import GUARD_S, Suite, build_folder, check

CALLS_A_SECOND = 30
BARRED = 21
LIST = '''
numbers:
  lists:
    - {{{{name: big, file: big.csv}}}}
'''
RULE = '''  - {{{{name: listed, from: "span:1", match: {{{{called: {{{{list: big}}}}}}}}, bar: CAUSE}}}}
'''


def write_list(folder, rows, prefix):
    numbers = random.Random(5)
    print('# seed 5')
    with open(f'{folder}/big.csv', 'w', encoding='ascii') as out:
        out.write('number\n' + prefix + '\n')
        out.writelines(f'{prefix}{numbers.randrange(10 ** 9)}\n' for _ in range(rows))


class Callers(threading.Thread):
    """Calls to a barred number, one after another, whoever bars it."""

    def __init__(self, exchange):
        super().__init__(daemon=True)
        self.exchange = exchange
        self.enough = threading.Event()
        self.sent = 0

    def run(self):
        while not self.enough.wait(1 / CALLS_A_SECOND):
            self.exchange.send('call', called='7', calling='30123')
            self.sent += 1

    def end(self):
        self.enough.set()
        self.join()


def cause_of(exchange, called):
    since = exchange.mark()
    exchange.send('call', called=called, calling='30123')
    call = exchange.wait('placed', since, called=called)['call']
    return exchange.wait('hangup', since, call=call)['cause']


def reload(gateway, status, *words):
    done = subprocess.run([os.path.join(gateway.build, 'spanbridge'), '--socket', gateway.socket,
                           'plan', 'reload'], capture_output=True, text=True, timeout=GUARD_S,
                          check=False)
    said = done.stdout + done.stderr
    check(done.returncode == status and all(word in said for word in words),
          f'exit {done.returncode}: {said}')


def edit(gateway, old, new):
    with open(gateway.config_path, encoding='utf-8') as file:
        text = file.read()
    check(text.count(old) == 1, f'"{old}" stands once')
    with open(gateway.config_path, 'w', encoding='utf-8') as file:
        file.write(text.replace(old, new))


def ranks(pid):
    """(name, is the main thread, has real-time priority) of each thread."""
    found = []
    for tid in os.listdir(f'/proc/{pid}/task'):
        with open(f'/proc/{pid}/task/{tid}/stat', encoding='utf-8') as stat:
            name, rest = stat.read().split('(', 1)[1].rsplit(')', 1)
        found.append((name, int(tid) == pid, rest.split()[38] == '1'))  # policy: SCHED_FIFO
    return found


def check_ranks(pid):
    """Whoever loads plans runs behind the calls."""
    threads = ranks(pid)
    media = {fifo for name, _, fifo in threads if name == 'media'}
    main = {fifo for _, is_main, fifo in threads if is_main}
    others = [name for name, is_main, fifo in threads if fifo and not is_main and name != 'media']
    check(len(threads) > 3, f'threads: {threads}')
    check(media == main, f'control and media run alike: {threads}')
    check(not others, f'real-time priority beside them: {others}')


def swap(folder, build, rows):
    write_list(folder, rows, '7')
    config = beds.CONFIG
    beds.CONFIG = config.replace('plan:\n', LIST + 'plan:\n' + RULE.replace('CAUSE', str(BARRED)))
    bed = beds.Bed(build, folder)
    gateway, exchange = bed.gateway, bed.exchange
    try:
        with beds.Call(bed, folder, '4', 'uas_answer') as call:
            call.from_exchange()
            call.event('connected')
            call.speak()
            call.hear()
            check(cause_of(exchange, '7') == BARRED, 'the first plan bars')
            callers = Callers(exchange)
            before = gateway.status()['turns']
            callers.start()
            try:
                edit(gateway, f'bar: {BARRED}', 'bar: 22')
                reload(gateway, 0)
                edit(gateway, 'bar: 22', 'bar: 222')
                reload(gateway, 1, 'the old number plan stays', 'bar cannot be')
            finally:
                callers.end()
            check_ranks(gateway.child.process.pid)
            after = gateway.status()['turns']
            print(f'# {rows} rows, {callers.sent} calls meanwhile: {after["late"] - before["late"]} '
                  f'control turns over 5 ms, the longest {after["longest_us"]} us')
            check(callers.sent > 0, 'nobody called meanwhile')
            check(cause_of(exchange, '7') == 22, 'the second plan decides, the bad one does not')
            call.hear()
            call.hang_up()
            check(call.over()['we_cleared'], 'the call went on to its end')
    finally:
        beds.CONFIG = config
        gateway.stop()


def main():
    suite = Suite()
    rows = int(sys.argv[2]) if len(sys.argv) > 2 else 20000
    suite.case('a plan is swapped under calls', swap, build_folder(), rows)
    return suite.end()


if __name__ == '__main__':
    sys.exit(main())
