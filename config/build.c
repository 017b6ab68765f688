/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config/build.h"

#include <stdlib.h>
#include <string.h>

#include "gateway/base/strbuf.h"
#include "gateway/call/call_table.h"

unsigned build_rows(struct build *b, int top, size_t size, void **out)
{
	const struct schema_value *v = &b->top[top];

	if (!v->given || !v->ok)
		return 0;
	*out = calloc(v->node->count, size);
	if (!*out) {
		COMPLAIN(b, v->node, "out of memory");
		return 0;
	}
	return v->node->count;
}

/* The map of an optional section, NULL when all its defaults hold. */
static const struct node *section(const struct build *b, int top)
{
	return b->top[top].given && b->top[top].ok ? b->top[top].node : NULL;
}

static void build_jitter_buffer(struct build *b, const struct schema_value *v,
				const struct node *parent)
{
	struct schema_value jb[JB_COUNT];
	struct config *c = b->config;

	schema_read(b->report, v->given && v->ok ? v->node : NULL, parent, "jitter_buffer",
		    schema_jitter_buffer, jb);
	if (!jb[JB_MIN].ok || !jb[JB_START].ok || !jb[JB_MAX].ok)
		return;
	c->jb_min_ms = (uint16_t)jb[JB_MIN].number;
	c->jb_start_ms = (uint16_t)jb[JB_START].number;
	c->jb_max_ms = (uint16_t)jb[JB_MAX].number;
	if (c->jb_min_ms > c->jb_start_ms || c->jb_start_ms > c->jb_max_ms)
		COMPLAIN(b, jb[JB_START].node,
			 "the jitter buffer begins with %u ms, which is not between min_ms %u and "
			 "max_ms %u",
			 c->jb_start_ms, c->jb_min_ms, c->jb_max_ms);
}

static bool meet(const struct net_addr *a, const struct net_addr *b)
{
	return a->family == b->family &&
	       (net_addr_is_any(a) || net_addr_is_any(b) || net_addr_same_host(a, b));
}

/* A SIP socket amid the RTP ports would make one call in a thousand fail. */
static void check_sip_ports(struct build *b, const struct schema_value *ports)
{
	const struct config *c = b->config;

	for (unsigned i = 0; i < c->socket_count; i++) {
		bool met = false;

		for (unsigned t = 0; t < c->trunk_count; t++)
			met |= meet(&c->socket[i], &c->trunk[t].rtp_bind);
		if (met && c->socket[i].port >= c->rtp_port_min &&
		    c->socket[i].port <= c->rtp_port_max)
			COMPLAIN(b, ports->node,
				 "SIP port %u is amid the RTP ports %u-%u; choose RTP ports that "
				 "leave it out",
				 c->socket[i].port, c->rtp_port_min, c->rtp_port_max);
	}
}

/* Emergency calls come beyond limits.calls, and each must find ports, too. */
static unsigned rtp_calls(const struct config *c)
{
	unsigned pairs = (c->rtp_port_max - c->rtp_port_min + 1U) / 2;

	return pairs > CALL_EMERGENCY_PLACES ? pairs - CALL_EMERGENCY_PLACES : 0;
}

void build_rtp(struct build *b)
{
	struct schema_value v[RTP_COUNT];
	struct config *c = b->config;

	schema_read(b->report, section(b, TOP_RTP), b->root, "rtp", schema_rtp, v);
	build_jitter_buffer(b, &v[RTP_JITTER_BUFFER], b->root);
	if (!v[RTP_PORTS].ok)
		return;
	c->rtp_port_min = v[RTP_PORTS].port_min;
	c->rtp_port_max = v[RTP_PORTS].port_max;
	check_sip_ports(b, &v[RTP_PORTS]);
	if (rtp_calls(c) < b->channels)
		COMPLAIN(b, v[RTP_PORTS].node,
			 "%u RTP ports are enough for %u calls and %d emergency calls beyond them, "
			 "but the spans have %u B-channels; a call takes two ports, so %u are needed",
			 c->rtp_port_max - c->rtp_port_min + 1U, rtp_calls(c),
			 CALL_EMERGENCY_PLACES, b->channels,
			 2 * (b->channels + CALL_EMERGENCY_PLACES));
}

