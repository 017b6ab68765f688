/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * `spanbridge sip-peer`: the SIP peer on real UDP. One JSON object a line:
 *   in   {"cmd":"rule","prefix":"030","provisional":183,"ring_ms":100,"answer_ms":500,
 *         "status":200,"cause":0,"hold_ms":3000,"bye_cause":16}
 *        {"cmd":"call","called":"0401234","calling":"0301","cancel_ms":-1,"hold_ms":3000,
 *         "bye_cause":16}
 *        {"cmd":"hangup","call":1,"cause":16}  {"cmd":"plant","kind":"drop","number":-1}
 *        {"cmd":"status"}  {"cmd":"quit"} (or the end of the input)
 *   out  {"event":"ready","sip":"127.0.0.1:5062"}  {"event":"error","why":"…"}
 *        {"event":"status","calls":0}
 *        {"event":"incoming"|"placed"|"ringing"|"answered"|"ended","call":1,…}
 */
#include <errno.h>
#include <getopt.h>
#include <jansson.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "gateway/base/strbuf.h"
#include "gateway/lab/lab.h"
#include "gateway/lab/peer_udp.h"
#include "gateway/lab/sip_peer.h"

enum { LINE_MAX_OCTETS = 4096 };

struct program {
	struct sip_peer *peer;
	struct sip_peer_cfg cfg;
	struct deadline_queue deadlines;
	struct rng rng;
	int sip_fd;
	char line[LINE_MAX_OCTETS];
	size_t line_len;
	bool quit;
};

static void print_object(json_t *object)
{
	char *text = object ? json_dumps(object, JSON_COMPACT) : NULL;

	if (text)
		puts(text);
	fflush(stdout);
	free(text);
	json_decref(object);
}

static void print_error(const char *why)
{
	print_object(json_pack("{ss ss}", "event", "error", "why", why));
}

/* ── events ── */

static json_t *heard_json(const struct pattern_result *r)
{
	return json_pack("{sb sI sI sI sI sI si si sI sI sI}", "started", r->started, "good",
			 (json_int_t)r->good, "lost", (json_int_t)r->lost, "inserted",
			 (json_int_t)r->inserted, "changed", (json_int_t)r->changed, "foreign",
			 (json_int_t)r->foreign, "foreign_stream", r->foreign_stream, "gaps",
			 (int)r->gaps, "first_index", (json_int_t)r->first_index, "first_us",
			 (json_int_t)r->first_us, "last_us", (json_int_t)r->last_us);
}

static json_t *audio_json(const struct peer_audio_counts *a)
{
	return json_pack("{sI sI sI sI sI sI sI sI sI sI sI sI sI sI}", "sent_packets",
			 (json_int_t)a->sent_packets, "sent_octets", (json_int_t)a->sent_octets,
			 "received_packets", (json_int_t)a->received_packets, "received_octets",
			 (json_int_t)a->received_octets, "lost", (json_int_t)a->lost, "late",
			 (json_int_t)a->late, "duplicate", (json_int_t)a->duplicate,
			 "missing_octets", (json_int_t)a->missing_octets, "skipped_octets",
			 (json_int_t)a->skipped_octets, "malformed", (json_int_t)a->malformed,
			 "rtcp_received", (json_int_t)a->rtcp_received, "rtcp_lost",
			 (json_int_t)a->rtcp_lost, "restarts", (json_int_t)a->restarts,
			 "first_sent_us", (json_int_t)a->first_sent_us);
}

static void on_event(void *arg, enum sip_peer_event event, const struct sip_peer_report *r)
{
	static const char *const name[] = {"incoming", "ringing", "answered", "ended"};
	json_t *o =
	    json_pack("{ss si sb ss ss ss si si}", "event", name[event], "call", (int)r->call,
		      "outgoing", r->outgoing, "called", r->called, "calling", r->calling,
		      "sip_call_id", r->call_id, "status", r->status, "cause", r->cause);

	if (o && event == SIP_PEER_ENDED) {
		json_t *more = json_pack(
		    "{ss sI sI sI sI sb sb si si so so}", "end", sip_peer_end_name(r->end),
		    "start_us", (json_int_t)r->start_us, "ring_us", (json_int_t)r->ring_us,
		    "answer_us", (json_int_t)r->answer_us, "end_us", (json_int_t)r->end_us,
		    "early_sdp", r->early_sdp, "early_media", r->early_media, "payload_type",
		    r->payload_type, "retransmitted", (int)r->retransmitted, "heard",
		    heard_json(&r->heard), "audio", audio_json(&r->audio));

		json_object_update(o, more);
		json_decref(more);
	}
	print_object(o);
}

static int on_send(void *arg, const struct net_addr *to, const char *msg, size_t len)
{
	struct program *prog = arg;

	return peer_udp_send(prog->sip_fd, msg, len, to);
}

/* ── commands ── */

static long number_or(const json_t *o, const char *key, long otherwise)
{
	const json_t *v = json_object_get(o, key);

	return json_is_integer(v) ? (long)json_integer_value(v) : otherwise;
}

