/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Configuration, running gateway, ports, files: what has nothing to do with a card. */
#include <errno.h>
#include <string.h>

#include "gateway/doctor/doctor_rules.h"

static const struct doctor_rule config_wrong = {"config-mistake", DOCTOR_ERROR, true};
static const struct doctor_rule core_absent = {"not-running", DOCTOR_WARNING, false};
static const struct doctor_rule core_forbidden = {"control-forbidden", DOCTOR_WARNING, false};
static const struct doctor_rule core_strange = {"control-strange", DOCTOR_WARNING, false};
static const struct doctor_rule core_other = {"other-configuration", DOCTOR_WARNING, false};
static const struct doctor_rule port_busy = {"sip-port-in-use", DOCTOR_ERROR, true};
static const struct doctor_rule no_address = {"no-such-address", DOCTOR_ERROR, true};
static const struct doctor_rule port_fails = {"sip-port", DOCTOR_ERROR, true};
static const struct doctor_rule rtp_few = {"rtp-ports-few", DOCTOR_WARNING, false};
static const struct doctor_rule rtp_sip = {"rtp-over-sip", DOCTOR_ERROR, false};
static const struct doctor_rule rtp_shared = {"rtp-ports-shared", DOCTOR_WARNING, false};
static const struct doctor_rule file_fails = {"file-not-writable", DOCTOR_ERROR, true};
static const struct doctor_rule disk_full = {"disk-full", DOCTOR_WARNING, false};
static const struct doctor_rule no_real_time = {"no-real-time", DOCTOR_NOTE, false};

enum { DISK_LOW_OCTETS = 100 << 20, PRIVILEGED_PORTS = 1024 };

static const char *config_name(const struct doctor_facts *f)
{
	return f->config_name ? f->config_name : "CONFIG";
}

static void check_config(struct doctor_report *r)
{
	const struct doctor_facts *f = r->facts;
	struct doctor_draft d;

	if (!f->mistakes)
		return;
	doctor_say(&d, &config_wrong, 0, "%s has %u mistake%s, the first: %s", config_name(f),
		   f->mistakes, f->mistakes == 1 ? "" : "s", f->mistake);
	doctor_fix(&d, "spanbridged --check %s shows them all", config_name(f));
	doctor_tell(r, &d);
}

static void check_core(struct doctor_report *r)
{
	const struct doctor_facts *f = r->facts;
	struct doctor_draft d;

	switch (f->core) {
	case DOCTOR_CORE_ABSENT:
		doctor_say(&d, &core_absent, 0, "spanbridged is not running: nobody answers at %s.",
			   f->control_path);
		doctor_fix(&d,
			   "spanbridged --config %s (as a service: systemctl start spanbridged)",
			   config_name(f));
		break;
	case DOCTOR_CORE_FORBIDDEN:
		doctor_say(&d, &core_forbidden, 0, "%s may not ask the gateway at %s.",
			   *f->user ? f->user : "this user", f->control_path);
		doctor_fix(&d, "sudo spanbridge doctor %s", config_name(f));
		break;
	case DOCTOR_CORE_STRANGE:
		doctor_say(&d, &core_strange, 0, "What answers at %s is no spanbridged.",
			   f->control_path);
		doctor_fix(&d, "name the socket: spanbridge --socket PATH doctor %s",
			   config_name(f));
		break;
	case DOCTOR_CORE_RUNS:
		if (!f->config || f->core_spans == f->span_count)
			return;
		doctor_say(&d, &core_other, 0,
			   "The running spanbridged has %u spans, %s has %u: it runs with another "
			   "configuration.",
			   f->core_spans, config_name(f), f->span_count);
		doctor_fix(&d, "restart it with this one, or name the one that it runs with");
		break;
	case DOCTOR_CORE_UNKNOWN:
		return;
	}
	doctor_tell(r, &d);
}

static void check_socket(struct doctor_report *r, const struct doctor_socket *s)
{
	char addr[NET_ADDR_TEXT], host[NET_ADDR_TEXT];
	struct doctor_draft d;

	if (!s->err)
		return;
	net_addr_format(&s->addr, addr);
	net_addr_format_host(&s->addr, host);
	if (s->err == EADDRINUSE) {
		doctor_say(&d, &port_busy, 0, "UDP %s is in use by %s%s.", addr,
			   *s->holder.name ? s->holder.name : "another program",
			   s->holder.pid ? "" : " (as root its name could be seen)");
		if (s->holder.pid)
			doctor_fix(&d, "stop it (kill %d), or give bind another port",
				   s->holder.pid);
		else
			doctor_fix(&d,
				   "sudo ss -ulpn 'sport = :%u' shows it; stop it, or give bind "
				   "another port",
				   s->addr.port);
	} else if (s->err == EADDRNOTAVAIL) {
		doctor_say(&d, &no_address, 0, "This machine does not have the address %s.", host);
		doctor_fix(&d, "ip -brief address shows those that it has; correct bind in %s",
			   config_name(r->facts));
	} else {
		doctor_say(&d, &port_fails, 0, "UDP %s cannot be bound: %s.", addr,
			   strerror(s->err));
		doctor_fix(&d, s->addr.port < PRIVILEGED_PORTS
				   ? "ports below 1024 need root or CAP_NET_BIND_SERVICE"
				   : "correct bind in the configuration");
	}
	doctor_tell(r, &d);
}

