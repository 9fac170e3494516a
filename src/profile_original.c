/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The NAME.json of the program that bosc grew from. That program tells 55 calls apart and lumps
 * the rest together as "other", and its bags are counts over a window of time, ten seconds, of
 * any number of calls; a list beside them says how many windows had each bag.
 *
 * Only bags that all hold the same small number of calls, none of them "other", are bags in our
 * sense. Of the others what stays true is kept: which calls there were, and their shares.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>

#include "profile_json_fields.h"
#include "profile_original.h"
#include "syscalls.h"
#include "util.h"

/* A profile without bags can be learnt on with windows of this size, bosc's own. */
#define WINDOW_DEFAULT 8u

const char *const profile_original_names[PROFILE_ORIGINAL_NAMES] = {
	"exit",
	"execve",
	"execveat",
	"mmap",
	"mprotect",
	"clone",
	"fork",
	"vfork",
	"newstat",
	"newfstat",
	"newlstat",
	"mknod",
	"mknodat",
	"dup",
	"dup2",
	"dup3",
	"memfd_create",
	"socket",
	"close",
	"ioctl",
	"access",
	"faccessat",
	"kill",
	"listen",
	"connect",
	"accept",
	"accept4",
	"bind",
	"getsockname",
	"prctl",
	"ptrace",
	"process_vm_writev",
	"process_vm_readv",
	"init_module",
	"finit_module",
	"delete_module",
	"symlink",
	"symlinkat",
	"getdents",
	"getdents64",
	"creat",
	"open",
	"openat",
	"mount",
	"umount2",
	"unlink",
	"unlinkat",
	"setuid",
	"setgid",
	"setreuid",
	"setregid",
	"setresuid",
	"setresgid",
	"setfsuid",
	"setfsgid",
};

struct original {
	const char *path;
	const json_t *bags;
	const json_t *windows; /* how many had each bag */
	uint16_t code[PROFILE_ORIGINAL_NAMES];
	size_t names;
	double window_s;

	uint64_t calls_most; /* in a bag */
	uint64_t calls_least;
	bool lumped; /* there were calls without a name */
	struct error *err;
};

static int read_name(struct original *original, const json_t *json, const char *arch)
{
	json_int_t place = json_is_integer(json) ? json_integer_value(json) : -1;
	int code;

	if (place < 0 || place >= PROFILE_ORIGINAL_NAMES)
		return fail(original->err, -EINVAL,
			    "cannot read profile '%s': 'names_lookup' holds something else than "
			    "places in the original's list of %u calls",
			    original->path, PROFILE_ORIGINAL_NAMES);
	code = syscall_code(arch, profile_original_names[place]);
	if (code < 0) {
		fail(original->err, 0, "cannot read profile '%s': %s has no call '%s'",
		     original->path, arch, profile_original_names[place]);
		return fail_hint(original->err, -EINVAL,
				 "the import on a machine of the kind it was learnt on");
	}
	for (size_t i = 0; i < original->names; i++)
		if (original->code[i] == code)
			return fail(original->err, -EINVAL,
				    "cannot read profile '%s': 'names_lookup' holds '%s' twice",
				    original->path, profile_original_names[place]);
	original->code[original->names++] = (uint16_t)code;
	return 0;
}

static int read_names(struct original *original, const json_t *list, const char *arch)
{
	if (!json_is_array(list) || json_array_size(list) > PROFILE_ORIGINAL_NAMES)
		return fail(
			original->err, -EINVAL,
			"cannot read profile '%s': 'names_lookup' is no list of up to %u places",
			original->path, PROFILE_ORIGINAL_NAMES);
	for (size_t i = 0; i < json_array_size(list); i++) {
		int r = read_name(original, json_array_get(list, i), arch);

		if (r < 0)
			return r;
	}
	return 0;
}

