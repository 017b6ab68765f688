/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Facts of a machine on which everything is right, one thing made wrong at a time: exactly the
 * findings that it must give, each with a sentence and a way to mend it, and none besides.
 */
#include "gateway/doctor/doctor.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "gateway/base/strbuf.h"
#include "gateway/doctor/doctor_gather.h"
#include "gateway/doctor/doctor_proc.h"

/* Span 1: user towards an exchange, on the card's first port; span 2: network towards a PBX, on its
 * second. */
static const char config_text[] =
    "spans:\n"
    "  - {span: 1, driver: dahdi, dahdi_span: 1, side: user, line: e1, crc4: true}\n"
    "  - {span: 2, driver: dahdi, dahdi_span: 2, side: network, line: e1, crc4: true}\n"
    "trunks:\n"
    "  - {name: sip, bind: \"127.0.0.1:5060\", peer: \"192.0.2.1:5060\"}\n"
    "plan:\n"
    "  - {name: in, from: \"span:1\", to: \"trunk:sip\"}\n"
    "rtp: {ports: 20000-20199}\n";

struct world {
	struct config *config;
	struct dahdi_probe_span port[2];
	struct doctor_span span[2];
	struct doctor_socket socket[1];
	struct doctor_facts f;
	char told[2000]; /* "id1 id2 " */
	struct doctor_finding last;
	unsigned bad; /* findings without sentence or fix */
};

static void on_mistake(void *arg, const char *text)
{
	print_error("%s\n", text);
}

static void set_port(struct dahdi_probe_span *p, unsigned number)
{
	*p = (struct dahdi_probe_span){.id = {.span = (uint16_t)number,
					      .local = (uint16_t)number,
					      .channels = 31,
					      .configured = 31,
					      .type = E1_TYPE_E1,
					      .name = "TE2/0/1",
					      .location = "PCI Bus 03 Slot 05"}};
	p->line.params = (struct e1_params){.type = E1_TYPE_E1,
					    .code = E1_CODE_HDB3,
					    .framing = E1_FRAMING_CCS,
					    .crc4 = true,
					    .sync_source = 1};
	for (unsigned ts = 1; ts < E1_TIMESLOTS; ts++)
		p->channel[ts] = (struct dahdi_channel){
		    .channel = (uint16_t)(31 * (number - 1) + ts),
		    .span = (uint16_t)number,
		    .position = (uint16_t)ts,
		    .signalling = ts == 16 ? DAHDI_SIGNALLING_HDLC : DAHDI_SIGNALLING_CLEAR,
		    .alaw = true,
		};
}

static void make_good(struct world *w)
{
	memset(w, 0, sizeof(*w));
	if (config_parse(&w->config, "gw.yaml", config_text, strlen(config_text), on_mistake, NULL))
		fail_msg("the configuration is wrong");
	for (unsigned i = 0; i < 2; i++) {
		set_port(&w->port[i], i + 1);
		w->span[i] = (struct doctor_span){.want = &w->config->span[i],
						  .is = &w->port[i],
						  .running = true,
						  .dchannel_up = true,
						  .alarms = "none",
						  .frames_in = 1000,
						  .frames_out = 1000};
	}
	w->socket[0].addr = w->config->socket[0];
	w->f = (struct doctor_facts){
	    .config_name = "gw.yaml",
	    .config = w->config,
	    .dahdi = {.built = true, .loaded = true, .count = 2, .span = w->port},
	    .span = w->span,
	    .span_count = 2,
	    .core = DOCTOR_CORE_RUNS,
	    .control_path = "/run/spanbridge/control.sock",
	    .core_spans = 2,
	    .socket = w->socket,
	    .socket_count = 1,
	    .ephemeral_min = 32768,
	    .ephemeral_max = 60999,
	    .real_time = true,
	    .user = "gw",
	    .group = "dialout",
	};
}

static void on_finding(void *arg, const struct doctor_finding *f)
{
	struct world *w = arg;
	size_t len = strlen(w->told);

	snprintf(w->told + len, sizeof(w->told) - len, "%s ", f->id);
	w->last = *f;
	w->bad += !*f->what || !*f->fix || f->what[strlen(f->what) - 1] != '.';
}

/* ── one thing wrong ── */

static void none(struct world *w)
{
}

static void not_built(struct world *w)
{
	w->f.dahdi = (struct dahdi_probe){0};
	w->span[0].is = w->span[1].is = NULL;
}

