/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/mgmt/writer.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/queue.h>
#include <unistd.h>

#include "gateway/base/clock.h"
#include "gateway/base/ring.h"
#include "gateway/base/strbuf.h"
#include "src/mgmt/append_file.h"
#include "src/mgmt/capture.h"
#include "src/mgmt/journal.h"
#include "src/mgmt/log_tail.h"
#include "src/mgmt/record_json.h"
#include "src/sip_map/sip.h"

enum {
	PIECE_OCTETS = 508,
	RING_OCTETS = 2 << 20,
	SPOOL_OCTETS = 4 << 20,
	QUEUE_MAX = 10000, /* records in control while the disk hangs */
	LINE_MAX_OCTETS = 4096,
	TAIL_OCTETS = 1 << 20, /* of the records: what a killed program wrote last is in there */
	REPORT_US = 1000000,
	WAIT_MS = 100, /* until what waits is tried again */
	MESSAGE_MAX = SIP_DATAGRAM_MAX + 128,
};

/* A message is one or more pieces in a row. */
struct piece {
	uint8_t kind; /* enum message_kind */
	uint8_t last;
	uint16_t len;
	uint8_t data[PIECE_OCTETS];
};

enum message_kind { MESSAGE_LOG, MESSAGE_RECORD, MESSAGE_OPEN, MESSAGE_FRAME, MESSAGE_SIP };

struct record_message {
	struct call_record record;
	char source[RECORD_ENDPOINT_TEXT], target[RECORD_ENDPOINT_TEXT];
};

struct frame_head {
	int64_t wall_us;
	uint16_t span;
	bool network, outbound;
};

struct sip_head {
	int64_t wall_us;
	struct net_addr local, peer;
	bool outbound;
};

struct queued_record {
	STAILQ_ENTRY(queued_record) entry;
	struct record_message message;
};

struct writer {
	/* set once */
	struct ring *ring;
	size_t pieces; /* the ring holds at least so many */
	bool enabled[WRITER_FILES], log_json;
	const char *(*trunk_name)(void *arg, uint16_t index);
	void *arg;
	int poke_fd; /* eventfd: stop, reopen */
	/* owner: control */
	STAILQ_HEAD(, queued_record) queue;
	uint64_t queued;
	uint64_t lost[WRITER_FILES];	 /* the ring was full */
	uint64_t reported[WRITER_FILES]; /* losses told so far, ring and spool */
	int error[WRITER_FILES];	 /* as told */
	int64_t report_us;
	uint64_t interrupted; /* found at the start */
	bool interrupted_told;
	/* owner: writer */
	struct append_file file[WRITER_FILES];
	struct journal journal;
	struct capture capture;
	uint8_t *message; /* being put together from pieces, MESSAGE_MAX */
	size_t message_len;
	uint8_t *block; /* pcapng, MESSAGE_MAX + CAPTURE_OVERHEAD */
	/* atomic */
	_Atomic bool stop, reopen;
};

static const char *const file_name[WRITER_FILES] = {"records", "log", "capture"};

/* ── control ── */

/* reserve: pieces that must stay free, so that records do not drown in log lines. */
static bool push(struct writer *w, enum message_kind kind, const void *head, size_t head_len,
		 const void *body, size_t body_len, size_t reserve)
{
	size_t len = head_len + body_len, at = 0;

	if (ring_free(w->ring) < reserve + len / PIECE_OCTETS + 1)
		return false;
	do {
		struct piece p = {.kind = (uint8_t)kind};
		size_t from_head = at < head_len ? head_len - at : 0;

		if (from_head > PIECE_OCTETS)
			from_head = PIECE_OCTETS;
		if (from_head)
			memcpy(p.data, (const uint8_t *)head + at, from_head);
		p.len = (uint16_t)(len - at < PIECE_OCTETS ? len - at : PIECE_OCTETS);
		if (p.len > from_head)
			memcpy(p.data + from_head,
			       (const uint8_t *)body + (at + from_head - head_len),
			       p.len - from_head);
		at += p.len;
		p.last = at == len;
		ring_push(w->ring, &p);
	} while (at < len);
	return true;
}

void writer_log(void *writer, const struct log_event *event)
{
	struct writer *w = writer;
	unsigned char packed[LOG_PACKED_MAX];
	size_t len = log_pack(event, packed);

	if (!push(w, MESSAGE_LOG, packed, len, NULL, 0, w->pieces / 2))
		w->lost[WRITER_LOG]++;
}

