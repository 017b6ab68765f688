/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The number plan: a decision over a list of a million prefixes, one over 10,000 pattern rules,
 * loading the list, and its memory. Floors: a binary search in a sorted array of numbers; reading the
 * same text into such an array and sorting it; that array's size. Times are CPU time of the thread: it
 * waits for nobody, and what others do with the machine meanwhile is not its cost.
 */
#include <errno.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/bench.h"
#include "gateway/base/clock.h"
#include "gateway/base/rng.h"
#include "gateway/base/strbuf.h"
#include "gateway/plan/create.h"
#include "gateway/plan/list.h"

enum { PREFIXES = 1000000, RULES = 10000, ASKED = 100000, ROUNDS = 5, SEED = 5, LINE = 48 };

struct text {
	char *at;
	size_t len;
};

/* 5 to 10 digits behind a +, in no order, each with a target and a cost, as a tariff has them. */
static int make_csv(struct text *out)
{
	struct strbuf b;
	struct rng r;

	out->at = malloc((size_t)PREFIXES * LINE);
	if (!out->at)
		return -ENOMEM;
	rng_init_seed(&r, SEED);
	strbuf_init(&b, out->at, (size_t)PREFIXES * LINE);
	strbuf_add(&b, "number,to,cost\n");
	for (unsigned i = 0; i < PREFIXES; i++)
		strbuf_addf(&b, "+%u%0*u,trunk:%u,0.0%u\n", 1 + rng_below(&r, 9), (int)(4 + i % 6),
			    rng_below(&r, i % 6 < 3 ? 10000 : 1000000000), rng_below(&r, 8),
			    rng_below(&r, 1000));
	out->len = b.len;
	return 0;
}

static struct call_endpoint find_trunk(void *arg, const char *text, size_t len)
{
	(void)arg;
	return (struct call_endpoint){CALL_EP_TRUNK, (uint16_t)(text[len - 1] - '0')};
}

static int load(const struct text *csv, struct plan_list **out)
{
	struct plan_list_error bad = {.text = ""};
	int err = plan_list_parse(out, "tariff", csv->at, csv->len, find_trunk, NULL, &bad);

	if (err)
		fprintf(stderr, "line %u: %s\n", bad.line, bad.text);
	return err;
}

/* ── the floors ── */

