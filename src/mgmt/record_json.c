/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/mgmt/record_json.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "gateway/base/clock.h"

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

/* Octets of the UTF-8 character at p, 0 when it is none (RFC 3629 4). */
static size_t utf8_length(const unsigned char *p)
{
	size_t n = p[0] < 0x80 ? 1 : p[0] < 0xc2 ? 0 : p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;

	if (n == 0 || p[0] > 0xf4)
		return 0;
	for (size_t i = 1; i < n; i++)
		if ((p[i] & 0xc0) != 0x80)
			return 0;
	if ((p[0] == 0xe0 && p[1] < 0xa0) || (p[0] == 0xed && p[1] > 0x9f) ||
	    (p[0] == 0xf0 && p[1] < 0x90) || (p[0] == 0xf4 && p[1] > 0x8f))
		return 0;
	return n;
}

json_t *record_text(const char *text)
{
	char clean[3 * CALL_ID_TEXT_MAX * 4];
	const unsigned char *p = (const unsigned char *)text;
	size_t len = 0;

	while (*p && len + 4 < sizeof(clean)) {
		size_t n = utf8_length(p);

		memcpy(clean + len, n ? (const char *)p : "\xef\xbf\xbd", n ? n : 3);
		len += n ? n : 3;
		p += n ? n : 1;
	}
	return json_stringn(clean, len);
}

static void set_text(json_t *o, const char *key, const char *text)
{
	if (*text)
		json_object_set_new(o, key, record_text(text));
}

static void set_count(json_t *o, const char *key, uint64_t n)
{
	json_object_set_new(o, key, json_integer((json_int_t)n));
}