static const char *text_or(const json_t *o, const char *key, const char *otherwise)
{
	const char *text = json_string_value(json_object_get(o, key));

	return text ? text : otherwise;
}

static void command_rule(struct program *prog, const json_t *o)
{
	struct sip_peer_rule rule = {
	    .provisional = (uint16_t)number_or(o, "provisional", 180),
	    .ring_ms = (uint32_t)number_or(o, "ring_ms", 0),
	    .answer_ms = (uint32_t)number_or(o, "answer_ms", 0),
	    .status = (uint16_t)number_or(o, "status", 200),
	    .cause = (uint8_t)number_or(o, "cause", 0),
	    .hold_ms = (int32_t)number_or(o, "hold_ms", -1),
	    .bye_cause = (uint8_t)number_or(o, "bye_cause", 0),
	};

	if (!str_copy(rule.prefix, sizeof(rule.prefix), text_or(o, "prefix", "")))
		print_error("the prefix is too long");
	else if (sip_peer_set_rule(prog->peer, &rule))
		print_error("too many rules");
}

static void command_call(struct program *prog, const json_t *o, int64_t now_us)
{
	struct sip_peer_dial dial = {
	    .cancel_ms = (int32_t)number_or(o, "cancel_ms", -1),
	    .hold_ms = (int32_t)number_or(o, "hold_ms", -1),
	    .bye_cause = (uint8_t)number_or(o, "bye_cause", 0),
	};
	int call;

	if (!str_copy(dial.called, sizeof(dial.called), text_or(o, "called", "")) ||
	    !str_copy(dial.calling, sizeof(dial.calling), text_or(o, "calling", ""))) {
		print_error("a number is too long");
		return;
	}
	call = sip_peer_call(prog->peer, now_us, &dial);
	if (call < 0)
		print_object(json_pack("{ss ss ss}", "event", "not_placed", "called", dial.called,
				       "why", strerror(-call)));
	else
		print_object(json_pack("{ss si ss}", "event", "placed", "call", call, "called",
				       dial.called));
}

static void command_plant(struct program *prog, const json_t *o)
{
	static const char *const name[] = {
	    [PEER_PLANT_NONE] = "none", [PEER_PLANT_WRONG_OCTET] = "wrong-octet",
	    [PEER_PLANT_DROP] = "drop", [PEER_PLANT_SWAP] = "swap",
	    [PEER_PLANT_LATE] = "late",
	};
	const char *kind = text_or(o, "kind", "");

	for (size_t i = 0; i < sizeof(name) / sizeof(name[0]); i++)
		if (strcmp(name[i], kind) == 0) {
			sip_peer_plant(prog->peer, (enum peer_plant)i,
				       (int)number_or(o, "number", -1));
			return;
		}
	print_error("plant: kind is one of wrong-octet, drop, swap, late, none");
}

static void command(struct program *prog, const char *line, int64_t now_us)
{
	json_error_t error;
	json_t *o = json_loads(line, 0, &error);
	const char *cmd = text_or(o, "cmd", "");

	if (!o)
		print_error(error.text);
	else if (strcmp(cmd, "rule") == 0)
		command_rule(prog, o);
	else if (strcmp(cmd, "call") == 0)
		command_call(prog, o, now_us);
	else if (strcmp(cmd, "hangup") == 0)
		sip_peer_hangup(prog->peer, now_us, (unsigned)number_or(o, "call", 0),
				(uint8_t)number_or(o, "cause", 0));
	else if (strcmp(cmd, "plant") == 0)
		command_plant(prog, o);
	else if (strcmp(cmd, "status") == 0)
		print_object(json_pack("{ss si}", "event", "status", "calls",
				       (int)sip_peer_counters(prog->peer)->active));
	else if (strcmp(cmd, "quit") == 0)
		prog->quit = true;
	else
		print_error("unknown cmd");
	json_decref(o);
}

/* The end of the input is the end of whoever started us. */
static void read_commands(struct program *prog, int64_t now_us)
{
	ssize_t n = read(STDIN_FILENO, prog->line + prog->line_len,
			 sizeof(prog->line) - 1 - prog->line_len);
	char *end;

	if (n <= 0) {
		prog->quit = prog->quit || n == 0 || errno != EINTR;
		return;
	}
	prog->line_len += (size_t)n;
	while ((end = memchr(prog->line, '\n', prog->line_len))) {
		size_t used = (size_t)(end - prog->line) + 1;

		*end = '\0';
		if (*prog->line)
			command(prog, prog->line, now_us);
		prog->line_len -= used;
		memmove(prog->line, prog->line + used, prog->line_len);
	}
	if (prog->line_len == sizeof(prog->line) - 1) {
		print_error("the line is too long");
		prog->line_len = 0;
	}
}

/* ── the loop ── */

static void read_datagrams(struct program *prog, int64_t now_us)
{
	enum { BATCH = 64 };
	static char msg[65536];
	struct net_addr from;

	for (int i = 0; i < BATCH; i++) {
		ssize_t n = peer_udp_recv(prog->sip_fd, msg, sizeof(msg), &from);

		if (n <= 0)
			return;
		sip_peer_receive(prog->peer, now_us, &from, msg, (size_t)n);
	}
}

