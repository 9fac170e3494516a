/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What the sensor in the kernel and the program in user space say to each other: the records in
 * the shared maps, and the events of the ring buffer. The core's twin of the sensor (core/twin)
 * speaks the same language, so that a trace and a live target feed one pipeline.
 */
#ifndef BOSC_BPF_SENSOR_H
#define BOSC_BPF_SENSOR_H

#include <stdint.h>

#include "../core/bagtable.h"
#include "../core/window.h"
#include "cgroups.h"

#define COMM_SIZE	 16
#define PATH_SIZE	 112 /* of an executable, as in the trace format */
#define CGROUP_PATH_SIZE 256
#define TASK_NAME_SIZE	 64
#define CGROUP_NAME_SIZE 128
#define FRAME_SIZE	 64
#define EXE_DEPTH	 6
#define EXE_NAME	 32

enum sensor_mode {
	MODE_LEARN,
	MODE_MONITOR,
	MODE_RECORD,
};

enum rule {
	RULE_NEW_CALL = 1,
	RULE_NEW_EXEC,
	RULE_FATAL_SIGNAL,
	RULE_FRAME,
	RULE_FIRST_SIGHT,
	RULE_SURPRISE,
	RULE_LATE_CALL,
	RULE_MAIN_EXIT,
	RULE_THREAD,
	RULE_COUNT,
};

/* Where a thread stands. */
enum thread_state {
	THREAD_SETUP, /* the container runtime's, before it executes the container's command */
	THREAD_RUNS,
};

enum thread_flag {
	THREAD_BY_TASK = 1, /* followed from task to task, whatever its cgroup */
	THREAD_NAMED = 2,   /* a trace has its TASK record */
	THREAD_JOINED = 4,  /* its fork was not seen, nor a program that it executed since */
	THREAD_PROGRAM = 8, /* it executed the program that it runs */
	THREAD_LATE = 16,   /* met in mid-stream, perhaps while its program starts */
	THREAD_ASKED = 32,  /* its process was asked to end, from outside of its target */
};

/* One thread; a cache line. Only the thread itself writes here, but for claiming, freeing and
 * asking. */
struct thread {
	union {
		struct {
			uint32_t tid, tgid; /* of a trace's thread */
		};
		uint64_t task; /* of a live one: its task_struct */
	};
	uint16_t target; /* index of its struct target */
	uint8_t state;
	uint8_t flags;
	uint32_t born; /* when its process was met, in 2^20 ns: pids are used again */
	struct window window;
	uint64_t frame; /* one bit a window, the newest lowest: a mismatch. Recording: the hash of
			   the comm that the trace knows */
	uint64_t fresh; /* the same: a mismatch never met before */
	uint64_t calls; /* since the thread was met, not yet added to the target's */
};

_Static_assert(sizeof(struct thread) == 64, "a thread is one cache line");

#define BORN_SHIFT 20

/*
 * Where a thread stands: in one of the eight places of the set that its key selects. The key is the
 * number of its kernel stack, of all that is known of a task the only thing that the tracepoint of
 * a system call hands over; for a trace, the tid.
 */
#define THREAD_WAYS 8u
#define THREAD_SETS 8192u
#define STACK_SHIFT 14 /* a kernel stack is no smaller, and aligned to its size */

#define THREAD_CLAIMED 0xffffffffu /* nobody's stack: the slot is being filled in */

struct thread_keys {
	uint32_t key[THREAD_WAYS]; /* 0: free */
};

struct thread_set {
	struct thread way[THREAD_WAYS];
};

static inline uint32_t thread_set_index(uint32_t key)
{
	return (key * 2654435761u) >> 19;
}

/* How user space asks to take in a thread that runs already. */
struct adopt_request {
	uint32_t tid;
	uint32_t target;
	uint32_t setup;	  /* it has yet to execute the target's command */
	uint32_t by_task; /* followed whatever its cgroup */
};

/* What a target's calls are judged by, one a profile. */
struct rules {
	uint64_t weight[CODE_COUNT];
	uint64_t signals;     /* bit s: training saw the fatal signal s, MAIN_EXIT_BIT */
	uint32_t frame_limit; /* an alarm at so many mismatches in a frame; 0: never */
	uint32_t fresh_limit; /* the same for first sights */
	uint64_t salt;	      /* of the hashes of bags: each newer profile has another */
	uint32_t generation;  /* how many profiles were before this one */
	uint32_t spared;      /* bags of this profile that stand among the spare buckets */
	uint32_t any_exec;    /* what training ran is not known: no executable is an alarm */
	uint32_t unused;
	/* Learning only: calls by code; [1]: while a program started. Monitoring has no room for
	 * it. */
	uint64_t count[2][CODE_COUNT];
};

