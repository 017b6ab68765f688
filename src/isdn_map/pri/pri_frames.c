/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/isdn_map/pri/pri_frames.h"

#include <errno.h>
#include <string.h>

enum { FCS_OCTETS = 2 }; /* libpri counts them with each frame and never looks at them */

/* PROGRESS: libpri writes a cause of this kind, with the indicators in its lower bits. Not 96: a
 * call that had that one is cleared with nothing else. */
enum { MARK_PI = 0x0f, MARK_CAUSE = 0x10, MARK = 0x20 };

static struct pri_edit *find_edit(struct pri_frames *f, uint16_t cref, bool ours)
{
	for (unsigned i = 0; i < PRI_FRAMES_EDITS; i++) {
		struct pri_edit *e = &f->edit[i];

		if (e->used && e->cref == cref && e->ours == ours)
			return e;
	}
	return NULL;
}

static struct pri_edit *touch_edit(struct pri_frames *f, uint16_t cref, bool ours)
{
	struct pri_edit *e = find_edit(f, cref, ours);

	if (!e) {
		e = &f->edit[0];
		for (unsigned i = 1; i < PRI_FRAMES_EDITS; i++)
			if (f->edit[i].touched < e->touched)
				e = &f->edit[i];
		*e = (struct pri_edit){.used = true, .ours = ours, .cref = cref};
	}
	e->touched = ++f->touches;
	return e;
}

/* A command of the network has C/R = 1, one of the user 0 (Q.921 3.3.2). libpri answers such a SABME
 * all the same, and then neither end gets anywhere. */
static bool is_from_same_side(const struct pri_frames *f, const uint8_t *frame)
{
	enum { C_R = 0x02, P = 0x10, SABME = 0x6f };
	bool from_network = frame[0] & C_R;

	return (frame[2] & ~P) == SABME && from_network == f->cfg.network;
}

int pri_frames_read(struct pri_frames *f, void *buf, int cap)
{
	struct e1_span *e1 = f->cfg.e1;
	uint8_t *frame = buf;
	ssize_t n;

	f->received = false;
	memset(&f->last_in, 0, sizeof(f->last_in));
	memset(&f->carried_in, 0, sizeof(f->carried_in));
	memset(&f->connected_in, 0, sizeof(f->connected_in));
	memset(&f->redirecting_in, 0, sizeof(f->redirecting_in));
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
	f->counters.same_side_in += is_from_same_side(f, frame);
	if (f->cfg.on_frame)
		f->cfg.on_frame(f->cfg.on_frame_arg, f->cfg.span, false, frame, (size_t)n);
	isdn_frame_decode(&f->last_in, frame, (size_t)n);
	if (f->last_in.is_message) {
		const struct isdn_frame *in = &f->last_in;

		isdn_carried_take(&f->carried_in, in, frame);
		isdn_party_decode(&f->connected_in, frame + in->connected.at, in->connected.len);
		isdn_party_decode(&f->redirecting_in, frame + in->redirecting.at,
				  in->redirecting.len);
	}
	/* libpri walks some elements to the next octet with bit 8 set, past the end of a frame
	 * that was cut short: let it find one at once. */
	memset(frame + n, 0xff, (size_t)(cap - n));
	return (int)n + FCS_OCTETS;
}

/* Clearing messages that libpri sent for reasons of its own keep their cause. */
static void plan_clearing(const struct isdn_frame *f, const struct pri_edit *e,
			  struct isdn_edit *edit)
{
	edit->set_cause = f->has_cause && f->cause.value == e->written;
	edit->cause = e->cause;
}

static void plan_pi(const struct pri_edit *e, enum pri_edit_message type, struct isdn_edit *edit)
{
	edit->set_pi = e->pi[type] != 0;
	edit->pi = e->pi[type];
}

static void plan_progress(const struct isdn_frame *f, const struct pri_edit *e,
			  struct isdn_edit *edit)
{
	uint8_t mark = f->cause.value;

	if (!f->has_cause || !(mark & MARK))
		return;
	edit->set_pi = edit->set_cause = true;
	edit->pi = mark & MARK_PI;
	if (e && mark & MARK_CAUSE)
		edit->cause = e->progress_cause;
}

