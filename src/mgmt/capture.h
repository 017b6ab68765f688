/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pcapng for Wireshark: D-channel frames and SIP datagrams in one file, so that one list shows both
 * sides of a call in order. Interface "sip" holds IP packets with UDP (headers made up here, the
 * checksums right), each span an interface of its own with LAPD frames. Pure: blocks into a buffer.
 */
#ifndef SRC_MGMT_CAPTURE_H
#define SRC_MGMT_CAPTURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gateway/base/net_addr.h"

enum { CAPTURE_SPANS_MAX = 256, CAPTURE_OVERHEAD = 256 };

/* Which spans the file has described so far. */
struct capture {
	uint32_t interfaces;		       /* written */
	uint16_t interface[CAPTURE_SPANS_MAX]; /* of each span, 0: not yet */
};

/* The file's beginning. All three return the octets in out, 0 when cap is too small (payload and
 * CAPTURE_OVERHEAD are enough) or the packet cannot be. */
size_t capture_begin(struct capture *c, uint8_t *out, size_t cap);
/* network: our side of the span, without which LAPD's commands look like responses. */
size_t capture_frame(struct capture *c, uint8_t *out, size_t cap, int64_t wall_us, uint16_t span,
		     bool network, bool outbound, const uint8_t *frame, size_t len);
size_t capture_udp(struct capture *c, uint8_t *out, size_t cap, int64_t wall_us, bool outbound,
		   const struct net_addr *local, const struct net_addr *peer, const void *payload,
		   size_t len);

#endif
