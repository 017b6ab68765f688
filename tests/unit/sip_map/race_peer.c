/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/unit/sip_map/race_peer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/clock.h"

#define T1_US (500 * US_PER_MS)
#define T2_US (4000 * US_PER_MS)

static const char sdp[] =
    "v=0\r\no=- 1 1 IN IP4 192.0.2.2\r\ns=-\r\nc=IN IP4 192.0.2.2\r\nt=0 0\r\n"
    "m=audio 30000 RTP/AVP 8\r\n";

/* ---- reading ---- */

const char *race_header(const char *text, const char *name, char *out, size_t size)
{
	char pattern[64];
	const char *p;

	snprintf(pattern, sizeof(pattern), "\r\n%s: ", name);
	p = strstr(text, pattern);
	*out = '\0';
	if (p) {
		p += strlen(pattern);
		snprintf(out, size, "%.*s", (int)strcspn(p, "\r"), p);
	}
	return out;
}

const char *race_param(const char *value, const char *name, char *out, size_t size)
{
	char pattern[32];
	const char *p;

	snprintf(pattern, sizeof(pattern), ";%s=", name);
	p = strstr(value, pattern);
	*out = '\0';
	if (p) {
		p += strlen(pattern);
		snprintf(out, size, "%.*s", (int)strcspn(p, ";>, "), p);
	}
	return out;
}

struct seen {
	unsigned status, cseq;
	char method[16], branch[PEER_WORD_MAX], to_tag[PEER_WORD_MAX], via[256], from[256], to[256],
	    call_id[PEER_WORD_MAX];
};

static void read_message(struct seen *m, const char *text)
{
	char cseq[64], *space;

	memset(m, 0, sizeof(*m));
	if (strncmp(text, "SIP/2.0 ", 8) == 0)
		m->status = (unsigned)strtoul(text + 8, NULL, 10);
	race_header(text, "CSeq", cseq, sizeof(cseq));
	m->cseq = (unsigned)strtoul(cseq, &space, 10);
	snprintf(m->method, sizeof(m->method), "%s", *space ? space + 1 : "");
	race_header(text, "Via", m->via, sizeof(m->via));
	race_param(m->via, "branch", m->branch, sizeof(m->branch));
	race_header(text, "From", m->from, sizeof(m->from));
	race_header(text, "To", m->to, sizeof(m->to));
	race_param(m->to, "tag", m->to_tag, sizeof(m->to_tag));
	race_header(text, "Call-ID", m->call_id, sizeof(m->call_id));
}

/* ---- sending ---- */

static struct peer_send *slot(struct race_peer *p)
{
	for (unsigned i = 0; i < PEER_SENDS_MAX; i++)
		if (!p->out[i].active)
			return &p->out[i];
	fprintf(stderr, "race_peer: too much is being sent\n");
	abort();
}

static struct peer_send *keep_sending(struct race_peer *p, int64_t now_us, const char *text)
{
	struct peer_send *out = slot(p);
	struct seen m;

	read_message(&m, text);
	snprintf(out->text, sizeof(out->text), "%s", text);
	snprintf(out->branch, sizeof(out->branch), "%s", m.branch);
	snprintf(out->method, sizeof(out->method), "%s", m.method);
	out->status = m.status;
	out->cseq = m.cseq;
	out->active = true;
	out->interval_us = T1_US;
	out->due_us = now_us + T1_US;
	out->until_us = now_us + 64 * T1_US;
	p->send(p->arg, text);
	return out;
}

static void body(char *text, size_t size, bool with)
{
	size_t n = strlen(text);

	snprintf(text + n, size - n,
		 with ? "Content-Type: application/sdp\r\nContent-Length: %zu\r\n\r\n%s"
		      : "Content-Length: 0\r\n\r\n%.0zu%.0s",
		 with ? sizeof(sdp) - 1 : (size_t)0, with ? sdp : "");
}

static void parties(const struct race_peer *p, char from[320], char to[320])
{
	if (p->calls) { /* no dialog yet: an INVITE */
		snprintf(from, 320, "<sip:55@192.0.2.2>;tag=%s", p->tag);
		snprintf(to, 320,
			 *p->their_tag ? "<sip:1@192.0.2.1>;tag=%s" : "<sip:1@192.0.2.1>%s",
			 p->their_tag);
	} else { /* ours is their To, with the tag that we gave it */
		snprintf(from, 320, "%s;tag=%s", p->party_to, p->tag);
		snprintf(to, 320, "%s", p->party_from);
	}
}

