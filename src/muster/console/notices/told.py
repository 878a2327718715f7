"""Notices in words, each with the page that it leads to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from muster.access.models import Membership
from muster.access.permissions import Permission
from muster.audit.operations import EventKind
from muster.bulk.models import Operation
from muster.core.counting import counted
from muster.notices.completion import path_of, title_of
from muster.notices.models import Notice
from muster.notices.words import OUTCOMES
from muster.producers.models import Producer
from muster.webhooks.models import Endpoint

Data = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Line:
    """A notice as it is shown: icon, color of the kit, what happened, more about it, and where it leads."""

    notice: Notice
    icon: str
    color: str
    text: str
    more: str
    url: str


REFUSED = {
    EventKind.SYNC_REFUSED.value: "The registry refused our user name or password: nothing is synced.",
    EventKind.ALERTS_REFUSED.value: "The registry refused our user name or password: no alerts are fetched.",
    EventKind.FILINGS_REFUSED.value: "The registry refused our user name or password: nothing is filed.",
}


def told(member: Membership, notices: Iterable[Notice]) -> list[Line]:
    """The notices of a page in words, with two statements whatever their number."""
    notices = list(notices)
    operations = Operation.objects.filter(organization_id=member.organization_id).in_bulk(
        _named(notices, "operation"), field_name="pk"
    )
    found = Producer.objects.visible_to(member, Permission.READ).in_bulk(_named(notices, "producer"))
    return [_line(notice, {str(key): one for key, one in operations.items()}, found) for notice in notices]


def _named(notices: Iterable[Notice], what: str) -> list[Any]:
    return list({notice.data[what] for notice in notices if notice.data.get(what)})


def _line(notice: Notice, operations: dict[str, Operation], producers: dict[int, Producer]) -> Line:
    data = notice.data
    operation = operations.get(data.get("operation") or "")
    producer = producers.get(data.get("producer") or 0)
    match notice.kind:
        case Notice.Kind.OPERATION_FINISHED:
            return _finished(notice, operation)
        case Notice.Kind.PRODUCERS_REMOVED:
            count = data.get("producers") or 1
            return Line(
                notice,
                "user-minus",
                "green",
                f"{counted(count, 'producer,producers')} removed",
                "The terminations that were waited for are accepted.",
                _page_of(operation),
            )
        case Notice.Kind.PRODUCER_REGISTERED:
            return Line(
                notice,
                "user-check",
                "green",
                f"{producer or 'A producer'} has registered",
                "They now see their licenses and appointments at the portal.",
                reverse("producer-by-id", args=[producer.pk]) if producer else reverse("producer-list"),
            )
        case Notice.Kind.WEBHOOK_OFF:
            why = dict(Endpoint.Off.choices).get(data.get("why", ""), "It failed")
            return Line(
                notice,
                "plug-x",
                "red",
                f"Webhook switched off: {data.get('url', '')}",
                f"{why}.",
                reverse("webhook", args=[data["endpoint"]])
                if data.get("endpoint")
                else reverse("webhook-list"),
            )
    words = REFUSED.get(data.get("what", ""), "The registry refused our user name or password.")
    return Line(notice, "plug-x", "red", words, "Correct the account in the settings.", reverse("registry"))


def _page_of(operation: Operation | None) -> str:
    return (path_of(operation) if operation else "") or reverse("home")


def _finished(notice: Notice, operation: Operation | None) -> Line:
    outcomes = notice.data.get("outcomes") or {}
    more = ", ".join(
        f"{outcomes[name]:,} {label.lower()}" for name, label in OUTCOMES.items() if outcomes.get(name)
    )
    bad, canceled = bool(outcomes.get("rejected")), notice.data.get("state") == "canceled"
    title = title_of(operation) if operation else "The operation"
    source = f" of {operation.source_name}" if operation and operation.source_name else ""
    return Line(
        notice,
        "ban" if canceled else "alert-circle" if bad else "circle-check",
        "orange" if bad or canceled else "green",
        f"{title}{source} {'was canceled' if canceled else 'is done'}",
        more,
        _page_of(operation),
    )
