"""What the items of an action are about, as pages and results files tell it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import NamedTuple

from django.urls import reverse
from django.utils import timezone

from muster.access.models import Membership
from muster.access.permissions import Permission
from muster.appointments.queries import is_in_force, visible_appointments
from muster.bulk.kinds import SelectionKind
from muster.carriers.queries import visible_companies
from muster.console.statuses import LOOKS, TRANSACTION_LOOKS, Look
from muster.console.transactions.moving import moves
from muster.console.transactions.words import BATCH_LOOKS
from muster.core.onboarding import DraftStatus
from muster.core.onboarding_facts import full_name
from muster.core.transactions import LICENSE_KINDS, BatchState, Status, batch_number_told, number_told
from muster.licenses.queries import visible_licenses
from muster.licenses.standing import Standing, standing_of
from muster.mailing.sending import SendEmail
from muster.onboarding.models import Draft
from muster.portals.inviting import InviteToPortal
from muster.portals.queries import EXPIRED, INVITED, NOT_INVITED, REGISTERED, STATES, portal_state
from muster.producers.models import MOVING, Producer, SyncStatus
from muster.producers.queries import UNSEEN, UNSEEN_OF_PRODUCER, visible_producers
from muster.transactions.batches import visible_batches
from muster.transactions.queries import visible_transactions


class Thing(NamedTuple):
    """One thing that was acted on, as it is now; whether it `moves` on by itself."""

    title: str
    url: str
    producer: str
    npn: str
    state: str
    cocode: str
    company: str
    line: str
    status: str
    look: Look
    moves: bool = False

    def cells(self, columns: Sequence[str]) -> list[str]:
        """As a results file tells it in these of the `COLUMNS`."""
        number = "" if self.title in (self.producer, self.company) else self.title
        told = dict(zip(COLUMNS, [number, *self[2:-2]], strict=True))
        return [told[column] for column in columns]


COLUMNS = ("Number", "Producer", "NPN", "State", "CoCode", "Company", "Line", "Status")
OF_PRODUCERS = ("Producer", "NPN")

Things = Mapping[int, Thing]


def _transactions(member: Membership, ids: Collection[int]) -> Things:
    rows = visible_transactions(member).filter(pk__in=ids).select_related("producer")
    return {
        one.pk: Thing(
            number_told(one.number),
            reverse("transaction-detail", args=[one.number]),
            str(one.producer),
            one.producer.npn,
            one.jurisdiction,
            one.cocode,
            one.company_name,
            one.line_name,
            one.get_status_display(),
            TRANSACTION_LOOKS[Status(one.status)],
            moves(one),
        )
        for one in rows.defer("failures", *UNSEEN_OF_PRODUCER)
    }


def _batches(member: Membership, ids: Collection[int]) -> Things:
    rows = visible_batches(member).filter(pk__in=ids).select_related("producer")
    return {
        one.pk: Thing(
            batch_number_told(one.number),
            reverse("batch-detail", args=[one.number]),
            str(one.producer or ""),
            one.producer.npn if one.producer else "",
            one.jurisdiction,
            one.cocode,
            one.company_name if one.cocode else "" if one.kind in LICENSE_KINDS else "Several companies",
            f"{one.get_kind_display()}s" if one.kind in LICENSE_KINDS else "",
            one.get_state_display(),
            BATCH_LOOKS[BatchState(one.state)],
        )
        for one in rows.defer("request", "facts", *UNSEEN_OF_PRODUCER)
    }


def _producers(member: Membership, ids: Collection[int]) -> Things:
    rows = visible_producers(member, ever=True).filter(pk__in=ids).defer(*UNSEEN)
    return {
        one.pk: Thing(
            str(one),
            reverse("producer-detail", args=[one.npn]),
            str(one),
            one.npn,
            "",
            "",
            "",
            "",
            "Removed" if one.removed_at else one.get_sync_status_display(),
            Look("secondary", "user-minus") if one.removed_at else LOOKS[SyncStatus(one.sync_status)],
            one.sync_status in MOVING and not one.removed_at,
        )
        for one in rows
    }


def things_of(kind: SelectionKind, member: Membership, ids: Collection[int]) -> Things:
    """The things that an action is about; how they stand now is told where the action concerns that."""
    things = TARGETS[kind.target].things(member, ids)
    if isinstance(kind, InviteToPortal):
        found = Producer.objects.filter(pk__in=things).annotate(where=portal_state())
        states = dict(found.values_list("pk", "where"))
        return {
            pk: one._replace(status=STATES[states[pk]], look=PORTAL_LOOKS[states[pk]], moves=False)
            for pk, one in things.items()
        }
    if isinstance(kind, SendEmail):
        return {pk: one._replace(status="", moves=False) for pk, one in things.items()}
    return things


PORTAL_LOOKS: Mapping[str, Look] = {
    NOT_INVITED: Look("secondary", "circle-dashed"),
    INVITED: Look("blue", "mail-forward"),
    EXPIRED: Look("yellow", "clock-exclamation"),
    REGISTERED: Look("green", "circle-check"),
}


def _drafts(member: Membership, ids: Collection[int]) -> Things:
    rows = Draft.objects.visible_to(member, Permission.IMPORT).filter(pk__in=ids)
    return {
        one.pk: Thing(
            full_name(one.facts) or one.last_name,
            reverse("producer-list", query={"q": one.npn}),
            full_name(one.facts) or one.last_name,
            one.npn,
            "",
            "",
            "",
            "",
            one.status.capitalize(),
            DRAFT_LOOKS.get(DraftStatus(one.status), Look("blue", "loader")),
        )
        for one in rows.defer("ssn_sealed", "ssn_index")
    }


DRAFT_LOOKS = {
    DraftStatus.ONBOARDED: Look("green", "circle-check"),
    DraftStatus.FAILED: Look("red", "alert-circle"),
    DraftStatus.DISCARDED: Look("secondary", "circle-minus"),
}


def _appointments(member: Membership, ids: Collection[int]) -> Things:
    rows = visible_appointments(member).filter(pk__in=ids).select_related("producer")
    return {
        one.pk: Thing(
            str(one.producer),
            reverse("producer-detail", args=[one.producer.npn]) + "#appointments",
            str(one.producer),
            one.producer.npn,
            one.state,
            one.cocode,
            one.company_name,
            one.line_name,
            one.status if is_in_force(one) else f"Ended: {one.termination_reason or one.status}",
            Look("green", "circle-check") if is_in_force(one) else Look("secondary", "circle-minus"),
        )
        for one in rows.defer(*UNSEEN_OF_PRODUCER)
    }


def _licenses(member: Membership, ids: Collection[int]) -> Things:
    rows = visible_licenses(member).filter(pk__in=ids).select_related("producer")
    today = timezone.localdate()
    return {
        one.pk: Thing(
            one.number,
            reverse("producer-detail", args=[one.producer.npn]) + "#licenses",
            str(one.producer),
            one.producer.npn,
            one.state,
            "",
            "",
            one.class_name or one.class_code,
            (word := LICENSE_STANDINGS[standing_of(one, today)])[0],
            word[1],
        )
        for one in rows.defer(*UNSEEN_OF_PRODUCER)
    }


LICENSE_STANDINGS: Mapping[Standing, tuple[str, Look]] = {
    Standing.ACTIVE: ("Active", Look("green", "circle-check")),
    Standing.EXPIRES_SOON: ("Expires soon", Look("yellow", "clock-exclamation")),
    Standing.EXPIRED: ("Expired", Look("red", "alert-circle")),
    Standing.INACTIVE: ("Inactive", Look("secondary", "circle-minus")),
    Standing.GONE: ("No longer listed", Look("secondary", "circle-dashed")),
}


def _companies(member: Membership, ids: Collection[int]) -> Things:
    return {
        one.pk: Thing(
            one.name,
            reverse("company-detail", args=[one.cocode]),
            "",
            "",
            one.domicile,
            one.cocode,
            one.name,
            "",
            "On file",
            Look("green", "circle-check"),
        )
        for one in visible_companies(member).filter(pk__in=ids)
    }


class Target(NamedTuple):
    """One sort of things: how they are read, what their list is called, where it is, and a file's columns."""

    things: Callable[[Membership, Collection[int]], Things]
    label: str
    list_name: str
    columns: Sequence[str] = COLUMNS


TARGETS: Mapping[str, Target] = {
    "transaction": Target(_transactions, "Transactions", "transaction-list"),
    "producer": Target(_producers, "Producers", "producer-list", OF_PRODUCERS),
    "company": Target(_companies, "Companies", "company-list"),
    "batch": Target(_batches, "Batches", "batch-list"),
    "license": Target(_licenses, "Licenses", "license-list"),
    "appointment": Target(_appointments, "Appointments", "appointment-list"),
    "draft": Target(_drafts, "Files of producers", "bulk-onboard"),
}
"""By what a kind says that its items come to."""
