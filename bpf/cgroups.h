/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The table of the targets' cgroups. The sensor writes here what is made within a target, user
 * space what it finds, both at any time. So an entry is one word: it is there whole or not at all,
 * and who takes a place takes it from whoever saw it free, too.
 */
#ifndef BOSC_BPF_CGROUPS_H
#define BOSC_BPF_CGROUPS_H

#include <stdint.h>

/* A set is a cache line. */
#define CGROUP_WAYS 8u
#define CGROUP_SETS 2048u

/*
 * An entry is the cgroup's key << 11 | whether it is a root << 10 | its target. The key is the
 * cgroup's id << 1, plus 1 in a v1 hierarchy. The kernel counts ids up in their lower 31 bits, and
 * how often it began anew above those: that the highest are cut off is never seen.
 *
 * A root is a cgroup that is its target's by itself, not by what it is made in. No other target,
 * within which it may lie, takes it.
 */
#define CGROUP_TARGET_BITS 10
#define CGROUP_ROOT	   (1u << CGROUP_TARGET_BITS)
#define CGROUP_KEY_SHIFT   (CGROUP_TARGET_BITS + 1)

struct cgroup_set {
	uint64_t entry[CGROUP_WAYS]; /* 0: free */
};

/* Cgroups are made by the dozen, with as many files each: their ids may be any step apart. */
static inline uint32_t cgroup_set_index(uint64_t key)
{
	return (key * 0x9e3779b97f4a7c15ull) >> 53;
}

/* `owner`: the target, and CGROUP_ROOT. */
static inline uint64_t cgroup_entry(uint64_t key, uint32_t owner)
{
	return key << CGROUP_KEY_SHIFT | owner;
}

/* Whether the entry is that of this key. */
static inline int cgroup_entry_is(uint64_t entry, uint64_t key)
{
	return (entry ^ key << CGROUP_KEY_SHIFT) >> CGROUP_KEY_SHIFT == 0;
}

/* The target of a cgroup, and CGROUP_ROOT; 0: it has none. */
static inline uint32_t cgroups_owner(const struct cgroup_set *sets, uint64_t key)
{
	const struct cgroup_set *set = &sets[cgroup_set_index(key)];

	for (uint32_t i = 0; i < CGROUP_WAYS; i++) {
		uint64_t entry = *(const volatile uint64_t *)&set->entry[i];

		if (cgroup_entry_is(entry, key))
			return entry & ((1u << CGROUP_KEY_SHIFT) - 1);
	}
	return 0;
}

static inline uint32_t cgroups_find(const struct cgroup_set *sets, uint64_t key)
{
	return cgroups_owner(sets, key) & ~CGROUP_ROOT;
}

/* Puts a cgroup in, or gives it another owner. 0: there is no room. */
static inline int cgroups_put(struct cgroup_set *sets, uint64_t key, uint32_t owner)
{
	struct cgroup_set *set = &sets[cgroup_set_index(key)];
	uint64_t wanted = cgroup_entry(key, owner);

	for (uint32_t i = 0; i < CGROUP_WAYS; i++) {
		uint64_t entry = *(volatile uint64_t *)&set->entry[i];

		if (cgroup_entry_is(entry, key) &&
		    __sync_val_compare_and_swap(&set->entry[i], entry, wanted) == entry)
			return 1;
	}
	for (uint32_t i = 0; i < CGROUP_WAYS; i++)
		if (__sync_val_compare_and_swap(&set->entry[i], 0, wanted) == 0)
			return 1;
	return 0;
}

static inline void cgroups_remove(struct cgroup_set *sets, uint64_t key)
{
	struct cgroup_set *set = &sets[cgroup_set_index(key)];

	for (uint32_t i = 0; i < CGROUP_WAYS; i++) {
		uint64_t entry = *(volatile uint64_t *)&set->entry[i];

		if (cgroup_entry_is(entry, key))
			__sync_val_compare_and_swap(&set->entry[i], entry, 0);
	}
}

#endif
