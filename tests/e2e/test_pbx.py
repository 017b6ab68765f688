#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Two exchanges back to back: two processes, one virtual E1 over its UNIX socket, in real time.

  test_pbx.py BUILDDIR
"""
import os
import pty
import signal
import subprocess
import sys
import threading

from harness import Child, Exchange, Failure, Suite, build_folder, check

USER = ('--connect', '--slave', '--side', 'user', '--descending', '--gateway-audio')
RULE = dict(prefix='', alert_after_ms=100, alert_inband=True, answer_after_ms=1000)


class Pair:
    """[0] is the network, the socket's maker and clock master, [1] the user."""

    def __init__(self, folder, user=True):
        self.folder = folder
        self.build = build_folder()
        self.path = os.path.join(folder, 'e1.sock')
        self.ends = []
        self.ends.append(self.start('network'))
        if user:
            self.ends.append(self.start('user', USER))
            for end in self.ends:
                end.wait('up')

    def start(self, name, options=()):
        folder = os.path.join(self.folder, f'{name}-{len(os.listdir(self.folder))}')
        os.mkdir(folder)
        end = Exchange(self.build, folder, self.path, options)
        end.send('rule', **RULE)
        return end

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for end in self.ends:
            end.stop()

    def call(self, side, called, **values):
        self.ends[side].send('call', called=called, calling='4711', **values)

    def over(self, called, causes):
        """Both ends' last words about a call; what was heard is explained."""
        ends = [end.wait('hangup', called=called) for end in self.ends]
        for end, cause in zip(ends, causes):
            check(end['cause'] == cause, f'cause {cause} expected: {end}')
            audio = end['audio']
            check(audio['changed'] == audio['foreign'] == 0, f'wrong audio: {end}')
            check(audio['lost'] <= end['missed_octets'], f'uncounted loss: {end}')
            check(audio['inserted'] <= end['slipped_octets'], f'uncounted slip: {end}')
        return ends


def both_ways(folder):
    with Pair(folder) as pair:
        for n in range(10):
            pair.call(0, f'03{n:04}', hold_ms=1500)
            pair.call(1, f'04{n + 100:04}', hold_ms=1500)
        for n in range(10):
            for called, causes in (f'03{n:04}', (0, 16)), (f'04{n + 100:04}', (16, 0)):
                for end in pair.over(called, causes):
                    check(end['answered'] and end['early_media'], f'no early audio: {end}')
                    check(end['audio']['good'] >= 8000, f'hardly heard: {end}')


def stopped(folder):
    """A program that does not run for a while: what it then misses is counted at both ends."""
    with Pair(folder) as pair:
        for which in 0, 1:
            called = f'05000{which}'
            since = [end.mark() for end in pair.ends]
            pair.call(0, called, hold_ms=2500)
            pair.ends[0].wait('connected', since[0])
            child = pair.ends[which].child.process
            child.send_signal(signal.SIGSTOP)
            try:
                # Time goes by: enough for periods that nobody makes up for.
                threading.Event().wait(1.5)
            finally:
                child.send_signal(signal.SIGCONT)
            pair.over(called, (0, 16))


def killed(folder):
    with Pair(folder) as pair:
        for which, options in (1, USER), (0, ()):
            pair.ends[which].child.stop(signal.SIGKILL)
            pair.ends[which] = pair.start(f'again-{which}', options)
            pair.ends[which].wait('up')
            since = [end.mark() for end in pair.ends]
            called = f'06000{which}'
            pair.call(which, called, hold_ms=500)
            end = pair.ends[which].wait('hangup', since[which], called=called)
            check(end['answered'], f'no call after the kill: {end}')


