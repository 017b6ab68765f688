#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Scenarios on DAHDI's kernel driver; runs inside the virtual machine and prints TAP.

  scenarios.py NAME BUILDDIR [CALLS]

The gateway has span 1, the exchange span 2, and a SIP peer answers on the loopback. Half of the
calls come from each side. Audio indexes itself: what either end lost or got too much must have been
counted by somebody.
"""
import json
import os
import signal
import subprocess
import sys
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, '..', 'e2e'))
from harness import Child, Failure, Suite, check, wait_for  # noqa: E402

GUARD_S = 30
GATEWAY_SPAN, EXCHANGE_SPAN = 1, 2
PACKET_OCTETS = 160
CHANNELS = 30
CONFIG = '''
spans:
  - span: 1
    driver: dahdi
    dahdi_span: {span}
    side: user
    timers: {{t309: {t309}}}
trunks:
  - name: lab
    bind: "127.0.0.1:5060"
    peer: "127.0.0.1:5070"
    codecs: [PCMA]
plan:
  - {{name: to-sip, from: "span:1", to: "trunk:lab"}}
  - {{name: to-e1, from: "trunk:lab", to: "span:1"}}
rtp:
  ports: 10000-10511
control:
  socket: {folder}/control.sock
records:
  file: {folder}/calls.jsonl
capture:
  file: {folder}/capture.pcapng
log:
  level: debug
'''


class Speaker:
    """A program that takes commands and tells events, one JSON object a line."""

    def __init__(self, name, command, folder):
        self.name = name
        self.child = Child(name, command, folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.events = []
        self.news = threading.Condition()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        for line in self.child.process.stdout:
            with self.news:
                self.events.append(json.loads(line))
                self.news.notify_all()

    def send(self, cmd, **values):
        self.child.process.stdin.write((json.dumps(dict(cmd=cmd, **values)) + '\n').encode())
        self.child.process.stdin.flush()

    def mark(self):
        with self.news:
            return len(self.events)

    def seen(self, event, since=0, **values):
        with self.news:
            return [e for e in self.events[since:] if e['event'] == event and
                    all(e.get(k) == v for k, v in values.items())]

    def wait(self, event, count=1, since=0, guard_s=GUARD_S, **values):
        until = time.monotonic() + guard_s
        while True:
            found = self.seen(event, since, **values)
            if len(found) >= count:
                return found
            left = until - time.monotonic()
            if left <= 0 or not self.child.alive():
                what = 'has ended' if not self.child.alive() else f'{guard_s} s'
                raise Failure(f'{self.name}: {event} {values}: {len(found)} of {count}; {what}: '
                              f'{self.child.output()[-800:]}')
            with self.news:
                self.news.wait(min(left, 0.5))

    def calls(self):
        since = self.mark()
        self.send('status')
        return self.wait('status', since=since)[0]['calls']


def sysfs(span, what):
    with open(f'/sys/bus/dahdi_devices/devices/dynamic:loc:{span - 1}/{what}', 'w',
              encoding='ascii') as knob:
        knob.write('1')


class Rig:
    """Exchange, gateway and SIP peer."""

    def __init__(self, build, folder, t309=90):
        self.build, self.folder = build, folder
        self.socket = os.path.join(folder, 'control.sock')
        self.config_path = os.path.join(folder, 'spanbridge.yaml')
        with open(self.config_path, 'w', encoding='utf-8') as out:
            out.write(CONFIG.format(folder=folder, span=GATEWAY_SPAN, t309=t309))
        self.next = 1
        self.starts = 0
        self.peer = Speaker('sip-peer', self.command(
            'spanbridge', 'sip-peer', '--gateway', '127.0.0.1:5060', '--sip', '127.0.0.1:5070',
            '--rtp', '20000-20511'), folder)
        self.pbx = Speaker('pbx', self.command(
            'spanbridge-pbx', '--dahdi-span', str(EXCHANGE_SPAN), '--descending', '--json',
            '--exit-on-eof', '--t309', str(t309)), folder)
        self.gateway = None

    def start(self):
        self.peer.wait('ready')
        self.start_gateway()
        self.peer.send('rule', prefix='03', provisional=183, ring_ms=100, answer_ms=300,
                       status=200, hold_ms=-1)
        self.pbx.send('rule', prefix='04', alert_after_ms=100, alert_inband=True,
                      answer_after_ms=400, hold_ms=-1)
        self.wait_up()

    def program(self, name):
        return os.path.join(self.build, name)

    def command(self, name, *arguments):
        # Below the gateway's media worker, above this script.
        return ['chrt', '-f', '5', self.program(name), *arguments]

    def start_gateway(self):
        self.starts += 1
        self.gateway = Child(f'spanbridged-{self.starts}', self.command(
            'spanbridged', '--config', self.config_path), self.folder)

    # ── looking ──

    def cli(self, *arguments):
        done = subprocess.run([self.program('spanbridge'), '--socket', self.socket, '--json',
                               *arguments], capture_output=True, text=True, timeout=GUARD_S,
                              check=False)
        return json.loads(done.stdout) if done.returncode == 0 else None

    def span(self):
        shown = self.cli('show', 'spans')
        rows = shown['rows'] if isinstance(shown, dict) and 'rows' in shown else shown
        return rows[0] if rows else {}

    def sent(self):
        """RTP packets that left so far, by call."""
        return {row['call']: row['media']['rtp_tx_packets'] for row in self.live()}

    def channels(self):
        shown = self.cli('show', 'channels') or {}
        return shown['rows'] if isinstance(shown, dict) and 'rows' in shown else shown

    def channels_that_are(self, *states):
        return sum(row['state'] in states for row in self.channels())

    def live(self):
        shown = self.cli('show', 'calls') or []
        return shown['rows'] if isinstance(shown, dict) and 'rows' in shown else shown

    def descriptors(self):
        return len(os.listdir(f'/proc/{self.gateway.process.pid}/fd'))

    def dchannel_is(self, state):
        return self.span().get('dchannel') == state

    def wait_up(self, idle=True):
        wait_for(lambda: self.dchannel_is('up') or not self.gateway.alive(),
                 'the D-channel comes up at the gateway')
        check(self.gateway.alive(), 'the gateway has ended')
        wait_for(self.exchange_up, 'the D-channel comes up at the exchange')
        if idle:  # RESTART is over: a call that comes meanwhile may meet it and be cleared
            wait_for(self.is_idle, 'all channels are idle')

    def is_idle(self):
        return self.channels_that_are('idle') == CHANNELS

    def exchange_up(self):
        told = [e['event'] for e in list(self.pbx.events) if e['event'] in ('up', 'down')]
        return told and told[-1] == 'up'

    # ── calls ──

    def place(self, calls):
        """Half of them from each side; all answered when it returns. Called numbers."""
        since = self.pbx.mark(), self.peer.mark()
        numbers = []
        for i in range(calls):
            number = self.next
            self.next += 1
            if i % 2:
                numbers.append(f'0401{number:04}')
                self.peer.send('call', called=numbers[-1], calling=f'0211{number:04}')
            else:
                numbers.append(f'0301{number:04}')
                self.pbx.send('call', called=numbers[-1], calling=f'0211{number:04}', hold_ms=-1)
        self.pbx.wait('connected', calls, since[0])
        self.peer.wait('answered', calls, since[1])
        rest(1, time.monotonic())  # they talk, and no CONNECT ACKNOWLEDGE is under way (T313)
        return numbers

    def of_peer(self, number):
        return self.peer.seen('answered', called=number)[-1]['call']

    def hang_up(self, numbers):
        """From the SIP side."""
        since = self.pbx.mark(), self.peer.mark()
        for number in numbers:
            self.peer.send('hangup', call=self.of_peer(number), cause=16)
        self.peer.wait('ended', len(numbers), since[1])
        self.pbx.wait('hangup', len(numbers), since[0])

    def record(self, number):
        with open(os.path.join(self.folder, 'calls.jsonl'), encoding='utf-8') as lines:
            for line in lines:
                record = json.loads(line)
                if record['called']['digits'] == number:
                    return record
        return None

    def all_idle(self):
        """Nothing is left at either end."""
        wait_for(lambda: not self.live(), 'the gateway has no call left')
        wait_for(self.is_idle, 'all channels are idle')
        wait_for(lambda: self.pbx.calls() == 0, 'the exchange has no call left')

    def check_audio(self, numbers, least_s):
        """What was lost or inserted was counted; nothing was changed or of another call."""
        sums = dict.fromkeys(('good', 'lost', 'inserted', 'unexplained'), 0)
        for number in numbers:
            record = wait_for(lambda n=number: self.record(n), f'the record of {number}')
            media = record['media']
            pbx = self.pbx.seen('hangup', called=number)[-1]
            peer = self.peer.seen('ended', called=number)[-1]
            to_e1 = (media['jb_late_octets'] + media['jb_dropped_octets'] -
                     media['jb_unplayed_octets'] + media['rtp_lost_packets'] * PACKET_OCTETS +
                     media['tdm_dropped_octets'] + pbx['missed_octets'],
                     media['jb_concealed_octets'] + media['tdm_idle_octets'],
                     min(media['tdm_idle_octets'], media['tdm_dropped_octets']))
            to_sip = (peer['audio']['missing_octets'] + media['tdm_missed_octets'] +
                      media['rtp_tx_errors'] * PACKET_OCTETS + pbx['tx_dropped_octets'],
                      pbx['tx_idle_octets'],
                      min(pbx['tx_idle_octets'], pbx['tx_dropped_octets']))
            for heard, counted in ((pbx['audio'], to_e1), (peer['heard'], to_sip)):
                for key in ('good', 'lost', 'inserted'):
                    sums[key] += heard[key]
                # Idle in the very place of what was dropped is heard as changed octets.
                replaced = min(heard['changed'], counted[2])
                wrong = max(0, heard['lost'] + replaced - counted[0]) + \
                    max(0, heard['inserted'] + replaced - counted[1]) + \
                    heard['changed'] - replaced + heard['foreign']
                sums['unexplained'] += wrong
                check(not wrong, f'{number}: {wrong} octets unexplained: {heard}, counted {counted}')
                check(heard['good'] > least_s * 8000 * 0.9,
                      f'{number}: {heard["good"]} octets of audio in {least_s} s')
        print(f'# audio of {len(numbers)} calls: {sums}', flush=True)

    def frames_of_type(self, message):
        """D-channel frames of a Q.931 message type in the capture so far."""
        with open(os.path.join(self.folder, 'capture.pcapng'), 'rb') as capture:
            data = capture.read()
        found, at = 0, data.find(b'\x08\x02')
        while at >= 0:
            found += len(data) > at + 4 and data[at + 4] == message
            at = data.find(b'\x08\x02', at + 1)
        return found

    def stop(self):
        for child in (self.peer.child, self.gateway, self.pbx.child):
            if child:
                child.stop()

    def tell(self):
        """What everybody said last, as TAP comments."""
        for name in sorted(os.listdir(self.folder)):
            if name.endswith('.log'):
                with open(os.path.join(self.folder, name), encoding='utf-8',
                          errors='replace') as log:
                    for line in log.read().splitlines()[-25:]:
                        print(f'# {name}: {line[:300]}')
        print(f'# span: {self.span()}')


def rest(seconds, since):
    """Until so long after: the length of a fault is what is tested here."""
    threading.Event().wait(max(0.0, since + seconds - time.monotonic()))


STATUS, STATUS_ENQUIRY = 0x7d, 0x75


# ── the scenarios ──

def short_cut(rig, calls):
    """The D-channel loses everything for 30 s while audio flows."""
    numbers = rig.place(calls)
    began = time.monotonic()
    rig.pbx.send('fault', dchannel='drop')
    wait_for(lambda: rig.dchannel_is('down'), 'the gateway sees the D-channel down')
    print(f'# seen down after {time.monotonic() - began:.1f} s')
    since = rig.peer.mark()
    for number in numbers[:2]:
        rig.peer.send('hangup', call=rig.of_peer(number), cause=16)
    rig.peer.wait('ended', 2, since)
    rig.peer.send('call', called='04019999', calling='02119999')
    refused = rig.peer.wait('ended', since=since, called='04019999', guard_s=5)[0]
    check(refused['status'] >= 400, f'a new call is refused at once: {refused}')
    rest(30, began)
    check(rig.channels_that_are('busy', 'blocked') == calls,
          f'channels stay taken while nobody can be told: {rig.channels()}')
    since = rig.pbx.mark()
    rig.pbx.send('fault', dchannel='pass')
    rig.wait_up(idle=False)
    rig.pbx.wait('hangup', 2, since)
    ended = {e['called'] for e in rig.pbx.seen('hangup', since)}
    check(ended == set(numbers[:2]), f'released afterwards: {ended}')
    check(rig.frames_of_type(STATUS) > 0, 'STATUS was exchanged (Q.931 5.8.9)')
    print(f'# STATUS ENQUIRY {rig.frames_of_type(STATUS_ENQUIRY)}, '
          f'STATUS {rig.frames_of_type(STATUS)}')
    check(rig.pbx.calls() == calls - 2, f'the others live: {rig.pbx.calls()}')
    rig.hang_up(numbers[2:])
    rig.all_idle()
    rig.check_audio(numbers[2:], 28)


def long_cut(rig, calls, t309):
    """The D-channel stays away for longer than T309."""
    numbers = rig.place(calls)
    since = rig.peer.mark()
    began = time.monotonic()
    rig.pbx.send('fault', dchannel='drop')
    wait_for(lambda: rig.dchannel_is('down'), 'the gateway sees the D-channel down')
    down = time.monotonic()
    check(not rig.peer.seen('ended', since), 'no call ended before T309')
    ended = rig.peer.wait('ended', calls, since, guard_s=t309 + GUARD_S)
    took = time.monotonic() - down
    print(f'# down after {down - began:.1f} s, all cleared {took:.1f} s later, T309 is {t309} s')
    for e in ended:
        check(e['end'] == 'bye_received' and e['cause'] == 27, f'BYE with Reason 27: {e}')
    rest(t309 + 10, down)
    rig.pbx.send('fault', dchannel='pass')
    rig.wait_up()
    rig.all_idle()
    print(f'# {len(numbers)} calls')
    numbers = rig.place(CHANNELS)
    rig.hang_up(numbers)
    rig.all_idle()


def pulled(rig, span, calls, t309):
    """A span is pulled under calls, stays away for longer than T309, and comes back."""
    descriptors = rig.descriptors()
    numbers = rig.place(calls)
    since, since_pbx = rig.peer.mark(), rig.pbx.mark()
    sysfs(span, 'unassign_span')
    alarm = wait_for(lambda: [a for a in [rig.span().get('alarms')] if a not in (None, 'none')],
                     'an alarm is shown')[0]
    print(f'# alarm: {alarm}')
    wanted = 'RED' if span == EXCHANGE_SPAN else 'NOT_READY'
    wait_for(lambda: wanted in rig.span()['alarms'], f'the alarm {wanted}')
    check(not rig.peer.seen('ended', since), 'calls are held at first')
    rig.peer.send('call', called='04019999', calling='02119999')
    refused = rig.peer.wait('ended', since=since, called='04019999', guard_s=5)[0]
    check(refused['status'] >= 400, f'a new call is refused at once: {refused}')
    held = rig.sent()
    rest(1, time.monotonic())
    check(len(held) >= calls and rig.sent() == held, f'silence while the span is away: {held}')
    ended = [e for e in rig.peer.wait('ended', calls + 1, since, guard_s=t309 + GUARD_S)
             if e['called'] in numbers]
    for e in ended:
        check(e['end'] == 'bye_received' and e['cause'] == 27, f'BYE with Reason 27: {e}')
    # The exchange may find out later, and its T309 ends later.
    rig.pbx.wait('hangup', calls, since_pbx, guard_s=t309 + GUARD_S)
    sysfs(span, 'auto_assign')
    wait_for(lambda: rig.span()['alarms'] in ('none', ''), 'the alarm ends')
    rig.wait_up()
    rig.all_idle()
    check(rig.descriptors() == descriptors,
          f'descriptors: {descriptors} before, {rig.descriptors()} now')
    numbers = rig.place(calls)
    rest(2, time.monotonic())
    rig.hang_up(numbers)
    rig.all_idle()
    rig.check_audio(numbers, 2)


def killed(rig, calls):
    """The gateway is killed under calls and started again."""
    rig.place(calls)
    rig.gateway.stop(signal.SIGKILL)
    check(rig.pbx.calls() == calls, 'the exchange still has them')
    rig.start_gateway()
    rig.wait_up()
    wait_for(lambda: rig.pbx.calls() == 0, 'the exchange has no stuck channel')
    for call in rig.peer.seen('answered'):
        rig.peer.send('hangup', call=call['call'], cause=16)
    numbers = rig.place(CHANNELS)
    rest(2, time.monotonic())
    rig.hang_up(numbers)
    rig.all_idle()
    rig.check_audio(numbers, 2)


def stalled(rig, calls):
    """Gateway and exchange stand still, for longer than the transmit queue lasts, and for longer
    than the kernel keeps what comes in."""
    numbers = rig.place(calls)
    for child in (rig.gateway, rig.pbx.child):
        for stop_s in (0.05, 0.15, 0.35, 1.0):
            rest(0.5, time.monotonic())
            child.process.send_signal(signal.SIGSTOP)
            rest(stop_s, time.monotonic())
            child.process.send_signal(signal.SIGCONT)
    rest(1, time.monotonic())
    line = rig.span()['line']
    print(f'# gateway: {line["tx_underruns"]} underruns, {line["missed_blocks"]} blocks missed')
    check(line['tx_underruns'] >= 2 * calls, f'underruns are counted: {line}')
    check(line['missed_blocks'] >= calls, f'what the kernel could not keep is counted: {line}')
    rig.hang_up(numbers)
    rig.all_idle()
    rig.check_audio(numbers, 4)


def cpu_us(pid):
    """Time that all threads of a process ran, by the scheduler's own account."""
    total = 0
    for thread in os.listdir(f'/proc/{pid}/task'):
        with open(f'/proc/{pid}/task/{thread}/schedstat', encoding='ascii') as stat:
            total += int(stat.read().split()[0])
    return total / 1000


