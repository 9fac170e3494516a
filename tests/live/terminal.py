#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Runs a command in a terminal of its own, and hangs that up once it is told to.

    terminal.py [--nohup] GATE COMMAND…

The command's outputs are this one's. The terminal is gone when the file GATE exists, and so is this
program, but for its child, whose number is the first line of standard output.
"""
import os
import pty
import signal
import sys
import time

words = sys.argv[1:]
ignored = words[0] == "--nohup"
gate, command = words[ignored], words[ignored + 1:]
out, err = os.dup(1), os.dup(2)
child, terminal = pty.fork()
if child == 0:
    os.dup2(out, 1)
    os.dup2(err, 2)
    if ignored:
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
    os.execvp(command[0], command)
print(child, flush=True)
while not os.path.exists(gate):
    time.sleep(0.02)
os.close(terminal)
