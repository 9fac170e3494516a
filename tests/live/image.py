#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""image.py FOLDER NAME ARCHIVE [LABEL]: makes an image of what is in the folder, as an archive in the
form of OCI, and prints its digest. The label makes it another image."""
import hashlib
import io
import json
import sys
import tarfile

OCI = "application/vnd.oci.image."


def digest(content):
    return "sha256:" + hashlib.sha256(content).hexdigest()


def descriptor(kind, content, **more):
    return {"mediaType": OCI + kind, "digest": digest(content), "size": len(content)} | more


def pack(folder):
    memory = io.BytesIO()
    with tarfile.open(fileobj=memory, mode="w") as tar:
        tar.add(folder, arcname=".")
    return memory.getvalue()


def main(folder, name, archive, label=""):
    layer = pack(folder)
    config = json.dumps({"architecture": "amd64", "os": "linux", "config": {"Labels": {"test": label}},
                         "rootfs": {"type": "layers", "diff_ids": [digest(layer)]}}).encode()
    manifest = json.dumps({"schemaVersion": 2, "mediaType": OCI + "manifest.v1+json",
                           "config": descriptor("config.v1+json", config),
                           "layers": [descriptor("layer.v1.tar", layer)]}).encode()
    index = json.dumps({"schemaVersion": 2, "manifests": [descriptor(
        "manifest.v1+json", manifest, annotations={"io.containerd.image.name": name})]}).encode()
    files = {"oci-layout": b'{"imageLayoutVersion": "1.0.0"}', "index.json": index}
    files |= {"blobs/sha256/" + digest(blob)[7:]: blob for blob in (layer, config, manifest)}
    with tarfile.open(archive, "w") as tar:
        for path, content in files.items():
            entry = tarfile.TarInfo(path)
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))
    print(digest(manifest))


main(*sys.argv[1:])