static void no_module(struct world *w)
{
	not_built(w);
	w->f.dahdi.built = true;
	w->f.dahdi.ctl_errno = w->f.dahdi.channel_errno = ENOENT;
}

static void no_device(struct world *w)
{
	no_module(w);
	w->f.dahdi.loaded = true;
}

static void no_permission(struct world *w)
{
	no_device(w);
	w->f.dahdi.ctl_errno = w->f.dahdi.channel_errno = EACCES;
	w->f.dahdi.device_mode = 0660;
}

static void no_permission_for_channels(struct world *w)
{
	w->f.dahdi.channel_errno = EACCES; /* ctl may be open to more people */
	w->f.dahdi.device_mode = 0600;
}

static void no_such_span(struct world *w)
{
	w->span[1].is = NULL;
	w->span[1].is_not = "the driver has no span of this number";
	w->f.dahdi.count = 1;
}

static void not_configured(struct world *w)
{
	for (unsigned ts = 1; ts < E1_TIMESLOTS; ts++)
		w->port[0].channel[ts].signalling = DAHDI_SIGNALLING_NONE;
	w->port[0].id.configured = 0;
}

static void wrong_signalling(struct world *w)
{
	w->port[0].channel[3].signalling = DAHDI_SIGNALLING_OTHER;
}

static void no_dchannel(struct world *w)
{
	w->port[0].channel[16].signalling = DAHDI_SIGNALLING_OTHER;
}

static void wrong_slot(struct world *w)
{
	w->port[0].channel[16].signalling = DAHDI_SIGNALLING_OTHER;
	w->port[0].channel[31].signalling = DAHDI_SIGNALLING_HARD_HDLC;
}

static void a_t1(struct world *w)
{
	for (unsigned ts = 25; ts < E1_TIMESLOTS; ts++)
		w->port[0].channel[ts] = (struct dahdi_channel){0};
	w->port[0].id.channels = 24;
}

static void mulaw(struct world *w)
{
	w->port[0].channel[5].alaw = false;
}

static void busy(struct world *w)
{
	w->f.core = DOCTOR_CORE_ABSENT;
	w->port[0].in_use[7] = true;
	w->f.holder[0] = (struct doctor_program){812, "asterisk"};
	w->f.holder_count = 1;
}

static void busy_by_a_stranger(struct world *w)
{
	w->f.core = DOCTOR_CORE_ABSENT;
	w->port[1].in_use[16] = true;
}

static void busy_by_ourselves(struct world *w)
{
	w->port[0].in_use[7] = w->port[0].in_use[16] = true;
}

static void alarm_los(struct world *w)
{
	w->port[0].line.alarms = E1_ALARM_LOS | E1_ALARM_LFA;
}

static void alarm_red(struct world *w)
{
	w->port[0].line.alarms = E1_ALARM_RED;
}

static void alarm_lfa(struct world *w)
{
	w->port[0].line.alarms = E1_ALARM_LFA;
}

static void alarm_lmfa(struct world *w)
{
	w->port[0].line.alarms = E1_ALARM_LMFA | E1_ALARM_RAI;
}

static void alarm_ais(struct world *w)
{
	w->port[0].line.alarms = E1_ALARM_AIS;
}

static void alarm_rai(struct world *w)
{
	w->port[0].line.alarms = E1_ALARM_RAI;
}

static void alarm_loop(struct world *w)
{
	w->port[0].line.alarms = E1_ALARM_LOOPBACK;
}

static void alarm_not_ready(struct world *w)
{
	w->port[0].line.alarms = E1_ALARM_NOT_READY | E1_ALARM_RED;
}

static void alarm_recovering(struct world *w)
{
	w->port[0].line.alarms = E1_ALARM_RECOVERING;
}

static void crc4_off(struct world *w)
{
	w->port[0].line.params.crc4 = false;
}

static void ami(struct world *w)
{
	w->config->span[0].line_params.code = E1_CODE_AMI;
}

static void card_is_t1(struct world *w)
{
	w->port[0].line.params.type = E1_TYPE_T1;
}

static void nobody_gives_the_clock(struct world *w)
{
	w->config->span[1].clock_master = false;
}

static void both_give_the_clock(struct world *w)
{
	w->config->span[0].clock_master = true;
	w->port[0].line.params.sync_source = 0;
}

