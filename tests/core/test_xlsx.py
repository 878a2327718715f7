from __future__ import annotations

import errno
import io
import re
import tracemalloc
from datetime import date, datetime, time

import pytest

from muster.core.sheets import Limits, open_table
from muster.core.sheets.xlsx_scan import Workbook, column_letters

from .uploads import COLUMNS, GOOD, HEADER, Sheet, agents, read, repacked, workbook

SHEET = "xl/worksheets/sheet1.xml"
PAIR = ["Agent NPN", "Last Name"]


def test_rows_are_numbered_as_excel_numbers_them() -> None:
    got = read(agents(GOOD, [], GOOD, [None, "  "], GOOD))
    assert (got.table.kind, got.table.sheet_name, got.table.ok) == ("xlsx", "agents", True)
    assert (got.row_numbers, got.table.blank_rows) == ([2, 4, 6], 2)
    assert got.rows[0].cells == GOOD


def test_a_table_need_not_begin_in_the_first_cell() -> None:
    got = read(workbook(Sheet("a", [[], ["", "Agents of Harbor"], [], ["", *PAIR], ["", "1", "Field"]])))
    assert (got.table.header_row, got.table.header, got.row_numbers) == (4, ["", *PAIR], [5])
    assert got.codes == ["FILE-I005"]
    assert got.table.match.row_cleaner()(got.rows[0].cells) == ({"npn": "1", "last_name": "Field"}, [])


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ("00123", "00123"),
        (" Mary\nAnn ", " Mary\nAnn "),
        (1234567, "1234567"),
        (1234567.0, "1234567"),
        (1234567890, "1234567890"),
        (123456789012345, "123456789012345"),
        (0.1, "0.1"),
        (1e-7, "0.0000001"),
        (True, "TRUE"),
        (False, "FALSE"),
        (date(2026, 1, 31), "2026-01-31"),
        (datetime(2026, 1, 31), "2026-01-31"),  # noqa: DTZ001 - spreadsheets know no time zones
        (datetime(2026, 1, 31, 13, 30), "2026-01-31 13:30:00"),  # noqa: DTZ001
        ("=1+1", "=1+1"),
    ],
)
def test_a_cell_becomes_the_text_that_a_person_would_type(cell: object, text: str) -> None:
    sheet = Sheet("a", [PAIR, ["1", cell]])
    content = workbook(sheet) if cell != "=1+1" else _with_text_formula()
    assert read(content).rows[0].cells == ["1", text]


def _with_text_formula() -> bytes:
    return repacked(
        workbook(Sheet("a", [PAIR, ["1", "EQUALS"]])),
        {"xl/sharedStrings.xml": lambda xml: xml.replace(b"EQUALS", b"=1+1")},
    )


def test_a_time_of_day_is_text_too() -> None:
    assert (
        read(workbook(Sheet("a", [PAIR, ["1", time(13, 30)]]))).rows[0].cells[1].startswith(("13:30", "0.5"))
    )


def test_the_first_visible_sheet_with_known_columns_is_read() -> None:
    got = read(
        workbook(
            Sheet("cover", [["Agents of Harbor"], ["as of", "January"]]),
            Sheet("hidden", [PAIR, ["9", "Hidden"]], hidden=True),
            Sheet("agents", [PAIR, ["1", "Field"]]),
            Sheet("more", [PAIR, ["2", "Reed"]]),
        )
    )
    assert (got.table.sheet_name, got.row_numbers) == ("agents", [2])
    assert [(one.code, one.params["sheets"]) for one in got.table.findings] == [
        ("FILE-I003", "cover, more"),
        ("FILE-I002", "hidden"),
    ]


def test_the_other_tabs_of_a_template_may_stand_anywhere() -> None:
    got = read(
        workbook(
            Sheet("accepted_values", [["LOA Category", "States"], ["life", "TX"]]),
            Sheet("how_to", [["Column"], ["Agent NPN"]]),
            Sheet("agents", [PAIR, ["1", "Field"]]),
        )
    )
    assert (got.table.sheet_name, got.codes) == ("agents", [])


def test_a_workbook_without_known_columns_says_where_it_looked() -> None:
    got = read(
        workbook(Sheet("a", [["x", "y"], ["1", "2"]]), Sheet("b", []), Sheet("c", [PAIR], hidden=True))
    )
    assert (got.codes, got.table.findings[0].params["sheets"]) == (["FILE-E017"], "a, b")


