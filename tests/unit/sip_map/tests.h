/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The test functions of this suite, by file. */
#ifndef TESTS_UNIT_SIP_MAP_TESTS_H
#define TESTS_UNIT_SIP_MAP_TESTS_H

#define SIP_CALL_TESTS(X)                                                                          \
	X(call_each_way)                                                                           \
	X(call_each_way_ipv6) X(cancel_while_ringing) X(refused_with_cause)                        \
	    X(early_media_then_answer)

#define DECLARE(name) void test_##name(void **state);
SIP_CALL_TESTS(DECLARE)
#undef DECLARE

#endif
