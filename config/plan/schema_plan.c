/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The keys of the number plan, further to those of schema_table.c. */
#include "config/schema.h"

/* clang-format off */
static const char *const tons[] = {"unknown", "international", "national", "network", "subscriber",
				   "abbreviated", NULL};
static const char *const set_tons[] = {"unknown", "international", "national", "network", "subscriber",
				       "abbreviated", "same", NULL};
static const char *const npis[] = {"unknown", "e164", "private", NULL};
static const char *const presentations[] = {"allowed", "restricted", "not-available", NULL};
static const char *const screenings[] = {"user", "user-passed", "user-failed", "network", NULL};
static const char *const bearers[] = {"speech", "audio", "unrestricted", "restricted", "video", NULL};
static const char *const holidays[] = {"any", "only", "never", NULL};
static const char *const stages[] = {"in", "out", "answer", NULL};
static const char *const orders[] = {"longest", "listed", NULL};        /* enum plan_order */
static const char *const lookups[] = {"enum", "http", NULL};            /* enum plan_lookup_kind */
static const char *const routings[] = {"beside", "called", NULL};
static const char *const failures[] = {"continue", "next", NULL};       /* enum plan_fallback */
static const char *const bares[] = {"dialled", "national", "international", NULL}; /* enum e164_bare */
static const char *const forms[] = {"international", "national", "subscriber", "dialled",
				    "dialled-local", "bare", "bare-national", NULL}; /* enum e164_form */

static const struct schema_key ton_item[] = {{"ton", SCHEMA_WORD, .words = tons}};
static const struct schema_key npi_item[] = {{"npi", SCHEMA_WORD, .words = npis}};
static const struct schema_key presentation_item[] = {{"presentation", SCHEMA_WORD,
	.words = presentations}};
static const struct schema_key bearer_item[] = {{"bearer", SCHEMA_WORD, .words = bearers}};
static const struct schema_key text_item[] = {{"text", SCHEMA_TEXT, .max = 40}};
const struct schema_key schema_endpoint_item[] = {{"from", SCHEMA_ENDPOINT, .min = 0}};
const struct schema_key schema_cause_item[] = {{"cause", SCHEMA_INT, .min = 1, .max = 127}};

const struct schema_key schema_match_number[] = {
	[MATCH_PREFIX] = {"prefix", SCHEMA_NUMBER, .max = CALL_DIGITS_MAX, .fallback_doc = "any number",
		.doc = "First digits; + in front: an E.164 number. One of prefix, pattern, range, regex, list."},
	[MATCH_PATTERN] = {"pattern", SCHEMA_TEXT, .max = 200,
		.doc = "The whole number: X 0-9, Z 1-9, N 2-9, [1-5] a set, at the end . one or more "
		       "digits, ! none or more."},
	[MATCH_RANGE] = {"range", SCHEMA_TEXT, .max = 2 * CALL_DIGITS_MAX + 3,
		.doc = "FIRST-LAST, equally long: a block of numbers."},
	[MATCH_REGEX] = {"regex", SCHEMA_TEXT, .max = 500,
		.doc = "A regular expression (PCRE2); E.164 numbers begin with + for it."},
	[MATCH_LIST] = {"list", SCHEMA_NAME, .min = 1, .max = CALL_NAME_MAX,
		.doc = "One of numbers.lists: its longest entry that the number begins with."},
	[MATCH_TON] = {"ton", SCHEMA_ITEMS, .max = 6, .child = ton_item, .fallback_doc = "any",
		.doc = "Type of number. In the plan international means E.164."},
	[MATCH_NPI] = {"npi", SCHEMA_ITEMS, .max = 3, .child = npi_item, .fallback_doc = "any",
		.doc = "Numbering plan."},
	[MATCH_PRESENTATION] = {"presentation", SCHEMA_ITEMS, .max = 3, .child = presentation_item,
		.fallback_doc = "any", .doc = "May the number be shown?"},
	[MATCH_ABSENT] = {"absent", SCHEMA_BOOL, .fallback = "false", .doc = "There is no such number."},
	{0}};

