/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Offer and answer (RFC 3264) on media descriptions, pure. Three steps: make our offer, answer
 * theirs, accept their answer. All of them take `local`: where we receive (as media_ops.open
 * filled it in). `remote` comes out with exactly one format, the one that we send, under the
 * payload type of the other party's description.
 */
#ifndef GATEWAY_CALL_CODEC_CHOICE_H
#define GATEWAY_CALL_CODEC_CHOICE_H

#include "gateway/call/call_ports.h"

/* Our offer with the port's codecs, in its order. */
void codec_make_offer(const struct call_port *port, const struct media_desc *local,
		      struct media_desc *offer);

/* 0, or -EPROTO: no codec in common, or their address cannot be reached from ours. answer and
 * remote may be NULL. A stream that they rejected (port 0) is answered likewise. */
int codec_answer_offer(const struct call_port *port, const struct media_desc *local,
		       const struct media_desc *offer, struct media_desc *answer,
		       struct media_desc *remote);

/* 0, or -EPROTO: rejected, no codec of our offer, not reachable. */
int codec_accept_answer(const struct media_desc *offer, const struct media_desc *answer,
			struct media_desc *remote);

#endif
