/* SPDX-License-Identifier: GPL-2.0-or-later */
/* spanbridge-pbx: the exchange as a program. One thread, one poll loop; commands come in on stdin
 * and events go out on stdout, one JSON object a line. */
#include <errno.h>
#include <getopt.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "gateway/pbx/pbx_command.h"
#include "hw/t1e1/e1_dahdi.h"
#include "hw/t1e1/e1_virt.h"

static const char usage[] =
    "Usage: spanbridge-pbx --socket PATH | --dahdi-span N [options]\n"
    "\n"
    "An ISDN exchange (or a PBX, with --side user) to test a gateway against, on a virtual\n"
    "E1 or a span of a DAHDI card.\n"
    "\n"
    "  -s, --socket PATH      the virtual E1: a UNIX socket that this program makes\n"
    "      --dahdi-span N     a DAHDI card: the kernel's number of the span\n"
    "      --connect          connect to PATH instead (the gateway makes it)\n"
    "      --slave            take the clock from the other end (default: clock master)\n"
    "      --side SIDE        network (default) or user\n"
    "      --dchannel N       timeslot of the D-channel (default 16)\n"
    "      --bchannels LIST   such as 1-15,17-31 (default: all but the D-channel)\n"
    "      --descending       hunt from the highest timeslot down (default: up)\n"
    "      --answer MS        answer every call after MS; rings with in-band audio until then\n"
    "      --call NUMBER      place one call, 10 s long, as soon as the D-channel is up, and stop\n"
    "                         after it (status 1 if it was not answered)\n"
    "      --drop-dchannel    begin with a D-channel that loses everything\n"
    "      --t309 SECONDS     how long calls outlive the D-channel (default 90)\n"
    "      --gateway-audio    speak and expect what a gateway would: for two exchanges back to\n"
    "                         back, at one of them\n"
    "      --json             events as JSON, also on a terminal\n"
    "      --exit-on-eof      stop when stdin ends\n"
    "  -h, --help\n"
    "\n"
    "Two exchanges, back to back:\n"
    "  spanbridge-pbx -s /tmp/e1 --answer 2000\n"
    "  spanbridge-pbx -s /tmp/e1 --connect --slave --side user --gateway-audio --call 0301\n"
    "\n"
    "Commands on stdin, one JSON object a line (numbers of ms; leave out what you do not need):\n"
    "  {\"cmd\":\"call\",\"called\":\"030123\",\"calling\":\"4711\",\"ton\":0,\"hold_ms\":3000,"
    "\"give_up_ms\":5000,\"cause\":16,\"ts\":5,\"exclusive\":false,\"bearer\":16,\"tag\":\"x\"}\n"
    "  {\"cmd\":\"rule\",\"prefix\":\"03\",\"refuse\":17,\"progress_inband\":false,"
    "\"alert_after_ms\":100,\n   \"alert_inband\":true,\"answer_after_ms\":1000,"
    "\"hold_ms\":3000,\"cause\":16}\n"
    "      what to do with calls to numbers that begin with prefix; without any rule for it a "
    "call\n"
    "      is rejected (21). No alert_after_ms: no ALERTING. No answer_after_ms: never answers.\n"
    "      No hold_ms: the other side hangs up.\n"
    "  {\"cmd\":\"hangup\",\"call\":3,\"cause\":16}    {\"cmd\":\"hangup_all\"}\n"
    "  {\"cmd\":\"fault\",\"dchannel\":\"drop\"}        or \"pass\": audio flows all the time\n"
    "  {\"cmd\":\"plant\",\"kind\":\"wrong-octet\"}     or drop, swap, late: spoils the audio "
    "once\n"
    "  {\"cmd\":\"status\"}   {\"cmd\":\"quit\"}\n"
    "Each call speaks an audio pattern (stream 2N towards SIP, N: the last four digits of the\n"
    "called number) and checks the other side's (2N + 1); the event \"hangup\" tells what was "
    "heard.\n"
    "Exit status: 0 stopped as asked, 1 could not run, 2 wrong usage.\n";

