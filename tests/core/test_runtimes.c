/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What each runtime leaves on a host, as text (hosts/NAME.txt): who its containers are, by which
 * words they are found, and which of a host's cgroups are theirs.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

/* Before cmocka, which has a macro fail(). */
#include "find_container.h"

#include <cmocka.h>

#include "host_files.h"

#define A "aaaaaaaa11111111111111111111111111111111111111111111111111111111"
#define B "bbbbbbbb22222222222222222222222222222222222222222222222222222222"
#define C "cccccccc33333333333333333333333333333333333333333333333333333333"
#define D "dddddddd44444444444444444444444444444444444444444444444444444444"
#define E "eeeeeeee55555555555555555555555555555555555555555555555555555555"
#define F "ffffffff66666666666666666666666666666666666666666666666666666666"

#define G "9999999977777777777777777777777777777777777777777777777777777777"

static void check(const char *what, const struct container *wanted)
{
	struct container found;
	struct error err = { 0 };

	if (find_container(what, &found, &err))
		fail_msg("'%s': %s", what, err.text);
	assert_string_equal(found.id, wanted->id);
	assert_string_equal(found.name, wanted->name);
	assert_string_equal(found.image, wanted->image);
	assert_string_equal(found.digest, wanted->digest);
	assert_string_equal(found.command, wanted->command);
	assert_string_equal(found.runtime, wanted->runtime);
}

static void check_fails(const char *what, int status, const char *told)
{
	struct container container;
	struct error err = { 0 };

	assert_int_equal(find_container(what, &container, &err), status);
	if (!strstr(err.text, told))
		fail_msg("'%s' says: %s", what, err.text);
}

/* Whose cgroup that is; NULL: nobody's. */
static void check_cgroup(const char *path, const char *wanted)
{
	char id[CONTAINER_ID] = "";

	if (container_at(path, id) != (wanted != NULL))
		fail_msg("'%s' is%s taken for a container's", path, wanted ? " not" : "");
	if (wanted)
		assert_string_equal(id, wanted);
}

static void test_docker_files(void **state)
{
	const struct container cache = { A,	      "cache",
					 "",	      "redis:7",
					 "sha256:" F, "docker-entrypoint.sh redis-server",
					 "docker" };
	const struct container proxy = { .id = B,
					 .name = "shop/web-0/proxy",
					 .image = "nginx:1.25",
					 .digest = "sha256:" E,
					 .command = "nginx",
					 .runtime = "docker" };

	const struct container notes = { C,	      "notes",	     "",      "notes:2",
					 "sha256:" D, "notes --all", "docker" };
	const struct container mail = { D, "mail", "", "mail:3", "sha256:" E, "mail", "docker" };

	(void)state;
	be_host("docker");
	check("cache", &cache);
	check("/cache", &cache);
	check("aaaa", &cache);
	check("proxy", &proxy);
	check("web-0/proxy", &proxy);
	check("k8s_proxy_web-0_shop_0d1e_0", &proxy);
	check_fails("web-0", -ENOENT, "there is no container 'web-0'");
	check("notes", &notes);
	check("mail", &mail);
	check_cgroup("/system.slice/docker-" A ".scope", A);
	check_cgroup("/user.slice/user-1000.slice/user@1000.service/user.slice/docker-" C ".scope",
		     C);
}

static void test_podman(void **state)
{
	const struct container web = { A,	    "web",
				       "",	    "docker.io/library/nginx:1.25",
				       "sha256:" F, "nginx -g daemon off;",
				       "podman" };
	const struct container notes = { .id = C,
					 .name = "notes",
					 .image = "localhost/notes:latest",
					 .digest = "sha256:" D,
					 .runtime = "podman" };

	(void)state;
	be_host("podman");
	check("web", &web);
	check("notes", &notes);
	check("cccccccc3", &notes);
	check_cgroup("/machine.slice/libpod-" A ".scope", A);
	check_cgroup("/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-" C ".scope",
		     C);
	check_cgroup("/machine.slice/libpod-conmon-" A ".scope", NULL);
}

