/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Is the driver there, may we use it, are the spans set up as the configuration wants them? */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "gateway/base/strbuf.h"
#include "gateway/doctor/doctor_rules.h"

static const struct doctor_rule not_built = {"dahdi-not-built", DOCTOR_ERROR, true};
static const struct doctor_rule no_driver = {"no-driver", DOCTOR_ERROR, true};
static const struct doctor_rule no_device = {"no-device", DOCTOR_ERROR, true};
static const struct doctor_rule no_permission = {"no-permission", DOCTOR_ERROR, true};
static const struct doctor_rule no_span = {"no-span", DOCTOR_ERROR, true};
static const struct doctor_rule not_configured = {"span-not-configured", DOCTOR_ERROR, true};
static const struct doctor_rule wrong_signalling = {"wrong-signalling", DOCTOR_ERROR, true};
static const struct doctor_rule wrong_slot = {"wrong-d-slot", DOCTOR_ERROR, true};
static const struct doctor_rule no_channel = {"no-channel", DOCTOR_ERROR, true};
static const struct doctor_rule wrong_law = {"wrong-law", DOCTOR_WARNING, false};
static const struct doctor_rule busy = {"channel-busy", DOCTOR_ERROR, true};

static bool wants_dahdi(const struct doctor_facts *f)
{
	for (unsigned i = 0; i < f->span_count; i++)
		if (f->span[i].want->driver == CONFIG_DRIVER_DAHDI)
			return true;
	return false;
}

static const char *config_name(const struct doctor_facts *f)
{
	return f->config_name ? f->config_name : "CONFIG";
}

/* ── the driver as a whole ── */

static void tell_permission(struct doctor_report *r, const char *device, int err)
{
	const struct doctor_facts *f = r->facts;
	bool group =
	    *f->group && strcmp(f->group, "root") != 0 && (f->dahdi.device_mode & 060) == 060;
	struct doctor_draft d;

	doctor_say(&d, &no_permission, 0, "%s may not open %s: %s.",
		   *f->user ? f->user : "this user", device, strerror(err));
	if (group)
		doctor_fix(&d, "adduser %s %s, then log in anew (a service: systemctl restart it)",
			   *f->user ? f->user : "USER", f->group);
	else
		doctor_fix(
		    &d,
		    "run it as root, or give the devices to a group: echo 'SUBSYSTEM==\"dahdi\", "
		    "GROUP=\"dialout\", MODE=\"0660\"' >/etc/udev/rules.d/60-dahdi.rules && "
		    "udevadm control --reload && udevadm trigger");
	doctor_tell(r, &d);
}

/* False: there is no use in looking at spans. */
static bool check_driver(struct doctor_report *r)
{
	const struct dahdi_probe *p = &r->facts->dahdi;
	struct doctor_draft d;

	if (!p->built) {
		doctor_say(&d, &not_built, 0,
			   "This program was built without the driver for DAHDI cards.");
		doctor_fix(&d, "apt-get install dahdi-source && ./run build");
	} else if (!p->loaded) {
		doctor_say(&d, &no_driver, 0, "The kernel module dahdi is not loaded.");
		doctor_fix(&d,
			   "dahdi_hardware names the module of the card; load it, as in: modprobe "
			   "wct4xxp (no such module: m-a a-i dahdi)");
	} else if (p->ctl_errno == ENOENT || p->channel_errno == ENOENT) {
		doctor_say(&d, &no_device, 0,
			   "The module dahdi is loaded, but there is no /dev/dahdi/%s.",
			   p->ctl_errno == ENOENT ? "ctl" : "channel");
		doctor_fix(&d, "udevadm trigger --subsystem-match=dahdi (in a container: hand "
			       "/dev/dahdi in)");
	} else if (p->ctl_errno || p->channel_errno) {
		tell_permission(r, p->ctl_errno ? "/dev/dahdi/ctl" : "/dev/dahdi/channel",
				p->ctl_errno ? p->ctl_errno : p->channel_errno);
		return p->ctl_errno == 0;
	} else {
		return true;
	}
	doctor_tell(r, &d);
	return false;
}

/* ── one span ── */

