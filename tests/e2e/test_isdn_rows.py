#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Each row of both cause tables between SIPp and a span's far end that shares no code with the
gateway. The scenarios are made from the rows, one SIPp a row; the rows that were driven are counted
against those of the file.

  test_isdn_rows.py BUILDDIR PEER_ISDN FOLDER_OF_TABLES
"""
import csv
import os
import sys

import isdn_script as q931
from harness import GUARD_S, Sipp, Suite, check
from test_isdn_script import IP, Bed, with_port

NO_CAUSE_HAS_THIS, NO_STATUS_HAS_THIS = 120, 499
PUBLIC_LOCAL, USER = 2, 0
NEW_NUMBER = '998877'
RING_LIMIT_S = 5
# SETUPs that come when each is refused so: on another channel each time, or once more with another
# call reference.
SETUPS = {6: 30, 44: 30, 82: 30, 81: 2, 101: 2}
FRAME = '<?xml version="1.0" encoding="UTF-8"?>\n<scenario name="row">\n{}{}</scenario>\n'
REQUEST = '''<send{retrans}><![CDATA[
{method} sip:4711@[remote_ip]:[remote_port] SIP/2.0
{via}
Max-Forwards: 70
From: <sip:30@[local_ip]:[local_port]>;tag=[call_number]a
To: <sip:4711@[remote_ip]:[remote_port]>{to}
Call-ID: [call_id]
CSeq: {cseq}
Contact: <sip:30@[local_ip]:[local_port]>
{headers}Content-Length: [len]

{body}]]></send>
'''
SDP = '''v=0
o=sipp 1 1 IN IP4 [media_ip]
s=-
c=IN IP4 [media_ip]
t=0 0
m=audio [rtp_port] RTP/AVP 8
'''
RESPONSE = '''<send{retrans}><![CDATA[
SIP/2.0 {line}
[last_Via:]
[last_From:]
[last_To:];tag=[call_number]b
[last_Call-ID:]
[last_CSeq:]
{headers}Content-Length: [len]

{body}]]></send>
'''
TYPE = 'Content-Type: application/sdp\n'
IS_SEEN = ('<action><ereg regexp="{what}" search_in="msg" check_it="true" '
           'assign_to="seen"/></action>')
# SIPp wants each variable used, and none named that is not there.
SEEN = '<Reference variables="seen"/>\n'


AGAIN = ' retrans="500"'
NEW_VIA = 'Via: SIP/2.0/UDP [local_ip]:[local_port];branch=[branch]'
INVITE_VIA = 'Via: SIP/2.0/UDP [local_ip]:[local_port];branch=[branch-4]'
SAME_VIA = '[last_Via:]'


def request(method, cseq, via, to='', headers='', body='', retrans=''):
    return REQUEST.format(method=method, cseq=cseq, via=via, to=to, headers=headers, body=body,
                          retrans=retrans)


def invite():
    return request('INVITE', '1 INVITE', NEW_VIA, headers=TYPE, body=SDP, retrans=AGAIN)


def ack(via):
    return request('ACK', '1 ACK', via, '[peer_tag_param]')


def receive(what, attributes='', seen=None):
    action = IS_SEEN.format(what=seen) if seen else ''
    return f'<recv {what} {attributes}>{action}</recv>\n'


OPTIONAL = 'optional="true"'
PROVISIONAL = receive('response="100"', OPTIONAL) + receive('response="183"', OPTIONAL)


def scenario(*steps):
    text = ''.join(steps)
    return FRAME.format(text, SEEN if 'assign_to' in text else '')


def refused_call(status, seen):
    """SIPp calls and is refused with that status."""
    return scenario(invite(), PROVISIONAL, receive('response="180"', OPTIONAL),
                    receive(f'response="{status}"', seen=seen), ack(SAME_VIA))


def cancelled_call(headers):
    return scenario(invite(), PROVISIONAL, receive('response="180"'),
                    request('CANCEL', '1 CANCEL', INVITE_VIA, headers=headers),
                    receive('response="200"'), receive('response="487"'), ack(SAME_VIA))


def hung_up_call():
    return scenario(invite(), PROVISIONAL, receive('response="180"', OPTIONAL),
                    receive('response="200"'), ack(NEW_VIA),
                    request('BYE', '2 BYE', NEW_VIA, '[peer_tag_param]', retrans=AGAIN),
                    receive('response="200"'))


def refusing_peer(line, headers):
    return scenario(receive('request="INVITE"', seen='Content-Type: application/sdp'),
                    RESPONSE.format(line=line, headers=headers, body='', retrans=AGAIN),
                    receive('request="ACK"'))


class Row:
    """A SIPp with a scenario of its own."""

    def __init__(self, bed, folder, text, calls, rtp_port=20000, guard_s=GUARD_S):
        self.bed, self.isdn = bed, bed.isdn
        path = os.path.join(folder, 'row')
        with open(path + '.xml', 'w', encoding='utf-8') as out:
            out.write(text)
        self.sipp = Sipp(folder, path, IP, bed.peer_port, rtp_port,
                         with_port(IP, bed.port) if calls else None, '4711', guard_s=guard_s)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.sipp.stop()

    def release(self, ref):
        self.isdn.send(ref, q931.RELEASE)
        self.isdn.expect(q931.RELEASE_COMPLETE, ref)
        self.sipp.finish()

    def rings(self):
        setup = self.isdn.expect(q931.SETUP)
        self.isdn.send(setup.ref, q931.ALERTING, q931.channel(setup.ie(q931.CHANNEL)[-1] & 0x7f))
        return setup.ref


def from_isdn(folder, bed, cells):
    """q850_to_sip.csv: the far end refuses a call of SIPp's."""
    value, _, status, condition = cells[:4]
    other = value == 'other'
    value = NO_CAUSE_HAS_THIS if other else int(value)
    location = USER if condition == 'location=user' else PUBLIC_LOCAL
    element = q931.cause(location, value)
    seen = f'Reason: Q.850;cause={19 if condition == "t301" else value}'
    if condition == 'new-number':
        number = bytes([0x70, 1 + len(NEW_NUMBER), 0x81]) + NEW_NUMBER.encode()
        element = q931.ie(q931.CAUSE, 0x80 | location, 0x80 | value, *number)
        seen = f'Contact:.*{NEW_NUMBER}@'
    with Row(bed, folder, refused_call(status, seen), True) as row:
        if condition == 't301':
            ref = row.rings()
            gone = row.isdn.expect(q931.DISCONNECT, ref)
            check(gone.ie(q931.CAUSE)[1] == 0x80 | value, f'cause of T301: {gone}')
            row.release(ref)
            return
        check(condition in ('', 'new-number', 'location=user'), f'nothing drives {condition}')
        for _ in range(SETUPS.get(value, 1)):
            ref = row.isdn.expect(q931.SETUP).ref
            row.isdn.send(ref, q931.RELEASE_COMPLETE, element)
        row.sipp.finish()


