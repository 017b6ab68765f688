/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Spans and trunks by their names in a configuration, "span:1", "trunk:provider", and back. Pure;
 * any thread. */
#ifndef CONFIG_ENDPOINT_TEXT_H
#define CONFIG_ENDPOINT_TEXT_H

#include "config/config.h"

enum { ENDPOINT_TEXT = CALL_NAME_MAX + 16 };

/* 0, or -ENOENT: the configuration has no such span or trunk. */
int endpoint_find(const struct config *c, const char *text, struct call_endpoint *out);
/* Returns out. */
const char *endpoint_text(const struct config *c, struct call_endpoint ep, char out[ENDPOINT_TEXT]);

#endif
