/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/mgmt/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Set in owner: the call has ended. Generations never get there. */
#define CLOSING ((slot_id)1 << 63)

int journal_open(struct journal *j, const char *path)
{
	*j = (struct journal){.fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0640)};
	return j->fd < 0 ? -errno : 0;
}

void journal_close(struct journal *j)
{
	if (j->fd >= 0)
		close(j->fd);
	j->fd = -1;
	free(j->owner);
	j->owner = NULL;
	j->slots = 0;
}

static off_t slot_at(uint32_t slot)
{
	return (off_t)slot * JOURNAL_SLOT_OCTETS;
}

static bool write_slot(struct journal *j, uint32_t slot, const char *octets, size_t len)
{
	if (pwrite(j->fd, octets, len, slot_at(slot)) == (ssize_t)len)
		return true;
	atomic_fetch_add_explicit(&j->failures, 1, memory_order_relaxed);
	return false;
}

uint64_t journal_recover(struct journal *j, void (*on_line)(void *arg, const char *line, size_t len),
			 void *arg)
{
	static char octets[JOURNAL_SLOT_OCTETS];
	uint64_t found = 0;

	for (uint32_t slot = 0; slot < JOURNAL_SLOTS_MAX; slot++) {
		ssize_t n = pread(j->fd, octets, sizeof(octets), slot_at(slot));
		const char *end = n > 0 ? memchr(octets, '\n', (size_t)n) : NULL;

		if (n <= 0)
			break;
		if (octets[0] != '{' || !end || end[-1] != '}')
			continue;
		on_line(arg, octets, (size_t)(end - octets));
		found++;
	}
	if (ftruncate(j->fd, 0) < 0)
		atomic_fetch_add_explicit(&j->failures, 1, memory_order_relaxed);
	return found;
}

/* False: no memory for so many slots. */
static bool reach(struct journal *j, uint32_t slot)
{
	uint32_t slots = j->slots ? j->slots : 64;
	slot_id *owner;

	while (slots <= slot)
		slots *= 2;
	if (slots == j->slots)
		return true;
	owner = realloc(j->owner, slots * sizeof(*owner));
	if (!owner)
		return false;
	memset(owner + j->slots, 0, (slots - j->slots) * sizeof(*owner));
	j->owner = owner;
	j->slots = slots;
	return true;
}

static uint32_t slot_of(slot_id call)
{
	return (uint32_t)(call % JOURNAL_SLOTS_MAX);
}

void journal_put(struct journal *j, slot_id call, const char *line, size_t len)
{
	uint32_t slot = slot_of(call);
	char octets[JOURNAL_SLOT_OCTETS];

	if (j->fd < 0 || len + 1 > sizeof(octets) || !reach(j, slot))
		return;
	/* What an older line left behind is past the end of this one. */
	memcpy(octets, line, len);
	octets[len] = '\n';
	if (j->owner[slot] & CLOSING)
		j->closing--;
	j->owner[slot] = write_slot(j, slot, octets, len + 1) ? call : 0;
}

void journal_end(struct journal *j, slot_id call)
{
	uint32_t slot = slot_of(call);

	if (slot >= j->slots || j->owner[slot] != call)
		return;
	j->owner[slot] |= CLOSING;
	j->closing++;
}

void journal_sweep(struct journal *j)
{
	for (uint32_t slot = 0; j->closing && slot < j->slots; slot++) {
		if (!(j->owner[slot] & CLOSING))
			continue;
		write_slot(j, slot, "", 1);
		j->owner[slot] = 0;
		j->closing--;
	}
}
