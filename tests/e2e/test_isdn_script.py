#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The gateway as a process between SIPp and a span's far end that shares no code with it
(tests/peer_isdn): octet for octet on the D-channel, and what is left of 30 calls when the gateway
is killed.

  test_isdn_script.py BUILDDIR PEER_ISDN [kill|calls]
"""
import contextlib
import json
import os
import signal
import socket
import sys

import isdn_script as q931
from harness import (Child, Gateway, RtpPeer, Sipp, Suite, build_folder, check, free_port, wait_for,
                     with_port)
from sip_peer import SDP, Message, SipPeer

IP = '127.0.0.1'
PACKETS_MIN = 10
SPOKEN = 0x32
CONFIG = '''
spans:
  - {{span: 1, driver: virtual, connect: {folder}/e1.sock, side: {side}, timers: {timers}}}
trunks:
  - {{name: far, bind: "{bind}", peer: "{peer}"}}
plan:
  - {{name: out, from: "span:1", prefix: "4", to: "trunk:far"}}
  - {{name: in, from: "trunk:far", to: "span:1"}}
control: {{socket: {folder}/control.sock}}
records: {{file: {folder}/calls.jsonl}}
log: {{level: debug}}
'''


CHANNELS = [ts for ts in range(1, 32) if ts != 16]


def restarts(isdn):
    """The gateway has started: each channel gets one RESTART, and the next one only after its
    acknowledgement."""
    restarted = []
    for _ in CHANNELS:
        restart = isdn.expect(q931.RESTART, q931.THEIRS)
        ts = restart.ie(q931.CHANNEL)[-1] & 0x7f
        check(restart.body == q931.channel(ts) + q931.ie(q931.INDICATOR, 0x80),
              f'not one channel: {restart}')
        if not restarted:
            early = isdn.next(0.5)
            check(early is None, f'a second RESTART before the first is acknowledged: {early}')
        restarted.append(ts)
        isdn.send(q931.THEIRS, q931.RESTART_ACK, restart.body)
    check(sorted(restarted) == CHANNELS, f'restarted: {restarted}')


class Bed(Gateway):
    """spanbridged with peer-isdn as its exchange; one trunk."""

    def __init__(self, folder, more='', side='user', timers='{}'):
        # pylint: disable=super-init-not-called
        self.build = build_folder()
        self.folder = folder
        self.socket = os.path.join(folder, 'control.sock')
        self.port, self.peer_port = free_port(IP), free_port(IP)
        self.config_path = os.path.join(folder, 'spanbridge.yaml')
        with open(self.config_path, 'w', encoding='utf-8') as out:
            out.write(more + CONFIG.format(folder=folder, side=side, timers=timers,
                                           bind=with_port(IP, self.port),
                                           peer=with_port(IP, self.peer_port)))
        self.isdn = q931.IsdnScript(sys.argv[2], folder, os.path.join(folder, 'e1.sock'),
                                    'network' if side == 'user' else 'user')
        self.start(folder)
        self.isdn.wait('up')
        wait_for(lambda: self.status()['spans']['up'] == 1, 'the D-channel is up')
        restarts(self.isdn)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.child.stop()
        self.isdn.stop()

    def records(self):
        with open(os.path.join(self.folder, 'calls.jsonl'), encoding='utf-8') as lines:
            return [json.loads(line) for line in lines if line.endswith('\n')]

    def records_of(self, interrupted):
        return sum(record['interrupted'] == interrupted for record in self.records())


class OneCall:
    """SIPp on the SIP side, with an RTP end point."""

    def __init__(self, bed, folder, scenario):
        self.bed = bed
        self.isdn = bed.isdn
        self.rtp = RtpPeer(IP)
        target = with_port(IP, self.bed.port) if scenario.startswith('uac') else None
        self.start = lambda: Sipp(folder, scenario, IP, self.bed.peer_port, self.rtp.port, target,
                                  '4711')
        self.sipp = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.sipp:
            self.sipp.stop()
        self.rtp.close()

    def to_isdn(self):
        """SIPp calls; the SETUP that comes, and its channel."""
        self.sipp = self.start()
        setup = self.isdn.expect(q931.SETUP)
        check(setup.ref & q931.THEIRS, f'the call reference is not its own: {setup}')
        check(setup.ie(q931.CALLED) == b'\x81' + b'4711', f'called number: {setup}')
        check(setup.ie(q931.BEARER) == b'\x90\x90\xa3', f'bearer: {setup}')
        ts = setup.ie(q931.CHANNEL)[-1] & 0x7f
        self.isdn.listen(ts, SPOKEN)
        return setup.ref, ts

    def from_isdn(self, *more):
        self.sipp = self.start()
        self.isdn.listen(1, SPOKEN)
        self.isdn.send(1, q931.SETUP, *q931.setup('4711', 1), *more)
        self.isdn.expect(q931.PROCEEDING, 1, q931.channel(1))
        return 1

    def heard(self):
        """SIPp's side hears what the far end says on its channel."""
        wait_for(lambda: self.rtp.mixed >= PACKETS_MIN, "the far end's audio at the SIP side")


