/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The lab: starts exchange, core and SIP peer as processes, places calls through them and checks
 * what came out. `spanbridge lab` is lab_main(); the SIP peer is the hidden `spanbridge sip-peer`,
 * so that the lab needs no program but its own and the two that it tests.
 * Both get argv[0] = the subcommand and return the exit status.
 */
#ifndef GATEWAY_LAB_LAB_H
#define GATEWAY_LAB_LAB_H

int lab_main(int argc, char **argv);
int sip_peer_main(int argc, char **argv);

#endif
