/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "gateway/cli/plan_lookup.h"

#include <stdio.h>
#include <string.h>

#include "gateway/base/strbuf.h"
#include "gateway/lookup/enum/ask_once.h"
#include "gateway/lookup/enum/naptr.h"

/* A number is written as in a tel: URI, so that it can be a ported one, too (RFC 4694). */
static bool read_answer(const char *text, struct plan_answer *out)
{
	char uri[128];

	*out = (struct plan_answer){.kind = PLAN_ANSWER_FAILED};
	if (strcmp(text, "failed") == 0)
		return true;
	out->kind = PLAN_ANSWER_NOT_FOUND;
	if (strcmp(text, "none") == 0)
		return true;
	out->kind = PLAN_ANSWER_FOUND;
	out->has_called = true;
	return (size_t)snprintf(uri, sizeof(uri), "tel:%s", text) < sizeof(uri) &&
	       naptr_uri_number(uri, &out->called, &out->porting) == 0;
}

bool cli_lookups_right(const struct cli_lookups *l)
{
	struct plan_answer ignored;

	return !l->said || read_answer(l->said, &ignored);
}

static void ask_dns(const struct config *config, const struct plan_ctx *ctx,
		    struct plan_answer *out, char *what, size_t size)
{
	struct lookup_question q = {
	    .id = 1, .kind = PLAN_LOOKUP_ENUM, .timeout_ms = ctx->query.timeout_ms};
	struct resolver_cfg cfg = {.server_count = config->dns_server_count,
				   .retry_ms = config->dns_retry_ms};

	memcpy(cfg.server, config->dns_server, sizeof(cfg.server));
	str_copy(q.where, sizeof(q.where), ctx->query.text);
	snprintf(q.number, sizeof(q.number), "+%s", ctx->values.number[PLAN_CALLED].digits);
	ask_once(&cfg, &q, out, what, size);
}

void cli_lookup_answer(const struct cli_lookups *l, const struct plan_ctx *ctx,
		       struct plan_answer *out, char *what, size_t size)
{
	*out = (struct plan_answer){.kind = PLAN_ANSWER_FAILED};
	if (l->said && read_answer(l->said, out))
		snprintf(what, size, "the answer is that of --answer: %s", l->said);
	else if (l->ask && ctx->query.kind == PLAN_LOOKUP_ENUM)
		ask_dns(l->config, ctx, out, what, size);
	else if (l->ask)
		snprintf(what, size, "not asked, so it fails: only spanbridge-lookup asks for \"%s\"; "
				     "--answer says what it would find", ctx->query.text);
	else
		snprintf(what, size, "%s is not asked, so it fails: --lookup asks DNS, --answer "
				     "NUMBER says what would be found", ctx->query.text);
}
