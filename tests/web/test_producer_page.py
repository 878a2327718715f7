"""The page of one producer: what it shows, what is done there, and what is kept from whom."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from muster.access.models import Membership
from muster.audit.models import Event
from muster.bulk.models import Item, Operation
from muster.core.words import states
from muster.history.models import Change
from muster.licenses.models import License
from muster.producers.models import Producer, RegistryAddress, RegistryContact, RegulatoryAction
from muster.producers.places import StateRow
from tests.make import (
    make_agency,
    make_appointment,
    make_assignment,
    make_license,
    make_line,
    make_member,
    make_organization,
    make_producer,
    with_ssn,
)
from tests.web.query_counts import same_number_of_queries
from tests.web.reading import links, text

pytestmark = pytest.mark.django_db

LIST = "/producers/"
SSN = "512346789"


@pytest.fixture
def member() -> Membership:
    return make_member(can_see_ssn=True)


@pytest.fixture
def browsing(client: Client, member: Membership) -> Client:
    client.force_login(member.user)
    return client


def short(days: int) -> str:
    """A day from today as it begins on pages."""
    on = timezone.localdate() + timedelta(days=days)
    return f"{on:%b} {on.day}"


def full_producer(member: Membership) -> Producer:
    """A producer of whom everything is known."""
    now = timezone.now()
    organization = member.organization
    producer = make_producer(
        organization,
        npn="17654321",
        first_name="Beatriz",
        last_name="Núñez",
        agency=make_agency(organization, name="Cedar & Stone"),
        email="bea@cedar.example",
        sync_status="success",
        synced_at=now - timedelta(minutes=5),
        name_differs=True,
        file_first_name="Bea",
        file_last_name="Nunez",
        other_names=[{"state": "CA", "kind": "Alias", "name": "Bea N."}],
        sync_notes=["A license without a number was left out."],
        **with_ssn(SSN),
    )
    california = make_license(producer, number="0D1", expires_on=timezone.localdate() + timedelta(days=41))
    make_line(california, "Life")
    make_line(california, "Fraternal", gone_at=now)
    make_license(producer, "TX", residency="NR", expires_on=timezone.localdate() - timedelta(days=1))
    make_license(producer, "ID", number="GONE-1", gone_at=now)
    make_appointment(producer, company_name="Northstar Life")
    make_appointment(
        producer, company_name="Granite Mutual", status="Terminated", termination_reason="Voluntary"
    )
    of = {"organization": organization, "producer": producer, "state": "CA"}
    for state in ("CA", "OR"):
        RegistryAddress.objects.create(
            **{**of, "state": state}, type_name="Business", line_1="1 Pier", city="Oakland", zip="94606"
        )
    Change.objects.create(
        organization=organization,
        producer_id=producer.pk,
        state="CA",
        kind="license",
        verb="changed",
        record_id=california.pk,
        about={"number": "0D1"},
        old={"is_active": True},
        new={"is_active": False},
        source="registry",
    )
    RegistryContact.objects.create(**of, kind="phone", value="510-555-0142")
    RegulatoryAction.objects.create(**of, action_id="1", reason="Late renewal", penalty="$250")
    operation = Operation.objects.create(
        id=uuid4(),
        organization=organization,
        kind="agent",
        by=member.user,
        state="done",
        source_name="class.xlsx",
    )
    Item.objects.create(
        operation=operation, row_no=4, state="applied", outcome="created", target_id=producer.pk
    )
    make_assignment(
        producer, categories=["health"], states=["AZ"], cocodes=["90102"], operation_id=operation.pk
    )
    return producer


def test_the_page_of_a_producer_tells_all_that_is_known(browsing: Client, member: Membership) -> None:
    full_producer(member)
    answer = browsing.get(f"{LIST}17654321/")
    said = text(answer)
    for words in (
        "Beatriz Núñez",
        "NPN 17654321 · Cedar & Stone",
        "Synced 5 minutes ago",
        "Get licensed in AZ Assigned AZ, but holds no license there.",
        "1 license in force of 2 listed",
        f"1 expiring within 90 days first: CA, {short(41)}",
        "1 gap in 1 assignment",
        "1 appointment at risk of 1 in force",
        "State by state Registry, 5 minutes ago",
        f"41 days California Insurance Producer · No. 0D1 {short(41)}",
        "Health as producer AZ CoCode 90102 License · from file class.xlsx",
        "0% of checks met; 0 of 1 line ready",
        "AZ No license Health Apply for a license in Arizona",
        "Licenses 1 of 2 in force",
        "California Resident Insurance Producer · No. 0D1",
        "Expires in 41 days",
        "Life Active",
        "Fraternal no longer listed since",
        "Texas Nonresident",
        "Expired",
        "1 license no longer listed by the registry",
        "Gone since",
        "Appointments 1 in force, 1 of them at risk",
        "Northstar Life CoCode 90101",
        "At risk Regulatory action",
        "1 appointment that has ended",
        "Granite Mutual",
        "Ended: Voluntary",
        "Name in file Bea Nunez",
        "Alias Bea N. (CA)",
        "bea@cedar.example",
        "•••-••-6789",
        "A license without a number was left out.",
        "Business · California, Oregon",
        "1 Pier Oakland",
        "(510) 555-0142",
        "Late renewal",
        "Penalty $250",
        "California license 0D1: active → inactive",
        "class.xlsx row 4 · created · Robin Field",
    ):
        assert words in said
    assert f"{reverse('change-list')}?npn=17654321" in links(answer)
    assert SSN not in answer.content.decode()
    assert reverse("import-detail", args=[Operation.objects.get().pk]) in links(answer)


def test_the_number_of_queries_of_a_producers_page_does_not_grow_with_what_is_known(
    browsing: Client, member: Membership
) -> None:
    producer = full_producer(member)
    for _ in range(2):
        with same_number_of_queries("producer-detail"):
            browsing.get(f"{LIST}{producer.npn}/")
        for state in ("AZ", "NV", "OR"):
            make_line(make_license(producer, state), "Life")
            make_appointment(producer, state)
            make_assignment(producer)


UNSYNCED: dict[str, Any] = {"sync_status": "not_started"}
SYNCED: dict[str, Any] = {"sync_status": "success", "synced_at": timezone.now()}


def rows_of(answer: HttpResponse) -> dict[str, str]:
    """The table of states: the words of each row by its code."""
    rows = re.findall(r'(?s)<tr id="state-(..)".*?</tr>', answer.content.decode())
    assert len(rows) == len(set(rows))
    return {row.code: row.words for row in answer.context["states"] if row.code in rows}


def test_what_nobody_knows_yet_is_no_zero(browsing: Client, member: Membership) -> None:
    producer = make_producer(member.organization, **UNSYNCED)
    make_assignment(producer, states=["TX", "CA"])
    said = text(browsing.get(f"{LIST}{producer.npn}/"))
    for figure in ("licenses in force", "expiring within 90 days", "gaps", "appointments at risk"):
        assert f"– {figure} not known yet" in said
    assert "Not synced yet Life Sync with the registry" in said
    assert "0 of" not in said
    assert "CA California Not known yet – – – – – –" in said


def test_a_producer_of_whom_nothing_is_on_record_has_a_page_too(browsing: Client, member: Membership) -> None:
    producer = make_producer(member.organization, **SYNCED)
    said = text(browsing.get(f"{LIST}{producer.npn}/"))
    for words in (
        "0 licenses in force",
        "– gaps no assignments to judge",
        "Nothing in any state.",
        "Nothing expires soon.",
        "No licenses.",
        "No appointments in force.",
        "No assignments.",
        "No changes yet.",
    ):
        assert words in said


def test_the_map_and_the_table_say_the_same_of_each_state(browsing: Client, member: Membership) -> None:
    producer = make_producer(member.organization, **SYNCED)
    make_line(make_license(producer, "TX", expires_on=timezone.localdate() + timedelta(days=200)), "Life")
    for _ in range(3):
        make_appointment(producer, "TX")
    make_license(producer, "RI", residency="NR", is_active=False, expires_on=None)
    make_license(producer, "PR", residency="NR", expires_on=timezone.localdate() - timedelta(days=1))
    make_license(producer, "OH", residency="NR", gone_at=timezone.now())
    make_appointment(producer, "FL")
    make_assignment(producer, states=["NV"])
    answer = browsing.get(f"{LIST}{producer.npn}/")
    page = answer.content.decode()
    expires, expired = (timezone.localdate() + timedelta(days=days) for days in (200, -1))
    expected = {
        "FL": "no license, but one is needed, 1 appointment, 1 appointment at risk",
        "NV": "no license, but one is needed, 1 gap",
        "OH": "no longer listed",
        "PR": f"expired, expired {expired:%b} {expired.day}, {expired.year}",
        "RI": "inactive",
        "TX": f"active, 3 appointments, expires {expires:%b} {expires.day}, {expires.year}",
    }
    assert rows_of(answer) == expected
    told = dict(re.findall(r'<a class="us-[^"]*" href="#state-(..)" aria-label="[^:]+: ([^"]+)"', page))
    assert told == expected
    looks = dict(re.findall(r'<a class="us-\w+ us-(\w+)" href="#state-(..)"', page))
    assert {code: look for look, code in looks.items()}.items() <= {
        "TX": "good",
        "NV": "wanted",
        "FL": "wanted",
        "RI": "bad",
        "PR": "bad",
        "OH": "past",
    }.items()


def test_a_neighbor_drawn_later_covers_no_mark(browsing: Client, member: Membership) -> None:
    producer = make_producer(member.organization, **SYNCED)
    make_assignment(producer, states=["NC", "SC"])
    page = browsing.get(f"{LIST}{producer.npn}/").content.decode()
    assert page.count('class="us-warning"') == 2
    assert page.rindex("<use ") < page.index('class="us-warning"')


def test_a_state_is_told_by_its_best_license(browsing: Client, member: Membership) -> None:
    producer = make_producer(member.organization, **SYNCED)
    today = timezone.localdate()
    make_license(producer, "TX", class_name="Adjuster", expires_on=today - timedelta(days=400))
    make_license(producer, "TX", class_name="General", expires_on=today + timedelta(days=30))
    answer = browsing.get(f"{LIST}{producer.npn}/")
    assert rows_of(answer)["TX"].startswith("expires in 30 days, ")
    assert "2 licenses" in text(answer)


def test_the_next_step_is_no_good_standing_while_a_figure_says_otherwise(
    browsing: Client, member: Membership
) -> None:
    producer = make_producer(member.organization, **SYNCED)
    license = make_license(producer)
    assignment = make_assignment(producer)
    url = f"{LIST}{producer.npn}/"
    assert "Close the gap" in text(browsing.get(url))
    assignment.delete()
    make_line(license)
    make_appointment(producer, line_name="Health")
    assert "Look at the appointment at risk" in text(browsing.get(url))
    make_appointment(producer, line_name="Health")
    assert "Look at 2 appointments at risk" in text(browsing.get(url))


def test_what_has_ended_is_told_apart_from_what_is_at_risk(browsing: Client, member: Membership) -> None:
    producer = make_producer(member.organization, **SYNCED)
    make_license(producer)
    make_appointment(producer, health="at_risk", risks=["line_lost"])
    for reason in ("Inadequate production", "Voluntary termination"):
        make_appointment(
            producer,
            status="Terminated",
            termination_reason=reason,
            status_on=timezone.localdate(),
            health="at_risk",
            risks=["ended_by_state"],
        )
    answer = browsing.get(f"{LIST}{producer.npn}/")
    said = text(answer)
    assert "1 appointment at risk of 1 in force; 2 ended in the last 90 days" in said
    assert "Ended: Inadequate production" in said
    assert "by the state" not in said


@pytest.mark.parametrize(
    ("license", "step", "gap"),
    [
        (None, "Get licensed in TX", "No license"),
        ({"is_active": False}, "See why the TX license is inactive", "License inactive"),
        ({"expires_on": date(2020, 1, 1)}, "Renew in TX", "License expired"),
    ],
)
def test_the_next_step_follows_the_gap(
    license: dict[str, Any] | None, step: str, gap: str, browsing: Client, member: Membership
) -> None:
    producer = make_producer(member.organization, **SYNCED)
    make_line(make_license(producer), "Life")
    if license is not None:
        make_license(producer, "TX", residency="NR", **license)
    make_assignment(producer, states=["CA", "TX"])
    said = text(browsing.get(f"{LIST}{producer.npn}/"))
    assert f"{step} Assigned TX" in said
    assert gap in said


@pytest.mark.parametrize(
    ("license", "step"),
    [
        ({"is_active": False}, "See why the resident license (CA) is inactive"),
        ({"expires_on": date(2020, 1, 1)}, "Renew the resident license (CA)"),
    ],
)
def test_without_a_resident_license_the_next_step_says_what_is_wrong_with_it(
    license: dict[str, Any], step: str, browsing: Client, member: Membership
) -> None:
    producer = make_producer(member.organization, **SYNCED)
    make_license(producer, **license)
    answer = browsing.get(f"{LIST}{producer.npn}/")
    assert step in text(answer)
    [at] = re.findall(r'<a class="btn ms-auto" href="#([^"]+)"', answer.content.decode())
    assert f'id="{at}"' in answer.content.decode()


def test_an_inactive_license_stands_open_and_says_why_as_far_as_known(
    browsing: Client, member: Membership
) -> None:
    producer = make_producer(member.organization)
    older = make_license(producer, "TX", residency="NR", is_active=False, expires_on=None)
    Producer.objects.update(**SYNCED)
    for state in ("CA", "NV", "OR", "UT", "WA", "ID"):
        make_license(producer, state, residency="NR")
    inactive = make_license(producer, "TX", residency="NR")
    make_line(
        inactive,
        "Casualty",
        status="Inactive",
        status_reason="Non-payment",
        status_reason_on=date(2026, 2, 3),
    )
    License.objects.filter(pk=inactive.pk).update(is_active=False, expires_on=date(2026, 3, 31))
    make_assignment(producer, states=["TX"])
    answer = browsing.get(f"{LIST}{producer.npn}/")
    seen = timezone.localdate()
    assert (
        "The state calls this license inactive; "
        f"Muster has known since {seen:%b} {seen.day}, {seen.year}. "
        "It expired Mar 31, 2026. The state’s reason: Non-payment, since Feb 3, 2026."
    ) in text(answer)
    assert (
        "The state calls this license inactive; it did so when Muster first asked. "
        "The registry gives no reason: ask the state."
    ) in text(answer)
    assert f"/producers/{producer.npn}/#why-TX" in links(answer)
    page = answer.content.decode()
    assert page.count('id="why-TX"') == 1
    opened = re.findall(r'<details class="profile-license" id="license-([0-9]+)" open', page)
    assert sorted(map(int, opened)) == sorted([inactive.pk, older.pk])


def test_an_active_license_says_why_a_line_of_it_is_not(browsing: Client, member: Membership) -> None:
    producer = make_producer(member.organization, **SYNCED)
    license = make_license(producer)
    for name in ("Life", "Health"):
        make_line(license, name, status="Inactive", status_reason="Surrendered")
    make_line(license, "Casualty", status="Active", status_reason="Renewed")
    make_assignment(producer)
    answer = browsing.get(f"{LIST}{producer.npn}/")
    assert "Not every line is active. The state’s reason: Surrendered. " in text(answer)
    assert f"/producers/{producer.npn}/#why-CA" in links(answer)
    assert 'id="why-CA"' in answer.content.decode()


def test_a_state_in_which_a_license_is_missing_has_the_triangle_of_a_gap() -> None:
    of = {"name": "Texas", "held": None, "licenses": 0, "lines": 0, "in_force": 0}
    assert StateRow("TX", **of, at_risk=0, gaps=2).is_warned
    assert StateRow("TX", **of, at_risk=1, gaps=0).is_warned
    assert not StateRow("TX", **of, at_risk=0, gaps=0).is_warned
    assert not StateRow("TX", **of, at_risk=0, gaps=2, is_known=False).is_warned


def test_a_producer_licensed_everywhere_has_one_page(browsing: Client, member: Membership) -> None:
    producer = make_producer(member.organization, **SYNCED)
    for state in states():
        make_line(make_license(producer, state, residency="NR"))
        for number in range(9):
            make_appointment(producer, state, line_code=str(number))
    answer = browsing.get(f"{LIST}{producer.npn}/")
    assert len(rows_of(answer)) == len(states())
    assert len(re.findall(r'<a class="us-[^"]*" href="#state-', answer.content.decode())) == len(states())
    assert f"{9 * len(states())} appointments in force" in text(answer)


def test_the_same_npn_elsewhere_is_somebody_elses(browsing: Client, member: Membership) -> None:
    make_producer(make_organization(), npn="77", last_name="Theirs")
    assert browsing.get(f"{LIST}77/").status_code == 404
    make_producer(member.organization, npn="77", last_name="Ours")
    assert "Ours" in text(browsing.get(f"{LIST}77/"))


def test_a_producer_who_waits_is_asked_about_until_nothing_moves(
    browsing: Client, member: Membership
) -> None:
    producer = make_producer(member.organization, sync_status="processing")
    url = reverse("producer-sync", args=[producer.npn])
    moving = browsing.get(url)
    assert f'hx-get="{url}"' in moving.content.decode()
    assert "HX-Refresh" not in moving
    assert "no-store" in moving["Cache-Control"]
    Producer.objects.update(sync_status="success")
    done = browsing.get(url)
    assert "hx-get" not in done.content.decode()
    assert done["HX-Refresh"] == "true"


def test_resync_answers_a_script_with_the_status_and_others_with_the_page(
    browsing: Client, member: Membership
) -> None:
    producer = make_producer(member.organization)
    url = reverse("producer-resync", args=[producer.npn])
    part = browsing.post(url, headers={"HX-Request": "true"})
    assert "Queued" in text(part)
    assert "<html" not in part.content.decode()
    assert "asked again" in text(browsing.post(url, follow=True))


# --- SSNs ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}])
def test_an_ssn_is_shown_once_kept_nowhere_and_on_record(
    headers: dict[str, str], browsing: Client, member: Membership
) -> None:
    producer = make_producer(member.organization, **with_ssn(SSN))
    url = reverse("producer-ssn", args=[producer.npn])
    answer = browsing.post(url, headers=headers)
    assert "512-34-6789" in text(answer)
    assert "no-store" in answer["Cache-Control"]
    assert Event.objects.get(kind="producer:reveal-ssn").by == member.user
    assert "no-store" in browsing.get(f"{LIST}{producer.npn}/")["Cache-Control"]
    again = browsing.get(url, headers=headers)
    assert "•••-••-6789" in text(again)
    assert "512-34" not in text(again)


def test_reveal_is_offered_to_those_who_may_see_ssns_and_to_nobody_else(client: Client) -> None:
    organization = make_organization()
    producer = make_producer(organization, **with_ssn(SSN))
    for can_see in (True, False):
        client.force_login(make_member(organization, can_see_ssn=can_see).user)
        assert ("Reveal" in text(client.get(f"{LIST}{producer.npn}/"))) == can_see


def test_an_ssn_sealed_with_a_lost_key_is_told_as_such(browsing: Client, member: Membership) -> None:
    producer = make_producer(member.organization, **{**with_ssn(SSN), "ssn_sealed": "gAAAA"})
    answer = browsing.post(reverse("producer-ssn", args=[producer.npn]))
    assert "MUSTER_FIELD_KEYS" in text(answer)
    assert not Event.objects.filter(kind="producer:reveal-ssn").exists()