def wrong_commands(folder):
    with Pair(folder) as pair:
        end = pair.ends[0]
        pair.call(0, '070001', hold_ms=1000)
        for line in ('', 'x', '[]', '{}', '{"cmd":1}', '{"cmd":"nonsense"}',
                     '{"cmd":"call"}', '{"cmd":"call","called":"12x"}',
                     '{"cmd":"call","called":"1","calling":"x"}',
                     '{"cmd":"call","called":"1","hold":1}',
                     '{"cmd":"call","called":"1","hold_ms":"1"}',
                     '{"cmd":"call","called":"1","ts":16}',
                     '{"cmd":"rule","prefix":"x"}', '{"cmd":"hangup","call":99}',
                     '{"cmd":"plant","kind":"weed"}', '{"cmd":"fault","dchannel":"maybe"}',
                     '{"cmd":"quit"' + ' ' * 5000 + '}', '{"cmd":"status","\\u0000":1}'):
            end.child.process.stdin.write(line.encode() + b'\n')
        end.send('status')
        errors = 0
        while True:
            event = end.news.get(timeout=30)
            errors += event['event'] == 'error'
            end.events.append(event)
            if event['event'] == 'status':
                break
        check(errors == 17, f'17 errors expected, seen {errors}')
        end.events = [e for e in end.events if e['event'] != 'error']
        pair.over('070001', (0, 16))


def run(folder, *options):
    done = subprocess.run([os.path.join(build_folder(), 'spanbridge-pbx'), *options],
                          cwd=folder, capture_output=True, text=True, timeout=60, check=False,
                          stdin=subprocess.DEVNULL)
    return done.returncode, done.stdout, done.stderr


def usage(folder):
    status, out, _ = run(folder, '--help')
    check(status == 0 and 'Usage: spanbridge-pbx' in out, out)
    for wrong in ([], ['-s'], ['-s', 'e1', 'more'], ['-s', 'e1', '--side', 'left'],
                  ['-s', 'e1', '--dchannel', '0'], ['-s', 'e1', '--dchannel', '16x'],
                  ['-s', 'e1', '--bchannels', '5-3'], ['-s', 'e1', '--bchannels', '1-32'],
                  ['-s', 'e1', '--call', '1+1'], ['-s', 'e1', '--t309', '0'],
                  ['-s', 'e1', '--answer', 'soon'], ['--nonsense']):
        status, out, err = run(folder, *wrong)
        check(status == 2 and not out and err, f'{wrong}: status {status}, {out} {err}')
    status, _, err = run(folder, '-s', 'x' * 101)
    check(status == 1 and '100 octets' in err, err)


def one_call(folder):
    with Pair(folder, user=False) as pair:
        pair.ends[0].send('rule', hold_ms=500, **RULE)
        status, out, err = run(folder, '-s', pair.path, *USER, '--call', '080001')
        check(status == 0 and '"hangup"' in out, f'{status} {out} {err}')
        pair.ends[0].send('rule', prefix='0801', refuse=17)
        status, out, err = run(folder, '-s', pair.path, *USER, '--call', '080101')
        check(status == 1 and '"cause":17' in out, f'{status} {out} {err}')


def terminal(folder):
    master, slave = pty.openpty()
    child = Child('terminal', [os.path.join(build_folder(), 'spanbridge-pbx'), '-s',
                               os.path.join(folder, 'e1')], folder, stdin=slave, stdout=slave)
    try:
        os.write(master, b'{"cmd":"status"}\n{"cmd":"nonsense"}\n{"cmd":"quit"}\n')
        check(child.wait() == 0, 'status')
        os.close(slave)
        text = os.read(master, 65536).decode()
        check('D-channel down, 0 calls' in text and 'error: unknown command' in text, text)
    finally:
        child.stop()
        os.close(master)


def main():
    suite = Suite()
    suite.case('calls both ways', both_ways)
    suite.case('a program that stands still for a while', stopped)
    suite.case('a program that is killed, and comes back', killed)
    suite.case('wrong commands', wrong_commands)
    suite.case('wrong usage', usage)
    suite.case('one call for a person', one_call)
    suite.case('text on a terminal', terminal)
    return suite.end()


if __name__ == '__main__':
    try:
        sys.exit(main())
    except Failure as failure:
        sys.exit(str(failure))
