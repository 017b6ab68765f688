/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Alarms, framing and clock of each span. */
#include <string.h>

#include "gateway/doctor/doctor_rules.h"

static const struct doctor_rule los = {"no-signal", DOCTOR_ERROR, false};
static const struct doctor_rule lfa = {"no-framing", DOCTOR_ERROR, false};
static const struct doctor_rule ais = {"ais", DOCTOR_ERROR, false};
static const struct doctor_rule rai = {"remote-alarm", DOCTOR_ERROR, false};
static const struct doctor_rule loopback = {"loopback", DOCTOR_ERROR, false};
static const struct doctor_rule recovering = {"recovering", DOCTOR_NOTE, false};
static const struct doctor_rule not_started = {"span-not-started", DOCTOR_ERROR, false};
static const struct doctor_rule crc4 = {"crc4-mismatch", DOCTOR_ERROR, false};
static const struct doctor_rule line_setup = {"line-setup", DOCTOR_ERROR, false};
static const struct doctor_rule no_timing = {"no-timing-source", DOCTOR_WARNING, false};
static const struct doctor_rule two_masters = {"two-masters", DOCTOR_WARNING, false};
static const struct doctor_rule slips = {"slips", DOCTOR_WARNING, false};
static const struct doctor_rule errors = {"line-errors", DOCTOR_WARNING, false};
static const struct doctor_rule irq = {"irq-misses", DOCTOR_WARNING, false};

static void check_alarms(struct doctor_report *r, unsigned span, uint32_t alarms)
{
	static const struct {
		uint32_t alarms;
		const struct doctor_rule *rule;
		const char *what, *fix;
	} row[] = {
	    {E1_ALARM_NOT_READY, &not_started, "the driver has not started the span",
	     "dahdi_cfg -v starts it (dahdi_span_assignments list shows whether the card has it)"},
	    {E1_ALARM_LOOPBACK, &loopback, "the line is looped back, so calls hear themselves",
	     "take the loop away: dahdi_maint --span N --loopback off, or at the network "
	     "termination"},
	    {E1_ALARM_LOS, &los, "no signal comes in (LOS)",
	     "plug the cable in, look at the other end's power, and swap the two pairs: one end's "
	     "transmit is the other one's receive"},
	    {E1_ALARM_RED, &los, "red alarm: no signal, or none that can be read",
	     "plug the cable in and look at the other end's power; then compare framing and line "
	     "code (hdb3, crc4) with the other end"},
	    {E1_ALARM_LFA, &lfa, "a signal comes in, but no frame alignment (LFA)",
	     "compare framing and line code (hdb3 or ami) with the other end; is it an E1 at all?"},
	    {E1_ALARM_LMFA, &crc4,
	     "frames come in, but no CRC-4 multiframe (LMFA): this end uses CRC-4, the other does "
	     "not",
	     "take crc4 out of the span= line in /etc/dahdi/system.conf, then dahdi_cfg -v; or "
	     "have "
	     "the other end switch CRC-4 on"},
	    {E1_ALARM_AIS, &ais, "the other end sends AIS: something behind it has failed",
	     "call the carrier, or look at the multiplexer or modem on the way"},
	    {E1_ALARM_RAI, &rai, "the other end does not receive us (RAI)",
	     "look at our transmit pair; and compare CRC-4 with the other end: this alarm alone is "
	     "how a mismatch often shows"},
	};
	struct doctor_draft d;

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		if (!(alarms & row[i].alarms))
			continue;
		doctor_say(&d, row[i].rule, span, "Span %u: %s.", span, row[i].what);
		doctor_fix(&d, "%s", row[i].fix);
		doctor_tell(r, &d);
		return; /* the first one is the cause of the others */
	}
	if (alarms & E1_ALARM_RECOVERING) {
		doctor_say(&d, &recovering, span, "Span %u: an alarm is about to clear.", span);
		doctor_fix(&d, "wait some seconds and ask again");
		doctor_tell(r, &d);
	}
}

static void check_setup(struct doctor_report *r, const struct doctor_span *s)
{
	const struct e1_params *want = &s->want->line_params, *is = &s->is->line.params;
	const char *config = r->facts->config_name ? r->facts->config_name : "CONFIG";
	struct doctor_draft d;

	if (want->type && is->type && want->type != is->type) {
		doctor_say(&d, &line_setup, s->want->isdn.span,
			   "Span %u: %s says %s, but the card is set to %s.", s->want->isdn.span,
			   config, e1_type_name(want->type), e1_type_name(is->type));
		doctor_fix(&d,
			   "dahdi_span_types set (before the span is assigned), or correct line: "
			   "in %s",
			   config);
		doctor_tell(r, &d);
		return;
	}
	if (s->want->crc4_given && is->code && want->crc4 != is->crc4) {
		doctor_say(&d, &crc4, s->want->isdn.span,
			   "Span %u: %s says crc4: %s, but the card has CRC-4 %s.",
			   s->want->isdn.span, config, want->crc4 ? "true" : "false",
			   is->crc4 ? "on" : "off");
		doctor_fix(&d,
			   "spanbridge export dahdi %s >/etc/dahdi/system.conf && dahdi_cfg -v, or "
			   "correct crc4 in %s",
			   config, config);
		doctor_tell(r, &d);
	}
	if ((want->code && is->code && want->code != is->code) ||
	    (want->framing && is->framing && want->framing != is->framing)) {
		doctor_say(&d, &line_setup, s->want->isdn.span,
			   "Span %u: %s says %s %s, but the card is set to %s %s.",
			   s->want->isdn.span, config, e1_framing_name(want->framing),
			   e1_code_name(want->code), e1_framing_name(is->framing),
			   e1_code_name(is->code));
		doctor_fix(&d, "spanbridge export dahdi %s >/etc/dahdi/system.conf && dahdi_cfg -v",
			   config);
		doctor_tell(r, &d);
	}
}

