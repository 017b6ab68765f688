/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Frames in words: the corpus as its index says, every kind of frame, element and codeset. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/isdn_map/isdn_ie_words.h"
#include "src/isdn_map/isdn_link.h"
#include "src/isdn_map/isdn_words.h"
#include "tests/unit/isdn_map/harness.h"
#include "tests/unit/isdn_map/tests.h"

static void assert_line(const uint8_t *frame, size_t len, const char *want)
{
	uint8_t *copy = test_malloc(len ? len : 1); /* ASan sees what is read behind it */
	char line[ISDN_WORDS_LINE];
	size_t n;

	memcpy(copy, frame, len);
	n = isdn_words_line(line, sizeof(line), copy, len);
	assert_string_equal(line, want);
	assert_int_equal(n, strlen(line));
	test_free(copy);
}

/* Elements of a SETUP with reference 5. */
static void assert_words(const char *elements, size_t n, const char *want)
{
	uint8_t frame[E1_DCHAN_FRAME_MAX] = {0x02, 0x01, 0x02, 0x04, 0x08, 0x02, 0x00, 0x05, 0x05};
	char line[ISDN_WORDS_LINE];

	memcpy(frame + 9, elements, n);
	snprintf(line, sizeof(line), "SETUP cref=5 (from originator)%s%s", n ? " " : "", want);
	assert_line(frame, 9 + n, line);
}
#define ASSERT_WORDS(elements, want) assert_words(elements, sizeof(elements) - 1, want)
#define ASSERT_LINE(frame, want)     assert_line((const uint8_t *)(frame), sizeof(frame) - 1, want)

/* The words of each file of the corpus. */
static const struct {
	const char *file, *words;
} corpus[] = {
    {"ab01_setup_out.bin",
     "SETUP cref=65 (from originator) Bearer: speech, A-law; Channel: 1 exclusive; Display: "
     "\"Flavio Eduardo\"; Calling: 4830258590 TON=national NPI=e164 presentation=allowed "
     "screening=user-not-screened; Called: 32248580 TON=national NPI=e164; Sending complete"},
    {"ab02_callproc_in.bin", "CALL PROCEEDING cref=65 (to originator) Channel: 1 exclusive"},
    {"ab03_alerting_in.bin", "ALERTING cref=65 (to originator) Progress: 8 in-band information, "
			     "from public network remote"},
    {"ab04_setup_in.bin",
     "SETUP cref=5720 (from originator) Bearer: speech, A-law; Channel: 2 preferred; Facility: "
     "ROSE invoke -68 operation 15; Progress: 3 origination is not ISDN, from public network "
     "local; Calling: 4832248580 TON=national NPI=e164 presentation=allowed screening=network; "
     "Called: 8580 TON=subscriber NPI=e164; Sending complete"},
    {"ab05_callproc_out.bin", "CALL PROCEEDING cref=5720 (to originator) Channel: 2 exclusive"},
    {"ab06_connect_out.bin", "CONNECT cref=5720 (to originator) Channel: 2 exclusive; Progress: 2 "
			     "destination is not ISDN, from private network local"},
    {"ab07_connack_in.bin", "CONNECT ACKNOWLEDGE cref=5720 (from originator)"},
    {"ab08_progress_in.bin", "PROGRESS cref=65 (to originator) Progress: 2 destination is not "
			     "ISDN, from public network remote"},
    {"ab09_connect_in.bin", "CONNECT cref=65 (to originator)"},
    {"ab10_connack_out.bin", "CONNECT ACKNOWLEDGE cref=65 (from originator)"},
    {"ab11_disc_out.bin", "DISCONNECT cref=65 (from originator) Cause: 16 normal call clearing, "
			  "from private network local"},
    {"ab12_rel_in.bin", "RELEASE cref=65 (to originator)"},
    {"ab13_relcomp_out.bin", "RELEASE COMPLETE cref=65 (from originator) Cause: 16 normal call "
			     "clearing, from private network local"},
    {"ab14_disc_in.bin", "DISCONNECT cref=5720 (from originator) Cause: 16 normal call clearing, "
			 "from public network local"},
    {"ab15_rel_out.bin", "RELEASE cref=5720 (to originator) Cause: 16 normal call clearing, from "
			 "private network local"},
    {"ab16_relcomp_in.bin", "RELEASE COMPLETE cref=5720 (from originator)"},
    {"hp01_setup.bin", "SETUP cref=5 (from originator) Sending complete; Bearer: unrestricted "
		       "digital; Channel: 5 preferred; Called: 666 TON=unknown NPI=unknown"},
    {"hp02_rr.bin", "RR nr=1 p/f=0 c/r=1"},
    {"hp03_connect.bin", "CONNECT cref=5 (to originator) Channel: 5 preferred"},
    {"hp04_rr.bin", "RR nr=1 p/f=0 c/r=0"},
    {"hp05_connack.bin", "CONNECT ACKNOWLEDGE cref=5 (from originator)"},
    {"hp06_rr.bin", "RR nr=2 p/f=0 c/r=1"},
    {"au01_sabme.bin", "SABME p/f=1 sapi=0 tei=64 c/r=0"},
    {"au02_ua.bin", "UA p/f=1 sapi=0 tei=64 c/r=0"},
    {"au03_setup.bin",
     "SETUP cref=2 (from originator) Sending complete; Bearer: speech, A-law; Channel: B1 "
     "exclusive; Calling: 01628524977 TON=unknown NPI=e164 presentation=allowed "
     "screening=user-not-screened; Called: 01613391132 TON=unknown NPI=e164; Called party "
     "subaddress: NSAP \"PHIL\"; User-user: IA5, 8 octets \"TESTCALL\""},
    {"au04_callproc.bin", "CALL PROCEEDING cref=2 (to originator) Channel: B1 exclusive"},
    {"au05_rr.bin", "RR nr=1 p/f=0 sapi=0 tei=64 c/r=1"},
};

