"""The pages of upload type Terminate: its template, the check and the results."""

from __future__ import annotations

from io import BytesIO

import pytest
from django.test import Client
from django.urls import reverse
from python_calamine import CalamineWorkbook

from muster.access.models import Membership
from muster.carriers.models import FilingSettings
from muster.console.imports import planned
from muster.producers.models import Producer
from tests.make import make_appointment, make_company, make_member, make_producer
from tests.transactions.acting import finish
from tests.transactions.test_terminate import check, row
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
    producer = make_producer(member.organization, last_name="Alder")
    for state in ("CA", "FL"):
        make_appointment(producer, state)
    return producer


def test_the_template_tells_which_reasons_each_state_takes(browsing: Client, member: Membership) -> None:
    FilingSettings.objects.create(organization=member.organization, termination_reasons={"FL": "death"})
    answer = browsing.get(reverse("import-template", args=["terminate", "xlsx"]))
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    book = CalamineWorkbook.from_filelike(BytesIO(content))
    assert book.sheet_names == ["upload", "accepted_values", "how_to", "termination_reason_key"]
    told = {state: rest for state, *rest in book.get_sheet_by_name("termination_reason_key").to_python()}
    accepted = "Voluntary termination; Death; Request regulatory review"
    assert told["FL"] == ["Florida", accepted, "unknown", "Death"]
    assert told["NV"][1] == "unknown"
    assert told["NH"][2] == "no"


def test_what_will_be_filed_is_listed_some_rows_at_a_time_and_without_scripts(
    browsing: Client, member: Membership, producer: Producer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(planned, "REQUESTS", 1)
    operation = check(member, row(producer), row(producer, **{"State Code": "FL", "Termination Reason": ""}))
    page = reverse("import-planned", args=[operation.pk])
    first, second = (browsing.get(page, {"after": after}) for after in (0, 2))
    assert f"{page}?after=2" in links(first)
    assert "Voluntary termination" in text(first)
    assert "No reason on the day of filing" in text(second)
    assert "Nothing will be filed" in text(browsing.get(page, {"after": 3}))
    browsing.post(reverse("import-process", args=[operation.pk]))
    assert browsing.get(page)["Location"] == reverse("import-detail", args=[operation.pk])


def test_the_check_page_tells_what_would_end_and_the_results_what_was_made(
    browsing: Client, member: Membership, producer: Producer
) -> None:
    operation = check(
        member,
        row(producer, **{"State Code": "CA;FL"}),
        row(producer, **{"Line of Authority": "Lief"}),
        row(producer, **{"State Code": "FL", "Termination Reason": "Agent moved"}),
    )
    page = reverse("import-detail", args=[operation.pk])
    told = text(browsing.get(page))
    assert "2 transactions would be made" in told
    listed = text(
        browsing.get(reverse("import-planned", args=[operation.pk]), headers={"HX-Request": "true"})
    )
    for state in ("CA", "FL"):
        assert (
            f"NPN {producer.npn} {state} Life Northstar Life Insurance Company 90101 Voluntary termination"
            in listed
        )
    assert "Nothing goes to the registry before somebody submits it." in told
    assert "Submit 2 transactions" in told
    assert "“Lief” is neither an LOA category nor a line of authority of California; “Life” is close." in told
    assert "It takes: Voluntary termination, Death, Request regulatory review." in told
    browsing.post(reverse("import-process", args=[operation.pk]))
    finish(operation)
    answer = browsing.get(page)
    assert "GT-00000001 to GT-00000002: 2 Ready to Submit." in text(answer)
    assert f"/transactions/?operation={operation.pk}" in links(answer)
    assert "Terminations" in text(browsing.get("/transactions/?kind=termination"))
    told = text(browsing.get("/transactions/1/"))
    assert "Termination of" in told
    assert "Termination reason Voluntary termination" in told
    assert "Is a resident license active" not in told
