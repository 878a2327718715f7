"""Notices in the console: who is told of what, once, and what they do with it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from muster.access.models import Membership
from muster.access.permissions import Role
from muster.audit.models import Event
from muster.audit.operations import EventKind
from muster.notices.in_app import (
    KEPT_FOR,
    forget_old_notices,
    make_notices,
    notices_of,
    unread_count,
)
from muster.notices.models import Notice
from muster.webhooks.pump import pump
from tests.make import make_agency, make_member, make_producer
from tests.offboarding.removals import remove

pytestmark = pytest.mark.django_db


@pytest.fixture
def member() -> Membership:
    return make_member()


def happens(member: Membership, kind: str, **over: object) -> None:
    Event.objects.create(organization=member.organization, kind=kind, **over)
    pump()


def kinds(member: Membership) -> list[str]:
    return [notice.kind for notice in notices_of(member).order_by("id")]


def test_who_started_an_operation_is_told_and_nobody_else(member: Membership) -> None:
    colleague = make_member(member.organization)
    remove(member, make_producer(member.organization))
    pump()
    assert (kinds(member), kinds(colleague)) == (["operation-finished"], [])
    make_notices(after=0, upto=10**9)
    assert len(kinds(member)) == 1, "read once more, it is told once"


def test_who_had_producers_removed_is_told_when_those_who_waited_have_gone(member: Membership) -> None:
    producer = make_producer(member.organization)
    operation = remove(member, producer)
    happens(
        member,
        "producer:remove",
        by=member.user,
        operation_id=operation.pk,
        data={"producers": 1, "ids": [producer.pk]},
    )
    assert kinds(member) == ["operation-finished", "producers-removed"]


def test_that_the_registry_refuses_is_told_to_admins_once_a_day(member: Membership) -> None:
    viewer, other = make_member(member.organization, Role.VIEWER), make_member()
    happens(member, "sync:refuse")
    happens(member, "sync:refuse")
    happens(member, "alerts:refuse")
    assert (kinds(member), kinds(viewer), kinds(other)) == (["registry-refused"] * 2, [], [])


def test_that_a_producer_registered_is_told_to_those_who_may_know_of_them(member: Membership) -> None:
    ours, theirs = make_agency(member.organization), make_agency(member.organization)
    producer = make_producer(member.organization, agency=ours)
    of_ours, of_theirs = (make_member(member.organization, Role.SPECIALIST) for _ in range(2))
    Membership.objects.filter(pk=of_ours.pk).update(agency_ids=[ours.pk])
    Membership.objects.filter(pk=of_theirs.pk).update(agency_ids=[theirs.pk])
    of_ours.refresh_from_db()
    of_theirs.refresh_from_db()
    submitter = make_member(member.organization, Role.SUBMITTER)
    happens(member, EventKind.PORTAL_REGISTERED.value, subject=f"producer:{producer.pk}")
    told = {"producer-registered"}
    assert set(kinds(member)) == set(kinds(of_ours)) == told
    assert kinds(of_theirs) == kinds(submitter) == []


def test_one_is_followed_marked_and_counted(member: Membership, client: Client) -> None:
    client.force_login(member.user)
    operation = remove(member, make_producer(member.organization))
    happens(member, "sync:refuse")
    assert unread_count(member) == 2
    page = client.get(reverse("notice-list")).content.decode()
    assert "Remove producers is done" in page
    assert "1 updated" in page
    assert ">2<" in client.get(reverse("notice-bell")).content.decode()
    done = notices_of(member).get(kind="operation-finished")
    assert client.post(reverse("notice", args=[done.pk])).url == reverse(
        "operation-detail", args=[operation.pk]
    )
    assert unread_count(member) == 1
    client.post(reverse("notice-unread", args=[done.pk]))
    assert unread_count(member) == 2
    client.post(reverse("notice-read"))
    assert unread_count(member) == 0
    assert "unread" not in client.get(reverse("notice-bell")).content.decode()
    assert "You have read them all" in client.get(reverse("notice-list"), {"show": "unread"}).content.decode()


def test_the_bell_of_a_page_left_open_leads_nobody_away(client: Client) -> None:
    assert client.get(reverse("notice-bell"), headers={"HX-Request": "true"}).status_code == 286


def test_every_kind_has_words_and_a_page_even_where_what_it_is_about_is_gone(
    member: Membership, client: Client
) -> None:
    client.force_login(member.user)
    for number, kind in enumerate(Notice.Kind):
        Notice.objects.create(
            organization=member.organization, user=member.user, kind=kind, key=str(number), at=timezone.now()
        )
    assert client.get(reverse("notice-list")).status_code == 200
    for notice in notices_of(member):
        assert client.post(reverse("notice", args=[notice.pk])).url.startswith("/")


def test_old_ones_are_forgotten(member: Membership) -> None:
    happens(member, "sync:refuse")
    notices_of(member).update(at=timezone.now() - KEPT_FOR - timedelta(hours=1))
    happens(member, "alerts:refuse")
    assert forget_old_notices() == 1
    assert notices_of(member).count() == 1
