/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <string.h>

#include "gateway/base/strbuf.h"
#include "gateway/cli/cli.h"

static int show_spans(struct cli *c, json_t *rows)
{
	static const char *const heads[] = {"SPAN",    "SIDE",	"D-CHANNEL", "SINCE",
					    "ALARMS",  "BUSY",	"IN",	     "OUT",
					    "REFUSED", "GLARE", "MISSED",    "SLIPS"};
	struct table t;
	json_t *row;
	size_t i;

	(void)c;
	table_init(&t, 12, 0xfe1, heads);
	json_array_foreach(rows, i, row)
	{
		const json_t *line = json_object_get(row, "line");
		char at[32];

		table_add(&t, "%lld", (long long)cli_number(row, "span"));
		table_add(&t, "%s", cli_text(row, "side"));
		table_add(&t, "%s", cli_text(row, "dchannel"));
		table_add(&t, "%s", cli_moment(at, sizeof(at), cli_text(row, "dchannel_since")));
		table_add(&t, "%s", cli_text(row, "alarms"));
		table_add(&t, "%lld/%lld", (long long)cli_number(row, "busy"),
			  (long long)cli_number(row, "channels"));
		table_add(&t, "%lld", (long long)cli_number(row, "calls_in"));
		table_add(&t, "%lld", (long long)cli_number(row, "calls_out"));
		table_add(&t, "%lld", (long long)cli_number(row, "refused"));
		table_add(&t, "%lld", (long long)cli_number(row, "glare"));
		table_add(&t, "%lld", (long long)cli_number(line, "missed_blocks"));
		table_add(&t, "%lld", (long long)cli_number(line, "slips"));
	}
	table_print(&t);
	return CLI_OK;
}

/* How each line is set up, and what went wrong on it since the start. */
static int show_line(struct cli *c, json_t *rows)
{
	static const char *const heads[] = {"SPAN",  "LINE", "SET TO",	  "CLOCK", "ALARMS",
					    "SLIPS", "BPV",  "FAS",	  "CRC-4", "E-BIT",
					    "ES",    "SES",  "FRAMES BAD"};
	static const char *const counters[] = {"timing_slips",
					       "bpv",
					       "fas_errors",
					       "crc4_errors",
					       "ebit_errors",
					       "errored_seconds",
					       "severely_errored_seconds"};
	struct table t;
	json_t *row;
	size_t i;

	(void)c;
	table_init(&t, 13, 0x1fe1, heads);
	json_array_foreach(rows, i, row)
	{
		const json_t *line = json_object_get(row, "line");
		bool framed = *cli_text(line, "code") && strcmp(cli_text(line, "code"), "unknown");
		bool crc4 = json_is_true(json_object_get(line, "crc4"));
		int64_t source = cli_number(line, "sync_source");

		table_add(&t, "%lld", (long long)cli_number(row, "span"));
		table_add(&t, "%s", *cli_text(line, "type") ? cli_text(line, "type") : "virtual");
		table_add(&t, "%s%s%s%s", framed ? cli_text(line, "framing") : "-",
			  framed ? " " : "", framed ? cli_text(line, "code") : "",
			  crc4 ? " CRC-4" : "");
		if (source)
			table_add(&t, "from DAHDI span %lld", (long long)source);
		else
			table_add(&t, "%s", framed ? "its own" : "-");
		table_add(&t, "%s", cli_text(row, "alarms"));
		for (unsigned k = 0; k < sizeof(counters) / sizeof(counters[0]); k++)
			table_add(&t, "%lld", (long long)cli_number(line, counters[k]));
		table_add(&t, "%lld", (long long)cli_number(row, "frames_bad"));
	}
	table_print(&t);
	return CLI_OK;
}

static int show_trunks(struct cli *c, json_t *rows)
{
	static const char *const heads[] = {"TRUNK", "BIND", "ADVERTISED", "PEER", "CALLS"};
	struct table t;
	json_t *row;
	size_t i;

	(void)c;
	table_init(&t, 5, 0x10, heads);
	json_array_foreach(rows, i, row)
	{
		const char *advertise = cli_text(row, "advertise");

		table_add(&t, "%s", cli_text(row, "name"));
		table_add(&t, "%s", cli_text(row, "bind"));
		table_add(&t, "%s", *advertise ? advertise : "-");
		table_add(&t, "%s", cli_text(row, "peer"));
		table_add(&t, "%lld", (long long)cli_number(row, "calls"));
	}
	table_print(&t);
	return CLI_OK;
}

