/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "config/schema.h"
#include "gateway/base/strbuf.h"
#include "hw/t1e1/e1.h"

static void add_words(struct strbuf *b, const char *const *words)
{
	for (unsigned i = 0; words[i]; i++)
		strbuf_addf(b, "%s%s", i == 0 ? "" : words[i + 1] ? ", " : " or ", words[i]);
}

const char *schema_expected(const struct schema_key *key, char *out, size_t size)
{
	static const char *const fixed[] = {
	    [SCHEMA_MAP] = "a map: keys indented below it",
	    [SCHEMA_MAPS] = "a list: lines that begin with \"- \"",
	    [SCHEMA_BOOL] = "true or false",
	    [SCHEMA_HOSTNAME] = "a host name or an address",
	    [SCHEMA_ADDRESS] = "an IPv4 or IPv6 address without port, for example 192.0.2.1",
	    [SCHEMA_SOCKET] = "an address with port, for example 192.0.2.1:5060 or "
			      "[2001:db8::1]:5060",
	    [SCHEMA_NETWORKS] = "a list of networks, for example [192.0.2.0/24, 198.51.100.7]",
	    [SCHEMA_SLOTS] = "timeslots from 1 to 31, for example 1-15,17-31",
	    [SCHEMA_PORTS] = "UDP ports from-to, for example 16384-32767",
	};
	struct strbuf b;

	strbuf_init(&b, out, size);
	switch (key->type) {
	case SCHEMA_INT:
		if (key->min == key->max)
			strbuf_addf(&b, "%d", (int)key->min);
		else
			strbuf_addf(&b, "a number from %d to %d", (int)key->min, (int)key->max);
		break;
	case SCHEMA_WORDS:
		strbuf_add(&b, "a list of ");
		add_words(&b, key->words);
		break;
	case SCHEMA_WORD:
		add_words(&b, key->words);
		break;
	case SCHEMA_NAME:
		strbuf_addf(&b, "1 to %d letters, digits, dots, dashes or underscores",
			    (int)key->max);
		break;
	case SCHEMA_PATH:
		strbuf_addf(&b, "a path of 1 to %d octets", (int)key->max);
		break;
	case SCHEMA_TEXT:
		strbuf_addf(&b, "a text of 1 to %d octets", (int)key->max);
		break;
	case SCHEMA_DIGITS:
	case SCHEMA_NUMBER:
		strbuf_addf(&b, "up to %d digits 0-9, * or #%s", (int)key->max,
			    key->type == SCHEMA_NUMBER ? ", with a + in front for E.164" : "");
		break;
	case SCHEMA_ITEMS:
		schema_expected(key->child, out, size);
		b.len = strlen(out);
		strbuf_addf(&b, ", or a list of them, [%s]",
			    key->child->words ? key->child->words[0] : "…");
		break;
	case SCHEMA_ENDPOINT:
		strbuf_addf(&b, "span:NUMBER%s trunk:NAME%s", key->min == 0 ? "," : " or",
			    key->min == 0 ? " or any" : "");
		break;
	default:
		strbuf_add(&b, fixed[key->type]);
	}
	return out;
}

static bool wrong(struct report *r, const struct schema_key *key, const struct node *n)
{
	char seen[REPORT_QUOTE], right[160];
	const char *what = n->kind == NODE_MAP ? "a map" : "a list";

	if (n->kind == NODE_SCALAR)
		what = *n->text || n->quoted ? report_quote(seen, n->text) : "nothing";
	report_add(r, n->line, n->column, "%s cannot be %s; it must be %s", key->key, what,
		   schema_expected(key, right, sizeof(right)));
	return false;
}

/* Digits only, no sign, no leading zero, at most 9 of them. Returns what follows, NULL: none. */
static const char *parse_number(const char *text, int64_t *out)
{
	unsigned n = 0;

	for (*out = 0; text[n] >= '0' && text[n] <= '9'; n++) {
		if (n == 9)
			return NULL;
		*out = *out * 10 + (text[n] - '0');
	}
	return n == 0 || (n > 1 && *text == '0') ? NULL : text + n;
}

static bool parse_word(const struct schema_key *key, const char *text, int64_t *index)
{
	for (*index = 0; key->words[*index]; ++*index)
		if (strcmp(key->words[*index], text) == 0)
			return true;
	return false;
}

/* A mistake within a plain scalar is shown where it is, not where the scalar begins. */
static bool wrong_within(struct report *r, const struct node *n, size_t offset, const char *why)
{
	report_add(r, n->line, n->column + n->quoted + (unsigned)offset, "%s", why);
	return false;
}

static bool parse_slots(struct report *r, const struct schema_key *key, const struct node *n,
			struct schema_value *out)
{
	const char *p = n->text;
	int64_t from, to;

