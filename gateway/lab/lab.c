/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "gateway/lab/lab.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "gateway/lab/lab_run.h"

enum {
	TALK_MS = 3000,
	SECONDS_MAX = 3600,
	CALLS_DEFAULT = 2,
	DEMO_CALLS_MAX = 100000,
	DAHDI_SPANS_MAX = 128
};

static const char usage[] =
    "usage: spanbridge lab [--calls N] [--check] [--json] [OPTIONS]\n"
    "       spanbridge lab --demo [--calls N]\n"
    "\n"
    "Starts an exchange, the gateway and a SIP peer as three processes on this machine and\n"
    "places N calls at once from the E1 to SIP, then N from SIP to the E1.\n"
    "\n"
    "  --calls N        calls each way, 1 to 30 (default 2); with --demo: stop after N each way\n"
    "  --check          also some calls that must fail; exit status 0 only if every call was\n"
    "                   answered or refused as it had to be, early media came before the answer,\n"
    "                   each octet of audio is there or counted as lost, the causes and the call\n"
    "                   records are right\n"
    "  --demo           a call each way every few seconds, until Ctrl-C\n"
    "  --json           the summaries as JSON lines\n"
    "  --seconds S      how long each call talks (default 3)\n"
    "  --law pcma|pcmu  codec on the SIP side (default pcma: audio passes unchanged)\n"
    "  --ipv6           SIP and RTP over IPv6\n"
    "  --driver DRIVER  virtual (default), or dahdi: two spans of a card (or of two), with a\n"
    "                   crossed cable between them; the gateway on the first\n"
    "  --dahdi-spans A,B  their numbers as /proc/dahdi has them (default 1,2)\n"
    "  --capture FILE   D-channel and SIP as pcapng, for Wireshark\n"
    "  --keep-logs DIR  keep logs, configuration and call records there\n"
    "  --plant KIND     make a mistake in the audio that a check must find: wrong-octet, drop,\n"
    "                   swap or late\n"
    "  --plant-at WHO   exchange (default) or sip: who makes it\n"
    "  --programs DIR   where spanbridged, spanbridge-pbx and spanbridge are (default: beside\n"
    "                   this program)\n";

static int wrong(const char *option, const char *value, const char *right)
{
	fprintf(stderr, "lab: --%s %s: must be %s\n", option, value, right);
	return LAB_USAGE;
}

static int whole_number(const char *text, int min, int max)
{
	char *end;
	long n = strtol(text, &end, 10);

	return *text && !*end && n >= min && n <= max ? (int)n : -1;
}

static int take_plant(struct lab_options *o, const char *value)
{
	static const char *const kinds[] = {"wrong-octet", "drop", "swap", "late"};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strcmp(kinds[i], value) == 0) {
			o->plant = value;
			return 0;
		}
	return wrong("plant", value, "wrong-octet, drop, swap or late");
}

static int take_driver(struct lab_options *o, const char *value)
{
	if (strcmp(value, "virtual") && strcmp(value, "dahdi"))
		return wrong("driver", value, "virtual or dahdi");
	o->rig.dahdi = *value == 'd';
	return 0;
}

static int take_spans(struct lab_options *o, const char *value)
{
	char *end;
	long core = strtol(value, &end, 10), pbx = *end == ',' ? strtol(end + 1, &end, 10) : 0;

	if (*end || core < 1 || pbx < 1 || core > DAHDI_SPANS_MAX || pbx > DAHDI_SPANS_MAX ||
	    core == pbx)
		return wrong("dahdi-spans", value, "two different numbers, like 1,2");
	o->rig.dahdi_core = (unsigned)core;
	o->rig.dahdi_pbx = (unsigned)pbx;
	return 0;
}

static int take_law(struct lab_options *o, const char *value)
{
	o->rig.ulaw = strcmp(value, "pcmu") == 0;
	return o->rig.ulaw || strcmp(value, "pcma") == 0 ? 0 : wrong("law", value, "pcma or pcmu");
}

