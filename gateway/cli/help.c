/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "gateway/cli/cli.h"

static const char program_help[] =
    "spanbridge - ask and steer the gateway\n"
    "\n"
    "  spanbridge status            what is wrong, in one sentence each; then counters\n"
    "  spanbridge show spans        D-channels, alarms, counters of each E1\n"
    "  spanbridge show line         framing, line code, clock and errors of each line\n"
    "  spanbridge show channels     each B-channel at a glance, and who is on it\n"
    "  spanbridge show calls        the calls that live\n"
    "  spanbridge show trunks       the SIP trunks\n"
    "  spanbridge show timers       the timers of each span\n"
    "  spanbridge show call ID      every message of one call, ISDN and SIP, with times\n"
    "  spanbridge trace             messages of both sides as they come and go, in words\n"
    "  spanbridge log [-f]          the last events; -f goes on with new ones\n"
    "  spanbridge call clear ID     ends one call\n"
    "  spanbridge span N restart    RESTART on idle channels\n"
    "  spanbridge config check FILE finds every mistake of a configuration\n"
    "  spanbridge config keys       what a configuration can say\n"
    "  spanbridge plan test NUMBER  what the number plan does to a call, step by step\n"
    "  spanbridge plan reload       takes the number plan of the configuration anew\n"
    "  spanbridge plan lint FILE    what in a number plan is most likely a mistake\n"
    "  spanbridge plan replay       past calls through a plan that is not active yet\n"
    "  spanbridge plan profile      the countries whose numbering plans are built in\n"
    "  spanbridge doctor [CONFIG]   what is wrong with card, line, ports; how to mend it\n"
    "  spanbridge import KIND FILE  others' configuration: dahdi, asterisk; their dial plan:\n"
    "                               extensions, cisco, csv\n"
    "  spanbridge export dahdi FILE a system.conf for DAHDI of our configuration\n"
    "  spanbridge lab               tries everything on this machine, without a card\n"
    "\n"
    "  --socket PATH  the core's control socket (else $SPANBRIDGE_SOCKET, else\n"
    "                 /run/spanbridge/control.sock)\n"
    "  --json         JSON instead of text, for programs\n"
    "  --help         this, or more about one: spanbridge show --help\n"
    "\n"
    "Something does not work? Begin with `spanbridge status`, then `spanbridge log`.\n";

