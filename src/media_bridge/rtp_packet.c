/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/media_bridge/rtp_packet.h"

#include <errno.h>

#include "src/media_bridge/octets.h"

void rtp_encode_header(uint8_t out[RTP_HEADER_OCTETS], const struct rtp_header *h)
{
	out[0] = 2 << 6;
	out[1] = (uint8_t)((h->marker ? 0x80 : 0) | (h->payload_type & 0x7f));
	put_be16(out + 2, h->seq);
	put_be32(out + 4, h->timestamp);
	put_be32(out + 8, h->ssrc);
}

int rtp_decode(const uint8_t *in, size_t len, struct rtp_header *h, const uint8_t **payload,
	       size_t *octets)
{
	size_t start = RTP_HEADER_OCTETS;

	if (len < start || in[0] >> 6 != 2)
		return -EBADMSG;
	start += (size_t)(in[0] & 0x0f) * 4;
	if (in[0] & 0x10) { /* extension: 16 bits of profile, length in words without these four */
		if (len < start + 4)
			return -EBADMSG;
		start += 4 + (size_t)get_be16(in + start + 2) * 4;
	}
	if (len < start)
		return -EBADMSG;
	if (in[0] & 0x20) { /* padding: the last octet counts itself */
		if (len == start || in[len - 1] == 0 || in[len - 1] > len - start)
			return -EBADMSG;
		len -= in[len - 1];
	}
	h->marker = in[1] & 0x80;
	h->payload_type = in[1] & 0x7f;
	h->seq = get_be16(in + 2);
	h->timestamp = get_be32(in + 4);
	h->ssrc = get_be32(in + 8);
	*payload = in + start;
	*octets = len - start;
	return 0;
}