def answer(folder, bed):
    with OneCall(bed, folder, 'uac_answer') as call:
        ref, ts = call.to_isdn()
        call.isdn.send(ref, q931.PROCEEDING, q931.channel(ts))
        call.isdn.send(ref, q931.ALERTING)
        call.sipp.wait_event('ringing')
        call.isdn.send(ref, q931.CONNECT)
        call.isdn.expect(q931.CONNECT_ACK, ref)
        call.heard()
        call.isdn.expect(q931.DISCONNECT, ref, q931.cause(5, 16))
        call.isdn.send(ref, q931.RELEASE)
        call.isdn.expect(q931.RELEASE_COMPLETE, ref)
        call.sipp.finish()


def who_answered(folder, bed):
    """Diversion becomes Redirecting number, Connected number P-Asserted-Identity (SIPp checks)."""
    with OneCall(bed, folder, 'uac_identity') as call:
        ref, ts = call.to_isdn()
        setup = call.isdn.seen[-1]
        check(setup.ie(q931.REDIRECTING) == b'\x11\x00\x81' + b'4930777', f'redirecting: {setup}')
        call.isdn.send(ref, q931.PROCEEDING, q931.channel(ts))
        call.isdn.send(ref, q931.ALERTING)
        call.sipp.wait_event('ringing')
        call.isdn.send(ref, q931.CONNECT, q931.ie(q931.CONNECTED, 0x11, 0x83, *b'4930555'))
        call.isdn.expect(q931.CONNECT_ACK, ref)
        call.isdn.expect(q931.DISCONNECT, ref, q931.cause(5, 16))
        call.isdn.send(ref, q931.RELEASE)
        call.isdn.expect(q931.RELEASE_COMPLETE, ref)
        call.sipp.finish()


def sent_on(folder, bed):
    """The same the other way."""
    redirecting = q931.ie(q931.REDIRECTING, 0x11, 0x03, 0x81, *b'4930777')
    with OneCall(bed, folder, 'uas_identity') as call:
        ref = call.from_isdn(redirecting)
        call.isdn.expect(q931.ALERTING, ref)
        connect = call.isdn.expect(q931.CONNECT, ref)
        # SIPp vouches for it, but a user cannot tell the exchange that a network did.
        check(connect.ie(q931.CONNECTED) == b'\x11\x80' + b'4930555', f'connected: {connect}')
        call.isdn.send(ref, q931.CONNECT_ACK)
        call.isdn.send(ref, q931.DISCONNECT, q931.cause(0, 16))
        call.isdn.expect(q931.RELEASE, ref)
        call.isdn.send(ref, q931.RELEASE_COMPLETE)
        call.sipp.finish()


def busy(folder, bed):
    with OneCall(bed, folder, 'uac_busy') as call:
        ref, _ = call.to_isdn()
        call.isdn.send(ref, q931.RELEASE_COMPLETE, q931.cause(2, 17))
        call.sipp.finish()


def announcement(folder, bed):
    with OneCall(bed, folder, 'uac_announcement') as call:
        ref, ts = call.to_isdn()
        call.isdn.send(ref, q931.PROCEEDING, q931.channel(ts))
        call.isdn.send(ref, q931.DISCONNECT, q931.cause(2, 1), q931.progress(2, 8))
        call.sipp.wait_event('gateway rtp ')
        call.heard()
        check('refused' not in call.sipp.events(), 'the refusal came before the announcement ended')
        call.isdn.send(ref, q931.RELEASE, q931.cause(2, 1))
        call.isdn.expect(q931.RELEASE_COMPLETE, ref)
        call.sipp.finish()


def cancel(folder, bed):
    with OneCall(bed, folder, 'uac_cancel') as call:
        ref, ts = call.to_isdn()
        call.isdn.send(ref, q931.PROCEEDING, q931.channel(ts))
        call.isdn.send(ref, q931.ALERTING)
        call.isdn.expect(q931.DISCONNECT, ref, q931.cause(5, 16))
        call.isdn.send(ref, q931.RELEASE)
        call.isdn.expect(q931.RELEASE_COMPLETE, ref)
        call.sipp.finish()


