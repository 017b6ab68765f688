# SPDX-License-Identifier: GPL-2.0-or-later
"""What the end-to-end tests share: real programs as children, waiting for events with a guard, an
RTP end point, SIPp, and TAP.

Nothing here sleeps in order to wait: every wait is for an event, and after GUARD_S it fails with
what was seen so far. Children are ended by their process id, whatever happens.
"""
import json
import os
import queue
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

import pattern

GUARD_S = 30
HERE = os.path.dirname(os.path.abspath(__file__))


class Failure(Exception):
    pass


def check(condition, what):
    if not condition:
        raise Failure(what)


def wait_for(condition, what, guard_s=GUARD_S):
    """The first true value of condition(), which is asked again and again."""
    until = time.monotonic() + guard_s
    asking = threading.Event()
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > until:
            raise Failure(f'{what}: not within {guard_s} s')
        asking.wait(0.02)


def free_port(ip, kind=socket.SOCK_DGRAM, even=False):
    family = socket.AF_INET6 if ':' in ip else socket.AF_INET
    while True:
        with socket.socket(family, kind) as probe:
            probe.bind((ip, 0))
            port = probe.getsockname()[1]
        if not even or port % 2 == 0:
            return port


def with_port(ip, port):
    return f'[{ip}]:{port}' if ':' in ip else f'{ip}:{port}'


def udp_port_bound(port):
    tail = f':{port:04X}'
    for table in ('/proc/net/udp', '/proc/net/udp6'):
        with open(table, encoding='ascii') as lines:
            if any(line.split()[1].endswith(tail) for line in list(lines)[1:]):
                return True
    return False


class Child:
    """A program with its output in a file; ended by its process id."""

    def __init__(self, name, command, folder, stdin=None, stdout=None, env=None):
        self.name = name
        self.log_path = os.path.join(folder, name + '.log')
        self.log = open(self.log_path, 'wb')
        self.process = subprocess.Popen(command, stdin=stdin or subprocess.DEVNULL,
                                        stdout=stdout or self.log, stderr=self.log,
                                        env=dict(os.environ, **(env or {})))

    def output(self):
        with open(self.log_path, encoding='utf-8', errors='replace') as log:
            return log.read()

    def alive(self):
        return self.process.poll() is None

    def wait(self, guard_s=GUARD_S):
        try:
            return self.process.wait(guard_s)
        except subprocess.TimeoutExpired as late:
            raise Failure(f'{self.name} still runs after {guard_s} s') from late

    def stop(self, how=signal.SIGTERM):
        if self.alive():
            self.process.send_signal(how)
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.log.close()
        return self.process.returncode


