/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The last log events, self-contained, each with a number that grows by one: what `log` shows and
 * what subscribers read, each at its own pace. Who falls behind by more than the tail holds sees it
 * in the numbers. Also packs one event into octets for the writer's ring. Control thread.
 */
#ifndef SRC_MGMT_LOG_TAIL_H
#define SRC_MGMT_LOG_TAIL_H

#include "gateway/base/log.h"

enum { LOG_TAIL_EVENTS = 500, LOG_PACKED_MAX = 2048 };

/* Octets written to out; long texts are cut and fields left out so that it always fits. */
size_t log_pack(const struct log_event *event, unsigned char out[LOG_PACKED_MAX]);
/* event points into packed. false: not from log_pack(). */
bool log_unpack(struct log_event *event, const unsigned char *packed, size_t len);

struct log_tail;

int log_tail_create(struct log_tail **out);
void log_tail_destroy(struct log_tail *t);
/* A log_sink_fn; arg: struct log_tail *. */
void log_tail_add(void *tail, const struct log_event *event);
uint64_t log_tail_next(const struct log_tail *t); /* number of the next event; the first is 1 */
/* Oldest number still held; log_tail_next() when there is none. */
uint64_t log_tail_first(const struct log_tail *t);
/* false: not held. event is valid until the next log_tail_add(). */
bool log_tail_get(const struct log_tail *t, uint64_t number, struct log_event *event);

#endif
