/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/media_bridge/port_pool.h"

#include <errno.h>
#include <stdlib.h>

int port_pool_init(struct port_pool *p, uint16_t port_min, uint16_t port_max, struct rng *rng)
{
	unsigned first = (port_min + 1u) / 2 * 2;

	*p = (struct port_pool){0};
	if (first == 0)
		first = 2;
	if (first + 1 > port_max)
		return -EINVAL;
	p->pairs = (port_max - first + 1) / 2;
	p->even = calloc(p->pairs, sizeof(*p->even));
	if (!p->even)
		return -ENOMEM;
	for (unsigned i = 0; i < p->pairs; i++) { /* Fisher and Yates, inside out */
		unsigned at = rng_below(rng, i + 1);

		p->even[i] = p->even[at];
		p->even[at] = (uint16_t)(first + 2 * i);
	}
	p->free = p->pairs;
	return 0;
}

void port_pool_fini(struct port_pool *p)
{
	free(p->even);
	p->even = NULL;
}

uint16_t port_pool_take(struct port_pool *p)
{
	uint16_t even;

	if (p->free == 0)
		return 0;
	even = p->even[p->head];
	p->head = (p->head + 1) % p->pairs;
	p->free--;
	return even;
}

void port_pool_give(struct port_pool *p, uint16_t even)
{
	p->even[(p->head + p->free) % p->pairs] = even;
	p->free++;
}
