"""From an event to the page of what it was about."""

from __future__ import annotations

from django.urls import NoReverseMatch, reverse

from muster.audit.models import Event

PAGES = {"producer": "producer-by-id", "agency": "agency-detail", "email": "mail-detail"}


def link_of(event: Event) -> str | None:
    """The page of the operation, producer, agency or mail that the event was about, where there is one."""
    thing, _, key = event.subject.partition(":")
    try:
        if event.operation_id:
            return reverse("import-detail", args=[event.operation_id])
        return reverse(PAGES[thing], args=[int(key)])
    except (NoReverseMatch, KeyError, ValueError):
        return None
