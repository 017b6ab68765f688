/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "gateway/doctor/doctor_gather.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "gateway/base/strbuf.h"
#include "gateway/doctor/doctor_proc.h"

/* ── driver ── */

static void find_span(struct doctor_facts *f, struct doctor_span *s)
{
	char selector[DAHDI_TEXT + 8];
	const char *card = s->want->dahdi.card;

	if (s->want->driver != CONFIG_DRIVER_DAHDI || f->dahdi.ctl_errno)
		return;
	if (*card)
		str_copy(selector, sizeof(selector), card);
	else
		snprintf(selector, sizeof(selector), "%u", s->want->dahdi.dahdi_span);
	s->is = dahdi_probe_find(&f->dahdi, selector, &s->is_not);
}

static void name_user(struct doctor_facts *f)
{
	const struct passwd *user = getpwuid(geteuid());
	const struct group *group = getgrgid(f->dahdi.device_gid);

	if (user)
		str_copy(f->user, sizeof(f->user), user->pw_name);
	if (group)
		str_copy(f->group, sizeof(f->group), group->gr_name);
	f->root = geteuid() == 0;
}

int doctor_gather_driver(struct doctor_facts *f, const char *config_name,
			 const struct config *config)
{
	bool dahdi = false;
	int err = 0;

	*f = (struct doctor_facts){.config_name = config_name, .config = config};
	f->span = calloc(config ? config->span_count + 1 : 1, sizeof(*f->span));
	if (!f->span)
		return -ENOMEM;
	for (unsigned i = 0; config && i < config->span_count; i++) {
		f->span[f->span_count++] =
		    (struct doctor_span){.want = &config->span[i], .alarms = "none"};
		dahdi |= config->span[i].driver == CONFIG_DRIVER_DAHDI;
	}
	if (dahdi || !config)
		err = dahdi_probe(&f->dahdi);
	name_user(f);
	for (unsigned i = 0; !err && i < f->span_count; i++)
		find_span(f, &f->span[i]);
	if (dahdi)
		f->holder_count =
		    doctor_find_holders("/dev/dahdi/", f->holder, DOCTOR_PROGRAMS_MAX);
	return err;
}

/* ── ports ── */

static void find_udp_holder(struct doctor_socket *s)
{
	const char *const table = s->addr.family == 4 ? "/proc/net/udp" : "/proc/net/udp6";
	char *text = doctor_read_file(table), link[40];
	unsigned long inode = text ? doctor_udp_inode(text, s->addr.port) : 0;

	free(text);
	if (!inode)
		return;
	snprintf(link, sizeof(link), "socket:[%lu]", inode);
	doctor_find_holders(link, &s->holder, 1);
}

static int try_bind(const struct net_addr *a)
{
	struct sockaddr_storage ss;
	socklen_t len = net_addr_to_sockaddr(a, &ss);
	int fd = socket(ss.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0), err = 0;

	if (fd < 0)
		return errno;
	if (bind(fd, (struct sockaddr *)&ss, len))
		err = errno;
	close(fd);
	return err;
}

static int gather_sockets(struct doctor_facts *f)
{
	const struct config *c = f->config;

	if (f->core == DOCTOR_CORE_RUNS || !c)
		return 0; /* they are the gateway's own */
	f->socket = calloc(c->socket_count + 1, sizeof(*f->socket));
	if (!f->socket)
		return -ENOMEM;
	for (unsigned i = 0; i < c->socket_count; i++) {
		struct doctor_socket *s = &f->socket[f->socket_count++];

		s->addr = c->socket[i];
		s->err = try_bind(&s->addr);
		if (s->err == EADDRINUSE)
			find_udp_holder(s);
	}
	return 0;
}

static void gather_ports(struct doctor_facts *f)
{
	char *range = doctor_read_file("/proc/sys/net/ipv4/ip_local_port_range");
	char *reserved = doctor_read_file("/proc/sys/net/ipv4/ip_local_reserved_ports");
	unsigned min, max;

	if (range && sscanf(range, "%5u %5u", &min, &max) == 2 && max <= UINT16_MAX) {
		f->ephemeral_min = (uint16_t)min;
		f->ephemeral_max = (uint16_t)max;
	}
	if (reserved && f->config)
		f->ports_reserved =
		    doctor_ports_cover(reserved, f->config->rtp_port_min, f->config->rtp_port_max);
	free(range);
	free(reserved);
}

/* ── files ── */

/* Could we append to it? Nothing is made: of a file that is not there, the folder is asked. */
static void look_at_file(struct doctor_file *file, const char *path, bool made_anew)
{
	char folder[DOCTOR_PATH];
	struct statvfs disk;
	struct stat st;
	char *slash;

	if (!*path || strcmp(path, "/dev/null") == 0)
		return;
	str_copy(file->path, sizeof(file->path), path);
	str_copy(folder, sizeof(folder), path);
	slash = strrchr(folder, '/');
	if (slash == folder)
		slash[1] = '\0';
	else if (slash)
		*slash = '\0';
	else
		str_copy(folder, sizeof(folder), ".");
	if (!made_anew && stat(path, &st) == 0) {
		if (S_ISDIR(st.st_mode))
			file->err = EISDIR;
		else if (faccessat(AT_FDCWD, path, W_OK, AT_EACCESS))
			file->err = errno;
	} else if (faccessat(AT_FDCWD, folder, W_OK | X_OK, AT_EACCESS)) {
		file->err = errno;
	}
	if (statvfs(folder, &disk) == 0)
		file->free_octets = (uint64_t)disk.f_bavail * disk.f_frsize;
}

static void gather_files(struct doctor_facts *f)
{
	const struct config *c = f->config;

	if (!c)
		return;
	look_at_file(&f->file[DOCTOR_RECORDS], c->records_path, false);
	look_at_file(&f->file[DOCTOR_CAPTURE], c->capture_path, false);
	look_at_file(&f->file[DOCTOR_LOG], c->log_path, false);
	if (f->core == DOCTOR_CORE_ABSENT)
		look_at_file(&f->file[DOCTOR_CONTROL], c->control_path, true);
}

static bool may_run_real_time(void)
{
	struct rlimit limit;

	return geteuid() == 0 || (getrlimit(RLIMIT_RTPRIO, &limit) == 0 && limit.rlim_cur >= 10);
}

int doctor_gather_host(struct doctor_facts *f)
{
	int err = gather_sockets(f);

	gather_ports(f);
	gather_files(f);
	f->real_time = may_run_real_time() || f->core == DOCTOR_CORE_RUNS;
	return err;
}

void doctor_facts_free(struct doctor_facts *f)
{
	dahdi_probe_free(&f->dahdi);
	free(f->span);
	free(f->socket);
	*f = (struct doctor_facts){0};
}
