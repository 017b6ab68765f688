/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "gateway/doctor/doctor_proc.h"

#include <ctype.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "gateway/base/strbuf.h"
#include "gateway/doctor/doctor_gather.h"

enum { FILE_OCTETS_MAX = 1 << 20, LINK_OCTETS = 128, PROC_PATH = 300 };

char *doctor_read_file(const char *path)
{
	char *text = malloc(FILE_OCTETS_MAX + 1);
	FILE *f = text ? fopen(path, "re") : NULL;

	if (!f) {
		free(text);
		return NULL;
	}
	text[fread(text, 1, FILE_OCTETS_MAX, f)] = '\0';
	fclose(f);
	return text;
}

/* "  sl  local_address …\n   12: 0100007F:13C4 00000000:0000 07 … uid timeout inode": the local
 * port is behind the second colon, in hexadecimal; the inode is the tenth word. */
unsigned long doctor_udp_inode(const char *text, uint16_t port)
{
	for (const char *line = strchr(text, '\n'); line; line = strchr(line, '\n')) {
		unsigned long inode;
		unsigned local;

		line++;
		if (sscanf(line, " %*u: %*32[0-9A-Fa-f]:%4x %*s %*s %*s %*s %*s %*u %*u %lu",
			   &local, &inode) == 2 &&
		    local == port)
			return inode;
	}
	return 0;
}

bool doctor_ports_cover(const char *list, unsigned min, unsigned max)
{
	unsigned next = min; /* lowest one that is not covered; the kernel keeps the list sorted */

	while (*list) {
		char *end;
		unsigned long first = strtoul(list, &end, 10), last = first;

		if (end == list)
			break;
		if (*end == '-')
			last = strtoul(end + 1, &end, 10);
		if (first <= next && last >= next)
			next = (unsigned)last + 1;
		list = *end ? end + 1 : end;
	}
	return next > max;
}

static bool holds(const char *pid, const char *prefix)
{
	char path[PROC_PATH], link[LINK_OCTETS];
	const struct dirent *e;
	bool found = false;
	DIR *d;

	snprintf(path, sizeof(path), "/proc/%.20s/fd", pid);
	d = opendir(path);
	while (d && !found && (e = readdir(d))) {
		ssize_t n;

		snprintf(path, sizeof(path), "/proc/%.20s/fd/%.20s", pid, e->d_name);
		n = readlink(path, link, sizeof(link) - 1);
		if (n <= 0)
			continue;
		link[n] = '\0';
		found = strncmp(link, prefix, strlen(prefix)) == 0;
	}
	if (d)
		closedir(d);
	return found;
}

unsigned doctor_find_holders(const char *prefix, struct doctor_program *out, unsigned max)
{
	DIR *d = opendir("/proc");
	const struct dirent *e;
	unsigned count = 0;

	while (d && count < max && (e = readdir(d))) {
		char path[PROC_PATH], *name;
		int pid = atoi(e->d_name);

		if (!isdigit((unsigned char)e->d_name[0]) || pid == getpid() ||
		    !holds(e->d_name, prefix))
			continue;
		snprintf(path, sizeof(path), "/proc/%d/comm", pid);
		name = doctor_read_file(path);
		out[count].pid = pid;
		if (name)
			name[strcspn(name, "\n")] = '\0';
		str_copy(out[count++].name, DOCTOR_NAME, name ? name : "?");
		free(name);
	}
	if (d)
		closedir(d);
	return count;
}
