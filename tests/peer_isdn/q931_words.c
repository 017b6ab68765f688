/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Messages in words, for failures that are read at three in the morning. */
#include <string.h>

#include "tests/peer_isdn/q931.h"

struct name {
	uint8_t value;
	const char *name;
};

static const char *name_of(const struct name *names, size_t count, uint8_t value)
{
	for (size_t i = 0; i < count; i++)
		if (names[i].value == value)
			return names[i].name;
	return NULL;
}
#define NAME_OF(names, value) name_of(names, sizeof(names) / sizeof((names)[0]), value)

static const struct name messages[] = {
    {0x01, "ALERTING"},
    {0x02, "CALL PROCEEDING"},
    {0x03, "PROGRESS"},
    {0x05, "SETUP"},
    {0x07, "CONNECT"},
    {0x0d, "SETUP ACKNOWLEDGE"},
    {0x20, "USER INFORMATION"},
    {0x0f, "CONNECT ACKNOWLEDGE"},
    {0x24, "HOLD"},
    {0x25, "SUSPEND"},
    {0x26, "RESUME"},
    {0x31, "RETRIEVE"},
    {0x45, "DISCONNECT"},
    {0x46, "RESTART"},
    {0x4d, "RELEASE"},
    {0x4e, "RESTART ACKNOWLEDGE"},
    {0x5a, "RELEASE COMPLETE"},
    {0x60, "SEGMENT"},
    {0x62, "FACILITY"},
    {0x6e, "NOTIFY"},
    {0x75, "STATUS ENQUIRY"},
    {0x79, "CONGESTION CONTROL"},
    {0x7b, "INFORMATION"},
    {0x7d, "STATUS"},
};

static const struct name elements[] = {
    {0x04, "Bearer capability"},
    {0x08, "Cause"},
    {0x10, "Call identity"},
    {0x14, "Call state"},
    {0x18, "Channel"},
    {0x1c, "Facility"},
    {0x1e, "Progress"},
    {0x20, "Network-specific facilities"},
    {0x27, "Notification"},
    {0x28, "Display"},
    {0x29, "Date/time"},
    {0x2c, "Keypad"},
    {0x34, "Signal"},
    {0x4c, "Connected number"},
    {0x4d, "Connected subaddress"},
    {0x6c, "Calling number"},
    {0x6d, "Calling subaddress"},
    {0x70, "Called number"},
    {0x71, "Called subaddress"},
    {0x74, "Redirecting number"},
    {0x78, "Transit network"},
    {0x79, "Restart indicator"},
    {0x7c, "Low layer compatibility"},
    {0x7d, "High layer compatibility"},
    {0x7e, "User-user"},
    {0xa1, "Sending complete"},
};

/* Q.850, those that scripts meet. */
static const struct name causes[] = {
    {1, "unallocated number"},
    {3, "no route to destination"},
    {6, "channel unacceptable"},
    {16, "normal clearing"},
    {17, "user busy"},
    {18, "no user responding"},
    {19, "no answer from user"},
    {21, "call rejected"},
    {22, "number changed"},
    {26, "non-selected user clearing"},
    {27, "destination out of order"},
    {28, "invalid number format"},
    {30, "response to STATUS ENQUIRY"},
    {31, "normal, unspecified"},
    {34, "no channel available"},
    {38, "network out of order"},
    {41, "temporary failure"},
    {42, "switching equipment congestion"},
    {44, "requested channel not available"},
    {47, "resource unavailable"},
    {63, "service or option not available"},
    {65, "bearer capability not implemented"},
    {79, "service or option not implemented"},
    {81, "invalid call reference"},
    {82, "identified channel does not exist"},
    {88, "incompatible destination"},
    {96, "mandatory element missing"},
    {97, "message type non-existent"},
    {98, "message not compatible with call state or non-existent"},
    {99, "element non-existent"},
    {100, "invalid element contents"},
    {101, "message not compatible with call state"},
    {102, "recovery on timer expiry"},
    {111, "protocol error"},
    {127, "interworking, unspecified"},
};

static const struct name locations[] = {
    {0, "user"},
    {1, "private network serving the local user"},
    {2, "public network serving the local user"},
    {3, "transit network"},
    {4, "public network serving the remote user"},
    {5, "private network serving the remote user"},
    {7, "international network"},
    {10, "network beyond interworking point"},
};

static const struct name descriptions[] = {
    {1, "not end-to-end ISDN"},
    {2, "destination is not ISDN"},
    {3, "origination is not ISDN"},
    {4, "returned to ISDN"},
    {5, "interworking"},
    {8, "in-band information"},
};

const char *q931_message_name(uint8_t type)
{
	const char *name = NAME_OF(messages, type);

	return name ? name : "unknown message";
}

