/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Looks at the machine for the doctor: driver, sockets, files, who holds what. Blocks; changes
 * nothing (a SIP port is bound for a moment, when no gateway runs). What the running gateway says
 * is filled in by who asked it.
 */
#ifndef GATEWAY_DOCTOR_DOCTOR_GATHER_H
#define GATEWAY_DOCTOR_DOCTOR_GATHER_H

#include "gateway/doctor/doctor.h"

/* For config (outlives the facts; NULL: none): the spans as wanted and as the driver has them, who
 * holds channels. 0 or -ENOMEM; either way doctor_facts_free(). */
int doctor_gather_driver(struct doctor_facts *f, const char *config_name,
			 const struct config *config);
/* Ports, files, rights. Behind doctor_gather_driver() and after f->core is known. */
int doctor_gather_host(struct doctor_facts *f);
void doctor_facts_free(struct doctor_facts *f);

/* Processes that have a file open whose link begins with prefix ("/dev/dahdi/", "socket:[123]").
 * Without root only one's own are seen. Returns how many. */
unsigned doctor_find_holders(const char *prefix, struct doctor_program *out, unsigned max);
/* The inode of the UDP socket at that port, from the text of /proc/net/udp; 0: none. */
unsigned long doctor_udp_inode(const char *text, uint16_t port);

#endif
