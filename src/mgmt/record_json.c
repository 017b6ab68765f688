/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/mgmt/record_json.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "gateway/base/clock.h"
#include "gateway/base/strbuf.h"

const char *record_endpoint(struct call_endpoint ep, const char *trunk_name,
			    char out[RECORD_ENDPOINT_TEXT])
{
	if (ep.kind == CALL_EP_NONE)
		snprintf(out, RECORD_ENDPOINT_TEXT, "none");
	else if (ep.kind == CALL_EP_TRUNK && trunk_name)
		snprintf(out, RECORD_ENDPOINT_TEXT, "trunk:%s", trunk_name);
	else
		snprintf(out, RECORD_ENDPOINT_TEXT, "%s:%u",
			 ep.kind == CALL_EP_SPAN ? "span" : "trunk", ep.index);
	return out;
}

const char *record_time(int64_t wall_us, char out[RECORD_TIME_TEXT])
{
	time_t s = wall_us / US_PER_S;
	struct tm tm = {0};
	size_t n;

	gmtime_r(&s, &tm);
	n = strftime(out, RECORD_TIME_TEXT - 6, "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(out + n, RECORD_TIME_TEXT - n, ".%03uZ",
		 (unsigned)(wall_us % US_PER_S / US_PER_MS) % 1000);
	return out;
}

/* A code's name, or the code itself as a number: an unheard-of value must stay visible. */
static void set_name(struct json_out *o, const char *key, const char *const *names, unsigned count,
		     unsigned code)
{
	if (code < count && names[code])
		json_text(o, key, names[code]);
	else
		json_count(o, key, code);
}

#define SET_NAME(o, key, names, code)                                                              \
	set_name((o), (key), (names), sizeof(names) / sizeof((names)[0]), (code))

static const char *const ton_name[] = {
    [CALL_TON_UNKNOWN] = "unknown",	  [CALL_TON_INTERNATIONAL] = "international",
    [CALL_TON_NATIONAL] = "national",	  [CALL_TON_NETWORK] = "network",
    [CALL_TON_SUBSCRIBER] = "subscriber", [CALL_TON_ABBREVIATED] = "abbreviated"};
static const char *const npi_name[] = {
    [CALL_NPI_UNKNOWN] = "unknown", [CALL_NPI_E164] = "e164", [CALL_NPI_PRIVATE] = "private"};
static const char *const presentation_name[] = {[CALL_PRES_ALLOWED] = "allowed",
						[CALL_PRES_RESTRICTED] = "restricted",
						[CALL_PRES_NOT_AVAILABLE] = "not-available"};
static const char *const screening_name[] = {[CALL_SCREEN_USER_NOT_SCREENED] = "user-not-screened",
					     [CALL_SCREEN_USER_PASSED] = "user-passed",
					     [CALL_SCREEN_USER_FAILED] = "user-failed",
					     [CALL_SCREEN_NETWORK] = "network"};
static const char *const redirect_name[] = {[CALL_REDIRECT_UNKNOWN] = "unknown",
					    [CALL_REDIRECT_BUSY] = "busy",
					    [CALL_REDIRECT_NO_REPLY] = "no-reply",
					    [CALL_REDIRECT_DEFLECTED] = "deflected",
					    [CALL_REDIRECT_OUT_OF_ORDER] = "out-of-order",
					    [CALL_REDIRECT_BY_CALLED] = "by-called",
					    [CALL_REDIRECT_ALWAYS] = "always"};
static const char *const location_name[] = {[CALL_LOC_USER] = "user",
					    [CALL_LOC_PRIVATE_LOCAL] = "private-local",
					    [CALL_LOC_PUBLIC_LOCAL] = "public-local",
					    [CALL_LOC_TRANSIT] = "transit",
					    [CALL_LOC_PUBLIC_REMOTE] = "public-remote",
					    [CALL_LOC_PRIVATE_REMOTE] = "private-remote",
					    [CALL_LOC_INTERNATIONAL] = "international",
					    [CALL_LOC_BEYOND_INTERWORKING] = "beyond-interworking"};
