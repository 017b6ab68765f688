/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/mgmt/append_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "gateway/base/strbuf.h"

static bool is_regular(int fd, off_t *size)
{
	struct stat st;

	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		return false;
	*size = st.st_size;
	return true;
}

/* A program that was killed may have left half a line: it must not swallow our first one. */
static void end_torn_line(int fd)
{
	off_t size;
	char last;

	if (is_regular(fd, &size) && size > 0 && pread(fd, &last, 1, size - 1) == 1 &&
	    last != '\n' && write(fd, "\n", 1) < 0)
		return; /* the disk refuses: the first flush will say so */
}

/* O_NONBLOCK: a FIFO without a reader must not hold the writer. Regular files ignore it. */
static int open_path(struct append_file *f)
{
	int flags = O_CREAT | O_APPEND | O_CLOEXEC | O_NONBLOCK;

	if (!*f->path) {
		f->fd = STDERR_FILENO;
		return 0;
	}
	flags |= f->replace ? O_WRONLY | O_TRUNC : O_RDWR;
	f->fd = open(f->path, flags, 0640);
	if (f->fd < 0 && !f->replace && errno == EACCES)
		f->fd = open(f->path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NONBLOCK, 0640);
	if (f->fd < 0)
		return -errno;
	if (f->lines)
		end_torn_line(f->fd);
	return 0;
}

static void close_path(struct append_file *f)
{
	if (f->fd >= 0 && *f->path)
		close(f->fd);
	f->fd = -1;
}

int append_file_init(struct append_file *f, const char *path, size_t spool_octets, bool lines,
		     bool replace)
{
	memset(f, 0, sizeof(*f));
	f->fd = -1;
	f->lines = lines;
	f->replace = replace;
	if (path && !str_copy(f->path, sizeof(f->path), path))
		return -ENAMETOOLONG;
	/* Pages that are never touched cost nothing: the spool may be large. */
	f->size = spool_octets;
	f->spool = malloc(spool_octets);
	return f->spool ? open_path(f) : -ENOMEM;
}

void append_file_fini(struct append_file *f)
{
	close_path(f);
	free(f->spool);
	f->spool = NULL;
	f->size = f->len = 0;
}

static void add_counter(_Atomic uint64_t *counter, uint64_t n)
{
	/* One writer: no read-modify-write is needed. */
	atomic_store_explicit(counter, atomic_load_explicit(counter, memory_order_relaxed) + n,
			      memory_order_relaxed);
}

bool append_file_add(struct append_file *f, const void *item, size_t len)
{
	/* A busy turn may fill the spool though the disk is well. */
	if (len > f->size - f->len && !atomic_load_explicit(&f->error, memory_order_relaxed))
		append_file_flush(f, f->retry_us);
	if (len > f->size - f->len) {
		add_counter(&f->lost, 1);
		return false;
	}
	memcpy(f->spool + f->len, item, len);
	f->len += len;
	f->items++;
	return true;
}

static void refuse(struct append_file *f, int64_t now_us, int error)
{
	add_counter(&f->failures, 1);
	atomic_store_explicit(&f->error, error, memory_order_relaxed);
	f->retry_us = now_us + APPEND_RETRY_US;
}

static uint64_t count_lines(const char *text, size_t len)
{
	const char *end = text + len, *nl;
	uint64_t n = 0;

	while ((nl = memchr(text, '\n', (size_t)(end - text)))) {
		n++;
		text = nl + 1;
	}
	return n;
}

/* The first n octets of the spool are in the file. */
static void consume(struct append_file *f, size_t n)
{
	uint64_t items = f->lines ? count_lines(f->spool, n) : n == f->len ? f->items : 0;

	add_counter(&f->written, items);
	f->items -= items;
	f->len -= n;
	memmove(f->spool, f->spool + n, f->len);
}

/* The disk took n octets and no more: leave whole items only. */
static void take_back(struct append_file *f, size_t n, bool regular, off_t before)
{
	const char *nl = f->lines ? memrchr(f->spool, '\n', n) : NULL;
	size_t whole = nl ? (size_t)(nl + 1 - f->spool) : 0;

	if (n == 0)
		return;
	if (regular && ftruncate(f->fd, before + (off_t)whole) == 0)
		n = whole;
	consume(f, n);
}

/* Standard error may be a pipe or a terminal that nobody reads, and is not ours to make
 * non-blocking: what poll() grants, up to PIPE_BUF, does not block. */
static ssize_t write_some(const struct append_file *f, const char *text, size_t len, bool regular)
{
	struct pollfd p = {.fd = f->fd, .events = POLLOUT};

	if (regular)
		return write(f->fd, text, len);
	if (poll(&p, 1, 0) <= 0) {
		errno = EAGAIN;
		return -1;
	}
	return write(f->fd, text, len < PIPE_BUF ? len : PIPE_BUF);
}

static void write_spool(struct append_file *f, int64_t now_us)
{
	off_t before = 0;
	bool regular = is_regular(f->fd, &before);
	size_t done = 0;

	while (done < f->len) {
		ssize_t n = write_some(f, f->spool + done, f->len - done, regular);
		int error = errno;

		if (n < 0 && error == EINTR)
			continue;
		if (n < 0) {
			take_back(f, done, regular, before);
			if (error != EAGAIN) /* a slow reader is no fault: it is tried again soon */
				refuse(f, now_us, error);
			return;
		}
		done += (size_t)n;
	}
	consume(f, done);
	atomic_store_explicit(&f->error, 0, memory_order_relaxed);
}

void append_file_flush(struct append_file *f, int64_t now_us)
{
	int err;

	if (f->len > 0 &&
	    (!atomic_load_explicit(&f->error, memory_order_relaxed) || now_us >= f->retry_us)) {
		err = f->fd < 0 ? open_path(f) : 0;
		if (err)
			refuse(f, now_us, -err);
		else
			write_spool(f, now_us);
	}
	atomic_store_explicit(&f->waiting, f->items, memory_order_relaxed);
}

bool append_file_was_renamed(const struct append_file *f)
{
	struct stat by_path, by_fd;

	return *f->path && (f->fd < 0 || stat(f->path, &by_path) < 0 || fstat(f->fd, &by_fd) < 0 ||
			    by_path.st_ino != by_fd.st_ino || by_path.st_dev != by_fd.st_dev);
}

void append_file_reopen(struct append_file *f, int64_t now_us)
{
	int err;

	close_path(f);
	err = open_path(f);
	if (err)
		refuse(f, now_us, -err);
	else
		atomic_store_explicit(&f->error, 0, memory_order_relaxed);
	append_file_flush(f, now_us);
}

void append_file_give_up(struct append_file *f)
{
	if (!f->items)
		return;
	add_counter(&f->lost, f->items);
	dprintf(STDERR_FILENO, "%s: %llu items could not be written: %s\n",
		*f->path ? f->path : "log", (unsigned long long)f->items,
		strerror(atomic_load_explicit(&f->error, memory_order_relaxed)));
	/* The last resort: whoever keeps our standard error keeps the records. */
	if (f->lines && *f->path && write(STDERR_FILENO, f->spool, f->len) < 0)
		return;
}
