"""As one producer, everything of another: nothing is shown, nothing is changed, and it is on record."""

from __future__ import annotations

from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

from muster.access.models import Organization
from muster.audit.models import Event
from muster.portals.models import PortalUser
from muster.profiles.documents import add_document
from muster.profiles.models import BackgroundAnswer, Document, Employment
from muster.profiles.operations import Answer, save_answers, save_contact, save_employment
from tests.make import (
    make_appointment,
    make_assignment,
    make_license,
    make_line,
    make_organization,
    make_producer,
    make_seat,
)

pytestmark = pytest.mark.django_db

IDS = ("document_id", "employment_id")


def patterns(resolver: URLResolver) -> Iterator[URLPattern]:
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            yield from patterns(entry)
        elif getattr(entry.callback, "for_producers", False):
            yield entry


OF_PRODUCERS = sorted(patterns(get_resolver()), key=lambda one: str(one.name))
WITHOUT_IDS = [str(one.name) for one in OF_PRODUCERS if not one.pattern.converters]
WITH_IDS = [(str(one.name), [*one.pattern.converters]) for one in OF_PRODUCERS if one.pattern.converters]


def somebody(organization: Organization, word: str) -> PortalUser:
    """A producer of whom everything is known; each thing tells the word."""
    producer = make_producer(
        organization,
        first_name=word,
        last_name=word,
        synced_at=timezone.now(),
        email=f"{word}@harbor.example",
    )
    make_line(make_license(producer, number=f"{word}-1", class_name=f"{word} class"), f"{word} line")
    make_appointment(producer, company_name=f"{word} Life")
    make_assignment(producer, states=["TX"], scorecard_type="license_and_appointment", cocodes=["90999"])
    seat = make_seat(producer)
    save_contact(by=seat, told={"email": f"{word}@own.example", "line_1": f"1 {word} St"})
    told = {"employer": f"{word} & Sons", "title": word, "starts_on": timezone.localdate().replace(day=1)}
    save_employment(by=seat, told=told)
    document = add_document(by=seat, file=SimpleUploadedFile(f"{word}.pdf", b"%PDF-1.7 " + word.encode()))
    save_answers(by=seat, answers={"taxes": Answer(True, f"{word} owed", document)})
    return seat


@pytest.fixture
def mine() -> PortalUser:
    return somebody(make_organization(name="Harbor Insurance"), "Alder")


@pytest.fixture
def others(mine: PortalUser) -> list[PortalUser]:
    """One in the same organization, one elsewhere."""
    return [somebody(mine.organization, "Birch"), somebody(make_organization(name="Juniper Group"), "Cedar")]


@pytest.fixture
def client(mine: PortalUser) -> Client:
    client = Client()
    client.force_login(mine.user)
    return client


def ids_of(seat: PortalUser) -> dict[str, int]:
    return {
        "document_id": Document.objects.get(producer=seat.producer).pk,
        "employment_id": Employment.objects.get(producer=seat.producer).pk,
    }


def test_there_are_pages_with_ids_and_pages_without() -> None:
    assert {name for _, names in WITH_IDS for name in names} == set(IDS)
    assert len(WITHOUT_IDS) >= 9


def test_no_page_tells_anything_of_another(client: Client, others: list[PortalUser]) -> None:
    told = {name: client.get(reverse(name)).content.decode() for name in WITHOUT_IDS}
    assert "Alder &amp; Sons" in told["portal-profile"]
    assert "Alder.pdf" in told["portal-documents"]
    assert "Alder-1" in told["portal-licenses"]
    secrets = {str(one.producer.npn) for one in others} | {"Birch", "Cedar", "Juniper"}
    assert [(name, word) for name, page in told.items() for word in secrets if word in page] == []


@pytest.mark.parametrize(("name", "ids"), WITH_IDS)
def test_what_is_anothers_is_not_found_and_on_record(
    client: Client, mine: PortalUser, others: list[PortalUser], name: str, ids: list[str]
) -> None:
    before = list(Document.objects.order_by("id")), list(Employment.objects.order_by("id").values())
    found: list[HTTPStatus] = []
    for other in others:
        url = reverse(name, kwargs={one: ids_of(other)[one] for one in ids})
        posted: dict[str, Any] = {"employer": "X", "title": "X", "starts_on": "2026-01"}
        answers = [client.get(url), client.post(url, posted)]
        # A page for one method answers the other with 405, whoever asks.
        assert {answer.status_code for answer in answers} <= {404, 405}
        found += [HTTPStatus(answer.status_code) for answer in answers]
        told = " ".join(answer.content.decode() for answer in answers)
        assert [word for word in ("Birch", "Cedar", "Juniper") if word in told] == []
    events = Event.objects.filter(kind="portal:refuse", by=mine.user)
    assert [event.data["page"] for event in events] == [name] * found.count(HTTPStatus.NOT_FOUND)
    assert events
    assert {event.organization_id for event in events} == {mine.organization_id}
    assert before == (list(Document.objects.order_by("id")), list(Employment.objects.order_by("id").values()))


def test_an_answer_takes_no_document_of_another(
    client: Client, mine: PortalUser, others: list[PortalUser]
) -> None:
    for other in others:
        theirs = str(ids_of(other)["document_id"])
        told = {"felony": "yes", "felony_why": "Long ago", "felony_document": theirs}
        answer = client.post(reverse("portal-profile-background"), told)
        assert answer.status_code == HTTPStatus.OK
        assert "Select a valid choice" in answer.content.decode()
    assert not BackgroundAnswer.objects.filter(question="felony").exists()


def test_who_works_there_as_a_producer_opens_no_page_of_staff(
    client: Client, others: list[PortalUser]
) -> None:
    theirs = others[0].producer
    for name, args in [
        ("producer-list", []),
        ("producer-detail", [theirs.npn]),
        ("producer-document", [theirs.npn, ids_of(others[0])["document_id"]]),
    ]:
        assert client.get(reverse(name, args=args)).status_code == HTTPStatus.FORBIDDEN