def refused(folder, bed):
    with OneCall(bed, folder, 'uas_busy') as call:
        ref = call.from_isdn()
        call.isdn.expect(q931.DISCONNECT, ref, q931.cause(5, 17))
        call.isdn.send(ref, q931.RELEASE)
        call.isdn.expect(q931.RELEASE_COMPLETE, ref)
        call.sipp.finish()


def answered_and_cleared(folder, bed):
    with OneCall(bed, folder, 'uas_answer') as call:
        ref = call.from_isdn()
        call.isdn.expect(q931.ALERTING, ref)
        call.isdn.expect(q931.CONNECT, ref)
        call.isdn.send(ref, q931.CONNECT_ACK)
        call.heard()
        call.isdn.send(ref, q931.DISCONNECT, q931.cause(0, 16))
        call.isdn.expect(q931.RELEASE, ref)
        call.isdn.send(ref, q931.RELEASE_COMPLETE)
        call.sipp.finish()


def at_the_door(_, bed):
    """What never becomes a call has a record all the same; what a stranger sends has none."""
    known = len(bed.records())
    with contextlib.closing(SipPeer('127.0.0.2', free_port('127.0.0.2'), bed.port)) as stranger:
        stranger.gateway = (IP, bed.port)
        stranger.send(stranger.request('INVITE', 1, '4711'))
        check(stranger.receive().status == 403, 'the stranger is not refused with 403')
    bed.isdn.send(3, q931.SETUP, q931.ie(q931.BEARER, 0x88, 0x90), *q931.setup('4711', 3)[1:])
    bed.isdn.expect(q931.RELEASE_COMPLETE, 3, q931.cause(1, 65))
    with contextlib.closing(SipPeer(IP, bed.peer_port, bed.port)) as peer:
        for _ in range(2):  # it is sent again: one attempt
            peer.send(peer.request('INVITE', 1, 'alice'))
            check(peer.receive().status == 404, 'a name is not refused with 404')
    wait_for(lambda: len(bed.records()) >= known + 2, 'two records')
    data, name = bed.records()[known:]
    check((data['source'], data['called']['digits'], data['channel']['ts'], data['bearer'],
           data['cause_a']) ==
          ('span:1', '4711', 3, 'unrestricted', {'value': 65, 'location': 'private-local'}), data)
    check((name['source'], name['called_text'], name['calling']['digits'], name['peer_call_id'],
           name['peer'], name['cause_a']['sip_status']) ==
          ('trunk:far', 'alice', '4711', f'peer-1@{with_port(IP, bed.peer_port)}',
           with_port(IP, bed.peer_port), 404), name)
    check(all('refused' in record for record in (data, name)), 'no word of why')
    check(bed.status()['calls']['refused'] == 2, bed.status()['calls'])


class Answerer:
    """A SIP peer that answers each INVITE at once, and keeps the dialogs. RTP goes to one socket."""

    def __init__(self, port, gateway_port):
        self.gateway = (IP, gateway_port)
        self.at = with_port(IP, port)
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((IP, port))
        self.socket.settimeout(30)
        self.rtp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.rtp.bind((IP, free_port(IP, even=True)))
        self.rtp.setblocking(False)
        self.dialogs = []

    def next(self):
        return Message(self.socket.recv(65535))

    def reply(self, request, status, body=''):
        to = request.get('To')
        to = to if ';tag=' in to else f'{to};tag=a{len(self.dialogs)}'
        via = ''.join(f'Via: {value}\r\n' for value in request.all('Via'))
        kind = 'Content-Type: application/sdp\r\n' if body else ''
        self.socket.sendto((f'SIP/2.0 {status}\r\n{via}From: {request.get("From")}\r\nTo: {to}\r\n'
                            f'Call-ID: {request.get("Call-ID")}\r\nCSeq: {request.get("CSeq")}\r\n'
                            f'Contact: <sip:a@{self.at}>\r\n{kind}Content-Length: {len(body)}'
                            f'\r\n\r\n{body}').encode(), self.gateway)
        return to

    def answer(self):
        """The next INVITE becomes a dialog."""
        while not (request := self.next()).start.startswith('INVITE'):
            pass
        sdp = SDP.format(ip=IP, port=self.rtp.getsockname()[1])
        to = self.reply(request, '200 OK', sdp)
        self.dialogs.append((request, to))
        while not self.next().start.startswith('ACK'):
            pass

    def bye(self, n):
        """BYE in dialog n; the final response to it."""
        invite, to = self.dialogs[n]
        uri = invite.get('Contact').strip('<>').partition('>')[0]
        self.socket.sendto((f'BYE {uri} SIP/2.0\r\nVia: SIP/2.0/UDP {self.at};branch=z9hG4bKbye{n}'
                            f'\r\nMax-Forwards: 70\r\nFrom: {to}\r\nTo: {invite.get("From")}\r\n'
                            f'Call-ID: {invite.get("Call-ID")}\r\nCSeq: 1 BYE\r\n'
                            'Content-Length: 0\r\n\r\n').encode(), self.gateway)
        while (answer := self.next()).get('CSeq') != '1 BYE':
            pass
        return answer

    def rtp_packets(self):
        """How many have come since the last time."""
        count = 0
        try:
            while self.rtp.recv(2048):
                count += 1
        except BlockingIOError:
            return count

    def close(self):
        self.socket.close()
        self.rtp.close()