const struct schema_key schema_match[] = {
	[OF_CALLED] = {"called", SCHEMA_MAP, .child = schema_match_number, .doc = "Who is called."},
	[OF_CALLING] = {"calling", SCHEMA_MAP, .child = schema_match_number, .doc = "Who calls."},
	[OF_REDIRECTING] = {"redirecting", SCHEMA_MAP, .child = schema_match_number,
		.doc = "Who sent the call on."},
	[OF_CONNECTED] = {"connected", SCHEMA_MAP, .child = schema_match_number,
		.doc = "Who answered; in rewrites of stage answer only."},
	[OF_NAME] = {"name", SCHEMA_TEXT, .max = 500,
		.doc = "The calling name, as a regular expression (PCRE2)."},
	[OF_BEARER] = {"bearer", SCHEMA_ITEMS, .max = 5, .child = bearer_item, .fallback_doc = "any",
		.doc = "What the call carries (Q.931 4.5.5)."},
	{0}};

const struct schema_key schema_set_number[] = {
	[SET_STRIP] = {"strip", SCHEMA_INT, .min = 0, .max = CALL_DIGITS_MAX, .fallback = "0",
		.doc = "Digits to take off the front."},
	[SET_PREPEND] = {"prepend", SCHEMA_NUMBER, .max = CALL_DIGITS_MAX, .fallback_doc = "none",
		.doc = "Digits to put in front, after strip; + makes it E.164."},
	[SET_NUMBER] = {"number", SCHEMA_TEXT, .max = 60, .fallback_doc = "the number as it is",
		.doc = "The whole new number; $1…$9 are groups of the regex that matched it."},
	[SET_TON] = {"ton", SCHEMA_WORD, .words = set_tons, .fallback_doc = "as it is; of a new number unknown",
		.doc = "Type of number."},
	[SET_NPI] = {"npi", SCHEMA_WORD, .words = npis, .fallback_doc = "as it is",
		.doc = "Numbering plan."},
	[SET_PRESENTATION] = {"presentation", SCHEMA_WORD, .words = presentations,
		.fallback_doc = "as it is", .doc = "May the number be shown?"},
	[SET_SCREENING] = {"screening", SCHEMA_WORD, .words = screenings, .fallback_doc = "as it is",
		.doc = "Who vouches for it (Q.931 table 4-11)."},
	[SET_REMOVE] = {"remove", SCHEMA_BOOL, .fallback = "false", .doc = "No such number is sent."},
	{0}};

const struct schema_key schema_set[] = {
	[OF_CALLED] = {"called", SCHEMA_MAP, .child = schema_set_number, .doc = "Who is called."},
	[OF_CALLING] = {"calling", SCHEMA_MAP, .child = schema_set_number, .doc = "Who calls."},
	[OF_REDIRECTING] = {"redirecting", SCHEMA_MAP, .child = schema_set_number,
		.doc = "Who sent the call on."},
	[OF_CONNECTED] = {"connected", SCHEMA_MAP, .child = schema_set_number,
		.doc = "Who answered; in rewrites of stage answer only."},
	[OF_NAME] = {"name", SCHEMA_TEXT, .max = CALL_NAME_MAX, .fallback_doc = "as it is",
		.doc = "The calling name."},
	[OF_BEARER] = {"bearer", SCHEMA_WORD, .words = bearers, .fallback_doc = "as it is",
		.doc = "What the call carries (Q.931 4.5.5)."},
	{0}};

const struct schema_key schema_when[] = {
	[WHEN_DAYS] = {"days", SCHEMA_ITEMS, .max = 7, .child = text_item, .fallback_doc = "all",
		.doc = "Days of the week: mon-fri, or [mon, wed, fri]."},
	[WHEN_TIME] = {"time", SCHEMA_ITEMS, .max = 4, .child = text_item, .fallback_doc = "all day",
		.doc = "Hours, \"08:00-18:00\"; over midnight \"22:00-06:00\" counts for the day it begins."},
	[WHEN_DATES] = {"dates", SCHEMA_ITEMS, .max = 8, .child = text_item, .fallback_doc = "all",
		.doc = "Dates, 2026-12-24 or 2026-12-24..2026-12-26."},
	[WHEN_HOLIDAYS] = {"holidays", SCHEMA_WORD, .words = holidays, .fallback = "any",
		.doc = "only or never on numbers.holidays."},
	[WHEN_TIMEZONE] = {"timezone", SCHEMA_TEXT, .max = 60, .fallback_doc = "numbers.timezone",
		.doc = "Time zone of the hours, as Asia/Shanghai."},
	{0}};

