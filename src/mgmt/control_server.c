/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/mgmt/control_server.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "gateway/base/strbuf.h"

/* A client that leaves so much unread gets nothing more until it reads. */
enum { UNREAD_MAX = 256 * 1024, BACKLOG = 16 };

struct client {
	uv_pipe_t pipe;
	struct control_server *server;
	LIST_ENTRY(client) entry;
	char in[CONTROL_LINE_MAX + 1]; /* the begun line and what came with it */
	size_t in_len;
	bool reading, closing, cut; /* cut: closed as soon as the last answer is out */
	bool subscribed;
	uint64_t next; /* event to send next */
	enum log_level level;
	bool tracing;
	uint64_t trace_next; /* message to look at next */
	struct control_trace filter;
	uint32_t number; /* never 0 */
	bool asked;
	struct control_services services; /* that it answers for */
};

struct control_server {
	uv_pipe_t pipe;
	uv_prepare_t prepare;
	uv_loop_t *loop;
	const struct control_view *view;
	char path[sizeof(((struct sockaddr_un *)0)->sun_path)];
	dev_t dev; /* of our socket file: another core may have replaced it */
	ino_t ino;
	bool bound, destroyed;
	uint32_t last_number;
	unsigned handles; /* not yet closed by libuv; the last one frees the server */
	LIST_HEAD(, client) clients;
	struct control_server_counters counters;
};

struct write {
	uv_write_t req;
	struct client *client;
	char *text; /* malloced */
};

static void release(struct control_server *s)
{
	if (--s->handles == 0 && s->destroyed)
		free(s);
}

static void on_client_closed(uv_handle_t *handle)
{
	struct client *c = handle->data;
	struct control_server *s = c->server;

	/* Here, as close_client() may run inside control_server_ask(). */
	if (c->asked && !s->destroyed)
		s->view->lookup_lost(s->view->arg, c->number);
	free(c);
	release(s);
}

static void close_client(struct client *c)
{
	if (c->closing)
		return;
	c->closing = true;
	LIST_REMOVE(c, entry);
	c->server->counters.clients--;
	uv_close((uv_handle_t *)&c->pipe, on_client_closed);
}

static size_t unread(struct client *c)
{
	return uv_stream_get_write_queue_size((uv_stream_t *)&c->pipe);
}

static void serve(struct client *c);

static void on_written(uv_write_t *req, int status)
{
	struct write *w = req->data;
	struct client *c = w->client;

	free(w->text);
	free(w);
	if (status < 0 || (c->cut && unread(c) == 0))
		close_client(c);
	else
		serve(c);
}

/* Takes text over; adds the end of the line in place of the NUL. */
static void send_line(struct client *c, char *text)
{
	struct write *w = text && !c->closing ? malloc(sizeof(*w)) : NULL;
	size_t len = text ? strlen(text) : 0;
	uv_buf_t buf;

	if (!w) {
		free(text);
		close_client(c);
		return;
	}
	*w = (struct write){.client = c, .text = text};
	w->req.data = w;
	text[len] = '\n';
	buf = uv_buf_init(text, (unsigned)len + 1);
	if (uv_write(&w->req, (uv_stream_t *)&c->pipe, &buf, 1, on_written)) {
		free(w->text);
		free(w);
		close_client(c);
	}
}

static void answer(struct client *c, const char *line, size_t len)
{
	struct control_answer a;

	c->server->counters.requests++;
	control_handle(c->server->view, line, len, &a);
	if (a.subscribe) {
		c->subscribed = true;
		c->next = a.from;
		c->level = a.level;
	}
	if (a.trace) {
		c->tracing = true;
		c->trace_next = a.trace_from;
		c->filter = a.filter;
	}
	if (a.lookup)
		c->services = a.services;
	send_line(c, a.text);
}

static bool serves(const struct client *c, const char *service)
{
	for (unsigned i = 0; i < c->services.count; i++)
		if (strcmp(c->services.name[i], service) == 0)
			return true;
	return false;
}

uint32_t control_server_ask(struct control_server *s, const struct lookup_question *q)
{
	struct client *c;

	LIST_FOREACH(c, &s->clients, entry) /* the newest first */
	{
		if (c->cut || !serves(c, q->where) || unread(c) >= UNREAD_MAX)
			continue;
		c->asked = true;
		send_line(c, control_lookup_line(q));
		return c->closing ? 0 : c->number; /* it is freed by libuv, not here */
	}
	return 0;
}

