/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config/config.h"
#include "config/schema.h"
#include "hw/t1e1/e1_dahdi.h"

/* clang-format off */
static const char *const drivers[] = {"virtual", "dahdi", NULL};   /* enum config_driver */
static const char *const lines[] = {"e1", "t1", "j1", NULL};	   /* enum e1_type, less 1 */
static const char *const framings[] = {"ccs", "cas", "d4", "esf", NULL}; /* enum e1_framing, less 1 */
static const char *const codes[] = {"ami", "hdb3", "b8zs", NULL};  /* enum e1_code, less 1 */
static const char *const clocks[] = {"slave", "master", NULL};
static const char *const sides[] = {"user", "network", NULL};      /* enum isdn_side */
static const char *const huntings[] = {"ascending", "descending", "cyclic",
					"least-recent", "auto", NULL}; /* enum isdn_hunting */
static const char *const restarts[] = {"never", "stuck", "start", NULL}; /* enum isdn_restart_policy */
static const char *const ringbacks[] = {"local", "remote", "never", "auto", NULL};
static const char *const tones[] = {"on", "off", "auto", NULL};
static const char *const redirectings[] = {"diversion", "history-info", "both", "none",
						    NULL}; /* enum sip_redirecting */
static const char *const codecs[] = {"PCMA", "PCMU", NULL};
static const char *const tons[] = {"any", "unknown", "international", "national", "network",
				   "subscriber", "abbreviated", NULL};
static const char *const set_tons[] = {"leave", "unknown", "international", "national", "network",
				       "subscriber", "abbreviated", NULL};
static const char *const set_npis[] = {"leave", "unknown", "e164", "private", NULL};
static const char *const levels[] = {"error", "warn", "info", "debug", NULL}; /* enum log_level */
static const char *const formats[] = {"text", "json", NULL};