const struct schema_key schema_limit[] = {
	[LIMIT_CALLS] = {"calls", SCHEMA_INT, .min = 1, .max = 100000, .fallback_doc = "no limit",
		.doc = "Calls at once."},
	[LIMIT_SECOND] = {"per_second", SCHEMA_INT, .min = 1, .max = 100000, .fallback_doc = "no limit",
		.doc = "Calls begun in one second."},
	[LIMIT_MINUTE] = {"per_minute", SCHEMA_INT, .min = 1, .max = 1000000, .fallback_doc = "no limit",
		.doc = "Calls begun in one minute."},
	[LIMIT_CAUSE] = {"cause", SCHEMA_INT, .min = 1, .max = 127, .fallback_doc = "the next rule or target",
		.doc = "Refuses what is more with this cause (Q.850)."},
	{0}};

const struct schema_key schema_target[] = {
	[TO_TO] = {"to", SCHEMA_ENDPOINT, .required = true, .min = 1, .doc = "Where the call goes."},
	[TO_PRIORITY] = {"priority", SCHEMA_INT, .min = 0, .max = 65535, .fallback = "0",
		.doc = "Lower ones first."},
	[TO_WEIGHT] = {"weight", SCHEMA_INT, .min = 0, .max = 65535, .fallback = "1",
		.doc = "Share of the calls among targets of equal priority and cost."},
	[TO_COST] = {"cost", SCHEMA_TEXT, .max = 12, .fallback_doc = "0",
		.doc = "Among equal priority the cheaper first; a number such as 0.05."},
	[TO_LIMIT] = {"limit", SCHEMA_MAP, .child = schema_limit, .fallback_doc = "none",
		.doc = "How much this target takes; then the next one."},
	[TO_SET] = {"set", SCHEMA_MAP, .child = schema_set,
		.doc = "What changes towards this target, after the rule's own set."},
	{0}};

const struct schema_key schema_rewrite[] = {
	[REWRITE_NAME] = {"name", SCHEMA_NAME, .required = true, .min = 1, .max = CALL_NAME_MAX,
		.doc = "The rewrite's name."},
	[REWRITE_STAGE] = {"stage", SCHEMA_WORD, .words = stages, .fallback = "in",
		.doc = "in: before routing; out: towards a target; answer: the connected number on its "
		       "way back."},
	[REWRITE_FROM] = {"from", SCHEMA_ITEMS, .max = 64, .child = schema_endpoint_item,
		.fallback_doc = "any", .doc = "Where the call comes from (answer: who answered)."},
	[REWRITE_TO] = {"to", SCHEMA_ITEMS, .max = 64, .child = schema_endpoint_item,
		.fallback_doc = "any",
		.doc = "Stage out: towards which targets; answer: towards which callers."},
	[REWRITE_GROUP] = {"group", SCHEMA_NAME, .min = 1, .max = CALL_NAME_MAX, .fallback_doc = "none",
		.doc = "Of rewrites that follow each other with the same group only the first that fits is "
		       "used."},
	[REWRITE_MATCH] = {"match", SCHEMA_MAP, .child = schema_match, .doc = "As in a rule."},
	[REWRITE_WHEN] = {"when", SCHEMA_MAP, .child = schema_when, .doc = "As in a rule."},
	[REWRITE_SET] = {"set", SCHEMA_MAP, .child = schema_set, .required = true, .doc = "What changes."},
	{0}};

const struct schema_key schema_list[] = {
	[LIST_NAME] = {"name", SCHEMA_NAME, .required = true, .min = 1, .max = CALL_NAME_MAX,
		.doc = "The list's name in rules."},
	[LIST_FILE] = {"file", SCHEMA_PATH, .required = true, .max = 255,
		.doc = "CSV file, relative to the configuration's folder; the first line names the columns."},
	{0}};

