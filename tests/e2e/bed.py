# SPDX-License-Identifier: GPL-2.0-or-later
"""A gateway on one span with a SIP trunk over IPv4 and one over IPv6, and calls through it between
SIPp and the exchange."""
from harness import Gateway, RtpPeer, Sipp, check, free_port, wait_for, with_port

HEARD_MIN = 10  # packets of 20 ms
IPS = {'4': '127.0.0.1', '6': '::1'}
CONFIG = '''
spans:
  - span: 1
    driver: virtual
    connect: {{folder}}/e1.sock
    side: user
trunks:
  - name: four
    bind: "{bind[4]}"
    peer: "{peer[4]}"
  - name: six
    bind: "{bind[6]}"
    peer: "{peer[6]}"
plan:
  - {{{{name: to-four, from: "span:1", prefix: "4", to: "trunk:four"}}}}
  - {{{{name: to-six, from: "span:1", prefix: "6", to: "trunk:six"}}}}
  - {{{{name: four-in, from: "trunk:four", to: "span:1"}}}}
  - {{{{name: six-in, from: "trunk:six", to: "span:1"}}}}
control:
  socket: {{folder}}/control.sock
records:
  file: {{folder}}/calls.jsonl
log:
  level: debug
'''


class Bed:
    """The gateway and what each case needs of it. Call number N speaks stream 2N on the E1 side and
    2N + 1 on the SIP side (gateway/lab/pattern.h)."""

    def __init__(self, build, folder):
        self.bind = {v: free_port(ip) for v, ip in IPS.items()}
        self.peer = {v: free_port(ip) for v, ip in IPS.items()}
        self.calls = 0
        self.gateway = Gateway(build, folder, CONFIG.format(
            bind={int(v): with_port(ip, self.bind[v]) for v, ip in IPS.items()},
            peer={int(v): with_port(ip, self.peer[v]) for v, ip in IPS.items()}))
        self.exchange = self.gateway.exchange
        # A gateway that comes up restarts its channels: meanwhile they carry no calls.
        wait_for(lambda: '"restarting"' not in self.gateway.cli('--json', 'show', 'channels'),
                 'the channels are restarted')

    def plug_in(self, exchange):
        """Another exchange takes the place of one that has ended."""
        self.gateway.exchange.stop()
        self.gateway.exchange = self.exchange = exchange


class Call:
    """One call: SIPp on one side, the exchange on the other, and an RTP end point beside SIPp."""

    def __init__(self, bed, folder, version, scenario):
        bed.calls += 1
        self.exchange = bed.exchange
        self.n = bed.calls
        self.number = f'{version}{self.n:04}'
        self.since = bed.exchange.mark()
        self.rtp = RtpPeer(IPS[version])
        target = with_port(IPS[version], bed.bind[version]) if scenario.startswith('uac') else None
        self.prepare = lambda: Sipp(folder, scenario, IPS[version], bed.peer[version],
                                    self.rtp.port, target, self.number)
        self.sipp = None
        self.call = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.sipp:
            self.sipp.stop()
        self.rtp.close()

    def from_exchange(self, **values):
        self.sipp = self.prepare()
        self.exchange.send('call', called=self.number, calling='30123', **values)
        self.call = self.exchange.wait('placed', self.since, called=self.number)['call']
        check(self.call, 'the exchange found no channel')

    def from_sipp(self, **rule):
        self.exchange.send('rule', prefix=self.number, **rule)
        self.sipp = self.prepare()
        self.call = self.event('incoming', called=self.number)['call']

    def event(self, name, **values):
        if self.call:
            values['call'] = self.call
        return self.exchange.wait(name, self.since, **values)

    def speak(self):
        self.rtp.speak(int(self.sipp.wait_event('gateway rtp ')), 2 * self.n + 1)

    def hear(self):
        wait_for(lambda: self.rtp.packets(2 * self.n) >= HEARD_MIN,
                 "the exchange's voice at the SIP side")

    def hang_up(self):
        self.exchange.send('hangup', call=self.call)

    def over(self, cause=None, answered=True, heard=True):
        """Both ends are done, and what they heard was right."""
        end = self.event('hangup')
        self.sipp.finish()
        check(end['answered'] == answered, f'answered: {end}')
        if cause is not None:
            check(end['cause'] == cause, f'cause {cause} expected: {end}')
        audio = end['audio']
        check(audio['started'] == heard, f'heard at the exchange: {end}')
        check(audio['changed'] == 0 and audio['foreign'] == 0, f'spoiled audio: {end}')
        if heard:
            self.rtp.verify(2 * self.n)
        return end
