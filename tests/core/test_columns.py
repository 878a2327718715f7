from __future__ import annotations

import json
from typing import Any

import pytest

from muster.core.columns import CACHED, Column, Columns, masked, our_columns, without_ssns
from muster.core.values import clean_npn, clean_state, list_of

from .uploads import COLUMNS, GOOD, HEADER, tell


def codes(findings: list[Any]) -> list[str]:
    return [one.code for one in findings]


@pytest.mark.parametrize(
    "name",
    ["Agent NPN", "agent npn", "AGENT_NPN", "agent-npn", "AgentNPN", "  Agent  NPN ", "NPN", "npn*", "Npn",
     "National Producer Number", "\ufeffNPN"],
)  # fmt: skip
def test_a_column_is_known_by_any_of_its_names(name: str) -> None:
    match = COLUMNS.match([name, "last name"])
    assert {index: column.key for index, column in match.mapping.items()} == {0: "npn", 1: "last_name"}
    assert match.findings == []


def test_columns_may_stand_in_any_order_among_unknown_ones() -> None:
    match = COLUMNS.match(["Shoe Size", "Surname", "", "NPN"])
    assert {index: column.key for index, column in match.mapping.items()} == {1: "last_name", 3: "npn"}
    assert match.unknown == ["Shoe Size"]
    assert [(one.code, one.field) for one in match.findings] == [("COL-I001", "Shoe Size")]


def test_a_column_given_twice_and_a_missing_one_are_found() -> None:
    match = COLUMNS.match(["NPN", "Agent NPN"])
    assert [(one.code, one.field) for one in match.findings] == [
        ("COL-E002", "Agent NPN"),
        ("COL-E003", "Last Name"),
    ]
    assert tell(match.findings[0]) == "The column Agent NPN is there 2 times: NPN, Agent NPN."


def test_what_a_results_file_added_is_recognized_and_left_out() -> None:
    match = COLUMNS.match(["NPN", "Last Name", "Row", "Outcome", "Reason", "More"])
    assert match.unknown == ["More"]
    assert our_columns(["Row", "Outcome"]) == range(0)
    assert our_columns(["Row", "Outcome", "Reason"]) == range(0, 3)


def test_two_columns_of_one_name_are_refused() -> None:
    with pytest.raises(ValueError, match="Two columns"):
        Columns([Column("npn", "NPN"), Column("agent", "Agent", aliases=("n p n",))])


def test_a_good_row_becomes_data_that_json_can_hold() -> None:
    data, findings = COLUMNS.clean_row(GOOD, row=2)
    assert findings == []
    assert data == {
        "npn": "1234567",
        "last_name": "Field",
        "email": "robin@harbor.example",
        "ssn": "123456789",
        "categories": ["life", "health"],
        "states": ["TX", "CA"],
        "scorecard_type": "license",
        "cocodes": ["12345"],
        "effective_on": "2026-01-05",
    }
    assert json.loads(json.dumps(data)) == data


def test_every_problem_of_a_row_is_found_in_one_pass() -> None:
    data, findings = COLUMNS.clean_row(
        ["12a", " ", "robin", "1", "lif", "ZZ;Calif.", "", "7", "1/1/26"], row=9
    )
    assert data == {"cocodes": ["00007"]}
    assert [(one.code, one.field, one.value) for one in findings] == [
        ("NPN-E001", "Agent NPN", "12a"),
        ("EMAIL-E001", "Agent Email", "robin"),
        ("SSN-E001", "Agent SSN", "*"),
        ("VAL-E002", "LOA Category", "lif"),
        ("STATE-E001", "States", "ZZ"),
        ("STATE-E002", "States", "Calif."),
        ("COCODE-W001", "CoCode", "7"),
        ("DATE-E002", "Effective Date", "1/1/26"),
        ("ROW-E001", "Last Name", None),
    ]
    assert {one.row for one in findings} == {9}
    assert all(tell(one) for one in findings)


def test_blank_cells_and_missing_ones_are_left_out_of_the_data() -> None:
    assert COLUMNS.clean_row(["1", "Field", "", " "]) == ({"npn": "1", "last_name": "Field"}, [])


def test_a_header_that_stands_among_the_rows_is_one_finding() -> None:
    match = COLUMNS.match(["Agent NPN", "Notes", "Last Name", "Email"])
    clean = match.row_cleaner()
    for again in (["Agent NPN", "Notes", "Last Name", "Email"], ["npn", "", "LAST_NAME", "agent email", ""]):
        data, (found,) = clean(again, row=7)
        assert (data, found.code, found.row) == ({}, "ROW-E007", 7)
    for other in (["Agent NPN", "Notes", "Last Name", "x"], ["Agent NPN", "Notes", "Last Name"]):
        assert "NPN-E001" in codes(clean(other)[1])
    assert codes(COLUMNS.clean_row(HEADER)[1]) == ["ROW-E007"]


def test_a_refused_value_is_not_called_missing_too() -> None:
    assert codes(COLUMNS.clean_row(["0", "Field"])[1]) == ["NPN-E002"]


def test_a_row_of_a_form_is_cleaned_by_key() -> None:
    data, findings = COLUMNS.clean_row({"npn": "7", "states": "tx"})
    assert data == {"npn": "7", "states": ["TX"]}
    assert [(one.code, one.field) for one in findings] == [("ROW-E001", "Last Name")]


