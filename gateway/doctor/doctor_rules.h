/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of rules share. Private to gateway/doctor/. */
#ifndef GATEWAY_DOCTOR_DOCTOR_RULES_H
#define GATEWAY_DOCTOR_DOCTOR_RULES_H

#include "gateway/doctor/doctor.h"

struct doctor_report {
	const struct doctor_facts *facts;
	doctor_finding_fn on_finding;
	void *arg;
	unsigned errors;
	unsigned findings;
};

struct doctor_rule {
	const char *id;
	enum doctor_severity severity;
	bool at_start;
};

/* One finding: say what is wrong, add how to mend it, and it is told by doctor_tell(). */
struct doctor_draft {
	struct doctor_finding finding;
};

void doctor_say(struct doctor_draft *d, const struct doctor_rule *rule, unsigned span,
		const char *format, ...) __attribute__((format(printf, 4, 5)));
void doctor_fix(struct doctor_draft *d, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void doctor_tell(struct doctor_report *r, const struct doctor_draft *d);

void doctor_rules_driver(struct doctor_report *r);
void doctor_rules_line(struct doctor_report *r);
void doctor_rules_dchannel(struct doctor_report *r);
void doctor_rules_host(struct doctor_report *r);

#endif
