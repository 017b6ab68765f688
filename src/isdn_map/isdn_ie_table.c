/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/isdn_map/isdn_ie_words.h"

enum { SINGLE = 0x80 };

/* Q.931 table 4-3, Q.932, Q.95x; codeset 4 of QSIG (ISO/IEC), 5 national, 6 network specific (NI2
 * and others), 7 for the user. */
/* clang-format off */
static const struct isdn_ie_info table[] = {
	{0, 0x00, "Segmented message", NULL, isdn_ie_segmented},
	{0, 0x01, "Change status", NULL, isdn_ie_change_status},
	{0, 0x04, "Bearer capability", "Bearer", isdn_ie_bearer},
	{0, 0x08, "Cause", NULL, isdn_ie_cause},
	{0, 0x0c, "Connected address", NULL, isdn_ie_number},
	{0, 0x0d, "Extended facility", NULL, isdn_ie_facility},
	{0, 0x10, "Call identity", NULL, NULL},
	{0, 0x14, "Call state", NULL, isdn_ie_call_state},
	{0, 0x18, "Channel identification", "Channel", isdn_ie_channel},
	{0, 0x1c, "Facility", NULL, isdn_ie_facility},
	{0, 0x1e, "Progress indicator", "Progress", isdn_ie_progress},
	{0, 0x20, "Network-specific facilities", "NSF", isdn_ie_network_facilities},
	{0, 0x24, "Terminal capabilities", NULL, NULL},
	{0, 0x26, "Endpoint identifier", NULL, NULL},
	{0, 0x27, "Notification indicator", "Notification", isdn_ie_notification},
	{0, 0x28, "Display", NULL, isdn_ie_display},
	{0, 0x29, "Date/time", NULL, isdn_ie_date_time},
	{0, 0x2c, "Keypad facility", "Keypad", isdn_ie_text},
	{0, 0x2d, "Call status", NULL, NULL},
	{0, 0x31, "Update", NULL, NULL},
	{0, 0x32, "Information request", NULL, NULL},
	{0, 0x34, "Signal", NULL, isdn_ie_signal},
	{0, 0x36, "Switchhook", NULL, NULL},
	{0, 0x38, "Feature activation", NULL, isdn_ie_decimal},
	{0, 0x39, "Feature indication", NULL, NULL},
	{0, 0x3a, "Service profile identification", "SPID", isdn_ie_text},
	{0, 0x3b, "Endpoint identifier", NULL, NULL},
	{0, 0x40, "Information rate", NULL, NULL},
	{0, 0x41, "Precedence level", NULL, NULL},
	{0, 0x42, "End-to-end transit delay", NULL, NULL},
	{0, 0x43, "Transit delay selection", NULL, NULL},
	{0, 0x44, "Packet layer binary parameters", NULL, NULL},
	{0, 0x45, "Packet layer window size", NULL, NULL},
	{0, 0x46, "Packet size", NULL, NULL},
	{0, 0x47, "Closed user group", NULL, NULL},
	{0, 0x4a, "Reverse charging indication", NULL, isdn_ie_decimal},
	{0, 0x4c, "Connected number", "Connected", isdn_ie_number},
	{0, 0x4d, "Connected subaddress", NULL, isdn_ie_subaddress},
	{0, 0x6c, "Calling party number", "Calling", isdn_ie_number},
	{0, 0x6d, "Calling party subaddress", NULL, isdn_ie_subaddress},
	{0, 0x70, "Called party number", "Called", isdn_ie_number},
	{0, 0x71, "Called party subaddress", NULL, isdn_ie_subaddress},
	{0, 0x73, "Original called number", NULL, isdn_ie_number},
	{0, 0x74, "Redirecting number", "Redirecting", isdn_ie_number},
	{0, 0x75, "Redirecting subaddress", NULL, isdn_ie_subaddress},
	{0, 0x76, "Redirection number", "Redirection", isdn_ie_number},
	{0, 0x77, "Redirection subaddress", NULL, isdn_ie_subaddress},
	{0, 0x78, "Transit network selection", "Transit network", isdn_ie_transit_network},
	{0, 0x79, "Restart indicator", "Restart", isdn_ie_restart},
	{0, 0x7a, "User-user facility", NULL, NULL},
	{0, 0x7c, "Low layer compatibility", "LLC", isdn_ie_llc},
	{0, 0x7d, "High layer compatibility", "HLC", isdn_ie_hlc},
	{0, 0x7e, "User-user", NULL, isdn_ie_user_user},
	{0, 0x7f, "Escape for extension", NULL, NULL},
	{0, 0xa0, "More data", NULL, NULL},
	{0, 0xa1, "Sending complete", NULL, NULL},
	{0, 0xb0, "Congestion level", NULL, NULL},
	{0, 0xd0, "Repeat indicator", NULL, NULL},
	{4, 0x31, "Transit counter", NULL, isdn_ie_decimal},
	{4, 0x32, "Party category", NULL, isdn_ie_decimal},
	{5, 0x1a, "Charging advice", NULL, NULL},
	{5, 0x1d, "Operator system access", NULL, NULL},
	{5, 0x2a, "Display text", NULL, isdn_ie_display},
	{5, 0x32, "Calling party category", NULL, isdn_ie_decimal},
	{6, 0x01, "Originating line information", NULL, isdn_ie_decimal},
	{6, 0x1a, "Charging advice", NULL, NULL},
	{6, 0x1d, "User capability", NULL, NULL},
	{6, 0x2a, "Display text", NULL, isdn_ie_display},
	{6, 0x37, "Generic digits", NULL, NULL},
	{6, 0x74, "Redirecting number", "Redirecting", isdn_ie_number},
	{6, 0x75, "Redirecting subaddress", NULL, isdn_ie_subaddress},
	{6, 0x76, "Redirection number", "Redirection", isdn_ie_number},
	{6, 0x7b, "Call appearance", NULL, NULL},
};
/* clang-format on */

size_t isdn_ie_count(void)
{
	return sizeof(table) / sizeof(*table);
}

const struct isdn_ie_info *isdn_ie_row(size_t i)
{
	return &table[i];
}

/* Single-octet elements are type 1 with four bits of value, or type 2 (0xa_) without. */
static bool matches(const struct isdn_ie_info *row, const struct isdn_ie *ie)
{
	if (row->codeset != ie->codeset)
		return false;
	if (!(row->id & SINGLE) || (row->id & 0xf0) == 0xa0)
		return row->id == ie->id;
	return row->id == (ie->id & 0xf0);
}

const struct isdn_ie_info *isdn_ie_find(const struct isdn_ie *ie)
{
	for (size_t i = 0; i < isdn_ie_count(); i++)
		if (matches(&table[i], ie))
			return &table[i];
	return NULL;
}
