/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The floor under sip-calls: what one call costs in libosip2 alone, on the called side. INVITE
 * transaction with 100, 180, 200, then ACK, then BYE with its 200: parsed, run through the
 * transaction machines, answered, printed. No dialog, no SDP reading, no call.
 */
#include "bench/osip_floor.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sys/time.h>
#include <time.h>

#include <osip2/osip.h>
#include <osipparser2/osip_parser.h>

static const char invite_text[] =
    "INVITE sip:%06u@127.0.0.1:5060 SIP/2.0\r\n"
    "Via: SIP/2.0/UDP 127.0.0.1:5070;rport;branch=z9hG4bKi%u\r\n"
    "Max-Forwards: 70\r\nFrom: \"bench\" <sip:030123@127.0.0.1:5070>;tag=f\r\n"
    "To: <sip:%06u@127.0.0.1:5060>\r\nCall-ID: %u@bench\r\nCSeq: 1 INVITE\r\n"
    "Contact: <sip:bench@127.0.0.1:5070>\r\nAllow: INVITE, ACK, CANCEL, BYE\r\n"
    "Content-Type: application/sdp\r\nContent-Length: 158\r\n\r\n"
    "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
    "m=audio 30000 RTP/AVP 8 0\r\na=rtpmap:8 PCMA/8000\r\na=rtpmap:0 PCMU/8000\r\n"
    "a=ptime:20\r\na=sendrecv\r\n";
static const char ack_text[] =
    "ACK sip:%06u@127.0.0.1:5060 SIP/2.0\r\n"
    "Via: SIP/2.0/UDP 127.0.0.1:5070;rport;branch=z9hG4bKa%u\r\n"
    "Max-Forwards: 70\r\nFrom: \"bench\" <sip:030123@127.0.0.1:5070>;tag=f\r\n"
    "To: <sip:%06u@127.0.0.1:5060>;tag=floor\r\nCall-ID: %u@bench\r\nCSeq: 1 ACK\r\n"
    "Content-Length: 0\r\n\r\n";
static const char bye_text[] =
    "BYE sip:%06u@127.0.0.1:5060 SIP/2.0\r\n"
    "Via: SIP/2.0/UDP 127.0.0.1:5070;rport;branch=z9hG4bKb%u\r\n"
    "Max-Forwards: 70\r\nFrom: \"bench\" <sip:030123@127.0.0.1:5070>;tag=f\r\n"
    "To: <sip:%06u@127.0.0.1:5060>;tag=floor\r\nCall-ID: %u@bench\r\nCSeq: 2 BYE\r\n"
    "Content-Length: 0\r\n\r\n";

static size_t octets_sent;

static int count_message(osip_transaction_t *tr, osip_message_t *msg, char *host, int port,
			 int socket)
{
	char *text = NULL;
	size_t len = 0;

	(void)tr;
	(void)host;
	(void)port;
	(void)socket;
	if (osip_message_to_str(msg, &text, &len) == OSIP_SUCCESS)
		octets_sent += len;
	osip_free(text);
	return 0;
}

static void answer(osip_transaction_t *tr, osip_message_t *request, int status)
{
	osip_message_t *r;
	osip_via_t *via = NULL;
	char code[16];

	if (osip_message_init(&r))
		return;
	osip_message_set_version(r, osip_strdup("SIP/2.0"));
	osip_message_set_status_code(r, status);
	osip_message_set_reason_phrase(r, osip_strdup("OK"));
	osip_from_clone(request->from, &r->from);
	osip_to_clone(request->to, &r->to);
	if (status > 100)
		osip_to_set_tag(r->to, osip_strdup("floor"));
	osip_call_id_clone(request->call_id, &r->call_id);
	osip_cseq_clone(request->cseq, &r->cseq);
	for (int i = 0; osip_message_get_via(request, i, &via) >= 0; i++) {
		osip_via_t *copy;

		if (osip_via_clone(via, &copy) == OSIP_SUCCESS)
			osip_list_add(&r->vias, copy, -1);
	}
	snprintf(code, sizeof(code), "%d", status);
	osip_message_set_contact(r, "<sip:floor@127.0.0.1:5060>");
	if (status == 200 && request->cseq->method[0] == 'I') {
		static const char sdp[] = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\n"
					  "c=IN IP4 127.0.0.1\r\nt=0 0\r\n"
					  "m=audio 20000 RTP/AVP 8\r\na=rtpmap:8 PCMA/8000\r\n";

		osip_message_set_body(r, sdp, sizeof(sdp) - 1);
		osip_message_set_content_type(r, "application/sdp");
	}
	osip_transaction_execute(tr, osip_new_outgoing_sipmessage(r));
}

static osip_transaction_t *begin(osip_t *osip, const char *msg, size_t len, osip_fsm_type_t type)
{
	osip_event_t *event = osip_parse(msg, len);
	osip_transaction_t *tr;

	if (!event)
		return NULL;
	if (osip_transaction_init(&tr, type, osip, event->sip)) {
		osip_event_free(event);
		return NULL;
	}
	osip_remove_transaction(osip, tr);
	osip_transaction_execute(tr, event);
	return tr;
}

static int one_call(osip_t *osip, unsigned n)
{
	char msg[2048];
	int len = snprintf(msg, sizeof(msg), invite_text, n, n, n, n);
	osip_transaction_t *invite = begin(osip, msg, (size_t)len, IST), *bye;
	osip_event_t *ack;

	if (!invite)
		return -EPROTO;
	answer(invite, invite->orig_request, 100);
	answer(invite, invite->orig_request, 180);
	answer(invite, invite->orig_request, 200);
	len = snprintf(msg, sizeof(msg), ack_text, n, n, n, n);
	ack = osip_parse(msg, (size_t)len);
	if (ack)
		osip_event_free(ack);
	len = snprintf(msg, sizeof(msg), bye_text, n, n, n, n);
	bye = begin(osip, msg, (size_t)len, NIST);
	if (bye) {
		answer(bye, bye->orig_request, 200);
		osip_transaction_free2(bye);
	}
	osip_transaction_free2(invite);
	return ack && bye ? 0 : -EPROTO;
}

int osip_floor_run(unsigned calls)
{
	osip_t *osip;
	int err = 0;

	if (osip_init(&osip))
		return -ENOMEM;
	osip_set_cb_send_message(osip, count_message);
	for (unsigned n = 1; n <= calls && !err; n++)
		err = one_call(osip, n);
	osip_release(osip);
	return err || octets_sent == 0 ? -EPROTO : 0;
}
