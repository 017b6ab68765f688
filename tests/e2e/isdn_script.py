# SPDX-License-Identifier: GPL-2.0-or-later
"""The far end of a span as a script: peer-isdn (tests/peer_isdn) as a process. Messages are written
and expected octet for octet, with Q.931's tables."""
import queue
import subprocess
import threading
import time

from harness import GUARD_S, Child, Failure

ALERTING, PROCEEDING, PROGRESS, SETUP, CONNECT, CONNECT_ACK = 0x01, 0x02, 0x03, 0x05, 0x07, 0x0f
DISCONNECT, RESTART, RELEASE, RESTART_ACK, RELEASE_COMPLETE = 0x45, 0x46, 0x4d, 0x4e, 0x5a
BEARER, CAUSE, CHANNEL, PI, CALLED, INDICATOR = 0x04, 0x08, 0x18, 0x1e, 0x70, 0x79
CONNECTED, REDIRECTING = 0x4c, 0x74
SENDING_COMPLETE = b'\xa1'
THEIRS = 0x8000  # bit of a call reference that the gateway chose


def ie(identifier, *octets):
    return bytes([identifier, len(octets), *octets])


def cause(location, value):
    return ie(CAUSE, 0x80 | location, 0x80 | value)


def progress(location, description):
    return ie(PI, 0x80 | location, 0x80 | description)


def channel(number):
    return ie(CHANNEL, 0xa9, 0x83, 0x80 | number)


def setup(number, ts):
    return [ie(BEARER, 0x90, 0x90, 0xa3), channel(ts), ie(CALLED, 0x81, *number.encode()),
            SENDING_COMPLETE]


class Message:
    def __init__(self, text):
        self.octets = bytes.fromhex(text)
        self.ref = int.from_bytes(self.octets[2:4], 'big') ^ THEIRS
        self.type = self.octets[4]
        self.body = self.octets[5:]

    def ie(self, identifier):
        """Contents of the first element of that id, None: not there."""
        at = 0
        while at < len(self.body):
            if self.body[at] & 0x80:
                at += 1
                continue
            if self.body[at] == identifier:
                return self.body[at + 2:at + 2 + self.body[at + 1]]
            at += 2 + self.body[at + 1]
        return None

    def __repr__(self):
        return self.octets.hex(' ')


class IsdnScript:
    """stop() ends it. Messages come in order; expect() takes the next one."""

    def __init__(self, program, folder, path, side='network'):
        self.child = Child('peer-isdn', [program, path, side], folder, stdin=subprocess.PIPE,
                           stdout=subprocess.PIPE)
        self.news = queue.Queue()
        self.seen = []
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        for line in self.child.process.stdout:
            self.news.put(line.decode().split())
        self.news.put(None)

    def _command(self, text):
        self.child.process.stdin.write((text + '\n').encode())
        self.child.process.stdin.flush()

    def send(self, ref, message, *elements):
        octets = bytes([8, 2]) + ref.to_bytes(2, 'big') + bytes([message]) + b''.join(elements)
        self._command('send ' + octets.hex())

    def listen(self, ts, octet):
        self._command(f'listen {ts} {octet:02x}')

    def next(self, guard_s=GUARD_S):
        """("up",), ("down",) or a Message; None: nothing came."""
        try:
            line = self.news.get(timeout=max(0.0, guard_s))
        except queue.Empty:
            return None
        if line is None:
            raise Failure('peer-isdn has ended: ' + self.child.output()[-2000:])
        item = Message(line[1]) if line[0] == 'recv' else tuple(line)
        self.seen.append(item)
        return item

    def wait(self, word, guard_s=GUARD_S):
        until = time.monotonic() + guard_s
        while (item := self.next(until - time.monotonic())) != (word,):
            if item is None:
                raise Failure(f'peer-isdn: not {word} within {guard_s} s; seen: {self.seen[-9:]}')

    def expect(self, message, ref=None, *elements):
        """The next message is this one, with these elements and no others (none given: any)."""
        item = self.next()
        while isinstance(item, tuple):
            item = self.next()
        wanted = f'message {message:02x} {b"".join(elements).hex(" ")}'
        if item is None:
            raise Failure(f'{wanted}: nothing came; seen: {self.seen[-9:]}')
        if item.type != message or ref not in (None, item.ref) or \
                (elements and item.body != b''.join(elements)):
            raise Failure(f'{wanted} expected, came: {item}')
        return item

    def stop(self):
        self.child.process.stdin.close()
        self.child.stop()
