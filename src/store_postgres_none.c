/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * For a bosc that is built without libpq: store_open.c says so to whoever asks for a PostgreSQL
 * store.
 */
#include "store_backend.h"

const struct store_ops store_postgres = { 0 };