def cost(rig, calls, seconds):
    """The gateway's CPU time beside that of the reads, writes, receives and sends alone."""
    numbers = rig.place(calls)
    rest(1, time.monotonic())
    began, used = time.monotonic(), cpu_us(rig.gateway.process.pid)
    rest(seconds, began)
    gateway = (cpu_us(rig.gateway.process.pid) - used) / (time.monotonic() - began)
    worker = rig.cli('status')
    rig.hang_up(numbers)
    rig.all_idle()
    rig.gateway.stop()
    done = subprocess.run(rig.command('tests/dahdi/dahdi-floor', str(GATEWAY_SPAN), str(calls),
                                      str(seconds)), capture_output=True, text=True,
                          timeout=seconds + GUARD_S, check=False)
    check(done.returncode == 0, f'dahdi-floor: {done.stderr}')
    told = json.loads(done.stdout)
    floor = told['cpu_us'] / seconds
    print(f'# CPU with {calls} calls: gateway {gateway / 1e4:.2f} %, floor {floor / 1e4:.2f} % of '
          f'one ({told["blocks"]} blocks), ratio {gateway / floor:.2f}; longest turn of control '
          f'{worker.get("longest_turn_us")} us')
    check(told['blocks'] > calls * seconds * 45, f'the floor ran all blocks: {told}')
    check(gateway <= 2 * floor, f'ratio {gateway / floor:.2f}, at most 2')


