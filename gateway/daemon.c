/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "gateway/daemon.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <uv.h>

#include "gateway/core.h"
#include "gateway/core_view.h"
#include "gateway/doctor/doctor_gather.h"
#include "gateway/lookup/enum/resolver.h"
#include "gateway/plan_reload.h"
#include "gateway/turn_cost.h"
#include "hw/t1e1/e1_dahdi.h"
#include "hw/t1e1/e1_virt.h"
#include "src/isdn_map/isdn_words.h"
#include "src/mgmt/control_server.h"
#include "src/mgmt/writer.h"
#include "src/sip_map/transport/sip_udp.h"

enum {
	ENDED_LADDERS = 200, /* of calls that have ended */
	WORKERS_MAX = 16,
	WHY_SIZE = 512,
	WHO_DNS = 0x7fffffff, /* no client of the control socket */
	MEDIA_PRIORITY = 10, /* of SCHED_FIFO, where it is permitted */
	CONTROL_PRIORITY = 5,
	SHUTDOWN_US = 5 * 1000 * 1000, /* calls have this long to clear */
	LAST_FRAMES_US = 300 * 1000,   /* a D-channel of 64 kbit/s sends what it still holds */
};

struct watch {
	uv_poll_t poll;
	struct daemon *daemon;
	unsigned index;
};

struct daemon {
	const struct config *config;
	uv_loop_t loop;
	uv_prepare_t prepare;
	uv_timer_t timer;
	uv_signal_t sigterm, sigint, sighup;
	struct core *core;
	struct e1_span *span;
	unsigned spans_open;
	int *sip_fd;
	struct watch *sip_watch, *dchan_watch, media_watch;
	struct rng rng;
	struct writer *writer;
	pthread_t writer_thread, worker_thread[WORKERS_MAX];
	unsigned workers_running;
	bool writer_running;
	struct control_server *control;
	struct resolver *dns; /* NULL: there was a dns.unusable */
	struct log_tail *log;
	struct trace *trace;
	struct core_view view;
	struct plan_reload reload;
	struct turn_cost turn; /* this pass of the loop */
	bool turn_due;
	int64_t stop_at_us; /* TIME_NEVER_US: not stopping */
	bool draining;	    /* no call is left, the last D-channel frames leave */
};

/* ── the turn ── */

static int64_t turn_now(struct daemon *d)
{
	d->turn_due = true;
	return turn_cost_begin(&d->turn);
}

static void on_timer(uv_timer_t *timer)
{
	turn_now(timer->data);
}

static void on_readable(uv_poll_t *poll, int status, int events)
{
	struct watch *w = poll->data;

	(void)status;
	(void)events;
	turn_now(w->daemon);
}

static void on_datagram(void *arg, const struct net_addr *from, const char *msg, size_t len)
{
	struct watch *w = arg;

	core_sip_receive(w->daemon->core, turn_now(w->daemon), w->index, from, msg, len);
}

static void on_sip_readable(uv_poll_t *poll, int status, int events)
{
	struct watch *w = poll->data;

	(void)status;
	(void)events;
	/* A batch: a flood leaves time for the D-channels, libuv comes back for the rest. */
	sip_udp_receive(w->daemon->sip_fd[w->index], on_datagram, w);
}

static void arm_timer(struct daemon *d, int64_t now_us)
{
	int64_t next_us = core_next_us(d->core);

	if (d->stop_at_us < next_us)
		next_us = d->stop_at_us;
	if (next_us == TIME_NEVER_US) {
		uv_timer_stop(&d->timer);
		return;
	}
	next_us = next_us > now_us ? next_us - now_us : 0;
	uv_update_time(&d->loop);
	uv_timer_start(&d->timer, on_timer, (uint64_t)(next_us + US_PER_MS - 1) / US_PER_MS, 0);
}

static bool is_stopping(const struct daemon *d)
{
	return d->stop_at_us != TIME_NEVER_US;
}

static void stop_when_quiet(struct daemon *d, int64_t now_us)
{
	if (!is_stopping(d))
		return;
	if (now_us >= d->stop_at_us)
		uv_stop(&d->loop);
	else if (!d->draining && call_table_counters(d->core->calls)->active == 0) {
		d->draining = true;
		if (d->stop_at_us > now_us + LAST_FRAMES_US)
			d->stop_at_us = now_us + LAST_FRAMES_US;
	}
}

