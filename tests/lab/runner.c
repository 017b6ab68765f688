/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The lab without the rest of the command line: `lab-runner lab …`, `lab-runner sip-peer …`. */
#include <stdio.h>
#include <string.h>

#include "gateway/lab/lab.h"

int main(int argc, char **argv)
{
	if (argc > 1 && strcmp(argv[1], "lab") == 0)
		return lab_main(argc - 1, argv + 1);
	if (argc > 1 && strcmp(argv[1], "sip-peer") == 0)
		return sip_peer_main(argc - 1, argv + 1);
	fprintf(stderr, "usage: lab-runner lab|sip-peer …\n");
	return 2;
}