def test_a_sheet_with_only_a_header_is_told() -> None:
    assert read(agents()).codes == ["FILE-E014"]


def test_merged_cells_under_the_header_are_a_warning() -> None:
    got = read(agents(GOOD, GOOD, GOOD, merged=["B3:B4"]))
    assert (got.codes, got.table.findings[0].params["first"]) == (["FILE-W001"], "B3")
    titled = workbook(Sheet("a", [[], PAIR, ["1", "Field"]]), merged=["A1:B1"])
    assert read(titled).codes == ["FILE-I005"]


def test_hidden_rows_are_read_and_told() -> None:
    got = read(agents(GOOD, GOOD, GOOD, hidden_rows=[1, 3]))
    assert (got.row_numbers, got.codes, got.table.findings[0].params["count"]) == (
        [2, 3, 4],
        ["FILE-I004"],
        2,
    )


def test_a_formula_gives_its_value() -> None:
    got = read(workbook(Sheet("a", [PAIR]), formulas=[("A2", "=1+6", 7), ("B2", '="Fi"&"eld"', "Field")]))
    assert (got.rows[0].cells, got.row_codes) == (["7", "Field"], {})


def test_a_formula_that_failed_is_shown_as_its_error() -> None:
    got = read(workbook(Sheet("a", [PAIR, ["1"]]), formulas=[("B2", "=A99", "#REF!")]))
    data, findings = got.table.match.row_cleaner()(got.rows[0].cells, row=2)
    assert data == {"npn": "1"}
    assert [(one.code, one.value) for one in findings] == [("VAL-E005", "#REF!")]


def with_cell(cell: bytes) -> bytes:
    """A workbook whose cell B3 is as given; its style 1 is that of a date."""
    rows = [PAIR, ["1", "Field"], ["2", 77], ["3", "Reed"], ["4", date(2026, 1, 31)]]
    content = workbook(Sheet("cover", [["Agents"]]), Sheet("a", rows), Sheet("b", [PAIR]))
    return repacked(
        content, {SHEET.replace("1", "2"): lambda xml: re.sub(b'<c r="B3"><v>77</v></c>', cell, xml)}
    )


@pytest.mark.parametrize(
    "error", ["#SPILL!", "#CALC!", "#GETTING_DATA", "#FIELD!", "#BLOCKED!", "#N/A", "#NULL!", "#NEWS!"]
)
def test_an_error_of_any_kind_spoils_its_cell_alone(error: str) -> None:
    shown = error if error != "#NEWS!" else "#VALUE!"
    for cell in ('<c r="B3" t="e"><v>%s</v></c>', '<c r="B3" s="1" t="e" cm="1"><f>A1</f><v>%s</v></c>'):
        got = read(with_cell((cell % error).encode()))
        assert [row.cells[1] for row in got.rows] == ["Field", shown, "Reed", "2026-01-31"]
        assert got.codes == ["FILE-I003"]
        _, (found,) = got.table.match.row_cleaner()(got.rows[1].cells)
        assert (found.code, found.value) == ("VAL-E005", shown)


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (b'<c r="B3"><v>1.23457E+09</v></c>', "1.23457E+09"),
        (b'<c r="B3" t="n" s="0"><f>A1</f><v>1e+06</v></c>', "1e+06"),
        (b'<c r="B3"><v>1.234567891E+09</v></c>', "1234567891"),
        (b'<c r="B3"><v>1.6E7</v></c>', "16000000"),  # so write those who leave out no digit but zeros
        (b'<c r="B3"><v>1E-2</v></c>', "0.01"),
        (b'<c r="B3" t="str"><f>A1</f><v>1.23457E+09</v></c>', "1.23457E+09"),
        (b'<c r="B3" s="1"><v>-5</v></c>', "-5"),
        (b'<c r="B3" s="1"><v>-5.25</v></c>', "-5.25"),
        (b'<c r="B3"><v>-5</v></c>', "-5"),
    ],
)
def test_a_number_that_would_be_misread_is_told_as_it_is_stored(cell: bytes, text: str) -> None:
    got = read(with_cell(cell))
    assert [row.cells[1] for row in got.rows] == ["Field", text, "Reed", "2026-01-31"]


