"""Producers in words and colors."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import template
from django.utils.timesince import timesince

from muster.console.statuses import LOOKS
from muster.core.words import states
from muster.producers.models import MOVING, Producer, SyncStatus

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
def state_name(code: str) -> str:
    """`{{ "CA"|state_name }}` is "California"."""
    return states().get(code, code)
