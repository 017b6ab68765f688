#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Bad number plans for a gateway that runs: the plan of gateway/plan/README.md, with mistakes. Each is
refused with its place and what would be right, a call still goes by the plan before it, and nothing of
the new one is taken: each also bars with another cause.

  test_plan_bad.py BUILDDIR [ROUNDS [SEED]]
"""
import os
import random
import re
import subprocess
import sys

from harness import GUARD_S, HERE, Gateway, Suite, build_folder, check, free_port

README = os.path.join(HERE, '..', '..', 'gateway', 'plan', 'README.md')
BARRED, CAUSE, OTHER_CAUSE = '01088880099', 21, 22
LIST = 'number\n+86950\n+861088880099\n'
# What makes the README's piece of a configuration a whole one.
WHOLE = [
    ('  - span: 1\n', '  - span: 1\n    driver: virtual\n    connect: {folder}/e1.sock\n    side: user\n'),
    ('  - name: provider\n', '  - {{name: other, bind: "127.0.0.1:{port}", peer: "127.0.0.1:9"}}\n'
     '  - name: provider\n    bind: 127.0.0.1:{port}\n    peer: 127.0.0.1:10\n'),
    ('\nplan: ', '\ncontrol: {{socket: {folder}/control.sock}}\nplan: '),
]
# What is replaced, by what, where the mistake stands in that (a text or a place; a quote in front of it
# may be meant), and words of what is said.
MISTAKES = [
    ('a key', 'strip: 2', 'stripp: 2', 'stripp', ['stripp', 'strip']),
    ('a word', 'holidays: never', 'holidays: nver', 'nver', ['nver', 'never']),
    ('a type of number', 'ton: [international]', 'ton: [worldwide]', 'worldwide', ['international']),
    ('a pattern', '+861[3-9]XXXXXXXXX', '+861[3-9XXXXXXXXX', 'XXX', ['[', ']']),
    ('a regex', '"^Reception"', '"^(Reception"', 12, ['parenthesis']),
    ('hours', '08:00-18:00', '8-18', '8-18', ['08:00-18:00']),
    ('a day', 'days: mon-fri', 'days: mon-fry', 'mon-fry', ['mon-fri']),
    ('a date', '2026-10-02]', '2026-02-30]', '2026-02-30', ['2026-12-24']),
    ('a time zone', 'Asia/Shanghai', 'Asia/Shangri-La', 'Asia/Shangri-La', ['Europe/Berlin']),
    ('a trunk', 'to: trunk:other', 'to: trunk:another', 'trunk:another', ['another', 'other']),
    ('a list', 'list: barred', 'list: bared', 'bared', ['no list', 'numbers.lists']),
    ('a look-up', 'lookup: porting', 'lookup: porting2', 'porting2', ['no look-up', 'numbers.lookups']),
    ('a cause', 'reroute: [34, 38]\n', 'reroute: [34, 380]\n', '380', ['127']),
    ('a limit', 'calls: 30,', 'calls: -30,', '-30', ['1', '100000']),
    ('a weight', 'weight: 70', 'weight: 70000', '70000', ['65535']),
    ('a cost', 'weight: 70, cost: 0.05', 'weight: 70, cost: cheap', 'cheap', ['0.0125']),
    ('a bracket', 'bearer: [speech, audio]', 'bearer: [speech, audio', None, []),
    ('a profile', 'profile: cn             #', 'profile: zz             #', 'zz', ['zz', 'cn']),
    ('nowhere to go', 'emergency: true, from: [span:1], to: trunk:provider}', 'emergency: true}', None, ['no to']),
    ('from a span to a span', 'from: [span:1], to: trunk:provider}', 'from: [span:1], to: span:1}', 'span:1}', ['trunk']),
]
PIECES = ['  ', '\n', '- ', ': ', '[', ']', '{', '}', '"', "'", '#', '*a', '0', '-1', '65536', 'any', 'trunk:',
          ',', 'true', '+', 'X', '.', '..', 'prefix: ', 'to: span:1, ']


def whole_plan(folder):
    with open(README, encoding='utf-8') as file:
        text = re.search(r'```yaml\n(.*?)```', file.read(), re.DOTALL)[1].replace('{', '{{').replace('}', '}}')
    for old, new in WHOLE:
        check(text.count(old) == 1, f'the README says "{old}" once')
        text = text.replace(old, new)
    with open(os.path.join(folder, 'barred.csv'), 'w', encoding='ascii') as file:
        file.write(LIST)
    return text.replace('{port}', str(free_port('127.0.0.1')))


class Bed:
    def __init__(self, folder):
        self.gateway = Gateway(build_folder(), folder, whole_plan(folder))
        with open(self.gateway.config_path, encoding='utf-8') as file:
            self.good = file.read()

    def reload(self, text):
        """The exit status, and what is said."""
        with open(self.gateway.config_path, 'w', encoding='utf-8') as file:
            file.write(text)
        done = subprocess.run([os.path.join(self.gateway.build, 'spanbridge'), '--socket',
                               self.gateway.socket, 'plan', 'reload'], capture_output=True, text=True,
                              timeout=GUARD_S, check=False)
        check(self.gateway.child.alive(), 'spanbridged has ended: ' + self.gateway.child.output()[-2000:])
        return done.returncode, done.stdout + done.stderr

    def cause(self):
        """Of a barred call: which plan is in use."""
        exchange = self.gateway.exchange
        since = exchange.mark()
        exchange.send('call', called=BARRED, calling='55550100')
        call = exchange.wait('placed', since, called=BARRED)['call']
        check(call, 'the exchange found no channel')
        return exchange.wait('hangup', since, call=call)['cause']

    def refused(self, text):
        """What is said of it; the plan before it decides."""
        status, said = self.reload(text)
        check(status == 1 and 'the old number plan stays: ' in said, f'exit {status}: {said}')
        place = re.search(re.escape(self.gateway.config_path) + r':(\d+):(\d+): (.*)', said)
        check(place and len(place[3]) > 10, f'no place, or nothing of it: {said}')
        line, column = int(place[1]), int(place[2])
        # The end of the file is a line of its own.
        check(1 <= line <= text.count('\n') + 2 and column >= 1, f'no such place: {said}')
        return line, column, said

    def other(self):
        return self.good.replace(f'bar: {CAUSE}', f'bar: {OTHER_CAUSE}')


def mistake(bed, old, new, at, words):
    text = bed.other()
    check(text.count(old) == 1, f'"{old}" stands once')
    begin = text.index(old)
    text = text.replace(old, new)
    line, column, said = bed.refused(text)
    if at is not None:
        begin += at if isinstance(at, int) else new.index(at)
        want = text.count('\n', 0, begin) + 1, begin - text.rfind('\n', 0, begin)
        quote = text[begin - 1] == '"'
        check((line, column) in (want, (want[0], want[1] - quote)), f'it stands at {want}: {said}')
    for word in words:
        check(word in said, f'"{word}" is not said: {said}')


def mistakes(_, bed):
    failed = []
    for name, *how in MISTAKES:
        try:
            mistake(bed, *how)
        except Exception as why:  # pylint: disable=broad-except
            failed.append(f'{name}: {why}')
    check(not failed, '\n'.join(failed))
    said = bed.refused(bed.other().replace('mon-fri', 'mon-fry').replace('calls: 30,', 'calls: -30,'))[2]
    check('and 1 mistake more; spanbridge config check' in said, f'there are two: {said}')
    check(bed.cause() == CAUSE, 'the plan before them decides')


def failing_case(_, bed):
    case = 'cases:\n  - {from: "span:1", called: "110", expect: {target: "trunk:other"}}\n'
    line, _, said = bed.refused(bed.other() + case)
    check(line == bed.good.count('\n') + 2, f'the case stands in the last line: {said}')
    for word in ('case "110" fails', 'trunk:provider', 'rule emergency', 'expected target "trunk:other"'):
        check(word in said, f'"{word}" is not said: {said}')
    check(bed.cause() == CAUSE, 'the plan before it decides')
    status, said = bed.reload(bed.good + case.replace('trunk:other', 'trunk:provider'))
    check(status == 0, f'its right answer: {said}')


def mutate(text, rng):
    """Somewhere behind the spans and trunks, which a reload leaves alone."""
    begin = text.index('\nnumbers:') + 1
    at, to = rng.randrange(begin, len(text)), rng.randrange(begin, len(text))
    few = rng.randint(1, 12)
    return rng.choice([
        lambda: text[:at] + text[at + few:],
        lambda: text[:at] + rng.choice(PIECES) + text[at:],
        lambda: text[:at] + chr(rng.randint(33, 126)) + text[at + 1:],
        lambda: text[:at] + text[to:to + 5 * few] + text[at:],
        lambda: text[:at] if rng.random() < 0.3 else text[:at] + text[at:at + few] + text[at:],
    ])()


def mutations(_, bed, rounds, seed):
    """Taken or refused; refused, with a place; and what decides is the one or the other."""
    rng, taken = random.Random(seed), 0
    print(f'# seed {seed}, {rounds} rounds')
    for i in range(rounds):
        text = mutate(bed.other(), rng)
        status, said = bed.reload(text)
        if status == 0:
            taken += 1
            check(bed.reload(bed.good)[0] == 0, 'the good one again')
            continue
        try:
            bed.refused(text)
        except Exception as why:
            raise type(why)(f'round {i}: {why}') from why
        if i % 5 == 0:
            check(bed.cause() == CAUSE, f'round {i}: the plan before it decides')
    print(f'# {taken} were taken')
    check(taken < rounds, 'none was refused')
    check(bed.cause() == CAUSE, 'the plan before them decides')


def good_again(_, bed):
    check(bed.reload(bed.other())[0] == 0 and bed.cause() == OTHER_CAUSE, 'the other one is taken')
    check(bed.reload(bed.good)[0] == 0 and bed.cause() == CAUSE, 'the good one is taken')
    check(bed.gateway.child.stop() == 0, 'it ends well: ' + bed.gateway.child.output()[-2000:])


def main():
    suite, beds = Suite(), []
    rounds, seed = [int(a) for a in sys.argv[2:4]] + [40, 20261128][len(sys.argv) - 2:]
    suite.case('the plan of the README bars a call', lambda folder: beds.append(Bed(folder)))
    if not beds:
        return suite.end()
    bed = beds[0]
    try:
        suite.case('each planted mistake is named', mistakes, bed)
        suite.case('a plan whose case fails is refused', failing_case, bed)
        suite.case('mutations', mutations, bed, rounds, seed)
        suite.case('a good plan is taken after all that', good_again, bed)
    finally:
        bed.gateway.stop()
    return suite.end()


if __name__ == '__main__':
    sys.exit(main())