static const char *name_of(const struct writer *w, struct call_endpoint ep)
{
	return ep.kind == CALL_EP_TRUNK && w->trunk_name ? w->trunk_name(w->arg, ep.index) : NULL;
}

static void queue_record(struct writer *w, const struct record_message *m)
{
	struct queued_record *q = w->queued < QUEUE_MAX ? malloc(sizeof(*q)) : NULL;

	if (!q) {
		w->lost[WRITER_RECORDS]++;
		return;
	}
	q->message = *m;
	STAILQ_INSERT_TAIL(&w->queue, q, entry);
	w->queued++;
}

static void name_ends(const struct writer *w, struct record_message *m)
{
	record_endpoint(m->record.setup.source, name_of(w, m->record.setup.source), m->source);
	record_endpoint(m->record.target, name_of(w, m->record.target), m->target);
}

void writer_open_call(struct writer *w, const struct call_record *record)
{
	struct record_message m = {.record = *record};

	/* Not worth a record's place in the ring. */
	if (!w->enabled[WRITER_RECORDS])
		return;
	name_ends(w, &m);
	push(w, MESSAGE_OPEN, &m, sizeof(m), NULL, 0, w->pieces / 2);
}

void writer_record(struct writer *w, const struct call_record *record)
{
	struct record_message m = {.record = *record};

	if (!w->enabled[WRITER_RECORDS])
		return;
	name_ends(w, &m);
	if (w->queued || !push(w, MESSAGE_RECORD, &m, sizeof(m), NULL, 0, 0))
		queue_record(w, &m);
}

bool writer_captures(const struct writer *w)
{
	return w->enabled[WRITER_CAPTURE];
}

void writer_capture_frame(struct writer *w, int64_t wall_us, uint16_t span, bool network,
			  bool outbound, const uint8_t *frame, size_t len)
{
	const struct frame_head head = {
	    .wall_us = wall_us, .span = span, .network = network, .outbound = outbound};

	if (w->enabled[WRITER_CAPTURE] &&
	    (len > SIP_DATAGRAM_MAX ||
	     !push(w, MESSAGE_FRAME, &head, sizeof(head), frame, len, w->pieces / 2)))
		w->lost[WRITER_CAPTURE]++;
}

void writer_capture_sip(struct writer *w, int64_t wall_us, bool outbound,
			const struct net_addr *local, const struct net_addr *peer, const char *msg,
			size_t len)
{
	const struct sip_head head = {
	    .wall_us = wall_us, .local = *local, .peer = *peer, .outbound = outbound};

	if (w->enabled[WRITER_CAPTURE] &&
	    (len > SIP_DATAGRAM_MAX ||
	     !push(w, MESSAGE_SIP, &head, sizeof(head), msg, len, w->pieces / 2)))
		w->lost[WRITER_CAPTURE]++;
}

static void hand_over_queue(struct writer *w)
{
	struct queued_record *q;

	while ((q = STAILQ_FIRST(&w->queue)) &&
	       push(w, MESSAGE_RECORD, &q->message, sizeof(q->message), NULL, 0, 0)) {
		STAILQ_REMOVE_HEAD(&w->queue, entry);
		w->queued--;
		free(q);
	}
}

static uint64_t load(const _Atomic uint64_t *counter)
{
	return atomic_load_explicit(counter, memory_order_relaxed);
}

/* The writer cannot log: the ring has one producer. So control says what it sees. */
static void report(struct writer *w, enum writer_file i)
{
	struct append_file *f = &w->file[i];
	int error = atomic_load_explicit(&f->error, memory_order_relaxed);
	uint64_t lost = load(&f->lost) + w->lost[i];

	if (error != w->error[i]) {
		w->error[i] = error;
		if (error)
			LOG(LOG_ERROR, "writer.disk_refuses", 0, L_S("file", file_name[i]),
			    L_S("path", f->path), L_S("why", strerror(error)),
			    L_U("waiting", load(&f->waiting)));
		else
			LOG(LOG_WARN, "writer.disk_back", 0, L_S("file", file_name[i]),
			    L_S("path", f->path));
	}
	if (lost != w->reported[i]) {
		LOG(i == WRITER_RECORDS ? LOG_ERROR : LOG_WARN, "writer.lost", 0,
		    L_S("file", file_name[i]), L_U("count", lost - w->reported[i]));
		w->reported[i] = lost;
	}
}

