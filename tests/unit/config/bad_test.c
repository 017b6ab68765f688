/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Wrong files: where each mistake must be reported and what must be said. The place is the whole
 * point, so it is exact; of the words only what helps to correct it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/config/config_test.h"

struct bad {
	struct parts file;
	const char *at[4]; /* "LINE:COLUMN: words" of each mistake, in order */
};

#define SPAN  "  - span: 1\n    driver: virtual\n    connect: /e1\n    side: user\n" /* 2…5 */
#define TRUNK "  - name: t\n    bind: 127.0.0.1:5060\n    peer: 127.0.0.2:5060\n"    /* 4…6 */
#define RULE  "  - name: out\n    to: trunk:t\n"				     /* 6…7 */

/* clang-format off */
static const struct bad bad[] = {
	/* spans: the first line of an entry is line 2 */
	{{.span = SPAN "    bchanels: 1-10\n"}, {"6:5: a span has no key \"bchanels\"; did you mean \"bchannels\"?"}},
	{{.span = SPAN "    t309: 90\n"}, {"6:5: a span has no key \"t309\" any more; write \"timers: {t309: SECONDS}\""}},
	{{.span = SPAN "    sdie: user\n"}, {"6:5: a span has no key \"sdie\"; did you mean \"side\"?"}},
	{{.span = SPAN "    Clock: master\n"}, {"6:5: a span has no key \"Clock\"; did you mean \"clock\"?"}},
	{{.span = SPAN "    colour: blue\n"}, {"6:5: a span has no key \"colour\"; it has: span, driver"}},
	{{.span = SPAN "    side: user\n"}, {"6:5: side stands twice; it was given at line 5"}},
	{{.span = "  - span: 1\n    driver: virtual\n    connect: /e1\n"}, {"2:5: a span has no side; it must be user or network"}},
	{{.span = "  - driver: virtual\n    connect: /e1\n    side: user\n"}, {"2:5: a span has no span; it must be a number from 1 to 255"}},
	{{.span = "  - span: 1\n    connect: /e1\n    side: user\n"}, {"2:5: a span has no driver; it must be virtual or dahdi"}},
	{{.span = "  - span: 0\n    driver: virtual\n    connect: /e1\n    side: user\n"}, {"2:11: span cannot be \"0\"; it must be a number from 1 to 255"}},
	{{.span = "  - span: 256\n    driver: virtual\n    connect: /e1\n    side: user\n"}, {"2:11: span cannot be \"256\""}},
	{{.span = "  - span: -1\n    driver: virtual\n    connect: /e1\n    side: user\n"}, {"2:11: span cannot be \"-1\""}},
	{{.span = "  - span: 01\n    driver: virtual\n    connect: /e1\n    side: user\n"}, {"2:11: span cannot be \"01\""}},
	{{.span = "  - span: 1.0\n    driver: virtual\n    connect: /e1\n    side: user\n"}, {"2:11: span cannot be \"1.0\""}},
	{{.span = "  - span: 99999999999999999999\n    driver: virtual\n    connect: /e1\n    side: user\n"}, {"2:11: span cannot be"}},
	{{.span = "  - span: 1\n    driver: isdn4bsd\n    connect: /e1\n    side: user\n"}, {"3:13: driver cannot be \"isdn4bsd\"; it must be virtual or dahdi"}},
	{{.span = "  - span: 1\n    driver: dahdi\n    side: user\n"}, {"2:5: a span of a DAHDI card needs dahdi_span: N, the number that lsdahdi and /proc/dahdi show"}},
	{{.span = "  - span: 1\n    driver: dahdi\n    dahdi_span: 1\n    connect: /e1\n    side: user\n"}, {"5:5: listen and connect belong to driver: virtual"}},
	{{.span = "  - span: 1\n    driver: dahdi\n    dahdi_span: 1\n    echo_cancel: 2\n    side: user\n"}, {"5:18: the shortest echo canceller has a tail of 4 ms; 0 means none"}},
	{{.span = "  - span: 1\n    driver: dahdi\n    dahdi_span: 1\n    rx_gain_db: -21\n    side: user\n"}, {"5:17: rx_gain_db cannot be \"-21\"; it must be a number from -20 to 20"}},
	{{.span = "  - span: 1\n    driver: virtual\n    connect: /e1\n    side: User\n"}, {"5:11: side cannot be \"User\"; it must be user or network"}},
	{{.span = "  - span: 1\n    driver: virtual\n    connect: /e1\n    side:\n"}, {"5:10: side cannot be nothing; it must be user or network"}},
	{{.span = "  - span: 1\n    driver: virtual\n    connect: /e1\n    side: [user]\n"}, {"5:11: side cannot be a list; it must be user or network"}},
	{{.span = "  - span: 1\n    driver: virtual\n    connect: /e1\n    side: {user: 1}\n"}, {"5:11: side cannot be a map"}},
	{{.span = "  - span: 1\n    driver: virtual\n    side: user\n"}, {"2:5: a virtual span needs either listen: PATH or connect: PATH"}},
	{{.span = SPAN "    listen: /e2\n"}, {"6:5: a virtual span needs either listen: PATH or connect: PATH, not both"}},
	{{.span = "  - span: 1\n    driver: virtual\n    connect: \"\"\n    side: user\n"}, {"4:14: connect cannot be \"\"; it must be a path of 1 to 100 octets"}},
	{{.span = "  - span: 1\n    driver: virtual\n    side: user\n    connect: /aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n"}, {"5:14: connect cannot be \"/aaaa"}},
	{{.span = SPAN "    clock: none\n"}, {"6:12: clock cannot be \"none\"; it must be slave or master"}},
	{{.span = SPAN "    hunting: random\n"}, {"6:14: hunting cannot be \"random\"; it must be ascending, descending, cyclic, least-recent or auto"}},
	{{.span = SPAN "    ringback: yes\n"}, {"6:15: ringback cannot be \"yes\"; it must be local, remote, never or auto"}},
	{{.span = SPAN "    restart: sometimes\n"}, {"6:14: restart cannot be \"sometimes\"; it must be never, stuck or start"}},
	{{.span = SPAN "    exclusive: 7\n"}, {"6:16: exclusive cannot be \"7\""}},
	{{.span = SPAN "    timers: 5\n"}, {"6:13: timers cannot be"}},
	{{.span = SPAN "    timers:\n      t309: 90000\n"}, {"7:13: t309 cannot be \"90000\"; it must be a number from 1 to 300"}},
	{{.span = SPAN "    timers: {t309: 90s}\n"}, {"6:20: t309 cannot be \"90s\""}},
	{{.span = SPAN "    timers: {t301: 90}\n"}, {"6:14: timers has no key \"t301\""}},
	/* timeslots */
	{{.span = SPAN "    dchannel: 0\n"}, {"6:15: dchannel cannot be \"0\"; it must be a number from 1 to 31"}},
	{{.span = SPAN "    dchannel: 32\n"}, {"6:15: dchannel cannot be \"32\""}},
	{{.span = SPAN "    bchannels: 0-15\n"}, {"6:16: timeslot 0 carries the framing"}},
	{{.span = SPAN "    bchannels: 1-15,17-32\n"}, {"6:21: an E1 has no such timeslot; the last is 31"}},
	{{.span = SPAN "    bchannels: 1,40\n"}, {"6:18: an E1 has no such timeslot"}},
	{{.span = SPAN "    bchannels: \"1,40\"\n"}, {"6:19: an E1 has no such timeslot"}},
	{{.span = SPAN "    bchannels: 1-15,10-5\n"}, {"6:21: a range runs from the lower to the higher"}},
	{{.span = SPAN "    bchannels: 1-10,5\n"}, {"6:21: a timeslot that was named before"}},
	{{.span = SPAN "    bchannels: 1-31\n"}, {"6:16: timeslot 16 is the D-channel's"}},
	{{.span = SPAN "    dchannel: 31\n    bchannels: 1-31\n"}, {"7:16: timeslot 31 is the D-channel's"}},
	{{.span = SPAN "    bchannels: all\n"}, {"6:16: bchannels cannot be \"all\"; it must be timeslots from 1 to 31"}},
	{{.span = SPAN "    bchannels: 1-\n"}, {"6:16: bchannels cannot be \"1-\""}},
	{{.span = SPAN "    bchannels: 1,,2\n"}, {"6:16: bchannels cannot be \"1,,2\""}},
	{{.span = SPAN "    bchannels: 1, 2\n"}, {"6:16: bchannels cannot be \"1, 2\""}},
	{{.span = SPAN "    bchannels: 1-2-3\n"}, {"6:16: bchannels cannot be \"1-2-3\""}},
	{{.span = SPAN "    bchannels: [1, 2]\n"}, {"6:16: bchannels cannot be a list"}},
	{{.span = SPAN "    bchannels: \"\"\n"}, {"6:16: bchannels cannot be \"\""}},
	/* spans together */
	{{.span = SPAN "  - {span: 1, driver: virtual, connect: /e2, side: user}\n"}, {"6:12: span 1 stands twice, also at line 2"}},
	{{.span = SPAN "  - {span: 2, driver: virtual, listen: /e1, side: user}\n"}, {"6:40: /e1 is the path of the span at line 2, too"}},
	{{.span = SPAN, .rest = "control: {socket: /e1}\n"}, {"4:14: span 1 and control.socket have the same path"}},
	{{.span = "  - 7\n"}, {"2:5: a span is a map"}},
	{{.span = "  []\n"}, {"2:3: spans has 0 entries; it takes 1 to 255"}},
	{{.span = "  span: 1\n"}, {"2:3: spans cannot be a map; it must be a list"}},
	/* trunks: the first line of an entry is line 4 */
	{{.trunk = TRUNK "    sources: 10.0.0.0/8\n"}, {"7:14: sources cannot be \"10.0.0.0/8\"; it must be a list of networks"}},
	{{.trunk = TRUNK "    sources: [10.0.0.0/33]\n"}, {"7:15: \"10.0.0.0/33\" is no network"}},
	{{.trunk = TRUNK "    sources: [example.com]\n"}, {"7:15: \"example.com\" is no network"}},
	{{.trunk = TRUNK "    sources: [10.0.0.1/8]\n"}, {"7:15: \"10.0.0.1/8\" is no network; write 10.0.0.0/8"}},
	{{.trunk = TRUNK "    sources: [\"2001:db8::/32\"]\n"}, {"7:15: an IPv6 network, but bind is IPv4: it would never match"}},
	{{.trunk = TRUNK "    sources: [1.0.0.0/8, 2.0.0.0/8, 3.0.0.0/8, 4.0.0.0/8, 5.0.0.0/8, 6.0.0.0/8, 7.0.0.0/8, 8.0.0.0/8, 9.0.0.0/8]\n"}, {"7:14: sources has 9 entries; it takes 0 to 8"}},
	{{.trunk = TRUNK "    local_networks: [{}]\n"}, {"7:22: local_networks cannot be a map"}},
	{{.trunk = "  - name: \"a b\"\n    bind: 127.0.0.1:5060\n    peer: 127.0.0.2\n"}, {"4:11: name cannot be \"a b\"; it must be 1 to 64 letters, digits"}},
	{{.trunk = "  - name: t\n    bind: localhost:5060\n    peer: 127.0.0.2\n"}, {"5:11: bind cannot be \"localhost:5060\"; it must be an address with port"}},
	{{.trunk = "  - name: t\n    bind: 127.0.0.1:0\n    peer: 127.0.0.2\n"}, {"5:11: bind cannot be \"127.0.0.1:0\""}},
	{{.trunk = "  - name: t\n    bind: 127.0.0.1:65536\n    peer: 127.0.0.2\n"}, {"5:11: bind cannot be \"127.0.0.1:65536\""}},
	{{.trunk = "  - name: t\n    bind: 256.0.0.1\n    peer: 127.0.0.2\n"}, {"5:11: bind cannot be \"256.0.0.1\""}},
	{{.trunk = "  - name: t\n    bind: 0.0.0.0:5060\n    peer: 127.0.0.2\n"}, {"5:11: bind takes every address of this machine, so the peer must be told one; add advertise"}},
	{{.trunk = "  - name: t\n    bind: 127.0.0.1:5060\n    peer: 0.0.0.0\n"}, {"6:11: not the address of a machine"}},
	{{.trunk = "  - name: t\n    bind: 127.0.0.1:5060\n    peer: 224.0.0.1\n"}, {"6:11: a multicast or broadcast address"}},
	{{.trunk = "  - name: t\n    bind: 127.0.0.1:5060\n    peer: \"[::1]:5060\"\n"}, {"6:11: an IPv6 address, but bind is IPv4"}},
	{{.trunk = TRUNK "    advertise: 192.0.2.1:5060\n"}, {"7:16: advertise cannot be \"192.0.2.1:5060\"; it must be an IPv4 or IPv6 address without port"}},
	{{.trunk = TRUNK "    advertise: \"::\"\n"}, {"7:16: not the address of a machine", "7:16: an IPv6 address, but bind is IPv4"}},
	{{.trunk = TRUNK "    rtp_bind: 0.0.0.0\n"}, {"7:15: rtp_bind takes every address of this machine"}},
	{{.trunk = TRUNK "    trusted: 1\n"}, {"7:14: trusted cannot be \"1\"; it must be true or false"}},
	{{.trunk = TRUNK "    causes: x.csv\n"}, {"7:13: causes cannot be"}},
	{{.trunk = TRUNK "    rtp_any_source: yes\n"}, {"7:21: rtp_any_source cannot be \"yes\"; it must be true or false"}},
	{{.trunk = TRUNK "    domain: sip:example\n"}, {"7:13: domain cannot be \"sip:example\"; it must be a host name"}},
	{{.trunk = TRUNK "    codecs: PCMA\n"}, {"7:13: codecs cannot be \"PCMA\"; it must be a list of PCMA or PCMU"}},
	{{.trunk = TRUNK "    codecs: [PCMA, opus]\n"}, {"7:20: codecs cannot be \"opus\"; it must be PCMA or PCMU"}},
	{{.trunk = TRUNK "    codecs: [PCMA, PCMA]\n"}, {"7:20: \"PCMA\" stands twice in codecs"}},
	{{.trunk = TRUNK "    codecs: []\n"}, {"7:13: codecs has 0 entries; it takes 1 to 2"}},
	{{.trunk = TRUNK "    ptime: 30\n"}, {"7:12: ptime cannot be \"30\"; it must be 20"}},
	{{.trunk = TRUNK "  - {name: t, bind: 127.0.0.1:5060, peer: 127.0.0.3}\n"}, {"7:12: trunk t stands twice, also at line 4"}},
	{{.trunk = TRUNK "  - {name: u, bind: 127.0.0.1:5060, peer: 127.0.0.2}\n"}, {"7:43: trunk t at line 4 has the same bind and peer"}},
	{{.trunk = TRUNK "  - {name: u, bind: 0.0.0.0:5060, advertise: 192.0.2.1, peer: 127.0.0.3}\n"}, {"7:21: port 5060 is also bound at another trunk"}},
	{{.trunk = TRUNK "    sources: [10.0.0.0/8]\n  - {name: u, bind: 127.0.0.1, peer: 127.0.0.3, sources: [10.0.0.0/8]}\n"}, {"8:59: trunk t at line 4 takes calls from there, too"}},
	/* plan: the first line of an entry is line 6 */
	{{.plan = "  - name: a\n    to: trunk:nobody\n"}, {"7:9: there is no trunk \"nobody\"; there is: trunk:t"}},
	{{.plan = "  - name: a\n    to: span:2\n"}, {"7:9: there is no span \"2\"; there is: span:1"}},
	{{.plan = "  - name: a\n    to: any\n"}, {"7:9: to cannot be \"any\"; it must be span:NUMBER or trunk:NAME"}},
	{{.plan = "  - name: a\n    to: span:0\n"}, {"7:9: to cannot be \"span:0\""}},
	{{.plan = "  - name: a\n    to: span: 1\n"}, {"7:13: not YAML"}},
	{{.plan = RULE "    from: t\n"}, {"8:11: from cannot be \"t\"; it must be span:NUMBER, trunk:NAME or any"}},
	{{.plan = RULE "    from: trunk:x\n"}, {"8:11: there is no trunk \"x\""}},
	{{.plan = RULE "    from: trunk:t\n"}, {"7:9: a call from a trunk cannot go to a trunk yet; name a span"}},
	{{.plan = "  - {name: a, from: 'span:1', to: 'span:1'}\n"}, {"6:35: a call from a span cannot go to a span yet; name a trunk"}},
	{{.plan = RULE "    prefix: 4-9\n"}, {"8:13: prefix cannot be \"4-9\"; it must be up to 32 digits 0-9, * or #, with a + in front for E.164"}},
	{{.plan = RULE "    prefix: +49\n    ton: national\n"}, {"8:13: a number with + has type international"}},
	{{.plan = RULE "    prepend: +49\n    set_ton: national\n"}, {"8:14: a + sets type international, ton says another"}},
	{{.plan = RULE "    match: {called: {pattern: \"0[1-5\"}}\n"}, {"8:33: a set is written [1-5], [136] or [1-5*]"}},
	{{.plan = RULE "    match: {called: {pattern: \"0X.1\"}}\n"}, {"8:34: . and ! stand at the end of a pattern only"}},
	{{.plan = RULE "    match: {called: {pattern: 0Y}}\n"}, {"8:32: a pattern has digits"}},
	{{.plan = RULE "    match: {called: {range: 100-99}}\n"}, {"8:33: the two numbers of a range must be equally long"}},
	{{.plan = RULE "    match: {called: {range: 200-199}}\n"}, {"8:29: a range is of digits 0-9, the lower number first"}},
	{{.plan = RULE "    match: {called: {range: +200-299}}\n"}, {"8:34: either both numbers of a range have a + or none"}},
	{{.plan = RULE "    match: {called: {regex: \"4(9\"}}\n"}, {"8:33: no regular expression: missing closing parenthesis"}},
	{{.plan = RULE "    match: {called: {list: nobody}}\n"}, {"8:28: there is no list \"nobody\" in numbers.lists"}},
	{{.plan = RULE "    match: {called: {prefix: 1, pattern: 1X}}\n"}, {"8:33: either prefix or pattern; give one"}},
	{{.plan = RULE "    match: {called: {ton: [national, world]}}\n"}, {"8:38: ton cannot be \"world\"; it must be unknown, international"}},
	{{.plan = RULE "    match: {caller: {prefix: 1}}\n"}, {"8:13: match has no key \"caller\"; did you mean \"called\"?"}},
	{{.plan = RULE "    match: {bearer: fax}\n"}, {"8:21: bearer cannot be \"fax\"; it must be speech, audio"}},
	{{.plan = RULE "    match: {name: \"(\"}\n"}, {"8:21: no regular expression"}},
	{{.plan = RULE "    set: {called: {number: 49$1}}\n"}, {"8:31: $1 needs a regex in the match of the same number"}},
	{{.plan = RULE "    set: {called: {number: 1, strip: 1}}\n"}, {"8:28: either number, or strip and prepend"}},
	{{.plan = RULE "    set: {called: {remove: true}}\n"}, {"8:28: a call needs a called number"}},
	{{.plan = RULE "    set: {calling: {presentation: hidden}}\n"}, {"8:35: presentation cannot be \"hidden\"; it must be allowed, restricted"}},
	{{.plan = RULE "    when: {time: \"8:00-18:00\"}\n"}, {"8:18: hours are written \"08:00-18:00\""}},
	{{.plan = RULE "    when: {time: \"08:00-08:00\"}\n"}, {"8:18: hours that end when they begin"}},
	{{.plan = RULE "    when: {days: [mon, Tue]}\n"}, {"8:24: days are mon, tue"}},
	{{.plan = RULE "    when: {dates: 2026-02-30}\n"}, {"8:19: a date is 2026-12-24"}},
	{{.plan = RULE "    when: {dates: 2026-12-24..2026-12-01}\n"}, {"8:19: the earlier date stands first"}},
	{{.plan = RULE "    when: {timezone: Middle/Earth}\n"}, {"8:22: \"Middle/Earth\" is no time zone here"}},
	{{.plan = RULE "    when: {timezone: ../../../etc/passwd}\n"}, {"8:22: \"../../../etc/passwd\" is no time zone"}},
	{{.plan = RULE "    limit: {}\n"}, {"8:12: limit has no calls, per_second or per_minute"}},
	{{.plan = RULE "    limit: {calls: 0}\n"}, {"8:20: calls cannot be \"0\"; it must be a number from 1 to 100000"}},
	{{.plan = RULE "    targets: [{to: 'trunk:t'}]\n"}, {"7:5: either to or targets; give one"}},
	{{.plan = "  - {name: a, targets: [{weight: 1}]}\n"}, {"6:25: a target has no to; it must be span:NUMBER or trunk:NAME"}},
	{{.plan = "  - {name: a, targets: [{to: 'trunk:t', cost: 1.5.2}]}\n"}, {"6:47: a cost is a number such as 0.0125"}},
	{{.plan = RULE "    bar: 21\n"}, {"8:10: a rule bars calls or has targets, not both"}},
	{{.plan = RULE "    reroute: [34, 200]\n"}, {"8:19: reroute cannot be \"200\"; it must be a number from 1 to 127"}},
	{{.plan = RULE "    reroute: []\n"}, {"8:14: reroute cannot be a list"}},
	{{.plan = RULE "    lookup: nobody\n"}, {"8:13: there is no look-up \"nobody\" in numbers.lookups"}},
	{{.span = SPAN "    numbers: {profile: xx}\n"}, {"6:24: there is no profile \"xx\"; there is: br, cn"}},
	{{.span = SPAN "    numbers: {area: 10}\n"}, {"6:14: numbers has no profile"}},
	{{.rest = "numbers: {order: best}\n"}, {"7:18: order cannot be \"best\"; it must be longest or listed"}},
	{{.rest = "numbers: {lists: [{name: l, file: /nowhere.csv}]}\n"}, {"7:35: /nowhere.csv cannot be read: No such file or directory"}},
	{{.rest = "numbers: {lookups: [{name: l, type: dns}]}\n"}, {"7:37: type cannot be \"dns\"; it must be enum or http"}},
	{{.rest = "numbers: {rewrites: [{name: r, to: 'span:1', set: {called: {strip: 1}}}]}\n"}, {"7:32: to belongs to stage: out"}},
	{{.rest = "numbers: {rewrites: [{name: r}]}\n"}, {"7:22: a rewrite has no set"}},
	{{.plan = "  - {name: a, to: 'trunk:t', prefix: 1, match: {calling: {pattern: Q}}}\n  - {name: b, to: 'trunk:t', prefix: 2, match: {calling: {range: 1}}}\n"}, {"6:68: a pattern has digits", "7:66: a range is FIRST-LAST"}},
	{{.plan = RULE "    prefix: 0X\n"}, {"8:13: prefix cannot be \"0X\""}},
	{{.plan = RULE "    prefix:\n"}, {"8:12: prefix cannot be nothing"}},
	{{.plan = RULE "    prepend: 000000000000000000000000000000000\n"}, {"8:14: prepend cannot be"}},
	{{.plan = RULE "    strip: 33\n"}, {"8:12: strip cannot be \"33\"; it must be a number from 0 to 32"}},
	{{.plan = RULE "    ton: global\n"}, {"8:10: ton cannot be \"global\"; it must be any, unknown, international"}},
	{{.plan = RULE "    set_npi: isdn\n"}, {"8:14: set_npi cannot be \"isdn\"; it must be leave, unknown, e164 or private"}},
	{{.plan = "  - to: trunk:t\n"}, {"6:5: a rule has no name"}},
	{{.plan = "  - name: a\n"}, {"6:5: a rule has no to; it must be span:NUMBER or trunk:NAME"}},
	{{.plan = RULE "  - {name: out, prefix: 1, to: 'trunk:t'}\n"}, {"8:5: rule out stands twice, also at line 6"}},
	{{.plan = RULE "  - {name: b, to: 'trunk:t'}\n"}, {"8:5: rule b matches the same calls as rule out at line 6"}},
	{{.plan = "  - {name: a}\n  - b\n"}, {"6:5: a rule has no to", "7:5: a rule is a map"}},
	{{.plan = "  {}\n"}, {"6:3: plan cannot be a map; it must be a list"}},
	/* the rest: begins at line 7 */
	{{.rest = "trunk: []\n"}, {"7:1: the configuration has no key \"trunk\"; did you mean \"trunks\"?"}},
	{{.rest = "trunks: []\n"}, {"7:1: trunks stands twice; it was given at line 3"}},
	{{.rest = "rtp: {ports: 16385-20000}\n"}, {"7:14: the first RTP port must be even"}},
	{{.rest = "rtp: {ports: 20000-16384}\n"}, {"7:14: the last RTP port must be higher"}},
	{{.rest = "rtp: {ports: 20000-70000}\n"}, {"7:14: RTP ports are between 1024 and 65535"}},
	{{.rest = "rtp: {ports: 80-90}\n"}, {"7:14: RTP ports are between 1024 and 65535"}},
	{{.rest = "rtp: {ports: 20000}\n"}, {"7:14: ports cannot be \"20000\"; it must be UDP ports from-to"}},
	{{.rest = "rtp: {ports: 20000-20010}\n"}, {"7:14: 11 RTP ports are enough for 1 calls and 4 emergency calls beyond them, but the spans have 30 B-channels; a call takes two ports, so 68 are needed"}},
	{{.rest = "rtp: {ports: 20000-20066}\n"}, {"7:14: 67 RTP ports are enough for 29 calls and 4 emergency calls beyond them"}},
	{{.rest = "rtp: {ports: 5000-5999}\n"}, {"7:14: SIP port 5060 is amid the RTP ports 5000-5999"}},
	{{.rest = "rtp: {jitter_buffer: {min_ms: 60}}\n"}, {"the jitter buffer begins with 40 ms, which is not between min_ms 60 and max_ms 200"}},
	{{.rest = "rtp: {jitter_buffer: {max_ms: 5}}\n"}, {"7:31: max_ms cannot be \"5\"; it must be a number from 10 to 1000"}},
	{{.rest = "rtp: 5\n"}, {"7:6: rtp cannot be \"5\"; it must be a map"}},
	{{.rest = "rtp:\n"}, {"7:5: rtp cannot be nothing; it must be a map"}},
	{{.rest = "limits: {calls: 0}\n"}, {"7:17: calls cannot be \"0\"; it must be a number from 1 to 100000"}},
	{{.rest = "limits: {calls: 9000}\n"}, {"7:17: 9000 calls and 4 emergency calls beyond them need 18008 RTP ports, rtp.ports 16384-32767 holds 16384; widen it or lower the limit to 8188"}},
	{{.rest = "records: /var/x\n"}, {"7:10: records cannot be \"/var/x\"; it must be a map"}},
	{{.rest = "records: {}\n"}, {"7:10: records has no file; it must be a path of 1 to 255 octets"}},
	{{.rest = "records: {file: /a}\nlog: {file: /a}\n"}, {"8:13: records.file and log.file have the same path"}},
	{{.rest = "log: {level: verbose}\n"}, {"7:14: level cannot be \"verbose\"; it must be error, warn, info or debug"}},
	{{.rest = "log: {format: xml}\n"}, {"7:15: format cannot be \"xml\"; it must be text or json"}},
	{{.rest = "control: {socket: [a]}\n"}, {"7:19: socket cannot be a list"}},
	/* several at once, in the order of the file */
	{{.span = SPAN "    clock: x\n    hunting: y\n", .plan = "  - {name: a, to: 'span:9'}\n", .rest = "log: {level: z}\n"},
	 {"6:12: clock", "7:14: hunting", "11:19: there is no span \"9\"", "12:14: level"}},
	/* YAML that is refused */
	{{.span = "  - &s {span: 1, driver: virtual, connect: /e1, side: user}\n"}, {"2:5: anchors (&name) are not supported"}},
	{{.rest = "limits: {calls: *c}\n"}, {"7:17: aliases (*name) are not supported"}},
	{{.rest = "limits: {calls: !!int 5}\n"}, {"7:17: tags (!name) are not supported"}},
	{{.rest = "limits: !x {calls: 5}\n"}, {"7:9: tags (!name) are not supported"}},
	{{.rest = "limits: {<<: 5}\n"}, {"7:10: limits has no key \"<<\""}},
	{{.rest = "? [a]\n: b\n"}, {"7:3: a list or map cannot be a key"}},
	{{.rest = "---\nspans: []\n"}, {"7:1: a second document starts here"}},
	{{.rest = "log: {level: \"in\\nfo\"}\n"}, {"7:14: a line break or control character in a value"}},
	{{.rest = "log: |\n  text\n"}, {"7:6: a line break or control character in a value"}},
	{{.rest = "log:\n\tlevel: info\n"}, {"8:1: a tab in the indentation"}},
	{{.rest = "log: {level: info\n"}, {"8:1: not YAML"}},
	{{.rest = "log: \"info\n"}, {"8:1: not YAML"}},
	{{.rest = "log: {level: @x}\n"}, {"7:14: not YAML"}},
	{{.rest = " log: 1\n"}, {"7:2: not YAML"}},
	{{.rest = "# caf\xe9\n"}, {"7:6: octet 0xe9 is not UTF-8 text"}},
	{{.rest = "# \xc0\x80\n"}, {"7:3: octet 0xc0 is not UTF-8 text"}},
	{{.rest = "# \xed\xa0\x80\n"}, {"7:3: octet 0xed is not UTF-8 text"}},
	{{.rest = "# \xc3\xa4\xf4\x90\x80\x80\n"}, {"7:4: octet 0xf4 is not UTF-8 text"}},
	{{.rest = "# \x1b[2J\n"}, {"7:3: 0x1b is a control character; remove it"}},
	{{.rest = "\"\xc2\x9b\": 1\n"}, {"7:2: 0x9b is a control character; remove it"}},
};
/* clang-format on */