def from_sip(folder, bed, cells):
    """sip_to_q850.csv: SIPp refuses or ends a call."""
    status, phrase, value, condition, location = cells[:5]
    element = q931.cause(int(location), int(value))
    headers = ''
    if status in ('BYE', 'CANCEL'):
        if condition:
            headers = 'Reason: SIP;cause=200;text="Call completed elsewhere"\n'
        steps = hung_up_call() if status == 'BYE' else cancelled_call(headers)
        with Row(bed, folder, steps, True) as row:
            ref = row.rings()
            if status == 'BYE':
                row.isdn.send(ref, q931.CONNECT)
                row.isdn.expect(q931.CONNECT_ACK, ref)
            row.isdn.expect(q931.DISCONNECT, ref, element)
            row.release(ref)
        return
    if condition == 'new-number':
        headers = f'Contact: <sip:{NEW_NUMBER}@[local_ip]>\n'
        element = None  # its diagnostic: below
    elif condition:
        check(condition == 'warning=bearer', f'nothing drives {condition}')
        headers = 'Warning: 370 far "Insufficient Bandwidth"\n'
    line = {'3xx': '302 Moved Temporarily', 'other': f'{NO_STATUS_HAS_THIS} Odd'}
    with Row(bed, folder, refusing_peer(line.get(status, f'{status} {phrase}'), headers),
             False) as row:
        row.isdn.send(1, q931.SETUP, *q931.setup('4711', 1))
        row.isdn.expect(q931.PROCEEDING, 1)
        if element:
            row.isdn.expect(q931.DISCONNECT, 1, element)
        else:
            said = row.isdn.expect(q931.DISCONNECT, 1).ie(q931.CAUSE)
            check(said[:2] == bytes([0x80 | int(location), 0x80 | int(value)]) and
                  said[2] == 0x70 and said.endswith(NEW_NUMBER.encode()), f'cause: {said.hex(" ")}')
        row.release(1)


def rows_of(path):
    with open(path, encoding='utf-8', newline='') as table:
        return list(csv.reader(table))[1:]


def main():
    suite = Suite()
    tables = {'q850_to_sip.csv': from_isdn, 'sip_to_q850.csv': from_sip}
    with Bed(suite.folder, f'limits: {{ring: {RING_LIMIT_S}}}\n') as bed:
        for name, function in tables.items():
            rows = rows_of(os.path.join(sys.argv[3], name))
            driven = sum(suite.case(f'{name}: {" ".join(row[:4])}', function, bed, row)
                         for row in rows)
            print(f'# {name}: {driven} rows driven / {len(rows)} rows in the file')
    return suite.end()


if __name__ == '__main__':
    sys.exit(main())
