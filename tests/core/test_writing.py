from __future__ import annotations

import io
import re
import zipfile

import pytest

from muster.core import words
from muster.core.columns import Column, Columns
from muster.core.sheets import Limits
from muster.core.writing import (
    Result,
    Tab,
    choices_of,
    csv_lines,
    neutral,
    results_rows,
    write_csv,
    write_template_csv,
    write_template_xlsx,
)

from .uploads import COLUMNS, GOOD, HEADER, csv_bytes, read


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\tx", "\rx", "\nx"])
def test_a_dangerous_text_is_made_neutral(text: str) -> None:
    assert neutral(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "x", "1-2", "'=x", "a@b.example", " =x"])
def test_any_other_text_is_left_as_it_is(text: str) -> None:
    assert neutral(text) == text


def test_a_csv_file_opens_rightly_in_excel() -> None:
    lines = list(csv_lines([["Núñez", None], ['=a,"b"', 7], [-1, "x\ny"]]))
    assert lines == ["\ufeffNúñez,\r\n", '"\'=a,""b""",7\r\n', '-1,"x\ny"\r\n']


def results_file(header: list[str], *results: Result, mask: frozenset[int] = frozenset()) -> bytes:
    file = io.BytesIO()
    write_csv(results_rows(header, results, mask=mask), file)
    return file.getvalue()


def test_a_results_file_is_the_users_own_columns_and_ours() -> None:
    rows = list(
        results_rows(
            ["Surname", "Shoe Size", "NPN"],
            [
                Result(2, ["Field", "44", "1"], "created", ""),
                Result(5, ["Reed"], "rejected", "Agent NPN is empty."),
            ],
        )
    )
    assert rows == [
        ["Surname", "Shoe Size", "NPN", "Row", "Outcome", "Reason"],
        ["Field", "44", "1", 2, "created", ""],
        ["Reed", "", "", 5, "rejected", "Agent NPN is empty."],
    ]


def test_a_results_file_that_comes_back_is_read_as_if_it_were_the_file_itself() -> None:
    again = read(results_file(HEADER, Result(2, GOOD, "created", "=x, y")))
    assert again.codes == []
    assert again.table.match.row_cleaner()(again.rows[0].cells) == COLUMNS.clean_row(GOOD)
    twice = list(results_rows(again.table.header, [Result(2, again.rows[0].cells, "unchanged", "")]))
    assert twice[0] == [*HEADER, "Row", "Outcome", "Reason"]
    assert twice[1] == [*GOOD, 2, "unchanged", ""]


def test_cells_beyond_the_header_are_not_lost() -> None:
    assert list(results_rows(["NPN"], [Result(2, ["1", "x", "y"], "rejected", "why")]))[1] == [
        "1", 2, "rejected", "why", "x", "y",
    ]  # fmt: skip


def test_sensitive_texts_are_masked_and_mean_keep_when_they_come_back() -> None:
    ssn = HEADER.index("Agent SSN")
    content = results_file(HEADER, Result(2, GOOD, "created", ""), mask=frozenset({ssn}))
    assert b"123-45-6789" not in content
    again = read(content)
    assert again.rows[0].cells[ssn] == "***-**-6789"
    data, findings = again.table.match.row_cleaner()(again.rows[0].cells)
    assert "ssn" not in data
    assert [one.code for one in findings] == ["SSN-W001"]


def test_the_csv_template_is_a_header_that_is_recognized() -> None:
    file = io.BytesIO()
    write_template_csv(COLUMNS, file)
    got = read(file.getvalue())
    assert (got.table.header, got.codes) == (HEADER, ["FILE-E014"])
    filled = file.getvalue() + csv_bytes(GOOD).splitlines(keepends=True)[1]
    assert read(filled).table.ok


class Template:
    """A template that was written, and its parts."""

    def __init__(self, columns: Columns = COLUMNS, **options: object) -> None:
        file = io.BytesIO()
        write_template_xlsx(columns, file, **options)  # type: ignore[arg-type]
        self.content = file.getvalue()
        with zipfile.ZipFile(file) as packed:
            self.parts = {name: packed.read(name).decode() for name in packed.namelist()}

    def sheet(self, number: int) -> str:
        return self.parts[f"xl/worksheets/sheet{number}.xml"]

    def texts(self) -> str:
        return self.parts["xl/sharedStrings.xml"]