SHORT_T309_S = 8
COST_S = 10


def with_rig(function, build, t309=90):
    def run(folder):
        rig = Rig(build, folder, t309)
        try:
            rig.start()
            function(rig)
        except Exception:
            rig.tell()
            raise
        finally:
            rig.stop()
    return run


def lab(build, calls, pairs=1):
    """`spanbridge lab` on each pair of spans, all at once."""
    def run(folder):
        children = []
        for pair in range(pairs):
            command = ['chrt', '-f', '5', os.path.join(build, 'spanbridge'), 'lab', '--driver', 'dahdi',
                       '--dahdi-spans', f'{2 * pair + 1},{2 * pair + 2}', '--calls', str(calls),
                       '--check']
            children.append(Child(f'lab-{pair + 1}', command, folder))
        status = [child.wait(180) for child in children]
        for child in children:
            for line in child.output().splitlines()[-8:]:
                print(f'# {child.name}: {line[:600]}', flush=True)
        check(not any(status), f'exit status of each lab: {status}')
    return run


def scenarios(name, build, calls):
    return {
        'lab': [(f'{calls} calls each way', lab(build, calls)),
                (f'gateway and exchange stand still under {calls} calls',
                 with_rig(lambda r: stalled(r, calls), build))],
        'stalled': [('stalls', with_rig(lambda r: stalled(r, calls), build))],
        'pairs': [(f'{calls * 30} calls each way on {calls} pairs', lab(build, 30, calls))],
        'short-cut': [(f'D-channel away for 30 s under {calls} calls',
                       with_rig(lambda r: short_cut(r, calls), build))],
        'long-cut': [(f'D-channel away for longer than T309 under {calls} calls',
                      with_rig(lambda r: long_cut(r, calls, SHORT_T309_S), build, SHORT_T309_S))],
        't309': [(f'D-channel away for 100 s, T309 of 90 s, {calls} calls',
                  with_rig(lambda r: long_cut(r, calls, 90), build))],
        'pulled': [(f'the span of the {who} is pulled under {calls} calls',
                    with_rig(lambda r, s=span: pulled(r, s, calls, SHORT_T309_S), build,
                             SHORT_T309_S))
                   for who, span in (('exchange', EXCHANGE_SPAN), ('gateway', GATEWAY_SPAN))],
        'cost': [(f'CPU with {calls} calls',
                  with_rig(lambda r: cost(r, calls, COST_S), build))],
        'killed': [(f'the gateway is killed under {calls} calls',
                    with_rig(lambda r: killed(r, calls), build))],
    }[name]


def main():
    name, build = sys.argv[1], os.path.abspath(sys.argv[2])
    calls = int(sys.argv[3]) if len(sys.argv) > 3 else 10
    suite = Suite()
    for what, function in scenarios(name, build, calls):
        suite.case(what, function)
    return suite.end()


if __name__ == '__main__':
    sys.exit(main())
