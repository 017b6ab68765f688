/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hw/t1e1/dahdi_probe.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { CHANNELS_MAX = 1024, PROC_TEXT = 16384 };

static size_t read_text(const char *path, char *out, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t len = 0;
	ssize_t n = 1;

	while (fd >= 0 && n > 0 && len < size - 1) {
		n = read(fd, out + len, size - 1 - len);
		len += n > 0 ? (size_t)n : 0;
	}
	if (fd >= 0)
		close(fd);
	out[len] = '\0';
	return len;
}

/* One line of /sys, or of the folder above it: the card's. */
static void read_sys(unsigned span, const char *file, char *out, size_t size)
{
	char path[120];

	snprintf(path, sizeof(path), "/sys/bus/dahdi_spans/devices/span-%u/%s", span, file);
	out[read_text(path, out, size)] = '\0';
	out[strcspn(out, "\n")] = '\0';
}

static void read_place(struct dahdi_probe_span *s)
{
	char text[DAHDI_TEXT];

	read_sys(s->id.span, "local_spanno", text, sizeof(text));
	s->id.local = (uint16_t)atoi(text);
	read_sys(s->id.span, "basechan", text, sizeof(text));
	s->id.first_channel = (uint16_t)atoi(text);
	read_sys(s->id.span, "../hardware_id", s->id.hardware_id, sizeof(s->id.hardware_id));
	read_sys(s->id.span, "../location", text, sizeof(text));
	if (*text)
		memcpy(s->id.location, text, sizeof(text));
}

static void read_proc(struct dahdi_probe_span *s)
{
	static const struct dahdi_proc none;
	char path[40], *text = malloc(PROC_TEXT);
	struct dahdi_counters seen = {0};
	struct dahdi_proc p = none;
	size_t len;

	if (!text)
		return;
	snprintf(path, sizeof(path), "/proc/dahdi/%u", s->id.span);
	len = read_text(path, text, PROC_TEXT);
	if (!dahdi_decode_proc(text, len, &p))
		dahdi_decode_slips(&p, &seen, &s->line);
	free(text);
	for (unsigned i = 0; i < p.channels; i++)
		for (unsigned ts = 1; ts < E1_TIMESLOTS; ts++)
			if (s->channel[ts].channel == p.channel[i].channel)
				s->in_use[ts] = p.channel[i].in_use;
}

static struct dahdi_probe_span *span_of(struct dahdi_probe *p, unsigned number)
{
	for (unsigned i = 0; i < p->count; i++)
		if (p->span[i].id.span == number)
			return &p->span[i];
	return NULL;
}

static void read_channels(struct dahdi_probe *p, int ctl)
{
	struct dahdi_channel c;

	for (unsigned n = 1; n <= CHANNELS_MAX; n++) {
		struct dahdi_probe_span *s;

		if (!dahdi_probe_read_channel(ctl, n, &c))
			continue;
		s = span_of(p, c.span);
		if (s && c.position && c.position < E1_TIMESLOTS)
			s->channel[c.position] = c;
	}
}

static int compare(const void *left, const void *right)
{
	struct dahdi_span_id pair[2] = {((const struct dahdi_probe_span *)left)->id,
					((const struct dahdi_probe_span *)right)->id};
	unsigned first = pair[0].span;

	if (pair[0].span == pair[1].span)
		return 0;
	dahdi_order_spans(pair, 2);
	return pair[0].span == first ? -1 : 1;
}

static int read_spans(struct dahdi_probe *p, int ctl)
{
	p->span = calloc(DAHDI_SPANS_MAX, sizeof(*p->span));
	if (!p->span)
		return -ENOMEM;
	for (unsigned n = 1; n <= DAHDI_SPANS_MAX; n++)
		p->count += dahdi_probe_read_span(ctl, n, &p->span[p->count]);
	read_channels(p, ctl);
	for (unsigned i = 0; i < p->count; i++) {
		read_place(&p->span[i]);
		read_proc(&p->span[i]);
	}
	qsort(p->span, p->count, sizeof(*p->span), compare);
	return 0;
}

int dahdi_probe(struct dahdi_probe *out)
{
	struct stat st;
	int ctl, fd, err;

	*out = (struct dahdi_probe){.built = dahdi_probe_is_built()};
	out->loaded = stat("/sys/bus/dahdi_spans", &st) == 0;
	if (stat("/dev/dahdi/channel", &st) == 0) {
		out->device_gid = st.st_gid;
		out->device_mode = st.st_mode & 0777;
	}
	fd = open("/dev/dahdi/channel", O_RDWR | O_CLOEXEC | O_NONBLOCK);
	out->channel_errno = fd < 0 ? errno : 0;
	if (fd >= 0)
		close(fd);
	ctl = open("/dev/dahdi/ctl", O_RDWR | O_CLOEXEC | O_NONBLOCK);
	out->ctl_errno = ctl < 0 ? errno : 0;
	if (ctl < 0)
		return 0;
	err = read_spans(out, ctl);
	close(ctl);
	return err;
}

void dahdi_probe_free(struct dahdi_probe *p)
{
	free(p->span);
	*p = (struct dahdi_probe){0};
}

const struct dahdi_probe_span *dahdi_probe_find(const struct dahdi_probe *p, const char *selector,
						const char **why)
{
	struct dahdi_span_id id[DAHDI_SPANS_MAX];
	const struct dahdi_span_id *found;

	for (unsigned i = 0; i < p->count; i++)
		id[i] = p->span[i].id;
	found = dahdi_find_span(id, p->count, selector, why);
	return found ? &p->span[found - id] : NULL;
}
