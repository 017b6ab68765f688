#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The number plan asks a web server, through spanbridge-lookup, while a call waits: what comes back
goes out in the INVITE; what does not come back lets the call through as it was.

  test_lookup.py BUILDDIR
"""
import http.server
import json
import os
import re
import socket
import sys
import threading
import urllib.parse

from harness import (GUARD_S, Child, Gateway, Suite, build_folder, check, free_port,
                     refuse_invite, wait_for)

CONFIG = '''
spans:
  - {{{{span: 1, driver: virtual, connect: {{folder}}/e1.sock, side: user}}}}
trunks:
  - {{{{name: provider, bind: "127.0.0.1:{bind}", peer: "127.0.0.1:{peer}"}}}}
numbers:
  lookups:
    - {{{{name: porting, type: http, service: lnp, timeout_ms: 10000}}}}
    - {{{{name: hurried, type: http, service: lnp, timeout_ms: 100}}}}
plan:
  - name: ported
    from: [span:1]
    match: {{{{called: {{{{prefix: "4"}}}}}}}}
    lookup: porting
    targets: [{{{{to: "trunk:provider"}}}}]
  - name: hurried
    from: [span:1]
    match: {{{{called: {{{{prefix: "5"}}}}}}}}
    lookup: hurried
    targets: [{{{{to: "trunk:provider"}}}}]
control:
  socket: {{folder}}/control.sock
log:
  level: debug
'''


class Web:
    """Knows 4001; never answers for 5001; 4003 is a mistake of the server."""

    def __init__(self):
        self.asked = []
        self.ending = threading.Event()
        web = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):  # pylint: disable=invalid-name
                asked = urllib.parse.parse_qs(urllib.parse.urlparse(self.path).query)
                web.asked.append((asked['number'][0], asked['calling'][0]))
                body = {'4001': '{"called": "+4930999", "name": "M\\u00fcller"}',
                        '4003': '{"called": "drop table"}'}.get(asked['number'][0])
                if asked['number'][0] == '5001':
                    web.ending.wait(GUARD_S)
                    return
                self.send_response(200 if body else 404)
                self.end_headers()
                self.wfile.write((body or '').encode())

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Handler)
        self.port = self.server.server_port
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self):
        self.ending.set()
        self.server.shutdown()
        self.server.server_close()


class Bed:
    def __init__(self, build, folder):
        self.sip = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sip.bind(('127.0.0.1', 0))
        self.sip.settimeout(GUARD_S)
        self.web = Web()
        self.gateway = Gateway(build, folder, CONFIG.format(
            bind=free_port('127.0.0.1'), peer=self.sip.getsockname()[1]))
        wait_for(lambda: '"restarting"' not in self.gateway.cli('--json', 'show', 'channels'),
                 'the channels are restarted')
        self.program = None

    def start_program(self, build, folder):
        url = f'http://127.0.0.1:{self.web.port}/lnp?number={{number}}&calling={{calling}}'
        self.program = Child('lookup', [os.path.join(build, 'spanbridge-lookup'), '--socket',
                                        self.gateway.socket, '--service', 'lnp=' + url], folder)
        wait_for(lambda: 'ready' in self.program.output() or not self.program.alive(), 'ready')
        check(self.program.alive(), self.program.output())

    def stop(self):
        if self.program:
            self.program.stop()
        status = self.gateway.stop()
        self.web.stop()
        self.sip.close()
        check(status == 0, f'spanbridged: exit {status}')

    def call(self, number):
        """The called number and the From of the INVITE that a call to number makes."""
        since = self.gateway.exchange.mark()
        self.gateway.exchange.send('call', called=number, calling='30123')
        text = refuse_invite(self.sip, self.gateway)
        self.gateway.exchange.wait('hangup', since)
        return (re.match(r'INVITE sip:([^@;]*)', text).group(1),
                re.search(r'(?im)^from:(.*)$', text).group(1))

    def counters(self):
        counted = self.gateway.status()['lookups']
        return {key: value for key, value in counted.items() if value}


def nobody(_, bed, __):
    check(bed.call('4001')[0] == '4001', 'the number went out as it was')
    check(bed.counters() == {'asked': 1, 'failed': 1}, bed.counters())


def found(folder, bed, build):
    bed.start_program(build, folder)
    called, sender = bed.call('4001')
    check(called == '+4930999', called)
    check('Müller' in sender, sender)
    check(bed.web.asked == [('4001', '30123')], bed.web.asked)


def not_found(_, bed, __):
    check(bed.call('4002')[0] == '4002', 'the number went out as it was')
    check(bed.call('4003')[0] == '4003', "the server's mistake does no harm")
    check(bed.counters() == {'asked': 4, 'failed': 2, 'found': 1, 'not_found': 1}, bed.counters())
    check('"called" is no number' in bed.program.output(), bed.program.output())


def slow(_, bed, __):
    check(bed.call('5001')[0] == '5001', 'the number went out as it was')
    wait_for(lambda: ('5001', '30123') in bed.web.asked, 'the server was asked')
    # Both the program and the core count 100 ms; either may be the first to say so.
    counted = bed.counters()
    check(counted['asked'] == 5 and counted['failed'] + counted.get('timed_out', 0) == 3, counted)


class Answerer:
    """A program of our own at the control socket: the one that is asked."""

    def __init__(self, path):
        self.control = socket.socket(socket.AF_UNIX)
        self.control.connect(path)
        self.lines = self.control.makefile('rw', encoding='utf-8')
        check(self.say(cmd='lookup-subscribe', services=['lnp'])['ok'], 'subscribed')

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.lines.close()
        self.control.close()

    def hear(self):
        return json.loads(self.lines.readline())

    def say(self, **request):
        self.lines.write(json.dumps(request) + '\n')
        self.lines.flush()
        return self.hear()


def hang_up(_, bed, __):
    """The core is asked for nothing that it does not know, and a late answer finds nobody."""
    with Answerer(bed.gateway.socket) as program:
        since = bed.gateway.exchange.mark()
        bed.gateway.exchange.send('call', called='4009', calling='30123')
        call = bed.gateway.exchange.wait('placed', since)['call']
        question = program.hear()['lookup']
        check(question['number'] == '4009', question)
        bed.gateway.exchange.send('hangup', call=call)
        bed.gateway.exchange.wait('hangup', since)
        wait_for(lambda: bed.counters().get('dropped') == 1, 'the call is dropped')
        late = program.say(cmd='lookup-answer', lookup=question['id'], found=True, called='+49')
        check('no call waits' in late.get('error', ''), late)
    check('waiting' not in bed.counters(), bed.counters())


def gone(_, bed, __):
    """The exchange hears that its call is seen to; when the program dies, the call goes on."""
    before = bed.counters()
    with Answerer(bed.gateway.socket) as program:
        since = bed.gateway.exchange.mark()
        bed.gateway.exchange.send('call', called='4010', calling='30123')
        bed.gateway.exchange.wait('proceeding', since)
        check(program.hear()['lookup']['number'] == '4010', 'the question')
    invite = refuse_invite(bed.sip, bed.gateway)
    check(invite.startswith('INVITE sip:4010@'), 'the number went out as it was')
    bed.gateway.exchange.wait('hangup', since)
    after = bed.counters()
    check(after['failed'] == before['failed'] + 1, after)
    check(after.get('timed_out') == before.get('timed_out'), after)


def down(_, bed, __):
    bed.web.stop()
    check(bed.call('4001')[0] == '4001', 'the number went out as it was')
    check('spanbridge-lookup: http' in bed.program.output(), bed.program.output())
    status = bed.gateway.cli('status')
    check('look-ups  8 asked: 1 found, 1 not' in status, status)


def main():
    suite = Suite()
    build = build_folder()
    beds = []

    def start(folder):
        beds.append(Bed(build, folder))
    if suite.case('the gateway comes up with a plan that asks', start):
        for name, case in (('nobody to ask: the call goes on as it is', nobody),
                           ('found: another number, and a name', found),
                           ('not found, and an answer that makes no sense', not_found),
                           ('a server that does not answer in time', slow),
                           ('a call that hangs up while it waits', hang_up),
                           ('a program that dies while a call waits', gone),
                           ('a server that is down', down)):
            suite.case(name, case, beds[0], build)
        suite.case('all end in order', lambda _: beds[0].stop())
    return suite.end()


if __name__ == '__main__':
    sys.exit(main())