static void card_runs_alone(struct world *w)
{
	w->port[0].line.params.sync_source = w->port[1].line.params.sync_source = 0;
}

static void card_follows_the_pbx(struct world *w)
{
	w->port[1].line.params.sync_source = 2;
}

static void software_spans(struct world *w)
{
	for (unsigned i = 0; i < 2; i++)
		w->port[i].line.params = (struct e1_params){.type = E1_TYPE_E1};
}

static void slips(struct world *w)
{
	w->port[0].line.timing_slips = 3;
}

static void line_errors(struct world *w)
{
	w->port[0].line.bpv = 3;
}

static void irq_misses(struct world *w)
{
	w->port[0].line.irq_misses = 3;
}

static void down(struct world *w)
{
	w->span[0].dchannel_up = false;
	w->span[0].down_s = 60;
}

static void just_down(struct world *w)
{
	down(w);
	w->span[0].down_s = 1;
}

static void same_side(struct world *w)
{
	down(w);
	w->span[0].same_side_in = 12;
}

static void unanswered(struct world *w)
{
	down(w);
	w->span[0].frames_in = 0;
}

static void storm(struct world *w)
{
	unanswered(w);
	w->span[0].frames_bad = 5000;
}

static void broken_frames(struct world *w)
{
	w->span[0].frames_bad = 60;
}

static void down_with_an_alarm(struct world *w)
{
	unanswered(w);
	alarm_los(w);
	str_copy(w->span[0].alarms, sizeof(w->span[0].alarms), "LOS");
}

static void virtual_without_peer(struct world *w)
{
	unanswered(w);
	w->config->span[0].driver = CONFIG_DRIVER_VIRTUAL;
	w->span[0].is = NULL;
	str_copy(w->span[0].alarms, sizeof(w->span[0].alarms), "LOS");
}

static void stopped(struct world *w)
{
	w->f.core = DOCTOR_CORE_ABSENT;
}

static void forbidden(struct world *w)
{
	w->f.core = DOCTOR_CORE_FORBIDDEN;
}

static void strange(struct world *w)
{
	w->f.core = DOCTOR_CORE_STRANGE;
}

static void other_configuration(struct world *w)
{
	w->f.core_spans = 1;
}

static void mistakes(struct world *w)
{
	w->f.config = NULL;
	w->f.span_count = w->f.core_spans = 0;
	w->f.mistakes = 2;
	str_copy(w->f.mistake, sizeof(w->f.mistake), "gw.yaml:3:4: it is wrong.");
}

static void port_in_use(struct world *w)
{
	w->socket[0].err = EADDRINUSE;
	w->socket[0].holder = (struct doctor_program){7, "kamailio"};
}

static void port_in_use_by_a_stranger(struct world *w)
{
	w->socket[0].err = EADDRINUSE;
}

static void no_address(struct world *w)
{
	w->socket[0].err = EADDRNOTAVAIL;
}

static void port_forbidden(struct world *w)
{
	w->socket[0].err = EACCES;
}

static void few_rtp_ports(struct world *w)
{
	w->config->rtp_port_max = 20050;
}

static void rtp_over_sip(struct world *w)
{
	w->config->rtp_port_min = 5000;
}

static void rtp_shared(struct world *w)
{
	w->config->rtp_port_max = 40000;
}

static void rtp_reserved(struct world *w)
{
	rtp_shared(w);
	w->f.ports_reserved = true;
}

static void no_folder(struct world *w)
{
	str_copy(w->f.file[DOCTOR_RECORDS].path, DOCTOR_PATH, "/var/lib/spanbridge/calls.jsonl");
	w->f.file[DOCTOR_RECORDS].err = ENOENT;
}

static void folder_forbidden(struct world *w)
{
	str_copy(w->f.file[DOCTOR_CONTROL].path, DOCTOR_PATH, "/run/control.sock");
	w->f.file[DOCTOR_CONTROL].err = EACCES;
}

static void disk_full(struct world *w)
{
	str_copy(w->f.file[DOCTOR_CAPTURE].path, DOCTOR_PATH, "x.pcapng");
	w->f.file[DOCTOR_CAPTURE].free_octets = 1 << 20;
}

static void no_real_time(struct world *w)
{
	w->f.real_time = false;
}

