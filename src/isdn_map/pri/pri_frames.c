/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/isdn_map/pri/pri_frames.h"

#include <errno.h>
#include <string.h>

enum { FCS_OCTETS = 2 }; /* libpri counts them with each frame and never looks at them */

static struct pri_cause_edit *find_edit(struct pri_frames *f, uint16_t cref, bool ours)
{
	for (unsigned i = 0; i < PRI_FRAMES_EDITS; i++) {
		struct pri_cause_edit *e = &f->edit[i];

		if (e->used && e->cref == cref && e->ours == ours)
			return e;
	}
	return NULL;
}

/* A new call may bring a reference back that an old edit still names. */
static void forget_edit(struct pri_frames *f, const struct isdn_frame *frame, bool ours)
{
	struct pri_cause_edit *e;

	if (!frame->is_message || frame->type != ISDN_MSG_SETUP)
		return;
	e = find_edit(f, frame->cref, ours);
	if (e)
		e->used = false;
}

int pri_frames_read(struct pri_frames *f, void *buf, int cap)
{
	struct e1_span *e1 = f->cfg.e1;
	uint8_t *frame = buf;
	ssize_t n;

	f->received = false;
	memset(&f->last_in, 0, sizeof(f->last_in));
	if (cap < E1_DCHAN_FRAME_MAX + FCS_OCTETS)
		return 0;
	do {
		n = e1->ops->dchan_recv(e1, frame, E1_DCHAN_FRAME_MAX);
		if (n == -EMSGSIZE || (n > 0 && n < 3))
			f->counters.frames_bad++;
	} while (n == -EMSGSIZE || (n > 0 && n < 3));
	if (n <= 0)
		return 0;
	f->received = true;
	f->counters.frames_in++;
	if (f->cfg.on_frame)
		f->cfg.on_frame(f->cfg.on_frame_arg, f->cfg.span, false, frame, (size_t)n);
	isdn_frame_decode(&f->last_in, frame, (size_t)n);
	forget_edit(f, &f->last_in, f->last_in.cref_flag);
	/* libpri walks some elements to the next octet with bit 8 set, past the end of a frame
	 * that was cut short: let it find one at once. */
	memset(frame + n, 0xff, (size_t)(cap - n));
	return (int)n + FCS_OCTETS;
}

int pri_frames_write(struct pri_frames *f, const void *buf, int len)
{
	struct e1_span *e1 = f->cfg.e1;
	uint8_t frame[E1_DCHAN_FRAME_MAX];
	struct isdn_frame decoded;
	struct pri_cause_edit *e;
	size_t n = len > FCS_OCTETS ? (size_t)(len - FCS_OCTETS) : 0;

	if (n < 3 || n > sizeof(frame)) {
		f->counters.send_failed++;
		return len;
	}
	memcpy(frame, buf, n);
	isdn_frame_decode(&decoded, frame, n);
	forget_edit(f, &decoded, !decoded.cref_flag);
	e = decoded.has_cause ? find_edit(f, decoded.cref, !decoded.cref_flag) : NULL;
	if (e &&
	    (decoded.type == ISDN_MSG_DISCONNECT || decoded.type == ISDN_MSG_RELEASE ||
	     decoded.type == ISDN_MSG_RELEASE_COMPLETE) &&
	    decoded.cause.value == e->written)
		isdn_frame_set_cause(&decoded, frame, e->cause);
	f->counters.frames_out++;
	if (f->cfg.on_frame)
		f->cfg.on_frame(f->cfg.on_frame_arg, f->cfg.span, true, frame, n);
	if (e1->ops->dchan_send(e1, frame, n))
		f->counters.send_failed++;
	/* libpri would log a short write and do nothing else about it. */
	return len;
}

void pri_frames_edit_cause(struct pri_frames *f, uint16_t cref, bool ours, uint8_t written,
			   struct call_cause cause)
{
	struct pri_cause_edit *e = find_edit(f, cref, ours);

	if (!e) {
		e = &f->edit[f->next_edit];
		f->next_edit = (f->next_edit + 1) % PRI_FRAMES_EDITS;
	}
	*e = (struct pri_cause_edit){
	    .used = true, .ours = ours, .cref = cref, .written = written, .cause = cause};
}
