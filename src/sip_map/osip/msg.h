/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A SIP message as the dialogs see it: plain strings and numbers, taken from libosip2's parser and
 * from the guard's header table. No libosip2 type leaves this folder: `osip` is opaque.
 *
 * Everything in here points into the guard's buffer or into the parsed message and is valid until
 * sip_msg_fini(), that is, while the datagram is being handled. Control thread.
 */
#ifndef SRC_SIP_MAP_OSIP_MSG_H
#define SRC_SIP_MAP_OSIP_MSG_H

#include "gateway/base/net_addr.h"
#include "src/sip_map/guard/guard.h"
#include "src/sip_map/method.h"

enum { SIP_ROUTES_MAX = 16 };

/* Parts that the URI does not have are "" or 0. */
struct sip_uri {
	const char *scheme, *user, *host;
	uint16_t port;
	bool loose; /* ;lr */
};

struct sip_msg {
	const struct guard_msg *g;
	bool request;
	enum sip_method method; /* of a response: of its CSeq */
	unsigned status;
	uint32_t cseq;
	const char *call_id, *from, *to; /* raw values */
	const char *from_tag, *to_tag;	 /* "" for none */
	struct {
		const char *host, *branch; /* "" for none */
		uint16_t port;		   /* 0: not given */
		unsigned count;		   /* Via values */
	} via;				   /* the topmost */
	struct sip_uri request_uri, from_uri, contact_uri;
	const char *from_name; /* display name, still quoted; "" for none */
	char *contact;	       /* URI as text, NULL for none; owned */
	struct {
		char *text; /* name-addr with parameters; owned */
		struct sip_uri uri;
	} route[SIP_ROUTES_MAX]; /* Record-Route, in order of the message */
	unsigned route_count;
	bool routes_cut; /* more Record-Routes than we keep */
	void *osip;	 /* parsed message, owned; NULL once a transaction took it */
};

/* 0, or -EBADMSG when libosip2 refuses it. */
int sip_msg_parse(struct sip_msg *out, const struct guard_msg *g);
void sip_msg_fini(struct sip_msg *m);

/* A URI from text of our own keeping (a route, a remote target): scheme, host, port into out with
 * an IP literal as host; false when the host is a name. */
bool sip_uri_literal(const struct sip_uri *uri, struct net_addr *out);

#endif
