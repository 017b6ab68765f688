/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config/config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config/build.h"

static void build_all(struct build *b)
{
	if (b->root->kind != NODE_MAP) {
		COMPLAIN(b, b->root,
			 "the file must begin with a key; it needs spans:, trunks: and plan:");
		return;
	}
	schema_read(b->report, b->root, NULL, "the configuration", schema_top, b->top);
	build_causes(b);
	build_spans(b);
	build_trunks(b);
	build_rtp(b);
	build_files(b);
	build_limits(b);
	build_dns(b);
	build_plan(b); /* it needs all spans and trunks */
	build_cases(b); /* last: a call goes through the whole plan */
}

int config_parse(struct config **out, const char *name, const char *text, size_t len,
		 config_error_fn on_error, void *arg)
{
	struct report report = {.file = name};
	struct arena arena = {0};
	struct build b = {.report = &report, .arena = &arena};
	int mistakes;

	b.config = calloc(1, sizeof(*b.config));
	if (!b.config)
		report_add(&report, 0, 0, "out of memory");
	else if (len > CONFIG_FILE_MAX)
		report_add(&report, 0, 0, "longer than %d octets; long lists of numbers belong into CSV files "
			   "(numbers.lists)",
			   CONFIG_FILE_MAX);
	else
		b.root = tree_parse(&arena, &report, text, len);
	if (b.root)
		build_all(&b);
	mistakes = (int)report_flush(&report, on_error, arg);
	arena_free(&arena);
	if (mistakes) {
		config_destroy(b.config);
		return mistakes;
	}
	*out = b.config;
	return 0;
}

/* Octets read into text[CONFIG_FILE_MAX + 1], or -errno. */
static ssize_t read_all(int fd, char *text)
{
	size_t len = 0;

	while (len <= CONFIG_FILE_MAX) {
		ssize_t n = read(fd, text + len, CONFIG_FILE_MAX + 1 - len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			break;
		len += (size_t)n;
	}
	return (ssize_t)len;
}

/* Regular files only: a FIFO or a terminal could keep us waiting. */
ssize_t config_read_file(const char *path, char *text, const char **why)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat st;
	ssize_t n;

	*why = NULL;
	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) < 0) {
		n = -errno;
	} else if (!S_ISREG(st.st_mode)) {
		*why = "not a regular file";
		n = -EINVAL;
	} else {
		n = read_all(fd, text);
	}
	close(fd);
	return n;
}

int config_load(struct config **out, const char *path, config_error_fn on_error, void *arg)
{
	char *text = malloc(CONFIG_FILE_MAX + 1);
	struct report report = {.file = path};
	const char *why = NULL;
	ssize_t n = text ? config_read_file(path, text, &why) : -ENOMEM;
	int mistakes;

	if (n < 0) {
		report_add(&report, 0, 0, "cannot be read: %s", why ? why : strerror((int)-n));
		mistakes = (int)report_flush(&report, on_error, arg);
	} else {
		mistakes = config_parse(out, path, text, (size_t)n, on_error, arg);
	}
	free(text);
	return mistakes;
}

void config_destroy(struct config *c)
{
	if (!c)
		return;
	plan_destroy(c->plan);
	for (struct config_profile *own = c->profiles; own;) {
		struct config_profile *next = own->next;

		free(own);
		own = next;
	}
	for (unsigned i = 0; i < c->trunk_count; i++)
		free(c->trunk[i].causes);
	free(c->causes);
	free(c->span);
	free(c->trunk);
	free(c->socket);
	free(c);
}