static const char *words_of_file(const char *file)
{
	for (size_t i = 0; i < sizeof(corpus) / sizeof(*corpus); i++)
		if (!strcmp(corpus[i].file, file))
			return corpus[i].words;
	fail_msg("%s is in the index and nobody says what it is", file);
	return NULL;
}

static void check_row(const char *folder, char *row)
{
	/* Messages without LAPD get a head of their own. */
	uint8_t frame[E1_DCHAN_FRAME_MAX] = {0x02, 0x01, 0x00, 0x00};
	char path[1024], *field[4], *rest = row;
	size_t head, n;
	FILE *f;

	for (size_t i = 0; i < 4; i++)
		if (!(field[i] = strsep(&rest, "\t")))
			fail_msg("a row of the index is too short: %s", row);
	head = strcmp(field[1], "Q.931") ? 0 : 4;
	snprintf(path, sizeof(path), "%s/q931/%s", folder, field[0]);
	f = fopen(path, "rb");
	if (!f)
		fail_msg("cannot open %s", path);
	n = fread(frame + head, 1, sizeof(frame) - head, f);
	fclose(f);
	assert_int_equal(n, atoi(field[2]));
	assert_line(frame, head + n, words_of_file(field[0]));
}

void test_words_corpus(void **state)
{
	const char *folder = getenv("TEST_CORPUS");
	char path[1024], row[2048];
	unsigned rows = 0, driven = 0;
	FILE *index;

	(void)state;
	assert_non_null(folder);
	snprintf(path, sizeof(path), "%s/q931/index.tsv", folder);
	index = fopen(path, "r");
	assert_non_null(index);
	for (bool head = true; fgets(row, sizeof(row), index); head = false) {
		row[strcspn(row, "\n")] = '\0';
		if (head || !row[0])
			continue;
		rows++;
		check_row(folder, row);
		driven++;
	}
	fclose(index);
	print_message("# q931 corpus: %u rows driven of %u in the index\n", driven, rows);
	assert_int_equal(driven, sizeof(corpus) / sizeof(*corpus));
}