/* Runs before the loop waits: everything that this pass read is worked off in one turn. */
static void on_prepare(uv_prepare_t *prepare)
{
	struct daemon *d = prepare->data;
	int64_t begin_us;

	if (!d->turn_due)
		return;
	begin_us = turn_cost_begin(&d->turn);
	core_turn(d->core, begin_us);
	writer_control_turn(d->writer, begin_us);
	control_server_turn(d->control);
	stop_when_quiet(d, begin_us);
	d->turn_due = false;
	arm_timer(d, turn_cost_end(&d->turn));
}

/* ── signals ── */

static void stop(struct daemon *d, const char *why)
{
	int64_t now_us = turn_now(d);

	if (is_stopping(d)) {
		d->stop_at_us = now_us;
		return;
	}
	LOG(LOG_INFO, "core.stopping", 0, L_S("why", why),
	    L_U("calls", call_table_counters(d->core->calls)->active));
	d->stop_at_us = now_us + SHUTDOWN_US;
	d->core->stopping = true;
	call_table_clear_all(
	    d->core->calls,
	    (struct call_cause){.value = CAUSE_OUT_OF_ORDER, .location = CALL_LOC_PRIVATE_LOCAL});
}

static void on_signal(uv_signal_t *handle, int signum)
{
	struct daemon *d = handle->data;

	if (signum == SIGHUP) {
		writer_reopen(d->writer);
		plan_reload_start(&d->reload);
	} else {
		stop(d, signum == SIGTERM ? "SIGTERM" : "SIGINT");
	}
}

/* Somebody asks at the control socket: a turn follows, at the time that it is told. */
static int64_t touch(void *arg)
{
	return turn_now(arg);
}

static void on_plan_reload(void *arg)
{
	struct daemon *d = arg;

	plan_reload_start(&d->reload);
}

static void on_shutdown_request(void *arg)
{
	stop(arg, "control socket");
}

/* ── what the core reports ── */

static void on_open(void *arg, const struct call_record *record)
{
	struct daemon *d = arg;

	writer_open_call(d->writer, record);
}

static void on_record(void *arg, const struct call_record *record)
{
	struct daemon *d = arg;

	writer_record(d->writer, record);
	if (!record->refused)
		trace_unbind(d->trace, record->call);
}

static void log_frame(uint16_t span, bool outbound, const uint8_t *frame, size_t len)
{
	char words[ISDN_WORDS_LINE];

	isdn_words_line(words, sizeof(words), frame, len);
	LOG(LOG_DEBUG, "span.frame", 0, L_U("span", span), L_S("direction", outbound ? "out" : "in"),
	    L_S("words", words));
}

static void on_frame(void *arg, uint16_t span, bool outbound, const uint8_t *frame, size_t len)
{
	struct daemon *d = arg;
	bool network = false;

	trace_add_frame(d->trace, clock_wall_us(), span, outbound, frame, len);
	if (log_enabled(LOG_DEBUG))
		log_frame(span, outbound, frame, len);
	if (!d->config->capture_path[0])
		return;
	for (unsigned i = 0; i < d->config->span_count; i++)
		if (d->config->span[i].isdn.span == span)
			network = d->config->span[i].isdn.side == ISDN_NETWORK;
	writer_capture_frame(d->writer, clock_wall_us(), span, network, outbound, frame, len);
}

static void on_message(void *arg, unsigned socket, bool outbound, const struct net_addr *local,
		       const struct net_addr *peer, const char *msg, size_t len)
{
	struct daemon *d = arg;

	(void)socket;
	trace_add_sip(d->trace, clock_wall_us(), outbound, peer, msg, len);
	if (!d->config->capture_path[0])
		return;
	writer_capture_sip(d->writer, clock_wall_us(), outbound, local, peer, msg, len);
}

static void on_isdn_call(void *arg, uint16_t span, call_id call, uint16_t cref, bool ours)
{
	struct daemon *d = arg;

	trace_bind_isdn(d->trace, call, span, cref, ours);
}

static void on_sip_call(void *arg, call_id call, const char *sip_call_id)
{
	struct daemon *d = arg;

	trace_bind_sip(d->trace, call, sip_call_id);
}

static void on_log(void *arg, const struct log_event *event)
{
	struct daemon *d = arg;

	writer_log(d->writer, event);
	log_tail_add(d->log, event);
}

static int send_sip(void *arg, unsigned socket, const struct net_addr *to, const char *msg,
		    size_t len)
{
	struct daemon *d = arg;

	return sip_udp_send(d->sip_fd[socket], to, msg, len);
}

static uint32_t ask_lookup(void *arg, const struct lookup_question *q)
{
	struct daemon *d = arg;

	if (q->kind == PLAN_LOOKUP_ENUM)
		return d->dns && resolver_ask(d->dns, q) ? WHO_DNS : 0;
	return d->control ? control_server_ask(d->control, q) : 0;
}