static volatile sig_atomic_t stop_asked;

static void on_signal(int signum)
{
	(void)signum;
	stop_asked = 1;
}

enum {
	OPT_CONNECT = 256,
	OPT_DAHDI,
	OPT_SLAVE,
	OPT_SIDE,
	OPT_D,
	OPT_B,
	OPT_DESCENDING,
	OPT_ANSWER,
	OPT_CALL,
	OPT_DROP,
	OPT_T309,
	OPT_GATEWAY,
	OPT_EOF,
};

struct options {
	struct e1_virt_socket_cfg e1;
	uint32_t dahdi_span; /* 0: virtual */
	struct pbx_cfg pbx;
	const char *call;
	uint32_t answer_ms; /* PBX_NEVER_MS: only by rule */
	bool exit_on_eof, drop_dchannel, json;
};

static int parse_channels(const char *text, uint32_t *out)
{
	uint32_t mask = 0;

	while (*text) {
		char *end;
		long from = strtol(text, &end, 10), to = from;

		if (end == text)
			return -EINVAL;
		if (*end == '-') {
			text = end + 1;
			to = strtol(text, &end, 10);
		}
		if (end == text || from < 1 || to > 31 || from > to || (*end && *end != ','))
			return -EINVAL;
		for (long ts = from; ts <= to; ts++)
			mask |= 1u << ts;
		text = *end ? end + 1 : end;
	}
	*out = mask;
	return mask ? 0 : -EINVAL;
}

static int wrong(const char *option, const char *value, const char *right)
{
	fprintf(stderr, "spanbridge-pbx: --%s %s: must be %s\n", option, value, right);
	return 2;
}

/* 0, or -EINVAL with *out as it was. */
static int parse_number(const char *text, long from, long to, uint32_t *out)
{
	char *end;
	long value;

	errno = 0;
	value = strtol(text, &end, 10);
	if (end == text || *end || errno || value < from || value > to)
		return -EINVAL;
	*out = (uint32_t)value;
	return 0;
}

static int take_number_option(struct options *o, int opt)
{
	uint32_t value = 0;

	switch (opt) {
	case OPT_D:
		if (parse_number(optarg, 1, 31, &value))
			return wrong("dchannel", optarg, "a timeslot from 1 to 31");
		o->pbx.dchannel_ts = (uint8_t)value;
		return 0;
	case OPT_DAHDI:
		if (parse_number(optarg, 1, 128, &o->dahdi_span))
			return wrong("dahdi-span", optarg, "a span's number from 1 to 128");
		return 0;
	case OPT_ANSWER:
		if (parse_number(optarg, 0, 3600000, &o->answer_ms))
			return wrong("answer", optarg, "milliseconds, at most an hour");
		return 0;
	case OPT_T309:
		if (parse_number(optarg, 1, 3600, &value))
			return wrong("t309", optarg, "seconds from 1 to 3600");
		o->pbx.t309_ms = value * 1000;
		return 0;
	}
	return -1;
}

static int take_option(struct options *o, int opt)
{
	switch (opt) {
	case 's':
		o->e1.path = optarg;
		return 0;
	case OPT_CONNECT:
		o->e1.listen = false;
		return 0;
	case OPT_SLAVE:
		o->e1.clock_master = false;
		return 0;
	case OPT_SIDE:
		if (strcmp(optarg, "user") && strcmp(optarg, "network"))
			return wrong("side", optarg, "network or user");
		o->pbx.network = optarg[0] == 'n';
		return 0;
	case OPT_D:
	case OPT_DAHDI:
	case OPT_ANSWER:
	case OPT_T309:
		return take_number_option(o, opt);
	case OPT_B:
		if (parse_channels(optarg, &o->pbx.bchannels))
			return wrong("bchannels", optarg,
				     "timeslots from 1 to 31, like 1-15,17-31");
		return 0;
	case OPT_DESCENDING:
		o->pbx.descending = true;
		return 0;
	case OPT_CALL:
		if (!*optarg || strlen(optarg) > PBX_DIGITS_MAX ||
		    strspn(optarg, "0123456789*#") != strlen(optarg))
			return wrong("call", optarg, "1 to 32 digits");
		o->call = optarg;
		return 0;
	case OPT_DROP:
		o->drop_dchannel = true;
		return 0;
	case OPT_GATEWAY:
		o->pbx.gateway_audio = true;
		return 0;
	case 'j':
		o->json = true;
		return 0;
	case OPT_EOF:
		o->exit_on_eof = true;
		return 0;
	}
	fputs("Try: spanbridge-pbx --help\n", stderr);
	return 2;
}

