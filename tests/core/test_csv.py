from __future__ import annotations

import io
import tracemalloc
from pathlib import Path

import pytest

from muster.core.sheets import Limits, open_table

from .uploads import COLUMNS, GOOD, HEADER, csv_bytes, csv_text, read

SMALL = ["Agent NPN", "Last Name", "Agent Email"]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\r\n", "\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_every_way_of_writing_a_csv_file_is_read(delimiter: str, end: str, encoding: str) -> None:
    content = csv_text([SMALL, ["1", "Núñez", "a@b.example"], ["2", "O'Hara", ""]], delimiter, end)
    got = read(content.encode(encoding))
    assert got.table.ok
    assert (got.table.kind, got.table.delimiter, got.table.header) == ("csv", delimiter, SMALL)
    assert [(row.row_no, row.cells) for row in got.rows] == [
        (2, ["1", "Núñez", "a@b.example"]),
        (3, ["2", "O'Hara", ""]),
    ]


@pytest.mark.parametrize(
    ("encoding", "label", "codes"),
    [
        ("utf-8", "UTF-8", []),
        ("utf-8-sig", "UTF-8", []),
        ("utf-16", "UTF-16", ["FILE-I001"]),
        ("utf-16-be", "UTF-16", ["FILE-I001"]),
        ("cp1252", "Windows-1252", ["FILE-I001"]),
    ],
)
def test_the_encoding_is_told(encoding: str, label: str, codes: list[str]) -> None:
    mark = b"\xfe\xff" if encoding == "utf-16-be" else b""
    got = read(mark + csv_text([SMALL, ["1", "Núñez – “Bo”", ""]]).encode(encoding))
    assert (got.table.encoding, got.codes) == (label, codes)
    assert got.rows[0].cells[1] == "Núñez – “Bo”"


def test_the_header_that_names_known_columns_decides_the_delimiter() -> None:
    got = read(b"Last Name;Note, with, many, commas, in, it;NPN\nField;x,y,z;1\n")
    assert got.table.delimiter == ";"
    assert got.rows[0].cells == ["Field", "x,y,z", "1"]


@pytest.mark.parametrize("line", ["sep=;", "SEP=;", '"sep=;"'])
def test_the_line_by_which_excel_is_told_the_separator_is_no_row(line: str) -> None:
    got = read(f"{line}\r\nNPN;Last Name\r\n1;Field\r\n".encode())
    assert (got.table.delimiter, got.table.header_row, got.row_numbers) == (";", 1, [2])


def test_lines_above_the_header_are_tolerated_and_told() -> None:
    got = read(b"Agents of Harbor\n\nas of,2026-01-05\nNPN,Last Name\n1,Field\n")
    assert got.table.ok
    assert (got.table.header_row, got.row_numbers, got.codes) == (4, [5], ["FILE-I005"])


def test_blank_rows_are_counted_and_are_no_errors() -> None:
    got = read(b"NPN,Last Name\n\n1,Field\n,\n  ,\t\n2,Reed\n\n\n")
    assert (got.row_numbers, got.table.blank_rows, got.codes, got.row_codes) == ([3, 6], 5, [], {})


def test_a_cell_of_several_lines_is_one_row_as_in_excel() -> None:
    got = read(b'NPN,Last Name\n1,"Field\nof\r\nHarbor"\n2,Reed\n')
    assert [(row.row_no, row.cells) for row in got.rows] == [
        (2, ["1", "Field\nof\r\nHarbor"]),
        (3, ["2", "Reed"]),
    ]


def test_quoted_separators_and_quotation_marks_are_text() -> None:
    got = read(b'NPN,Last Name,Agent Email\n1,"Field, ""Bo"", Jr.",\n2,5" Reed,x\n')
    assert [row.cells[1] for row in got.rows] == ['Field, "Bo", Jr.', '5" Reed']


def test_a_row_that_is_too_short_is_filled_and_one_that_is_too_long_is_an_error() -> None:
    got = read(b"NPN,Last Name,Email\n1\n2,Reed,,,\n3,Lane,a@b.example,x\n4,A,B,C,D\n")
    assert [row.cells for row in got.rows] == [
        ["1", "", ""],
        ["2", "Reed", ""],
        ["3", "Lane", "a@b.example", "x"],
        ["4", "A", "B", "C", "D"],
    ]
    assert got.row_codes == {4: ["ROW-E002"], 5: ["ROW-E002"]}
    assert got.table.ok


