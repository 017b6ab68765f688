# SPDX-License-Identifier: GPL-2.0-or-later
"""How a call is decided, after gateway/plan/README.md and the headers of gateway/plan/: slow, small,
and written without a look at the engine, which must agree (test_plan_model.py).

A plan is a dict as it stands in the configuration; a number is None or {digits, ton, npi, pres}.
"""
import datetime
import math
import re
import zoneinfo

UNKNOWN, INTERNATIONAL, NATIONAL, NETWORK, SUBSCRIBER, ABBREVIATED = 0, 1, 2, 3, 4, 6
TONS = {'unknown': UNKNOWN, 'international': INTERNATIONAL, 'national': NATIONAL,
        'network': NETWORK, 'subscriber': SUBSCRIBER, 'abbreviated': ABBREVIATED}
NPIS = {'unknown': 0, 'e164': 1, 'private': 9}
PRESENTATIONS = {'allowed': 0, 'restricted': 1, 'not-available': 2}
BEARERS = {'speech': 0, 'audio': 16, 'unrestricted': 8, 'restricted': 9, 'video': 24}
NUMBERS = ('called', 'calling', 'redirecting')
DIGITS_MAX = 32
ANY = 0, 1 << 100, True
NO_ROUTE, INVALID_NUMBER, NOT_IMPLEMENTED = 3, 28, 79


def is_e164(n):
    return n['ton'] == INTERNATIONAL and n['npi'] in (0, 1)


# ── patterns ──

def places(pattern):
    """The set of digits of each place, and the tail: '', '.' or '!'."""
    out, tail = [], ''
    sets = {'X': '0123456789', 'Z': '123456789', 'N': '23456789'}
    for part in re.findall(r'\[[^]]*\]|.', pattern.replace(' ', '').replace('-', '')
                           if '[' not in pattern else pattern):
        if part[0] == '[':
            inside = re.sub(r'(\d)-(\d)', lambda m: ''.join(
                str(d) for d in range(int(m[1]), int(m[2]) + 1)), part[1:-1])
            out.append(set(inside))
        elif part in '.!':
            tail = part
        else:
            out.append(set(sets.get(part, part)))
    return out, tail


def fit_pattern(pattern, digits):
    """(digits decided, numbers of that length that fit, is it open) or None."""
    sets, tail = places(pattern)
    rest = len(digits) - len(sets)
    if rest < 0 or (rest and not tail) or (tail == '.' and not rest):
        return None
    if any(d not in s for d, s in zip(digits, sets)):
        return None
    width = 1
    for s in sets:
        width *= len(s)
    return len(sets), width, bool(tail)


def fit_number(match, n, lists):
    """As fit_pattern(), for one number and all that a match says of it."""
    if not match:
        return ANY
    if match.get('absent'):
        return ANY if n is None else None
    if n is None:
        return None
    for key, codes, value in (('ton', TONS, n['ton']), ('npi', NPIS, n['npi']),
                              ('presentation', PRESENTATIONS, n['pres'])):
        if key in match and value not in [codes[w] for w in match[key]]:
            return None
    for kind in ('prefix', 'pattern', 'range', 'regex', 'list'):
        if kind in match:
            return fit_kind(kind, match[kind], n, lists)
    return ANY


def fit_kind(kind, text, n, lists):
    if kind == 'regex':
        return ANY if re.search(text, ('+' if is_e164(n) else '') + n['digits']) else None
    if kind == 'list':
        return longest_entries(lists[text], n)[0]
    if text.startswith('+') and not is_e164(n):
        return None
    bare = text.replace('+', '')
    if kind == 'range':
        first, last = bare.split('-')
        fits = n['digits'].isdecimal() and len(first) == len(n['digits']) and first <= n['digits'] <= last
        return (len(first), int(last) - int(first) + 1, False) if fits else None
    return fit_pattern(bare + '!' if kind == 'prefix' else bare, n['digits'])


def cover(first, last, begin=''):
    """The fewest first digits that all numbers from first to last have, and no others."""
    low = begin + '0' * (len(first) - len(begin))
    high = begin + '9' * (len(first) - len(begin))
    if last < low or high < first:
        return []
    if first <= low and high <= last:
        return [begin]
    return [p for d in '0123456789' for p in cover(first, last, begin + d)]


def fit_entry(text, n):
    """Of a list: first digits, or a block, which is all the prefixes that make it up."""
    if text.startswith('+') and not is_e164(n):
        return None
    first, last = (text.replace('+', '').split('-') * 2)[:2]
    prefixes = cover(first, last) if '-' in text else [first]
    found = [len(p) for p in prefixes if n['digits'].startswith(p)]
    return (max(found), 1, True) if found else None


