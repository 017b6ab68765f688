/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/sip_map/cause_map.h"

#include <stddef.h>

enum { STATUS_OTHER = 500 };

/* Those that end no call and that the table has no row for. */
static const struct {
	uint16_t status;
	const char *phrase;
} more_phrases[] = {
    {100, "Trying"}, {180, "Ringing"},		{181, "Call Is Being Forwarded"},
    {182, "Queued"}, {183, "Session Progress"}, {200, "OK"},
};

/* The row with the first of these conditions, in their order of weight; else the one without. */
static const struct cause_row *find(const struct cause_table *t, enum cause_direction direction,
				    unsigned key, unsigned holds)
{
	for (unsigned i = CAUSE_CONDITIONS - 1; i > CAUSE_ALWAYS; i--) {
		const struct cause_row *row =
		    holds & 1U << i ? cause_table_find(t, direction, key, i) : NULL;

		if (row)
			return row;
	}
	return cause_table_find(t, direction, key, CAUSE_ALWAYS);
}

unsigned sip_status_from_cause(const struct cause_table *t, const struct call_cause *cause)
{
	const struct cause_row *row;
	unsigned holds = 0;

	/* Between two SIP legs; what asks for credentials or another target is ours to handle. */
	if (cause->sip_status >= 400 && cause->sip_status <= 699 && cause->sip_status != 401 &&
	    cause->sip_status != 407 && cause->sip_status != 487)
		return cause->sip_status;
	if (cause->location == CALL_LOC_USER)
		holds |= 1U << CAUSE_LOC_IS_USER;
	if (*cause->new_number)
		holds |= 1U << CAUSE_NEW_NUMBER;
	if (cause->diagnostic_timer)
		holds |= 1U << CAUSE_RING_LIMIT;
	row = cause->value ? find(t, CAUSE_Q850_TO_SIP, cause->value, holds) : NULL;
	if (!row)
		row = cause_table_find(t, CAUSE_Q850_TO_SIP, CAUSE_KEY_OTHER, CAUSE_ALWAYS);
	return row ? row->status : STATUS_OTHER;
}

static struct call_cause cause_of(const struct cause_row *row)
{
	struct call_cause c = {.value = CAUSE_NORMAL_UNSPECIFIED,
			       .location = CALL_LOC_PRIVATE_REMOTE};

	if (row) {
		c.value = row->cause;
		c.location = row->location;
	}
	return c;
}

struct call_cause sip_cause_from_status(const struct cause_table *t, unsigned status,
					enum cause_condition condition)
{
	const struct cause_row *row = find(t, CAUSE_SIP_TO_Q850, status, 1U << condition);
	struct call_cause c;

	if (!row && status <= 399)
		row = cause_table_find(t, CAUSE_SIP_TO_Q850, CAUSE_KEY_3XX, CAUSE_ALWAYS);
	if (!row)
		row = cause_table_find(t, CAUSE_SIP_TO_Q850, CAUSE_KEY_OTHER, CAUSE_ALWAYS);
	c = cause_of(row);
	c.sip_status = (uint16_t)status;
	return c;
}

struct call_cause sip_cause_from_request(const struct cause_table *t, bool cancel,
					 enum cause_condition condition)
{
	return cause_of(
	    find(t, CAUSE_SIP_TO_Q850, cancel ? CAUSE_KEY_CANCEL : CAUSE_KEY_BYE, 1U << condition));
}

const char *sip_phrase(const struct cause_table *t, unsigned status)
{
	for (unsigned i = 0; i < t->to[CAUSE_SIP_TO_Q850].count; i++)
		if (t->to[CAUSE_SIP_TO_Q850].row[i].key == status)
			return t->to[CAUSE_SIP_TO_Q850].row[i].phrase;
	for (size_t i = 0; i < sizeof(more_phrases) / sizeof(more_phrases[0]); i++)
		if (more_phrases[i].status == status)
			return more_phrases[i].phrase;
	return "Refused";
}
