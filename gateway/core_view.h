/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the control socket may see and do of a core: fills in a control_view. Control thread. */
#ifndef GATEWAY_CORE_VIEW_H
#define GATEWAY_CORE_VIEW_H

#include "gateway/core.h"
#include "gateway/turn_cost.h"
#include "src/mgmt/control_protocol.h"

struct core_view {
	struct control_view control; /* hand this to the control server */
	struct core *core;
	struct writer *writer;
	const struct turn_cost *turn;
	void (*on_shutdown)(void *arg);
	void (*on_plan_reload)(void *arg);
	int64_t (*touch)(void *arg); /* makes a turn due; its time, monotonic µs */
	bool (*dns_server)(void *arg, unsigned index, struct lookup_server *out);
	void *arg;		     /* of the four above */
};

/* core, writer, turn and shutdown are set by then. */
void core_view_init(struct core_view *v, const struct log_tail *log, const struct trace *trace,
		    int64_t start_us);
/* The name of a trunk of a configuration, NULL: none. For writer_cfg. arg: struct config *. */
const char *core_view_trunk_name(void *config, uint16_t index);

#endif