/* A count that cannot be is negative. */
static json_int_t count_at(const json_t *list, size_t place)
{
	const json_t *json = json_array_get(list, place);

	return json_is_integer(json) ? json_integer_value(json) : -1;
}

/* Adds to `*sum`; false: too much, or negative. */
static bool add_product(uint64_t *sum, json_int_t a, json_int_t b)
{
	uint64_t product;

	return a >= 0 && b >= 0 && !__builtin_mul_overflow(a, b, &product) &&
	       !__builtin_add_overflow(*sum, product, sum);
}

/* Takes in what bag number `place` says of the calls. */
static int count_bag(struct original *original, struct profile *profile, size_t place)
{
	const json_t *bag = json_array_get(original->bags, place);
	json_int_t windows = count_at(original->windows, place);
	uint64_t calls = 0;

	if (json_array_size(bag) != original->names + 1)
		return fail(original->err, -EINVAL,
			    "cannot read profile '%s': db_bags[%zu] is no list of %zu counts",
			    original->path, place, original->names + 1);
	for (size_t i = 0; i <= original->names; i++) {
		uint64_t other = 0;
		uint64_t *sum = i < original->names ? &profile->calls[original->code[i]] : &other;

		if (!add_product(&calls, count_at(bag, i), 1) ||
		    !add_product(sum, count_at(bag, i), windows))
			return fail(original->err, -EINVAL,
				    "cannot read profile '%s': db_bags[%zu] or db_freq[%zu] holds "
				    "something else than whole numbers, or too large ones",
				    original->path, place, place);
	}
	if (count_at(bag, original->names) > 0)
		original->lumped = true;
	if (calls > original->calls_most)
		original->calls_most = calls;
	if (calls < original->calls_least)
		original->calls_least = calls;
	return 0;
}

/* Whether the bags are those of a window of calls. */
static bool has_windows(const struct original *original)
{
	return json_array_size(original->bags) > 0 && !original->lumped &&
	       original->calls_most == original->calls_least && original->calls_most >= 1 &&
	       original->calls_most <= WINDOW_MAX;
}

static struct bag make_bag(const struct original *original, const json_t *counts)
{
	struct bag bag = { 0 };
	uint32_t filled = 0;

	for (size_t i = 0; i < original->names; i++) {
		for (json_int_t n = count_at(counts, i); n > 0; n--) {
			uint32_t at = filled++;

			for (; at > 0 && bag.code[at - 1] > original->code[i]; at--)
				bag.code[at] = bag.code[at - 1];
			bag.code[at] = original->code[i];
		}
	}
	return bag;
}

static int add_bags(const struct original *original, struct profile *profile)
{
	struct profile_run *run = &profile->runs[0];

	if (!profile_part(profile))
		return -ENOMEM;
	run->new_bags = json_array_size(original->bags);
	profile->window = (uint32_t)original->calls_most;
	for (size_t i = 0; i < json_array_size(original->bags); i++) {
		struct bag bag = make_bag(original, json_array_get(original->bags, i));
		long place = profile_bag(profile, &bag, 1, NULL);

		if (place < 0)
			return (int)place;
		profile->bags[place].count += (uint64_t)count_at(original->windows, i);
		run->windows += (uint64_t)count_at(original->windows, i);
	}
	return 0;
}

static void say_why(const struct original *original, struct profile *profile)
{
	struct profile_run *run = &profile->runs[0];

	run->state = PROFILE_PARTIAL;
	if (profile->bag_count)
		snprintf(
			run->why, sizeof(run->why),
			"imported from the original's windows of %u calls: it knows no executables "
			"and no thresholds; learn on for those",
			profile->window);
	else
		snprintf(run->why, sizeof(run->why),
			 "imported from the original's time windows of %g s: its bags hold up to "
			 "%" PRIu64 " calls and cannot be judged per call%s; learn again for bags",
			 original->window_s, original->calls_most,
			 original->lumped ? ", and it names only 55 of the calls" : "");
}

