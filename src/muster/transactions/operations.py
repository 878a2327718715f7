"""What people do with transactions that is no bulk action: say when the first business was."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.utils import timezone

from muster.access.models import Membership, OrganizationQuerySet
from muster.access.permissions import Permission
from muster.audit.operations import EventKind, record
from muster.carriers.models import FilingSettings
from muster.carriers.state_rules import rulebook_of
from muster.core.acting import NOT_PERMITTED, Limits, Standing, limit_broken, objection
from muster.core.licensing import Payer
from muster.core.rules.dates import deadline
from muster.core.transactions import LICENSE_KINDS, WAITING, Action, Status
from muster.history.context import changing
from muster.history.models import Source
from muster.transactions.models import Transaction
from muster.transactions.releasing import release
from muster.transactions.sql import statement


class CannotMark(Exception):
    """The first business cannot be said like this: the message says why, and what to do."""


@dataclass(frozen=True, slots=True)
class Marked:
    """What became of it: how many were marked, how many of these have no known deadline, how many went.

    `kept_back` is the code of what kept the others from being submitted, where that was asked for.
    """

    transactions: int = 0
    undated: int = 0
    submitted: int = 0
    kept_back: str = ""


def mark_first_business(
    *,
    by: Membership,
    transactions: OrganizationQuerySet,
    on: date,
    submit: bool = False,
    now: datetime,
    source: Source = Source.PERSON,
) -> Marked:
    """Say that business began on a day, for those of the transactions that are held; others stay as they are.

    Each gets the last day on which its state takes the filing, where that is known. `submit` lets them go to
    the registry at once, where `by` may release them. Raises CannotMark for a day that has not come.
    """
    if on > timezone.localdate(now):
        raise CannotMark("That day has not come yet. Say when the first business was, once it is done.")
    mine = transactions.visible_to(by, Permission.PREPARE_FILINGS).filter(status=Status.HELD)
    with transaction.atomic(), changing(source=source, by_id=by.user_id, at=now):
        held = list(mine.select_related("batch").order_by("pk").select_for_update(no_key=True, of=("self",)))
        if not held:
            return Marked()
        book = rulebook_of(by.organization_id)
        deadlines = [
            deadline(book, one.jurisdiction, one.categories, on, effective_on=one.effective_on)
            for one in held
        ]
        with connection.cursor() as cursor:
            cursor.execute(
                statement("mark_first_business"),
                {"ids": [one.pk for one in held], "deadlines": deadlines, "day": on, "now": now},
            )
        record(
            EventKind.FIRST_BUSINESS_MARKED,
            organization_id=by.organization_id,
            by_id=by.user_id,
            subject=f"transaction:{held[0].number}" if len(held) == 1 else "",
            data={"transactions": len(held), "on": on.isoformat()},
        )
        submitted, kept_back = _submit(held, by, now) if submit else (0, "")
    return Marked(len(held), deadlines.count(None), submitted, kept_back)


def change_payer(*, by: Membership, transaction_id: int, paid_by: Payer, now: datetime) -> bool:
    """Say who pays for a license, on record, as long as the registry does not have it; False where it has.

    Raises PermissionDenied.
    """
    if not by.may(Permission.PREPARE_FILINGS):
        raise PermissionDenied
    mine = Transaction.objects.visible_to(by, Permission.PREPARE_FILINGS)
    with transaction.atomic(), changing(source=Source.PERSON, by_id=by.user_id, at=now):
        waits = mine.filter(pk=transaction_id, kind__in=LICENSE_KINDS, status__in=WAITING)
        one = waits.select_for_update(no_key=True).first()
        if one is None:
            return False
        if one.paid_by != paid_by:
            before, one.paid_by, one.updated_at = one.paid_by, paid_by.value, now
            one.save(update_fields=["paid_by", "updated_at"])
            record(
                EventKind.PAYER_CHANGED,
                organization_id=by.organization_id,
                by_id=by.user_id,
                subject=f"transaction:{one.number}",
                data={"number": one.number, "paid_by": paid_by.value, "before": before},
            )
    return True


def _submit(held: Sequence[Transaction], by: Membership, now: datetime) -> tuple[int, str]:
    settings = FilingSettings.objects.filter(organization_id=by.organization_id).first() or FilingSettings()
    limits = Limits(settings.most_filings, settings.most_fees)
    waiting = [one for one in held if one.released_at is None]
    if not by.may(Permission.RELEASE_FILINGS):
        return 0, NOT_PERMITTED
    against = {one.pk: _objection(one, by, two_person=settings.two_person_release) for one in waiting}
    good = [one for one in waiting if not against[one.pk]]
    fees = sum((one.state_fee or 0) + (one.registry_fee or 0) for one in good)
    if broken := limit_broken(limits, filings=len(good), fees=fees):
        return 0, broken
    released = release(ids=[one.pk for one in good], by=by.user, now=now)
    return released, next(filter(None, against.values()), "")


def _objection(one: Transaction, by: Membership, *, two_person: bool) -> str:
    is_mine = by.user_id in (one.prepared_by_id, one.batch.prepared_by_id)
    standing = Standing(Status.HELD, is_mine=is_mine)
    return objection(Action.SUBMIT, standing, two_person=two_person)
