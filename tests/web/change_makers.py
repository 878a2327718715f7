"""Making changes as the triggers keep them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from muster.history.models import Change

NOON = datetime(2026, 3, 5, 17, tzinfo=UTC)


def a_change(**of: Any) -> Change:
    return Change(**{"verb": "changed", "at": NOON, "source": "registry", "producer_id": 1, **of})


def a_phone(pk: int, state: str, **of: Any) -> Change:
    new = {"value": "5205550181", "updated_on": f"2026-03-0{pk}"}
    told = {"about": {"kind": "phone"}, "old": {"value": "5205550180"}, "new": new}
    return a_change(**{"kind": "contact", "pk": pk, "state": state, **told, **of})
