/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "gateway/call/codec_choice.h"

#include <errno.h>
#include <stddef.h>

static unsigned formats_of(const struct media_desc *d)
{
	return d->format_count < MEDIA_FORMATS_MAX ? d->format_count : MEDIA_FORMATS_MAX;
}

static const struct media_format *find_format(const struct media_desc *d, enum media_codec codec)
{
	for (unsigned i = 0; i < formats_of(d); i++)
		if (d->format[i].codec == codec)
			return &d->format[i];
	return NULL;
}

/* RFC 3264 6.1: what one party sends the other one receives. */
static uint8_t mirrored(uint8_t direction)
{
	return (uint8_t)((direction & MEDIA_SENDONLY ? MEDIA_RECVONLY : 0) |
			 (direction & MEDIA_RECVONLY ? MEDIA_SENDONLY : 0));
}

/* IPv4 and IPv6 sockets do not reach each other; one on :: reaches both. */
static bool reachable(const struct media_desc *local, const struct media_desc *remote)
{
	return local->rtp.family == 0 || local->rtp.family == remote->rtp.family ||
	       (local->rtp.family == 6 && net_addr_is_any(&local->rtp));
}

static void narrow(struct media_desc *out, const struct media_desc *d,
		   const struct media_format *format)
{
	struct media_format f = *format; /* may be part of *out */

	*out = *d;
	out->format_count = 1;
	out->format[0] = f;
}

void codec_make_offer(const struct call_port *port, const struct media_desc *local,
		      struct media_desc *offer)
{
	struct media_desc d = *local;

	d.present = true;
	d.rejected = false;
	d.direction = MEDIA_SENDRECV;
	d.ptime_ms = port->ptime_ms;
	d.format_count = 0;
	for (unsigned i = 0; i < port->codec_count && i < MEDIA_FORMATS_MAX; i++) {
		d.format[i].codec = port->codec[i];
		d.format[i].payload_type = (uint8_t)port->codec[i]; /* RFC 3551 table 4: static */
		d.format_count++;
	}
	*offer = d;
}

static const struct media_format *choose(const struct call_port *port,
					 const struct media_desc *offer)
{
	for (unsigned i = 0; i < port->codec_count && i < MEDIA_FORMATS_MAX; i++) {
		const struct media_format *f = find_format(offer, port->codec[i]);

		if (f)
			return f;
	}
	return NULL;
}

int codec_answer_offer(const struct call_port *port, const struct media_desc *local,
		       const struct media_desc *offer, struct media_desc *answer,
		       struct media_desc *remote)
{
	const struct media_format *f = choose(port, offer);
	struct media_desc ours = *local;

	if (!offer->present || !f || (!offer->rejected && !reachable(local, offer)))
		return -EPROTO;
	ours.present = true;
	ours.rejected = offer->rejected;
	ours.direction = offer->rejected ? MEDIA_INACTIVE : mirrored(offer->direction);
	ours.ptime_ms = port->ptime_ms;
	ours.format_count = 1;
	ours.format[0] = *f;
	if (remote) {
		narrow(remote, offer, f);
		if (offer->rejected)
			remote->direction = MEDIA_INACTIVE;
	}
	if (answer)
		*answer = ours;
	return 0;
}

int codec_accept_answer(const struct media_desc *offer, const struct media_desc *answer,
			struct media_desc *remote)
{
	if (!answer->present || answer->rejected || !reachable(offer, answer))
		return -EPROTO;
	/* RFC 3264 6.1: the answerer's order counts when it lists several. */
	for (unsigned i = 0; i < formats_of(answer); i++) {
		if (find_format(offer, answer->format[i].codec)) {
			if (remote)
				narrow(remote, answer, &answer->format[i]);
			return 0;
		}
	}
	return -EPROTO;
}