static void on_dns_answer(void *arg, uint64_t question, const struct plan_answer *answer,
			  const char *why)
{
	struct daemon *d = arg;

	lookup_answer(d->core->lookup, turn_now(d), question, answer, why);
}

static bool view_dns_server(void *arg, unsigned index, struct lookup_server *out)
{
	struct daemon *d = arg;

	return d->dns && resolver_server(d->dns, index, out);
}

/* ── start ── */

static int fail(const char *what, const char *why)
{
	fprintf(stderr, "spanbridged: %s: %s\n", what, why);
	return -1;
}

static int open_virtual(struct e1_span *out, const struct config_span *s, char *why, size_t size)
{
	struct e1_virt_socket_cfg cfg = {
	    .path = s->path,
	    .listen = s->listen,
	    .clock_master = s->clock_master,
	    .dchan_64k = true,
	};
	const char *sentence = "";
	int err = e1_virt_socket_open(out, s->isdn.span, &cfg, &sentence);

	snprintf(why, size, "%s: %s", s->path, sentence);
	return err;
}

static void on_finding(void *arg, const struct doctor_finding *f)
{
	unsigned *held = arg;

	if (f->at_start && f->severity == DOCTOR_ERROR) {
		fprintf(stderr, "spanbridged: %s\n  %s\n", f->what, f->fix);
		++*held;
	} else {
		LOG(LOG_WARN, "core.doctor", 0, L_U("span", f->span), L_S("what", f->what),
		    L_S("fix", f->fix));
	}
}

/* Each reason why a card's spans cannot be used, with what mends it; not only the first one. */
static int check_driver(const struct config *config)
{
	struct doctor_facts f;
	unsigned held = 0;
	bool dahdi = false;

	for (unsigned i = 0; i < config->span_count; i++)
		dahdi |= config->span[i].driver == CONFIG_DRIVER_DAHDI;
	if (dahdi && !doctor_gather_driver(&f, NULL, config)) {
		doctor_check_driver(&f, on_finding, &held);
		doctor_facts_free(&f);
	}
	return held ? -1 : 0;
}

static int open_spans(struct daemon *d)
{
	if (check_driver(d->config))
		return -1;
	d->span = calloc(d->config->span_count + 1, sizeof(*d->span));
	if (!d->span)
		return fail("spans", "out of memory");
	for (unsigned i = 0; i < d->config->span_count; i++) {
		const struct config_span *s = &d->config->span[i];
		char what[32], why[WHY_SIZE];
		int err;

		if (s->driver == CONFIG_DRIVER_DAHDI)
			err = e1_dahdi_open(&d->span[i], s->isdn.span, &s->dahdi, why);
		else
			err = open_virtual(&d->span[i], s, why, sizeof(why));
		if (err) {
			snprintf(what, sizeof(what), "span %u", s->isdn.span);
			return fail(what, why);
		}
		d->spans_open++;
	}
	return 0;
}

static int open_sockets(struct daemon *d)
{
	unsigned count = d->config->socket_count;

	d->sip_fd = calloc(count + 1, sizeof(*d->sip_fd));
	d->sip_watch = calloc(count + 1, sizeof(*d->sip_watch));
	if (!d->sip_fd || !d->sip_watch)
		return fail("SIP sockets", "out of memory");
	memset(d->sip_fd, -1, (count + 1) * sizeof(*d->sip_fd));
	for (unsigned i = 0; i < count; i++) {
		struct net_addr bind = d->config->socket[i];
		char text[NET_ADDR_TEXT];

		d->sip_fd[i] = sip_udp_open(&bind);
		if (d->sip_fd[i] < 0)
			return fail(net_addr_format(&d->config->socket[i], text),
				    strerror(-d->sip_fd[i]));
	}
	return 0;
}

static void watch_fd(struct daemon *d, struct watch *w, unsigned index, int fd, uv_poll_cb cb)
{
	w->daemon = d;
	w->index = index;
	w->poll.data = w;
	if (uv_poll_init(&d->loop, &w->poll, fd) == 0)
		uv_poll_start(&w->poll, UV_READABLE, cb);
}

static void watch_signal(struct daemon *d, uv_signal_t *s, int signum)
{
	uv_signal_init(&d->loop, s);
	s->data = d;
	uv_signal_start(s, on_signal, signum);
}