static int parse_options(struct options *o, int argc, char **argv)
{
	static const struct option list[] = {
	    {"socket", required_argument, NULL, 's'},
	    {"dahdi-span", required_argument, NULL, OPT_DAHDI},
	    {"connect", no_argument, NULL, OPT_CONNECT},
	    {"slave", no_argument, NULL, OPT_SLAVE},
	    {"side", required_argument, NULL, OPT_SIDE},
	    {"dchannel", required_argument, NULL, OPT_D},
	    {"bchannels", required_argument, NULL, OPT_B},
	    {"descending", no_argument, NULL, OPT_DESCENDING},
	    {"answer", required_argument, NULL, OPT_ANSWER},
	    {"call", required_argument, NULL, OPT_CALL},
	    {"drop-dchannel", no_argument, NULL, OPT_DROP},
	    {"t309", required_argument, NULL, OPT_T309},
	    {"gateway-audio", no_argument, NULL, OPT_GATEWAY},
	    {"exit-on-eof", no_argument, NULL, OPT_EOF},
	    {"json", no_argument, NULL, 'j'},
	    {"help", no_argument, NULL, 'h'},
	    {0},
	};
	int opt, err;

	while ((opt = getopt_long(argc, argv, "s:jh", list, NULL)) != -1) {
		if (opt == 'h') {
			fputs(usage, stdout);
			exit(0);
		}
		err = take_option(o, opt);
		if (err)
			return err;
	}
	if (!o->e1.path == !o->dahdi_span || optind < argc) {
		fputs("spanbridge-pbx: say which E1: --socket PATH or --dahdi-span N. More: "
		      "--help\n",
		      stderr);
		return 2;
	}
	if (!o->pbx.bchannels)
		o->pbx.bchannels = ~1u;
	o->pbx.bchannels &= ~(1u << o->pbx.dchannel_ts);
	return 0;
}

static void show_complaint(const char *text)
{
	fprintf(stderr, "libpri: %s", text);
}

static int wait_ms(const struct pbx *p, int64_t now_us)
{
	int64_t next_us = pbx_next_us(p);

	if (next_us == TIME_NEVER_US)
		return 1000;
	if (next_us <= now_us)
		return 0;
	return next_us - now_us > US_PER_S ? 1000
					   : (int)((next_us - now_us + US_PER_MS - 1) / US_PER_MS);
}

enum { LAST_FRAMES_US = 200000 };

static void wait_for_span(struct pbx *p, struct e1_span *e1, int64_t now_us)
{
	struct pollfd fds[] = {
	    {.fd = e1->ops->pace_fd(e1), .events = POLLIN},
	    {.fd = e1->ops->dchan_fd(e1), .events = POLLIN},
	};
	int ms = wait_ms(p, now_us);

	poll(fds, 2, ms < 20 ? ms : 20);
}

