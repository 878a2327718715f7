"""From an event to the page of what it was about."""

from __future__ import annotations

from django.urls import reverse

from muster.audit.models import Event
from muster.bulk.kinds import selection_kinds, upload_kinds
from muster.console.rules.links import rule_url

PAGES = {
    "producer": "producer-by-id",
    "agency": "agency-detail",
    "company": "company-detail",
    "business-rule": "business-rule",
    "email": "mail-detail",
    "person": "person",
    "transaction": "transaction-detail",
    "territory": "territory",
    "webhook": "webhook",
}


def link_of(event: Event) -> str | None:
    """The page of what the event was about (PAGES, an upload, or an action), where there is one."""
    thing, _, key = event.subject.partition(":")
    if thing in PAGES and key.isdecimal() and not event.kind.endswith(":delete"):
        return reverse(PAGES[thing], args=[key])
    if thing == "rule":
        return rule_url(str(event.data.get("rule")))
    page = _page_of_operation(event.data.get("kind"))
    return reverse(page, args=[event.operation_id]) if event.operation_id and page else None


def _page_of_operation(kind: str | None) -> str:
    if kind is None or kind in {upload.name for upload in upload_kinds()}:
        return "import-detail"
    return "operation-detail" if kind in {action.name for action in selection_kinds()} else ""
