/* SPDX-License-Identifier: GPL-2.0-or-later */
/* spanbridge plan test: what the number plan of a file does to one call, step by step, decided by the
 * very code that decides live calls. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/config.h"
#include "config/endpoint_text.h"
#include "gateway/cli/plan_question.h"
#include "src/isdn_map/isdn_setup_ies.h"
#include "src/isdn_map/isdn_words.h"
#include "src/sip_map/sip_party.h"

enum { SKIPPED_SHOWN = 20 };

struct answer {
	const struct config *config;
	struct plan_env *env;
	struct call_number connected; /* who is to answer */
	json_t *steps, *targets;
	bool print;
};

static const char *const step_names[] = {
    [PLAN_STEP_NUMBER] = "number", [PLAN_STEP_REWRITE] = "rewrite",
    [PLAN_STEP_SKIP] = "skip",	   [PLAN_STEP_TAKE] = "take",
    [PLAN_STEP_LOOKUP] = "lookup", [PLAN_STEP_TARGET] = "target",
    [PLAN_STEP_TARGET_SKIP] = "target-skip", [PLAN_STEP_REFUSE] = "refuse",
};

static const char *trunk_name(void *arg, uint16_t index)
{
	const struct answer *a = arg;

	return index < a->config->trunk_count ? a->config->trunk[index].sip.name : NULL;
}

static void on_step(void *arg, const struct plan_step_note *note)
{
	struct answer *a = arg;

	json_t *step = json_pack("{s:s, s:s}", "step", step_names[note->kind], "text", note->text);

	if (note->rule) {
		json_object_set_new(step, "rule", json_string(note->rule));
		json_object_set_new(step, "line", json_integer(note->line));
	}
	json_array_append_new(a->steps, step);
}

static void add_line(json_t *list, bool print, const char *name, const char *text)
{
	if (print)
		printf("       %s: %s\n", name, text);
	json_array_append_new(list, json_pack("{s:s, s:s}", "name", name, "text", text));
}

static void add_elements(json_t *list, bool print, const struct isdn_setup_ie *ie, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		char text[ISDN_SETUP_IE_OCTETS * 3 + 1];
		struct strbuf b;

		strbuf_init(&b, text, sizeof(text));
		for (unsigned k = 0; k < ie[i].len; k++)
			strbuf_addf(&b, "%s%02x", k ? " " : "", ie[i].octet[k]);
		add_line(list, print, ie[i].name, text);
	}
}

static const struct isdn_span_cfg *find_span(const struct answer *a, uint16_t number)
{
	for (unsigned i = 0; i < a->config->span_count; i++)
		if (a->config->span[i].isdn.span == number)
			return &a->config->span[i].isdn;
	return NULL;
}

static void show_setup(const struct answer *a, const struct call_setup *setup, json_t *out)
{
	struct isdn_setup_ie ie[ISDN_SETUP_IES_MAX];
	const struct isdn_span_cfg *span = find_span(a, setup->target.index);

	if (span)
		add_elements(out, a->print, ie,
			     isdn_setup_ies(setup, span->side == ISDN_NETWORK, span->law, ie));
}

static void add_headers(const struct answer *a, char *lines, json_t *out)
{
	char *rest = NULL;

	for (char *line = strtok_r(lines, "\r\n", &rest); line; line = strtok_r(NULL, "\r\n", &rest)) {
		char *value = strstr(line, ": ");

		if (!value)
			continue;
		*value = '\0';
		add_line(out, a->print, line, value + 2);
	}
}

static void show_invite(const struct answer *a, const struct call_setup *setup, json_t *out)
{
	const struct sip_trunk_cfg *t = &a->config->trunk[setup->target.index].sip;
	struct net_addr local = trunk_local(t, &t->peer);
	char text[1024], to[1040];
	struct strbuf b;

	strbuf_init(&b, text, sizeof(text));
	sip_party_uri(&b, t, setup);
	add_line(out, a->print, "INVITE", text);
	snprintf(to, sizeof(to), "<%s>", text);
	add_line(out, a->print, "To", to);
	strbuf_init(&b, text, sizeof(text));
	sip_party_from(&b, t, &local, setup);
	add_line(out, a->print, "From", text);
	strbuf_init(&b, text, sizeof(text));
	sip_party_privacy(&b, setup);
	if (b.len > 11) /* "Privacy: id\r\n" */
		add_line(out, a->print, "Privacy", "id");
	strbuf_init(&b, text, sizeof(text));
	sip_party_redirecting(&b, t, &local, setup);
	add_headers(a, text, out);
}