const struct schema_key schema_span[] = {
	[SPAN_NUMBER] = {"span", SCHEMA_INT, .required = true, .min = 1, .max = 255,
		.doc = "The span's number, as plan rules, log and command line name it."},
	[SPAN_DRIVER] = {"driver", SCHEMA_WORD, .required = true, .words = drivers,
		.doc = "What carries the E1. virtual: a UNIX socket to another program; dahdi: a card."},
	[SPAN_LISTEN] = {"listen", SCHEMA_PATH, .max = 100,
		.doc = "virtual: path of the socket that this end makes. Either listen or connect."},
	[SPAN_CONNECT] = {"connect", SCHEMA_PATH, .max = 100,
		.doc = "virtual: path of the socket that the other end makes."},
	[SPAN_DAHDI_SPAN] = {"dahdi_span", SCHEMA_INT, .min = 1, .max = 128,
		.doc = "dahdi: the kernel's number of the span, as in /proc/dahdi and lsdahdi."},
	[SPAN_DAHDI_CARD] = {"dahdi_card", SCHEMA_TEXT, .max = E1_DAHDI_CARD,
		.doc = "dahdi: instead of dahdi_span, the place of the card: its location or hardware id "
		       "as spanbridge doctor shows them, with #2 behind it for its second span."},
	[SPAN_LINE] = {"line", SCHEMA_WORD, .words = lines, .fallback_doc = "as the card is set",
		.doc = "dahdi: what kind of line it is. This and the next four are what doctor compares "
		       "the card with, and what export dahdi writes; dahdi_cfg sets the card."},
	[SPAN_FRAMING] = {"framing", SCHEMA_WORD, .words = framings,
		.fallback_doc = "ccs on an E1, else esf", .doc = "dahdi: framing (G.704)."},
	[SPAN_CODE] = {"code", SCHEMA_WORD, .words = codes, .fallback_doc = "hdb3 on an E1, else b8zs",
		.doc = "dahdi: line code (G.703)."},
	[SPAN_CRC4] = {"crc4", SCHEMA_BOOL, .fallback_doc = "as the card is set",
		.doc = "dahdi: CRC-4 multiframe of an E1 (G.704 2.3.3); both ends must agree."},
	[SPAN_BUILD_OUT] = {"build_out", SCHEMA_INT, .min = 0, .max = 7, .fallback = "0",
		.doc = "dahdi: line build-out of a T1 as in a span= line; 0 on an E1."},
	[SPAN_BUFFERS] = {"buffers", SCHEMA_INT, .min = E1_DAHDI_BUFFERS_MIN,
		.max = E1_DAHDI_BUFFERS_MAX, .fallback = "2",
		.doc = "dahdi: blocks of 20 ms that are queued towards the line. Each is delay, and what "
		       "the machine may be late by; more only when tx_underruns grow."},
	[SPAN_ECHO_CANCEL] = {"echo_cancel", SCHEMA_INT, .min = 0, .max = E1_DAHDI_ECHO_MAX_MS,
		.fallback = "0",
		.doc = "dahdi: tail in ms of the echo canceller that system.conf attaches to the "
		       "channels (4 to 128); 0: none, audio passes bit by bit."},
	[SPAN_RX_GAIN] = {"rx_gain_db", SCHEMA_INT, .min = -E1_DAHDI_GAIN_MAX_DB,
		.max = E1_DAHDI_GAIN_MAX_DB, .fallback = "0",
		.doc = "dahdi: gain of what comes from the line; 0: audio passes bit by bit."},
	[SPAN_TX_GAIN] = {"tx_gain_db", SCHEMA_INT, .min = -E1_DAHDI_GAIN_MAX_DB,
		.max = E1_DAHDI_GAIN_MAX_DB, .fallback = "0",
		.doc = "dahdi: gain of what goes to the line."},
	[SPAN_CLOCK] = {"clock", SCHEMA_WORD, .words = clocks,
		.fallback_doc = "slave; dahdi: master on the network side",
		.doc = "Who gives the clock: slave follows the other end (an exchange is master). On a "
		       "DAHDI card system.conf sets it, and doctor compares."},
	[SPAN_SIDE] = {"side", SCHEMA_WORD, .required = true, .words = sides,
		.doc = "Our side of the D-channel: user towards an exchange, network towards a PBX."},
	[SPAN_DCHANNEL] = {"dchannel", SCHEMA_INT, .min = 1, .max = 31, .fallback = "16",
		.doc = "Timeslot of the D-channel."},
	[SPAN_BCHANNELS] = {"bchannels", SCHEMA_SLOTS, .fallback_doc = "all but the D-channel",
		.doc = "Timeslots that carry calls; fewer than 30 on a fractional E1."},
	[SPAN_HUNTING] = {"hunting", SCHEMA_WORD, .words = huntings, .fallback = "auto",
		.doc = "Order in which we choose channels. cyclic: the next above the last one; "
		       "least-recent: the one that has been free for longest; auto: descending on "
		       "the network side, ascending on the user side, so that the two ends rarely "
		       "meet."},
	[SPAN_RINGBACK] = {"ringback", SCHEMA_WORD, .words = ringbacks, .fallback = "auto",
		.doc = "Who lets the ISDN caller hear ringing. local: we, until the SIP side sends "
		       "audio; remote: the exchange, unless the SIP side sends audio; never: nobody "
		       "here; auto: local on the network side, remote on the user side."},
	[SPAN_FAILURE_TONE] = {"failure_tone", SCHEMA_WORD, .words = tones, .fallback = "auto",
		.doc = "A call from this span that fails before the answer ends with a busy or "
		       "congestion tone in its timeslot, for at most T306 (Q.931 5.3.4.1). Only a "
		       "network side does; auto: on."},
	[SPAN_EXCLUSIVE] = {"exclusive", SCHEMA_BOOL, .fallback = "false",
		.doc = "Our calls insist on the channel that they ask for; else it is a preference "
		       "and the other end may choose (Q.931 5.1.2)."},
	[SPAN_OVERLAP] = {"overlap", SCHEMA_BOOL, .fallback = "false",
		.doc = "The other end may send a called number digit by digit: it is complete with "
		       "Sending Complete, with # as its last digit, at 31 digits, or when none has come for "
		       "t302 (Q.931 5.1.3). false: a SETUP with a digit has them all; one with none is "
		       "asked for them in any case."},
	[SPAN_RESTART] = {"restart", SCHEMA_WORD, .words = restarts, .fallback = "start",
		.doc = "When we send RESTART, one channel at a time, never on one with a call (Q.931 "
		       "5.5.1). start: on all channels when the program has started, and as stuck; "
		       "stuck: on channels whose call could not be cleared, and when the operator "
		       "says so; never: for exchanges that do not take it."},
	[SPAN_NUMBERS] = {"numbers", SCHEMA_MAP, .child = schema_edge,
		.fallback_doc = "numbers pass as they are",
		.doc = "How this side writes numbers; the plan then sees them in E.164."},
	[SPAN_TIMERS] = {"timers", SCHEMA_MAP, .child = schema_timers,
		.doc = "Timers of layer 3, in seconds; docs/timers.md explains each."},
	{0}};