def test_a_nul_character_is_an_error_of_its_row() -> None:
    got = read(b"NPN,Last Name\n1,Fi\x00eld\n2,Reed\n")
    assert (got.rows[0].cells, got.row_codes) == (["1", "Field"], {2: ["ROW-E003"]})


def test_rows_in_another_encoding_than_the_file_are_named() -> None:
    got = read("NPN,Last Name\n1,Núñez\n".encode() + b"2,Nu\xf1ez\n3,Reed\n")
    assert [row.cells[1] for row in got.rows] == ["Núñez", "Nuñez", "Reed"]
    assert (got.table.encoding, got.row_codes) == ("UTF-8", {3: ["ROW-W001"]})


def test_bytes_that_are_no_text_in_either_encoding_are_an_error_of_their_row() -> None:
    got = read("NPN,Last Name\n1,Núñez\n".encode() + b"2,Nu\x81ez\n")
    assert got.row_codes == {3: ["ROW-E005"]}
    broken = "NPN,Last Name\n1,A\n".encode("utf-16") + b"\x00\xd8" + "2,B\n".encode("utf-16-le")
    assert read(broken).row_codes == {3: ["ROW-E005"]}


def test_a_quotation_mark_that_is_never_closed_is_told_with_its_row() -> None:
    got = read(b'NPN,Last Name\n1,Field\n\n2,"Reed\n3,Lane\n4,Moss\n')
    assert (got.codes, got.table.ok) == (["FILE-E012"], False)
    assert got.table.findings[0].params == {"row_no": 4}
    assert got.row_numbers == [2]


def test_a_quotation_mark_that_runs_through_a_large_file_is_told_without_reading_on() -> None:
    got = read(b'NPN,Last Name\n1,"Field\n' + b"2,Reed\n" * 40_000)
    assert (got.codes, got.rows) == (["FILE-E013"], [])
    assert got.table.findings[0].params["row_no"] == 2


@pytest.mark.parametrize(
    ("header", "row_no"),
    [
        ('"Agent NPN,Last Name,Agent Email', 1),
        ('Agent NPN,Last Name,Agent Email,"Notes', 1),
        ('Agent NPN;Last Name;"Agent Email', 1),
        ('Agents of Harbor\n\nAgent NPN,"Last Name', 3),
    ],
)
@pytest.mark.parametrize("rows", [2, 40_000])
def test_a_quotation_mark_in_the_header_that_is_never_closed_is_told(
    header: str, row_no: int, rows: int
) -> None:
    got = read((f"{header}\n" + "1234567,Field,\n" * rows).encode())
    assert (got.codes, got.rows) == (["FILE-E012" if rows == 2 else "FILE-E013"], [])
    assert got.table.findings[0].params["row_no"] == row_no


def test_a_file_without_a_header_is_not_said_to_have_a_stray_quotation_mark() -> None:
    assert read(b'1234567;Field;a,"b\n7654321;Reed;c\n').codes == ["COL-E001"]


def test_a_first_line_that_is_too_long_for_a_cell_is_told() -> None:
    got = read(b"t" * 200_000 + b"\nAgent NPN,Last Name\n1,Field\n")
    assert (got.codes, got.rows) == (["FILE-E013"], [])
    assert got.table.findings[0].params["row_no"] == 1


def test_a_quotation_mark_that_closes_rows_later_spoils_its_row_only() -> None:
    rows = [*csv_text([HEADER, GOOD, GOOD, GOOD, GOOD, GOOD]).splitlines()]
    rows[2] = rows[2].replace("Field", '"Field')
    rows[4] = rows[4].replace("Field", 'Field"')
    got = read("\n".join(rows).encode())
    assert got.table.ok
    assert (got.row_numbers, got.row_codes) == ([2, 3, 4], {3: ["ROW-E004"]})
    assert got.rows[1].problems[0].params == {"count": 2}
    assert got.rows[2].cells == GOOD


def test_a_cell_of_several_lines_with_commas_is_no_stray_quotation_mark() -> None:
    got = read(b'NPN,Last Name,Address\n1,Field,"5 Harbor Road, Floor 2\nDallas, TX"\n2,Reed,"a\nb"\n')
    assert got.row_codes == {}
    assert got.rows[0].cells[2] == "5 Harbor Road, Floor 2\nDallas, TX"
    assert read(b'NPN,Last Name,Address,,\n1,Field,"5 Harbor Road\nDallas, TX",,\n').row_codes == {}


