"""The page of one transaction: what it tells, why it was judged so, and what is done on it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from muster.access.models import Membership
from muster.access.permissions import Role
from muster.bulk.models import Operation
from muster.console.transactions.words import CALLS, call_words
from muster.core.eligibility import CHECKS
from muster.core.transactions import Action, Status
from muster.history.context import changing
from muster.history.models import Source
from muster.transactions.models import Attempt, StatusChange, Transaction
from tests.make import make_appointment, make_member, make_producer, make_transaction
from tests.transactions.acting import demand, fresh, make_fileable
from tests.transactions.appointing import ask, make_californian, make_carrier_desk, request_for
from tests.web.query_counts import same_number_of_queries
from tests.web.reading import links, text

pytestmark = pytest.mark.django_db

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
    (
        {"status": "closed", "filing_key": uuid4(), "submitted_at": timezone.now()},
        "Closed, and still at the registry",
        None,
    ),
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
    assert site.post("/lists/transactions/act/", {"action": action, "all": "yes"}).status_code == 404


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