/* A target and its counters. Added to off the fast path only. */
struct target {
	uint64_t part;	   /* learning: the part of the training that runs, from 1 */
	uint64_t calls;	   /* of threads that ended; the living hold theirs */
	uint64_t unjudged; /* calls whose window was not complete, or of the runtime's set-up */
	uint64_t mismatches;
	uint64_t alarms;       /* repeats included */
	uint64_t lost_events;  /* the ring buffer was full */
	uint64_t lost_threads; /* no slot was free */
	uint64_t lost_bags;    /* the table of bags was full */
	uint64_t lost_cgroups; /* there was no room for one of its cgroups */
	uint64_t bags;	       /* learning: new bags; monitoring: unknown bags met */
	uint64_t programs;     /* that started */
	uint64_t home; /* key of the cgroup that has the target's name or path; 0: none has */
};

_Static_assert(sizeof(struct target) == 96, "shared with user space");

static inline uint64_t target_lost(const struct target *target)
{
	return target->lost_events + target->lost_threads + target->lost_bags +
	       target->lost_cgroups;
}

/* Index 0 stands for none: its counters are the sensor's own. */
#define TARGETS_MAX (1u << CGROUP_TARGET_BITS)

enum event_kind {
	EVENT_BAG = 1,
	EVENT_SIGHT,
	EVENT_EXEC,
	EVENT_SIGNAL,
	EVENT_ALARM,
	EVENT_CGROUP,
	EVENT_RECORD,
};

struct event {
	uint16_t kind;
	uint16_t target;
	uint32_t tid;
	uint64_t ns; /* CLOCK_MONOTONIC */
};

/*
 * Learning: a bag that the table did not hold; as EVENT_SIGHT another window of one that only the
 * current part has. Monitoring: an unknown bag at first sight.
 */
struct event_bag {
	struct event head;
	struct window window;
	uint32_t place; /* bucket * BUCKET_WAYS + way, where its count stands */
	uint32_t part;
	uint32_t at;	/* the thread's calls, modulo 2^32 */
	uint32_t start; /* a program starts in the thread */
};

/* Learning: an executable not run before. */
struct event_exec {
	struct event head;
	uint64_t inode;
	char path[PATH_SIZE];
};

struct event_signal {
	struct event head;
	uint32_t signal; /* 0: the first process ended, MAIN_EXIT_BIT */
	uint32_t unused;
};

struct event_alarm {
	struct event head;
	uint32_t rule;
	uint32_t count;	    /* mismatches or first sights in the frame */
	uint32_t threshold; /* the limit that the count reached */
	uint32_t signal;
	uint64_t repeats; /* how often this process was found at the same before */
	struct window window;
	uint32_t code; /* the call that made it */
	uint32_t tgid;
	uint32_t parent_tgid;
	uint32_t generation;   /* of the rules that it was judged by */
	uint64_t thread_calls; /* of this thread until now */
	uint64_t start_ns;     /* of the process, CLOCK_BOOTTIME; 0 unknown */
	uint64_t inode;
	char comm[COMM_SIZE];
	char parent_comm[COMM_SIZE];
	char path[PATH_SIZE];	       /* new exec: the file, as it was given */
	char exe[EXE_DEPTH][EXE_NAME]; /* the process's executable, innermost name first */
};

enum cgroup_news {
	CGROUP_MADE, /* within the target, or 0: within none */
	CGROUP_GONE,
	CGROUP_UNWATCHED, /* of the target, which had lost none before; it has no path */
};

/* A cgroup came or went. */
struct event_cgroup {
	struct event head;
	uint64_t key; /* as in cgroup_entry() */
	uint32_t news;
	uint32_t unused;
	char path[CGROUP_PATH_SIZE]; /* below the root of its hierarchy */
};

/* Recording: the record follows as it stands in a trace file. */
struct event_record {
	struct event head;
};

/* Key of the known executables. The inode counts only where the path does not begin at the
 * root, so that it alone does not say which file is meant. */
struct exec_key {
	uint32_t rules;
	uint32_t unused;
	uint64_t inode;
	char path[PATH_SIZE];
};

