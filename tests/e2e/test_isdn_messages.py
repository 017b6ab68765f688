#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Each row of the message table (tests/peer_isdn/message_table.tsv) between SIPp and a span's far
end that shares no code with the gateway, with the gateway as user and as network; the rows that
were driven are counted against those of the file. tests/peer_isdn drives the same rows in virtual time,
where tones and moments are exact.

  test_isdn_messages.py BUILDDIR PEER_ISDN MESSAGE_TABLE
"""
import csv
import os
import re
import sys

import isdn_script as q931
from harness import RtpPeer, Suite, check, wait_for
from test_isdn_rows import (AGAIN, INVITE_VIA, NEW_VIA, OPTIONAL, PROVISIONAL, RESPONSE, SAME_VIA,
                            SDP, TYPE, Row, ack, cancelled_call, hung_up_call, invite, receive,
                            request, scenario)
from test_isdn_script import IP, PACKETS_MIN, SPOKEN, Bed

OURS = 1  # location: private network serving the local user
T306_S, GUARD_S = 3, 60
NO_SDP, WITH_SDP = 'Content-Length: 0', 'm=audio'
WANTED = ('<recv request="INVITE"><action>'
          '<ereg regexp="m=audio ([0-9]+) " search_in="msg" check_it="true" assign_to="seen,port"/>'
          '<log message="gateway rtp [$port]"/>'
          '<ereg regexp="([0-9]+) INVITE" search_in="hdr" header="CSeq:" check_it="true" '
          'assign_to="seen,number"/></action></recv>\n')
USED = '<Reference variables="port,number"/>\n'


# ---- SIPp's side ----

def say(line, body='', retrans=''):
    headers = 'Contact: <sip:b@[local_ip]:[local_port]>\n' + (TYPE if body else '')
    return RESPONSE.format(line=line, headers=headers, body=body, retrans=retrans)


def pause(ms):
    return f'<pause milliseconds="{ms}"/>\n'


BUSY = say('486 Busy Here', retrans=AGAIN) + receive('request="ACK"')
ANSWER = say('200 OK', SDP, AGAIN) + receive('request="ACK"')
RINGS = say('180 Ringing')
DONE = RESPONSE.format(line='200 OK', headers='', body='', retrans='')
GETS_BYE = receive('request="BYE"') + DONE
GETS_CANCEL = (receive('request="CANCEL"') + DONE
               + say('487 Request Terminated', retrans=AGAIN).replace('[last_CSeq:]',
                                                                      'CSeq: [$number] INVITE')
               + receive('request="ACK"'))


def called(*steps):
    return scenario(WANTED, *steps, USED)


def calling(*steps):
    return scenario(invite(), receive('response="100"', OPTIONAL), *steps)


def gets(status, seen):
    return receive(f'response="{status}"', seen=seen)


def refused(status):
    return receive(f'response="{status}"') + ack(SAME_VIA)


ANSWERED = receive('response="200"', seen=WITH_SDP) + ack(NEW_VIA)
HANGS_UP = (request('BYE', '2 BYE', NEW_VIA, '[peer_tag_param]', retrans=AGAIN)
            + receive('response="200"'))


# ---- both sides of one row ----

class Talk(Row):
    """A row on its way. user: the gateway is the user."""

    def __init__(self, bed, folder, text):
        self.rtp = RtpPeer(IP)
        self.user = bed.user
        super().__init__(bed, folder, text, '<recv request="INVITE"' not in text, self.rtp.port,
                         GUARD_S)

    def __exit__(self, *_):
        super().__exit__()
        self.rtp.close()

    def dial(self):
        self.isdn.listen(1, SPOKEN)
        self.isdn.send(1, q931.SETUP, *q931.setup('4711', 1))
        self.isdn.expect(q931.PROCEEDING, 1, q931.channel(1))

    def bare(self, message):
        item = self.isdn.expect(message, 1)
        check(item.body == b'', f'nothing in it expected: {item}')

    def alerting(self, inband):
        if inband:
            self.isdn.expect(q931.ALERTING, 1, q931.progress(OURS, 8))
        else:
            self.bare(q931.ALERTING)

    def speak(self):
        self.rtp.speak(int(self.sipp.wait_event('gateway rtp ')), 1)

    def refused_with_busy(self):
        if self.user:
            self.isdn.expect(q931.DISCONNECT, 1, q931.cause(5, 17))
        else:
            self.isdn.expect(q931.DISCONNECT, 1, q931.cause(5, 17), q931.progress(OURS, 8))
        self.release(1)

    def connected(self):
        self.isdn.expect(q931.CONNECT, 1)
        self.isdn.send(1, q931.CONNECT_ACK)

    def gives_up(self, message):
        self.isdn.send(1, message, q931.cause(0, 16))
        if message == q931.DISCONNECT:
            self.isdn.expect(q931.RELEASE, 1)
            self.isdn.send(1, q931.RELEASE_COMPLETE)
        elif message == q931.RELEASE:
            self.isdn.expect(q931.RELEASE_COMPLETE, 1)
        self.sipp.finish()

    def setup(self):
        setup = self.isdn.expect(q931.SETUP)
        check(q931.SENDING_COMPLETE in setup.body[:3] or q931.SENDING_COMPLETE == setup.body[-1:],
              f'Sending Complete: {setup}')
        ts = setup.ie(q931.CHANNEL)[-1] & 0x7f
        self.isdn.listen(ts, SPOKEN)
        return setup.ref, q931.channel(ts)

    def heard(self):
        wait_for(lambda: self.rtp.mixed >= PACKETS_MIN, "the far end's audio at the SIP side")

    def refuse(self, ref, value=1):
        self.isdn.send(ref, q931.DISCONNECT, q931.cause(2, value))
        self.isdn.expect(q931.RELEASE, ref)
        self.isdn.send(ref, q931.RELEASE_COMPLETE)
        self.sipp.finish()

    def released(self, ref):
        self.isdn.send(ref, q931.RELEASE, q931.cause(2, 1))
        self.isdn.expect(q931.RELEASE_COMPLETE, ref)
        self.sipp.finish()


ROWS = {}


def row(text):
    """Registers a row by the name of its function; text: SIPp's scenario."""
    def register(function):
        def drive(folder, bed):
            with Talk(bed, folder, text) as talk:
                function(talk)
        ROWS[function.__name__] = drive
        return function
    return register


