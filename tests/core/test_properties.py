"""What holds for every file, however it was made or damaged."""

from __future__ import annotations

import csv
import io
import random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from muster.core.columns import Value
from muster.core.values import (
    Cleaner,
    clean_cocode,
    clean_date,
    clean_email,
    clean_fein,
    clean_name,
    clean_npn,
    clean_ssn,
    clean_state,
    list_of,
    one_of,
    refused,
)
from muster.core.writing import Result, neutral, results_rows, write_csv

from .uploads import COLUMNS, GOOD, HEADER, Read, Sheet, csv_bytes, read, repacked, tell, workbook

# The same examples in each run: what fails here fails everywhere.
steady = settings(
    deadline=None, max_examples=150, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)

CLEANERS = [clean_npn, clean_ssn, clean_cocode, clean_fein, clean_state, clean_email, clean_date, clean_name,
            one_of(["life", "health"]), list_of(clean_state)]  # fmt: skip

# Signs that matter to some cleaner or reader come up often.
SIGNS = st.sampled_from(
    [*"0123456789-=+@';,. \"\t\r\nEex/*#é", "\u00a0", "\u200f", "\u200b", "\ufeff", "\x00"]
)
TEXT = st.one_of(
    st.text(SIGNS, max_size=14),
    st.text(max_size=14),
    st.sampled_from([*GOOD, "Calif.", "12345678", "+a@b.example", "-Field"]),
)
CELL = st.text(
    st.one_of(
        st.sampled_from([*"0123456789-=+@';,. \"\t\r\nEex/*#é", "\u00a0", "\u200f", "\ufeff"]),
        st.characters(exclude_categories=["Cs", "Cc"]),
    ),
    max_size=10,
)
WORKBOOK_CELL = st.text(st.characters(exclude_categories=["Cs", "Cc", "Cn"]), max_size=10)
ROWS = st.lists(
    st.one_of(st.lists(CELL, min_size=9, max_size=9), st.just(GOOD), st.just([]), st.just([" ", ""])),
    max_size=12,
)