void test_words_link(void **state)
{
	(void)state;
	ASSERT_LINE("", "? no LAPD frame: empty");
	ASSERT_LINE("\x02\x01", "? no LAPD frame: 02 01");
	ASSERT_LINE("\x03\x01\x7f", "? no LAPD frame: 03 01 7f");
	ASSERT_LINE("\x02\x01\x01", "? no LAPD frame: 02 01 01"); /* RR wants a fourth octet */
	ASSERT_LINE("\x02\x01\x7f", "SABME p/f=1 c/r=1");
	ASSERT_LINE("\x00\x01\x0f", "DM p/f=0 c/r=0");
	ASSERT_LINE("\x00\x01\x53", "DISC p/f=1 c/r=0");
	ASSERT_LINE("\x00\x01\x73", "UA p/f=1 c/r=0");
	ASSERT_LINE("\x00\x01\xaf\x82", "XID p/f=0 c/r=0");
	ASSERT_LINE("\x00\x01\x87\x02\x04\x06\x08\x01",
		    "FRMR p/f=0 c/r=0 rejected control 02 04, vs=3 vr=4, reason 0x01");
	ASSERT_LINE("\x00\x01\x01\xff", "RR nr=127 p/f=1 c/r=0");
	ASSERT_LINE("\x00\x01\x05\x02", "RNR nr=1 p/f=0 c/r=0");
	ASSERT_LINE("\x00\x01\x09\x04", "REJ nr=2 p/f=0 c/r=0");
	ASSERT_LINE("\x00\x01\x0d\x04", "unknown frame control 0x0d c/r=0");
	ASSERT_LINE("\x00\x01\xef", "unknown frame control 0xef c/r=0");
	ASSERT_LINE("\x02\x01\x04\x07", "I ns=2 nr=3 p=1 c/r=1 with no message: empty");
	ASSERT_LINE("\x02\x01\x00\x00\x41\x02\x00",
		    "I ns=0 nr=0 p=0 c/r=1 with no message: 41 02 00");
	ASSERT_LINE("\xfe\xff\x03\x0f\x12\x34\x02\x81", "TEI identity assigned ri=4660 ai=64");
	ASSERT_LINE("\xfe\xff\x03\x0f\x12\x34\x09\x81", "TEI reserved (9) ri=4660 ai=64");
	for (unsigned control = 0; control < 256; control++) { /* each has a name */
		const uint8_t frame[] = {0x02, 0x01, (uint8_t)control, 0x00};
		struct isdn_link link;

		isdn_link_decode(&link, frame, sizeof(frame));
		assert_true(link.kind != ISDN_LINK_BAD);
		assert_non_null(isdn_link_name(link.kind));
		if (!(control & 1))
			assert_int_equal(link.kind, ISDN_LINK_I);
	}
}

void test_words_messages(void **state)
{
	unsigned known = 0;

	(void)state;
	ASSERT_LINE("\x02\x01\x03\x08\x00\x62\x1c\x01\x91", "FACILITY cref=dummy Facility: ROSE ");
	ASSERT_LINE("\x02\x01\x03\x08\x01\x87\x07", "CONNECT cref=7 (to originator)");
	ASSERT_LINE("\x02\x01\x03\x08\x02\x00\x00\x46\x79\x01\x87",
		    "RESTART cref=global (from originator) Restart: 7 all interfaces");
	ASSERT_LINE("\x02\x01\x03\x08\x06\x80\x01\x02\x03\x04\x05\x7d\x14\x01\x8a",
		    "STATUS cref=(6 octets) (to originator) Call state: 10 active");
	ASSERT_LINE("\x02\x01\x03\x08\x02\x00\x01\x2f", "message 0x2f cref=1 (from originator)");
	ASSERT_LINE("\x02\x01\x03\x08\x02\x00\x01\xff", "message 0xff cref=1 (from originator)");
	ASSERT_LINE("\x02\x01\x03\x03\x02\x00\x00\x0f\x01\x01\xc2",
		    "SERVICE cref=global (from originator) Change status: 2 out of service");
	ASSERT_LINE("\x02\x01\x03\x43\x02\x80\x00\x07",
		    "SERVICE ACKNOWLEDGE cref=global (to originator)");
	ASSERT_LINE("\x02\x01\x03\x08\x02\x00", "UI p/f=0 c/r=1 with no message: 08 02 00");
	for (unsigned type = 0; type < 256; type++)
		known += isdn_message_name((uint8_t)type) != NULL;
	assert_int_equal(known, 34);
	assert_string_equal(isdn_cause_name(16), "normal call clearing");
	assert_string_equal(isdn_cause_name(0), "unknown cause");
	assert_string_equal(isdn_cause_name(255), "unknown cause");
}

