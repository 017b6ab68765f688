/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config/import/dahdi/chan_keys.h"

#include <stddef.h>
#include <strings.h>

static const char analogue[] = "of analogue lines; an E1 has no use for it";
static const char features[] = "a feature of the PBX; this is a gateway";
static const char prefixes[] =
    "numbers keep their type from and to SIP; where digits must change, write it into the plan";

static const struct chan_key known[] = {
    {"signalling", CHAN_SIGNALLING, NULL, NULL},
    {"signaling", CHAN_SIGNALLING, NULL, NULL},
    {"switchtype", CHAN_SWITCHTYPE, NULL, NULL},
    {"group", CHAN_GROUP, NULL, NULL},
    {"context", CHAN_CONTEXT, NULL, NULL},
    {"pridialplan", CHAN_PRIDIALPLAN, NULL, NULL},
    {"echocancel", CHAN_ECHOCANCEL, NULL, NULL},
    {"rxgain", CHAN_RXGAIN, NULL, NULL},
    {"txgain", CHAN_TXGAIN, NULL, NULL},
    {"pritimer", CHAN_SETTINGS, NULL, NULL},
    {"prilocaldialplan", CHAN_SETTINGS, "the calling number keeps the type that SIP gave it",
     "national"},
    {"internationalprefix", CHAN_SETTINGS, prefixes, ""},
    {"nationalprefix", CHAN_SETTINGS, prefixes, ""},
    {"localprefix", CHAN_SETTINGS, prefixes, ""},
    {"privateprefix", CHAN_SETTINGS, prefixes, ""},
    {"unknownprefix", CHAN_SETTINGS, prefixes, ""},
    {"overlapdial", CHAN_SETTINGS, "a SETUP must carry the whole number: ask for en-bloc dialling",
     "no"},
    {"priindication", CHAN_SETTINGS,
     "causes are sent out of band; there are no in-band tones for them", "outofband"},
    {"priexclusive", CHAN_SETTINGS, "channels are asked for as preferred, not exclusive", "no"},
    {"nsf", CHAN_SETTINGS, "network specific facilities are not sent", "none"},
    {"facilityenable", CHAN_SETTINGS, "supplementary services are not passed on", "no"},
    {"resetinterval", CHAN_SETTINGS, "idle channels are not restarted from time to time", "never"},
    {"service_message_support", CHAN_SETTINGS, "SERVICE messages are not used", "no"},
    {"inbanddisconnect", CHAN_SETTINGS, "audio after DISCONNECT is not passed on", "no"},
    {"usecallerid", CHAN_SETTINGS, "the calling number is always passed on", "yes"},
    {"hidecallerid", CHAN_SETTINGS, "the caller's wish (presentation) is passed on", "no"},
    {"callerid", CHAN_SETTINGS, "the calling number is passed on as it comes", "asreceived"},
    {"usecallingpres", CHAN_SETTINGS, "the presentation is always passed on", "yes"},
    {"echocancelwhenbridged", CHAN_SETTINGS, "the echo canceller works in every call", "yes"},
    {"echotraining", CHAN_SETTINGS, "the kernel's echo cancellers need no training", "no"},
    {"jbenable", CHAN_SETTINGS, "the jitter buffer has its own keys: rtp: jitter_buffer:", "no"},
    {"faxdetect", CHAN_SETTINGS, "there is no fax detection", "no"},
    {"relaxdtmf", CHAN_SETTINGS, "digits pass as audio", "no"},
    {"cidsignalling", CHAN_SETTINGS, analogue, ""},
    {"cidstart", CHAN_SETTINGS, analogue, ""},
    {"busydetect", CHAN_SETTINGS, analogue, "no"},
    {"busycount", CHAN_SETTINGS, analogue, ""},
    {"callprogress", CHAN_SETTINGS, analogue, "no"},
    {"progzone", CHAN_SETTINGS, analogue, ""},
    {"immediate", CHAN_SETTINGS, analogue, "no"},
    {"rxwink", CHAN_SETTINGS, analogue, ""},
    {"adsi", CHAN_SETTINGS, analogue, "no"},
    {"hanguponpolarityswitch", CHAN_SETTINGS, analogue, "no"},
    {"answeronpolarityswitch", CHAN_SETTINGS, analogue, "no"},
    {"threewaycalling", CHAN_SETTINGS, features, "no"},
    {"transfer", CHAN_SETTINGS, features, "no"},
    {"canpark", CHAN_SETTINGS, features, "no"},
    {"cancallforward", CHAN_SETTINGS, features, "no"},
    {"callreturn", CHAN_SETTINGS, features, "no"},
    {"callwaiting", CHAN_SETTINGS, features, "no"},
    {"callwaitingcallerid", CHAN_SETTINGS, features, "no"},
    {"callgroup", CHAN_SETTINGS, features, ""},
    {"pickupgroup", CHAN_SETTINGS, features, ""},
    {"mailbox", CHAN_SETTINGS, features, ""},
    {"language", CHAN_SETTINGS, features, ""},
    {"musiconhold", CHAN_SETTINGS, features, ""},
    {"mohinterpret", CHAN_SETTINGS, features, ""},
    {"mohsuggest", CHAN_SETTINGS, features, ""},
    {"parkinglot", CHAN_SETTINGS, features, ""},
    {"accountcode", CHAN_SETTINGS, features, ""},
    {"amaflags", CHAN_SETTINGS, features, ""},
    {"setvar", CHAN_SETTINGS, features, ""},
};

const struct chan_key *chan_key_find(const char *key)
{
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (strcasecmp(known[i].key, key) == 0)
			return &known[i];
	return NULL;
}

bool chan_key_is_default(const struct chan_key *key, const char *value)
{
	return key->silent && strcasecmp(key->silent, value) == 0;
}
