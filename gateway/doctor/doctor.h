/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is wrong, in one sentence, and the command that mends it. Facts are gathered first
 * (doctor_gather.h: files, driver, control socket), then rules make findings of them: pure
 * functions of values, so that each can be tested with the facts of a machine that nobody has. The
 * same rules answer `spanbridge doctor` and refuse to start in spanbridged.
 *
 * Any thread. Facts own what their pointers name unless said otherwise; findings are values.
 */
#ifndef GATEWAY_DOCTOR_DOCTOR_H
#define GATEWAY_DOCTOR_DOCTOR_H

#include "config/config.h"
#include "hw/t1e1/dahdi_probe.h"

enum { DOCTOR_TEXT = 400, DOCTOR_NAME = 32, DOCTOR_PROGRAMS_MAX = 8, DOCTOR_PATH = 256 };

struct doctor_program {
	int pid; /* 0: not known */
	char name[DOCTOR_NAME];
};

enum doctor_core {
	DOCTOR_CORE_UNKNOWN, /* not asked */
	DOCTOR_CORE_ABSENT,  /* nobody answers */
	DOCTOR_CORE_FORBIDDEN,
	DOCTOR_CORE_STRANGE, /* something else answers, or nothing sensible */
	DOCTOR_CORE_RUNS,
};

/* A span as the configuration wants it, the driver has it, and the running gateway sees it. */
struct doctor_span {
	const struct config_span *want;	   /* the configuration's */
	const struct dahdi_probe_span *is; /* the probe's; NULL: there is none, or no DAHDI */
	const char *is_not;		   /* why there is none: one sentence */
	bool running;			   /* the gateway told of it: */
	bool dchannel_up;
	int64_t down_s;	 /* since when it is down */
	char alarms[64]; /* names; "none" */
	uint64_t frames_in, frames_out, frames_bad;
	uint64_t same_side_in; /* SABME that came from our own side (Q.921 3.3.1) */
	uint64_t timing_slips;
};

/* A UDP socket that the configuration binds. */
struct doctor_socket {
	struct net_addr addr;
	int err; /* errno of binding it, when no gateway runs; 0 */
	struct doctor_program holder;
};

enum doctor_file_kind { DOCTOR_RECORDS, DOCTOR_CAPTURE, DOCTOR_LOG, DOCTOR_CONTROL, DOCTOR_FILES };

struct doctor_file {
	char path[DOCTOR_PATH]; /* empty: not configured */
	int err;		/* errno of writing there */
	uint64_t free_octets;	/* of the disk; 0: not known */
};

struct doctor_facts {
	const char *config_name;
	const struct config *config; /* not owned; NULL: it has mistakes, or none was named */
	unsigned mistakes;
	char mistake[DOCTOR_TEXT]; /* the first one */
	struct dahdi_probe dahdi;
	struct doctor_span *span; /* one per span of the configuration */
	unsigned span_count;
	struct doctor_program holder[DOCTOR_PROGRAMS_MAX]; /* who has channels of DAHDI open */
	unsigned holder_count;
	enum doctor_core core;
	char control_path[DOCTOR_PATH];
	char core_version[DOCTOR_NAME];
	unsigned core_spans;
	struct doctor_socket *socket; /* one per socket of the configuration */
	unsigned socket_count;
	struct doctor_file file[DOCTOR_FILES];
	uint16_t ephemeral_min, ephemeral_max; /* ports that the kernel gives away; 0: not known */
	bool ports_reserved;		       /* …but not those of rtp: ports: */
	bool real_time;			       /* we may use real-time priority */
	bool root;
	char user[DOCTOR_NAME], group[DOCTOR_NAME]; /* ours; group of /dev/dahdi */
};

enum doctor_severity {
	DOCTOR_ERROR,	/* cannot work */
	DOCTOR_WARNING, /* works, but will hurt */
	DOCTOR_NOTE,
};

struct doctor_finding {
	const char *id; /* "channel-busy": for programs, and for looking it up */
	enum doctor_severity severity;
	bool at_start;		/* spanbridged does not start with it */
	unsigned span;		/* 0: none */
	char what[DOCTOR_TEXT]; /* one sentence */
	char fix[DOCTOR_TEXT];	/* one sentence or command */
};

typedef void (*doctor_finding_fn)(void *arg, const struct doctor_finding *f);

/* Every finding, errors of the driver first. Returns how many are errors. */
unsigned doctor_check(const struct doctor_facts *f, doctor_finding_fn on_finding, void *arg);
/* The DAHDI part alone: what must hold before the spans are opened. */
unsigned doctor_check_driver(const struct doctor_facts *f, doctor_finding_fn on_finding, void *arg);

const char *doctor_severity_name(enum doctor_severity severity);

#endif
