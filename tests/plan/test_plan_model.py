#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Random number plans and random calls through the engine and through model.py: both decide alike.

  test_plan_model.py PLAN_FEED [PLANS [CALLS [SEED]]]
"""
import json
import os
import random
import subprocess
import sys
import tempfile

import model

BATCH, SHOWN = 40, 3
DIGITS = '01239*#'
ENDS = ['span:1', 'span:2', 'trunk:a', 'trunk:b', 'trunk:c']
SPANS = [{'span': i, 'driver': 'virtual', 'connect': f'/e{i}', 'side': 'user'} for i in (1, 2)]
TRUNKS = [{'name': n, 'bind': '127.0.0.1:5060', 'peer': f'127.0.0.1:508{i}'}
          for i, n in enumerate('abc')]
REGEXES = ['^+?1.*9$', '^[0-3]+$', '12', '^(1)(2|3)(.*)', r'^\+12?(.+)$']
HOLIDAYS = ['2026-03-29', '2026-12-24..2026-12-26']
ZONES = ['Europe/Berlin', 'Asia/Shanghai', 'America/New_York', 'Australia/Lord_Howe']


class Maker:
    def __init__(self, seed):
        self.r = random.Random(seed)

    def some(self, chance, make, *arguments):
        return make(*arguments) if self.r.random() < chance else None

    def digits(self, least, most):
        return ''.join(self.r.choice(DIGITS) for _ in range(self.r.randint(least, most)))

    def few(self, of, most=2):
        return self.r.sample(list(of), self.r.randint(1, most))

    def plus(self):
        return self.r.choice(['', '', '+'])

    def pattern(self):
        place = ['0', '1', '1', '2', '3', '9', '*', '#', 'X', 'X', 'Z', 'N', '[1-3]', '[13]', '[0-29*]', '[2-9]']
        text = ''.join(self.r.choice(place) for _ in range(self.r.randint(1, 4)))
        return text + self.r.choice(['', '', '.', '!'])

    def range(self):
        length = self.r.randint(1, 4)
        a, b = sorted(''.join(self.r.choice('01239') for _ in range(length)) for _ in '12')
        plus = self.plus()
        return f'{plus}{a}-{plus}{b}'

    def match(self, called):
        m = {}
        kind = self.r.choice(['prefix'] * 4 + ['pattern'] * 4 + ['range', 'regex', 'none', 'list'])
        if kind == 'prefix':
            m[kind] = (self.plus() + self.digits(0, 4)) or '1'
        elif kind == 'pattern':
            m[kind] = self.plus() + self.pattern()
        elif kind == 'range':
            m[kind] = self.range()
        elif kind == 'regex':
            m[kind] = self.r.choice(REGEXES).replace('^+?', r'^\+?')
        elif kind == 'list':
            m[kind] = self.r.choice(['l1', 'l2'])
        if self.r.random() < 0.15 and not m.get(kind, '').startswith('+'):
            m['ton'] = self.few(model.TONS)
        if self.r.random() < 0.1:
            m['npi'] = self.few(model.NPIS)
        if not called and self.r.random() < 0.2:
            m['presentation'] = self.few(model.PRESENTATIONS)
        if not called and self.r.random() < 0.15:
            m = {'absent': True}
        return m

    def matches(self):
        m = {'called': self.match(True)}
        if self.r.random() < 0.2:
            m['calling'] = self.match(False)
        if self.r.random() < 0.1:
            m['redirecting'] = self.match(False)
        if self.r.random() < 0.1:
            m['name'] = self.r.choice(['^Front', 'desk$', 'o'])
        if self.r.random() < 0.15:
            m['bearer'] = self.few(model.BEARERS)
        return {k: v for k, v in m.items() if v}

    def set_number(self, called, match):
        s = {}
        if self.r.random() < 0.4 and match and 'regex' in match and '(' in match['regex']:
            s['number'] = self.r.choice(['9$1', '+4$1', '$1$1'])
        elif self.r.random() < 0.3:
            s['number'] = self.plus() + self.digits(1, 5)
        else:
            s = {'strip': self.r.randint(0, 2), 'prepend': self.plus() + self.digits(0, 2)}
            s = {k: v for k, v in s.items() if v and v != '+'}
        for key, words, chance in (('ton', model.TONS, 0.3), ('npi', model.NPIS, 0.2),
                                   ('presentation', model.PRESENTATIONS, 0 if called else 0.3)):
            if self.r.random() < chance:
                s[key] = self.r.choice(list(words))
        if not called and self.r.random() < 0.1:
            s = {'remove': True}
        if (s.get('number') or s.get('prepend') or '').startswith('+'):
            s.pop('ton', None)
            s.pop('npi', None)
        return s

    def sets(self, match, of_call=True):
        s = {key: self.set_number(key == 'called', match.get(key))
             for key, chance in (('called', 0.4), ('calling', 0.2), ('redirecting', 0.1))
             if self.r.random() < chance}
        s = {k: v for k, v in s.items() if v}
        if of_call and self.r.random() < 0.1:
            s['name'] = 'New name'
        if of_call and self.r.random() < 0.1:
            s['bearer'] = self.r.choice(list(model.BEARERS))
        return s

    def when(self):
        w = {'days': [self.r.choice(['mon-fri', 'sat-sun', 'fri-mon', 'wed'])],
             'time': self.few(['08:00-18:00', '22:00-06:00', '00:00-02:00', '12:00-24:00', '02:30-03:30']),
             'dates': self.few(['2026-01-01..2026-06-30', '2026-12-24', '2026-03-28..2026-03-29']),
             'holidays': self.r.choice(['only', 'never', 'any']), 'timezone': self.r.choice(ZONES)}
        keep = self.few(w, 3)
        return {k: w[k] for k in keep}

    def limit(self):
        limit = {k: self.r.randint(1, 3) for k in self.few(['calls', 'per_second', 'per_minute'])}
        if self.r.random() < 0.4:
            limit['cause'] = self.r.choice([17, 42])
        return limit

    def target(self, match, ends):
        t = {'to': self.r.choice(ends)}
        for key, chance, make in (('priority', 0.4, lambda: self.r.randint(0, 2)),
                                  ('weight', 0.4, lambda: self.r.randint(0, 5)),
                                  ('cost', 0.3, lambda: self.r.choice(['0.05', '1', '0.2'])),
                                  ('limit', 0.2, self.limit),
                                  ('set', 0.3, lambda: self.sets(match, False))):
            if self.r.random() < chance:
                t[key] = make()
        return {k: v for k, v in t.items() if v != {}}

    def rule(self, i):
        match = self.matches()
        kind, other = self.r.choice([('span', 'trunk'), ('trunk', 'span')])
        rule = {'name': f'r{i}', 'match': match,
                'from': self.some(0.3, self.few, [e for e in ENDS if e.startswith(kind)]),
                'when': self.some(0.2, self.when)}
        if self.r.random() < 0.15:
            rule['bar'] = self.r.choice([1, 21])
        else:
            ends = [e for e in ENDS if e.startswith(other) or not rule['from']]
            rule['set'] = self.some(0.5, self.sets, match)
            rule['targets'] = [self.target(match, ends) for _ in range(self.r.randint(1, 4))]
            rule['limit'] = self.some(0.2, self.limit)
            if self.r.random() < 0.08 and 'called' in match:
                rule['emergency'] = True
        rule['first'] = self.r.random() < 0.1
        return {k: v for k, v in rule.items() if v}

    def rewrite_rule(self, i):
        match = self.matches()
        rule = {'name': f'w{i}', 'stage': self.r.choice(['in', 'out']), 'match': match,
                'from': self.some(0.2, self.few, ENDS), 'when': self.some(0.1, self.when),
                'set': self.sets(match) or {'name': 'Other'}}
        if rule['stage'] == 'out':
            rule['to'] = self.some(0.5, self.few, ENDS)
        return {k: v for k, v in rule.items() if v}

    def list(self, ends, told):
        """Rows of a list; told: with targets and new numbers."""
        numbers = ['1'] + [self.range() if self.r.random() < 0.2 else self.plus() + self.digits(1, 4)
                           for _ in range(self.r.randint(1, 6))]
        rows = []
        for number in sorted(set(numbers) - {'#'}): # a line of # alone says nothing
            for _ in range(self.r.choice([1, 1, 2]) if told else 1):
                row = {'number': number, 'to': self.r.choice(ends),
                       'priority': self.r.randint(0, 1), 'cost': self.r.choice(['0.05', '1']),
                       'replace': self.some(0.4, lambda: self.plus() + self.digits(1, 5))}
                rows.append({k: v for k, v in row.items() if v} if told else {'number': number})
        return rows

    def plan(self):
        config = {'spans': SPANS, 'trunks': TRUNKS, 'numbers': {
            'order': self.r.choice(['longest', 'longest', 'listed']), 'holidays': HOLIDAYS,
            'timezone': self.r.choice(ZONES),
            'lists': [{'name': n, 'file': n + '.csv'} for n in ('l1', 'l2')],
            'rewrites': [self.rewrite_rule(i) for i in range(self.r.choice([0, 0, 1, 3]))]}}
        if not config['numbers']['rewrites']:
            del config['numbers']['rewrites']
        config['plan'] = [self.rule(i) for i in range(self.r.randint(1, 12))]
        return config, {'l1': self.list(ENDS, False), 'l2': self.list(ENDS, True)}

    def number(self, chance):
        if self.r.random() > chance:
            return None
        return {'digits': self.digits(1, 6), 'ton': self.r.choice([0, 0, 1, 1, 2, 3, 4, 6]),
                'npi': self.r.choice([1, 1, 1, 0, 9]), 'pres': self.r.choice([0, 0, 1, 2])}

    def call(self, owners):
        minute = self.r.randint(0, 60 * 24 * 365)
        if self.r.random() < 0.3: # around the changes of the clocks, and the holidays
            minute = self.r.choice([86, 296, 66, 357, 359]) * 1440 + self.r.randint(0, 2880)
        at = (model.datetime.datetime(2026, 1, 1) + model.datetime.timedelta(minutes=minute)
              ).strftime('%Y-%m-%dT%H:%MZ')
        return {'from': self.r.choice(ENDS), 'called': self.number(1), 'calling': self.number(0.7),
                'redirecting': self.number(0.3), 'bearer': self.r.choice([0, 16, 16, 8, 9, 24]),
                'name': self.r.choice(['', 'Front desk', 'Backoffice']), 'at': at,
                'random': self.r.getrandbits(60),
                'usage': {o: [self.r.randint(0, 3) for _ in range(3)] for o in owners}}


def same_ways(want, got):
    """want: groups in order, any order within; the engine keeps 8."""
    got = list(got)
    for group in want:
        group = list(group)
        while group and got:
            if got[0] not in group:
                return False
            group.remove(got.pop(0))
        if group:
            return sum(map(len, want)) > 8
    return not got


def show(config, lists, call, want, got):
    """A difference, with the rules that matter."""
    near = {want['rule'], got['rule']}
    print(f'# they differ: model {json.dumps(want)}\n#   engine {json.dumps(got)}')
    print(f'#   call {json.dumps(call)}\n#   lists {json.dumps(lists)}')
    for rule in config['plan'] + config['numbers'].get('rewrites', []):
        if rule['name'] in near or 'stage' in rule:
            print(f'#   {json.dumps(rule)}')


class Engine:
    """plan_feed: a plan, then calls."""

    def __init__(self, program, folder):
        self.folder = folder
        self.child = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                      text=True)

    def ask(self, questions):
        """Few enough that they have room in a pipe."""
        self.child.stdin.write(''.join(json.dumps(q) + '\n' for q in questions))
        self.child.stdin.flush()
        return [json.loads(self.child.stdout.readline()) for _ in questions]

    def load(self, config, lists):
        path = os.path.join(self.folder, 'plan.yaml')
        with open(path, 'w', encoding='utf-8') as out:
            json.dump(config, out)
        for name, rows in lists.items():
            columns = ['number', 'to', 'priority', 'cost', 'replace'][:5 if 'to' in rows[0] else 1]
            with open(os.path.join(self.folder, name + '.csv'), 'w', encoding='utf-8') as out:
                out.writelines(','.join(str(row.get(c, '')) for c in columns) + '\n'
                               for row in [dict(zip(columns, columns))] + rows)
        return self.ask([{'plan': path}])[0]

    def end(self):
        self.child.stdin.close()
        return self.child.wait(30)


def alike(want, got):
    return (want['rule'] == got['rule'] and want['cause'] == got['cause'] and
            (want['cause'] or want['emergency'] == got['emergency']) and
            same_ways(want['ways'], got['ways']))


def run(engine, make, plans, calls):
    """How many calls differed, went somewhere, and plans that were refused."""
    wrong, routed, refused = 0, 0, []
    for _ in range(plans):
        config, lists = make.plan()
        said = engine.load(config, lists)
        if not said['ok']:
            refused.append(said['mistakes'][0])
            continue
        reference = model.Model(config, lists)
        for begin in range(0, calls, BATCH):
            asked = [make.call(said['limits']) for _ in range(begin, min(begin + BATCH, calls))]
            for call, got in zip(asked, engine.ask(asked)):
                want = reference.decide(call)
                routed += not want['cause']
                if not alike(want, got):
                    wrong += 1
                    if wrong <= SHOWN:
                        show(config, lists, call, want, got)
    return wrong, routed, refused


def main():
    plans, calls, seed = [int(a) for a in sys.argv[2:5]] + [300, 200, 20261128][len(sys.argv) - 2:]
    print(f'TAP version 13\n1..1\n# seed {seed}, {plans} plans, {calls} calls each', flush=True)
    with tempfile.TemporaryDirectory() as folder:
        engine = Engine(os.path.abspath(sys.argv[1]), folder)
        wrong, routed, refused = run(engine, Maker(seed), plans, calls)
        status = engine.end()
    print(f'# {routed} of {plans * calls} calls went somewhere; {len(refused)} plans were refused')
    for why in refused[:SHOWN]:
        print('#', why)
    good = not wrong and not status and len(refused) < plans // 20 and routed > plans * calls // 10
    print(('ok' if good else 'not ok') + f' 1 the engine decides as the model does ({wrong} differences)')
    return not good


if __name__ == '__main__':
    sys.exit(main())
