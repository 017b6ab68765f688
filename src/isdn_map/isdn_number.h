/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Numbers and names between Q.931's information elements and call_types.h, pure.
 * plan: octet 3 of a party number without its extension bit (TON << 4 | NPI).
 * presentation: octet 3a without its extension bit (presentation << 5 | screening).
 */
#ifndef SRC_ISDN_MAP_ISDN_NUMBER_H
#define SRC_ISDN_MAP_ISDN_NUMBER_H

#include <stddef.h>

#include "gateway/call/call_types.h"

/* 0; -EBADMSG: too long, or a digit that is none (out is then "not present"). A leading + makes
 * the number international, whatever TON said. */
int isdn_number_decode(struct call_number *out, uint8_t plan, uint8_t presentation,
		       const char *digits);
uint8_t isdn_number_plan(const struct call_number *n);
uint8_t isdn_number_presentation(const struct call_number *n);

/* "international", "e164", … for people; "reserved" for codes without a meaning. */
const char *isdn_ton_name(uint8_t ton);
const char *isdn_npi_name(uint8_t npi);
/* The other way; -EINVAL for a word that is none of the above. */
int isdn_ton_parse(const char *name);
int isdn_npi_parse(const char *name);

/* Display text is ISO 8859-1 (IA5 in the standard) on the wire and UTF-8 inside. Control
 * characters are dropped, what does not fit is cut at a character's border. */
void isdn_name_decode(char *out, size_t size, const char *latin1);
/* Characters outside ISO 8859-1 become '?'. */
void isdn_name_encode(char *out, size_t size, const char *utf8);

#endif
