/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "gateway/lookup/http/http_answer.h"

#include <string.h>

#include "gateway/base/strbuf.h"
#include "gateway/call/call_types.h"

static void add_encoded(struct strbuf *b, const char *text)
{
	for (; *text; text++) {
		if (*text >= '0' && *text <= '9')
			strbuf_addf(b, "%c", *text);
		else
			strbuf_addf(b, "%%%02X", (unsigned)(unsigned char)*text);
	}
}

bool http_url(char *out, size_t size, const char *pattern, const char *number, const char *calling)
{
	static const char number_place[] = "{number}", calling_place[] = "{calling}";
	struct strbuf b;

	strbuf_init(&b, out, size);
	while (*pattern) {
		if (strncmp(pattern, number_place, sizeof(number_place) - 1) == 0) {
			add_encoded(&b, number);
			pattern += sizeof(number_place) - 1;
		} else if (strncmp(pattern, calling_place, sizeof(calling_place) - 1) == 0) {
			add_encoded(&b, calling);
			pattern += sizeof(calling_place) - 1;
		} else {
			strbuf_addf(&b, "%c", *pattern++);
		}
	}
	return !b.truncated;
}

static bool is_number(const char *text)
{
	text += *text == '+';
	return *text && strlen(text) <= CALL_DIGITS_MAX &&
	       strspn(text, "0123456789*#") == strlen(text);
}

/* As much of the name as a call carries, no character cut in two. */
static json_t *short_name(const char *name)
{
	size_t len = strlen(name);

	if (len > CALL_NAME_MAX) {
		len = CALL_NAME_MAX;
		while (len && ((unsigned char)name[len] & 0xc0) == 0x80)
			len--;
	}
	return json_stringn(name, len);
}

/* true: something was found. */
static bool take_body(json_t *out, const json_t *body, const char **why)
{
	json_t *called = json_object_get(body, "called"), *name = json_object_get(body, "name");

	if (!json_is_object(body) || (called && !json_is_string(called) && !json_is_null(called)) ||
	    (name && !json_is_string(name) && !json_is_null(name)))
		*why = "the body is not {\"called\": \"+49…\", \"name\": \"…\"}";
	else if (json_is_string(called) && !is_number(json_string_value(called)))
		*why = "\"called\" is no number: digits, * and #, at most 32, + before E.164";
	if (*why)
		return false;
	if (json_is_string(called))
		json_object_set(out, "called", called);
	if (json_is_string(name))
		json_object_set_new(out, "name", short_name(json_string_value(name)));
	return json_is_string(called) || json_is_string(name);
}

json_t *http_answer(const char *id, long status, const char *body, size_t len, const char **why)
{
	json_t *out = json_pack("{s:s}", "lookup", id), *parsed;
	bool found = false;

	*why = NULL;
	if (status == 200) {
		parsed = json_loadb(body, len, 0, NULL);
		found = take_body(out, parsed, why);
		json_decref(parsed);
	} else if (status != 204 && status != 404) {
		*why = status ? "the server's status is neither 200, 204 nor 404" : "no answer";
	}
	json_object_set_new(out, "found", *why ? json_null() : json_boolean(found));
	return out;
}
