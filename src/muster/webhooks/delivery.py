"""Sending what waits. No transaction is open while an endpoint is spoken to, and none waits for another."""

from __future__ import annotations

import logging
import random
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait

from django.conf import settings
from django.utils import timezone

from muster.core.webhooks import KEEP_TRYING_FOR, body_of, headers_of, pause_after, wait_before_next
from muster.vault import CannotOpenSeal
from muster.webhooks import claiming
from muster.webhooks.calling import Answer, Call, Caller
from muster.webhooks.models import Delivery, Endpoint
from muster.webhooks.operations import secrets_of, switch_off
from muster.webhooks.queue import defer_delivery_soon

logger = logging.getLogger(__name__)

THREADS = 32
"""How many calls run at the same time in one job."""
SECONDS_BETWEEN_LOOKS = 0.5
"""While calls are under way, new deliveries are looked for this often, or when one ends."""


def deliver(*, stopped: Callable[[], bool] = lambda: False) -> int:
    """Send what is due until nothing is, many endpoints at once; return how many events arrived.

    Any number may run at once. Where `stopped` says so, what is under way is ended and nothing begun.
    """
    arrived = 0
    failed = False
    with (
        Caller(private=settings.MUSTER_WEBHOOKS_PRIVATE, concurrency=THREADS) as caller,
        ThreadPoolExecutor(THREADS, thread_name_prefix="webhook") as pool,
    ):
        under_way: dict[Future[Answer], Delivery] = {}
        while True:
            if not stopped() and (free := THREADS - len(under_way)):
                for delivery in claiming.claim(free):
                    under_way[pool.submit(_attempt, caller, delivery)] = delivery
            if not under_way:
                break
            ended, _ = wait(under_way, timeout=SECONDS_BETWEEN_LOOKS, return_when=FIRST_COMPLETED)
            for future in ended:
                if _record(under_way.pop(future), future.result()):
                    arrived += 1
                else:
                    failed = True
    if failed:
        defer_delivery_soon()
    return arrived


def _attempt(caller: Caller, delivery: Delivery) -> Answer:
    """Make one call, in a thread of its own and without the database. One that cannot be made has failed."""
    try:
        return caller.call(_call(delivery))
    except CannotOpenSeal as problem:
        return Answer(took=0, error=f"Give the endpoint a new secret: its own cannot be read. {problem}")
    except Exception:
        logger.exception("a webhook could not be called", extra={"delivery": delivery.pk})
        return Answer(took=0, error="The call could not be made. The log of the worker says why.")


def _call(delivery: Delivery) -> Call:
    event, now = delivery.event, timezone.now()
    body = body_of(type_=event.type, occurred_at=event.occurred_at, data=event.payload)
    headers = headers_of(
        secrets_of(delivery.endpoint, now=now),
        message_id=str(event.pk),
        timestamp=int(now.timestamp()),
        body=body,
    )
    return Call(url=delivery.endpoint.url, headers=headers, body=body)


def _record(delivery: Delivery, answer: Answer) -> bool:
    if answer.is_good:
        claiming.record_delivered(delivery, answer)
        return True
    assert delivery.claimed_at is not None  # noqa: S101  it has been claimed
    wait_for = wait_before_next(
        attempts=delivery.attempts,
        age=delivery.claimed_at - delivery.queued_at,
        chance=random.random(),  # noqa: S311  spreads retries, guards nothing
    )
    endpoint = claiming.record_failure(
        delivery,
        answer,
        wait=None if answer.is_gone else wait_for,
        pause=pause_after(delivery.endpoint.failures + 1),
    )
    if endpoint is not None:
        _switch_off_where_hopeless(endpoint, answer)
    return False


def _switch_off_where_hopeless(endpoint: Endpoint, answer: Answer) -> None:
    if answer.is_gone:
        switch_off(endpoint=endpoint, why=Endpoint.Off.GONE)
    elif endpoint.failing_since and timezone.now() - endpoint.failing_since >= KEEP_TRYING_FOR:
        switch_off(endpoint=endpoint, why=Endpoint.Off.FAILING)
