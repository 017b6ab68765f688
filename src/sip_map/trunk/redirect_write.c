/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/sip_map/trunk/redirect.h"

#include "src/sip_map/sip_party.h"
#include "src/sip_map/trunk/trunk.h"

const struct redirect_word redirect_words[] = {
    {CALL_REDIRECT_UNKNOWN, 404, "unknown"},
    {CALL_REDIRECT_BUSY, 486, "user-busy"},
    {CALL_REDIRECT_NO_REPLY, 408, "no-answer"},
    {CALL_REDIRECT_ALWAYS, 302, "unconditional"},
    {CALL_REDIRECT_DEFLECTED, 480, "deflection"},
    {CALL_REDIRECT_DEFLECTED, 487, "deflection"},
    {CALL_REDIRECT_BY_CALLED, 480, "deflection"},
    {CALL_REDIRECT_OUT_OF_ORDER, 503, "unavailable"},
    {CALL_REDIRECT_OUT_OF_ORDER, 503, "out-of-service"},
};
const unsigned redirect_word_count = sizeof(redirect_words) / sizeof(redirect_words[0]);

static const struct redirect_word *word_of(uint8_t reason)
{
	for (unsigned i = 0; i < redirect_word_count; i++)
		if (redirect_words[i].reason == reason)
			return &redirect_words[i];
	return &redirect_words[0];
}

static void add_user(struct strbuf *b, const struct sip_trunk_cfg *t, const struct net_addr *local,
		     const struct call_number *n)
{
	if (!*n->digits) { /* RFC 3323 4.1.1.3 */
		strbuf_add(b, "<sip:anonymous@anonymous.invalid");
		return;
	}
	strbuf_add(b, "<sip:");
	trunk_number_add(b, n);
	strbuf_add(b, "@");
	trunk_domain_add(b, t, local);
}

static void add_diversion(struct strbuf *b, const struct sip_trunk_cfg *t,
			  const struct net_addr *local, const struct call_setup *setup)
{
	const struct call_number *n = &setup->redirecting;
	bool screened =
	    n->screening == CALL_SCREEN_USER_PASSED || n->screening == CALL_SCREEN_NETWORK;

	strbuf_add(b, "Diversion: ");
	add_user(b, t, local, n);
	strbuf_addf(b, ">;reason=%s;counter=%u;screen=%s;privacy=%s\r\n",
		    word_of(setup->redirect_reason)->word,
		    setup->redirect_count ? setup->redirect_count : 1U, screened ? "yes" : "no",
		    n->presentation == CALL_PRES_RESTRICTED ? "full" : "off");
}

/* RFC 7544 7.1: diversions of which only their number is known have entries without a name; then the
 * last one to redirect, and whom the call goes to because of it. */
static void add_history(struct strbuf *b, const struct sip_trunk_cfg *t,
			const struct net_addr *local, const struct call_setup *setup)
{
	unsigned count = setup->redirect_count ? setup->redirect_count : 1;
	char index[2 * REDIRECT_WRITTEN_MAX + 2];
	struct strbuf i;

	if (count > REDIRECT_WRITTEN_MAX)
		count = REDIRECT_WRITTEN_MAX;
	strbuf_init(&i, index, sizeof(index));
	strbuf_add(&i, "1");
	strbuf_add(b, "History-Info: ");
	for (unsigned n = 1; n < count; n++) {
		strbuf_addf(b, "<sip:unknown@unknown.invalid%s>;index=%s, ", n > 1 ? ";cause=404" : "",
			    index);
		strbuf_add(&i, ".1");
	}
	add_user(b, t, local, &setup->redirecting);
	strbuf_addf(b, "%s%s>;index=%s, <", count > 1 ? ";cause=404" : "",
		    setup->redirecting.presentation == CALL_PRES_RESTRICTED ? "?Privacy=history" : "",
		    index);
	sip_party_uri(b, t, setup);
	strbuf_addf(b, ";cause=%u>;index=%s.1;mp=%s\r\n", word_of(setup->redirect_reason)->cause, index,
		    index);
}

void sip_party_redirecting(struct strbuf *b, const struct sip_trunk_cfg *t,
			   const struct net_addr *local, const struct call_setup *setup)
{
	const struct call_number *n = &setup->redirecting;
	bool restricted = n->presentation == CALL_PRES_RESTRICTED;

	if (!n->present || n->presentation > CALL_PRES_RESTRICTED || (restricted && t->untrusted) ||
	    (!restricted && !*n->digits))
		return;
	if (t->redirecting == SIP_REDIRECTING_DIVERSION || t->redirecting == SIP_REDIRECTING_BOTH)
		add_diversion(b, t, local, setup);
	if (t->redirecting == SIP_REDIRECTING_HISTORY_INFO || t->redirecting == SIP_REDIRECTING_BOTH)
		add_history(b, t, local, setup);
}