# ---- from ISDN to SIP ----

@row(called(BUSY))
def setup(t):
    t.dial()
    t.refused_with_busy()


def setup_no_route(_, bed):
    bed.isdn.send(1, q931.SETUP, *q931.setup('9', 1))
    bed.isdn.expect(q931.RELEASE_COMPLETE, 1, q931.cause(OURS, 3))


ROWS['setup_no_route'] = setup_no_route


def once(t):
    t.dial()
    t.isdn.expect(q931.PROGRESS, 1, q931.progress(OURS, 1))
    t.refused_with_busy()


for NAME, LINE in {'progress_181': '181 Call Is Being Forwarded', 'progress_182': '182 Queued',
                   'progress_183_no_sdp': '183 Session Progress'}.items():
    once.__name__ = NAME
    row(called(say(LINE), say(LINE), BUSY))(once)


@row(called(RINGS, BUSY))
def alerting_180(t):
    t.dial()
    t.alerting(not t.user)
    t.refused_with_busy()


@row(called(say('180 Ringing', SDP), pause(3000), BUSY))
def alerting_180_early_rtp(t):
    t.dial()
    t.alerting(not t.user)
    t.speak()
    if t.user:
        t.isdn.expect(q931.PROGRESS, 1, q931.progress(OURS, 8))
    t.refused_with_busy()


@row(called(say('183 Session Progress', SDP), pause(2000), RINGS, BUSY))
def alerting_after_183(t):
    t.dial()
    t.isdn.expect(q931.PROGRESS, 1, q931.progress(OURS, 8))
    t.speak()
    t.alerting(True)
    t.refused_with_busy()


@row(called(say('183 Session Progress', SDP), RINGS, BUSY))
def alerting_after_183_silent(t):
    t.dial()
    t.isdn.expect(q931.PROGRESS, 1, q931.progress(OURS, 8))
    t.alerting(False)
    t.refused_with_busy()


@row(called(say('183 Session Progress', SDP), BUSY))
def progress_183_sdp(t):
    t.dial()
    t.isdn.expect(q931.PROGRESS, 1, q931.progress(OURS, 8))
    t.refused_with_busy()


