"""The ledger of fees: what licenses have cost and will, by payer, month, state and producer."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse, QueryDict, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.dateformat import format as in_format
from django.utils.timezone import localdate, localtime
from django.views.decorators.http import require_safe

from muster.access.gate import StaffRequest, needs
from muster.access.models import Membership
from muster.access.permissions import Permission
from muster.audit.operations import EventKind, record
from muster.core.licensing import PAYER_LABELS
from muster.core.words import states
from muster.core.writing import csv_lines
from muster.reports.exporting import CONTENT_TYPES, CSV
from muster.transactions.ledger import MOST_ROWS, NOBODY, Amounts, By, LedgerSelection, ledger, ledger_rows

LABELS = {By.PAYER: "Payer", By.MONTH: "Month", By.STATE: "State", By.PRODUCER: "Producer"}
PAYERS = {**PAYER_LABELS, NOBODY: "Not set"}
_MONTH = re.compile(r"(?:19|20|21)\d\d-(?:0[1-9]|1[0-2])", re.ASCII)


@dataclass(frozen=True, slots=True)
class Row:
    """A row in words; `url` leads to what it is made of."""

    label: str
    about: str
    url: str
    amounts: Amounts


@require_safe
@needs(Permission.READ)
def fee_ledger(request: StaffRequest) -> HttpResponse:
    """Fees added up as the address says."""
    selection = _selection_of(request.GET)
    found = ledger(request.member, selection)
    return render(
        request,
        "licenses/ledger.html",
        {
            "rows": [_row(one.key, one.name, one.amounts, selection) for one in found.rows],
            "total": found.total,
            "is_cut": found.is_cut,
            "most": MOST_ROWS,
            "selection": selection,
            "tabs": [
                (label, _url(replace(selection, by=by)), by is selection.by) for by, label in LABELS.items()
            ],
            "by_label": LABELS[selection.by],
            "payers": PAYERS,
            "states": states(),
            "report_url": reverse("report-shipped", args=["license-fees"]),
            "export_url": _url(selection, "fee-ledger-export"),
        },
    )


@require_safe
@needs(Permission.READ)
def fee_ledger_export(request: StaffRequest) -> StreamingHttpResponse:
    """The ledger as the address says, all rows, as CSV; on record."""
    selection = _selection_of(request.GET)
    response = StreamingHttpResponse(_csv(request.member, selection), content_type=CONTENT_TYPES[CSV])
    name = f"fee-ledger-by-{selection.by.value}-{localdate():%Y-%m-%d}.csv"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "no-store"
    return response


def _csv(member: Membership, selection: LedgerSelection) -> Iterator[str]:
    written = 0
    header = [*_header(selection), *AMOUNTS]
    try:
        yield from csv_lines([header])
        for one in ledger_rows(member, selection):
            row = _row(one.key, one.name, one.amounts, selection)
            whose = [row.label, str(one.key)] if selection.by is By.PRODUCER else [row.label]
            # The first line tells Excel the encoding; the header has done so.
            _, line = csv_lines([(), [*whose, *_cells(one.amounts)]])
            written += 1
            yield line
    finally:
        record(
            EventKind.REPORT_EXPORTED,
            organization_id=member.organization_id,
            by_id=member.user_id,
            subject="report:fee-ledger",
            data={
                "name": "Fee ledger",
                "of": f"by {LABELS[selection.by].lower()}",
                "format": CSV,
                "rows": written,
                "columns": header,
            },
        )


AMOUNTS = (
    "Accepted",
    "Charged",
    "Charged, Unknown Of",
    "Estimate of What Is Unknown",
    "Open",
    "Estimated",
    "Estimated, Unknown Of",
)
"""What the columns of amounts are called: counts, dollars that are known, and of how many a part is not."""


def _header(selection: LedgerSelection) -> list[str]:
    return [LABELS[selection.by], *(["NPN"] if selection.by is By.PRODUCER else [])]


def _cells(of: Amounts) -> list[str]:
    return [
        *(str(of.accepted), _money(of.charged), str(of.charged_unknown), _money(of.likely)),
        *(str(of.open), _money(of.expected), str(of.expected_unknown)),
    ]


def _money(cents: int) -> str:
    return f"{cents // 100}.{cents % 100:02d}"


def _selection_of(query: QueryDict) -> LedgerSelection:
    by, payer, state, month = (query.get(name, "") for name in ("by", "payer", "state", "month"))
    return LedgerSelection(
        By(by) if by in list(By) else By.PAYER,
        payer if payer in PAYERS else "",
        state if state in states() else "",
        month if _MONTH.fullmatch(month) else "",
    )


def _url(selection: LedgerSelection, page: str = "fee-ledger") -> str:
    asked = {
        "by": "" if selection.by is By.PAYER else selection.by.value,
        "payer": selection.payer,
        "state": selection.state,
        "month": selection.month,
    }
    query = urlencode({name: value for name, value in asked.items() if value})
    return reverse(page) + (f"?{query}" if query else "")


def _row(key: Any, name: str, amounts: Amounts, selection: LedgerSelection) -> Row:
    match selection.by:
        case By.PAYER:
            narrowed = replace(selection, by=By.STATE, payer=key or NOBODY)
            return Row(PAYERS.get(key or NOBODY, key), "", _url(narrowed), amounts)
        case By.MONTH:
            day = localtime(key)
            narrowed = replace(selection, by=By.PAYER, month=f"{day:%Y-%m}")
            return Row(in_format(day, "F Y"), "", _url(narrowed), amounts)
        case By.STATE:
            narrowed = replace(selection, by=By.PRODUCER, state=key)
            return Row(states().get(key, key), "", _url(narrowed), amounts)
        case By.PRODUCER:
            page = reverse("producer-detail", args=[key]) + "#filings"
            return Row(name or f"NPN {key}", f"NPN {key}", page, amounts)
