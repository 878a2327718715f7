"""A mail server that refuses, stalls or dies, a worker that is killed: nobody gets a mailing twice."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any
from uuid import uuid4

import pytest
from django.db.models.functions import Now

from muster.core.delivery import Pacing
from muster.notices.delivery import deliver
from muster.notices.models import Email, Pace
from muster.notices.moves import reserve, sweep
from muster.notices.operations import queue_mailing
from tests.make import make_organization
from tests.notices.mail_server import MailServer
from tests.notices.test_crash import Worker, let_time_pass, workers

__all__ = ["workers"]

pytestmark = pytest.mark.django_db(transaction=True)

MAILS = 60


def queue(mails: int = MAILS) -> list[str]:
    organization, operation_id = make_organization(), uuid4()
    addresses = [f"person{number}@harbor.example" for number in range(mails)]
    queue_mailing(
        [
            Email(
                organization=organization,
                kind="mailing",
                to=address,
                subject="News",
                text="News",
                operation_id=operation_id,
            )
            for address in addresses
        ]
    )
    return addresses


def go_on() -> None:
    """Deliver until nothing waits, however long that takes."""
    while Email.objects.filter(state__in=["waiting", "sending"]).exists():
        let_time_pass()
        sweep()
        Pace.objects.update(paused_until=None)
        Email.objects.filter(state="waiting").update(next_at=Now())
        deliver()


def assert_nobody_twice_and_nobody_left_out(server: MailServer, addresses: list[str], *, doubts: int) -> None:
    taken = Counter(server.addressees)
    assert not [address for address, count in taken.items() if count > 1]
    ended = dict(Email.objects.values_list("to", "state"))
    assert set(ended) == set(addresses)
    assert Counter(ended.values())["in_doubt"] <= doubts
    assert {address for address, state in ended.items() if state == "sent"} <= taken.keys()
    # Whoever did not get it is told of, with the reason.
    for address in set(addresses) - taken.keys():
        assert ended[address] in ("failed", "in_doubt")


def test_a_server_that_refuses_some_for_good_and_some_for_now(mail_server: MailServer) -> None:
    addresses = queue()
    refused = Counter[str]()

    def answer(address: str) -> str | None:
        refused[address] += 1
        number = int(address.removeprefix("person").split("@")[0])
        if number % 7 == 0:
            return "550 No such user"
        return "450 Busy" if number % 3 == 0 and refused[address] == 1 else None

    mail_server.on_recipient = answer
    deliver()
    go_on()
    assert_nobody_twice_and_nobody_left_out(mail_server, addresses, doubts=0)
    assert Counter(Email.objects.values_list("state", flat=True)) == {"sent": 51, "failed": 9}


def test_a_server_that_stalls_after_it_has_the_text_leaves_that_one_in_doubt(
    mail_server: MailServer, settings: Any
) -> None:
    settings.EMAIL_TIMEOUT = 0.5
    addresses = queue(20)
    seen: list[str] = []

    async def stall(mail: Any) -> str | None:
        seen.append(mail["To"])
        if len(seen) == 5:
            await asyncio.sleep(3_600)
        return None

    mail_server.on_mail = stall
    deliver()
    go_on()
    assert_nobody_twice_and_nobody_left_out(mail_server, addresses, doubts=1)
    doubt = Email.objects.get(state="in_doubt")
    assert doubt.to == seen[4]
    assert "is not known, so it is not sent again by itself" in doubt.last_error


def test_a_server_that_dies_half_way_and_comes_back(settings: Any) -> None:
    first = MailServer()
    first.start()
    settings.EMAIL_HOST, settings.EMAIL_PORT = first.hostname, first.port
    addresses = queue()

    def die(_: Any) -> str | None:
        if len(first.taken) < 20:
            return None
        first.server.close()
        raise ConnectionResetError

    first.on_mail = die
    deliver()
    first.stop()
    second = MailServer()
    second.start()
    settings.EMAIL_PORT = second.port
    try:
        go_on()
    finally:
        second.stop()
    second.recipients = first.recipients + second.recipients
    assert_nobody_twice_and_nobody_left_out(second, addresses, doubts=settings.MUSTER_SMTP_CONNECTIONS)


def test_workers_that_are_killed(mail_server: MailServer, workers: list[Worker]) -> None:
    addresses, kills = queue(), [10, 30]

    class KilledOften(list[Any]):
        def append(self, mail: Any) -> None:
            super().append(mail)
            if kills and len(self) >= kills[0]:
                kills.pop(0)
                workers[-1].kill()

    mail_server.taken = KilledOften()
    for _ in range(2):
        workers.append(Worker(mail_server))
        workers[-1].process.wait()
        let_time_pass()
        sweep()
    go_on()
    assert kills == []
    assert_nobody_twice_and_nobody_left_out(mail_server, addresses, doubts=2 * Pacing(0).MOST // 16)


def test_all_workers_together_keep_the_pace() -> None:
    assert reserve(10, per_second=5) <= 0
    assert 1.5 < reserve(5, per_second=5) <= 2
    assert 2.5 < reserve(5, per_second=5) <= 3
    assert (Pacing(5).most, Pacing(0.5).most, Pacing(0).most) == (5, 1, Pacing.FIRST)
    assert [Pacing(5).after(number) for number in (0, 1, 5)] == [0, 0.2, 1]
