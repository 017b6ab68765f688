/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "gateway/core_view.h"

static int64_t view_now(void *arg)
{
	struct core_view *v = arg;

	return v->touch(v->arg);
}

static int64_t view_wall(void *arg)
{
	(void)arg;
	return clock_wall_us();
}

static bool view_span(void *arg, unsigned index, struct control_span *out)
{
	struct core_view *v = arg;
	const struct isdn_span_cfg *cfg;

	if (index >= v->core->span_count)
		return false;
	cfg = &v->core->config->span[index].isdn;
	isdn_span_status(v->core->span[index].isdn, &out->isdn);
	out->line = v->core->span[index].line;
	out->bchannels = cfg->bchannels;
	out->dchannel_ts = cfg->dchannel_ts;
	for (enum isdn_timer t = 0; t < ISDN_TIMERS; t++)
		out->timer[t] = isdn_timer_value(cfg->timer_ms, cfg->side, t);
	return true;
}

static bool is_on_trunk(const struct call_record *r, unsigned index)
{
	return (r->setup.source.kind == CALL_EP_TRUNK && r->setup.source.index == index) ||
	       (r->target.kind == CALL_EP_TRUNK && r->target.index == index);
}

static bool view_trunk(void *arg, unsigned index, struct control_trunk *out)
{
	struct core_view *v = arg;
	const struct sip_trunk_cfg *cfg;
	struct call_record record;
	unsigned cursor = 0;

	if (index >= v->core->trunk_count)
		return false;
	cfg = &v->core->trunk[index].cfg;
	*out = (struct control_trunk){
	    .name = cfg->name,
	    .bind = cfg->bind,
	    .advertise = cfg->advertise,
	    .peer = cfg->peer,
	};
	while (call_table_next(v->core->calls, &cursor, &record))
		out->calls += is_on_trunk(&record, index);
	return true;
}

const char *core_view_trunk_name(void *arg, uint16_t index)
{
	const struct config *config = arg;

	return index < config->trunk_count ? config->trunk[index].sip.name : NULL;
}

static const char *view_trunk_name(void *arg, uint16_t index)
{
	struct core_view *v = arg;

	return index < v->core->trunk_count ? v->core->trunk[index].cfg.name : NULL;
}

static bool view_call(void *arg, unsigned *cursor, struct call_record *out)
{
	struct core_view *v = arg;

	return call_table_next(v->core->calls, cursor, out);
}

static bool view_clear_call(void *arg, call_id call, struct call_cause cause)
{
	struct core_view *v = arg;

	v->touch(v->arg);
	return call_table_clear(v->core->calls, call, cause);
}

static const char *view_restart(void *arg, unsigned span, unsigned ts)
{
	struct core_view *v = arg;
	const char *why = "there is no such span";

	v->touch(v->arg);
	for (unsigned i = 0; i < v->core->span_count; i++)
		if (v->core->config->span[i].isdn.span == span &&
		    !isdn_span_restart(v->core->span[i].isdn, (uint8_t)ts, &why))
			return NULL;
	return why;
}

static void view_shutdown(void *arg)
{
	struct core_view *v = arg;

	v->on_shutdown(v->arg);
}

static void view_plan_reload(void *arg)
{
	struct core_view *v = arg;

	v->on_plan_reload(v->arg);
}

static bool view_lookup_answer(void *arg, uint64_t question, const struct plan_answer *answer)
{
	struct core_view *v = arg;

	return lookup_answer(v->core->lookup, v->touch(v->arg), question, answer, NULL);
}

static void view_lookup_lost(void *arg, uint32_t who)
{
	struct core_view *v = arg;

	lookup_lost(v->core->lookup, v->touch(v->arg), who);
}

static const struct lookup_counters *view_lookups(void *arg)
{
	struct core_view *v = arg;

	return lookup_counters(v->core->lookup);
}

static bool view_dns_server(void *arg, unsigned index, struct lookup_server *out)
{
	struct core_view *v = arg;

	return v->dns_server(v->arg, index, out);
}

static const struct call_table_counters *view_calls(void *arg)
{
	struct core_view *v = arg;

	return call_table_counters(v->core->calls);
}

static const struct sip_counters *view_sip(void *arg)
{
	struct core_view *v = arg;

	return sip_counters(v->core->sip);
}

static const struct media_counters *view_media(void *arg)
{
	struct core_view *v = arg;

	return media_counters(v->core->media);
}

static void view_writer(void *arg, struct writer_counters *out)
{
	struct core_view *v = arg;

	writer_counters(v->writer, out);
}

static void view_turns(void *arg, struct control_turns *out)
{
	const struct core_view *v = arg;

	*out = (struct control_turns){
	    .late = v->turn->late,
	    .starved = v->turn->starved,
	    .longest_us = v->turn->longest_us,
	    .longest_cpu_us = v->turn->longest_cpu_us,
	};
}

void core_view_init(struct core_view *v, const struct log_tail *log, const struct trace *trace,
		    int64_t start_us)
{
	v->control = (struct control_view){
	    .arg = v,
	    .version = SPANBRIDGE_VERSION,
	    .start_us = start_us,
	    .now_us = view_now,
	    .wall_us = view_wall,
	    .span = view_span,
	    .trunk = view_trunk,
	    .trunk_name = view_trunk_name,
	    .call = view_call,
	    .clear_call = view_clear_call,
	    .restart = view_restart,
	    .shutdown = view_shutdown,
	    .plan_reload = view_plan_reload,
	    .lookup_answer = view_lookup_answer,
	    .lookup_lost = view_lookup_lost,
	    .lookups = view_lookups,
	    .dns_server = view_dns_server,
	    .calls = view_calls,
	    .sip = view_sip,
	    .media = view_media,
	    .writer = view_writer,
	    .log = log,
	    .trace = trace,
	    .turns = view_turns,
	};
}
