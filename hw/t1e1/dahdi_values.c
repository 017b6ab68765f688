/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What of dahdi_decode.h needs no header of DAHDI: names, /proc/dahdi/N, the order of spans. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/strbuf.h"
#include "hw/t1e1/dahdi_decode.h"

const char *dahdi_event_name(enum dahdi_event event)
{
	static const char *const name[] = {
	    [DAHDI_HAPPENED_NOTHING] = "nothing",	 [DAHDI_HAPPENED_ALARM] = "alarm",
	    [DAHDI_HAPPENED_NO_ALARM] = "alarm cleared", [DAHDI_HAPPENED_ABORT] = "HDLC abort",
	    [DAHDI_HAPPENED_OVERRUN] = "HDLC overrun",	 [DAHDI_HAPPENED_BAD_FCS] = "bad FCS",
	    [DAHDI_HAPPENED_REMOVED] = "span removed",	 [DAHDI_HAPPENED_READ_LATE] = "read late",
	    [DAHDI_HAPPENED_WRITE_LATE] = "write late",	 [DAHDI_HAPPENED_OTHER] = "other",
	};

	return event <= DAHDI_HAPPENED_OTHER ? name[event] : "other";
}

const char *dahdi_signalling_name(enum dahdi_signalling signalling)
{
	static const char *const name[] = {
	    [DAHDI_SIGNALLING_NONE] = "not configured", [DAHDI_SIGNALLING_CLEAR] = "bchan",
	    [DAHDI_SIGNALLING_HDLC] = "dchan",		[DAHDI_SIGNALLING_HARD_HDLC] = "hardhdlc",
	    [DAHDI_SIGNALLING_OTHER] = "not ISDN",	[DAHDI_SIGNALLING_BROKEN] = "broken",
	};

	return signalling <= DAHDI_SIGNALLING_BROKEN ? name[signalling] : "not ISDN";
}

/* ── /proc/dahdi/N ── */

struct line_of {
	const char *at, *end;
};

static bool next_line(struct line_of *rest, struct line_of *line)
{
	const char *nl;

	if (rest->at >= rest->end)
		return false;
	nl = memchr(rest->at, '\n', (size_t)(rest->end - rest->at));
	line->at = rest->at;
	line->end = nl ? nl : rest->end;
	rest->at = nl ? nl + 1 : rest->end;
	return true;
}

static bool contains(const struct line_of *l, const char *word)
{
	return memmem(l->at, (size_t)(l->end - l->at), word, strlen(word)) != NULL;
}

/* A number behind spaces; false: there is none, or none that we can hold. */
static bool take_number(struct line_of *l, uint32_t max, uint32_t *out)
{
	uint64_t n = 0;
	const char *first;

	while (l->at < l->end && (*l->at == ' ' || *l->at == '\t'))
		l->at++;
	for (first = l->at; l->at < l->end && *l->at >= '0' && *l->at <= '9'; l->at++) {
		n = n * 10 + (uint64_t)(*l->at - '0');
		if (n > max)
			return false;
	}
	*out = (uint32_t)n;
	return l->at > first;
}

static bool take_word(struct line_of *l, const char *word)
{
	size_t n = strlen(word);

	while (l->at < l->end && (*l->at == ' ' || *l->at == '\t'))
		l->at++;
	if ((size_t)(l->end - l->at) < n || memcmp(l->at, word, n) != 0)
		return false;
	l->at += n;
	return true;
}

static void proc_line(struct line_of line, struct dahdi_proc *out)
{
	struct line_of l = line;
	uint32_t n;

	if (take_word(&l, "Timing slips:")) {
		if (take_number(&l, UINT32_MAX, &n))
			out->timing_slips = n;
	} else if (take_word(&l, "IRQ misses:")) {
		if (take_number(&l, UINT32_MAX, &n))
			out->irq_misses = n;
	} else if (take_number(&l, UINT16_MAX, &n) && n && out->channels < DAHDI_CHANNELS_MAX) {
		out->channel[out->channels].channel = (uint16_t)n;
		out->channel[out->channels++].in_use = contains(&l, "(In use)");
	}
}

