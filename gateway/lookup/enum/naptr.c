/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "gateway/lookup/enum/naptr.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

#include "gateway/base/strbuf.h"

/* RFC 6116 3.4.2: "E2U" and a "+" before each service. One of them is enough. */
static bool is_for_calls(const char *service)
{
	static const char *const known[] = {"sip", "pstn:tel", "pstn:sip", "voice:tel", "tel"};

	if (strncasecmp(service, "E2U+", 4) != 0)
		return false;
	for (service += 3; *service == '+';) {
		size_t len = strcspn(++service, "+");

		for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
			if (strlen(known[i]) == len && strncasecmp(service, known[i], len) == 0)
				return true;
		service += len;
	}
	return false;
}

/* RFC 6116 takes order and preference as one: a record of a higher order has its turn, too, when
 * those below it say nothing. */
static bool goes_before(const struct naptr *a, const struct naptr *b)
{
	return a->order != b->order ? a->order < b->order : a->preference < b->preference;
}

static unsigned sort(const struct naptr *record, unsigned count, const struct naptr **by_turn)
{
	if (count > NAPTR_RECORDS_MAX)
		count = NAPTR_RECORDS_MAX;
	for (unsigned i = 0; i < count; i++) {
		unsigned k = i;

		for (; k && goes_before(&record[i], by_turn[k - 1]); k--)
			by_turn[k] = by_turn[k - 1];
		by_turn[k] = &record[i];
	}
	return count;
}

static void complain(struct naptr_result *out, const struct naptr *r, const char *what)
{
	struct strbuf b;

	if (out->outcome == NAPTR_MALFORMED) /* the first one is told */
		return;
	out->outcome = NAPTR_MALFORMED;
	strbuf_init(&b, out->why, sizeof(out->why));
	strbuf_addf(&b, "NAPTR %u %u: %s", r->order, r->preference, what);
}

/* true: it decides. */
static bool take_terminal(const struct naptr *r, const char *number, struct naptr_result *out)
{
	char uri[NAPTR_URI_MAX];
	const char *why = "";
	int err = naptr_rewrite(uri, sizeof(uri), r->regexp, number, &why);

	if (err == -ENOENT)
		return false;
	if (err) {
		complain(out, r, why);
		return false;
	}
	err = naptr_uri_number(uri, &out->called, &out->porting);
	if (err == -EBADMSG)
		complain(out, r, "its regexp makes no sip:, sips: or tel: URI of a number");
	if (err)
		return false;
	out->outcome = NAPTR_NUMBER;
	return true;
}

/* RFC 6116 3.4.1: no flag is a referral. Its regexp is empty and the domain stands in the
 * replacement. */
static bool take_referral(const struct naptr *r, struct naptr_result *out)
{
	size_t len = strlen(r->replacement);

	if (*r->regexp || !len || len >= sizeof(out->follow) || strcmp(r->replacement, ".") == 0) {
		complain(out, r, "it has no flag u, and names no other domain either");
		return false;
	}
	out->outcome = NAPTR_FOLLOW;
	str_copy(out->follow, sizeof(out->follow), r->replacement);
	return true;
}

void naptr_decide(const struct naptr *record, unsigned count, const char *number,
		  struct naptr_result *out)
{
	const struct naptr *by_turn[NAPTR_RECORDS_MAX];
	unsigned tries = 0;

	*out = (struct naptr_result){.outcome = NAPTR_NOTHING};
	count = sort(record, count, by_turn);
	for (unsigned i = 0; i < count; i++) {
		const struct naptr *r = by_turn[i];
		bool taken = false;

		if (!*r->flags && (!*r->service || strncasecmp(r->service, "E2U", 3) == 0))
			taken = take_referral(r, out);
		else if (strcasecmp(r->flags, "u") == 0 && is_for_calls(r->service) &&
			 tries++ < NAPTR_TRIES_MAX)
			taken = take_terminal(r, number, out);
		if (taken)
			return;
	}
}