void test_words_bearer(void **state)
{
	(void)state;
	ASSERT_WORDS("", "");
	ASSERT_WORDS("\x04\x00", "Bearer: empty");
	ASSERT_WORDS("\x04\x03\x90\x90\xa3", "Bearer: 3.1 kHz audio, A-law");
	ASSERT_WORDS("\x04\x03\x80\x90\xa2", "Bearer: speech, \xc2\xb5-law");
	ASSERT_WORDS("\x04\x02\x88\x90", "Bearer: unrestricted digital");
	ASSERT_WORDS("\x04\x02\x88\x93", "Bearer: unrestricted digital, 384 kbit/s");
	ASSERT_WORDS("\x04\x03\x88\x98\x86", "Bearer: unrestricted digital, multirate x6");
	ASSERT_WORDS("\x04\x04\x88\xc0\xc6\xe6",
		     "Bearer: unrestricted digital, packet mode, packet, X.25 link, X.25 packet");
	ASSERT_WORDS("\x04\x06\x88\x90\x21\x8f\xc2\xe2",
		     "Bearer: unrestricted digital, V.110 8f, Q.921, Q.931");
	ASSERT_WORDS("\x04\x02\x9f\x90", "Bearer: reserved (31)");
	ASSERT_WORDS("\x04\x02\xc8\x90", "Bearer: national coding c8 90");
	ASSERT_WORDS("\x7c\x04\x10\xc0\x90\xa3", "LLC: 3.1 kHz audio, negotiable, A-law");
	ASSERT_WORDS("\x7d\x02\x91\x81", "HLC: telephony");
	ASSERT_WORDS("\x7d\x03\x91\x60\x81", "HLC: video telephony, extended 0x01");
	ASSERT_WORDS("\x7d\x01\x91", "HLC: 91");
}

void test_words_parties(void **state)
{
	(void)state;
	ASSERT_WORDS("\x70\x05\x91"
		     "4930",
		     "Called: 4930 TON=international NPI=e164");
	ASSERT_WORDS("\x70\x01\xd0", "Called: no digits TON=reserved NPI=unknown");
	ASSERT_WORDS("\x6c\x04\x21\xa3"
		     "30",
		     "Calling: 30 TON=national NPI=e164 presentation=restricted screening=network");
	ASSERT_WORDS("\x6c\x02\x00\xc0", "Calling: no digits TON=unknown NPI=unknown "
					 "presentation=not-available screening=user-not-screened");
	ASSERT_WORDS("\x74\x05\x21\x01\x8f"
		     "12",
		     "Redirecting: 12 TON=national NPI=e164 "
		     "presentation=allowed screening=user-passed reason=unconditional");
	ASSERT_WORDS("\x4c\x03\xc9"
		     "\x01"
		     "9",
		     "Connected: \\x019 TON=subscriber NPI=private");
	ASSERT_WORDS("\x71\x05\xa0"
		     "\x01\x02\x03\x04",
		     "Called party subaddress: user specified 01 02 03 04");
	ASSERT_WORDS("\x6d\x00", "Calling party subaddress: empty");
	ASSERT_WORDS("\x78\x04\xa1"
		     "288",
		     "Transit network: \"288\" national, plan 1");
}

