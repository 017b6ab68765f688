/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Patterns over the twelve digits: 0-9 * # stand for themselves, X is any of 0-9, Z of 1-9, N of
 * 2-9, [1-5*] any of a set; at the end . means one or more further digits, ! none or more. A
 * leading + means that the number is E.164. Spaces and dashes between digits are for the reader.
 * Pure; any thread.
 */
#ifndef GATEWAY_PLAN_PATTERN_H
#define GATEWAY_PLAN_PATTERN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gateway/call/call_types.h"

enum { PATTERN_DIGITS = 12, PATTERN_ANY_DIGIT = 0x3ff, PATTERN_ALL = 0xfff };

enum pattern_tail { PATTERN_EXACT, PATTERN_ONE_OR_MORE, PATTERN_ANY_MORE };

struct pattern {
	bool e164; /* a leading + */
	uint8_t length;
	uint8_t tail; /* enum pattern_tail */
	uint16_t set[CALL_DIGITS_MAX]; /* bits 0…9, 10 is *, 11 is # */
};

/* 0…11, -1: no digit. */
int pattern_digit(char c);
/* 0, or -EINVAL with the place in *offset and a sentence in *why. */
int pattern_parse(struct pattern *out, const char *text, size_t *offset, const char **why);
/* Digits that the pattern accounts for, -1: it does not match. */
int pattern_match(const struct pattern *p, const char *digits);
/* How many numbers of that length there are, on a scale of logarithms; 0 is a single one, and what is
 * open at the end is a little wider. Among equally long ones the smaller is narrower. */
unsigned pattern_width(const struct pattern *p);
unsigned pattern_range_width(const char *first, const char *last); /* of one that pattern_range() takes */
/* A block of equally long numbers as patterns, at most 2 * length of them; count or -EINVAL. */
enum { PATTERN_RANGE_MAX = 2 * CALL_DIGITS_MAX };
int pattern_range(struct pattern out[PATTERN_RANGE_MAX], const char *first, const char *last);

#endif
