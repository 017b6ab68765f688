/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The media bridge: sessions between timeslots and RTP. Two halves that meet in rings of values:
 *  - struct media (control thread): makes sessions, sockets and ports, gives them to the worker,
 *    takes them back; implements media_ops.
 *  - struct media_worker (its own thread, or turned by hand): owns spans and live sessions; one
 *    tick is a span's block: no lock, no allocation, no text, no wake per packet.
 */
#ifndef SRC_MEDIA_BRIDGE_MEDIA_H
#define SRC_MEDIA_BRIDGE_MEDIA_H

#include "gateway/base/rng.h"
#include "gateway/call/call_table.h"
#include "hw/t1e1/e1.h"
#include "src/media_bridge/rtp_net.h"

struct media;
struct media_worker;

/* What the worker tells control about a span, whole values; only changes are sent. */
typedef void (*media_line_fn)(void *arg, int64_t now_us, uint16_t span, const struct e1_line *line);

struct media_cfg {
	unsigned sessions_max;
	uint16_t rtp_port_min, rtp_port_max; /* even RTP, odd RTCP */
	const struct rtp_net *net;	     /* UDP, or memory in the simulation */
	struct rng *rng;
	uint16_t jb_min_ms, jb_start_ms, jb_max_ms; /* 0: 20, 40, 200 */
	media_line_fn on_line;
	void *on_line_arg;
};

struct media_counters {
	unsigned open, attached, ports_in_use;
	uint64_t worker_turns, worker_late_turns, worker_max_turn_us;
	uint64_t commands_stalled; /* command ring full: tried again next turn */
	uint64_t events_dropped;   /* statistics only; lifecycle events have reserved places */
};

int media_create(struct media **out, const struct media_cfg *cfg);
void media_destroy(struct media *m); /* workers stopped; NULL legal */
/* Call table to post to (made after the media, which it needs). */
void media_bind_calls(struct media *m, struct call_table *calls);
extern const struct media_ops media_bridge_ops; /* first argument: struct media * */

/* One worker (control side). Spans are bound for life, before the worker runs. */
int media_worker_create(struct media *m, struct media_worker **out);
int media_worker_add_span(struct media_worker *w, struct e1_span *span);
/* Worker thread: drains commands, runs due blocks, sends what it made. */
void media_worker_turn(struct media_worker *w, int64_t now_us);
/* Worker thread: the loop for a real thread: polls the spans' pace descriptors until asked to
 * stop. media_worker_stop() is called from any thread and wakes it. */
void media_worker_run(struct media_worker *w);
void media_worker_stop(struct media_worker *w);

/* Control: takes what the workers reported, posts to calls. Descriptor to poll for it (an eventfd,
 * one for all workers); -1 never. */
void media_turn(struct media *m, int64_t now_us);
int media_event_fd(const struct media *m);
const struct media_counters *media_counters(struct media *m);

#endif
