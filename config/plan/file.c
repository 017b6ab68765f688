/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files that a number plan names: lists, profiles, time zones. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config/plan/read.h"
#include "gateway/base/strbuf.h"

void *plan_map_file(const char *path, size_t most, size_t *len, const char **why)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat st;
	void *at = NULL;

	*why = NULL;
	if (fd < 0) {
		*why = strerror(errno);
		return NULL;
	}
	if (fstat(fd, &st))
		*why = strerror(errno);
	else if (!S_ISREG(st.st_mode))
		*why = "not a regular file";
	else if (st.st_size == 0)
		*why = "the file is empty";
	else if ((uintmax_t)st.st_size > most)
		*why = "the file is too long";
	if (!*why) {
		*len = (size_t)st.st_size;
		at = mmap(NULL, *len, PROT_READ, MAP_PRIVATE, fd, 0);
		if (at == MAP_FAILED) {
			*why = strerror(errno);
			at = NULL;
		}
	}
	close(fd);
	return at;
}

void plan_path_beside(const struct build *b, const char *file, char *out, size_t size)
{
	const char *slash = strrchr(b->report->file, '/');
	struct strbuf s;

	strbuf_init(&s, out, size);
	if (*file != '/' && slash)
		strbuf_add_n(&s, b->report->file, (size_t)(slash - b->report->file) + 1);
	strbuf_add(&s, file);
}
