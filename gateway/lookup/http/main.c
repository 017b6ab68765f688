/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * spanbridge-lookup: answers the number plan's HTTP look-ups. Takes questions from the core's control
 * socket, asks web servers for many calls at once, and hands back what they say. The core never
 * waits for it: a question that this program does not answer in time falls back.
 */
#include <curl/curl.h>
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "gateway/base/strbuf.h"
#include "gateway/lookup/http/http_answer.h"

enum { SERVICES_MAX = 16, CONNECTIONS_MAX = 100, LINE_SIZE = 65536, IDLE_MS = 60000, ID_SIZE = 20 };

struct service {
	const char *name, *url; /* a template */
};

struct program {
	struct service service[SERVICES_MAX];
	unsigned services;
	CURLM *multi;
	int fd; /* the control socket */
	bool subscribed;
	char in[LINE_SIZE];
	size_t in_len;
};

/* One question at a server. */
struct request {
	CURL *easy;
	char id[ID_SIZE];
	char url[HTTP_URL_MAX];
	char body[HTTP_BODY_MAX];
	size_t len;
};

static const char default_socket[] = "/run/spanbridge/control.sock";
static const char usage[] =
    "usage: spanbridge-lookup [--socket PATH] --service NAME=URL...\n"
    "\n"
    "Answers the number plan's HTTP look-ups of these services (numbers.lookups: type http).\n"
    "URL is asked with GET, {number} and {calling} in it filled in:\n"
    "  spanbridge-lookup --service 'lnp=http://127.0.0.1:8080/lnp?number={number}'\n"
    "The server answers 200 with {\"called\": \"+49…\", \"name\": \"…\"} (one of them is enough),\n"
    "or 404 when it knows nothing. Ends with 1 when the core ends: let systemd start it again.\n";

static bool fail(const char *what, const char *why)
{
	fprintf(stderr, "spanbridge-lookup: %s: %s\n", what, why);
	return false;
}

/* ── control socket ── */

static bool dial(struct program *p, const char *path)
{
	struct sockaddr_un addr = {.sun_family = AF_UNIX};

	if (!str_copy(addr.sun_path, sizeof(addr.sun_path), path))
		return fail(path, "the path of a socket is shorter than that");
	p->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (p->fd < 0 || connect(p->fd, (struct sockaddr *)&addr, sizeof(addr)) < 0) {
		fail(path, strerror(errno));
		return fail(path, "is spanbridged running? Another socket is named with --socket");
	}
	return true;
}

/* args: stolen. */
static bool say(struct program *p, const char *cmd, json_t *args)
{
	size_t len = 0, done = 0;
	char *line;

	json_object_set_new(args, "cmd", json_string(cmd));
	line = json_dumps(args, JSON_COMPACT);
	json_decref(args);
	if (!line)
		return fail("control socket", "out of memory");
	len = strlen(line);
	line[len++] = '\n';
	while (done < len) {
		ssize_t n = send(p->fd, line + done, len - done, MSG_NOSIGNAL);

		if (n < 0 && errno != EINTR)
			break;
		done += n > 0 ? (size_t)n : 0;
	}
	free(line);
	return done == len || fail("control socket", strerror(errno));
}

static bool subscribe(struct program *p)
{
	json_t *names = json_array();

	for (unsigned i = 0; i < p->services; i++)
		json_array_append_new(names, json_string(p->service[i].name));
	return say(p, "lookup-subscribe", json_pack("{s:o}", "services", names));
}

/* ── questions ── */

static bool answer(struct program *p, const char *id, long status, const char *body, size_t len,
		   const char *url, const char *curl_error)
{
	const char *why;
	json_t *args = http_answer(id, status, body, len, &why);

	if (why)
		fail(url, curl_error ? curl_error : why);
	return say(p, "lookup-answer", args);
}

static size_t on_body(char *data, size_t size, size_t count, void *arg)
{
	struct request *r = arg;
	size_t len = size * count;

	if (len > sizeof(r->body) - r->len)
		return 0; /* curl gives up */
	memcpy(r->body + r->len, data, len);
	r->len += len;
	return len;
}