void writer_control_turn(struct writer *w, int64_t now_us)
{
	hand_over_queue(w);
	if (w->interrupted && !w->interrupted_told) {
		w->interrupted_told = true;
		LOG(LOG_WARN, "writer.interrupted", 0, L_U("calls", w->interrupted),
		    L_S("why", "the program was killed while they were up"));
	}
	if (now_us >= w->report_us) {
		w->report_us = now_us + REPORT_US;
		for (int i = 0; i < WRITER_FILES; i++)
			report(w, (enum writer_file)i);
	}
	ring_notify(w->ring);
}

void writer_counters(const struct writer *w, struct writer_counters *out)
{
	*out = (struct writer_counters){.records_queued = w->queued, .interrupted = w->interrupted};
	for (int i = 0; i < WRITER_FILES; i++) {
		const struct append_file *f = &w->file[i];

		out->file[i].enabled = w->enabled[i];
		out->file[i].written = load(&f->written);
		out->file[i].lost = load(&f->lost) + w->lost[i];
		out->file[i].waiting = load(&f->waiting);
		out->file[i].failures = load(&f->failures);
		out->file[i].error = atomic_load_explicit(&f->error, memory_order_relaxed);
	}
}

/* ── writer ── */

static void write_log(struct writer *w)
{
	char line[LINE_MAX_OCTETS];
	struct log_event event;
	size_t n;

	if (!log_unpack(&event, w->message, w->message_len))
		return;
	n = w->log_json ? log_format_json(&event, line, sizeof(line) - 1)
			: log_format_line(&event, line, sizeof(line) - 1);
	line[n++] = '\n';
	append_file_add(&w->file[WRITER_LOG], line, n);
}

static void write_record(struct writer *w)
{
	struct append_file *f = &w->file[WRITER_RECORDS];
	struct json_out json = {0};
	struct record_message m;
	char *line;
	size_t n;

	memcpy(&m, w->message, sizeof(m));
	record_write(&json, &m.record, m.source, m.target, 0);
	line = json_take(&json, &n);
	if (!line) {
		append_file_add(f, "", f->size + 1); /* out of memory: counted as lost */
		return;
	}
	line[n++] = '\n'; /* in place of the NUL */
	append_file_add(f, line, n);
	free(line);
	if (!m.record.refused) /* else it was never open */
		journal_end(&w->journal, m.record.call);
}

/* As the next start would have to write it. */
static void write_open(struct writer *w)
{
	struct json_out json = {0};
	struct record_message m;
	char *line;
	size_t n;

	memcpy(&m, w->message, sizeof(m));
	m.record.guard_hit = true;
	record_write(&json, &m.record, m.source, m.target, 0);
	line = json_take(&json, &n);
	if (line)
		journal_put(&w->journal, m.record.call, line, n);
	free(line);
}

/* An interface that was described in a lost block must be described again. */
static void write_block(struct writer *w, const struct capture *before, size_t len)
{
	if (len == 0 || !append_file_add(&w->file[WRITER_CAPTURE], w->block, len))
		w->capture = *before;
}

static void write_packet(struct writer *w, enum message_kind kind)
{
	struct capture before = w->capture;
	struct frame_head frame;
	struct sip_head sip;
	size_t cap = MESSAGE_MAX + CAPTURE_OVERHEAD, len;

	if (kind == MESSAGE_FRAME) {
		memcpy(&frame, w->message, sizeof(frame));
		len = capture_frame(&w->capture, w->block, cap, frame.wall_us, frame.span,
				    frame.network, frame.outbound, w->message + sizeof(frame),
				    w->message_len - sizeof(frame));
	} else {
		memcpy(&sip, w->message, sizeof(sip));
		len =
		    capture_udp(&w->capture, w->block, cap, sip.wall_us, sip.outbound, &sip.local,
				&sip.peer, w->message + sizeof(sip), w->message_len - sizeof(sip));
	}
	write_block(w, &before, len);
}

static void write_message(struct writer *w, enum message_kind kind)
{
	if (kind == MESSAGE_LOG)
		write_log(w);
	else if (kind == MESSAGE_RECORD)
		write_record(w);
	else if (kind == MESSAGE_OPEN)
		write_open(w);
	else
		write_packet(w, kind);
}

