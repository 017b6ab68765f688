#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What `spanbridge plan test` says would go out, against what goes out: each call is placed through the
gateway, the SETUP comes octet by octet from a far end of our own, the INVITE from a socket.

  test_plan_live.py BUILDDIR PEER_ISDN
"""
import json
import subprocess
import sys

import isdn_script as q931
import test_isdn_script
from harness import GUARD_S, Suite, check
from sip_peer import SDP, SipPeer

IP = test_isdn_script.IP
CONFIG = '''
spans:
  - span: 1
    driver: virtual
    connect: {folder}/e1.sock
    side: {side}
    timers: {timers}
    numbers: {{profile: de, area: "30", send: national, send_calling: subscriber}}
trunks:
  - {{name: far, bind: "{bind}", peer: "{peer}", numbers: {{profile: de, bare: international}}}}
numbers:
  rewrites:
    - {{name: hide, stage: out, match: {{calling: {{prefix: "+493099"}}}},
       set: {{calling: {{presentation: restricted}}}}}}
plan:
  - {{name: out, from: "span:1", prefix: "", to: "trunk:far"}}
  - {{name: in, from: "trunk:far", prefix: "", to: "span:1"}}
  - name: shop
    from: "trunk:far"
    match: {{called: {{prefix: "+4930555"}}}}
    set: {{called: {{number: "77#"}}, calling: {{number: "+8613912345678"}}, name: "Shop"}}
    to: span:1
control: {{socket: {folder}/control.sock}}
log: {{level: debug}}
'''
CALLING, DISPLAY = 0x6c, 0x28
ELEMENTS = {'Bearer capability': q931.BEARER, 'Display': DISPLAY, 'Calling party number': CALLING,
            'Called party number': q931.CALLED}
TONS = {'unknown': 0, 'international': 1, 'national': 2, 'subscriber': 4}
# called, its type, calling or None, its type, presentation, and the name
TO_SIP = [
    ('04066969004', 'unknown', None, 'unknown', 'allowed'),
    ('4066969004', 'national', '23125017', 'subscriber', 'allowed'),
    ('23125000', 'subscriber', '3023125017', 'national', 'restricted'),
    ('00442079460000', 'unknown', '023125017', 'unknown', 'allowed'),
    ('442079460000', 'international', '493023125017', 'international', 'allowed'),
    ('112', 'unknown', '17', 'unknown', 'allowed'),
    ('*21#', 'unknown', '17', 'unknown', 'restricted'),
    ('110', 'unknown', '99123', 'subscriber', 'allowed'),
    ('0', 'unknown', '30991234', 'national', 'allowed'),
]
# called, calling or None, the name, restricted
TO_ISDN = [
    ('+493023125000', '+494066969004', '', False),
    ('493023125000', '+493066969004', 'Anna', False),
    ('+442079460000', '442079460001', 'Zoë "Z"', False),
    ('112', '110', '', False),
    ('+493023125000', '+494066969004', 'Anna', True),
    ('+493023125001', None, '', False),
    ('4711', '0123', '', False),
    ('*21%23', '+861012345678', '', False),
    ('+49305551', '+4930991234', 'Bob', False),
    ('+4989123456', '+493099123', 'Hidden by a rule', False),
]


def told(bed, *words):
    """The first target of plan test."""
    done = subprocess.run([f'{bed.build}/spanbridge', 'plan', 'test', '--json', '--config', bed.config_path,
                           *words], capture_output=True, text=True, timeout=GUARD_S, check=False)
    check(done.returncode == 0, done.stderr)
    said = json.loads(done.stdout)
    check(said['cause'] == 0, said)
    return said['targets'][0]


def pattern_of(digits):
    return digits.replace('%23', '#')


def to_sip(_, bed, peer, n, row):
    called, ton, calling, calling_ton, presentation = row
    words = [called, '--from', 'span:1', '--ton', ton]
    elements = [q931.ie(q931.BEARER, 0x90, 0x90, 0xa3), q931.channel(n + 1)]
    if calling:
        words += ['--calling', calling, '--calling-ton', calling_ton, '--presentation', presentation]
        elements.append(q931.ie(CALLING, TONS[calling_ton] << 4 | 1,
                                0xa0 if presentation == 'restricted' else 0x80, *calling.encode()))
    elements.append(q931.ie(q931.CALLED, 0x80 | TONS[ton] << 4 | 1, *called.encode()))
    bed.isdn.send(n, q931.SETUP, *elements, q931.SENDING_COMPLETE)
    invite = peer.receive()
    check(invite.start.startswith('INVITE '), invite.start)
    for line in told(bed, *words)['invite']:
        text = line['text']
        if line['name'] == 'INVITE':
            check(invite.start == f'INVITE {text} SIP/2.0', f'{text} was promised: {invite.start}')
        else:
            came = invite.get(line['name']).split(';tag=')[0]
            check(came == text, f'{line["name"]}: {text} was promised: {came}')
    for name in ('Privacy', 'P-Asserted-Identity', 'Diversion', 'Remote-Party-ID', 'History-Info'):
        promised = [line['text'] for line in told(bed, *words)['invite'] if line['name'] == name]
        check(invite.all(name) == promised, f'{name}: {promised} promised: {invite.all(name)}')
    refuse(peer, invite)
    end_isdn(bed, n)


def refuse(peer, invite):
    peer.send(('SIP/2.0 486 Busy Here\r\n' + ''.join(
        f'{name}: {invite.get(name)}{";tag=x" if name == "To" else ""}\r\n'
        for name in ('Via', 'From', 'To', 'Call-ID', 'CSeq')) + 'Content-Length: 0\r\n\r\n').encode())
    check(peer.receive().start.startswith('ACK '), 'no ACK')


def end_isdn(bed, ref):
    """The gateway clears: the rest of the call's messages."""
    while True:
        message = bed.isdn.next()
        check(message is not None, 'the call does not end')
        if isinstance(message, tuple) or message.ref != ref:
            continue
        if message.type == q931.DISCONNECT:
            bed.isdn.send(ref, q931.RELEASE, q931.cause(0, 17))
        elif message.type == q931.RELEASE:
            bed.isdn.send(ref, q931.RELEASE_COMPLETE)
            return
        elif message.type == q931.RELEASE_COMPLETE:
            return