static int read_shape(struct original *original, const json_t *root, const char *arch)
{
	const json_t *window = json_object_get(root, "window_size");

	original->bags = json_object_get(root, "db_bags");
	original->windows = json_object_get(root, "db_freq");
	original->window_s = json_number_value(window);
	original->calls_least = UINT64_MAX;
	if (!json_is_array(original->bags) || !json_is_array(original->windows) ||
	    json_array_size(original->bags) != json_array_size(original->windows))
		return fail(original->err, -EINVAL,
			    "cannot read profile '%s': 'db_bags' and 'db_freq' are not two lists "
			    "of one length",
			    original->path);
	if (!(original->window_s > 0))
		return fail(original->err, -EINVAL,
			    "cannot read profile '%s': 'window_size' is no number above 0",
			    original->path);
	return read_names(original, json_object_get(root, "names_lookup"), arch);
}

/* Without a name it is the file's, without its folder and ".json". */
static int name_profile(struct profile *profile, const char *path, const char *name)
{
	const char *slash = strrchr(path, '/');
	const char *from = name ? name : slash ? slash + 1 : path;
	size_t length = strlen(from);

	if (!name && ends_with(from, ".json"))
		length -= 5;
	if (length >= sizeof(profile->name))
		return -ENAMETOOLONG;
	memcpy(profile->name, from, length);
	return 0;
}

/* What the original tells apart it would have counted; any other call may be behind its "other", so
 * each of them counts as seen. */
static void count_others(struct profile *profile)
{
	uint8_t apart[CODE_COUNT] = { 0 };

	for (size_t i = 0; i < PROFILE_ORIGINAL_NAMES; i++) {
		int code = syscall_code(profile->arch, profile_original_names[i]);

		if (code > 0)
			apart[code] = 1;
	}
	for (uint32_t nr = 0; nr < CALL_NR_MAX; nr++) {
		uint32_t code = code_of(ABI_NATIVE, nr);
		char name[SYSCALL_NAME];

		syscall_name(profile->arch, code, name);
		if (!apart[code] && strncmp(name, "call_", strlen("call_")) != 0)
			profile->calls[code]++;
	}
}

static int fill(struct original *original, struct profile *profile)
{
	struct profile_run *run = profile_run(profile);

	if (!run)
		return fail(original->err, -ENOMEM, "cannot read profile '%s': %s", original->path,
			    strerror(ENOMEM));
	strcpy(run->source, RUN_IMPORT);
	for (size_t i = 0; i < json_array_size(original->bags); i++) {
		int r = count_bag(original, profile, i);

		if (r < 0)
			return r;
	}
	if (has_windows(original) && add_bags(original, profile) < 0)
		return fail(original->err, -ENOMEM, "cannot read profile '%s': %s", original->path,
			    strerror(ENOMEM));
	if (original->lumped)
		count_others(profile);
	say_why(original, profile);
	return 0;
}

/* The file does not say of what machine its calls are, so they are taken to be this one's. */
int profile_original_read(const char *path, const char *name, const json_t *root,
			  struct profile **ret_profile, struct error *err)
{
	_cleanup_profile_ struct profile *profile = profile_new("", WINDOW_DEFAULT);
	struct original original = { .path = path, .err = err };
	struct utsname machine;
	int r;

	if (!profile)
		return fail(err, -ENOMEM, "cannot read profile '%s': %s", path, strerror(ENOMEM));
	uname(&machine);
	snprintf(profile->arch, sizeof(profile->arch), "%.15s", machine.machine);
	if (name_profile(profile, path, name) < 0)
		return fail(err, -ENAMETOOLONG, "cannot read profile '%s': its name is too long",
			    path);
	r = read_shape(&original, root, profile->arch);
	if (r == 0)
		r = fill(&original, profile);
	if (r < 0)
		return r;
	*ret_profile = profile;
	profile = NULL;
	return 0;
}
