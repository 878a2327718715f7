"""What producers tell of themselves: kept, in the history, counted, shown to staff; and documents."""

from __future__ import annotations

import random
from datetime import date, timedelta
from http import HTTPStatus

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models import BooleanField, F, Func, Value
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from muster.access.permissions import Role
from muster.audit.models import Event
from muster.core.documents import MOST
from muster.core.profile import Job, gaps
from muster.history.models import Change
from muster.portals.models import PortalUser
from muster.producers.models import Producer
from muster.profiles.models import BackgroundAnswer, Document, DocumentContent, Employment, OwnContact
from tests.make import make_agency, make_member, make_organization, make_producer, make_seat
from tests.web.reading import text

pytestmark = pytest.mark.django_db

PDF = b"%PDF-1.7\n1 0 obj"


@pytest.fixture
def seat() -> PortalUser:
    return make_seat(make_producer(make_organization(name="Harbor Insurance"), synced_at=timezone.now()))


@pytest.fixture
def client(seat: PortalUser) -> Client:
    client = Client()
    client.force_login(seat.user)
    return client


def add(client: Client, name: str = "order.pdf", content: bytes = PDF) -> str:
    file = SimpleUploadedFile(name, content, content_type="application/pdf")
    return text(client.post(reverse("portal-documents"), {"file": file}, follow=True))


def test_contact_details_are_kept_apart_and_each_change_is_history(client: Client, seat: PortalUser) -> None:
    page = reverse("portal-profile-contact")
    assert "Tell at least one way" in text(client.post(page, {"email": ""}))
    assert "ZIP code has five digits" in text(client.post(page, {"zip": "12"}))
    assert (
        client.post(page, {"email": "Ada@Harbor.example", "city": "Tucson"}).status_code == HTTPStatus.FOUND
    )
    client.post(page, {"email": "ada@birch.example", "mobile": "520-555-0180"})
    contact = OwnContact.objects.get()
    assert (contact.email, contact.mobile, contact.city) == ("ada@birch.example", "520-555-0180", "")
    first, second = Change.objects.filter(kind="own_contact").order_by("id")
    assert (first.verb, first.source, first.by) == ("added", "person", seat.user)
    assert second.old == {"email": "Ada@harbor.example", "mobile": "", "city": "Tucson"}
    assert Producer.objects.get(pk=seat.producer_id).email == ""


def test_employment_is_added_changed_and_taken_out_and_gaps_are_pointed_out(client: Client) -> None:
    new = reverse("portal-profile-employment-new")
    told = {"employer": "Elm & Sons", "title": "Clerk", "starts_on": "2010-01", "ends_on": "2009-12"}
    assert "It ends before it begins" in text(client.post(new, told))
    assert "yet to come" in text(client.post(new, {**told, "ends_on": "2999-01"}))
    assert "Write the month as 2024-03" in text(client.post(new, {**told, "starts_on": "soon"}))
    assert "1 gap of more than 30 days" in text(client.post(new, {**told, "ends_on": "2020-12"}, follow=True))
    entry = Employment.objects.get()
    page = reverse("portal-profile-employment", args=[entry.pk])
    assert 'value="2010-01"' in client.get(page).content.decode()
    shown = text(client.post(page, {**told, "ends_on": ""}, follow=True))
    assert "Jan 2010 to now" in shown
    assert "gap" not in shown
    client.post(reverse("portal-profile-employment-delete", args=[entry.pk]))
    unemployed = {"employer": "Unemployed", "starts_on": "2021-01"}
    assert "Unemployed Jan 2021 to now" in text(client.post(new, unemployed, follow=True))
    Employment.objects.all().delete()
    verbs = Change.objects.filter(kind="employment").order_by("id").values_list("verb", flat=True)
    assert list(verbs)[:3] == ["added", "changed", "removed"]


def test_a_yes_is_explained_and_what_is_left_open_stays_unanswered(client: Client) -> None:
    page = reverse("portal-profile-background")
    assert "Explain your yes" in text(client.post(page, {"taxes": "yes", "felony": "no"}))
    assert "No question is answered yet." in text(client.post(page, {"felony": ""}))
    assert not BackgroundAnswer.objects.exists()
    begun = {"felony": "no", "document": "yes"}
    assert client.post(page, begun).headers["Location"] == reverse("portal-documents")
    assert BackgroundAnswer.objects.count() == 1
    add(client)
    document = Document.objects.get()
    client.post(
        page, {"taxes": "yes", "taxes_why": "Paid late", "taxes_document": document.pk, "felony": "no"}
    )
    assert "8 background questions are unanswered" in text(client.get(reverse("portal-home")))
    assert BackgroundAnswer.objects.get(question="taxes").document == document
    asked = client.get(reverse("portal-documents-delete", args=[document.pk]))
    assert "Delete “order.pdf”?" in text(asked)
    assert Document.objects.exists()
    # Deleting the document keeps the answer; a no needs no explanation any more.
    client.post(reverse("portal-documents-delete", args=[document.pk]))
    client.post(page, {"taxes": "no", "taxes_why": "Paid late"})
    answer = BackgroundAnswer.objects.get(question="taxes")
    assert (answer.is_yes, answer.explanation, answer.document) == (False, "", None)


