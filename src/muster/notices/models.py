"""The outbox: every mail is a row until an SMTP server has taken it, and afterwards a record of it.

And who wants no mailings; and reminders: what an organization chose, and what was made of it.
"""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower, Now

from muster.access.models import OrganizationQuerySet
from muster.access.permissions import Role
from muster.core.reminders import DAYS


class EmailState(models.TextChoices):
    """Where a mail is."""

    WAITING = "waiting", "Waiting"
    SENDING = "sending", "Sending"
    SENT = "sent", "Sent"
    KEPT = "kept", "Shown here only"
    FAILED = "failed", "Could not be delivered"
    WITHHELD = "withheld", "Not sent: opted out"
    IN_DOUBT = "in_doubt", "In doubt"


UNDER_WAY = (EmailState.WAITING, EmailState.SENDING)


class Priority(models.IntegerChoices):
    """Which mails go first, whatever waited longer: those of less."""

    SINGLE = 0, "A single mail, for which somebody may be waiting"
    MANY = 1, "One of many, such as an invitation"
    MAILING = 2, "One of a mailing"


class Email(models.Model):
    """One mail to one person.

    A secret mail holds a link that opens an account: its text and HTML are sealed while it is under way,
    wiped when it has ended, and shown to nobody. A mailing can be opted out of, and is never sent a second
    time by itself. Its HTML, and how to opt out, are put to it when it leaves. `producer` is whom a mail is
    to, where that is one; `from_name` is who sends it, beside the address of the settings; `begun_at` is
    when its text was last on its way to the server.
    """

    id = models.BigAutoField(primary_key=True)
    organization = models.ForeignKey("access.Organization", models.CASCADE, null=True, related_name="+")
    kind = models.CharField(max_length=60)
    to = models.EmailField()
    subject = models.CharField(max_length=200)
    text = models.TextField()
    html = models.TextField(default="", blank=True)
    secret = models.BooleanField(default=False)
    priority = models.SmallIntegerField(choices=Priority, default=Priority.SINGLE, db_default=Priority.SINGLE)
    from_name = models.CharField(max_length=200, default="", db_default="", blank=True)
    reply_to = models.CharField(max_length=254, default="", db_default="", blank=True)
    producer = models.ForeignKey(
        "producers.Producer", models.SET_NULL, null=True, related_name="+", db_index=False
    )
    message_id = models.CharField(max_length=300, unique=True)
    operation_id = models.UUIDField(null=True)
    occasion = models.CharField(max_length=40, default="", blank=True)
    state = models.CharField(max_length=10, choices=EmailState, default=EmailState.WAITING)
    attempts = models.IntegerField(default=0)
    next_at = models.DateTimeField(db_default=Now())
    claimed_at = models.DateTimeField(null=True)
    begun_at = models.DateTimeField(null=True)
    last_error = models.CharField(max_length=300, default="", blank=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    queued_at = models.DateTimeField(db_default=Now(), editable=False)
    sent_at = models.DateTimeField(null=True)

    objects = OrganizationQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                *("operation_id", "kind", "occasion", Lower("to")),
                name="email_once_an_address",
                condition=Q(operation_id__isnull=False),
            ),
            models.CheckConstraint(
                name="email_secret_is_wiped",
                condition=Q(secret=False) | Q(state__in=UNDER_WAY) | Q(text="", html=""),
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["organization", "-id"], name="email_by_organization"),
            # How many mails of a mailing are where, without a look at their texts.
            models.Index(
                fields=["organization", "operation_id", "state"],
                name="email_of_mailing",
                condition=Q(priority=Priority.MAILING),
            ),
            models.Index(fields=["organization", "state", "-id"], name="email_by_state"),
            models.Index(
                fields=["priority", "next_at", "id"],
                name="email_by_turn",
                condition=Q(state__in=UNDER_WAY),
            ),
            models.Index(
                fields=["producer", "-id"], name="email_by_producer", condition=Q(producer__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.subject} to {self.to}"

    @property
    def is_mailing(self) -> bool:
        """Whether it is of a mailing."""
        return self.priority == Priority.MAILING

    @property
    def is_one_of_many(self) -> bool:
        """Whether it lets single mails go first."""
        return self.priority > Priority.SINGLE


class Pace(models.Model):
    """How fast mails may go, for all workers together; one row.

    No mail is taken before `paused_until`: the server takes none. `free_at` is from when on the next may go,
    where so many a second may.
    """

    id = models.SmallIntegerField(primary_key=True, default=1)
    paused_until = models.DateTimeField(null=True)
    free_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [models.CheckConstraint(condition=Q(id=1), name="mail_has_one_pace")]

    def __str__(self) -> str:
        return "the pace of the outbox"


class OptOut(models.Model):
    """An address, in lower case, that wants no mailings of an organization.

    `by` is who of the organization has noted it, and `reason` why; where it is None the person did it.
    """

    id = models.BigAutoField(primary_key=True)
    organization = models.ForeignKey("access.Organization", models.CASCADE, related_name="+", db_index=False)
    address = models.CharField(max_length=254)
    reason = models.CharField(max_length=300, default="", blank=True)
    by = models.ForeignKey("access.User", models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(db_default=Now(), editable=False)

    objects = OrganizationQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organization", "address"], name="opt_out_once")
        ]

    def __str__(self) -> str:
        return self.address


def all_days() -> list[int]:
    """Every number of days at which one can be reminded."""
    return list(DAYS)


def those_who_license() -> list[str]:
    """The roles whose people see to licenses."""
    return [Role.ADMIN.value, Role.SPECIALIST.value]


class ReminderChoice(models.Model):
    """What an organization chose about reminders; one without a row gets those of the defaults.

    `days` are of `muster.core.reminders.DAYS`, `roles` those whose people get the mail.
    """

    organization = models.OneToOneField(
        "access.Organization", models.CASCADE, primary_key=True, related_name="+"
    )
    days = ArrayField(models.SmallIntegerField(), default=all_days)
    by_email = models.BooleanField(default=True)
    in_console = models.BooleanField(default=True)
    roles = ArrayField(models.CharField(max_length=20), default=those_who_license)

    def __str__(self) -> str:
        return f"Reminders of {self.organization}"

    @property
    def wanted(self) -> list[int]:
        """The days for which reminders are made: none where nobody would see them."""
        return list(self.days) if self.by_email or self.in_console else []


class ReminderQuerySet(OrganizationQuerySet):
    """Reminders."""

    AGENCY = "license__producer__agency_id"


class Reminder(models.Model):
    """That a license expires so many days from now, made once for each expiry date and number of days.

    It is open until a person is done with it, a nearer one took its place, or the license was renewed
    (`closed_at`). `mailed_on` is the day of the digest that told of it.
    """

    id = models.BigAutoField(primary_key=True)
    organization = models.ForeignKey("access.Organization", models.CASCADE, related_name="+", db_index=False)
    license = models.ForeignKey("licenses.License", models.CASCADE, related_name="+", db_index=False)
    expires_on = models.DateField()
    days = models.SmallIntegerField()
    made_at = models.DateTimeField()
    mailed_on = models.DateField(null=True)
    closed_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)
    done_by = models.ForeignKey("access.User", models.SET_NULL, null=True, related_name="+")

    objects = ReminderQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["license", "expires_on", "days"], name="reminder_once")
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["organization", "expires_on", "id"],
                name="reminder_open",
                condition=Q(done_at__isnull=True, closed_at__isnull=True),
            ),
            models.Index(
                fields=["organization", "-done_at", "-id"],
                name="reminder_done",
                condition=Q(done_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.days} days before {self.expires_on}"


class ReminderDay(models.Model):
    """The last day for which an organization's reminders were made."""

    organization = models.OneToOneField(
        "access.Organization", models.CASCADE, primary_key=True, related_name="+"
    )
    day = models.DateField()

    def __str__(self) -> str:
        return f"{self.organization_id}: {self.day}"


class Notice(models.Model):
    """Something that a person is told in the console, once for a `key`. It is unread until `read_at`.

    `data` is what its words are made of (`muster.console.notices`).
    """

    class Kind(models.TextChoices):
        OPERATION_FINISHED = "operation-finished", "Operation finished"
        PRODUCERS_REMOVED = "producers-removed", "Producers removed"
        PRODUCER_REGISTERED = "producer-registered", "Producer registered"
        REGISTRY_REFUSED = "registry-refused", "Registry refused"
        WEBHOOK_OFF = "webhook-off", "Webhook switched off"

    id = models.BigAutoField(primary_key=True)
    organization = models.ForeignKey("access.Organization", models.CASCADE, related_name="+", db_index=False)
    user = models.ForeignKey("access.User", models.CASCADE, related_name="+", db_index=False)
    kind = models.CharField(max_length=30, choices=Kind)
    key = models.CharField(max_length=80)
    at = models.DateTimeField()
    data = models.JSONField(default=dict)
    read_at = models.DateTimeField(null=True)

    objects = OrganizationQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "organization", "key"], name="notice_once")
        ]
        indexes: ClassVar = [
            models.Index(fields=["user", "organization", "-id"], name="notice_by_person"),
            models.Index(
                fields=["user", "organization", "-id"],
                name="notice_unread",
                condition=Q(read_at__isnull=True),
            ),
            models.Index(fields=["at"], name="notice_by_age"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"