#define TIMER(KEY, MIN, MAX, DEFAULT, DOC) \
	{KEY, SCHEMA_INT, .min = MIN, .max = MAX, .fallback_doc = DEFAULT, .doc = DOC}

/* In the order of enum isdn_timer; bounds and defaults as isdn_timer_table.c has them. */
const struct schema_key schema_timers[] = {
	[ISDN_T302] = TIMER("t302", 1, 60, "5 as user, 15 as network",
		"Wait for the next digit; then the number counts as complete."),
	[ISDN_T303] = TIMER("t303", 1, 30, "4", "Wait for the first answer to SETUP."),
	[ISDN_T304] = TIMER("t304", 1, 120, "30 as user, 20 as network",
		"Wait after SETUP ACKNOWLEDGE."),
	[ISDN_T305] = TIMER("t305", 4, 30, "30", "Wait after DISCONNECT."),
	[ISDN_T306] = TIMER("t306", 1, 30, "30 as network",
		"How long a tone or announcement with DISCONNECT lasts."),
	[ISDN_T308] = TIMER("t308", 1, 10, "4", "Wait after RELEASE."),
	[ISDN_T309] = TIMER("t309", 1, 300, "90",
		"How long answered calls survive a D-channel that is down (Q.931 5.8.9)."),
	[ISDN_T310] = TIMER("t310", 1, 130, "120 as user, 30 as network",
		"Wait after CALL PROCEEDING."),
	[ISDN_T313] = TIMER("t313", 1, 30, "4 as user", "Wait for CONNECT ACKNOWLEDGE."),
	[ISDN_T316] = TIMER("t316", 2, 300, "30", "Wait for RESTART ACKNOWLEDGE."),
	[ISDN_N316] = TIMER("n316", 1, 10, "2",
		"How often RESTART is sent before a channel is out of service."),
	{0}};

const struct schema_key schema_causes[] = {
	[CAUSES_Q850_TO_SIP] = {"q850_to_sip", SCHEMA_PATH, .max = 255, .fallback_doc = "none",
		.doc = "CSV file: which status refuses an INVITE for a Q.850 cause; format and defaults in "
		       "config/mapping/. A relative path begins at the configuration's folder."},
	[CAUSES_SIP_TO_Q850] = {"sip_to_q850", SCHEMA_PATH, .max = 255, .fallback_doc = "none",
		.doc = "CSV file: which cause and location a status, a BYE or a CANCEL becomes."},
	{0}};

