"""The URLs of onboarding and territories, and who gets what there: rows of the permission table."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from django.utils import timezone

from muster.access.models import Organization
from muster.onboarding.many import start_onboarding
from muster.onboarding.models import Territory
from tests.make import make_member, make_producer
from tests.onboarding.files import AS_USUAL, make_file_of_one
from tests.onboarding.starting import TALBOT, make_draft
from tests.web.permission_table import Row, admins, managers, nothing, readers


def a_draft(organization: Organization, **over: Any) -> dict[str, Any]:
    """An onboarding that could be finished, of somebody else's."""
    return {"draft_id": make_draft(make_member(organization), **over).pk}


def a_finished_draft(organization: Organization) -> dict[str, Any]:
    producer = make_producer(organization, npn=TALBOT)
    return a_draft(organization, status="onboarded", producer=producer)


def a_file(organization: Organization, **over: Any) -> dict[str, Any]:
    """A file of producers with one row that is looked up."""
    return {"operation_id": make_file_of_one(make_member(organization), **over).operation_id}


def a_row_of_a_file(organization: Organization, **over: Any) -> dict[str, Any]:
    draft = make_file_of_one(make_member(organization), **over)
    return {"operation_id": draft.operation_id, "draft_id": draft.pk}


def a_failed_row(organization: Organization) -> dict[str, Any]:
    return a_row_of_a_file(organization, status="failed", facts={})


def an_onboarding_of_a_file(organization: Organization) -> dict[str, Any]:
    """One that waits for a worker."""
    member = make_member(organization)
    upload = make_file_of_one(member).operation
    begun = start_onboarding(
        by=member, upload=upload, operation_id=uuid4(), payment=AS_USUAL, now=timezone.now()
    )
    return {"operation_id": upload.pk, "onboarding_id": begun.pk}


def a_territory(organization: Organization) -> dict[str, Any]:
    """A territory's id."""
    territory = Territory.objects.create(organization=organization, name="West Coast", states=["CA", "WA"])
    return {"territory_id": territory.pk}


def onboarders(name: str, *, allowed: int, **over: Any) -> Row:
    """For those who may add producers: Licensing Specialists and Agency Admins."""
    return managers(name, allowed=allowed, **{"make": a_draft, "outsider": 404, **over})


A_TERRITORY = {"name": "East Coast", "state": ["NY"]}

ONBOARDING = [
    onboarders("draft-list", make=nothing, allowed=200, outsider=200),
    onboarders("onboard-producer", make=nothing, allowed=200, outsider=200),
    onboarders("onboard-producer", method="post", make=nothing, allowed=200, outsider=200),
    onboarders("draft", allowed=302),
    onboarders("draft", method="post", allowed=302),
    onboarders("draft-details", allowed=200),
    onboarders("draft-details", method="post", data={"version": "1"}, allowed=302),
    onboarders("draft-states", allowed=200),
    onboarders("draft-states", method="post", data={"version": "1", "next": "yes"}, allowed=302),
    onboarders("draft-cost", method="post", data={"version": "1"}, allowed=200),
    onboarders("draft-review", allowed=200),
    onboarders("draft-review", method="post", data={"version": "1"}, allowed=302),
    onboarders("draft-done", make=a_finished_draft, allowed=200),
    # Nothing is looked up again for one that has ended.
    onboarders("draft-look-up", method="post", make=a_finished_draft, allowed=302),
    onboarders("draft-discard", method="post", allowed=302),
    onboarders("bulk-onboard", make=nothing, allowed=200, outsider=200),
    onboarders("bulk-onboard", method="post", make=nothing, allowed=404),
    admins("bulk-onboard-columns", method="post", data={"ssn": "yes"}, admin=302, outsider=302),
    onboarders("bulk-onboard-file", make=a_file, allowed=200),
    onboarders("bulk-onboard-retrieving", make=a_file, allowed=302),
    onboarders("bulk-onboard-reprocess", method="post", make=a_file, allowed=302),
    onboarders("bulk-onboard-mend", method="post", make=a_failed_row, data={"npn": "12a"}, allowed=302),
    onboarders("bulk-onboard-leave", method="post", make=a_failed_row, allowed=302),
    onboarders("bulk-onboard-payment", make=a_file, allowed=200),
    onboarders("bulk-onboard-payment", method="post", make=a_file, allowed=404),
    onboarders(
        "bulk-onboard-payment-row", method="post", make=a_row_of_a_file, data={"as_all": "yes"}, allowed=302
    ),
    onboarders("bulk-onboard-progress", make=an_onboarding_of_a_file, allowed=200),
    readers("territory-list"),
    admins("territory-new"),
    admins("territory-new", method="post", data=A_TERRITORY, admin=302, outsider=302),
    admins("territory", make=a_territory, outsider=404),
    admins("territory", method="post", make=a_territory, data=A_TERRITORY, admin=302, outsider=404),
    admins("territory-delete", method="post", make=a_territory, admin=302, outsider=404),
]