	out->slots = 0;
	for (;;) {
		size_t at = (size_t)(p - n->text);

		p = parse_number(p, &from);
		to = from;
		if (p && *p == '-')
			p = parse_number(p + 1, &to);
		if (!p || (*p && *p != ','))
			return wrong(r, key, n);
		if (from == 0)
			return wrong_within(r, n, at,
					    "timeslot 0 carries the framing, not calls; timeslots "
					    "are 1 to 31");
		if (from >= E1_TIMESLOTS || to >= E1_TIMESLOTS)
			return wrong_within(r, n, at, "an E1 has no such timeslot; the last is 31");
		if (from > to)
			return wrong_within(r, n, at,
					    "a range runs from the lower to the higher timeslot; "
					    "turn it round");
		for (int64_t ts = from; ts <= to; ts++) {
			if (out->slots & UINT32_C(1) << ts)
				return wrong_within(r, n, at,
						    "a timeslot that was named before; name each "
						    "once");
			out->slots |= UINT32_C(1) << ts;
		}
		if (!*p)
			return true;
		p++;
	}
}

static bool parse_ports(struct report *r, const struct schema_key *key, const struct node *n,
			struct schema_value *out)
{
	int64_t from, to;
	const char *p = parse_number(n->text, &from);

	if (!p || *p != '-' || !(p = parse_number(p + 1, &to)) || *p)
		return wrong(r, key, n);
	if (from < 1024 || to > 65535)
		return wrong_within(r, n, 0, "RTP ports are between 1024 and 65535");
	if (from % 2)
		return wrong_within(r, n, 0,
				    "the first RTP port must be even: RTP takes the even, RTCP "
				    "the odd one after it");
	if (to <= from)
		return wrong_within(r, n, 0,
				    "the last RTP port must be higher than the first; a call "
				    "takes two");
	out->port_min = (uint16_t)from;
	out->port_max = (uint16_t)to;
	return true;
}

static bool parse_endpoint(const struct schema_key *key, const struct node *n,
			   struct schema_value *out)
{
	const char *p;

	out->number = 0;
	out->text = NULL;
	if (key->min == 0 && strcmp(n->text, "any") == 0)
		return true;
	if (strncmp(n->text, "trunk:", 6) == 0) {
		out->text = n->text + 6;
		return *out->text;
	}
	if (strncmp(n->text, "span:", 5) != 0)
		return false;
	p = parse_number(n->text + 5, &out->number);
	return p && !*p && out->number >= 1 && out->number <= UINT16_MAX;
}

static bool only(const char *text, const char *allowed, size_t min, size_t max)
{
	size_t n = strlen(text);

	return n >= min && n <= max && strspn(text, allowed) == n;
}

#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"

static bool parse_address(const struct schema_key *key, const char *text, struct net_addr *out)
{
	struct net_prefix p;

	if (key->type == SCHEMA_ADDRESS) {
		/* A bare address only: no brackets, no port, no prefix length. */
		if (strchr(text, '/') || net_prefix_parse(&p, text))
			return false;
		*out = p.base;
		return true;
	}
	if (net_addr_parse(out, text))
		return false;
	if (out->port == 0)
		out->port = (uint16_t)key->min;
	return true;
}

static bool parse_scalar(struct report *r, const struct schema_key *key, const struct node *n,
			 struct schema_value *out)
{
	const char *end;
	bool good;

	out->text = n->text;
	switch (key->type) {
	case SCHEMA_INT:
		end = parse_number(n->text + (key->min < 0 && *n->text == '-'), &out->number);
		if (key->min < 0 && *n->text == '-')
			out->number = -out->number;
		good = end && !*end && out->number >= key->min && out->number <= key->max;
		break;
	case SCHEMA_BOOL:
		out->number = strcmp(n->text, "true") == 0;
		good = out->number || strcmp(n->text, "false") == 0;
		break;
	case SCHEMA_WORD:
		good = parse_word(key, n->text, &out->number);
		break;
	case SCHEMA_NAME:
		good = only(n->text, LETTERS "0123456789._-", 1, (size_t)key->max);
		break;
	case SCHEMA_HOSTNAME:
		good = only(n->text, LETTERS "0123456789.-", 1, CALL_NAME_MAX) ||
		       (strchr(n->text, ':') && net_addr_parse(&out->addr, n->text) == 0 &&
			out->addr.port == 0);
		break;
	case SCHEMA_PATH:
	case SCHEMA_TEXT:
		good = *n->text && strlen(n->text) <= (size_t)key->max;
		break;
	case SCHEMA_DIGITS:
		good =
		    only(n->text, "0123456789*#", 0, (size_t)key->max) && (*n->text || n->quoted);
		break;
	case SCHEMA_NUMBER:
		good = only(n->text + (*n->text == '+'), "0123456789*#", 0, (size_t)key->max) &&
		       (*n->text || n->quoted);
		break;
	case SCHEMA_ADDRESS:
	case SCHEMA_SOCKET:
		good = parse_address(key, n->text, &out->addr);
		break;
	case SCHEMA_SLOTS:
		return parse_slots(r, key, n, out);
	case SCHEMA_PORTS:
		return parse_ports(r, key, n, out);
	case SCHEMA_ENDPOINT:
		good = parse_endpoint(key, n, out);
		break;
	default:
		good = false;
	}
	return good || wrong(r, key, n);
}

