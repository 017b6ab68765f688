/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "gateway/base/strbuf.h"
#include "gateway/cli/cli.h"

enum { ANSWER_MS = 10000, LINE_MAX_OCTETS = 16 << 20 };

static const char *advice(int err)
{
	switch (err) {
	case ENOENT:
	case ECONNREFUSED:
		return "is spanbridged running? Another socket is named with --socket PATH";
	case EACCES:
	case EPERM:
		return "your user may not use it; try with sudo, or join the socket's group";
	default:
		return "is this the control socket of spanbridged?";
	}
}

static bool dial(struct cli *c)
{
	struct sockaddr_un addr = {.sun_family = AF_UNIX};
	int err;

	if (c->fd >= 0)
		return true;
	if (!str_copy(addr.sun_path, sizeof(addr.sun_path), c->socket)) {
		fprintf(stderr, "spanbridge: the path of a socket has at most %zu octets: %s\n",
			sizeof(addr.sun_path) - 1, c->socket);
		return false;
	}
	c->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	err = c->fd < 0 ? errno : 0;
	if (!err && connect(c->fd, (struct sockaddr *)&addr, sizeof(addr)) < 0)
		err = errno;
	if (!err)
		return true;
	fprintf(stderr, "spanbridge: cannot reach the core: %s\n  tried %s: %s\n", strerror(err),
		c->socket, advice(err));
	cli_hang_up(c);
	return false;
}

void cli_hang_up(struct cli *c)
{
	if (c->fd >= 0)
		close(c->fd);
	c->fd = -1;
	free(c->in);
	c->in = NULL;
	c->in_len = c->in_size = 0;
}

static bool make_room(struct cli *c)
{
	size_t size = c->in_size ? c->in_size * 2 : 65536;
	char *in;

	if (c->in_len < c->in_size)
		return true;
	in = size <= LINE_MAX_OCTETS ? realloc(c->in, size) : NULL;
	if (!in)
		return false;
	c->in = in;
	c->in_size = size;
	return true;
}

/* More octets from the core; false: told. */
static bool read_more(struct cli *c, bool patient)
{
	struct pollfd p = {.fd = c->fd, .events = POLLIN};
	ssize_t n;
	int ready;

	do
		ready = poll(&p, 1, patient ? -1 : ANSWER_MS);
	while (ready < 0 && errno == EINTR);
	if (ready == 0) {
		fprintf(stderr,
			"spanbridge: the core has not answered for %d s; it may be stopped or "
			"overloaded\n",
			ANSWER_MS / 1000);
		return false;
	}
	if (!make_room(c)) {
		fprintf(stderr, "spanbridge: the answer is too long\n");
		return false;
	}
	n = read(c->fd, c->in + c->in_len, c->in_size - c->in_len);
	if (n <= 0) {
		fprintf(stderr, "spanbridge: the core closed the connection%s%s\n",
			n < 0 ? ": " : "; it may have too many clients, or have ended",
			n < 0 ? strerror(errno) : "");
		return false;
	}
	c->in_len += (size_t)n;
	return true;
}

json_t *cli_hear(struct cli *c, bool patient)
{
	json_error_t error;
	char *end = NULL;
	json_t *o;
	size_t seen = 0;

	while (!c->in_len || !(end = memchr(c->in + seen, '\n', c->in_len - seen))) {
		seen = c->in_len;
		if (!read_more(c, patient))
			return NULL;
	}
	o = json_loadb(c->in, (size_t)(end - c->in), 0, &error);
	if (!o)
		fprintf(stderr, "spanbridge: this is not the control socket of spanbridged: %s\n",
			error.text);
	c->in_len -= (size_t)(end + 1 - c->in);
	memmove(c->in, end + 1, c->in_len);
	return o;
}

static bool say(struct cli *c, const char *cmd, json_t *args)
{
	json_t *o = args ? args : json_object();
	size_t len = 0, done = 0;
	char *line;

	json_object_set_new(o, "id", json_integer(1));
	json_object_set_new(o, "cmd", json_string(cmd));
	line = json_dumps(o, JSON_COMPACT);
	json_decref(o);
	if (line) {
		len = strlen(line);
		line[len++] = '\n';
	}
	while (done < len) {
		ssize_t n = send(c->fd, line + done, len - done, MSG_NOSIGNAL);

		if (n < 0 && errno != EINTR) {
			fprintf(stderr, "spanbridge: the core closed the connection: %s\n",
				strerror(errno));
			break;
		}
		done += n > 0 ? (size_t)n : 0;
	}
	free(line);
	return len && done == len;
}

json_t *cli_ask(struct cli *c, const char *cmd, json_t *args)
{
	char text[600];
	json_t *o, *result;

	if (!dial(c)) {
		json_decref(args);
		return NULL;
	}
	o = say(c, cmd, args) ? cli_hear(c, false) : NULL;
	if (!o)
		return NULL;
	result = json_object_get(o, "result");
	if (json_is_true(json_object_get(o, "ok")) && result)
		json_incref(result);
	else
		fprintf(stderr, "spanbridge: %s\n",
			cli_clean(text, sizeof(text), cli_text(o, "error")));
	json_decref(o);
	return result;
}

json_t *cli_ask_rows(struct cli *c, const char *cmd)
{
	json_t *rows = json_array(), *next = json_integer(0);

	while (json_is_integer(next)) {
		json_t *page = cli_ask(c, cmd, json_pack("{s:O}", "page", next));

		json_decref(next);
		if (!page) {
			json_decref(rows);
			return NULL;
		}
		json_array_extend(rows, json_object_get(page, "rows"));
		next = json_incref(json_object_get(page, "next"));
		json_decref(page);
	}
	json_decref(next);
	return rows;
}
