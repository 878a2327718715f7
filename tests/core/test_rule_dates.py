"""Which dates a state takes, and when an appointment is due; what is unknown refuses nothing."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from muster.core.rules.book import rulebook
from muster.core.rules.dates import (
    REFUSING,
    DateProblem,
    deadline,
    judge_effective_date,
    judge_termination_date,
)
from muster.core.rules.rule import NO_TERMS, Override
from muster.core.words import LOA_CATEGORIES, states

from .rulebooks import entry, write_rules

TODAY = date(2026, 5, 20)
STATES = sorted(states())

steady = settings(deadline=None, max_examples=200, derandomize=True)


def day(back: int) -> date:
    return TODAY - timedelta(back)


def told(**values: str) -> str:
    """Values of keys, as TOML; `backdate_days` may be "14 up to"."""
    entries = []
    for key, value in values.items():
        number, _, within = value.partition(" ")
        if key == "backdate_days":
            entries.append(entry(key, value=number, **({"within": f'"{within}"'} if within else {})))
        else:
            entries.append(entry(key, value=f'"{value}"'))
    return "".join(entries)


GIVEN = {"effective_date_given": "yes", "effective_date_needed": "yes"}


@pytest.mark.parametrize(
    ("values", "asked", "problems"),
    [
        pytest.param({**GIVEN, "backdate_days": "15 up to"}, day(15), [], id="up to: the last day"),
        pytest.param(
            {**GIVEN, "backdate_days": "15 up to"}, day(16), ["too_old"], id="up to: the day before it"
        ),
        pytest.param({**GIVEN, "backdate_days": "15 less than"}, day(14), [], id="less than: the last day"),
        pytest.param(
            {**GIVEN, "backdate_days": "15 less than"},
            day(15),
            ["too_old"],
            id="less than: the day before it",
        ),
        pytest.param({**GIVEN, "backdate_days": "15"}, day(15), [], id="a bare number is up to"),
        pytest.param({**GIVEN, "backdate_days": "0"}, day(1), ["too_old"], id="no day back"),
        pytest.param({**GIVEN, "backdate_days": "0"}, day(0), [], id="today, with no day back"),
        pytest.param({**GIVEN, "backdate_days": "0 less than"}, day(0), [], id="today is never too old"),
        pytest.param(GIVEN, day(400), ["unknown"], id="an old one, of which nobody has told"),
        pytest.param(GIVEN, day(0), [], id="today, of which nobody need tell"),
        pytest.param({**GIVEN, "future_date": "no"}, day(-1), ["in_future"], id="tomorrow, refused"),
        pytest.param({**GIVEN, "future_date": "yes"}, day(-1), [], id="tomorrow, taken"),
        pytest.param({**GIVEN, "future_date": "some"}, day(-1), ["unknown"], id="tomorrow, taken at times"),
        pytest.param(GIVEN, day(-1), ["unknown"], id="tomorrow, of which nobody has told"),
        pytest.param(
            {"effective_date_given": "no", "backdate_days": "0"},
            day(9),
            ["ignored"],
            id="ignored, not too old",
        ),
        pytest.param({"effective_date_given": "no", "future_date": "no"}, day(-9), ["ignored"], id="ignored"),
        pytest.param({}, day(0), ["unknown"], id="nobody has told whether it is taken"),
        pytest.param({}, day(1), ["unknown", "unknown"], id="nor how old it may be"),
        pytest.param(
            {"backdate_days": "5", "future_date": "no"},
            day(6),
            ["unknown", "too_old"],
            id="too old, whether it is taken or not",
        ),
        pytest.param(GIVEN, None, ["missing"], id="none, and one is needed"),
        pytest.param({"effective_date_needed": "no"}, None, [], id="none, and none is needed"),
        pytest.param({}, None, ["unknown"], id="none, and nobody has told"),
        pytest.param({"effective_date_given": "no"}, None, [], id="none, and none is taken"),
        pytest.param(
            {"effective_date_given": "no", "effective_date_needed": "yes"},
            None,
            ["missing"],
            id="none, and one is needed although it is ignored",
        ),
    ],
)
def test_an_effective_date_is_judged(
    values: dict[str, str], asked: date | None, problems: list[str], rules: Path
) -> None:
    write_rules(rules, "as/appointing.toml", told(**values))
    verdict = judge_effective_date(rulebook(), "AS", asked, TODAY)
    assert [one.problem for one in verdict.problems] == problems
    assert verdict.is_refused is bool({"too_old", "in_future", "missing"} & set(problems))
    assert verdict.effective_on == (None if "ignored" in problems else asked)


def test_an_end_is_judged_by_rules_of_its_own(rules: Path) -> None:
    write_rules(rules, "as/appointing.toml", told(**GIVEN, backdate_days="5"))
    write_rules(rules, "as/terminations.toml", told(date_given="yes", backdate_days="30"))
    assert judge_effective_date(rulebook(), "AS", day(20), TODAY).is_refused
    assert not judge_termination_date(rulebook(), "AS", day(20), TODAY).is_refused
    assert judge_termination_date(rulebook(), "AS", day(31), TODAY).is_refused


def test_what_is_too_old_says_how_old_it_may_be_and_by_which_rule() -> None:
    (problem,) = judge_effective_date(rulebook(), "WI", day(15), TODAY).problems
    assert problem.problem is DateProblem.TOO_OLD
    assert problem.rule_id == "us/wi/appointing#backdate_days@unknown"
    assert problem.params == {"days": 15, "within": "less than", "earliest": day(14).isoformat()}


def test_what_is_unknown_says_which_key_nobody_has_told() -> None:
    problems = judge_effective_date(rulebook(), "AS", day(1), TODAY).problems
    assert [one.params["key"] for one in problems] == ["effective_date_given", "backdate_days"]


@steady
@given(state=st.sampled_from(STATES), asked=st.none() | st.dates(), today=st.dates(), ends=st.booleans())
def test_what_is_unknown_refuses_nothing(state: str, asked: date | None, today: date, ends: bool) -> None:
    judge = judge_termination_date if ends else judge_effective_date
    verdict = judge(rulebook(), state, asked, today)
    for one in verdict.problems:
        key = one.rule_id.partition("#")[2].partition("@")[0]
        rule = rulebook().at(state, "terminations" if ends else "appointing", key, today)
        assert rule.id == one.rule_id
        assert rule.is_known or one.problem is DateProblem.UNKNOWN
    assert verdict.is_refused == any(one.problem in REFUSING for one in verdict.problems)


@steady
@given(state=st.sampled_from(STATES), back=st.integers(0, 100), more=st.integers(0, 100))
def test_a_date_that_is_refused_as_too_old_is_so_with_every_older_one(
    state: str, back: int, more: int
) -> None:
    if judge_effective_date(rulebook(), state, day(back), TODAY).is_refused:
        assert judge_effective_date(rulebook(), state, day(back + more), TODAY).is_refused


# --- deadlines -------------------------------------------------------------------------------------

FIRST = date(2026, 5, 1)


def due(**over: Any) -> str:
    return entry("deadline_days", **{"value": "10", **over})


@pytest.mark.parametrize(
    ("text", "categories", "effective_on", "days"),
    [
        pytest.param(due(counts_from='["first_business"]'), ["life"], None, 10, id="from the first business"),
        pytest.param(
            due(counts_from='["contract", "first_application"]'), ["life"], None, 10, id="or from a contract"
        ),
        pytest.param(due(counts_from='["contract"]'), ["life"], None, None, id="from the contract alone"),
        pytest.param(due(counts_from='["effective_date"]'), ["life"], None, None, id="from a date not given"),
        pytest.param(due(counts_from='["effective_date"]'), ["life"], day(9), 20, id="from the date given"),
        pytest.param(
            due(counts_from='["effective_date", "first_business"]'),
            ["life"],
            day(9),
            10,
            id="the earlier one",
        ),
        pytest.param(due(), ["life"], None, None, id="from a day that nobody has told"),
        pytest.param(due(counts_from='["first_business"]'), [], None, 10, id="for no category in particular"),
        pytest.param("", ["life"], None, None, id="of which nobody has told"),
    ],
)
def test_a_deadline_counts_from_what_the_state_counts_from(
    text: str, categories: list[str], effective_on: date | None, days: int | None, rules: Path
) -> None:
    write_rules(rules, "as/appointing.toml", text)
    last_day = deadline(rulebook(), "AS", categories, FIRST, effective_on=effective_on)
    assert last_day == (None if days is None else FIRST + timedelta(days))


@pytest.mark.parametrize(
    ("categories", "days"),
    [
        pytest.param(["life"], 5, id="its own"),
        pytest.param(["health", "life"], 5, id="its own, which it shares"),
        pytest.param(["casualty"], 10, id="that for all"),
        pytest.param(["casualty", "life"], 5, id="the earliest of several"),
        pytest.param([], 10, id="that for all, without a category"),
    ],
)
def test_a_category_has_its_own_deadline_else_that_for_all(
    categories: list[str], days: int, rules: Path
) -> None:
    own = due(value="5", counts_from='["first_business"]', categories='["life", "health"]')
    write_rules(rules, "as/appointing.toml", due(counts_from='["first_business"]') + own)
    assert deadline(rulebook(), "AS", categories, FIRST) == FIRST + timedelta(days)


@pytest.mark.parametrize(
    ("terms", "days"),
    [(NO_TERMS, 7), ({"counts_from": ["contract"]}, None)],
    ids=["from the first business", "from what it names"],
)
def test_an_organizations_own_number_counts(terms: Any, days: int | None) -> None:
    at = datetime(2026, 1, 1, tzinfo=UTC)
    own = Override("TX", "appointing", "deadline_days", 7, FIRST, "To be sure.", "Robin", at, terms)
    book = rulebook().with_overrides([own])
    assert deadline(book, "TX", ["life"], FIRST) == (None if days is None else FIRST + timedelta(days))
    assert deadline(book, "TX", ["life"], FIRST - timedelta(1)) is None


@steady
@given(
    state=st.sampled_from(STATES),
    categories=st.lists(st.sampled_from(sorted(LOA_CATEGORIES)), unique=True, max_size=3),
    first=st.dates(),
    effective=st.none() | st.dates(),
)
def test_a_deadline_comes_not_before_what_it_counts_from(
    state: str, categories: list[str], first: date, effective: date | None
) -> None:
    last_day = deadline(rulebook(), state, categories, first, effective_on=effective)
    if last_day:
        assert last_day >= min(first, effective or first)
        each = [deadline(rulebook(), state, [one], first, effective_on=effective) for one in categories]
        assert last_day == min((one for one in each if one), default=last_day)
