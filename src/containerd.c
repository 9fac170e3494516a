/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Speaks gRPC to containerd. Its services are versioned and only ever grow: of each message the few
 * fields that are used here are named.
 *
 * All containers of a namespace are asked for at once, and all images. These lists are read from a
 * snapshot of containerd's database, so that no container's start holds them up.
 */
#include "containerd.h"

#include <errno.h>
#include <string.h>

#include "http.h"
#include "protobuf.h"
#include "runtime.h"
#include "util.h"

#define NAMESPACES "containerd.services.namespaces.v1.Namespaces/List"
#define CONTAINERS "containerd.services.containers.v1.Containers/List"
#define IMAGES	   "containerd.services.images.v1.Images/List"

/* The answers: what they list, and what is used of that. */
enum list_field {
	LISTED = 1
};
enum namespace_field {
	NAMESPACE_NAME = 1
};
enum container_field {
	CONTAINER_NAME = 1,
	CONTAINER_LABELS = 2,
	CONTAINER_IMAGE = 3,
	CONTAINER_SPEC = 5,
	CONTAINER_CREATED = 8,
	CONTAINER_EXTENSIONS = 10,
};
enum image_field {
	IMAGE_NAME = 1,
	IMAGE_TARGET = 3,
	IMAGE_UPDATED = 8
};
enum target_field {
	TARGET_DIGEST = 2
};
enum any_field {
	ANY_VALUE = 2
};
enum time_field {
	TIME_SECONDS = 1,
	TIME_NANOS = 2
};

/* What the CRI keeps of a container, as JSON. */
#define CRI_METADATA "io.cri-containerd.container.metadata"

void containerd_id(char ret_id[CONTAINER_ID], const char *namespace, const char *name)
{
	if (container_id_is_hex(name))
		snprintf(ret_id, CONTAINER_ID, "%s", name);
	else
		snprintf(ret_id, CONTAINER_ID, "%s/%s", namespace, name);
}

static int call(const char *socket, const char *method, const char *namespace,
		struct http_answer *ret_answer, struct error *err)
{
	char header[CONTAINER_ID + 32], refused[32];
	const char *reason;

	snprintf(header, sizeof(header), "containerd-namespace: %s", namespace);
	reason = http_grpc(socket, method, header, ret_answer);
	if (!reason && !ret_answer->status)
		return 0;
	snprintf(refused, sizeof(refused), "gRPC status %ld", ret_answer->status);
	return fail(err, -EHOSTDOWN, "cannot ask containerd at '%s': %s", socket,
		    reason ? reason : refused);
}

static struct protobuf message_of(const struct http_answer *answer)
{
	return (struct protobuf){ answer->text, answer->size };
}

static json_t *json_of(struct protobuf any)
{
	struct protobuf value = protobuf_bytes(any, ANY_VALUE);

	return value.size ? json_loadb(value.bytes, value.size, 0, NULL) : NULL;
}

static bool is_later(struct protobuf time, struct protobuf other)
{
	uint64_t seconds = protobuf_number(time, TIME_SECONDS);
	uint64_t other_seconds = protobuf_number(other, TIME_SECONDS);

	return seconds != other_seconds
		       ? seconds > other_seconds
		       : protobuf_number(time, TIME_NANOS) > protobuf_number(other, TIME_NANOS);
}

/* The digest of the image that has the name of the container's. If the name was given anew since
 * the container was made, the container may be of the image before, which nobody knows any more. */
static void fill_digest(struct container *container, struct protobuf from, struct protobuf images)
{
	_cleanup_free_ char *name = protobuf_text(protobuf_bytes(from, CONTAINER_IMAGE));
	_cleanup_free_ char *digest = NULL;
	struct protobuf image;

	while (name && name[0] && protobuf_next(&images, LISTED, &image)) {
		if (!protobuf_is(protobuf_bytes(image, IMAGE_NAME), name))
			continue;
		if (is_later(protobuf_bytes(image, IMAGE_UPDATED),
			     protobuf_bytes(from, CONTAINER_CREATED)))
			return;
		digest = protobuf_text(
			protobuf_bytes(protobuf_bytes(image, IMAGE_TARGET), TARGET_DIGEST));
		CONTAINER_TEXT(container->digest, digest);
		return;
	}
}

static json_t *labels_of(struct protobuf from)
{
	json_t *labels = json_object();
	struct protobuf label;

	while (protobuf_next(&from, CONTAINER_LABELS, &label)) {
		_cleanup_free_ char *key = protobuf_text(protobuf_bytes(label, 1));
		_cleanup_free_ char *value = protobuf_text(protobuf_bytes(label, 2));

		if (key && value)
			json_object_set_new(labels, key, json_string(value));
	}
	return labels;
}

/* What the CRI calls the image is any of its names; but it knows which one it took. */
static void fill_cri(struct container *container, struct protobuf from)
{
	_cleanup_json_ json_t *kept = json_of(
		protobuf_entry(from, CONTAINER_EXTENSIONS, CRI_METADATA));

	CONTAINER_TEXT(container->digest, json_text(json_object_get(kept, "Metadata"), "ImageRef"));
}

static int add(struct container_list *list, const char *namespace, struct protobuf from,
	       struct protobuf images)
{
	_cleanup_free_ char *name = protobuf_text(protobuf_bytes(from, CONTAINER_NAME));
	_cleanup_free_ char *image = protobuf_text(protobuf_bytes(from, CONTAINER_IMAGE));
	_cleanup_json_ json_t *labels = labels_of(from);
	_cleanup_json_ json_t *spec = json_of(protobuf_bytes(from, CONTAINER_SPEC));
	struct container *container;
	char id[CONTAINER_ID];
	int status;

	if (!name || !image)
		return -ENOMEM;
	if (!name[0])
		return 0;
	containerd_id(id, namespace, name);
	status = container_list_claim(list, id, "containerd", &container);
	if (!container)
		return status;
	if (!container_id_is_hex(name))
		CONTAINER_TEXT(container->name, id);
	CONTAINER_TEXT(container->image, image);
	runtime_labels(container, labels);
	runtime_spec(container, spec);
	fill_digest(container, from, images);
	fill_cri(container, from);
	return 0;
}

static int add_namespace(const char *socket, const char *namespace, struct container_list *list,
			 struct error *err)
{
	_cleanup_answer_ struct http_answer containers = { 0 }, images = { 0 };
	struct protobuf rest, container;
	int status = call(socket, CONTAINERS, namespace, &containers, err);

	if (!status)
		status = call(socket, IMAGES, namespace, &images, err);
	rest = message_of(&containers);
	while (!status && protobuf_next(&rest, LISTED, &container))
		status = add(list, namespace, container, message_of(&images));
	return status;
}

int containerd_ask(const char *socket, struct container_list *list, struct error *err)
{
	_cleanup_answer_ struct http_answer namespaces = { 0 };
	struct protobuf rest, one;
	int status = call(socket, NAMESPACES, "default", &namespaces, err);

	rest = message_of(&namespaces);
	while (!status && protobuf_next(&rest, LISTED, &one)) {
		_cleanup_free_ char *name = protobuf_text(protobuf_bytes(one, NAMESPACE_NAME));

		if (!name)
			return -ENOMEM;
		if (strcmp(name, "moby") != 0)
			status = add_namespace(socket, name, list, err);
	}
	return status;
}
