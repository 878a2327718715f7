"""Ending appointments that are ticked: the page that asks, what it says, and what it makes."""

from __future__ import annotations

from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from muster.access.models import Membership
from muster.access.permissions import Role
from muster.appointments.models import Appointment
from muster.bulk.models import Operation
from muster.producers.models import Producer
from muster.transactions.models import Batch, Transaction
from tests.make import make_appointment, make_company, make_member, make_producer
from tests.transactions.acting import demand
from tests.web.reading import links, text

pytestmark = pytest.mark.django_db


@pytest.fixture
def member() -> Membership:
    made = make_member()
    make_company(made.organization)
    return made


@pytest.fixture
def browsing(client: Client, member: Membership) -> Client:
    client.force_login(member.user)
    return client


@pytest.fixture
def producer(member: Membership) -> Producer:
    return make_producer(member.organization, last_name="Alder")


def tick(browsing: Client, producer: Producer, *chosen: Appointment) -> str:
    """Tick appointments on the producer's page, press Terminate; the address of the page that asks."""
    posted = {"number": [str(one.pk) for one in chosen]}
    answer = browsing.post(reverse("producer-terminate", args=[producer.npn]), posted)
    return str(answer["Location"])


def test_the_producers_page_offers_it_to_those_who_prepare_filings(
    client: Client, producer: Producer
) -> None:
    make_appointment(producer)
    page = reverse("producer-detail", args=[producer.npn])
    told = {}
    for role in (Role.SPECIALIST, Role.VIEWER):
        client.force_login(make_member(producer.organization, role).user)
        told[role] = reverse("producer-terminate", args=[producer.npn]) in client.get(page).content.decode()
    assert told == {Role.SPECIALIST: True, Role.VIEWER: False}


def test_nothing_ticked_is_said(browsing: Client, producer: Producer) -> None:
    answer = browsing.post(reverse("producer-terminate", args=[producer.npn]), follow=True)
    assert "Tick the appointments that are to end, then press Terminate." in text(answer)


def test_appointments_of_somebody_else_are_not_taken(browsing: Client, producer: Producer) -> None:
    other = make_appointment(make_producer(producer.organization))
    assert "Nothing was selected." in text(browsing.get(tick(browsing, producer, other)))


def test_the_page_asks_and_what_it_makes_is_told(browsing: Client, producer: Producer) -> None:
    some = [make_appointment(producer, state) for state in ("CA", "FL")]
    ended = make_appointment(producer, "TX", status="Terminated", status_on=date(2026, 3, 1))
    page = tick(browsing, producer, *some, ended)
    told = text(browsing.get(page))
    assert "Terminate 2 appointments?" in told
    assert "Submit 2 transactions" in told
    assert "Immediately submit to NIPR" in told
    assert "It has ended on 2026-03-01." in told
    posted = {"ending_reason": "", "on": "", "note": "Left us.", "batches": "one"}
    browsing.post(f"{page}do/", posted)
    answer = browsing.get(page)
    assert "GT-00000001: 1 Ready to Submit." in text(answer)
    operation = Operation.objects.get()
    assert f"/transactions/?operation={operation.pk}" in links(answer)
    batch = Batch.objects.get()
    assert (batch.jurisdiction, batch.cocode, batch.transactions.count()) == ("", "", 2)
    assert set(Transaction.objects.values_list("request_note", flat=True)) == {"Left us."}


def test_new_terms_are_checked_before_anything_is_made(browsing: Client, producer: Producer) -> None:
    page = tick(browsing, producer, make_appointment(producer, "FL"))
    answer = browsing.post(f"{page}do/", {"ending_reason": "appointed_in_error"}, follow=True)
    told = text(answer)
    assert "All of them are checked again by the new terms. Look, then submit." in told
    assert "Florida does not take the reason “Appointed in error”." in told
    assert "Nothing to terminate" in told
    assert not Transaction.objects.exists()
    told = text(browsing.post(f"{page}do/", {"ending_reason": "death"}, follow=True))
    assert "Submit 1 transaction" in told
    browsing.post(f"{page}do/", {"ending_reason": "death"})
    assert Transaction.objects.get().termination_reason == "Death"


def test_for_cause_needs_a_note(browsing: Client, producer: Producer) -> None:
    page = tick(browsing, producer, make_appointment(producer))
    told = text(browsing.post(f"{page}do/", {"for_cause": "yes"}, follow=True))
    assert "an end for cause needs a note" in told
    assert not Transaction.objects.exists()
    browsing.post(f"{page}do/", {"for_cause": "yes", "note": "Sold policies of nobody."})
    assert Transaction.objects.get().for_cause


def test_a_day_that_is_none_is_said(browsing: Client, producer: Producer) -> None:
    page = tick(browsing, producer, make_appointment(producer))
    told = text(browsing.post(f"{page}do/", {"on": "soon"}, follow=True))
    assert "“soon” is not a date." in told
    assert not Transaction.objects.exists()


def test_what_is_held_back_says_why(browsing: Client, member: Membership, producer: Producer) -> None:
    page = tick(browsing, producer, make_appointment(producer))
    browsing.get(page)
    demand(member.organization, two_person_release=True)
    assert "Not now: two persons have to see each filing." in text(browsing.get(page))
    browsing.post(f"{page}do/", {"submit": "yes"})
    told = text(browsing.get(page))
    assert "1 filing was not submitted at once, because two persons have to see each filing." in told
    assert Transaction.objects.get().released_at is None


def test_it_is_submitted_at_once_if_that_is_ticked(
    browsing: Client, member: Membership, producer: Producer
) -> None:
    page = tick(browsing, producer, make_appointment(producer))
    browsing.post(f"{page}do/", {"submit": "yes"})
    assert Transaction.objects.get().released_by == member.user


def test_a_batch_of_many_says_of_what(browsing: Client, member: Membership, producer: Producer) -> None:
    for state in ("CA", "FL"):
        make_appointment(producer, state)
    page = tick(browsing, producer, *Appointment.objects.all())
    browsing.post(f"{page}do/", {"batches": "one"})
    assert "Several states and companies" in text(browsing.get(reverse("batch-list")))
    told = text(browsing.get(reverse("batch-detail", args=[Batch.objects.get().number])))
    assert "in several states for several companies" in told
    assert "All in one" in told


def test_the_results_file_tells_whose_appointments_they_were(browsing: Client, producer: Producer) -> None:
    page = tick(browsing, producer, make_appointment(producer))
    browsing.post(f"{page}do/", {})
    lines = b"".join(browsing.get(f"{page}results.csv").streaming_content).decode("utf-8-sig").splitlines()
    assert lines[1].startswith(f',"{producer}",{producer.npn},CA,90101,')
