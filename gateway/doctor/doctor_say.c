/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the rules say with; doctor.c runs them. */
#include <stdarg.h>
#include <stdio.h>

#include "gateway/doctor/doctor_rules.h"

void doctor_say(struct doctor_draft *d, const struct doctor_rule *rule, unsigned span,
		const char *format, ...)
{
	va_list ap;

	d->finding = (struct doctor_finding){
	    .id = rule->id, .severity = rule->severity, .at_start = rule->at_start, .span = span};
	va_start(ap, format);
	vsnprintf(d->finding.what, sizeof(d->finding.what), format, ap);
	va_end(ap);
}

void doctor_fix(struct doctor_draft *d, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	vsnprintf(d->finding.fix, sizeof(d->finding.fix), format, ap);
	va_end(ap);
}

void doctor_tell(struct doctor_report *r, const struct doctor_draft *d)
{
	r->findings++;
	r->errors += d->finding.severity == DOCTOR_ERROR;
	r->on_finding(r->arg, &d->finding);
}

const char *doctor_severity_name(enum doctor_severity severity)
{
	static const char *const name[] = {
	    [DOCTOR_ERROR] = "error", [DOCTOR_WARNING] = "warning", [DOCTOR_NOTE] = "note"};

	return severity <= DOCTOR_NOTE ? name[severity] : "note";
}