const struct schema_key schema_trunk[] = {
	[TRUNK_NAME] = {"name", SCHEMA_NAME, .required = true, .min = 1, .max = CALL_NAME_MAX,
		.doc = "The trunk's name, as plan rules, log and command line name it."},
	[TRUNK_BIND] = {"bind", SCHEMA_SOCKET, .required = true, .min = 5060,
		.doc = "Our address and UDP port for SIP. Trunks may share one."},
	[TRUNK_ADVERTISE] = {"advertise", SCHEMA_ADDRESS, .fallback_doc = "the address of bind",
		.doc = "Our address as the peer sees it, when a NAT stands between; needed when bind "
		       "is 0.0.0.0 or ::."},
	[TRUNK_LOCAL_NETWORKS] = {"local_networks", SCHEMA_NETWORKS, .max = SIP_NETWORKS_MAX,
		.fallback_doc = "none",
		.doc = "Networks on our side of the NAT: peers there get the address of bind."},
	[TRUNK_PEER] = {"peer", SCHEMA_SOCKET, .required = true, .min = 5060,
		.doc = "Where our calls go. Calls from this address belong to this trunk."},
	[TRUNK_SOURCES] = {"sources", SCHEMA_NETWORKS, .max = SIP_NETWORKS_MAX,
		.fallback_doc = "none",
		.doc = "Further networks whose calls belong to this trunk. All others are refused (403)."},
	[TRUNK_DOMAIN] = {"domain", SCHEMA_HOSTNAME, .fallback_doc = "the peer's address",
		.doc = "Host part of the SIP URIs in To and From."},
	[TRUNK_CODECS] = {"codecs", SCHEMA_WORDS, .words = codecs, .min = 1, .max = 2,
		.fallback = "PCMA,PCMU",
		.doc = "Codecs in order of preference. PCMA passes an E1 unchanged."},
	[TRUNK_PTIME] = {"ptime", SCHEMA_INT, .min = 20, .max = 20, .fallback = "20",
		.doc = "Milliseconds of audio in one RTP packet (as a=ptime in SDP)."},
	[TRUNK_RTP_BIND] = {"rtp_bind", SCHEMA_ADDRESS, .fallback_doc = "the address of bind",
		.doc = "Our address for RTP and RTCP."},
	[TRUNK_RTP_ADVERTISE] = {"rtp_advertise", SCHEMA_ADDRESS,
		.fallback_doc = "rtp_bind if given, else advertise",
		.doc = "Our address in SDP as the peer sees it."},
	[TRUNK_NUMBERS] = {"numbers", SCHEMA_MAP, .child = schema_edge,
		.fallback_doc = "numbers pass as they are",
		.doc = "How this side writes numbers; the plan then sees them in E.164."},
	[TRUNK_RTP_ANY_SOURCE] = {"rtp_any_source", SCHEMA_BOOL, .fallback = "false",
		.doc = "Take RTP also from another address than the peer's SDP names."},
	[TRUNK_TRUSTED] = {"trusted", SCHEMA_BOOL, .fallback = "true",
		.doc = "A Q.850 cause in its Reason headers counts more than the cause table, who it "
		       "says in P-Asserted-Identity calls or answered counts, and it is told who "
		       "answered (RFC 3325)."},
	[TRUNK_REDIRECTING] = {"redirecting", SCHEMA_WORD, .words = redirectings, .fallback = "diversion",
		.doc = "Which header says who sent a call on, both ways: Diversion (RFC 5806), "
		       "History-Info (RFC 7044), both (Diversion is read first) or none."},
	[TRUNK_CAUSES] = {"causes", SCHEMA_MAP, .child = schema_causes,
		.fallback_doc = "the gateway's",
		.doc = "Rows of the cause tables that are others on this trunk."},
	{0}};

