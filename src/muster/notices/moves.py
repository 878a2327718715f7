"""Every move that a mail makes while it is delivered. All times are the database's, for clocks differ.

    waiting -> sending        a worker has it (`claim`): nobody else takes it
    sending, begun_at set     its text goes to the server now (`begin`)
    sending -> sent, failed, withheld, in_doubt; or waiting, to be tried again

A worker that dies leaves few mails a connection of which nobody knows whether the server took them: those
that had begun, one where they go slowly and eight at full speed. The others that it had wait again.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import Case, F, Q, TextField, Value, When
from django.db.models.functions import Now
from procrastinate.exceptions import AlreadyEnqueued

from muster.core.delivery import one_line
from muster.notices.models import Email, EmailState, Pace, Priority
from muster.notices.queue import DELIVER, defer_delivery

LOST_AFTER = timedelta(minutes=10)
NOT_BEGUN_AFTER = timedelta(minutes=2)
PAUSE_OF_AN_OUTAGE = timedelta(minutes=1)
LONGEST_ERROR = 300

WORKER_STOPPED = "The worker stopped while it was sending this mail."
NOBODY_KNOWS = "Whether the server took this mail is not known, so it is not sent again by itself."

wiped: dict[str, Any] = {
    part: Case(When(secret=True, then=Value("")), default=F(part), output_field=TextField())
    for part in ("text", "html")
}
"""What becomes of the text of a mail that has ended: secrets are forgotten."""

_CLAIM = """
WITH turn AS (
    SELECT id, priority, organization_id, producer_id, lower("to") AS address FROM notices_email
    WHERE state = 'waiting' AND next_at <= statement_timestamp() AND (%(many)s OR priority = %(single)s)
        AND NOT EXISTS (SELECT FROM notices_pace WHERE paused_until > statement_timestamp())
    ORDER BY priority, next_at, id
    LIMIT %(most)s
    FOR UPDATE SKIP LOCKED
),
wanted AS (
    SELECT turn.id, turn.priority <> %(mailing)s OR NOT EXISTS (
        SELECT FROM notices_optout AS unwanted
        WHERE unwanted.organization_id = turn.organization_id
            AND unwanted.address IN (turn.address, lower(producer.email), lower(own.email))
    ) AS is_wanted
    FROM turn
    LEFT JOIN producers_producer AS producer ON producer.id = turn.producer_id
    LEFT JOIN profiles_owncontact AS own ON own.producer_id = turn.producer_id
)
UPDATE notices_email AS email
SET state = CASE WHEN is_wanted THEN 'sending' ELSE 'withheld' END,
    attempts = attempts + 1, claimed_at = statement_timestamp(), begun_at = NULL
FROM wanted WHERE email.id = wanted.id
RETURNING email.*
"""


def claim(*, most: int, many: bool = True) -> list[Email]:
    """Take up to so many mails that are due, so that no other worker does; none where sending is paused.

    They come by priority, and only single ones where those to `many` are left to another job. Mailings that
    are not wanted any more, at whichever address of the producer, are withheld, and come back as such; all
    others are for the caller to send, in this order.
    """
    told = {"most": most, "many": many, "single": Priority.SINGLE, "mailing": Priority.MAILING}
    found = list(Email.objects.raw(_CLAIM, told))
    return sorted(found, key=lambda email: (email.priority, email.next_at, email.pk))


_TAKEN = """
UPDATE notices_email
SET state = 'sent', sent_at = statement_timestamp(), last_error = '',
    text = CASE WHEN secret THEN '' ELSE text END, html = CASE WHEN secret THEN '' ELSE html END
