"""The list of batches, the page of one, and its way through review to the registry."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from django.http import QueryDict
from django.test import Client
from django.urls import reverse

from muster.access.models import Membership
from muster.access.permissions import Role
from muster.console.transactions.address import batch_query_of, batch_selection_of
from muster.core.acting import BatchAction
from muster.core.transactions import BatchState
from muster.transactions.batches import BatchSelection
from muster.transactions.models import Batch, Transaction
from tests.make import make_batch, make_member, make_organization, make_producer, make_transaction
from tests.transactions.acting import demand
from tests.transactions.appointing import ask, make_californian, make_carrier_desk, request_for
from tests.web.query_counts import same_number_of_queries
from tests.web.reading import links, text

pytestmark = pytest.mark.django_db

LIST = "/transactions/batches/"


@pytest.fixture
def member() -> Membership:
    return make_member(name="Lin Park")


@pytest.fixture
def site(client: Client, member: Membership) -> Client:
    client.force_login(member.user)
    return client


def as_another(member: Membership, role: Role) -> Client:
    client = Client()
    client.force_login(make_member(member.organization, role, name="Sam Okafor").user)
    return client


def page_of(batch: Batch) -> str:
    return reverse("batch-detail", args=[batch.number])


def make_waiting(member: Membership, **over: Any) -> Batch:
    """A batch of which two transactions wait."""
    producer = make_producer(member.organization)
    batch = make_batch(producer, **over)
    for fee in (1500, None):
        make_transaction(producer, batch=batch, state_fee=fee, registry_fee=500)
    return batch


@pytest.fixture
def every_state(member: Membership) -> dict[str, Batch]:
    """A batch in each state, in the order of their numbers."""
    make_batch(make_producer(make_organization()))
    return {
        state.value: make_batch(
            make_producer(member.organization, npn=f"15{place}0001", last_name=f"Birch{place}"),
            number=880_000 + place,
            state=state,
            prepared_by=member.user if state is BatchState.APPROVED else None,
        )
        for place, state in enumerate(BatchState)
    }


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["done", "submitted", "approved", "in_review", "draft"]),
        ("?state=in_review", ["in_review"]),
        ("?mine=yes", ["approved"]),
        ("?q=birch3", ["submitted"]),
        ("?q=GB-00880001", ["in_review"]),
        ("?q=gb-880001", ["in_review"]),
        ("?q=1540001", ["done"]),
        ("?mine=x", ["done", "submitted", "approved", "in_review", "draft"]),
        ("?state=nonsense", []),
    ],
)
def test_the_address_says_what_is_shown(
    query: str, expected: list[str], site: Client, every_state: dict[str, Batch]
) -> None:
    answer = site.get(LIST + query)
    assert [row.batch.state for row in answer.context["rows"]] == expected
    assert answer.context["total"] == len(expected)


@pytest.mark.parametrize("selection", [BatchSelection("birch", "draft", True), BatchSelection()])
def test_what_is_written_to_the_address_is_read_back(selection: BatchSelection) -> None:
    assert batch_selection_of(QueryDict(batch_query_of(selection).removeprefix("?"))) == selection


def test_the_list_tells_what_became_of_each_batch(site: Client, member: Membership) -> None:
    batch = make_waiting(member, prepared_by=member.user, review_note="Wrong county")
    make_transaction(batch.producer, batch=batch, status="not_eligible")
    told = text(site.get(LIST))
    assert "Draft Sent back: Wrong county 2 Ready to Submit 1 Not Eligible Lin Park" in told


def test_the_lists_take_a_constant_number_of_queries(site: Client, member: Membership) -> None:
    batch = make_waiting(member)
    site.get(LIST)
    with same_number_of_queries("batch-list"):
        site.get(LIST)
    with same_number_of_queries("batch-detail"):
        site.get(page_of(batch))
    for _ in range(5):
        make_waiting(member)
        make_transaction(batch.producer, batch=batch)
    with same_number_of_queries("batch-list"):
        site.get(LIST)
    with same_number_of_queries("batch-detail"):
        site.get(page_of(batch))


def test_the_page_tells_what_was_asked_for_and_what_it_costs(client: Client) -> None:
    member, _ = make_carrier_desk(name="Lin Park")
    client.force_login(member.user)
    producer = make_californian(member)
    operation = ask(member, request_for(producer))
    batch = Batch.objects.get()
    Transaction.objects.update(state_fee=1500, registry_fee=500)
    first = batch.transactions.order_by("number")[0]
    Transaction.objects.filter(pk=first.pk).update(
        status="accepted", state_fee_charged=1600, registry_fee_charged=500
    )
    answer = client.get(page_of(batch))
    told = text(answer)
    assert "4 transactions" in told
    assert "Of what is open, estimated $60.00 Charged $21.00" in told
    assert "Categories Life, Health Agent type Producer" in told
    assert reverse("import-detail", args=[operation.pk]) in links(answer)
    assert reverse("transaction-detail", args=[first.number]) in links(answer)


def do(site: Client, batch: Batch, action: str, **form: str) -> str:
    """Press a button on the page of a batch, and read what comes."""
    url = reverse("batch-do", args=[batch.number])
    return text(site.post(url, {"action": action, "operation": str(uuid4()), **form}, follow=True))


def offered(site: Client, batch: Batch) -> list[str]:
    return [doable.action for doable in site.get(page_of(batch)).context["doables"]]


def test_a_batch_is_prepared_reviewed_sent_back_approved_and_submitted_by_two(member: Membership) -> None:
    demand(member.organization, two_person_release=True)
    preparer = make_member(member.organization, Role.SPECIALIST, name="Pat Reyes")
    theirs, mine = Client(), Client()
    theirs.force_login(preparer.user)
    mine.force_login(member.user)
    batch = make_waiting(member, prepared_by=preparer.user)

    assert offered(theirs, batch) == [BatchAction.REVIEW]
    assert f"{batch} was sent to review." in do(theirs, batch, "review-batches")
    assert offered(mine, batch) == [BatchAction.APPROVE, BatchAction.RETURN]
    assert "Say why, then press Send back" in do(mine, batch, "return-batches")
    assert f"{batch} was sent back." in do(mine, batch, "return-batches", reason="Wrong county")
    assert "Sent back by Lin Park: Wrong county" in text(theirs.get(page_of(batch)))
    do(theirs, batch, "review-batches")
    assert "Approved by Lin Park" in do(mine, batch, "approve-batches")
    assert offered(theirs, batch) == []
    assert offered(mine, batch) == [BatchAction.RETURN, BatchAction.SUBMIT]
    assert f"{batch} was submitted." in do(mine, batch, "submit-batches")
    told = text(mine.get(page_of(batch)))
    assert "2 transactions are on the way. This page follows by itself." in told
    assert "2 transactions wait for the registry’s turn." in told


def test_who_prepared_it_is_told_that_a_colleague_releases_it(site: Client, member: Membership) -> None:
    demand(member.organization, two_person_release=True)
    batch = make_waiting(member, prepared_by=member.user, state="in_review")
    assert "You prepared it, so a colleague" in text(site.get(page_of(batch)))
    assert BatchAction.APPROVE not in offered(site, batch)
    assert "two people for a filing" in do(site, batch, "approve-batches")
    batch.refresh_from_db()
    assert batch.state == "in_review"


def test_a_page_rests_when_nothing_of_its_batch_moves(site: Client, member: Membership) -> None:
    batch = make_waiting(member)
    assert "hx-get" not in site.get(page_of(batch)).content.decode().split('id="batch"')[1].split(">")[0]
    Transaction.objects.filter(batch=batch).update(status="submitted")
    assert "hx-get" in site.get(page_of(batch)).content.decode().split('id="batch"')[1].split(">")[0]


@pytest.mark.parametrize(
    ("role", "expected"),
    [
        (Role.ADMIN, ["Send to review", "Approve", "Send back", "Submit"]),
        (Role.SPECIALIST, ["Send to review"]),
        (Role.SUBMITTER, ["Approve", "Send back", "Submit"]),
        (Role.VIEWER, []),
    ],
)
def test_the_list_offers_what_the_person_may_do(
    role: Role, expected: list[str], member: Membership, every_state: dict[str, Batch]
) -> None:
    answer = as_another(member, role).get(LIST)
    assert [button.label for button in answer.context["buttons"]] == expected


def test_ticked_batches_are_confirmed_before_they_are_submitted(site: Client, member: Membership) -> None:
    batches = [make_waiting(member) for _ in range(3)]
    answer = site.post(
        reverse("batch-act"),
        {
            "action": "submit-batches",
            "operation": str(uuid4()),
            "number": [one.number for one in batches[:2]],
        },
        follow=True,
    )
    told = text(answer)
    assert "Submit 2 batches?" in told
    assert "Estimated fees $50.00 and 2 fees unknown" in told
    assert not Transaction.objects.filter(released_at__isnull=False).exists()
    answer = site.post(answer.redirect_chain[-1][0] + "do/", follow=True)
    assert "2 Submitted" in text(answer)
    assert Transaction.objects.filter(released_at__isnull=False).count() == 4


def test_what_is_ticked_is_asked_for_first(site: Client, member: Membership) -> None:
    answer = site.post(reverse("batch-act"), {"action": "submit-batches"}, follow=True)
    assert "Tick the batches first, then press Submit." in text(answer)