/* "+4930555012" for an international number, as people write it. */
static const char *number_text(char *out, size_t size, const json_t *row, const char *key)
{
	const json_t *n = json_object_get(row, key);
	const char *digits = cli_text(n, "digits");
	struct strbuf b;

	strbuf_init(&b, out, size);
	strbuf_addf(&b, "%s%s", strcmp(cli_text(n, "ton"), "international") == 0 ? "+" : "",
		    *digits ? digits : "-");
	return out;
}

static void channel_text(char *out, size_t size, const json_t *row)
{
	const json_t *channel = json_object_get(row, "channel");
	struct strbuf b;

	strbuf_init(&b, out, size);
	if (channel)
		strbuf_addf(&b, "%lld:%lld", (long long)cli_number(channel, "span"),
			    (long long)cli_number(channel, "ts"));
	else
		strbuf_add(&b, "-");
}

static int show_calls(struct cli *c, json_t *rows)
{
	static const char *const heads[] = {"CALL",    "STATE",	 "TIME", "FROM", "TO",
					    "CALLING", "CALLED", "ANSWERED BY", "SLOT", "RULE",
					    "LOST"};
	struct table t;
	json_t *row;
	size_t i;

	(void)c;
	if (json_array_size(rows) == 0) {
		puts("There is no call.");
		return CLI_OK;
	}
	table_init(&t, 11, 0x404, heads);
	json_array_foreach(rows, i, row)
	{
		const json_t *media = json_object_get(row, "media");
		bool talking = json_object_get(row, "talk_ms");
		char text[80];

		table_add(&t, "%s", cli_text(row, "call"));
		table_add(&t, "%s", cli_text(row, "state"));
		table_add(&t, "%s",
			  cli_duration(text, sizeof(text),
				       cli_number(row, talking ? "talk_ms" : "duration_ms")));
		table_add(&t, "%s", cli_text(row, "source"));
		table_add(&t, "%s", cli_text(row, "target"));
		table_add(&t, "%s", number_text(text, sizeof(text), row, "calling"));
		table_add(&t, "%s", number_text(text, sizeof(text), row, "called"));
		table_add(&t, "%s", number_text(text, sizeof(text), row, "connected"));
		channel_text(text, sizeof(text), row);
		table_add(&t, "%s", text);
		table_add(&t, "%s", *cli_text(row, "rule") ? cli_text(row, "rule") : "-");
		table_add(&t, "%lld", (long long)cli_number(media, "rtp_lost_packets"));
	}
	table_print(&t);
	return CLI_OK;
}

static char channel_sign(const char *state)
{
	static const struct {
		const char *state;
		char sign;
	} known[] = {
	    {"idle", '.'}, {"busy", '#'}, {"restarting", 'r'}, {"blocked", 'X'}, {"unused", ' '},
	    {"out-of-service", 'o'}};

	for (unsigned i = 0; i < 6; i++)
		if (strcmp(known[i].state, state) == 0)
			return known[i].sign;
	return '?';
}

static const json_t *find_call(const json_t *calls, const char *id)
{
	const json_t *row;
	size_t i;

	json_array_foreach(calls, i, row) if (strcmp(cli_text(row, "call"), id) == 0) return row;
	return NULL;
}

static void add_busy(struct table *t, const json_t *row, const json_t *calls)
{
	const json_t *call = find_call(calls, cli_text(row, "call"));
	char text[80];

	table_add(t, "%lld:%lld", (long long)cli_number(row, "span"),
		  (long long)cli_number(row, "ts"));
	table_add(t, "%s", cli_text(row, "state"));
	table_add(t, "%s", *cli_text(row, "call") ? cli_text(row, "call") : "-");
	table_add(t, "%s", call ? cli_text(call, "state") : "-");
	table_add(t, "%s", call ? number_text(text, sizeof(text), call, "calling") : "-");
	table_add(t, "%s", call ? number_text(text, sizeof(text), call, "called") : "-");
}

static void print_grid(int64_t span, const char *grid)
{
	if (span)
		printf("span %-8lld %s\n", (long long)span, grid + 1);
}

