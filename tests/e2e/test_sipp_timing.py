#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What is sent again and what is not, against a SIPp that retransmits nothing by itself (-nr). Counts
and order only: the times to the microsecond are asserted in virtual time
(tests/unit/sip_map/timer_test.c). And what of a refusal stands in the call record, on both legs.

  test_sipp_timing.py BUILDDIR
"""
import json
import os
import sys

from bed import Bed
from harness import HERE, Failure, Sipp, Suite, build_folder, check, free_port, wait_for, with_port

IP = '127.0.0.1'
NEVER_ACK_GUARD_S = 70  # 64*T1 are 32 s of it
# 0, 0.5, 1.5, 3.5, 7.5 and then each 4 s until 31.5 s; a machine that stalls may miss the last one
OKS = (10, 11)


class OwnCall:
    """SIPp for one call, at a port of its own, so that several go at once."""

    def __init__(self, bed, folder, scenario, port=None, **more):
        bed.calls += 1
        self.bed = bed
        self.number = f'4{bed.calls:04}'
        self.since = bed.exchange.mark()
        self.make = lambda: Sipp(
            folder, scenario, IP, port or free_port(IP), free_port(IP),
            with_port(IP, bed.bind['4']) if scenario.startswith('uac') else None, self.number,
            ['-nr'], **more)
        self.sipp = None

    def from_sipp(self, **rule):
        self.bed.exchange.send('rule', prefix=self.number, **rule)
        self.sipp = self.make()
        return self

    def from_exchange(self):
        self.sipp = self.make()
        self.bed.exchange.send('call', called=self.number, calling='30123')
        self.call = self.bed.exchange.wait('placed', self.since, called=self.number)['call']
        return self

    def record(self):
        def find():
            with open(os.path.join(self.bed.gateway.folder, 'calls.jsonl'), encoding='utf-8') as lines:
                found = [json.loads(line) for line in lines if self.number in line]
            check(len(found) < 2, f'{len(found)} records of one call')
            return found[0] if found else None
        return wait_for(find, 'the record of the call')


def check_cause(record, side, value, location, status=None):
    cause = record.get('cause_' + side, {})
    check((cause.get('value'), cause.get('location'), cause.get('sip_status')) ==
          (value, location, status), f'cause_{side}: {cause}')


def invite_again(folder, bed):
    """Three copies of one INVITE: one SETUP, one refusal."""
    call = OwnCall(bed, folder, 'uac_invite_again')
    call.from_sipp(alert_after_ms=0)
    incoming = bed.exchange.wait('incoming', call.since, called=call.number)
    wait_for(lambda: call.sipp.received('SIP/2.0 180') >= 2, 'the third INVITE gets 180 again')
    bed.exchange.send('hangup', call=incoming['call'], cause=17)
    call.sipp.finish()
    bed.exchange.mark()
    setups = [e for e in bed.exchange.events[call.since:]
              if e['event'] == 'incoming' and e.get('called') == call.number]
    check(len(setups) == 1, f'{len(setups)} SETUPs')
    record = call.record()
    check(record['cleared_by'] == 'target', f'cleared_by: {record}')
    check_cause(record, 'b', 17, record['cause_b']['location'])
    check_cause(record, 'a', 17, record['cause_b']['location'])


def refused(folder, bed, status, more, cause, location='private-remote'):
    """A refusal, and the same again: an ACK to each. The exchange hears the cause."""
    with open(os.path.join(HERE, 'sipp', 'uas_refused.xml'), encoding='utf-8') as template:
        scenario = template.read().replace('486 Busy Here', status).replace('X-Nothing: 1', more)
    with open(os.path.join(folder, 'uas.xml'), 'w', encoding='utf-8') as out:
        out.write(scenario)
    call = OwnCall(bed, folder, os.path.join(folder, 'uas'), bed.peer['4'])
    call.from_exchange()
    end = bed.exchange.wait('hangup', call.since, call=call.call)
    check(end['cause'] == cause, f'cause {cause} expected: {end}')
    call.sipp.finish()
    check(call.sipp.received('ACK sip:', 'CSeq: ') == 2, 'not an ACK for each refusal')
    record = call.record()
    check(record['cleared_by'] == 'target', f'cleared_by: {record}')
    check_cause(record, 'b', cause, location, int(status.split()[0]))
    check_cause(record, 'a', cause, location, int(status.split()[0]))


def never_ack(_, call):
    """Until 64*T1 the 200 comes again, then BYE; ISDN gets its DISCONNECT."""
    call.sipp.finish()
    end = call.bed.exchange.wait('hangup', call.since, called=call.number)
    check(end['cause'] == 102, f'cause 102 expected: {end}')
    oks = call.sipp.received('SIP/2.0 200', 'CSeq: 1 INVITE')
    check(OKS[0] <= oks <= OKS[1], f'the 200 came {oks} times')
    record = call.record()
    check(record['cleared_by'] == 'source', f'cleared_by: {record}')
    check_cause(record, 'a', 102, 'private-local')
    check_cause(record, 'b', 102, 'private-local')


def nothing_left(_, bed):
    wait_for(lambda: json.loads(bed.gateway.cli('--json', 'show', 'calls')) == [], 'no call is left')
    check(bed.gateway.stop() == 0, 'the gateway ends with status 0 on SIGTERM')


REFUSALS = [
    # status, a header, cause, location
    ('302 Moved Temporarily', 'Contact: <sip:4711@127.0.0.1>', 23, 'private-remote'),
    ('486 Busy Here', 'X-Nothing: 1', 17, 'private-remote'),
    ('503 Service Unavailable', 'X-Nothing: 1', 41, 'private-remote'),
    ('503 Service Unavailable', 'Reason: Q.850;cause=34;location=LN', 34, 'public-local'),
]


def main():
    suite = Suite()
    folder = os.path.join(suite.folder, 'gateway')
    os.mkdir(folder)
    try:
        bed = Bed(build_folder(), folder)
    except Failure as failure:
        print(f'# {failure}\nnot ok 1 - the gateway and the exchange come up\n1..1')
        return 1
    waiting = None
    try:
        waiting = OwnCall(bed, folder, 'uac_never_ack', guard_s=NEVER_ACK_GUARD_S)
        waiting.from_sipp(alert_after_ms=0, answer_after_ms=100)
        suite.case('an INVITE that comes three times gives one SETUP', invite_again, bed)
        for status, more, cause, location in REFUSALS:
            suite.case(f'{status} ({more.split(":")[0]}) is acknowledged, each time: cause {cause}',
                       refused, bed, status, more, cause, location)
        suite.case('no ACK: the 200 comes for 64*T1, then BYE and DISCONNECT', never_ack, waiting)
        suite.case('nothing is left over', nothing_left, bed)
    finally:
        if waiting and waiting.sipp:
            waiting.sipp.stop()
        bed.gateway.stop()
    return suite.end()


if __name__ == '__main__':
    sys.exit(main())