void build_limits(struct build *b)
{
	struct schema_value v[LIMITS_COUNT];
	struct config *c = b->config;
	unsigned room = rtp_calls(c);

	schema_read(b->report, section(b, TOP_LIMITS), b->root, "limits", schema_limits, v);
	c->ring_limit_ms = (uint32_t)v[LIMITS_RING].number * 1000;
	c->calls_max = b->channels * 2 + 16;
	if (c->rtp_port_max && c->calls_max > room)
		c->calls_max = room;
	if (!v[LIMITS_CALLS].given || !v[LIMITS_CALLS].ok)
		return;
	c->calls_max = (unsigned)v[LIMITS_CALLS].number;
	if (c->rtp_port_max && c->calls_max > room)
		COMPLAIN(b, v[LIMITS_CALLS].node,
			 "%u calls and %d emergency calls beyond them need %u RTP ports, rtp.ports "
			 "%u-%u holds %u; widen it or lower the limit to %u",
			 c->calls_max, CALL_EMERGENCY_PLACES,
			 2 * (c->calls_max + CALL_EMERGENCY_PLACES), c->rtp_port_min,
			 c->rtp_port_max, 2 * (room + CALL_EMERGENCY_PLACES), room);
}

void build_dns(struct build *b)
{
	struct schema_value v[DNS_COUNT], server;
	struct config *c = b->config;

	schema_read(b->report, section(b, TOP_DNS), b->root, "dns", schema_dns, v);
	c->dns_retry_ms = (unsigned)v[DNS_RETRY].number;
	while (v[DNS_SERVERS].given && v[DNS_SERVERS].ok &&
	       c->dns_server_count < CONFIG_DNS_SERVERS_MAX &&
	       schema_item(b->report, &schema_dns[DNS_SERVERS], v[DNS_SERVERS].node,
			   c->dns_server_count, &server))
		c->dns_server[c->dns_server_count++] = server.addr;
}

static void take_path(struct build *b, const struct schema_value *v, char *out, size_t size)
{
	if (v->ok && v->text)
		str_copy(out, size, v->text);
}

/* Two writers on one path destroy each other's file. */
static void check_paths(struct build *b, const struct node *log, const struct node *records,
			const struct node *capture, const struct node *control)
{
	const struct config *c = b->config;
	const struct {
		const char *key, *path;
		const struct node *at;
	} use[] = {{"control.socket", c->control_path, control},
		   {"records.file", c->records_path, records},
		   {"capture.file", c->capture_path, capture},
		   {"log.file", c->log_path, log}};

	for (unsigned i = 0; i < 4; i++) {
		for (unsigned k = 0; k < i; k++)
			if (*use[i].path && strcmp(use[i].path, use[k].path) == 0)
				COMPLAIN(b, use[i].at,
					 "%s and %s have the same path; give each its own",
					 use[k].key, use[i].key);
		for (unsigned s = 0; s < c->span_count; s++)
			if (*use[i].path && strcmp(use[i].path, c->span[s].path) == 0)
				COMPLAIN(b, b->span[s].path,
					 "span %u and %s have the same path; give each its own",
					 c->span[s].isdn.span, use[i].key);
	}
}

void build_files(struct build *b)
{
	struct schema_value control[CONTROL_COUNT], records[FILE_COUNT], capture[FILE_COUNT],
	    log[LOG_KEY_COUNT];
	struct config *c = b->config;

	schema_read(b->report, section(b, TOP_CONTROL), b->root, "control", schema_control,
		    control);
	schema_read(b->report, section(b, TOP_RECORDS), b->root, "records", schema_records,
		    records);
	schema_read(b->report, section(b, TOP_CAPTURE), b->root, "capture", schema_capture,
		    capture);
	schema_read(b->report, section(b, TOP_LOG), b->root, "log", schema_log, log);
	take_path(b, &control[CONTROL_SOCKET], c->control_path, sizeof(c->control_path));
	take_path(b, &records[FILE_PATH], c->records_path, sizeof(c->records_path));
	take_path(b, &capture[FILE_PATH], c->capture_path, sizeof(c->capture_path));
	take_path(b, &log[LOG_KEY_FILE], c->log_path, sizeof(c->log_path));
	c->log_level = (enum log_level)log[LOG_KEY_LEVEL].number;
	c->log_json = log[LOG_KEY_FORMAT].number == 1;
	check_paths(b, log[LOG_KEY_FILE].node, records[FILE_PATH].node, capture[FILE_PATH].node,
		    control[CONTROL_SOCKET].node);
}
