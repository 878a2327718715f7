"""Producers in words and colors."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from django import template
from django.utils.timesince import timesince

from muster.console.statuses import LOOKS
from muster.core.words import states
from muster.producers.models import MOVING, Producer, SyncStatus

PHONE = re.compile(r"(?:\+?1[-. ]?)?\(?([2-9][0-9]{2})\)?[-. ]?([0-9]{3})[-. ]?([0-9]{4})")

register = template.Library()


@register.inclusion_tag("producers/status.html")
def sync_status(producer: Producer) -> dict[str, Any]:
    """The sync status as a badge."""
    status = SyncStatus(producer.sync_status)
    color, icon = LOOKS[status]
    return {"label": status.label, "color": color, "icon": icon, "moves": status in MOVING}


@register.filter
def ago(at: datetime) -> str:
    """`{{ producer.synced_at|ago }}` is "5 minutes ago": the largest unit says enough."""
    span = timesince(at, depth=1).replace("\xa0", " ")
    return "just now" if span.startswith("0 ") else f"{span} ago"


@register.filter
def phone(number: str) -> str:
    """`{{ "520-555-0180"|phone }}` is "(520) 555-0180"; what is no number of ten digits stays as it is."""
    parts = PHONE.fullmatch(number.strip())
    return "({}) {}-{}".format(*parts.groups()) if parts else number


@register.filter
def state_name(code: str) -> str:
    """`{{ "CA"|state_name }}` is "California"."""
    return states().get(code, code)