int dahdi_decode_proc(const char *text, size_t len, struct dahdi_proc *out)
{
	struct line_of rest = {text, text + len}, line;
	uint32_t span;

	*out = (struct dahdi_proc){0};
	if (!next_line(&rest, &line) || !take_word(&line, "Span ") ||
	    !take_number(&line, DAHDI_SPANS_MAX, &span) || !span)
		return -EBADMSG;
	out->span = (uint16_t)span;
	/* Name and description stand before these and are the driver's: look behind the last quote.
	 */
	for (const char *p = line.end; p > line.at; p--) {
		if (p[-1] == '"') {
			line.at = p;
			break;
		}
	}
	out->master = contains(&line, "(MASTER)");
	out->clock_source = contains(&line, "ClockSource");
	while (next_line(&rest, &line))
		proc_line(line, out);
	return 0;
}

/* ── which span ── */

static int compare_spans(const void *left, const void *right)
{
	const struct dahdi_span_id *a = left, *b = right;
	int order = (*a->location == '\0') - (*b->location == '\0');

	if (!order)
		order = strcmp(a->location, b->location);
	if (!order)
		order = strcmp(a->hardware_id, b->hardware_id);
	if (!order)
		order = a->local - b->local;
	return order ? order : a->span - b->span;
}

void dahdi_order_spans(struct dahdi_span_id *span, unsigned count)
{
	if (count)
		qsort(span, count, sizeof(*span), compare_spans);
}

static bool is_number(const char *text)
{
	return *text && text[strspn(text, "0123456789")] == '\0' && strlen(text) < 6;
}

/* Splits "LOCATION#2"; a # in the location itself is none of ours unless digits follow. */
static unsigned split_local(const char *selector, char place[DAHDI_TEXT])
{
	const char *hash = strrchr(selector, '#');
	bool local = hash && is_number(hash + 1);

	if (local) {
		size_t n = (size_t)(hash - selector);

		n = n < DAHDI_TEXT - 1 ? n : DAHDI_TEXT - 1;
		memcpy(place, selector, n);
		place[n] = '\0';
		return (unsigned)atoi(hash + 1);
	}
	str_copy(place, DAHDI_TEXT, selector);
	return 0;
}

static bool is_at(const struct dahdi_span_id *span, const char *place)
{
	return *place &&
	       (strcmp(span->location, place) == 0 || strcmp(span->hardware_id, place) == 0);
}

const struct dahdi_span_id *dahdi_find_span(const struct dahdi_span_id *span, unsigned count,
					    const char *selector, const char **why)
{
	const struct dahdi_span_id *found = NULL;
	char place[DAHDI_TEXT];
	bool by_number = is_number(selector);
	unsigned local = by_number ? 0 : split_local(selector, place), at_place = 0;

	*why = NULL;
	for (unsigned i = 0; i < count; i++) {
		if (by_number ? span[i].span != atoi(selector) : !is_at(&span[i], place))
			continue;
		at_place++;
		if (!found && (!local || span[i].local == local))
			found = &span[i];
	}
	if (!at_place)
		*why = by_number ? "the driver has no span of this number"
				 : "no card is at this place";
	else if (!found)
		*why = "the card has no span of this number";
	else if (at_place > 1 && !local)
		*why = "the card has several spans: write #1, #2, ... behind the place";
	return *why ? NULL : found;
}

/* A counter that is smaller than before started anew. */
void dahdi_counter_advance(uint64_t *total, uint32_t *seen, uint32_t now)
{
	*total += now >= *seen ? now - *seen : now;
	*seen = now;
}

void dahdi_decode_slips(const struct dahdi_proc *proc, struct dahdi_counters *seen,
			struct e1_line *line)
{
	dahdi_counter_advance(&line->timing_slips, &seen->timing_slips, proc->timing_slips);
	line->params.sync_master = proc->master;
}
