/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What this machine is called, where profiles and alarms of many are in one store.
 */
#ifndef BOSC_HOST_H
#define BOSC_HOST_H

#define HOST_NAME 65

/* $BOSC_HOST_NAME, for in a container the kernel's name is the container's; else that. Cut off
 * where it does not fit. */
void host_name(char ret_name[HOST_NAME]);

#endif
