/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A folder of the test's own, with room for one socket span's path. */
#ifndef TESTS_UNIT_T1E1_SCRATCH_H
#define TESTS_UNIT_T1E1_SCRATCH_H

struct scratch {
	char folder[32];
	char path[40]; /* of a socket in it */
};

void scratch_init(struct scratch *s);
/* Fails the test if anything but `path` was left. */
void scratch_fini(struct scratch *s);

#endif
