/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Dial peers, as rules. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "config/import/plan/cisco_priv.h"

bool cisco_port(struct cisco *c, const char *text, char out[PI_TEXT])
{
	char port[CISCO_NAME];
	size_t n = strcspn(text, " ");
	unsigned i = 0;

	pi_copy(port, sizeof(port), text, n < sizeof(port) ? n : sizeof(port) - 1);
	for (char *p = port; *p; p++)
		*p = *p > 0x20 && *p < 0x7f ? *p : '?';
	while (i < c->ports && strcmp(c->known_port[i], port) != 0)
		i++;
	if (i == CISCO_PORTS_MAX || !*port)
		return false;
	if (i == c->ports) {
		pi_copy(c->known_port[i], sizeof(c->known_port[i]), port, strlen(port));
		c->ports++;
	}
	snprintf(out, PI_TEXT, "span:%u", i + 1);
	return true;
}

static bool take_digits(char *out, size_t size, const char *line, const char *octets)
{
	return pi_copy(out, size, line, strlen(line)) && *line && line[strspn(line, octets)] == '\0';
}

static bool take_forward(struct cisco_peer *p, const char *line)
{
	p->keep_all = strcasecmp(line, "all") == 0;
	p->forward = *line >= '0' && *line <= '9' ? atoi(line) : -1;
	return p->keep_all || (p->forward >= 0 && p->forward <= 32);
}

static bool take_session_target(struct cisco_peer *p, const char *line)
{
	const char *address = strchr(line, ':');
	char name[PI_TEXT];

	pi_name(name, sizeof(name), address ? address + 1 : line);
	snprintf(p->target, sizeof(p->target), "trunk:%.60s", name);
	return *name;
}

bool cisco_take_peer_line(struct cisco *c, struct cisco_peer *p, char *line)
{
	if (cisco_word(&line, "destination-pattern"))
		return *line && pi_copy(p->pattern, sizeof(p->pattern), line, strlen(line));
	if (cisco_word(&line, "prefix"))
		return take_digits(p->prefix, sizeof(p->prefix), line, "0123456789*#");
	if (cisco_word(&line, "preference"))
		return take_digits(p->preference, sizeof(p->preference), line, "0123456789");
	if (cisco_word(&line, "no digit-strip"))
		return p->keep_all = true;
	if (cisco_word(&line, "forward-digits"))
		return take_forward(p, line);
	if (cisco_word(&line, "port") || cisco_word(&line, "trunkgroup"))
		return cisco_port(c, line, p->target);
	if (cisco_word(&line, "session target"))
		return take_session_target(p, line);
	if (cisco_word(&line, "shutdown"))
		return p->shut = true;
	return cisco_word(&line, "no shutdown") || cisco_word(&line, "description") ||
	       cisco_word(&line, "session protocol") || cisco_word(&line, "incoming called-number") ||
	       cisco_word(&line, "direct-inward-dial") || cisco_word(&line, "digit-strip");
}

/* A destination-pattern and what it comes to here. */
struct converted {
	char match[PI_TEXT];
	unsigned literal; /* leading digits that are given, which a POTS peer does not send */
	unsigned length;  /* digits of the whole number; 0: any more may follow */
};

/* . is any digit, T any more; without a $ more may follow anyway. false: with signs that ours has not. */
static bool convert_pattern(const char *text, bool exact, struct converted *out)
{
	bool leading = true, set = false, open = !exact;
	unsigned length = 0;
	size_t n = 0;

	*out = (struct converted){.literal = 0};
	text += *text == '^';
	for (; *text && n < PI_TEXT - 2; text++) {
		char c = *text == '.' ? 'X' : *text;

		if (c == '$' && !text[1]) {
			open = false;
			continue;
		}
		if (c == 'T' && !text[1]) {
			open = true;
			continue;
		}
		if (!strchr("0123456789*#X[]-+", c) || (c == '+' && n) || (set && strchr("X+", c)))
			return false;
		leading &= strchr("0123456789*#+", c) != NULL && !set;
		out->literal += leading && c != '+';
		set = c == '[' || (set && c != ']');
		length += !set && c != '+';
		out->match[n++] = c;
	}
	if (*text || set)
		return false;
	out->length = open ? 0 : length;
	if (open)
		out->match[n++] = '!';
	out->match[n] = '\0';
	return n;
}

