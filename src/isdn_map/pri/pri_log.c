/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * libpri's complaints. Its two hooks belong to the whole process and hand over a struct pri that
 * may be somebody else's (a test peer in the same program): so a complaint is ours only when it
 * names the line that this thread is serving.
 */
#include <stdio.h>
#include <string.h>

#include "gateway/base/log.h"
#include "gateway/base/strbuf.h"
#include "src/isdn_map/pri/pri_internal.h"

enum { LOG_LINES_PER_S = 5 }; /* a peer must not fill the log */

static _Thread_local struct pri_line *serving;

void pri_log_enter(struct pri_line *l)
{
	serving = l;
}

static void emit(enum log_level level, const struct pri_line *l, const char *text)
{
	char line[256];

	str_copy(line, sizeof(line), text);
	line[strcspn(line, "\r\n")] = '\0';
	LOG(level, "span.libpri", 0, L_U("span", l ? l->frames.cfg.span : 0), L_S("why", line));
}

static void on_message(struct pri *pri, char *text)
{
	if (serving && serving->pri == pri && log_enabled(LOG_DEBUG))
		emit(LOG_DEBUG, serving, text);
}

static void on_error(struct pri *pri, char *text)
{
	struct pri_line *l = serving;

	if (!l || l->pri != pri)
		return;
	if (l->frames.received && !l->bad_counted) {
		l->bad_counted = true;
		l->frames.counters.frames_bad++;
	}
	if (l->now_us - l->log_window_us >= US_PER_S) {
		l->log_window_us = l->now_us;
		l->log_count = 0;
	}
	if (l->log_count++ < LOG_LINES_PER_S)
		emit(LOG_INFO, l, text);
}

void pri_log_install(void)
{
	pri_set_message(on_message);
	pri_set_error(on_error);
}