static const struct {
	void (*make)(struct world *w);
	const char *ids; /* all that are told, in order */
	unsigned errors;
	const char *words; /* in what or fix of the last one; NULL: any */
} row[] = {
    {none, "", 0, NULL},
    {not_built, "dahdi-not-built ", 1, "dahdi-source"},
    {no_module, "no-driver ", 1, "modprobe"},
    {no_device, "no-device ", 1, "udevadm"},
    {no_permission, "no-permission ", 1, "adduser gw dialout"},
    {no_permission_for_channels, "no-permission ", 1, "60-dahdi.rules"},
    {no_such_span, "no-span ", 1, "the driver has 1 (PCI Bus 03 Slot 05)"},
    {not_configured, "span-not-configured ", 1, "dahdi_cfg -v"},
    {wrong_signalling, "wrong-signalling ", 1, "timeslots 3 are to be B-channels"},
    {no_dchannel, "wrong-signalling ", 1, "timeslot 16 (channel 16) is to be the D-channel"},
    {wrong_slot, "wrong-d-slot wrong-signalling ", 2, NULL},
    {a_t1, "no-channel ", 1, "no timeslots 25-31"},
    {mulaw, "wrong-law ", 0, "alaw=1-31"},
    {busy, "channel-busy not-running ", 1, NULL},
    {busy_by_a_stranger, "channel-busy not-running ", 1, NULL},
    {busy_by_ourselves, "", 0, NULL},
    {alarm_los, "no-signal ", 1, "(LOS)"},
    {alarm_red, "no-signal ", 1, "red alarm"},
    {alarm_lfa, "no-framing ", 1, "(LFA)"},
    {alarm_lmfa, "crc4-mismatch ", 1, "take crc4 out"},
    {alarm_ais, "ais ", 1, NULL},
    {alarm_rai, "remote-alarm ", 1, "(RAI)"},
    {alarm_loop, "loopback ", 1, NULL},
    {alarm_not_ready, "span-not-started ", 1, NULL},
    {alarm_recovering, "recovering ", 0, NULL},
    {crc4_off, "crc4-mismatch ", 1, "but the card has CRC-4 off"},
    {ami, "line-setup ", 1, "AMI"},
    {card_is_t1, "line-setup ", 1, "T1"},
    {nobody_gives_the_clock, "no-timing-source ", 0, "clock: master"},
    {both_give_the_clock, "two-masters ", 0, "clock: slave"},
    {card_runs_alone, "two-masters ", 0, "span=1,1"},
    {card_follows_the_pbx, "no-timing-source ", 0, "span=2,0"},
    {software_spans, "", 0, NULL},
    {slips, "slips ", 0, "3 slips"},
    {line_errors, "line-errors ", 0, "3 bipolar violations"},
    {irq_misses, "irq-misses ", 0, NULL},
    {down, "dchannel-down ", 1, NULL},
    {just_down, "", 0, NULL},
    {same_side, "same-side ", 1, "side: network"},
    {unanswered, "sabme-unanswered ", 1, "timeslot 16"},
    {storm, "hdlc-abort-storm ", 1, "5000 aborts"},
    {broken_frames, "dchannel-errors ", 0, "60 of 1060"},
    {down_with_an_alarm, "no-signal ", 1, NULL}, /* told once, at its cause */
    {virtual_without_peer, "span-alarm ", 1, "other end of the virtual E1"},
    {stopped, "not-running ", 0, NULL},
    {forbidden, "control-forbidden ", 0, NULL},
    {strange, "control-strange ", 0, "--socket"},
    {other_configuration, "other-configuration ", 0, NULL},
    {mistakes, "config-mistake ", 1, "gw.yaml:3:4"},
    {port_in_use, "sip-port-in-use ", 1, "kamailio"},
    {port_in_use_by_a_stranger, "sip-port-in-use ", 1, "another program"},
    {no_address, "no-such-address ", 1, "127.0.0.1"},
    {port_forbidden, "sip-port ", 1, NULL},
    {few_rtp_ports, "rtp-ports-few ", 0, "enough for 25 calls, but there are 60"},
    {rtp_over_sip, "rtp-over-sip ", 1, "5060"},
    {rtp_shared, "rtp-ports-shared ", 0, "ip_local_reserved_ports=20000-40000"},
    {rtp_reserved, "", 0, NULL},
    {no_folder, "file-not-writable ", 1, "install -d -o gw /var/lib/spanbridge"},
    {folder_forbidden, "file-not-writable ", 1, "chown gw /run"},
    {disk_full, "disk-full ", 0, "1 MiB"},
    {no_real_time, "no-real-time ", 0, "RTPRIO"},
};