static struct mistakes m;

static void every_mistake_has_its_place(void **state)
{
	unsigned wrong = 0;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		const char *text = make_file(&bad[i].file);
		unsigned expected = 0, good = 0;
		struct config *c;

		parse(&c, text, &m);
		while (expected < 4 && bad[i].at[expected])
			expected++;
		for (unsigned k = 0; k < expected && k < m.count; k++) {
			/* "f:" and then at once the place, or words of which the place is any. */
			bool placed = bad[i].at[k][0] >= '0' && bad[i].at[k][0] <= '9';

			good +=
			    placed ? strncmp(m.text[k] + 2, bad[i].at[k], strlen(bad[i].at[k])) == 0
				   : strstr(m.text[k], bad[i].at[k]) != NULL;
		}
		if (good == expected && m.count == expected)
			continue;
		wrong++;
		print_error("row %zu of %zu: expected %u mistakes, got %u:\n%s\n", i,
			    sizeof(bad) / sizeof(bad[0]), expected, m.count, text);
		for (unsigned k = 0; k < m.count && k < CONFIG_ERRORS_MAX; k++)
			print_error("  got %s\n", m.text[k]);
		for (unsigned k = 0; k < expected; k++)
			print_error("  expected %s\n", bad[i].at[k]);
	}
	assert_int_equal(wrong, 0);
	assert_true(sizeof(bad) / sizeof(bad[0]) >= 60);
}

