/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * bosc profile accept: what alarms show is benign, says whoever accepts it. Each time makes a run
 * of its own, with the author and the reason, so that it can be withdrawn as a whole.
 *
 * An alarm names a call, an executable or a signal, and the calls before it: the windows among
 * these are learnt. What counts oddities over a whole thread (surprise, thread) or an epoch cannot
 * be taught by an example.
 */
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "../core/numbers.h"
#include "../core/merge.h"
#include "cmd_profile.h"
#include "lesson.h"
#include "profile_json_fields.h"
#include "progress.h"
#include "sink.h"
#include "syscalls.h"
#include "util.h"

/* Twice, so that it is no behaviour that was seen only once (profile_unseen()). */
#define ACCEPTED_COUNT 2

struct acceptance {
	struct profile *profile;
	struct profile_run *run;
	const char *path;
	size_t line;
	size_t taken, others, unteachable; /* alarms */
	struct error *err;
};

static int bad_line(const struct acceptance *acceptance, const char *what)
{
	return fail(acceptance->err, -EINVAL, "cannot accept '%s': line %zu: %s", acceptance->path,
		    acceptance->line, what);
}

static int no_memory(const struct acceptance *acceptance)
{
	return fail(acceptance->err, -ENOMEM, "cannot accept '%s': %s", acceptance->path,
		    strerror(ENOMEM));
}

/* The bag of the window that ends with the `end`th call; before the first one the thread began. */
static struct bag bag_of_calls(const uint16_t *codes, size_t end, uint32_t size)
{
	struct bag bag = { 0 };

	for (uint32_t i = 0; i < size && i < end; i++) {
		uint32_t at = size - 1 - i;

		for (; at + 1 < size && bag.code[at + 1] < codes[end - 1 - i]; at++)
			bag.code[at] = bag.code[at + 1];
		bag.code[at] = codes[end - 1 - i];
	}
	return bag;
}

static int learn_bag(struct acceptance *acceptance, const struct bag *bag)
{
	struct profile *profile = acceptance->profile;
	int is_new = 0;
	long at = profile_bag(profile, bag, 0, &is_new);

	if (at < 0)
		return no_memory(acceptance);
	profile->bags[at].count += ACCEPTED_COUNT;
	profile->bags[at].last_run = (uint32_t)profile->run_count - 1;
	acceptance->run->windows += ACCEPTED_COUNT;
	acceptance->run->new_bags += (uint64_t)is_new;
	return 0;
}

/* All windows among the alarm's last calls. Where these are fewer than are kept, the thread began
 * with the first of them. */
static int learn_calls(struct acceptance *acceptance, const json_t *alarm)
{
	const json_t *recent = json_object_get(alarm, "recent");
	struct profile *profile = acceptance->profile;
	size_t count = json_array_size(recent);
	size_t first = count < WINDOW_MAX ? 1 : profile->window;
	uint16_t codes[WINDOW_MAX];

	if (count < 1 || count > WINDOW_MAX)
		return bad_line(acceptance, "its 'recent' is no list of 1 to 10 calls");
	for (size_t i = 0; i < count; i++) {
		const char *name = json_string_value(json_array_get(recent, i));
		int code = name ? syscall_code(profile->arch, name) : -EINVAL;
		struct bag bag;
		int status;

		if (code <= CODE_BEGIN || code >= CODE_NEW)
			return bad_line(acceptance, "its 'recent' holds something else than calls");
		codes[i] = (uint16_t)code;
		profile->calls[code] += ACCEPTED_COUNT;
		acceptance->run->calls++;
		if (i + 1 < first)
			continue;
		bag = bag_of_calls(codes, i + 1, profile->window);
		status = learn_bag(acceptance, &bag);
		if (status < 0)
			return status;
	}
	return 0;
}

static int learn_exec(struct acceptance *acceptance, const json_t *alarm)
{
	const char *path = json_string_value(json_object_get(alarm, "exec"));

	if (!path || !*path)
		return bad_line(acceptance, "it names no executable");
	return profile_exec(acceptance->profile, path, 0, 1) < 0 ? no_memory(acceptance) : 0;
}

static int learn_signal(struct acceptance *acceptance, const json_t *alarm)
{
	const char *name = json_string_value(json_object_get(alarm, "signal"));
	int number = name ? profile_json_signal_parse(name) : -EINVAL;

	if (number < 0)
		return bad_line(acceptance, "it names no signal");
	acceptance->profile->signals |= 1ull << number;
	return 0;
}

static int learn_exit(struct acceptance *acceptance, const json_t *alarm)
{
	(void)alarm;
	acceptance->profile->signals |= MAIN_EXIT_BIT;
	return 0;
}