static void each_fault_has_its_sentence(void **state)
{
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct world w;
		unsigned errors;

		make_good(&w);
		row[i].make(&w);
		errors = doctor_check(&w.f, on_finding, &w);
		if (strcmp(w.told, row[i].ids) != 0 || errors != row[i].errors)
			fail_msg("row %zu: told \"%s\", %u errors, not \"%s\", %u", i, w.told,
				 errors, row[i].ids, row[i].errors);
		if (w.bad)
			fail_msg("row %zu: without sentence or fix: %s / %s", i, w.last.what,
				 w.last.fix);
		if (row[i].words && !strstr(w.last.what, row[i].words) &&
		    !strstr(w.last.fix, row[i].words))
			fail_msg("row %zu: \"%s\" is not in: %s / %s", i, row[i].words, w.last.what,
				 w.last.fix);
		config_destroy(w.config);
	}
}

/* At the start only what cannot get better by itself holds it up: a dead line does not. */
static void a_start_is_refused_for_the_driver_only(void **state)
{
	static const struct {
		void (*make)(struct world *w);
		bool refused;
	} start[] = {{none, false},	     {no_module, true},	 {no_permission, true},
		     {not_configured, true}, {alarm_los, false}, {busy, true},
		     {crc4_off, false},	     {no_device, true},	 {same_side, false},
		     {port_in_use, false},   {wrong_slot, true}, {no_such_span, true}};

	for (size_t i = 0; i < sizeof(start) / sizeof(start[0]); i++) {
		struct world w;
		bool refused;

		make_good(&w);
		start[i].make(&w);
		doctor_check_driver(&w.f, on_finding, &w);
		refused = *w.told && w.last.at_start;
		if (refused != start[i].refused)
			fail_msg("row %zu: \"%s\"", i, w.told);
		config_destroy(w.config);
	}
}

static void texts_of_proc_are_read(void **state)
{
	static const char udp[] =
	    "   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  "
	    "timeout inode ref pointer drops\n"
	    "  231: 00000000:0044 00000000:0000 07 00000000:00000000 00:00000000 00000000     0    "
	    "    0 11111 2 0000000000000000 0\n"
	    " 1459: 0100007F:13C4 00000000:0000 07 00000000:00000000 00:00000000 00000000  1000    "
	    "    0 22222 2 0000000000000000 0\n";

	assert_int_equal(doctor_udp_inode(udp, 5060), 22222);
	assert_int_equal(doctor_udp_inode(udp, 68), 11111);
	assert_int_equal(doctor_udp_inode(udp, 5061), 0);
	assert_int_equal(doctor_udp_inode("", 5060), 0);
	assert_int_equal(doctor_udp_inode("x\n\nsl\n:", 5060), 0);
	assert_true(doctor_ports_cover("20000-20199\n", 20000, 20199));
	assert_true(doctor_ports_cover("5060,20000-20100,20101-30000", 20000, 20199));
	assert_false(doctor_ports_cover("20000-20100", 20000, 20199));
	assert_false(doctor_ports_cover("", 20000, 20199));
	assert_false(doctor_ports_cover("x,y", 1, 2));
}

/* The machine that runs the test: whatever it is, gathering ends and gives no nonsense. */
static void gathering_works_anywhere(void **state)
{
	struct world w;
	struct doctor_facts f;

	make_good(&w);
	assert_int_equal(doctor_gather_driver(&f, "gw.yaml", w.config), 0);
	f.core = DOCTOR_CORE_ABSENT;
	assert_int_equal(doctor_gather_host(&f), 0);
	assert_int_equal(f.span_count, 2);
	assert_int_equal(f.socket_count, 1);
	doctor_check(&f, on_finding, &w);
	assert_int_equal(w.bad, 0);
	doctor_facts_free(&f);
	config_destroy(w.config);
	assert_int_equal(doctor_gather_driver(&f, "none", NULL), 0);
	assert_int_equal(doctor_gather_host(&f), 0);
	doctor_facts_free(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_fault_has_its_sentence),
	    cmocka_unit_test(a_start_is_refused_for_the_driver_only),
	    cmocka_unit_test(texts_of_proc_are_read),
	    cmocka_unit_test(gathering_works_anywhere),
	};

	return cmocka_run_group_tests_name("doctor", tests, NULL, NULL);
}
