/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A Cisco IOS configuration as far as it is a number plan, as values: cisco.c fills them in line by
 * line, cisco_rules.c writes translation rules as rewrites, cisco_peers.c dial peers as rules. Private
 * to config/import/plan/.
 */
#ifndef CONFIG_IMPORT_PLAN_CISCO_PRIV_H
#define CONFIG_IMPORT_PLAN_CISCO_PRIV_H

#include "config/import/plan/cisco_regex.h"
#include "config/import/plan/plan_import_priv.h"

enum {
	CISCO_NAME = 40,
	CISCO_RULES_MAX = 4096,
	CISCO_PROFILES_MAX = 256,
	CISCO_PEERS_MAX = 512,
	CISCO_PORTS_MAX = 64,
	CISCO_USES_MAX = 512,
};

/* "rule PRECEDENCE /match/ /with/ type A B plan C D" of one voice translation-rule. */
struct cisco_rule {
	unsigned line, set, precedence;
	bool reject;
	char text[PI_QUOTE]; /* the line, for comments */
	char match[CISCO_REGEX], with[CISCO_REGEX];
	char from_ton[16], to_ton[16], from_npi[8], to_npi[8]; /* our words; empty: any, leave */
};

enum cisco_field { CISCO_CALLED, CISCO_CALLING, CISCO_REDIRECTING, CISCO_FIELDS };

struct cisco_profile {
	char name[CISCO_NAME];
	unsigned line;
	unsigned set[CISCO_FIELDS]; /* numbers of translation rules; 0: none */
};

/* Where a profile is applied. */
struct cisco_use {
	char profile[CISCO_NAME], endpoint[PI_TEXT]; /* endpoint empty: the peer's target */
	unsigned line;
	int peer; /* index, -1: no dial peer */
	bool out;
};

struct cisco_peer {
	unsigned line;
	char head[80]; /* "dial-peer voice 1 pots" */
	char number[16], pattern[PI_TEXT], prefix[PI_TEXT], target[PI_TEXT], preference[16];
	bool pots, keep_all, shut;
	int forward; /* digits, -1: not given */
};

struct cisco {
	struct importer m;
	enum { CISCO_IN_NOTHING, CISCO_IN_RULES, CISCO_IN_PROFILE, CISCO_IN_PEER, CISCO_IN_PORT } in;
	unsigned set;		  /* that is being read */
	char port[PI_TEXT];	  /* endpoint of the voice-port that is being read */
	struct cisco_rule *rule;  /* owner: this */
	unsigned rules;
	struct cisco_profile profile[CISCO_PROFILES_MAX];
	unsigned profiles;
	struct cisco_use use[CISCO_USES_MAX];
	unsigned uses;
	struct cisco_peer peer[CISCO_PEERS_MAX];
	unsigned peers;
	char known_port[CISCO_PORTS_MAX][CISCO_NAME]; /* span n + 1 stands for port n */
	unsigned ports;
};

/* The next word of *rest, if it is this one. */
bool cisco_word(char **rest, const char *word);
/* "span:N" that stands for a port; false: more than CISCO_PORTS_MAX. */
bool cisco_port(struct cisco *c, const char *text, char out[PI_TEXT]);

/* "N /match/ /with/ …" as a rule of c->set. */
void cisco_take_rule(struct cisco *c, char *rest, const char *line);
void cisco_write_rules(struct cisco *c);
bool cisco_take_peer_line(struct cisco *c, struct cisco_peer *p, char *line);
void cisco_write_peers(struct cisco *c);

#endif
