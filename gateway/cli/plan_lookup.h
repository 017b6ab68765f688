/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What `plan test` takes for the answer of a look-up: nothing (it fails), what the operator says, or
 * what DNS says now. */
#ifndef GATEWAY_CLI_PLAN_LOOKUP_H
#define GATEWAY_CLI_PLAN_LOOKUP_H

#include "config/config.h"

struct cli_lookups {
	const struct config *config;
	const char *said; /* --answer: a number, none or failed; NULL */
	bool ask;	  /* --lookup: DNS is asked */
};

/* false: --answer is none of what it may be. */
bool cli_lookups_right(const struct cli_lookups *l);
/* The answer to what ctx waits for; what[size]: where it comes from, in a sentence. */
void cli_lookup_answer(const struct cli_lookups *l, const struct plan_ctx *ctx,
		       struct plan_answer *out, char *what, size_t size);

#endif
