/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/mgmt/log_tail.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/*
 * Packed: struct packed_head, the name, then for each field its type, its key and its value: text
 * with NUL, or eight octets. Texts keep their NUL, so that an unpacked event points into it.
 */
struct packed_head {
	int64_t wall_us;
	uint64_t call;
	uint8_t level, fields;
};

enum { TEXT_MAX = 512, KEY_MAX = 64, TYPE_NULL = 0xff };

struct packer {
	unsigned char *out;
	size_t len;
};

static bool put(struct packer *p, const void *data, size_t n)
{
	if (n > LOG_PACKED_MAX - p->len)
		return false;
	memcpy(p->out + p->len, data, n);
	p->len += n;
	return true;
}

/* Cut at max octets, so that one long text leaves room for the others. */
static bool put_text(struct packer *p, const char *text, size_t max)
{
	size_t n = strnlen(text, max);

	return put(p, text, n) && put(p, "", 1);
}

static bool put_field(struct packer *p, const struct log_field *f)
{
	bool null = f->type == LOG_TEXT && !f->text;
	uint8_t type = null ? TYPE_NULL : (uint8_t)f->type;

	if (!put(p, &type, 1) || !put_text(p, f->key, KEY_MAX))
		return false;
	if (null)
		return true;
	return f->type == LOG_TEXT ? put_text(p, f->text, TEXT_MAX) : put(p, &f->u, sizeof(f->u));
}

size_t log_pack(const struct log_event *event, unsigned char out[LOG_PACKED_MAX])
{
	struct packed_head head = {
	    .wall_us = event->wall_us, .call = event->call, .level = (uint8_t)event->level};
	struct packer p = {.out = out, .len = sizeof(head)};

	put_text(&p, event->name, KEY_MAX);
	for (unsigned i = 0; i < event->field_count; i++) {
		size_t before = p.len;

		if (put_field(&p, &event->field[i]))
			head.fields++;
		else
			p.len = before;
	}
	memcpy(out, &head, sizeof(head));
	return p.len;
}

static const char *take_text(const unsigned char **in, const unsigned char *end)
{
	const char *text = (const char *)*in;
	const unsigned char *nul = memchr(*in, '\0', (size_t)(end - *in));

	if (!nul)
		return NULL;
	*in = nul + 1;
	return text;
}

static bool take_field(struct log_field *f, const unsigned char **in, const unsigned char *end)
{
	uint8_t type;

	if (*in == end)
		return false;
	type = *(*in)++;
	f->key = take_text(in, end);
	f->text = NULL;
	f->type = LOG_TEXT;
	if (!f->key || type == TYPE_NULL)
		return f->key;
	if (type == LOG_TEXT) {
		f->text = take_text(in, end);
		return f->text;
	}
	if (type > LOG_UNSIGNED || (size_t)(end - *in) < sizeof(f->u))
		return false;
	f->type = type;
	memcpy(&f->u, *in, sizeof(f->u));
	*in += sizeof(f->u);
	return true;
}

bool log_unpack(struct log_event *event, const unsigned char *packed, size_t len)
{
	const unsigned char *in = packed + sizeof(struct packed_head), *end = packed + len;
	struct packed_head head;

	if (len < sizeof(head))
		return false;
	memcpy(&head, packed, sizeof(head));
	if (head.level > LOG_DEBUG || head.fields > LOG_FIELDS_MAX)
		return false;
	event->wall_us = head.wall_us;
	event->call = head.call;
	event->level = head.level;
	event->field_count = head.fields;
	event->name = take_text(&in, end);
	if (!event->name)
		return false;
	for (unsigned i = 0; i < head.fields; i++)
		if (!take_field(&event->field[i], &in, end))
			return false;
	return true;
}

struct log_tail {
	struct {
		unsigned char *packed; /* owner: the tail */
		size_t len;
	} event[LOG_TAIL_EVENTS]; /* event number n is at n modulo LOG_TAIL_EVENTS */
	uint64_t next;
};

int log_tail_create(struct log_tail **out)
{
	struct log_tail *t = calloc(1, sizeof(*t));

	if (!t)
		return -ENOMEM;
	t->next = 1;
	*out = t;
	return 0;
}

void log_tail_destroy(struct log_tail *t)
{
	if (!t)
		return;
	for (unsigned i = 0; i < LOG_TAIL_EVENTS; i++)
		free(t->event[i].packed);
	free(t);
}

void log_tail_add(void *tail, const struct log_event *event)
{
	struct log_tail *t = tail;
	unsigned char packed[LOG_PACKED_MAX], *copy;
	size_t len = log_pack(event, packed);
	unsigned place = (unsigned)(t->next % LOG_TAIL_EVENTS);

	copy = malloc(len);
	if (copy)
		memcpy(copy, packed, len);
	free(t->event[place].packed);
	t->event[place].packed = copy;
	t->event[place].len = len;
	t->next++;
}

uint64_t log_tail_next(const struct log_tail *t)
{
	return t->next;
}

uint64_t log_tail_first(const struct log_tail *t)
{
	return t->next > LOG_TAIL_EVENTS ? t->next - LOG_TAIL_EVENTS : 1;
}

bool log_tail_get(const struct log_tail *t, uint64_t number, struct log_event *event)
{
	unsigned place = (unsigned)(number % LOG_TAIL_EVENTS);

	if (number < log_tail_first(t) || number >= t->next || !t->event[place].packed)
		return false;
	return log_unpack(event, t->event[place].packed, t->event[place].len);
}
