/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The manual pair. Each step makes one block due at each end. A due block takes what the other end
 * wrote one period ago, and what run() writes goes to the other end, so one block is under way in
 * each direction. An end that is run late loses nothing: its blocks wait.
 *
 * At each end: blocks run + missed_blocks = periods that have come due. A block lost on the way
 * is missed where it should have come. With nothing read there nothing is written, as on a card
 * that overran; in place of what was not written the other end hears one idle block, which it
 * counts as a slip.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "hw/t1e1/e1_virt.h"
#include "hw/t1e1/e1_virt_block.h"

enum {
	INBOX_BLOCKS = 8, /* two at most while both ends are run */
	INBOX_FRAMES = 256,
};

struct dframe {
	size_t len; /* octets */
	uint8_t octets[E1_DCHAN_FRAME_MAX];
};

struct slot {
	enum { SLOT_WRITTEN, SLOT_START, SLOT_FILL, SLOT_LOST } kind;
	struct e1_virt_block block; /* of SLOT_WRITTEN */
};

struct end {
	struct e1_virt_pair *pair;
	struct end *far;
	bool open;
	bool ran;      /* has been run at least once: it writes what far reads */
	uint64_t due;  /* periods */
	unsigned lose; /* of the blocks on the way here */
	struct e1_virt_audio audio;
	struct slot inbox[INBOX_BLOCKS];
	unsigned first, held;
	struct dframe frame[INBOX_FRAMES];
	unsigned frame_first, frames;
	uint64_t frames_dropped;
};

struct e1_virt_pair {
	struct end end[2];
	bool dchan_cut, unplugged;
};

static struct slot *inbox_add(struct end *e)
{
	struct slot *slot;

	/* Only when e is not run while the other end is. */
	if (e->held == INBOX_BLOCKS) {
		e->first = (e->first + 1) % INBOX_BLOCKS;
		e->held--;
		e->due -= e->due > 0;
		e1_virt_audio_miss(&e->audio, 1);
	}
	slot = &e->inbox[(e->first + e->held++) % INBOX_BLOCKS];
	if (e->lose) {
		e->lose--;
		slot->kind = SLOT_LOST;
		return NULL;
	}
	return slot;
}

static bool line_cut(const struct end *e)
{
	return e->pair->unplugged || !e->far->open;
}

static int pair_pace_fd(struct e1_span *s)
{
	return -1;
}

/* Takes the next due block through fn. */
static void run_one(struct end *e, e1_block_fn fn, void *arg)
{
	static const struct slot idle = {.kind = SLOT_START};
	const struct slot *rx = e->held ? &e->inbox[e->first] : &idle;
	struct slot *tx;
	struct slot scratch;

	e->due--;
	if (rx->kind == SLOT_LOST) {
		e1_virt_audio_miss(&e->audio, 1);
		tx = inbox_add(e->far);
		if (tx)
			tx->kind = SLOT_FILL;
	} else {
		tx = inbox_add(e->far);
		if (tx)
			tx->kind = SLOT_WRITTEN;
		if (rx->kind == SLOT_FILL)
			e->audio.line.slips++;
		e1_virt_audio_run(&e->audio, fn, arg, rx->kind == SLOT_WRITTEN ? &rx->block : NULL,
				  tx ? &tx->block : &scratch.block);
	}
	if (e->held) {
		e->first = (e->first + 1) % INBOX_BLOCKS;
		e->held--;
	}
}

static int pair_run(struct e1_span *s, int64_t now_us, e1_block_fn fn, void *arg)
{
	struct end *e = s->impl;
	int blocks = 0;

	e->ran = true;
	while (!line_cut(e) && e->due && (e->held || !e->far->ran)) {
		run_one(e, fn, arg);
		blocks++;
	}
	return blocks;
}

static void pair_ts_enable(struct e1_span *s, unsigned ts, bool on)
{
	struct end *e = s->impl;

	e1_virt_audio_enable(&e->audio, ts, on);
}