/* The core may have another folder as its own. */
static int take_capture(struct lab_options *o, const char *value)
{
	static char path[600];
	char cwd[512];
	struct strbuf b;

	strbuf_init(&b, path, sizeof(path));
	if (*value != '/' && getcwd(cwd, sizeof(cwd)))
		strbuf_addf(&b, "%s/", cwd);
	strbuf_add(&b, value);
	o->rig.capture = path;
	return b.truncated ? wrong("capture", value, "a shorter path") : 0;
}

static int take_option(struct lab_options *o, int option, const char *value)
{
	switch (option) {
	case 'n':
		o->calls = whole_number(value, 1, DEMO_CALLS_MAX);
		return o->calls > 0 ? 0 : wrong("calls", value, "a number from 1 on");
	case 's':
		o->talk_ms = whole_number(value, 1, SECONDS_MAX) * 1000;
		return o->talk_ms > 0 ? 0 : wrong("seconds", value, "a number from 1 to 3600");
	case 'c':
		o->check = true;
		return 0;
	case 'j':
		o->json = true;
		return 0;
	case 'd':
		o->demo = true;
		return 0;
	case '6':
		o->rig.ipv6 = true;
		return 0;
	case 'l':
		return take_law(o, value);
	case 'f':
		return take_capture(o, value);
	case 'k':
		o->rig.keep = value;
		return 0;
	case 'e':
		return take_driver(o, value);
	case 't':
		return take_spans(o, value);
	case 'p':
		return take_plant(o, value);
	case 'w':
		o->plant_at_sip = strcmp(value, "sip") == 0;
		return o->plant_at_sip || strcmp(value, "exchange") == 0
			   ? 0
			   : wrong("plant-at", value, "exchange or sip");
	case 'b':
		o->rig.programs = value;
		return 0;
	default:
		fputs("Try: spanbridge lab --help\n", stderr);
		return LAB_USAGE;
	}
}

static int parse_options(struct lab_options *o, int argc, char **argv)
{
	static const struct option options[] = {{"calls", required_argument, NULL, 'n'},
						{"check", no_argument, NULL, 'c'},
						{"json", no_argument, NULL, 'j'},
						{"demo", no_argument, NULL, 'd'},
						{"seconds", required_argument, NULL, 's'},
						{"law", required_argument, NULL, 'l'},
						{"ipv6", no_argument, NULL, '6'},
						{"capture", required_argument, NULL, 'f'},
						{"keep-logs", required_argument, NULL, 'k'},
						{"driver", required_argument, NULL, 'e'},
						{"dahdi-spans", required_argument, NULL, 't'},
						{"plant", required_argument, NULL, 'p'},
						{"plant-at", required_argument, NULL, 'w'},
						{"programs", required_argument, NULL, 'b'},
						{"help", no_argument, NULL, 'h'},
						{0}};
	int option, status;

	optind = 0;
	while ((option = getopt_long(argc, argv, "h", options, NULL)) != -1) {
		if (option == 'h') {
			fputs(usage, stdout);
			exit(LAB_OK);
		}
		status = take_option(o, option, optarg);
		if (status)
			return status;
	}
	if (optind < argc)
		return wrong("lab", argv[optind], "an option: see spanbridge lab --help");
	if (!o->demo && o->calls > LAB_CALLS_MAX) {
		fprintf(stderr, "lab: --calls %d: one E1 carries 30 calls at most\n", o->calls);
		return LAB_USAGE;
	}
	return LAB_OK;
}

int lab_main(int argc, char **argv)
{
	struct lab_options o = {.talk_ms = TALK_MS, .rig = {.dahdi_core = 1, .dahdi_pbx = 2}};
	int status = parse_options(&o, argc, argv);

	if (status)
		return status;
	if (o.demo)
		return lab_run_demo(&o);
	if (!o.calls)
		o.calls = CALLS_DEFAULT;
	return lab_run_calls(&o);
}
