/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/mgmt/control_rows.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "gateway/base/clock.h"
#include "src/mgmt/record_json.h"

/* A refused source is worth a sentence as long as it keeps trying. */
enum { REFUSED_SHOWN_US = 600 * 1000000 };

static void set_count(json_t *o, const char *key, uint64_t n)
{
	json_object_set_new(o, key, json_integer((json_int_t)n));
}

static void set_text(json_t *o, const char *key, const char *text)
{
	json_object_set_new(o, key, record_text(text));
}

static void set_address(json_t *o, const char *key, const struct net_addr *a)
{
	char text[NET_ADDR_TEXT];

	json_object_set_new(o, key, json_string(net_addr_format(a, text)));
}

/* A monotonic moment in the past, as people write it. */
static void set_moment(json_t *o, const char *key, const struct control_view *v, int64_t at_us)
{
	char text[RECORD_TIME_TEXT];

	json_object_set_new(
	    o, key,
	    json_string(record_time(v->wall_us(v->arg) - (v->now_us(v->arg) - at_us), text)));
}

static json_t *problem(json_t *list, const char *why, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static json_t *problem(json_t *list, const char *why, const char *format, ...)
{
	json_t *o = json_object();
	char text[256];
	va_list ap;

	va_start(ap, format);
	vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	set_text(o, "what", text);
	if (*why)
		set_text(o, "why", why);
	json_array_append_new(list, o);
	return o;
}

static unsigned count_channels(const struct control_span *s, enum isdn_channel_state state)
{
	unsigned n = 0;

	for (unsigned ts = 1; ts < E1_TIMESLOTS; ts++)
		n += (s->bchannels >> ts & 1) && s->isdn.channel[ts].state == state;
	return n;
}

static void span_problems(json_t *list, const struct control_view *v, const struct control_span *s)
{
	unsigned blocked = count_channels(s, ISDN_CH_BLOCKED);
	unsigned restarting = count_channels(s, ISDN_CH_RESTARTING);
	char alarms[64];
	json_t *o;

	e1_alarm_names(s->isdn.alarms, alarms, sizeof(alarms));
	if (!s->isdn.dchannel_up) {
		o = problem(list, s->isdn.alarms ? alarms : "the other end does not answer",
			    "span %u: D-channel down", s->isdn.span);
		set_moment(o, "since", v, s->isdn.dchannel_since_us);
	} else if (s->isdn.alarms) {
		problem(list, "the D-channel is up", "span %u: alarm %s", s->isdn.span, alarms);
	}
	if (blocked)
		problem(list, "", "span %u: %u channels blocked", s->isdn.span, blocked);
	if (restarting)
		problem(list, "the other end has not acknowledged RESTART",
			"span %u: %u channels restarting", s->isdn.span, restarting);
}

static void sip_problems(json_t *list, const struct control_view *v, const struct sip_counters *c)
{
	char host[NET_ADDR_TEXT];
	json_t *o;

	if (!c->refused_unknown_source || v->now_us(v->arg) - c->last_refused_us > REFUSED_SHOWN_US)
		return;
	o = problem(list, "no trunk has this address", "INVITEs refused from %s (403)",
		    net_addr_format_host(&c->last_refused, host));
	set_moment(o, "last", v, c->last_refused_us);
	set_count(o, "count", c->refused_unknown_source);
}

static void writer_problems(json_t *list, const struct writer_counters *c)
{
	static const char *const name[WRITER_FILES] = {"call records", "the log", "the capture"};

	for (int i = 0; i < WRITER_FILES; i++)
		if (c->file[i].error)
			problem(list, strerror(c->file[i].error), "%s cannot be written, %llu wait",
				name[i], (unsigned long long)c->file[i].waiting);
	if (c->records_queued)
		problem(list, "the disk hangs", "%llu call records wait",
			(unsigned long long)c->records_queued);
	if (c->file[WRITER_RECORDS].lost)
		problem(list, "the disk was full or hung for too long",
			"%llu call records are lost",
			(unsigned long long)c->file[WRITER_RECORDS].lost);
}

static void set_spans(json_t *o, json_t *problems, const struct control_view *v)
{
	unsigned count = 0, up = 0, channels = 0, busy = 0;
	json_t *spans = json_object(), *all = json_object();
	struct control_span s;

	for (; v->span(v->arg, count, &s); count++) {
		up += s.isdn.dchannel_up;
		channels += (unsigned)__builtin_popcount(s.bchannels);
		busy += count_channels(&s, ISDN_CH_BUSY);
		span_problems(problems, v, &s);
	}
	set_count(spans, "count", count);
	set_count(spans, "up", up);
	json_object_set_new(o, "spans", spans);
	set_count(all, "count", channels);
	set_count(all, "busy", busy);
	json_object_set_new(o, "channels", all);
}

static void set_calls(json_t *o, const struct call_table_counters *c)
{
	json_t *calls = json_object();

	set_count(calls, "active", c->active);
	set_count(calls, "begun", c->begun);
	set_count(calls, "answered", c->answered);
	set_count(calls, "ended", c->ended);
	set_count(calls, "refused_full", c->refused_full);
	set_count(calls, "unexpected_events", c->unexpected_events);
	set_count(calls, "stale_events", c->stale_events);
	set_count(calls, "guard_hits", c->guard_hits);
	json_object_set_new(o, "calls", calls);
}

static void set_sip(json_t *o, const struct sip_counters *c)
{
	json_t *sip = json_object();

	set_count(sip, "rx", c->rx);
	set_count(sip, "tx", c->tx);
	set_count(sip, "tx_errors", c->tx_errors);
	set_count(sip, "rx_malformed", c->rx_malformed);
	set_count(sip, "rx_unmatched_responses", c->rx_unmatched_responses);
	set_count(sip, "retransmitted_rx", c->retransmitted_rx);
	set_count(sip, "refused_unknown_source", c->refused_unknown_source);
	set_count(sip, "refused_method", c->refused_method);
	set_count(sip, "refused_malformed", c->refused_malformed);
	set_count(sip, "options_answered", c->options_answered);
	set_count(sip, "calls_in", c->calls_in);
	set_count(sip, "calls_out", c->calls_out);
	set_count(sip, "dialogs", c->dialogs);
	set_count(sip, "transactions", c->transactions);
	if (c->refused_unknown_source)
		set_address(sip, "last_refused", &c->last_refused);
	json_object_set_new(o, "sip", sip);
}

static void set_media(json_t *o, const struct media_counters *c)
{
	json_t *media = json_object();

	set_count(media, "sessions", c->open);
	set_count(media, "attached", c->attached);
	set_count(media, "ports_in_use", c->ports_in_use);
	set_count(media, "worker_turns", c->worker_turns);
	set_count(media, "worker_late_turns", c->worker_late_turns);
	set_count(media, "worker_longest_turn_us", c->worker_max_turn_us);
	set_count(media, "commands_stalled", c->commands_stalled);
	set_count(media, "events_dropped", c->events_dropped);
	json_object_set_new(o, "media", media);
}

static void set_files(json_t *o, const struct writer_counters *c)
{
	static const char *const name[WRITER_FILES] = {"records", "log", "capture"};

	for (int i = 0; i < WRITER_FILES; i++) {
		json_t *file;

		if (!c->file[i].enabled)
			continue;
		file = json_object();
		set_count(file, "written", c->file[i].written);
		set_count(file, "waiting",
			  c->file[i].waiting + (i == WRITER_RECORDS ? c->records_queued : 0));
		set_count(file, "lost", c->file[i].lost);
		set_count(file, "failures", c->file[i].failures);
		if (c->file[i].error)
			set_text(file, "error", strerror(c->file[i].error));
		json_object_set_new(o, name[i], file);
	}
}

json_t *control_status(const struct control_view *v)
{
	json_t *o = json_object(), *problems = json_array(), *turns = json_object();
	const struct sip_counters *sip = v->sip(v->arg);
	struct writer_counters files;
	uint64_t late, longest_us;
	int64_t now_us = v->now_us(v->arg);

	v->writer(v->arg, &files);
	v->turns(v->arg, &late, &longest_us);
	set_text(o, "version", v->version);
	set_moment(o, "time", v, now_us);
	set_moment(o, "started", v, v->start_us);
	set_count(o, "uptime_s", (uint64_t)((now_us - v->start_us) / US_PER_S));
	json_object_set_new(o, "problems", problems);
	set_spans(o, problems, v);
	sip_problems(problems, v, sip);
	writer_problems(problems, &files);
	set_calls(o, v->calls(v->arg));
	set_sip(o, sip);
	set_media(o, v->media(v->arg));
	set_files(o, &files);
	set_count(turns, "late", late);
	set_count(turns, "longest_us", longest_us);
	json_object_set_new(o, "turns", turns);
	return o;
}

json_t *control_span_row(const struct control_view *v, const struct control_span *s)
{
	json_t *o = json_object(), *line = json_object();
	char alarms[64];

	set_count(o, "span", s->isdn.span);
	json_object_set_new(o, "side", json_string(s->isdn.side == ISDN_USER ? "user" : "network"));
	json_object_set_new(o, "dchannel", json_string(s->isdn.dchannel_up ? "up" : "down"));
	set_moment(o, "dchannel_since", v, s->isdn.dchannel_since_us);
	set_count(o, "dchannel_ts", s->dchannel_ts);
	set_text(o, "alarms", e1_alarm_names(s->isdn.alarms, alarms, sizeof(alarms)));
	set_count(o, "channels", (uint64_t)__builtin_popcount(s->bchannels));
	set_count(o, "busy", count_channels(s, ISDN_CH_BUSY));
	set_count(o, "calls_in", s->isdn.calls_in);
	set_count(o, "calls_out", s->isdn.calls_out);
	set_count(o, "refused", s->isdn.refused);
	set_count(o, "glare", s->isdn.glare);
	set_count(o, "frames_in", s->isdn.frames_in);
	set_count(o, "frames_out", s->isdn.frames_out);
	set_count(o, "frames_bad", s->isdn.frames_bad);
	set_count(line, "blocks", s->line.blocks);
	set_count(line, "missed_blocks", s->line.missed_blocks);
	set_count(line, "bad_blocks", s->line.bad_blocks);
	set_count(line, "slips", s->line.slips);
	set_count(line, "crc4_errors", s->line.crc4_errors);
	set_count(line, "fas_errors", s->line.fas_errors);
	set_count(line, "bpv", s->line.bpv);
	set_count(line, "ebit_errors", s->line.ebit_errors);
	set_count(line, "errored_seconds", s->line.errored_seconds);
	json_object_set_new(o, "line", line);
	return o;
}

json_t *control_channel_row(const struct control_span *s, unsigned ts)
{
	static const char *const name[] = {[ISDN_CH_IDLE] = "idle",
					   [ISDN_CH_BUSY] = "busy",
					   [ISDN_CH_RESTARTING] = "restarting",
					   [ISDN_CH_BLOCKED] = "blocked",
					   [ISDN_CH_UNUSED] = "unused"};
	json_t *o = json_object();
	char id[24];

	set_count(o, "span", s->isdn.span);
	set_count(o, "ts", ts);
	json_object_set_new(o, "state", json_string(name[s->isdn.channel[ts].state]));
	if (s->isdn.channel[ts].call) {
		snprintf(id, sizeof(id), "%llx", (unsigned long long)s->isdn.channel[ts].call);
		json_object_set_new(o, "call", json_string(id));
	}
	return o;
}

json_t *control_trunk_row(const struct control_trunk *t)
{
	json_t *o = json_object();

	set_text(o, "name", t->name);
	set_address(o, "bind", &t->bind);
	if (t->advertise.family)
		set_address(o, "advertise", &t->advertise);
	set_address(o, "peer", &t->peer);
	set_count(o, "calls", t->calls);
	return o;
}

static const char *trunk_of(const struct control_view *v, struct call_endpoint ep)
{
	return ep.kind == CALL_EP_TRUNK ? v->trunk_name(v->arg, ep.index) : NULL;
}

json_t *control_call_row(const struct control_view *v, const struct call_record *r)
{
	char source[RECORD_ENDPOINT_TEXT], target[RECORD_ENDPOINT_TEXT];

	record_endpoint(r->setup.source, trunk_of(v, r->setup.source), source);
	record_endpoint(r->target, trunk_of(v, r->target), target);
	return record_to_json(r, source, target, v->now_us(v->arg));
}

json_t *control_event_row(const struct log_event *event, uint64_t number)
{
	char text[4096];
	json_t *o;

	log_format_json(event, text, sizeof(text));
	o = json_loads(text, 0, NULL);
	if (!o)
		o = json_object();
	set_count(o, "number", number);
	return o;
}
