"""The list of transactions: what stands in it, what its address asks for, and where else it is told of."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.http import QueryDict
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from muster.access.models import Membership
from muster.access.permissions import Role
from muster.console.transactions.address import Asked, query_of, selection_of
from muster.core.eligibility import CHECKS, OTHER_LABELS, REASON_LABELS
from muster.core.transactions import STATUS_LABELS, Status
from muster.lists import keyset
from muster.transactions import queries
from muster.transactions.models import Transaction
from muster.transactions.queries import (
    DUES,
    ORDERS,
    RELEASES,
    awaited,
    counts_by_status,
    estimated,
)
from tests.make import (
    make_batch,
    make_member,
    make_organization,
    make_producer,
    make_transaction,
)
from tests.web.query_counts import same_number_of_queries
from tests.web.reading import links, text

pytestmark = pytest.mark.django_db

LIST = "/transactions/"
TODAY = date(2026, 11, 20)


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


def page_of(one: Transaction) -> str:
    return reverse("transaction-detail", args=[one.number])


def shown(site: Client, query: str) -> list[str]:
    return [row.transaction.line_code for row in site.get(LIST + query).context["rows"]]


@pytest.fixture
def every_kind(member: Membership) -> list[Transaction]:
    """Transactions of many sorts, in the order in which they were added."""
    ada = make_producer(member.organization, npn="1500001", last_name="Núñez")
    bo = make_producer(member.organization, npn="1600001", first_name="Bo", last_name="Birch")
    now, today = timezone.now(), timezone.localdate()
    batch = make_batch(bo, number=880077)
    make_transaction(make_producer(make_organization()), line_code="THEIRS")
    return [
        make_transaction(ada, line_code="READY", prepared_by=member.user, number=880012),
        make_transaction(ada, "TX", line_code="QUEUED", released_at=now, cocode="00042"),
        make_transaction(bo, line_code="NOT", status="not_eligible", reason="line_not_held", batch=batch),
        make_transaction(bo, "NV", line_code="HELD", status="held"),
        make_transaction(bo, "NV", line_code="SOON", status="held", file_by=today + timedelta(days=14)),
        make_transaction(bo, "NV", line_code="LATE", status="held", file_by=today - timedelta(days=1)),
        make_transaction(bo, "NV", line_code="LONG", status="held", file_by=today + timedelta(days=15)),
        make_transaction(bo, line_code="ENDED", kind="termination", status="rejected"),
    ]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["ENDED", "LONG", "LATE", "SOON", "HELD", "NOT", "QUEUED", "READY"]),
        ("?sort=added", ["READY", "QUEUED", "NOT", "HELD", "SOON", "LATE", "LONG", "ENDED"]),
        ("?sort=state&status=ready&status=rejected", ["READY", "ENDED", "QUEUED"]),
        ("?status=ready", ["QUEUED", "READY"]),
        ("?status=rejected&status=not_eligible", ["ENDED", "NOT"]),
        ("?status=ready&queue=queued", ["QUEUED"]),
        ("?queue=unreleased&status=ready", ["READY"]),
        ("?reason=line_not_held", ["NOT"]),
        ("?state=TX", ["QUEUED"]),
        ("?company=42", ["QUEUED"]),
        ("?kind=termination", ["ENDED"]),
        ("?batch=GB-00880077", ["NOT"]),
        ("?batch=880077", ["NOT"]),
        ("?producer=1500001", ["QUEUED", "READY"]),
        ("?mine=yes", ["READY"]),
        ("?due=dated", ["LATE", "SOON", "LONG"]),
        ("?due=soon", ["LATE", "SOON"]),
        ("?due=overdue", ["LATE"]),
        ("?q=nunez", ["QUEUED", "READY"]),
        ("?q=npn+16&state=NV", ["LONG", "LATE", "SOON", "HELD"]),
        ("?q=GT-00880012", ["READY"]),
        ("?q=gt-880012", ["READY"]),
        ("?q=00880012", ["READY"]),
        ("?q=GT-99999999999999999999", []),
        ("?operation=7f2a1c9e-2d5e-4c7b-9d3a-111111111111", []),
        ("?sort=x&mine=x", None),
        *((f"?{one}=x", []) for one in ("status", "state", "due", "queue", "batch", "operation", "company")),
    ],
)
def test_the_address_says_what_is_shown(
    query: str, expected: list[str] | None, site: Client, every_kind: list[Transaction]
) -> None:
    everything = [one.line_code for one in reversed(every_kind)]
    assert shown(site, query) == (everything if expected is None else expected)
    assert site.get(LIST + query).context["total"] == len(everything if expected is None else expected)


@given(
    selection=st.builds(
        Asked,
        search=st.text("abGT-0 ", max_size=8).map(str.strip),
        statuses=st.sets(st.sampled_from(list(Status))).map(
            lambda chosen: tuple(one.value for one in Status if one in chosen)
        ),
        reason=st.sampled_from(["", *REASON_LABELS]),
        state=st.sampled_from(["", "CA"]),
        cocode=st.sampled_from(["", "90101"]),
        kind=st.sampled_from(["", "termination"]),
        producer=st.sampled_from(["", "1500001"]),
        batch=st.none() | st.integers(1, 10**9),
        operation=st.none() | st.uuids(),
        mine=st.booleans(),
        released=st.sampled_from(["", *RELEASES]),
        due=st.sampled_from(["", *DUES]),
        order=st.sampled_from(list(ORDERS)),
    )
)
def test_what_is_written_to_the_address_is_read_back(selection: Asked) -> None:
    assert selection_of(QueryDict(query_of(selection).removeprefix("?"))) == selection


def test_every_reason_can_be_chosen_and_none_is_called_as_another() -> None:
    assert list(REASON_LABELS) == [*(check.value for check in CHECKS), *OTHER_LABELS]
    assert len(set(REASON_LABELS.values())) == len(REASON_LABELS)


def test_the_list_tells_of_each_transaction_what_one_asks_first(site: Client, member: Membership) -> None:
    producer = make_producer(member.organization, npn="17654321", first_name="Bea", last_name="Núñez")
    one = make_transaction(
        producer,
        "FL",
        status="held",
        file_by=timezone.localdate() + timedelta(days=3),
        county="Polk",
        state_fee=6000,
        registry_fee=None,
    )
    answer = site.get(LIST)
    assert (
        "Núñez, Bea NPN 17654321 FL Life Northstar Life Insurance Company · CoCode 90101 · Polk County "
        "Held (JIT) 3 days left $60.00 + unknown" in text(answer)
    )
    assert page_of(one) in links(answer)


def test_a_fee_that_nobody_has_told_is_never_counted_as_nothing(site: Client, member: Membership) -> None:
    producer = make_producer(member.organization)
    for state_fee, registry_fee in ((1500, 500), (None, 500), (None, None), (0, 0)):
        make_transaction(producer, state_fee=state_fee, registry_fee=registry_fee)
    fees = estimated(Transaction.objects.all())
    assert (fees.state, fees.registry, fees.unknown, fees.transactions) == (1500, 1000, 2, 4)
    assert not fees.is_known
    assert "Estimated fees: $25.00 and 2 fees unknown" in text(site.get(f"{LIST}?status=ready"))


def test_tabs_count_what_is_in_each_status(site: Client, every_kind: list[Transaction]) -> None:
    told = {tab.label: tab.count for tab in site.get(LIST).context["tabs"]}
    assert told["All"] == 8
    assert (told["Ready to submit"], told["Held"], told["Rejected"], told["Done"]) == (2, 4, 1, 0)


def test_counts_stop_where_nobody_would_read_on(
    member: Membership, every_kind: list[Transaction], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keyset, "CEILING", 2)
    monkeypatch.setattr(queries, "CEILING", 2)
    counts = counts_by_status(member)
    assert (counts[Status.HELD], counts[Status.HELD].is_more) == (3, True)
    assert not counts[Status.READY].is_more


def test_what_waits_for_a_person_is_as_many_as_its_list_has(
    site: Client, member: Membership, every_kind: list[Transaction]
) -> None:
    make_transaction(every_kind[0].producer, status="action_required")
    make_batch(every_kind[0].producer, state="in_review")
    told = awaited(member, today=timezone.localdate())
    lists = ("?status=ready&queue=unreleased", "?status=action_required", "?status=rejected", "?due=soon")
    assert list(told[:4]) == [len(shown(site, query)) for query in lists] == [1, 1, 1, 2]
    assert told.in_review == 1


def test_the_list_takes_as_many_queries_for_a_full_page_as_for_a_few(
    site: Client, every_kind: list[Transaction], member: Membership
) -> None:
    site.get(LIST)
    with same_number_of_queries("transaction-list"):
        site.get(LIST)
    for _ in range(60):
        make_transaction(make_producer(member.organization))
    with same_number_of_queries("transaction-list"):
        assert site.get(LIST).context["next_url"]


@pytest.mark.parametrize(
    ("role", "expected"),
    [
        (Role.ADMIN, ["Submit", "Cancel", "Close", "Reopen", "Retry"]),
        (Role.SPECIALIST, ["Cancel", "Close", "Reopen", "Retry"]),
        (Role.SUBMITTER, ["Submit"]),
        (Role.VIEWER, []),
    ],
)
def test_the_list_offers_what_the_person_may_do(
    role: Role, expected: list[str], member: Membership, every_kind: list[Transaction]
) -> None:
    answer = as_another(member, role).get(LIST)
    assert [button.label for button in answer.context["buttons"]] == [*expected, "Export"]


def test_the_list_offers_what_makes_sense_in_the_chosen_statuses(
    site: Client, every_kind: list[Transaction]
) -> None:
    offered = [button.label for button in site.get(f"{LIST}?status=rejected").context["buttons"]]
    assert offered == ["Close", "Retry", "Export"]


# --- where else they are told of ----------------------------------------------------------------------


def test_the_page_of_a_producer_shows_the_last_few(site: Client, member: Membership) -> None:
    producer = make_producer(member.organization)
    made = [make_transaction(producer) for _ in range(8)]
    answer = site.get(reverse("producer-detail", args=[producer.npn]))
    assert [page_of(one) in links(answer) for one in made] == [False] * 2 + [True] * 6
    assert f"{LIST}?producer={producer.npn}" in links(answer)


@pytest.mark.parametrize(
    ("over", "title", "query"),
    [
        ({"status": "ready"}, "1 transaction ready to submit", "?status=ready&queue=unreleased"),
        ({"status": "rejected"}, "1 transaction rejected by the registry", "?status=rejected"),
        ({"status": "action_required"}, "The state asks for something in 1", "?status=action_required"),
        ({"status": "held", "file_by": TODAY}, "1 held transaction is due", "?due=soon"),
    ],
)
def test_home_leads_to_what_waits(
    over: dict[str, Any], title: str, query: str, site: Client, member: Membership
) -> None:
    make_transaction(make_producer(member.organization, sync_status="success"), **over)
    answer = site.get("/")
    assert title in text(answer)
    assert LIST + query in links(answer)


def test_labels_of_statuses_are_those_of_the_field() -> None:
    assert STATUS_LABELS[Status.HELD] == "Held (JIT)"
