/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The exchange's commands (stdin) and events (stdout) as JSON lines: see spanbridge-pbx --help.
 * On a terminal events are lines for people. */
#ifndef GATEWAY_PBX_PBX_COMMAND_H
#define GATEWAY_PBX_PBX_COMMAND_H

#include "gateway/pbx/pbx.h"

enum { PBX_LINE_MAX = 4096 };

struct pbx_commands {
	struct pbx *pbx;
	bool quit;
	bool for_people;	  /* events as text */
	const char *call_when_up; /* a number to call once, or NULL */
	uint32_t only_call;	  /* that call: when it is over, quit is set; 0: none */
	bool only_call_answered;
	char line[PBX_LINE_MAX]; /* begun, not ended */
	size_t held;
	char why[128];
	bool too_long; /* the line being read is thrown away */
};

/* Reads what is there and carries it out; false at the end of the file. A wrong line becomes an
 * event "error" and changes nothing. */
bool pbx_commands_read(struct pbx_commands *c, int fd, int64_t now_us);
/* A pbx_event_fn. */
void pbx_commands_event(void *arg, const struct pbx_event *event);

#endif
