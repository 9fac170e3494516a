/* SPDX-License-Identifier: BSD-2-Clause */
#include "profile_folded.h"

#include <stddef.h>

struct profile *profile_folded(const struct profile *profile, const uint16_t *fold)
{
	struct profile *folded = profile_new("", profile->window);

	for (size_t i = 0; folded && i < profile->bag_count; i++) {
		struct bag bag = bag_fold(&profile->bags[i].bag, profile->window, fold);
		long at = profile_bag(folded, &bag, 0, NULL);

		if (at < 0) {
			profile_free(folded);
			return NULL;
		}
		folded->bags[at].count += profile->bags[i].count;
	}
	return folded;
}