static int start_loop(struct daemon *d)
{
	d->dchan_watch = calloc(d->spans_open + 1, sizeof(*d->dchan_watch));
	if (!d->dchan_watch)
		return fail("loop", "out of memory");
	uv_prepare_init(&d->loop, &d->prepare);
	d->prepare.data = d;
	uv_prepare_start(&d->prepare, on_prepare);
	uv_timer_init(&d->loop, &d->timer);
	d->timer.data = d;
	watch_signal(d, &d->sigterm, SIGTERM);
	watch_signal(d, &d->sigint, SIGINT);
	watch_signal(d, &d->sighup, SIGHUP);
	for (unsigned i = 0; i < d->config->socket_count; i++)
		watch_fd(d, &d->sip_watch[i], i, d->sip_fd[i], on_sip_readable);
	for (unsigned i = 0; i < d->spans_open; i++)
		watch_fd(d, &d->dchan_watch[i], i, d->span[i].ops->dchan_fd(&d->span[i]),
			 on_readable);
	watch_fd(d, &d->media_watch, 0, media_event_fd(d->core->media), on_readable);
	turn_now(d);
	return 0;
}

static void *run_writer(void *arg)
{
	writer_run(arg);
	return NULL;
}

static void *run_worker(void *arg)
{
	media_worker_run(arg);
	return NULL;
}

