"""Ending appointments: what a request matches, what its state takes, and what is told of the rest."""

from __future__ import annotations

from datetime import date

import pytest

from muster.core.rules.book import rulebook
from muster.core.terminating import Answer, Asked, Listed, Problem, answer, state_terms

TODAY = date(2026, 11, 26)
LIFE = Listed(1, "CA", "90101", "Northstar Life", "", "Life")
HEALTH = Listed(
    2, "CA", "90101", "Northstar Life", "", "Accident & Health or Sickness (including Disability)"
)
OTHER = Listed(3, "CA", "90103", "Southstar Life", "", "Life")
FLORIDA = Listed(4, "FL", "90101", "Northstar Life", "", "Life", county="Orange")
FLORIDA_TOO = Listed(5, "FL", "90101", "Northstar Life", "", "Life", county="Polk")
ENDED = Listed(6, "AZ", "90101", "Northstar Life", "", "Life", is_in_force=False, ended_on=date(2026, 3, 1))
LEAVING = Listed(7, "AL", "90101", "Northstar Life", "", "Life", ended_by=12)
FRATERNAL = Listed(8, "CA", "90101", "Northstar Life", "", "Part-Time Fraternal")
NEBRASKA = Listed(9, "NE", "90101", "Northstar Life", "", "Life and Annuities")
ON_FILE = (LIFE, HEALTH, OTHER, FLORIDA, FLORIDA_TOO, ENDED, LEAVING, FRATERNAL, NEBRASKA)


OURS = ("90101", "90103", "90199")


def ask(states: str = "CA", lines: str = "Life", cocodes: str = "90101", **over: object) -> Answer:
    asked = Asked(
        2, 1, *(tuple(told.split(";")) for told in (states, cocodes, lines)),
        **{"reason": "voluntary_termination", **over},
    )  # fmt: skip
    terms = {state: state_terms(rulebook(), state, asked.on, TODAY) for state in asked.states}
    return answer(asked, ON_FILE, companies=OURS, terms=terms, defaults={"FL": "death"})


def told(result: Answer) -> list[tuple[str, dict[str, str]]]:
    return [(one.problem.value, dict(one.params)) for one in result.told]


MATCHES = {
    "a line by its name": (ask(), [1]),
    "in any case and spacing": (ask(lines=" LIFE "), [1]),
    "a category": (ask(lines="health"), [2]),
    "a line that is called as a category is, and no other of its kind": (ask(lines="life"), [1]),
    "a category of which no line is called so": (ask(lines="fraternal"), [8]),
    "a category in a state that has no line called so": (ask(states="NE", lines="life"), [9]),
    "several lines": (ask(lines="life;health"), [1, 2]),
    "several companies": (ask(cocodes="90101;90103"), [1, 3]),
    "several states, and each county of one": (ask(states="CA;FL"), [1, 4, 5]),
    "a line that two words mean ends once": (ask(lines="life;Life"), [1]),
}


@pytest.mark.parametrize(("result", "ids"), MATCHES.values(), ids=MATCHES)
def test_each_appointment_in_force_that_it_means_ends_once(result: Answer, ids: list[int]) -> None:
    assert ([ending.listed.id for ending in result.endings], result.told) == (ids, ())


PLACE = {"cocode": "90101", "line": "Life"}
AGAINST = {
    "no such appointment": (
        ask(cocodes="90199"),
        ("not_found", {"state": "CA", "cocode": "90199", "line": "Life"}),
    ),
    "none in that state": (ask(states="TX"), ("not_found", {"state": "TX", **PLACE})),
    "a line that is close to one we know": (
        ask(lines="Lief"),
        ("line_unknown", {"state": "CA", "line": "Lief", "near": "Life"}),
    ),
    "a line that is like none": (
        ask(lines="Zeppelins"),
        ("line_unknown", {"state": "CA", "line": "Zeppelins", "near": ""}),
    ),
    "a reason that the state does not take": (
        ask(states="FL", reason="agent_moved"),
        (
            "reason_refused",
            {
                "state": "FL",
                "reason": "agent_moved",
                "accepted": "voluntary_termination;death;request_regulatory_review",
            },
        ),
    ),
    "a company of somebody else": (ask(cocodes="90102"), ("company_unknown", {"cocode": "90102"})),
    "a day to come where the state takes none": (
        ask(on=date(2026, 12, 24)),
        ("date_refused", {"state": "CA", "why": "it takes none in the future"}),
    ),
}


@pytest.mark.parametrize(("result", "problem"), AGAINST.values(), ids=AGAINST)
def test_what_stands_against_it_is_told_and_nothing_ends(
    result: Answer, problem: tuple[str, dict[str, str]]
) -> None:
    assert (told(result), result.endings, result.is_refused) == ([problem], (), True)


