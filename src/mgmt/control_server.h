/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The control socket: a UNIX stream socket on the control loop (libuv), mode 0660. A line in is a
 * request for control_handle(), its answer a line out. A client that does not read is bounded: it
 * gets no more answers (its requests wait in its own socket) and loses events, and is told how
 * many. A client that sends a line longer than CONTROL_LINE_MAX is told so and cut off. A stale
 * socket file is replaced only if nobody answers there. Control thread.
 */
#ifndef SRC_MGMT_CONTROL_SERVER_H
#define SRC_MGMT_CONTROL_SERVER_H

#include <uv.h>

#include "src/mgmt/control_protocol.h"

enum { CONTROL_CLIENTS_MAX = 64 };

struct control_server;

struct control_server_counters {
	uint64_t accepted, refused, requests, too_long, events_lost;
	unsigned clients;
};

/* 0, or -errno with one sentence in why (at least 320 octets): -EADDRINUSE when another core
 * answers there. view must live as long as the server. */
int control_server_create(struct control_server **out, uv_loop_t *loop, const char *path,
			  const struct control_view *view, char *why, size_t why_size);
/* Removes the socket and closes all clients; run the loop once more afterwards so that libuv can
 * end its handles. NULL legal. */
void control_server_destroy(struct control_server *s);
/* Sends new events of view->log and messages of view->trace to subscribers. At the end of each control turn. */
void control_server_turn(struct control_server *s);
/* Asks the client that subscribed last for this service (PLAN_LOOKUP_HTTP); its number, 0: there is none
 * that reads. Its answer comes through view->lookup_answer(), in a later pass of the loop; or
 * view->lookup_lost() when it goes away. */
uint32_t control_server_ask(struct control_server *s, const struct lookup_question *q);
const struct control_server_counters *control_server_counters(const struct control_server *s);

#endif