def test_a_number_that_lost_digits_is_no_npn() -> None:
    content = workbook(Sheet("a", [PAIR, [77, "Field"]]))
    rounded = repacked(content, {SHEET: lambda xml: xml.replace(b"<v>77</v>", b"<v>1.23457E+09</v>")})
    got = read(rounded)
    _, (found,) = got.table.match.row_cleaner()(got.rows[0].cells)
    assert (found.code, found.value) == ("NPN-E004", "1.23457E+09")


@pytest.mark.parametrize(
    "cell", [b"<f>A1</f>", b"<f>A1</f><v></v>", b"<f>A1</f><v/>", b'<f t="shared" si="0"/>']
)
def test_a_formula_that_was_never_computed_is_an_error_of_its_row(cell: bytes) -> None:
    content = workbook(Sheet("a", [[*PAIR, "Other"], ["1", "Field", "X"], ["2", 77, "X"]]))
    broken = repacked(content, {SHEET: lambda xml: re.sub(b"<v>77</v>", cell, xml)})
    assert read(broken).row_codes == {3: ["ROW-E006"]}


def test_rows_of_nothing_but_formulas_that_were_never_computed_are_not_lost() -> None:
    content = workbook(Sheet("a", [PAIR, ["1", "Field"], [], [], [77, 77], [77]]))
    broken = repacked(content, {SHEET: lambda xml: xml.replace(b"<v>77</v>", b"<f>A2</f>")})
    got = read(broken)
    assert (got.row_numbers, got.table.blank_rows) == ([2, 5, 6], 2)
    assert got.row_codes == {5: ["ROW-E006"], 6: ["ROW-E006"]}
    only = workbook(Sheet("a", [PAIR, [77, 77]]))
    assert read(repacked(only, {SHEET: lambda xml: xml.replace(b"<v>77</v>", b"<f>A1</f>")})).row_codes == {
        2: ["ROW-E006"]
    }


def test_a_failed_formula_beyond_the_last_value_is_seen() -> None:
    got = read(
        workbook(Sheet("a", [PAIR, ["1", "Field"]]), formulas=[("A4", "=X1", "#N/A"), ("D2", "=X1", "#N/A")])
    )
    assert [(row.row_no, row.cells) for row in got.rows] == [
        (2, ["1", "Field", "", "#N/A"]),
        (4, ["#N/A", ""]),
    ]
    assert got.row_codes == {2: ["ROW-E002"]}


def test_a_formula_that_gives_an_empty_text_or_stands_in_a_column_not_known_is_no_error() -> None:
    content = workbook(Sheet("a", [[*PAIR, "Other"], ["1", "Field", 77]]))
    broken = repacked(content, {SHEET: lambda xml: xml.replace(b"<v>77</v>", b"<f>A1</f>")})
    assert read(broken).row_codes == {}
    empty = workbook(Sheet("a", [PAIR, ["1"]]), formulas=[("B2", '=""', "")])
    computed = repacked(empty, {SHEET: lambda xml: xml.replace(b'r="B2"', b'r="B2" t="str"')})
    assert read(computed).row_codes == {}


def test_a_row_with_values_beyond_the_header_is_an_error() -> None:
    got = read(workbook(Sheet("a", [PAIR, ["1", "Field", "", "x"], ["2", "Reed"]])))
    assert got.row_codes == {2: ["ROW-E002"]}


def test_tags_with_a_prefix_are_understood() -> None:
    def prefixed(xml: bytes) -> bytes:
        return re.sub(rb"<(/?)(?!\?)(?=[a-zA-Z])", rb"<\1x:", xml).replace(b"xmlns=", b"xmlns:x=")

    content = workbook(Sheet("a", [PAIR, ["1", 77], ["2", "Reed"]]), hidden_rows=[2])
    broken = repacked(content, {SHEET: lambda xml: prefixed(xml.replace(b"<v>77</v>", b"<f>A1</f>"))})
    got = read(broken)
    assert (got.row_codes, got.row_numbers, got.codes) == ({2: ["ROW-E006"]}, [2, 3], ["FILE-I004"])