static void begin_capture(struct writer *w)
{
	size_t n = capture_begin(&w->capture, w->block, CAPTURE_OVERHEAD);

	append_file_add(&w->file[WRITER_CAPTURE], w->block, n);
	w->file[WRITER_CAPTURE].items = 0; /* no packet */
}

static void reopen_files(struct writer *w, int64_t now_us)
{
	struct append_file *capture = &w->file[WRITER_CAPTURE];

	for (int i = 0; i < WRITER_FILES; i++) {
		if (!w->enabled[i] || i == WRITER_CAPTURE)
			continue;
		append_file_flush(&w->file[i], now_us);
		append_file_reopen(&w->file[i], now_us);
	}
	/* A capture that nobody moved away goes on; a new one begins with its own section. */
	if (!w->enabled[WRITER_CAPTURE] || !append_file_was_renamed(capture))
		return;
	append_file_flush(capture, now_us);
	append_file_give_up(capture);
	capture->len = 0;
	capture->items = 0;
	begin_capture(w);
	append_file_reopen(capture, now_us);
}

void writer_turn(struct writer *w, int64_t now_us)
{
	struct piece p;

	if (atomic_exchange_explicit(&w->reopen, false, memory_order_relaxed))
		reopen_files(w, now_us);
	while (ring_pop(w->ring, &p)) {
		if (p.len > MESSAGE_MAX - w->message_len)
			w->message_len = 0; /* cannot be: the producer keeps the bound */
		memcpy(w->message + w->message_len, p.data, p.len);
		w->message_len += p.len;
		if (!p.last)
			continue;
		write_message(w, p.kind);
		w->message_len = 0;
	}
	for (int i = 0; i < WRITER_FILES; i++)
		if (w->enabled[i])
			append_file_flush(&w->file[i], now_us);
	if (!w->file[WRITER_RECORDS].len)
		journal_sweep(&w->journal);
}

static bool anything_waits(const struct writer *w)
{
	for (int i = 0; i < WRITER_FILES; i++)
		if (w->file[i].len)
			return true;
	return false;
}

void writer_run(struct writer *w)
{
	struct pollfd fds[2] = {{.fd = ring_wake_fd(w->ring), .events = POLLIN},
				{.fd = w->poke_fd, .events = POLLIN}};

	while (!atomic_load(&w->stop)) {
		uint64_t count;

		poll(fds, 2, anything_waits(w) ? WAIT_MS : -1);
		if (fds[1].revents & POLLIN && read(w->poke_fd, &count, sizeof(count)) < 0)
			continue;
		ring_wake_clear(w->ring);
		writer_turn(w, clock_mono_us());
	}
	writer_turn(w, clock_mono_us());
}

static void poke(struct writer *w)
{
	uint64_t one = 1;

	/* EAGAIN: it was poked before and has not come round yet. */
	if (write(w->poke_fd, &one, sizeof(one)) < 0)
		return;
}

void writer_stop(struct writer *w)
{
	atomic_store(&w->stop, true);
	poke(w);
}

void writer_reopen(struct writer *w)
{
	atomic_store(&w->reopen, true);
	poke(w);
}

/* ── both ── */

static int open_file(struct writer *w, enum writer_file i, const char *path, size_t spool,
		     char *why, size_t why_size)
{
	struct strbuf b;
	int err;

	w->enabled[i] = i == WRITER_LOG || (path && *path);
	if (!w->enabled[i])
		return 0;
	err = append_file_init(&w->file[i], path, spool, i != WRITER_CAPTURE, i == WRITER_CAPTURE);
	if (!err)
		return 0;
	strbuf_init(&b, why, why_size);
	strbuf_addf(&b, "cannot write the %s file %s: %s", file_name[i], path ? path : "",
		    strerror(-err));
	return err;
}

/* A program that was killed between the record and the journal has left both: the end of the records
 * tells, since a record and its open line begin alike up to the moment of the call's begin. */
static bool is_recorded(const char *line, size_t len, const char *tail, size_t tail_len)
{
	static const char key[] = "\"begin\":\"";
	const char *begin = memmem(line, len, key, sizeof(key) - 1);
	const char *end = begin ? memchr(begin + sizeof(key) - 1, '"',
					 len - (size_t)(begin + sizeof(key) - 1 - line))
				: NULL;

	return end && memmem(tail, tail_len, line, (size_t)(end - line) + 1);
}

