# SPDX-License-Identifier: GPL-2.0-or-later
"""A SIP peer on one UDP socket, written by hand: sends octets as they are, reads what comes, and
makes a whole call."""
import re
import socket

from harness import GUARD_S, Failure, check, with_port

SDP = ('v=0\r\no=- 1 1 IN IP4 {ip}\r\ns=-\r\nc=IN IP4 {ip}\r\nt=0 0\r\n'
       'm=audio {port} RTP/AVP 8\r\n')


class Message:
    """A response or request as it came, also one that is none."""

    def __init__(self, octets):
        head, _, self.body = octets.decode('latin-1').partition('\r\n\r\n')
        self.start, *lines = re.sub(r'\r\n[ \t]+', ' ', head).split('\r\n')
        self.headers = [tuple(part.strip() for part in line.split(':', 1))
                        for line in lines if ':' in line]
        self.text = octets.decode('latin-1')
        words = self.start.split(' ')
        self.status = int(words[1]) if words[0] == 'SIP/2.0' else 0

    def all(self, name):
        return [value for key, value in self.headers if key.lower() == name.lower()]

    def get(self, name):
        return (self.all(name) or [''])[0]


class SipPeer:
    def __init__(self, ip, port, gateway_port):
        self.ip = ip
        self.port = port
        self.gateway = (ip, gateway_port)
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((ip, port))
        self.socket.settimeout(GUARD_S)
        self.count = 0

    def close(self):
        self.socket.close()

    def send(self, octets):
        self.socket.sendto(octets, self.gateway)

    def receive(self):
        try:
            octets, source = self.socket.recvfrom(65535)
        except socket.timeout:
            raise Failure(f'no message within {GUARD_S} s') from None
        check(source == self.gateway, f'a message from {source}')
        return Message(octets)

    def request(self, method, n, number='1', to_tag='', cseq=1, branch=None, body=''):
        at = with_port(self.ip, self.port)
        kind = 'Content-Type: application/sdp\r\n' if body else ''
        return (f'{method} sip:{number}@{with_port(*self.gateway)} SIP/2.0\r\n'
                f'Via: SIP/2.0/UDP {at};branch=z9hG4bK{branch or method}{n}\r\n'
                f'Max-Forwards: 70\r\nFrom: <sip:4711@{at}>;tag=f{n}\r\n'
                f'To: <sip:{number}@{with_port(*self.gateway)}>{to_tag}\r\nCall-ID: peer-{n}@{at}\r\n'
                f'CSeq: {cseq} {method}\r\nContact: <sip:4711@{at}>\r\n{kind}'
                f'Content-Length: {len(body)}\r\n\r\n{body}').encode()

    def answers_before_options(self):
        """What has come, and comes until an OPTIONS sent now is answered: datagrams keep their
        order here, so that nothing else was the answer to what was sent before."""
        self.count += 1
        self.send(self.request('OPTIONS', self.count))
        answers = []
        while True:
            message = self.receive()
            if message.get('Call-ID').startswith(f'peer-{self.count}@'):
                check(message.status == 200, f'OPTIONS: {message.start}')
                return answers
            if not message.get('Call-ID').startswith('peer-'):  # nothing late of an earlier call
                answers.append(message)

    def acknowledge(self, refusal, uri='sip:1@h'):
        """ACK to a refusal, in the transaction of its INVITE."""
        via = refusal.get('Via').split(';received')[0].split(';rport')[0]
        self.send((f'ACK {uri} SIP/2.0\r\nVia: {via}\r\nFrom: {refusal.get("From")}\r\n'
                   f'To: {refusal.get("To")}\r\nCall-ID: {refusal.get("Call-ID")}\r\n'
                   f'CSeq: {refusal.get("CSeq").split()[0]} ACK\r\nContent-Length: 0\r\n\r\n').encode())

    def final(self, n, cseq):
        """The final response to that request of call n; what belongs to others is passed over."""
        while True:
            message = self.receive()
            if message.status >= 200 and message.get('Call-ID').startswith(f'peer-{n}@') and \
                    message.get('CSeq') == cseq:
                return message

    def call(self, number):
        """A whole call: answered, acknowledged, ended by us."""
        self.count += 1
        n = self.count
        self.send(self.request('INVITE', n, number, body=SDP.format(ip=self.ip, port=9)))
        ok = self.final(n, '1 INVITE')
        check(ok.status == 200, f'the call to {number} was refused: {ok.start}')
        tag = ';' + ok.get('To').partition('>;')[2]
        self.send(self.request('ACK', n, number, tag))
        self.send(self.request('BYE', n, number, tag, 2))
        check(self.final(n, '2 BYE').status == 200, 'BYE was refused')
