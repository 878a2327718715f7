"""Applying for licenses and renewing them: each once, priced, paid by somebody, told by the registry."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from muster.access.models import Membership
from muster.access.permissions import Role
from muster.audit.models import Event
from muster.core.rules.book import rulebook
from muster.core.transactions import Status
from muster.licenses.models import License
from muster.producers.models import Producer, SyncStatus
from muster.registry.gateway.client import HttpGateway
from muster.registry.nipr.client import NiprRegistry
from muster.transactions.facts import homes_of
from muster.transactions.judging import judge_transactions
from muster.transactions.licensing import Requested
from muster.transactions.models import Transaction
from muster.transactions.releasing import release
from muster.transactions.renewing import due_licenses, renew_due
from tests.make import make_license, make_line, make_member, make_organization, make_producer
from tests.registry.running import account_at, drain_with
from tests.sandbox.filings import NPN
from tests.sandbox.process import SandboxProcess
from tests.transactions.acting import act, demand, refusals
from tests.transactions.filing import ScriptedGateway, file_with, standing
from tests.transactions.licensing import renew, set_payment, wish, wish_for

pytestmark = pytest.mark.django_db(transaction=True)

HEALTH = "Accident & Health or Sickness (including Disability)"


def made(**over: Any) -> list[Transaction]:
    return list(Transaction.objects.filter(**over).order_by("number"))


@pytest.fixture
def producer() -> Producer:
    """A Texan, as the sandbox knows him."""
    producer = make_producer(make_organization(), npn=NPN)
    make_line(make_license(producer, "TX"), "Life")
    return producer


# --- applying --------------------------------------------------------------------------------------


def test_an_application_waits_ready_with_its_lines_payer_and_fees(producer: Producer) -> None:
    demand(producer.organization, registry_fee=560)
    [became] = wish_for(wish(producer, "CA", "Life", HEALTH))
    [one] = made()
    assert became.numbers == [one.number]
    assert (one.kind, one.status, one.jurisdiction, one.cocode) == ("license", "ready", "CA", "")
    assert (one.class_code, [name for _, name in one.lines]) == ("9001", ["Life", HEALTH])
    assert (one.paid_by, one.state_fee, one.registry_fee) == ("agency", 18800, 560)
    assert (one.released_at, one.next_at, one.batch.state) == (None, None, "draft")
    assert became.estimate.cents == 19360


def test_each_class_is_applied_for_apart_and_all_of_a_producer_in_one_batch(producer: Producer) -> None:
    wish_for(wish(producer, "CA", "Life", "Surplus Lines"), wish(producer, "NV", "Life"))
    assert [(one.jurisdiction, one.line_name) for one in made()] == [
        ("CA", "Life"),
        ("CA", "Surplus Lines"),
        ("NV", "Life"),
    ]
    assert len({one.batch_id for one in made()}) == 1


def test_nothing_is_applied_for_while_an_application_is_open(producer: Producer) -> None:
    [first] = wish_for(wish(producer))
    [again, other] = wish_for(wish(producer, "CA", "Life", HEALTH), wish(producer, "CA", HEALTH))
    assert (again.numbers, again.open) == ([], first.numbers)
    assert (other.numbers, other.open) == ([], first.numbers)
    assert len(made()) == 1


def test_the_database_itself_refuses_a_second_open_application(producer: Producer) -> None:
    wish_for(wish(producer))
    [one] = made()
    one.pk, one.number, one.line_name = None, one.number + 1, "Something else"
    with pytest.raises(IntegrityError, match="license_transaction_open_once"):
        one.save()


def test_what_is_held_is_not_applied_for_again(producer: Producer) -> None:
    california = make_license(producer, "CA", class_code="9001", residency="NR")
    make_line(california, "Life")
    [held, more] = wish_for(wish(producer, "CA", "life"), wish(producer, "CA", "Life", HEALTH))
    assert (held.numbers, held.held) == ([], True)
    assert [[name for _, name in one.lines] for one in made()] == [[HEALTH]]
    assert len(more.numbers) == 1


@pytest.mark.parametrize("over", [{"is_active": False}, {"expires_on": date(2020, 1, 31)}])
def test_a_license_that_is_not_in_force_may_be_applied_for(producer: Producer, over: dict[str, Any]) -> None:
    make_line(make_license(producer, "CA", class_code="9001", **over), "Life")
    assert wish_for(wish(producer))[0].numbers


def test_a_fee_that_is_not_known_stays_unknown(producer: Producer) -> None:
    wish_for(wish(producer, "KY", "Life"), wish(producer, "MT", "Life"))
    assert [(one.state_fee, one.registry_fee) for one in made()] == [(5000, None), (None, None)]


def test_the_number_of_statements_does_not_grow_with_the_wishes() -> None:
    organization = make_organization()
    counts = []
    for size in (1, 8):
        producers = [make_producer(organization) for _ in range(size)]
        with CaptureQueriesContext(
            connection,
        ) as queries:
            wish_for(*(wish(one, state) for one in producers for state in ("CA", "TX")))
        counts.append(len(queries))
    assert counts[0] == counts[1]


# --- judged again ----------------------------------------------------------------------------------


def test_an_application_that_is_no_longer_needed_is_not_sent(producer: Producer) -> None:
    wish_for(wish(producer))
    make_line(make_license(producer, "CA", class_code="9001"), "Life")
    release(ids=[one.pk for one in made()], by=None, now=timezone.now())
    gateway = ScriptedGateway()
    file_with(gateway, judge=judge_transactions)
    [one] = made()
    assert (one.status, one.reason, gateway.came) == ("not_eligible", "already_licensed", [])


def test_a_license_that_was_renewed_meanwhile_is_not_renewed_again(producer: Producer) -> None:
    texas = producer.licenses.get()
    renew(producer, texas.pk)
    License.objects.filter(pk=texas.pk).update(expires_on=date(2101, 1, 1))
    release(ids=[one.pk for one in made()], by=None, now=timezone.now())
    file_with(ScriptedGateway(), judge=judge_transactions)
    assert [(one.status, one.reason) for one in made()] == [("not_eligible", "already_renewed")]


def decide(number: int, *, decided_at: datetime, **over: Any) -> None:
    """Have the registry have accepted a transaction."""
    facts = {"status": "accepted", "submitted_at": decided_at, "decided_at": decided_at, **over}
    Transaction.objects.filter(number=number).update(**facts)


def test_an_accepted_renewal_is_not_paid_again_before_the_new_expiry_is_listed(producer: Producer) -> None:
    license = producer.licenses.get()
    [number] = renew(producer, license.pk)[license.pk].numbers
    decide(number, decided_at=timezone.now())
    # Also a report that came since, and shows the old expiry still, tells nothing new.
    Producer.objects.filter(pk=producer.pk).update(synced_at=timezone.now() + timedelta(days=1))
    again = renew(producer, license.pk, once=False)[license.pk]
    assert (again.numbers, again.open) == ([], [number])
    License.objects.filter(pk=license.pk).update(expires_on=date(2101, 1, 1))
    assert renew(producer, license.pk, once=False)[license.pk].numbers != []


def test_an_accepted_application_is_not_paid_again_before_the_next_report(producer: Producer) -> None:
    now = timezone.now()
    Producer.objects.filter(pk=producer.pk).update(synced_at=now - timedelta(days=1))
    [number] = wish_for(wish(producer))[0].numbers
    decide(number, decided_at=now)
    assert wish_for(wish(producer))[0].open == [number]
    Producer.objects.filter(pk=producer.pk).update(synced_at=now + timedelta(minutes=1))
    assert wish_for(wish(producer))[0].numbers != []


def test_home_is_where_the_resident_license_is_in_force(producer: Producer) -> None:
    moved = make_license(producer, "CA", expires_on=date(2020, 1, 1), is_active=False)
    today = timezone.localdate()
    assert homes_of([producer.pk], today=today)[producer.pk].states == {"TX"}
    producer.licenses.exclude(pk=moved.pk).update(gone_at=timezone.now())
    assert homes_of([producer.pk], today=today)[producer.pk].states == {"CA"}
    producer.licenses.update(gone_at=timezone.now())
    assert homes_of([producer.pk], today=today)[producer.pk].states == frozenset()


def test_what_was_canceled_is_reopened_unless_another_is_open(producer: Producer) -> None:
    admin: Membership = make_member(producer.organization, Role.ADMIN)
    wish_for(wish(producer))
    [first] = made()
    act(admin, "cancel-transactions", [first], reason="Not now.")
    wish_for(wish(producer))
    operation = act(admin, "reopen-transactions", [first])
    assert refusals(operation) or Transaction.objects.get(pk=first.pk).status == "not_eligible"
    assert sum(one.status == "ready" for one in made()) == 1


def test_a_rejected_application_is_tried_again_with_its_lines_and_payer(producer: Producer) -> None:
    admin: Membership = make_member(producer.organization, Role.ADMIN)
    wish_for(wish(producer, "CA", "Life", HEALTH, paid_by="producer"))
    Transaction.objects.update(status=Status.REJECTED)
    act(admin, "retry-transactions", made())
    first, again = made()
    assert again.retry_of_id == first.pk
    assert (again.status, again.lines, again.paid_by) == ("ready", first.lines, "producer")


# --- with the registry -----------------------------------------------------------------------------


def sync(sandbox: SandboxProcess) -> None:
    with NiprRegistry(account_at(sandbox, read_seconds=20)) as registry:
        drain_with(registry)


def test_a_license_that_is_granted_appears_once_the_registry_is_asked_again(
    sandbox: SandboxProcess, gateway: HttpGateway
) -> None:
    producer = make_producer(make_organization(), npn=NPN, sync_status=SyncStatus.SUCCESS)
    wish_for(wish(producer, "NV", "Life", "Property"))
    release(ids=[one.pk for one in made()], by=None, now=timezone.now())
    file_with(gateway, judge=judge_transactions)
    [one] = made()
    assert (one.status, one.registry_fee_charged) == ("accepted", 153)
    producer.refresh_from_db()
    assert producer.sync_status == SyncStatus.QUEUED
    sync(sandbox)
    granted = License.objects.get(producer=producer, state="NV")
    assert granted.is_active
    assert sorted(granted.lines.values_list("name", flat=True)) == ["Life", "Property"]
    assert wish_for(wish(producer, "NV", "Life"))[0].held


def test_an_application_that_is_refused_says_why(sandbox: SandboxProcess, gateway: HttpGateway) -> None:
    # This one has let the license at home expire.
    producer = make_producer(make_organization(), npn="9000003")
    wish_for(wish(producer, "NV", "Life"))
    release(ids=[one.pk for one in made()], by=None, now=timezone.now())
    file_with(gateway, judge=judge_transactions)
    [one] = made()
    assert (one.status, one.registry_code) == ("rejected", "240")
    assert one.registry_words == "The producer has no active license in the home state."


def test_an_expiry_moves_by_a_term_once_the_renewal_is_accepted(
    sandbox: SandboxProcess, gateway: HttpGateway
) -> None:
    sandbox.control("reset", {})
    organization = make_organization()
    producer = make_producer(
        organization, npn="9000013", sync_status=SyncStatus.QUEUED, sync_next_at=timezone.now()
    )
    sync(sandbox)
    held = License.objects.get(producer=producer, state="TX")
    assert held.expires_on is not None
    ahead = (held.expires_on - date(2026, 11, 20)).days - 60
    if ahead > 0:
        sandbox.control("today", {"days": ahead})
    renew(producer, held.pk)
    release(ids=[one.pk for one in made()], by=None, now=timezone.now())
    file_with(gateway, judge=judge_transactions)
    [one] = made()
    assert (one.status, one.renews_from) == ("accepted", held.expires_on)
    sync(sandbox)
    renewed = License.objects.get(pk=held.pk)
    assert renewed.expires_on is not None
    assert renewed.expires_on.year == held.expires_on.year + 2
    assert renew(producer, held.pk)[held.pk].numbers, "the new term is renewed in its turn"


# --- renewing by themselves ------------------------------------------------------------------------

NOON = datetime(2026, 11, 27, 12, tzinfo=UTC)


def expiring(days: int, state: str = "TX", *, auto: bool = True, **over: Any) -> License:
    organization = over.pop("organization", None) or make_organization()
    producer = make_producer(organization)
    set_payment(producer, auto_renewal=auto, renewal_paid_by="producer")
    license = make_license(producer, state, expires_on=NOON.date() + timedelta(days=days), **over)
    make_line(license, "Life")
    return license


@pytest.mark.parametrize(
    ("days", "state", "over", "count"),
    [
        (90, "TX", {}, 1),
        (0, "TX", {}, 1),
        (91, "TX", {}, 0),
        (-1, "TX", {}, 0),
        (150, "NY", {}, 1),
        (10, "CA", {}, 0),
        (10, "TX", {"auto": False}, 0),
        (10, "TX", {"is_active": False}, 0),
        (10, "TX", {"gone_at": NOON}, 0),
    ],
)
def test_a_license_is_renewed_in_its_state_s_window_for_who_has_it_on(
    days: int, state: str, over: dict[str, Any], count: int
) -> None:
    license = expiring(days, state, **over)
    assert renew_due(now=NOON) == count
    found = [(one.license_id, one.paid_by, one.renews_from, one.status) for one in made()]
    assert found == [(license.pk, "producer", license.expires_on, "ready")] * count


@pytest.mark.parametrize(("kind", "count"), [("individual", 1), ("firm", 0)])
def test_new_york_opens_later_for_agencies(kind: str, count: int) -> None:
    license = expiring(170, "NY")
    Producer.objects.filter(pk=license.producer_id).update(kind=kind)
    assert renew_due(now=NOON) == count


def test_nobody_is_asked_for_who_was_removed(producer: Producer) -> None:
    license = producer.licenses.get()
    Producer.objects.filter(pk=producer.pk).update(removed_at=timezone.now())
    assert renew(producer, license.pk) == {}
    assert wish_for(wish(producer))[0] == Requested()


@pytest.mark.parametrize("status", [status.value for status in Status])
def test_it_is_asked_for_once_a_term_whatever_becomes_of_it(status: str) -> None:
    expiring(10)
    assert renew_due(now=NOON) == 1
    Transaction.objects.update(status=status)
    assert renew_due(now=NOON + timedelta(hours=1)) == 0


def test_a_renewal_that_a_person_has_asked_for_is_the_only_one() -> None:
    license = expiring(10)
    renew(license.producer, license.pk, now=NOON)
    assert renew_due(now=NOON) == 0
    assert renew(license.producer, license.pk, once=False, now=NOON)[license.pk].open


def test_it_stands_in_the_activity_log_of_its_organization() -> None:
    license = expiring(10)
    renew_due(now=NOON)
    [event] = Event.objects.filter(kind="license:renew")
    assert (event.organization_id, event.by_id, event.data) == (
        license.organization_id,
        None,
        {"transactions": 1},
    )


def test_more_than_fit_in_one_transaction_are_all_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("muster.transactions.renewing.AT_ONCE", 2)
    organization = make_organization()
    licenses = [expiring(10, organization=organization) for _ in range(5)]
    first = due_licenses(rulebook(), organization.pk, today=NOON.date(), limit=2)
    assert first == [(one.pk, one.expires_on) for one in licenses[:2]]
    after = due_licenses(rulebook(), organization.pk, today=NOON.date(), after=first[-1], limit=9)
    assert [pk for pk, _ in after] == [one.pk for one in licenses[2:]]
    assert renew_due(now=NOON) == 5


def test_a_year_renews_what_is_to_be_renewed_and_nothing_twice() -> None:
    organization = make_organization()
    # Expiring at the end of each month, in a state with a window, in one without, and of somebody else.
    for month in range(12):
        for state, auto in (("TX", True), ("CA", True), ("TX", False)):
            expiring(30 + 30 * month, state, auto=auto, organization=organization)
    before = dict(License.objects.values_list("pk", "expires_on"))
    day = NOON
    while day < NOON + timedelta(days=365):
        renew_due(now=day)
        renew_due(now=day)
        for one in made(status="ready"):
            # The registry grants it, and its report tells the new expiry.
            Transaction.objects.filter(pk=one.pk).update(status=Status.ACCEPTED)
            expires = License.objects.get(pk=one.license_id).expires_on
            assert expires is not None
            License.objects.filter(pk=one.license_id).update(
                expires_on=expires.replace(year=expires.year + 2)
            )
        day += timedelta(days=5)
    renewed = Counter(one.license_id for one in made())
    wanted = {
        license.pk
        for license in License.objects.filter(state="TX", producer__payment_setup__auto_renewal=True)
        if before[license.pk] <= (NOON + timedelta(days=360 + 90)).date()
    }
    assert set(renewed) == wanted
    assert len(wanted) == 12
    assert set(renewed.values()) == {1}


def test_two_runs_at_once_make_it_once(producer: Producer) -> None:
    texas = producer.licenses.get()
    assert [
        bool(one[texas.pk].numbers) for one in (renew(producer, texas.pk), renew(producer, texas.pk))
    ] == [
        True,
        False,
    ]


def test_what_waits_is_answered_by_the_registry_as_any_other(producer: Producer) -> None:
    wish_for(wish(producer))
    release(ids=[one.pk for one in made()], by=None, now=timezone.now())
    gateway = ScriptedGateway(lambda filing, key: standing(key, Status.REJECTED, words="No."))
    file_with(gateway, judge=judge_transactions)
    assert [(one.status, one.registry_words) for one in made()] == [("rejected", "No.")]
    [filing] = gateway.filings
    assert (filing.kind, filing.line_name, [name for _, name in filing.lines]) == ("license", "", ["Life"])