static void begin_grid(char grid[33], const json_t *spans, int64_t span)
{
	const json_t *row;
	size_t i;

	memset(grid, ' ', 32);
	grid[32] = '\0';
	json_array_foreach(spans, i, row) if (cli_number(row, "span") == span)
	    grid[cli_number(row, "dchannel_ts") & 31] = 'D';
}

/* One line of 31 signs for each span, then what is not idle, in words. */
static void print_channels(const json_t *rows, const json_t *spans, const json_t *calls)
{
	static const char *const heads[] = {"SLOT",  "CHANNEL", "CALL",
					    "STATE", "CALLING", "CALLED"};
	char grid[33] = "";
	const json_t *row;
	int64_t span = 0;
	struct table t;
	size_t i;

	table_init(&t, 6, 0, heads);
	puts("              1      8       16      24     31    . idle  # busy  r restarting  "
	     "X blocked  o out of service  D D-channel");
	json_array_foreach(rows, i, row)
	{
		if (cli_number(row, "span") != span) {
			print_grid(span, grid);
			span = cli_number(row, "span");
			begin_grid(grid, spans, span);
		}
		grid[cli_number(row, "ts") & 31] = channel_sign(cli_text(row, "state"));
		if (strcmp(cli_text(row, "state"), "idle") != 0)
			add_busy(&t, row, calls);
	}
	print_grid(span, grid);
	if (t.cells > t.columns)
		putchar('\n');
	table_print(&t);
}

static int show_channels(struct cli *c, json_t *rows)
{
	json_t *spans = cli_ask_rows(c, "spans");
	json_t *calls = spans ? cli_ask_rows(c, "calls") : NULL;

	if (calls)
		print_channels(rows, spans, calls);
	json_decref(spans);
	json_decref(calls);
	return calls ? CLI_OK : CLI_FAILED;
}

static int show_timers(struct cli *c, json_t *rows)
{
	static const char *const heads[] = {"SPAN", "TIMER", "VALUE", "DEFAULT", "RUN BY", "MEANING"};
	static const char *const keys[] = {"value", "default"};
	struct table t;
	json_t *row;
	size_t i;

	(void)c;
	table_init(&t, 6, 0xd, heads);
	json_array_foreach(rows, i, row)
	{
		bool count = strcmp(cli_text(row, "unit"), "count") == 0;

		if (!cli_number(row, "default")) /* of the other side */
			continue;
		table_add(&t, "%lld", (long long)cli_number(row, "span"));
		table_add(&t, "%s", cli_text(row, "timer"));
		for (unsigned k = 0; k < 2; k++) {
			long long v = cli_number(row, keys[k]);

			if (count)
				table_add(&t, "%lld", v);
			else
				table_add(&t, "%g s", (double)v / 1000);
		}
		table_add(&t, "%s", cli_text(row, "run_by"));
		table_add(&t, "%s", cli_text(row, "meaning"));
	}
	table_print(&t);
	return CLI_OK;
}

int cli_show(struct cli *c)
{
	static const struct {
		const char *what, *rows;
		int (*show)(struct cli *c, json_t *rows);
	} list[] = {{"spans", "spans", show_spans},
		    {"line", "spans", show_line},
		    {"channels", "channels", show_channels},
		    {"calls", "calls", show_calls},
		    {"trunks", "trunks", show_trunks},
		    {"timers", "timers", show_timers}};
	enum { LISTS = sizeof(list) / sizeof(list[0]) };
	unsigned i = 0;
	json_t *rows;
	int status = CLI_OK;

	if (c->argc && strcmp(c->argv[0], "call") == 0)
		return cli_show_call(c);
	if (c->argc != 1)
		return cli_usage("show",
				 "show needs one of spans, line, channels, calls, trunks, timers, call ID");
	while (i < LISTS && strcmp(list[i].what, c->argv[0]) != 0)
		i++;
	if (i == LISTS)
		return cli_usage(
		    "show",
		    "cannot show \"%s\"; there are spans, line, channels, calls, trunks, "
		    "timers and call ID",
		    c->argv[0]);
	rows = cli_ask_rows(c, list[i].rows);
	if (!rows)
		return CLI_FAILED;
	if (c->json)
		cli_print_json(rows);
	else
		status = list[i].show(c, rows);
	json_decref(rows);
	return status;
}
