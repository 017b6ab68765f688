# SPDX-License-Identifier: GPL-2.0-or-later
"""Name servers for tests: Debian's dnsmasq with NAPTR records, and one of our own that does whatever
a server should not."""
import os
import socket
import struct
import threading

from harness import Child, check, free_port, wait_for

NAPTR, IN = 35, 1


def domain(number, suffix):
    """RFC 6116 3.2."""
    return '.'.join(reversed(number.lstrip('+'))) + '.' + suffix


class Dnsmasq:
    """records: [(number, order, preference, flags, service, regexp)], below suffix."""

    def __init__(self, folder, suffix, records):
        self.port = free_port('127.0.0.1')
        lines = ['no-resolv', 'no-hosts', 'bind-interfaces', 'no-ping', 'log-queries', 'user=root',
                 f'port={self.port}', 'listen-address=127.0.0.1', f'local=/{suffix}/', 'cache-size=0']
        for number, order, preference, flags, service, regexp in records:
            lines.append(f'naptr-record={domain(number, suffix)},{order},{preference},{flags},{service},'
                         f'{regexp}')
        config = os.path.join(folder, 'dnsmasq.conf')
        with open(config, 'w', encoding='utf-8') as out:
            out.write('\n'.join(lines) + '\n')
        self.child = Child('dnsmasq', ['/usr/sbin/dnsmasq', '--keep-in-foreground', '--log-facility=-',
                                       '--pid-file=', '--conf-file=' + config], folder)
        wait_for(lambda: 'started' in self.child.output() or not self.child.alive(), 'dnsmasq')
        check(self.child.alive(), self.child.output())

    def asked(self, number, suffix):
        return self.child.output().count(domain(number, suffix))

    def stop(self):
        self.child.stop()


def text(octets):
    return bytes([len(octets)]) + octets


def name(dotted):
    return b''.join(text(label.encode()) for label in dotted.split('.') if label) + b'\0'


def naptr(regexp, flags=b'u', service=b'E2U+sip', replacement='.', order=100, preference=10):
    data = struct.pack('>HH', order, preference) + text(flags) + text(service) + text(regexp) + \
        name(replacement)
    return b'\xc0\x0c' + struct.pack('>HHIH', NAPTR, IN, 60, len(data)) + data


def number_of(query):
    """The digits of the question's name."""
    at, digits = 12, ''
    while query[at]:
        label = query[at + 1:at + 1 + query[at]].decode()
        if len(label) == 1 and label.isdigit():
            digits = label + digits
        at += 1 + query[at]
    return digits


def reply(query, *records, rcode=0, truncated=False, change_id=0):
    """Answers with the question as it came, without what stood behind it (EDNS)."""
    end = query.index(b'\0', 12) + 5
    flags = 0x8180 | rcode | (0x0200 if truncated else 0)
    return struct.pack('>HHHHHH', struct.unpack('>H', query[:2])[0] ^ change_id, flags, 1, len(records),
                       0, 0) + query[12:end] + b''.join(records)


class Server:
    """answer(query, tcp) gives the datagrams to send back, in this order; none: it is silent."""

    def __init__(self, answer, tcp=False):
        self.answer = answer
        self.asked = []
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(('127.0.0.1', 0))
        self.port = self.socket.getsockname()[1]
        self.listener = None
        if tcp:
            self.listener = socket.socket()
            self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            self.listener.bind(('127.0.0.1', self.port))
            self.listener.listen()
            threading.Thread(target=self._serve_tcp, daemon=True).start()
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        while True:
            try:
                query, peer = self.socket.recvfrom(4096)
            except OSError:
                return
            if len(query) < 17:
                continue
            self.asked.append(number_of(query))
            for datagram in self.answer(query, False):
                self.socket.sendto(datagram, peer)

    def _serve_tcp(self):
        while True:
            try:
                peer, _ = self.listener.accept()
            except OSError:
                return
            with peer:
                size = struct.unpack('>H', peer.recv(2, socket.MSG_WAITALL))[0]
                query = peer.recv(size, socket.MSG_WAITALL)
                for message in self.answer(query, True):
                    # two pieces: a message over TCP need not come at once
                    octets = struct.pack('>H', len(message)) + message
                    peer.sendall(octets[:7])
                    peer.sendall(octets[7:])
                peer.recv(1)

    def stop(self):
        """Of a thread that waits, recvfrom() ends with the socket."""
        for one in (self.socket, self.listener):
            if one:
                try:
                    one.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass
                one.close()
