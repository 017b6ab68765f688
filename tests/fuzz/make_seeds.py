#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Writes the first inputs of the targets into tests/fuzz/corpus: calls as they should go, messages of
tests/corpus in the form that a target reads. What fuzzing finds is kept beside them by hand.
"""
import os
import struct

HERE = os.path.dirname(os.path.abspath(__file__))
CORPUS = os.path.join(HERE, '..', 'corpus')


def write(target, name, octets):
    folder = os.path.join(HERE, 'corpus', target)
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, name), 'wb') as out:
        out.write(octets)


def corpus(folder, ends):
    folder = os.path.join(CORPUS, folder)
    for name in sorted(os.listdir(folder)):
        if name.endswith(ends):
            with open(os.path.join(folder, name), 'rb') as source:
                yield name, source.read()


# ── SIP ──────────────────────────────────────────────────────────────────────────────────────────
SDP = ('v=0\r\no=- 1 1 IN IP4 192.0.2.2\r\ns=-\r\nc=IN IP4 192.0.2.2\r\nt=0 0\r\n'
       'm=audio 40000 RTP/AVP 8 0 101\r\na=rtpmap:8 PCMA/8000\r\na=rtpmap:101 telephone-event/8000\r\n'
       'a=ptime:20\r\na=sendrecv\r\n')
PEER = '<sip:+4930555@192.0.2.2>;tag=p1'


def request(method, cseq, to_tag='', body='', branch='z9hG4bKa', extra='', call_id='c1'):
    to = '<sip:30444@192.0.2.1>' + (f';tag={to_tag}' if to_tag else '')
    kind = 'Content-Type: application/sdp\r\n' if body else ''
    return (f'{method} sip:30444@192.0.2.1 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.2:5060;branch={branch}\r\n'
            f'From: {PEER}\r\nTo: {to}\r\nCall-ID: {call_id}\r\nCSeq: {cseq} {method}\r\n'
            f'Max-Forwards: 70\r\nContact: <sip:192.0.2.2:5060>\r\n{extra}{kind}'
            f'Content-Length: {len(body)}\r\n\r\n{body}')


def response(status, body='', method='INVITE', extra='', tag=';tag=u1'):
    kind = 'Content-Type: application/sdp\r\n' if body else ''
    return (f'SIP/2.0 {status}\r\nVia: SIP/2.0/UDP 192.0.2.1:5060;branch=$B$\r\n'
            f'From: <sip:30123456@192.0.2.1>;tag=$F$\r\nTo: <sip:30444@192.0.2.2>{tag}\r\n'
            f'Call-ID: $C$\r\nCSeq: $N$ {method}\r\nContact: <sip:192.0.2.2:5060>\r\n{extra}{kind}'
            f'Content-Length: {len(body)}\r\n\r\n{body}')


def steps(*parts):
    """Datagrams and what happens after each."""
    text = ''
    for what, then in parts:
        text += what + ('' if what.endswith('\n') else '\n') + f'%%{then}\n'
    return text.encode('latin-1')


def sip():
    invite = request('INVITE', 1, body=SDP)
    ack = request('ACK', 1, '$T$', branch='z9hG4bKb')
    bye = request('BYE', 9, '$T$', branch='z9hG4bKc')
    write('sip', 'in-answer-bye', steps((invite, 'pan'), (ack, 't'), (bye, 'w')))
    write('sip', 'in-early-hangup', steps((invite, 'pgan'), (ack, 'h'), (response('200 OK', method='BYE'), '')))
    write('sip', 'in-cancel', steps((invite, 'pa'), (request('CANCEL', 1), 't'), (ack, '')))
    write('sip', 'in-busy', steps((invite, 'ph'), (request('ACK', 1, '$T$'), 't')))
    write('sip', 'in-no-sdp', steps((request('INVITE', 1), 'pan'), (request('ACK', 1, '$T$', SDP, 'z9hG4bKb'), 't'), (bye, '')))
    write('sip', 'in-reinvite', steps(
        (invite, 'pan'), (ack, ''),
        (request('INVITE', 2, '$T$', SDP.replace('sendrecv', 'sendonly'), 'z9hG4bKd'), 't'),
        (request('ACK', 2, '$T$', branch='z9hG4bKe'), ''),
        (request('UPDATE', 3, '$T$', SDP, 'z9hG4bKf'), ''),
        (request('INFO', 4, '$T$', branch='z9hG4bKg'), ''), (bye, 'w')))
    write('sip', 'in-prack-timer', steps((request('INVITE', 1, body=SDP, extra=(
        'Supported: 100rel, timer\r\nSession-Expires: 90\r\nRecord-Route: <sip:192.0.2.3;lr>\r\n'
        'P-Asserted-Identity: <tel:+4930555>\r\nPrivacy: id\r\n')), 'paw'), (ack, 'nww')))
    write('sip', 'in-diversion', steps((request('INVITE', 1, body=SDP, extra=(
        'Diversion: "B, b" <sip:+4930@h;user=phone>;reason=user-busy;counter=2;privacy=full;screen=yes, '
        '<tel:+491>;reason=deflection\r\n')), 'paw'), (ack, 'nww')))
    write('sip', 'in-history', steps((request('INVITE', 1, body=SDP, extra=(
        'History-Info: <sip:+491@h?Privacy=history&Reason=SIP%3Bcause%3D302>;index=1, '
        '<sip:+492@h;cause=486>;index=1.1;mp=1\r\nHistory-Info: <sip:1@h;cause=408>;index=1.1.1\r\n'
        'Privacy: history\r\n')), 'paw'), (ack, 'nww')))
    write('sip', 'out-connected', b'\n%%c\n' + steps(
        (response('100 Trying', tag=''), ''), (response('200 OK', SDP, extra=(
            'P-Asserted-Identity: "X" <sip:x@h>, <tel:+4930555>\r\nPrivacy: id\r\n')), 't'),
        (request('BYE', 1, '$F$', call_id='$C$'), 'w')))
    write('sip', 'in-no-ack', steps((invite, 'panww')))
    write('sip', 'in-stranger', b'\n%%u\n' + steps((invite, 't')))
    write('sip', 'options', steps((request('OPTIONS', 1), ''), (request('REGISTER', 2), ''), (request('FOO', 3), '')))
    write('sip', 'out-answer', b'\n%%c\n' + steps(
        (response('100 Trying', tag=''), ''), (response('180 Ringing'), 't'), (response('200 OK', SDP), 't'),
        (request('BYE', 1, '$F$', call_id='$C$'), 'w')))
    write('sip', 'out-early-fork', b'\n%%c\n' + steps(
        (response('183 Session Progress', SDP), ''), (response('180 Ringing', tag=';tag=u2'), ''),
        (response('200 OK', SDP, tag=';tag=u2'), ''), (response('200 OK', SDP, tag=';tag=u3'), ''), ('', 'hw')))
    write('sip', 'out-busy', b'\n%%c\n' + steps((response('486 Busy Here', extra='Reason: Q.850;cause=17\r\n'), 'w')))
    write('sip', 'out-redirect', b'\n%%c\n' + steps((response('302 Moved', extra='Contact: <sip:1@192.0.2.9>\r\n'), 'w')))
    write('sip', 'out-cancel', b'\n%%c\n' + steps(
        (response('180 Ringing'), 'h'), (response('200 OK', method='CANCEL'), ''),
        (response('487 Request Terminated'), 'w')))
    # A 2xx that decides the call and fits no transaction of ours.
    write('sip', 'out-answer-other-branch', b'\n%%c\n' + steps(
        (response('183 Session Progress', SDP), ''), (response('200 OK', SDP).replace('$B$', 'z9hG4bKno'), 'hw')))
    # A 2xx that ends our transaction and can be no answer.
    write('sip', 'out-answer-no-tag', b'\n%%c\n' + steps((response('200 OK', SDP, tag=''), 'tw')))
    write('sip', 'out-silence', b'\n%%cwwww\n')
    for name, octets in corpus('rfc4475', '.dat'):
        if name.startswith('sdp') or name.startswith('mpart'):
            head, _, body = octets.partition(b'\r\n\r\n')
            kind = [h for h in head.split(b'\r\n') if h.lower().startswith(b'content-type')]
            write('sdp', name, (kind[0].split(b':', 1)[1].strip() if kind else b'') + b'\n' + body)


def sdp():
    kind = b'application/sdp\n'
    write('sdp', 'plain', kind + SDP.encode())
    write('sdp', 'many', kind + (SDP + (
        'm=video 50000 RTP/AVP 31\r\nm=audio 0 RTP/AVP 0\r\nm=image 5000 udptl t38\r\n'
        'm=audio 41000/2 RTP/SAVP 0 8\r\nc=IN IP6 2001:db8::1\r\na=rtcp:41007 IN IP6 2001:db8::2\r\n'
        'a=inactive\r\na=maxptime:30\r\n')).encode())
    write('sdp', 'v6', kind + SDP.replace('IP4 192.0.2.2', 'IP6 2001:db8::9').encode())
    write('sdp', 'hold', kind + SDP.replace('c=IN IP4 192.0.2.2', 'c=IN IP4 0.0.0.0').encode())
    write('sdp', 'multipart', b'multipart/mixed;boundary="b 1"\n--b 1\r\nContent-Type: text/plain\r\n\r\nx\r\n'
          b'--b 1\r\nContent-Type: application/sdp\r\nContent-Length: 3\r\n\r\n' + SDP.encode() + b'\r\n--b 1--\r\n')
    for name, octets in corpus('parser-dos', '.sip'):
        if 'sdp' in name:
            write('sdp', name, kind + octets.partition(b'\r\n\r\n')[2])


# ── records: what, length, octets ────────────────────────────────────────────────────────────────
def record(what, octets=b''):
    return bytes([what, len(octets)]) + octets


def media():
    rtp = [struct.pack('>BBHII', 0x80, 8 | (128 if n == 0 else 0), n, n * 160, 7) + bytes([0xd5]) * 160
           for n in range(12)]
    play = record(3)
    write('media', 'stream', b'\0' + b''.join(record(0, p) + play for p in rtp))
    write('media', 'late', b'\1' + b''.join(record(0, p) for p in rtp[:6]) + play * 10 +
          b''.join(record(0, p) + play for p in rtp[:2] + rtp[8:]))
    write('media', 'fixed', b'\6' + (record(2) + play) * 8 + record(6, b'\0\0\1\0') + record(2) * 40 + record(7))
    write('media', 'jump', b'\0' + (record(2) + play) * 4 + record(4, b'\x7f\xff\xff\xff') +
          record(2) * 3 + play * 3 + record(5, b'\0\0\0\5') + (record(2) + play) * 3 + record(7, b'\0\0\2\0') +
          record(2) * 9)
    ext = struct.pack('>BBHII', 0xb1, 8, 1, 160, 7) + b'\0\0\0\1' + b'\xbe\xde\0\1abcd' + b'x' * 20 + b'\0\0\0\4'
    write('media', 'extension', b'\0' + record(0, ext) + play)
    block = struct.pack('>IIIIII', 7, 0x01fffffe, 65537, 12, 0x11223344, 0x1000)
    sdes = struct.pack('>BBHI', 0x81, 202, 3, 9) + b'\1\5a@b.c' + b'\0' + b'\0' * 0
    sr = struct.pack('>BBHIQIII', 0x81, 200, 12, 9, 1 << 33, 160, 3, 480) + block
    rr = struct.pack('>BBHI', 0x81, 201, 7, 9) + block
    bye = struct.pack('>BBHI', 0x81, 203, 1, 9)
    write('media', 'rtcp', b'\0' + record(1, sr + sdes) + record(1, rr + sdes + bye) + record(1, rr))


def isdn():
    names = {name[:-4]: octets for name, octets in corpus('q931', '.bin')}
    messages = {}
    for name, octets in names.items():
        at = 0 if octets[:1] == b'\x08' else 4
        if octets[at:at + 1] == b'\x08':
            messages[name] = octets[at:]
        write('frame', name, octets if at else b'\x02\x01\x02\x02' + octets)
    write('isdn', 'all-user', b'\1' + b''.join(record(0, m) for m in messages.values()))
    write('isdn', 'all-network', b'\0' + b''.join(record(0, m) for m in messages.values()))
    setup = bytes.fromhex('0802000105 04038090a3 1803a98381 6c0721813330333535 7006a13330343434')

    def m(kind, ie=''):
        return bytes.fromhex('08028001' + kind + ie)
    ours = {'ack': m('0d'), 'proc': m('02', '1803a98381'), 'alert': m('01', '1e028288'), 'conn': m('07'),
            'connack': m('0f'), 'disc': m('45', '08028090'), 'rel': m('4d', '08028090'), 'relc': m('5a', '08028090'),
            'prog': m('03', '1e028281'), 'status': m('7d', '0802809e14010a'), 'enq': m('75'), 'info': m('7b', '7002a131'),
            'notify': m('6e', '270181'), 'facility': m('62', '1c0791a10402010100'), 'hold': m('24'), 'suspend': m('25')}
    restart = bytes.fromhex('0802000046 790187')
    for side in (0, 1):
        s, tag = bytes([side]), 'nu'[side]
        write('isdn', f'in-{tag}', s + record(0, setup) + record(4, b'pan') + record(1, ours['connack']) + record(3, b'\4') +
              record(1, ours['disc']) + record(1, ours['relc']))
        write('isdn', f'in-hangup-{tag}', s + record(0, setup) + record(4, b'pganh') + record(1, ours['rel']))
        for answer in ('conn', 'disc', 'relc', 'rel'):
            write('isdn', f'out-{answer}-{tag}', s + record(4, b'c') + record(1, ours['proc']) + record(1, ours['alert']) +
                  record(1, ours[answer]) + record(3, b'\x14') + record(4, b'h') + record(1, ours['relc']))
        write('isdn', f'others-{tag}', s + record(4, b'c') + b''.join(record(1, x) for x in ours.values()))
        write('isdn', f'restart-{tag}', s + record(0, setup) + record(4, b'cpn') + record(0, restart) +
              record(0, bytes.fromhex('0802000046 1803a98381 790180')) + record(3, b'\x80'))
        write('isdn', f'down-{tag}', s + record(0, setup) + record(4, b'cpn') + record(7) + record(3, b'\xff') +
              record(5, b'\1') + record(7) + record(5, b'\0') + record(0, setup))
        write('isdn', f'link-{tag}', s + record(0, setup) + record(2, b'\x00\x01\x7f') + record(2, b'\x02\x01\x7f') +
              record(6, b'\3' + setup) + record(2, b'\x02\x01\x53') + record(2, b'\x02\x01\x87\1\2\3') + record(3, b'\x28'))


def control():
    lines = ['help', 'status', 'spans', 'channels', 'trunks', 'calls', 'log', 'subscribe', 'shutdown', 'none']
    write('control', 'commands', '\n'.join('{"id":1,"cmd":"%s"}' % c for c in lines).encode())
    write('control', 'arguments', b'{"id":"a","cmd":"calls","page":2}\n{"id":null,"cmd":"clear-call","call":"1","cause":16}\n'
          b'{"cmd":"subscribe","from":1,"level":"debug"}\n{"id":2,"cmd":"log","last":3,"page":0}\n[[[[[[[[[[1]]]]]]]]]]\n{"id":1e400}\n'
          b'{"id":1,"cmd":"\\u0000\\ud800"}\n\xff\n\n')


def dial_plans():
    write('import', 'extensions', b'\0[out]\nexten => _9.,1,Dial(DAHDI/g1/${EXTEN:1},60)\n same => n,Dial(PJSIP/0${EXTEN:1}@p)\n'
          b'exten => _0049[1-5]XX!,1,Dial(SIP/c/+49${EXTEN:4})\nexten => _5X/_2XX,1,Hangup(21)\n'
          b'exten => _NXX,1,Set(CALLERID(num)=49)\n same => n,Dial(DAHDI/G2/5${EXTEN:-2})\ninclude => x\n')
    write('import', 'cisco', b'\1voice translation-rule 1\n rule 1 /^0\\(.*\\)/ /\\1/\n rule 2 /^9/ /00/ type national unknown plan any isdn\n'
          b' rule 3 reject /^0900/\nvoice translation-profile o\n translate calling 1\ndial-peer voice 1 pots\n'
          b' destination-pattern 9T\n port 0/0/0:15\n prefix 0\ndial-peer voice 2 voip\n destination-pattern 55[1-5]..\n'
          b' session target ipv4:192.0.2.1\n forward-digits 3\n preference 2\n')
    write('import', 'csv', b'\2prefix;target;strip;prepend;ton;cost\n+49;span:1;2;0;national;0.01\n"0044";trunk:p;;"+";;\n')


def enum():
    def text(octets):
        return bytes([len(octets)]) + octets

    def name(domain):
        return b''.join(text(label.encode()) for label in domain.split('.') if label) + b'\0'

    records = [(100, 20, b'u', b'E2U+sip', rb'!^\+49(.*)$!sip:+49\1@sip.example.com;user=phone!', '.'),
               (100, 10, b'u', b'E2U+pstn:tel', rb'!^.*$!tel:+1-215-555-1234;npdi;rn=+1-215-981-7600!i', '.'),
               (10, 1, b'', b'E2U', b'', '1.2.example.org'), (1, 1, b'u', b'E2U+email:mailto', b'!^.*$!mailto:a@b!', '.'),
               (5, 5, b'U', b'e2u+voice:tel+SIP', rb'/(\+)([0-9]{2,3})([^[:alpha:]]+|x)?$/tel:\1\2\3/', '.')]
    question = name('8.7.6.5.4.3.2.1.0.3.9.4.e164.arpa') + struct.pack('>HH', 35, 1)
    for several in [[r] for r in records] + [records]:
        answers = b''
        for order, preference, flags, service, regexp, replacement in several:
            data = struct.pack('>HH', order, preference) + text(flags) + text(service) + text(regexp) + name(replacement)
            answers += b'\xc0\x0c' + struct.pack('>HHIH', 35, 1, 60, len(data)) + data
        label = f'{len(several)}-{several[0][1]}'
        write('enum', f'wire-{label}', b'\0' + struct.pack('>6H', 4660, 0x8180, 1, len(several), 0, 0) + question + answers)
        write('enum', f'lines-{label}', b'\1' + b'\n'.join(b' '.join(
            [b'%d' % order, b'%d' % preference, flags, service, replacement.encode(), regexp])
            for order, preference, flags, service, regexp, replacement in several))
    alias = b'\xc0\x0c' + struct.pack('>HHIH', 5, 1, 60, 3) + b'\1a\0'
    write('enum', 'wire-alias', b'\0' + struct.pack('>6H', 4660, 0x8180, 1, 1, 0, 0) + question + alias)


sip()
sdp()
enum()
dial_plans()
media()
isdn()
control()
write('profile', 'small.yaml', b'profile: xx\ncountry: X\ncountry_code: "99"\nsources:\n  - {id: a, document: d, date: 2020-01-01}\n'
      b'prefixes:\n  - {kind: international, digits: "00", source: a}\n  - {kind: national, digits: "0", source: a}\n'
      b'  - {kind: carrier, digits: "0", named_by: 2, then: national, source: a}\nranges:\n'
      b'  - {starts: "[2-9]X", least: 5, most: 7, use: national, source: a}\n  - {starts: "Z", least: 4, use: local, source: a}\n'
      b'  - {starts: "112", least: 3, use: emergency, source: a}\n  - {starts: "44", least: 6, use: bare, code: "98", source: a}\n'
      b'cases:\n  - {dialled: "0 23456", is: "+9923456"}\n  - {area: "2", dialled: "3456", is: "+9923456"}\n'
      b'  - {dialled: "112", is: "emergency:112"}\n  - {dialled: "00 23 23456", is: "+2323456"}\n')
write('config', 'small.yaml', b'calls_max: 4\n')
