/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdarg.h>
#include <stdio.h>

#include "config/plan/lint_priv.h"

void lint_say(struct lint *l, unsigned line, const char *format, ...)
{
	char text[600];
	va_list ap;

	if (l->count++ >= PLAN_LINT_MAX)
		return;
	va_start(ap, format);
	vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	l->on_finding(l->arg, line, text);
}
