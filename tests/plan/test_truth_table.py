#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The engine against truth_table.tsv, whose answers were found by hand from gateway/plan/README.md.

  test_truth_table.py PLAN_FEED

A number is [+]DIGITS[/WORD…]: + is E.164, the words are a type, a plan (else e164) and a presentation.
`-` stands for none, and for "as usual" in order, from, at and bearer. busy: LIMIT=calls/in this
second/in this minute. answer: none, failed, or NUMBER [as NAME]. targets: in order, `;` between them,
TO CALLED [from CALLING] [via REDIRECTING] [as NAME]; what is not written down is not looked at.
"""
import csv
import datetime
import os
import re
import shutil
import sys
import tempfile

import model
from test_plan_model import Engine

HERE = os.path.dirname(os.path.abspath(__file__))
PLAN, LISTS, TABLE = 'truth_plan.yaml', ['truth_barred.csv', 'truth_moved.csv', 'truth_ported.csv'], 'truth_table.tsv'
ROWS_MIN = 100


def number(text):
    """As plan_feed has it."""
    if text == '-':
        return None
    digits, *words = text.split('/')
    out = {'digits': digits.lstrip('+'), 'ton': int(digits.startswith('+')), 'npi': 1, 'pres': 0}
    for word in words:
        key, codes = next((k, c) for k, c in (('ton', model.TONS), ('npi', model.NPIS),
                                              ('pres', model.PRESENTATIONS)) if word in c)
        out[key] = codes[word]
    return out


def moment(text):
    """Without its weekday, which must be the right one."""
    day, _, rest = text.rpartition(' ')
    date = datetime.date.fromisoformat(rest[:10])
    if day and day.lower() != model.DAYS[date.weekday()]:
        raise ValueError(f'{rest} is no {day}')
    return rest


def question(row):
    call = {k: number(row[k]) for k in model.NUMBERS}
    call.update({'from': row['from'], 'name': row['name'].strip('-')})
    if row['bearer'] != '-':
        call['bearer'] = model.BEARERS[row['bearer']]
    if row['at'] != '-':
        call['at'] = moment(row['at'])
    if row['busy'] != '-':
        call['usage'] = {owner: [int(n) for n in now.split('/')]
                         for owner, now in (busy.split('=') for busy in row['busy'].split())}
    if row['answer'] in ('none', 'failed'):
        call['answer'] = row['answer']
    elif row['answer'] != '-':
        found, _, name = row['answer'].partition(' as ')
        call['answer'] = {'called': number(found), 'name': name}
    return call


def is_way(text, got):
    found = re.fullmatch(r'(\S+) (\S+)(?: from (\S+))?(?: via (\S+))?(?: as (.+))?', text)
    to, called, calling, redirecting, name = found.groups()
    return (got['to'] == to and got['called'] == number(called) and
            (calling is None or got['calling'] == number(calling)) and
            (redirecting is None or got['redirecting'] == number(redirecting)) and
            (name is None or got['name'] == name))


def mistakes(row, got):
    """What the engine says otherwise."""
    ways = [] if row['targets'] == '-' else row['targets'].split('; ')
    cause = 0 if row['cause'] == '-' else int(row['cause'])
    if bool(ways) == bool(cause):
        yield 'the row has targets or a cause'
    if got['rule'] != row['rule'].replace('-', '', row['rule'] == '-'):
        yield f'rule "{got["rule"]}"'
    if got['cause'] != cause:
        yield f'cause {got["cause"]}'
    if len(ways) != len(got['ways']) or not all(map(is_way, ways, got['ways'])):
        yield f'targets {got["ways"]}'
    if row['reroute'] != '-' and got['reroute'] != [int(c) for c in row['reroute'].split()]:
        yield f'reroute {got["reroute"]}'


def load(engine, order):
    """The plan with that order; the names of its limits."""
    for name in LISTS:
        shutil.copy(os.path.join(HERE, name), engine.folder)
    with open(os.path.join(HERE, PLAN), encoding='utf-8') as file:
        text = file.read()
    assert text.count('order: longest ') == 1
    path = os.path.join(engine.folder, order + '.yaml')
    with open(path, 'w', encoding='utf-8') as file:
        file.write(text.replace('order: longest ', f'order: {order} '))
    said = engine.ask([{'plan': path}])[0]
    if not said['ok']:
        sys.exit('Bail out! ' + said['mistakes'][0])
    return set(said['limits'])


def main():
    with open(os.path.join(HERE, TABLE), encoding='utf-8') as file:
        rows = list(csv.DictReader(file, delimiter='\t', quoting=csv.QUOTE_NONE))
    print(f'TAP version 13\n1..2\n# {len(rows)} rows', flush=True)
    wrong, deciding = 0, set()
    with tempfile.TemporaryDirectory() as folder:
        engine = Engine(os.path.abspath(sys.argv[1]), folder)
        for order in ('longest', 'listed'):
            limits = load(engine, order)
            for row in (r for r in rows if r['order'] == order):
                asked = question(row)
                assert limits >= set(asked.get('usage', {})), f'no such limit: {row["busy"]}'
                bad = list(mistakes(row, engine.ask([asked])[0]))
                deciding.add(row['rule'])
                wrong += bool(bad)
                for what in bad:
                    print(f'# {row["what"]} ({order}, {row["called"]}): {what}; the table: rule '
                          f'{row["rule"]}, targets {row["targets"]}, cause {row["cause"]}')
        status = engine.end()
    with open(os.path.join(HERE, PLAN), encoding='utf-8') as file:
        rules = re.findall(r'- \{name: ([\w-]+)', file.read().split('\nplan:')[1])
    idle = set(rules) - deciding
    good = not wrong and not status and len(rows) >= ROWS_MIN
    print(('ok' if good else 'not ok') + f' 1 the engine decides as the table says ({wrong} differences)')
    print(('not ok' if idle else 'ok') + f' 2 every rule decides in a row {sorted(idle) or ""}')
    return not good or bool(idle)


if __name__ == '__main__':
    sys.exit(main())
