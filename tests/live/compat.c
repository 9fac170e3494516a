/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A 32-bit program for a 64-bit kernel, i386 or Arm: 100 times getpid, then exit. Their numbers are
 * the same in both tables, and other calls in those of 64 bits. It has no C library, so that a
 * compiler without one makes it.
 */
#define CALL_EXIT   1
#define CALL_GETPID 20

#if defined(__arm__)
static long call(long number)
{
	register long which __asm__("r7") = number;
	register long result __asm__("r0") = 0;

	__asm__ volatile("svc #0" : "+r"(result) : "r"(which) : "memory");
	return result;
}
#elif defined(__i386__)
static long call(long number)
{
	long result;

	__asm__ volatile("int $0x80" : "=a"(result) : "a"(number), "b"(0) : "memory");
	return result;
}
#endif

void _start(void);

void _start(void)
{
	for (int i = 0; i < 100; i++)
		call(CALL_GETPID);
	call(CALL_EXIT);
}
