/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "gateway/doctor/doctor_rules.h"

unsigned doctor_check_driver(const struct doctor_facts *f, doctor_finding_fn on_finding, void *arg)
{
	struct doctor_report r = {.facts = f, .on_finding = on_finding, .arg = arg};

	doctor_rules_driver(&r);
	doctor_rules_line(&r);
	return r.errors;
}

unsigned doctor_check(const struct doctor_facts *f, doctor_finding_fn on_finding, void *arg)
{
	struct doctor_report r = {.facts = f, .on_finding = on_finding, .arg = arg};

	doctor_rules_driver(&r);
	doctor_rules_line(&r);
	doctor_rules_dchannel(&r);
	doctor_rules_host(&r);
	return r.errors;
}
