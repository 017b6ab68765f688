/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A moment as people write it, for cases of the plan and `plan test --at`. Pure; any thread. */
#ifndef GATEWAY_PLAN_MOMENT_H
#define GATEWAY_PLAN_MOMENT_H

#include "gateway/plan/zone.h"

/* "2026-12-24T10:00", with :SS, with a space for the T, and with Z or +08:00 when it is not meant in
 * zone (NULL: UTC). Microseconds since 1970. 0, or -EINVAL. */
int plan_moment_parse(const char *text, const struct zone *zone, int64_t *wall_us);

#endif
