"""The benchmark `invite`: producers invited to a portal, until a mail server has their mails."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any
from uuid import uuid4

from bench.ground import clear, freshen, prepare
from bench.mail_sink import HOST, mail_sink
from bench.turn import Clock, Turn, take
from muster.config.errors import CannotDoIt

Tell = Callable[[str], None]

OURS, BARE = "muster", "bare_smtplib"


def measure(home: Path, *, rows: int, turns: int, tell: Tell) -> dict[str, Any]:
    """Invite `rows` producers, `turns` times; return medians and ratios.

    Counted is everything from the confirmed operation to the last mail that the server took. The yardstick
    sends the same mails, ready in memory, by a bare loop over one connection.
    """
    prepare(home)
    taken: dict[str, list[Turn]] = defaultdict(list)
    for number in range(1, turns + 1):
        for name, contestant in ((OURS, "invite"), (BARE, "send")):
            clear(home)
            _fill(rows)
            freshen(home)
            with mail_sink() as server:
                os.environ |= {"MUSTER_SMTP_HOST": HOST, "MUSTER_SMTP_PORT": str(server.port)}
                turn = take(f"invites.{contestant}", rows=rows)
            if server.taken != rows:
                raise CannotDoIt(f"The server took {server.taken:,} mails, and should have {rows:,}.")
            taken[name].append(turn)
            tell(f"turn {number} of {turns}: {name} {turn.seconds:.2f} s")
    seconds = {name: round(median(turn.seconds for turn in some), 3) for name, some in taken.items()}
    ours = seconds.pop(OURS)
    steps = {step for turn in taken[OURS] for step in turn.steps}
    return {
        "bench": "invite",
        "rows": rows,
        "seconds": ours,
        "steps": {step: round(median(turn.steps[step] for turn in taken[OURS]), 3) for step in sorted(steps)},
        "yardsticks": seconds,
        "ratios": {name: round(ours / theirs, 3) for name, theirs in seconds.items()},
        "cpu_seconds": {name: round(median(turn.cpu for turn in some), 2) for name, some in taken.items()},
        "peak_rss_mb": {OURS: max(turn.process_mb for turn in taken[OURS])},
        "turns": turns,
    }


def invite(clock: Clock, *, rows: int) -> None:
    """Invite everybody, and deliver the mails."""
    from muster.notices.delivery import deliver
    from muster.notices.models import Email

    operation = _confirmed()
    with clock.step("invite"):
        _run(operation)
    with clock.step("deliver"):
        deliver()
    if Email.objects.filter(state="sent").count() != rows:
        raise CannotDoIt("Some mails were not sent.")


def send(clock: Clock, *, rows: int) -> None:
    """Send the same mails, and nothing else."""
    import smtplib

    from django.conf import settings

    from muster.notices.models import Email
    from muster.notices.smtp import message_of

    _run(_confirmed())
    ready = [(one.to, message_of(one).message().as_bytes()) for one in Email.objects.order_by("id")]
    with smtplib.SMTP(settings.EMAIL_HOST, settings.EMAIL_PORT) as server, clock.step("send"):
        for to, mail in ready:
            server.sendmail("muster@localhost", [to], mail)


def _confirmed() -> Any:
    from django.utils import timezone

    from muster.access.models import Membership
    from muster.bulk.kinds import kind_named
    from muster.bulk.models import Policy
    from muster.bulk.operations import process, start_selection
    from muster.notices.completion import TOLD_ON_PAGE
    from muster.producers.models import Producer

    member = Membership.objects.get(organization__slug="bench", role="admin")
    operation = start_selection(
        operation_id=uuid4(),
        member=member,
        kind=kind_named("portal-users"),
        selection=Producer.objects.order_by("pk"),
        now=timezone.now(),
        # Else its end is told by a mail more.
        params={TOLD_ON_PAGE: True},
        defer=False,
    )
    _run(operation)
    process(operation=operation, member=member, policy=Policy.GOOD_ROWS, now=timezone.now(), defer=False)
    return operation


def _run(operation: Any) -> None:
    from muster.bulk.runner import run

    run(operation.pk)
    operation.refresh_from_db()


def _fill(rows: int) -> None:
    from muster.access.models import Organization
    from muster.portals.models import Portal
    from muster.producers.models import Agency, Producer

    organization = Organization.objects.get(slug="bench")
    agency = Agency.objects.filter(organization=organization).first()
    Portal.objects.create(organization=organization, name="Agents", seats=rows)
    Producer.objects.bulk_create(
        (
            Producer(
                organization=organization,
                agency=agency,
                npn=str(2_000_000 + number),
                first_name="Ada",
                last_name=f"Alder{number}",
                email=f"p{number}@bench.example",
            )
            for number in range(rows)
        ),
        batch_size=5_000,
    )
