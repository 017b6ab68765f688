#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Every message of tests/corpus/rfc4475 and parser-dos over UDP to a running gateway, from the
address of its trunk's peer. Each row of the two index.tsv says what the answer is; the answer is read
from the socket and must be the only one, and a call to the exchange works after each message.

  test_torture.py BUILDDIR [WORD...]     only the messages with all words in their name
"""
import hashlib
import json
import os
import re
import sys

from bed import Bed
from harness import HERE, Failure, Suite, build_folder, check, wait_for
from sip_peer import Message, SipPeer

CORPUS = os.path.join(HERE, '..', 'corpus')
NUMBER = '40077'
REGISTERED = {'INVITE', 'ACK', 'CANCEL', 'BYE', 'OPTIONS'}


def rows(folder):
    with open(os.path.join(CORPUS, folder, 'index.tsv'), encoding='utf-8') as index:
        names, *lines = [line.rstrip('\n').split('\t') for line in index]
    found = [dict(zip(names, line)) for line in lines]
    files = {name for name in os.listdir(os.path.join(CORPUS, folder)) if name != 'index.tsv'}
    check({row['file'] for row in found} == files, f'{folder}/index.tsv does not list its files')
    return found


def load(folder, row):
    with open(os.path.join(CORPUS, folder, row['file']), 'rb') as source:
        octets = source.read()
    if 'sha256' in row:
        check(hashlib.sha256(octets).hexdigest() == row['sha256'], 'the file was changed')
    return octets


def check_echo(sent, answer):
    """RFC 3261 8.2.6.2: what a response repeats of its request."""
    for name, compact in (('Call-ID', 'i'), ('CSeq', None)):
        value = sent.get(name) or (compact and sent.get(compact)) or ''
        check(answer.get(name).split() == value.split(), f'{name}: {answer.get(name)!r}')
    check(re.search(r';\s*tag\s*=', answer.get('To')) or not (sent.get('To') or sent.get('t')), f'To has no tag: {answer.get("To")!r}')
    check('received=127.0.0.1' in answer.get('Via'), f'Via: {answer.get("Via")!r}')
    check(answer.get('Content-Length') == str(len(answer.body)), 'Content-Length')


def listed(message, name):
    return {part.strip() for value in message.all(name) for part in value.split(',')}


def check_headers(sent, answer):
    """What RFC 3261 21 wants to go with each status."""
    if answer.status == 405 or (answer.status == 200 and sent.start.startswith('OPTIONS ')):
        check(listed(answer, 'Allow') == REGISTERED, f'Allow: {answer.all("Allow")}')
    if answer.status in (406, 415):
        check('application/sdp' in listed(answer, 'Accept'), f'Accept: {answer.all("Accept")}')
    if answer.status == 420:
        check(listed(answer, 'Unsupported') == listed(sent, 'Require'),
              f'Unsupported: {answer.all("Unsupported")}')


def accepted(peer, sent):
    """It began a call, to a number that the exchange refuses: 403, which is acknowledged."""
    while True:
        answer = peer.receive()
        check(answer.get('Call-ID') == sent.get('Call-ID'), f'a message of nobody: {answer.start}')
        if answer.status >= 200:
            check(answer.status == 403, f'the call got {answer.start}')
            peer.acknowledge(answer)
            return


def throw(bed, peer, folder, row):
    octets = load(folder, row)
    check(row.get('answer'), 'this row says nothing of the answer')
    wanted = 0 if row['answer'] == 'none' else int(row['answer'])
    sent = Message(octets.lstrip())
    peer.send(octets)
    answers = peer.answers_before_options()
    if wanted == 0:
        check(not answers, f'no answer is right: {[a.start for a in answers]}')
    else:
        check(answers and answers[0].status == wanted, f'{wanted} is right, not '
              f'{[a.start for a in answers]}')
        check_echo(sent, answers[0])
        check_headers(sent, answers[0])
        check(wanted == 100 or len(answers) == 1, f'{len(answers)} answers')
    if wanted == 100 and all(a.status < 200 for a in answers):
        accepted(peer, sent)
    elif wanted == 100:
        peer.acknowledge(answers[-1])
    normal_call(bed, peer)


def normal_call(bed, peer):
    since = bed.exchange.mark()
    bed.calls += 1
    peer.call(NUMBER)
    end = bed.exchange.wait('hangup', since)
    check(end['answered'], f'the exchange saw no call: {end}')


def nothing_left(_, bed, before):
    wait_for(lambda: json.loads(bed.gateway.cli('--json', 'show', 'calls')) == [], 'no call is left')
    status = bed.gateway.status()['sip']
    check(status['rx_malformed'] > before, f'not counted: {status}')
    check(bed.gateway.stop() == 0, 'the gateway ends with status 0 on SIGTERM')


def main():
    suite = Suite()
    words = sys.argv[2:]
    folder = os.path.join(suite.folder, 'gateway')
    os.mkdir(folder)
    try:
        bed = Bed(build_folder(), folder)
    except Failure as failure:
        print(f'# {failure}\nnot ok 1 - the gateway and the exchange come up\n1..1')
        return 1
    peer = SipPeer('127.0.0.1', bed.peer['4'], bed.bind['4'])
    try:
        bed.exchange.send('rule', prefix=NUMBER, alert_after_ms=0, answer_after_ms=0)
        before = bed.gateway.status()['sip']['rx_malformed']
        for name in ('rfc4475', 'parser-dos'):
            found = [row for row in rows(name) if all(word in row['file'] for word in words)]
            driven = sum(suite.case(f'{name}/{row["file"]}: {row.get("answer")}',
                                    lambda _, n=name, r=row: throw(bed, peer, n, r))
                         for row in found)
            print(f'# {name}: {driven} rows as they should / {len(found)} rows in the index')
        suite.case('nothing is left over', nothing_left, bed, before)
    finally:
        peer.close()
        bed.gateway.stop()
    return suite.end()


if __name__ == '__main__':
    sys.exit(main())
