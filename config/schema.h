/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The schema: one table of every key with its type, range, default and meaning. The same rows
 * check a file, print the reference (config_print_keys) and later make JSON Schema and forms.
 * schema_read() turns one map of the tree into an array of values in the order of its table, so
 * that the reader never sees text that was not checked. Private to config/.
 */
#ifndef CONFIG_SCHEMA_H
#define CONFIG_SCHEMA_H

#include "config/tree.h"

enum schema_type {
	SCHEMA_MAP,  /* keys in child */
	SCHEMA_MAPS, /* list of maps; min … max of them */
	SCHEMA_INT,  /* min … max */
	SCHEMA_BOOL,
	SCHEMA_WORD,	 /* one of words; the value is its index */
	SCHEMA_WORDS,	 /* list of different words; min … max of them */
	SCHEMA_NAME,	 /* letters, digits, . _ - */
	SCHEMA_HOSTNAME, /* or an address */
	SCHEMA_PATH,	 /* at most max octets */
	SCHEMA_TEXT,	 /* 1 to max octets */
	SCHEMA_DIGITS,	 /* 0-9 * #, at most max; may be empty */
	SCHEMA_ADDRESS,	 /* without port */
	SCHEMA_SOCKET,	 /* address with port; without one: min */
	SCHEMA_NETWORKS, /* list of networks; at most max of them */
	SCHEMA_SLOTS,	 /* timeslots, "1-15,17-31" */
	SCHEMA_PORTS,	 /* UDP ports, "16384-32767" */
	SCHEMA_NUMBER,	 /* digits as in DIGITS, with a + in front for E.164 */
	SCHEMA_ITEMS,	 /* one value or a list of 1 to max, each as child[0] says */
	SCHEMA_ENDPOINT, /* span:1, trunk:NAME; "any" when min is 0 */
};

struct schema_key {
	const char *key;
	enum schema_type type;
	bool required;
	int64_t min, max;
	const char *const *words; /* NULL-terminated */
	const char *fallback;	  /* the default as one would write it; NULL: none, stays empty */
	const char *fallback_doc; /* the default in words, when it is not one value */
	const struct schema_key *child; /* ends with key NULL */
	const char *doc;		/* one sentence, with unit and clause */
};

/* Order of the tables: index of the values that schema_read() fills in. */
enum {
	TOP_SPANS,
	TOP_TRUNKS,
	TOP_PLAN,
	TOP_NUMBERS,
	TOP_RTP,
	TOP_CAUSES,
	TOP_LIMITS,
	TOP_DNS,
	TOP_CONTROL,
	TOP_RECORDS,
	TOP_CAPTURE,
	TOP_LOG,
	TOP_CASES,
	TOP_COUNT
};
enum {
	SPAN_NUMBER,
	SPAN_DRIVER,
	SPAN_LISTEN,
	SPAN_CONNECT,
	SPAN_DAHDI_SPAN,
	SPAN_DAHDI_CARD,
	SPAN_LINE,
	SPAN_FRAMING,
	SPAN_CODE,
	SPAN_CRC4,
	SPAN_BUILD_OUT,
	SPAN_BUFFERS,
	SPAN_ECHO_CANCEL,
	SPAN_RX_GAIN,
	SPAN_TX_GAIN,
	SPAN_CLOCK,
	SPAN_SIDE,
	SPAN_DCHANNEL,
	SPAN_BCHANNELS,
	SPAN_HUNTING,
	SPAN_RINGBACK,
	SPAN_FAILURE_TONE,
	SPAN_EXCLUSIVE,
	SPAN_OVERLAP,
	SPAN_RESTART,
	SPAN_NUMBERS,
	SPAN_TIMERS,
	SPAN_COUNT
};
enum {
	TRUNK_NAME,
	TRUNK_BIND,
	TRUNK_ADVERTISE,
	TRUNK_LOCAL_NETWORKS,
	TRUNK_PEER,
	TRUNK_SOURCES,
	TRUNK_DOMAIN,
	TRUNK_CODECS,
	TRUNK_PTIME,
	TRUNK_RTP_BIND,
	TRUNK_RTP_ADVERTISE,
	TRUNK_NUMBERS,
	TRUNK_RTP_ANY_SOURCE,
	TRUNK_TRUSTED, TRUNK_REDIRECTING,
	TRUNK_CAUSES,
	TRUNK_COUNT
};
enum {
	PLAN_NAME,
	PLAN_FROM,
	PLAN_PREFIX,
	PLAN_TON,
	PLAN_STRIP,
	PLAN_PREPEND,
	PLAN_SET_TON,
	PLAN_SET_NPI,
	PLAN_TO,
	PLAN_MATCH,
	PLAN_WHEN,
	PLAN_LIMIT,
	PLAN_SET,
	PLAN_TARGETS,
	PLAN_BAR,
	PLAN_EMERGENCY,
	PLAN_FIRST,
	PLAN_REROUTE,
	PLAN_LOOKUP,
	PLAN_COUNT
};
enum {
	CASE_NAME,
	CASE_FROM,
	CASE_CALLED,
	CASE_TON,
	CASE_CALLING,
	CASE_CALLING_TON,
	CASE_AT,
	CASE_EXPECT,
	CASE_COUNT
};
enum {
	EXPECT_TARGET,
	EXPECT_NUMBER,
	EXPECT_TON,
	EXPECT_CALLING,
	EXPECT_RULE,
	EXPECT_BARRED,
	EXPECT_CAUSE,
	EXPECT_COUNT
};
/* Of a number within match, within set. */
enum {
	MATCH_PREFIX,
	MATCH_PATTERN,
	MATCH_RANGE,
	MATCH_REGEX,
	MATCH_LIST,
	MATCH_TON,
	MATCH_NPI,
	MATCH_PRESENTATION,
	MATCH_ABSENT,
	MATCH_COUNT
};
enum {
	SET_STRIP,
	SET_PREPEND,
	SET_NUMBER,
	SET_TON,
	SET_NPI,
	SET_PRESENTATION,
	SET_SCREENING,
	SET_REMOVE,
	SET_COUNT
};
/* Of match and set; the numbers in the order of enum plan_number. */
enum { OF_CALLED, OF_CALLING, OF_REDIRECTING, OF_CONNECTED, OF_NAME, OF_BEARER, OF_COUNT };
enum { WHEN_DAYS, WHEN_TIME, WHEN_DATES, WHEN_HOLIDAYS, WHEN_TIMEZONE, WHEN_COUNT };
enum { LIMIT_CALLS, LIMIT_SECOND, LIMIT_MINUTE, LIMIT_CAUSE, LIMIT_COUNT };
enum { TO_TO, TO_PRIORITY, TO_WEIGHT, TO_COST, TO_LIMIT, TO_SET, TO_COUNT };
enum { REWRITE_NAME, REWRITE_STAGE, REWRITE_FROM, REWRITE_TO, REWRITE_GROUP, REWRITE_MATCH, REWRITE_WHEN,
       REWRITE_SET, REWRITE_COUNT };
