/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Cisco IOS: voice translation-rule and -profile, voice-port, dial-peer. All of it is read before
 * anything is written: rules stand before the profiles that use them, profiles before the ports and
 * peers that they are applied to. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "config/import/plan/cisco_priv.h"

bool cisco_word(char **rest, const char *word)
{
	size_t n = strlen(word);

	if (strncasecmp(*rest, word, n) != 0 || ((*rest)[n] && (*rest)[n] != ' '))
		return false;
	*rest = pi_trim(*rest + n);
	return true;
}

static void begin_profile(struct cisco *c, const char *name, const char *line)
{
	struct cisco_profile *p = &c->profile[c->profiles];

	if (c->profiles == CISCO_PROFILES_MAX) {
		pi_note(&c->m, c->m.line, line, "more than %d profiles", CISCO_PROFILES_MAX);
		return;
	}
	*p = (struct cisco_profile){.line = c->m.line};
	pi_copy(p->name, sizeof(p->name), name, strlen(name));
	c->profiles++;
	c->in = CISCO_IN_PROFILE;
}

static void begin_peer(struct cisco *c, char *rest, const char *line)
{
	struct cisco_peer *p = &c->peer[c->peers];

	if (c->peers == CISCO_PEERS_MAX) {
		pi_note(&c->m, c->m.line, line, "more than %d dial peers", CISCO_PEERS_MAX);
		return;
	}
	*p = (struct cisco_peer){.line = c->m.line, .forward = -1};
	pi_copy(p->head, sizeof(p->head), line, strlen(line));
	pi_copy(p->number, sizeof(p->number), rest, strspn(rest, "0123456789"));
	p->pots = strstr(rest, "pots") != NULL;
	c->peers++;
	c->in = CISCO_IN_PEER;
}

static bool begin_section(struct cisco *c, char *line, const char *whole)
{
	if (cisco_word(&line, "voice translation-rule")) {
		c->in = CISCO_IN_RULES;
		c->set = (unsigned)strtoul(line, NULL, 10);
	} else if (cisco_word(&line, "voice translation-profile")) {
		c->in = CISCO_IN_NOTHING;
		begin_profile(c, line, whole);
	} else if (cisco_word(&line, "dial-peer voice")) {
		c->in = CISCO_IN_NOTHING;
		begin_peer(c, line, whole);
	} else if (cisco_word(&line, "voice-port") || cisco_word(&line, "trunk group")) {
		c->in = cisco_port(c, line, c->port) ? CISCO_IN_PORT : CISCO_IN_NOTHING;
	} else {
		return false;
	}
	return true;
}

/* "translate called 1" of a profile. */
static bool take_translate(struct cisco_profile *p, char *line)
{
	static const char *const word[CISCO_FIELDS] = {"called", "calling", "redirect-called"};

	if (!cisco_word(&line, "translate"))
		return false;
	for (int i = 0; i < CISCO_FIELDS; i++) {
		if (!cisco_word(&line, word[i]))
			continue;
		p->set[i] = (unsigned)strtoul(line, NULL, 10);
		return p->set[i];
	}
	return false;
}

/* "translation-profile incoming NAME", "call-block translation-profile incoming NAME". */
static bool take_use(struct cisco *c, char *line)
{
	struct cisco_use *u = &c->use[c->uses];

	cisco_word(&line, "call-block");
	if (!cisco_word(&line, "translation-profile") || c->uses == CISCO_USES_MAX)
		return false;
	*u = (struct cisco_use){.line = c->m.line, .peer = c->in == CISCO_IN_PEER ? (int)c->peers - 1 : -1};
	u->out = cisco_word(&line, "outgoing");
	if ((!u->out && !cisco_word(&line, "incoming")) || !*line)
		return false;
	pi_copy(u->profile, sizeof(u->profile), line, strlen(line));
	if (c->in == CISCO_IN_PORT)
		pi_copy(u->endpoint, sizeof(u->endpoint), c->port, strlen(c->port));
	c->uses++;
	return true;
}

static bool take_inner(struct cisco *c, char *line, const char *whole)
{
	switch (c->in) {
	case CISCO_IN_RULES:
		if (!cisco_word(&line, "rule"))
			return false;
		cisco_take_rule(c, line, whole);
		return true;
	case CISCO_IN_PROFILE:
		return take_translate(&c->profile[c->profiles - 1], line);
	case CISCO_IN_PEER:
		return take_use(c, line) || cisco_take_peer_line(c, &c->peer[c->peers - 1], line);
	case CISCO_IN_PORT:
		return take_use(c, line);
	default:
		return false;
	}
}

static void take_line(struct cisco *c)
{
	char whole[PI_LINE], *line = c->m.buffer;

	pi_copy(whole, sizeof(whole), line, strlen(line));
	if (!*line || *line == '!' || begin_section(c, line, whole) || take_inner(c, line, whole))
		return;
	pi_note(&c->m, c->m.line, whole, "nothing of a number plan, or not known, or of another form here");
}

/* A profile that is applied and not there. */
static void check_uses(struct cisco *c)
{
	for (unsigned i = 0; i < c->uses; i++) {
		bool known = false;

		for (unsigned k = 0; k < c->profiles; k++)
			known |= strcmp(c->profile[k].name, c->use[i].profile) == 0;
		if (!known)
			pi_note(&c->m, c->use[i].line, c->use[i].profile,
				"there is no voice translation-profile of this name");
	}
}

static const char head[] =
    "# The rewrites see numbers as the other router saw them as long as spans and trunks have no\n"
    "# numbers: {profile: ...}. A number with a + from SIP is taken as ISDN's type international.\n";

int plan_import_cisco(const char *name, const char *text, size_t len, char **out,
		      plan_import_note_fn on_note, void *arg)
{
	struct cisco *c = calloc(1, sizeof(*c));
	int err = c ? pi_begin(&c->m, name, text, len, on_note, arg) : -ENOMEM;

	if (!c)
		return err;
	c->rule = malloc(CISCO_RULES_MAX * sizeof(*c->rule)); /* each is filled in as a whole */
	if (!err && !c->rule)
		err = -ENOMEM;
	while (!err && pi_next_line(&c->m))
		take_line(c);
	if (!err) {
		check_uses(c);
		cisco_write_rules(c);
		cisco_write_peers(c);
	}
	if (err)
		(void)pi_end(&c->m, "", "", out);
	else
		err = pi_end(&c->m, "cisco", head, out);
	free(c->rule);
	free(c);
	return err;
}
