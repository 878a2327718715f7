"""Questions as addresses write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from muster.core.table import (
    OPERATORS,
    WITHOUT_VALUE,
    Condition,
    FieldKind,
    Operator,
    Question,
    Refused,
    Terms,
    operator_label,
    read_condition,
    read_question,
    say_condition,
    write_question,
)

TERMS = {
    "state": Terms(FieldKind.CHOICE, "State Code", {"CA": "California", "NV": "Nevada"}),
    "line": Terms(FieldKind.TEXT, "Line of Authority"),
    "on": Terms(FieldKind.DATE, "Effective"),
    "fee": Terms(FieldKind.MONEY, "Fee"),
    "rows": Terms(FieldKind.NUMBER, "Rows"),
    "listed": Terms(FieldKind.FLAG, "Listed"),
    "states": Terms(FieldKind.CHOICES, "States", {"CA": "California", "NV": "Nevada"}),
}


@pytest.mark.parametrize(
    ("text", "field", "operator", "values"),
    [
        ("state:is:CA", "state", Operator.IS, ("CA",)),
        ("state:is:california", "state", Operator.IS, ("CA",)),
        ("state:in:CA; nv;;CA", "state", Operator.ONE_OF, ("CA", "NV")),
        ("line:is:Accident; Health: all", "line", Operator.IS, ("Accident; Health: all",)),
        ("line:empty", "line", Operator.EMPTY, ()),
        ("line:empty:nothing", "line", Operator.EMPTY, ()),
        ("on:before:1/2/2026", "on", Operator.BEFORE, ("2026-01-02",)),
        ("on:before:In 60 days", "on", Operator.BEFORE, ("60 days from now",)),
        ("on:is:Today", "on", Operator.IS, ("today",)),
        ("fee:after:$1,234.5", "fee", Operator.AFTER, ("1234.50",)),
        ("rows:is:1,000", "rows", Operator.IS, ("1000",)),
        ("listed:is:Yes", "listed", Operator.IS, ("yes",)),
        ("states:in:CA;Nevada", "states", Operator.ONE_OF, ("CA", "NV")),
    ],
)
def test_a_condition_is_read_however_a_person_wrote_it(
    text: str, field: str, operator: Operator, values: tuple[str, ...]
) -> None:
    assert read_condition(text, TERMS) == Condition(field, operator, values)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("color:is:red", "There is no field “color” here. Choose one of the list."),
        ("state:is:Atlantis", "State Code is never “Atlantis”. It is one of: California, Nevada …"),
        ("state:has:CA", "State Code cannot be compared in this way. It takes: equals, not equal to"),
        ("state", "State Code cannot be compared in this way."),
        ("line:is:", "Say with what Line of Authority is compared."),
        ("line:in: ; ;", "Say with what Line of Authority is compared."),
        ("on:is:soon", "Effective: write a day as YYYY-MM-DD or MM/DD/YYYY, not “soon”."),
        ("on:is:2026-02-30", "Effective: write a day as"),
        ("fee:is:lots", "Fee: write dollars as 12.50, not “lots”."),
        ("rows:is:1.5", "Rows: write a whole number, not “1.5”."),
        ("listed:is:maybe", "Listed is yes or no."),
        ("line:is:" + "x" * 201, "at most 500 values of 200 letters"),
    ],
)
def test_a_condition_that_means_nothing_is_refused_with_what_to_write(text: str, says: str) -> None:
    with pytest.raises(Refused) as told:
        read_condition(text, TERMS)
    assert says in str(told.value)


WORDS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=30).map(str.strip)
LINES = WORDS.filter(bool)
SEVERAL = st.lists(LINES.filter(lambda one: ";" not in one), min_size=1, max_size=3, unique=True)


@given(
    where=st.lists(
        st.one_of(
            st.builds(Condition, st.just("line"), st.just(Operator.IS), st.tuples(LINES)),
            st.builds(
                Condition,
                st.just("line"),
                st.just(Operator.ONE_OF),
                SEVERAL.map(tuple),
            ),
            st.builds(Condition, st.just("state"), st.just(Operator.IS_NOT), st.just(("CA",))),
            st.builds(
                Condition, st.sampled_from(sorted(TERMS)), st.just(Operator.FILLED), st.just(())
            ).filter(lambda one: one.field != "listed"),
        ),
        max_size=4,
        unique=True,
    ),
    columns=st.lists(st.sampled_from(sorted(TERMS)), unique=True),
    sort=st.sampled_from(["", "state", "-on"]),
    group=st.sampled_from(["", "state"]),
    mine=st.booleans(),
)
def test_what_is_written_is_read_again(
    where: list[Condition], columns: list[str], sort: str, group: str, mine: bool
) -> None:
    question = Question(tuple(columns), tuple(where), sort, group, mine)
    told = write_question(question)
    asked = {name: list(value) if isinstance(value, tuple) else [value] for name, value in told.items()}
    assert read_question(asked, TERMS) == (question, ())


def test_what_means_nothing_is_left_out_and_said() -> None:
    asked = {
        "columns": ["line,nonsense,state"],
        "where": ["state:is:CA", "state:is:Atlantis", "state:is:CA"],
        "sort": ["nonsense"],
        "group": ["nonsense"],
    }
    question, refused = read_question(asked, TERMS)
    assert question == Question(
        ("line", "state"),
        (Condition("state", Operator.IS, ("CA",)),),
        unread=(("where", "state:is:Atlantis"),),
    )
    assert len(refused) == 1
    assert "Atlantis" in refused[0]
    # What cannot be read is written all the same: nobody asks for more than the address did.
    assert write_question(question)["where"] == ("state:is:CA", "state:is:Atlantis")


def test_only_so_many_conditions_count() -> None:
    asked = {"where": [f"line:has:{number}" for number in range(25)]}
    question, refused = read_question(asked, TERMS)
    assert len(question.where) == 20
    assert refused == ("Only the first 20 conditions count.",)
    again = read_question({"where": list(write_question(question)["where"])}, TERMS)
    assert again.refused == refused


def test_only_what_can_be_ordered_by_orders() -> None:
    asked = {"sort": ["-line"]}
    assert read_question(asked, TERMS, sortable=["state"]).question.sort == ""
    assert read_question(asked, TERMS, sortable=["line"]).question.sort == "-line"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("state:in:CA;NV", "State Code is one of California, Nevada"),
        ("fee:after:5", "Fee more than $5.00"),
        ("on:before:2026-01-02", "Effective before 2026-01-02"),
        ("line:filled", "Line of Authority is not empty"),
    ],
)
def test_a_condition_is_said_in_words(text: str, words: str) -> None:
    condition = read_condition(text, TERMS)
    assert say_condition(condition, TERMS[condition.field]) == words


def test_every_kind_of_field_can_be_asked_and_every_operator_has_a_name() -> None:
    assert set(OPERATORS) == set(FieldKind)
    assert all(operator_label(one, kind) for kind, takes in OPERATORS.items() for one in takes)
    assert {Operator.EMPTY, Operator.FILLED} == WITHOUT_VALUE
