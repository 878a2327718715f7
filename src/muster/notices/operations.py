"""Putting mails into the outbox, and every move that a mail makes there.

All times are the database's: web and workers may run on machines whose clocks differ.
"""

from __future__ import annotations

from datetime import timedelta
from email.utils import parseaddr
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage
from django.core.validators import validate_email
from django.db import transaction
from django.db.models import Case, F, TextField, Value, When
from django.db.models.functions import Now
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from muster.access.models import Membership
from muster.audit.operations import EventKind, record
from muster.core.delivery import one_line
from muster.notices.models import Email, EmailState
from muster.vault import seal

DELIVER = "notices.deliver_waiting"
LOST_AFTER = timedelta(minutes=10)
PAUSE_OF_AN_OUTAGE = timedelta(minutes=1)
LONGEST_ERROR = 300
LONGEST_ADDRESS = 254

_wiped: dict[str, Any] = {
    part: Case(When(secret=True, then=Value("")), default=F(part), output_field=TextField())
    for part in ("text", "html")
}


def queue_email(
    *,
    organization_id: int | None,
    kind: str,
    to: str,
    subject: str,
    text: str,
    html: str = "",
    operation_id: UUID | None = None,
    occasion: str = "",
) -> None:
    """Put one mail to one address into the outbox, in the caller's transaction.

    An operation sends one address at most one mail of a kind and occasion: more are dropped. A `to` that is
    not one address becomes a mail that could not be delivered, for the caller's work must not fail with it.
    """
    _queue(
        Email(
            organization_id=organization_id,
            kind=kind,
            to=to,
            subject=subject,
            text=text.replace("\0", ""),
            html=html.replace("\0", ""),
            operation_id=operation_id,
            occasion=occasion,
        )
    )


def queue_message(message: EmailMessage, *, kind: str, organization_id: int | None = None) -> None:
    """Put a mail about a person's account into the outbox: it may hold a link that opens the account.

    It belongs to the organization named, else to the one in which the person works first, or to none. Raises
    ValueError unless the message has one recipient.
    """
    recipients = message.recipients()
    if len(recipients) != 1:
        raise ValueError(f"A mail goes to one recipient, not {len(recipients)}.")
    alternatives = getattr(message, "alternatives", [])
    html = next((str(content) for content, mimetype in alternatives if mimetype == "text/html"), "")
    if organization_id is None:
        places = Membership.objects.filter(user__email__iexact=recipients[0], is_active=True).order_by("id")
        organization_id = places.values_list("organization_id", flat=True).first()
    _queue(
        Email(
            organization_id=organization_id,
            kind=kind,
            to=recipients[0],
            subject=str(message.subject),
            text=seal(str(message.body)),
            html=html and seal(html),
            secret=True,
        )
    )


def _queue(email: Email) -> None:
    email.subject = one_line(email.subject) or "(no subject)"
    email.message_id = f"<{uuid4().hex}@{_domain()}>"
    if not _is_address(email.to):
        email.to = one_line(email.to, limit=LONGEST_ADDRESS)
        email.state = EmailState.FAILED
        email.last_error = "This is not an email address. Correct the address of the person, then send again."
        if email.secret:
            email.text = email.html = ""
    with transaction.atomic():
        Email.objects.bulk_create([email], ignore_conflicts=True)
        if email.state == EmailState.WAITING:
            _defer_delivery()


def _is_address(text: str) -> bool:
    try:
        validate_email(text)
    except ValidationError:
        return False
    return len(text) <= LONGEST_ADDRESS


def _domain() -> str:
    return parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "localhost"


def _defer_delivery(**options: Any) -> None:
    # No lock keeps a second job from waiting beside a first, which may have looked before this transaction
    # commits. A job too many finds nothing to do and ends.
    app.configure_task(DELIVER, queue="interactive", **options).defer()


def sendable_states() -> list[EmailState]:
    """The states from which a mail can be sent (again)."""
    return [EmailState.FAILED, EmailState.KEPT] if settings.EMAIL_HOST else [EmailState.FAILED]


def send_again(*, email: Email, by: Membership) -> bool:
    """Put a mail that was not sent back into the outbox; False where it cannot be sent (again)."""
    sendable = Email.objects.filter(pk=email.pk, state__in=sendable_states(), secret=False)
    with transaction.atomic():
        moved = sendable.update(
            state=EmailState.WAITING, attempts=0, queued_at=Now(), next_at=Now(), last_error=""
        )
        if moved:
            record(
                EventKind.EMAIL_SENT_AGAIN,
                organization_id=email.organization_id,
                by_id=by.user_id,
                operation_id=email.operation_id,
                subject=f"email:{email.pk}",
            )
            _defer_delivery()
    return bool(moved)


# --- Delivery ------------------------------------------------------------------------------------

_CLAIM = """
UPDATE notices_email
SET state = 'sending', attempts = attempts + 1, claimed_at = statement_timestamp()
WHERE id = (
    SELECT id FROM notices_email
    WHERE state = 'waiting' AND next_at <= statement_timestamp()
    ORDER BY next_at, id
    LIMIT 1
    FOR UPDATE SKIP LOCKED
)
RETURNING *
"""


def claim_next() -> Email | None:
    """Take the mail that has been due longest, so that no other worker does; None where none is due.

    One at a time: a worker that is killed leaves one mail in doubt, not a batch.
    """
    return next(iter(Email.objects.raw(_CLAIM)), None)


def record_sent(email: Email) -> None:
    """Record that the server took the mail, also if the mail was given to another worker meanwhile."""
    Email.objects.filter(pk=email.pk, state__in=[EmailState.SENDING, EmailState.WAITING]).update(
        state=EmailState.SENT, sent_at=Now(), last_error="", **_wiped
    )


def record_refusal(email: Email, *, words: str, wait: timedelta | None) -> None:
    """Record why the mail was not taken; try again after `wait`, or never where that is None."""
    # Whoever claimed the mail since has its own answer: the count of attempts tells the claims apart.
    mine = Email.objects.filter(pk=email.pk, state=EmailState.SENDING, attempts=email.attempts)
    words = one_line(words, limit=LONGEST_ERROR)
    if wait is None:
        mine.update(state=EmailState.FAILED, last_error=words, **_wiped)
    else:
        mine.update(state=EmailState.WAITING, last_error=words, next_at=Now() + wait)


def pause_all_due() -> None:
    """Let every mail that is due wait a moment: the server takes none."""
    Email.objects.filter(state=EmailState.WAITING, next_at__lte=Now()).update(
        next_at=Now() + PAUSE_OF_AN_OUTAGE
    )


def keep_all_waiting() -> int:
    """Keep every mail that waits, to be shown only: no server is set. Returns how many."""
    return Email.objects.filter(state=EmailState.WAITING).update(
        state=EmailState.KEPT, last_error="", **_wiped
    )


def sweep() -> None:
    """Put mails back whose worker was lost, and have those delivered that are due. Safe to run twice."""
    Email.objects.filter(state=EmailState.SENDING, claimed_at__lt=Now() - LOST_AFTER).update(
        state=EmailState.WAITING,
        next_at=Now(),
        last_error="The worker stopped while it was sending this mail.",
    )
    if Email.objects.filter(state=EmailState.WAITING, next_at__lte=Now()).exists():
        try:
            with transaction.atomic():
                _defer_delivery(queueing_lock=DELIVER)
        except AlreadyEnqueued:
            return
