/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What control commands show, written as one JSON value each. Private to src/mgmt/. */
#ifndef SRC_MGMT_CONTROL_ROWS_H
#define SRC_MGMT_CONTROL_ROWS_H

#include "src/mgmt/control_protocol.h"
#include "src/mgmt/json_out.h"

/* The whole of `status`: what is wrong first, then counters. */
void control_write_status(struct json_out *o, const struct control_view *view);
void control_write_span(struct json_out *o, const struct control_view *view,
			const struct control_span *s);
void control_write_channel(struct json_out *o, const struct control_span *s, unsigned ts);
void control_write_timer(struct json_out *o, const struct control_span *s, enum isdn_timer timer);
void control_write_trunk(struct json_out *o, const struct control_trunk *t);
void control_write_call(struct json_out *o, const struct control_view *view,
			const struct call_record *r);
/* key: as in json_out.h. */
void control_write_event(struct json_out *o, const char *key, const struct log_event *event,
			 uint64_t number);

/* One message. number 0: left out. raw: with its octets. */
void control_write_trace(struct json_out *o, const char *key, const struct trace_event *e,
			 uint64_t number, bool raw);

#endif
