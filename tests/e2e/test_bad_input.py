#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Bad input while a call is up: the call goes on, the gateway answers, the mistake is counted. Then
the span is unplugged, the exchange comes back, and the gateway itself is killed and comes back.

  test_bad_input.py BUILDDIR [SEED]
"""
import json
import os
import random
import signal
import socket
import sys

from bed import HEARD_MIN, IPS, Bed, Call
from harness import (Exchange, Failure, Sipp, Suite, build_folder, check, free_port, wait_for,
                     with_port)

REQUEST = ('{method} sip:40001@{host} SIP/2.0\r\nVia: SIP/2.0/UDP {host};branch=z9hG4bK{n}\r\n'
           'From: <sip:x@{host}>;tag=1\r\nTo: <sip:40001@{host}>\r\nCall-ID: bad-{n}\r\n'
           'CSeq: 1 {method}\r\nMax-Forwards: 70\r\nContact: <sip:x@{host}>\r\n')


def bad_sip(rng):
    """Datagrams that no parser may trip over."""
    def request(n, method='INVITE', more='', body=''):
        return (REQUEST.format(method=method, host='127.0.0.1:9', n=n) + more + '\r\n' + body)
    invite = request(1, more='Content-Length: 0\r\n')
    yield b''
    yield b'\0'
    yield b'\r\n\r\n'
    yield b'SIP/2.0\r\n\r\n'
    yield b'SIP/2.0 999999999999 x\r\n\r\n'
    yield request(2, more='Content-Length: 99999\r\n').encode()
    yield request(3, more='Content-Length: -1\r\n').encode()
    yield request(4, more='Content-Type: application/sdp\r\nContent-Length: 9\r\n',
                  body='v=0\r\nm=au').encode()
    yield request(5, more='Content-Type: application/sdp\r\nContent-Length: 60\r\n',
                  body='v=0\r\no=- 0 0 IN IP4 999.1.1.1\r\nm=audio 99999999999 RTP/AVP 8\r\n').encode()
    yield request(6, more='X: ' + 'y' * 60000 + '\r\n').encode()
    yield request(7, more='Via: ' * 5000 + '\r\n').encode()
    yield request(8, more='Record-Route: <sip:a;lr>\r\n' * 1500).encode()
    yield invite.replace('CSeq: 1 INVITE', 'CSeq: 99999999999999999999 INVITE').encode()
    yield invite.replace('CSeq: 1 INVITE', 'CSeq: 1 BYE').encode()
    yield invite.replace('tag=1', 'tag=' + '%00' * 3000).encode()
    yield invite.replace('Max-Forwards: 70', 'Max-Forwards: 0').encode()
    yield invite.replace('SIP/2.0\r\n', 'SIP/7.0\r\n', 1).encode()
    yield invite.replace('Call-ID: bad-1\r\n', '').encode()
    yield invite.encode('utf-16')
    for method in ('ACK', 'BYE', 'CANCEL', 'PRACK', 'REFER'):
        yield request(method, method, 'Content-Length: 0\r\n').encode()
    whole = invite.encode()
    for _ in range(300):
        spoiled = bytearray(whole)
        for _ in range(rng.randint(1, 8)):
            spoiled[rng.randrange(len(spoiled))] = rng.randrange(256)
        yield bytes(spoiled[:rng.randint(1, len(spoiled))])
    for _ in range(100):
        yield rng.randbytes(rng.randint(1, 1500))


def bad_rtp(rng):
    yield b''
    yield b'\x80'
    yield b'\x80\x08' + bytes(10)               # a header and nothing more
    yield b'\x00\x08' + bytes(170)              # version 0
    yield b'\x8f\x08' + bytes(20)               # CSRC count beyond the packet
    yield b'\x90\x08' + bytes(10) + b'\0\0\xff\xff'  # extension beyond the packet
    yield b'\xa0\x08' + bytes(10) + b'\xff' * 160    # padding longer than the packet
    yield b'\x80\x60' + bytes(170)              # a payload type of nobody
    yield b'\x80\x08' + bytes(1990)             # far too long
    for _ in range(200):
        yield rng.randbytes(rng.randint(1, 1400))


def bad_control(rng):
    yield b'\n'
    yield b'{}\n'
    yield b'[]\n'
    yield b'{"cmd":"nonsense","id":1}\n'
    yield b'{"cmd":1}\n'
    yield b'{"cmd":"calls","page":-1}\n{"cmd":"calls","page":1e300}\n'
    yield b'{"id":"' + b'x' * 100000 + b'"}\n'
    yield b'[' * 5000 + b'\n'
    yield b'{"cmd":"status"'                    # cut off
    yield b'\xff\xfe\0\n'
    yield b'{"cmd":"status"}\n' * 2000          # and nobody reads the answers
    for _ in range(50):
        yield rng.randbytes(rng.randint(1, 300)) + b'\n'


class Talk:
    """A call that is up meanwhile."""

    def __init__(self, bed, folder):
        self.bed = bed
        self.call = Call(bed, folder, '4', 'uas_answer')
        self.call.from_exchange()
        self.rtp_port = int(self.call.sipp.wait_event('gateway rtp '))
        self.call.speak()
        self.call.event('connected')
        self.call.hear()

    def goes_on(self):
        stream = 2 * self.call.n
        before = self.call.rtp.packets(stream)
        wait_for(lambda: self.call.rtp.packets(stream) >= before + HEARD_MIN, 'the call goes on')
        check(self.bed.gateway.child.alive(), 'spanbridged has ended')
        self.bed.gateway.status()

    def end(self):
        self.call.hang_up()
        self.call.over()

    def close(self):
        self.call.__exit__()


def throw(datagrams, ip, port):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as thrower:
        thrower.bind((ip, 0))
        for datagram in datagrams:
            thrower.sendto(datagram, ('127.0.0.1', port))


def sip(_, talk, rng):
    before = talk.bed.gateway.status()['sip']['rx_malformed']
    for datagram in bad_sip(rng):
        throw([datagram], '127.0.0.1', talk.bed.bind['4'])
    talk.goes_on()
    check(talk.bed.gateway.status()['sip']['rx_malformed'] > before, 'not counted')


def rtp(_, talk, rng):
    throw(bad_rtp(rng), '127.0.0.1', talk.rtp_port)
    throw(bad_rtp(rng), '127.0.0.1', talk.rtp_port + 1)
    throw([b'\x80\x08' + bytes(10) + b'\x11' * 160] * 50, '127.0.0.2', talk.rtp_port)
    talk.goes_on()


def control(_, talk, rng):
    clients = []
    for octets in bad_control(rng):
        client = socket.socket(socket.AF_UNIX)
        client.connect(talk.bed.gateway.socket)
        client.settimeout(0.2)
        try:
            client.sendall(octets)
        except OSError:
            pass  # it need not take more than it can hold
        clients.append(client)
    talk.goes_on()
    for client in clients:
        client.close()
    talk.goes_on()


def unplugged(folder, bed):
    exchange = bed.gateway.exchange
    # Not with a RELEASE COMPLETE still on its way: the next exchange begins at the same call
    # reference, and Q.931 ignores a SETUP for one that is in use.
    wait_for(lambda: not json.loads(bed.gateway.cli('--json', 'show', 'calls')), 'the calls before are over')
    exchange.child.stop(signal.SIGKILL)
    wait_for(lambda: 'LOS' in bed.gateway.cli('show', 'spans'), 'the alarm is shown')
    sipp = Sipp(folder, 'uac_unavailable', IPS['4'], bed.peer['4'], free_port(IPS['4']),
                with_port(IPS['4'], bed.bind['4']), '5')
    try:
        sipp.finish()
    finally:
        sipp.stop()
    bed.calls += 1
    bed.plug_in(Exchange(bed.gateway.build, folder, os.path.join(bed.gateway.folder, 'e1.sock')))
    bed.exchange.wait('up')
    talk = Talk(bed, folder)
    try:
        talk.end()
    finally:
        talk.close()


def killed(folder, bed):
    since = bed.exchange.mark()
    bed.gateway.child.stop(signal.SIGKILL)
    bed.exchange.wait('down', since)
    since = bed.exchange.mark()
    bed.gateway.start(folder)
    bed.exchange.wait('up', since)
    talk = Talk(bed, folder)
    try:
        talk.end()
    finally:
        talk.close()


def terminated(folder, bed):
    """SIGTERM with a call up: both sides are told why, and the record is there."""
    talk = Talk(bed, folder)
    try:
        bed.gateway.child.process.send_signal(signal.SIGTERM)
        talk.call.over(cause=27)
        check(bed.gateway.child.wait(10) == 0, 'status')
        with open(os.path.join(bed.gateway.folder, 'calls.jsonl'), encoding='utf-8') as records:
            check(talk.call.number in records.read().splitlines()[-1], 'no record')
    finally:
        talk.close()


def main():
    suite = Suite()
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else random.SystemRandom().randrange(1 << 32)
    print(f'# seed {seed}')
    rng = random.Random(seed)
    folder = os.path.join(suite.folder, 'gateway')
    os.mkdir(folder)
    talk = bed = None
    try:
        bed = Bed(build_folder(), folder)
        talk = Talk(bed, folder)
        suite.case('SIP', sip, talk, rng)
        suite.case('RTP and RTCP', rtp, talk, rng)
        suite.case('control socket', control, talk, rng)
        suite.case('the call ends as if nothing had been', lambda _: talk.end())
        suite.case('span unplugged, and back', unplugged, bed)
        suite.case('gateway killed, and back', killed, bed)
        suite.case('gateway stopped with a call up', terminated, bed)
    except Failure as failure:
        print(f'# {failure}')
        suite.case('the gateway, the exchange and a call come up', lambda _: check(False, 'no'))
    finally:
        if talk:
            talk.close()
        if bed:
            bed.gateway.stop()
    return suite.end()


if __name__ == '__main__':
    sys.exit(main())
