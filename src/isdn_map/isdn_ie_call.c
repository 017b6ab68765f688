/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is said about a call and its channel: Q.931 4.5.7, 4.5.12, 4.5.13, 4.5.22, 4.5.23, 4.5.25,
 * 4.5.28. */
#include "src/isdn_map/isdn_cause.h"
#include "src/isdn_map/isdn_ie_words.h"
#include "src/isdn_map/isdn_words.h"

enum { EXT = 0x80, E1_MAP_OCTETS = 4, T1_MAP_OCTETS = 3 };

void isdn_words_location(struct strbuf *b, uint8_t location)
{
	static const struct isdn_name names[] = {
	    {0, "user"},
	    {1, "private network local"},
	    {2, "public network local"},
	    {3, "transit network"},
	    {4, "public network remote"},
	    {5, "private network remote"},
	    {7, "international network"},
	    {10, "beyond interworking point"},
	};

	ISDN_WORDS_NAME(b, names, location);
}

void isdn_ie_cause(struct strbuf *b, const struct isdn_ie *ie)
{
	size_t head = isdn_cause_head(ie->octets, ie->len);
	struct call_cause cause;

	if (!isdn_cause_decode(&cause, ie->octets, ie->len)) {
		strbuf_add(b, "no value");
		return;
	}
	strbuf_addf(b, "%u %s, from ", cause.value, isdn_cause_name(cause.value));
	isdn_words_location(b, cause.location);
	if (ie->octets[0] >> 5 & 3)
		strbuf_addf(b, ", coding %u", ie->octets[0] >> 5 & 3);
	if (ie->len == head)
		return;
	if (cause.timer)
		strbuf_addf(b, ", timer T%u", cause.timer);
	else if (cause.new_number[0])
		strbuf_addf(b, ", new number %s", cause.new_number);
	else {
		strbuf_add(b, ", diagnostic ");
		isdn_words_hex(b, ie->octets + head, ie->len - head);
	}
}

/* Bits of a slot map, highest timeslot first (Q.931 figure 4-19), as ranges. */
static void slot_map(struct strbuf *b, const uint8_t *map, size_t n)
{
	unsigned slots = n >= E1_MAP_OCTETS ? 32 : 24, from = 0;
	bool any = false, in_range = false;

	if (n < T1_MAP_OCTETS) {
		isdn_words_hex(b, map, n);
		return;
	}
	/* Bit 1 of the last octet is timeslot 0 on E1, 1 on T1. */
	for (unsigned i = 0; i <= slots; i++) {
		bool set = i < slots && (map[(slots - 1 - i) / 8] >> (i % 8) & 1);
		unsigned base = slots == 32 ? 0 : 1;

		if (set && !in_range)
			from = i;
		if (!set && in_range) {
			strbuf_addf(b, any ? ",%u" : "%u", from + base);
			if (from + 1 < i)
				strbuf_addf(b, "-%u", i - 1 + base);
			any = true;
		}
		in_range = set;
	}
	if (!any)
		strbuf_add(b, "empty map");
}

static void channel_numbers(struct strbuf *b, const uint8_t *octets, size_t n)
{
	uint8_t type = octets[0] & 0x0f;

	if (octets[0] >> 5 & 3) {
		isdn_words_hex(b, octets, n);
		return;
	}
	if (type != 3) /* B-channels go without saying */
		strbuf_addf(b,
			    type == 6	? "H0 "
			    : type == 8 ? "H11 "
			    : type == 9 ? "H12 "
					: "type %u ",
			    type);
	if (octets[0] & 0x10) {
		slot_map(b, octets + 1, n - 1);
		return;
	}
	if (n == 1)
		strbuf_add(b, "no number");
	for (size_t i = 1; i < n; i++)
		strbuf_addf(b, i > 1 ? ",%u" : "%u", octets[i] & 0x7f);
}

void isdn_ie_channel(struct strbuf *b, const struct isdn_ie *ie)
{
	static const struct isdn_name basic[] = {{0, "none"}, {1, "B1"}, {2, "B2"}, {3, "any"}};
	size_t at = 1;
	uint8_t head;

	if (!ie->len) {
		strbuf_add(b, "empty");
		return;
	}
	head = ie->octets[0];
	if ((head & 0x03) != 1 || !(head & 0x20)) /* a basic access, or no number follows */
		strbuf_add(b, basic[head & 0x20 && (head & 3) == 2 ? 0 : head & 3].name);
	if (head & 0x40)
		at += isdn_words_group(ie->octets + at, ie->len - at);
	if ((head & 0x23) == 0x21) {
		if (at < ie->len)
			channel_numbers(b, ie->octets + at, ie->len - at);
		else
			strbuf_add(b, "no number");
	}
	if (head & 0x03)
		strbuf_add(b, head & 0x08 ? " exclusive" : " preferred");
	if (head & 0x04)
		strbuf_add(b, ", D-channel");
	if (head & 0x40) {
		strbuf_add(b, ", interface");
		for (size_t i = 1; i < at; i++)
			strbuf_addf(b, " %u", ie->octets[i] & 0x7f);
	}
}

