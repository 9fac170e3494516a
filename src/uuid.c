/* SPDX-License-Identifier: BSD-2-Clause */
#include "uuid.h"

#include <string.h>
#include <sys/random.h>

#include "util.h"

void uuid_make(char ret_id[UUID_TEXT])
{
	unsigned char byte[16] = { 0 };
	size_t end = 0;

	if (getrandom(byte, sizeof(byte), 0) != sizeof(byte))
		memcpy(byte, &(uint64_t){ clock_ns(CLOCK_REALTIME) }, sizeof(uint64_t));
	byte[6] = (byte[6] & 0x0f) | 0x40;
	byte[8] = (byte[8] & 0x3f) | 0x80;
	for (int i = 0; i < 16; i++) {
		const char *dash = i == 4 || i == 6 || i == 8 || i == 10 ? "-" : "";

		end += (size_t)snprintf(ret_id + end, UUID_TEXT - end, "%s%02x", dash, byte[i]);
	}
}
