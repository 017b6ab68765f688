/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/sip_map/cause_map.h"

#include <stddef.h>

/* q850_to_sip.csv; the rows with a condition are in sip_status_from_cause(). */
static const uint16_t status_of_cause[128] = {
    [1] = 404,	 [2] = 404,   [3] = 404,   [4] = 500,	[5] = 500,   [6] = 500,	  [7] = 500,
    [8] = 500,	 [9] = 500,   [14] = 500,  [16] = 480,	[17] = 486,  [18] = 408,  [19] = 480,
    [20] = 480,	 [21] = 403,  [22] = 410,  [23] = 410,	[24] = 500,  [25] = 500,  [26] = 404,
    [27] = 502,	 [28] = 484,  [29] = 501,  [30] = 500,	[31] = 480,  [34] = 503,  [38] = 503,
    [39] = 500,	 [40] = 500,  [41] = 503,  [42] = 503,	[43] = 500,  [44] = 503,  [46] = 500,
    [47] = 503,	 [49] = 500,  [50] = 500,  [53] = 500,	[55] = 403,  [57] = 403,  [58] = 503,
    [62] = 500,	 [63] = 500,  [65] = 488,  [66] = 500,	[69] = 501,  [70] = 488,  [79] = 501,
    [81] = 500,	 [82] = 500,  [83] = 500,  [84] = 500,	[85] = 500,  [86] = 500,  [87] = 403,
    [88] = 503,	 [90] = 500,  [91] = 500,  [95] = 500,	[96] = 500,  [97] = 500,  [98] = 500,
    [99] = 500,	 [100] = 500, [101] = 500, [102] = 504, [103] = 500, [110] = 500, [111] = 500,
    [127] = 500,
};

enum { STATUS_OTHER = 500 };

/* sip_to_q850.csv; the rows with a condition are in sip_cause_from_status(). */
static const struct {
	uint16_t status;
	uint8_t cause, location;
	const char *phrase;
} cause_of_status[] = {
    {400, 41, CALL_LOC_PRIVATE_REMOTE, "Bad Request"},
    {401, 21, CALL_LOC_PRIVATE_REMOTE, "Unauthorized"},
    {402, 21, CALL_LOC_PRIVATE_REMOTE, "Payment Required"},
    {403, 21, CALL_LOC_PRIVATE_REMOTE, "Forbidden"},
    {404, 1, CALL_LOC_PRIVATE_REMOTE, "Not Found"},
    {405, 63, CALL_LOC_PRIVATE_REMOTE, "Method Not Allowed"},
    {406, 79, CALL_LOC_PRIVATE_REMOTE, "Not Acceptable"},
    {407, 21, CALL_LOC_PRIVATE_REMOTE, "Proxy Authentication Required"},
    {408, 102, CALL_LOC_PRIVATE_REMOTE, "Request Timeout"},
    {409, 31, CALL_LOC_PRIVATE_REMOTE, "Conflict"},
    {410, 22, CALL_LOC_PRIVATE_REMOTE, "Gone"},
    {411, 31, CALL_LOC_PRIVATE_REMOTE, "Length Required"},
    {412, 31, CALL_LOC_PRIVATE_REMOTE, "Conditional Request Failed"},
    {413, 127, CALL_LOC_PRIVATE_REMOTE, "Request Entity Too Large"},
    {414, 127, CALL_LOC_PRIVATE_REMOTE, "Request-URI Too Long"},
    {415, 79, CALL_LOC_PRIVATE_REMOTE, "Unsupported Media Type"},
    {416, 127, CALL_LOC_PRIVATE_REMOTE, "Unsupported URI Scheme"},
    {417, 31, CALL_LOC_PRIVATE_REMOTE, "Unknown Resource-Priority"},
    {420, 127, CALL_LOC_PRIVATE_REMOTE, "Bad Extension"},
    {421, 127, CALL_LOC_PRIVATE_REMOTE, "Extension Required"},
    {422, 31, CALL_LOC_PRIVATE_REMOTE, "Session Interval Too Small"},
    {423, 127, CALL_LOC_PRIVATE_REMOTE, "Interval Too Brief"},
    {428, 31, CALL_LOC_PRIVATE_REMOTE, "Use Identity Header"},
    {429, 31, CALL_LOC_PRIVATE_REMOTE, "Provide Referrer Identity"},
    {433, 31, CALL_LOC_PRIVATE_REMOTE, "Anonymity Disallowed"},
    {436, 31, CALL_LOC_PRIVATE_REMOTE, "Bad Identity Info"},
    {437, 31, CALL_LOC_PRIVATE_REMOTE, "Unsupported Credential"},
    {438, 31, CALL_LOC_PRIVATE_REMOTE, "Invalid Identity Header"},
    {480, 18, CALL_LOC_PRIVATE_REMOTE, "Temporarily Unavailable"},
    {481, 41, CALL_LOC_PRIVATE_REMOTE, "Call/Transaction Does Not Exist"},
    {482, 25, CALL_LOC_PRIVATE_REMOTE, "Loop Detected"},
    {483, 25, CALL_LOC_PRIVATE_REMOTE, "Too Many Hops"},
    {484, 28, CALL_LOC_PRIVATE_REMOTE, "Address Incomplete"},
    {485, 1, CALL_LOC_PRIVATE_REMOTE, "Ambiguous"},
    {486, 17, CALL_LOC_PRIVATE_REMOTE, "Busy Here"},
    {487, 31, CALL_LOC_PRIVATE_REMOTE, "Request Terminated"},
    {488, 31, CALL_LOC_PRIVATE_REMOTE, "Not Acceptable Here"},
    {489, 31, CALL_LOC_PRIVATE_REMOTE, "Bad Event"},
    {491, 31, CALL_LOC_PRIVATE_REMOTE, "Request Pending"},
    {493, 31, CALL_LOC_PRIVATE_REMOTE, "Undecipherable"},
    {494, 31, CALL_LOC_PRIVATE_REMOTE, "Security Agreement Required"},
    {500, 41, CALL_LOC_PRIVATE_REMOTE, "Server Internal Error"},
    {501, 79, CALL_LOC_PRIVATE_REMOTE, "Not Implemented"},
    {502, 38, CALL_LOC_PRIVATE_REMOTE, "Bad Gateway"},
    {503, 41, CALL_LOC_PRIVATE_REMOTE, "Service Unavailable"},
    {504, 102, CALL_LOC_PRIVATE_REMOTE, "Server Time-out"},
    {505, 127, CALL_LOC_PRIVATE_REMOTE, "Version Not Supported"},
    {513, 127, CALL_LOC_PRIVATE_REMOTE, "Message Too Large"},
    {555, 31, CALL_LOC_PRIVATE_REMOTE, "Push Notification Service Not Supported"},
    {580, 31, CALL_LOC_PRIVATE_REMOTE, "Precondition Failure"},
    {600, 17, CALL_LOC_USER, "Busy Everywhere"},
    {603, 21, CALL_LOC_USER, "Decline"},
    {604, 1, CALL_LOC_USER, "Does Not Exist Anywhere"},
    {606, 31, CALL_LOC_USER, "Not Acceptable"},
    {607, 31, CALL_LOC_USER, "Unwanted"},
    {608, 31, CALL_LOC_USER, "Rejected"},
};