const struct schema_key schema_plan[] = {
	[PLAN_NAME] = {"name", SCHEMA_NAME, .required = true, .min = 1, .max = CALL_NAME_MAX,
		.doc = "The rule's name, as log and call records name it."},
	[PLAN_FROM] = {"from", SCHEMA_ITEMS, .max = 64, .child = schema_endpoint_item,
		.fallback_doc = "any", .doc = "Where the call comes from."},
	[PLAN_PREFIX] = {"prefix", SCHEMA_NUMBER, .max = CALL_DIGITS_MAX, .fallback_doc = "every number",
		.doc = "First digits of the called number, short for match: {called: {prefix: …}}. The "
		       "longest prefix wins."},
	[PLAN_TON] = {"ton", SCHEMA_WORD, .words = tons, .fallback = "any",
		.doc = "Type of the called number; a SIP number with + is international."},
	[PLAN_STRIP] = {"strip", SCHEMA_INT, .min = 0, .max = CALL_DIGITS_MAX, .fallback = "0",
		.doc = "Digits to take off the front."},
	[PLAN_PREPEND] = {"prepend", SCHEMA_NUMBER, .max = CALL_DIGITS_MAX, .fallback_doc = "none",
		.doc = "Digits to put in front, after strip."},
	[PLAN_SET_TON] = {"set_ton", SCHEMA_WORD, .words = set_tons, .fallback = "leave",
		.doc = "Type of number to send."},
	[PLAN_SET_NPI] = {"set_npi", SCHEMA_WORD, .words = set_npis, .fallback = "leave",
		.doc = "Numbering plan to send."},
	[PLAN_TO] = {"to", SCHEMA_ENDPOINT, .min = 1,
		.doc = "Where the call goes, short for targets with one target."},
	[PLAN_MATCH] = {"match", SCHEMA_MAP, .child = schema_match,
		.doc = "What the call must look like, further to from, prefix and ton."},
	[PLAN_WHEN] = {"when", SCHEMA_MAP, .child = schema_when, .fallback_doc = "always",
		.doc = "Hours, days and dates at which the rule holds."},
	[PLAN_LIMIT] = {"limit", SCHEMA_MAP, .child = schema_limit, .fallback_doc = "none",
		.doc = "How much the rule takes; then the next one that fits."},
	[PLAN_SET] = {"set", SCHEMA_MAP, .child = schema_set,
		.doc = "What changes; everything that is not named stays."},
	[PLAN_TARGETS] = {"targets", SCHEMA_MAPS, .min = 1, .max = 64, .child = schema_target,
		.doc = "Where the call goes: several, in order of priority, cost and weight. A cause of "
		       "reroute opens the next one."},
	[PLAN_BAR] = {"bar", SCHEMA_INT, .min = 1, .max = 127, .fallback_doc = "no",
		.doc = "Refuses the call with this cause (Q.850); 21 is call rejected."},
	[PLAN_EMERGENCY] = {"emergency", SCHEMA_BOOL, .fallback = "false",
		.doc = "Asked before all other rules; no limit, hour or bar holds it up."},
	[PLAN_FIRST] = {"first", SCHEMA_BOOL, .fallback = "false",
		.doc = "Asked before all rules without it, however many digits those fit: for bars of "
		       "callers. Emergency rules still come before it."},
	[PLAN_REROUTE] = {"reroute", SCHEMA_ITEMS, .max = 127, .child = schema_cause_item,
		.fallback_doc = "numbers.reroute",
		.doc = "Causes (Q.850) of a target that failed which open the next target."},
	[PLAN_LOOKUP] = {"lookup", SCHEMA_NAME, .min = 1, .max = CALL_NAME_MAX, .fallback_doc = "none",
		.doc = "Asked before the targets are used: one of numbers.lookups."},
	{0}};

const struct schema_key schema_jitter_buffer[] = {
	[JB_MIN] = {"min_ms", SCHEMA_INT, .min = 10, .max = 1000, .fallback = "20",
		.doc = "Least delay in milliseconds."},
	[JB_START] = {"start_ms", SCHEMA_INT, .min = 10, .max = 1000, .fallback = "40",
		.doc = "Delay to begin with."},
	[JB_MAX] = {"max_ms", SCHEMA_INT, .min = 10, .max = 1000, .fallback = "200",
		.doc = "Most delay; audio that comes later is lost."},
	{0}};

const struct schema_key schema_rtp[] = {
	[RTP_PORTS] = {"ports", SCHEMA_PORTS, .fallback = "16384-32767",
		.doc = "UDP ports for RTP (even) and RTCP (odd); a call takes two, and four emergency calls "
		       "beyond limits.calls must find theirs."},
	[RTP_JITTER_BUFFER] = {"jitter_buffer", SCHEMA_MAP, .child = schema_jitter_buffer,
		.doc = "Delay that evens out the network's jitter; grows and shrinks in these bounds."},
	{0}};