struct recovery {
	struct writer *w;
	char *tail; /* of the records file */
	size_t tail_len;
};

static void recover_line(void *arg, const char *line, size_t len)
{
	struct recovery *r = arg;
	struct append_file *f = &r->w->file[WRITER_RECORDS];

	if (is_recorded(line, len, r->tail, r->tail_len))
		return;
	append_file_add(f, line, len);
	append_file_add(f, "\n", 1);
	f->items--; /* one line */
	r->w->interrupted++;
}

/* Without it calls are as well off as before: no reason not to start. */
static void open_journal(struct writer *w, const char *records_path)
{
	struct recovery r = {.w = w, .tail = malloc(TAIL_OCTETS)};
	char path[sizeof(w->file[0].path) + 8];
	off_t size;

	snprintf(path, sizeof(path), "%s.open", records_path);
	if (!r.tail || journal_open(&w->journal, path)) {
		free(r.tail);
		return;
	}
	size = lseek(w->file[WRITER_RECORDS].fd, 0, SEEK_END);
	if (size > 0) {
		off_t from = size > TAIL_OCTETS ? size - TAIL_OCTETS : 0;
		ssize_t n = pread(w->file[WRITER_RECORDS].fd, r.tail, TAIL_OCTETS, from);

		r.tail_len = n > 0 ? (size_t)n : 0;
	}
	journal_recover(&w->journal, recover_line, &r);
	append_file_flush(&w->file[WRITER_RECORDS], 0);
	free(r.tail);
}

static int open_files(struct writer *w, const struct writer_cfg *cfg, char *why, size_t why_size)
{
	size_t spool = cfg->spool_octets ? cfg->spool_octets : SPOOL_OCTETS;
	int err = open_file(w, WRITER_RECORDS, cfg->records_path, spool, why, why_size);

	if (!err && w->enabled[WRITER_RECORDS])
		open_journal(w, cfg->records_path);
	if (!err)
		err = open_file(w, WRITER_LOG, cfg->log_path, spool, why, why_size);
	if (!err)
		err = open_file(w, WRITER_CAPTURE, cfg->capture_path, spool, why, why_size);
	if (!err && w->enabled[WRITER_CAPTURE])
		begin_capture(w);
	return err;
}

int writer_create(struct writer **out, const struct writer_cfg *cfg, char *why, size_t why_size)
{
	size_t octets = cfg->ring_octets ? cfg->ring_octets : RING_OCTETS;
	struct writer *w = calloc(1, sizeof(*w));
	int err;

	str_copy(why, why_size, "out of memory");
	if (!w)
		return -ENOMEM;
	STAILQ_INIT(&w->queue);
	for (int i = 0; i < WRITER_FILES; i++)
		w->file[i].fd = -1;
	w->journal.fd = -1;
	w->log_json = cfg->log_json;
	w->trunk_name = cfg->trunk_name;
	w->arg = cfg->arg;
	w->pieces = octets / sizeof(struct piece);
	w->poke_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	w->message = malloc(MESSAGE_MAX);
	w->block = malloc(MESSAGE_MAX + CAPTURE_OVERHEAD);
	err = w->poke_fd < 0 ? -errno : w->message && w->block ? 0 : -ENOMEM;
	if (!err)
		err = ring_create(&w->ring, sizeof(struct piece), w->pieces, true);
	if (!err)
		err = open_files(w, cfg, why, why_size);
	if (err) {
		writer_destroy(w);
		return err;
	}
	*out = w;
	return 0;
}

/* The thread has ended: this one writes what is left. */
static void finish(struct writer *w)
{
	do {
		hand_over_queue(w);
		writer_turn(w, INT64_MAX - APPEND_RETRY_US);
	} while (w->queued);
	for (int i = 0; i < WRITER_FILES; i++)
		append_file_give_up(&w->file[i]);
}

void writer_destroy(struct writer *w)
{
	if (!w)
		return;
	if (w->ring)
		finish(w);
	for (int i = 0; i < WRITER_FILES; i++)
		append_file_fini(&w->file[i]);
	journal_close(&w->journal);
	ring_destroy(w->ring);
	if (w->poke_fd >= 0)
		close(w->poke_fd);
	free(w->message);
	free(w->block);
	free(w);
}