class Exchange:
    """spanbridge-pbx: commands in, events out, one JSON object a line."""

    def __init__(self, build, folder, path, options=()):
        self.child = Child('pbx', [os.path.join(build, 'spanbridge-pbx'), '--socket', path,
                                   '--exit-on-eof', *options],
                           folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.events = []
        self.news = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        for line in self.child.process.stdout:
            try:
                self.news.put(json.loads(line))
            except ValueError:
                self.news.put({'event': 'error', 'why': f'no JSON: {line!r}'})
        self.news.put(None)

    def send(self, cmd, **values):
        line = json.dumps(dict(cmd=cmd, **values)) + '\n'
        self.child.process.stdin.write(line.encode())
        self.child.process.stdin.flush()

    def mark(self):
        """wait() with this looks only at what comes from now on."""
        while not self.news.empty():
            self.events.append(self.news.get())
        return len(self.events)

    def wait(self, event, since=0, guard_s=GUARD_S, **values):
        def right(e):
            return e['event'] == event and all(e.get(k) == v for k, v in values.items())
        until = time.monotonic() + guard_s
        seen = since
        while True:
            for e in self.events[seen:]:
                if right(e):
                    return e
                if e['event'] == 'error':
                    raise Failure(f'exchange: {e["why"]}')
            seen = len(self.events)
            try:
                e = self.news.get(timeout=max(0.0, until - time.monotonic()))
            except queue.Empty:
                raise Failure(f'exchange: no event {event} {values} within {guard_s} s; since: '
                              f'{self.events[since:]}') from None
            if e is None:
                raise Failure('the exchange has ended: ' + self.child.output()[-2000:])
            self.events.append(e)

    def stop(self):
        self.child.stop()


class RtpPeer:
    """One RTP end point, PCMA, 20 ms: speaks a pattern stream once it knows where to, and takes
    down what it hears. Each packet heard is one of: silence, a piece of one pattern stream, mixed
    (speech began within it), odd (wrong RTP)."""

    def __init__(self, ip):
        self.ip = ip
        self.socket = socket.socket(socket.AF_INET6 if ':' in ip else socket.AF_INET,
                                    socket.SOCK_DGRAM)
        self.port = free_port(ip, even=True)
        self.socket.bind((ip, self.port))
        self.heard = {}  # stream: packets
        self.silent = self.mixed = self.odd = 0
        self.lock = threading.Lock()
        self.peer = None
        self.stream = None
        self.closing = threading.Event()
        self.threads = [threading.Thread(target=self._listen, daemon=True),
                        threading.Thread(target=self._speak, daemon=True)]
        for thread in self.threads:
            thread.start()

    def speak(self, port, stream):
        self.stream = stream
        self.peer = (self.ip, port)

    def _speak(self):
        sequence, ssrc = 65530, 0x5370616e  # the sequence number wraps early on
        due = time.monotonic()
        index = 0
        while not self.closing.wait(max(0.0, due - time.monotonic())):
            due += 0.02
            if self.peer is None:
                continue
            header = bytes([0x80, 8 | (0x80 if index == 0 else 0)]) + \
                (sequence & 0xffff).to_bytes(2, 'big') + index.to_bytes(4, 'big') + \
                ssrc.to_bytes(4, 'big')
            try:
                self.socket.sendto(header + pattern.octets(self.stream, index, 160), self.peer)
            except OSError:
                pass  # nobody listens there any more: the call is over
            sequence += 1
            index += 160

    def _listen(self):
        self.socket.settimeout(0.1)
        while not self.closing.is_set():
            try:
                packet = self.socket.recv(2048)
            except OSError:
                continue
            with self.lock:
                self._take(packet)

    def _take(self, packet):
        if len(packet) != 172 or packet[0] != 0x80 or packet[1] & 0x7f != 8:
            self.odd += 1
            return
        payload = packet[12:]
        where = pattern.place(payload)
        if where:
            self.heard[where[0]] = self.heard.get(where[0], 0) + 1
        elif all(octet == pattern.SILENCE for octet in payload):
            self.silent += 1
        else:
            self.mixed += 1

    def packets(self, stream):
        with self.lock:
            return self.heard.get(stream, 0)

    def close(self):
        self.closing.set()
        for thread in self.threads:
            thread.join()
        self.socket.close()

    def verify(self, stream):
        """Only this stream was heard, whole; few packets are neither speech nor silence."""
        check(set(self.heard) <= {stream}, f'foreign audio: {self.heard}, expected only {stream}')
        check(self.odd == 0, f'{self.odd} packets that are no RTP of this call')
        # Speech begins and ends, and a span that lost blocks leaves a seam, each within a packet.
        check(self.mixed <= 4 + self.packets(stream) // 10, f'{self.mixed} spoiled packets')


class Sipp:
    """One SIPp with one of the scenarios in sipp/, for one call."""

    def __init__(self, folder, scenario, ip, port, rtp_port, target=None, number='1', options=(),
                 guard_s=GUARD_S):
        self.guard_s = guard_s
        self.scenario = scenario
        self.log_path = os.path.join(folder, 'sipp.events')
        self.error_path = os.path.join(folder, 'sipp.errors')
        self.trace_path = os.path.join(folder, 'sipp.messages')
        command = ['sipp', '-sf', os.path.join(HERE, 'sipp', scenario + '.xml'), '-m', '1',
                   '-i', ip, '-p', str(port), '-mi', ip, '-nostdin', '-s', number,
                   '-key', 'rtp_port', str(rtp_port), '-timeout', str(guard_s), *options,
                   '-timeout_error', '-trace_logs', '-log_file', self.log_path,
                   '-trace_err', '-error_file', self.error_path,
                   '-trace_msg', '-message_file', self.trace_path]
        if target:
            command.append(target)
        self.child = Child('sipp', command, folder)
        self.port = port
        if not target:
            wait_for(lambda: udp_port_bound(port) or not self.child.alive(), 'SIPp listens')

    def events(self):
        try:
            with open(self.log_path, encoding='utf-8', errors='replace') as log:
                return log.read()
        except FileNotFoundError:
            return ''

    def received(self, *parts):
        """How many messages came that hold all of these texts."""
        if not os.path.exists(self.trace_path):
            return 0  # it has seen none yet
        with open(self.trace_path, encoding='utf-8', errors='replace') as trace:
            messages = trace.read().split('-' * 47)
        return sum('message received' in message and all(part in message for part in parts)
                   for message in messages)

    def wait_event(self, text):
        """The rest of the line that the scenario logged with this text."""
        def find():
            for line in self.events().splitlines():
                if text in line:
                    return line.partition(text)[2].strip() or True
            if not self.child.alive():
                raise Failure(f'SIPp ended before "{text}": {self.why()}')
            return None
        return wait_for(find, f'SIPp says "{text}"')

    def why(self):
        errors = ''
        if os.path.exists(self.error_path):
            with open(self.error_path, encoding='utf-8', errors='replace') as log:
                errors = log.read()
        return f'exit {self.child.process.poll()}: {errors[-3000:] or self.child.output()[-1500:]}'

    def finish(self):
        status = self.child.wait(self.guard_s + 5)
        check(status == 0, f'SIPp {self.scenario}: {self.why()}')

    def stop(self):
        self.child.stop(signal.SIGKILL)


class Gateway:
    """spanbridged on one virtual span, with its exchange."""

    def __init__(self, build, folder, config, pbx_options=()):
        self.build = build
        self.folder = folder
        self.socket = os.path.join(folder, 'control.sock')
        self.exchange = Exchange(build, folder, os.path.join(folder, 'e1.sock'), pbx_options)
        self.child = None
        self.config_path = os.path.join(folder, 'spanbridge.yaml')
        with open(self.config_path, 'w', encoding='utf-8') as out:
            out.write(config.format(folder=folder))
        self.start(folder)
        try:
            self.exchange.wait('up')
        except Failure as failure:
            self.stop()
            raise Failure(f'{failure}; spanbridged: {self.child.output()[-3000:]}') from failure

    def start(self, folder):
        self.child = Child('spanbridged', [os.path.join(self.build, 'spanbridged'), '--config',
                                           self.config_path], folder)

    def cli(self, *arguments):
        done = subprocess.run([os.path.join(self.build, 'spanbridge'), '--socket', self.socket,
                               *arguments], capture_output=True, text=True, timeout=GUARD_S,
                              check=False)
        check(done.returncode == 0, f'spanbridge {" ".join(arguments)}: exit {done.returncode}: '
              f'{done.stderr}')
        return done.stdout

    def status(self):
        return json.loads(self.cli('--json', 'status'))

    def stop(self):
        """Ends both; the exit status of the gateway."""
        status = self.child.stop()
        self.exchange.stop()
        return status


def refuse_invite(sip, gateway):
    """The next new INVITE that the gateway sends to this socket, refused with 486: the call ends."""
    while True:
        try:
            data, peer = sip.recvfrom(65536)
        except socket.timeout:
            raise Failure('no INVITE came; ' + gateway.child.output()[-2000:]) from None
        text = data.decode()
        if not text.startswith('INVITE '):
            continue
        lines = text.split('\r\n')
        copied = [line + (';tag=1' if line.lower().startswith('to:') else '') for line in lines
                  if re.match('(?i)(via|from|to|call-id|cseq):', line)]
        sip.sendto('\r\n'.join(['SIP/2.0 486 Busy Here', *copied, 'Content-Length: 0',
                                '', '']).encode(), peer)
        return text


class Suite:
    """TAP: one point per case; a case fails by raising."""

    def __init__(self):
        self.count = self.failed = 0
        self.folder = tempfile.mkdtemp(prefix='spanbridge-e2e-')
        self.sub = 0

    def case(self, name, function, *arguments):
        self.count += 1
        self.sub += 1
        folder = os.path.join(self.folder, str(self.sub))
        os.mkdir(folder)
        started = time.monotonic()
        try:
            function(folder, *arguments)
            result = 'ok'
        except Exception as failure:  # pylint: disable=broad-except
            result = 'not ok'
            self.failed += 1
            kind = '' if isinstance(failure, Failure) else type(failure).__name__ + ': '
            for line in (kind + str(failure)).splitlines():
                print('# ' + line)
        print(f'{result} {self.count} - {name}')
        print(f'# {time.monotonic() - started:.1f} s', flush=True)
        return result == 'ok'

    def end(self):
        print(f'1..{self.count}')
        if self.failed:
            print(f'# what the programs said is kept in {self.folder}')
        else:
            shutil.rmtree(self.folder)
        return 1 if self.failed else 0


def build_folder():
    check(len(sys.argv) > 1, f'usage: {os.path.basename(sys.argv[0])} BUILDDIR')
    return os.path.abspath(sys.argv[1])
