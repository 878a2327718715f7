"""Authority by what is stored: what is read of a producer, and that each answer is kept."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from muster.access.models import Membership
from muster.access.permissions import Role
from muster.core.authority import Question
from muster.producers.models import Producer
from muster.transactions.authority import ask_authority, kept_answer
from muster.transactions.models import AuthorityAnswer
from tests.make import (
    make_agency,
    make_appointment,
    make_license,
    make_member,
    make_producer,
    make_transaction,
)
from tests.transactions.appointing import CLASS, make_californian, make_carrier_desk, make_synced

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def member() -> Membership:
    return make_carrier_desk()[0]


@pytest.fixture
def producer(member: Membership) -> Producer:
    return make_californian(member)


def ask(member: Membership, producer: Producer, **over: Any) -> AuthorityAnswer:
    told = {"npn": producer.npn, "state": "CA", "cocode": "90101", "line": "Life", **over}
    return ask_authority(by=member, asked=Question(**told), now=timezone.now())


def reason(member: Membership, producer: Producer, **over: Any) -> str:
    return ask(member, producer, **over).reason


def test_an_appointment_in_force_is_found_by_its_line(member: Membership, producer: Producer) -> None:
    make_appointment(producer, line_code="9101", line_name="Life")
    told = ask(member, producer)
    assert (told.may_sell, told.reason) == (True, "appointed")
    assert told.answer["appointment"]["first_effective_on"] == "2019-04-01"
    assert told.answer["license"]["class_code"] == CLASS["class_code"]
    assert told.answer["message"] == (
        "Northstar Life Insurance Company has appointed the producer in California for Life."
    )


@pytest.mark.parametrize(
    "over",
    [
        {"status": "Terminated"},
        {"gone_at": timezone.now()},
        {"cocode": "90102"},
        {"state": "NV"},
        {"line_name": "Health", "line_code": "H"},
    ],
)
def test_one_that_ended_or_is_for_something_else_is_none(
    member: Membership, producer: Producer, over: dict[str, Any]
) -> None:
    make_appointment(producer, **{"line_code": "9101", **over})
    assert reason(member, producer) == "not_appointed"


def test_the_agency_s_appointment_covers_its_producers_in_california(
    member: Membership, producer: Producer
) -> None:
    agency = make_agency(member.organization)
    Producer.objects.filter(pk=producer.pk).update(agency=agency)
    firm = make_producer(member.organization, npn=agency.npn, kind="firm")
    make_appointment(firm, line_code="9101")
    told = ask(member, producer)
    assert (told.may_sell, told.reason) == (True, "agency_appointed")
    assert told.answer["appointment"]["line_code"] == "9101"


def test_a_firm_is_not_covered_by_itself_twice(member: Membership) -> None:
    agency = make_agency(member.organization)
    firm = make_synced(member, npn=agency.npn, kind="firm", agency=agency)
    make_license(firm, "CA", **CLASS)
    assert reason(member, firm) == "line_not_held"


def test_a_held_filing_lets_sell_until_its_deadline(member: Membership, producer: Producer) -> None:
    member.organization.companies.get().states.update(just_in_time=True)
    today = timezone.localdate()
    filed = make_transaction(
        producer, status="held", line_code="9101", first_business_on=today - DAY, file_by=today
    )
    told = ask(member, producer)
    assert (told.may_sell, told.reason) == (True, "just_in_time")
    assert told.answer["transaction"]["file_by"] == today.isoformat()
    filed.file_by = today - DAY
    filed.save(update_fields=["file_by"])
    assert ask(member, producer).may_sell is False


def test_the_registry_s_silence_is_unknown(member: Membership, producer: Producer) -> None:
    Producer.objects.filter(pk=producer.pk).update(sync_status="not_found")
    assert ask(member, producer).may_sell is None


def test_an_npn_of_another_organization_is_nobody_s(member: Membership, producer: Producer) -> None:
    other = make_carrier_desk()[0]
    assert reason(other, producer) == "producer_not_found"


def test_an_answer_is_kept_with_what_was_known(member: Membership, producer: Producer) -> None:
    told = ask(member, producer)
    kept = kept_answer(member, told.pk)
    assert kept is not None
    assert kept.answer == told.answer
    assert kept.asked_by_id == member.user_id
    assert kept.answer["id"] == str(kept.pk)
    assert [one["number"] for one in kept.facts["licenses"]] == [
        producer.licenses.values_list("number", flat=True)[0]
    ]
    assert any("filing" in rule for rule in kept.facts["rules"])


def test_an_answer_of_another_organization_is_not_told(member: Membership, producer: Producer) -> None:
    assert kept_answer(make_member(), ask(member, producer).pk) is None


def test_who_may_not_read_is_not_answered(member: Membership, producer: Producer) -> None:
    outside = make_member(member.organization, Role.PRODUCER)
    with pytest.raises(PermissionDenied):
        ask(outside, producer)
    assert not AuthorityAnswer.objects.exists()


def test_it_takes_the_same_few_statements_whatever_is_known(member: Membership, producer: Producer) -> None:
    for number in range(4):
        make_appointment(producer, line_code=str(number), line_name=f"Line {number}")
        make_license(producer, "CA", **CLASS)
    with CaptureQueriesContext(connection) as made:
        ask(member, producer)
    assert len(made) == 2, "\n".join(one["sql"] for one in made)