def longest_entries(rows, n):
    """How its longest entry fits, with all rows of it: those with + when both are as long."""
    found = [(fit_entry(row['number'], n), row['number'][0] == '+', row) for row in rows]
    found = [f for f in found if f[0]]
    best = max((f[:2] for f in found), default=(None, False))
    return best[0], [row for *fit, row in found if tuple(fit) == best]


# ── when ──

DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun']


def days_of(text):
    if '-' not in text:
        return {DAYS.index(text)}
    a, b = (DAYS.index(d) for d in text.split('-'))
    return {(a + i) % 7 for i in range((b - a) % 7 + 1)}


def in_dates(texts, day):
    return any(t.split('..')[0] <= day.isoformat() <= t.split('..')[-1] for t in texts)


def day_holds(when, day, holidays):
    if 'days' in when and day.weekday() not in set().union(*map(days_of, when['days'])):
        return False
    if 'dates' in when and not in_dates(when['dates'], day):
        return False
    holiday = in_dates(holidays, day)
    return {'any': True, 'only': holiday, 'never': not holiday}[when.get('holidays', 'any')]


def when_holds(when, utc, numbers):
    """An hour over midnight counts for the day that it begins."""
    zone = zoneinfo.ZoneInfo(when.get('timezone', numbers.get('timezone', 'UTC')))
    local = utc.astimezone(zone)
    today, minute = local.date(), f'{local.hour:02}:{local.minute:02}'
    yesterday = today - datetime.timedelta(days=1)
    for span in when.get('time', ['00:00-24:00']):
        begin, end = span.split('-')
        if begin < end:
            days = [today] if begin <= minute < end else []
        else:
            days = [today] if minute >= begin else [yesterday] if minute < end else []
        if any(day_holds(when, d, numbers.get('holidays', [])) for d in days):
            return True
    return False


# ── what rules do ──

def apply_set(what, match, n):
    """The new number, or None and False: it cannot be."""
    if not what:
        return n, True
    if what.get('remove'):
        return None, True
    if n is None and 'number' not in what:
        return n, True
    out = dict(n) if n else {'digits': '', 'ton': UNKNOWN, 'npi': 0, 'pres': 0}
    text = what.get('number')
    if text is not None:
        if match and 'regex' in match and n:
            found = re.search(match['regex'], ('+' if is_e164(n) else '') + n['digits'])
            text = re.sub(r'\$(\d)', lambda m: found and found[int(m[1])] or '', text)
        out['ton'] = UNKNOWN
        out['digits'] = ''
    else:
        if what.get('strip', 0) > len(out['digits']):
            return n, False
        out['digits'] = out['digits'][what.get('strip', 0):]
        text = what.get('prepend', '')
    if text.startswith('+'):
        out.update(ton=INTERNATIONAL, npi=1)
    out['digits'] = text.replace('+', '') + out['digits']
    for key, codes in (('ton', TONS), ('npi', NPIS)):
        if key in what:
            out[key] = codes[what[key]]
    if 'presentation' in what:
        out['pres'] = PRESENTATIONS[what['presentation']]
    return (out, True) if len(out['digits']) <= DIGITS_MAX else (n, False)


def apply_sets(rule, sets, values):
    """False: the called number cannot be, and nothing is changed. Others that cannot stay."""
    for key in NUMBERS:
        values[key], done = apply_set(sets.get(key), rule.get('match', {}).get(key), values[key])
        if not done and key == 'called':
            return False
    values['name'] = sets.get('name', values['name'])
    values['bearer'] = BEARERS[sets['bearer']] if 'bearer' in sets else values['bearer']
    return True


