/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The control protocol, one JSON object a line in both directions:
 *   {"id":1,"cmd":"status"}  →  {"id":1,"ok":true,"result":{…}}
 *                            →  {"id":1,"ok":false,"error":"what is wrong, what would be right"}
 * Lists come in pages of at most CONTROL_ROWS_MAX: {"rows":[…],"next":N}; ask again with "page":N
 * until next is null. `help` lists the commands.
 *
 * Pure but for what the view's functions do: the core fills the view in, tests fill it with values.
 * Control thread.
 */
#ifndef SRC_MGMT_CONTROL_PROTOCOL_H
#define SRC_MGMT_CONTROL_PROTOCOL_H

#include "gateway/call/call_table.h"
#include "gateway/lookup/lookup_port.h"
#include "src/isdn_map/isdn.h"
#include "src/media_bridge/media.h"
#include "src/mgmt/log_tail.h"
#include "src/mgmt/trace.h"
#include "src/mgmt/writer.h"
#include "src/sip_map/sip.h"

enum { CONTROL_LINE_MAX = 65536, CONTROL_ROWS_MAX = 200, CONTROL_DEPTH_MAX = 8 };

struct control_span {
	struct isdn_span_status isdn;
	struct e1_line line; /* as last reported by the worker */
	uint32_t bchannels;  /* bit ts */
	uint8_t dchannel_ts;
	uint32_t timer[ISDN_TIMERS]; /* in force: ms; N316: a count; 0: this side has none */
};

struct control_trunk {
	const char *name;
	struct net_addr bind, advertise, peer;
	unsigned calls; /* live, both directions */
};

/* Turns of control since the start. */
struct control_turns {
	uint64_t late;	  /* over 5 ms */
	uint64_t starved; /* of those: the machine gave the CPU to others */
	uint64_t longest_us, longest_cpu_us;
};

/* What the core lets be seen and done. Every function is set; arg is their first argument. */
struct control_view {
	void *arg;
	const char *version;	      /* "0.1.0" */
	int64_t start_us;	      /* monotonic, when the core started */
	int64_t (*now_us)(void *arg); /* of this turn */
	int64_t (*wall_us)(void *arg);
	/* false: no such index (from 0). */
	bool (*span)(void *arg, unsigned index, struct control_span *out);
	bool (*trunk)(void *arg, unsigned index, struct control_trunk *out);
	const char *(*trunk_name)(void *arg, uint16_t index); /* NULL: none */
	/* As call_table_next(). */
	bool (*call)(void *arg, unsigned *cursor, struct call_record *out);
	bool (*clear_call)(void *arg, call_id call, struct call_cause cause);
	/* RESTART of one channel or, ts 0, of all idle ones. NULL, or why not in one sentence. */
	const char *(*restart)(void *arg, unsigned span, unsigned ts);
	void (*shutdown)(void *arg); /* as SIGTERM: calls are cleared, then the program ends */
	void (*plan_reload)(void *arg); /* begins; an event plan.taken or plan.refused tells how it went */
	/* What a program that was asked has found out. false: nobody waits for it any more. */
	bool (*lookup_answer)(void *arg, uint64_t question, const struct plan_answer *answer);
	/* The client that control_server_ask() named is gone. */
	void (*lookup_lost)(void *arg, uint32_t who);
	const struct lookup_counters *(*lookups)(void *arg);
	bool (*dns_server)(void *arg, unsigned index, struct lookup_server *out); /* as span */
	const struct call_table_counters *(*calls)(void *arg);
	const struct sip_counters *(*sip)(void *arg);
	const struct media_counters *(*media)(void *arg);
	void (*writer)(void *arg, struct writer_counters *out);
	const struct log_tail *log;
	const struct trace *trace;
	void (*turns)(void *arg, struct control_turns *out);
};

/* Which messages a client of `trace` gets. */
struct control_trace {
	uint16_t span; /* 0: all, and SIP */
	call_id call;  /* 0: all */
	bool raw;      /* LAPD's own frames, too, and the octets of each message */
};

/* Services (numbers.lookups of the configuration) that a client answers for. */
enum { CONTROL_SERVICES_MAX = 16 };
struct control_services {
	unsigned count;
	char name[CONTROL_SERVICES_MAX][CALL_NAME_MAX + 1];
};

struct control_answer {
	char *text; /* one line without its end, malloced, the caller's; NULL: no memory */
	size_t len;
	bool subscribe; /* from now on this client gets events, from number `from` */
	uint64_t from;
	enum log_level level; /* …up to this weight */
	bool trace;	      /* from now on it gets messages, from number `trace_from` */
	uint64_t trace_from;
	struct control_trace filter;
	bool lookup; /* from now on it gets the questions for these services */
	struct control_services services;
};

/* line: without its end, not terminated. Always answers. */
void control_handle(const struct control_view *view, const char *line, size_t len,
		    struct control_answer *answer);
/* One event of the tail as a line for a subscriber: {"event":{…,"number":N}}; malloced. */
char *control_event_line(const struct log_event *event, uint64_t number);
/* One message of the trace: {"trace":{…,"number":N}}; malloced. NULL: the client does not want it,
 * or (*failed) there is no memory. */
char *control_trace_line(const struct trace_event *e, uint64_t number,
			 const struct control_trace *filter, bool *failed);
/* A question for a program that answers, HTTP: {"lookup":{"id":"1f","service":…,"number":…,
 * "calling":…,"timeout_ms":N}}; malloced, NULL: no memory. Its answer is the command lookup-answer. */
char *control_lookup_line(const struct lookup_question *q);
/* What a subscriber missed: {"lost":N}; malloced. */
char *control_lost_line(uint64_t count);

#endif
