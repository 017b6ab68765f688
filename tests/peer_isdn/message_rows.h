/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What drives the rows of message_table.tsv, by name: message_NAME(span), between bed_begin() and
 * bed_end(). Calls from ISDN in message_from_isdn.c, calls to ISDN in message_to_isdn.c. */
#ifndef TESTS_PEER_ISDN_MESSAGE_ROWS_H
#define TESTS_PEER_ISDN_MESSAGE_ROWS_H

#define MESSAGE_ROWS                                                                               \
	MESSAGE_ROW(setup)                                                                         \
	MESSAGE_ROW(setup_no_route)                                                                \
	MESSAGE_ROW(progress_181)                                                                  \
	MESSAGE_ROW(progress_182)                                                                  \
	MESSAGE_ROW(progress_183_no_sdp)                                                           \
	MESSAGE_ROW(alerting_180)                                                                  \
	MESSAGE_ROW(alerting_180_early_rtp)                                                        \
	MESSAGE_ROW(alerting_after_183)                                                            \
	MESSAGE_ROW(alerting_after_183_silent)                                                     \
	MESSAGE_ROW(progress_183_sdp)                                                              \
	MESSAGE_ROW(connect_user_t313)                                                             \
	MESSAGE_ROW(connect_network)                                                               \
	MESSAGE_ROW(disconnect_cancel)                                                             \
	MESSAGE_ROW(disconnect_bye)                                                                \
	MESSAGE_ROW(release_cancel)                                                                \
	MESSAGE_ROW(release_bye)                                                                   \
	MESSAGE_ROW(release_complete_bye)                                                          \
	MESSAGE_ROW(disconnect_final)                                                              \
	MESSAGE_ROW(disconnect_tone)                                                               \
	MESSAGE_ROW(disconnect_from_bye)                                                           \
	MESSAGE_ROW(disconnect_from_cancel)                                                        \
	MESSAGE_ROW(invite)                                                                        \
	MESSAGE_ROW(proceeding)                                                                    \
	MESSAGE_ROW(proceeding_pi1)                                                                \
	MESSAGE_ROW(proceeding_pi8)                                                                \
	MESSAGE_ROW(progress)                                                                      \
	MESSAGE_ROW(progress_cause)                                                                \
	MESSAGE_ROW(alerting)                                                                      \
	MESSAGE_ROW(alerting_pi1)                                                                  \
	MESSAGE_ROW(alerting_pi8)                                                                  \
	MESSAGE_ROW(progress_pi1)                                                                  \
	MESSAGE_ROW(progress_pi8)                                                                  \
	MESSAGE_ROW(connect)                                                                       \
	MESSAGE_ROW(connect_same_sdp)                                                              \
	MESSAGE_ROW(disconnect_pi8_release)                                                        \
	MESSAGE_ROW(disconnect_pi8_after_183)                                                      \
	MESSAGE_ROW(disconnect_pi8_cancel)                                                         \
	MESSAGE_ROW(disconnect_pi8_guard)                                                          \
	MESSAGE_ROW(disconnect_pi8_answered)

#define MESSAGE_ROW(name) void message_##name(unsigned span);
MESSAGE_ROWS
#undef MESSAGE_ROW

#endif
