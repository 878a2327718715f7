"""Eligibility: the order of the checks, and that every failure is kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from muster.core.eligibility import (
    CHECKS,
    Appointed,
    Assigned,
    BusinessLine,
    Check,
    CompanyState,
    Opened,
    Person,
    StateRule,
    Terms,
    Verdict,
    judge,
    label_of,
    standing_of,
)
from muster.core.eligibility.judge import _licenses, _lines, _of_person, _outside
from muster.core.transactions import Status
from tests.core.eligible import CLASS, LINES, STATES, TODAY, a_company, a_license, a_person, some_terms

YESTERDAY = TODAY - timedelta(days=1)


def judged(person: Person, terms: Terms | None = None, **over: Any) -> list[Verdict]:
    asked: dict[str, Any] = {"state": "CA", "cocode": "90101", "categories": ("life", "health")}
    plan = (terms or some_terms()).plan(agent_type="producer", **{**asked, **over})
    return judge(plan, person, today=TODAY)


def checks(verdict: Verdict) -> list[str]:
    return [failure.check.value for failure in verdict.failures]


def test_a_producer_who_holds_all_lines_is_in_good_standing_for_each() -> None:
    verdicts = judged(a_person())
    assert [(one.line.line.line_name, one.status) for one in verdicts if one.line] == [
        (name, Status.READY) for _, name, _ in LINES
    ]
    assert all(one.license and not one.failures and one.reason == "" for one in verdicts)


@dataclass(frozen=True)
class Case:
    """What is wrong, and the checks that fail for the first transaction, in their order."""

    name: str
    failing: tuple[Check, ...]
    person: Person
    terms: Terms
    count: int = 4

    def __str__(self) -> str:
        return self.name


NOWHERE = a_company(states={})
NOT_SOLD = a_company(categories=frozenset({"property"}))
NONE_APPOINTED = dict.fromkeys(
    STATES, StateRule(files=True, appoints_agencies=False, appoints_individuals=False)
)
AN_APPOINTMENT = Appointed(7, "CA", "90101", "9101", "Life")
A_TRANSACTION = Opened(8, "CA", "90101", "9101", "Life")
C = Check

CASES = [
    Case("an unknown company", (C.COCODE_NOT_FOUND,), a_person(), some_terms(a_company(cocode="1")), 1),
    Case("a state that is not set", (C.STATE_NOT_SET,), a_person(), some_terms(NOWHERE), 1),
    Case(
        "a setting that has ended",
        (C.STATE_NOT_SET,),
        a_person(),
        some_terms(a_company(states={"CA": CompanyState(ends_on=YESTERDAY)})),
        1,
    ),
    Case("a category that is not sold", (C.COMPANY_LACKS_LOA,), a_person(), some_terms(NOT_SOLD)),
    Case("no assignment", (C.OUTSIDE_ASSIGNMENT,), a_person(), some_terms(assignment_required=True), 1),
    Case("no business rule", (C.NO_BUSINESS_RULE,), a_person(), some_terms(lines={}), 1),
    Case(
        "an agency where none is appointed",
        (C.ENTITY_NOT_APPOINTED,),
        a_person(is_firm=True),
        some_terms(rules=NONE_APPOINTED),
    ),
    Case(
        "a person where none is appointed",
        (C.ENTITY_NOT_APPOINTED,),
        a_person(),
        some_terms(rules=NONE_APPOINTED),
    ),
    Case(
        "no resident license", (C.NO_RESIDENT_LICENSE,), a_person(a_license(is_resident=False)), some_terms()
    ),
    Case("no license in the state", (C.LICENSE_NOT_FOUND,), a_person(a_license(state="TX")), some_terms()),
    Case(
        "a license that has expired",
        (C.LICENSE_NOT_ACTIVE,),
        a_person(a_license(expires_on=YESTERDAY), a_license("L2", "TX")),
        some_terms(),
    ),
    Case(
        "an adjuster's license",
        (C.LICENSE_NOT_FOUND,),
        a_person(a_license(class_code="9003", class_name="Independent Adjuster")),
        some_terms(),
    ),
    Case("another line", (C.LINE_NOT_HELD,), a_person(a_license(held=(1,))), some_terms()),
    Case("an appointment", (C.ALREADY_APPOINTED,), a_person(appointed=[AN_APPOINTMENT]), some_terms()),
    Case("a transaction", (C.OPEN_TRANSACTION,), a_person(opened=[A_TRANSACTION]), some_terms()),
    Case(
        "everything that can be wrong with a line",
        (
            C.COMPANY_LACKS_LOA,
            C.ENTITY_NOT_APPOINTED,
            C.NO_RESIDENT_LICENSE,
            C.LICENSE_NOT_ACTIVE,
            C.ALREADY_APPOINTED,
            C.OPEN_TRANSACTION,
        ),
        a_person(
            a_license(is_resident=False, is_active=False),
            is_firm=True,
            appointed=[AN_APPOINTMENT],
            opened=[A_TRANSACTION],
        ),
        some_terms(NOT_SOLD, rules=NONE_APPOINTED),
    ),
    Case(
        "everything that can be wrong with a request",
        (
            C.STATE_NOT_SET,
            C.COMPANY_LACKS_LOA,
            C.OUTSIDE_ASSIGNMENT,
            C.NO_BUSINESS_RULE,
            C.ENTITY_NOT_APPOINTED,
            C.NO_RESIDENT_LICENSE,
            C.LICENSE_NOT_FOUND,
        ),
        a_person(a_license(state="TX", is_resident=False)),
        some_terms(
            a_company(states={}, categories=frozenset({"property"})),
            lines={},
            rules=NONE_APPOINTED,
            assignment_required=True,
        ),
        1,
    ),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_all_checks_that_fail_are_kept_in_their_order_and_the_first_is_the_reason(case: Case) -> None:
    verdicts = judged(case.person, case.terms)
    assert len(verdicts) == case.count
    assert checks(verdicts[0]) == [check.value for check in case.failing]
    assert verdicts[0].reason == case.failing[0].value
    assert verdicts[0].status is Status.NOT_ELIGIBLE
    places = [CHECKS.index(check) for check in case.failing]
    assert places == sorted(places)


def test_every_check_has_a_case_a_label_and_its_place() -> None:
    assert {check for case in CASES for check in case.failing} == set(CHECKS)
    assert all(
        "{" not in label_of(check, {"company": "A", "state": "CA", "entities": "B"}) for check in CHECKS
    )
    assert standing_of("ready", "") == "In Good Standing"
    assert standing_of("submitted", "") == "In Good Order"
    assert label_of("something_new") == "something_new"


@pytest.mark.parametrize(
    ("rule", "setting", "status"),
    [
        (StateRule(files=True), CompanyState(), Status.READY),
        (StateRule(files=None), CompanyState(), Status.READY),
        (StateRule(files=True), CompanyState(just_in_time=True), Status.HELD),
        (StateRule(files=True, just_in_time=True), CompanyState(just_in_time=True), Status.HELD),
        (StateRule(files=True, just_in_time=False), CompanyState(just_in_time=True), Status.READY),
        (
            StateRule(files=True, just_in_time_of={"life": True, "property": False}),
            CompanyState(just_in_time=True),
            Status.HELD,
        ),
        (
            StateRule(files=True, just_in_time_of={"life": False}),
            CompanyState(just_in_time=True),
            Status.READY,
        ),
        (StateRule(files=False), CompanyState(just_in_time=True), Status.RECORDED),
    ],
)
def test_what_is_eligible_begins_where_state_and_setting_put_it(
    rule: StateRule, setting: CompanyState, status: Status
) -> None:
    terms = some_terms(a_company(states={"CA": setting}), rules={"CA": rule})
    assert {one.status for one in judged(a_person(), terms, categories=("life",))} == {status}


def test_an_assignment_that_covers_one_category_lets_its_lines_through() -> None:
    terms = some_terms(assignment_required=True)
    person = a_person(assigned=[Assigned(("health",), ("CA",), ("90101",))])
    outside = [C.OUTSIDE_ASSIGNMENT.value]
    assert [checks(one) for one in judged(person, terms)] == [outside, [], [], outside]


@pytest.mark.parametrize(
    ("assigned", "covers"),
    [
        (Assigned(("life",), ("CA",)), True),
        (Assigned(("life",), ("CA",), ("90101",)), True),
        (Assigned(("life",), ("CA",), ("1",)), False),
        (Assigned(("life",), ("TX",)), False),
        (Assigned(("life",), ("CA",), agent_type="adjuster"), False),
        (Assigned(("life",), ("CA",), starts_on=TODAY, ends_on=TODAY), True),
        (Assigned(("life",), ("CA",), ends_on=YESTERDAY), False),
    ],
)
def test_an_assignment_covers_its_states_categories_companies_and_days(
    assigned: Assigned, covers: bool
) -> None:
    terms = some_terms(assignment_required=True)
    verdicts = judged(a_person(assigned=[assigned]), terms, categories=("life",))
    assert ({one.reason for one in verdicts} == {""}) is covers


def test_a_line_is_the_same_by_code_or_by_name_and_a_county_sets_filings_apart() -> None:
    by_name = Appointed(7, "CA", "90101", "L-1", "  life ", "Orange")
    person = a_person(appointed=[by_name])
    plan = some_terms().plan(state="CA", cocode="90101", categories=("life",), agent_type="producer")
    assert judge(plan, person, today=TODAY, county="orange")[0].reason == C.ALREADY_APPOINTED
    assert judge(plan, person, today=TODAY, county="Kern")[0].reason == ""


def test_two_licenses_that_hold_a_line_make_two_filings_and_each_stands_in_its_own_way_only() -> None:
    licenses = (a_license("L1", held=(0,)), a_license("L2", held=(0,)))
    one_open = A_TRANSACTION._replace(license_number="L1")
    verdicts = judged(a_person(*licenses, opened=[one_open]), categories=("life",))
    of_life = {one.license.number: one.reason for one in verdicts if one.license}
    assert of_life == {"L1": C.OPEN_TRANSACTION, "L2": ""}


def test_a_rule_without_a_class_holds_for_every_license_and_one_with_a_class_for_its_own() -> None:
    odd = a_license(class_code="77", class_name="Something Else")
    for_all = {"CA": [BusinessLine("9101", "Life", frozenset({"life"}))]}
    assert judged(a_person(odd), some_terms(lines=for_all), categories=("life",))[0].reason == ""
    assert judged(a_person(odd), categories=("life",))[0].reason == C.LINE_NOT_HELD


def test_a_rule_for_a_class_and_one_for_all_make_one_filing_of_a_line() -> None:
    lines = {"CA": [BusinessLine("9101", "Life", frozenset({"life"})), *some_terms().lines["CA"]]}
    verdicts = judged(a_person(), some_terms(lines=lines))
    assert [one.line.line.line_name for one in verdicts if one.line] == [name for _, name, _ in LINES]
    assert {one.line.line.class_code for one in verdicts if one.line} == {CLASS[0]}


def test_licenses_of_one_number_and_two_classes_do_not_stand_in_each_other_s_way() -> None:
    rules = [
        BusinessLine("9101", "Life", frozenset({"life"}), code, name)
        for code, name in (CLASS, ("9", "Other"))
    ]
    licenses = (a_license("L1", id=1), a_license("L1", id=2, class_code="9", class_name="Other"))
    person = a_person(*licenses, opened=[A_TRANSACTION._replace(license_number="L1", class_code=CLASS[0])])
    verdicts = judged(person, some_terms(lines={"CA": rules}), categories=("life",))
    assert [(one.license.class_code, one.reason) for one in verdicts if one.license] == [
        (CLASS[0], C.OPEN_TRANSACTION),
        ("9", ""),
    ]


# What always holds.

HELD = st.sets(st.integers(0, 3))
LICENSES = st.lists(
    st.builds(
        a_license,
        number=st.sampled_from(["L1", "L2", "L3"]),
        state=st.sampled_from(["CA", "TX"]),
        held=HELD,
        is_resident=st.booleans(),
        is_active=st.booleans(),
        class_code=st.sampled_from([CLASS[0], "9003"]),
    ),
    max_size=4,
    unique_by=lambda license: license.number,
)
PEOPLE = st.builds(
    lambda licenses, is_firm, appointed, opened: Person(
        id=1, npn="1", licenses=licenses, is_firm=is_firm, appointed=appointed, opened=opened
    ),
    LICENSES,
    st.booleans(),
    st.lists(st.just(AN_APPOINTMENT), max_size=1),
    st.lists(st.just(A_TRANSACTION), max_size=1),
)
CATEGORIES = st.sets(st.sampled_from(["life", "health", "fraternal", "property"]), min_size=1).map(
    lambda some: tuple(sorted(some))
)


@given(person=PEOPLE, categories=CATEGORIES)
def test_every_planned_line_is_answered_and_only_what_is_good_is_filed(
    person: Person, categories: tuple[str, ...]
) -> None:
    terms = some_terms()
    plan = terms.plan(state="CA", cocode="90101", categories=categories, agent_type="producer")
    verdicts = judge(plan, person, today=TODAY)
    if plan.lines:
        assert [line for line in plan.lines if not any(one.line is line for one in verdicts)] == []
    for one in verdicts:
        assert (one.status is Status.NOT_ELIGIBLE) == bool(one.failures)
        assert one.license is None or (one.license.is_good(TODAY) and one.license.state == "CA")
        if not one.failures:
            assert one.license is not None
            assert one.line is not None
            assert one.line.line.line_code in {line.code for line in one.license.lines}
        places = [CHECKS.index(failure.check) for failure in one.failures]
        assert places == sorted(set(places))


@given(person=PEOPLE, categories=CATEGORIES, first=PEOPLE)
def test_what_is_kept_of_one_producer_never_changes_the_verdict_on_another(
    person: Person, categories: tuple[str, ...], first: Person
) -> None:
    used, fresh = some_terms(), some_terms()
    asked: dict[str, Any] = {"state": "CA", "cocode": "90101", "categories": categories}
    judge(used.plan(agent_type="producer", **asked), first, today=TODAY)
    plan = used.plan(agent_type="producer", **asked)
    new = fresh.plan(agent_type="producer", **asked)
    told = [
        [(one.line and one.line.name, one.license, one.status, checks(one)) for one in verdicts]
        for verdicts in (judge(plan, person, today=TODAY), judge(new, person, today=TODAY))
    ]
    assert told[0] == told[1]
    if new.lines and not new.whole:
        # The long way, without anything kept.
        licensed, eligible = _licenses(new, person, TODAY)
        appointed = [one for one in person.appointed if one.state == "CA"]
        slow = _lines(
            new, eligible, _of_person(new, person, TODAY), frozenset(), licensed, appointed, person.opened, ""
        )
        assert told[1] == [(one.line and one.line.name, one.license, one.status, checks(one)) for one in slow]


def test_outside_is_worked_out_category_by_category() -> None:
    plan = some_terms(assignment_required=True).plan(
        state="CA", cocode="90101", categories=("life", "health"), agent_type="producer"
    )
    assert _outside(plan, a_person(assigned=[Assigned(("life",), ("CA",))]), TODAY) == {"health"}