/* 192.0.2.7/24 is a typing mistake in one of its two halves. */
static bool parse_network(struct report *r, const struct node *n, struct net_prefix *out)
{
	char seen[REPORT_QUOTE], host[NET_ADDR_TEXT];
	struct net_addr zero;

	if (net_prefix_parse(out, n->text)) {
		report_add(r, n->line, n->column,
			   "%s is no network; write for example 192.0.2.0/24 or 2001:db8::/32",
			   report_quote(seen, n->text));
		return false;
	}
	zero = out->base;
	for (unsigned bit = out->bits; bit < (zero.family == 4 ? 32 : 128); bit++)
		zero.ip[bit / 8] &= (uint8_t) ~(0x80 >> bit % 8);
	if (net_addr_equal(&zero, &out->base))
		return true;
	report_add(r, n->line, n->column, "%s is no network; write %s/%u for the network",
		   report_quote(seen, n->text), net_addr_format_host(&zero, host), out->bits);
	return false;
}

static bool parse_item(struct report *r, const struct schema_key *key, const struct node *n,
		       struct schema_value *out)
{
	const struct schema_key item = {key->key, SCHEMA_WORD, .words = key->words};
	char seen[REPORT_QUOTE];
	int64_t word;

	if (n->bad)
		return false;
	if (n->kind != NODE_SCALAR)
		return wrong(r, key->words ? &item : key, n);
	if (key->type == SCHEMA_NETWORKS)
		return parse_network(r, n, &out->network[out->count]);
	if (!parse_word(key, n->text, &word))
		return wrong(r, &item, n);
	for (unsigned i = 0; i < out->count; i++) {
		if (out->word[i] != word)
			continue;
		report_add(r, n->line, n->column, "%s stands twice in %s; write it once",
			   report_quote(seen, n->text), key->key);
		return false;
	}
	out->word[out->count] = (uint8_t)word;
	return true;
}

static bool parse_items(struct report *r, const struct schema_key *key, const struct node *n,
			struct schema_value *out)
{
	bool good = true;

	if (n->count < (unsigned)key->min || n->count > (unsigned)key->max) {
		report_add(r, n->line, n->column, "%s has %u entries; it takes %d to %d", key->key,
			   n->count, (int)key->min, (int)key->max);
		return false;
	}
	if (key->type == SCHEMA_MAPS)
		return true; /* the reader of the file goes through them */
	for (const struct node *i = n->first; i; i = i->next) {
		if (parse_item(r, key, i, out))
			out->item[out->count++] = i;
		else
			good = false;
	}
	return good;
}

bool schema_item(struct report *r, const struct schema_key *key, const struct node *all,
		 unsigned index, struct schema_value *out)
{
	struct schema_key item = *key->child;
	const struct node *n = all->kind == NODE_LIST ? all->first : all;

	for (; n && index; index--)
		n = all->kind == NODE_LIST ? n->next : NULL;
	*out = (struct schema_value){.node = n};
	if (!n)
		return false;
	item.key = key->key;
	out->ok = schema_parse(r, &item, n, out);
	return true;
}

/* Each of them; what is wrong is told here, once. */
static bool check_items(struct report *r, const struct schema_key *key, const struct node *n)
{
	struct schema_value v;
	bool good = true;

	if (n->bad)
		return false;
	if (n->kind == NODE_MAP || (n->kind == NODE_LIST && n->count == 0))
		return wrong(r, key, n);
	if (n->kind == NODE_LIST && n->count > (unsigned)key->max) {
		report_add(r, n->line, n->column, "%s has %u entries; it takes 1 to %d", key->key,
			   n->count, (int)key->max);
		return false;
	}
	for (unsigned i = 0; schema_item(r, key, n, i, &v); i++)
		good &= v.ok;
	return good;
}

bool schema_parse(struct report *r, const struct schema_key *key, const struct node *n,
		  struct schema_value *out)
{
	bool list =
	    key->type == SCHEMA_MAPS || key->type == SCHEMA_WORDS || key->type == SCHEMA_NETWORKS;
	enum node_kind want = key->type == SCHEMA_MAP ? NODE_MAP : list ? NODE_LIST : NODE_SCALAR;

	if (key->type == SCHEMA_ITEMS)
		return check_items(r, key, n);
	if (n->bad)
		return false;
	if (n->kind != want)
		return wrong(r, key, n);
	if (want == NODE_SCALAR)
		return parse_scalar(r, key, n, out);
	return key->type == SCHEMA_MAP || parse_items(r, key, n, out);
}