@row(called(ANSWER, GETS_BYE))
def connect_user_t313(t):
    t.dial()
    t.isdn.expect(q931.CONNECT, 1)
    t.isdn.expect(q931.DISCONNECT, 1, q931.ie(q931.CAUSE, 0x80 | OURS, 0x80 | 102, *b'313'))
    t.release(1)


@row(called(ANSWER, GETS_BYE))
def connect_network(t):
    t.dial()
    t.isdn.expect(q931.CONNECT, 1)
    late = t.isdn.next(6)
    check(late is None, f'without CONNECT ACKNOWLEDGE: {late}')
    t.gives_up(q931.DISCONNECT)


@row(called(RINGS, GETS_CANCEL))
def disconnect_cancel(t):
    t.dial()
    t.alerting(not t.user)
    t.gives_up(q931.DISCONNECT)


@row(called(RINGS, GETS_CANCEL))
def release_cancel(t):
    t.dial()
    t.alerting(not t.user)
    t.gives_up(q931.RELEASE)


@row(called(ANSWER, GETS_BYE))
def disconnect_bye(t):
    t.dial()
    t.connected()
    t.gives_up(q931.DISCONNECT)


@row(called(ANSWER, GETS_BYE))
def release_bye(t):
    t.dial()
    t.connected()
    t.gives_up(q931.RELEASE)


@row(called(ANSWER, GETS_BYE))
def release_complete_bye(t):
    t.dial()
    t.connected()
    t.gives_up(q931.RELEASE_COMPLETE)


@row(called(BUSY))
def disconnect_final(t):
    t.dial()
    t.refused_with_busy()


@row(called(BUSY))
def disconnect_tone(t):
    t.dial()
    t.isdn.expect(q931.DISCONNECT, 1, q931.cause(5, 17), q931.progress(OURS, 8))
    early = t.isdn.next(T306_S - 1)
    check(early is None, f'before T306: {early}')
    t.isdn.expect(q931.RELEASE, 1)
    t.isdn.send(1, q931.RELEASE_COMPLETE)
    t.sipp.finish()


# ---- from SIP to ISDN ----

@row(hung_up_call())
def disconnect_from_bye(t):
    ref = t.rings()
    t.isdn.send(ref, q931.CONNECT)
    t.isdn.expect(q931.CONNECT_ACK, ref)
    t.isdn.expect(q931.DISCONNECT, ref, q931.cause(5, 16))
    t.release(ref)


@row(cancelled_call(''))
def disconnect_from_cancel(t):
    ref = t.rings()
    t.isdn.expect(q931.DISCONNECT, ref, q931.cause(5, 16))
    t.release(ref)


@row(calling(refused(404)))
def invite_row(t):
    ref, _ = t.setup()
    t.isdn.send(ref, q931.RELEASE_COMPLETE, q931.cause(2, 1))
    t.sipp.finish()


ROWS['invite'] = ROWS.pop('invite_row')


def told(name, steps, message, *elements, audio=False):
    """The far end says message; SIPp sees what steps want, and then the refusal."""
    def drive(t):
        ref, channel = t.setup()
        if message != q931.PROCEEDING:
            t.isdn.send(ref, q931.PROCEEDING, channel)
            t.isdn.send(ref, message, *elements)
        else:
            t.isdn.send(ref, message, channel, *elements)
        if audio:
            t.heard()
        t.refuse(ref)
    drive.__name__ = name
    row(calling(steps, refused(404)))(drive)


PI_1, PI_2, PI_8 = (q931.progress(2, description) for description in (1, 2, 8))
told('proceeding', '', q931.PROCEEDING)
told('proceeding_pi1', gets(183, WITH_SDP), q931.PROCEEDING, PI_1)
told('proceeding_pi8', gets(183, WITH_SDP), q931.PROCEEDING, PI_8, audio=True)
told('progress', gets(183, NO_SDP), q931.PROGRESS, PI_2)
told('progress_pi1', gets(183, WITH_SDP), q931.PROGRESS, PI_1, audio=True)
told('progress_pi8', gets(183, WITH_SDP), q931.PROGRESS, PI_8, audio=True)
told('alerting', gets(180, NO_SDP), q931.ALERTING)
told('alerting_pi1', gets(180, WITH_SDP), q931.ALERTING, PI_1, audio=True)
told('alerting_pi8', gets(180, WITH_SDP), q931.ALERTING, PI_8, audio=True)


