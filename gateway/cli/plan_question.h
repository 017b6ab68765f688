/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The call that `plan test` is asked about, from its words. Private to gateway/cli/. */
#ifndef GATEWAY_CLI_PLAN_QUESTION_H
#define GATEWAY_CLI_PLAN_QUESTION_H

#include "config/config.h"
#include "gateway/cli/cli.h"
#include "gateway/cli/plan_lookup.h"

/* As typed; texts are argv's. NULL: not given. */
struct plan_question {
	const char *config, *called, *from, *calling, *redirecting, *connected, *name, *at;
	const char *ton, *npi, *calling_ton, *presentation, *bearer;
	struct cli_lookups lookups;
};

/* An exit status, CLI_OK: all options are known ones. */
int plan_question_take(struct cli *c, struct plan_question *q);
/* text NULL: *out stays. */
int plan_question_number(const char *what, const char *text, struct call_number *out);
/* The call and the time of it. CLI_OK, or CLI_USAGE: told. */
int plan_question_call(const struct plan_question *q, const struct config *config,
		       struct call_setup *setup, int64_t *wall_us);

#endif