def test_a_quotation_mark_that_joins_two_rows_into_one_of_another_width_is_told() -> None:
    joined = read(b'NPN,Last Name,Note\n1,"Field,x\n2,Re"ed,y,z\n')
    assert joined.row_codes == {2: ["ROW-E004", "ROW-E002"]}


def test_the_first_row_that_a_quotation_mark_ran_through_is_named_at_the_end() -> None:
    rows = csv_text([HEADER, *[GOOD] * 6]).splitlines()
    rows[2] = rows[2].replace("Field", '"Field')
    rows[4] = rows[4].replace("Field", '"Field"')
    rows[6] = rows[6].replace("Field", '"Field')
    got = read("\n".join(rows).encode())
    assert [(one.code, dict(one.params)) for one in got.table.findings] == [("FILE-E012", {"row_no": 3})]


def test_an_ssn_that_a_stray_quotation_mark_moved_is_not_shown() -> None:
    rows = csv_text([HEADER, *[GOOD] * 3]).splitlines()
    rows[1] = rows[1].replace("Field", '"Field')
    rows[3] = rows[3].replace("Field", 'Field"')
    got = read("\n".join(rows).encode())
    _, (found,) = got.table.match.row_cleaner()(got.rows[0].cells)
    assert found.code == "TEXT-E002"
    assert "123-45" not in str(found)


def test_a_file_with_only_a_header_is_told() -> None:
    for content in (csv_bytes(), csv_bytes()[:-2], csv_bytes() + b"\n,,,\n"):
        got = read(content)
        assert (got.codes, got.rows) == (["FILE-E014"], [])


@pytest.mark.parametrize(
    "content", [b"", b"\xef\xbb\xbf", b"\n\n\r\n", b"  \n", b"\xff\xfe", b"\xff\xfe\n\x00"]
)
def test_a_file_without_any_text_is_empty(content: bytes) -> None:
    assert read(content).codes == ["FILE-E001"]


def test_a_file_without_a_header_is_told_without_showing_numbers() -> None:
    got = read(b"1234567,Field,123-45-6789\n7654321,Reed,\n")
    assert got.codes == ["COL-E001"]
    assert got.table.findings[0].params == {
        "found": "#######, Field, ###-##-####",
        "columns": "Agent NPN, Last Name",
    }


def test_three_hundred_columns_are_one_finding() -> None:
    got = read(csv_text([[*SMALL, *(f"c{n}" for n in range(297))], ["1", "A"]]).encode())
    assert (got.codes, got.rows) == (["COL-E004"], [])


def test_empty_columns_at_the_end_are_no_columns() -> None:
    got = read(csv_text([[*SMALL, *[""] * 300], ["1", "A", "", *[""] * 300]]).encode())
    assert (got.codes, got.rows[0].cells) == ([], ["1", "A", ""])


def test_more_rows_than_the_limit_are_refused_and_not_read_on() -> None:
    content = csv_text([SMALL, *([str(n), "A"] for n in range(1, 12)), []]).encode()
    assert read(content, csv_rows=11).table.ok
    got = read(content, csv_rows=10)
    assert (got.codes, len(got.rows), got.table.ok) == (["FILE-E003"], 10, False)


def test_columns_that_are_wrong_are_told_and_no_row_is_read() -> None:
    got = read(b"NPN,npn,Shoe Size\n1,2,3\n")
    assert (got.codes, got.rows) == (["COL-E002", "COL-E003", "COL-I001"], [])


def test_rows_can_be_read_again() -> None:
    table = open_table(io.BytesIO(csv_bytes(GOOD, [], GOOD)), name="a.csv", columns=COLUMNS)
    assert list(table.rows()) == list(table.rows())
    assert table.blank_rows == 1


def test_a_file_is_left_open_for_its_owner(tmp_path: Path) -> None:
    path = tmp_path / "agents.csv"
    path.write_bytes(csv_bytes(GOOD))
    with path.open("rb") as file:
        assert len(list(open_table(file, name="a", columns=COLUMNS, limits=Limits()).rows())) == 1
        assert not file.closed
        file.seek(0)
        assert file.read(5) == b"Agent"


def test_memory_does_not_grow_with_the_rows(tmp_path: Path) -> None:
    def peak(rows: int) -> int:
        path = tmp_path / f"{rows}.csv"
        path.write_bytes(csv_bytes(*[GOOD] * rows))
        tracemalloc.start()
        with path.open("rb") as file:
            assert sum(1 for _ in open_table(file, name="a", columns=COLUMNS).rows()) == rows
        highest = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return highest

    assert peak(60_000) < 2 * peak(15_000)
