"""The mailings that were sent, and what has become of each mail of one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.dateparse import parse_datetime
from django.views.decorators.http import require_safe

from muster.access.gate import StaffRequest, needs
from muster.access.permissions import Permission
from muster.bulk.models import Operation
from muster.console.imports.views import row_number
from muster.console.operations.reads import actions_of
from muster.console.operations.standing import state_words
from muster.console.transactions.moving import POLL_SECONDS
from muster.mailing.queries import deliveries_of, delivery_of, told_of
from muster.mailing.sending import SUBJECT, SendEmail
from muster.notices.models import UNDER_WAY, EmailState

MAILINGS, MAILS = 20, 50
"""So many stand on a page."""


@dataclass(frozen=True, slots=True)
class Line:
    """A mailing, and how many of its mails are in each state that occurs."""

    operation: Operation
    subject: str
    words: str
    delivery: list[tuple[EmailState, int]]


@dataclass(frozen=True, slots=True)
class Tab:
    """One state of mails, as a filter."""

    name: str
    label: str
    count: int
    current: bool


@require_safe
@needs(Permission.SEND_MAIL)
def mailing_list(request: StaffRequest) -> HttpResponse:
    """The mailings, newest first."""
    rows = actions_of(request.member).filter(kind=SendEmail.name).order_by("-created_at")
    if before := _moment(request.GET.get("before", "")):
        rows = rows.filter(created_at__lt=before)
    found = list(rows[: MAILINGS + 1])
    shown = found[:MAILINGS]
    deliveries = deliveries_of([one.pk for one in shown], request.member.organization_id)
    lines = [
        Line(
            one, str(one.params.get(SUBJECT, "")), state_words(one), list(deliveries.get(one.pk, {}).items())
        )
        for one in shown
    ]
    further = {"first_url": "?"} if before else {}
    if len(found) > MAILINGS:
        further["next_url"] = f"?before={shown[-1].created_at.isoformat().replace('+', '%2B')}"
    return render(request, "mailing/list.html", {"lines": lines, **further})


@require_safe
@needs(Permission.SEND_MAIL)
def mailing(request: StaffRequest, operation_id: UUID) -> HttpResponse:
    """Each mail of a mailing: to whom, and where it is."""
    mine = actions_of(request.member).filter(kind=SendEmail.name)
    operation = get_object_or_404(mine, pk=operation_id)
    delivery = delivery_of(operation.pk, operation.organization_id)
    chosen = request.GET.get("state", "")
    mails = told_of(operation.pk, operation.organization_id)
    if chosen in delivery:
        mails = mails.filter(state=chosen)
    else:
        chosen = ""
    after = row_number(request.GET.get("after"))
    found = list(mails.filter(pk__gt=after).order_by("pk")[: MAILS + 1])
    query = f"?state={chosen}&" if chosen else "?"
    tabs = [Tab("", "All", sum(delivery.values()), not chosen)]
    tabs += [Tab(state.value, state.label, count, state == chosen) for state, count in delivery.items()]
    return render(
        request,
        "mailing/detail.html",
        {
            "operation": operation,
            "subject": operation.params.get(SUBJECT) or "Mailing",
            "emails": found[:MAILS],
            "tabs": tabs,
            "moves": not delivery.keys().isdisjoint(UNDER_WAY),
            "poll_seconds": POLL_SECONDS,
            "may_read": request.member.may(Permission.READ_MAIL),
            "has_server": bool(settings.EMAIL_HOST),
            "first_url": query.rstrip("&") if after else None,
            "next_url": f"{query}after={found[MAILS - 1].pk}" if len(found) > MAILS else None,
        },
    )


def _moment(told: str) -> datetime | None:
    try:
        return parse_datetime(told)
    except ValueError:
        return None
