"""Setting a field of many: old and new are shown before, it is done once, and it can be taken back."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db.models import F
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from muster.access.models import Membership
from muster.access.permissions import Role
from muster.audit.models import Event
from muster.bulk.models import Operation
from muster.bulk.runner import run
from muster.carriers.models import Company
from muster.producers.models import Agency, Producer
from tests.make import make_agency, make_company, make_member, make_organization, make_producer
from tests.web.test_producers import text

pytestmark = pytest.mark.django_db

ACT = "/lists/producers/act/"


@pytest.fixture
def member() -> Membership:
    return make_member()


@pytest.fixture
def site(client: Client, member: Membership) -> Client:
    client.force_login(member.user)
    return client


@pytest.fixture
def agencies(member: Membership) -> tuple[Agency, Agency]:
    return make_agency(member.organization, name="Birch"), make_agency(member.organization, name="Cedar")


@pytest.fixture
def producers(member: Membership, agencies: tuple[Agency, Agency]) -> list[Producer]:
    """One without an agency, one of Birch, one of Cedar."""
    return [make_producer(member.organization, agency=agency) for agency in (None, *agencies)]


def select(site: Client, producers: list[Producer]) -> Operation:
    site.post(ACT, {"action": "update-producers", "tick": [one.npn for one in producers]})
    return Operation.objects.latest("created_at")


def page(operation: Operation, what: str = "detail") -> str:
    return reverse(f"operation-{what}", args=[operation.pk])


def set_to(site: Client, operation: Operation, told: str) -> Any:
    return site.post(page(operation, "do"), {"set": told}, follow=True)


def agencies_of(producers: list[Producer]) -> list[str | None]:
    names = dict(Producer.objects.values_list("pk", "agency__name"))
    return [names[one.pk] for one in producers]


def update(site: Client, producers: list[Producer], agency: Agency) -> Operation:
    operation = select(site, producers)
    told = f"agency_id:{agency.pk}"
    set_to(site, operation, told)
    set_to(site, operation, told)
    return operation


def test_old_and_new_are_shown_before_anything_is_set(
    site: Client, producers: list[Producer], agencies: tuple[Agency, Agency]
) -> None:
    operation = select(site, producers)
    asked = text(site.get(page(operation)))
    assert "Show what would change" in asked
    shown = text(set_to(site, operation, f"agency_id:{agencies[1].pk}"))
    assert "Update 2 producers?" in shown
    assert "Agency: No agency → Cedar" in shown
    assert "Agency: Birch → Cedar" in shown
    assert "Already so" in shown
    assert agencies_of(producers) == [None, "Birch", "Cedar"]


def test_what_was_shown_is_set_and_told(
    site: Client, producers: list[Producer], agencies: tuple[Agency, Agency]
) -> None:
    operation = update(site, producers, agencies[1])
    assert agencies_of(producers) == ["Cedar"] * 3
    done = text(site.get(page(operation)))
    assert "2 Updated" in done
    assert "Agency: Birch → Cedar" in done
    operation.refresh_from_db()
    assert operation.outcomes["updated"] == 2


def test_the_email_of_one_is_set_and_of_several_never(site: Client, producers: list[Producer]) -> None:
    several = select(site, producers)
    assert "as written below" not in text(site.get(page(several)))
    assert "3 Not applicable" in text(set_to(site, several, "email:ada@example.com"))
    operation = select(site, producers[:1])

    def write(address: str) -> str:
        told = {"set": "email:", "value": address}
        return text(site.post(page(operation, "do"), told, follow=True))

    assert "Write the email, as ada@example.com" in write("ada at example")
    assert "Email: none → ada@example.com" in write("ada@EXAMPLE.com")
    assert set(Producer.objects.values_list("email", flat=True)) == {""}
    assert "1 Updated" in write("ada@EXAMPLE.com")
    assert list(Producer.objects.exclude(email="").values_list("pk", "email")) == [
        (producers[0].pk, "ada@example.com")
    ]


def test_something_else_than_was_shown_is_shown_first(
    site: Client, producers: list[Producer], agencies: tuple[Agency, Agency]
) -> None:
    operation = select(site, producers)
    set_to(site, operation, f"agency_id:{agencies[1].pk}")
    set_to(site, operation, "agency_id:none")
    assert agencies_of(producers) == [None, "Birch", "Cedar"]
    set_to(site, operation, "agency_id:none")
    assert agencies_of(producers) == [None, None, None]


@pytest.mark.parametrize("told", ["", "agency_id:999999999", "agency_id:x", "npn:1", "nonsense"])
def test_what_cannot_be_chosen_sets_nothing(told: str, site: Client, producers: list[Producer]) -> None:
    operation = select(site, producers)
    set_to(site, operation, told)
    set_to(site, operation, told)
    assert agencies_of(producers) == [None, "Birch", "Cedar"]


def test_an_agency_of_others_cannot_be_chosen(site: Client, producers: list[Producer]) -> None:
    theirs = make_agency(make_organization())
    update(site, producers, theirs)
    assert agencies_of(producers) == [None, "Birch", "Cedar"]


def test_what_changed_between_is_judged_anew(
    site: Client, producers: list[Producer], agencies: tuple[Agency, Agency]
) -> None:
    operation, told = select(site, producers), f"agency_id:{agencies[1].pk}"
    set_to(site, operation, told)
    Producer.objects.filter(pk=producers[0].pk).update(agency=agencies[1])
    producers[1].delete()
    set_to(site, operation, told)
    operation.refresh_from_db()
    assert operation.outcomes["updated"] == 0
    assert operation.outcomes["rejected"] == 3


def take_back(site: Client, operation: Operation) -> Operation:
    site.post(page(operation, "undo"))
    return Operation.objects.latest("created_at")


def test_it_is_taken_back_where_nobody_has_changed_it_since(
    site: Client, producers: list[Producer], agencies: tuple[Agency, Agency], member: Membership
) -> None:
    operation = update(site, producers, agencies[1])
    Producer.objects.filter(pk=producers[0].pk).update(agency=make_agency(member.organization, name="Elm"))
    back = take_back(site, operation)
    asked = text(site.get(page(back)))
    assert "Take back what was set of 1 producer?" in asked
    assert "Agency: Cedar → Birch" in asked
    assert "Changed since" in asked
    site.post(page(back, "do"))
    assert agencies_of(producers) == ["Elm", "Birch", "Cedar"]
    # And what was taken back can be set again.
    again = take_back(site, back)
    site.post(page(again, "do"))
    assert agencies_of(producers) == ["Elm", "Cedar", "Cedar"]


def test_it_is_not_taken_back_after_a_day(
    site: Client, producers: list[Producer], agencies: tuple[Agency, Agency]
) -> None:
    operation = update(site, producers, agencies[1])
    assert "Take it back" in text(site.get(page(operation)))
    Operation.objects.update(finished_at=F("finished_at") - timedelta(days=1, seconds=1))
    assert "Take it back" not in text(site.get(page(operation)))
    answer = site.post(page(operation, "undo"), follow=True)
    assert "more than a day ago" in text(answer)
    assert Operation.objects.count() == 1


def test_what_was_begun_in_time_and_confirmed_too_late_is_not_taken_back(
    site: Client, producers: list[Producer], agencies: tuple[Agency, Agency]
) -> None:
    operation = update(site, producers, agencies[1])
    back = take_back(site, operation)
    Operation.objects.filter(pk=operation.pk).update(finished_at=timezone.now() - timedelta(days=2))
    site.post(page(back, "do"))
    assert agencies_of(producers) == ["Cedar"] * 3
    back.refresh_from_db()
    assert back.outcomes["rejected"] == 2


def test_nothing_is_set_twice_and_no_more_than_was_selected(
    site: Client, member: Membership, producers: list[Producer], agencies: tuple[Agency, Agency]
) -> None:
    site.post(f"{ACT}?agency={agencies[0].pk}", {"action": "update-producers", "all": "yes"})
    operation = Operation.objects.get()
    run(operation.pk)
    late = make_producer(member.organization, agency=agencies[0])
    told = f"agency_id:{agencies[1].pk}"
    for _ in range(2):
        set_to(site, operation, told)
        run(operation.pk)
    set_to(site, operation, told)
    run(operation.pk)
    assert agencies_of([*producers, late]) == [None, "Cedar", "Cedar", "Birch"]


@pytest.mark.parametrize("role", [Role.VIEWER, Role.SUBMITTER])
def test_who_may_not_is_neither_offered_it_nor_let_do_it(
    role: Role, client: Client, member: Membership, producers: list[Producer]
) -> None:
    client.force_login(make_member(member.organization, role).user)
    assert "update-producers" not in client.get("/producers/").content.decode()
    form = {"action": "update-producers", "tick": [producers[0].npn]}
    assert client.post(ACT, form).status_code == 403


def test_one_who_may_no_longer_sets_nothing(
    site: Client, member: Membership, producers: list[Producer], agencies: tuple[Agency, Agency]
) -> None:
    operation, told = select(site, producers), f"agency_id:{agencies[1].pk}"
    set_to(site, operation, told)
    Membership.objects.filter(pk=member.pk).update(role="viewer")
    assert site.post(page(operation, "do"), {"set": told}).status_code == 403
    assert agencies_of(producers) == [None, "Birch", "Cedar"]


@pytest.mark.parametrize(
    ("told", "words", "field", "value"),
    [
        ("domicile:CA", "Domicile: none → California", "domicile", "CA"),
        ("assignment_required:yes", "Assignment required: No → Yes", "assignment_required", True),
        (
            "create_internal_appointments:no",
            "Keeps internal appointments: Yes → No",
            "create_internal_appointments",
            False,
        ),
    ],
)
def test_companies_are_updated_too(
    told: str, words: str, field: str, value: Any, site: Client, member: Membership
) -> None:
    company = make_company(member.organization)
    site.post("/lists/companies/act/", {"action": "update-companies", "tick": [company.pk]})
    operation = Operation.objects.get()
    assert words in text(set_to(site, operation, told)) or field == "domicile"
    set_to(site, operation, told)
    assert getattr(Company.objects.get(), field) == value
    results = b"".join(site.get(page(operation, "results")).streaming_content).decode()  # type: ignore[attr-defined]
    assert f"{company.cocode},{company.name}" in results.replace('"', "")
    assert "Several producers" not in text(site.get(page(operation)))
    event = Event.objects.get(kind="company:change")
    assert (event.by, event.data["changed"]) == (member.user, {field: value})