def test_a_document_is_sealed_and_comes_back_as_it_was_to_be_saved_only(
    client: Client, seat: PortalUser
) -> None:
    assert "“order.pdf” is kept." in add(client, "../order.pdf")
    document = Document.objects.get()
    assert PDF not in bytes(DocumentContent.objects.get().sealed)
    answer = client.get(reverse("portal-documents-one", args=[document.pk]))
    assert answer.content == PDF
    assert answer["Content-Disposition"] == 'attachment; filename="order.pdf"'
    assert answer["Content-Type"] == "application/pdf"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"].startswith("sandbox")
    assert "no-store" in answer["Cache-Control"]


REFUSED = [
    ("order.pdf", b"MZ\x90\x00 a program", "is called a PDF but is none"),
    ("drawing.svg", b"<svg><script>alert(1)</script></svg>", "is of a kind that is not taken"),
    ("photo.jpg", b"", "Choose a file first|empty"),
    ("photo.jpg", b"\xff\xd8\xff" + bytes(10 * 1024 * 1024), "at most 10 MB are taken"),
]


@pytest.mark.parametrize(("name", "content", "said"), REFUSED, ids=[one[2] for one in REFUSED])
def test_what_is_refused_is_said_and_nothing_is_kept(
    client: Client, name: str, content: bytes, said: str
) -> None:
    told = add(client, name, content)
    assert any(words in told for words in said.split("|"))
    assert not Document.objects.exists()
    assert not DocumentContent.objects.exists()


def test_a_photo_of_30_mb_is_refused_before_it_is_read(client: Client) -> None:
    answer = client.generic(
        "POST",
        reverse("portal-documents"),
        b"--x",
        content_type="multipart/form-data; boundary=x",
        CONTENT_LENGTH=str(30 * 1024 * 1024),
    )
    assert answer.status_code == HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    assert "A document may have 10.0 MB, and nothing was stored." in text(answer)


def test_no_more_documents_are_taken_than_may_be_kept(client: Client, seat: PortalUser) -> None:
    fields = {"organization": seat.organization, "producer": seat.producer, "size": 1}
    Document.objects.bulk_create(Document(name=f"{number}.pdf", **fields) for number in range(MOST - 1))
    assert "is kept" in add(client)
    assert "You keep 50 documents, and no more are taken." in add(client)
    assert Document.objects.count() == MOST


def test_staff_see_and_download_it_on_record_and_the_producer_sees_that(
    client: Client, seat: PortalUser
) -> None:
    add(client)
    client.post(reverse("portal-profile-contact"), {"email": "ada@birch.example"})
    viewer = make_member(seat.organization, Role.VIEWER, name="Vera Field")
    staff = Client()
    staff.force_login(viewer.user)
    npn, document = seat.producer.npn, Document.objects.get()
    shown = text(staff.get(reverse("producer-detail", args=[npn])))
    assert "ada@birch.example" in shown
    assert "order.pdf" in shown
    url = reverse("producer-document", args=[npn, document.pk])
    assert staff.get(url).content == PDF
    assert Event.objects.filter(kind="document:read", by=viewer.user).count() == 1
    privacy = text(client.get(reverse("portal-privacy")))
    assert "Viewer 1 person" in privacy
    assert "order.pdf Vera Field" in privacy
    # Of another producer's page, and of an agency that is not theirs, it is not there.
    other = make_producer(seat.organization)
    assert staff.get(reverse("producer-document", args=[other.npn, document.pk])).status_code == 404
    viewer.agency_ids = [make_agency(seat.organization).pk]
    viewer.save()
    assert staff.get(url).status_code == 404
    assert "Nobody at the moment" in text(client.get(reverse("portal-privacy")))


def test_the_database_finds_gaps_just_as_the_core_does(seat: PortalUser) -> None:
    rng, today = random.Random(7), date(2026, 11, 20)
    producers = [make_producer(seat.organization) for _ in range(60)]
    for producer in producers:
        for _ in range(rng.randrange(6)):
            starts = (date(2016, 1, 1) + timedelta(days=rng.randrange(3_900))).replace(day=1)
            ends = (starts + timedelta(days=rng.randrange(1_500))).replace(day=1)
            Employment.objects.create(
                organization=seat.organization,
                producer=producer,
                starts_on=starts,
                ends_on=rng.choice([None, ends, ends]),
            )
    has_gap = Func(F("pk"), Value(today), function="muster_has_employment_gap", output_field=BooleanField())
    told = dict(Producer.objects.annotate(has_gap=has_gap).values_list("pk", "has_gap"))
    expected = {
        one.pk: bool(gaps([Job(job.starts_on, job.ends_on) for job in one.employments.all()], today))
        for one in [*producers, seat.producer]
    }
    assert told == expected
    assert set(told.values()) == {True, False}
