/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The core as a process: threads, sockets, loop, signals. Returns the exit status when stopped. */
#ifndef GATEWAY_DAEMON_H
#define GATEWAY_DAEMON_H

#include "config/config.h"

/* Runs until SIGTERM or SIGINT. The configuration outlives it; its number plan may be another one
 * then, read anew from path. Prints why it could not start. */
int daemon_run(struct config *config, const char *path);

#endif