static void pair_line(struct e1_span *s, struct e1_line *out)
{
	struct end *e = s->impl;

	*out = e->audio.line;
	out->alarms = line_cut(e) ? E1_ALARM_LOS : 0;
}

static int pair_dchan_fd(struct e1_span *s)
{
	return -1;
}

static ssize_t pair_dchan_recv(struct e1_span *s, uint8_t *frame, size_t cap)
{
	struct end *e = s->impl;
	const struct dframe *f;

	if (line_cut(e))
		return -ENETDOWN;
	if (!e->frames)
		return 0;
	f = &e->frame[e->frame_first];
	e->frame_first = (e->frame_first + 1) % INBOX_FRAMES;
	e->frames--;
	if (f->len > cap) {
		e->frames_dropped++;
		return -EMSGSIZE;
	}
	memcpy(frame, f->octets, f->len);
	return (ssize_t)f->len;
}

static int pair_dchan_send(struct e1_span *s, const uint8_t *frame, size_t len)
{
	struct end *e = s->impl;
	struct end *far = e->far;
	struct dframe *f;

	if (!len || len > E1_DCHAN_FRAME_MAX)
		return -EINVAL;
	if (line_cut(e))
		return -ENETDOWN;
	if (e->pair->dchan_cut)
		return 0;
	if (far->frames == INBOX_FRAMES) {
		far->frames_dropped++;
		return -EAGAIN;
	}
	f = &far->frame[(far->frame_first + far->frames++) % INBOX_FRAMES];
	f->len = len;
	memcpy(f->octets, frame, len);
	return 0;
}

static void pair_close(struct e1_span *s)
{
	struct end *e = s->impl;

	s->ops = NULL;
	s->impl = NULL;
	if (!e)
		return;
	e->open = false;
	if (!e->far->open)
		free(e->pair);
}

static const struct e1_ops pair_ops = {
    .pace_fd = pair_pace_fd,
    .run = pair_run,
    .ts_enable = pair_ts_enable,
    .line = pair_line,
    .dchan_fd = pair_dchan_fd,
    .dchan_recv = pair_dchan_recv,
    .dchan_send = pair_dchan_send,
    .close = pair_close,
};

int e1_virt_pair_create(struct e1_virt_pair **out, struct e1_span end[2])
{
	struct e1_virt_pair *p = calloc(1, sizeof(*p));

	*out = p;
	if (!p)
		return -ENOMEM;
	for (int i = 0; i < 2; i++) {
		p->end[i].pair = p;
		p->end[i].far = &p->end[!i];
		p->end[i].open = true;
		inbox_add(&p->end[i])->kind = SLOT_START;
		end[i] = (struct e1_span){
		    .ops = &pair_ops, .impl = &p->end[i], .number = (uint16_t)(i + 1)};
	}
	return 0;
}

void e1_virt_step(struct e1_virt_pair *p)
{
	for (int i = 0; i < 2; i++) {
		if (line_cut(&p->end[i]))
			e1_virt_audio_miss(&p->end[i].audio, 1);
		else
			p->end[i].due++;
	}
}

void e1_virt_cut_dchan(struct e1_virt_pair *p, bool cut)
{
	p->dchan_cut = cut;
}

/* What audio is under way stays there until the line is back; frames are gone. */
void e1_virt_unplug(struct e1_virt_pair *p, bool unplugged)
{
	p->unplugged = unplugged;
	for (int i = 0; unplugged && i < 2; i++)
		p->end[i].frames = 0;
}

void e1_virt_lose_blocks(struct e1_virt_pair *p, unsigned end, unsigned n)
{
	if (end < 2)
		p->end[end].lose += n;
}

unsigned e1_virt_frames_waiting(const struct e1_virt_pair *p, unsigned end)
{
	return end < 2 ? p->end[end].frames : 0;
}
