"""The list of licenses as a listing."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from muster.access.models import Membership
from muster.console.licenses.address import Asked, query_of, selection_of
from muster.console.licenses.renewing import FEE_LABELS, renewal_fees
from muster.console.lists.asking import Narrowing
from muster.console.lists.listing import Column, Listing
from muster.licenses.queries import ORDERS, matching, visible_licenses
from muster.reports.exporting import Beside
from muster.reports.subjects.licenses import LICENSES as SUBJECT


def rows(member: Membership, asked: Asked) -> QuerySet[Any]:
    """All that match, in the list's order."""
    found = matching(visible_licenses(member), member, asked, today=timezone.localdate())
    return Narrowing(SUBJECT, asked, member)(found).order_by(*ORDERS[asked.order].by)


LICENSES = Listing(
    name="licenses",
    page="license-list",
    subject=SUBJECT,
    asked_of=selection_of,
    query_of=query_of,
    rows=rows,
    row="licenses/row.html",
    columns=(
        Column("state", "State", "licenses/cells/state.html", order="state"),
        Column(
            "producer", "Producer", "licenses/cells/producer.html", fields=("producer", "npn", "assigned")
        ),
        Column(
            "number",
            "License",
            "licenses/cells/number.html",
            fields=("number", "class_name", "residency", "lines"),
        ),
        Column(
            "expires_on",
            "Expires",
            "licenses/cells/expires_on.html",
            order="expiry",
            fields=("expires_on", "standing"),
        ),
        Column(
            "auto_renewal",
            "Auto-renewal",
            "licenses/cells/auto_renewal.html",
            fields=("auto_renewal", "renewal_paid_by"),
        ),
        Column("missing", "Missing", "licenses/cells/missing.html"),
        Column(
            "renewal_paid_by",
            "Renewal fee",
            "licenses/cells/renewal_fee.html",
            beside=Beside(FEE_LABELS, renewal_fees),
        ),
    ),
    icons={"renew-licenses": "calendar-repeat"},
)
