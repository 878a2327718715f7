"""Onboarding somebody who was removed before: one record, another time here, and every page says so."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from muster.access.models import Membership
from muster.access.permissions import Role
from muster.audit.models import Event
from muster.bulk.models import Item
from muster.core.onboarding import DraftStatus, IdentifiedBy
from muster.onboarding.joining import email_in_use
from muster.onboarding.models import Draft
from muster.onboarding.operations import onboard
from muster.producers.models import Producer, SyncStatus, Tenure
from tests.bulk.uploads import AGENCY, as_csv, codes, import_file
from tests.bulk.uploads import row as agent_row
from tests.make import make_agency, make_appointment, make_license, make_member, make_producer, with_ssn
from tests.offboarding.removals import fresh, remove
from tests.onboarding.files import drafts_of, onboard_all, row, upload
from tests.onboarding.starting import TALBOT, begin, make_draft, person
from tests.web.reading import text

pytestmark = pytest.mark.django_db


@pytest.fixture
def removed(member: Membership) -> Producer:
    """Zoë O'Brien-Nuñez, who was here, with what was known of her then."""
    admin = make_member(member.organization, Role.ADMIN, name="Ines Duarte")
    told = person(TALBOT)
    made = make_producer(
        member.organization,
        npn=TALBOT,
        first_name=told.first_name,
        last_name=told.last_name,
        email="zoe@old.example",
        sync_status="success",
        synced_at=timezone.now(),
        **with_ssn(told.ssn.replace("-", "")),
    )
    make_license(made)
    make_appointment(made)
    remove(admin, made)
    return fresh(made)


WAYS: dict[str, dict[str, Any]] = {
    "npn": {"npn": TALBOT},
    "ssn": {
        "by": IdentifiedBy.SSN,
        "ssn": person(TALBOT).ssn.replace("-", ""),
        "last_name": person(TALBOT).last_name,
    },
}


@pytest.mark.usefixtures("sandbox")
@pytest.mark.parametrize("way", WAYS)
def test_who_was_removed_is_found_by_the_wizard_and_may_be_onboarded(
    member: Membership, removed: Producer, way: str
) -> None:
    started = begin(member, **WAYS[way])
    assert started.findings == ()
    assert started.draft is not None
    assert (started.draft.npn, started.draft.status) == (TALBOT, DraftStatus.READY)
    assert started.draft.is_readded


def finish(member: Membership, draft: Draft) -> None:
    onboard(
        organization_id=member.organization_id, draft_ids=[draft.pk], by_id=member.user_id, now=timezone.now()
    )


def test_finishing_begins_another_time_of_the_same_producer(member: Membership, removed: Producer) -> None:
    draft = make_draft(member)
    finish(member, draft)
    back = Producer.objects.get()
    assert (back.pk, back.removed_at, back.is_watched) == (removed.pk, None, True)
    assert (back.email, back.sync_status) == ("zoe@harbor.example", SyncStatus.QUEUED)
    assert (back.licenses.count(), back.appointments.count()) == (1, 1)
    first, second = Tenure.objects.order_by("began_at")
    assert (first.ended_at, second.ended_at) == (removed.removed_at, None)
    assert second.began_by == member.user
    draft.refresh_from_db()
    assert (draft.status, draft.producer_id) == (DraftStatus.ONBOARDED, removed.pk)
    kinds = Event.objects.filter(kind__in=["producer:add-again", "producer:onboard"])
    assert sorted(kinds.values_list("kind", flat=True)) == ["producer:add-again", "producer:onboard"]


def test_pressed_twice_it_begins_one(member: Membership, removed: Producer) -> None:
    draft = make_draft(member)
    finish(member, draft)
    finish(member, draft)
    assert Tenure.objects.count() == 2


def test_the_pages_of_the_wizard_say_that_somebody_comes_back(
    client: Client, member: Membership, removed: Producer
) -> None:
    client.force_login(member.user)
    draft = make_draft(member, is_readded=True)
    said = "was removed from the organization before, and is onboarded again."
    for step in ("details", "review"):
        assert said in text(client.get(reverse(f"draft-{step}", args=[draft.pk]))), step
    form = {"version": draft.version, "finish": "yes"}
    done = client.post(reverse("draft-review", args=[draft.pk]), form, follow=True)
    assert "is back in the organization." in text(done)
    shown = text(client.get(reverse("producer-detail", args=[TALBOT])))
    assert "Was here before, until" in shown


@pytest.mark.usefixtures("sandbox")
def test_one_of_several_persons_who_was_removed_can_be_chosen(client: Client, member: Membership) -> None:
    gone = make_producer(member.organization, npn="9000022")
    remove(make_member(member.organization), gone)
    client.force_login(member.user)
    asked = {"by": "license", "number": "77001234", "state": "TX", "email": "z@harbor.example"}
    assert "was removed before" in text(client.post(reverse("onboard-producer"), asked, follow=True))
    chosen = client.post(reverse("draft", args=[Draft.objects.get().pk]), {"npn": "9000022"}, follow=True)
    assert "is onboarded again" in text(chosen)


@pytest.mark.usefixtures("sandbox")
def test_a_row_of_a_file_onboards_again_and_says_so(client: Client, member: Membership) -> None:
    gone = make_producer(member.organization, npn=row(0)["NPN"])
    remove(make_member(member.organization), gone)
    file = upload(member, [row(0), row(1)])
    assert [(one.status, one.is_readded) for one in drafts_of(file)] == [("ready", True), ("ready", False)]
    client.force_login(member.user)
    assert "Was removed before" in text(client.get(reverse("bulk-onboard-file", args=[file.pk])))
    begun = onboard_all(member, file)
    assert (begun.outcomes["created"], begun.outcomes["updated"]) == (1, 1)
    assert fresh(gone).removed_at is None
    assert Tenure.objects.filter(producer=gone).count() == 2
    assert Producer.objects.count() == 2


def test_a_row_of_an_agent_upload_adds_again_and_says_so(member: Membership) -> None:
    gone = make_producer(member.organization, npn="17654321")
    remove(make_member(member.organization), gone)
    make_agency(member.organization, npn=AGENCY)
    operation = import_file(member, as_csv([agent_row(Agent_NPN="17654321")]))
    assert codes(operation) == [(2, "AGENT-W001")]
    item = Item.objects.get(operation=operation)
    assert (item.outcome, item.result) == ("created", {"again": True})
    assert fresh(gone).removed_at is None
    assert [(one.ended_at is None, one.operation_id) for one in Tenure.objects.order_by("began_at")][1] == (
        True,
        operation.pk,
    )


def test_the_address_of_somebody_who_was_removed_is_free(member: Membership, removed: Producer) -> None:
    assert email_in_use(member.organization_id, "zoe@old.example", npn="77") is None
