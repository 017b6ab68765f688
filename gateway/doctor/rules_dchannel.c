/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A D-channel that does not come up although the line is good: why? */
#include <string.h>

#include "gateway/doctor/doctor_rules.h"

static const struct doctor_rule same_side = {"same-side", DOCTOR_ERROR, false};
static const struct doctor_rule unanswered = {"sabme-unanswered", DOCTOR_ERROR, false};
static const struct doctor_rule storm = {"hdlc-abort-storm", DOCTOR_ERROR, false};
static const struct doctor_rule no_lapd = {"dchannel-down", DOCTOR_ERROR, false};
static const struct doctor_rule alarmed = {"span-alarm", DOCTOR_ERROR, false};
static const struct doctor_rule bad_frames = {"dchannel-errors", DOCTOR_WARNING, false};

/* LAPD asks again every second (T200); less than that says nothing yet. */
enum { DOWN_S_MIN = 3, STORM_FRAMES = 50, BAD_PER_THOUSAND = 10 };

static const char *side(const struct doctor_span *s)
{
	return s->want->isdn.side == ISDN_USER ? "user" : "network";
}

static const char *other_side(const struct doctor_span *s)
{
	return s->want->isdn.side == ISDN_USER ? "network" : "user";
}

static bool is_storm(const struct doctor_span *s)
{
	return s->frames_bad >= STORM_FRAMES && s->frames_bad > s->frames_in;
}

static void say_down(struct doctor_report *r, const struct doctor_span *s)
{
	const char *config = r->facts->config_name ? r->facts->config_name : "CONFIG";
	unsigned span = s->want->isdn.span, ts = s->want->isdn.dchannel_ts;
	struct doctor_draft d;

	if (s->same_side_in) {
		doctor_say(
		    &d, &same_side, span,
		    "Span %u: both ends are %s: the other end's SABME come from our own side.",
		    span, side(s));
		doctor_fix(&d,
			   "write side: %s into %s, or change the other end; towards an exchange "
			   "we are user, towards a PBX network",
			   other_side(s), config);
	} else if (is_storm(s)) {
		doctor_say(
		    &d, &storm, span,
		    "Span %u: what comes in timeslot %u is no HDLC: %llu aborts and bad checks, "
		    "%llu good frames.",
		    span, ts, (unsigned long long)s->frames_bad, (unsigned long long)s->frames_in);
		doctor_fix(
		    &d, "is the D-channel in another timeslot (an E1: 16, a T1: 24), or does the "
			"line have errors? Compare dchannel, framing and crc4 with the other end");
	} else if (!s->frames_in) {
		doctor_say(
		    &d, &unanswered, span,
		    "Span %u: nobody answers our SABME in timeslot %u (%llu frames out, none "
		    "in, for %lld s).",
		    span, ts, (unsigned long long)s->frames_out, (long long)s->down_s);
		doctor_fix(&d,
			   "the line is good, so ask the other end: is its D-channel switched on, "
			   "and in timeslot %u? On a split line, is it the right port?",
			   ts);
	} else {
		doctor_say(
		    &d, &no_lapd, span,
		    "Span %u: the D-channel is down for %lld s, though frames come in (%llu).",
		    span, (long long)s->down_s, (unsigned long long)s->frames_in);
		doctor_fix(&d,
			   "spanbridge log -n 500 tells what happened; with capture: file: in the "
			   "configuration, Wireshark shows each frame");
	}
	doctor_tell(r, &d);
}

static void check_span(struct doctor_report *r, const struct doctor_span *s)
{
	uint64_t all = s->frames_in + s->frames_bad;
	struct doctor_draft d;

	if (strcmp(s->alarms, "none") != 0) {
		if (s->is) /* the line's rules say more */
			return;
		doctor_say(&d, &alarmed, s->want->isdn.span, "Span %u: alarm %s.",
			   s->want->isdn.span, s->alarms);
		doctor_fix(&d, "%s",
			   s->want->driver == CONFIG_DRIVER_VIRTUAL
			       ? "start the other end of the virtual E1"
			       : "look at the cable and at the other end's power");
		doctor_tell(r, &d);
	} else if (!s->dchannel_up) {
		if (s->down_s >= DOWN_S_MIN)
			say_down(r, s);
	} else if (s->frames_bad >= STORM_FRAMES && s->frames_bad * 1000 > all * BAD_PER_THOUSAND) {
		doctor_say(&d, &bad_frames, s->want->isdn.span,
			   "Span %u: %llu of %llu frames on the D-channel came in broken.",
			   s->want->isdn.span, (unsigned long long)s->frames_bad,
			   (unsigned long long)all);
		doctor_fix(&d, "the line has errors or slips: see there; then look at the cable");
		doctor_tell(r, &d);
	}
}

void doctor_rules_dchannel(struct doctor_report *r)
{
	const struct doctor_facts *f = r->facts;

	for (unsigned i = 0; f->core == DOCTOR_CORE_RUNS && i < f->span_count; i++)
		if (f->span[i].running)
			check_span(r, &f->span[i]);
}
