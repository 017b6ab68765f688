/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/sip_map/reason.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "src/sip_map/guard/guard.h"

/* RFC 8606 */
static const struct {
	const char *name;
	uint8_t location;
} locations[] = {
    {"U", CALL_LOC_USER},
    {"LPN", CALL_LOC_PRIVATE_LOCAL},
    {"LN", CALL_LOC_PUBLIC_LOCAL},
    {"TN", CALL_LOC_TRANSIT},
    {"RLN", CALL_LOC_PUBLIC_REMOTE},
    {"RPN", CALL_LOC_PRIVATE_REMOTE},
    {"INTL", CALL_LOC_INTERNATIONAL},
    {"BI", CALL_LOC_BEYOND_INTERWORKING},
};

static const char *skip_space(const char *p)
{
	return p + strspn(p, " \t");
}

/* "name = value" within [p, p+n): the value's start when the name fits. */
static const char *parameter(const char *p, const char *name)
{
	size_t n = strlen(name);

	p = skip_space(p);
	if (strncasecmp(p, name, n) != 0)
		return NULL;
	p = skip_space(p + n);
	return *p == '=' ? skip_space(p + 1) : NULL;
}

static bool is_protocol(const char *p, const char *protocol)
{
	size_t n = strlen(protocol);

	p = skip_space(p);
	return strncasecmp(p, protocol, n) == 0 && strchr(" \t;,", p[n]);
}

static void take_location(const char *text, struct call_cause *cause)
{
	for (size_t i = 0; i < sizeof(locations) / sizeof(locations[0]); i++) {
		size_t n = strlen(locations[i].name);

		if (strncasecmp(text, locations[i].name, n) == 0 &&
		    !isalnum((unsigned char)text[n]))
			cause->location = locations[i].location;
	}
}

/* Finds protocol;cause=N; 0 when there is none. */
static unsigned find_cause(const char *header, const char *protocol, struct call_cause *cause)
{
	for (const char *p = header; *p;) {
		size_t n = guard_part_length(p, ",");
		const char *end = p + n;
		unsigned value = 0;

		if (is_protocol(p, protocol)) {
			for (p += guard_part_length(p, ";,"); p < end; p += guard_part_length(p, ";,")) {
				const char *v;

				p++;
				v = parameter(p, "cause");
				if (v && isdigit((unsigned char)*v))
					value = (unsigned)strtoul(v, NULL, 10);
				v = parameter(p, "location");
				if (v && cause)
					take_location(v, cause);
			}
			if (value)
				return value;
		}
		p = *end ? end + 1 : end;
	}
	return 0;
}

bool sip_reason_q850(const char *header, struct call_cause *cause)
{
	struct call_cause found = *cause;
	unsigned value = find_cause(header, "Q.850", &found);

	if (value < 1 || value > 127)
		return false;
	found.value = (uint8_t)value;
	*cause = found;
	return true;
}

bool sip_reason_completed_elsewhere(const char *header)
{
	return find_cause(header, "SIP", NULL) == 200;
}

void sip_reason_add(struct strbuf *b, const struct call_cause *cause)
{
	strbuf_addf(b, "Reason: Q.850;cause=%u", cause->value);
	for (size_t i = 0; i < sizeof(locations) / sizeof(locations[0]); i++)
		if (locations[i].location == cause->location)
			strbuf_addf(b, ";location=%s", locations[i].name);
	strbuf_add(b, "\r\n");
}