def test_a_row_is_cleaned_in_the_order_of_its_header() -> None:
    match = COLUMNS.match(["Last Name", "x", "NPN"])
    assert COLUMNS.clean_row(["Field", "y", "7"], match=match)[0] == {"last_name": "Field", "npn": "7"}
    assert match.row_cleaner()(["Field", "y", "7"])[0] == {"last_name": "Field", "npn": "7"}


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("=A1+1", "VAL-E004"),
        ("'=A1", "VAL-E004"),
        ('="00123"', "VAL-E004"),
        ("\u200f=A1", "VAL-E004"),
        ("#REF!", "VAL-E005"),
        (" #N/A", "VAL-E005"),
    ],
)
def test_a_formula_is_no_value(text: str, code: str) -> None:
    data, findings = COLUMNS.clean_row(["1", text])
    assert (data, codes(findings)) == ({"npn": "1"}, [code])


def test_a_wrong_value_is_mapped_wherever_it_stands() -> None:
    mappings = {"states": {"Calif.": "CA", "West Coast": "CA;OR;WA"}, "last_name": {"=x": "Field"}}
    clean = COLUMNS.match(HEADER).row_cleaner(mappings=mappings)
    row = ["1", "=x", "", "", "", " Calif. ;TX;West Coast"]
    assert clean(row) == ({"npn": "1", "last_name": "Field", "states": ["CA", "TX", "OR", "WA"]}, [])
    assert codes(COLUMNS.clean_row(row)[1]) == ["VAL-E004", "STATE-E002", "STATE-E001"]


def test_sensitive_text_is_never_shown() -> None:
    for text in ("12345678", "000-12-3456", "=123456789", "not-yet-1234", "***-**-6789", "6789"):
        (one,) = COLUMNS.clean_row({"npn": "1", "last_name": "A", "ssn": text})[1]
        shown = f"{one.value} {dict(one.params)} {tell(one)}"
        assert text not in shown or text.startswith("***")
        assert one.value is not None
        assert one.value.startswith("*")


@pytest.mark.parametrize(
    "ssn",
    [
        "123456789",
        "123-45-6789",
        "123 45 6789",
        "123\u00a045\u00a06789",
        "12-3456789",
        "123.45.6789",
        "123–45–6789",
    ],
)
@pytest.mark.parametrize("around", ["{}", "SSN {}", "{};life", "x{}@x", "2026 {}"])
@pytest.mark.parametrize("key", ["email", "states", "categories", "scorecard_type", "effective_on"])
def test_an_ssn_in_another_column_is_never_shown(key: str, around: str, ssn: str) -> None:
    _, findings = COLUMNS.clean_row({"npn": "1", "last_name": "A", key: around.format(ssn)})
    assert findings
    for one in findings:
        shown = f"{one.value} {dict(one.params)} {tell(one)}"
        assert "123" not in shown
        assert "45" not in shown


def test_an_ssn_in_a_suggestion_or_a_name_is_not_shown() -> None:
    _, findings = COLUMNS.clean_row(
        {"npn": "1", "last_name": "A\u200f 123456789", "categories": "life,123456789"}
    )
    assert codes(findings) == ["VAL-W001", "VAL-E003"]
    assert "12345" not in "".join(f"{one.value} {dict(one.params)}" for one in findings)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("123456789", "123456789"),
        ("123-45-6789", "***-**-6789"),
        ("123 45 6789", "***-**-6789"),
        ("SSN 123456789", "SSN ***-**-6789"),
        ("12345678901", "12345678901"),
    ],
)
def test_a_column_of_numbers_shows_nine_digits_unless_they_are_written_as_an_ssn(
    text: str, shown: str
) -> None:
    (one,) = COLUMNS.clean_row({"npn": "1", "last_name": "A", "cocodes": text})[1]
    assert one.value == shown


@pytest.mark.parametrize("text", ["1234567890", "12345678", "2026-01-05", "555-123-4567", "75001"])
def test_other_numbers_are_shown_as_they_are(text: str) -> None:
    assert without_ssns(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("123456789", "***-**-6789"),
        ("123-45-6789", "***-**-6789"),
        ("12345678", "****5678"),
        ("1234", "****"),
        ("", ""),
    ],
)
def test_masking_leaves_the_last_four(text: str, shown: str) -> None:
    assert masked(text) == shown


def test_a_very_long_value_is_shown_in_part() -> None:
    (one,) = COLUMNS.clean_row(["1", "x" * 5000])[1]
    assert one.value is not None
    assert len(one.value) == 200


def test_what_is_remembered_of_a_file_stays_small_and_changes_nothing() -> None:
    clean = COLUMNS.match(HEADER).row_cleaner()
    for number in range(1, CACHED + 500):
        row = [str(number), f"Field {number % 3}", "", "", "life", "TX"]
        data, findings = clean(row, row=number)
        assert (data, findings) == COLUMNS.clean_row(row, row=number)
        data["states"].append("spoiled")  # type: ignore[union-attr]


def test_a_column_of_many_values_wraps_the_cleaner_of_one_unless_that_is_done() -> None:
    one = Column("states", "States", clean=clean_state, many=True)
    done = Column("states", "States", clean=list_of(clean_state), many=True)
    assert one.cleaner("TX;CA") == done.cleaner("TX;CA") == (["TX", "CA"], ())


def test_a_column_without_a_cleaner_takes_its_choices_or_any_text() -> None:
    assert Column("a", "A", choices={"x": "Ex"}).cleaner("ex") == ("x", ())
    assert Column("a", "A").cleaner("  any   text ") == ("any text", ())


def test_columns_are_a_collection() -> None:
    assert [column.key for column in COLUMNS][:2] == ["npn", "last_name"]
    assert len(COLUMNS) == len(HEADER)
    assert COLUMNS["npn"].clean is clean_npn
