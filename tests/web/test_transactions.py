"""The list of transactions, the page of one, and what is done on it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.http import QueryDict
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from muster.access.models import Membership
from muster.access.permissions import Role
from muster.bulk.models import Operation
from muster.console.transactions.address import REASON_LABELS, query_of, selection_of
from muster.console.transactions.words import CALLS, call_words
from muster.core.eligibility import CHECKS
from muster.core.transactions import STATUS_LABELS, Action, Status
from muster.history.context import changing
from muster.history.models import Source
from muster.lists import keyset
from muster.transactions import queries
from muster.transactions.models import Attempt, StatusChange, Transaction
from muster.transactions.queries import (
    DUES,
    ORDERS,
    RELEASES,
    Selection,
    awaited,
    counts_by_status,
    estimated,
)
from tests.make import (
    make_appointment,
    make_batch,
    make_member,
    make_organization,
    make_producer,
    make_transaction,
)
from tests.transactions.acting import demand, fresh, make_fileable
from tests.transactions.appointing import ask, make_californian, make_carrier_desk, request_for
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
        ("?status=nonsense&state=ZZ&due=x&queue=x&sort=x&batch=x&operation=x&mine=x&company=abc", None),
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
        Selection,
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
def test_what_is_written_to_the_address_is_read_back(selection: Selection) -> None:
    assert selection_of(QueryDict(query_of(selection).removeprefix("?"))) == selection


def test_every_reason_can_be_chosen_and_none_is_called_as_another() -> None:
    assert list(REASON_LABELS) == [check.value for check in CHECKS]
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
    told = awaited(member, today=timezone.localdate())
    lists = ("?status=ready&queue=unreleased", "?status=action_required", "?status=rejected", "?due=soon")
    assert list(told) == [len(shown(site, query)) for query in lists] == [1, 1, 1, 2]


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
    assert [button.label for button in answer.context["buttons"]] == expected
    assert ("data-check-all" in answer.content.decode()) == bool(expected)


def test_the_list_offers_what_makes_sense_in_the_chosen_statuses(
    site: Client, every_kind: list[Transaction]
) -> None:
    offered = [button.label for button in site.get(f"{LIST}?status=rejected").context["buttons"]]
    assert offered == ["Close", "Retry"]


# --- one transaction ----------------------------------------------------------------------------------


def test_the_page_tells_what_is_filed_and_where_it_belongs(site: Client, member: Membership) -> None:
    producer = make_producer(member.organization, first_name="Bea", last_name="Núñez")
    one = make_transaction(
        producer,
        "FL",
        county="Polk",
        license_number="W123",
        effective_on=date(2026, 12, 1),
        state_fee=6000,
        registry_fee=None,
        prepared_by=member.user,
    )
    answer = site.get(page_of(one))
    for words in ("Appointment of Bea Núñez in Florida", "W123", "Polk", "Dec 1, 2026", "Lin Park"):
        assert words in text(answer)
    assert "State $60.00 Registry unknown Together $60.00 and 1 fee unknown" in text(answer)
    assert reverse("batch-detail", args=[one.batch.number]) in links(answer)
    assert reverse("producer-detail", args=[producer.npn]) in links(answer)


def test_the_page_of_one_takes_a_constant_number_of_queries(site: Client, member: Membership) -> None:
    one = make_transaction(make_producer(member.organization), status="rejected")
    for _ in range(3):
        Attempt.objects.create(transaction=one, verb="send", key=uuid4(), began_at=timezone.now())
        StatusChange.objects.create(transaction=one, old="ready", new="submitting", by=member.user)
    site.get(page_of(one))
    with same_number_of_queries("transaction-detail"):
        site.get(page_of(one))


@pytest.fixture
def carrier() -> Membership:
    """An Agency Admin of an organization that appoints in California."""
    return make_carrier_desk(name="Lin Park")[0]


def test_why_tells_every_check_with_its_facts(client: Client, carrier: Membership) -> None:
    client.force_login(carrier.user)
    producer = make_californian(carrier, lines=[0])
    ask(carrier, request_for(producer))
    good, bad = (
        Transaction.objects.get(producer=producer, line_name=name) for name in ("Life", "Part-Time Fraternal")
    )
    answer = client.get(page_of(good))
    checks = answer.context["checks"]
    assert [check.passed for check in checks] == [True] * len(CHECKS)
    told = text(answer)
    assert "CoCode 90101 is Northstar Life Insurance Company." in told
    assert "It appoints in California." in told
    assert "expires Jan 1, 2099. Lines: Life (active)." in told
    assert answer.context["rules"]
    assert good.batch.rules_version in told
    assert [url for url in links(answer) if url.startswith(reverse("state-rules", args=["CA"]))]

    answer = client.get(page_of(bad))
    failed = [check for check in answer.context["checks"] if check.passed is False]
    assert [check.label for check in failed] == ["Required License Not Found"]
    assert "No eligible license holds Part-Time Fraternal as an active line." in text(answer)


def test_why_says_what_could_not_be_asked(client: Client, carrier: Membership) -> None:
    client.force_login(carrier.user)
    producer = make_californian(carrier)
    ask(carrier, request_for(producer, cocodes=["99999"]))
    one = Transaction.objects.get(producer=producer)
    passed = {check.question: check.passed for check in client.get(page_of(one)).context["checks"]}
    assert list(passed.values())[:3] == [False, None, None]
    assert "No company of yours has the CoCode 99999." in text(client.get(page_of(one)))


def test_why_leads_to_what_stood_in_the_way(client: Client, carrier: Membership) -> None:
    client.force_login(carrier.user)
    producer = make_californian(carrier, lines=[0])
    first = make_transaction(producer, line_name="Life", line_code="9101", number=5001)
    ask(carrier, request_for(producer, categories=["life"]))
    one = Transaction.objects.get(producer=producer, line_name="Life", status="not_eligible")
    answer = client.get(page_of(one))
    assert "Open Transaction Exists" in text(answer)
    assert page_of(first) in links(answer)

    other = make_californian(carrier, lines=[0])
    make_appointment(other, line_name="Life", line_code="9101")
    ask(carrier, request_for(other, categories=["life"]))
    one = Transaction.objects.get(producer=other, line_name="Life")
    answer = client.get(page_of(one))
    assert "Already Appointed" in text(answer)
    assert f"{reverse('producer-detail', args=[other.npn])}#appointments" in links(answer)


def test_the_history_says_who_moved_it_when_and_why(site: Client, member: Membership) -> None:
    one = make_transaction(make_producer(member.organization), prepared_by=member.user)
    site.post(
        reverse("transaction-do", args=[one.number]),
        {"action": "close-transactions", "reason": "The contract fell through"},
    )
    with changing(source=Source.REGISTRY):
        Transaction.objects.filter(pk=one.pk).update(status="not_eligible", note="")
    told = text(site.get(page_of(one)))
    assert "Closed → Not Eligible The registry" in told
    assert "Ready to Submit → Closed The contract fell through Lin Park" in told
    operation = Operation.objects.get(kind="close-transactions")
    assert reverse("operation-detail", args=[operation.pk]) in links(site.get(page_of(one)))


def test_calls_to_the_registry_are_told_in_plain_words(site: Client, member: Membership) -> None:
    key, now = uuid4(), timezone.now()
    one = make_transaction(
        make_producer(member.organization),
        status="rejected",
        filing_key=key,
        registry_words="The license does not carry this line.",
        registry_code="4711",
    )
    sent = {"transaction": one, "key": key, "began_at": now}
    Attempt.objects.create(**sent, verb="send", ended_at=now, outcome="timed_out", words="No answer in time.")
    Attempt.objects.create(**sent, verb="ask", ended_at=now, outcome="rejected")
    Attempt.objects.create(**sent, verb="ask")
    told = text(site.get(page_of(one)))
    assert "Sent: No answer came in time. No answer in time." in told
    assert "Asked for: The registry has refused it." in told
    assert "whether it arrived is not known yet" in told
    assert "The license does not carry this line. Code 4711" in told
    assert str(key) in told


def test_an_outcome_that_is_new_reads_as_it_is() -> None:
    now = timezone.now()
    assert call_words(Attempt(outcome="some_day", ended_at=now)) == "Some day"
    assert all(words.endswith(".") for words in CALLS.values())


STEPS = [
    ({"status": "ready"}, "Ready to submit", Action.SUBMIT),
    ({"status": "ready", "released_at": timezone.now()}, "Queued for the registry", None),
    ({"status": "held"}, "Waits for first business", None),
    ({"status": "held", "first_business_on": TODAY}, "The deadline is not known", Action.SUBMIT),
    (
        {"status": "held", "first_business_on": TODAY, "file_by": TODAY},
        "To be filed by Nov 20",
        Action.SUBMIT,
    ),
    ({"status": "submitting"}, "On its way", None),
    ({"status": "outcome_unknown"}, "Nobody knows whether it arrived", None),
    ({"status": "submitted"}, "At the registry", None),
    ({"status": "action_required"}, "The state asks for something", None),
    ({"status": "accepted"}, "Done", None),
    ({"status": "recorded"}, "Done", None),
    ({"status": "rejected"}, "The registry refused it", Action.RETRY),
    ({"status": "not_eligible"}, "Not to be filed", None),
    ({"status": "canceled"}, "Nothing is awaited", Action.REOPEN),
    ({"status": "closed", "filing_key": uuid4()}, "Nothing is awaited", None),
]


@pytest.mark.parametrize(("over", "title", "action"), STEPS, ids=lambda told: str(told)[:40])
def test_the_page_leads_with_the_next_step(
    over: dict[str, Any], title: str, action: Action | None, site: Client, member: Membership
) -> None:
    one = make_transaction(make_producer(member.organization), **over)
    answer = site.get(page_of(one))
    assert answer.context["step"].title.startswith(title)
    primary = answer.context["primary"]
    assert (primary.action if primary else None) == action


def test_every_status_has_its_next_step() -> None:
    assert {over["status"] for over, *_ in STEPS} == {status.value for status in Status}


def test_who_prepared_it_is_told_that_a_colleague_submits_it(site: Client, member: Membership) -> None:
    demand(member.organization, two_person_release=True)
    one = make_transaction(make_producer(member.organization), prepared_by=member.user)
    answer = site.get(page_of(one))
    assert answer.context["primary"] is None
    assert "You prepared it, so a colleague who may release filings submits it." in text(answer)


def test_who_may_not_release_is_told_for_whom_it_waits(member: Membership) -> None:
    one = make_transaction(make_producer(member.organization))
    answer = as_another(member, Role.SPECIALIST).get(page_of(one))
    assert "waits for somebody who may release filings" in text(answer)
    assert [doable.action for doable in answer.context["others"]] == [Action.CANCEL, Action.CLOSE]


def do(site: Client, one: Transaction, action: str, **form: str) -> str:
    """Press a button on the page of a transaction, and read what comes."""
    url = reverse("transaction-do", args=[one.number])
    return text(site.post(url, {"action": action, "operation": str(uuid4()), **form}, follow=True))


def test_each_button_does_one_thing_and_lands_on_the_page(site: Client, member: Membership) -> None:
    one = make_fileable(member.organization)
    assert f"{one} was submitted." in do(site, one, "submit-transactions")
    assert fresh(one).released_by == member.user
    assert f"{one} was canceled." in do(site, one, "cancel-transactions", reason="Too early")
    assert f"{one} was reopened." in do(site, one, "reopen-transactions")
    assert f"{one} was closed." in do(site, one, "close-transactions", reason="Not wanted")
    assert (fresh(one).status, fresh(one).note) == ("closed", "Not wanted")
    Transaction.objects.filter(pk=one.pk).update(status="rejected")
    told = do(site, one, "retry-transactions")
    made = Transaction.objects.get(retry_of=one)
    assert f"{one} was retried. {made} was made." in told
    # It lands on the page of what was made.
    assert f"Made to retry {one}" in told
    assert f"Retried as {made}" in text(site.get(page_of(one)))


def test_what_ends_something_asks_why(site: Client, member: Membership) -> None:
    one = make_transaction(make_producer(member.organization))
    assert "Say why, then press Close" in do(site, one, "close-transactions", reason="  ")
    assert fresh(one).status == "ready"
    assert not Operation.objects.exists()


def test_what_cannot_be_done_is_told_with_what_to_do(site: Client, member: Membership) -> None:
    one = make_transaction(make_producer(member.organization), status="submitted")
    told = do(site, one, "submit-transactions")
    assert f"{one} was not submitted. It is Submitted." in told
    assert "Submit applies to those that are Ready to Submit or Held (JIT)." in told


def test_pressing_twice_submits_once(site: Client, member: Membership) -> None:
    one = make_transaction(make_producer(member.organization))
    url = reverse("transaction-do", args=[one.number])
    form = {"action": "submit-transactions", "operation": str(uuid4())}
    site.post(url, form)
    released_at = fresh(one).released_at
    site.post(url, form)
    assert fresh(one).released_at == released_at


@pytest.mark.parametrize("action", ["agent", "submit-batches", "nonsense", ""])
def test_an_action_that_is_none_of_transactions_is_not_found(
    action: str, site: Client, member: Membership
) -> None:
    one = make_transaction(make_producer(member.organization))
    assert site.post(reverse("transaction-do", args=[one.number]), {"action": action}).status_code == 404
    assert site.post(reverse("transaction-act"), {"action": action, "all": "yes"}).status_code == 404


@pytest.mark.parametrize("number", [0, 10**18, 10**30])
def test_a_number_that_nothing_has_is_not_found(number: int, site: Client) -> None:
    assert site.get(reverse("transaction-detail", args=[number])).status_code == 404


# --- first business -----------------------------------------------------------------------------------


def mark(site: Client, one: Transaction, on: str, **form: str) -> str:
    url = reverse("transaction-first-business", args=[one.number])
    return text(site.post(url, {"on": on, **form}, follow=True))


def test_marking_first_business_on_the_page_begins_the_deadline(site: Client, member: Membership) -> None:
    one = make_transaction(make_producer(member.organization), status="held")
    told = mark(site, one, str(timezone.localdate()))
    assert "The first business is noted." in told
    assert fresh(one).first_business_on == timezone.localdate()
    assert fresh(one).released_at is None


def test_it_can_be_submitted_with_it(site: Client, member: Membership) -> None:
    one = make_transaction(make_producer(member.organization), status="held")
    assert "It was submitted" in mark(site, one, str(timezone.localdate()), submit="yes")
    assert fresh(one).released_by == member.user


@pytest.mark.parametrize("on", ["", "yesterday", "2026-02-30"])
def test_a_day_that_is_none_is_asked_for_again(on: str, site: Client, member: Membership) -> None:
    one = make_transaction(make_producer(member.organization), status="held")
    assert "Give the day of the first business" in mark(site, one, on)


def test_a_day_that_has_not_come_is_refused(site: Client, member: Membership) -> None:
    one = make_transaction(make_producer(member.organization), status="held")
    assert "That day has not come yet." in mark(site, one, str(timezone.localdate() + timedelta(days=1)))


def test_only_what_is_held_is_marked(site: Client, member: Membership) -> None:
    one = make_transaction(make_producer(member.organization), status="closed")
    assert "there was nothing to mark" in mark(site, one, str(timezone.localdate()))


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
