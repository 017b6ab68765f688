/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What control commands show, as JSON. Each returns a new object. Private to src/mgmt/. */
#ifndef SRC_MGMT_CONTROL_ROWS_H
#define SRC_MGMT_CONTROL_ROWS_H

#include <jansson.h>

#include "src/mgmt/control_protocol.h"

/* The whole of `status`: what is wrong first, then counters. */
json_t *control_status(const struct control_view *view);
json_t *control_span_row(const struct control_view *view, const struct control_span *s);
json_t *control_channel_row(const struct control_span *s, unsigned ts);
json_t *control_trunk_row(const struct control_trunk *t);
json_t *control_call_row(const struct control_view *view, const struct call_record *r);
json_t *control_event_row(const struct log_event *event, uint64_t number);

#endif
