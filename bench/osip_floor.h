/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Runs `calls` calls through bare libosip2 (called side) in the calling thread. 0 or -errno. */
#ifndef BENCH_OSIP_FLOOR_H
#define BENCH_OSIP_FLOOR_H

int osip_floor_run(unsigned calls);

#endif