const struct schema_key schema_limits[] = {
	[LIMITS_CALLS] = {"calls", SCHEMA_INT, .min = 1, .max = 100000,
		.fallback_doc = "twice the B-channels and 16",
		.doc = "Calls at once; more are refused, but for four emergency calls."},
	[LIMITS_RING] = {"ring", SCHEMA_INT, .min = 5, .max = 600, .fallback = "180",
		.doc = "Seconds that the called side may ring (T301, Q.931 9); then the call ends with "
		       "cause 19."},
	{0}};

const struct schema_key schema_control[] = {
	[CONTROL_SOCKET] = {"socket", SCHEMA_PATH, .max = 100,
		.fallback = "/run/spanbridge/control.sock",
		.doc = "UNIX socket for the command line and the console."},
	{0}};

const struct schema_key schema_records[] = {
	[FILE_PATH] = {"file", SCHEMA_PATH, .max = 255, .required = true,
		.doc = "Call records are appended here, one JSON object a line."},
	{0}};

const struct schema_key schema_capture[] = {
	[FILE_PATH] = {"file", SCHEMA_PATH, .max = 255, .required = true,
		.doc = "D-channel and SIP as pcapng, for Wireshark; made new at each start."},
	{0}};

const struct schema_key schema_log[] = {
	[LOG_KEY_LEVEL] = {"level", SCHEMA_WORD, .words = levels, .fallback = "info",
		.doc = "Events up to this weight are logged."},
	[LOG_KEY_FORMAT] = {"format", SCHEMA_WORD, .words = formats, .fallback = "text",
		.doc = "Lines to read, or one JSON object a line."},
	[LOG_KEY_FILE] = {"file", SCHEMA_PATH, .max = 255, .fallback_doc = "standard error",
		.doc = "The log is appended here."},
	{0}};

static const char *const case_tons[] = {"unknown",	"international", "national", "network",
					"subscriber", "abbreviated",   NULL};

const struct schema_key schema_expect[] = {
	[EXPECT_TARGET] = {"target", SCHEMA_ENDPOINT, .min = 1, .fallback_doc = "not looked at",
		.doc = "Where the call goes first; of equal priority and cost, one of them."},
	[EXPECT_NUMBER] = {"number", SCHEMA_TEXT, .max = 48, .fallback_doc = "not looked at",
		.doc = "The called number as it leaves; a + asks for type international."},
	[EXPECT_TON] = {"ton", SCHEMA_WORD, .words = case_tons, .fallback_doc = "not looked at",
		.doc = "Its type of number."},
	[EXPECT_CALLING] = {"calling", SCHEMA_TEXT, .max = 48, .fallback_doc = "not looked at",
		.doc = "The calling number as it leaves."},
	[EXPECT_RULE] = {"rule", SCHEMA_NAME, .max = CALL_NAME_MAX, .fallback_doc = "not looked at",
		.doc = "Name of the rule that decides."},
	[EXPECT_BARRED] = {"barred", SCHEMA_BOOL, .fallback_doc = "not looked at",
		.doc = "true: a rule refuses the call; false: none does."},
	[EXPECT_CAUSE] = {"cause", SCHEMA_INT, .min = 1, .max = 127, .fallback_doc = "not looked at",
		.doc = "The call is refused with this Q.850 cause; 3: no rule fits."},
	{0}};