static const char *const bearer_name[] = {[CALL_BEARER_SPEECH] = "speech",
					  [CALL_BEARER_UNRESTRICTED] = "unrestricted",
					  [CALL_BEARER_RESTRICTED] = "restricted",
					  [CALL_BEARER_AUDIO_3K1] = "3.1kHz",
					  [CALL_BEARER_UNRESTRICTED_TONES] = "unrestricted-tones",
					  [CALL_BEARER_VIDEO] = "video"};

static void set_number(struct json_out *o, const char *key, const struct call_number *n,
		       bool calling)
{
	if (!n->present)
		return;
	json_open(o, key, '{');
	json_text(o, "digits", n->digits);
	SET_NAME(o, "ton", ton_name, n->ton);
	SET_NAME(o, "npi", npi_name, n->npi);
	if (calling) {
		SET_NAME(o, "presentation", presentation_name, n->presentation);
		SET_NAME(o, "screening", screening_name, n->screening);
	}
	json_close(o, '}');
}

static void set_cause(struct json_out *o, const char *key, const struct call_cause *c)
{
	if (c->value == 0 && c->sip_status == 0)
		return;
	json_open(o, key, '{');
	if (c->value) {
		json_count(o, "value", c->value);
		SET_NAME(o, "location", location_name, c->location);
	}
	if (c->sip_status)
		json_count(o, "sip_status", c->sip_status);
	json_close(o, '}');
}

static void set_address(struct json_out *o, const char *key, const struct net_addr *a)
{
	char text[NET_ADDR_TEXT];

	if (a->family)
		json_text(o, key, net_addr_format(a, text));
}

static void set_media(struct json_out *o, const struct media_stats *s)
{
	json_open(o, "media", '{');
	json_text(o, "codec", s->codec == MEDIA_PCMU ? "PCMU" : "PCMA");
	set_address(o, "remote", &s->latched);
	json_count(o, "tdm_rx_octets", s->tdm_rx_octets);
	json_count(o, "tdm_tx_octets", s->tdm_tx_octets);
	json_count(o, "tdm_missed_octets", s->tdm_missed_octets);
	json_count(o, "tdm_idle_octets", s->tdm_idle_octets);
	json_count(o, "tdm_dropped_octets", s->tdm_dropped_octets);
	json_count(o, "rtp_tx_packets", s->rtp_tx_packets);
	json_count(o, "rtp_tx_octets", s->rtp_tx_octets);
	json_count(o, "rtp_tx_errors", s->rtp_tx_errors);
	json_count(o, "rtp_rx_packets", s->rtp_rx_packets);
	json_count(o, "rtp_rx_octets", s->rtp_rx_octets);
	json_count(o, "rtp_lost_packets", s->rtp_lost);
	json_count(o, "rtp_foreign_packets", s->rtp_foreign);
	json_count(o, "rtp_malformed_packets", s->rtp_malformed);
	json_count(o, "jb_late_octets", s->jb_late_octets);
	json_count(o, "jb_dropped_octets", s->jb_dropped_octets);
	json_count(o, "jb_unplayed_octets", s->jb_unplayed_octets);
	json_count(o, "jb_concealed_octets", s->jb_concealed_octets);
	json_count(o, "jb_slips", s->jb_slips);
	json_count(o, "jb_delay_us", s->jb_delay_us);
	json_count(o, "jitter_us", s->jitter_us);
	json_count(o, "rtt_us", s->rtt_us);
	json_count(o, "remote_lost_packets", s->remote_lost);
	json_close(o, '}');
}

static void set_duration(struct json_out *o, const char *key, int64_t from_us, int64_t to_us)
{
	if (to_us >= from_us)
		json_count(o, key, (uint64_t)(to_us - from_us) / US_PER_MS);
}

/* Moments are told as the wall clock would have shown them, had nobody moved it since the call
 * began: so they stay in order and agree with the durations. */
