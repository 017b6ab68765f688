/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SDP: an input is a Content-Type in one line and a body. What was parsed is answered and written
 * as an offer of our own; our parser must understand both.
 */
#include <string.h>

#include "src/sip_map/sdp/body.h"
#include "src/sip_map/sdp/sdp.h"
#include "tests/fuzz/fuzz.h"

static void check_text(const struct strbuf *b, const struct media_desc *like)
{
	struct media_desc media;
	struct sdp_lines lines;

	fuzz_check(strlen(b->text) == b->len);
	if (b->truncated)
		return;
	fuzz_check(sdp_parse(&media, &lines, b->text, b->len) == 0);
	if (!like)
		return;
	fuzz_check(media.present && media.format_count == like->format_count);
	fuzz_check(net_addr_equal(&media.rtp, &like->rtp));
	fuzz_check(media.direction == like->direction);
}

static void check_sdp(const char *text, size_t len)
{
	const struct sdp_origin origin = {1, 1};
	char memory[SDP_TEXT_MAX];
	struct media_desc media, ours;
	struct sdp_lines lines;
	struct strbuf b;

	if (sdp_parse(&media, &lines, text, len))
		return;
	fuzz_check(media.format_count <= MEDIA_FORMATS_MAX && lines.count <= SDP_MEDIA_MAX);
	fuzz_check(lines.ours <= lines.count &&
		   (media.format_count > 0) == (lines.ours < lines.count));
	ours = media;
	if (media.format_count) {
		ours.format_count = 1;
		net_addr_parse(&ours.rtp, "192.0.2.1:10000");
		net_addr_parse(&ours.rtcp, "192.0.2.1:10001");
	}
	strbuf_init(&b, memory, sizeof(memory));
	sdp_format(&b, &ours, &lines, &origin);
	check_text(&b, NULL);
	if (!media.format_count || media.rejected)
		return;
	strbuf_init(&b, memory, sizeof(memory));
	sdp_format(&b, &ours, NULL, &origin);
	check_text(&b, &ours);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *line_end = size ? memchr(data, '\n', size) : NULL;
	size_t type_len = line_end ? (size_t)(line_end - data) : 0, len, part_len;
	char *type, *body;
	const char *part;

	if (!line_end)
		return 0;
	type = fuzz_copy(data, type_len + 1);
	type[type_len] = 0;
	len = size - type_len - 1;
	body = fuzz_copy(line_end + 1, len);
	if (body_find_sdp(type, body, len, &part, &part_len)) {
		fuzz_check(part >= body && part_len <= len && part + part_len <= body + len);
		check_sdp(part, part_len);
	}
	free(type);
	free(body);
	return 0;
}
