"""The pages of contacts and portals."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from muster.access.models import Membership
from muster.access.permissions import Role
from muster.portals.models import Portal, PortalUser
from muster.producers.models import Producer, Viewed
from muster.producers.viewing import KEPT, note_viewed
from tests.make import make_agency, make_member, make_producer
from tests.portals.inviting import invite, make_contact, make_portal, paths_for
from tests.web.reading import text

pytestmark = pytest.mark.django_db

NOW = timezone.now()


@pytest.fixture
def member() -> Membership:
    return make_member()


@pytest.fixture
def site(client: Client, member: Membership) -> Client:
    client.force_login(member.user)
    return client


def names(answer: Any) -> list[str]:
    return [one.last_name for one in answer.context["contacts"]]


def words(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


def test_contacts_open_on_those_viewed_recently_the_last_one_first(site: Client, member: Membership) -> None:
    of = member.organization
    some = [make_producer(of, last_name=name) for name in ("Alder", "Birch", "Cedar")]
    empty = site.get("/contacts/")
    assert "You have viewed nobody yet" in words(empty)
    assert '"?list=all"' in words(empty)
    for producer in (some[2], some[0]):
        assert site.get(f"/producers/{producer.npn}/").status_code == 200
    assert names(site.get("/contacts/")) == ["Alder", "Cedar"]
    assert names(site.get("/contacts/?list=all")) == ["Alder", "Birch", "Cedar"]
    assert names(site.get("/contacts/?sort=name&q=ce")) == ["Cedar"]
    Producer.objects.filter(last_name="Birch").update(email="Bo_B@Example.com")
    assert names(site.get("/contacts/?list=all&q=bo_b@ex")) == ["Birch"]
    assert names(site.get("/contacts/?list=all&q=o_b@ex")) == []
    # What somebody else has viewed is theirs.
    colleague = Client()
    colleague.force_login(make_member(of, Role.VIEWER).user)
    assert names(colleague.get("/contacts/")) == []


def test_what_was_viewed_is_written_at_most_once_a_minute_and_kept_to_the_last_few(
    member: Membership,
) -> None:
    some = [make_producer(member.organization) for _ in range(KEPT + 3)]
    for place, producer in enumerate(some):
        note_viewed(member, producer, now=NOW + timedelta(seconds=place))
    kept = Viewed.objects.order_by("viewed_at").values_list("producer", flat=True)
    assert [*kept] == [one.pk for one in some[3:]]
    for later, written in ((59, False), (61, True)):
        when = NOW + timedelta(seconds=KEPT + 2 + later)
        note_viewed(member, some[-1], now=when)
        assert Viewed.objects.filter(viewed_at=when).exists() is written


def test_contacts_tell_where_each_is_with_the_portals(site: Client, member: Membership) -> None:
    of, portal = member.organization, make_portal(member.organization)
    some = {
        name: make_contact(of, f"{name}@example.com") for name in ("none", "invited", "expired", "joined")
    }
    invite(member, *(some[name] for name in ("invited", "expired", "joined")))
    PortalUser.objects.filter(producer=some["expired"]).update(expires_at=NOW)
    joined = Client()
    joined.get(paths_for(some["joined"])[0])
    password = "blue-Harbor-lantern"
    joined.post("/portal/register/", {"password1": password, "password2": password})
    for state, name in (
        ("none", "none"),
        ("invited", "invited"),
        ("expired", "expired"),
        ("registered", "joined"),
    ):
        answer = site.get(f"/contacts/?list=all&portal={state}")
        [found] = answer.context["contacts"]
        assert (found.email, found.portal_state) == (f"{name}@example.com", state)
        asked = site.get(f"/contacts/?list=all&where=portal_state:is:{state}")
        assert asked.context["total"] == 1
    assert site.get("/contacts/?list=all&portal=boat").context["total"] == 0
    assert portal.name in words(site.get("/portals/"))


def test_the_box_asks_for_the_portal_and_tells_each_result(site: Client, member: Membership) -> None:
    of = member.organization
    make_portal(of, name="Agents")
    chosen = make_portal(of, name="External", seats=1)
    some = [make_contact(of, "ada@example.com"), make_contact(of, "bea@example.com"), make_contact(of, "")]
    form = {"action": "portal-users", "tick": [one.npn for one in some]}
    page = site.post("/lists/contacts/act/?list=all", form)["Location"]
    assert "Show who would be invited" in words(site.get(page))
    site.post(f"{page}do/", {"portal": ""})
    assert "Choose the portal, then press Save." in words(site.get(page))
    site.post(f"{page}do/", {"portal": str(chosen.pk)})
    asked = words(site.get(page))
    assert "1 of 1 seat left" in asked
    assert PortalUser.objects.count() == 0
    site.post(f"{page}do/", {"portal": str(chosen.pk)})
    told = words(site.get(page))
    for result in ("invited", "no seats left", "has no email"):
        assert result in told
    assert PortalUser.objects.get().portal == chosen
    # How each stands with the registry is not what this is about.
    assert "Not Synced" not in told
    lines = b"".join(site.get(f"{page}results.csv").streaming_content).decode("utf-8-sig").splitlines()
    assert lines[0] == "Producer,NPN,Outcome,Reason"
    assert lines[1].endswith(f"{some[0].npn},Done,invited")


def test_ticked_producers_are_invited_in_the_order_of_the_list(site: Client, member: Membership) -> None:
    of, portal = member.organization, make_portal(member.organization, seats=1)
    last, first = (make_contact(of, f"{n}@example.com", last_name=n) for n in ("Birch", "Alder"))
    form = {"action": "portal-users", "tick": [first.npn, last.npn]}
    page = site.post("/lists/contacts/act/?list=all", form)["Location"]
    assert "1 Will be invited or updated" in text(site.get(page))
    site.post(f"{page}do/", {"portal": str(portal.pk)})
    assert PortalUser.objects.get().producer == first


def test_a_portal_is_made_changed_and_closed_and_its_seats_are_handed_out(
    site: Client, member: Membership
) -> None:
    assert "No portals yet" in words(site.get("/portals/"))
    told = {"name": "Agents", "kind": "agents", "seats": "2"}
    page = site.post("/portals/new/", told)["Location"]
    assert "Nobody was invited yet" in words(site.get(page))
    producer = make_contact(member.organization, "ada@example.com", last_name="Alder")
    invite(member, producer)
    assert "1 of 2 seats taken" in words(site.get(page))
    for search in ("alder", producer.npn, "ADA@"):
        assert site.get(page, {"q": search}).context["total"] == 1
    assert site.get(page, {"q": "birch"}).context["total"] == 0
    seat = PortalUser.objects.get()
    again = site.post(f"{page}users/{seat.pk}/send-again/", follow=True)
    assert "already invited, updated and sent again" in words(again)
    assert len(paths_for(producer)) == 2
    assert "a whole number" in words(site.post(f"{page}edit/", {**told, "seats": "two"}))
    site.post(f"{page}edit/", {**told, "seats": "1,000"})
    assert Portal.objects.get().seats == 1_000
    close = f"{page}users/{seat.pk}/close/"
    assert "Close the seat of Alder" in words(site.get(close))
    assert PortalUser.objects.get().closed_at is None
    closed = site.post(close, follow=True)
    assert f'href="/producers/{producer.npn}/">Invite again</a>' in words(closed)
    assert "0 of 1,000 seats taken" in words(site.get(page))
    site.post(f"{page}close/")
    assert site.get(page).status_code == 404


def test_who_is_limited_to_agencies_sees_the_seats_of_their_producers_alone(
    client: Client, member: Membership
) -> None:
    of, portal = member.organization, make_portal(member.organization)
    mine = make_agency(of)
    invite(member, make_contact(of, "a@example.com", agency=mine), make_contact(of, "b@example.com"))
    limited = make_member(of, Role.SPECIALIST)
    Membership.objects.filter(pk=limited.pk).update(agency_ids=[mine.pk])
    client.force_login(limited.user)
    found = client.get(f"/portals/{portal.pk}/").context["seats"]
    assert [one.user.email for one in found] == ["a@example.com"]
    other = PortalUser.objects.get(email="b@example.com")
    assert client.post(f"/portals/{portal.pk}/users/{other.pk}/close/").status_code == 404