static json_t *number_json(const struct call_number *n)
{
	if (!n->present)
		return json_null();
	return json_pack("{s:s, s:i, s:i, s:i}", "digits", n->digits, "ton", n->ton, "npi", n->npi,
			 "presentation", n->presentation);
}

/* What the CONNECT to an ISDN caller says of who answered. */
static void show_connect(const struct answer *a, uint16_t number, const struct call_number *n,
			 json_t *out)
{
	const struct isdn_span_cfg *span = find_span(a, number);
	struct isdn_setup_ie ie;

	if (span)
		add_elements(out, a->print, &ie,
			     isdn_connect_ies(n, span->side == ISDN_NETWORK, &ie));
}

/* The number that is to answer there, as the caller will see it. */
static json_t *show_answer(struct answer *a, const struct call_setup *asked,
			   struct call_endpoint to, json_t *out)
{
	struct call_number n = a->connected;
	char text[1024], at[ENDPOINT_TEXT];
	struct strbuf b;

	if (!n.present)
		return json_null();
	if (a->print)
		printf("     answered there, and told to %s:\n",
		       endpoint_text(a->config, asked->source, at));
	plan_connected(a->config->plan, asked, to, &n, a->env);
	if (asked->source.kind == CALL_EP_SPAN) {
		show_connect(a, asked->source.index, &n, out);
	} else {
		const struct sip_trunk_cfg *t = &a->config->trunk[asked->source.index].sip;
		struct net_addr local = trunk_local(t, &t->peer);

		strbuf_init(&b, text, sizeof(text));
		sip_party_connected(&b, t, &local, &n);
		add_headers(a, text, out);
	}
	if (a->print && !json_array_size(out))
		printf("       nothing\n");
	return number_json(&n);
}

static void show_way(struct answer *a, const struct call_setup *asked, const struct call_way *w,
		     unsigned number)
{
	struct call_setup setup = *asked;
	char to[ENDPOINT_TEXT];
	json_t *lines = json_array(), *answer = json_array(), *connected;

	call_way_apply(w, &setup);
	endpoint_text(a->config, w->to, to);
	if (a->print)
		printf("  %u. %s\n", number, to);
	if (w->to.kind == CALL_EP_SPAN)
		show_setup(a, &setup, lines);
	else
		show_invite(a, &setup, lines);
	connected = show_answer(a, asked, w->to, answer);
	json_array_append_new(
	    a->targets,
	    json_pack("{s:s, s:i, s:i, s:f, s:o, s:o, s:o, s:o, s:s, s:o, s:o}", "to", to, "priority",
		      (int)w->priority, "weight", (int)w->weight, "cost", (double)w->cost / 1e6,
		      "called", number_json(&w->called), "calling", number_json(&w->calling),
		      "redirecting", number_json(&w->redirecting), "connected", connected, "name",
		      w->calling_name, w->to.kind == CALL_EP_SPAN ? "setup" : "invite", lines,
		      asked->source.kind == CALL_EP_SPAN ? "connect" : "ok", answer));
}

/* What becomes of the call, first of all. */
static void print_result(const struct answer *a, const struct plan_question *q,
			 const struct call_setup *setup, const struct call_route *r)
{
	char from[ENDPOINT_TEXT], to[ENDPOINT_TEXT];

	printf("%s from %s: ", q->called, endpoint_text(a->config, setup->source, from));
	if (r->cause.value)
		printf("refused with cause %u (%s)", r->cause.value, isdn_cause_name(r->cause.value));
	else
		printf("goes to %s%s", endpoint_text(a->config, r->way[0].to, to),
		       r->count > 1 ? ", or to the next below" : "");
	if (*r->rule)
		printf(" by rule %s (%s:%u)", r->rule, q->config, r->line);
	else if (r->cause.value == CAUSE_NO_ROUTE)
		printf(": no rule fits; why not is said below, rule by rule");
	printf("%s\n", r->emergency && !r->cause.value ? ", an emergency call" : "");
	if (!r->cause.value)
		printf("\nWhat goes out%s:\n", r->count > 1 ? ", in this order" : "");
}

