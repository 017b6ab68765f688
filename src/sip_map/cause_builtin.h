/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The default cause tables as the texts of config/mapping/; embed_causes.py makes them at build
 * time. Private to cause_table.c. */
#ifndef SRC_SIP_MAP_CAUSE_BUILTIN_H
#define SRC_SIP_MAP_CAUSE_BUILTIN_H

extern const char cause_builtin_q850_to_sip[], cause_builtin_sip_to_q850[];

#endif
