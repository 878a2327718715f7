"""The benchmark `mail`: a mailing through the outbox, beside a bare loop that sends the same messages."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any
from uuid import uuid4

from bench.ground import clear, freshen, prepare
from bench.turn import REPOSITORY, Clock, Turn, take
from muster.config.errors import CannotDoIt

Tell = Callable[[str], None]

OURS, BARE = "muster", "bare_loop"

TEXT = (
    "Dear Ann,\n\nyour licenses in CA, TX and FL are on file, and the next one expires on March 3, 2027. "
    "Please renew it in time, so that you can go on selling without a gap.\n\n"
    "All that we know of you stands on https://harbor.example/portal. Tell us what is not right.\n\n"
    "Kind regards\nInes Duarte"
)


def measure(home: Path, *, rows: int, turns: int, tell: Tell) -> dict[str, Any]:
    """Send `rows` mails, `turns` times; return medians and ratios.

    Counted is everything from the first claim to the last answer on record. The yardstick puts the same
    messages together and sends them over one connection, with smtplib and nothing else.
    """
    prepare(home)
    taken: dict[str, list[Turn]] = defaultdict(list)
    with server(2 * rows * turns) as port:
        os.environ["MUSTER_SMTP_HOST"], os.environ["MUSTER_SMTP_PORT"] = "127.0.0.1", str(port)
        for number in range(1, turns + 1):
            for name, contestant in ((OURS, "deliver"), (BARE, "loop")):
                clear(home)
                _fill(rows)
                freshen(home)
                turn = take(f"mails.{contestant}", rows=rows)
                taken[name].append(turn)
                tell(f"turn {number} of {turns}: {name} {turn.seconds:.2f} s, {rows / turn.seconds:,.0f}/s")
    seconds = {name: round(median(turn.seconds for turn in some), 2) for name, some in taken.items()}
    ours = seconds.pop(OURS)
    return {
        "bench": "mail",
        "rows": rows,
        "seconds": ours,
        "per_second": {OURS: round(rows / ours), BARE: round(rows / seconds[BARE])},
        "yardsticks": seconds,
        "ratios": {name: round(ours / theirs, 3) for name, theirs in seconds.items()},
        "cpu_seconds": {name: round(median(turn.cpu for turn in some), 2) for name, some in taken.items()},
        "peak_rss_mb": {OURS: max(turn.process_mb for turn in taken[OURS])},
        "turns": turns,
    }


def deliver(clock: Clock, *, rows: int) -> None:
    """Send what waits in the outbox."""
    from muster.notices.delivery import deliver as deliver_all
    from muster.notices.models import Email

    with clock.step("deliver"):
        deliver_all()
    if Email.objects.filter(state="sent").count() != rows:
        raise CannotDoIt("Some mails were not sent.")


def loop(clock: Clock, *, rows: int) -> None:
    """Send the same messages one after another."""
    import smtplib

    from django.conf import settings

    from muster.notices.models import Email
    from muster.notices.smtp import message_of

    emails = list(Email.objects.order_by("id"))
    sender = "muster@localhost"
    with clock.step("loop"), smtplib.SMTP(settings.EMAIL_HOST, settings.EMAIL_PORT) as connection:
        for email in emails:
            text = message_of(email).message().as_bytes(linesep="\r\n")
            connection.sendmail(sender, [email.to], text)
    if len(emails) != rows:
        raise CannotDoIt(f"{len(emails):,} mails were sent, and should be {rows:,}.")


@contextmanager
def server(mails: int) -> Iterator[int]:
    """A mail server in a process of its own, which must have taken so many mails at the end; its port."""
    process = subprocess.Popen(
        [sys.executable, "-m", "bench.mail_server"], cwd=REPOSITORY, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    try:
        yield int(process.stdout.readline())
    except BaseException:
        process.kill()
        raise
    process.terminate()
    took = int(process.stdout.read())
    process.wait()
    if took != mails:
        raise CannotDoIt(f"The mail server took {took:,} mails, and should have {mails:,}.")


def _fill(rows: int) -> None:
    from muster.access.models import Organization
    from muster.notices.models import Email
    from muster.notices.operations import queue_mailing

    organization_id, operation_id = Organization.objects.get(slug="bench").pk, uuid4()
    queue_mailing(
        [
            Email(
                organization_id=organization_id,
                kind="mailing",
                to=f"person{number}@harbor.example",
                subject="Your next renewal",
                text=TEXT,
                reply_to="ines@harbor.example",
                operation_id=operation_id,
            )
            for number in range(rows)
        ]
    )