static bool start_request(struct program *p, struct request *r, long timeout_ms)
{
	r->easy = curl_easy_init();
	if (!r->easy)
		return false;
	curl_easy_setopt(r->easy, CURLOPT_URL, r->url);
	curl_easy_setopt(r->easy, CURLOPT_PRIVATE, r);
	curl_easy_setopt(r->easy, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(r->easy, CURLOPT_WRITEDATA, r);
	curl_easy_setopt(r->easy, CURLOPT_TIMEOUT_MS, timeout_ms);
	curl_easy_setopt(r->easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(r->easy, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(r->easy, CURLOPT_PROXY, ""); /* calls do not depend on the environment */
	curl_easy_setopt(r->easy, CURLOPT_USERAGENT, "spanbridge-lookup/" SPANBRIDGE_VERSION);
	if (curl_multi_add_handle(p->multi, r->easy) == CURLM_OK)
		return true;
	curl_easy_cleanup(r->easy);
	return false;
}

static const char *text_at(const json_t *o, const char *key)
{
	const char *text = json_string_value(json_object_get(o, key));

	return text ? text : "";
}

static bool take_question(struct program *p, const json_t *q)
{
	long timeout_ms = (long)json_integer_value(json_object_get(q, "timeout_ms"));
	const char *service = text_at(q, "service");
	struct request *r = calloc(1, sizeof(*r));

	if (!r || !str_copy(r->id, sizeof(r->id), text_at(q, "id"))) {
		free(r);
		return fail("question", "not understood, or out of memory");
	}
	for (unsigned i = 0; i < p->services; i++)
		if (strcmp(p->service[i].name, service) == 0 &&
		    http_url(r->url, sizeof(r->url), p->service[i].url, text_at(q, "number"),
			     text_at(q, "calling")) &&
		    start_request(p, r, timeout_ms > 0 ? timeout_ms : 1))
			return true;
	answer(p, r->id, 0, NULL, 0, service, "the request cannot be made");
	free(r);
	return true;
}

static bool take_line(struct program *p, const char *line, size_t len)
{
	json_t *o = json_loadb(line, len, 0, NULL), *question = json_object_get(o, "lookup");
	bool ok = o || fail("control socket", "this is not spanbridged");

	if (question) {
		ok = take_question(p, question);
	} else if (json_is_false(json_object_get(o, "ok"))) { /* a late answer, or no service */
		fail("core", text_at(o, "error"));
		ok = p->subscribed;
	} else if (ok && !p->subscribed) {
		p->subscribed = true;
		fprintf(stderr, "spanbridge-lookup: ready, services: %u\n", p->services);
	}
	json_decref(o);
	return ok;
}

static bool read_lines(struct program *p)
{
	ssize_t n = read(p->fd, p->in + p->in_len, sizeof(p->in) - p->in_len);
	char *begin = p->in, *end;
	bool ok = true;

	if (n <= 0)
		return (n < 0 && errno == EINTR) || fail("control socket", "the core has closed it");
	p->in_len += (size_t)n;
	while (ok && (end = memchr(begin, '\n', p->in_len - (size_t)(begin - p->in)))) {
		ok = take_line(p, begin, (size_t)(end - begin));
		begin = end + 1;
	}
	p->in_len -= (size_t)(begin - p->in);
	memmove(p->in, begin, p->in_len);
	return ok && (p->in_len < sizeof(p->in) || fail("control socket", "a line is too long"));
}

/* ── answers ── */

static bool finish_requests(struct program *p)
{
	CURLMsg *m;
	int left;
	bool ok = true;

	while (ok && (m = curl_multi_info_read(p->multi, &left))) {
		const char *why = m->data.result ? curl_easy_strerror(m->data.result) : NULL;
		CURL *easy = m->easy_handle;
		struct request *r = NULL;
		long status = 0;

		curl_easy_getinfo(easy, CURLINFO_PRIVATE, (char **)&r);
		curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
		ok = answer(p, r->id, why ? 0 : status, r->body, r->len, r->url, why);
		curl_multi_remove_handle(p->multi, easy);
		curl_easy_cleanup(easy);
		free(r);
	}
	return ok;
}

/* Until the core closes the socket. */
static void serve(struct program *p)
{
	struct curl_waitfd control = {.fd = p->fd, .events = CURL_WAIT_POLLIN};
	int running;

	do {
		control.revents = 0;
		if (curl_multi_perform(p->multi, &running) != CURLM_OK || !finish_requests(p) ||
		    curl_multi_poll(p->multi, &control, 1, IDLE_MS, NULL) != CURLM_OK)
			return;
	} while (!control.revents || read_lines(p));
}

/* ── start ── */

static bool add_service(struct program *p, char *text)
{
	char *url = strchr(text, '=');

	if (!url || url == text || !url[1])
		return fail(text, "--service wants NAME=URL");
	if (p->services == SERVICES_MAX)
		return fail(text, "one program answers for at most 16 services");
	*url++ = '\0';
	if (strncmp(url, "http://", 7) != 0 && strncmp(url, "https://", 8) != 0)
		return fail(url, "a URL begins with http:// or https://");
	p->service[p->services++] = (struct service){text, url};
	return true;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {{"socket", required_argument, NULL, 's'},
						{"service", required_argument, NULL, 'n'},
						{"help", no_argument, NULL, 'h'},
						{0}};
	const char *path = getenv("SPANBRIDGE_SOCKET");
	static struct program p = {.fd = -1};
	int c;

	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (c == 'h') {
			fputs(usage, stdout);
			return 0;
		}
		if (c == 's')
			path = optarg;
		else if (c != 'n' || !add_service(&p, optarg))
			return 2;
	}
	if (!p.services || optind < argc) {
		fputs(usage, stderr);
		return 2;
	}
	curl_global_init(CURL_GLOBAL_DEFAULT);
	p.multi = curl_multi_init();
	if (!p.multi || !dial(&p, path && *path ? path : default_socket) || !subscribe(&p))
		return 1;
	curl_multi_setopt(p.multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, (long)CONNECTIONS_MAX);
	serve(&p);
	return 1;
}