const struct schema_key schema_lookup[] = {
	[LOOKUP_NAME] = {"name", SCHEMA_NAME, .required = true, .min = 1, .max = CALL_NAME_MAX,
		.doc = "The look-up's name in rules."},
	[LOOKUP_TYPE] = {"type", SCHEMA_WORD, .required = true, .words = lookups,
		.doc = "http: spanbridge-lookup asks; enum: the gateway asks DNS (RFC 6116; servers: dns)."},
	[LOOKUP_SUFFIX] = {"suffix", SCHEMA_HOSTNAME, .fallback = "e164.arpa",
		.doc = "enum: the domain below which numbers stand."},
	[LOOKUP_SERVICE] = {"service", SCHEMA_NAME, .min = 1, .max = CALL_NAME_MAX,
		.fallback_doc = "the look-up's name", .doc = "http: name of the service that answers."},
	[LOOKUP_TIMEOUT] = {"timeout_ms", SCHEMA_INT, .min = 10, .max = 10000, .fallback = "300",
		.doc = "Milliseconds to wait; then it has failed."},
	[LOOKUP_FAILED] = {"failed", SCHEMA_WORD, .words = failures, .fallback = "continue",
		.doc = "continue: the rule's targets with the number as it is; next: the next rule."},
	[LOOKUP_CAUSE] = {"cause", SCHEMA_INT, .min = 1, .max = 127, .fallback_doc = "none",
		.doc = "No answer in time refuses the call with this cause instead."},
	[LOOKUP_ROUTING] = {"routing_number", SCHEMA_WORD, .words = routings, .fallback = "beside",
		.doc = "enum: what becomes of a ported number's routing number (RFC 4694). beside: INVITEs "
		       "carry it (;npdi;rn=), a SETUP cannot; called: it becomes the called number."},
	{0}};

const struct schema_key schema_numbers[] = {
	[NUMBERS_ORDER] = {"order", SCHEMA_WORD, .words = orders, .fallback = "longest",
		.doc = "Which rule decides: the longest match, or the first of the list that fits."},
	[NUMBERS_TIMEZONE] = {"timezone", SCHEMA_TEXT, .max = 60, .fallback_doc = "UTC",
		.doc = "Time zone of all hours and dates, as Europe/Berlin."},
	[NUMBERS_HOLIDAYS] = {"holidays", SCHEMA_ITEMS, .max = 366, .child = text_item,
		.fallback_doc = "none", .doc = "Dates, 2026-10-01 or 2026-10-01..2026-10-07."},
	[NUMBERS_REROUTE] = {"reroute", SCHEMA_ITEMS, .max = 127, .child = schema_cause_item,
		.fallback_doc = "34, 38, 41, 42, 44, 47",
		.doc = "Causes (Q.850) of a target that failed which open the next target."},
	[NUMBERS_LISTS] = {"lists", SCHEMA_MAPS, .min = 1, .max = 1000, .child = schema_list,
		.doc = "Lists of numbers, a million entries and more."},
	[NUMBERS_LOOKUPS] = {"lookups", SCHEMA_MAPS, .min = 1, .max = 100, .child = schema_lookup,
		.doc = "Whom rules may ask."},
	[NUMBERS_REWRITES] = {"rewrites", SCHEMA_MAPS, .min = 1, .max = 10000, .child = schema_rewrite,
		.doc = "Change numbers before or after routing; every one that fits, in order (see group)."},
	{0}};

const struct schema_key schema_edge[] = {
	[EDGE_PROFILE] = {"profile", SCHEMA_TEXT, .required = true, .max = 255,
		.doc = "The country's numbering plan, as cn or de (`spanbridge plan profile` lists "
		       "them), or a file of your own, as pl.yaml, beside the configuration."},
	[EDGE_AREA] = {"area", SCHEMA_DIGITS, .max = 7, .fallback_doc = "none",
		.doc = "Own area code without national prefix."},
	[EDGE_CARRIER] = {"carrier", SCHEMA_DIGITS, .max = 7, .fallback_doc = "none",
		.doc = "Carrier selected when numbers are sent as dialled."},
	[EDGE_BARE] = {"bare", SCHEMA_WORD, .words = bares, .fallback = "dialled",
		.doc = "What numbers without any prefix are: as a subscriber dials them, national, or "
		       "E.164 without its +."},
	[EDGE_SEND] = {"send", SCHEMA_WORD, .words = forms, .fallback = "international",
		.doc = "Form in which numbers are sent there."},
	[EDGE_SEND_CALLING] = {"send_calling", SCHEMA_WORD, .words = forms, .fallback_doc = "as send",
		.doc = "Form of calling, redirecting and connected numbers."},
	{0}};
/* clang-format on */