static void whole_files(void **state)
{
	static const struct {
		const char *text, *says;
	} file[] = {
	    {"", "f:1:1: the file is empty; it needs spans, trunks and plan"},
	    {"\n\n# nothing\n", "f:1:1: the file is empty"},
	    {"---\n", "f:2:1: the file must begin with a key"},
	    {"spans", "f:1:1: the file must begin with a key"},
	    {"- a\n", "f:1:1: the file must begin with a key"},
	    {"{}", "f:1:1: the configuration has no spans; it must be a list"},
	    {"\xff\xfes\0p", "f:1:1: octet 0xff is not UTF-8 text; save the file as UTF-8"},
	    {"\t\n\tspans:\n", "f:1:1: a tab in the indentation"},
	};
	struct config *c;

	for (size_t i = 0; i < sizeof(file) / sizeof(file[0]); i++) {
		parse(&c, file[i].text, &m);
		if (m.count == 0 || strncmp(m.text[0], file[i].says, strlen(file[i].says)) != 0)
			fail_msg("%zu: %s", i, m.text[0]);
	}
	/* A NUL in the text is no end. */
	m.count = 0;
	assert_int_equal(config_parse(&c, "f", "spans: \0", 8, mistakes_add, &m), 1);
	assert_non_null(strstr(m.text[0], "f:1:8: 0x00 is a control character"));
}

