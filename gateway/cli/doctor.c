/* SPDX-License-Identifier: GPL-2.0-or-later */
/* spanbridge doctor: asks the machine and the running gateway, prints what the rules make of it. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "gateway/base/strbuf.h"
#include "gateway/cli/cli.h"
#include "gateway/doctor/doctor_gather.h"

#define DEFAULT_CONFIG "/etc/spanbridge/spanbridge.yaml"

/* ── what the running gateway says ── */

static enum doctor_core try_socket(const char *path)
{
	struct sockaddr_un addr = {.sun_family = AF_UNIX};
	int fd, err = 0;

	if (!str_copy(addr.sun_path, sizeof(addr.sun_path), path))
		return DOCTOR_CORE_ABSENT;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return DOCTOR_CORE_UNKNOWN;
	if (connect(fd, (struct sockaddr *)&addr, sizeof(addr)) < 0)
		err = errno;
	close(fd);
	if (err == EACCES || err == EPERM)
		return DOCTOR_CORE_FORBIDDEN;
	return err ? DOCTOR_CORE_ABSENT : DOCTOR_CORE_RUNS;
}

static int64_t seconds_since(const char *iso)
{
	struct tm utc = {0};

	return strptime(iso, "%Y-%m-%dT%H:%M:%S", &utc) ? time(NULL) - timegm(&utc) : 0;
}

static struct doctor_span *find_span(struct doctor_facts *f, int64_t number)
{
	for (unsigned i = 0; i < f->span_count; i++)
		if (f->span[i].want->isdn.span == number)
			return &f->span[i];
	return NULL;
}

static void take_span(struct doctor_facts *f, const json_t *row)
{
	const json_t *line = json_object_get(row, "line");
	struct doctor_span *s = find_span(f, cli_number(row, "span"));

	f->core_spans++;
	if (!s)
		return;
	s->running = true;
	s->dchannel_up = strcmp(cli_text(row, "dchannel"), "up") == 0;
	s->down_s = seconds_since(cli_text(row, "dchannel_since"));
	str_copy(s->alarms, sizeof(s->alarms), cli_text(row, "alarms"));
	s->frames_in = (uint64_t)cli_number(row, "frames_in");
	s->frames_out = (uint64_t)cli_number(row, "frames_out");
	s->frames_bad = (uint64_t)cli_number(row, "frames_bad");
	s->same_side_in = (uint64_t)cli_number(row, "same_side_in");
	s->timing_slips = (uint64_t)cli_number(line, "timing_slips");
}

static void ask_core(struct cli *c, struct doctor_facts *f)
{
	json_t *status, *rows, *row;
	size_t i;

	if (!c->socket_given && f->config)
		c->socket = f->config->control_path;
	str_copy(f->control_path, sizeof(f->control_path), c->socket);
	f->core = try_socket(c->socket);
	if (f->core != DOCTOR_CORE_RUNS)
		return;
	status = cli_ask(c, "status", NULL);
	rows = status ? cli_ask_rows(c, "spans") : NULL;
	if (!rows)
		f->core = DOCTOR_CORE_STRANGE;
	else
		str_copy(f->core_version, sizeof(f->core_version), cli_text(status, "version"));
	json_array_foreach(rows, i, row) take_span(f, row);
	json_decref(status);
	json_decref(rows);
}

/* ── the answer ── */

struct answer {
	bool json;
	unsigned warnings;
	json_t *findings;
};

static void on_finding(void *arg, const struct doctor_finding *f)
{
	struct answer *a = arg;
	char what[DOCTOR_TEXT], fix[DOCTOR_TEXT];

	a->warnings += f->severity == DOCTOR_WARNING;
	cli_clean(what, sizeof(what), f->what);
	cli_clean(fix, sizeof(fix), f->fix);
	if (!a->json) {
		printf("%-7s %s\n        %s\n", doctor_severity_name(f->severity), what, fix);
		return;
	}
	json_array_append_new(a->findings,
			      json_pack("{s:s, s:s, s:i, s:s, s:s}", "id", f->id, "severity",
					doctor_severity_name(f->severity), "span", (int)f->span,
					"what", what, "fix", fix));
}

static json_t *card_row(const struct dahdi_probe_span *s)
{
	char alarms[64];

	return json_pack(
	    "{s:i, s:s, s:i, s:s, s:s, s:s, s:s, s:s, s:s, s:b, s:s, s:i, s:s, s:i, s:i}",
	    "dahdi_span", s->id.span, "location", s->id.location, "local", s->id.local,
	    "hardware_id", s->id.hardware_id, "name", s->id.name, "device", s->id.device, "line",
	    e1_type_name(s->line.params.type), "framing", e1_framing_name(s->line.params.framing),
	    "code", e1_code_name(s->line.params.code), "crc4", s->line.params.crc4, "build_out",
	    e1_lbo_name(s->line.params.lbo), "sync_source", s->line.params.sync_source, "alarms",
	    e1_alarm_names(s->line.alarms, alarms, sizeof(alarms)), "channels", s->id.channels,
	    "configured", s->id.configured);
}

