/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "gateway/plan_reload.h"

#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "gateway/base/log.h"
#include "gateway/base/strbuf.h"

void plan_reload_init(struct plan_reload *r, uv_loop_t *loop, struct core *core,
		      struct config *running, const char *path)
{
	*r = (struct plan_reload){.loop = loop, .core = core, .running = running, .path = path};
	r->load.data = r->drop.data = r;
}

/* ── on the pool ── */

static void on_mistake(void *arg, const char *text)
{
	struct plan_reload *r = arg;

	if (r->mistakes++ == 0)
		str_copy(r->why, sizeof(r->why), text);
}

static const char *difference(const struct config *a, const struct config *b)
{
	if (a->span_count != b->span_count || a->trunk_count != b->trunk_count)
		return "the number of spans or trunks has changed; that needs a restart";
	for (unsigned i = 0; i < a->span_count; i++)
		if (a->span[i].isdn.span != b->span[i].isdn.span)
			return "the numbers of spans have changed; that needs a restart";
	for (unsigned i = 0; i < a->trunk_count; i++)
		if (strcmp(a->trunk[i].sip.name, b->trunk[i].sip.name) != 0)
			return "the names of trunks, or their order, have changed; that needs a "
			       "restart";
	return NULL;
}

/* running is only read, and of it nothing that control changes. */
/* The pool works for nobody who waits: on a busy machine control and media come first. */
enum { POOL_NICE = 10 };

static void do_load(uv_work_t *work)
{
	struct plan_reload *r = work->data;
	const char *why;

	setpriority(PRIO_PROCESS, (id_t)gettid(), POOL_NICE); /* on Linux: of this thread */
	if (config_load(&r->loaded, r->path, on_mistake, r))
		return;
	why = difference(r->running, r->loaded);
	if (why)
		on_mistake(r, why);
}

static void do_drop(uv_work_t *work)
{
	struct plan_reload *r = work->data;

	plan_destroy(r->old);
	config_destroy(r->loaded);
}

/* ── control ── */

static void on_dropped(uv_work_t *work, int status)
{
	struct plan_reload *r = work->data;

	(void)status;
	r->old = NULL;
	r->loaded = NULL;
	r->dropping = false;
	if (r->again) {
		r->again = false;
		plan_reload_start(r);
	}
}

static void take(struct plan_reload *r)
{
	int err = core_plan_use(&r->core->plan, r->loaded->plan);

	if (err) {
		on_mistake(r, strerror(-err));
		return;
	}
	r->old = r->running->plan;
	r->running->plan = r->loaded->plan;
	r->loaded->plan = NULL;
}

static void on_loaded(uv_work_t *work, int status)
{
	struct plan_reload *r = work->data;

	r->loading = false;
	if (status < 0)
		on_mistake(r, uv_strerror(status));
	if (!r->mistakes)
		take(r);
	if (r->mistakes)
		LOG(LOG_ERROR, "plan.refused", 0, L_S("why", r->why),
		    L_I("mistakes", r->mistakes));
	else
		LOG(LOG_INFO, "plan.taken", 0, L_S("file", r->path),
		    L_U("rules", plan_rule_count(r->running->plan)));
	r->dropping = true;
	if (uv_queue_work(r->loop, &r->drop, do_drop, on_dropped))
		r->dropping = false; /* lost to us, but not to the callers on the line */
}

void plan_reload_start(struct plan_reload *r)
{
	int err;

	if (r->loading || r->dropping) {
		r->again = true;
		return;
	}
	r->mistakes = 0;
	r->loading = true;
	err = uv_queue_work(r->loop, &r->load, do_load, on_loaded);
	if (err) {
		r->loading = false;
		LOG(LOG_ERROR, "plan.refused", 0, L_S("why", uv_strerror(err)));
	}
}
