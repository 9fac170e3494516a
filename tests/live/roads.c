/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What tests/live/abi.t watches: a program that does the same work, which is to open, read and
 * close a file, by whichever road to the kernel its command line names. Besides the work itself it
 * makes the same system calls on each of them: it always has a ring, and always enters it.
 *
 *     roads GATE native|ia32|x32|uring|sqpoll|refused [TIMES]
 *
 * GATE is a file; the work begins when it exists, but the ring is made before. "-" waits for nothing.
 */
#include <fcntl.h>
#include <linux/io_uring.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define ENTRIES	   8u
#define IDLE_MS	   50u
#define X32_BIT	   0x40000000
#define NO_OPCODE  200 /* that no kernel has */
#define IA32_READ  3
#define IA32_CLOSE 6
#define IA32_OPEN  5

static char path[] = "/proc/version"; /* where a pointer of 32 bits reaches it, as the buffer */
static char buffer[64];

static struct {
	int fd;
	unsigned int *tail, *array, *done, *seen;
	struct io_uring_sqe *entries;
	struct io_uring_cqe *results;
} ring;

static void *map(size_t size, off_t what)
{
	void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, ring.fd, what);

	if (memory == MAP_FAILED)
		exit(1);
	return memory;
}

static void make_ring(unsigned int flags)
{
	struct io_uring_params params = { .flags = flags, .sq_thread_idle = IDLE_MS };
	char *queue, *results;

	ring.fd = (int)syscall(SYS_io_uring_setup, ENTRIES, &params);
	if (ring.fd < 0)
		exit(77);
	queue = map(params.sq_off.array + params.sq_entries * sizeof(int), IORING_OFF_SQ_RING);
	results = map(params.cq_off.cqes + params.cq_entries * sizeof(struct io_uring_cqe),
		      IORING_OFF_CQ_RING);
	ring.entries = map(params.sq_entries * sizeof(*ring.entries), IORING_OFF_SQES);
	ring.tail = (unsigned int *)(queue + params.sq_off.tail);
	ring.array = (unsigned int *)(queue + params.sq_off.array);
	ring.seen = (unsigned int *)(results + params.cq_off.head);
	ring.done = (unsigned int *)(results + params.cq_off.tail);
	ring.results = (struct io_uring_cqe *)(results + params.cq_off.cqes);
}

/* Hands over so many entries, or wakes the thread that takes them, and waits for as many
 * results. */
static void enter(unsigned int count)
{
	syscall(SYS_io_uring_enter, ring.fd, count, count,
		IORING_ENTER_GETEVENTS | IORING_ENTER_SQ_WAKEUP, NULL, 0);
}

/* One operation, from its submission to its result. */
static int operate(const struct io_uring_sqe *entry)
{
	unsigned int at = *ring.tail % ENTRIES;
	unsigned int seen = *ring.seen;

	ring.entries[at] = *entry;
	ring.array[at] = at;
	__atomic_store_n(ring.tail, *ring.tail + 1, __ATOMIC_RELEASE);
	while (__atomic_load_n(ring.done, __ATOMIC_ACQUIRE) == seen)
		enter(1);
	__atomic_store_n(ring.seen, seen + 1, __ATOMIC_RELEASE);
	return ring.results[seen % (2 * ENTRIES)].res;
}

static int by_ring(void)
{
	struct io_uring_sqe open = { .opcode = IORING_OP_OPENAT,
				     .fd = AT_FDCWD,
				     .addr = (unsigned long)path };
	struct io_uring_sqe read = { .opcode = IORING_OP_READ,
				     .addr = (unsigned long)buffer,
				     .len = sizeof(buffer) };
	struct io_uring_sqe close = { .opcode = IORING_OP_CLOSE };
	int got;

	close.fd = read.fd = operate(&open);
	got = operate(&read);
	return operate(&close) < 0 ? -1 : got;
}

static int by_ring_refused(void)
{
	struct io_uring_sqe entry = { .opcode = NO_OPCODE };

	return -operate(&entry);
}

static int by_call(long bit)
{
	long fd = syscall(bit | SYS_openat, AT_FDCWD, path, O_RDONLY);
	long got = syscall(bit | SYS_read, fd, buffer, sizeof(buffer));

	return syscall(bit | SYS_close, fd) < 0 ? -1 : (int)got;
}

#ifdef __x86_64__
static int call_32(int number, long first, const void *second, long third)
{
	int result;

	__asm__ volatile("int $0x80"
			 : "=a"(result)
			 : "a"(number), "b"(first), "c"(second), "d"(third)
			 : "memory", "cc", "r8", "r9", "r10", "r11");
	return result;
}
#else
static int call_32(int number, long first, const void *second, long third)
{
	(void)number, (void)first, (void)second, (void)third;
	return -1;
}
#endif

static int by_call_32(void)
{
	int fd = call_32(IA32_OPEN, (long)path, NULL, 0);
	int got = call_32(IA32_READ, fd, buffer, sizeof(buffer));

	return call_32(IA32_CLOSE, fd, NULL, 0) < 0 ? -1 : got;
}

/* What the road brought; an x32 call may be one that the kernel does not serve. */
static int work(const char *road)
{
	enter(0);
	if (!strcmp(road, "native"))
		return by_call(0);
	if (!strcmp(road, "ia32"))
		return by_call_32();
	if (!strcmp(road, "x32"))
		return by_call(X32_BIT), 1;
	return !strcmp(road, "refused") ? by_ring_refused() : by_ring();
}

int main(int argc, char **argv)
{
	const char *road = argc > 2 ? argv[2] : "";

	make_ring(!strcmp(road, "sqpoll") ? IORING_SETUP_SQPOLL : 0);
	while (strcmp(argv[1], "-") != 0 && access(argv[1], F_OK) != 0)
		usleep(5000);
	for (int times = argc > 3 ? atoi(argv[3]) : 20; times > 0; times--)
		if (work(road) <= 0)
			return 1;
	return 0;
}
