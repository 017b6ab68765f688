/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hw/t1e1/e1_dahdi_chan.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <dahdi/user.h>

#include "hw/t1e1/dahdi_decode.h"
#include "hw/t1e1/e1_dahdi_gain.h"

enum {
	DCHAN_FRAMES = 32,
	DCHAN_FRAME_OCTETS = 1024,
	SAMPLES_PER_MS = 8,
	EVENTS_MAX = DAHDI_MAX_EVENTSIZE,
};

int e1_dahdi_ctl_open(void)
{
	int fd = open("/dev/dahdi/ctl", O_RDWR | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

int e1_dahdi_find(int ctl, uint16_t dahdi_span, struct e1_dahdi_channel ch[E1_TIMESLOTS])
{
	struct dahdi_spaninfo info = {.spanno = dahdi_span};
	int found = 0;

	memset(ch, 0, E1_TIMESLOTS * sizeof(*ch));
	if (ioctl(ctl, DAHDI_SPANSTAT, &info)) /* the usual answer while a span is pulled */
		return -ENODEV;
	for (int i = 1; i < DAHDI_MAX_CHANNELS; i++) {
		struct dahdi_params p = {.channo = i};

		if (ioctl(ctl, DAHDI_GET_PARAMS, &p)) {
			if (errno == EINVAL) /* no channel of this number */
				continue;
			return -errno;
		}
		if (found && p.spanno != dahdi_span) /* a span's channels stand together */
			break;
		if (p.spanno != dahdi_span || p.chanpos < 1 || p.chanpos >= E1_TIMESLOTS)
			continue;
		ch[p.chanpos] = (struct e1_dahdi_channel){
		    .number = i, .sigtype = p.sigtype, .alaw = p.curlaw == DAHDI_LAW_ALAW};
		found++;
	}
	return found ? found : -ENODEV;
}

bool e1_dahdi_is_clear(const struct e1_dahdi_channel *ch)
{
	return ch->sigtype == DAHDI_SIG_CLEAR;
}

bool e1_dahdi_is_hdlc(const struct e1_dahdi_channel *ch)
{
	return (ch->sigtype & DAHDI_SIG_HDLCFCS) == DAHDI_SIG_HDLCFCS ||
	       (ch->sigtype & DAHDI_SIG_HARDHDLC) == DAHDI_SIG_HARDHDLC;
}

int e1_dahdi_configure(int ctl, struct e1_dahdi_channel *ch, bool dchannel)
{
	struct dahdi_chanconfig c = {
	    .chan = ch->number,
	    .sigtype = dchannel ? DAHDI_SIG_HDLCFCS : DAHDI_SIG_CLEAR,
	    .deflaw = DAHDI_LAW_ALAW,
	    .master = ch->number,
	};

	if (ch->sigtype != DAHDI_SIG_NONE)
		return 0;
	if (ioctl(ctl, DAHDI_CHANCONFIG, &c))
		return -errno;
	ch->sigtype = c.sigtype;
	ch->alaw = true;
	return 0;
}

static int open_channel(int number)
{
	int fd = open("/dev/dahdi/channel", O_RDWR | O_NONBLOCK | O_CLOEXEC);
	int err;

	if (fd < 0)
		return -errno;
	if (ioctl(fd, DAHDI_SPECIFY, &number) == 0)
		return fd;
	err = -errno;
	close(fd);
	return err;
}

/* IMMEDIATE: what is written goes out at once. The other policies wait for a full queue, and after
 * each underrun again, which is more delay. */
static int set_buffers(int fd, int count, int octets)
{
	struct dahdi_bufferinfo b = {
	    .txbufpolicy = DAHDI_POLICY_IMMEDIATE,
	    .rxbufpolicy = DAHDI_POLICY_IMMEDIATE,
	    .numbufs = count,
	    .bufsize = octets,
	};

	return ioctl(fd, DAHDI_SET_BUFINFO, &b) ? -errno : 0;
}

static int set_gains(int fd, const struct e1_dahdi_cfg *cfg)
{
	struct dahdi_gains g = {0};

	if (!cfg->rx_gain_db && !cfg->tx_gain_db)
		return 0;
	e1_gain_table(g.rxgain, cfg->rx_gain_db);
	e1_gain_table(g.txgain, cfg->tx_gain_db);
	return ioctl(fd, DAHDI_SETGAINS, &g) ? -errno : 0;
}

/* Audio mode: an idle channel sends silence then, a clear one 0xff. */
int e1_dahdi_bchan_open(const struct e1_dahdi_channel *ch, const struct e1_dahdi_cfg *cfg)
{
	int fd = open_channel(ch->number), on = 1, law = DAHDI_LAW_ALAW, err;

	if (fd < 0)
		return fd;
	err = set_buffers(fd, DAHDI_RX_BLOCKS, E1_BLOCK_OCTETS);
	if (!err && (ioctl(fd, DAHDI_AUDIOMODE, &on) || ioctl(fd, DAHDI_SETLAW, &law)))
		err = -errno;
	if (!err)
		err = set_gains(fd, cfg);
	if (!err)
		return fd;
	close(fd);
	return err;
}

int e1_dahdi_dchan_open(const struct e1_dahdi_channel *ch)
{
	int fd = open_channel(ch->number), err;

	if (fd < 0)
		return fd;
	err = set_buffers(fd, DCHAN_FRAMES, DCHAN_FRAME_OCTETS);
	if (!err)
		return fd;
	close(fd);
	return err;
}

int e1_dahdi_echo(int fd, unsigned tail_ms)
{
	int samples = (int)tail_ms * SAMPLES_PER_MS;

	return ioctl(fd, DAHDI_ECHOCANCEL, &samples) ? -errno : 0;
}

static unsigned name_event(enum dahdi_event event)
{
	switch (event) {
	case DAHDI_HAPPENED_ALARM:
	case DAHDI_HAPPENED_NO_ALARM:
		return DAHDI_SAW_ALARM;
	case DAHDI_HAPPENED_WRITE_LATE:
		return DAHDI_SAW_UNDERRUN;
	case DAHDI_HAPPENED_READ_LATE:
		return DAHDI_SAW_OVERRUN;
	case DAHDI_HAPPENED_ABORT:
	case DAHDI_HAPPENED_BAD_FCS:
	case DAHDI_HAPPENED_OVERRUN:
		return DAHDI_SAW_HDLC;
	case DAHDI_HAPPENED_REMOVED:
		return DAHDI_SAW_REMOVED;
	default:
		return 0;
	}
}

unsigned e1_dahdi_events(int fd)
{
	unsigned saw = 0;

	for (int i = 0; i < EVENTS_MAX; i++) {
		int event = DAHDI_EVENT_NONE;

		if (ioctl(fd, DAHDI_GETEVENT, &event))
			return e1_dahdi_is_gone(errno) ? saw | DAHDI_SAW_REMOVED : saw;
		if (event == DAHDI_EVENT_NONE)
			break;
		saw |= name_event(dahdi_decode_event(event));
	}
	return saw;
}

void e1_dahdi_flush(int fd)
{
	int what = DAHDI_FLUSH_ALL;

	ioctl(fd, DAHDI_FLUSH, &what);
}

void e1_dahdi_watch_buffers(int fd, bool on)
{
	int value = on;

	ioctl(fd, DAHDI_BUFFER_EVENTS, &value);
}

bool e1_dahdi_is_gone(int err)
{
	return err == ENODEV || err == ENXIO || err == EBADF;
}
