/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The configuration file: one strict YAML file becomes one immutable struct config. Every mistake
 * is reported as `file:line:column: what is wrong, what would be right`, all of them in one run;
 * nothing starts half. One schema table drives the reader and (later) JSON Schema, docs and forms.
 */
#ifndef CONFIG_CONFIG_H
#define CONFIG_CONFIG_H

#include <stdio.h>

#include "gateway/base/log.h"
#include "gateway/plan/create.h"
#include "hw/t1e1/e1_dahdi.h"
#include "src/isdn_map/isdn.h"
#include "src/sip_map/sip.h"

enum config_driver { CONFIG_DRIVER_VIRTUAL, CONFIG_DRIVER_DAHDI };

struct config_span {
	struct isdn_span_cfg isdn; /* ringback resolved */
	enum config_driver driver;
	char path[101]; /* virtual: UNIX socket */
	bool listen, clock_master;
	struct e1_dahdi_cfg dahdi;
	struct e1_params line_params; /* dahdi: what the card should be set to; 0: not said */
	bool crc4_given;
	unsigned line;
};

struct config_trunk {
	struct sip_trunk_cfg sip;
	enum media_codec codec[MEDIA_FORMATS_MAX];
	uint8_t codec_count;
	uint8_t ptime_ms;
	bool rtp_any_source;
	struct net_addr rtp_bind;      /* address of bind when not given; port 0 */
	struct net_addr rtp_advertise; /* in SDP, port 0; resolved: never 0.0.0.0 or :: */
	struct cause_table *causes;    /* its own; NULL: none */
	unsigned line;
};

/* A country profile of the operator's own; the plan's edges point into it. */
struct config_profile {
	struct config_profile *next;
	char path[600];
	struct e164_profile profile;
};

enum { CONFIG_DNS_SERVERS_MAX = 4 };

struct config {
	struct config_span *span;
	unsigned span_count;
	struct config_trunk *trunk;
	unsigned trunk_count;
	struct net_addr *socket; /* distinct SIP bind addresses; sip_trunk_cfg.socket indexes it */
	unsigned socket_count;
	struct cause_table *causes; /* NULL: the defaults; sip_trunk_cfg.causes is one that holds */
	struct plan *plan;
	struct config_profile *profiles;
	uint16_t rtp_port_min, rtp_port_max;
	uint16_t jb_min_ms, jb_start_ms, jb_max_ms;
	unsigned calls_max;
	uint32_t ring_limit_ms; /* T301 */
	struct net_addr dns_server[CONFIG_DNS_SERVERS_MAX];
	unsigned dns_server_count; /* 0: those of the system */
	unsigned dns_retry_ms;
	char control_path[101]; /* UNIX socket of the control protocol */
	char records_path[256]; /* call records, JSON lines; empty: none */
	char capture_path[256]; /* pcapng; empty: none */
	char log_path[256];	/* log file; empty: standard error */
	enum log_level log_level;
	bool log_json;
};

/* A file longer than this is refused. */
enum { CONFIG_FILE_MAX = 4 << 20, CONFIG_ERRORS_MAX = 50 };

/* One mistake. The text is complete, with file, line and column. */
typedef void (*config_error_fn)(void *arg, const char *text);

/* 0, or the number of mistakes reported (at least 1), ordered by place; past CONFIG_ERRORS_MAX one
 * line says that there are more. *out is set only on 0. path is also used in the messages. */
int config_load(struct config **out, const char *path, config_error_fn on_error, void *arg);
int config_parse(struct config **out, const char *name, const char *text, size_t len,
		 config_error_fn on_error, void *arg);
void config_destroy(struct config *c); /* NULL legal */

/* Every key with its type, default and meaning, from the schema table, for people to read. */
void config_print_keys(FILE *out);

#endif
