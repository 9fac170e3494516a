/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which cgroups are containers, by a table of the layouts that runtimes are known to make; and
 * which mounts count, by texts in the form of mountinfo.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

/* Before cmocka, which has a macro fail(). */
#include "../../src/cgroup.h"
#include "../../src/util.h"

#include <cmocka.h>

#define ID  "0f3c9a7be1d24586a0b1c2d3e4f5061728394a5b6c7d8e9f0123456789abcdef"
#define ID2 "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
#define POD "pod2a9c1f6e-4f3e-4a2b-9d2c-5b1f7d0c8a11"

static const struct {
	const char *path;
	bool container;
} layouts[] = {
	/* Docker: cgroupfs and systemd driver, --cgroup-parent, rootless, compose's plain names */
	{ "/docker/" ID, true },
	{ "/" ID, true },
	{ "/my/parent/" ID, true },
	{ "/bosctest/" ID, true },
	{ "/system.slice/docker-" ID ".scope", true },
	{ "/my.slice/my-own.slice/docker-" ID ".scope", true },
	{ "/user.slice/user-1000.slice/user@1000.service/app.slice/docker-" ID ".scope", true },
	{ "/system.slice:docker:" ID, true },
	{ "/docker", false },
	{ "/system.slice/docker.service", false },
	{ "/system.slice/docker.socket", false },
	/* BuildKit: its steps have ids of 25 other characters, that Docker does not know */
	{ "/docker/buildkit/x8ha1ktr7zjnlxz2tqrh7mqb0", false },
	{ "/system.slice/buildkit-x8ha1ktr7zjnlxz2tqrh7mqb0.scope", false },
	{ "/docker/buildx/" ID, true },
	{ "/docker/" ID "/buildkit/x8ha1ktr7zjnlxz2tqrh7mqb0", false },
	/* podman */
	{ "/machine.slice/libpod-" ID ".scope", true },
	{ "/machine.slice/libpod-" ID ".scope/container", false },
	{ "/machine.slice/libpod-conmon-" ID ".scope", false },
	{ "/machine.slice/machine-libpod_pod_" ID2 ".slice", false },
	{ "/machine.slice/machine-libpod_pod_" ID2 ".slice/libpod-" ID ".scope", true },
	{ "/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-" ID ".scope", true },
	{ "/libpod_parent/libpod-" ID, true },
	{ "/libpod_parent/libpod-conmon-" ID, false },
	{ "/libpod_parent/conmon", false },
	{ "/libpod_parent/" ID2, false },
	{ "/libpod_parent/" ID2 "/libpod-" ID, true },
	{ "/libpod_parent/libpod-" ID "/ctr", false },
	/* Kubernetes: containerd and CRI-O, systemd and cgroupfs, and the two mixed up */
	{ "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-" POD ".slice/"
	  "cri-containerd-" ID ".scope",
	  true },
	{ "/kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-" POD ".slice/crio-" ID
	  ".scope",
	  true },
	{ "/kubepods.slice/kubepods-" POD ".slice/crio-" ID ".scope/container", false },
	{ "/kubepods.slice/kubepods-" POD ".slice/crio-conmon-" ID ".scope", false },
	{ "/kubepods.slice/kubepods-" POD ".slice/docker-" ID ".scope", true },
	{ "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-" POD ".slice", false },
	{ "/kubepods/burstable/" POD "/" ID, true },
	{ "/kubepods/" POD "/crio-" ID, true },
	{ "/kubepods/besteffort/" POD, false },
	{ "/kubepods", false },
	{ "/system.slice/containerd.service/kubepods-burstable-" POD ".slice:cri-containerd:" ID,
	  true },
	/* nerdctl, ECS, bare containerd, LXC, nspawn, others */
	{ "/default/" ID, true },
	{ "/system.slice/nerdctl-" ID ".scope", true },
	{ "/ecs/0123456789abcdef0123456789abcdef/" ID, true },
	{ "/default/redis", false },
	{ "/lxc.payload.web", false },
	{ "/lxc/web", false },
	{ "/machine.slice/machine-web.scope/payload", false },
	{ "/process_api/0125e60b7e2eee732d2feeb59ae71590", false },
	{ "/user.slice/user-1000.slice/session-3.scope", false },
	{ "/init.scope", false },
	{ "/", false },
	{ "", false },
	/* What lies below a container: its own groups, and containers within containers */
	{ "/docker/" ID "/init.scope", false },
	{ "/docker/" ID "/docker/" ID2, false },
	{ "/docker/" ID "/kubelet.slice/cri-containerd-" ID2 ".scope", false },
	{ "/docker/" ID "/", true },
	/* No ids: a digit too few, one too many, capitals, a letter too many, the wrong ending */
	{ "/docker/f3c9a7be1d24586a0b1c2d3e4f5061728394a5b6c7d8e9f0123456789abcdef", false },
	{ "/docker/0" ID, false },
	{ "/docker/FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF", false },
	{ "/docker/" ID "g", false },
	{ "/system.slice/docker-" ID ".service", false },
	{ "/system.slice/docker" ID ".scope", false },
};

