"""What a state will ask for, as far as anybody has told: an unknown fee is never nothing."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from muster.core.fees import Fee, Total, estimate_appointment, estimate_termination, sum_fees
from muster.core.rules.book import rulebook
from muster.core.rules.rule import NO_TERMS, Override, Standing
from muster.core.words import states

from .rulebooks import entry, write_rules

DAY = date(2026, 5, 1)

steady = settings(deadline=None, max_examples=200, derandomize=True)


def asked(state: str = "AS", **over: Any) -> dict[str, Any]:
    return {
        "state": state,
        "residency": "nonresident",
        "entity": "individual",
        "appointment_type": "",
        "domicile": "TX",
        "on": DAY,
        **over,
    }


def cents(state: str = "AS", **over: Any) -> int | None:
    return estimate_appointment(rulebook(), **asked(state, **over)).cents


def own(value: int, key: str = "appointment_new", terms: Any = NO_TERMS) -> Override:
    at = datetime(2026, 4, 30, tzinfo=UTC)
    return Override("CA", "fees", key, value, DAY, "Our contract says so.", "Robin", at, terms)


# --- one fee ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "over", "wanted"),
    [
        pytest.param([{"residency": '"all"'}], {}, 100, id="the one for all"),
        pytest.param([{}], {}, 100, id="the one that names nobody"),
        pytest.param([{"residency": '"resident"'}], {}, None, id="none that is for others"),
        pytest.param(
            [{"residency": '"nonresident"'}, {"residency": '"resident"'}], {}, 100, id="by residency"
        ),
        pytest.param([{}, {"residency": '"nonresident"'}], {}, 200, id="its own before that for all"),
        pytest.param([{"applies": '"agency"'}, {"applies": '"individual"'}], {}, 200, id="by entity"),
        pytest.param([{"applies": '"agency"'}, {}], {"entity": "agency"}, 100, id="its entity's before all"),
        pytest.param(
            [{"residency": '"nonresident"'}, {"applies": '"individual"'}],
            {},
            200,
            id="entity before residency",
        ),
        pytest.param([{"applies": '"local"'}], {"appointment_type": "local"}, 100, id="by type"),
        pytest.param([{"applies": '"local"'}], {"appointment_type": "general"}, None, id="no other type's"),
        pytest.param([{"applies": '"local"'}], {}, None, id="none of a type that is not told"),
        pytest.param([{"applies": '"motor club"'}, {}], {}, 200, id="none that is for something special"),
        pytest.param([{"since": "2026-05-02"}], {}, None, id="none that begins later"),
        pytest.param([{}, {"since": "2026-05-01"}], {}, 200, id="the one of the day"),
    ],
)
def test_the_fee_that_fits_best_is_taken(
    fields: list[dict[str, str]], over: dict[str, str], wanted: int | None, rules: Path
) -> None:
    told = [
        entry("appointment_new", amount_cents=str(100 * number), text='"so much"', **one)
        for number, one in enumerate(fields, 1)
    ]
    write_rules(rules, "as/fees.toml", "".join(told))
    fee = estimate_appointment(rulebook(), **asked(**over))
    assert fee.cents == wanted
    assert fee.standing is (Standing.UNKNOWN if wanted is None else Standing.APPROXIMATE)


def by_domicile(**over: str) -> str:
    fields = {"by_domicile": "{ TX = 0, CA = 500 }", "depends_on": '"company"', "text": '"by home"', **over}
    return entry("appointment_new", **{name: text for name, text in fields.items() if text})


@pytest.mark.parametrize(
    ("text", "domicile", "wanted"),
    [
        pytest.param(by_domicile(), "CA", 500, id="that of its home state"),
        pytest.param(by_domicile(), "TX", 0, id="nothing, where nothing is told"),
        pytest.param(by_domicile(), "NY", None, id="unknown, where the state is not listed"),
        pytest.param(by_domicile(otherwise_cents="300"), "NY", 300, id="that of all others"),
        pytest.param(by_domicile(otherwise_cents="300"), "", None, id="unknown without a home state"),
        pytest.param(by_domicile(contested='["CA", "NY"]'), "CA", None, id="unknown where sources disagree"),
        pytest.param(
            by_domicile(otherwise_cents="0", contested='["NY"]'), "NY", None, id="nor nothing where they do"
        ),
        pytest.param(
            by_domicile(depends_on='"home state"'), "CA", None, id="not the company's, where not asked"
        ),
    ],
)
def test_a_fee_may_depend_on_the_companys_home_state(
    text: str, domicile: str, wanted: int | None, rules: Path
) -> None:
    write_rules(rules, "as/fees.toml", text)
    assert cents(domicile=domicile) == wanted


def test_a_fee_tells_its_basis_its_rule_and_the_text_as_found() -> None:
    fee = estimate_appointment(rulebook(), **asked("WI"))
    assert fee == Fee(
        3000,
        "appointment",
        Standing.APPROXIMATE,
        "us/wi/fees#appointment_new[nonresident]@unknown",
        "30 (2012: 50)",
    )


def test_the_fee_of_an_end_is_not_that_of_an_appointment() -> None:
    assert estimate_termination(rulebook(), **asked("AR")).cents == 1000
    assert estimate_appointment(rulebook(), **asked("AR")).cents == 6000


def test_an_unknown_fee_says_why() -> None:
    told = {state: estimate_appointment(rulebook(), **asked(state)) for state in ("AS", "MT", "CT")}
    assert {fee.cents for fee in told.values()} == {None}
    assert told["AS"].text == "No rules of American Samoa are known."
    assert told["MT"].text == "The amount was looked for and not found."
    assert told["CT"].text.startswith("0 / 20 / 80 by home state")


def test_an_organizations_own_fee_is_taken_before_that_of_the_state() -> None:
    fee = estimate_appointment(rulebook().with_overrides([own(4000)]), **asked("CA"))
    assert (fee.cents, fee.standing) == (4000, Standing.OVERRIDDEN)


def test_an_own_fee_for_residents_leaves_that_of_nonresidents() -> None:
    book = rulebook().with_overrides([own(4000, terms={"residency": "resident"})])
    assert estimate_appointment(book, **asked("CA")).cents == 3200
    assert estimate_appointment(book, **asked("CA", residency="resident")).cents == 4000


ASKED = st.fixed_dictionaries(
    {
        "state": st.sampled_from(sorted(states())),
        "residency": st.sampled_from(["resident", "nonresident"]),
        "entity": st.sampled_from(["individual", "agency"]),
        "appointment_type": st.sampled_from(["", "general", "local", "travel"]),
        "domicile": st.sampled_from(["", *states()]),
        "on": st.dates(),
    }
)


@steady
@given(question=ASKED, ends=st.booleans())
def test_a_fee_of_nothing_is_one_that_somebody_has_told(question: dict[str, Any], ends: bool) -> None:
    fee = (estimate_termination if ends else estimate_appointment)(rulebook(), **question)
    assert (fee.cents is None) == (fee.standing is Standing.UNKNOWN)
    assert fee.text
    if fee.cents == 0:
        key = "appointment_termination" if ends else "appointment_new"
        rules = rulebook().holding(question["state"], "fees", key, question["on"])
        (rule,) = (rule for rule in rules if rule.id == fee.rule_id)
        assert rule.is_known
        assert rule.value == 0 or 0 in {
            *dict(rule.terms["by_domicile"]).values(),  # type: ignore[call-overload]
            rule.terms.get("otherwise_cents"),
        }


# --- sums ------------------------------------------------------------------------------------------

FEES = st.lists(
    st.one_of(st.none(), st.integers(0, 1_000_000)).map(
        lambda told: Fee(told, "", Standing.UNKNOWN if told is None else Standing.APPROXIMATE, "", "")
    )
)


@steady
@given(fees=FEES)
def test_a_sum_counts_what_is_unknown_apart(fees: list[Fee]) -> None:
    known = [fee.cents for fee in fees if fee.cents is not None]
    assert sum_fees(fees) == Total(sum(known), len(fees) - len(known))


@steady
@given(fees=FEES, others=FEES)
def test_sums_of_parts_are_the_sum_of_all(fees: list[Fee], others: list[Fee]) -> None:
    one, other = sum_fees(fees), sum_fees(others)
    assert sum_fees([*fees, *others]) == Total(one.cents + other.cents, one.unknown + other.unknown)


@steady
@given(fees=FEES)
def test_an_unknown_fee_among_them_is_never_summed_as_nothing(fees: list[Fee]) -> None:
    unknown = Fee(None, "", Standing.UNKNOWN, "", "")
    nothing = Fee(0, "", Standing.APPROXIMATE, "", "")
    assert sum_fees([*fees, unknown]) != sum_fees([*fees, nothing])
    assert sum_fees([*fees, unknown]).unknown == sum_fees(fees).unknown + 1
