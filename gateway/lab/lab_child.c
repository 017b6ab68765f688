/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "gateway/lab/lab_child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "gateway/base/strbuf.h"

void lab_child_init(struct lab_child *c, const char *name)
{
	memset(c, 0, sizeof(*c));
	c->name = name;
	c->in = c->out.fd = c->err.fd = -1;
}

static void run_child(char *const argv[], const int in[2], const int out[2], const int err[2],
		      pid_t parent)
{
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_DFL);
	setpgid(0, 0);
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != parent) /* it died before we could ask */
		_exit(127);
	dup2(in[0], STDIN_FILENO);
	dup2(out[1], STDOUT_FILENO);
	dup2(err[1], STDERR_FILENO);
	execv(argv[0], argv);
	dprintf(STDERR_FILENO, "%s: %s\n", argv[0], strerror(errno));
	_exit(127);
}

static void close_pair(int fd[2])
{
	if (fd[0] >= 0)
		close(fd[0]);
	if (fd[1] >= 0)
		close(fd[1]);
}

int lab_child_start(struct lab_child *c, char *const argv[], const char *log_path)
{
	int in[2] = {-1, -1}, out[2] = {-1, -1}, err[2] = {-1, -1}, error = 0;
	pid_t parent = getpid();

	if (log_path && !(c->log = fopen(log_path, "we")))
		return -errno;
	if (pipe2(in, O_CLOEXEC) || pipe2(out, O_CLOEXEC) || pipe2(err, O_CLOEXEC))
		error = -errno;
	if (!error) {
		fflush(NULL);
		c->pid = fork();
		if (c->pid == 0)
			run_child(argv, in, out, err, parent);
		if (c->pid < 0) {
			error = -errno;
			c->pid = 0;
		}
	}
	if (error) {
		close_pair(in);
		close_pair(out);
		close_pair(err);
		return error;
	}
	close(in[0]);
	close(out[1]);
	close(err[1]);
	c->in = in[1];
	c->out.fd = out[0];
	c->err.fd = err[0];
	fcntl(c->out.fd, F_SETFL, O_NONBLOCK);
	fcntl(c->err.fd, F_SETFL, O_NONBLOCK);
	c->started = true;
	return 0;
}

int lab_child_write(struct lab_child *c, const char *text)
{
	const char *part[2] = {text, "\n"};

	if (c->in < 0)
		return -EPIPE;
	for (int i = 0; i < 2; i++) {
		size_t left = strlen(part[i]);

		while (left) {
			ssize_t n = write(c->in, part[i], left);

			if (n < 0 && errno == EINTR)
				continue;
			if (n < 0)
				return -errno;
			part[i] += n;
			left -= (size_t)n;
		}
	}
	return 0;
}

static void take(struct lab_stream *s, const char *at, size_t n, lab_line_fn fn, void *arg)
{
	for (size_t i = 0; i < n; i++) {
		if (at[i] == '\n') {
			s->line[s->len] = '\0';
			fn(arg, s->line);
			s->len = 0;
			s->cut = false;
		} else if (s->len + 1 < sizeof(s->line)) {
			s->line[s->len++] = at[i];
		} else {
			s->cut = true;
		}
	}
}

static void stream_read(struct lab_stream *s, lab_line_fn fn, void *arg)
{
	char text[8192];

	while (s->fd >= 0) {
		ssize_t n = read(s->fd, text, sizeof(text));

		if (n > 0) {
			take(s, text, (size_t)n, fn, arg);
		} else if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
			return;
		} else {
			if (s->len) /* the last line without its end */
				take(s, "\n", 1, fn, arg);
			close(s->fd);
			s->fd = -1;
		}
	}
}

void lab_child_read_out(struct lab_child *c, lab_line_fn fn, void *arg)
{
	stream_read(&c->out, fn, arg);
}

static void keep_line(void *arg, char *text)
{
	struct lab_child *c = arg;

	str_copy(c->tail[c->tail_count++ % LAB_TAIL_LINES], LAB_TAIL_WIDTH, text);
	if (c->log)
		fprintf(c->log, "%s\n", text);
	if (c->on_log)
		c->on_log(c->on_log_arg, text);
}

void lab_child_read_err(struct lab_child *c)
{
	stream_read(&c->err, keep_line, c);
}

bool lab_child_reap(struct lab_child *c)
{
	if (c->pid && waitpid(c->pid, &c->status, WNOHANG) == c->pid) {
		c->pid = 0;
		lab_child_read_err(c);
	}
	return c->started && c->pid == 0;
}

const char *lab_child_end_text(const struct lab_child *c, char *out, size_t size)
{
	struct strbuf b;

	strbuf_init(&b, out, size);
	if (WIFSIGNALED(c->status))
		strbuf_addf(&b, "killed by signal %d (%s)", WTERMSIG(c->status),
			    strsignal(WTERMSIG(c->status)));
	else
		strbuf_addf(&b, "exit status %d", WEXITSTATUS(c->status));
	return out;
}

void lab_child_print_tail(const struct lab_child *c, FILE *to)
{
	unsigned first = c->tail_count > LAB_TAIL_LINES ? c->tail_count - LAB_TAIL_LINES : 0;

	for (unsigned i = first; i < c->tail_count; i++)
		fprintf(to, "  %s: %s\n", c->name, c->tail[i % LAB_TAIL_LINES]);
}

void lab_child_close(struct lab_child *c)
{
	if (c->in >= 0)
		close(c->in);
	if (c->out.fd >= 0)
		close(c->out.fd);
	if (c->err.fd >= 0)
		close(c->err.fd);
	if (c->log)
		fclose(c->log);
	c->in = c->out.fd = c->err.fd = -1;
	c->log = NULL;
}
