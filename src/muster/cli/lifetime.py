"""Processes that end with the one that started them, whatever ends it."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import threading
import time

PARENT = "MUSTER_PARENT_PID"
PR_SET_PDEATHSIG = 1
SECONDS_BETWEEN_LOOKS = 0.5


def signal_on_parents_death(number: int) -> None:
    """Have the kernel send this process a signal when the thread that started it ends (Linux only)."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, number)


def end_with_parent() -> None:
    """Stop this process, as SIGTERM would, once the process named by MUSTER_PARENT_PID is not its parent.

    Does nothing for a process a person started. The environment variable is taken away, so that
    processes started from here name their own parent.
    """
    named = os.environ.pop(PARENT, "")
    if not named.isdecimal():
        return
    signal_on_parents_death(signal.SIGTERM)
    threading.Thread(target=_watch, args=(int(named),), daemon=True, name="parent watch").start()


def _watch(parent: int) -> None:
    # Also on Linux: the parent may have ended before the kernel was asked.
    while os.getppid() == parent:
        if sys.platform == "linux":
            return
        time.sleep(SECONDS_BETWEEN_LOOKS)
    os.kill(os.getpid(), signal.SIGTERM)
