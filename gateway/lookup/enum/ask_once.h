/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One question to DNS, with the code of live calls, for somebody who can wait: `spanbridge plan test
 * --lookup`. Blocks for at most the question's timeout_ms; never in the core. */
#ifndef GATEWAY_LOOKUP_ENUM_ASK_ONCE_H
#define GATEWAY_LOOKUP_ENUM_ASK_ONCE_H

#include "gateway/lookup/enum/resolver.h"

/* Of cfg only servers and retry_ms. *out is always an answer; what[size]: in a sentence, whom was
 * asked and what came. */
void ask_once(const struct resolver_cfg *cfg, const struct lookup_question *question,
	      struct plan_answer *out, char *what, size_t size);

#endif
