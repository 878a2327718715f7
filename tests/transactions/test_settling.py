"""What each answer of the registry does: to appointments, scorecards and batches, and what it never does."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from django.db import connection
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from muster.appointments.models import Appointment
from muster.core.transactions import Status
from muster.history.models import Change
from muster.registry.port import Standing
from muster.scorecards.models import Judgment
from muster.scorecards.operations import sweep
from muster.scorecards.queue import JUDGE_TASK
from muster.transactions.models import Batch, Transaction
from muster.transactions.settling import Told, settle
from tests.make import (
    make_appointment,
    make_assignment,
    make_batch,
    make_company,
    make_company_state,
    make_license,
    make_line,
    make_organization,
    make_producer,
    make_transaction,
)
from tests.transactions.filing import standing

NOW = timezone.now()
TODAY = timezone.localdate(NOW)
SOON = date(2026, 12, 1)
LONG_AGO = date(2019, 4, 1)


def at_the_registry(producer: Any = None, **over: Any) -> Transaction:
    return make_transaction(
        producer or make_producer(make_organization(), synced_at=NOW),
        **{
            "status": "submitted",
            "filing_key": uuid4(),
            "claimed_at": NOW,
            "submitted_at": NOW,
            "next_at": NOW,
            "line_code": "LIF",
            "line_name": "Life",
            **over,
        },
    )


def told_of(one: Transaction, status: Status, **over: Any) -> Told:
    key = one.filing_key
    assert key is not None
    assert one.claimed_at is not None
    answer = standing(key, status, **over)
    return Told(one.pk, one.producer_id, Status(one.status), one.claimed_at, status, None, standing=answer)


def accept(*transactions: Transaction, **over: Any) -> None:
    settle([told_of(one, Status.ACCEPTED, **over) for one in transactions], now=NOW)


# --- appointments ----------------------------------------------------------------------------------


@pytest.mark.django_db
def test_an_accepted_appointment_is_recorded() -> None:
    one = at_the_registry(county="Horry")
    company = make_company(one.organization, cocode="90101", fein="001234567")
    make_company_state(company, "CA", company_license_id="77-1")
    accept(one, effective_on=SOON, state_fee=3200, registry_fee=153, decided_at=NOW)
    found = Appointment.objects.get()
    assert (found.producer, found.state, found.cocode, found.county_code) == (
        one.producer,
        "CA",
        "90101",
        "Horry",
    )
    assert (found.line_code, found.line_name, found.company_name) == ("LIF", "Life", one.company_name)
    assert (found.fein, found.state_company_id) == ("001234567", "77-1")
    assert (found.status, found.origin, found.gone_at) == ("Appointed", "filed", None)
    assert (found.first_effective_on, found.status_on, found.renews_on) == (SOON, SOON, None)
    one.refresh_from_db()
    assert (one.status, one.state_fee_charged, one.registry_fee_charged) == ("accepted", 3200, 153)
    assert (one.effective_on, one.decided_at, one.next_at) == (SOON, NOW, None)
    change = Change.objects.get(kind="appointment")
    assert (change.verb, change.source) == ("added", "registry")


@pytest.mark.django_db
@pytest.mark.parametrize(("asked", "expected"), [(SOON, SOON), (None, TODAY)])
def test_where_the_registry_names_no_day_it_is_the_one_asked_for_or_today(
    asked: date | None, expected: date
) -> None:
    accept(at_the_registry(effective_on=asked))
    assert Appointment.objects.get().first_effective_on == expected


LISTED = [
    # what is there before; status, origin, first day and status day afterwards
    ({"origin": "registry"}, ("Appointed", "registry", LONG_AGO, LONG_AGO)),
    ({"origin": "registry", "status": "Terminated"}, ("Appointed", "registry", LONG_AGO, SOON)),
    ({"origin": "registry", "gone_at": NOW}, ("Appointed", "filed", LONG_AGO, SOON)),
    ({"origin": "registry", "status": "Terminated", "gone_at": NOW}, ("Appointed", "filed", LONG_AGO, SOON)),
    ({"origin": "filed", "status": "Terminated"}, ("Appointed", "filed", LONG_AGO, SOON)),
    ({"origin": "internal", "status": "Terminated"}, ("Appointed", "filed", LONG_AGO, SOON)),
    (
        {"origin": "filed", "status": "Terminated", "first_effective_on": None},
        ("Appointed", "filed", SOON, SOON),
    ),
]


@pytest.mark.django_db
@pytest.mark.parametrize(("before", "after"), LISTED)
def test_what_the_registry_lists_stays_and_the_first_day_is_never_overwritten(
    before: dict[str, Any], after: tuple[Any, ...]
) -> None:
    one = at_the_registry()
    make_appointment(
        one.producer,
        **{
            "line_code": "LIF",
            "line_name": "Life",
            "status_on": LONG_AGO,
            "first_effective_on": LONG_AGO,
            "termination_reason": "Voluntary",
            **before,
        },
    )
    accept(one, effective_on=SOON)
    found = Appointment.objects.get()
    assert (found.status, found.origin, found.first_effective_on, found.status_on) == after
    assert found.gone_at is None


@pytest.mark.django_db
def test_two_licenses_for_one_line_make_one_appointment() -> None:
    one = at_the_registry(license_number="L1")
    other = at_the_registry(one.producer, license_number="L2")
    accept(one, other, effective_on=SOON)
    assert Appointment.objects.count() == 1
    assert set(Transaction.objects.values_list("status", flat=True)) == {"accepted"}


@pytest.mark.django_db
@pytest.mark.parametrize("status", [Status.SUBMITTED, Status.REJECTED, Status.ACTION_REQUIRED])
def test_nothing_else_makes_an_appointment(status: Status) -> None:
    settle([told_of(at_the_registry(), status)], now=NOW)
    assert not Appointment.objects.exists()
    assert not ProcrastinateJob.objects.exists()


@pytest.mark.django_db
def test_a_license_that_is_accepted_makes_no_appointment() -> None:
    accept(at_the_registry(kind="license"))
    assert not Appointment.objects.exists()


@pytest.mark.django_db
def test_an_accepted_termination_ends_its_appointment_and_no_other() -> None:
    producer = make_producer(make_organization(), synced_at=NOW)
    ended = make_appointment(producer, line_code="LIF")
    others = [
        make_appointment(producer, line_code="HEA", line_name="Health"),
        make_appointment(producer, "TX", line_code="LIF"),
        make_appointment(producer, line_code="LIF", cocode="90102"),
        make_appointment(producer, line_code="LIF", county_code="Horry"),
        make_appointment(make_producer(producer.organization), line_code="LIF"),
    ]
    filed = at_the_registry(producer, kind="termination", termination_reason="Company request")
    accept(filed, effective_on=SOON)
    ended.refresh_from_db()
    assert (ended.status, ended.status_on, ended.termination_reason, ended.renews_on) == (
        "Terminated",
        SOON,
        "Company request",
        None,
    )
    assert ended.first_effective_on == LONG_AGO
    for one in others:
        one.refresh_from_db()
        assert one.status == "Appointed"


# --- what is judged again --------------------------------------------------------------------------


@pytest.mark.django_db
def test_the_scorecard_counts_the_appointment_soon() -> None:
    producer = make_producer(make_organization(), synced_at=NOW)
    make_line(make_license(producer), code="LIF")
    card = make_assignment(
        producer, scorecard_type="license_and_appointment", cocodes=["90101"], agent_type="producer"
    )
    sweep(today=TODAY, now=NOW)
    before = card.scorecard.percent
    accept(at_the_registry(producer))
    assert [job.task_name for job in ProcrastinateJob.objects.all()] == [JUDGE_TASK]
    sweep(today=TODAY, now=NOW)
    card.scorecard.refresh_from_db()
    assert card.scorecard.percent > before
    assert Appointment.objects.get().health == "active"


@pytest.mark.django_db
def test_who_was_never_judged_is_judged_too() -> None:
    accept(at_the_registry())
    assert Judgment.objects.get().good_until == date(2000, 1, 1)
    sweep(today=TODAY, now=NOW)
    assert Appointment.objects.get().health


# --- batches, races and faults ---------------------------------------------------------------------


@pytest.mark.django_db
def test_a_batch_is_done_when_its_last_transaction_is_decided() -> None:
    producer = make_producer(make_organization())
    batch = make_batch(producer, state="submitted")
    one, other = (at_the_registry(producer, batch=batch, line_code=code) for code in ("1", "2"))
    settle([told_of(one, Status.ACCEPTED)], now=NOW)
    assert Batch.objects.get().state == "submitted"
    settle([told_of(other, Status.REJECTED)], now=NOW)
    assert Batch.objects.get().state == "done"


@pytest.mark.django_db
@pytest.mark.parametrize(
    "meanwhile", [{"status": "closed"}, {"claimed_at": NOW + timedelta(seconds=1)}, {"status": "accepted"}]
)
def test_an_answer_to_what_it_is_no_longer_is_dropped(meanwhile: dict[str, Any]) -> None:
    one = at_the_registry(status="action_required")
    answer = told_of(one, Status.ACCEPTED, words="Late.")
    Transaction.objects.update(**meanwhile)
    settle([answer], now=NOW)
    one.refresh_from_db()
    assert (one.status, one.registry_words) == (meanwhile.get("status", "action_required"), "")
    assert not Appointment.objects.exists()


@pytest.mark.django_db
def test_what_cannot_be_written_is_asked_about_later_and_holds_up_no_other() -> None:
    producer = make_producer(make_organization())
    some = [at_the_registry(producer, line_code=f"{number}") for number in range(5)]
    told = [told_of(one, Status.ACCEPTED) for one in some]
    broken: Standing | None = told[2].standing
    assert broken is not None
    told[2] = told[2]._replace(standing=broken._replace(words="a sign that no text holds: \0"))
    settle(told, now=NOW)
    found = [Transaction.objects.get(pk=one.pk) for one in some]
    assert [one.status for one in found] == ["accepted", "accepted", "submitted", "accepted", "accepted"]
    assert found[2].next_at == NOW + timedelta(minutes=15)


@pytest.mark.django_db(transaction=True)
def test_whoever_locks_the_producer_first_is_waited_for_and_never_the_other_way_round() -> None:
    one = at_the_registry()
    with other_writer() as other:
        # As a judge does: the producer first, then its transactions.
        other.execute("SELECT id FROM producers_producer WHERE id = %s FOR NO KEY UPDATE", [one.producer_id])
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '200ms'")
        try:
            with pytest.raises(Exception, match="lock timeout"):
                accept(one)
            # Nothing is held of what the other one needs next.
            other.execute("SELECT id FROM transactions_transaction WHERE id = %s FOR UPDATE NOWAIT", [one.pk])
        finally:
            with connection.cursor() as cursor:
                cursor.execute("RESET lock_timeout")
    accept(one)
    one.refresh_from_db()
    assert one.status == "accepted"


@contextmanager
def other_writer() -> Iterator[psycopg.Connection[Any]]:
    from tests.workers import url_of_this_database

    with psycopg.connect(url_of_this_database()) as session:
        yield session
