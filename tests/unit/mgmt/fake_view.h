/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A core made of values, for the protocol and the server. */
#ifndef TESTS_UNIT_MGMT_FAKE_VIEW_H
#define TESTS_UNIT_MGMT_FAKE_VIEW_H

#include "src/mgmt/control_protocol.h"

enum { FAKE_SPANS_MAX = 16 };

struct fake_core {
	struct control_view view;
	struct control_span span[FAKE_SPANS_MAX];
	unsigned spans, trunks, call_count;
	struct call_table_counters calls;
	unsigned dns_servers; /* 1: one that answers; 2: and one that does not */
	struct lookup_counters lookups;
	uint64_t answered; /* the last look-up */
	struct plan_answer answer;
	uint32_t lost; /* the last one that was asked and went away */
	struct sip_counters sip;
	struct media_counters media;
	struct writer_counters writer;
	struct log_tail *log;
	struct trace *trace;
	int64_t now_us;
	call_id cleared;
	uint8_t cleared_cause;
	bool shut_down, restarted;
	unsigned restarted_ts;
};

void fake_core_init(struct fake_core *f);
void fake_core_fini(struct fake_core *f);
/* count events "test.event n=…" */
void fake_core_log(struct fake_core *f, unsigned count, enum log_level level);

/* A call 1a2b: SETUP, INVITE and its 180, count RELEASE COMPLETEs of nobody. */
void fake_core_messages(struct fake_core *f, unsigned count);

#endif