static void tell_no_span(struct doctor_report *r, const struct doctor_span *s)
{
	const struct dahdi_probe *p = &r->facts->dahdi;
	char known[200], named[E1_DAHDI_CARD + 1];
	struct doctor_draft d;
	struct strbuf b;

	strbuf_init(&b, known, sizeof(known));
	for (unsigned i = 0; i < p->count && i < 8; i++)
		strbuf_addf(&b, "%s%u%s%s%s", i ? ", " : "", p->span[i].id.span,
			    *p->span[i].id.location ? " (" : "", p->span[i].id.location,
			    *p->span[i].id.location ? ")" : "");
	if (*s->want->dahdi.card)
		str_copy(named, sizeof(named), s->want->dahdi.card);
	else
		snprintf(named, sizeof(named), "%u", s->want->dahdi.dahdi_span);
	doctor_say(&d, &no_span, s->want->isdn.span, "Span %u: DAHDI span %s is not there%s%s.",
		   s->want->isdn.span, named, s->is_not ? ": " : "", s->is_not ? s->is_not : "");
	if (p->count)
		doctor_fix(
		    &d,
		    "the driver has %s; correct dahdi_span or dahdi_card (lsdahdi shows them all)",
		    known);
	else
		doctor_fix(&d,
			   "the driver has no span at all: is the card's module loaded? "
			   "dahdi_hardware names it; dahdi_span_assignments auto assigns spans");
	doctor_tell(r, &d);
}

static void fix_with_export(struct doctor_draft *d, const struct doctor_facts *f)
{
	doctor_fix(d,
		   "spanbridge export dahdi %s >/etc/dahdi/system.conf && dahdi_cfg -v (look at "
		   "it first if other programs use other spans)",
		   config_name(f));
}

/* The timeslot that the driver has its D-channel in; 0: none. */
static unsigned driver_dchannel(const struct dahdi_probe_span *is)
{
	for (unsigned ts = 1; ts < E1_TIMESLOTS; ts++)
		if (is->channel[ts].signalling == DAHDI_SIGNALLING_HDLC ||
		    is->channel[ts].signalling == DAHDI_SIGNALLING_HARD_HDLC)
			return ts;
	return 0;
}

static bool is_dchannel(const struct dahdi_channel *c)
{
	return c->signalling == DAHDI_SIGNALLING_HDLC ||
	       c->signalling == DAHDI_SIGNALLING_HARD_HDLC;
}

static void check_dchannel_slot(struct doctor_report *r, const struct doctor_span *s)
{
	unsigned ts = s->want->isdn.dchannel_ts, theirs = driver_dchannel(s->is);
	const struct dahdi_channel *c = &s->is->channel[ts];
	struct doctor_draft d;

	if (!c->channel || is_dchannel(c))
		return;
	if (theirs) {
		doctor_say(&d, &wrong_slot, s->want->isdn.span,
			   "Span %u: dchannel is timeslot %u, but for the driver the D-channel is "
			   "timeslot %u.",
			   s->want->isdn.span, ts, theirs);
		doctor_fix(&d,
			   "ask what the line has (an E1: 16); then write dchannel: %u into %s, or "
			   "dchan=%u into /etc/dahdi/system.conf and run dahdi_cfg -v",
			   theirs, config_name(r->facts), c->channel);
	} else {
		doctor_say(
		    &d, &wrong_signalling, s->want->isdn.span,
		    "Span %u: timeslot %u (channel %u) is to be the D-channel, but the driver "
		    "has it as %s.",
		    s->want->isdn.span, ts, c->channel, dahdi_signalling_name(c->signalling));
		fix_with_export(&d, r->facts);
	}
	doctor_tell(r, &d);
}

