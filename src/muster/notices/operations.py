"""Putting mails into the outbox, once or again. What becomes of them there: `muster.notices.moves`."""

from __future__ import annotations

from collections.abc import Sequence
from email.utils import parseaddr
from uuid import UUID, uuid4

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage
from django.core.validators import validate_email
from django.db import connection, transaction
from django.db.models.functions import Now

from muster.access.models import Membership
from muster.audit.operations import EventKind, record
from muster.core.delivery import one_line
from muster.notices.models import Email, EmailState, Priority
from muster.notices.queue import defer_delivery
from muster.vault import seal

LONGEST_ADDRESS = 254


def queue_email(
    *,
    organization_id: int | None,
    kind: str,
    to: str,
    subject: str,
    text: str,
    html: str = "",
    from_name: str = "",
    reply_to: str = "",
    operation_id: UUID | None = None,
    occasion: str = "",
) -> None:
    """Put one mail to one address into the outbox, in the caller's transaction.

    An operation sends one address at most one mail of a kind and occasion: more are dropped. A `to` that is
    not one address becomes a mail that could not be delivered, for the caller's work must not fail with it.
    """
    email = Email(
        organization_id=organization_id,
        kind=kind,
        to=to,
        subject=subject,
        text=text.replace("\0", ""),
        html=html.replace("\0", ""),
        from_name=one_line(from_name),
        reply_to=one_line(reply_to, limit=LONGEST_ADDRESS),
        operation_id=operation_id,
        occasion=occasion,
    )
    _queue([email])


def queue_message(message: EmailMessage, *, kind: str, organization_id: int | None = None) -> None:
    """Put a mail about a person's account into the outbox: it may hold a link that opens the account.

    It belongs to the organization named, else to the one in which the person works first, or to none. Raises
    ValueError unless the message has one recipient.
    """
    email = _secret(message, kind=kind)
    email.organization_id = organization_id
    if organization_id is None:
        places = Membership.objects.filter(user__email__iexact=email.to, is_active=True).order_by("id")
        email.organization_id = places.values_list("organization_id", flat=True).first()
    _queue([email])


def queue_messages(
    messages: Sequence[tuple[str, EmailMessage]],
    *,
    kind: str,
    organization_id: int,
    operation_id: UUID | None,
    from_name: str = "",
) -> None:
    """Put many such mails into the outbox, each with its occasion, in the caller's transaction.

    An operation sends one address at most one mail of a kind and occasion. `from_name` is who sends them. A
    constant number of statements.
    """
    emails = [_secret(message, kind=kind) for _, message in messages]
    for email, (occasion, _) in zip(emails, messages, strict=True):
        email.organization_id, email.operation_id = organization_id, operation_id
        email.occasion, email.from_name = occasion, one_line(from_name)
        email.priority = Priority.MANY
    if emails:
        _queue(emails)


def _secret(message: EmailMessage, *, kind: str) -> Email:
    recipients = message.recipients()
    if len(recipients) != 1:
        raise ValueError(f"A mail goes to one recipient, not {len(recipients)}.")
    alternatives = getattr(message, "alternatives", [])
    html = next((str(content) for content, mimetype in alternatives if mimetype == "text/html"), "")
    return Email(
        kind=kind,
        to=recipients[0],
        subject=str(message.subject),
        text=seal(str(message.body)),
        html=html and seal(html),
        reply_to=one_line(next(iter(message.reply_to), ""), limit=LONGEST_ADDRESS),
        secret=True,
    )


def queue_mailing(emails: Sequence[Email]) -> None:
    """Put the mails of a mailing into the outbox, in the caller's transaction.

    Each has one good address, an organization and an operation, which sends an address one mail: more are
    dropped. They wait for all other mails, and whoever has opted out gets none. A constant number of
    statements.
    """
    domain = _domain()
    for email in emails:
        email.priority = Priority.MAILING
        email.subject = one_line(email.subject) or "(no subject)"
        email.from_name = one_line(email.from_name)
        email.reply_to = one_line(email.reply_to, limit=LONGEST_ADDRESS)
        email.text = email.text.replace("\0", "")
        email.message_id = f"<{uuid4().hex}@{domain}>"
    if emails:
        _insert(emails)


def _queue(emails: Sequence[Email]) -> None:
    for email in emails:
        _make_ready(email)
    _insert(emails)


def _insert(emails: Sequence[Email]) -> None:
    with transaction.atomic():
        if len(emails) > 1:
            _set_times(emails)
        Email.objects.bulk_create(emails, ignore_conflicts=True)
        if any(email.state == EmailState.WAITING for email in emails):
            defer_delivery(many=emails[0].is_one_of_many)


def _set_times(emails: Sequence[Email]) -> None:
    # They are those of the database, as its defaults are, but Django inserts plain values far faster.
    with connection.cursor() as cursor:
        cursor.execute("SELECT transaction_timestamp()")
        (now,) = cursor.fetchone()
    for email in emails:
        email.created_at = email.queued_at = email.next_at = now


def _make_ready(email: Email) -> None:
    email.subject = one_line(email.subject) or "(no subject)"
    email.message_id = f"<{uuid4().hex}@{_domain()}>"
    if not _is_address(email.to):
        email.to = one_line(email.to, limit=LONGEST_ADDRESS)
        email.state = EmailState.FAILED
        email.last_error = "This is not an email address. Correct the address of the person, then send again."
        if email.secret:
            email.text = email.html = ""


def _is_address(text: str) -> bool:
    try:
        validate_email(text)
    except ValidationError:
        return False
    return len(text) <= LONGEST_ADDRESS


def _domain() -> str:
    return parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "localhost"


def sendable_states() -> list[EmailState]:
    """The states from which a mail can be sent (again)."""
    ended = [EmailState.FAILED, EmailState.IN_DOUBT]
    return [*ended, EmailState.KEPT] if settings.EMAIL_HOST else ended


def send_again(*, email: Email, by: Membership) -> bool:
    """Put a mail that was not sent back into the outbox; False where it cannot be sent (again)."""
    sendable = Email.objects.filter(pk=email.pk, state__in=sendable_states(), secret=False)
    with transaction.atomic():
        moved = sendable.update(
            state=EmailState.WAITING,
            attempts=0,
            queued_at=Now(),
            next_at=Now(),
            begun_at=None,
            last_error="",
        )
        if moved:
            record(
                EventKind.EMAIL_SENT_AGAIN,
                organization_id=email.organization_id,
                by_id=by.user_id,
                operation_id=email.operation_id,
                subject=f"email:{email.pk}",
            )
            defer_delivery(many=email.is_one_of_many)
    return bool(moved)
