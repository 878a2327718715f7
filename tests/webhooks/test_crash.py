"""A worker that is killed while it delivers loses no event."""

from __future__ import annotations

import time
from collections import Counter

import pytest

from muster.access.models import Membership
from muster.core.webhooks import body_of
from muster.webhooks.claiming import LOST_AFTER, sweep
from muster.webhooks.delivery import THREADS
from muster.webhooks.models import Delivery
from muster.webhooks.queue import defer_delivery
from tests.webhooks.receiver import Answer, Received, Receiver
from tests.webhooks.sending import endpoint_at, let_pass, queue
from tests.workers import nursery

pytestmark = pytest.mark.django_db(transaction=True)

EVENTS = 200


def test_each_event_arrives_with_the_same_body_whenever_workers_are_killed(
    member: Membership, receiver: Receiver
) -> None:
    kills = [20, 90, 150]
    endpoints = [endpoint_at(member, f"{receiver.url}/{number}") for number in range(5)]
    expected = {
        (f"/{number}", str(one.event_id)): body_of(
            type_=one.event.type, occurred_at=one.event.occurred_at, data=one.event.payload
        )
        for number, endpoint in enumerate(endpoints)
        for one in queue(endpoint, EVENTS // len(endpoints))
    }
    with nursery("webhooks", MUSTER_WEBHOOKS_PRIVATE="127.0.0.0/8") as nest:

        def kill_in_the_middle(_: Received) -> Answer:
            with receiver.lock:
                if kills and len(receiver.calls) >= kills[0] and nest.running:
                    kills.pop(0)
                    nest.kill(next(iter(nest.running)))
            return 204, b"", {}

        receiver.answer = kill_in_the_middle
        number = 0
        while Delivery.objects.exclude(state="delivered").exists():
            if not nest.running:
                let_pass(LOST_AFTER)
                sweep()
                defer_delivery()
                number += 1
                nest.start(f"webhooks-{number}")
            time.sleep(0.05)
    assert kills == []
    arrived = {(call.path, call.id): call.body for call in receiver.calls}
    assert arrived == expected
    times = Counter((call.path, call.id) for call in receiver.calls)
    assert sum(times.values()) <= EVENTS + 3 * THREADS, "a kill leaves no more in doubt than was under way"
