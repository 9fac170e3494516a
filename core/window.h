/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The arithmetic of a window and of a bag, written once: the sensor in the kernel and the core
 * in user space compile this header, and a differential test compares them on the same trace.
 *
 * A system call is a 12-bit code: its ABI and its number, never the number alone. The last ten
 * codes of a thread are kept in two words; the window is the newest W of them (W <= 10). The
 * window's bag (the multiset of its codes; Abed, Clancy and Levy 2015, IEEE document 7414047)
 * is represented by the sum of one secret 64-bit weight per code, so that sliding the window
 * costs one addition and one subtraction, and the order inside the window does not matter.
 *
 * A thread or a program that begins starts with a window of CODE_BEGIN, which weighs nothing:
 * its first calls are judged from the first one on. A thread that was met in mid-stream starts
 * with CODE_LATE instead, and its windows count for nothing until the last of those has left.
 */
#ifndef BOSC_CORE_WINDOW_H
#define BOSC_CORE_WINDOW_H

#include <stdint.h>

#define WINDOW_MAX 10u
#define CODE_BITS  12u
#define CODE_COUNT 4096u
#define CODE_MASK  (CODE_COUNT - 1)
#define HALF_CODES 5u
#define HALF_MASK  ((1ull << (HALF_CODES * CODE_BITS)) - 1)

enum code {
	CODE_BEGIN = 0,
	CODE_LATE = 4095,
};

enum abi {
	ABI_NATIVE,
	ABI_COMPAT, /* ia32 on x86-64, 32-bit Arm on arm64 */
	ABI_X32,
	ABI_URING, /* the operations of io_uring, pseudo-calls */
};

/* Numbers above this one, which no kernel has, share its code. The codes behind it in the last
 * ABI are left for marks and classes (core/profile.h). */
#define CALL_NR_MAX 1019u

/* The history of a thread: `recent` holds its five newest codes, the newest in the low bits,
 * `older` the five before. */
struct window {
	uint64_t recent;
	uint64_t older;
	uint64_t hash; /* the sum of the weights of the newest W codes, and the salt of the rules */
};

/*
 * The two lowest bits of a weight are marks and no part of any sum, so that the word that is loaded
 * anyway tells a call that must be looked at, and calls that weigh the same may differ in them.
 */
enum weight_mark {
	WEIGHT_NEW = 1,	  /* training never saw the call */
	WEIGHT_START = 2, /* training saw it only while programs started */
	WEIGHT_MARKS = 3,
};

static inline uint64_t weight_sum(uint64_t weight)
{
	return weight & ~(uint64_t)WEIGHT_MARKS;
}

static inline int weight_is_marked(uint64_t weight)
{
	return (weight & WEIGHT_MARKS) != 0;
}

static inline int weight_is_new(uint64_t weight)
{
	return weight & WEIGHT_NEW;
}

static inline uint32_t code_of(uint32_t abi, uint64_t nr)
{
	return ((abi << 10) | (uint32_t)(nr > CALL_NR_MAX ? CALL_NR_MAX : nr)) + 1;
}

static inline uint32_t code_abi(uint32_t code)
{
	return ((code - 1) >> 10) & 3;
}

static inline uint32_t code_nr(uint32_t code)
{
	return (code - 1) & 1023;
}

/* The code `back` calls ago; 0 is the newest. */
static inline uint32_t window_code(const struct window *w, uint32_t back)
{
	uint64_t half = back < HALF_CODES ? w->recent : w->older;

	return (half >> (CODE_BITS * (back < HALF_CODES ? back : back - HALF_CODES))) & CODE_MASK;
}

static inline void window_begin(struct window *w)
{
	w->recent = 0;
	w->older = 0;
	w->hash = 0;
}

static inline void window_late(struct window *w, const uint64_t *weight, uint32_t size)
{
	w->recent = HALF_MASK;
	w->older = HALF_MASK;
	w->hash = weight[CODE_LATE] * size;
}

/* Slide the window of `size` calls by one. */
static inline void window_push(struct window *w, uint32_t code, const uint64_t *weight,
			       uint32_t size)
{
	uint32_t leaving = window_code(w, size - 1);

	w->hash += weight_sum(weight[code & CODE_MASK]) - weight_sum(weight[leaving]);
	w->older = ((w->older << CODE_BITS) | (w->recent >> ((HALF_CODES - 1) * CODE_BITS))) &
		   HALF_MASK;
	w->recent = ((w->recent << CODE_BITS) | code) & HALF_MASK;
}

/* The sum of the window's weights, from nothing but its codes. */
static inline uint64_t window_sum(const struct window *w, const uint64_t *weight, uint32_t size)
{
	uint64_t sum = 0;

	for (uint32_t back = 0; back < size; back++)
		sum += weight_sum(weight[window_code(w, back)]);
	return sum;
}

/* Whether the window still holds what nobody saw, and so must not be learnt or judged. */
static inline int window_is_late(const struct window *w, uint32_t size)
{
	return window_code(w, size - 1) == CODE_LATE;
}

/* The number of ones: how many of the last 64 windows (the locality frame) were mismatches. */
static inline uint32_t frame_count(uint64_t frame)
{
	frame -= (frame >> 1) & 0x5555555555555555ull;
	frame = (frame & 0x3333333333333333ull) + ((frame >> 2) & 0x3333333333333333ull);
	frame = (frame + (frame >> 4)) & 0x0f0f0f0f0f0f0f0full;
	return (frame * 0x0101010101010101ull) >> 56;
}

#endif
