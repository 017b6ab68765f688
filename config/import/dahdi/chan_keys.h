/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which keys of chan_dahdi.conf there are, and what becomes of each. Private to config/import/. */
#ifndef CONFIG_IMPORT_CHAN_KEYS_H
#define CONFIG_IMPORT_CHAN_KEYS_H

#include "config/import/dahdi/chan_dahdi.h"

struct chan_key {
	const char *key;
	enum chan_setting setting; /* CHAN_SETTINGS: none of ours */
	const char *why;	   /* what is told; NULL: nothing, it is taken over */
	const char *silent;	   /* the value with which nothing is lost, so nothing is told */
};

/* NULL: not known. */
const struct chan_key *chan_key_find(const char *key);
bool chan_key_is_default(const struct chan_key *key, const char *value);

#endif
