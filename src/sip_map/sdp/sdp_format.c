/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>

#include "src/sip_map/sdp/sdp.h"

static const char *codec_name(enum media_codec codec)
{
	return codec == MEDIA_PCMU ? "PCMU" : "PCMA";
}

static const char *direction_name(uint8_t direction)
{
	static const char *const names[] = {"inactive", "sendonly", "recvonly", "sendrecv"};

	return names[direction & 3];
}

static const char *address_type(const struct net_addr *a)
{
	return a->family == 6 ? "IP6" : "IP4";
}

static void format_audio(struct strbuf *b, const struct media_desc *media)
{
	strbuf_addf(b, "m=audio %u RTP/AVP", media->rejected ? 0 : media->rtp.port);
	for (unsigned i = 0; i < media->format_count; i++)
		strbuf_addf(b, " %u", media->format[i].payload_type);
	strbuf_add(b, "\r\n");
	if (media->rejected)
		return;
	for (unsigned i = 0; i < media->format_count; i++)
		strbuf_addf(b, "a=rtpmap:%u %s/8000\r\n", media->format[i].payload_type,
			    codec_name(media->format[i].codec));
	if (media->rtcp.family && media->rtcp.port != media->rtp.port + 1)
		strbuf_addf(b, "a=rtcp:%u\r\n", media->rtcp.port); /* RFC 3605 */
	if (media->ptime_ms)
		strbuf_addf(b, "a=ptime:%u\r\n", media->ptime_ms);
	strbuf_addf(b, "a=%s\r\n", direction_name(media->direction));
}

void sdp_format(struct strbuf *b, const struct media_desc *media, const struct sdp_lines *answer_to,
		const struct sdp_origin *origin)
{
	char host[NET_ADDR_TEXT];

	net_addr_format_host(&media->rtp, host);
	strbuf_addf(b, "v=0\r\no=- %" PRIu64 " %" PRIu32 " IN %s %s\r\ns=-\r\n", origin->session,
		    origin->version, address_type(&media->rtp), host);
	strbuf_addf(b, "c=IN %s %s\r\nt=0 0\r\n", address_type(&media->rtp), host);
	if (!answer_to) {
		format_audio(b, media);
		return;
	}
	for (unsigned i = 0; i < answer_to->count; i++) {
		if (i == answer_to->ours)
			format_audio(b, media);
		else
			strbuf_addf(b, "m=%s 0 %s %s\r\n", answer_to->line[i].media,
				    answer_to->line[i].proto, answer_to->line[i].format);
	}
}
