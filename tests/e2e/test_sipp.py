#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The gateway between SIPp, a SIP peer that nobody here wrote, and the exchange: calls both ways,
over IPv4 and IPv6, and what is to be refused. The scenarios in sipp/ check each message.

  test_sipp.py BUILDDIR [WORD...]     only the cases with all words in their name
"""
import json
import os
import sys

from bed import IPS, Bed, Call
from harness import Failure, Sipp, Suite, build_folder, check, free_port, wait_for, with_port

def uas_answer(bed, folder, version):
    with Call(bed, folder, version, 'uas_answer') as call:
        call.from_exchange()
        call.speak()
        call.event('proceeding')
        call.event('alerting')
        call.event('connected')
        call.hear()
        call.hang_up()
        check(call.over()['we_cleared'], 'the exchange hung up')


def uas_bye(bed, folder, version):
    with Call(bed, folder, version, 'uas_bye') as call:
        call.from_exchange()
        call.speak()
        call.event('connected')
        call.hear()
        check(not call.over(cause=16)['we_cleared'], 'SIPp hung up')


def uas_busy(bed, folder, version):
    with Call(bed, folder, version, 'uas_busy') as call:
        call.from_exchange()
        call.over(cause=17, answered=False, heard=False)


def uas_cancel(bed, folder, version):
    with Call(bed, folder, version, 'uas_cancel') as call:
        call.from_exchange()
        call.event('alerting')
        call.hang_up()
        call.over(answered=False, heard=False)


def uas_early(bed, folder, version):
    with Call(bed, folder, version, 'uas_early') as call:
        call.from_exchange()
        call.speak()
        progress = call.event('progress')
        check(progress['inband'], 'PROGRESS carries indicator 8')
        connected = call.event('connected')
        check(progress['now_us'] < connected['now_us'], 'PROGRESS comes before CONNECT')
        call.hear()
        call.hang_up()
        check(call.over()['early_media'], 'audio before CONNECT')


def uac_answer(bed, folder, version):
    with Call(bed, folder, version, 'uac_answer') as call:
        call.from_sipp(alert_after_ms=0, answer_after_ms=200)
        call.sipp.wait_event('ringing')
        call.speak()
        call.hear()
        check(not call.over(cause=16)['we_cleared'], 'SIPp hung up')


def uac_bye(bed, folder, version):
    with Call(bed, folder, version, 'uac_bye') as call:
        call.from_sipp(alert_after_ms=0, answer_after_ms=200)
        call.speak()
        call.hear()
        call.hang_up()
        check(call.over()['we_cleared'], 'the exchange hung up')


def uac_busy(bed, folder, version):
    with Call(bed, folder, version, 'uac_busy') as call:
        call.from_sipp(refuse=17)
        call.over(answered=False, heard=False)


def uac_cancel(bed, folder, version):
    with Call(bed, folder, version, 'uac_cancel') as call:
        call.from_sipp(alert_after_ms=0)
        call.over(cause=16, answered=False, heard=False)


def uac_early(bed, folder, version):
    with Call(bed, folder, version, 'uac_early') as call:
        call.from_sipp(progress_inband=True, answer_after_ms=2500)
        call.speak()
        call.hear()
        check('answered' not in call.sipp.events(), 'audio before the 200')
        call.sipp.wait_event('answered')
        call.over(cause=16)


def uac_no_ack(bed, folder, version):
    with Call(bed, folder, version, 'uac_no_ack') as call:
        call.from_sipp(alert_after_ms=0, answer_after_ms=200)
        call.over(cause=16, heard=False)
        check(call.sipp.received('SIP/2.0 200', 'CSeq: 1 INVITE') > 1, 'the 200 came once')


CALLS = {
    'E1 to SIP: answered, the exchange hangs up': uas_answer,
    'E1 to SIP: answered, SIPp hangs up': uas_bye,
    'E1 to SIP: busy becomes cause 17': uas_busy,
    'E1 to SIP: the caller gives up, CANCEL': uas_cancel,
    'E1 to SIP: 183, early audio, PROGRESS with indicator 8': uas_early,
    'SIP to E1: answered, SIPp hangs up': uac_answer,
    'SIP to E1: answered, the exchange hangs up': uac_bye,
    'SIP to E1: cause 17 becomes 486': uac_busy,
    'SIP to E1: CANCEL': uac_cancel,
    'SIP to E1: PROGRESS with indicator 8, 183, early audio': uac_early,
    'SIP to E1: no ACK comes, the 200 comes again': uac_no_ack,
}


def without_call(bed, folder, scenario, ip, port):
    sipp = Sipp(folder, scenario, ip, port, free_port('127.0.0.1'),
                with_port('127.0.0.1', bed.bind['4']))
    try:
        sipp.finish()
    finally:
        sipp.stop()


def options(folder, bed):
    without_call(bed, folder, 'options', '127.0.0.1', bed.peer['4'])


def not_allowed(folder, bed):
    without_call(bed, folder, 'not_allowed', '127.0.0.1', bed.peer['4'])


def stranger(folder, bed):
    before = bed.gateway.status()['sip']['refused_unknown_source']
    without_call(bed, folder, 'uac_refused', '127.0.0.2', free_port('127.0.0.2'))
    status = bed.gateway.status()
    check(status['sip']['refused_unknown_source'] > before, f'counted: {status}')
    check('127.0.0.2' in json.dumps(status), f'shown in status: {status}')
    check('127.0.0.2' in bed.gateway.cli('status'), 'shown to people')


def nothing_left(_, bed):
    def idle():
        return json.loads(bed.gateway.cli('--json', 'show', 'calls')) == []
    wait_for(idle, 'no call is left')
    with open(os.path.join(bed.gateway.folder, 'calls.jsonl'), encoding='utf-8') as lines:
        records = [json.loads(line) for line in lines]
    check(len(records) == bed.calls, f'{len(records)} call records of {bed.calls} calls')
    check(bed.gateway.stop() == 0, 'the gateway ends with status 0 on SIGTERM')


def main():
    suite = Suite()
    words = sys.argv[2:]
    folder = os.path.join(suite.folder, 'gateway')
    os.mkdir(folder)
    try:
        bed = Bed(build_folder(), folder)
    except Failure as failure:
        print(f'# {failure}')
        print('not ok 1 - the gateway and the exchange come up\n1..1')
        return 1

    def case(name, function, *arguments):
        if all(word in name for word in words):
            suite.case(name, function, *arguments)

    try:
        for version, ip in IPS.items():
            for name, function in CALLS.items():
                case(f'{name} ({ip})', lambda folder, f=function, v=version: f(bed, folder, v))
        case('OPTIONS is answered', options, bed)
        case('405 and 501', not_allowed, bed)
        case('an unknown source is refused (403), counted and shown', stranger, bed)
        case('nothing is left over', nothing_left, bed)
    finally:
        bed.gateway.stop()
    return suite.end()


if __name__ == '__main__':
    sys.exit(main())
