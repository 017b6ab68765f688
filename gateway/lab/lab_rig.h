/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The three programs side by side: exchange ═ E1 ═ core ═ SIP and RTP ═ SIP peer. Makes a folder
 * for their sockets and files, a configuration for the core, starts them, gives their events to
 * whoever runs the lab, ends them and clears up. Nothing here sleeps: everything waits for a line,
 * a file that grew, a child that ended or a signal.
 *
 * One thread. lab_rig_stop() takes a half-started rig.
 */
#ifndef GATEWAY_LAB_LAB_RIG_H
#define GATEWAY_LAB_LAB_RIG_H

#include <jansson.h>
#include <stdint.h>

#include "gateway/base/net_addr.h"
#include "gateway/base/rng.h"
#include "gateway/lab/lab_child.h"

enum lab_source { LAB_PBX, LAB_CORE, LAB_PEER, LAB_CHILDREN, LAB_RECORDS = LAB_CHILDREN };

struct lab_rig_cfg {
	const char *programs; /* folder of the three; NULL: beside our own executable */
	const char *capture;  /* pcapng file; NULL: none */
	const char *keep;     /* folder for logs, configuration, records; NULL: none is kept */
	bool ipv6, ulaw;
	bool dahdi; /* two spans of DAHDI, not a virtual one */
	unsigned dahdi_core, dahdi_pbx;
	/* An event of the exchange or the peer, or an ended call's record. */
	void (*event)(void *arg, enum lab_source source, const json_t *event);
	void *arg;
};

struct lab_rig {
	struct lab_rig_cfg cfg;
	struct lab_child child[LAB_CHILDREN];
	struct rng rng;
	char programs[512];
	char dir[80]; /* of this run; empty: not made */
	char e1_path[100], control_path[100];
	char config_path[512], records_path[512], log_path[LAB_CHILDREN][512];
	struct net_addr core_sip, peer_sip;
	uint16_t rtp_core, rtp_peer; /* first of RTP_PORTS ports each */
	int signal_fd, watch_fd;
	struct lab_stream records;
	bool pbx_up, core_up;	   /* the D-channel, as either end says */
	bool synced[LAB_CHILDREN]; /* answered the last `status` */
	bool interrupted;	   /* SIGINT, SIGTERM */
	bool stopping;
	int error; /* said already on stderr */
};

/* 0 or -errno, said on stderr. Calls may be placed when lab_rig_is_up(). */
int lab_rig_start(struct lab_rig *rig, const struct lab_rig_cfg *cfg);
bool lab_rig_is_up(const struct lab_rig *rig);
/* Waits for something to happen, no longer than until_us (clock_mono_us), and gives it to
 * cfg.event. 0; -ETIME: nothing until then; -EINTR: a signal asks us to stop; -ECHILD: a program
 * ended by itself (said on stderr); -errno. */
int lab_rig_wait(struct lab_rig *rig, int64_t until_us);
/* Waits until exchange and peer have carried out all commands so far. As lab_rig_wait(). */
int lab_rig_sync(struct lab_rig *rig, int64_t until_us);
/* Steals the reference of command. 0 or -errno. */
int lab_rig_command(struct lab_rig *rig, enum lab_source to, json_t *command);
/* Ends and clears up everything. 0, or -1 when a program did not end well (said on stderr). */
int lab_rig_stop(struct lab_rig *rig);

#endif
