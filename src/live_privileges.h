/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The privileges of a run: what its targets need before it begins, and what is left of them once
 * it has.
 */
#ifndef BOSC_LIVE_PRIVILEGES_H
#define BOSC_LIVE_PRIVILEGES_H

#include "live.h"

/* Refuses to begin what would miss tasks without saying so. Loading the sensor fails by itself. */
int live_privileges_check(const struct live *live, struct error *err);

/* Once the sensor is attached and what runs already is taken in: gives up all that is not needed
 * for what may come. */
int live_privileges_give_up(const struct live *live, struct error *err);

#endif