/* A code's name, or the code itself as a number: an unheard-of value must stay visible. */
static void set_name(json_t *o, const char *key, const char *const *names, unsigned count,
		     unsigned code)
{
	if (code < count && names[code])
		json_object_set_new(o, key, json_string(names[code]));
	else
		set_count(o, key, code);
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

static void set_number(json_t *o, const char *key, const struct call_number *n, bool calling)
{
	json_t *number;

	if (!n->present)
		return;
	number = json_object();
	json_object_set_new(number, "digits", record_text(n->digits));
	SET_NAME(number, "ton", ton_name, n->ton);
	SET_NAME(number, "npi", npi_name, n->npi);
	if (calling) {
		SET_NAME(number, "presentation", presentation_name, n->presentation);
		SET_NAME(number, "screening", screening_name, n->screening);
	}
	json_object_set_new(o, key, number);
}

static void set_cause(json_t *o, const char *key, const struct call_cause *c)
{
	json_t *cause;

	if (c->value == 0 && c->sip_status == 0)
		return;
	cause = json_object();
	if (c->value) {
		set_count(cause, "value", c->value);
		SET_NAME(cause, "location", location_name, c->location);
	}
	if (c->sip_status)
		set_count(cause, "sip_status", c->sip_status);
	json_object_set_new(o, key, cause);
}

static void set_media(json_t *o, const struct media_stats *s)
{
	const struct {
		const char *key;
		uint64_t n;
	} counter[] = {
	    {"tdm_rx_octets", s->tdm_rx_octets},
	    {"tdm_tx_octets", s->tdm_tx_octets},
	    {"tdm_missed_octets", s->tdm_missed_octets},
	    {"rtp_tx_packets", s->rtp_tx_packets},
	    {"rtp_tx_octets", s->rtp_tx_octets},
	    {"rtp_tx_errors", s->rtp_tx_errors},
	    {"rtp_rx_packets", s->rtp_rx_packets},
	    {"rtp_rx_octets", s->rtp_rx_octets},
	    {"rtp_lost_packets", s->rtp_lost},
	    {"rtp_foreign_packets", s->rtp_foreign},
	    {"rtp_malformed_packets", s->rtp_malformed},
	    {"jb_late_octets", s->jb_late_octets},
	    {"jb_dropped_octets", s->jb_dropped_octets},
	    {"jb_unplayed_octets", s->jb_unplayed_octets},
	    {"jb_concealed_octets", s->jb_concealed_octets},
	    {"jb_slips", s->jb_slips},
	    {"jb_delay_us", s->jb_delay_us},
	    {"jitter_us", s->jitter_us},
	    {"rtt_us", s->rtt_us},
	    {"remote_lost_packets", s->remote_lost},
	};
	json_t *media = json_object();
	char text[NET_ADDR_TEXT];

	json_object_set_new(media, "codec", json_string(s->codec == MEDIA_PCMU ? "PCMU" : "PCMA"));
	if (s->latched.family)
		json_object_set_new(media, "remote",
				    json_string(net_addr_format(&s->latched, text)));
	for (unsigned i = 0; i < sizeof(counter) / sizeof(counter[0]); i++)
		set_count(media, counter[i].key, counter[i].n);
	json_object_set_new(o, "media", media);
}

static void set_duration(json_t *o, const char *key, int64_t from_us, int64_t to_us)
{
	if (to_us >= from_us)
		set_count(o, key, (uint64_t)(to_us - from_us) / US_PER_MS);
}

/* Moments are told as the wall clock would have shown them, had nobody moved it since the call
 * began: so they stay in order and agree with the durations. */
static void set_moment(json_t *o, const char *key, const struct call_record *r, int64_t at_us)
{
	char text[RECORD_TIME_TEXT];

	if (at_us)
		json_object_set_new(
		    o, key,
		    json_string(record_time(r->begin_wall_us + (at_us - r->begin_us), text)));
}

static void set_times(json_t *o, const struct call_record *r, int64_t now_us)
{
	int64_t end_us = now_us ? now_us : r->end_us;
	int64_t hung_up_us = r->clear_us ? r->clear_us : end_us;
	char text[RECORD_TIME_TEXT];

	json_object_set_new(o, "begin", json_string(record_time(r->begin_wall_us, text)));
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

static void set_parties(json_t *o, const struct call_record *r, const char *source,
			const char *target)
{
	char text[NET_ADDR_TEXT];
	json_t *channel;

	json_object_set_new(o, "source", record_text(source));
	json_object_set_new(o, "target", record_text(target));
	set_text(o, "rule", r->plan_rule);
	set_number(o, "called", &r->setup.called, false);
	set_number(o, "calling", &r->setup.calling, true);
	set_text(o, "calling_name", r->setup.calling_name);
	set_number(o, "called_out", &r->called_out, false);
	set_number(o, "calling_out", &r->calling_out, true);
	SET_NAME(o, "bearer", bearer_name, (unsigned)r->setup.bearer);
	if (r->setup.peer.family)
		json_object_set_new(o, "peer", json_string(net_addr_format(&r->setup.peer, text)));
	set_text(o, "peer_call_id", r->setup.peer_call_id);
	if (!r->channel.span)
		return;
	channel = json_object();
	set_count(channel, "span", r->channel.span);
	set_count(channel, "ts", r->channel.ts);
	json_object_set_new(o, "channel", channel);
}

json_t *record_to_json(const struct call_record *r, const char *source, const char *target,
		       int64_t now_us)
{
	json_t *o = json_object();
	char id[24];

	snprintf(id, sizeof(id), "%llx", (unsigned long long)r->call);
	json_object_set_new(o, "call", json_string(id));
	if (now_us && r->state)
		json_object_set_new(o, "state", json_string(r->state));
	set_times(o, r, now_us);
	set_parties(o, r, source, target);
	json_object_set_new(o, "early_media", json_boolean(r->early_media));
	set_cause(o, "cause_a", &r->cause_a);
	set_cause(o, "cause_b", &r->cause_b);
	if (r->cleared_by_known)
		json_object_set_new(
		    o, "cleared_by",
		    json_string(r->cleared_by == CALL_SIDE_A ? "source" : "target"));
	set_media(o, &r->media);
	/* The clear guard ended it: a leg or the media never said that it was gone. */
	json_object_set_new(o, "interrupted", json_boolean(r->guard_hit));
	return o;
}