@row(calling(gets(183, WITH_SDP), refused(404)))
def progress_cause(t):
    ref, channel = t.setup()
    t.isdn.send(ref, q931.PROCEEDING, channel)
    t.isdn.send(ref, q931.PROGRESS, q931.cause(2, 1), PI_8)
    t.heard()
    t.refuse(ref, 16)


@row(calling(ANSWERED, HANGS_UP))
def connect(t):
    ref, channel = t.setup()
    t.isdn.send(ref, q931.CONNECT, channel)
    t.isdn.expect(q931.CONNECT_ACK, ref)
    t.isdn.expect(q931.DISCONNECT, ref, q931.cause(5, 16))
    t.release(ref)


@row(calling(gets(180, WITH_SDP), ANSWERED, HANGS_UP))
def connect_same_sdp(t):
    ref, channel = t.setup()
    t.isdn.send(ref, q931.PROCEEDING, channel)
    t.isdn.send(ref, q931.ALERTING, PI_8)
    t.isdn.send(ref, q931.CONNECT)
    t.isdn.expect(q931.CONNECT_ACK, ref)
    t.isdn.expect(q931.DISCONNECT, ref, q931.cause(5, 16))
    t.release(ref)
    with open(t.sipp.trace_path, encoding='utf-8', newline='') as trace:
        said = re.findall(r'SIP/2\.0 (180|200) .*?\r?\n\r?\n(v=0.*?)\r?\n\r?\n', trace.read(), re.S)
    check([status for status, _ in said] == ['180', '200'] and said[0][1] == said[1][1],
          f'not the same description: {said}')


def announces(name, steps, end, first=()):
    def drive(t):
        ref, channel = t.setup()
        t.isdn.send(ref, q931.PROCEEDING, channel, *first)
        t.isdn.send(ref, q931.DISCONNECT, q931.cause(2, 1), PI_8)
        end(t, ref)
    drive.__name__ = name
    row(calling(gets(183, WITH_SDP), *steps))(drive)


def release_ends(t, ref):
    t.heard()
    t.released(ref)


def gateway_ends(t, ref):
    release = t.isdn.next(45)
    check(release and release.type == q931.RELEASE and release.ref == ref, f'came: {release}')
    t.isdn.send(ref, q931.RELEASE_COMPLETE)
    t.sipp.finish()


CANCELS = (pause(1000), request('CANCEL', '1 CANCEL', INVITE_VIA),
           receive('response="200"'), receive('response="487"'), ack(SAME_VIA))
announces('disconnect_pi8_release', (refused(404),), release_ends)
announces('disconnect_pi8_after_183', (refused(404),), release_ends, (PI_8,))
announces('disconnect_pi8_cancel', CANCELS, gateway_ends)
announces('disconnect_pi8_guard', (refused(404),), gateway_ends)


@row(calling(ANSWERED, receive('request="BYE"'),
             DONE.replace(';tag=[call_number]b', '')))
def disconnect_pi8_answered(t):
    ref, channel = t.setup()
    t.isdn.send(ref, q931.CONNECT, channel)
    t.isdn.expect(q931.CONNECT_ACK, ref)
    t.isdn.send(ref, q931.DISCONNECT, q931.cause(2, 16), PI_8)
    t.isdn.expect(q931.RELEASE, ref)
    t.isdn.send(ref, q931.RELEASE_COMPLETE)
    t.sipp.finish()


def main():
    suite = Suite()
    with open(sys.argv[3], encoding='utf-8', newline='') as table:
        rows = list(csv.reader(table, delimiter='\t'))[1:]
    driven = {}
    for side in ('user', 'network'):
        folder = os.path.join(suite.folder, side)
        os.mkdir(folder)
        timers = f'{{t306: {T306_S}}}' if side == 'network' else '{}'
        with Bed(folder, side=side, timers=timers) as bed:
            bed.user = side == 'user'
            for name, which, *_ in rows:
                if which in ('both', side):
                    title = f'{name}, gateway is {side}'
                    good = name in ROWS and suite.case(title, ROWS[name], bed)
                    driven[name] = driven.get(name, True) and good
    print(f'# {sum(driven.values())} rows driven / {len(rows)} rows in the file')
    return suite.end() or sum(driven.values()) != len(rows)


if __name__ == '__main__':
    sys.exit(main())