static bool same_match(const struct cisco_peer *a, const struct cisco_peer *b)
{
	return *a->pattern && strcmp(a->pattern, b->pattern) == 0;
}

/* How many digits a POTS peer does not send. */
static unsigned pots_strip(struct cisco *c, const struct cisco_peer *p, const struct converted *v)
{
	if (p->forward < 0)
		return p->keep_all ? 0 : v->literal;
	if (*p->prefix)
		pi_note(&c->m, p->line, p->head,
			"prefix and forward-digits in one peer: here the number is cut to %d digits, then "
			"%.20s is put in front",
			p->forward, p->prefix);
	return v->length > (unsigned)p->forward ? v->length - (unsigned)p->forward : 0;
}

static bool peer_target(struct cisco *c, const struct cisco_peer *p, struct pi_target *t,
			char match[PI_TEXT])
{
	bool cut = p->pots && p->forward >= 0;
	struct converted v;

	*t = (struct pi_target){0};
	if (!*p->pattern || !*p->target)
		return false;
	if (p->shut) {
		pi_note(&c->m, p->line, p->head, "shutdown: not taken over");
		return false;
	}
	if (!convert_pattern(p->pattern, cut && !strchr(p->pattern, 'T'), &v)) {
		pi_note(&c->m, p->line, p->head,
			"destination-pattern %.60s has signs that patterns here do not have: right are "
			"digits * # . [ ] T $ and a + in front",
			p->pattern);
		return false;
	}
	if (cut && !v.length) {
		pi_note(&c->m, p->line, p->head, "forward-digits %d of a number of any length",
			p->forward);
		return false;
	}
	if (cut && !strchr(p->pattern, '$'))
		pi_note(&c->m, p->line, p->head,
			"only numbers of %u digits fit here, because of forward-digits; there longer ones do "
			"too",
			v.length);
	pi_copy(t->to, sizeof(t->to), p->target, strlen(p->target));
	pi_copy(match, PI_TEXT, v.match, strlen(v.match));
	t->set.strip = p->pots ? pots_strip(c, p, &v) : 0;
	pi_copy(t->set.prepend, sizeof(t->set.prepend), p->prefix, strlen(p->prefix));
	return true;
}

/* Peers of one pattern are targets of one rule, by their preference. */
static void write_peer(struct cisco *c, unsigned i)
{
	struct pi_rule rule = {.key = "pattern"};

	for (unsigned j = 0; j < i; j++)
		if (same_match(&c->peer[j], &c->peer[i]))
			return; /* written with that one */
	for (unsigned j = i; j < c->peers && rule.targets < PI_TARGETS; j++) {
		const struct cisco_peer *p = &c->peer[j];
		struct pi_target *t = &rule.target[rule.targets];

		if ((j != i && !same_match(p, &c->peer[i])) || !peer_target(c, p, t, rule.match))
			continue;
		pi_origin(&c->m, c->m.plan, p->line, p->head);
		if (*p->preference)
			snprintf(t->priority, sizeof(t->priority), "%d", atoi(p->preference) + 1);
		rule.targets++;
	}
	snprintf(rule.name, sizeof(rule.name), "peer-%s", c->peer[i].number);
	if (rule.targets)
		pi_write_rule(&c->m, &rule);
}

void cisco_write_peers(struct cisco *c)
{
	for (unsigned i = 0; i < c->peers; i++)
		write_peer(c, i);
	for (unsigned i = 0; i < c->ports; i++)
		fprintf(c->m.plan, "  # FILL IN: span:%u stands for port %s\n", i + 1, c->known_port[i]);
}