CLOSED = 2


def place(bed, sip, ref, ts):
    bed.isdn.send(ref, q931.SETUP, *q931.setup('4711', ts))
    bed.isdn.expect(q931.PROCEEDING, ref, q931.channel(ts))
    sip.answer()
    bed.isdn.expect(q931.CONNECT, ref)
    bed.isdn.send(ref, q931.CONNECT_ACK)


def clear(bed, sip, ref):
    bed.isdn.send(ref, q931.DISCONNECT, q931.cause(0, 16))
    bed.isdn.expect(q931.RELEASE, ref)
    bed.isdn.send(ref, q931.RELEASE_COMPLETE)
    while not (bye := sip.next()).start.startswith('BYE'):
        pass
    sip.reply(bye, '200 OK')


def killed(folder):
    with Bed(folder) as bed:
        sip = Answerer(bed.peer_port, bed.port)
        try:
            for ref in range(1, 1 + CLOSED):
                place(bed, sip, ref, 1)
                clear(bed, sip, ref)
            wait_for(lambda: bed.records_of(False) == CLOSED, 'the records of the closed calls')
            sip.dialogs.clear()
            for ts in CHANNELS:
                place(bed, sip, 100 + ts, ts)
            wait_for(lambda: sip.rtp_packets() > 0, 'RTP of the calls')
            bed.child.stop(signal.SIGKILL)
            sip.rtp_packets()
            bed.child = Child('spanbridged-again', [os.path.join(bed.build, 'spanbridged'),
                                                    '--config', bed.config_path], folder)
            restarts(bed.isdn)
            wait_for(lambda: bed.records_of(True) == len(CHANNELS),
                     'the records of the calls that were interrupted')
            check(bed.records_of(False) == CLOSED, 'the records of the closed calls')
            for n in range(len(CHANNELS)):
                check(sip.bye(n).status == 481, f'BYE of orphan {n}')
            check(sip.rtp_packets() == 0, 'RTP of calls that are no more')
            sip.dialogs.clear()
            for ts in CHANNELS:
                place(bed, sip, 200 + ts, ts)
                clear(bed, sip, 200 + ts)
            wait_for(lambda: bed.records_of(False) == CLOSED + len(CHANNELS),
                     'the records of all closed calls')
            check(bed.records_of(True) == len(CHANNELS), 'interrupted calls, once each')
        finally:
            sip.close()


CALLS = {
    'SIP to E1: answered, SIPp hangs up': answer,
    'SIP to E1: who sent it on, who answered': who_answered,
    'E1 to SIP: who sent it on, who answered': sent_on,
    'SIP to E1: cause 17 becomes 486': busy,
    'SIP to E1: DISCONNECT with PI 8, announcement in a 183, then 404': announcement,
    'SIP to E1: CANCEL': cancel,
    'E1 to SIP: 486 becomes cause 17, location 5': refused,
    'E1 to SIP: answered, the exchange hangs up': answered_and_cleared,
    'refused at the door: a record of each': at_the_door,
}


def main():
    suite = Suite()
    words = sys.argv[3:]
    if 'kill' not in words:
        with Bed(suite.folder) as bed:
            for name, function in CALLS.items():
                suite.case(name, function, bed)
    if 'calls' not in words:
        suite.case('killed with 30 calls up, and started again', killed)
    return suite.end()


if __name__ == '__main__':
    sys.exit(main())
