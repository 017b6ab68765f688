#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""How the lab starts, watches and ends its programs: with stand-ins that misbehave."""
import glob
import json
import os
import select
import shutil
import signal
import subprocess
import sys
import tempfile

GUARD_S = 30
RUNNER = sys.argv[1]
HERE = os.path.dirname(os.path.abspath(__file__))


class Lab:
    """Runs the lab on stand-ins; behaviour: {"spanbridged": "dies"}."""

    def __init__(self, *arguments, programs=('spanbridge', 'spanbridged', 'spanbridge-pbx'),
                 **behaviour):
        self.folder = tempfile.mkdtemp(prefix='lab-test-')
        path = os.path.join(self.folder, 'pids')
        os.mkfifo(path)
        self.pids = os.open(path, os.O_RDWR | os.O_NONBLOCK)
        for name in programs:
            shutil.copy(os.path.join(HERE, 'stand_in.py'), os.path.join(self.folder, name))
            os.chmod(os.path.join(self.folder, name), 0o755)
        how = {key.replace('_', '-') if key == 'spanbridge_pbx' else key: value
               for key, value in behaviour.items()}
        self.child = subprocess.Popen(
            [RUNNER, 'lab', '--programs', self.folder, *arguments], stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            env={**os.environ, 'TMPDIR': self.folder, 'LAB_STAND_IN': json.dumps(how), 'LAB_STAND_IN_PIDS': path})

    def started(self):
        """Waits until all three programs have named themselves; what poll() needs to see them end."""
        said = b''
        while said.count(b'\n') < 3:
            check(select.select([self.pids], [], [], GUARD_S)[0], 'the programs did not start')
            said += os.read(self.pids, 4096)
        return [os.pidfd_open(int(line.split()[1])) for line in said.splitlines()]

    def end(self):
        """Exit status, what it said; nothing may be left."""
        out, err = self.child.communicate(timeout=GUARD_S)
        os.close(self.pids)
        left = glob.glob(os.path.join(self.folder, 'spanbridge-lab-*'))
        shutil.rmtree(self.folder)
        assert not left, f'left behind: {left}'
        return self.child.returncode, out + err


def gone(pids):
    """Each process has ended (its pidfd is readable then)."""
    ended = all(select.select([pid], [], [], GUARD_S)[0] for pid in pids)
    for pid in pids:
        os.close(pid)
    return ended


def check(good, what):
    if not good:
        raise AssertionError(what)


def missing_program():
    status, said = Lab(programs=('spanbridge', 'spanbridge-pbx')).end()
    check(status == 1 and 'spanbridged: No such file' in said, said)


def core_dies_at_once():
    status, said = Lab(spanbridged='dies').end()
    check(status == 1, status)
    check('spanbridged ended by itself: exit status 3' in said, said)
    check('no such span: the last words' in said, said)


def exchange_crashes():
    status, said = Lab(spanbridge_pbx='crashes').end()
    check(status == 1 and 'spanbridge-pbx ended by itself: killed by signal 11' in said, said)


def peer_dies_during_a_call():
    status, said = Lab('--calls', '1', spanbridge='dies-on-call', spanbridge_pbx='dies-on-call').end()
    check(status == 1 and 'ended by itself: exit status 1' in said, said)


def garbage_is_told():
    lab = Lab(spanbridge_pbx='garbage')
    lab.started()
    lab.child.send_signal(signal.SIGTERM)
    status, said = lab.end()
    check(status == 130 and 'spanbridge-pbx says what is no JSON' in said, said)


def interrupt_ends_everything():
    for number in (signal.SIGINT, signal.SIGTERM):
        for arguments in ((), ('--demo',)):
            lab = Lab(*arguments)
            pids = lab.started()
            lab.child.send_signal(number)
            status, said = lab.end()
            check(status in (0, 130) and (status == 130 or arguments), (status, said))
            check(gone(pids), 'programs are left')


def stubborn_program_is_killed():
    lab = Lab(spanbridged='stubborn')
    pids = lab.started()
    lab.child.send_signal(signal.SIGINT)
    status, said = lab.end()
    check(status == 130 and 'spanbridged does not end when asked; killed' in said, said)
    check(gone(pids), 'programs are left')


def programs_die_with_the_lab():
    lab = Lab()
    pids = lab.started()
    lab.child.kill()
    lab.child.communicate(timeout=GUARD_S)
    os.close(lab.pids)
    check(gone(pids), 'programs are left')
    shutil.rmtree(lab.folder)


def logs_are_kept():
    folder = tempfile.mkdtemp(prefix='lab-test-')
    status, _ = Lab('--keep-logs', os.path.join(folder, 'kept'), spanbridged='dies').end()
    kept = os.path.join(folder, 'kept')
    check(status == 1, status)
    check(sorted(os.listdir(kept)) == ['calls.jsonl', 'core.log', 'exchange.log', 'sip-peer.log',
                                       'spanbridge.yaml'], os.listdir(kept))
    with open(os.path.join(kept, 'core.log'), encoding='utf-8') as log:
        check('the last words' in log.read(), 'core.log')
    shutil.rmtree(folder)


def wrong_options():
    for arguments in (['--calls', '31'], ['--calls', '0'], ['--calls', '3x'], ['--plant', 'x'],
                      ['--law', 'x'], ['--seconds', '0'], ['more'], ['--plant-at', 'x']):
        done = subprocess.run([RUNNER, 'lab', *arguments], capture_output=True, text=True,
                              timeout=GUARD_S, check=False)
        check(done.returncode == 2 and done.stderr, arguments)


CASES = [missing_program, core_dies_at_once, exchange_crashes, peer_dies_during_a_call,
         garbage_is_told, interrupt_ends_everything, stubborn_program_is_killed,
         programs_die_with_the_lab, logs_are_kept, wrong_options]


def main():
    bad = 0
    print(f'1..{len(CASES)}')
    for number, case in enumerate(CASES, 1):
        try:
            case()
            result = 'ok'
        except (AssertionError, subprocess.TimeoutExpired) as why:
            result = 'not ok'
            bad = 1
            print('# ' + str(why).replace('\n', '\n# '))
        print(f'{result} {number} - {case.__name__.replace("_", " ")}', flush=True)
    return bad


if __name__ == '__main__':
    sys.exit(main())
