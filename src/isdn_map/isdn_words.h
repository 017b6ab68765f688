/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A D-channel frame in words, pure, for logs, traces and ladders. Takes any octets whatever; the
 * text is UTF-8, always terminated, and cut when it does not fit.
 *
 *   SETUP cref=5 (from originator) Bearer: 3.1 kHz audio, A-law; Channel: 1 preferred; …
 *   RR nr=7 f=1
 */
#ifndef SRC_ISDN_MAP_ISDN_WORDS_H
#define SRC_ISDN_MAP_ISDN_WORDS_H

#include <stddef.h>
#include <stdint.h>

enum { ISDN_WORDS_LINE = 1024, ISDN_WORDS_BLOCK = 4096 }; /* enough for nearly every frame */

/* One line without a line feed. Returns its length. */
size_t isdn_words_line(char *out, size_t size, const uint8_t *frame, size_t len);
/* A line for the frame, one for the message, one for each element, each ended by a line feed. */
size_t isdn_words_block(char *out, size_t size, const uint8_t *frame, size_t len);
/* "SETUP", …; "message 0x2f" of no known type is not there: NULL. */
const char *isdn_message_name(uint8_t type);
/* Name of a Q.850 cause; "unknown cause". */
const char *isdn_cause_name(uint8_t value);

#endif