static const struct {
	const char *subcommand, *text;
} help[] = {
    {"status",
     "spanbridge status [--json]\n"
     "\n"
     "First what is wrong, one sentence each; \"Everything is in order.\" when nothing is. For\n"
     "example:\n"
     "\n"
     "  span 1: D-channel down since 03:12:44 (LOS)\n"
     "      No signal on the E1: look at the cable and at the other end's power.\n"
     "  span 1: D-channel down since 03:12:44 (the other end does not answer)\n"
     "      There is a signal, but LAPD does not come up: are both ends `user`, or both\n"
     "      `network`? Is the D-channel in the same timeslot at both?\n"
     "  INVITEs refused from 192.0.2.7 (403): no trunk has this address\n"
     "      Add the address to `sources` of the trunk that it belongs to, if it does.\n"
     "\n"
     "Times are local. The counters count from the start of the core.\n"},
    {"show",
     "spanbridge show spans|line|channels|calls|trunks|timers [--json]\n"
     "spanbridge show call ID [--raw] [--json]\n"
     "\n"
     "spans      BUSY: channels in use of those configured. IN, OUT: calls. REFUSED: SETUPs that\n"
     "           got no call. GLARE: both ends took a channel at once. MISSED: 20 ms blocks that\n"
     "           never came, so callers heard gaps. SLIPS: the clocks of the two ends differ.\n"
     "line       CLOCK: where the card takes it from. SLIPS: of the card, 125 us each. BPV, FAS,\n"
     "           CRC-4, E-BIT: errors. ES, SES: (severely) errored seconds. FRAMES BAD: D-channel.\n"
     "channels   One sign for each timeslot: . idle, # busy, r restarting, X blocked, o out of\n"
     "           service (RESTART was not acknowledged); below it whatever is not idle,\n"
     "           SLOT being SPAN:TIMESLOT.\n"
     "calls      TIME: since the answer, before it since the beginning. LOST: RTP packets that\n"
     "           the peer sent and we did not get.\n"
     "trunks     BIND: our address; ADVERTISED: what peers are told instead.\n"
     "call       What was said on both sides, in order, also of a call that ended not long ago;\n"
     "           > comes to us, < goes out. --raw: with the octets.\n"},
    {"log", "spanbridge log [-n N] [--level LEVEL] [-f] [--json]\n"
	    "\n"
	    "  -n N           the last N events (50; the core keeps 500)\n"
	    "  --level LEVEL  error, warn, info or debug and what is worse\n"
	    "  -f, --follow   goes on with new events until Ctrl-C\n"
	    "  --json         one JSON object a line\n"
	    "\n"
	    "One event is one line: time in UTC, level, event, key=value. All of one call:\n"
	    "  spanbridge log -n 500 | grep call=1a2b\n"},
    {"trace",
     "spanbridge trace [--span N] [--call ID] [--raw] [--json]\n"
     "\n"
     "Shows Q.931 messages in words and the first lines of SIP messages as they happen, until\n"
     "Ctrl-C; > comes to us, < goes out.\n"
     "  --span N   only this span's D-channel\n"
     "  --call ID  only this call, both sides (`spanbridge show calls` has the IDs)\n"
     "  --raw      everything of layer 2, too, and the octets of each message\n"
     "\n"
     "What a call said that is over: spanbridge show call ID. For Wireshark: `capture` in the\n"
     "configuration.\n"},
    {"call",
     "spanbridge call clear ID [CAUSE]\n"
     "\n"
     "Ends the call that `spanbridge show calls` shows with this ID, with the Q.850 cause CAUSE\n"
     "(16, normal clearing, if not given), on both sides.\n"},
    {"span",
     "spanbridge span N restart [TIMESLOT]\n"
     "\n"
     "Sends RESTART on one channel of span N, or on all that carry no call, one after the other.\n"
     "Brings channels back that are blocked or out of service, when the other end acknowledges.\n"},
    {"config",
     "spanbridge config check FILE\n"
     "spanbridge config keys\n"
     "\n"
     "check finds every mistake and says where: FILE:LINE:COLUMN: what is wrong, what would be\n"
     "right. It starts nothing and needs no running core.\n"
     "keys lists all that a configuration can say, with defaults.\n"},
    {"plan",
     "spanbridge plan test NUMBER [--from span:1] [--ton TYPE] [--npi PLAN] [--at 2026-12-24T10:00]\n"
     "                     [--calling NUMBER [--calling-ton TYPE] [--presentation restricted]]\n"
     "                     [--redirecting NUMBER] [--name NAME] [--bearer unrestricted]\n"
     "                     [--connected NUMBER] [--config FILE] [--json]\n"
     "                     [--lookup | --answer NUMBER|none|failed]\n"
     "spanbridge plan reload\n"
     "spanbridge plan lint FILE [--json]\n"
     "spanbridge plan replay [--config FILE] [--records FILE] [--last N] [--json]\n"
     "spanbridge plan profile [NAME]\n"
     "\n"
     "test     a call to NUMBER as it would be routed: where it goes or why it is refused, the numbers\n"
     "         of the SETUP octet by octet or the lines of the INVITE, and how that was decided: what\n"
     "         the numbers are (E.164 or short), which rules do not fit and why. NUMBER as it comes\n"
     "         in: 0086..., +86... for type international, or with --ton national as `show call` has\n"
     "         it. Without --from: the first span. --at: in the plan's time zone, else now. No limit\n"
     "         is reached, nothing is called. --connected: who answers, as the target\n"
     "         writes it; shown is what the caller is told. Try it before a plan goes live:\n"
     "           spanbridge plan test 0049301234567 --from span:1 --config new.yaml\n"
     "         Exit status 0 also when the call is refused; --json: \"cause\" is not 0 then.\n"
     "         A look-up is not asked, and so fails, unless --lookup asks DNS for it (type enum), or\n"
     "         --answer says what it finds: a number, also '+12155551234;npdi;rn=+12159817600'.\n"
     "reload   the running core reads its configuration anew and takes the number plan of it, if\n"
     "         all of the file is right and its cases pass; else the old plan stays, and why is\n"
     "         told. Calls in progress do not notice. So does SIGHUP.\n"
     "lint     tries each rule with numbers made for it: rules that never decide, overlaps, +0...,\n"
     "         prefixes that stand twice, numbers that the far end would read as others, targets\n"
     "         that nothing reaches, emergency numbers without a route. Exit status 1: findings.\n"
     "replay   the last N calls (1000) of the call records (else those that FILE keeps), as they\n"
     "         came in, through the plan of FILE: which would go elsewhere, or as another number.\n"
     "profile  lists the countries; with NAME prints one, with sources and cases, as a start for\n"
     "         your own.\n"},
    {"doctor",
     "spanbridge doctor [CONFIG] [--json]\n"
     "\n"
     "Looks at everything that keeps calls from working and says each fault in one sentence, and\n"
     "below it the command that mends it: driver not loaded, no permission, span not configured,\n"
     "wrong signalling, channel in use, alarms, CRC-4 or D-channel timeslot that do not agree, both\n"
     "ends user or network, nobody or both giving the clock, a SIP port that is taken, RTP ports,\n"
     "files that cannot be written. It changes nothing, and needs no running gateway; when one\n"
     "runs, it is asked, too.\n"
     "\n"
     "CONFIG  (/etc/spanbridge/spanbridge.yaml) what the gateway is to do. Without one only the\n"
     "        cards are shown.\n"
     "As root it sees more: which program holds a channel or a port.\n"
     "Exit status: 0 no error (warnings at most), 1 errors, 2 wrong usage.\n"},
    {"import",
     "spanbridge import dahdi FILE                     /etc/dahdi/system.conf\n"
     "spanbridge import asterisk FILE [SYSTEM.CONF]    /etc/asterisk/chan_dahdi.conf\n"
     "spanbridge import extensions FILE [chan_dahdi.conf] [pjsip.conf] [sip.conf]\n"
     "                                    extensions.conf of Asterisk; the others say what enters\n"
     "                                    which context (from:) and which spans a group has\n"
     "spanbridge import cisco FILE        voice translation-rule, -profile and dial-peer of Cisco IOS\n"
     "spanbridge import csv FILE          a table: prefix,target and if you like name, from, ton,\n"
     "                                    strip, prepend, set_ton, set_npi, priority, weight, cost\n"
     "\n"
     "Prints a configuration of ours, or a number plan. Each line says which line it came from;\n"
     "what the other file cannot know is marked FILL IN. What could not be taken over is told on standard\n"
     "error, line by line. With SYSTEM.CONF the channels of each span are known; without it, each\n"
     "span is an E1 of 31 channels. #include is told, not followed.\n"
     "\n"
     "  spanbridge import asterisk chan_dahdi.conf /etc/dahdi/system.conf >spanbridge.yaml\n"
     "  spanbridged --check spanbridge.yaml; spanbridge plan lint spanbridge.yaml\n"
     "Exit status: 0 a configuration was written, 1 there is no ISDN PRI in it, 2 wrong usage.\n"},
    {"export",
     "spanbridge export dahdi CONFIG\n"
     "\n"
     "Prints a system.conf for the spans with `driver: dahdi`: span=, bchan=, dchan=,\n"
     "echocanceller=. Spans that others use are not in it: look before you replace yours.\n"},
};

void cli_help(const char *subcommand)
{
	for (unsigned i = 0; subcommand && i < sizeof(help) / sizeof(help[0]); i++) {
		if (strcmp(help[i].subcommand, subcommand) != 0)
			continue;
		fputs(help[i].text, stdout);
		return;
	}
	fputs(program_help, stdout);
}

int cli_usage(const char *subcommand, const char *format, ...)
{
	va_list ap;

	fputs("spanbridge: ", stderr);
	va_start(ap, format);
	vfprintf(stderr, format, ap);
	va_end(ap);
	fprintf(stderr, "\n  try: spanbridge %s%s--help\n", subcommand ? subcommand : "",
		subcommand ? " " : "");
	return CLI_USAGE;
}
