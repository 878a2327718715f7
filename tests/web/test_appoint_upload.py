"""An Appoint file on its pages: what it would come to, and what has come of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from muster.access.models import Membership
from muster.access.permissions import Role
from muster.bulk.kinds import upload_kind_named
from muster.bulk.models import Operation, OperationState
from muster.bulk.operations import start_upload
from muster.carriers.models import FilingSettings
from muster.imports.requesting import request_appointments
from muster.producers.models import Producer
from muster.transactions.models import Transaction
from tests.make import make_member
from tests.transactions.appointing import make_californian, make_carrier_desk, request_for
from tests.web.import_makers import finish
from tests.web.reading import links, text

pytestmark = pytest.mark.django_db

HEADER = "NPN,State(s),Carrier CoCode(s),LOA Category,Auto Submit"


@pytest.fixture
def member() -> Membership:
    return make_carrier_desk()[0]


@pytest.fixture
def browsing(client: Client, member: Membership) -> Client:
    client.force_login(member.user)
    return client


@pytest.fixture
def two(member: Membership) -> list[Producer]:
    """One who holds two of California's four lines, and one who holds none of those that are asked for."""
    return [make_californian(member, lines=[0, 2]), make_californian(member, lines=[])]


def upload(member: Membership, lines: Sequence[str]) -> Operation:
    """An Appoint file of these lines, checked."""
    operation = start_upload(
        operation_id=uuid4(),
        member=member,
        kind=upload_kind_named("appoint"),
        source_name="appoint.csv",
        content=["\n".join([HEADER, *lines]).encode()],
        now=timezone.now(),
        defer=False,
    )
    return finish(operation)


def row(producer: Producer, *, submit: str = "") -> str:
    return f"{producer.npn},CA,90101,life;health,{submit}"


def page(browsing: Client, operation: Operation, **query: Any) -> Any:
    return browsing.get(reverse("import-detail", args=[operation.pk], query=query))


def process(browsing: Client, operation: Operation) -> Operation:
    browsing.post(reverse("import-process", args=[operation.pk]))
    return finish(operation)


def test_the_check_page_tells_what_the_requests_would_come_to(
    browsing: Client, member: Membership, two: list[Producer]
) -> None:
    answer = text(page(browsing, upload(member, [*map(row, two), "999,CA,90101,life,"])))
    assert "2 To be requested 0 To be updated 0 Nothing new 1 Rejected" in answer
    assert "8 transactions would be made" in answer
    assert "Ready to Submit 2 Not Eligible 6" in answer
    assert "Why not eligible Required License Not Active (Found) 4" in answer
    assert "Required License Not Found (line not held) 2" in answer
    assert "Estimated fees State $64.00 Registry unknown Of 2 transactions not every fee is known." in answer
    assert "Nothing goes to the registry by itself." in answer
    assert "Request 8 transactions" in answer
    assert "2 rows are requested, 1 left out" in answer
    assert "daily alerts" not in answer  # nobody is onboarded


def test_the_check_page_tells_what_goes_to_the_registry_by_itself(
    browsing: Client, member: Membership, two: list[Producer]
) -> None:
    answer = text(page(browsing, upload(member, [row(two[0], submit="yes")])))
    assert "2 transactions go to the registry by themselves." in answer


def test_the_check_page_tells_why_nothing_goes_by_itself_that_should(
    browsing: Client, member: Membership, two: list[Producer]
) -> None:
    FilingSettings.objects.create(organization=member.organization, most_filings=1)
    operation = upload(member, [row(two[0], submit="yes")])
    answer = text(page(browsing, operation))
    assert "Nothing goes to the registry by itself." in answer
    assert "2 of the filings that ask to be submitted" in answer
    assert "at most 1 may be submitted at once" in answer
    process(browsing, operation)
    assert not Transaction.objects.filter(released_at__isnull=False).exists()


def test_a_file_that_was_requested_before_has_nothing_new(
    browsing: Client, member: Membership, two: list[Producer]
) -> None:
    lines = [row(one) for one in two]
    process(browsing, upload(member, lines))
    again = upload(member, lines)
    answer = text(page(browsing, again))
    assert "Nothing new: all of it is on file already." in answer
    assert "No transaction would be made" in answer
    assert "Close this import" in answer
    process(browsing, again)
    assert Transaction.objects.count() == 8


def test_the_results_tell_each_request_and_lead_to_its_transactions(
    browsing: Client, member: Membership, two: list[Producer]
) -> None:
    operation = process(browsing, upload(member, [row(one) for one in two]))
    assert operation.state == OperationState.DONE
    answer = page(browsing, operation)
    told = text(answer)
    assert "2 Requested 0 Updated 0 Unchanged 0 Rejected" in told
    assert (
        "GT-00000001 to GT-00000004: 2 Ready to Submit, 2 Not Eligible (Required License Not Found)." in told
    )
    assert "2 Ready to Submit 6 Not Eligible" in told
    transactions = f"/transactions/?operation={operation.pk}"
    assert {transactions, f"/transactions/?status=ready&operation={operation.pk}"} <= set(links(answer))
    assert two[0].npn in told
    for query in ("", "&status=ready"):
        listed = browsing.get(f"{transactions}{query}").context
        assert len(listed["rows"]) == (2 if query else 8)


def test_nobody_is_synced_for_a_request_and_no_page_says_so(
    browsing: Client, member: Membership, two: list[Producer]
) -> None:
    operation = process(browsing, upload(member, [row(two[0])]))
    assert "sync" not in page(browsing, operation).context
    profile = text(browsing.get(reverse("producer-detail", args=[two[0].npn])))
    assert "from file appoint.csv" not in profile


def test_a_viewer_sees_the_results_and_may_not_act(
    client: Client, member: Membership, two: list[Producer]
) -> None:
    operation = upload(member, [row(two[0])])
    client.force_login(make_member(member.organization, Role.SUBMITTER).user)
    answer = text(page(client, operation))
    assert "4 transactions would be made" in answer
    assert "Request 4 transactions" not in answer
    assert client.post(reverse("import-process", args=[operation.pk])).status_code == 403


def test_requests_without_a_file_have_the_same_pages_in_their_own_words(
    browsing: Client, member: Membership, two: list[Producer]
) -> None:
    operation = request_appointments(
        by=member,
        requests=[request_for(one) for one in two],
        operation_id=uuid4(),
        now=timezone.now(),
        goes_on=False,
        defer=False,
    )
    finish(operation)
    assert operation.state == OperationState.READY
    answer = text(page(browsing, operation))
    assert "Appoint: 2 requests Ready to process Requested by" in answer
    assert "2 requests checked. Nothing to mend." in answer
    assert "Cancel these requests" in answer
    assert "Upload your file again" not in answer
    assert "Appoint: 2 requests" in text(browsing.get(reverse("import-list")))
    process(browsing, operation)
    done = text(page(browsing, operation))
    assert "2 requests checked. Every row is accounted for." in done
    assert "Upload another file" not in done
