"""`muster worker`.

Without `--queues` it runs two processes: one for bulk jobs, which keep a processor busy, and one for all
that must stay quick beside them. In a process every queue has a worker of its own, so that a sync that goes
on for hours never keeps an email waiting.
"""

from __future__ import annotations

import asyncio
import sys

import click

from muster.cli.jobs import QUEUES, run_workers
from muster.cli.processes import Part, Supervisor

GROUPS = (("bulk",), ("interactive", "gateway", "webhooks", "periodic"))


def _queues(_ctx: click.Context, _param: click.Parameter, value: str | None) -> list[str]:
    names = [name.strip() for name in (value or "").split(",") if name.strip()]
    if unknown := sorted(set(names) - set(QUEUES)):
        raise click.BadParameter(f"no queue {', '.join(unknown)}; there are {', '.join(QUEUES)}.")
    return names


@click.command()
@click.option("--queues", callback=_queues, help=f"Only these, with commas: {', '.join(QUEUES)}.")
@click.option("--concurrency", type=click.IntRange(min=1), help="Jobs of each queue at a time.")
def command(queues: list[str], concurrency: int | None) -> None:
    """Run the jobs that wait; any number of these may run, on any number of machines."""
    if queues:
        asyncio.run(run_workers({name: concurrency or QUEUES[name] for name in queues}))
        return
    supervisor = Supervisor(lambda line: click.echo(line, err=True))
    for group in GROUPS:
        more = ["--concurrency", str(concurrency)] if concurrency else []
        supervisor.start(
            Part(
                name="worker for " + " and ".join(group),
                command=[sys.executable, "-m", "muster.cli", "worker", "--queues", ",".join(group), *more],
                own_session=False,
                stop_seconds=25,
            )
        )
    supervisor.watch()
    supervisor.stop({part.name for part in supervisor.parts})