void test_words_channel(void **state)
{
	(void)state;
	ASSERT_WORDS("\x18\x03\xa1\x83\x81", "Channel: 1 preferred");
	ASSERT_WORDS("\x18\x03\xa9\x83\x9f", "Channel: 31 exclusive");
	ASSERT_WORDS("\x18\x05\xa9\x83\x01\x02\x83", "Channel: 1,2,3 exclusive");
	ASSERT_WORDS("\x18\x06\xa9\x93\x80\x00\x00\x0e", "Channel: 1-3,31 exclusive");
	ASSERT_WORDS("\x18\x06\xa9\x93\xff\xfe\xff\xfe", "Channel: 1-15,17-31 exclusive");
	ASSERT_WORDS("\x18\x05\xa9\x93\x80\x00\x01", "Channel: 1,24 exclusive");
	ASSERT_WORDS("\x18\x06\xa9\x93\x00\x00\x00\x00", "Channel: empty map exclusive");
	ASSERT_WORDS("\x18\x03\xa9\x93\x01", "Channel: 01 exclusive");
	ASSERT_WORDS("\x18\x04\xe9\x83\x83\x85", "Channel: 5 exclusive, interface 3");
	ASSERT_WORDS("\x18\x01\xa0", "Channel: none");
	ASSERT_WORDS("\x18\x01\xa3", "Channel: any preferred");
	ASSERT_WORDS("\x18\x01\xac", "Channel: none, D-channel");
	ASSERT_WORDS("\x18\x01\xa9", "Channel: no number exclusive");
	ASSERT_WORDS("\x18\x02\xa9\x83", "Channel: no number exclusive");
	ASSERT_WORDS("\x18\x01\x8a", "Channel: B2 exclusive");
	ASSERT_WORDS("\x18\x00", "Channel: empty");
	ASSERT_WORDS("\x79\x01\x80", "Restart: 0 indicated channels");
}

void test_words_cause(void **state)
{
	(void)state;
	ASSERT_WORDS("\x08\x02\x82\x91", "Cause: 17 user busy, from public network local");
	ASSERT_WORDS("\x08\x03\x0a\x80\xff",
		     "Cause: 127 interworking, from beyond interworking point");
	ASSERT_WORDS("\x08\x05\x81\xe6"
		     "310",
		     "Cause: 102 recovery on timer expiry, from private network local, timer T310");
	ASSERT_WORDS("\x08\x07\x80\x96\x70\x03\x91"
		     "12",
		     "Cause: 22 number changed, from user, new number +12");
	ASSERT_WORDS("\x08\x03\x80\xe0\x18",
		     "Cause: 96 mandatory element missing, from user, diagnostic 18");
	ASSERT_WORDS("\x08\x02\xe6\x8a", "Cause: 10 unknown cause, from reserved (6), coding 3");
	ASSERT_WORDS("\x08\x01\x80", "Cause: no value");
	ASSERT_WORDS("\x1e\x02\x81\x81",
		     "Progress: 1 not end-to-end ISDN, from private network local");
	ASSERT_WORDS("\x1e\x02\x81\xff",
		     "Progress: 127 reserved (127), from private network local");
	ASSERT_WORDS("\x1e\x01\x81", "Progress: no value");
	ASSERT_WORDS("\x27\x01\xf9", "Notification: 121 remote hold");
	ASSERT_WORDS("\x34\x01\x04", "Signal: 4 busy tone");
	ASSERT_WORDS("\x34\x00", "Signal: empty");
	ASSERT_WORDS("\x00\x02\x82\x05", "Segmented message: first segment, 2 to come, of SETUP");
}

