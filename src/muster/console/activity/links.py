"""From an event to the page of what it was about."""

from __future__ import annotations

from django.urls import reverse

from muster.audit.models import Event
from muster.bulk.kinds import upload_kinds
from muster.console.rules.links import rule_url

PAGES = {
    "producer": "producer-by-id",
    "agency": "agency-detail",
    "company": "company-detail",
    "business-rule": "business-rule",
    "email": "mail-detail",
    "person": "person",
}


def link_of(event: Event) -> str | None:
    """The page of what the event was about (PAGES, or an upload), where there is one."""
    thing, _, key = event.subject.partition(":")
    if thing in PAGES and key.isdecimal() and not event.kind.endswith(":delete"):
        return reverse(PAGES[thing], args=[key])
    if thing == "rule":
        return rule_url(str(event.data.get("rule")))
    if event.operation_id and _is_upload(event):
        return reverse("import-detail", args=[event.operation_id])
    return None


def _is_upload(event: Event) -> bool:
    kind = event.data.get("kind")
    return kind is None or kind in {upload.name for upload in upload_kinds()}