static void check_rtp_over_sip(struct doctor_report *r)
{
	const struct config *c = r->facts->config;
	char addr[NET_ADDR_TEXT];
	struct doctor_draft d;

	for (unsigned i = 0; i < c->socket_count; i++) {
		if (c->socket[i].port < c->rtp_port_min || c->socket[i].port > c->rtp_port_max)
			continue;
		doctor_say(&d, &rtp_sip, 0, "The SIP socket %s lies within the RTP ports %u-%u.",
			   net_addr_format(&c->socket[i], addr), c->rtp_port_min, c->rtp_port_max);
		doctor_fix(&d, "move rtp: ports: in %s so that it does not hold %u",
			   config_name(r->facts), c->socket[i].port);
		doctor_tell(r, &d);
		return;
	}
}

static void check_rtp(struct doctor_report *r)
{
	const struct doctor_facts *f = r->facts;
	unsigned min = f->config->rtp_port_min, max = f->config->rtp_port_max, channels = 0;
	unsigned calls = (max + 1 - min - min % 2) / 2; /* even and odd together */
	struct doctor_draft d;

	for (unsigned i = 0; i < f->config->span_count; i++)
		channels += (unsigned)__builtin_popcount(f->config->span[i].isdn.bchannels);
	if (calls < channels) {
		doctor_say(&d, &rtp_few, 0,
			   "RTP ports %u-%u are enough for %u calls, but there are %u channels.",
			   min, max, calls, channels);
		doctor_fix(&d,
			   "widen rtp: ports: in %s to at least %u ports, and open them in the "
			   "firewall",
			   config_name(f), channels * 2);
		doctor_tell(r, &d);
	}
	check_rtp_over_sip(r);
	if (f->ephemeral_min && !f->ports_reserved && min <= f->ephemeral_max &&
	    max >= f->ephemeral_min) {
		doctor_say(&d, &rtp_shared, 0,
			   "RTP ports %u-%u overlap the ports %u-%u that the kernel gives to any "
			   "program.",
			   min, max, f->ephemeral_min, f->ephemeral_max);
		doctor_fix(&d,
			   "sysctl -w net.ipv4.ip_local_reserved_ports=%u-%u (to keep it: in "
			   "/etc/sysctl.d/)",
			   min, max);
		doctor_tell(r, &d);
	}
}

static void check_file(struct doctor_report *r, enum doctor_file_kind kind)
{
	static const char *const name[DOCTOR_FILES] = {"call records", "capture", "log",
						       "control socket"};
	const struct doctor_file *file = &r->facts->file[kind];
	const char *user = *r->facts->user ? r->facts->user : "USER";
	const char *slash = strrchr(file->path, '/');
	struct doctor_draft d;
	int folder = slash > file->path ? (int)(slash - file->path) : 1;

	if (!*file->path)
		return;
	if (file->err) {
		doctor_say(&d, &file_fails, 0, "The %s cannot be written to %s: %s.", name[kind],
			   file->path, strerror(file->err));
		if (file->err == ENOENT && slash)
			doctor_fix(&d, "install -d -o %s %.*s", user, folder, file->path);
		else if ((file->err == EACCES || file->err == EPERM) && slash)
			doctor_fix(&d, "chown %s %.*s", user, folder, file->path);
		else
			doctor_fix(&d, "name another file in %s", config_name(r->facts));
		doctor_tell(r, &d);
	} else if (file->free_octets && file->free_octets < DISK_LOW_OCTETS &&
		   kind != DOCTOR_CONTROL) {
		doctor_say(&d, &disk_full, 0, "The disk of %s has %llu MiB left for the %s.",
			   file->path, (unsigned long long)(file->free_octets >> 20), name[kind]);
		doctor_fix(&d, "make room: du -xh %.*s | sort -h | tail", folder, file->path);
		doctor_tell(r, &d);
	}
}

void doctor_rules_host(struct doctor_report *r)
{
	const struct doctor_facts *f = r->facts;
	struct doctor_draft d;

	check_config(r);
	for (unsigned i = 0; i < f->socket_count; i++)
		check_socket(r, &f->socket[i]);
	if (f->config)
		check_rtp(r);
	for (int i = 0; i < DOCTOR_FILES; i++)
		check_file(r, (enum doctor_file_kind)i);
	check_core(r);
	if (f->config && !f->real_time) {
		doctor_say(&d, &no_real_time, 0,
			   "The media thread gets no real-time priority as user %s; under load "
			   "callers may hear gaps.",
			   *f->user ? f->user : "USER");
		doctor_fix(&d, "LimitRTPRIO=10 in the service, or ulimit -r 10");
		doctor_tell(r, &d);
	}
}