static int start_thread(pthread_t *thread, void *(*run)(void *), void *arg, const char *name,
			bool real_time)
{
	sigset_t all, before;
	int err;

	/* Signals belong to the loop's thread. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	err = pthread_create(thread, NULL, run, arg);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (err)
		return fail(name, strerror(err));
	pthread_setname_np(*thread, name);
	if (real_time) {
		struct sched_param param = {.sched_priority = MEDIA_PRIORITY};

		err = pthread_setschedparam(*thread, SCHED_FIFO, &param);
		LOG(LOG_DEBUG, "core.worker_priority", 0, L_S("sched", err ? "other" : "fifo"));
	}
	return 0;
}

static int start_writer(struct daemon *d)
{
	struct writer_cfg cfg = {
	    .records_path = d->config->records_path,
	    .capture_path = d->config->capture_path,
	    .log_json = d->config->log_json,
	    .trunk_name = core_view_trunk_name,
	    .arg = (void *)(uintptr_t)d->config,
	};
	char why[WHY_SIZE] = "";

	if (writer_create(&d->writer, &cfg, why, sizeof(why)))
		return fail("files", why);
	if (log_tail_create(&d->log))
		return fail("log", "out of memory");
	if (trace_create(&d->trace, d->config->calls_max + ENDED_LADDERS))
		return fail("trace", "out of memory");
	log_init(d->config->log_level, on_log, d);
	if (start_thread(&d->writer_thread, run_writer, d->writer, "writer", false))
		return -1;
	d->writer_running = true;
	return 0;
}

static int start_core(struct daemon *d)
{
	struct core_env env = {
	    .span = d->span,
	    .sip_transport = {.arg = d, .send = send_sip},
	    .rtp_net = &rtp_net_udp,
	    .rng = &d->rng,
	    .workers = 1,
	    .lookup = {.arg = d, .ask = ask_lookup},
	    .on_open = on_open,
	    .on_record = on_record,
	    .on_frame = on_frame,
	    .on_message = on_message,
	    .on_isdn_call = on_isdn_call,
	    .on_sip_call = on_sip_call,
	    .arg = d,
	};
	const char *why = "";
	int err;

	rng_init_secure(&d->rng);
	err = core_create(&d->core, d->config, &env, &why);
	if (err)
		return fail(why, strerror(-err));
	d->view = (struct core_view){
	    .core = d->core,
	    .writer = d->writer,
	    .turn = &d->turn,
	    .on_shutdown = on_shutdown_request,
	    .on_plan_reload = on_plan_reload,
	    .touch = touch,
	    .dns_server = view_dns_server,
	    .arg = d,
	};
	core_view_init(&d->view, d->log, d->trace, clock_mono_us());
	for (unsigned i = 0; i < d->core->worker_count && i < WORKERS_MAX; i++) {
		if (start_thread(&d->worker_thread[i], run_worker, d->core->worker[i], "media",
				 true))
			return -1;
		d->workers_running++;
	}
	return 0;
}

/* Calls go on without: a plan that asks falls back. */
static void start_dns(struct daemon *d)
{
	struct resolver_cfg cfg = {
	    .loop = &d->loop,
	    .server_count = d->config->dns_server_count,
	    .retry_ms = d->config->dns_retry_ms,
	    .now_us = touch,
	    .answered = on_dns_answer,
	    .arg = d,
	};
	char why[WHY_SIZE] = "";

	memcpy(cfg.server, d->config->dns_server, sizeof(cfg.server));
	if (resolver_create(&d->dns, &cfg, why, sizeof(why)))
		LOG(LOG_WARN, "dns.unusable", 0, L_S("why", why),
		    L_S("fix", "name servers in the configuration (dns.servers), or mend "
			       "/etc/resolv.conf; then start anew"));
}

static int start_control(struct daemon *d)
{
	char why[WHY_SIZE] = "";

	if (control_server_create(&d->control, &d->loop, d->config->control_path, &d->view.control,
				  why, sizeof(why)))
		return fail("control socket", why);
	return 0;
}

/* systemd's readiness datagram (sd_notify(3)), by hand. */
static void notify_ready(void)
{
	const char *path = getenv("NOTIFY_SOCKET");
	struct sockaddr_un sa = {.sun_family = AF_UNIX};
	int fd;

	if (!path || (path[0] != '/' && path[0] != '@') || strlen(path) >= sizeof(sa.sun_path))
		return;
	memcpy(sa.sun_path, path, strlen(path));
	if (path[0] == '@')
		sa.sun_path[0] = '\0';
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return;
	if (sendto(fd, "READY=1", 7, MSG_NOSIGNAL, (struct sockaddr *)&sa,
		   (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(path))) < 0)
		LOG(LOG_WARN, "core.notify_failed", 0, L_S("why", strerror(errno)));
	close(fd);
}

/* ── stop ── */

static void close_handle(uv_handle_t *handle, void *arg)
{
	(void)arg;
	if (!uv_is_closing(handle))
		uv_close(handle, NULL);
}

static void stop_threads(struct daemon *d)
{
	for (unsigned i = 0; i < d->workers_running; i++)
		media_worker_stop(d->core->worker[i]);
	for (unsigned i = 0; i < d->workers_running; i++)
		pthread_join(d->worker_thread[i], NULL);
}

static void daemon_fini(struct daemon *d)
{
	stop_threads(d);
	control_server_destroy(d->control);
	resolver_destroy(d->dns);
	uv_walk(&d->loop, close_handle, NULL);
	uv_run(&d->loop, UV_RUN_DEFAULT);
	uv_loop_close(&d->loop);
	core_destroy(d->core);
	for (unsigned i = 0; i < d->spans_open; i++)
		d->span[i].ops->close(&d->span[i]);
	free(d->span);
	for (unsigned i = 0; d->sip_fd && i < d->config->socket_count; i++)
		sip_udp_close(d->sip_fd[i]);
	if (d->writer_running) {
		writer_stop(d->writer);
		pthread_join(d->writer_thread, NULL);
	}
	log_init(d->config->log_level, NULL, NULL);
	writer_destroy(d->writer);
	log_tail_destroy(d->log);
	trace_destroy(d->trace);
	free(d->sip_fd);
	free(d->sip_watch);
	free(d->dchan_watch);
}

/* LAPD's timers do not wait for whoever else wants the CPU, a plan that is being loaded least of all.
 * Behind the media workers; threads that begin later are ordinary ones again. */
static void take_priority(void)
{
	struct sched_param param = {.sched_priority = CONTROL_PRIORITY};

	if (sched_setscheduler(0, SCHED_FIFO | SCHED_RESET_ON_FORK, &param))
		LOG(LOG_INFO, "core.no_priority", 0, L_S("why", strerror(errno)),
		    L_S("help", "calls compete with all else on this machine; give the service "
				"CAP_SYS_NICE, or LimitRTPRIO=10"));
}

int daemon_run(struct config *config, const char *path)
{
	struct daemon d = {.config = config, .stop_at_us = TIME_NEVER_US};
	int status = 1;

	signal(SIGPIPE, SIG_IGN);
	uv_loop_init(&d.loop);
	if (!start_writer(&d) && !open_spans(&d) && !open_sockets(&d) && !start_core(&d) &&
	    !start_loop(&d) && !start_control(&d)) {
		start_dns(&d);
		plan_reload_init(&d.reload, &d.loop, d.core, config, path);
		LOG(LOG_INFO, "core.started", 0, L_S("version", SPANBRIDGE_VERSION),
		    L_U("spans", config->span_count), L_U("trunks", config->trunk_count),
		    L_S("control", config->control_path));
		notify_ready();
		take_priority();
		uv_run(&d.loop, UV_RUN_DEFAULT);
		status = 0;
	}
	daemon_fini(&d);
	return status;
}
