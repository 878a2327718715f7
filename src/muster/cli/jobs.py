"""Running the queues: a worker for each, and a look now and then for jobs whose worker has died."""

from __future__ import annotations

import asyncio
import signal
from concurrent.futures import ThreadPoolExecutor

from procrastinate import App, PsycopgConnector
from procrastinate.contrib.django import app as django_app
from procrastinate.contrib.django.utils import connector_params
from procrastinate.exceptions import UniqueViolation
from procrastinate.jobs import DeleteJobCondition, Job, Status
from procrastinate.worker import Worker

from muster.config.errors import CannotDoIt

# Jobs of each queue at a time. Of the gateway's, one drains the sync's queue, one files, one asks what became
# of filings, and one sees to the alerts; a second of a kind finds that out and ends.
QUEUES = {"interactive": 4, "bulk": 2, "gateway": 4, "webhooks": 2, "periodic": 2}

HEARTBEAT_SECONDS = 5.0
DEAD_AFTER_SECONDS = 20.0
LOOK_SECONDS = 10.0
FINISH_SECONDS = 20.0
# A drain goes on as long as producers wait, so waiting for its end is in vain; told to end, it does at once.
FINISH_SECONDS_OF = {"gateway": 0.5}
MOST_ATTEMPTS = 20
SPARE_CONNECTIONS = 4
ADVISORY_LOCK = 0x4D757374


async def run_workers(concurrency: dict[str, int]) -> None:
    """Run a worker a queue, in this process, until SIGTERM or SIGINT; jobs that run are finished first.

    Raises CannotDoIt when a worker ends without being asked to, such as when the database has gone.
    """
    loop = asyncio.get_running_loop()
    # One thread a job: the usual pool is smaller, and queues would wait for each other in it.
    loop.set_default_executor(ThreadPoolExecutor(sum(concurrency.values()) + SPARE_CONNECTIONS))
    app = _app(connections=len(concurrency) + SPARE_CONNECTIONS)
    async with app.open_async():
        workers = [_worker(app, queue, jobs) for queue, jobs in concurrency.items()]
        asked = asyncio.Event()

        def stop() -> None:
            asked.set()
            for worker in workers:
                worker.stop()

        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, stop)
        rescue = asyncio.create_task(_rescue_forever(app))
        running = [asyncio.create_task(worker.run()) for worker in workers]
        await asyncio.wait([*running, rescue], return_when=asyncio.FIRST_COMPLETED)
        ended_by_itself = not asked.is_set()
        stop()
        rescue.cancel()
        await asyncio.gather(*running, rescue, return_exceptions=True)
    if ended_by_itself:
        raise CannotDoIt("The worker lost the database.")


def _app(*, connections: int) -> App:
    # A second app that shares the tasks, so that the first one keeps Django's connection: a job deferred in a
    # task is then part of the task's transaction, as everywhere else.
    app = App(
        connector=PsycopgConnector(kwargs=connector_params(), min_size=2, max_size=connections),
        worker_defaults=django_app.worker_defaults,
    )
    app.tasks = django_app.tasks
    app.periodic_registry = django_app.periodic_registry
    return app


def _worker(app: App, queue: str, concurrency: int) -> Worker:
    return Worker(
        app,
        **app.worker_defaults
        | {
            "queues": [queue],
            "name": queue,
            "concurrency": concurrency,
            "delete_jobs": DeleteJobCondition.SUCCESSFUL,
            "install_signal_handlers": False,
            "shutdown_graceful_timeout": FINISH_SECONDS_OF.get(queue, FINISH_SECONDS),
            "update_heartbeat_interval": HEARTBEAT_SECONDS,
            "stalled_worker_timeout": DEAD_AFTER_SECONDS,
        },
    )


async def _rescue_forever(app: App) -> None:
    while True:
        await rescue_stalled_jobs(app)
        await asyncio.sleep(LOOK_SECONDS)


async def rescue_stalled_jobs(app: App) -> int:
    """Queue again the jobs whose worker has died, and return how many; safe to run anywhere at any time.

    A job that has taken its worker down MOST_ATTEMPTS times is given up instead.
    """
    connector = app.connector
    assert isinstance(connector, PsycopgConnector)  # noqa: S101
    async with connector.pool.connection() as connection, connection.transaction():
        # Two that look at the same moment would queue a job again which runs again already.
        await connection.execute("SELECT pg_advisory_xact_lock(%s)", [ADVISORY_LOCK])
        stalled = await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=DEAD_AFTER_SECONDS)
        for job in stalled:
            await _rescue(app, job)
    return len(list(stalled))


async def _rescue(app: App, job: Job) -> None:
    if job.attempts >= MOST_ATTEMPTS:
        await app.job_manager.finish_job(job, status=Status.FAILED, delete_job=False)
        return
    try:
        await app.job_manager.retry_job(job)
    except UniqueViolation:
        # Of its kind one waits already, which will do the same.
        await app.job_manager.finish_job(job, status=Status.FAILED, delete_job=True)
