"""A worker whose tasks do what tests need: wait for a file, write a file, or hang. Run as a process."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

import django
from procrastinate import JobContext

PATIENCE = 60


def wait_until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not true():
        if time.monotonic() > deadline:
            raise TimeoutError
        time.sleep(0.05)


def add_tasks() -> None:
    """Register the tasks; also for those who only want to queue them."""
    from procrastinate.contrib.django import app

    @app.task(name="odd.wait_for", queue="bulk")
    def wait_for(*, file: str, then: str) -> None:
        wait_until(Path(file).exists)
        Path(then).touch()

    @app.task(name="odd.go_on_until_told", queue="gateway", pass_context=True)
    def go_on_until_told(context: JobContext, *, file: str) -> None:
        wait_until(context.should_abort)
        Path(file).touch()

    @app.task(name="odd.wait_unless_told", queue="bulk", pass_context=True)
    def wait_unless_told(context: JobContext, *, file: str, then: str) -> None:
        wait_until(lambda: Path(file).exists() or context.should_abort())
        if not context.should_abort():
            Path(then).touch()

    @app.task(name="odd.touch", queue="gateway")
    def touch(*, file: str) -> None:
        Path(file).touch()

    @app.task(name="odd.fall_silent", queue="bulk")
    def fall_silent(*, file: str) -> None:
        """The first time, say that it started and hang; the next time, say that it is done."""
        started = Path(file)
        if started.exists():
            Path(f"{file}.done").touch()
            return
        started.touch()
        time.sleep(PATIENCE)

    @app.task(name="odd.defer_and_fail", queue="interactive")
    def defer_and_fail(*, file: str) -> None:
        from django.db import transaction

        with transaction.atomic():
            touch.defer(file=file)
            raise ValueError("undone")


if __name__ == "__main__":
    os.environ["DJANGO_SETTINGS_MODULE"] = "muster.config.settings"
    django.setup()
    add_tasks()
    from muster.cli.jobs import QUEUES, run_workers

    asyncio.run(run_workers({name: QUEUES[name] for name in sys.argv[1:] or QUEUES}))
