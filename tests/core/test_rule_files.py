"""The files of the rules as shipped: all can be read, all is cited, and the cases beside them hold."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from muster.core.fees import estimate_appointment, estimate_termination
from muster.core.rulebook import rule_files, rule_text
from muster.core.rules.book import rulebook
from muster.core.rules.dates import deadline, judge_effective_date, judge_termination_date
from muster.core.rules.keys import FEES, RENEWAL, TERMINATIONS, TOPICS
from muster.core.rules.rule import Rule, Standing
from muster.core.words import rules_directory, states

US = rules_directory() / "us"
CASE_FILES = sorted(US.rglob("*.cases.toml"))
NOT_TOLD_OF = {"AS", "MP"}


def every_rule() -> Iterator[Rule]:
    for state in states():
        for topic, keys in TOPICS.items():
            for key in keys:
                yield from rulebook().history(state, topic, key)


def test_every_state_that_the_reference_tells_of_has_its_files() -> None:
    for state in states():
        files = {name for name in rule_files() if name.startswith(f"{state.lower()}/")}
        wanted = {"appointing.toml", "fees.toml", "terminations.toml"}
        if state in NOT_TOLD_OF:
            assert not files
        else:
            assert {f"{state.lower()}/{name}" for name in wanted} <= files, state


def test_every_file_is_of_a_state_and_a_topic() -> None:
    for name in rule_files():
        folder, _, file = name.rpartition("/")
        if folder:
            assert folder.upper() in states()
            assert file.removesuffix(".toml") in TOPICS, name


def test_every_value_cites_who_says_so_and_says_how_sure_it_is() -> None:
    rules = list(every_rule())
    assert len(rules) > 1_000
    for rule in rules:
        assert rule.source or not rule.is_known, rule.id
        assert rule.standing is not Standing.OVERRIDDEN
        assert (rule.value is None) == (not rule.is_known or "by_domicile" in rule.terms), rule.id


def test_every_value_has_a_name_of_its_own() -> None:
    names = [rule.id for rule in every_rule()]
    assert len(set(names)) == len(names)


def test_what_is_unknown_says_why() -> None:
    for rule in every_rule():
        assert rule.is_known or rule.note or rule.terms.get("text"), rule.id


def test_nothing_is_reviewed_that_nobody_has_looked_up() -> None:
    assert [
        rule.id for rule in every_rule() if rule.standing is Standing.REVIEWED and not rule.checked_on
    ] == []


def test_every_reason_for_an_end_is_one_of_the_registrys() -> None:
    told = tomllib.loads(rule_text("termination_reasons.toml"))["reason"]
    names = {one["code"]: one["name"] for one in told}
    assert len(names) == len(told) == 15
    for code, name in names.items():
        assert code == name.lower().replace(" ", "_")
    for state in states():
        for rule in rulebook().history(state, TERMINATIONS, "reasons"):
            if rule.is_known:
                assert isinstance(rule.value, tuple)
                assert rule.terms["names"] == tuple(names[code] for code in rule.value)


def test_a_day_of_the_year_is_one() -> None:
    for state in states():
        for key in ("invoice_from", "invoice_to", "last_termination"):
            for rule in rulebook().history(state, RENEWAL, key):
                assert date.fromisoformat(f"2024-{rule.value}"), rule.id


def test_a_fee_says_for_whom_it_is_and_quotes_what_was_found() -> None:
    for rule in every_rule():
        if rule.topic == FEES:
            assert rule.terms.get("residency") in {"resident", "nonresident", "all"}, rule.id
            assert rule.terms.get("text") or not rule.is_known, rule.id
            assert ("depends_on" in rule.terms) == ("by_domicile" in rule.terms), rule.id


def test_a_fee_of_nothing_is_told_to_be_nothing() -> None:
    for rule in every_rule():
        if rule.topic == FEES and rule.value == 0:
            text = str(rule.terms["text"])
            assert "0" in text.replace(",", " ").split() or "no fee" in text or "0/" in text, rule.id


def cases(shape: str) -> list[Any]:
    return [
        pytest.param(path.parent.name.upper(), case, id=f"{path.parent.name}: {case['name']}")
        for path in CASE_FILES
        for case in tomllib.loads(path.read_text("utf-8")).get(shape, ())
    ]


def test_a_file_of_cases_has_known_shapes_and_names_that_differ() -> None:
    for path in CASE_FILES:
        told = tomllib.loads(path.read_text("utf-8"))
        assert set(told) <= {"rule", "date", "deadline", "fee"}, path
        names = [case["name"] for shape in told.values() for case in shape]
        assert len(set(names)) == len(names), path


@pytest.mark.parametrize(("state", "case"), cases("rule"))
def test_a_rule_is_as_its_case_says(state: str, case: dict[str, Any]) -> None:
    place = (state, case["topic"], case["key"], case["on"])
    of = {name: tuple(one) if isinstance(one, list) else one for name, one in case.get("of", {}).items()}
    if of:
        (rule,) = (one for one in rulebook().holding(*place) if dict(one.strand) == of)
    else:
        rule = rulebook().at(*place)
    value = case.get("value")
    assert rule.value == (tuple(value) if isinstance(value, list) else value)
    if "standing" in case:
        assert rule.standing == case["standing"]


@pytest.mark.parametrize(("state", "case"), cases("date"))
def test_a_date_is_judged_as_its_case_says(state: str, case: dict[str, Any]) -> None:
    judge = {"appointment": judge_effective_date, "termination": judge_termination_date}[case["of"]]
    verdict = judge(rulebook(), state, case.get("asked"), case["today"])
    assert [one.problem for one in verdict.problems] == case["problems"]


@pytest.mark.parametrize(("state", "case"), cases("deadline"))
def test_a_deadline_is_as_its_case_says(state: str, case: dict[str, Any]) -> None:
    last_day = deadline(
        rulebook(), state, case["categories"], case["first_business"], effective_on=case.get("effective")
    )
    assert last_day == case.get("last_day")


@pytest.mark.parametrize(("state", "case"), cases("fee"))
def test_a_fee_is_as_its_case_says(state: str, case: dict[str, Any]) -> None:
    estimate = {"appointment": estimate_appointment, "termination": estimate_termination}[case["of"]]
    fee = estimate(
        rulebook(),
        state=state,
        residency=case["residency"],
        entity=case["entity"],
        appointment_type=case.get("type", ""),
        domicile=case.get("domicile", ""),
        on=case["on"],
    )
    assert fee.cents == case.get("cents")
    assert (fee.standing is Standing.UNKNOWN) == (fee.cents is None)
    if "basis" in case:
        assert fee.basis == case["basis"]


def test_cases_are_no_rules() -> None:
    assert CASE_FILES
    assert not {Path(name).name for name in rule_files()} & {path.name for path in CASE_FILES}