def invite_of(peer, n, row):
    called, calling, name, restricted = row
    user = f'{calling}@' if calling else ''
    shown = '"' + name.replace('"', '\\"') + '" ' if name else ''
    lines = peer.request('INVITE', n, called, body=SDP.format(ip=IP, port=9)).decode().split('\r\n')
    lines = [f'From: {shown}<sip:{user}{IP}:{peer.port}>;tag=f{n}' if line.startswith('From: ') else line
             for line in lines]
    if restricted:
        lines.insert(1, 'Privacy: id')
    return '\r\n'.join(lines).encode()


def to_isdn(_, bed, peer, n, row):
    called, calling, name, restricted = row
    words = [pattern_of(called), '--from', 'trunk:far']
    if calling:
        words += ['--calling', calling] + (['--presentation', 'restricted'] if restricted else [])
    if name:
        words += ['--name', name]
    promised = {line['name']: bytes.fromhex(line['text']) for line in told(bed, *words)['setup']}
    peer.send(invite_of(peer, n, row))
    setup = bed.isdn.expect(q931.SETUP)
    for name, identifier in ELEMENTS.items():
        came = setup.ie(identifier)
        want = promised.get(name)
        check((came is None) == (want is None) and (want is None or came == want[2:]),
              f'{name}: {want} was promised, came: {came}')
    bed.isdn.send(setup.ref | q931.THEIRS if setup.ref < q931.THEIRS else setup.ref,
                  q931.RELEASE_COMPLETE, q931.cause(0, 17))
    refusal = peer.final(n, '1 INVITE')
    check(refusal.status == 486, refusal.start)
    peer.acknowledge(refusal)


def main():
    suite = Suite()
    test_isdn_script.CONFIG = CONFIG
    holder = {}

    def start(folder):
        holder['bed'] = test_isdn_script.Bed(folder, side='network')
        holder['peer'] = SipPeer(IP, holder['bed'].peer_port, holder['bed'].port)
    if suite.case('the gateway runs', start):
        for n, row in enumerate(TO_SIP, 1):
            suite.case(f'INVITE to {row[0]} ({row[1]}) from {row[2]} ({row[3]}, {row[4]})', to_sip,
                       holder['bed'], holder['peer'], n, row)
        for n, row in enumerate(TO_ISDN, 1001):
            suite.case(f'SETUP to {row[0]} from {row[1]} "{row[2]}"{", restricted" * row[3]}', to_isdn,
                       holder['bed'], holder['peer'], n, row)
        holder['peer'].close()
        holder['bed'].__exit__()
    return suite.end()


if __name__ == '__main__':
    sys.exit(main())