static void request(struct race_peer *p, char text[PEER_TEXT_MAX], const char *method,
		    unsigned cseq, const char *branch, bool with_sdp)
{
	char from[320], to[320];

	parties(p, from, to);
	if (strcmp(method, "CANCEL") == 0)
		snprintf(to, sizeof(to), "<sip:1@192.0.2.1>");
	snprintf(text, PEER_TEXT_MAX,
		 "%s sip:1@192.0.2.1 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.2;branch=%s\r\n"
		 "Max-Forwards: 70\r\nFrom: %s\r\nTo: %s\r\nCall-ID: %s\r\nCSeq: %u %s\r\n"
		 "Contact: <sip:55@192.0.2.2>\r\n",
		 method, branch, from, to, p->call_id, cseq, method);
	body(text, PEER_TEXT_MAX, with_sdp);
}

static void new_branch(struct race_peer *p, char out[PEER_WORD_MAX])
{
	snprintf(out, PEER_WORD_MAX, "z9hG4bK%08x%08x", rng_u32(p->rng), rng_u32(p->rng));
}

static void send_request(struct race_peer *p, int64_t now_us, const char *method, bool with_sdp)
{
	char text[PEER_TEXT_MAX], branch[PEER_WORD_MAX];

	new_branch(p, branch);
	request(p, text, method, ++p->cseq, branch, with_sdp);
	keep_sending(p, now_us, text);
}

static void send_bye(struct race_peer *p, int64_t now_us)
{
	if (p->hung_up || p->ended)
		return;
	p->hung_up = true;
	send_request(p, now_us, "BYE", false);
}

static void send_cancel(struct race_peer *p, int64_t now_us)
{
	char text[PEER_TEXT_MAX];

	p->cancelled = true;
	request(p, text, "CANCEL", p->invite_cseq, p->invite_branch, false);
	keep_sending(p, now_us, text);
}

static void response_text(struct race_peer *p, char text[PEER_TEXT_MAX], const struct seen *m,
			  unsigned status, const char *tag, bool with_sdp)
{
	snprintf(text, PEER_TEXT_MAX,
		 "SIP/2.0 %u x\r\nVia: %s\r\nFrom: %s\r\nTo: %s%s%s\r\nCall-ID: %s\r\n"
		 "CSeq: %u %s\r\nContact: <sip:1@192.0.2.2>\r\n",
		 status, m->via, m->from, m->to,
		 *m->to_tag || status == 100 ? "" : ";tag=", *m->to_tag || status == 100 ? "" : tag,
		 m->call_id, m->cseq, m->method);
	body(text, PEER_TEXT_MAX, with_sdp);
}

static void respond(struct race_peer *p, const struct seen *m, unsigned status)
{
	char text[PEER_TEXT_MAX];

	response_text(p, text, m, status, p->tag, false);
	p->send(p->arg, text);
}

static void respond_to_invite(struct race_peer *p, int64_t now_us, unsigned status, const char *tag,
			      bool with_sdp)
{
	struct seen m = {.cseq = p->invite_cseq, .method = "INVITE"};
	char text[PEER_TEXT_MAX];

	snprintf(m.via, sizeof(m.via), "%s", p->invite_via);
	snprintf(m.from, sizeof(m.from), "%s", p->party_from);
	snprintf(m.to, sizeof(m.to), "%s", p->party_to);
	snprintf(m.call_id, sizeof(m.call_id), "%s", p->call_id);
	response_text(p, text, &m, status, tag, with_sdp);
	if (status >= 200)
		keep_sending(p, now_us, text);
	else
		p->send(p->arg, text);
	if (status >= 200 && p->final == 0) {
		p->final = status;
		p->final_us = now_us;
	}
}

/* ---- what the seed decided ---- */

static bool in_dialog(const struct race_peer *p)
{
	return p->final >= 200 && p->final < 300 && !p->hung_up && !p->ended &&
	       (p->calls || p->confirmed);
}

static void hang_up(struct race_peer *p, int64_t now_us)
{
	p->wants_end = true;
	if (p->final >= 300)
		return;
	if (p->final) {
		if (p->calls || p->confirmed || p->eager_bye)
			send_bye(p, now_us);
	} else if (!p->calls) {
		if (*p->invite_via && !(p->cancelled && p->no_487))
			respond_to_invite(p, now_us, 480, p->tag, false);
	} else if (p->eager_bye && *p->their_tag) { /* RFC 3261 15 allows it in an early dialog */
		send_bye(p, now_us);
	} else if (p->provisional && !p->cancelled) {
		send_cancel(p, now_us);
	}
}

