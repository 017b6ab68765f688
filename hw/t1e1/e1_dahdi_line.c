/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Line state: asked of the kernel once a second and when it tells of an alarm. The worker's. */
#include <errno.h>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <dahdi/user.h>

#include "gateway/base/strbuf.h"
#include "hw/t1e1/e1_dahdi_half.h"

enum { PROC_OCTETS = 4096 };

/* The text ends up here octet by octet as the kernel writes it: procfs never waits. */
static void read_slips(struct e1_dahdi_audio *a)
{
	char text[PROC_OCTETS];
	struct dahdi_proc proc;
	int fd = open(a->proc_path, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return;
	n = read(fd, text, sizeof(text));
	close(fd);
	if (n > 0 && !dahdi_decode_proc(text, (size_t)n, &proc))
		dahdi_decode_slips(&proc, &a->seen, &a->line);
}

void e1_dahdi_line_open(struct e1_dahdi_audio *a)
{
	struct strbuf b;

	strbuf_init(&b, a->proc_path, sizeof(a->proc_path));
	strbuf_addf(&b, "/proc/dahdi/%u", a->cfg.dahdi_span);
}

void e1_dahdi_line_read(struct e1_dahdi_audio *a, int64_t now_us)
{
	struct dahdi_spaninfo info = {.spanno = a->cfg.dahdi_span};

	if (a->gone || ioctl(a->ctl, DAHDI_SPANSTAT, &info)) {
		a->line.alarms = E1_ALARM_NOT_READY;
	} else {
		dahdi_decode_span(&info, &a->seen, &a->line);
		read_slips(a);
	}
	e1_seconds_turn(&a->seconds, now_us, &a->line);
	/* Cards that count seconds themselves know better. */
	if (a->line.errored_seconds < a->seconds.errored)
		a->line.errored_seconds = a->seconds.errored;
	a->line.severely_errored_seconds = a->seconds.severely_errored;
}

int e1_dahdi_maint(uint16_t dahdi_span, enum e1_dahdi_maint what)
{
	static const int command[] = {
	    [E1_DAHDI_MAINT_NONE] = DAHDI_MAINT_NONE,
	    [E1_DAHDI_MAINT_LOCAL_LOOP] = DAHDI_MAINT_LOCALLOOP,
	    [E1_DAHDI_MAINT_LINE_LOOP] = DAHDI_MAINT_NETWORKLINELOOP,
	    [E1_DAHDI_MAINT_PAYLOAD_LOOP] = DAHDI_MAINT_NETWORKPAYLOADLOOP,
	    [E1_DAHDI_MAINT_RESET_COUNTERS] = DAHDI_RESET_COUNTERS,
	};
	struct dahdi_maintinfo m = {.spanno = dahdi_span, .command = command[what]};
	int ctl = e1_dahdi_ctl_open(), err = 0;

	if (ctl < 0)
		return ctl;
	if (ioctl(ctl, DAHDI_MAINT, &m))
		err = -errno;
	close(ctl);
	return err;
}
