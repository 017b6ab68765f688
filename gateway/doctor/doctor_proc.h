/* SPDX-License-Identifier: GPL-2.0-or-later */
/* /proc, as far as the doctor reads it. Private to gateway/doctor/. */
#ifndef GATEWAY_DOCTOR_DOCTOR_PROC_H
#define GATEWAY_DOCTOR_DOCTOR_PROC_H

#include <stdbool.h>

/* The text of a file of /proc, malloced, at most 1 MiB; NULL: it cannot be read. */
char *doctor_read_file(const char *path);
/* Does a list of ports ("1-5,7") hold all from min to max? */
bool doctor_ports_cover(const char *list, unsigned min, unsigned max);

#endif