static int loop(struct pbx *p, struct e1_span *e1, struct pbx_commands *commands, bool exit_on_eof)
{
	bool stdin_open = true;

	while (!stop_asked && !commands->quit && !(exit_on_eof && !stdin_open)) {
		struct pollfd fds[] = {
		    {.fd = e1->ops->pace_fd(e1), .events = POLLIN},
		    {.fd = e1->ops->dchan_fd(e1), .events = POLLIN},
		    {.fd = stdin_open ? STDIN_FILENO : -1, .events = POLLIN},
		};
		int64_t now_us = clock_mono_us();

		if (poll(fds, 3, wait_ms(p, now_us)) < 0 && errno != EINTR)
			return 1;
		now_us = clock_mono_us();
		pbx_run(p, now_us);
		if (fds[2].revents)
			stdin_open = pbx_commands_read(commands, STDIN_FILENO, now_us);
		pbx_turn(p, now_us);
		fflush(stdout);
	}
	return 0;
}

/* Lets the other side know that all calls are over, for a second at most. The last frames (a
 * RELEASE COMPLETE, acknowledgements) take a while at 64 kbit/s: who goes before they have left
 * makes the other side wait for T308. */
static void hang_up_all(struct pbx *p, struct e1_span *e1)
{
	const int64_t begin_us = clock_mono_us();
	int64_t now_us = begin_us;

	pbx_clear_all(p, 16);
	while (now_us < begin_us + (pbx_calls(p) ? US_PER_S : LAST_FRAMES_US)) {
		pbx_run(p, now_us);
		pbx_turn(p, now_us);
		wait_for_span(p, e1, now_us);
		now_us = clock_mono_us();
	}
	fflush(stdout);
}

static void set_up(struct pbx_commands *c, const struct options *o)
{
	const struct pbx_rule answer = {
	    .alert_inband = true, .answer_after_ms = o->answer_ms, .hold_ms = PBX_NEVER_MS};

	c->for_people = !o->json && isatty(STDOUT_FILENO);
	c->call_when_up = o->call;
	if (o->answer_ms != PBX_NEVER_MS)
		pbx_rule(c->pbx, &answer);
	pbx_drop_dchannel(c->pbx, o->drop_dchannel);
}

static int open_e1(struct e1_span *e1, const struct options *o)
{
	const struct e1_dahdi_cfg dahdi = {
	    .dahdi_span = (uint16_t)o->dahdi_span,
	    .dchannel_ts = o->pbx.dchannel_ts,
	    .bchannels = o->pbx.bchannels,
	};
	const char *sentence = "";
	char why[E1_DAHDI_WHY];
	int err;

	if (o->dahdi_span) {
		err = e1_dahdi_open(e1, 1, &dahdi, why);
		if (err)
			fprintf(stderr, "spanbridge-pbx: span %u: %s\n", o->dahdi_span, why);
		return err;
	}
	err = e1_virt_socket_open(e1, 1, &o->e1, &sentence);
	if (err)
		fprintf(stderr, "spanbridge-pbx: %s: %s\n", o->e1.path, sentence);
	return err;
}

int main(int argc, char **argv)
{
	struct options o = {
	    .e1 = {.listen = true, .clock_master = true, .dchan_64k = true},
	    .pbx = {.network = true, .dchannel_ts = 16},
	    .answer_ms = PBX_NEVER_MS,
	};
	struct pbx_commands commands = {0};
	struct e1_span e1;
	int status = parse_options(&o, argc, argv);

	if (status)
		return status;
	signal(SIGINT, on_signal);
	signal(SIGTERM, on_signal);
	signal(SIGPIPE, SIG_IGN);
	pbx_libpri_complaints(show_complaint);
	if (open_e1(&e1, &o))
		return 1;
	if (pbx_create(&commands.pbx, &o.pbx, &e1, pbx_commands_event, &commands)) {
		fputs("spanbridge-pbx: out of memory\n", stderr);
		e1.ops->close(&e1);
		return 1;
	}
	set_up(&commands, &o);
	status = loop(commands.pbx, &e1, &commands, o.exit_on_eof);
	if (commands.only_call && !commands.only_call_answered)
		status = 1;
	hang_up_all(commands.pbx, &e1);
	pbx_destroy(commands.pbx);
	e1.ops->close(&e1);
	return status;
}