@pytest.fixture(scope="module")
def template() -> Template:
    return Template(
        examples=[{"npn": "1234567", "last_name": "Field"}],
        extra_tabs=[Tab("termination_reason_key", [["State", "Reason"], ["TX", "Death"]])],
    )


def test_the_xlsx_template_is_recognized_with_all_its_tabs(template: Template) -> None:
    got = read(template.content)
    assert (got.table.sheet_name, got.table.header, got.codes) == ("upload", HEADER, ["FILE-E014"])
    names = re.findall(r'<sheet name="(\w+)"', template.parts["xl/workbook.xml"])
    assert names == ["upload", "accepted_values", "how_to", "termination_reason_key"]


def test_the_xlsx_template_keeps_zeros_and_its_header_in_sight(template: Template) -> None:
    sheet = template.sheet(1)
    assert 'state="frozen"' in sheet
    assert '<ignoredError sqref="A1:XFD250000" numberStoredAsText="1"/>' in sheet
    used = {int(style) for style in re.findall(r'<col [^>]*style="(\d+)"', sheet)}
    cell_formats = re.findall(r"<xf [^>]*>", template.parts["xl/styles.xml"].partition("<cellXfs")[2])
    assert used
    assert all('numFmtId="49"' in cell_formats[style] for style in used)  # 49 is Text


def test_a_column_of_one_choice_has_a_drop_down_and_a_list_a_hint(template: Template) -> None:
    rules = re.findall(r"<dataValidation .*?</dataValidation>|<dataValidation [^>]*/>", template.sheet(1))
    drop_downs = [rule for rule in rules if 'type="list"' in rule]
    assert len(drop_downs) == 1
    assert 'sqref="G2:G250001"' in drop_downs[0]
    assert "accepted_values!$C$2:$C$3" in drop_downs[0]
    assert any('sqref="E2:E250001"' in rule and "semicolons" in rule for rule in rules)


def test_a_template_is_filled_in_to_the_last_row_of_a_sheet_where_more_rows_are_allowed() -> None:
    sheet = Template(limits=Limits(xlsx_rows=3_000_000)).sheet(1)
    assert 'type="list"' in sheet
    assert 'sqref="G2:G1048576"' in sheet


def test_accepted_values_and_notes_stand_in_the_template(template: Template) -> None:
    for text in [*words.LOA_CATEGORIES, *words.SCORECARD_TYPES.values(), "Example 1", "Death"]:
        assert f">{text}</t>" in template.texts()
    assert "Required." in template.parts["xl/comments1.xml"]


def test_drop_downs_find_their_list_however_many_there_are() -> None:
    many = Columns(Column(f"c{n}", f"C{n}", choices={"x": "X", "y": "Y"}) for n in range(15))
    sources = re.findall(r"accepted_values!(\$\w+\$2:\$\w+\$3)", Template(many).sheet(1))
    assert sources[0] == "$A$2:$A$3"
    assert sources[13:] == ["$AA$2:$AA$3", "$AC$2:$AC$3"]


def test_accepted_values_may_come_from_live_settings() -> None:
    live = Template(accepted_values={"CoCode": [("12345", "Harbor Life")]})
    assert ">Harbor Life</t>" in live.texts()
    assert 'type="list"' not in live.sheet(1)
    assert list(choices_of(COLUMNS)) == ["LOA Category", "Scorecard Type"]


def test_a_template_with_nothing_to_choose_can_be_written() -> None:
    assert read(Template(Columns([Column("a", "A")])).content, Columns([Column("a", "A")])).codes == [
        "FILE-E014"
    ]


def test_the_same_columns_give_the_same_file() -> None:
    assert Template().content == Template().content


def test_text_that_looks_like_a_formula_stays_text_in_a_template() -> None:
    parts = Template(Columns([Column("a", "=A1", note="=1+1")])).parts
    assert "<f>" not in "".join(parts.values())
