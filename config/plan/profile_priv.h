/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The profiles that are built in, as embed_profiles.py writes them. Private to config/. */
#ifndef CONFIG_PROFILE_PRIV_H
#define CONFIG_PROFILE_PRIV_H

struct profile_builtin {
	const char *name; /* NULL: the end */
	const char *text;
};
extern const struct profile_builtin profile_builtin[];

#endif