static const struct {
	const char *rule;
	int (*learn)(struct acceptance *acceptance, const json_t *alarm);
} lessons[] = {
	{ "new-call", learn_calls },	  { "late-call", learn_calls },
	{ "new-exec", learn_exec },	  { "frame", learn_calls },
	{ "fatal-signal", learn_signal }, { "first-sight", learn_calls },
	{ "main-exit", learn_exit },
};

/* What else bosc writes as JSON: a drift, a reload, the end. */
static bool is_other_news(const json_t *object)
{
	return json_is_string(json_object_get(object, "type")) ||
	       json_is_object(json_object_get(object, "summary")) ||
	       json_is_object(json_object_get(object, "learn"));
}

static int accept_alarm(struct acceptance *acceptance, const json_t *alarm)
{
	const char *rule = json_string_value(json_object_get(alarm, "rule"));
	const char *name = json_string_value(json_object_get(alarm, "profile"));

	if (!rule)
		return is_other_news(alarm) ? 0 : bad_line(acceptance, "it is no alarm");
	if (!name || strcmp(name, acceptance->profile->name) != 0) {
		acceptance->others++;
		return 0;
	}
	for (size_t i = 0; i < ARRAY_SIZE(lessons); i++) {
		if (strcmp(rule, lessons[i].rule) != 0)
			continue;
		acceptance->taken++;
		return lessons[i].learn(acceptance, alarm);
	}
	acceptance->unteachable++;
	return 0;
}

static int accept_file(struct acceptance *acceptance, FILE *file)
{
	_cleanup_free_ char *line = NULL;
	size_t room = 0;
	ssize_t length;

	while ((length = getline(&line, &room, file)) > 0) {
		_cleanup_json_ json_t *alarm = NULL;
		int status;

		acceptance->line++;
		if (strspn(line, " \t\r\n") == (size_t)length)
			continue;
		alarm = json_loadb(line, (size_t)length, JSON_REJECT_DUPLICATES, NULL);
		if (!alarm)
			return bad_line(acceptance, "it is no JSON object");
		status = accept_alarm(acceptance, alarm);
		if (status < 0)
			return status;
	}
	if (ferror(file))
		return fail(acceptance->err, -errno, "cannot read '%s': %s", acceptance->path,
			    strerror(errno));
	return 0;
}

static int accept_path(struct acceptance *acceptance, const char *path)
{
	_cleanup_fclose_ FILE *file = NULL;

	acceptance->path = path;
	acceptance->line = 0;
	if (!strcmp(path, "-"))
		return accept_file(acceptance, stdin);
	file = fopen(path, "re");
	if (!file)
		return fail(acceptance->err, -errno, "cannot open '%s': %s", path, strerror(errno));
	return accept_file(acceptance, file);
}

/* Says what of the files was not taken, and refuses to save nothing. */
static int conclude(const struct acceptance *acceptance, const char *reason)
{
	const struct profile *profile = acceptance->profile;

	if (acceptance->others)
		progress_note("passed over: %zu alarm%s of other profiles than '%s'",
			      acceptance->others, plural(acceptance->others), profile->name);
	if (acceptance->unteachable)
		progress_note(
			"passed over: %zu alarm%s that count%s oddities over time, which no example teaches: bosc "
			"learn, once more, while it happens",
			acceptance->unteachable, plural(acceptance->unteachable),
			acceptance->unteachable == 1 ? "s" : "");
	if (!acceptance->taken)
		return fail(acceptance->err, -ENODATA, "no alarm of '%s' was accepted",
			    profile->name);
	profile_text(acceptance->run->note, sizeof(acceptance->run->note), reason);
	return 0;
}

int cmd_profile_accept(struct store *store, const struct options *options, struct error *err)
{
	_cleanup_(profile_free_p) struct profile *profile = NULL;
	struct acceptance acceptance = { .err = err };
	int status = store_load(store, options->words[1], &profile, err);

	if (status == 0)
		status = lesson_run(profile, RUN_ACCEPT, err);
	if (status < 0)
		return status;
	acceptance.profile = profile;
	acceptance.run = &profile->runs[profile->run_count - 1];
	acceptance.run->state = PROFILE_PARTIAL;
	profile_text(acceptance.run->reviewer, sizeof(acceptance.run->reviewer),
		     cmd_profile_author(options));
	acceptance.run->reviewed_s = acceptance.run->started_s;
	for (size_t i = 2; i < options->word_count && status == 0; i++)
		status = accept_path(&acceptance, options->words[i]);
	if (status == 0)
		status = conclude(&acceptance, options->reason);
	if (status == 0)
		status = store_save(store, profile, err);
	if (status < 0)
		return status;
	sink_line(
		stdout,
		"accepted %zu alarm%s into '%s': %llu new bag%s; run %s, which 'bosc profile withdraw' "
		"undoes",
		acceptance.taken, plural(acceptance.taken), profile->name,
		(unsigned long long)acceptance.run->new_bags, plural(acceptance.run->new_bags),
		acceptance.run->id);
	return 0;
}