static void run(struct program *prog)
{
	struct pollfd fds[2] = {{.fd = STDIN_FILENO, .events = POLLIN},
				{.fd = prog->sip_fd, .events = POLLIN}};

	while (!prog->quit) {
		int64_t now_us = clock_mono_us(), next_us = deadline_next_us(&prog->deadlines);
		int64_t wait_us = next_us > now_us ? next_us - now_us : 0;
		struct timespec wait = {.tv_sec = (time_t)(wait_us / US_PER_S),
					.tv_nsec = (long)(wait_us % US_PER_S) * 1000};

		if (ppoll(fds, 2, next_us == TIME_NEVER_US ? NULL : &wait, NULL) < 0 &&
		    errno != EINTR)
			return;
		now_us = clock_mono_us();
		if (fds[1].revents)
			read_datagrams(prog, now_us);
		if (fds[0].revents)
			read_commands(prog, now_us);
		deadline_run(&prog->deadlines, now_us);
	}
}

/* ── start ── */

static const char usage[] =
    "usage: spanbridge sip-peer --gateway ADDRESS:PORT [--sip ADDRESS[:PORT]] [--rtp MIN-MAX]\n"
    "                           [--law pcma|pcmu] [--calls-max N]\n"
    "A SIP peer for tests: takes commands on stdin and tells events on stdout, as JSON lines.\n";

static bool parse_ports(struct sip_peer_cfg *cfg, const char *text)
{
	unsigned min, max;
	char rest;

	if (sscanf(text, "%5u-%5u%c", &min, &max, &rest) != 2 || min < 1024 || max > 65535 ||
	    min >= max)
		return false;
	cfg->rtp_port_min = (uint16_t)min;
	cfg->rtp_port_max = (uint16_t)max;
	return true;
}

static bool parse_option(struct sip_peer_cfg *cfg, int option, const char *value)
{
	switch (option) {
	case 'g':
		return net_addr_parse(&cfg->gateway, value) == 0 && cfg->gateway.port;
	case 's':
		return net_addr_parse(&cfg->local, value) == 0;
	case 'r':
		return parse_ports(cfg, value);
	case 'l':
		cfg->payload_type = strcmp(value, "pcmu") == 0 ? 0 : 8;
		return strcmp(value, "pcma") == 0 || strcmp(value, "pcmu") == 0;
	case 'c':
		cfg->calls_max = (unsigned)strtoul(value, NULL, 10);
		return cfg->calls_max > 0;
	default:
		return false;
	}
}

static bool parse_options(struct sip_peer_cfg *cfg, int argc, char **argv)
{
	static const struct option options[] = {{"gateway", required_argument, NULL, 'g'},
						{"sip", required_argument, NULL, 's'},
						{"rtp", required_argument, NULL, 'r'},
						{"law", required_argument, NULL, 'l'},
						{"calls-max", required_argument, NULL, 'c'},
						{"help", no_argument, NULL, 'h'},
						{0}};
	int option;

	net_addr_parse(&cfg->local, "127.0.0.1");
	optind = 0;
	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option == 'h') {
			fputs(usage, stdout);
			exit(0);
		}
		if (option == '?' || !parse_option(cfg, option, optarg)) {
			if (option != '?')
				fprintf(stderr, "sip-peer: wrong value: %s\n", optarg);
			return false;
		}
	}
	return optind == argc && cfg->gateway.family == cfg->local.family;
}

int sip_peer_main(int argc, char **argv)
{
	struct program *prog = calloc(1, sizeof(*prog));
	char text[NET_ADDR_TEXT];
	int status = 1;

	if (!prog)
		return 1;
	prog->cfg = (struct sip_peer_cfg){.deadlines = &prog->deadlines,
					  .rng = &prog->rng,
					  .rtp_port_min = 20000,
					  .rtp_port_max = 29999,
					  .net = &peer_udp_net,
					  .calls_max = 500,
					  .payload_type = 8,
					  .send = on_send,
					  .event = on_event,
					  .arg = prog};
	if (!parse_options(&prog->cfg, argc, argv)) {
		fputs(usage, stderr);
		free(prog);
		return 2;
	}
	signal(SIGPIPE, SIG_IGN);
	rng_init_secure(&prog->rng);
	prog->sip_fd = peer_udp_open(&prog->cfg.local);
	if (prog->sip_fd < 0) {
		fprintf(stderr, "sip-peer: %s: %s\n", net_addr_format(&prog->cfg.local, text),
			strerror(-prog->sip_fd));
	} else if (sip_peer_create(&prog->peer, &prog->cfg) == 0) {
		print_object(json_pack("{ss ss}", "event", "ready", "sip",
				       net_addr_format(&prog->cfg.local, text)));
		run(prog);
		status = 0;
	}
	sip_peer_destroy(prog->peer);
	if (prog->sip_fd >= 0)
		close(prog->sip_fd);
	free(prog);
	return status;
}
