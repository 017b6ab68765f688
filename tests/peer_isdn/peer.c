/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/peer_isdn/peer.h"

#include <string.h>

static void send_frame(void *arg, const uint8_t *frame, size_t len)
{
	struct peer *p = arg;

	p->e1->ops->dchan_send(p->e1, frame, len);
}

static void deliver(void *arg, const uint8_t *info, size_t len)
{
	struct peer *p = arg;
	struct peer_frame *slot = &p->inbox[(p->first + p->waiting) % PEER_INBOX];

	p->received++;
	if (p->waiting == PEER_INBOX || len > Q931_MAX) {
		fprintf(stderr, "# %s: a message is lost: inbox full or message too long\n",
			p->name);
		p->fail(__FILE__, __LINE__);
		return;
	}
	slot->at_us = p->now_us;
	slot->len = len;
	memcpy(slot->octets, info, len);
	p->waiting++;
}

void peer_init(struct peer *p, const char *name, bool network, struct e1_span *e1)
{
	memset(p, 0, sizeof(*p));
	p->name = name;
	p->e1 = e1;
	p->lapd.network = network;
	p->lapd.send = send_frame;
	p->lapd.deliver = deliver;
	p->lapd.arg = p;
	memset(p->says, E1_IDLE_OCTET, sizeof(p->says));
}

void peer_start(struct peer *p, int64_t now_us)
{
	p->now_us = now_us;
	lapd_start(&p->lapd, now_us);
}

void peer_turn(struct peer *p, int64_t now_us)
{
	uint8_t frame[E1_DCHAN_FRAME_MAX];
	ssize_t len;

	p->now_us = now_us;
	while ((len = p->e1->ops->dchan_recv(p->e1, frame, sizeof(frame))) > 0)
		lapd_receive(&p->lapd, now_us, frame, (size_t)len);
	lapd_run(&p->lapd, now_us);
}

int64_t peer_next_us(const struct peer *p)
{
	return lapd_next_us(&p->lapd);
}

static void block(void *arg, unsigned ts, unsigned missed, const uint8_t rx[E1_BLOCK_OCTETS],
		  uint8_t tx[E1_BLOCK_OCTETS])
{
	struct peer *p = arg;

	(void)missed;
	p->heard[ts] = rx[E1_BLOCK_OCTETS - 1];
	for (unsigned i = 0; i < E1_BLOCK_OCTETS; i++)
		p->sounds[ts] += rx[i] != E1_IDLE_OCTET;
	memset(tx, p->says[ts], E1_BLOCK_OCTETS);
}

void peer_block(struct peer *p, int64_t now_us)
{
	p->e1->ops->run(p->e1, now_us, block, p);
}

void peer_listen(struct peer *p, unsigned ts, uint8_t says)
{
	p->says[ts] = says;
	p->e1->ops->ts_enable(p->e1, ts, true);
}

void peer_send_list(struct peer *p, uint16_t ref, const struct ie *elements)
{
	uint8_t octets[Q931_MAX];

	peer_send_octets(p, octets, q931_encode(ref, elements, octets));
}

void peer_send_octets(struct peer *p, const uint8_t *octets, size_t len)
{
	p->sent++;
	lapd_send(&p->lapd, p->now_us, octets, len);
}

static struct peer_frame *take(struct peer *p, int64_t within_us)
{
	int64_t until_us = p->now_us + within_us;
	struct peer_frame *frame;

	while (!p->waiting && p->now_us < until_us)
		p->wait(p->arg, until_us);
	if (!p->waiting)
		return NULL;
	frame = &p->inbox[p->first];
	p->first = (p->first + 1) % PEER_INBOX;
	p->waiting--;
	q931_decode(&p->last, frame->octets, frame->len);
	p->last_us = frame->at_us;
	return frame;
}

bool peer_next(struct peer *p, int64_t within_us)
{
	return take(p, within_us) != NULL;
}

uint16_t peer_expect_list(struct peer *p, const char *file, int line, int64_t within_us,
			  uint16_t ref, const struct ie *expected)
{
	const struct peer_frame *frame = take(p, within_us);
	const char *why = frame ? q931_differs(&p->last, ref, expected) : "nothing came";

	if (!why)
		return p->last.ref;
	fprintf(stderr, "# %s:%d: %s: %s\n", file, line, p->name, why);
	q931_print_expected(stderr, ref, expected);
	if (frame)
		q931_print(stderr, "received", frame->octets, frame->len);
	p->fail(file, line);
	return p->last.ref;
}

void peer_expect_silence_at(struct peer *p, const char *file, int line, int64_t us)
{
	const struct peer_frame *frame = take(p, us);

	if (!frame)
		return;
	fprintf(stderr, "# %s:%d: %s: a message where none is due\n", file, line, p->name);
	q931_print(stderr, "received", frame->octets, frame->len);
	p->fail(file, line);
}
