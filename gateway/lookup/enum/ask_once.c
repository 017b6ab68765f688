/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "gateway/lookup/enum/ask_once.h"

#include "gateway/base/clock.h"
#include "gateway/base/strbuf.h"

struct once {
	uv_loop_t loop;
	uv_timer_t patience;
	struct plan_answer *answer;
	struct strbuf what;
	bool done;
};

static int64_t now_us(void *arg)
{
	(void)arg;
	return clock_mono_us();
}

static void on_answered(void *arg, uint64_t question, const struct plan_answer *answer,
			const char *why)
{
	struct once *o = arg;

	(void)question;
	o->done = true;
	*o->answer = *answer;
	if (why)
		strbuf_addf(&o->what, "; %s", why);
	uv_stop(&o->loop);
}

static void on_patience(uv_timer_t *timer)
{
	struct once *o = timer->data;

	uv_stop(&o->loop);
}

static void say_who(struct once *o, const struct resolver *r)
{
	struct lookup_server s;
	char text[NET_ADDR_TEXT];

	strbuf_add(&o->what, "; servers:");
	for (unsigned i = 0; resolver_server(r, i, &s); i++)
		strbuf_addf(&o->what, " %s (asked %llu, answered %llu)",
			    net_addr_format(&s.addr, text), (unsigned long long)s.asked,
			    (unsigned long long)s.answered);
}

void ask_once(const struct resolver_cfg *cfg, const struct lookup_question *question,
	      struct plan_answer *out, char *what, size_t size)
{
	struct once o = {.answer = out};
	struct resolver_cfg mine = *cfg;
	struct resolver *r = NULL;
	char why[128] = "";

	*out = (struct plan_answer){.kind = PLAN_ANSWER_FAILED};
	strbuf_init(&o.what, what, size);
	strbuf_addf(&o.what, "NAPTR %s", question->where);
	uv_loop_init(&o.loop);
	uv_timer_init(&o.loop, &o.patience);
	o.patience.data = &o;
	mine.loop = &o.loop;
	mine.now_us = now_us;
	mine.answered = on_answered;
	mine.arg = &o;
	if (resolver_create(&r, &mine, why, sizeof(why))) {
		strbuf_addf(&o.what, "; DNS cannot be used: %s", why);
	} else {
		uv_timer_start(&o.patience, on_patience, question->timeout_ms, 0);
		resolver_ask(r, question);
		uv_run(&o.loop, UV_RUN_DEFAULT);
		if (!o.done)
			strbuf_addf(&o.what, "; no answer within %u ms", question->timeout_ms);
		say_who(&o, r);
	}
	resolver_destroy(r);
	uv_close((uv_handle_t *)&o.patience, NULL);
	uv_run(&o.loop, UV_RUN_DEFAULT);
	uv_loop_close(&o.loop);
}
