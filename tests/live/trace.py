#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Prints a trace (docs/trace-format.md) as text, a record a line, so that tests can grep in it."""
import struct
import sys

with open(sys.argv[1], "rb") as file:
    data = file.read()
assert data[:8] == b"BSCREC1\0", "no trace"


def text(field):
    return field.split(b"\0")[0].decode(errors="replace")


at = 16
while at + 16 <= len(data):
    _ns, tid, number, kind, flags = struct.unpack_from("<QIHBB", data, at)
    at += 16
    if kind == 0:
        print("SYS", tid, number, flags)
        continue
    body = data[at : at + 16 * number]
    at += 16 * number
    if len(body) < 16 * number:
        break
    if kind == 1:
        print("TASK", tid, *struct.unpack_from("<II", body), text(body[16:32]))
    elif kind == 2:
        print("EXEC", tid, *struct.unpack_from("<II", body), text(body[16:]))
    elif kind == 3:
        print("FORK", tid, *struct.unpack_from("<III", body))
    elif kind == 4:
        print("EXIT", tid, flags)
    elif kind == 5:
        print("SIG", tid, flags)
    elif kind == 9:
        print("URING", tid, flags)
    elif kind == 6:
        print("END", *struct.unpack_from("<QQ", body))
