/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>

#include "gateway/cli/cli.h"

/* One sentence: "span 1: D-channel down since 03:12:44 (LOS)". */
static void print_problem(const json_t *p)
{
	char what[300], why[300], at[32];
	const char *since = cli_text(p, "since"), *last = cli_text(p, "last");

	cli_clean(what, sizeof(what), cli_text(p, "what"));
	cli_clean(why, sizeof(why), cli_text(p, "why"));
	if (*since)
		printf("%s since %s (%s)\n", what, cli_moment(at, sizeof(at), since), why);
	else if (*last)
		printf("%s: %s; %lld time%s, last %s\n", what, why,
		       (long long)cli_number(p, "count"), cli_number(p, "count") == 1 ? "" : "s",
		       cli_moment(at, sizeof(at), last));
	else
		printf("%s%s%s\n", what, *why ? ": " : "", why);
}

static void print_file(const json_t *o, const char *key, const char *what)
{
	const json_t *file = json_object_get(o, key);

	if (!file)
		return;
	printf("%-9s %lld %s written", key, (long long)cli_number(file, "written"), what);
	if (cli_number(file, "waiting"))
		printf(", %lld wait", (long long)cli_number(file, "waiting"));
	if (cli_number(file, "lost"))
		printf(", %lld lost", (long long)cli_number(file, "lost"));
	putchar('\n');
}

static void print_lookups(const json_t *o)
{
	if (!cli_number(o, "asked")) /* most plans ask nobody */
		return;
	printf("look-ups  %lld asked: %lld found, %lld not, %lld failed, %lld without answer in time, "
	       "%lld wait\n",
	       (long long)cli_number(o, "asked"), (long long)cli_number(o, "found"),
	       (long long)cli_number(o, "not_found"), (long long)cli_number(o, "failed"),
	       (long long)cli_number(o, "timed_out"), (long long)cli_number(o, "waiting"));
}

/* The servers that somebody has been asked at. */
static void print_dns(const json_t *list)
{
	const json_t *s, *last;
	size_t i;

	json_array_foreach(list, i, s)
	{
		if (!cli_number(s, "asked"))
			continue;
		last = json_object_get(s, "last_answer_ms");
		printf("DNS       %s: asked %lld times, %lld answers", cli_text(s, "server"),
		       (long long)cli_number(s, "asked"), (long long)cli_number(s, "answered"));
		if (json_is_integer(last))
			printf(", the last %.1f s ago", (double)json_integer_value(last) / 1000);
		if (cli_number(s, "unanswered_in_row"))
			printf("; none to the last %lld",
			       (long long)cli_number(s, "unanswered_in_row"));
		putchar('\n');
	}
}

static void print_counters(const json_t *o)
{
	const json_t *spans = json_object_get(o, "spans"), *calls = json_object_get(o, "calls");
	const json_t *channels = json_object_get(o, "channels"), *sip = json_object_get(o, "sip");
	const json_t *media = json_object_get(o, "media"), *turns = json_object_get(o, "turns");

	printf("spans     %lld of %lld D-channels up, %lld of %lld channels busy\n",
	       (long long)cli_number(spans, "up"), (long long)cli_number(spans, "count"),
	       (long long)cli_number(channels, "busy"), (long long)cli_number(channels, "count"));
	printf("calls     %lld active; since the start %lld, %lld of them answered; %lld refused at the "
	       "door\n",
	       (long long)cli_number(calls, "active"), (long long)cli_number(calls, "begun"),
	       (long long)cli_number(calls, "answered"), (long long)cli_number(calls, "refused"));
	print_lookups(json_object_get(o, "lookups"));
	print_dns(json_object_get(o, "dns"));
	printf("SIP       %lld messages in, %lld out; %lld INVITEs from unknown addresses, "
	       "%lld malformed\n",
	       (long long)cli_number(sip, "rx"), (long long)cli_number(sip, "tx"),
	       (long long)cli_number(sip, "refused_unknown_source"),
	       (long long)cli_number(sip, "rx_malformed"));
	printf("media     %lld sessions; %lld of %lld ticks late, the longest %lld us\n",
	       (long long)cli_number(media, "sessions"),
	       (long long)cli_number(media, "worker_late_turns"),
	       (long long)cli_number(media, "worker_turns"),
	       (long long)cli_number(media, "worker_longest_turn_us"));
	printf("control   %lld turns over 5 ms, %lld of them for want of a CPU; the longest %lld us, "
	       "at most %lld us of work\n",
	       (long long)cli_number(turns, "late"), (long long)cli_number(turns, "starved"),
	       (long long)cli_number(turns, "longest_us"),
	       (long long)cli_number(turns, "longest_cpu_us"));
	print_file(o, "records", "records");
	print_file(o, "log", "lines");
	print_file(o, "capture", "packets");
}

int cli_status(struct cli *c)
{
	char age[32], version[32], started[32];
	json_t *o, *problems, *p;
	size_t i;

	if (c->argc)
		return cli_usage("status", "status takes no argument, but got %s", c->argv[0]);
	o = cli_ask(c, "status", NULL);
	if (!o)
		return CLI_FAILED;
	if (c->json) {
		cli_print_json(o);
		json_decref(o);
		return CLI_OK;
	}
	problems = json_object_get(o, "problems");
	json_array_foreach(problems, i, p) print_problem(p);
	if (json_array_size(problems) == 0)
		puts("Everything is in order.");
	printf("\nspanbridged %s, up %s, since %s\n",
	       cli_clean(version, sizeof(version), cli_text(o, "version")),
	       cli_age(age, sizeof(age), cli_number(o, "uptime_s")),
	       cli_moment(started, sizeof(started), cli_text(o, "started")));
	print_counters(o);
	json_decref(o);
	return CLI_OK;
}
