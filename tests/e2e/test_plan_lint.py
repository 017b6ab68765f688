#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What `spanbridge plan lint` must find, and beside each finding near misses of which it must say nothing.

  test_plan_lint.py BUILDDIR
"""
import os
import subprocess
import sys

from harness import GUARD_S, Suite, build_folder, check

HEAD = '''spans:
  - {{span: 1, driver: virtual, connect: /e1, side: network{span}}}
trunks:
  - {{name: a, bind: "127.0.0.1:5060", peer: "127.0.0.1:5080"{trunk}}}
  - {{name: b, bind: "127.0.0.1:5060", peer: "127.0.0.1:5081"}}
{more}plan:
  - {{name: in, from: [trunk:a, trunk:b], to: "span:1"}}
  - {{name: outb, from: [span:1], prefix: "8888888", to: "{b}"}}
'''
DE = ', numbers: {profile: de, area: "30", send: dialled}'
US = ', numbers: {profile: us}'
LISTED = 'numbers: {order: listed}\n'
EMERGENCY = 'match: {called: {pattern: "11[02]"}}, emergency: true'
# The first rule of a case is r1, in line 10; a rule without to, targets or bar goes to trunk:a from span:1.
CASES = [
    # rules that never match
    ('0 and 00, the longest decides', ['prefix: "0"', 'prefix: "00"'], {}, ''),
    ('0 before 00, listed', ['prefix: "0"', 'prefix: "00"'], {'more': LISTED}, ':11: rule r2 decides none'),
    ('00 before 0, listed', ['prefix: "00"', 'prefix: "0"'], {'more': LISTED}, ''),
    ('covered by two', ['match: {called: {pattern: "4[0-4]X"}}', 'match: {called: {pattern: "4[5-9]X"}}',
                        'match: {called: {pattern: "4XX"}}'], {}, 'rule r3 decides none'),
    ('a pattern within a range', ['match: {called: {range: "4000-4999"}}',
                                  'match: {called: {pattern: "40XX"}}'], {}, ''),
    ('day and night', ['match: {called: {prefix: "0"}}, when: {time: ["08:00-18:00"]}',
                       'match: {called: {prefix: "0"}}, when: {time: ["18:00-08:00"]}'], {}, ''),
    ('what a full target leaves over',
     ['match: {called: {prefix: "0"}}, from: [span:1], targets: [{to: "trunk:a", limit: {calls: 30}}]',
      'prefix: "0", from: [span:1], to: "trunk:b"'], {}, ''),
    ('00, which the profile takes away', ['prefix: "00"', 'prefix: "+"', EMERGENCY], {'span': DE},
     ':10: rule r1 waits for numbers that begin with 00'),
    ('+, which it leaves', ['prefix: "+"', EMERGENCY], {'span': DE}, ''),
    ('49, bare', ['prefix: "49"', EMERGENCY],
     {'span': ', numbers: {profile: de, bare: international}'}, ''),
    ('short numbers', ['prefix: "118"', 'prefix: "+"', EMERGENCY], {'span': DE}, ''),
    ('a regex behind an empty prefix', ['prefix: ""', 'match: {called: {regex: "^0[1-9]"}}'], {},
     'rule r2 is never asked'),
    ('a regex with a source behind one without', ['from: any', 'match: {called: {regex: "^0[1-9]"}}'], {}, ''),
    ('a regex before a rule without prefix', ['match: {called: {regex: "^0[1-9]"}}', 'from: any'], {}, ''),
    ('holidays without any', ['match: {called: {prefix: "0"}}, when: {holidays: only}'], {},
     'rule r1 holds on holidays only'),
    ('holidays', ['match: {called: {prefix: "0"}}, when: {holidays: only}'],
     {'more': 'numbers: {holidays: [2026-12-25]}\n'}, ''),
    ('data calls', ['match: {called: {prefix: "0"}, bearer: unrestricted}'], {}, 'rule r1 waits for data calls'),
    ('data or speech', ['match: {called: {prefix: "0"}, bearer: [unrestricted, speech]}'], {}, ''),
    ('a bar of callers behind a prefix', ['prefix: "0"', 'match: {calling: {prefix: "+881"}}, bar: 21'], {},
     ':11: rule r2 bars callers, but not from numbers that rule outb (line 9) fits'),
    ('the same, first', ['prefix: "0"', 'match: {calling: {prefix: "+881"}}, bar: 21, first: true'], {}, ''),
    ('meant so', ['prefix: "0"', 'match: {calling: {absent: true}}, bar: 21, first: false'], {}, ''),
    ('in the order of the file', ['match: {calling: {prefix: "+881"}}, bar: 21', 'prefix: "0"'],
     {'more': LISTED}, ''),
    # +00 and its kind
    ('matches +00', ['prefix: "+0049"'], {}, 'rule r1 matches +0049'),
    ('+ in front of 00', ['prefix: "0049", prepend: "+"'], {}, 'rule r1 sends +00'),
    ('+ for 00', ['prefix: "0049", strip: 2, prepend: "+"'], {}, ''),
    ('00 called international', ['prefix: "00", set_ton: international'], {}, 'rule r1 sends +00'),
    ('0 for the code of the country', ['prefix: "+49", strip: 2, prepend: "0"'], {}, 'rule r1 sends +0'),
    ('the same with its type', ['prefix: "+49", strip: 2, prepend: "0", set_ton: unknown'], {}, ''),
    # doubled prefixes
    ('+49 in front of 0', ['prefix: "0", prepend: "+49"'], {}, 'the national prefix stands behind'),
    ('+49 for 0', ['match: {called: {pattern: "0[2-9]X."}}, set: {called: {strip: 1, prepend: "+49"}}'], {}, ''),
    ('+39 in front of 0: Italy', ['prefix: "0", prepend: "+39"'], {}, ''),
    ('national with 0', ['prefix: "+49", strip: 2, prepend: "0", set_ton: national', EMERGENCY],
     {'span': DE, 'trunk': DE}, 'with type national, and the national prefix'),
    ('national', ['prefix: "+49", strip: 2, set_ton: national', EMERGENCY], {'span': DE, 'trunk': DE}, ''),
    ('110 towards a country whose prefix is 1', ['prefix: "+"', EMERGENCY],
     {'span': DE, 'trunk': ', numbers: {profile: us, send: dialled}'}, ''),
    # the way there and back
    ('bare, read as dialled', ['prefix: "+"', EMERGENCY],
     {'span': DE, 'trunk': ', numbers: {profile: de, area: "30", send: bare}'}, 'say `bare: international`'),
    ('bare, read so', ['prefix: "+"', EMERGENCY],
     {'span': DE, 'trunk': ', numbers: {profile: de, bare: international, send: bare}'}, ''),
    ('subscriber numbers without an area', ['prefix: "+"', EMERGENCY],
     {'span': DE, 'trunk': ', numbers: {profile: de, send: subscriber}'}, 'has no area code'),
    # targets
    ('a trunk that nothing reaches', ['prefix: "0"'], {'b': 'trunk:a'}, ':5: no rule sends a call to trunk:b'),
    # overlaps
    ('patterns that overlap', ['match: {called: {pattern: "1X2"}}', 'match: {called: {pattern: "12X"}}'], {},
     'overlap: 122 is in both'),
    ('one within the other', ['match: {called: {pattern: "1X2"}}', 'match: {called: {pattern: "1[23]2"}}'],
     {}, ''),
    ('disjoint ones', ['match: {called: {pattern: "1X2"}}', 'match: {called: {pattern: "13[13]"}}'], {}, ''),
    ('overlap, listed', ['match: {called: {pattern: "1X2"}}', 'match: {called: {pattern: "12X"}}'],
     {'more': LISTED}, ''),
    ('ranges that overlap', ['match: {called: {range: "150-250"}}', 'match: {called: {range: "100-199"}}'],
     {}, 'overlap: 150 to 199'),
    ('a range within a range', ['match: {called: {range: "100-199"}}', 'match: {called: {range: "150-199"}}'],
     {}, ''),
    # emergency
    ('no emergency rule', ['prefix: "+"'], {'span': DE}, 'emergency number 112 (Germany) has no route from span:1, or leaves'),
    ('one that is none by name', ['prefix: "+"', 'prefix: "11"'], {'span': DE}, ''),
    ('by day only', ['prefix: "+"', 'match: {called: {prefix: "11"}}, when: {time: ["08:00-18:00"]}'],
     {'span': DE}, 'from span:1 on a Sunday at 3 a.m.'),
    ('by day only, but an emergency rule',
     ['prefix: "+"', EMERGENCY + ', when: {time: ["08:00-18:00"]}'], {'span': DE}, ''),
    ('one of two', ['prefix: "+"', 'match: {called: {pattern: "110"}}, emergency: true'], {'span': DE},
     'emergency number 112'),
    ('cut on its way', ['prefix: "+"', EMERGENCY + ', set: {called: {strip: 2}}'], {'span': DE},
     'or leaves as another number'),
    ('911 and India', ['prefix: "+"', 'prefix: "911", emergency: true', 'prefix: "988", emergency: true'],
     {'span': US}, 'emergency rule r2 takes +911'),
    ('911', ['prefix: "+"', 'match: {called: {pattern: "911"}}, emergency: true',
             'match: {called: {pattern: "988"}}, emergency: true'], {'span': US}, ''),
    ('112, no number abroad', ['prefix: "+"', 'prefix: "11", emergency: true'], {'span': DE}, ''),
]


def whole(number, text):
    """A rule with what it does not say."""
    if 'from:' not in text:
        text += ', from: [span:1]'
    if ' to:' not in text and 'targets:' not in text and 'bar:' not in text:
        text += ', to: "trunk:a"'
    return f'  - {{name: r{number}, {text}}}\n'


def one(folder, rules, options, wanted):
    path = os.path.join(folder, 'plan.yaml')
    values = {'span': '', 'trunk': '', 'more': '\n', 'b': 'trunk:b', **options}
    with open(path, 'w', encoding='utf-8') as out:
        out.write(HEAD.format(**values) + ''.join(whole(i + 1, r) for i, r in enumerate(rules)))
    done = subprocess.run([os.path.join(build_folder(), 'spanbridge'), 'plan', 'lint', path],
                          capture_output=True, text=True, timeout=GUARD_S, check=False)
    check(not done.stderr, done.stderr)
    check(done.returncode == (1 if wanted else 0), f'exit {done.returncode}: {done.stdout}')
    check(wanted in done.stdout, f'"{wanted}" expected: {done.stdout}')
    for line in done.stdout.splitlines()[:-1]:
        check(line.startswith(path + ':'), f'no place: {line}')


def main():
    suite = Suite()
    for name, rules, options, wanted in CASES:
        suite.case(('finds: ' if wanted else 'lets pass: ') + name, one, rules, options, wanted)
    return suite.end()


if __name__ == '__main__':
    sys.exit(main())
