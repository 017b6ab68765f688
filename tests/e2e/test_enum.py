#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The number plan asks DNS (ENUM) while a call waits: what dnsmasq answers goes out in the INVITE; what
a server does that it should not lets the call through as it was.

  test_enum.py BUILDDIR
"""
import re
import socket
import sys
import threading

from dns_server import Dnsmasq, Server, naptr, number_of, reply
from harness import GUARD_S, Gateway, Suite, build_folder, check, free_port, refuse_invite, wait_for

SUFFIX = 'e164.test'
# 491…: an answer may take its time; 492…: 100 ms; 493…: the next rule, and the routing number
CONFIG = '''
spans:
  - span: 1
    driver: virtual
    connect: {{folder}}/e1.sock
    side: user
trunks:
  - {{{{name: provider, bind: "127.0.0.1:{bind}", peer: "127.0.0.1:{peer}"}}}}
dns: {{{{servers: [{servers}], retry_ms: {retry_ms}}}}}
numbers:
  lookups:
    - {{{{name: calm, type: enum, suffix: {suffix}, timeout_ms: 10000}}}}
    - {{{{name: hurried, type: enum, suffix: {suffix}, timeout_ms: 100}}}}
    - {{{{name: routed, type: enum, suffix: {suffix}, timeout_ms: 10000, failed: next, routing_number: called}}}}
plan:
  - {{{{name: calm, match: {{{{called: {{{{prefix: "+491"}}}}}}}}, lookup: calm, targets: [{{{{to: "trunk:provider"}}}}]}}}}
  - {{{{name: hurried, match: {{{{called: {{{{prefix: "+492"}}}}}}}}, lookup: hurried, targets: [{{{{to: "trunk:provider"}}}}]}}}}
  - {{{{name: routed, match: {{{{called: {{{{prefix: "+493"}}}}}}}}, lookup: routed, targets: [{{{{to: "trunk:provider"}}}}]}}}}
  - name: rest
    match: {{{{called: {{{{prefix: "+49"}}}}}}}}
    targets: [{{{{to: "trunk:provider", set: {{{{called: {{{{prepend: "+0"}}}}}}}}}}}}]
control:
  socket: {{folder}}/control.sock
log:
  level: debug
'''
RECORDS = [
    ('491001', 100, 20, 'u', 'E2U+sip', r'!^.*$!sip:+4930777@example.com!'),
    ('491001', 100, 10, 'u', 'E2U+sip', r'!^\+491(.*)$!sip:+4930\1@example.com;user=phone!'),
    ('491001', 1, 1, 'u', 'E2U+email:mailto', r'!^.*$!mailto:a@example.com!'),
    ('491002', 1, 1, 'u', 'E2U+email:mailto', r'!^.*$!mailto:a@example.com!'),
    ('491003', 100, 10, 'u', 'E2U+pstn:tel', r'!^.*$!tel:+49-1003;npdi;rn=+49-1990!'),
    ('491004', 100, 10, 'u', 'E2U+sip', r'!^.*$!sip:info@example.com!'),
    ('493001', 100, 10, 'u', 'E2U+pstn:tel', r'!^.*$!tel:+493001;npdi;rn=+49-1990!'),
]


class Bed:
    def __init__(self, build, folder, servers, retry_ms=2000):
        self.sip = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sip.bind(('127.0.0.1', 0))
        self.sip.settimeout(GUARD_S)
        self.gateway = Gateway(build, folder, CONFIG.format(
            bind=free_port('127.0.0.1'), peer=self.sip.getsockname()[1], suffix=SUFFIX, retry_ms=retry_ms,
            servers=', '.join(f'"127.0.0.1:{port}"' for port in servers)))
        wait_for(lambda: '"restarting"' not in self.gateway.cli('--json', 'show', 'channels'),
                 'the channels are restarted')

    def stop(self):
        status = self.gateway.stop()
        self.sip.close()
        check(status == 0, f'spanbridged: exit {status}')

    def call(self, number, becomes):
        since = self.gateway.exchange.mark()
        self.gateway.exchange.send('call', called=number, ton=1, calling='4930123')
        user = re.match(r'INVITE sip:([^@]*)', refuse_invite(self.sip, self.gateway)).group(1)
        self.gateway.exchange.wait('hangup', since)
        check(user == becomes, f'{number} became {user}, not {becomes}')

    def counters(self):
        return {key: value for key, value in self.gateway.status()['lookups'].items() if value}

    def counts(self, **expected):
        found = self.counters()
        check(found == expected, f'{expected} expected: {found}')


# ── dnsmasq ──
def found(folder, beds, build):
    dns = Dnsmasq(folder, SUFFIX, RECORDS)
    bed = Bed(build, folder, [dns.port])
    beds.update(real=bed, dnsmasq=dns)
    bed.call('491001', '+4930001')
    bed.counts(asked=1, found=1)
    check(dns.asked('491001', SUFFIX) > 0, 'dnsmasq was asked')


def not_found(_, beds):
    bed = beds['real']
    bed.call('491002', '+491002')  # nothing for calls
    bed.call('491999', '+491999')  # no such name
    bed.call('491004', '+491004')  # a URI without a number
    bed.call('493999', '+0493999')  # the next rule
    bed.counts(asked=5, found=1, not_found=4)


def ported(_, beds):
    bed = beds['real']
    bed.call('491003', '+491003;npdi;rn=+491990')
    bed.call('493001', '+491990')
    bed.counts(asked=7, found=3, not_found=4)


def shown(_, beds):
    bed = beds['real']
    server, = bed.gateway.status()['dns']
    check(server['server'] == f'127.0.0.1:{beds["dnsmasq"].port}', server)
    check(server['asked'] == server['answered'] == 7 and not server['unanswered_in_row'], server)
    check(server['last_answer_ms'] is not None, server)
    check('asked 7 times, 7 answers' in bed.gateway.cli('status'), 'status says so')


def explained(_, beds):
    """plan test asks when it is told to, and only then."""
    gateway, dns = beds['real'].gateway, beds['dnsmasq']
    before = dns.asked('491001', SUFFIX)
    silent_test = gateway.cli('plan', 'test', '+491001', '--config', gateway.config_path)
    said = gateway.cli('plan', 'test', '+491001', '--config', gateway.config_path, '--answer',
                       '+12155551234;npdi;rn=+12159817600')
    check(dns.asked('491001', SUFFIX) == before, 'nobody was asked')
    check('INVITE: sip:+491001@' in silent_test, silent_test)
    check('INVITE: sip:+12155551234;npdi;rn=+12159817600@' in said, said)
    asked = gateway.cli('plan', 'test', '+491001', '--config', gateway.config_path, '--lookup')
    check('INVITE: sip:+4930001@' in asked, asked)


def dead(_, beds):
    """Its port is closed, and says so at once; then calls go on as they are."""
    bed = beds['real']
    beds['dnsmasq'].stop()
    for number in ('492001', '491001', '492002'):
        bed.call(number, '+' + number)
    check('has not answered the last' in bed.gateway.cli('status'), 'status says so')
    counted = bed.counters()
    check(counted['asked'] == 10 and counted['found'] == 3, counted)
    bed.stop()


# ── a server that does what it should not ──
class Hostile:
    """What it answers depends on the number."""

    def __init__(self):
        self.late = threading.Event()
        self.server = Server(self.answer, tcp=True)

    def answer(self, query, tcp):
        kind = number_of(query)[2:]
        good = naptr(b'!^\\+49(.*)$!sip:+4930\\1@x!')
        if kind == '1001':  # noise before the answer
            other = query.replace(b'\x011\x010', b'\x012\x010')
            return [b'', b'\0' * 7, query, reply(query, naptr(b'!.*!tel:+666!'), change_id=1),
                    reply(other, naptr(b'!.*!tel:+666!')), reply(query, good)]
        if kind == '1002':
            return [reply(query, rcode=2)]
        if kind == '1003':  # thirty records do not fit
            records = [naptr(b'!.*!mailto:a@example.com!', service=b'E2U+email:mailto') for _ in range(30)]
            return [reply(query, good, *records)] if tcp else [reply(query, truncated=True)]
        if kind == '1004':
            return [reply(query, good[:-20])]
        if kind == '1005':
            return [reply(query, naptr(b'', flags=b'', service=b'', replacement='5.0.0.1.9.4.' + SUFFIX))]
        if kind == '1006':
            return [reply(query, naptr(b'', flags=b'', service=b'E2U', replacement='7.0.0.1.9.4.' + SUFFIX))]
        if kind == '1007':
            return [reply(query, good)]
        if kind == '1008':
            return [reply(query, *[naptr(b'!^((.+)+)+[xy]$!tel:\\1!', preference=n) for n in range(20)])]
        if kind == '1009':
            return [reply(query, naptr(b'!^.*$!tel:\\9!'))]
        if kind == '2002':  # later than the call waits
            self.late.wait(GUARD_S)
            return [reply(query, good)]
        return []


def noise(folder, beds, build):
    hostile = Hostile()
    bed = Bed(build, folder, [hostile.server.port])
    beds.update(hostile=hostile, bed=bed)
    bed.call('491001', '+49301001')
    bed.counts(asked=1, found=1)


def truncated(_, beds):
    beds['bed'].call('491003', '+49301003')
    beds['bed'].counts(asked=2, found=2)


def referred(_, beds):
    """The expression sees the number that was called, whatever domain its record stands in."""
    beds['bed'].call('491006', '+49301006')
    beds['bed'].call('491005', '+491005')
    check(beds['hostile'].server.asked.count('491005') == 6, beds['hostile'].server.asked)
    beds['bed'].counts(asked=4, found=3, failed=1)


def wrong(_, beds):
    bed = beds['bed']
    bed.call('491002', '+491002')
    bed.call('491004', '+491004')
    bed.call('491009', '+491009')
    bed.counts(asked=7, found=3, failed=4)
    bed.call('491008', '+491008')
    bed.counts(asked=8, found=3, failed=4, not_found=1)


def silent(_, beds):
    bed = beds['bed']
    bed.call('492001', '+492001')
    bed.call('492002', '+492002')
    beds['hostile'].late.set()  # nobody waits for it any more
    bed.call('491007', '+49301007')
    bed.counts(asked=11, found=4, failed=4, not_found=1, timed_out=2)


def hang_up(_, beds):
    bed = beds['bed']
    since = bed.gateway.exchange.mark()
    bed.gateway.exchange.send('call', called='491099', ton=1, calling='4930123')
    call = bed.gateway.exchange.wait('placed', since)['call']
    wait_for(lambda: '491099' in beds['hostile'].server.asked, 'the server is asked')
    bed.gateway.exchange.send('hangup', call=call)
    bed.gateway.exchange.wait('hangup', since)
    wait_for(lambda: bed.counters().get('dropped') == 1, 'the call is dropped')
    bed.call('491007', '+49301007')
    check('waiting' not in bed.counters() and 'late' not in bed.counters(), bed.counters())
    bed.stop()
    beds['hostile'].server.stop()


# ── two servers ──
def second(folder, build):
    """The first one is silent: the second answers in time, and is asked first from then on."""
    mute, dns = Server(lambda *_: []), Dnsmasq(folder, SUFFIX, RECORDS)
    bed = Bed(build, folder, [mute.port, dns.port], 100)
    for _ in range(3):
        bed.call('491001', '+4930001')
    bed.counts(asked=3, found=3)
    check(mute.asked, 'the first one was asked')
    shown_now = bed.gateway.status()['dns']
    check([s['server'].split(':')[1] for s in shown_now] == [str(dns.port), str(mute.port)], shown_now)
    check(shown_now[1]['last_answer_ms'] is None, shown_now)
    bed.stop()
    mute.stop()
    dns.stop()


def main():
    suite = Suite()
    build = build_folder()
    beds = {}
    if suite.case('found: dnsmasq has another number', found, beds, build):
        for title, case in (('not found: as it was, or the next rule', not_found),
                            ('a ported number, with its routing number beside it or instead', ported),
                            ('status shows which server is asked', shown),
                            ('plan test shows what DNS would say', explained),
                            ('the server is dead: calls go on', dead)):
            suite.case(title, case, beds)
    if suite.case('noise before the right answer', noise, beds, build):
        for title, case in (('an answer that is truncated comes over TCP', truncated),
                            ('records that refer to others, and in circles', referred),
                            ('SERVFAIL, cut records, bad and endless expressions', wrong),
                            ('no answer, and one that comes too late', silent),
                            ('a call that hangs up while it waits', hang_up)):
            suite.case(title, case, beds)
    suite.case('two servers, the first is silent', second, build)
    return suite.end()


if __name__ == '__main__':
    sys.exit(main())