const char *q931_cause_name(uint8_t value)
{
	const char *name = NAME_OF(causes, value);

	return name ? name : "see Q.850";
}

static const char *location_name(uint8_t location)
{
	const char *name = NAME_OF(locations, location);

	return name ? name : "reserved";
}

static void digits_words(const struct ie *e, unsigned skip, const char *name, char *out)
{
	snprintf(out, Q931_WORDS_MAX, "%s type %u plan %u '%.*s'", name, e->octets[0] >> 4 & 7,
		 e->octets[0] & 15, (int)e->len - (int)skip, (const char *)e->octets + skip);
}

static bool contents_words(const struct ie *e, const char *name, char *out)
{
	const uint8_t *o = e->octets;

	if (e->id == IE_CAUSE && e->len >= 2)
		snprintf(out, Q931_WORDS_MAX, "Cause %u (%s), location %u (%s)%s", o[1] & 0x7f,
			 q931_cause_name(o[1] & 0x7f), o[0] & 15, location_name(o[0] & 15),
			 e->len > 2 ? ", with a diagnostic" : "");
	else if (e->id == IE_PROGRESS && e->len >= 2)
		snprintf(out, Q931_WORDS_MAX, "Progress %u (%s), location %u (%s)", o[1] & 0x7f,
			 NAME_OF(descriptions, o[1] & 0x7f) ? NAME_OF(descriptions, o[1] & 0x7f)
							    : "reserved",
			 o[0] & 15, location_name(o[0] & 15));
	else if (e->id == IE_CHANNEL && e->len >= 3)
		snprintf(out, Q931_WORDS_MAX, "Channel %u, %s", o[2] & 0x7f,
			 o[0] & 0x08 ? "exclusive" : "preferred");
	else if (e->id == IE_CALL_STATE && e->len == 1)
		snprintf(out, Q931_WORDS_MAX, "Call state %u", o[0] & 0x3f);
	else if (e->id == IE_RESTART && e->len == 1)
		snprintf(out, Q931_WORDS_MAX, "Restart class %u", o[0] & 7);
	else if (e->id == IE_CALLED && e->len >= 1)
		digits_words(e, 1, name, out);
	else if ((e->id == IE_CALLING || e->id == IE_CONNECTED) && e->len >= 2 && !(o[0] & 0x80))
		digits_words(e, 2, name, out);
	else
		return false;
	return true;
}

const char *q931_element_words(const struct ie *e, char out[Q931_WORDS_MAX])
{
	const char *name = NAME_OF(elements, e->id);

	name = name ? name : "unknown element";
	if (e->kind == IE_MORE)
		snprintf(out, Q931_WORDS_MAX, "… and any others");
	else if (e->kind == IE_ANY)
		snprintf(out, Q931_WORDS_MAX, "%s, whatever it holds", name);
	else if (e->kind == IE_OCTET || !contents_words(e, name, out))
		snprintf(out, Q931_WORDS_MAX, "%s", name);
	return out;
}

static void print_head(FILE *to, const char *title, uint16_t ref, uint8_t type)
{
	fprintf(to, "#   %s: %s, ", title, q931_message_name(type));
	if (ref == Q931_ANY_REF)
		fprintf(to, "any call\n");
	else
		fprintf(to, "call %u of %s\n", ref & 0x7fff,
			ref & Q931_THEIRS ? "the gateway" : "the peer");
}

static void print_element(FILE *to, const struct ie *e)
{
	char words[Q931_WORDS_MAX];

	fprintf(to, "#     %-50s", q931_element_words(e, words));
	if (e->kind == IE_OCTET || e->kind == IE_OCTETS)
		fprintf(to, " %02x", e->id);
	if (e->kind == IE_OCTETS)
		fprintf(to, " %02x", e->len);
	for (unsigned i = 0; e->kind == IE_OCTETS && i < e->len; i++)
		fprintf(to, " %02x", e->octets[i]);
	fprintf(to, "\n");
}

void q931_print(FILE *to, const char *title, const uint8_t *octets, size_t len)
{
	struct q931_message m;

	q931_decode(&m, octets, len);
	print_head(to, title, m.ref, m.type);
	fprintf(to, "#     hex");
	for (size_t i = 0; i < len; i++)
		fprintf(to, " %02x", octets[i]);
	fprintf(to, "\n");
	for (unsigned i = 0; i < m.count; i++)
		print_element(to, &m.ie[i]);
	if (m.wrong)
		fprintf(to, "#     malformed: %s\n", m.wrong);
}

void q931_print_expected(FILE *to, uint16_t ref, const struct ie *expected)
{
	print_head(to, "expected", ref, expected[0].id);
	for (const struct ie *e = expected + 1; e->kind != IE_END; e++)
		print_element(to, e);
}