def test_more_rows_than_the_limit_are_refused() -> None:
    content = workbook(Sheet("a", [PAIR, *([str(n), "A"] for n in range(1, 12))]))
    assert read(content, xlsx_rows=11).table.ok
    got = read(content, xlsx_rows=10)
    assert (got.codes, len(got.rows), got.table.ok) == (["FILE-E003"], 10, False)


def test_far_more_rows_than_the_limit_are_refused_before_the_sheet_is_taken_into_memory() -> None:
    content = workbook(Sheet("a", [PAIR, *([str(n), "A"] for n in range(1, 200))]))
    got = read(content, xlsx_rows=50, xlsx_cells=100)
    assert (got.codes, got.rows, got.table.sheet_name) == (["FILE-E003"], [], None)


def test_a_cell_in_the_last_corner_is_refused_before_the_sheet_is_taken_into_memory() -> None:
    for far in (b"XFD1048576", b"A1048576"):
        content = workbook(Sheet("a", [PAIR, ["1", "Field"], [77]]))
        moved = repacked(
            content,
            {
                SHEET: lambda xml, far=far: xml.replace(b'<row r="3"', b'<row r="1048576"').replace(
                    b'r="A3"', b'r="%s"' % far
                )
            },
        )
        got = read(moved, xlsx_cells=100_000, xlsx_rows=2_000_000)
        assert got.codes == ["FILE-E018"]


def test_a_reference_written_in_an_unusual_way_is_measured_as_well() -> None:
    content = workbook(Sheet("a", [PAIR, ["1", "Field"], [77]]))
    moved = repacked(
        content,
        {
            SHEET: lambda xml: xml.replace(b'<row r="3"', b"<row r='1048576'").replace(
                b'r="A3"', b"r = 'XFD1048576'"
            )
        },
    )
    assert read(moved, xlsx_rows=2_000_000_000).codes == ["FILE-E018"]


def test_cells_that_only_have_a_format_do_not_count() -> None:
    content = workbook(Sheet("a", [PAIR, ["1", "Field"]]))
    styled = repacked(
        content,
        {
            SHEET: lambda xml: xml.replace(
                b"</sheetData>", b'<row r="1048576"><c r="XFD1048576" s="0"/></row></sheetData>'
            )
        },
    )
    got = read(styled)
    assert (got.codes, got.row_numbers) == ([], [2])


def test_three_hundred_columns_are_one_finding() -> None:
    got = read(workbook(Sheet("a", [[*PAIR, *(f"c{n}" for n in range(298))], ["1", "A"]])))
    assert (got.codes, got.rows) == (["COL-E004"], [])


def with_rows(*rows: bytes) -> bytes:
    """A workbook whose sheet is a header and rows of XML."""
    content = workbook(Sheet("a", [PAIR]))
    return repacked(
        content, {SHEET: lambda xml: xml.replace(b"</sheetData>", b"".join(rows) + b"</sheetData>")}
    )


UNCOMPUTED = [
    b'<row r="%d"><c r="A%d"><f>B1</f></c><c r="B%d"><f>A1</f></c></row>' % (n, n, n) for n in range(2, 302)
]


def test_formulas_that_were_never_computed_cost_next_to_no_memory() -> None:
    columns = [column_letters(index).encode() for index in range(20)]
    cell = b'<c r="%s%d"><f/></c><c r="%s%d" t="e"><v>#N/A</v></c>'
    rows = [
        b'<row r="%d">%s</row>'
        % (
            n,
            b"".join(cell % (odd, n, even, n) for odd, even in zip(columns[::2], columns[1::2], strict=True)),
        )
        for n in range(2, 10_002)
    ]
    book = Workbook(io.BytesIO(with_rows(*rows)))
    tracemalloc.start()
    facts = book.scan(SHEET, Limits())
    kept, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (len(facts.peculiar), facts.peculiar_cells) == (10_000, 200_000)
    assert kept < 5_000_000


def test_no_more_is_kept_of_peculiar_cells_than_a_sheet_may_have() -> None:
    facts = Workbook(io.BytesIO(with_rows(*UNCOMPUTED))).scan(SHEET, Limits(xlsx_cells=100))
    assert facts.peculiar_cells == 101
    assert read(with_rows(*UNCOMPUTED), xlsx_cells=100).codes == ["FILE-E018"]
    got = read(with_rows(*UNCOMPUTED), xlsx_rows=100)
    assert (got.codes, got.table.sheet_name) == (["FILE-E003"], None)


