/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The verdict on one call: what each of the three said of it, held against what had to be. */
#include <string.h>

#include "gateway/lab/lab_calls.h"

enum { PACKET_OCTETS = 160 };

struct expected {
	int pbx_cause; /* that the exchange gets; 0: none, it cleared */
	const char *peer_end;
	int peer_status, peer_cause; /* the final of the INVITE; Q.850 in a Reason that it gets */
	const char *cleared_by;
	bool talk;
};

static const struct expected expected_e1_to_sip[LAB_KINDS] = {
    [LAB_CALLER_ENDS] = {0, "bye_received", 200, 16, "source", true},
    [LAB_CALLEE_ENDS] = {16, "bye_sent", 200, 0, "target", true},
    [LAB_BUSY] = {17, "refused", 486, 0, "target", false},
    [LAB_REJECTED] = {21, "refused", 603, 0, "target", false},
    [LAB_CANCELLED] = {0, "cancelled", 487, 16, "source", false},
    [LAB_NO_ANSWER] = {18, "refused", 480, 0, "target", false},
};

static const struct expected expected_sip_to_e1[LAB_KINDS] = {
    [LAB_CALLER_ENDS] = {16, "bye_sent", 200, 0, "source", true},
    [LAB_CALLEE_ENDS] = {0, "bye_received", 200, 16, "target", true},
    [LAB_BUSY] = {0, "refused", 486, 17, "target", false},
    [LAB_REJECTED] = {0, "refused", 403, 21, "target", false},
    [LAB_CANCELLED] = {16, "cancelled", 487, 0, "source", false},
    [LAB_NO_ANSWER] = {0, "refused", 480, 19, "target", false},
};

static struct expected expect(const struct lab_call *c)
{
	struct expected e = c->direction == LAB_E1_TO_SIP ? expected_e1_to_sip[c->kind]
							  : expected_sip_to_e1[c->kind];

	/* The caller's own cause comes out at the other end. */
	if (c->direction == LAB_E1_TO_SIP && e.peer_cause)
		e.peer_cause = c->cause;
	if (c->direction == LAB_SIP_TO_E1 && c->kind == LAB_CALLER_ENDS && c->cause)
		e.pbx_cause = c->cause;
	return e;
}

/* ── one mistake, one sentence ── */

static void mistake(struct strbuf *why, const char *what)
{
	strbuf_addf(why, "%s%s", why->len ? "; " : "", what);
}

static bool same_number(struct strbuf *why, const char *what, int64_t wanted, int64_t seen)
{
	if (wanted == seen)
		return true;
	strbuf_addf(why, "%s%s: expected %lld, seen %lld", why->len ? "; " : "", what,
		    (long long)wanted, (long long)seen);
	return false;
}

static bool same_text(struct strbuf *why, const char *what, const char *wanted, const char *seen)
{
	if (seen && strcmp(wanted, seen) == 0)
		return true;
	strbuf_addf(why, "%s%s: expected %s, seen %s", why->len ? "; " : "", what, wanted,
		    seen ? seen : "none");
	return false;
}

/* "media.rtp_lost_packets" */
static const json_t *get(const json_t *o, const char *path)
{
	const char *dot;
	char key[40];

	while ((dot = strchr(path, '.'))) {
		str_copy(key, sizeof(key), path);
		key[dot - path] = '\0';
		o = json_object_get(o, key);
		path = dot + 1;
	}
	return json_object_get(o, path);
}

static int64_t number(const json_t *o, const char *path)
{
	return json_integer_value(get(o, path));
}

static const char *text(const json_t *o, const char *path)
{
	return json_string_value(get(o, path));
}

/* ── audio ── */

static int64_t above(int64_t seen, int64_t counted)
{
	return seen > counted ? seen - counted : 0;
}