static void act(struct race_peer *p, int64_t now_us, enum peer_action action)
{
	bool early = !p->calls && *p->invite_via && p->final == 0 && !(p->cancelled && p->no_487);
	bool sdp_too = rng_below(p->rng, 2);

	switch (action) {
	case PEER_RING:
	case PEER_PROGRESS:
		if (early)
			respond_to_invite(p, now_us, action == PEER_RING ? 180 : 183, p->tag,
					  sdp_too);
		break;
	case PEER_ANSWER:
		if (early)
			respond_to_invite(p, now_us, 200, p->tag, rng_below(p->rng, 20) != 0);
		break;
	case PEER_FORK:
		/* RFC 3261 13.2.2.4: who called waits 64·T1 for them, after the first */
		if (!p->calls && p->final == 200 && !p->cancelled && !p->fork_answered &&
		    now_us < p->final_us + 50 * T1_US) {
			respond_to_invite(p, now_us, 200, "fork", true);
			p->fork_answered = true;
		}
		break;
	case PEER_REFUSE:
		if (early)
			respond_to_invite(p, now_us, 486, p->tag, false);
		break;
	case PEER_HANG_UP:
		hang_up(p, now_us);
		break;
	case PEER_REINVITE:
		if (in_dialog(p)) {
			p->reinvites++;
			send_request(p, now_us, "INVITE", !p->late_offer);
		}
		break;
	case PEER_OPTIONS:
		if (in_dialog(p))
			send_request(p, now_us, "OPTIONS", false);
		break;
	}
}

void race_peer_start(struct race_peer *p, int64_t now_us)
{
	char text[PEER_TEXT_MAX];

	snprintf(p->tag, sizeof(p->tag), "p%08x", rng_u32(p->rng));
	p->cseq = 1 + rng_below(p->rng, 100);
	if (!p->calls)
		return;
	snprintf(p->call_id, sizeof(p->call_id), "%08x@192.0.2.2", rng_u32(p->rng));
	p->invite_cseq = p->cseq;
	new_branch(p, p->invite_branch);
	request(p, text, "INVITE", p->cseq, p->invite_branch, !p->late_offer);
	keep_sending(p, now_us, text);
}

/* ---- time ---- */

int64_t race_peer_due_us(const struct race_peer *p)
{
	int64_t due = TIME_NEVER_US;

	for (unsigned i = 0; i < PEER_SENDS_MAX; i++)
		if (p->out[i].active && p->out[i].due_us < due)
			due = p->out[i].due_us;
	for (unsigned i = 0; i < p->plan_count; i++)
		if (!p->plan[i].done && p->plan[i].at_us < due)
			due = p->plan[i].at_us;
	return due;
}

void race_peer_run(struct race_peer *p, int64_t now_us)
{
	for (unsigned i = 0; i < PEER_SENDS_MAX; i++) {
		struct peer_send *out = &p->out[i];
		bool capped = out->status || strcmp(out->method, "INVITE") != 0;

		if (!out->active || out->due_us > now_us)
			continue;
		out->interval_us *= 2;
		if (capped && out->interval_us > T2_US)
			out->interval_us = T2_US;
		out->due_us = now_us + out->interval_us;
		out->active = now_us < out->until_us;
		if (out->active)
			p->send(p->arg, out->text);
		else if (strcmp(out->method, "BYE") == 0) /* Timer F */
			p->ended = true;
	}
	for (unsigned i = 0; i < p->plan_count; i++) {
		if (p->plan[i].done || p->plan[i].at_us > now_us)
			continue;
		p->plan[i].done = true;
		act(p, now_us, p->plan[i].action);
	}
}

/* ---- what comes ---- */

static void take_invite_final(struct race_peer *p, int64_t now_us, const struct seen *m,
			      struct peer_send *invite)
{
	char text[PEER_TEXT_MAX], branch[PEER_WORD_MAX];
	bool first = m->cseq == p->invite_cseq && p->calls, ok = m->status < 300;

	if (first && p->final == 0) {
		p->final = m->status;
		if (ok)
			snprintf(p->their_tag, sizeof(p->their_tag), "%s", m->to_tag);
	}
	if (!first && invite && invite->active)
		p->reinvites_over++;
	if (!(ok && p->never_acks)) {
		snprintf(branch, sizeof(branch), "%s", m->branch);
		if (ok)
			new_branch(p, branch);
		request(p, text, "ACK", m->cseq, branch, ok && p->late_offer);
		p->send(p->arg, text);
	}
	if (first && ok && p->wants_end)
		send_bye(p, now_us);
}