static void set_moment(struct json_out *o, const char *key, const struct call_record *r,
		       int64_t at_us)
{
	char text[RECORD_TIME_TEXT];

	if (at_us)
		json_text(o, key, record_time(r->begin_wall_us + (at_us - r->begin_us), text));
}

static void set_times(struct json_out *o, const struct call_record *r, int64_t now_us)
{
	int64_t end_us = now_us ? now_us : r->end_us;
	int64_t hung_up_us = r->clear_us ? r->clear_us : end_us;
	char text[RECORD_TIME_TEXT];

	json_text(o, "begin", record_time(r->begin_wall_us, text));
	set_moment(o, "alerting", r, r->alerting_us);
	set_moment(o, "answer", r, r->answer_us);
	set_moment(o, "clear", r, r->clear_us);
	if (!now_us)
		set_moment(o, "end", r, r->end_us);
	/* Post-dial delay: until the caller hears that something happens. */
	if (r->alerting_us || r->answer_us)
		set_duration(o, "pdd_ms", r->begin_us,
			     r->alerting_us ? r->alerting_us : r->answer_us);
	if (r->answer_us) {
		set_duration(o, "setup_ms", r->begin_us, r->answer_us);
		set_duration(o, "talk_ms", r->answer_us, hung_up_us);
	}
	set_duration(o, "duration_ms", r->begin_us, end_us);
}

static void set_text(struct json_out *o, const char *key, const char *text)
{
	if (*text)
		json_text(o, key, text);
}

static void set_parties(struct json_out *o, const struct call_record *r, const char *source,
			const char *target)
{
	json_text(o, "source", source);
	json_text(o, "target", target);
	set_text(o, "rule", r->plan_rule);
	json_count(o, "ways_tried", r->ways_tried);
	set_number(o, "called", &r->setup.called, false);
	set_text(o, "called_text", r->called_text);
	set_number(o, "calling", &r->setup.calling, true);
	set_number(o, "redirecting", &r->setup.redirecting, true);
	if (r->setup.redirecting.present) {
		SET_NAME(o, "redirect_reason", redirect_name, r->setup.redirect_reason);
		if (r->setup.redirect_count)
			json_count(o, "redirect_count", r->setup.redirect_count);
	}
	set_text(o, "calling_name", r->setup.calling_name);
	set_number(o, "called_out", &r->called_out, false);
	set_number(o, "calling_out", &r->calling_out, true);
	set_number(o, "connected", &r->connected, true);
	set_number(o, "connected_out", &r->connected_out, true);
	SET_NAME(o, "bearer", bearer_name, (unsigned)r->setup.bearer);
	set_address(o, "peer", &r->setup.peer);
	set_text(o, "peer_call_id", r->setup.peer_call_id);
	if (!r->channel.span)
		return;
	json_open(o, "channel", '{');
	json_count(o, "span", r->channel.span);
	json_count(o, "ts", r->channel.ts);
	json_close(o, '}');
}

void record_write(struct json_out *o, const struct call_record *r, const char *source,
		  const char *target, int64_t now_us)
{
	char id[24];

	if (r->refused) /* as in log lines that belong to no call */
		str_copy(id, sizeof(id), "-");
	else
		snprintf(id, sizeof(id), "%llx", (unsigned long long)r->call);
	json_open(o, NULL, '{');
	json_text(o, "call", id);
	if (now_us && r->state)
		json_text(o, "state", r->state);
	set_times(o, r, now_us);
	set_parties(o, r, source, target);
	if (r->refused)
		json_text(o, "refused", r->refused);
	json_bool(o, "early_media", r->early_media);
	set_cause(o, "cause_a", &r->cause_a);
	set_cause(o, "cause_b", &r->cause_b);
	if (r->cleared_by_known)
		json_text(o, "cleared_by", r->cleared_by == CALL_SIDE_A ? "source" : "target");
	set_media(o, &r->media);
	/* The clear guard ended it: a leg or the media never said that it was gone. */
	json_bool(o, "interrupted", r->guard_hit);
	json_close(o, '}');
}
