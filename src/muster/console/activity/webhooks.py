"""What was done with webhooks, in words."""

from __future__ import annotations

from typing import Any

from muster.core.counting import counted
from muster.webhooks.models import Endpoint

Data = dict[str, Any]


def _url(data: Data) -> str:
    return str(data.get("url") or "an address not recorded")


def created(data: Data) -> str:
    """An endpoint was added."""
    return f"added the webhook to {_url(data)}"


def changed(data: Data) -> str:
    """Where an endpoint is, or what it is told, was changed."""
    return f"changed the webhook to {_url(data)}"


def rotated(data: Data) -> str:
    """An endpoint was given a new secret."""
    return f"gave the webhook to {_url(data)} a new secret"


def switched_on(data: Data) -> str:
    """An endpoint is told again of what happens."""
    return f"switched the webhook to {_url(data)} on"


def switched_off(data: Data) -> str:
    """An endpoint is told nothing more, by a person or because it failed."""
    why = data.get("why")
    words = {
        Endpoint.Off.GONE.value: ": it answered that it is gone",
        Endpoint.Off.FAILING.value: ": it failed for three days",
    }
    return f"switched the webhook to {_url(data)} off{words.get(str(why), '')}"


def deleted(data: Data) -> str:
    """An endpoint was deleted."""
    return f"deleted the webhook to {_url(data)}"


def replayed(data: Data) -> str:
    """Events were sent again."""
    count = data.get("deliveries")
    events = counted(count, "event,events") if isinstance(count, int) else "events"
    return f"sent {events} again to the webhook {_url(data)}"