static void mistakes_are_bounded(void **state)
{
	static char text[1 << 16];
	size_t len = (size_t)snprintf(text, sizeof(text), "%s", make_file(&(struct parts){0}));
	struct config *c = NULL;

	for (int i = 0; i < 200; i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len, "unknown%d: 1\n", i);
	assert_int_equal(parse(&c, text, &m), 200);
	assert_int_equal(m.count, CONFIG_ERRORS_MAX + 1);
	assert_string_equal(m.text[CONFIG_ERRORS_MAX],
			    "f: and 150 more mistakes; correct these first");
}

/* Depth, number and length: refused, neither slow nor deep in the stack. */
static void giants_are_refused(void **state)
{
	static char text[CONFIG_FILE_MAX + 2];
	struct config *c;

	memset(text, '[', CONFIG_FILE_MAX);
	parse(&c, text, &m);
	assert_non_null(strstr(m.text[0], "nested too deeply"));
	for (size_t i = 0; i < CONFIG_FILE_MAX; i++)
		text[i] = i == 0 ? '[' : i % 2 ? 'a' : ',';
	parse(&c, text, &m);
	assert_non_null(strstr(m.text[0], "too many values"));
	memset(text, 'a', CONFIG_FILE_MAX);
	parse(&c, text, &m);
	assert_int_equal(m.count, 1);
	memset(text, ' ', CONFIG_FILE_MAX + 1);
	parse(&c, text, &m);
	assert_non_null(strstr(m.text[0], "longer than"));
}

const struct CMUnitTest bad_tests[] = {
    cmocka_unit_test(every_mistake_has_its_place),
    cmocka_unit_test(whole_files),
    cmocka_unit_test(mistakes_are_bounded),
    cmocka_unit_test(giants_are_refused),
};
const size_t bad_test_count = sizeof(bad_tests) / sizeof(bad_tests[0]);
