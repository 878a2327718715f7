"""Requests and their answers: fan-out, fees, release, and what always holds of many requests together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from muster.core.appointing import Answer, Asked, Tally, failures_told
from muster.core.eligibility import Check, CompanyState, Failure, Person, StateRule
from muster.core.transactions import Status
from tests.core.eligible import LINES, STATES, a_company, a_desk, a_license, a_person, asked, some_terms

NAMES = [name for _, name, _ in LINES]


def answered(*requests: Asked, people: dict[int, Person] | None = None, **desk: Any) -> list[Answer]:
    counter = a_desk(**desk)
    return [
        answer
        for one in requests
        for answer in counter.answer(one, (people or {}).get(one.producer_id) or a_person())
    ]


def lines_of(answer: Answer) -> list[tuple[str, str, str]]:
    return [
        (
            line.verdict.line.line.line_name if line.verdict.line else "",
            line.verdict.status.value,
            line.verdict.reason,
        )
        for line in answer.lines
    ]


def test_a_request_is_answered_state_by_state_and_company_by_company() -> None:
    other = a_company(id=2, cocode="90102", name="Granite Mutual")
    answers = answered(
        asked(states=("CA", "TX"), cocodes=("90101", "90102")), terms=some_terms(a_company(), other)
    )
    assert [(one.plan.state, one.plan.cocode) for one in answers] == [
        ("CA", "90101"),
        ("CA", "90102"),
        ("TX", "90101"),
        ("TX", "90102"),
    ]
    assert [lines_of(one) for one in answers[:2]] == [[(name, "ready", "") for name in NAMES]] * 2


def test_lines_that_are_left_out_are_not_answered() -> None:
    (answer,) = answered(asked(left_out=("LIFE ", "part-time fraternal")))
    assert [name for name, *_ in lines_of(answer)] == NAMES[1:3]


def test_the_same_request_with_the_same_answer_is_not_new_and_with_another_it_is() -> None:
    first = answered(asked())[0]
    again = {first.request_digest: first.verdict_digest}
    opened = a_person()
    assert [one.is_new for one in a_desk().answer(asked(), opened, again)] == [False]
    lost = a_person(a_license(held=(0,)))
    (changed,) = a_desk().answer(asked(), lost, again)
    assert changed.is_new


def test_digests_do_not_depend_on_the_order_of_lists() -> None:
    one, other = asked(categories=("life", "health")), asked(categories=("health", "life"))
    assert one.digest("CA", "90101") == other.digest("CA", "90101")
    assert one.digest("CA", "90101") != one.digest("TX", "90101")
    assert one.digest("CA", "90101") != asked(left_out=("Life",)).digest("CA", "90101")


@pytest.mark.parametrize(
    ("policy", "setting", "request_", "rule", "goes"),
    [
        ({}, CompanyState(), {"submit": True}, True, True),
        ({}, CompanyState(), {}, True, False),
        ({"may_release": False}, CompanyState(), {"submit": True}, True, False),
        ({"may_release_asked": False}, CompanyState(), {"submit": True}, True, False),
        ({"auto_submit": True, "may_release_asked": False}, CompanyState(auto_submit=True), {}, True, True),
        ({"auto_submit": True}, CompanyState(auto_submit=True), {}, True, True),
        ({"auto_submit": True}, CompanyState(), {}, True, False),
        ({}, CompanyState(auto_submit=True), {}, True, False),
        ({}, CompanyState(just_in_time=True), {"submit": True}, True, False),
        ({}, CompanyState(just_in_time=True), {"submit_just_in_time": True}, True, True),
        # Whether the state files at all is unknown: a person has to look.
        ({"auto_submit": True}, CompanyState(auto_submit=True), {"submit": True}, None, False),
    ],
)
def test_what_goes_to_the_registry_by_itself(
    policy: dict[str, bool],
    setting: CompanyState,
    request_: dict[str, bool],
    rule: bool | None,
    goes: bool,
) -> None:
    terms = some_terms(a_company(states={"CA": setting}), rules={"CA": StateRule(files=rule)})
    (answer,) = answered(asked(**request_), terms=terms, **policy)
    assert {line.released for line in answer.lines} == {goes}


def test_fees_are_estimated_for_what_is_eligible_and_unknown_ones_are_counted_apart() -> None:
    tally = Tally()
    for answer in answered(asked(), people={1: a_person(a_license(held=(0, 1)))}, registry_fee=153):
        tally.add(answer)
    assert tally.forecast.statuses == {"ready": 2, "not_eligible": 2}
    assert tally.forecast.reasons == {"line_not_held": 2}
    # California: $32 for each, by the rules as they are shipped.
    assert (tally.forecast.state_fee, tally.forecast.registry_fee, tally.forecast.unknown) == (6400, 306, 0)
    unknown = Tally()
    for answer in answered(asked()):
        unknown.add(answer)
    assert (unknown.forecast.registry_fee, unknown.forecast.unknown) == (0, 4)


def test_where_a_state_asks_once_for_all_lines_the_first_eligible_one_bears_the_fee() -> None:
    terms = some_terms(
        a_company(states={"WI": CompanyState()}),
        lines={"WI": some_terms().lines["CA"]},
        rules={"WI": StateRule(files=True)},
    )
    person = a_person(a_license(state="WI"))
    (answer,) = answered(asked(states=("WI",)), people={1: person}, terms=terms)
    assert [line.state_fee for line in answer.lines] == [1600, 0, 0, 0]


def test_a_state_gets_neither_county_nor_type_nor_date_that_it_has_no_use_for() -> None:
    rules = {
        "FL": StateRule(files=True, needs_county=True),
        "CA": StateRule(files=True, types=("general",)),
        "TX": StateRule(files=True, takes_date=False),
    }
    desk = a_desk(some_terms(rules=rules))
    told = asked(county="Orange", appointment_type="general", effective_on=desk.today)
    in_states = {state: desk.in_state(told, state) for state in rules}
    assert [(one.county, one.appointment_type, one.effective_on) for one in in_states.values()] == [
        ("Orange", "", desk.today),
        ("", "general", desk.today),
        ("", "", None),
    ]


def test_a_transaction_that_stands_in_the_way_is_named_by_its_number_once_it_has_one() -> None:
    _, second = answered(asked(), asked(), people={1: a_person()})
    stands = [line.verdict.failures for line in second.lines]
    assert [failures[0].params["transaction"] for failures in stands] == [-1, -2, -3, -4]
    told = [failures_told(failures, 101)[0] for failures in stands]
    assert told == [["open_transaction", {"transaction": number}] for number in (101, 102, 103, 104)]
    assert failures_told([Failure(Check.OPEN_TRANSACTION, {"transaction": 7})], 101)[0][1] == {
        "transaction": 7
    }


# What always holds.

LICENSES = st.builds(
    a_license,
    number=st.sampled_from(["L1", "L2"]),
    state=st.sampled_from(STATES),
    held=st.sets(st.integers(0, 3)),
    is_active=st.booleans(),
)
RECORDS = st.lists(LICENSES, min_size=1, max_size=3, unique_by=lambda one: (one.number, one.state))
REQUESTS = st.builds(
    asked,
    producer_id=st.integers(1, 4),
    states=st.lists(st.sampled_from(STATES), min_size=1, max_size=3, unique=True).map(tuple),
    cocodes=st.lists(st.sampled_from(["90101", "1"]), min_size=1, max_size=2, unique=True).map(tuple),
    categories=st.lists(st.sampled_from(["life", "health"]), min_size=1, unique=True).map(tuple),
    submit=st.booleans(),
)


def as_told(answers: Sequence[Answer]) -> list[Any]:
    return sorted(
        (one.asked.row_no, one.plan.state, one.plan.cocode, one.is_new, lines_of(one)) for one in answers
    )


def people(records: Sequence[Any]) -> dict[int, Person]:
    return {
        number: Person(id=number, npn=str(number), licenses=some) for number, some in enumerate(records, 1)
    }


@given(
    requests=st.lists(REQUESTS, max_size=6, unique_by=lambda one: one.producer_id),
    records=st.lists(RECORDS, min_size=4, max_size=4),
    random=st.randoms(),
)
def test_permuting_the_requests_of_different_producers_permutes_the_answers(
    requests: list[Asked], records: list[Any], random: Any
) -> None:
    shuffled = requests[:]
    random.shuffle(shuffled)
    straight = answered(*requests, people=people(records))
    assert as_told(straight) == as_told(answered(*shuffled, people=people(records)))


@given(
    requests=st.lists(REQUESTS, max_size=6),
    records=st.lists(RECORDS, min_size=4, max_size=4),
    cut=st.integers(0, 6),
)
def test_splitting_requests_in_two_gives_the_union(
    requests: list[Asked], records: list[Any], cut: int
) -> None:
    whole = answered(*requests, people=people(records))
    # What the first part has opened is known when the second is answered, as it is from the database.
    known = people(records)
    parts = [*answered(*requests[:cut], people=known), *answered(*requests[cut:], people=known)]
    assert as_told(whole) == as_told(parts)


@given(requests=st.lists(REQUESTS, max_size=6), records=st.lists(RECORDS, min_size=4, max_size=4))
def test_no_line_of_a_license_is_filed_twice(requests: list[Asked], records: list[Any]) -> None:
    filed = [
        (one.person.id, one.plan.state, one.plan.cocode, line.verdict.line, line.verdict.license)
        for one in answered(*requests, people=people(records))
        for line in one.lines
        if line.verdict.status is not Status.NOT_ELIGIBLE
    ]
    keys = [
        (who, state, cocode, line.line.line_code if line else "", license.number if license else "")
        for who, state, cocode, line, license in filed
    ]
    assert len(keys) == len(set(keys))
