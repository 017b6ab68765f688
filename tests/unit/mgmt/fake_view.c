/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/unit/mgmt/fake_view.h"

#include "gateway/base/clock.h"
#include "tests/unit/mgmt/mgmt_test.h"

static int64_t now_us(void *arg)
{
	return ((struct fake_core *)arg)->now_us;
}

static int64_t wall_us(void *arg)
{
	return 1763694764104000; /* 2025-11-21T03:12:44.104Z */
}

static bool span(void *arg, unsigned index, struct control_span *out)
{
	struct fake_core *f = arg;

	if (index < f->spans)
		*out = f->span[index];
	return index < f->spans;
}

static bool trunk(void *arg, unsigned index, struct control_trunk *out)
{
	struct fake_core *f = arg;

	*out = (struct control_trunk){.name = "provider", .calls = 3};
	net_addr_parse(&out->bind, "192.0.2.10:5060");
	net_addr_parse(&out->peer, "[2001:db8::1]:5060");
	return index < f->trunks;
}

static const char *trunk_name(void *arg, uint16_t index)
{
	return index == 0 ? "provider" : NULL;
}

static bool call(void *arg, unsigned *cursor, struct call_record *out)
{
	struct fake_core *f = arg;

	if (*cursor >= f->call_count)
		return false;
	make_record(out);
	out->clear_us = out->end_us = 0;
	out->call = ++*cursor;
	return true;
}

static bool clear_call(void *arg, call_id id, struct call_cause cause)
{
	struct fake_core *f = arg;

	if (id != 0x1a2b)
		return false;
	f->cleared = id;
	f->cleared_cause = cause.value;
	return true;
}

static const char *restart(void *arg, unsigned number, unsigned ts)
{
	struct fake_core *f = arg;

	if (number != 1)
		return "there is no such span";
	f->restarted = true;
	f->restarted_ts = ts;
	return NULL;
}

static void shut_down(void *arg)
{
	((struct fake_core *)arg)->shut_down = true;
}

static const struct call_table_counters *calls(void *arg)
{
	return &((struct fake_core *)arg)->calls;
}

static const struct sip_counters *sip(void *arg)
{
	return &((struct fake_core *)arg)->sip;
}

static const struct media_counters *media(void *arg)
{
	return &((struct fake_core *)arg)->media;
}

static void writer(void *arg, struct writer_counters *out)
{
	*out = ((struct fake_core *)arg)->writer;
}

static void lookup_lost(void *arg, uint32_t who)
{
	((struct fake_core *)arg)->lost = who;
}

/* 2f is the only one that waits. */
static bool lookup_answer(void *arg, uint64_t question, const struct plan_answer *answer)
{
	struct fake_core *f = arg;

	f->answered = question;
	f->answer = *answer;
	return question == 0x2f;
}

static const struct lookup_counters *lookups(void *arg)
{
	return &((struct fake_core *)arg)->lookups;
}

/* Two: the second has never answered. */
static bool dns_server(void *arg, unsigned index, struct lookup_server *out)
{
	struct fake_core *f = arg;

	*out = (struct lookup_server){.addr = {.family = 4, .port = 53, .ip = {192, 0, 2, 1}},
				      .asked = 7,
				      .answered = 7,
				      .answered_us = f->now_us - 2500 * US_PER_MS};
	if (index == 1)
		*out = (struct lookup_server){.addr = {.family = 6, .port = 5353, .ip = {[15] = 1}},
					      .asked = 4,
					      .in_row = 4};
	return index < f->dns_servers;
}

static void turns(void *arg, struct control_turns *out)
{
	(void)arg;
	*out = (struct control_turns){3, 2, 6500, 900};
}

void fake_core_init(struct fake_core *f)
{
	*f = (struct fake_core){.spans = 2, .trunks = 1, .now_us = 100 * US_PER_S};
	assert_int_equal(log_tail_create(&f->log), 0);
	assert_int_equal(trace_create(&f->trace, 4), 0);
	f->view = (struct control_view){.arg = f,
					.version = "0.1.0",
					.start_us = 10 * US_PER_S,
					.now_us = now_us,
					.wall_us = wall_us,
					.span = span,
					.trunk = trunk,
					.trunk_name = trunk_name,
					.call = call,
					.clear_call = clear_call,
					.restart = restart,
					.shutdown = shut_down,
					.plan_reload = shut_down,
					.lookup_answer = lookup_answer,
					.lookup_lost = lookup_lost,
					.lookups = lookups,
					.dns_server = dns_server,
					.calls = calls,
					.sip = sip,
					.media = media,
					.writer = writer,
					.log = f->log,
					.trace = f->trace,
					.turns = turns};
	f->writer.file[WRITER_RECORDS].enabled = true;
	f->writer.file[WRITER_LOG].enabled = true;
	for (unsigned i = 0; i < FAKE_SPANS_MAX; i++) {
		f->span[i].isdn.span = (uint16_t)(i + 1);
		f->span[i].isdn.dchannel_up = true;
		f->span[i].bchannels = 0xfffefffe;
		f->span[i].dchannel_ts = 16;
		for (enum isdn_timer t = 0; t < ISDN_TIMERS; t++)
			f->span[i].timer[t] = isdn_timer_info(t)->default_ms[ISDN_USER];
	}
	f->span[0].isdn.channel[17].state = ISDN_CH_BUSY;
	f->span[0].isdn.channel[17].call = 0x1a2b;
}

void fake_core_fini(struct fake_core *f)
{
	log_tail_destroy(f->log);
	trace_destroy(f->trace);
}

void fake_core_log(struct fake_core *f, unsigned count, enum log_level level)
{
	for (unsigned i = 0; i < count; i++) {
		const struct log_event e = {
		    .wall_us = wall_us(f),
		    .level = level,
		    .name = "test.event",
		    .field_count = 1,
		    .field = {L_U("n", log_tail_next(f->log))},
		};

		log_tail_add(f->log, &e);
	}
}

void fake_core_messages(struct fake_core *f, unsigned count)
{
	static const uint8_t setup[] = {0x02, 0x01, 0x00, 0x00, 0x08, 0x02, 0x00, 0x05,
					0x05, 0x04, 0x03, 0x80, 0x90, 0xa3};
	static const uint8_t rr[] = {0x02, 0x01, 0x01, 0x02};
	static const uint8_t over[] = {0x00, 0x01, 0x02, 0x02, 0x08, 0x02, 0x80, 0x09, 0x5a};
	static const char invite[] = "INVITE sip:1@192.0.2.7 SIP/2.0\r\nCall-ID: abc\r\n\r\n";
	static const char ringing[] = "SIP/2.0 180 Ringing\r\nCall-ID: abc\r\n\r\n";
	struct net_addr peer;

	net_addr_parse(&peer, "192.0.2.7:5060");
	trace_add_frame(f->trace, 1763694764104000, 1, false, setup, sizeof(setup));
	trace_bind_isdn(f->trace, 0x1a2b, 1, 5, false);
	trace_add_frame(f->trace, 1763694764105000, 1, true, rr, sizeof(rr));
	trace_bind_sip(f->trace, 0x1a2b, "abc");
	trace_add_sip(f->trace, 1763694764106000, true, &peer, invite, sizeof(invite) - 1);
	trace_add_sip(f->trace, 1763694764107000, false, &peer, ringing, sizeof(ringing) - 1);
	for (unsigned i = 0; i < count; i++)
		trace_add_frame(f->trace, 1763694764108000, 2, true, over, sizeof(over));
}