/* A card without a framer (software spans) has no code, and no clock to talk about. */
static bool has_line(const struct doctor_span *s)
{
	return s->is && s->is->line.params.code != E1_CODE_UNKNOWN;
}

/* The network's clock is the one: a user side follows, a network side leads. */
static void check_clock_wanted(struct doctor_report *r, const struct doctor_span *s)
{
	bool network = s->want->isdn.side == ISDN_NETWORK;
	unsigned span = s->want->isdn.span;
	struct doctor_draft d;

	if (network == s->want->clock_master)
		return;
	if (network) {
		doctor_say(
		    &d, &no_timing, span,
		    "Span %u: we are the network but follow the other end's clock, and a user "
		    "follows ours: nobody gives one.",
		    span);
		doctor_fix(&d, "write clock: master (a DAHDI card: timing 0 in its span= line)");
	} else {
		doctor_say(&d, &two_masters, span,
			   "Span %u: we are the user but give the clock, as an exchange does: two "
			   "masters, and audio slips.",
			   span);
		doctor_fix(&d, "write clock: slave (a DAHDI card: timing 1 in its span= line)");
	}
	doctor_tell(r, &d);
}

static void check_clock_set(struct doctor_report *r, const struct doctor_span *s)
{
	unsigned span = s->want->isdn.span, source = s->is->line.params.sync_source;
	bool master = s->want->clock_master;
	struct doctor_draft d;

	if (!master && source == 0 && !s->is->line.alarms) {
		doctor_say(
		    &d, &two_masters, span,
		    "Span %u: the other end gives the clock, but the card runs on its own: two "
		    "masters, and audio slips.",
		    span);
		doctor_fix(&d,
			   "let its line in /etc/dahdi/system.conf begin with span=%u,1 (timing "
			   "1: the clock comes from here), then dahdi_cfg -v",
			   s->is->id.span);
	} else if (master && source == s->is->id.span) {
		doctor_say(&d, &no_timing, span,
			   "Span %u: we give the clock, but the card takes it from this line: both "
			   "ends follow each other.",
			   span);
		doctor_fix(&d,
			   "let its line in /etc/dahdi/system.conf begin with span=%u,0 (timing "
			   "0: the clock is ours), then dahdi_cfg -v",
			   s->is->id.span);
	} else {
		return;
	}
	doctor_tell(r, &d);
}

static void check_counters(struct doctor_report *r, const struct doctor_span *s)
{
	const struct e1_line *l = &s->is->line;
	unsigned span = s->want->isdn.span;
	struct doctor_draft d;

	if (l->timing_slips) {
		doctor_say(
		    &d, &slips, span,
		    "Span %u: %llu slips: the two ends have different clocks; each is 125 us of "
		    "audio lost or said twice, and breaks fax and modems.",
		    span, (unsigned long long)l->timing_slips);
		doctor_fix(&d,
			   "one end must be clock master and the other must follow: compare the "
			   "second number of span= here with the other end");
		doctor_tell(r, &d);
	}
	if (l->bpv || l->fas_errors || l->crc4_errors || l->ebit_errors || l->errored_seconds) {
		doctor_say(&d, &errors, span,
			   "Span %u: errors on the line since the driver started: %llu bipolar "
			   "violations, %llu frame, %llu CRC-4, %llu seen by the other end, %llu "
			   "errored seconds.",
			   span, (unsigned long long)l->bpv, (unsigned long long)l->fas_errors,
			   (unsigned long long)l->crc4_errors, (unsigned long long)l->ebit_errors,
			   (unsigned long long)l->errored_seconds);
		doctor_fix(&d, "ask twice: when they grow, look at cable and connectors (120 ohm "
			       "twisted pair, 75 ohm coax with its balun), then at the other end");
		doctor_tell(r, &d);
	}
	if (l->irq_misses) {
		doctor_say(&d, &irq, span,
			   "Span %u: the card waited %llu times too long for an "
			   "interrupt; audio was lost.",
			   span, (unsigned long long)l->irq_misses);
		doctor_fix(&d, "give the card an interrupt of its own (cat /proc/interrupts), keep "
			       "disks and graphics off it, run no virtual machines beside it");
		doctor_tell(r, &d);
	}
}

void doctor_rules_line(struct doctor_report *r)
{
	const struct doctor_facts *f = r->facts;

	for (unsigned i = 0; i < f->span_count; i++) {
		const struct doctor_span *s = &f->span[i];

		if (s->is) {
			check_alarms(r, s->want->isdn.span, s->is->line.alarms);
			check_setup(r, s);
			check_counters(r, s);
		}
		check_clock_wanted(r, s);
		if (has_line(s))
			check_clock_set(r, s);
	}
}