static void take_response(struct race_peer *p, int64_t now_us, const struct seen *m)
{
	struct peer_send *sent = NULL;
	bool invite = strcmp(m->method, "INVITE") == 0;

	for (unsigned i = 0; i < PEER_SENDS_MAX; i++)
		if (p->out[i].active && p->out[i].status == 0 &&
		    strcmp(p->out[i].branch, m->branch) == 0 &&
		    strcmp(p->out[i].method, m->method) == 0)
			sent = &p->out[i];
	if (invite && m->status >= 200)
		take_invite_final(p, now_us, m, sent);
	else if (invite && p->calls && p->final == 0 && m->cseq == p->invite_cseq) {
		p->provisional = true;
		if (m->status > 100)
			snprintf(p->their_tag, sizeof(p->their_tag), "%s", m->to_tag);
		if (p->wants_end && !p->cancelled)
			send_cancel(p, now_us);
	}
	if (strcmp(m->method, "BYE") == 0 && m->status >= 200)
		p->ended = true;
	if (sent && (m->status >= 200 || invite))
		sent->active = false;
	/* A re-INVITE that was only received provisionally still waits for its end. */
	if (sent && invite && m->status < 200 && !(p->calls && m->cseq == p->invite_cseq)) {
		sent->active = true;
		sent->due_us = now_us + 64 * T1_US;
		sent->until_us = sent->due_us;
	}
}

static void take_their_invite(struct race_peer *p, int64_t now_us, const struct seen *m)
{
	if (!*p->invite_via) {
		snprintf(p->invite_via, sizeof(p->invite_via), "%s", m->via);
		snprintf(p->invite_branch, sizeof(p->invite_branch), "%s", m->branch);
		snprintf(p->party_from, sizeof(p->party_from), "%s", m->from);
		snprintf(p->party_to, sizeof(p->party_to), "%s", m->to);
		snprintf(p->call_id, sizeof(p->call_id), "%s", m->call_id);
		p->invite_cseq = m->cseq;
		if (p->wants_end)
			respond_to_invite(p, now_us, 480, p->tag, false);
	}
	if (p->final == 0)
		respond(p, m, 100);
	for (unsigned i = 0; i < PEER_SENDS_MAX; i++) /* again: the final response again */
		if (p->out[i].active && p->out[i].status >= 200)
			p->send(p->arg, p->out[i].text);
}

static void take_ack(struct race_peer *p, int64_t now_us, const struct seen *m)
{
	bool fork = strcmp(m->to_tag, "fork") == 0;

	for (unsigned i = 0; i < PEER_SENDS_MAX; i++) {
		struct peer_send *out = &p->out[i];
		bool to_fork = strstr(out->text, ";tag=fork") != NULL;

		if (out->active && out->status >= 200 && strcmp(out->method, "INVITE") == 0 &&
		    out->cseq == m->cseq && to_fork == fork)
			out->active = false;
	}
	if (fork || p->calls || p->final >= 300)
		return;
	p->confirmed = true;
	if (p->wants_end)
		send_bye(p, now_us);
}

static void take_request(struct race_peer *p, int64_t now_us, const struct seen *m)
{
	if (strcmp(m->method, "INVITE") == 0) {
		take_their_invite(p, now_us, m);
	} else if (strcmp(m->method, "ACK") == 0) {
		take_ack(p, now_us, m);
	} else if (strcmp(m->method, "CANCEL") == 0) {
		respond(p, m, *p->invite_via ? 200 : 481);
		p->cancelled = true;
		if (p->final == 0 && *p->invite_via && !p->no_487)
			respond_to_invite(p, now_us, 487, p->tag, false);
	} else {
		respond(p, m, 200);
		if (strcmp(m->method, "BYE") == 0 && strcmp(m->to_tag, "fork") == 0)
			p->fork_ended = true;
		else if (strcmp(m->method, "BYE") == 0)
			p->ended = true;
	}
}

void race_peer_receive(struct race_peer *p, int64_t now_us, const char *text)
{
	struct seen m;

	read_message(&m, text);
	if (m.status)
		take_response(p, now_us, &m);
	else
		take_request(p, now_us, &m);
}

bool race_peer_in_call(const struct race_peer *p)
{
	bool answered = p->final >= 200 && p->final < 300;

	return (answered && !p->ended) || (p->fork_answered && !p->fork_ended) ||
	       (p->calls && p->final == 0);
}