void test_words_text(void **state)
{
	(void)state;
	ASSERT_WORDS("\x28\x07M\xfcller\"", "Display: \"M\xc3\xbcller\\x22\"");
	ASSERT_WORDS("\x28\x03\xb1Jo", "Display: \"Jo\"");
	ASSERT_WORDS("\x28\x03"
		     "a\x00\x85",
		     "Display: \"a\\x00\\x85\"");
	ASSERT_WORDS("\x2c\x03*21", "Keypad: \"*21\"");
	ASSERT_WORDS("\x29\x05\x1a\x0b\x1c\x0f\x09", "Date/time: 2026-11-28 15:09");
	ASSERT_WORDS("\x29\x02\x1a\x0b", "Date/time: 1a 0b");
	ASSERT_WORDS("\x7e\x04\x04hi!", "User-user: IA5, 3 octets \"hi!\"");
	ASSERT_WORDS("\x7e\x03\x00\x01\x02", "User-user: user specific, 2 octets 01 02");
	ASSERT_WORDS("\x7e\x00", "User-user: empty");
	ASSERT_WORDS("\x20\x02\x00\xe2", "NSF: facility e2");
	ASSERT_WORDS("\x20\x06\x04\xa1"
		     "288\xe6",
		     "NSF: network \"288\", facility e6");
	ASSERT_WORDS("\x20\x02\x05\xe2", "NSF: 05 e2");
	ASSERT_WORDS(
	    "\x10\x22xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
	    "Call identity: 78 78 78 78 78 78 78 78 78 78 78 78 78 78 78 78 78 78 78 78 78 "
	    "78 78 78 78 78 78 78 78 78 78 78 and 2 more");
}

void test_words_facility(void **state)
{
	(void)state;
	ASSERT_WORDS("\x1c\x00", "Facility: empty");
	ASSERT_WORDS("\x1c\x0a\x91\xa1\x07\x02\x01\x01\x02\x02\x01\x03",
		     "Facility: ROSE invoke 1 operation 259");
	ASSERT_WORDS("\x1c\x0c\x91\xa1\x09\x02\x01\x7f\x06\x04\x04\x00\x81\x05",
		     "Facility: ROSE invoke 127 operation 0.4.0.133");
	ASSERT_WORDS("\x1c\x0d\x91\xa1\x0a\x02\x01\x01\x80\x01\x05\x02\x02\xff\xfe",
		     "Facility: ROSE invoke 1 operation -2");
	ASSERT_WORDS("\x1c\x0b\x91\xa2\x08\x02\x01\x02\x30\x03\x02\x01\x0d",
		     "Facility: ROSE result 2 operation 13");
	ASSERT_WORDS("\x1c\x09\x91\xa3\x06\x02\x01\x02\x02\x01\x07",
		     "Facility: ROSE error 2 error 7");
	ASSERT_WORDS("\x1c\x09\x91\xa4\x06\x02\x01\x02\x80\x01\x07", "Facility: ROSE reject 2");
	ASSERT_WORDS("\x1c\x11\x9f\xaa\x03\x80\x01\x00\x8b\x01\x00\xa1\x06\x02\x01\x09\x02\x01\x00",
		     "Facility: QSIG ROSE invoke 9 operation 0");
	ASSERT_WORDS("\x1c\x04\x91\xa1\x09\x02", "Facility: ROSE 3 octets not read");
	ASSERT_WORDS("\x1c\x02\x92\x01", "Facility: profile 0x12 01");
	ASSERT_WORDS("\x1c\x0b\x91\xa1\x81\x07\x02\x01\x01\x02\x02\x01\x03",
		     "Facility: ROSE invoke 1 operation 259");
}

