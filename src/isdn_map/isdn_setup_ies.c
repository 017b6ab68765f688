/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/isdn_map/isdn_setup_ies.h"

#include <string.h>

#include "src/isdn_map/isdn_ie.h"
#include "src/isdn_map/isdn_number.h"
#include "src/isdn_map/isdn_party.h"

/* Q.931 table 4-3 */
enum { IE_BEARER = 0x04, IE_DISPLAY = 0x28, IE_CALLING = 0x6c, IE_CALLED = 0x70 };

enum { DISPLAY_MAX = 50 }; /* libpri sends no more characters */

static struct isdn_setup_ie *begin(struct isdn_setup_ie *ie, const char *name, uint8_t id)
{
	*ie = (struct isdn_setup_ie){.name = name, .octet = {id}, .len = 2};
	return ie;
}

static void add(struct isdn_setup_ie *ie, uint8_t octet)
{
	ie->octet[ie->len++] = octet;
	ie->octet[1]++;
}

static void add_digits(struct isdn_setup_ie *ie, const char *digits)
{
	while (*digits)
		add(ie, (uint8_t)*digits++);
}

/* Q.931 4.5.16, table 3-15: the calling name, unless it is to be hidden; a user sends none. */
static unsigned add_display(struct isdn_setup_ie *ie, const struct call_setup *setup)
{
	char name[DISPLAY_MAX + 1];

	isdn_name_encode(name, sizeof(name), setup->calling_name);
	if (!name[0] || setup->calling.presentation != CALL_PRES_ALLOWED)
		return 0;
	begin(ie, "Display", IE_DISPLAY);
	add_digits(ie, name);
	return 1;
}

static unsigned add_party(struct isdn_setup_ie *ie, const char *name, uint8_t id,
			  const struct isdn_party_octets *party)
{
	if (!party->len)
		return 0;
	begin(ie, name, id);
	for (unsigned i = 0; i < party->len; i++)
		add(ie, party->octet[i]);
	return 1;
}

unsigned isdn_setup_ies(const struct call_setup *setup, bool network, enum media_law law,
			struct isdn_setup_ie out[ISDN_SETUP_IES_MAX])
{
	struct isdn_setup_ie *ie = begin(&out[0], "Bearer capability", IE_BEARER);
	struct isdn_party_octets party;
	unsigned count = 1;

	/* Q.931 4.5.5 */
	add(ie, (uint8_t)(0x80 | setup->bearer));
	add(ie, 0x90); /* circuit mode, 64 kbit/s */
	add(ie, law == MEDIA_ULAW ? 0xa2 : 0xa3); /* G.711 */
	if (setup->calling.present) {
		if (network)
			count += add_display(&out[count], setup);
		ie = begin(&out[count++], "Calling party number", IE_CALLING);
		add(ie, isdn_number_plan(&setup->calling)); /* octet 3a follows */
		add(ie, 0x80 | isdn_number_presentation(&setup->calling));
		add_digits(ie, setup->calling.digits);
	}
	ie = begin(&out[count++], "Called party number", IE_CALLED);
	add(ie, 0x80 | isdn_number_plan(&setup->called));
	add_digits(ie, setup->called.digits);
	isdn_redirecting_encode(&party, &setup->redirecting, setup->redirect_reason, network);
	return count + add_party(&out[count], "Redirecting number", ISDN_IE_REDIRECTING, &party);
}

unsigned isdn_connect_ies(const struct call_number *connected, bool network,
			  struct isdn_setup_ie *out)
{
	struct isdn_party_octets party;

	isdn_connected_encode(&party, connected, network);
	return add_party(out, "Connected number", ISDN_IE_CONNECTED, &party);
}