/* Those that we send and that end no call, or that the table has no row for. */
static const struct {
	uint16_t status;
	const char *phrase;
} more_phrases[] = {
    {100, "Trying"}, {180, "Ringing"},		 {183, "Session Progress"},
    {200, "OK"},     {301, "Moved Permanently"},
};

unsigned sip_status_from_cause(const struct call_cause *cause, bool number_known)
{
	unsigned status;

	/* Between two SIP legs; what asks for credentials or another target is ours to handle. */
	if (cause->sip_status >= 400 && cause->sip_status <= 699 && cause->sip_status != 401 &&
	    cause->sip_status != 407 && cause->sip_status != 487)
		return cause->sip_status;
	if (cause->value == CAUSE_REJECTED && cause->location == CALL_LOC_USER)
		return 603;
	if (cause->value == 22 && number_known)
		return 301;
	if (cause->value == CAUSE_TIMER_EXPIRY && cause->diagnostic_timer)
		return 480; /* RFC 4497 8.4.5 */
	status = cause->value < 128 ? status_of_cause[cause->value] : 0;
	return status ? status : STATUS_OTHER;
}

struct call_cause sip_cause_from_status(unsigned status, enum sip_cause_hint hint)
{
	struct call_cause c = {.value = CAUSE_NORMAL_UNSPECIFIED,
			       .location = CALL_LOC_PRIVATE_REMOTE,
			       .sip_status = (uint16_t)status};

	if (status >= 300 && status <= 399) {
		c.value = 23; /* redirection, not followed */
		return c;
	}
	for (size_t i = 0; i < sizeof(cause_of_status) / sizeof(cause_of_status[0]); i++) {
		if (cause_of_status[i].status == status) {
			c.value = cause_of_status[i].cause;
			c.location = cause_of_status[i].location;
			break;
		}
	}
	if ((status == 488 || status == 606) && hint == SIP_HINT_WARNING_BEARER)
		c.value = CAUSE_BEARER_NOT_IMPLEMENTED;
	return c;
}

struct call_cause sip_cause_from_request(bool cancel, enum sip_cause_hint hint)
{
	struct call_cause c = {.value = CAUSE_NORMAL, .location = CALL_LOC_PRIVATE_REMOTE};

	if (cancel && hint == SIP_HINT_COMPLETED_ELSEWHERE)
		c.value = 26; /* non-selected user clearing */
	return c;
}

const char *sip_phrase(unsigned status)
{
	for (size_t i = 0; i < sizeof(cause_of_status) / sizeof(cause_of_status[0]); i++)
		if (cause_of_status[i].status == status)
			return cause_of_status[i].phrase;
	for (size_t i = 0; i < sizeof(more_phrases) / sizeof(more_phrases[0]); i++)
		if (more_phrases[i].status == status)
			return more_phrases[i].phrase;
	return "Refused";
}
