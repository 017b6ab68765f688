/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "gateway/plan/digit_trie.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/plan/pattern.h"

void digit_key_put(struct digit_key *k, unsigned place, unsigned digit)
{
	if (place < 16)
		k->high |= (uint64_t)(digit + 1) << (60 - 4 * place);
	else
		k->low |= (uint64_t)(digit + 1) << (60 - 4 * (place - 16));
}

static unsigned digit_at(const struct digit_key *k, unsigned place)
{
	uint64_t half = place < 16 ? k->high : k->low;

	return (unsigned)(half >> (60 - 4 * (place & 15)) & 15) - 1;
}

/* Two octets of the key at a time, from its end to its front, the plus last: a radix sort, which is
 * stable. A step in which all keys are alike moves nothing. */
enum { STEP_BITS = 16, STEP_VALUES = 1 << STEP_BITS, STEPS = 8 };

static unsigned part_of(const struct digit_key *k, unsigned step)
{
	uint64_t half = step < STEPS / 2 ? k->low : k->high;

	return step == STEPS ? k->plus
			     : (unsigned)(half >> (STEP_BITS * (step % (STEPS / 2)))) &
				   (STEP_VALUES - 1);
}

static bool is_sorted(const struct digit_key *key, size_t count)
{
	for (size_t i = 1; i < count; i++) {
		const struct digit_key *x = &key[i - 1], *y = &key[i];

		if (x->plus != y->plus ? x->plus > y->plus
				       : x->high != y->high ? x->high > y->high : x->low > y->low)
			return false;
	}
	return true;
}

/* False: the order stays as it is. */
static bool sort_step(struct digit_key *to, const struct digit_key *from, size_t count, unsigned step,
		      uint32_t *place)
{
	uint32_t sum = 0;

	memset(place, 0, STEP_VALUES * sizeof(*place));
	for (size_t i = 0; i < count; i++)
		place[part_of(&from[i], step)]++;
	if (place[part_of(from, step)] == count)
		return false;
	for (unsigned v = 0; v < STEP_VALUES; v++) {
		uint32_t n = place[v];

		place[v] = sum;
		sum += n;
	}
	for (size_t i = 0; i < count; i++)
		to[place[part_of(&from[i], step)]++] = from[i];
	return true;
}

int digit_key_sort(struct digit_key *key, size_t count)
{
	struct digit_key *other, *from = key, *to;
	uint32_t *place;

	if (is_sorted(key, count))
		return 0;
	to = other = reallocarray(NULL, count, sizeof(*other));
	place = reallocarray(NULL, STEP_VALUES, sizeof(*place));
	for (unsigned step = 0; other && place && step <= STEPS; step++)
		if (sort_step(to, from, count, step, place)) {
			struct digit_key *swap = from;

			from = to;
			to = swap;
		}
	if (other && place && from != key)
		memcpy(key, from, count * sizeof(*key));
	free(place);
	free(other);
	return other && place ? 0 : -ENOMEM;
}

struct builder {
	struct digit_trie *t;
	const struct digit_key *key;
	uint32_t same;
};

static int room_for(void *at, uint32_t *room, uint32_t need, size_t size)
{
	uint32_t more = *room ? *room : 64;
	void *old, *new;

	if (need <= *room)
		return 0;
	while (more < need)
		more += more / 2;
	memcpy(&old, at, sizeof(old));
	new = reallocarray(old, more, size);
	if (!new)
		return -ENOMEM;
	memcpy(at, &new, sizeof(new));
	*room = more;
	return 0;
}

/* The digits that all keys from first to end have in common at place. */
static int skip_label(struct builder *b, uint32_t node, uint32_t first, uint32_t end, unsigned *place)
{
	struct digit_trie *t = b->t;
	const struct digit_key *low = &b->key[first], *high = &b->key[end - 1];

	t->node[node].label = t->labels;
	while (low->length > *place && digit_at(low, *place) == digit_at(high, *place)) {
		if (room_for(&t->label, &t->label_room, t->labels + 1, 1))
			return -ENOMEM;
		t->label[t->labels++] = (uint8_t)digit_at(low, (*place)++);
		t->node[node].skip++;
	}
	return 0;
}

/* The first key behind `from` with another digit at place. */
static uint32_t end_of(const struct digit_key *key, uint32_t from, uint32_t end, unsigned place)
{
	unsigned digit = digit_at(&key[from], place);
	uint32_t low = from, high = end;

	while (low + 1 < high) {
		uint32_t mid = low + (high - low) / 2;

		if (digit_at(&key[mid], place) == digit)
			low = mid;
		else
			high = mid;
	}
	return high;
}

/* At most 33 deep: each level takes a digit. */
static int build(struct builder *b, uint32_t node, uint32_t first, uint32_t end, unsigned place)
{
	struct digit_trie *t = b->t;
	uint32_t children = t->nodes, at, next;
	unsigned count = 0;
	int err = skip_label(b, node, first, end, &place);

	if (err)
		return err;
	if (b->key[first].length == place)
		t->node[node].value = b->key[first].value;
	for (; first < end && b->key[first].length == place; first++)
		if (t->node[node].values++ == DIGIT_TRIE_SAME_MAX) {
			b->same = b->key[first].value;
			return -ERANGE;
		}
	for (at = first; at < end; at = end_of(b->key, at, end, place)) {
		t->node[node].branches |= (uint16_t)(1 << digit_at(&b->key[at], place));
		count++;
	}
	if (!count)
		return 0;
	err = room_for(&t->node, &t->node_room, children + count, sizeof(*t->node));
	if (err)
		return err;
	memset(&t->node[children], 0, count * sizeof(*t->node));
	t->node[node].children = children;
	t->nodes += count;
	for (at = first; at < end && !err; at = next) {
		next = end_of(b->key, at, end, place);
		err = build(b, children++, at, next, place + 1);
	}
	return err;
}

int digit_trie_build(struct digit_trie *t, const struct digit_key *keys, uint32_t count,
		     uint32_t *same)
{
	struct builder b = {.t = t, .key = keys};
	int err = room_for(&t->node, &t->node_room, 1, sizeof(*t->node));

	if (err)
		return err;
	memset(t->node, 0, sizeof(*t->node));
	t->nodes = 1;
	if (count)
		err = build(&b, 0, 0, count, 0);
	*same = b.same;
	return err;
}

void digit_trie_free(struct digit_trie *t)
{
	free(t->node);
	free(t->label);
	*t = (struct digit_trie){0};
}

int digit_trie_find(const struct digit_trie *t, const char *digits, uint32_t *value,
		    unsigned *values)
{
	uint32_t at = 0;
	int place = 0, found = -1;

	if (!t->nodes)
		return -1;
	for (;;) {
		const struct digit_node *n = &t->node[at];
		int digit;

		for (unsigned i = 0; i < n->skip; i++, place++)
			if (pattern_digit(digits[place]) != t->label[n->label + i])
				return found;
		if (n->values) {
			found = place;
			*value = n->value;
			*values = n->values;
		}
		digit = pattern_digit(digits[place]);
		if (digit < 0 || !(n->branches >> digit & 1))
			return found;
		at = n->children +
		     (uint32_t)__builtin_popcount(n->branches & ((1U << digit) - 1));
		place++;
	}
}