static void send_events(struct client *c)
{
	const struct log_tail *tail = c->server->view->log;
	uint64_t end = log_tail_next(tail), first = log_tail_first(tail);
	struct log_event event;

	if (c->next < first && unread(c) < UNREAD_MAX) {
		c->server->counters.events_lost += first - c->next;
		send_line(c, control_lost_line(first - c->next));
		c->next = first;
	}
	for (; !c->closing && c->next < end && unread(c) < UNREAD_MAX; c->next++)
		if (log_tail_get(tail, c->next, &event) && event.level <= c->level)
			send_line(c, control_event_line(&event, c->next));
}

static void send_trace(struct client *c)
{
	const struct trace *t = c->server->view->trace;
	uint64_t end = trace_next(t), first = trace_first(t);
	struct trace_event e;

	if (c->trace_next < first && unread(c) < UNREAD_MAX) {
		c->server->counters.events_lost += first - c->trace_next;
		send_line(c, control_lost_line(first - c->trace_next));
		c->trace_next = first;
	}
	for (; !c->closing && c->trace_next < end && unread(c) < UNREAD_MAX; c->trace_next++) {
		bool failed = false;
		char *text = NULL;

		if (trace_get(t, c->trace_next, &e))
			text = control_trace_line(&e, c->trace_next, &c->filter, &failed);
		if (text || failed)
			send_line(c, text);
	}
}

/* Answers the whole lines that are there, as long as the client reads what it gets. */
static void answer_lines(struct client *c)
{
	size_t done = 0;
	char *end;

	while (!c->closing && !c->cut && unread(c) < UNREAD_MAX &&
	       (end = memchr(c->in + done, '\n', c->in_len - done))) {
		size_t len = (size_t)(end - (c->in + done));

		if (len && !(len == 1 && c->in[done] == '\r'))
			answer(c, c->in + done, len);
		done += len + 1;
	}
	c->in_len -= done;
	memmove(c->in, c->in + done, c->in_len);
	if (!c->closing && !c->cut && c->in_len == sizeof(c->in) &&
	    !memchr(c->in, '\n', c->in_len)) {
		c->server->counters.too_long++;
		c->cut = true;
		answer(c, c->in, c->in_len);
	}
}

static void on_room(uv_handle_t *handle, size_t suggested, uv_buf_t *buf)
{
	struct client *c = handle->data;

	*buf = uv_buf_init(c->in + c->in_len, (unsigned)(sizeof(c->in) - c->in_len));
}

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
	struct client *c = stream->data;

	if (n < 0) {
		close_client(c);
		return;
	}
	c->in_len += (size_t)n;
	serve(c);
}

/* Everything that can be done for a client now; reading stops while it does not read itself. */
static void serve(struct client *c)
{
	bool read;

	if (c->closing)
		return;
	answer_lines(c);
	if (!c->closing && c->subscribed && !c->cut)
		send_events(c);
	if (!c->closing && c->tracing && !c->cut)
		send_trace(c);
	if (c->closing)
		return;
	read = !c->cut && unread(c) < UNREAD_MAX && c->in_len < sizeof(c->in);
	if (read && !c->reading && uv_read_start((uv_stream_t *)&c->pipe, on_room, on_read))
		close_client(c);
	else if (!read && c->reading)
		uv_read_stop((uv_stream_t *)&c->pipe);
	c->reading = read;
}

static void on_connection(uv_stream_t *listener, int status)
{
	struct control_server *s = listener->data;
	struct client *c = status == 0 ? calloc(1, sizeof(*c)) : NULL;

	if (!c)
		return;
	c->server = s;
	if (uv_pipe_init(s->loop, &c->pipe, 0)) {
		free(c);
		return;
	}
	s->handles++;
	c->pipe.data = c;
	s->counters.clients++;
	c->number = ++s->last_number ? s->last_number : ++s->last_number;
	LIST_INSERT_HEAD(&s->clients, c, entry);
	if (uv_accept(listener, (uv_stream_t *)&c->pipe)) {
		close_client(c);
	} else if (s->counters.clients > CONTROL_CLIENTS_MAX) {
		s->counters.refused++;
		close_client(c);
	} else {
		s->counters.accepted++;
		serve(c);
	}
}