static void check_bchannels(struct doctor_report *r, const struct doctor_span *s)
{
	uint32_t wrong = 0, absent = 0, mulaw = 0;
	enum dahdi_signalling first = DAHDI_SIGNALLING_CLEAR;
	char slots[120];
	struct doctor_draft d;

	for (unsigned ts = 1; ts < E1_TIMESLOTS; ts++) {
		const struct dahdi_channel *c = &s->is->channel[ts];
		uint32_t bit = UINT32_C(1) << ts;

		if (!(s->want->isdn.bchannels & bit))
			continue;
		if (!c->channel) {
			absent |= bit;
		} else if (c->signalling != DAHDI_SIGNALLING_CLEAR) {
			first = wrong ? first : c->signalling;
			wrong |= bit;
		} else if (!c->alaw) {
			mulaw |= bit;
		}
	}
	if (wrong) {
		doctor_say(&d, &wrong_signalling, s->want->isdn.span,
			   "Span %u: timeslots %s are to be B-channels, but the driver has them as "
			   "%s.",
			   s->want->isdn.span, e1_slots_text(wrong, slots, sizeof(slots)),
			   dahdi_signalling_name(first));
		fix_with_export(&d, r->facts);
		doctor_tell(r, &d);
	}
	if (absent) {
		doctor_say(&d, &no_channel, s->want->isdn.span,
			   "Span %u has no timeslots %s: it is a%s with %u channels.",
			   s->want->isdn.span, e1_slots_text(absent, slots, sizeof(slots)),
			   s->is->line.params.type == E1_TYPE_E1 ? "n E1" : " T1 or J1",
			   s->is->id.channels);
		doctor_fix(&d, "correct bchannels in %s", config_name(r->facts));
		doctor_tell(r, &d);
	}
	if (mulaw && s->is->line.params.type == E1_TYPE_E1) {
		doctor_say(&d, &wrong_law, s->want->isdn.span,
			   "Span %u: the driver takes timeslots %s for mu-law; an E1 speaks A-law.",
			   s->want->isdn.span, e1_slots_text(mulaw, slots, sizeof(slots)));
		doctor_fix(&d, "add alaw=%u-%u to /etc/dahdi/system.conf, then dahdi_cfg -v",
			   s->is->channel[1].channel, s->is->channel[1].channel + 30);
		doctor_tell(r, &d);
	}
}

/* In use, and not by our own gateway. */
static void check_busy(struct doctor_report *r, const struct doctor_span *s)
{
	const struct doctor_facts *f = r->facts;
	uint32_t ours = s->want->isdn.bchannels | UINT32_C(1) << s->want->isdn.dchannel_ts;
	uint32_t taken = 0;
	char slots[120], who[200];
	struct doctor_draft d;
	struct strbuf b;

	if (f->core == DOCTOR_CORE_RUNS && s->running)
		return;
	for (unsigned ts = 1; ts < E1_TIMESLOTS; ts++)
		taken |= (uint32_t)s->is->in_use[ts] << ts;
	if (!(taken & ours))
		return;
	strbuf_init(&b, who, sizeof(who));
	for (unsigned i = 0; i < f->holder_count; i++)
		strbuf_addf(&b, "%s%s (pid %d)", i ? ", " : "", f->holder[i].name,
			    f->holder[i].pid);
	doctor_say(&d, &busy, s->want->isdn.span, "Span %u: timeslots %s are in use by %s.",
		   s->want->isdn.span, e1_slots_text(taken & ours, slots, sizeof(slots)),
		   f->holder_count ? who : "another program");
	if (!f->holder_count)
		doctor_fix(&d, "fuser -v /dev/dahdi/* (as root) shows who it is; stop it");
	else if (strcmp(f->holder[0].name, "asterisk") == 0)
		doctor_fix(&d,
			   "systemctl stop asterisk (and systemctl disable asterisk, so that it "
			   "stays so)");
	else
		doctor_fix(&d, "stop it: kill %d", f->holder[0].pid);
	doctor_tell(r, &d);
}

static bool any_signalling(const struct dahdi_probe_span *is)
{
	for (unsigned ts = 1; ts < E1_TIMESLOTS; ts++)
		if (is->channel[ts].channel && is->channel[ts].signalling != DAHDI_SIGNALLING_NONE)
			return true;
	return false;
}

static void check_span(struct doctor_report *r, const struct doctor_span *s)
{
	struct doctor_draft d;

	if (!s->is) {
		tell_no_span(r, s);
	} else if (!any_signalling(s->is)) {
		doctor_say(&d, &not_configured, s->want->isdn.span,
			   "Span %u: DAHDI span %u (%s) is not configured: its channels have no "
			   "signalling.",
			   s->want->isdn.span, s->is->id.span, s->is->id.name);
		fix_with_export(&d, r->facts);
		doctor_tell(r, &d);
	} else {
		check_dchannel_slot(r, s);
		check_bchannels(r, s);
		check_busy(r, s);
	}
}

void doctor_rules_driver(struct doctor_report *r)
{
	const struct doctor_facts *f = r->facts;

	if (!wants_dahdi(f) || !check_driver(r))
		return;
	for (unsigned i = 0; i < f->span_count; i++)
		if (f->span[i].want->driver == CONFIG_DRIVER_DAHDI)
			check_span(r, &f->span[i]);
}
