/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A program that the lab started: commands go to its stdin, lines come from its stdout, the last
 * lines of its stderr are kept to be shown when it dies (and all of it in a file, when wanted).
 * It stands in a process group of its own, so that Ctrl-C reaches only the lab, and dies with the
 * lab. One thread; SIGCHLD is somebody else's to wait for.
 */
#ifndef GATEWAY_LAB_LAB_CHILD_H
#define GATEWAY_LAB_LAB_CHILD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/types.h>

enum { LAB_LINE_MAX = 16384, LAB_TAIL_LINES = 12, LAB_TAIL_WIDTH = 240 };

/* Lines as they come; text is terminated, without the newline. */
typedef void (*lab_line_fn)(void *arg, char *text);

struct lab_stream {
	int fd; /* -1: closed */
	char line[LAB_LINE_MAX];
	size_t len;
	bool cut; /* the line is longer than that: its rest is dropped */
};

struct lab_child {
	const char *name; /* for people */
	pid_t pid;	  /* 0: not running */
	bool started;
	bool told;  /* people know how it ended */
	int status; /* of wait, once it has ended */
	int in;	    /* -1: closed */
	struct lab_stream out, err;
	char tail[LAB_TAIL_LINES][LAB_TAIL_WIDTH];
	unsigned tail_count;			     /* lines so far */
	FILE *log;				     /* NULL: none */
	void (*on_log)(void *arg, const char *text); /* sees each line of stderr; NULL: nobody */
	void *on_log_arg;
};

void lab_child_init(struct lab_child *c, const char *name);
/* argv[0] is the path. log_path NULL: none. 0 or -errno. */
int lab_child_start(struct lab_child *c, char *const argv[], const char *log_path);
/* One line of text and a newline. 0 or -errno; a child that is gone is -EPIPE. */
int lab_child_write(struct lab_child *c, const char *text);
/* Reads what is there; call it when the descriptor is readable. */
void lab_child_read_out(struct lab_child *c, lab_line_fn fn, void *arg);
void lab_child_read_err(struct lab_child *c);
/* True when it has ended (now or before); status and pid are then set. Never waits. */
bool lab_child_reap(struct lab_child *c);
/* "exit status 1", "killed by signal 11 (Segmentation fault)" */
const char *lab_child_end_text(const struct lab_child *c, char *out, size_t size);
void lab_child_print_tail(const struct lab_child *c, FILE *to);
void lab_child_close(struct lab_child *c); /* its descriptors; it must have ended */

#endif
