/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Records what the kernel says of spans and channels, for tests/unit/t1e1/recorded/: each ioctl
 * structure into a file of its own, octet for octet.
 *   record FOLDER NAME span N | channel N | proc N
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <dahdi/user.h>

static int fail(const char *what)
{
	fprintf(stderr, "record: %s: %s\n", what, strerror(errno));
	return 1;
}

static int write_file(const char *folder, const char *name, const void *octets, size_t size)
{
	char path[300];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	f = fopen(path, "wb");
	if (!f || fwrite(octets, 1, size, f) != size)
		return fail(path);
	return fclose(f) ? fail(path) : 0;
}

static int record_span(const char *folder, const char *name, int number)
{
	struct dahdi_spaninfo info = {.spanno = number};
	int fd = open("/dev/dahdi/ctl", O_RDWR);

	if (fd < 0 || ioctl(fd, DAHDI_SPANSTAT, &info))
		return fail("DAHDI_SPANSTAT");
	return write_file(folder, name, &info, sizeof(info));
}

static int record_channel(const char *folder, const char *name, int number)
{
	struct dahdi_params params = {.channo = number};
	int fd = open("/dev/dahdi/ctl", O_RDWR);

	if (fd < 0 || ioctl(fd, DAHDI_GET_PARAMS, &params))
		return fail("DAHDI_GET_PARAMS");
	return write_file(folder, name, &params, sizeof(params));
}

static int record_proc(const char *folder, const char *name, int number)
{
	static char text[65536];
	char path[40];
	size_t n;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/dahdi/%d", number);
	f = fopen(path, "r");
	if (!f)
		return fail(path);
	n = fread(text, 1, sizeof(text), f);
	return write_file(folder, name, text, n);
}

int main(int argc, char **argv)
{
	static const struct {
		const char *what;
		int (*record)(const char *folder, const char *name, int number);
	} known[] = {{"span", record_span}, {"channel", record_channel}, {"proc", record_proc}};

	for (unsigned i = 0; argc == 5 && i < 3; i++)
		if (strcmp(known[i].what, argv[3]) == 0)
			return known[i].record(argv[1], argv[2], atoi(argv[4]));
	fprintf(stderr, "usage: record FOLDER NAME span|channel|proc NUMBER\n");
	return 2;
}