/* Key of what a process was already found at. */
struct repeat_key {
	uint32_t tgid;
	uint32_t born;
	uint32_t rule;
	uint32_t unused;
	uint64_t subject; /* new call: the code; fatal signal: its number; new exec: the inode */
};

/* One step of a test that runs the sensor without attaching it: a record of a trace. */
enum feed_kind {
	FEED_CALL,
	FEED_FORK,
	FEED_EXEC,
	FEED_EXIT,
	FEED_SIGNAL,
};

struct feed {
	uint64_t ns;
	uint32_t kind;
	uint32_t tid;
	uint32_t tgid;
	uint32_t parent_tgid;
	uint32_t code;
	uint32_t other; /* fork: the child's tid; exec: the old tid; signal: its number; exit: what
			   ended (enum exit_flag) */
	uint32_t other_tgid;
	uint32_t target;
	uint64_t inode;
	char comm[COMM_SIZE];
	char path[PATH_SIZE];
};

/* Eight bytes as a word: a comparison of each would be a branch for the verifier to follow. */
static inline uint64_t word_of(const char *text)
{
	uint64_t word;

	__builtin_memcpy(&word, text, sizeof(word));
	return word;
}

/*
 * Whether this, of COMM_SIZE bytes, is the comm of a thread that sets a container up, or the
 * beginning of its executable's name: those of runc and crun ("runc", "runc:[2:INIT]"), or of the
 * copy of itself that either keeps in memory and executes ("memfd:crun_cloned:/proc/self/exe"); of
 * LXC, LXD and Incus; of systemd-nspawn; of systemd's own child before it executes a unit's
 * command, "(ssh)", and of the program that newer versions have for that.
 */
static inline int comm_is_runtime(const char *comm)
{
	const uint64_t first_five = (1ull << 40) - 1;
	uint64_t begin = word_of(comm), rest = word_of(comm + 8), five = begin & first_five;
	uint64_t cloned = word_of(comm + 7); /* a comm has one byte less than two words */

	return five == word_of("runc\0\0\0") || five == word_of("runc:\0\0") ||
	       five == word_of("crun\0\0\0") || five == word_of("crun:\0\0") ||
	       (begin == word_of("memfd:ru") && cloned == word_of("unc_clon")) ||
	       (begin == word_of("memfd:cr") && cloned == word_of("run_clon")) ||
	       begin == word_of("lxc-star") || begin == word_of("lxc-atta") ||
	       begin == word_of("lxd\0\0\0\0") || begin == word_of("incusd\0") ||
	       (begin == word_of("systemd-") && rest == word_of("nspawn\0")) ||
	       (begin == word_of("systemd-") && rest == word_of("executo")) ||
	       (begin & 0xff) == '(';
}

/*
 * Whether a thread that was put into its target and executes this belongs to the container runtime:
 * runc executes a copy of itself by a file descriptor, so that the container cannot reach the
 * real one (CVE-2019-5736). A container's command has a path.
 */
static inline int exec_is_runtime(const char *path)
{
	return word_of(path) == word_of("/dev/fd/") || word_of(path) == word_of("/proc/se");
}

/* The signals that end a program which did not ask for it: ILL, ABRT, BUS, FPE, SEGV, SYS;
 * the same numbers on every architecture that Linux runs bosc on. */
#define FATAL_SIGNALS \
	((1ull << 4) | (1ull << 6) | (1ull << 7) | (1ull << 8) | (1ull << 11) | (1ull << 31))

/* No signal has the number 0: among signals, this bit stands for the end of the container's first
 * process that nobody outside of the container had asked for. */
#define MAIN_EXIT_BIT 1ull

/* What ended with a thread; also the flags of a trace's EXIT record. */
enum exit_flag {
	EXIT_MAIN = 1,	  /* the container's first process */
	EXIT_UNASKED = 2, /* and nobody outside of the container had asked it to end */
};

/*
 * Whether a signal asks a process to end, as those do that stop containers: INT, QUIT, KILL, TERM,
 * PWR (LXC), RTMIN+3 (systemd), and WINCH (httpd). HUP and USR1 are left out: most often they ask
 * for another configuration, or for a new log.
 */
static inline int signal_asks_to_end(int number)
{
	uint64_t asks = 1ull << 2 | 1ull << 3 | 1ull << 9 | 1ull << 15 | 1ull << 28 | 1ull << 30 |
			1ull << 37;

	return number > 0 && number < 64 && (asks >> number & 1);
}

#endif
