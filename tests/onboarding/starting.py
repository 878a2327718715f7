"""Beginning onboardings in tests, of people whom the sandbox registry makes up."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.utils import timezone

from muster.access.models import Membership
from muster.core.onboarding import DraftStatus, IdentifiedBy
from muster.onboarding.drafts import Started, start
from muster.onboarding.looking_up import Identity
from muster.onboarding.models import Draft
from muster.registry.adapter import open_registry
from muster_sandbox.population import producer
from muster_sandbox.records import Producer

TALBOT = "9000013"
"""Zoë O'Brien-Nuñez, resident in Texas, licensed in California and Florida."""

AN_AGENCY = "8000042"
"""Lanternhill Brokerage Inc."""

FACTS: dict[str, Any] = {
    "kind": "individual",
    "first_name": "Zoë",
    "middle_name": "",
    "last_name": "O'Brien-Nuñez",
    "name_suffix": "",
    "home_state": "TX",
    "email": "zoe@example.com",
    "phone": "5555550101",
    "address": "1 Main St, Austin, TX 78701",
    "licenses": [
        {
            "state": "TX",
            "number": "123",
            "class": "Insurance Producer",
            "resident": True,
            "in_force": True,
            "expires": "2099-01-01",
            "lines": ["Life"],
        }
    ],
}


def person(npn: str) -> Producer:
    """Whom the sandbox has by this NPN."""
    found = producer(npn, today=date(2026, 3, 15))
    assert found is not None
    return found


def begin(member: Membership, **who: Any) -> Started:
    """What comes of an identification; by NPN unless told otherwise."""
    told = {"by": IdentifiedBy.NPN, "email": "zoe@harbor.example", **who}
    return start(by=member, who=Identity(**told), open_registry=open_registry, now=timezone.now())


def make_draft(by: Membership, **over: Any) -> Draft:
    """An onboarding that could be finished: looked up, with payers, and life in California chosen."""
    return Draft.objects.create(
        organization_id=by.organization_id,
        **{
            "identified_by": IdentifiedBy.NPN,
            "npn": TALBOT,
            "email": "zoe@harbor.example",
            "status": DraftStatus.READY,
            "facts": FACTS,
            "looked_up_at": timezone.now(),
            "new_paid_by": "agency",
            "renewal_paid_by": "producer",
            "auto_renewal": True,
            "choices": {"CA": ["Life"]},
            "step": "review",
            "started_by_id": by.user_id,
            "touched_by_id": by.user_id,
            **over,
        },
    )