void test_words_codesets(void **state)
{
	(void)state;
	ASSERT_WORDS("\x9c\x31\x01\x85\x08\x02\x80\x90",
		     "Transit counter: 5; Cause: 16 normal call clearing, from user");
	ASSERT_WORDS("\x94\x32\x01\x81\x95\x32\x01\x8a\x96\x01\x01\x3e\x97\x01\x01\x05",
		     "Party category: 1; Calling party category: 10; Originating line information: "
		     "62; element 0x01 of codeset 7: 05");
	ASSERT_WORDS("\x95\x28\x01X\x98\x28\x01Y", "element 0x28 of codeset 5: 58; Display: \"Y\"");
	ASSERT_WORDS("\x95\x94\x28\x01X", "element 0x28 of codeset 5: 58"); /* never back */
	ASSERT_WORDS("\x9e\x2a\x03\xb1Jo\x99\x01\x01\x02",
		     "Display text: \"Jo\"; element 0x01 of codeset 1: 02");
	ASSERT_WORDS("\xa0\xa1\xbf\xd2\x81\xe5",
		     "More data; Sending complete; Congestion level: 15; Repeat indicator: 2; "
		     "element 0x81: 1; element 0xe5: 5");
	ASSERT_WORDS("\x5f\x01\x05", "element 0x5f: 05");
	ASSERT_WORDS("\x28\x05X", "element 0x28 cut short");
	ASSERT_WORDS("\x04\x03\x80\x90\xa3\x70", "Bearer: speech, A-law; element 0x70 cut short");
	/* a shift to nothing */
	ASSERT_LINE("\x02\x01\x03\x08\x02\x00\x05\x05\x96", "SETUP cref=5 (from originator)");
	for (size_t i = 0; i < isdn_ie_count();
	     i++) { /* each row can be found, and takes nothing */
		const struct isdn_ie_info *row = isdn_ie_row(i);
		struct isdn_ie ie = {.codeset = row->codeset,
				     .id = row->id,
				     .octets = (const uint8_t *)"",
				     .single = row->id & 0x80};
		char text[200];
		struct strbuf b;

		assert_ptr_equal(isdn_ie_find(&ie), row);
		strbuf_init(&b, text, sizeof(text));
		if (row->words)
			row->words(&b, &ie);
	}
}

void test_words_block(void **state)
{
	static const uint8_t frame[] = {0x00, 0x01, 0x04, 0x07, 0x08, 0x02, 0x00, 0x05,
					0x45, 0x08, 0x02, 0x80, 0x90, 0x28, 0x04, 'X'};
	static const uint8_t rr[] = {0x00, 0x01, 0x01, 0x02};
	char text[ISDN_WORDS_BLOCK], cut[8];

	(void)state;
	isdn_words_block(text, sizeof(text), frame, sizeof(frame));
	assert_string_equal(text, "I ns=2 nr=3 p=1 c/r=0, 16 octets\n"
				  "  DISCONNECT cref=5 (from originator)\n"
				  "    Cause: 16 normal call clearing, from user\n"
				  "    element 0x28 cut short\n");
	isdn_words_block(text, sizeof(text), rr, sizeof(rr));
	assert_string_equal(text, "RR nr=1 p/f=0 c/r=0, 4 octets\n");
	assert_int_equal(isdn_words_line(cut, sizeof(cut), frame, sizeof(frame)), 7);
	assert_string_equal(cut, "DISCONN");
}

/* Whatever comes: text that fits, and nothing is read outside. */
void test_words_garbage(void **state)
{
	struct rng rng;

	(void)state;
	rng_init_seed(&rng, 31);
	for (unsigned i = 0; i < 50000; i++) {
		uint8_t head[] = {0x02, 0x01, 0x00, 0x00, 0x08, 0x02, 0x00, 0x05, 0x05};
		size_t len = rng_below(&rng, 80), size = 1 + rng_below(&rng, 300);
		uint8_t *frame = test_malloc(len ? len : 1);
		char *text = test_malloc(size);

		for (size_t k = 0; k < len; k++)
			frame[k] = k < sizeof(head) && rng_below(&rng, 30) ? head[k]
				   : rng_below(&rng, 3)			   ? (uint8_t)rng_u32(&rng)
							: isdn_ie_row(rng_below(&rng, 60))->id;
		assert_true(isdn_words_line(text, size, frame, len) < size);
		assert_null(strchr(text, '\n'));
		assert_true(isdn_words_block(text, size, frame, len) < size);
		test_free(text);
		test_free(frame);
	}
}