ALREADY = {
    "ended": (ask(states="AZ"), ("ended", {"state": "AZ", **PLACE, "day": "2026-03-01"})),
    "being ended": (ask(states="AL"), ("being_ended", {"state": "AL", **PLACE, "number": "12"})),
}


@pytest.mark.parametrize(("result", "problem"), ALREADY.values(), ids=ALREADY)
def test_what_has_ended_or_is_about_to_is_told_and_ends_no_second_time(
    result: Answer, problem: tuple[str, dict[str, str]]
) -> None:
    assert (told(result), result.endings, result.is_refused) == ([problem], (), False)


def test_a_line_that_a_state_has_and_nobody_is_appointed_for_is_not_taken_for_its_category() -> None:
    asked = Asked(2, 1, ("CA",), ("90101",), ("life",), "death")
    terms = {"CA": state_terms(rulebook(), "CA", None, TODAY)}
    result = answer(asked, [FRATERNAL], companies=OURS, terms=terms, defaults={})
    assert (result.endings, [one.problem for one in result.told]) == ((), [Problem.NOT_FOUND])


def test_an_appointment_does_not_end_before_it_began() -> None:
    began = LIFE._replace(began_on=date(2019, 4, 1))

    def end(on: date | None) -> Answer:
        asked = Asked(2, 1, ("CA",), ("90101",), ("Life",), "voluntary_termination", on)
        terms = {"CA": state_terms(rulebook(), "CA", on, TODAY)}
        return answer(asked, [began], companies=OURS, terms=terms, defaults={})

    assert told(end(date(2019, 3, 31)))[-1] == (
        "before_start",
        {"state": "CA", "cocode": "90101", "line": "Life", "began": "2019-04-01"},
    )
    assert end(date(2019, 3, 31)).is_refused
    assert [ending.listed.id for ending in end(None).endings] == [1]


def test_a_request_for_everything_everywhere_is_told_in_a_few_findings() -> None:
    result = ask(states="TX;NV;OR;WA;UT", lines="life;health;property;casualty", cocodes="90103;90199")
    assert [problem for problem, _ in told(result)] == [*["not_found"] * 20, "more_not_found"]
    assert told(result)[-1][1] == {"count": "20"}


def test_what_has_ended_keeps_nothing_else_from_ending() -> None:
    result = ask(states="AZ;CA;AL")
    assert [ending.listed.id for ending in result.endings] == [1]
    assert [one.problem for one in result.told] == [Problem.ENDED, Problem.BEING_ENDED]


def test_a_reason_left_blank_is_the_default_of_the_state() -> None:
    result = ask(states="CA;FL", reason="")
    assert [(ending.listed.state, ending.reason) for ending in result.endings] == [
        ("CA", ""),
        ("FL", "death"),
        ("FL", "death"),
    ]


def test_that_nobody_has_told_whether_a_reason_is_needed_is_told_where_none_is_given() -> None:
    result = ask(states="CA;FL", reason="")
    assert (told(result), result.is_refused) == ([("reason_open", {"state": "CA"})], False)
    assert state_terms(rulebook(), "NH", None, TODAY).reason_needed is False
    one = Asked(2, 1, ("NH",), ("90101",), ("Life",))
    terms = {"NH": state_terms(rulebook(), "NH", None, TODAY)}
    listed = (LIFE._replace(state="NH"),)
    assert answer(one, listed, companies=OURS, terms=terms, defaults={}).told == ()


def test_a_reason_that_is_needed_and_not_told_is_asked_for() -> None:
    terms = state_terms(rulebook(), "CA", None, TODAY)._replace(reason_needed=True)
    asked = Asked(2, 1, ("CA",), ("90101",), ("Life",))
    result = answer(asked, ON_FILE, companies=OURS, terms={"CA": terms}, defaults={})
    assert [one.problem for one in result.told] == [Problem.REASON_MISSING]
    assert dict(result.told[0].params)["accepted"].startswith("voluntary_termination;")
    given = answer(asked, ON_FILE, companies=OURS, terms={"CA": terms}, defaults={"CA": "death"})
    assert given.endings


def test_what_nobody_has_told_of_a_state_refuses_nothing() -> None:
    terms = state_terms(rulebook(), "GU", date(2030, 1, 1), TODAY)
    listed = (LIFE._replace(state="GU"),)
    asked = Asked(2, 1, ("GU",), ("90101",), ("Life",), "death")
    result = answer(asked, listed, companies=OURS, terms={"GU": terms}, defaults={})
    assert [(one.listed.id, one.reason, one.on) for one in result.endings] == [(1, "death", date(2030, 1, 1))]
