"""Judging applications for licenses, and renewals, again by what the registry lists today."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import date

from django.db.models import Exists, F, OuterRef, Q

from muster.core.eligibility import ALREADY_LICENSED, ALREADY_RENEWED, Check, Person
from muster.core.eligibility import License as KnownLicense
from muster.core.lines import folded
from muster.core.transactions import OPEN, Status, TransactionKind
from muster.licenses.models import License
from muster.transactions.models import Transaction

ACTIVE = "active"

Place = tuple[int, str, str, str]
"""Producer, state, license and class: of each there is one application, and one renewal, on the way."""


def place_of(one: Transaction) -> Place:
    """Of what a transaction about a license is the only one that may be open."""
    return (one.producer_id, one.jurisdiction, one.license_number, one.class_code)


def open_places(kind: TransactionKind, ids: Collection[int]) -> dict[Place, int]:
    """What is on the way of a kind for these producers, each with its number; one query.

    One that was closed while the registry had it, before it has decided, is; and so is an accepted one as
    long as what is on file is from before, for nothing shows yet that it was paid.
    """
    on_file = License.objects.filter(pk=OuterRef("license_id"), expires_on=OuterRef("renews_from"))
    undecided = Q(status=Status.CLOSED, submitted_at__isnull=False, decided_at=None)
    unseen = Q(producer__synced_at=None) | Q(producer__synced_at__lt=F("decided_at")) | Q(Exists(on_file))
    on_the_way = Q(status__in=OPEN) | undecided | (Q(status=Status.ACCEPTED) & unseen)
    mine = Transaction.objects.filter(producer_id__in=list(ids), kind=kind)
    rows = mine.filter(on_the_way).order_by("id")
    return {place_of(one): one.number for one in rows.only(*PLACE_FIELDS)}


PLACE_FIELDS = ("number", "producer_id", "jurisdiction", "license_number", "class_code")


def lines_held(
    licenses: Iterable[KnownLicense], *, state: str, class_code: str, today: date
) -> frozenset[str]:
    """The names, as they are compared, of the lines held on good licenses of a class."""
    return frozenset(
        folded(line.name)
        for license in licenses
        if license.state == state
        and license.is_good(today)
        and (not class_code or license.class_code == class_code)
        for line in license.lines
        if folded(line.status) == ACTIVE
    )


def classes_in_force(licenses: Iterable[KnownLicense], *, state: str, today: date) -> frozenset[str]:
    """The classes, by code and by name, of which a license is in force in a state."""
    good = [license for license in licenses if license.state == state and license.is_good(today)]
    return frozenset(one for license in good for one in (license.class_code, license.class_name) if one)


def why_not(
    one: Transaction, person: Person | None, *, opened: Mapping[Place, int], today: date
) -> tuple[str, dict[str, object]] | None:
    """Why a transaction about a license is not to be filed today, with what; None if it is."""
    number = opened.get(place_of(one))
    if number not in (None, one.number):
        return Check.OPEN_TRANSACTION.value, {"transaction": number}
    licenses = person.licenses if person else ()
    if one.kind == TransactionKind.RENEWAL:
        held = next((license for license in licenses if license.id == one.license_id), None)
        if held is None:
            return Check.LICENSE_NOT_FOUND.value, {"state": one.jurisdiction}
        if held.expires_on is None or (one.renews_from and held.expires_on > one.renews_from):
            return ALREADY_RENEWED, {"expires": str(held.expires_on or "")}
        return None
    held_lines = lines_held(licenses, state=one.jurisdiction, class_code=one.class_code, today=today)
    if one.lines and all(folded(name) in held_lines for _, name in one.lines):
        return ALREADY_LICENSED, {"state": one.jurisdiction}
    return None