WHERE id = ANY(%(taken)s) AND state IN ('sending', 'waiting', 'in_doubt')
"""

_BEGIN = f"""
WITH before AS ({_TAKEN})
UPDATE notices_email SET begun_at = statement_timestamp()
WHERE id = ANY(%(ids)s) AND state = 'sending' AND claimed_at = %(claimed_at)s
RETURNING id
"""  # noqa: S608  both parts are ours


def begin(emails: Sequence[Email], *, taken: Collection[int]) -> set[int]:
    """Note that the texts of mails of one claim go to the server now, and which the server took before.

    Returns the ids of those that may go: another was given to somebody else meanwhile. One statement for all,
    so that mails cost few commits.
    """
    values = {
        "taken": list(taken),
        "ids": [email.pk for email in emails],
        "claimed_at": emails[0].claimed_at,
    }
    with connection.cursor() as cursor:
        cursor.execute(_BEGIN, values)
        return {pk for (pk,) in cursor.fetchall()}


def record_sent(taken: Collection[int]) -> None:
    """Record that the server took these mails, also where one was given to another worker meanwhile."""
    if taken:
        with connection.cursor() as cursor:
            cursor.execute(_TAKEN, {"taken": list(taken)})


def record_refusal(email: Email, *, words: str, wait: timedelta | None) -> None:
    """Record why the mail was not taken; try again after `wait`, or never where that is None."""
    words = one_line(words, limit=LONGEST_ERROR)
    if wait is None:
        _mine(email).update(state=EmailState.FAILED, last_error=words, **wiped)
    else:
        _mine(email).update(state=EmailState.WAITING, last_error=words, next_at=Now() + wait, begun_at=None)


def record_doubt(email: Email, *, words: str) -> None:
    """Record that nobody knows whether the server took the mail: a person decides whether it goes again."""
    words = one_line(f"{words} {NOBODY_KNOWS}", limit=LONGEST_ERROR)
    _mine(email).update(state=EmailState.IN_DOUBT, last_error=words, **wiped)


def _mine(email: Email) -> Any:
    # Whoever claimed the mail since has its own answer: the count of attempts tells the claims apart.
    return Email.objects.filter(pk=email.pk, state=EmailState.SENDING, attempts=email.attempts)


def give_back(emails: Sequence[Email]) -> None:
    """Let mails wait again that were claimed and not sent, as if nobody had taken them."""
    ours = Q(pk__in=[email.pk for email in emails], claimed_at__in={email.claimed_at for email in emails})
    Email.objects.filter(ours, state=EmailState.SENDING).update(
        state=EmailState.WAITING, attempts=F("attempts") - 1, begun_at=None
    )


def pause() -> None:
    """Let every mail wait a moment: the server takes none."""
    Pace.objects.bulk_create(
        [Pace(paused_until=Now() + PAUSE_OF_AN_OUTAGE)],
        update_conflicts=True,
        unique_fields=["id"],
        update_fields=["paused_until"],
    )


_RESERVE = """
INSERT INTO notices_pace AS pace (id, free_at)
VALUES (1, statement_timestamp() + make_interval(secs => %(span)s))
ON CONFLICT (id) DO UPDATE
SET free_at = greatest(pace.free_at, statement_timestamp()) + make_interval(secs => %(span)s)
RETURNING extract(epoch FROM free_at - statement_timestamp())::float - %(span)s
"""


def reserve(mails: int, *, per_second: float) -> float:
    """In how many seconds the first of so many mails may go, so that all workers together keep the pace."""
    with connection.cursor() as cursor:
        cursor.execute(_RESERVE, {"span": mails / per_second})
        return float(cursor.fetchone()[0])


def keep_all_waiting() -> int:
    """Keep every mail that waits, to be shown only: no server is set. Returns how many."""
    return Email.objects.filter(state=EmailState.WAITING).update(
        state=EmailState.KEPT, last_error="", **wiped
    )


def sweep() -> None:
    """Put mails back whose worker was lost, and have those delivered that are due. Safe to run twice.

    What had not begun waits again soon: its worker, should it live, asks before it begins. A mailing whose
    text had begun is left in doubt; other mails are sent once more, with the same Message-ID.
    """
    Email.objects.filter(
        state=EmailState.SENDING, claimed_at__lt=Now() - NOT_BEGUN_AFTER, begun_at=None
    ).update(state=EmailState.WAITING, next_at=Now())
    lost = Email.objects.filter(state=EmailState.SENDING, claimed_at__lt=Now() - LOST_AFTER).exclude(
        begun_at__gte=Now() - LOST_AFTER
    )
    lost.filter(priority=Priority.MAILING, begun_at__isnull=False).update(
        state=EmailState.IN_DOUBT, last_error=f"{WORKER_STOPPED} {NOBODY_KNOWS}"
    )
    lost.update(state=EmailState.WAITING, next_at=Now(), last_error=WORKER_STOPPED)
    if Pace.objects.filter(paused_until__gt=Now()).exists():
        return
    due = Email.objects.filter(state=EmailState.WAITING, next_at__lte=Now())
    for many, those in ((False, Q(priority=Priority.SINGLE)), (True, Q(priority__gt=Priority.SINGLE))):
        if due.filter(those).exists():
            try:
                with transaction.atomic():
                    defer_delivery(many=many, queueing_lock=f"{DELIVER} {many}")
            except AlreadyEnqueued:
                continue