static void plan(const struct isdn_frame *f, const struct pri_edit *e, struct isdn_edit *edit)
{
	*edit = (struct isdn_edit){.pi_location = CALL_LOC_PRIVATE_LOCAL};
	if (f->type == ISDN_MSG_PROGRESS)
		plan_progress(f, e, edit);
	if (!e)
		return;
	switch (f->type) {
	case ISDN_MSG_SETUP:
		edit->carried = &e->setup;
		edit->redirecting = &e->redirecting;
		break;
	case ISDN_MSG_CALL_PROCEEDING:
		plan_pi(e, PRI_EDIT_PROCEEDING, edit);
		break;
	case ISDN_MSG_ALERTING:
		plan_pi(e, PRI_EDIT_ALERTING, edit);
		break;
	case ISDN_MSG_CONNECT:
		plan_pi(e, PRI_EDIT_CONNECT, edit);
		edit->connected = &e->connected;
		break;
	case ISDN_MSG_DISCONNECT:
		plan_pi(e, PRI_EDIT_DISCONNECT, edit);
		plan_clearing(f, e, edit);
		break;
	case ISDN_MSG_RELEASE:
	case ISDN_MSG_RELEASE_COMPLETE:
		plan_clearing(f, e, edit);
		break;
	}
}

/* Returns the new length. */
static size_t edit_frame(struct pri_frames *f, uint8_t *frame, size_t len)
{
	struct isdn_frame decoded;
	struct isdn_edit edit;

	isdn_frame_decode(&decoded, frame, len);
	if (!decoded.is_message)
		return len;
	plan(&decoded, find_edit(f, decoded.cref, !decoded.cref_flag), &edit);
	return isdn_frame_edit(frame, len, E1_DCHAN_FRAME_MAX, &edit);
}

int pri_frames_write(struct pri_frames *f, const void *buf, int len)
{
	struct e1_span *e1 = f->cfg.e1;
	uint8_t frame[E1_DCHAN_FRAME_MAX];
	size_t n = len > FCS_OCTETS ? (size_t)(len - FCS_OCTETS) : 0;

	if (n < 3 || n > sizeof(frame)) {
		f->counters.send_failed++;
		return len;
	}
	memcpy(frame, buf, n);
	n = edit_frame(f, frame, n);
	f->counters.frames_out++;
	if (f->cfg.on_frame)
		f->cfg.on_frame(f->cfg.on_frame_arg, f->cfg.span, true, frame, n);
	if (e1->ops->dchan_send(e1, frame, n))
		f->counters.send_failed++;
	/* libpri would log a short write and do nothing else about it. */
	return len;
}

void pri_frames_forget(struct pri_frames *f, uint16_t cref, bool ours)
{
	struct pri_edit *e = find_edit(f, cref, ours);

	if (e)
		*e = (struct pri_edit){.used = false};
}

void pri_frames_edit_cause(struct pri_frames *f, uint16_t cref, bool ours, uint8_t written,
			   struct call_cause cause)
{
	struct pri_edit *e = touch_edit(f, cref, ours);

	e->written = written;
	e->cause = cause;
}

void pri_frames_edit_pi(struct pri_frames *f, uint16_t cref, bool ours, enum pri_edit_message type,
			uint8_t pi)
{
	touch_edit(f, cref, ours)->pi[type] = pi;
}

uint8_t pri_frames_edit_progress(struct pri_frames *f, uint16_t cref, bool ours, uint8_t pi,
				 struct call_cause cause)
{
	if (cause.value)
		touch_edit(f, cref, ours)->progress_cause = cause;
	return MARK | (pi & MARK_PI) | (cause.value ? MARK_CAUSE : 0);
}

void pri_frames_edit_connected(struct pri_frames *f, uint16_t cref, bool ours,
			       const struct isdn_party_octets *connected)
{
	touch_edit(f, cref, ours)->connected = *connected;
}

void pri_frames_edit_redirecting(struct pri_frames *f, uint16_t cref,
				 const struct isdn_party_octets *redirecting)
{
	touch_edit(f, cref, true)->redirecting = *redirecting;
}

void pri_frames_edit_setup(struct pri_frames *f, uint16_t cref, const struct isdn_carried *carried)
{
	touch_edit(f, cref, true)->setup = *carried;
}