void isdn_ie_progress(struct strbuf *b, const struct isdn_ie *ie)
{
	static const struct isdn_name names[] = {
	    {1, "not end-to-end ISDN"},
	    {2, "destination is not ISDN"},
	    {3, "origination is not ISDN"},
	    {4, "back in the ISDN"},
	    {5, "interworking changed the service"},
	    {8, "in-band information"},
	    {10, "delay at the called side"},
	    {16, "interworking with a public network"},
	    {17, "interworking without release"},
	    {18, "interworking without release before answer"},
	    {19, "interworking without release after answer"},
	};

	if (ie->len < 2) {
		strbuf_add(b, "no value");
		return;
	}
	strbuf_addf(b, "%u ", ie->octets[1] & 0x7f);
	ISDN_WORDS_NAME(b, names, ie->octets[1] & 0x7f);
	strbuf_add(b, ", from ");
	isdn_words_location(b, ie->octets[0] & 0x0f);
}

/* Contents of one octet with a value in its lower bits. */
static void one_octet(struct strbuf *b, const struct isdn_ie *ie, uint8_t mask,
		      const struct isdn_name *names, size_t count)
{
	if (!ie->len) {
		strbuf_add(b, "empty");
		return;
	}
	strbuf_addf(b, "%u ", ie->octets[0] & mask);
	isdn_words_name(b, names, count, ie->octets[0] & mask);
}
#define ONE_OCTET(b, ie, mask, names)                                                              \
	one_octet(b, ie, mask, names, sizeof(names) / sizeof(*(names)))

void isdn_ie_call_state(struct strbuf *b, const struct isdn_ie *ie)
{
	static const struct isdn_name names[] = {
	    {0, "null"},
	    {1, "call initiated"},
	    {2, "overlap sending"},
	    {3, "outgoing call proceeding"},
	    {4, "call delivered"},
	    {6, "call present"},
	    {7, "call received"},
	    {8, "connect request"},
	    {9, "incoming call proceeding"},
	    {10, "active"},
	    {11, "disconnect request"},
	    {12, "disconnect indication"},
	    {15, "suspend request"},
	    {17, "resume request"},
	    {19, "release request"},
	    {22, "call abort"},
	    {25, "overlap receiving"},
	    {61, "restart request"},
	    {62, "restart"},
	};

	ONE_OCTET(b, ie, 0x3f, names);
}

void isdn_ie_restart(struct strbuf *b, const struct isdn_ie *ie)
{
	static const struct isdn_name names[] = {
	    {0, "indicated channels"}, {6, "single interface"}, {7, "all interfaces"}};

	ONE_OCTET(b, ie, 0x07, names);
}

void isdn_ie_notification(struct strbuf *b, const struct isdn_ie *ie)
{
	static const struct isdn_name names[] = {
	    {0x00, "user suspended"},
	    {0x01, "user resumed"},
	    {0x02, "bearer change"},
	    {0x40, "discriminator for extension"},
	    {0x42, "conference established"},
	    {0x43, "conference disconnected"},
	    {0x44, "other party added"},
	    {0x45, "isolated"},
	    {0x46, "reattached"},
	    {0x60, "call is waiting"},
	    {0x68, "diversion activated"},
	    {0x69, "call transfer, alerting"},
	    {0x6a, "call transfer, active"},
	    {0x6e, "reverse charging"},
	    {0x78, "remote hold"},
	    {0x79, "remote hold"},
	    {0x7a, "remote retrieval"},
	    {0x7b, "call is diverting"},
	};

	ONE_OCTET(b, ie, 0x7f, names);
}

void isdn_ie_signal(struct strbuf *b, const struct isdn_ie *ie)
{
	static const struct isdn_name names[] = {
	    {0x00, "dial tone"},
	    {0x01, "ring back tone"},
	    {0x02, "intercept tone"},
	    {0x03, "congestion tone"},
	    {0x04, "busy tone"},
	    {0x05, "confirm tone"},
	    {0x06, "answer tone"},
	    {0x07, "call waiting tone"},
	    {0x08, "off-hook warning tone"},
	    {0x09, "pre-emption tone"},
	    {0x3f, "tones off"},
	    {0x40, "alerting pattern 0"},
	    {0x41, "alerting pattern 1"},
	    {0x42, "alerting pattern 2"},
	    {0x43, "alerting pattern 3"},
	    {0x44, "alerting pattern 4"},
	    {0x45, "alerting pattern 5"},
	    {0x46, "alerting pattern 6"},
	    {0x47, "alerting pattern 7"},
	    {0x4f, "alerting off"},
	};

	ONE_OCTET(b, ie, 0xff, names);
}

/* Maintenance messages of NI2 and AT&T (SERVICE). */
void isdn_ie_change_status(struct strbuf *b, const struct isdn_ie *ie)
{
	static const struct isdn_name names[] = {{0, "in service"},
						 {1, "loopback"},
						 {2, "out of service"},
						 {3, "continuity check request"},
						 {4, "shutdown"}};

	ONE_OCTET(b, ie, 0x0f, names);
}

void isdn_ie_segmented(struct strbuf *b, const struct isdn_ie *ie)
{
	const char *name;

	if (ie->len < 2) {
		isdn_words_hex(b, ie->octets, ie->len);
		return;
	}
	name = isdn_message_name(ie->octets[1]);
	strbuf_addf(b, "%s segment, %u to come, of %s", ie->octets[0] & EXT ? "first" : "later",
		    ie->octets[0] & 0x7f, name ? name : "an unknown message");
}