@pytest.mark.parametrize(
    "cell",
    [
        b'<c\tr="A%d"><v>1</v></c>',
        b'<c s="1"\n r="A%d"><v>1</v></c>',
        b'<y:c r="A%d"><v>1</v></y:c>',
        b'<c r="A%d" s="/"><v>1</v></c>',
        b"<c><v>%d</v></c>",
    ],
)
def test_cells_are_counted_however_they_are_written(cell: bytes) -> None:
    rows = [b'<row r="%d">%s</row>' % (n, cell % n) for n in range(2, 302)]
    assert read(with_rows(*rows), xlsx_cells=200).codes == ["FILE-E018"]


FAR = 500_000


@pytest.mark.parametrize(
    "rows",
    [
        pytest.param([b'<row r="2"><c r="A999999999"><f>B1</f></c></row>'], id="a formula far away"),
        pytest.param(
            [
                b'<row r="2"><c r="zz2"><v>1</v></c></row><row r="%d"><c r="A%d"><v>1</v></c></row>'
                % (FAR, FAR)
            ],
            id="small letters",
        ),
        pytest.param(
            [
                b'<row r="2"><c x=">" r="ZZ2"><v>1</v></c></row><row r="%d"><c r="A%d"><v>1</v></c></row>'
                % (FAR, FAR)
            ],
            id="a sign that ends no tag",
        ),
        pytest.param(
            [b"<row>" + b"<c/>" * 900 + b"<c><v>1</v></c></row>", b"<row><c><v>1</v></c></row>" * 20_000],
            id="no places",
        ),
    ],
)
def test_a_sheet_is_measured_however_its_places_are_written(rows: list[bytes]) -> None:
    assert read(with_rows(*rows), xlsx_rows=2_000_000_000).codes == ["FILE-E018"]


def test_rows_and_cells_without_places_follow_one_another() -> None:
    got = read(
        with_rows(b'<row><c><v>1</v></c><c t="str"><v>Field</v></c></row>', b"<row><c><v>2</v></c></row>")
    )
    assert [(row.row_no, row.cells) for row in got.rows] == [(2, ["1", "Field"]), (3, ["2", ""])]


def test_more_texts_than_a_sheet_may_have_cells_are_refused_before_they_are_taken_into_memory() -> None:
    texts = b"".join(b"<si><t>%d</t></si>" % number for number in range(200))
    content = repacked(
        agents(GOOD), {"xl/sharedStrings.xml": lambda xml: xml.replace(b"</sst>", texts + b"</sst>")}
    )
    assert read(content).codes == []
    assert read(content, xlsx_cells=150).codes == ["FILE-E020"]


def test_an_endless_list_of_sheets_is_not_taken_apart() -> None:
    names = b"".join(b'<definedName name="n%d">1</definedName>' % number for number in range(120_000))
    content = repacked(
        agents(GOOD), {"xl/workbook.xml": lambda xml: xml.replace(b"</workbook>", names + b"</workbook>")}
    )
    assert read(content).codes == ["FILE-E010"]


class FailingDisk(io.BytesIO):
    """A file whose disk fails at the read of a given number."""

    def __init__(self, content: bytes, failing: int) -> None:
        super().__init__(content)
        self.left = failing

    def read(self, size: int | None = -1, /) -> bytes:
        self.left -= 1
        if self.left < 0:
            raise OSError(errno.EIO, "Input/output error")
        return super().read(size)


def test_a_disk_that_fails_is_no_damaged_workbook() -> None:
    content = agents(GOOD)
    whole = FailingDisk(content, 10_000)
    open_table(whole, name="agents", columns=COLUMNS)
    reads = 10_000 - whole.left
    assert reads > 20
    for failing in range(reads):
        with pytest.raises(OSError, match="Input/output error"):
            open_table(FailingDisk(content, failing), name="agents", columns=COLUMNS)


def test_rows_can_be_read_again() -> None:
    table = read(agents(GOOD, GOOD)).table
    assert list(table.rows()) == list(table.rows())


def test_the_header_is_matched_as_in_csv() -> None:
    assert read(agents(GOOD)).table.match.mapping == dict(enumerate(COLUMNS))
    assert read(workbook(Sheet("a", [HEADER[:1], ["1"]]))).codes == ["COL-E003"]