/* Podman's containers that are to be gone with a restart, and storages where settings say. */
static void test_podman_elsewhere(void **state)
{
	static const struct {
		const char *name, *image, *digest;
	} all[] = {
		{ "once", "docker.io/library/once:1", "sha256:" E },
		{ "disk", "docker.io/library/disk:1", "sha256:" F },
		{ "passing", "docker.io/library/passing:1", "sha256:" F },
		{ "scratch", "docker.io/library/scratch:1", "sha256:" D },
		{ "bobs", "docker.io/library/bobs:1", "sha256:" D },
	};
	struct container found;
	struct error err = { 0 };

	(void)state;
	be_host("podman");
	for (size_t i = 0; i < ARRAY_SIZE(all); i++) {
		if (find_container(all[i].name, &found, &err))
			fail_msg("'%s': %s", all[i].name, err.text);
		assert_string_equal(found.image, all[i].image);
		assert_string_equal(found.digest, all[i].digest);
		assert_string_equal(found.runtime, "podman");
	}
}

static void test_crio(void **state)
{
	const struct container db = { .id = A,
				      .name = "shop/db-0/db",
				      .image = "quay.example/postgres:15",
				      .digest = "sha256:" F,
				      .command = "postgres -c fsync=on",
				      .runtime = "cri-o" };
	const struct container pause = { .id = B,
					 .name = "shop/db-0/pause",
					 .image = "registry.example/pause:3.9",
					 .digest = "sha256:" E,
					 .command = "/pause",
					 .runtime = "cri-o" };

	(void)state;
	be_host("crio");
	check("db", &db);
	check("db-0/db", &db);
	check("shop/db-0/db", &db);
	check("pause", &pause);
	check_cgroup("/kubepods.slice/kubepods-pod1.slice/crio-" A ".scope", A);
}

static void test_containerd(void **state)
{
	const struct container cache = { .id = "default/cache",
					 .name = "default/cache",
					 .command = "/bin/sh -c sleep 4",
					 .runtime = "containerd" };
	const struct container front = {
		.id = A, .name = "front", .command = "nginx", .runtime = "containerd"
	};
	const struct container server = { .id = B,
					  .name = "prod/shop-7d4b9c-x2x4z/server",
					  .image = "registry.example/shop/server@sha256:" F,
					  .digest = "sha256:" F,
					  .command = "/app/server --port 8080",
					  .runtime = "containerd" };

	const struct container elsewhere = { .id = "default/elsewhere",
					     .name = "default/elsewhere",
					     .command = "/bin/elsewhere",
					     .runtime = "containerd" };
	const struct container coredns = { .id = G,
					   .name = "kube-system/coredns-1/coredns",
					   .image = "quay.io/k0sproject/coredns:1",
					   .command = "/coredns",
					   .runtime = "containerd" };

	(void)state;
	be_host("containerd");
	check("default/cache", &cache);
	check_fails("cache", -EEXIST, "'cache' is the name of 2 containers: ");
	check("front", &front);
	check("shop-7d4b9c-x2x4z/server", &server);
	check_fails("server", -EEXIST, "(kube-system/edge-0/server)");
	check("elsewhere", &elsewhere);
	check("coredns", &coredns);
	check_fails("rver", -ENOENT, "there is no container 'rver'");
	check_cgroup("/default/cache", "default/cache");
	check_cgroup("/tests/cache", "tests/cache");
	check_cgroup("/default/elsewhere", "default/elsewhere");
	check_cgroup("/kubepods/burstable/pod1-2/" G, G);
	check_cgroup("/kubepods.slice/kubepods-pod1_2.slice/cri-containerd-" G ".scope", G);
	check_cgroup("/default/other", NULL);
	check_cgroup("/default", NULL);
	check_cgroup("/system.slice/nerdctl-" A ".scope", A);
	check_cgroup("/docker/" A "/default/cache", NULL);
}

