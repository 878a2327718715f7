"""Renewing licenses by themselves: once a term, when they enter their state's window of renewal."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.db import connection, transaction
from django.utils.timezone import localdate

from muster.audit.operations import EventKind, record
from muster.core.licensing import window_days
from muster.core.rules.book import Rulebook
from muster.core.words import states
from muster.history.context import changing
from muster.history.models import Source
from muster.licenses.models import PaymentSetup
from muster.transactions.ending_batches import Author
from muster.transactions.licensing import request_renewals
from muster.transactions.sql import statement
from muster.transactions.terms import license_setup_of

AT_ONCE = 500
"""Licenses that are looked at in one transaction of the database."""


def renew_due(*, now: datetime) -> int:
    """Make the renewals that are due, of every organization; return how many transactions were made.

    Exactly one for each license and expiry, whatever became of it, and none where nobody has told the state's
    window. Safe to run twice, at once, and after a kill: what is missing is made by the next run.
    """
    renewing = PaymentSetup.objects.filter(auto_renewal=True)
    organizations = renewing.order_by("organization_id").values_list("organization_id", flat=True).distinct()
    return sum(_renew_due_of(organization_id, now) for organization_id in organizations)


Due = tuple[int, date]
"""A license by id, and the day on which it expires."""


def due_licenses(
    book: Rulebook, organization_id: int, *, today: date, after: Due | None = None, limit: int
) -> list[Due]:
    """The licenses that are to be renewed by themselves and were not asked for yet, after one of them.

    They come in the order in which they expire: one walk along an index, however many pages it takes.
    """
    windows = window_days(book, states(), today)
    of_agencies = window_days(book, windows, today, entity="agency")
    with connection.cursor() as cursor:
        cursor.execute(
            statement("renewals_due"),
            {
                "organization": organization_id,
                "states": list(windows),
                "days": list(windows.values()),
                "agency_days": [of_agencies[state] for state in windows],
                "today": today,
                "last": today + timedelta(days=max([*windows.values(), *of_agencies.values()], default=0)),
                "after_id": after[0] if after else 0,
                "after_day": after[1] if after else today,
                "limit": limit,
            },
        )
        return cursor.fetchall()


def _renew_due_of(organization_id: int, now: datetime) -> int:
    setup = license_setup_of(organization_id, today=localdate(now))
    made, after = 0, None
    while due := due_licenses(setup.book, organization_id, today=setup.today, after=after, limit=AT_ONCE):
        after = due[-1]
        with transaction.atomic(), changing(source=Source.MUSTER, at=now):
            asked = request_renewals(setup, [license_id for license_id, _ in due], Author(None, None), now)
            new = sum(len(became.numbers) for became in asked.values())
            if new:
                record(
                    EventKind.RENEWALS_MADE,
                    organization_id=organization_id,
                    by_id=None,
                    data={"transactions": new},
                )
        made += new
    return made
