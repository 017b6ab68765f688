/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "gateway/lookup/enum/enum_wire.h"

#include <ares.h>
#include <limits.h>

#include "gateway/base/strbuf.h"

void enum_wire_decide(const unsigned char *answer, size_t len, const char *number,
		      struct naptr_result *out)
{
	struct naptr record[NAPTR_RECORDS_MAX];
	struct ares_naptr_reply *all = NULL;
	unsigned count = 0;
	int status = len > INT_MAX ? ARES_EBADRESP
				   : ares_parse_naptr_reply(answer, (int)len, &all);

	*out = (struct naptr_result){.outcome = NAPTR_NOTHING};
	if (status != ARES_SUCCESS && status != ARES_ENODATA) {
		out->outcome = NAPTR_MALFORMED;
		str_copy(out->why, sizeof(out->why), "the answer of the DNS server is malformed");
		return;
	}
	/* A zero octet in a field ends it here, and what is left of a regexp is refused. */
	for (struct ares_naptr_reply *r = all; r && count < NAPTR_RECORDS_MAX; r = r->next)
		record[count++] = (struct naptr){.order = r->order,
						 .preference = r->preference,
						 .flags = (const char *)r->flags,
						 .service = (const char *)r->service,
						 .regexp = (const char *)r->regexp,
						 .replacement = r->replacement};
	naptr_decide(record, count, number, out);
	ares_free_data(all);
}