const struct schema_key schema_case[] = {
	[CASE_NAME] = {"name", SCHEMA_TEXT, .max = CALL_NAME_MAX, .fallback_doc = "the called number",
		.doc = "What the case shows, for messages."},
	[CASE_FROM] = {"from", SCHEMA_ENDPOINT, .required = true, .min = 1,
		.doc = "Where the call comes from."},
	[CASE_CALLED] = {"called", SCHEMA_TEXT, .required = true, .max = 48,
		.doc = "The called number as it comes; a + is type international, spaces are dropped."},
	[CASE_TON] = {"ton", SCHEMA_WORD, .words = case_tons, .fallback_doc = "unknown, of +… international",
		.doc = "Its type of number."},
	[CASE_CALLING] = {"calling", SCHEMA_TEXT, .max = 48, .fallback_doc = "none",
		.doc = "The calling number as it comes."},
	[CASE_CALLING_TON] = {"calling_ton", SCHEMA_WORD, .words = case_tons,
		.fallback_doc = "unknown, of +… international", .doc = "Its type of number."},
	[CASE_AT] = {"at", SCHEMA_TEXT, .max = 32, .fallback_doc = "2026-01-05T12:00, a Monday",
		.doc = "When, in the time zone of the plan."},
	[CASE_EXPECT] = {"expect", SCHEMA_MAP, .required = true, .child = schema_expect,
		.doc = "What must become of it."},
	{0}};

const struct schema_key schema_dns_server[] = {{"server", SCHEMA_SOCKET, .min = 53}};
const struct schema_key schema_dns[] = {
	[DNS_SERVERS] = {"servers", SCHEMA_ITEMS, .max = CONFIG_DNS_SERVERS_MAX,
		.child = schema_dns_server, .fallback_doc = "those of /etc/resolv.conf when the program starts",
		.doc = "Who is asked, in this order, for look-ups of type enum. Port 53 unless given."},
	[DNS_RETRY] = {"retry_ms", SCHEMA_INT, .min = 20, .max = 2000, .fallback = "100",
		.doc = "Milliseconds without an answer after which the next server is asked, or the only one "
		       "again. Less than half of a look-up's timeout_ms."},
	{0}};

const struct schema_key schema_top[] = {
	[TOP_SPANS] = {"spans", SCHEMA_MAPS, .required = true, .min = 1, .max = 255,
		.child = schema_span, .doc = "The E1 spans, EuroISDN."},
	[TOP_TRUNKS] = {"trunks", SCHEMA_MAPS, .required = true, .min = 1, .max = 1000,
		.child = schema_trunk, .doc = "The SIP trunks."},
	[TOP_PLAN] = {"plan", SCHEMA_MAPS, .required = true, .min = 1, .max = TREE_RULES_MAX,
		.child = schema_plan, .doc = "The number plan: which call goes where."},
	[TOP_NUMBERS] = {"numbers", SCHEMA_MAP, .child = schema_numbers,
		.doc = "What all rules of the number plan share, and rewrites."},
	[TOP_RTP] = {"rtp", SCHEMA_MAP, .child = schema_rtp, .doc = "Audio on the IP side."},
	[TOP_CAUSES] = {"causes", SCHEMA_MAP, .child = schema_causes,
		.doc = "Rows of the cause tables that replace the built-in ones."},
	[TOP_LIMITS] = {"limits", SCHEMA_MAP, .child = schema_limits, .doc = "Bounds."},
	[TOP_DNS] = {"dns", SCHEMA_MAP, .child = schema_dns, .doc = "Domain name servers."},
	[TOP_CONTROL] = {"control", SCHEMA_MAP, .child = schema_control, .doc = "Remote control."},
	[TOP_RECORDS] = {"records", SCHEMA_MAP, .child = schema_records,
		.fallback_doc = "no records", .doc = "Call records."},
	[TOP_CAPTURE] = {"capture", SCHEMA_MAP, .child = schema_capture,
		.fallback_doc = "no capture", .doc = "Capture of the signalling."},
	[TOP_LOG] = {"log", SCHEMA_MAP, .child = schema_log, .doc = "The log."},
	[TOP_CASES] = {"cases", SCHEMA_MAPS, .min = 1, .max = 10000, .child = schema_case,
		.fallback_doc = "none",
		.doc = "Saved cases of the number plan; a file with one that fails is not taken."},
	{0}};
/* clang-format on */

const struct schema_moved schema_moved[] = {
	{schema_span, "t309", "timers: {t309: SECONDS}"},
	{0}};