static int compare_u64(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

/* The numbers of the text alone, sorted. */
static uint64_t *read_numbers(const struct text *csv)
{
	uint64_t *number = malloc(PREFIXES * sizeof(*number));
	const char *p = memchr(csv->at, '\n', csv->len), *end = csv->at + csv->len;

	for (unsigned n = 0; number && n < PREFIXES; n++) {
		uint64_t v = 0;

		for (p = p ? p + 2 : end; p < end && *p >= '0' && *p <= '9'; p++)
			v = v * 10 + (unsigned)(*p - '0');
		number[n] = v;
		p = memchr(p, '\n', (size_t)(end - p));
	}
	if (number)
		qsort(number, PREFIXES, sizeof(*number), compare_u64);
	return number;
}

static double floor_us(const uint64_t *number, unsigned count)
{
	volatile unsigned found = 0;
	int64_t begin_us;
	struct rng r;

	rng_init_seed(&r, SEED + 1);
	begin_us = clock_thread_cpu_us();
	for (unsigned i = 0; i < ASKED; i++) {
		uint64_t asked = rng_u64(&r) % 10000000000ULL;

		found += bsearch(&asked, number, count, sizeof(*number), compare_u64) != NULL;
	}
	(void)found; /* volatile: the searches are made, whatever they find */
	return (double)(clock_thread_cpu_us() - begin_us) / ASKED;
}

/* ── decisions ── */

static void random_number(struct rng *r, char *out, const char *front)
{
	for (; *front; front++)
		*out++ = *front;
	for (unsigned i = 0; i < 11; i++)
		*out++ = (char)('0' + rng_below(r, 10));
	*out = '\0';
}

static double decide_us(const struct plan *p, bool e164, const char *front)
{
	struct call_setup *s = calloc(ASKED / 100, sizeof(*s));
	struct plan_env env = {.random = 1};
	struct call_route route;
	unsigned routed = 0;
	int64_t begin_us, us;
	struct rng r;

	if (!s)
		return 0;
	rng_init_seed(&r, SEED + 2);
	for (unsigned i = 0; i < ASKED / 100; i++) {
		s[i].source = (struct call_endpoint){CALL_EP_SPAN, 1};
		s[i].called.ton = e164 ? CALL_TON_INTERNATIONAL : CALL_TON_UNKNOWN;
		s[i].called.npi = CALL_NPI_E164;
		random_number(&r, s[i].called.digits, front);
	}
	begin_us = clock_thread_cpu_us();
	for (unsigned i = 0; i < ASKED; i++) {
		plan_decide(p, &s[i % (ASKED / 100)], &env, &route);
		routed += route.cause.value == 0;
	}
	us = clock_thread_cpu_us() - begin_us;
	fprintf(stderr, "  %u of %u routed, %.3f us each\n", routed, ASKED, (double)us / ASKED);
	free(s);
	return (double)us / ASKED;
}

static double best_of(const struct plan *p, bool e164, const char *front)
{
	double us[ROUNDS];

	for (unsigned i = 0; i < ROUNDS; i++)
		us[i] = decide_us(p, e164, front);
	return bench_median(us, ROUNDS);
}

int bench_plan_1m(struct bench_report *report)
{
	struct plan_rule rule = plan_rule_nothing();
	struct plan_list *list = NULL;
	struct plan_cfg cfg = {.rule = &rule, .rule_count = 1, .list = &list, .list_count = 1};
	struct text csv = {.at = NULL};
	struct plan *p = NULL;
	uint64_t *number = NULL;
	int err = make_csv(&csv);

	rule.name = "tariff";
	rule.match[PLAN_CALLED].kind = PLAN_MATCH_LIST;
	if (!err)
		err = load(&csv, &list);
	if (!err)
		err = plan_create(&p, &cfg, NULL);
	if (!err) {
		number = read_numbers(&csv);
		*report = (struct bench_report){best_of(p, true, ""),
						number ? floor_us(number, PREFIXES) : 1, "us_cpu"};
	}
	free(number);
	free(csv.at);
	plan_destroy(p);
	return err;
}

/* Patterns as they are: an area, then classes; and some that begin with a class. */
static void make_pattern(struct rng *r, unsigned i, char text[32])
{
	unsigned n = rng_below(r, 100000);

	switch (i % 5) {
	case 0:
		snprintf(text, 32, "0%04uNX[1-5]X.", n % 10000);
		break;
	case 1:
		snprintf(text, 32, "0[1-5]%03uXZ.", n % 1000);
		break;
	case 2:
		snprintf(text, 32, "0X%03u[02468]X.", n % 1000);
		break;
	case 3:
		snprintf(text, 32, "0%05uXXXX.", n);
		break;
	default:
		snprintf(text, 32, "0N[3-7]%02uX!", n % 100);
	}
}

int bench_plan_rules(struct bench_report *report)
{
	struct plan_rule *rule = calloc(RULES, sizeof(*rule));
	char(*text)[32] = calloc(RULES, sizeof(*text));
	uint64_t *number = calloc(RULES, sizeof(*number));
	struct plan_target target = plan_target_nothing();
	struct plan_cfg cfg = {.rule = rule, .rule_count = RULES};
	struct plan *p = NULL;
	struct rng r;
	int err = rule && text && number ? 0 : -ENOMEM;

	rng_init_seed(&r, SEED + 3);
	target.to = (struct call_endpoint){CALL_EP_TRUNK, 0};
	for (unsigned i = 0; i < RULES && !err; i++) {
		make_pattern(&r, i, text[i]);
		rule[i] = plan_rule_nothing();
		rule[i].name = text[i];
		rule[i].match[PLAN_CALLED].kind = PLAN_MATCH_PATTERN;
		rule[i].match[PLAN_CALLED].text = text[i];
		rule[i].target = &target;
		rule[i].target_count = 1;
		number[i] = i * 1000003ULL;
	}
	if (!err)
		err = plan_create(&p, &cfg, NULL);
	if (!err)
		*report = (struct bench_report){best_of(p, false, "0"), floor_us(number, RULES),
						"us_cpu"};
	plan_destroy(p);
	free(number);
	free(text);
	free(rule);
	return err;
}

int bench_plan_load(struct bench_report *report)
{
	struct text csv = {.at = NULL};
	double ours[ROUNDS], theirs[ROUNDS];
	int err = make_csv(&csv);

	for (unsigned i = 0; i < ROUNDS && !err; i++) {
		struct plan_list *list = NULL;
		int64_t begin_us = clock_thread_cpu_us();

		err = load(&csv, &list);
		ours[i] = (double)(clock_thread_cpu_us() - begin_us) / 1e6;
		plan_list_destroy(list);
		begin_us = clock_thread_cpu_us();
		free(read_numbers(&csv));
		theirs[i] = (double)(clock_thread_cpu_us() - begin_us) / 1e6;
		fprintf(stderr, "  %.3f s\n", ours[i]);
	}
	if (!err)
		*report = (struct bench_report){bench_median(ours, ROUNDS),
						bench_median(theirs, ROUNDS), "s_cpu"};
	free(csv.at);
	return err;
}

int bench_plan_memory(struct bench_report *report)
{
	struct text csv = {.at = NULL};
	struct plan_list *list = NULL;
	int err = make_csv(&csv);

	if (!err)
		err = load(&csv, &list);
	if (!err)
		*report = (struct bench_report){(double)plan_list_octets(list) / 1e6,
						PREFIXES * 12 / 1e6, "MB"};
	plan_list_destroy(list);
	free(csv.at);
	return err;
}
