/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Each message of tests/corpus/q931 at the whole gateway, which knows no call of it: a message for
 * an unknown call reference is answered as Q.931 5.8.3.2 says (RELEASE COMPLETE, cause 81), a LAPD
 * frame out of the blue disturbs nothing for long, nothing is left, and a normal call works. */
#include <stdlib.h>
#include <string.h>

#include "tests/peer_isdn/bed.h"
#include "tests/peer_isdn/rows.h"

static const char *folder;

static size_t read_file(const char *name, uint8_t out[E1_DCHAN_FRAME_MAX])
{
	char path[512];
	FILE *file;
	size_t len;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	file = fopen(path, "rb");
	assert_non_null(file);
	len = fread(out, 1, E1_DCHAN_FRAME_MAX, file);
	fclose(file);
	return len;
}

static void normal_call(unsigned span)
{
	struct peer *p = bed_peer(span);

	peer_send(p, 77, SETUP, BEARER_3K1, CHANNEL(5), CALLED(0x81, "12345"), SENDING_COMPLETE);
	peer_expect(p, 77, CALL_PROCEEDING, CHANNEL(5));
	sip_expect(&bed.sip, &bed.call, "INVITE");
	sip_reply(&bed.sip, &bed.call, "486 Busy Here", 0, NULL);
	sip_expect(&bed.sip, &bed.call, "ACK");
	peer_expect(p, 77, DISCONNECT, CAUSE(5, 17), MORE);
	peer_send(p, 77, RELEASE);
	peer_expect(p, 77, RELEASE_COMPLETE, MORE);
}

/* Whatever came of a SETUP ends. */
static void end_setup(struct peer *p, uint16_t ref)
{
	assert_true(peer_next(p, BED_S));
	assert_int_equal(p->last.ref, ref);
	if (p->last.type == RELEASE_COMPLETE.id)
		return;
	assert_int_equal(p->last.type, CALL_PROCEEDING.id);
	sip_expect(&bed.sip, &bed.call, "INVITE");
	peer_send(p, ref, RELEASE, CAUSE(0, 16));
	peer_expect(p, ref, RELEASE_COMPLETE, MORE);
	sip_reply(&bed.sip, &bed.call, "480 Temporarily Unavailable", 0, NULL);
	sip_expect(&bed.sip, &bed.call, "ACK");
}

static void message_comes(unsigned span, const uint8_t *octets, size_t len)
{
	/* A basic rate call reference has one octet; its answer may come with two (4.3). */
	uint16_t ref = octets[1] == 2 ? (uint16_t)(octets[2] << 8 | octets[3])
				      : (uint16_t)((octets[2] & 0x80) << 8 | (octets[2] & 0x7f));
	struct peer *p = bed_peer(span);
	uint8_t type = octets[2 + octets[1]];

	peer_send_octets(p, octets, len);
	if (type == SETUP.id)
		end_setup(p, ref);
	else if (type != RELEASE_COMPLETE.id)
		peer_expect(p, ref, RELEASE_COMPLETE, CAUSE(1, 81));
	peer_expect_silence(p, 10 * BED_S);
	sip_expect_silence(&bed.sip, 0);
}

static void frame_comes(unsigned span, const uint8_t *octets, size_t len)
{
	struct peer *p = bed_peer(span);
	bool information = len > 4 && !(octets[2] & 1);

	p->e1->ops->dchan_send(p->e1, octets, len);
	while (peer_next(p, 30 * BED_S))
		if (p->last.type == CALL_PROCEEDING.id)
			peer_send(p, p->last.ref, RELEASE_COMPLETE, CAUSE(0, 16));
	assert_true(p->lapd.up);
	if (information) {
		bed_end();
		bed_begin(NULL);
		message_comes(span, octets + 4, len - 4);
	}
}

static void row(void **state)
{
	const struct row *r = *state;
	bool lapd = strcmp(r->cell[1], "LAPD") == 0;
	uint8_t octets[E1_DCHAN_FRAME_MAX];
	size_t len = read_file(r->cell[0], octets);

	assert_int_equal(len, atoi(r->cell[2]));
	for (unsigned span = 1; span <= BED_SPANS; span++) {
		bed_begin(NULL);
		(lapd ? frame_comes : message_comes)(span, octets, len);
		normal_call(span);
		bed_end();
	}
}

int main(int argc, char **argv)
{
	static struct row rows[ROWS_MAX];
	static char path[512];
	char *name;

	if (argc != 2)
		return 2;
	snprintf(path, sizeof(path), "%s", argv[1]);
	name = strrchr(path, '/');
	if (name)
		*name = '\0';
	folder = path;
	return rows_run("peer_isdn corpus", rows, rows_read(argv[1], '\t', rows), row);
}
