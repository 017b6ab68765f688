/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Each row of message_table.tsv: which message makes which on the other side, octet for octet. A
 * row is driven with the gateway as user (span 1) and as network (span 2) unless it names one. */
#include <string.h>

#include "tests/peer_isdn/bed.h"
#include "tests/peer_isdn/message_rows.h"
#include "tests/peer_isdn/rows.h"

static const struct {
	const char *name;
	void (*drive)(unsigned span);
} drivers[] = {
#define MESSAGE_ROW(name) {#name, message_##name},
    MESSAGE_ROWS
#undef MESSAGE_ROW
};

static void drive(const char *name, unsigned span)
{
	for (size_t i = 0; i < sizeof(drivers) / sizeof(drivers[0]); i++)
		if (strcmp(drivers[i].name, name) == 0) {
			bed_begin(NULL);
			drivers[i].drive(span);
			bed_end();
			return;
		}
	fail_msg("nothing drives the row '%s'", name);
}

static void row(void **state)
{
	const struct row *r = *state;

	if (strcmp(r->cell[1], "network") != 0)
		drive(r->cell[0], 1);
	if (strcmp(r->cell[1], "user") != 0)
		drive(r->cell[0], 2);
}

int main(int argc, char **argv)
{
	static struct row rows[ROWS_MAX];

	if (argc != 2)
		return 2;
	return rows_run("peer_isdn messages", rows, rows_read(argv[1], '\t', rows), row);
}
