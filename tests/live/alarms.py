#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Prints the first sight of each alarm in a file of --json or --json-file, a line each:
rule, its subject, pid, parent's pid, comm, executable, container, image; and one for each
summary."""
import json
import sys

for line in open(sys.argv[1]):
    one = json.loads(line)
    if "summary" in one:
        total = one["summary"]
        print("SUMMARY", *(f"{key}={total[key]}" for key in
              ("target", "profile", "calls", "windows", "mismatches", "alarms", "lost")))
    elif "rule" in one and not one["repeats"]:
        process, container = one["process"], one["container"] or {}
        subject = one["exec"] or one["signal"] or one["syscall"]
        print(one["rule"], subject, process["pid"], process["ppid"], process["comm"],
              process["exe"] or "-", container.get("name", "-"), container.get("image", "-"))