static void print_cards(const struct dahdi_probe *p)
{
	static const char *const heads[] = {"DAHDI SPAN", "PLACE",  "LINE",  "SET TO",
					    "CLOCK",	  "ALARMS", "SET UP"};
	struct table t;

	table_init(&t, 7, 1, heads);
	for (unsigned i = 0; i < p->count; i++) {
		const struct dahdi_probe_span *s = &p->span[i];
		const struct e1_params *l = &s->line.params;
		char alarms[64];

		table_add(&t, "%u", s->id.span);
		table_add(&t, "%s#%u", *s->id.location ? s->id.location : s->id.hardware_id,
			  s->id.local);
		table_add(&t, "%s", e1_type_name(l->type));
		if (l->code)
			table_add(&t, "%s %s%s", e1_framing_name(l->framing), e1_code_name(l->code),
				  l->crc4 ? " CRC-4" : "");
		else
			table_add(&t, "-");
		if (l->sync_source)
			table_add(&t, "from span %u", l->sync_source);
		else
			table_add(&t, "its own");
		table_add(&t, "%s", e1_alarm_names(s->line.alarms, alarms, sizeof(alarms)));
		table_add(&t, "%u of %u channels", s->id.configured, s->id.channels);
	}
	table_print(&t);
	if (p->count)
		putchar('\n');
}

static void print_head(const struct doctor_facts *f)
{
	if (f->config)
		printf("%s: %u span%s, %u trunk%s. ", f->config_name, f->config->span_count,
		       f->config->span_count == 1 ? "" : "s", f->config->trunk_count,
		       f->config->trunk_count == 1 ? "" : "s");
	else
		printf("%s", f->mistakes ? "" : "No configuration: looking at cards only. ");
	if (f->core == DOCTOR_CORE_RUNS)
		printf("spanbridged %s runs.\n\n", f->core_version);
	else
		printf("No gateway was asked.\n\n");
}

static int give_answer(struct cli *c, const struct doctor_facts *f)
{
	struct answer a = {.json = c->json, .findings = json_array()};
	json_t *cards = json_array();
	unsigned errors;

	if (!c->json) {
		print_head(f);
		print_cards(&f->dahdi);
	}
	errors = doctor_check(f, on_finding, &a);
	for (unsigned i = 0; i < f->dahdi.count; i++)
		json_array_append_new(cards, card_row(&f->dahdi.span[i]));
	if (c->json) {
		json_t *all = json_pack(
		    "{s:i, s:i, s:b, s:O, s:O}", "errors", (int)errors, "warnings", (int)a.warnings,
		    "running", f->core == DOCTOR_CORE_RUNS, "findings", a.findings, "cards", cards);

		cli_print_json(all);
		json_decref(all);
	} else if (errors || a.warnings) {
		printf("\n%u error%s, %u warning%s.\n", errors, errors == 1 ? "" : "s", a.warnings,
		       a.warnings == 1 ? "" : "s");
	} else {
		puts("Everything is in order.");
	}
	json_decref(a.findings);
	json_decref(cards);
	return errors ? CLI_FAILED : CLI_OK;
}

static void on_mistake(void *arg, const char *text)
{
	char *first = arg;

	if (!*first)
		str_copy(first, DOCTOR_TEXT, text);
}

int cli_doctor(struct cli *c)
{
	const char *path = c->argc ? c->argv[0] : DEFAULT_CONFIG;
	struct config *config = NULL;
	char mistake[DOCTOR_TEXT] = "";
	struct doctor_facts f;
	int mistakes = 0, status = CLI_FAILED;

	if (c->argc > 1)
		return cli_usage("doctor", "doctor takes one configuration");
	if (c->argc || access(path, F_OK) == 0)
		mistakes = config_load(&config, path, on_mistake, mistake);
	if (doctor_gather_driver(&f, path, config) == 0) {
		f.mistakes = (unsigned)mistakes;
		str_copy(f.mistake, sizeof(f.mistake), mistake);
		ask_core(c, &f);
		if (doctor_gather_host(&f) == 0)
			status = give_answer(c, &f);
	}
	doctor_facts_free(&f);
	config_destroy(config);
	return status;
}
