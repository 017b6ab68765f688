/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lines of the control protocol, against a core made of values: each gets one line of answer. */
#include <string.h>

#include "src/mgmt/control_protocol.h"
#include "tests/fuzz/fuzz.h"

enum { SPANS = 3, CALLS = 450 };

static struct log_tail *tail;
static struct trace *trace;

static int64_t now_us(void *arg)
{
	return 100 * US_PER_S;
}

static bool span(void *arg, unsigned index, struct control_span *out)
{
	memset(out, 0, sizeof(*out));
	out->isdn.span = (uint16_t)(index + 1);
	out->bchannels = 0xfffefffe;
	out->dchannel_ts = 16;
	out->line.alarms = E1_ALARM_LOS;
	return index < SPANS;
}

static bool trunk(void *arg, unsigned index, struct control_trunk *out)
{
	memset(out, 0, sizeof(*out));
	out->name = "provider";
	return index < 1;
}

static const char *trunk_name(void *arg, uint16_t index)
{
	return index ? NULL : "provider";
}

static bool call(void *arg, unsigned *cursor, struct call_record *out)
{
	memset(out, 0, sizeof(*out));
	if (*cursor >= CALLS)
		return false;
	out->call = ++*cursor;
	out->state = "active";
	snprintf(out->setup.calling_name, sizeof(out->setup.calling_name), "\xff\n\"%u", *cursor);
	return true;
}

static bool clear_call(void *arg, call_id id, struct call_cause cause)
{
	fuzz_check(cause.value >= 1 && cause.value <= 127);
	return id == 1;
}

static void shut_down(void *arg)
{
}

static const struct call_table_counters *calls(void *arg)
{
	static const struct call_table_counters none;

	return &none;
}

static const struct sip_counters *sip(void *arg)
{
	static const struct sip_counters none;

	return &none;
}

static const struct media_counters *media(void *arg)
{
	static const struct media_counters none;

	return &none;
}

static void writer(void *arg, struct writer_counters *out)
{
	memset(out, 0, sizeof(*out));
}

static void lookup_lost(void *arg, uint32_t who)
{
	(void)arg;
	(void)who;
}

static bool lookup_answer(void *arg, uint64_t question, const struct plan_answer *answer)
{
	return question && answer->kind <= PLAN_ANSWER_FAILED;
}

static const struct lookup_counters *lookups(void *arg)
{
	static const struct lookup_counters none;

	return &none;
}

static bool dns_server(void *arg, unsigned index, struct lookup_server *out)
{
	return false;
}

static void turns(void *arg, struct control_turns *out)
{
	(void)arg;
	*out = (struct control_turns){1, 1, 1, 1};
}

static void handle(const struct control_view *view, const uint8_t *data, size_t len)
{
	struct control_answer answer = {0};
	char *line = fuzz_copy(data, len);

	control_handle(view, line, len, &answer);
	fuzz_check(answer.text && answer.len > 2 && strlen(answer.text) == answer.len);
	fuzz_check(answer.text[0] == '{' && answer.text[answer.len - 1] == '}');
	fuzz_check(!strchr(answer.text, '\n'));
	free(answer.text);
	free(line);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t frame[] = {0x02, 0x01, 0x00, 0x00, 0x08, 0x02, 0x00, 0x05, 0x05};
	const struct log_event event = {.level = LOG_WARN, .name = "fuzz.event"};
	struct control_view view = {.version = "0.1.0",
				    .now_us = now_us,
				    .wall_us = now_us,
				    .span = span,
				    .trunk = trunk,
				    .trunk_name = trunk_name,
				    .call = call,
				    .clear_call = clear_call,
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
				    .turns = turns};

	if (!tail) {
		fuzz_check(log_tail_create(&tail) == 0);
		log_tail_add(tail, &event);
		fuzz_check(trace_create(&trace, 2) == 0);
		trace_bind_isdn(trace, 0x1a2b, 1, 5, false);
		trace_add_frame(trace, 1, 1, false, frame, sizeof(frame));
	}
	view.log = tail;
	view.trace = trace;
	while (size) {
		const uint8_t *end = memchr(data, '\n', size);
		size_t len = end ? (size_t)(end - data) : size;

		handle(&view, data, len);
		data += end ? len + 1 : len;
		size -= end ? len + 1 : len;
	}
	return 0;
}