def quoted(rows: list[list[str]]) -> bytes:
    """A CSV file as a spreadsheet would save it."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerows([HEADER, *rows])
    return text.getvalue().encode()


def cleaned(got: Read) -> list[tuple[dict[str, Value], list[tuple[str, str | None, str | None]]]]:
    """What each row became, without its number."""
    clean = got.table.match.row_cleaner()
    return [
        (data, sorted((one.code, one.field, one.value or "") for one in [*row.problems, *findings]))
        for row in got.rows
        for data, findings in [clean(row.cells, row=row.row_no)]
    ]


@given(ROWS)
@steady
def test_every_row_is_accounted_for_once_with_its_number_in_excel(rows: list[list[str]]) -> None:
    got = read(quoted(rows))
    filled = {number for number, row in enumerate(rows, start=2) if "".join(row).strip()}
    assert got.row_numbers == sorted(filled)
    if got.table.ok:
        assert got.table.blank_rows == len(rows) - len(filled)
    assert [row.cells[: len(HEADER)] for row in got.rows] == [row for row in rows if "".join(row).strip()]


@given(st.lists(st.lists(WORKBOOK_CELL, min_size=9, max_size=9), max_size=8))
@settings(steady, max_examples=40)
def test_a_workbook_and_a_csv_file_of_the_same_rows_read_alike(rows: list[list[str]]) -> None:
    rows = [[f"x{cell}" for cell in row] for row in rows]
    as_csv, as_xlsx = read(quoted(rows)), read(workbook(Sheet("a", [HEADER, *rows])))
    assert as_xlsx.row_numbers == as_csv.row_numbers
    assert [row.cells for row in as_xlsx.rows] == [row.cells for row in as_csv.rows]


@given(ROWS)
@steady
def test_a_file_checked_twice_has_the_same_findings(rows: list[list[str]]) -> None:
    once, again = read(quoted(rows)), read(quoted(rows))
    assert once.table.findings == again.table.findings
    assert once.rows == again.rows
    assert cleaned(once) == cleaned(again)


@given(ROWS, st.randoms(use_true_random=False))
@steady
def test_rows_in_another_order_become_the_same_in_that_order(
    rows: list[list[str]], chance: random.Random
) -> None:
    rows = [row for row in rows if "".join(row).strip()]
    order = list(range(len(rows)))
    chance.shuffle(order)
    straight = cleaned(read(quoted(rows)))
    assert cleaned(read(quoted([rows[index] for index in order]))) == [straight[index] for index in order]


@given(ROWS, st.integers(min_value=0, max_value=12))
@steady
def test_a_file_split_in_two_gives_the_rows_of_the_whole(rows: list[list[str]], at: int) -> None:
    first, second = read(quoted(rows[:at])), read(quoted(rows[at:]))
    assert cleaned(first) + cleaned(second) == cleaned(read(quoted(rows)))


@given(ROWS)
@steady
def test_a_results_file_says_the_same_as_the_file_it_came_from(rows: list[list[str]]) -> None:
    got = read(quoted(rows))
    file = io.BytesIO()
    results = [Result(row.row_no, row.cells, "rejected", "=reason") for row in got.rows]
    write_csv(results_rows(got.table.header, results), file)
    again = read(file.getvalue())
    if got.rows:
        assert again.table.ok
        assert cleaned(again) == cleaned(got)


@given(st.sampled_from(CLEANERS), TEXT)
@steady
def test_a_cleaner_gives_a_value_or_a_reason_and_never_raises(clean: Cleaner, text: str) -> None:
    value, problems = clean(text)
    assert not (refused(problems) and value is not None)


@given(st.sampled_from(CLEANERS), TEXT)
@steady
def test_a_cleaned_value_cleans_to_itself(clean: Cleaner, text: str) -> None:
    value, _ = clean(text)
    if value is not None:
        written = ";".join(value) if isinstance(value, list) else str(value)
        assert clean(written)[0] == value


@given(st.sampled_from(CLEANERS), TEXT)
@steady
def test_a_text_made_neutral_means_the_same(clean: Cleaner, text: str) -> None:
    assert clean(neutral(text)) == clean(text)
    assert not neutral(text).startswith(("=", "+", "-", "@", "\t", "\r"))


@given(st.lists(TEXT, min_size=9, max_size=9))
@steady
def test_a_row_made_neutral_has_the_same_findings(cells: list[str]) -> None:
    assert COLUMNS.clean_row([neutral(cell) for cell in cells]) == COLUMNS.clean_row(cells)


@given(st.lists(TEXT, min_size=9, max_size=9))
@steady
def test_every_finding_of_a_row_can_be_told_without_its_ssn(cells: list[str]) -> None:
    _, findings = COLUMNS.clean_row(cells, row=2)
    for one in findings:
        told = tell(one)
        ssn = cells[3].strip()
        if one.field == "Agent SSN" and len(ssn) > 4 and not ssn.startswith("*"):
            assert ssn not in told


FILES = {
    "csv": csv_bytes(*[GOOD] * 30),
    "xlsx": workbook(Sheet("a", [HEADER, *[GOOD] * 30])),
    "utf-16": csv_bytes(*[GOOD] * 9, encoding="utf-16"),
}


@pytest.mark.parametrize("kind", FILES)
@given(
    damage=st.lists(
        st.tuples(
            st.integers(min_value=0),
            st.one_of(st.binary(max_size=3), st.sampled_from([b'"', b"\x00", b"\xff", b"\r"])),
        ),
        min_size=1,
        max_size=8,
    ),
    cut=st.one_of(st.none(), st.integers(min_value=0)),
)
@settings(steady, max_examples=250)
def test_random_damage_gives_findings_or_rows_and_never_raises(
    kind: str, damage: list[tuple[int, bytes]], cut: int | None
) -> None:
    spoiled = bytearray(FILES[kind])
    for place, new in damage:
        place %= len(spoiled)
        spoiled[place : place + len(new)] = new
    got = read(bytes(spoiled[: cut % len(spoiled)] if cut is not None else spoiled))
    clean = got.table.match.row_cleaner()
    for row in got.rows:
        assert "\x00" not in "".join(row.cells)
        "".join(row.cells).encode()  # no half of a surrogate pair: the database could not keep it
        clean(row.cells, row=row.row_no)
    assert got.rows or got.table.findings


@given(st.binary(max_size=3000))
@steady
def test_any_bytes_at_all_give_findings(content: bytes) -> None:
    assert read(content).table.findings


PARTS = [
    "xl/worksheets/sheet1.xml",
    "xl/workbook.xml",
    "xl/_rels/workbook.xml.rels",
    "xl/sharedStrings.xml",
    "xl/styles.xml",
]


@pytest.mark.parametrize("part", PARTS)
@given(
    place=st.integers(min_value=0),
    new=st.one_of(
        st.binary(max_size=4),
        st.sampled_from(
            [
                b"<",
                b">",
                b'"',
                b"&",
                b"</c>",
                b"<f>",
                b'r="ZZZ9"',
                b"&#x0;",
                b"9999999999",
                b"-1",
                b'count="-5"',
            ]
        ),
    ),
)
@settings(steady, max_examples=80)
def test_damage_inside_of_a_workbook_never_raises(part: str, place: int, new: bytes) -> None:
    def spoil(xml: bytes) -> bytes:
        at = place % len(xml)
        return xml[:at] + new + xml[at + len(new) :]

    got = read(repacked(SMALL_WORKBOOK, {part: spoil}))
    assert got.rows or not got.table.ok


SMALL_WORKBOOK = workbook(Sheet("a", [HEADER, GOOD, [1, 2.5, True]]))