void control_server_turn(struct control_server *s)
{
	struct client *c, *next;

	for (c = LIST_FIRST(&s->clients); c; c = next) {
		next = LIST_NEXT(c, entry);
		if ((c->subscribed && c->next < log_tail_next(s->view->log)) ||
		    (c->tracing && c->trace_next < trace_next(s->view->trace)))
			serve(c);
	}
}

static void on_prepare(uv_prepare_t *handle)
{
	control_server_turn(handle->data);
}

static int fail(char *why, size_t why_size, const char *path, const char *text, int err)
{
	struct strbuf b;

	strbuf_init(&b, why, why_size);
	strbuf_addf(&b, "control socket %s: %s", path, text ? text : strerror(-err));
	return err;
}

/* 0: the way is free. A socket that refuses belongs to a core that has died. */
static int remove_stale(const struct sockaddr_un *addr, const char **text)
{
	struct stat st;
	int fd, err;

	if (lstat(addr->sun_path, &st) < 0)
		return errno == ENOENT ? 0 : -errno;
	if (!S_ISSOCK(st.st_mode)) {
		*text = "there is a file that is no socket; remove it or choose another path";
		return -EEXIST;
	}
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	err = connect(fd, (const struct sockaddr *)addr, sizeof(*addr)) < 0 ? errno : 0;
	close(fd);
	if (err == ECONNREFUSED)
		return unlink(addr->sun_path) < 0 && errno != ENOENT ? -errno : 0;
	if (err == 0 || err == EAGAIN) {
		*text = "another core answers there; stop it or choose another path";
		return -EADDRINUSE;
	}
	return -err;
}

/* Our own bind, because libuv would remove the file at its close even if it is another's by then.
 * The mask makes the file 0660 from its first moment. */
static int make_socket(struct control_server *s, const struct sockaddr_un *addr)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), err;
	struct stat st;
	mode_t mask;

	if (fd < 0)
		return -errno;
	mask = umask(0117);
	err = bind(fd, (const struct sockaddr *)addr, sizeof(*addr)) < 0 ? -errno : 0;
	umask(mask);
	if (!err) {
		s->bound = true;
		if (lstat(s->path, &st) == 0) {
			s->dev = st.st_dev;
			s->ino = st.st_ino;
		}
		err = uv_pipe_open(&s->pipe, fd);
	}
	if (err)
		close(fd);
	return err ? err : uv_listen((uv_stream_t *)&s->pipe, BACKLOG, on_connection);
}

int control_server_create(struct control_server **out, uv_loop_t *loop, const char *path,
			  const struct control_view *view, char *why, size_t why_size)
{
	struct sockaddr_un addr = {.sun_family = AF_UNIX};
	struct control_server *s;
	const char *text = NULL;
	int err;

	if (!str_copy(addr.sun_path, sizeof(addr.sun_path), path))
		return fail(why, why_size, path, "the path is too long", -ENAMETOOLONG);
	err = remove_stale(&addr, &text);
	if (err)
		return fail(why, why_size, path, text, err);
	s = calloc(1, sizeof(*s));
	if (!s)
		return fail(why, why_size, path, NULL, -ENOMEM);
	s->loop = loop;
	s->view = view;
	memcpy(s->path, addr.sun_path, sizeof(s->path));
	LIST_INIT(&s->clients);
	uv_pipe_init(loop, &s->pipe, 0);
	uv_prepare_init(loop, &s->prepare);
	s->handles = 2;
	s->pipe.data = s->prepare.data = s;
	/* A client that goes away while we write must not end the gateway. */
	signal(SIGPIPE, SIG_IGN);
	err = make_socket(s, &addr);
	if (err) {
		control_server_destroy(s);
		return fail(why, why_size, path, NULL, err);
	}
	uv_prepare_start(&s->prepare, on_prepare);
	uv_unref((uv_handle_t *)&s->prepare);
	*out = s;
	return 0;
}

static void on_closed(uv_handle_t *handle)
{
	release(handle->data);
}

void control_server_destroy(struct control_server *s)
{
	struct stat st;

	if (!s)
		return;
	if (s->bound && lstat(s->path, &st) == 0 && st.st_dev == s->dev && st.st_ino == s->ino)
		unlink(s->path);
	while (!LIST_EMPTY(&s->clients))
		close_client(LIST_FIRST(&s->clients));
	s->destroyed = true;
	uv_close((uv_handle_t *)&s->pipe, on_closed);
	uv_close((uv_handle_t *)&s->prepare, on_closed);
}

const struct control_server_counters *control_server_counters(const struct control_server *s)
{
	return &s->counters;
}
