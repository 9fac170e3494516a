/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * For a bosc that is built without libpq: store.c says so to who asks for a PostgreSQL store.
 */
#include "store_backend.h"

const struct store_ops store_postgres = { 0 };
