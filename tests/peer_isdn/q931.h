/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Q.931 messages for scripts: a message is a list of elements whose first one names the message,
 *   SETUP, BEARER_3K1, CHANNEL(1), CALLED(0x80, "12345")
 * and each element is exactly the octets that stand on the line. Written from the tables of Q.931
 * (4.4, 4.5) and EN 300 403-1; shares nothing with libpri or the gateway. Pure.
 */
#ifndef TESTS_PEER_ISDN_Q931_H
#define TESTS_PEER_ISDN_Q931_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum { Q931_MAX = 260, Q931_IE_MAX = 128, Q931_IES = 32, Q931_WORDS_MAX = 160 };

struct ie {
	enum {
		IE_END,
		IE_MESSAGE, /* id: message type, table 4-2 */
		IE_OCTET,   /* single octet element, id whole */
		IE_OCTETS,  /* id, length, octets */
		IE_ANY,	    /* expected only: present, whatever its contents */
		IE_MORE,    /* expected only: further elements may follow */
	} kind;
	uint8_t id;
	uint8_t len;
	uint8_t octets[Q931_IE_MAX];
};

#define Q931_MESSAGE(type)  ((struct ie){.kind = IE_MESSAGE, .id = (type)})
#define ALERTING	    Q931_MESSAGE(0x01)
#define CALL_PROCEEDING	    Q931_MESSAGE(0x02)
#define PROGRESS	    Q931_MESSAGE(0x03)
#define SETUP		    Q931_MESSAGE(0x05)
#define CONNECT		    Q931_MESSAGE(0x07)
#define SETUP_ACKNOWLEDGE   Q931_MESSAGE(0x0d)
#define CONNECT_ACKNOWLEDGE Q931_MESSAGE(0x0f)
#define DISCONNECT	    Q931_MESSAGE(0x45)
#define RESTART		    Q931_MESSAGE(0x46)
#define RELEASE		    Q931_MESSAGE(0x4d)
#define RESTART_ACKNOWLEDGE Q931_MESSAGE(0x4e)
#define RELEASE_COMPLETE    Q931_MESSAGE(0x5a)
#define NOTIFY		    Q931_MESSAGE(0x6e)
#define STATUS_ENQUIRY	    Q931_MESSAGE(0x75)
#define INFORMATION	    Q931_MESSAGE(0x7b)
#define STATUS		    Q931_MESSAGE(0x7d)

enum {
	IE_BEARER = 0x04,
	IE_CAUSE = 0x08,
	IE_CALL_STATE = 0x14,
	IE_CHANNEL = 0x18,
	IE_FACILITY = 0x1c,
	IE_PROGRESS = 0x1e,
	IE_DISPLAY = 0x28,
	IE_CONNECTED = 0x4c,
	IE_CALLING = 0x6c,
	IE_CALLED = 0x70,
	IE_RESTART = 0x79,
	IE_LLC = 0x7c,
	IE_HLC = 0x7d,
	IE_USER_USER = 0x7e,
	IE_SENDING_COMPLETE = 0xa1,
};

#define IE(id_, ...)                                                                               \
	((struct ie){.kind = IE_OCTETS,                                                            \
		     .id = (id_),                                                                  \
		     .len = sizeof((const uint8_t[]){__VA_ARGS__}),                                \
		     .octets = {__VA_ARGS__}})
#define ANY(id_)	 ((struct ie){.kind = IE_ANY, .id = (id_)})
#define MORE		 ((struct ie){.kind = IE_MORE})
#define SENDING_COMPLETE ((struct ie){.kind = IE_OCTET, .id = IE_SENDING_COMPLETE})

/* 4.5.5: ITU coding, circuit mode, 64 kbit/s, A-law (G.711) where it is voice. */
#define BEARER_3K1    IE(IE_BEARER, 0x90, 0x90, 0xa3)
#define BEARER_SPEECH IE(IE_BEARER, 0x80, 0x90, 0xa3)
#define BEARER_64K    IE(IE_BEARER, 0x88, 0x90)
/* 4.5.12 with any diagnostic after the value; location as coded: 0 user … */
#define CAUSE(location, ...)	 IE(IE_CAUSE, 0x80 | (location), CAUSE_VALUE_(__VA_ARGS__, ))
#define CAUSE_VALUE_(value, ...) 0x80 | (value), __VA_ARGS__
/* Cause 102 with its diagnostic: the timer's number in IA5 (Q.850 table 1). */
#define TIMER_EXPIRED(a, b, c) CAUSE(1, 102, a, b, c)
/* 4.5.13: primary rate, exclusive or preferred, B-channel by number (on E1: the timeslot). */
#define CHANNEL(n)	     IE(IE_CHANNEL, 0xa9, 0x83, 0x80 | (n))
#define CHANNEL_PREFERRED(n) IE(IE_CHANNEL, 0xa1, 0x83, 0x80 | (n))
/* 4.5.23 */
#define PI(location, description) IE(IE_PROGRESS, 0x80 | (location), 0x80 | (description))
/* 4.5.25 */
#define RESTART_CHANNELS  IE(IE_RESTART, 0x80)
#define RESTART_INTERFACE IE(IE_RESTART, 0x86)
#define RESTART_ALL	  IE(IE_RESTART, 0x87)
/* 4.5.7: call state, ITU coding */
#define CALL_STATE(state) IE(IE_CALL_STATE, (state))

/* 4.5.8, 4.5.10: octet 3 (and 3a for calling numbers), then IA5 digits. */
struct ie q931_called(uint8_t octet_3, const char *digits);
struct ie q931_calling(uint8_t octet_3, uint8_t octet_3a, const char *digits);
#define CALLED(octet_3, digits)		   q931_called(octet_3, digits)
#define CALLING(octet_3, octet_3a, digits) q931_calling(octet_3, octet_3a, digits)

/* The call reference for scripts: its 15 bits, and Q931_THEIRS when the gateway chose it. The
 * global one (RESTART, 4.3) is 0 when we begin, Q931_THEIRS alone when the gateway does. */
enum { Q931_THEIRS = 0x8000, Q931_GLOBAL = 0, Q931_ANY_REF = 0xffff };

struct q931_message {
	uint16_t ref; /* Q931_THEIRS as the call reference flag says, 4.3 */
	uint8_t type;
	unsigned count;
	struct ie ie[Q931_IES];
	const char *wrong; /* what is malformed; NULL: nothing */
};

/* elements[0] is the message, IE_END ends it. Returns octets. */
size_t q931_encode(uint16_t ref, const struct ie *elements, uint8_t out[Q931_MAX]);
void q931_decode(struct q931_message *m, const uint8_t *octets, size_t len);
/* The n-th (from 0) element of that id; NULL: none. */
const struct ie *q931_find(const struct q931_message *m, uint8_t id, unsigned n);
/* NULL, or a sentence: why m is not what is expected (elements as for q931_encode()). */
const char *q931_differs(const struct q931_message *m, uint16_t ref, const struct ie *expected);

/* ── words (q931_words.c) ── */
const char *q931_message_name(uint8_t type);
const char *q931_cause_name(uint8_t value);
/* One line: "Cause 17 (user busy), location 0 (user)". Returns out. */
const char *q931_element_words(const struct ie *e, char out[Q931_WORDS_MAX]);
/* A message in hex and, line by line, in words. */
void q931_print(FILE *to, const char *title, const uint8_t *octets, size_t len);
void q931_print_expected(FILE *to, uint16_t ref, const struct ie *expected);

#endif
