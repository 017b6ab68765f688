/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/mgmt/control_rows.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "gateway/base/clock.h"
#include "gateway/base/strbuf.h"
#include "src/mgmt/record_json.h"

/* A refused source is worth a sentence as long as it keeps trying. */
enum { REFUSED_SHOWN_US = 600 * 1000000 };

static void set_address(struct json_out *o, const char *key, const struct net_addr *a)
{
	char text[NET_ADDR_TEXT];

	json_text(o, key, net_addr_format(a, text));
}

/* A monotonic moment in the past, as people write it. */
static void set_moment(struct json_out *o, const char *key, const struct control_view *v,
		       int64_t at_us)
{
	char text[RECORD_TIME_TEXT];

	json_text(o, key, record_time(v->wall_us(v->arg) - (v->now_us(v->arg) - at_us), text));
}

/* Left open, so that a time or a number can follow. */
static void open_problem(struct json_out *o, const char *why, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static void open_problem(struct json_out *o, const char *why, const char *format, ...)
{
	char text[256];
	va_list ap;

	va_start(ap, format);
	vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	json_open(o, NULL, '{');
	json_text(o, "what", text);
	if (*why)
		json_text(o, "why", why);
}

static unsigned count_channels(const struct control_span *s, enum isdn_channel_state state)
{
	unsigned n = 0;

	for (unsigned ts = 1; ts < E1_TIMESLOTS; ts++)
		n += (s->bchannels >> ts & 1) && s->isdn.channel[ts].state == state;
	return n;
}

static void span_problems(struct json_out *o, const struct control_view *v,
			  const struct control_span *s)
{
	unsigned blocked = count_channels(s, ISDN_CH_BLOCKED);
	unsigned restarting = count_channels(s, ISDN_CH_RESTARTING);
	unsigned out = count_channels(s, ISDN_CH_OUT_OF_SERVICE);
	char alarms[64];

	e1_alarm_names(s->isdn.alarms, alarms, sizeof(alarms));
	if (!s->isdn.dchannel_up) {
		open_problem(o, s->isdn.alarms ? alarms : "the other end does not answer",
			     "span %u: D-channel down", s->isdn.span);
		set_moment(o, "since", v, s->isdn.dchannel_since_us);
		json_close(o, '}');
	} else if (s->isdn.alarms) {
		open_problem(o, "the D-channel is up", "span %u: alarm %s", s->isdn.span, alarms);
		json_close(o, '}');
	}
	if (blocked) {
		open_problem(o, s->isdn.dchannel_up ? "" : "calls ended, and the other end cannot be told",
			     "span %u: %u channels blocked", s->isdn.span, blocked);
		json_close(o, '}');
	}
	if (out) {
		open_problem(o, "the other end does not acknowledge RESTART",
			     "span %u: %u channels out of service", s->isdn.span, out);
		json_close(o, '}');
	}
	/* A round of them takes a second when all is well. */
	if (restarting && s->isdn.restart_unanswered) {
		open_problem(o, "the other end has not acknowledged RESTART",
			     "span %u: %u channels restarting", s->isdn.span, restarting);
		json_close(o, '}');
	}
}

static void sip_problems(struct json_out *o, const struct control_view *v,
			 const struct sip_counters *c)
{
	char host[NET_ADDR_TEXT];

	if (!c->refused_unknown_source || v->now_us(v->arg) - c->last_refused_us > REFUSED_SHOWN_US)
		return;
	open_problem(o, "no trunk has this address", "INVITEs refused from %s (403)",
		     net_addr_format_host(&c->last_refused, host));
	set_moment(o, "last", v, c->last_refused_us);
	json_count(o, "count", c->refused_unknown_source);
	json_close(o, '}');
}

static void writer_problems(struct json_out *o, const struct writer_counters *c)
{
	static const char *const name[WRITER_FILES] = {"call records", "the log", "the capture"};

	for (int i = 0; i < WRITER_FILES; i++) {
		if (!c->file[i].error)
			continue;
		open_problem(o, strerror(c->file[i].error), "%s cannot be written, %llu wait",
			     name[i], (unsigned long long)c->file[i].waiting);
		json_close(o, '}');
	}
	if (c->records_queued) {
		open_problem(o, "the disk hangs", "%llu call records wait",
			     (unsigned long long)c->records_queued);
		json_close(o, '}');
	}
	if (c->file[WRITER_RECORDS].lost) {
		open_problem(o, "the disk was full or hung for too long",
			     "%llu call records are lost",
			     (unsigned long long)c->file[WRITER_RECORDS].lost);
		json_close(o, '}');
	}
}

/* One call without an answer is its own fault; several in a row are somebody's. */
static void lookup_problems(struct json_out *o, const struct lookup_counters *c)
{
	enum { IN_ROW = 3 };

	if (c->in_row < IN_ROW)
		return;
	open_problem(o, "the log says why (lookup.failed); HTTP needs spanbridge-lookup running",
		     "the last %llu look-ups of the number plan had no answer",
		     (unsigned long long)c->in_row);
	json_close(o, '}');
}

static void dns_problems(struct json_out *o, const struct control_view *v)
{
	enum { IN_ROW = 3 };
	struct lookup_server s;
	char text[NET_ADDR_TEXT];

	for (unsigned i = 0; v->dns_server(v->arg, i, &s); i++) {
		if (s.in_row < IN_ROW)
			continue;
		net_addr_format(&s.addr, text);
		open_problem(o, "try it with dig; dns.servers in the configuration names others",
			     "DNS server %s has not answered the last %llu questions", text,
			     (unsigned long long)s.in_row);
		json_close(o, '}');
	}
}

static void write_problems(struct json_out *o, const struct control_view *v,
			   const struct writer_counters *files)
{
	struct control_span s;

	json_open(o, "problems", '[');
	for (unsigned i = 0; v->span(v->arg, i, &s); i++)
		span_problems(o, v, &s);
	sip_problems(o, v, v->sip(v->arg));
	writer_problems(o, files);
	lookup_problems(o, v->lookups(v->arg));
	dns_problems(o, v);
	json_close(o, ']');
}

static void write_spans(struct json_out *o, const struct control_view *v)
{
	unsigned count = 0, up = 0, channels = 0, busy = 0;
	struct control_span s;

	for (; v->span(v->arg, count, &s); count++) {
		up += s.isdn.dchannel_up;
		channels += (unsigned)__builtin_popcount(s.bchannels);
		busy += count_channels(&s, ISDN_CH_BUSY);
	}
	json_open(o, "spans", '{');
	json_count(o, "count", count);
	json_count(o, "up", up);
	json_close(o, '}');
	json_open(o, "channels", '{');
	json_count(o, "count", channels);
	json_count(o, "busy", busy);
	json_close(o, '}');
}

static void write_calls(struct json_out *o, const struct call_table_counters *c)
{
	json_open(o, "calls", '{');
	json_count(o, "active", c->active);
	json_count(o, "begun", c->begun);
	json_count(o, "answered", c->answered);
	json_count(o, "ended", c->ended);
	json_count(o, "refused", c->refused);
	json_count(o, "refused_full", c->refused_full);
	json_count(o, "unexpected_events", c->unexpected_events);
	json_count(o, "stale_events", c->stale_events);
	json_count(o, "guard_hits", c->guard_hits);
	json_close(o, '}');
}

static void write_lookups(struct json_out *o, const struct lookup_counters *c)
{
	json_open(o, "lookups", '{');
	json_count(o, "asked", c->asked);
	json_count(o, "found", c->found);
	json_count(o, "not_found", c->not_found);
	json_count(o, "failed", c->failed);
	json_count(o, "timed_out", c->timed_out);
	json_count(o, "dropped", c->dropped);
	json_count(o, "waiting", c->waiting);
	json_count(o, "late", c->late);
	json_close(o, '}');
}

/* last_answer_ms: ago; null: never. */
static void write_dns(struct json_out *o, const struct control_view *v)
{
	struct lookup_server s;
	char text[NET_ADDR_TEXT];

	json_open(o, "dns", '[');
	for (unsigned i = 0; v->dns_server(v->arg, i, &s); i++) {
		json_open(o, NULL, '{');
		json_text(o, "server", net_addr_format(&s.addr, text));
		json_count(o, "asked", s.asked);
		json_count(o, "answered", s.answered);
		json_count(o, "unanswered_in_row", s.in_row);
		if (s.answered_us)
			json_count(o, "last_answer_ms",
				   (uint64_t)(v->now_us(v->arg) - s.answered_us) / US_PER_MS);
		else
			json_raw(o, "last_answer_ms", "null", 4);
		json_close(o, '}');
	}
	json_close(o, ']');
}

static void write_sip(struct json_out *o, const struct sip_counters *c)
{
	json_open(o, "sip", '{');
	json_count(o, "rx", c->rx);
	json_count(o, "tx", c->tx);
	json_count(o, "tx_errors", c->tx_errors);
	json_count(o, "rx_malformed", c->rx_malformed);
	json_count(o, "rx_unmatched_responses", c->rx_unmatched_responses);
	json_count(o, "retransmitted_rx", c->retransmitted_rx);
	json_count(o, "refused_unknown_source", c->refused_unknown_source);
	json_count(o, "refused_method", c->refused_method);
	json_count(o, "refused_malformed", c->refused_malformed);
	json_count(o, "options_answered", c->options_answered);
	json_count(o, "calls_in", c->calls_in);
	json_count(o, "calls_out", c->calls_out);
	json_count(o, "dialogs", c->dialogs);
	json_count(o, "transactions", c->transactions);
	if (c->refused_unknown_source)
		set_address(o, "last_refused", &c->last_refused);
	json_close(o, '}');
}

static void write_media(struct json_out *o, const struct media_counters *c)
{
	json_open(o, "media", '{');
	json_count(o, "sessions", c->open);
	json_count(o, "attached", c->attached);
	json_count(o, "ports_in_use", c->ports_in_use);
	json_count(o, "worker_turns", c->worker_turns);
	json_count(o, "worker_late_turns", c->worker_late_turns);
	json_count(o, "worker_longest_turn_us", c->worker_max_turn_us);
	json_count(o, "commands_stalled", c->commands_stalled);
	json_count(o, "events_dropped", c->events_dropped);
	json_close(o, '}');
}

static void write_files(struct json_out *o, const struct writer_counters *c)
{
	static const char *const name[WRITER_FILES] = {"records", "log", "capture"};

	for (int i = 0; i < WRITER_FILES; i++) {
		if (!c->file[i].enabled)
			continue;
		json_open(o, name[i], '{');
		json_count(o, "written", c->file[i].written);
		json_count(o, "waiting",
			   c->file[i].waiting + (i == WRITER_RECORDS ? c->records_queued : 0));
		json_count(o, "lost", c->file[i].lost);
		json_count(o, "failures", c->file[i].failures);
		if (c->file[i].error)
			json_text(o, "error", strerror(c->file[i].error));
		json_close(o, '}');
	}
}

void control_write_status(struct json_out *o, const struct control_view *v)
{
	struct writer_counters files;
	struct control_turns turns;
	int64_t now_us = v->now_us(v->arg);

	v->writer(v->arg, &files);
	v->turns(v->arg, &turns);
	json_open(o, NULL, '{');
	json_text(o, "version", v->version);
	set_moment(o, "time", v, now_us);
	set_moment(o, "started", v, v->start_us);
	json_count(o, "uptime_s", (uint64_t)((now_us - v->start_us) / US_PER_S));
	write_problems(o, v, &files);
	write_spans(o, v);
	write_calls(o, v->calls(v->arg));
	write_lookups(o, v->lookups(v->arg));
	write_dns(o, v);
	write_sip(o, v->sip(v->arg));
	write_media(o, v->media(v->arg));
	write_files(o, &files);
	json_open(o, "turns", '{');
	json_count(o, "late", turns.late);
	json_count(o, "starved", turns.starved);
	json_count(o, "longest_us", turns.longest_us);
	json_count(o, "longest_cpu_us", turns.longest_cpu_us);
	json_close(o, '}');
	json_close(o, '}');
}

static void write_params(struct json_out *o, const struct e1_params *p)
{
	json_text(o, "type", e1_type_name(p->type));
	json_text(o, "code", e1_code_name(p->code));
	json_text(o, "framing", e1_framing_name(p->framing));
	json_bool(o, "crc4", p->crc4);
	json_text(o, "build_out", e1_lbo_name(p->lbo));
	json_count(o, "sync_source", p->sync_source);
	json_bool(o, "sync_master", p->sync_master);
}

void control_write_span(struct json_out *o, const struct control_view *v,
			const struct control_span *s)
{
	char alarms[64];

	json_open(o, NULL, '{');
	json_count(o, "span", s->isdn.span);
	json_text(o, "side", s->isdn.side == ISDN_USER ? "user" : "network");
	json_text(o, "dchannel", s->isdn.dchannel_up ? "up" : "down");
	set_moment(o, "dchannel_since", v, s->isdn.dchannel_since_us);
	json_count(o, "dchannel_ts", s->dchannel_ts);
	json_text(o, "alarms", e1_alarm_names(s->isdn.alarms, alarms, sizeof(alarms)));
	json_count(o, "channels", (uint64_t)__builtin_popcount(s->bchannels));
	json_count(o, "busy", count_channels(s, ISDN_CH_BUSY));
	json_count(o, "calls_in", s->isdn.calls_in);
	json_count(o, "calls_out", s->isdn.calls_out);
	json_count(o, "refused", s->isdn.refused);
	json_count(o, "glare", s->isdn.glare);
	json_count(o, "other_channel", s->isdn.other_channel);
	json_count(o, "restarts_sent", s->isdn.restarts_sent);
	json_count(o, "restarts_failed", s->isdn.restarts_failed);
	json_count(o, "restarts_received", s->isdn.restarts_received);
	json_count(o, "frames_in", s->isdn.frames_in);
	json_count(o, "frames_out", s->isdn.frames_out);
	json_count(o, "frames_bad", s->isdn.frames_bad);
	json_count(o, "same_side_in", s->isdn.same_side_in);
	json_open(o, "line", '{');
	json_count(o, "blocks", s->line.blocks);
	json_count(o, "missed_blocks", s->line.missed_blocks);
	json_count(o, "tx_underruns", s->line.tx_underruns);
	json_count(o, "bad_blocks", s->line.bad_blocks);
	json_count(o, "slips", s->line.slips);
	json_count(o, "crc4_errors", s->line.crc4_errors);
	json_count(o, "fas_errors", s->line.fas_errors);
	json_count(o, "bpv", s->line.bpv);
	json_count(o, "ebit_errors", s->line.ebit_errors);
	json_count(o, "errored_seconds", s->line.errored_seconds);
	json_count(o, "severely_errored_seconds", s->line.severely_errored_seconds);
	json_count(o, "timing_slips", s->line.timing_slips);
	json_count(o, "irq_misses", s->line.irq_misses);
	if (s->line.params.type)
		write_params(o, &s->line.params);
	json_close(o, '}');
	json_close(o, '}');
}

void control_write_channel(struct json_out *o, const struct control_span *s, unsigned ts)
{
	static const char *const name[] = {[ISDN_CH_IDLE] = "idle",
					   [ISDN_CH_BUSY] = "busy",
					   [ISDN_CH_RESTARTING] = "restarting",
					   [ISDN_CH_BLOCKED] = "blocked",
					   [ISDN_CH_OUT_OF_SERVICE] = "out-of-service",
					   [ISDN_CH_UNUSED] = "unused"};
	char id[24];

	json_open(o, NULL, '{');
	json_count(o, "span", s->isdn.span);
	json_count(o, "ts", ts);
	json_text(o, "state", name[s->isdn.channel[ts].state]);
	if (s->isdn.channel[ts].call) {
		snprintf(id, sizeof(id), "%llx", (unsigned long long)s->isdn.channel[ts].call);
		json_text(o, "call", id);
	}
	json_close(o, '}');
}

void control_write_timer(struct json_out *o, const struct control_span *s, enum isdn_timer timer)
{
	const struct isdn_timer_info *info = isdn_timer_info(timer);
	const char *unit = timer == ISDN_N316 ? "count" : "ms";

	json_open(o, NULL, '{');
	json_count(o, "span", s->isdn.span);
	json_text(o, "timer", info->name);
	json_text(o, "unit", unit);
	json_count(o, "value", s->timer[timer]);
	json_count(o, "default", info->default_ms[s->isdn.side]);
	json_text(o, "run_by", isdn_timer_owner_name(info->owner));
	json_text(o, "meaning", info->meaning);
	json_text(o, "clause", info->clause);
	json_close(o, '}');
}

void control_write_trunk(struct json_out *o, const struct control_trunk *t)
{
	json_open(o, NULL, '{');
	json_text(o, "name", t->name);
	set_address(o, "bind", &t->bind);
	if (t->advertise.family)
		set_address(o, "advertise", &t->advertise);
	set_address(o, "peer", &t->peer);
	json_count(o, "calls", t->calls);
	json_close(o, '}');
}

static const char *trunk_of(const struct control_view *v, struct call_endpoint ep)
{
	return ep.kind == CALL_EP_TRUNK ? v->trunk_name(v->arg, ep.index) : NULL;
}

void control_write_call(struct json_out *o, const struct control_view *v,
			const struct call_record *r)
{
	char source[RECORD_ENDPOINT_TEXT], target[RECORD_ENDPOINT_TEXT];

	record_endpoint(r->setup.source, trunk_of(v, r->setup.source), source);
	record_endpoint(r->target, trunk_of(v, r->target), target);
	record_write(o, r, source, target, v->now_us(v->arg));
}

void control_write_event(struct json_out *o, const char *key, const struct log_event *event,
			 uint64_t number)
{
	char text[4096];
	size_t n = log_format_json(event, text, sizeof(text));

	json_raw(o, key, text, n - 1); /* without the closing brace */
	json_count(o, "number", number);
	json_close(o, '}');
}

static void write_octets(struct json_out *o, const struct trace_event *e)
{
	char text[3 * TRACE_OCTETS_MAX + 1];
	struct strbuf b;

	strbuf_init(&b, text, sizeof(text));
	if (e->kind == TRACE_SIP)
		strbuf_add_n(&b, (const char *)e->octets, e->len);
	else
		for (size_t i = 0; i < e->len; i++)
			strbuf_addf(&b, i ? " %02x" : "%02x", e->octets[i]);
	json_text(o, e->kind == TRACE_SIP ? "text" : "octets", text);
	if (e->len < e->whole_len)
		json_count(o, "cut_at", e->len);
}

void control_write_trace(struct json_out *o, const char *key, const struct trace_event *e,
			 uint64_t number, bool raw)
{
	char text[TRACE_WORDS], at[RECORD_TIME_TEXT], call[24];

	json_open(o, key, '{');
	json_text(o, "time", record_time(e->wall_us, at));
	json_text(o, "direction", e->outbound ? "out" : "in");
	if (e->kind == TRACE_ISDN)
		json_count(o, "span", e->span);
	else
		set_address(o, "peer", &e->peer);
	if (e->call) {
		snprintf(call, sizeof(call), "%llx", (unsigned long long)e->call);
		json_text(o, "call", call);
	}
	trace_words(e, text, sizeof(text));
	json_text(o, "words", text);
	if (raw)
		write_octets(o, e);
	if (number)
		json_count(o, "number", number);
	json_close(o, '}');
}