static int64_t least_of(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* What somebody counted at one end's hearing. replaced: of both, idle that a line sent in the very
 * place of what it dropped; such octets are heard as changed ones. */
struct counted {
	int64_t lost, inserted, replaced;
};

/* One end's hearing. What somebody counted is explained, all else is not. */
static bool check_hearing(const json_t *heard, const char *where, const struct counted *counted,
			  int talk_ms, struct lab_verdict *v, struct strbuf *why)
{
	int64_t changed = number(heard, "changed"), foreign = number(heard, "foreign");
	int64_t replaced = least_of(changed, counted->replaced);
	int64_t lost = number(heard, "lost") + replaced;
	int64_t inserted = number(heard, "inserted") + replaced;
	int64_t counted_lost = counted->lost, counted_inserted = counted->inserted;
	int64_t unexplained = above(lost, counted_lost) + above(inserted, counted_inserted) +
			      changed - replaced + foreign;
	/* Nine tenths of what was said while they talked and nobody counted as lost. */
	int64_t least = ((int64_t)talk_ms * 8 - counted_lost) * 9 / 10;

	v->octets += number(heard, "good");
	v->lost += lost;
	v->inserted += inserted;
	v->counted +=
	    lost + inserted - above(lost, counted_lost) - above(inserted, counted_inserted);
	v->unexplained += unexplained;
	if (unexplained)
		strbuf_addf(why,
			    "%saudio at the %s: unexplained octets: expected 0, seen %lld "
			    "(lost %lld, counted %lld; inserted %lld, counted %lld; changed "
			    "%lld; of another call %lld)",
			    why->len ? "; " : "", where, (long long)unexplained, (long long)lost,
			    (long long)counted_lost, (long long)inserted,
			    (long long)counted_inserted, (long long)changed, (long long)foreign);
	if (number(heard, "good") < least)
		strbuf_addf(why, "%saudio at the %s: expected %lld octets or more, seen %lld",
			    why->len ? "; " : "", where, (long long)least,
			    (long long)number(heard, "good"));
	return !unexplained && number(heard, "good") >= least;
}

static struct counted count_to_e1(const json_t *media, const json_t *pbx)
{
	int64_t idle = number(media, "tdm_idle_octets"),
		dropped = number(media, "tdm_dropped_octets");

	return (struct counted){
	    .lost = number(media, "jb_late_octets") + number(media, "jb_dropped_octets") -
		    number(media, "jb_unplayed_octets") +
		    number(media, "rtp_lost_packets") * PACKET_OCTETS + dropped +
		    number(pbx, "missed_octets"),
	    .inserted = number(media, "jb_concealed_octets") + idle + number(pbx, "slipped_octets"),
	    .replaced = least_of(idle, dropped),
	};
}

static struct counted count_to_sip(const json_t *media, const json_t *pbx, const json_t *peer)
{
	int64_t idle = number(pbx, "tx_idle_octets"), dropped = number(pbx, "tx_dropped_octets");

	return (struct counted){
	    .lost = number(peer, "audio.missing_octets") + number(media, "tdm_missed_octets") +
		    number(media, "rtp_tx_errors") * PACKET_OCTETS + dropped,
	    .inserted = idle,
	    .replaced = least_of(idle, dropped),
	};
}

static bool check_audio(const struct lab_call *c, struct lab_verdict *v, struct strbuf *why)
{
	const json_t *media = json_object_get(c->record, "media");
	struct counted to_e1 = count_to_e1(media, c->pbx);
	struct counted to_sip = count_to_sip(media, c->pbx, c->peer);
	bool good =
	    check_hearing(json_object_get(c->pbx, "audio"), "exchange", &to_e1, c->talk_ms, v, why);

	return check_hearing(json_object_get(c->peer, "heard"), "SIP peer", &to_sip, c->talk_ms, v,
			     why) &&
	       good;
}

static bool check_early(const struct lab_call *c, struct strbuf *why)
{
	bool e1 = c->direction == LAB_E1_TO_SIP;
	const json_t *early = json_object_get(e1 ? c->pbx : c->peer, "early_media");

	if (json_is_true(early))
		return true;
	mistake(why, e1 ? "early media at the exchange: expected before CONNECT, seen none"
			: "early media at the SIP peer: expected before the 200, seen none");
	return false;
}

/* ── signalling and record ── */

static bool check_causes(const struct lab_call *c, const struct expected *e, struct strbuf *why)
{
	bool good =
	    same_number(why, "cause at the exchange", e->pbx_cause, number(c->pbx, "cause"));

	good &= same_text(why, "end at the SIP peer", e->peer_end, text(c->peer, "end"));
	good &=
	    same_number(why, "status at the SIP peer", e->peer_status, number(c->peer, "status"));
	good &= same_number(why, "cause in Reason at the SIP peer", e->peer_cause,
			    number(c->peer, "cause"));
	return good;
}

/* Neither side can have had more packets than the other sent. */
static bool check_record_packets(const struct lab_call *c, struct strbuf *why)
{
	int64_t sent = number(c->record, "media.rtp_tx_packets");
	int64_t received = number(c->record, "media.rtp_rx_packets");
	bool good = true;

	if (sent < number(c->peer, "audio.received_packets")) {
		mistake(why, "record: fewer packets sent than the SIP peer received");
		good = false;
	}
	if (received > number(c->peer, "audio.sent_packets")) {
		mistake(why, "record: more packets received than the SIP peer sent");
		good = false;
	}
	return good;
}

static bool check_record(const struct lab_call *c, const struct expected *e, struct strbuf *why)
{
	bool e1 = c->direction == LAB_E1_TO_SIP;
	const char *side = strcmp(e->cleared_by, "source") == 0 ? "cause_a.value" : "cause_b.value";
	int cause = e->pbx_cause ? e->pbx_cause : e->peer_cause;
	bool good = same_text(why, "record: source", e1 ? "span:1" : "trunk:lab",
			      text(c->record, "source"));

	good &= same_text(why, "record: target", e1 ? "trunk:lab" : "span:1",
			  text(c->record, "target"));
	good &=
	    same_text(why, "record: calling number", c->calling, text(c->record, "calling.digits"));
	good &= same_text(why, "record: cleared by", e->cleared_by, text(c->record, "cleared_by"));
	good &= same_number(why, "record: cause of that side", cause, number(c->record, side));
	good &= same_number(why, "record: answered", e->talk,
			    json_object_get(c->record, "answer") != NULL);
	good &= same_number(why, "record: timeslot", number(c->pbx, "ts"),
			    number(c->record, "channel.ts"));
	good &= same_number(why, "record: interrupted", 0,
			    json_is_true(json_object_get(c->record, "interrupted")));
	return check_record_packets(c, why) && good;
}

static bool is_complete(const struct lab_call *c, struct strbuf *why)
{
	if (c->not_placed)
		mistake(why, c->direction == LAB_E1_TO_SIP ? "the exchange could not place it"
							   : "the SIP peer could not place it");
	else if (!c->placed)
		mistake(why, "it was never placed");
	else if (!c->pbx)
		mistake(why, "the exchange never told its end");
	else if (!c->peer)
		mistake(why, "the SIP peer never told its end");
	else if (!c->record)
		mistake(why, "the core wrote no record");
	return why->len == 0;
}

bool lab_call_check(const struct lab_call *c, struct lab_verdict *v, struct strbuf *why)
{
	struct expected e = expect(c);
	bool answered, good = true;

	v->calls++;
	v->talks += e.talk;
	if (!is_complete(c, why))
		return false;
	answered = json_is_true(json_object_get(c->pbx, "answered"));
	good = same_number(why, "answered at the exchange", e.talk, answered);
	v->answered += answered;
	if (check_causes(c, &e, why))
		v->causes++;
	else
		good = false;
	if (check_record(c, &e, why))
		v->records++;
	else
		good = false;
	if (e.talk && check_early(c, why))
		v->early++;
	else if (e.talk)
		good = false;
	if (e.talk && check_audio(c, v, why))
		v->audio++;
	else if (e.talk)
		good = false;
	v->good += good;
	return good;
}
