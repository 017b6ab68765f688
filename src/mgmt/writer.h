/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The writer thread: everything that touches a disk or a terminal. Control copies log events, call
 * records and captured packets into one ring of fixed-size pieces; the writer formats and appends.
 *
 * Nothing is lost in silence. Log and capture may be dropped when the ring is full (counted; a line
 * says how many). Records have half the ring to themselves and then a bounded queue in control.
 * When a disk refuses, the writer keeps what it has in a bounded spool, raises an alarm and tries
 * again each second; a line that was written in part is taken back, so that no record is torn.
 *
 * Threads: writer_run (or writer_turn by hand, in virtual time) in the writer's; writer_stop and
 * writer_reopen in any; all others in control.
 */
#ifndef SRC_MGMT_WRITER_H
#define SRC_MGMT_WRITER_H

#include <stdint.h>

#include "gateway/base/log.h"
#include "gateway/call/call_table.h"

struct writer;

struct writer_cfg {
	const char *records_path; /* NULL or empty: no records */
	const char *capture_path; /* NULL or empty: no capture; an older file is replaced */
	const char *log_path;	  /* NULL or empty: standard error */
	bool log_json;
	size_t ring_octets;  /* 0: 2 MiB */
	size_t spool_octets; /* of each file, while its disk refuses; 0: 4 MiB */
	/* Name of a trunk, for records; called in control. NULL: its number. */
	const char *(*trunk_name)(void *arg, uint16_t index);
	void *arg;
};

/* Files of struct writer_counters. */
enum writer_file { WRITER_RECORDS, WRITER_LOG, WRITER_CAPTURE, WRITER_FILES };

struct writer_counters {
	struct {
		uint64_t written;  /* records, lines, packets that are in the file */
		uint64_t lost;	   /* dropped: ring full, spool full */
		uint64_t waiting;  /* in the spool because the disk refuses */
		uint64_t failures; /* refused writes and opens */
		int error;	   /* errno while it refuses, else 0 */
		bool enabled;
	} file[WRITER_FILES];
	uint64_t records_queued; /* in control, because the ring is full: the disk hangs */
	uint64_t interrupted;	 /* calls that a killed program had left open, found at the start */
};

/* Opens the files: 0, or -errno with one sentence in why (a buffer of at least 320 octets). */
int writer_create(struct writer **out, const struct writer_cfg *cfg, char *why, size_t why_size);
void writer_destroy(struct writer *w); /* the thread has ended; NULL legal */

/* A log_sink_fn; arg: struct writer *. */
void writer_log(void *writer, const struct log_event *event);
void writer_record(struct writer *w, const struct call_record *record);
/* A call is open and this is what its record would say: kept beside the records (as their path with
 * ".open") until the record comes, so that the next start records it as interrupted when this
 * program is killed. May be repeated. */
void writer_open_call(struct writer *w, const struct call_record *record);
/* One D-channel frame without FCS. network: our side of the span; outbound: from us. */
void writer_capture_frame(struct writer *w, int64_t wall_us, uint16_t span, bool network,
			  bool outbound, const uint8_t *frame, size_t len);
/* One SIP datagram. */
void writer_capture_sip(struct writer *w, int64_t wall_us, bool outbound,
			const struct net_addr *local, const struct net_addr *peer, const char *msg,
			size_t len);
bool writer_captures(const struct writer *w); /* false: the two above do nothing */
/* At the end of each control turn: wakes the writer, hands over queued records, and logs what the
 * writer had to report (writer.disk_refuses, writer.disk_back, writer.lost). */
void writer_control_turn(struct writer *w, int64_t now_us);
void writer_counters(const struct writer *w, struct writer_counters *out);

/* Writes all that waits in the ring. */
void writer_turn(struct writer *w, int64_t now_us);
/* The thread's body: until writer_stop(), after which it writes what is left and returns. */
void writer_run(struct writer *w);
void writer_stop(struct writer *w);
/* SIGHUP: somebody renamed the files; open them anew. Safe in a signal handler. */
void writer_reopen(struct writer *w);

#endif