class Model:
    def __init__(self, config, lists):
        self.numbers = config.get('numbers', {})
        self.rules = config['plan']
        self.lists = lists

    def rest_fits(self, rule, values, call):
        """All conditions but the called number's and the limit."""
        match = rule.get('match', {})
        if 'from' in rule and call['from'] not in rule['from']:
            return False
        for key in ('calling', 'redirecting'):
            if fit_number(match.get(key), values[key], self.lists) is None:
                return False
        if 'name' in match and not re.search(match['name'], values['name']):
            return False
        if 'bearer' in match and values['bearer'] not in [BEARERS[b] for b in match['bearer']]:
            return False
        return (rule.get('emergency') or 'when' not in rule or
                when_holds(rule['when'], call['utc'], self.numbers))

    def rewrite(self, stage, to, values, call):
        for rule in self.numbers.get('rewrites', []):
            if rule.get('stage', 'in') != stage or ('to' in rule and to not in rule['to']):
                continue
            fits = fit_number(rule.get('match', {}).get('called'), values['called'], self.lists)
            if fits is not None and self.rest_fits(rule, values, call):
                apply_sets(rule, rule['set'], values)

    def ranked(self, called):
        found = []
        for i, rule in enumerate(self.rules):
            fit = fit_number(rule.get('match', {}).get('called'), called, self.lists)
            if fit is None:
                continue
            digits, width, is_open = fit
            key = [not rule.get('emergency', False), not rule.get('first', False)]
            if self.numbers.get('order', 'longest') == 'longest':
                key += [-digits, int(128 * math.log2(width)), is_open, 'from' not in rule]
            found.append((key + [i], rule))
        return [rule for _, rule in sorted(found, key=lambda f: f[0])]

    def limit_full(self, owner, limit, call):
        used = call.get('usage', {}).get(owner, [0, 0, 0])
        return any(key in limit and u >= limit[key]
                   for key, u in zip(('calls', 'per_second', 'per_minute'), used))

    def targets(self, rule, called):
        """(owner of the limit, target): those that a list names, else the rule's."""
        match, rows = rule.get('match', {}).get('called', {}), []
        if 'list' in match:
            rows = longest_entries(self.lists[match['list']], called)[1]
        new = [{'set': {'called': {'number': row['replace']}}} if 'replace' in row else {}
               for row in rows]
        named = [('', dict(row, **n)) for row, n in zip(rows, new) if 'to' in row]
        plain = [(f'{rule["name"]}/{i + 1}', t) for i, t in enumerate(rule.get('targets', []))]
        return named or [(owner, dict(t, new=new[-1].get('set') if new else None))
                         for owner, t in plain]

    def ways(self, rule, called, values, call, urgent):
        """Groups of equal priority and cost, or the cause of a refusal, or None: the next rule."""
        groups, cause, impossible, busy = {}, 0, False, False
        targets = self.targets(rule, called)
        other_side = [t for t in targets if t[1]['to'].split(':')[0] != call['from'].split(':')[0]]
        for owner, t in other_side:
            if not urgent and self.limit_full(owner, t.get('limit', {}), call):
                cause = cause or t['limit'].get('cause', 0)
                busy = True
                continue
            own = {k: dict(v) if isinstance(v, dict) else v for k, v in values.items()}
            if not (apply_sets({}, t.get('new') or {}, own) and
                    apply_sets(rule, t.get('set', {}), own)) and not urgent:
                impossible = True
                continue
            self.rewrite('out', t['to'], own, call)
            if urgent and not own['called']['digits']:
                own['called'] = dict(called)
            if own['called'] is None or not own['called']['digits']:
                impossible = True
                continue
            own['to'] = t['to']
            groups.setdefault((t.get('priority', 0), float(t.get('cost', 0))), []).append(own)
        if groups:
            return [groups[k] for k in sorted(groups)]
        if len(other_side) < len(targets) and not urgent and not busy and not impossible:
            return NOT_IMPLEMENTED
        return INVALID_NUMBER if impossible else cause or None

    def decide(self, call):
        """{'rule', 'cause', 'emergency', 'ways': groups in order, each in any order within}."""
        values = {k: dict(call[k]) if call.get(k) else None for k in NUMBERS}
        values.update(name=call.get('name', ''), bearer=call.get('bearer', 16))
        call = dict(call, utc=datetime.datetime.fromisoformat(call.get('at', '2026-01-05T12:00Z')
                                                              .replace('Z', '+00:00')))
        self.rewrite('in', None, values, call)
        urgent = False
        for rule in self.ranked(values['called']):
            if not self.rest_fits(rule, values, call):
                continue
            urgent |= rule.get('emergency', False)
            if urgent and 'bar' in rule:
                continue
            said = {'rule': rule['name'], 'emergency': urgent, 'ways': []}
            if not urgent and self.limit_full(rule['name'], rule.get('limit', {}), call):
                if 'cause' in rule['limit']:
                    return dict(said, cause=rule['limit']['cause'])
                continue
            if 'bar' in rule:
                return dict(said, cause=rule['bar'])
            own = {k: dict(v) if isinstance(v, dict) else v for k, v in values.items()}
            if not apply_sets(rule, rule.get('set', {}), own) and not urgent:
                return dict(said, cause=INVALID_NUMBER)
            ways = self.ways(rule, values['called'], own, call, urgent)
            if isinstance(ways, list):
                return dict(said, cause=0, ways=ways)
            if ways:
                return dict(said, cause=ways)
        return {'rule': '', 'cause': NO_ROUTE, 'emergency': False, 'ways': []}