static void test_oci(void **state)
{
	const struct container job = {
		.id = "job", .name = "job", .command = "/bin/work --now", .runtime = "runc"
	};
	const struct container small = {
		.id = "small", .name = "small", .command = "/bin/small", .runtime = "crun"
	};
	const struct container starting = { .id = "starting",
					    .name = "starting",
					    .runtime = "runc" };
	const struct container mine = { .id = "mine", .name = "mine", .runtime = "runc" };

	(void)state;
	be_host("oci");
	check("job", &job);
	check("small", &small);
	check("starting", &starting);
	check("mine", &mine);
	check_cgroup("/job", "job");
	check_cgroup("/user.slice/runc-job.scope", "job");
	check_cgroup("/system.slice/crun-small.scope", "small");
	check_cgroup("/user.slice/runc-none.scope", NULL);
	check_cgroup("/", NULL);
	check_cgroup("", NULL);
}

static void test_machines(void **state)
{
	const struct container web = { .id = "web", .name = "web", .runtime = "lxc" };
	const struct container build = { .id = "build-1",
					 .name = "build-1",
					 .runtime = "machined" };

	(void)state;
	be_host("machines");
	check("web", &web);
	check("build-1", &build);
	check_cgroup("/lxc.payload.web", "web");
	check_cgroup("/lxc.payload/web", "web");
	check_cgroup("/lxc/web", "web");
	check_cgroup("/lxc.monitor.web", NULL);
	check_cgroup("/lxc.payload.web/init.scope", NULL);
	check_cgroup("/lxc.payload.web/docker/" A, NULL);
	check_cgroup("/machine.slice/systemd-nspawn@build\\x2d1.service/payload", "build-1");
	check_cgroup("/machine.slice/systemd-nspawn@build\\x2d1.service/supervisor", NULL);
	check_cgroup("/machine.slice/machine-build\\x2d1.scope/payload", "build-1");
	check_cgroup("/machine.slice/machine-lxc\\x2d42\\x2dold.scope", "42-old");
	check_cgroup("/machine.slice/machine-qemu\\x2d1\\x2dvm.scope", NULL);
	check_cgroup("/payload", NULL);
}

/* A host without any runtime, and files that are not what they should be. */
static void test_nothing(void **state)
{
	char *nonsense[] = {
		"var/lib/containers/storage/overlay-containers/containers.json",
		"srv/docker/containers/" A "/config.v2.json",
		"run/containerd/io.containerd.runtime.v2.task/default/cache/config.json",
		"run/crun/small/status", "etc/docker/daemon.json"
	};

	(void)state;
	setenv("BOSC_HOST_ROOT", folder, 1);
	check_fails("web", -EHOSTDOWN, "no container runtime is known here");
	for (size_t i = 0; i < ARRAY_SIZE(nonsense); i++) {
		FILE *file;

		make_folders(nonsense[i]);
		file = fopen(nonsense[i], "w");
		assert_non_null(file);
		fputs("[{\"id\": 7, \"names\": {}, \"bundle\": [", file);
		fclose(file);
	}
	check_fails("web", -EHOSTDOWN, "overlay-containers/containers.json': it is no JSON");
	assert_int_equal(unlink(nonsense[0]), 0);
	check_fails("web", -ENOENT, "there is no container 'web'");
	check_cgroup("/small", "small");
	check_cgroup("/docker/" A, A);
}

#define HOST(test) cmocka_unit_test_setup_teardown(test, enter_folder, leave_folder)

int main(void)
{
	const struct CMUnitTest tests[] = {
		HOST(test_docker_files), HOST(test_podman),	HOST(test_podman_elsewhere),
		HOST(test_crio),	 HOST(test_containerd), HOST(test_oci),
		HOST(test_machines),	 HOST(test_nothing),
	};

	unsetenv("DOCKER_HOST");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