enum { NUMBERS_ORDER, NUMBERS_TIMEZONE, NUMBERS_HOLIDAYS, NUMBERS_REROUTE, NUMBERS_LISTS,
       NUMBERS_LOOKUPS, NUMBERS_REWRITES, NUMBERS_COUNT };
enum { LIST_NAME, LIST_FILE, LIST_COUNT };
enum { LOOKUP_NAME, LOOKUP_TYPE, LOOKUP_SUFFIX, LOOKUP_SERVICE, LOOKUP_TIMEOUT, LOOKUP_FAILED,
       LOOKUP_CAUSE, LOOKUP_ROUTING, LOOKUP_COUNT };
enum { EDGE_PROFILE, EDGE_AREA, EDGE_CARRIER, EDGE_BARE, EDGE_SEND, EDGE_SEND_CALLING,
       EDGE_COUNT };
enum { RTP_PORTS, RTP_JITTER_BUFFER, RTP_COUNT };
enum { JB_MIN, JB_START, JB_MAX, JB_COUNT };
enum { CAUSES_Q850_TO_SIP, CAUSES_SIP_TO_Q850, CAUSES_COUNT };
enum { LIMITS_CALLS, LIMITS_RING, LIMITS_COUNT };
enum { DNS_SERVERS, DNS_RETRY, DNS_COUNT };
enum { FILE_PATH, FILE_COUNT }; /* records, capture */
enum { CONTROL_SOCKET, CONTROL_COUNT };
enum { LOG_KEY_LEVEL, LOG_KEY_FORMAT, LOG_KEY_FILE, LOG_KEY_COUNT };

/* schema_plan.c */
extern const struct schema_key schema_match[], schema_match_number[], schema_set[],
    schema_set_number[], schema_when[], schema_limit[], schema_target[], schema_rewrite[],
    schema_numbers[], schema_list[], schema_lookup[], schema_edge[],
    schema_endpoint_item[], schema_cause_item[];
extern const struct schema_key schema_top[], schema_span[], schema_timers[], schema_trunk[],
    schema_plan[],
    schema_rtp[], schema_jitter_buffer[], schema_limits[], schema_dns[], schema_control[], schema_records[],
    schema_capture[], schema_log[], schema_case[], schema_expect[];
extern const struct schema_key schema_causes[];

/* A key of an older version, and what is written instead. */
struct schema_moved {
	const struct schema_key *table; /* where it was; NULL ends the list */
	const char *key, *now;
};
extern const struct schema_moved schema_moved[];

enum { SCHEMA_ITEMS_MAX = 8 };

struct schema_value {
	const struct node *node; /* where it stands, or the map that does not give it */
	bool given;		 /* written in the file, right or wrong */
	bool ok;		 /* a right value, written or by default */
	int64_t number;		 /* INT, BOOL, index of WORD, span of ENDPOINT (0: a trunk) */
	const char *text; /* NAME, HOSTNAME, PATH, TEXT, DIGITS, trunk of ENDPOINT (NULL: any) */
	struct net_addr addr;	     /* ADDRESS, SOCKET */
	uint32_t slots;		     /* SLOTS: bit ts */
	uint16_t port_min, port_max; /* PORTS */
	unsigned count;		     /* of the items */
	uint8_t word[SCHEMA_ITEMS_MAX];
	struct net_prefix network[SCHEMA_ITEMS_MAX];
	const struct node *item[SCHEMA_ITEMS_MAX];
};

/* Reads map (NULL: not in the file, all defaults) by keys into value[], one per key; reports
 * unknown, duplicate and missing keys and wrong values. where: the name of the map in messages. */
void schema_read(struct report *r, const struct node *map, const struct node *parent,
		 const char *where, const struct schema_key *keys, struct schema_value *value);
/* One scalar or list of scalars by its row; false: reported. */
bool schema_parse(struct report *r, const struct schema_key *key, const struct node *n,
		  struct schema_value *out);
/* Of an ITEMS key that is ok: the value at an index, false past the last. */
bool schema_item(struct report *r, const struct schema_key *key, const struct node *all,
		 unsigned index, struct schema_value *out);
/* "a number from 1 to 255", "user or network": what would be right. Returns out. */
const char *schema_expected(const struct schema_key *key, char *out, size_t size);

#endif
