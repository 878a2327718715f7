"""Who is limited to agencies meets nobody of another agency: on no page, in no list, by no file."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from muster.access.models import Membership, Organization
from muster.access.operations import CannotChange, change_person
from muster.access.permissions import OF_AGENCIES, Permission, Role
from muster.bulk.models import Finding
from muster.notices.models import Reminder
from muster.producers.models import Producer
from muster.registry.operations import resync
from muster.scorecards.operations import judge_producers
from muster.transactions.batches import visible_batches
from muster.transactions.queries import awaited, counts_by_status, visible_transactions
from tests.make import (
    make_agency,
    make_appointment,
    make_assignment,
    make_batch,
    make_company,
    make_license,
    make_line,
    make_member,
    make_organization,
    make_producer,
    make_transaction,
)
from tests.transactions.test_appoint import checked
from tests.transactions.test_appoint import row as asking
from tests.transactions.test_terminate import check
from tests.transactions.test_terminate import row as ending
from tests.web.all_permissions import ROWS
from tests.web.permission_table import Row

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
NOT_ABOUT_PRODUCERS = {"switch-organization", "account", "portal-organizations"}

pytestmark = pytest.mark.django_db


def make_known(organization: Organization, last_name: str, **over: Any) -> Producer:
    """A producer of whom every list has something."""
    producer = make_producer(organization, last_name=last_name, synced_at=NOW, sync_status="success", **over)
    license = make_license(producer, expires_on=timezone.localdate() + timedelta(days=20))
    make_line(license)
    make_appointment(producer)
    make_assignment(producer)
    make_transaction(producer)
    Reminder.objects.create(
        organization=organization, license=license, expires_on=license.expires_on, days=30, made_at=NOW
    )
    return producer


def make_limited(organization: Organization, role: Role = Role.SPECIALIST) -> tuple[Membership, Producer]:
    """A member limited to one agency, and the producer there; another agency has Beryl, none has Cobalt."""
    make_company(organization)
    own, other = make_agency(organization), make_agency(organization, name="Beryl Agency")
    mine = make_known(organization, "Amber", agency=own)
    make_known(organization, "Beryl", agency=other)
    make_known(organization, "Cobalt")
    everybody = list(Producer.objects.values_list("pk", flat=True))
    judge_producers(producer_ids=everybody, today=timezone.localdate(), now=NOW)
    member = make_member(organization, role)
    member.agency_ids = [own.pk]
    member.save()
    return member, mine


def body(response: Any) -> str:
    content = b"".join(response.streaming_content) if response.streaming else response.content
    return content.decode("utf-8", "replace")


@pytest.mark.parametrize("row", [row for row in ROWS if row.name not in NOT_ABOUT_PRODUCERS], ids=str)
def test_no_page_tells_of_a_producer_of_another_agency(row: Row) -> None:
    organization = make_organization()
    member, mine = make_limited(organization)
    url = reverse(row.name, kwargs=row.make(organization))
    strangers = Producer.objects.exclude(pk=mine.pk).values_list("npn", "last_name")
    words = {word for npn, last_name in strangers for word in (f">{npn}<", f"NPN {npn}", last_name)}
    client = Client()
    client.force_login(member.user)

    response = client.get(url, row.data) if row.method == "get" else client.post(url, row.data)

    told = body(response)
    assert [word for word in sorted(words) if word in told and word not in str(row.data)] == []


LISTS = [
    "producer-list",
    "license-list",
    "appointment-list",
    "transaction-list",
    "scorecard-list",
    "reminder-list",
]


@pytest.mark.parametrize("name", LISTS)
def test_each_list_has_the_producers_of_their_own_agency(name: str) -> None:
    member, _ = make_limited(make_organization())
    client = Client()
    client.force_login(member.user)
    assert "Amber" in body(client.get(reverse(name)))


@pytest.mark.parametrize("permission", Permission)
def test_what_is_of_the_whole_organization_is_not_theirs(permission: Permission) -> None:
    member, _ = make_limited(make_organization(), Role.SPECIALIST)
    if permission not in OF_AGENCIES:
        assert not member.may(permission)


def test_counts_are_of_their_own_agency() -> None:
    member, mine = make_limited(make_organization())
    today = timezone.localdate()
    assert counts_by_status(member)["ready"] == visible_transactions(member).count() == 1
    assert awaited(member, today=today).ready == 1
    assert list(visible_batches(member).values_list("producer", flat=True)) == [mine.pk]


def test_a_batch_that_holds_another_agency_s_transaction_too_is_not_theirs() -> None:
    organization = make_organization()
    member, mine = make_limited(organization)
    batch = make_batch(mine)
    make_transaction(mine, batch=batch)
    assert visible_batches(member).filter(pk=batch.pk).exists()
    make_transaction(Producer.objects.get(last_name="Beryl"), batch=batch)
    assert not visible_batches(member).filter(pk=batch.pk).exists()


def test_a_resync_of_all_is_one_of_their_own_agency() -> None:
    organization = make_organization()
    member, mine = make_limited(organization)
    resync(member=member, producers=Producer.objects.all(), now=NOW)
    assert list(Producer.objects.filter(sync_status="queued").values_list("pk", flat=True)) == [mine.pk]


def test_a_file_that_ends_appointments_is_about_their_own_agency() -> None:
    member, mine = make_limited(make_organization())
    stranger = Producer.objects.get(last_name="Beryl")
    operation = check(member, ending(mine), ending(stranger))
    found = Finding.objects.filter(operation=operation, severity="error").values_list("row_no", "code")
    assert list(found) == [(3, "TERM-E001")]


def test_a_file_that_requests_appointments_is_about_their_own_agency() -> None:
    member, mine = make_limited(make_organization())
    stranger = Producer.objects.get(last_name="Beryl")
    operation = checked(member, [asking(mine), asking(stranger)])
    found = Finding.objects.filter(operation=operation, code="APP-E001").values_list("row_no", flat=True)
    assert list(found) == [3]


def test_an_admin_gives_limits_on_the_page_of_a_person() -> None:
    organization = make_organization()
    agency, person = make_agency(organization), make_member(organization, Role.VIEWER)
    client = Client()
    client.force_login(make_member(organization).user)
    url = reverse("person", args=[person.pk])
    client.post(url, {"role": "viewer", "agency_ids": [agency.pk]})
    person.refresh_from_db()
    assert person.agency_ids == [agency.pk]
    assert "One agency only" in body(client.get(reverse("people")))
    assert "for 1 agency only" in body(client.get(reverse("activity")))
    client.post(url, {"role": "viewer"})
    person.refresh_from_db()
    assert person.agency_ids is None


def test_an_agency_of_another_organization_is_no_choice() -> None:
    organization = make_organization()
    make_agency(organization)
    stranger, person = make_agency(make_organization()), make_member(organization, Role.VIEWER)
    client = Client()
    client.force_login(make_member(organization).user)
    response = client.post(
        reverse("person", args=[person.pk]), {"role": "viewer", "agency_ids": [stranger.pk]}
    )
    assert "is not one of the available choices" in body(response)
    person.refresh_from_db()
    assert person.agency_ids is None


def test_an_admin_is_never_limited() -> None:
    admin = make_member()
    agency = make_agency(admin.organization)
    person = make_member(admin.organization, Role.VIEWER)
    with pytest.raises(CannotChange, match="whole organization"):
        change_person(by=admin, person=person, role=Role.ADMIN, can_see_ssn=False, agency_ids=[agency.pk])


def test_an_operation_of_somebody_else_is_not_theirs() -> None:
    organization = make_organization()
    member, mine = make_limited(organization)
    other = make_member(organization, Role.SPECIALIST)
    own = check(member, ending(mine))
    theirs = check(other, ending(mine))
    client = Client()
    client.force_login(member.user)
    assert client.get(reverse("import-detail", args=[own.pk])).status_code == 200
    assert client.get(reverse("import-detail", args=[theirs.pk])).status_code == 404
    assert client.get(reverse("import-detail", args=[uuid4()])).status_code == 404