static void print_steps(const struct answer *a)
{
	unsigned skipped = 0;
	json_t *step;
	size_t i;

	printf("\nHow it was decided:\n");
	json_array_foreach(a->steps, i, step)
	{
		const char *rule = cli_text(step, "rule");

		if (strcmp(cli_text(step, "step"), "skip") == 0 && skipped++ >= SKIPPED_SHOWN)
			continue;
		printf("  %-11s ", cli_text(step, "step"));
		if (*rule)
			printf("%s (line %d): ", rule, (int)cli_number(step, "line"));
		printf("%s\n", cli_text(step, "text"));
	}
	if (skipped > SKIPPED_SHOWN)
		printf("  (and %u rules more that do not fit; --json shows all)\n",
		       skipped - SKIPPED_SHOWN);
}

static void print_reroutes(const struct call_route *r)
{
	const char *comma = "";

	if (r->cause.value || r->count < 2)
		return;
	printf("  The next one is opened when one fails with cause ");
	for (unsigned cause = 1; cause < 128; cause++) {
		if (!call_route_reopens(r, (uint8_t)cause))
			continue;
		printf("%s%u", comma, cause);
		comma = ", ";
	}
	printf(".\n");
}

static void print_json(const struct answer *a, const struct call_route *r)
{
	json_t *all = json_pack("{s:s, s:i, s:i, s:b, s:O, s:O}", "rule", r->rule, "line",
				*r->rule ? (int)r->line : 0, "cause", (int)r->cause.value,
				"emergency", r->emergency, "steps", a->steps, "targets", a->targets);

	cli_print_json(all);
	json_decref(all);
}

/* As plan_decide(), with the answers that were asked for; and as a live call: one that carries data is
 * refused before the plan is asked. */
static void decide(struct answer *a, const struct cli_lookups *lookups,
		   const struct call_setup *setup, const struct plan_env *env,
		   struct call_route *out)
{
	struct plan_step_note note = {.kind = PLAN_STEP_LOOKUP};
	const struct plan_answer *answer = NULL;
	struct plan_answer given;
	struct plan_ctx ctx;

	if (setup->bearer != CALL_BEARER_SPEECH && setup->bearer != CALL_BEARER_AUDIO_3K1) {
		*out = (struct call_route){.cause = {.value = CAUSE_BEARER_NOT_IMPLEMENTED}};
		on_step(a, &(struct plan_step_note){
			       .kind = PLAN_STEP_REFUSE,
			       .text = "this gateway carries speech and audio only; the plan is not asked"});
		return;
	}
	plan_begin(&ctx, a->config->plan, setup, env);
	while (plan_step(&ctx, env, answer, out) == PLAN_NEEDS_ANSWER) {
		cli_lookup_answer(lookups, &ctx, &given, note.text, sizeof(note.text));
		on_step(a, &note);
		answer = &given;
	}
}

int cli_plan_test(struct cli *c)
{
	struct answer a = {.steps = json_array(), .targets = json_array(), .print = !c->json};
	struct plan_env env = {.random = 1,
			       .trace = on_step,
			       .trace_arg = &a,
			       .trunk_name = trunk_name};
	struct config *config = NULL;
	struct plan_question q;
	struct call_setup setup;
	struct call_route route;
	int status = plan_question_take(c, &q);

	a.env = &env;
	if (!status)
		status = plan_question_number("--connected", q.connected, &a.connected);
	if (!status) {
		config = cli_load(q.config);
		status = config ? plan_question_call(&q, config, &setup, &env.wall_us) : CLI_FAILED;
	}
	if (!status) {
		a.config = config;
		q.lookups.config = config;
		decide(&a, &q.lookups, &setup, &env, &route);
		if (a.print)
			print_result(&a, &q, &setup, &route);
		for (unsigned i = 0; !route.cause.value && i < route.count; i++)
			show_way(&a, &setup, &route.way[i], i + 1);
		if (a.print) {
			print_reroutes(&route);
			print_steps(&a);
		} else {
			print_json(&a, &route);
		}
	}
	json_decref(a.steps);
	json_decref(a.targets);
	config_destroy(config);
	return status;
}