static void test_container_id(void **state)
{
	char id[CGROUP_ID];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(layouts); i++) {
		memset(id, '#', sizeof(id));
		if (cgroup_container_id(layouts[i].path, id) != layouts[i].container)
			fail_msg("'%s' is%s taken for a container", layouts[i].path,
				 layouts[i].container ? " not" : "");
		if (layouts[i].container)
			assert_string_equal(id, ID);
	}
}

static const struct {
	const char *text, *unified, *pids;
	int status;
} mountinfos[] = {
	{ "25 30 0:23 / /sys/fs/cgroup rw,nosuid shared:9 - cgroup2 cgroup2 rw,nsdelegate\n",
	  "/sys/fs/cgroup", "", 0 },
	{ "31 23 0:28 / /sys/fs/cgroup rw - tmpfs tmpfs rw,mode=755\n"
	  "32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct\n"
	  "39 31 0:36 / /sys/fs/cgroup/pids rw,relatime shared:1 master:2 - cgroup cgroup rw,pids\n"
	  "41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n",
	  "/sys/fs/cgroup/unified", "/sys/fs/cgroup/pids", 0 },
	/* several controllers in one hierarchy; "pids" in the name of another is not it */
	{ "1 2 0:1 / /cg/x rw - cgroup cgroup rw,xattr,name=pids\n"
	  "1 2 0:1 / /cg/all rw - cgroup none rw,cpu,pids,memory\n",
	  "", "/cg/all", 0 },
	/* a part of the hierarchy, bound elsewhere, before the whole; a later whole changes
	 * nothing */
	{ "1 2 0:1 /docker/x /part rw - cgroup2 cgroup2 rw\n"
	  "1 2 0:1 / /whole rw - cgroup2 cgroup2 rw\n"
	  "1 2 0:1 / /again rw - cgroup2 cgroup2 rw\n",
	  "/whole", "", 0 },
	{ "1 2 0:1 /docker/x /part rw - cgroup2 cgroup2 rw\n", "/part", "", 0 },
	/* in a container: its own, one beside it, the host's by way of a volume, and a part of
	 * it */
	{ "1 2 0:1 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n"
	  "1 2 0:1 /../other /other rw - cgroup2 cgroup2 rw\n"
	  "1 2 0:1 /../..more /more rw - cgroup2 cgroup2 rw\n"
	  "1 2 0:1 /../../.. /host/sys/fs/cgroup ro - cgroup2 cgroup2 rw\n"
	  "1 2 0:1 /../.. /part rw - cgroup2 cgroup2 rw\n",
	  "/host/sys/fs/cgroup", "", 0 },
	{ "1 2 0:1 / /my\\040cg\\134roups rw - cgroup2 cgroup2 rw\n", "/my cg\\roups", "", 0 },
	{ "1 2 0:1 / /end rw - cgroup2 cgroup2 rw", "/end", "", 0 },
	{ "1 2 0:1 / /empty rw - cgroup2  rw\n", "/empty", "", 0 },
	/* no hierarchy, no mounts, no mountinfo */
	{ "1 2 0:1 / / rw - ext4 /dev/vda rw\n", "", "", -ENOENT },
	{ "\n", "", "", -ENOENT },
	{ "1 2 0:1 / /cg rw cgroup2 cgroup2 rw\n1 2 0:1\n - \n1 2 3 4 5 6 -\n", "", "", -ENOENT },
};

static void test_mountinfo(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(mountinfos); i++) {
		const char *text = mountinfos[i].text;
		_cleanup_fclose_ FILE *file = fmemopen((void *)text, strlen(text), "r");
		struct cgroup_mounts mounts;

		assert_non_null(file);
		assert_int_equal(cgroup_mounts_parse(file, &mounts), mountinfos[i].status);
		assert_string_equal(mounts.unified, mountinfos[i].unified);
		assert_string_equal(mounts.pids, mountinfos[i].pids);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_container_id),
		cmocka_unit_test(test_mountinfo),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
