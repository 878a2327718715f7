"""An export holds the rows alone, in the order of its columns, and can go into an upload as it is."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from muster.access.models import Membership, Organization
from muster.audit.models import Event
from muster.console.activity.sentences import tell
from muster.core.table import Question, read_condition
from muster.core.writing import neutral, write_table_xlsx
from muster.reports.exporting import Export
from muster.reports.shipped import shipped_named
from muster.reports.subject import subject_named
from tests.bulk.uploads import check_file, codes, outcomes, process_checked
from tests.make import make_appointment, make_company, make_member, make_organization, make_producer

pytestmark = pytest.mark.django_db(transaction=True)

HEADER = ["Related Producer", "NPN", "State Code", "Line of Authority", "CoCode"]


@pytest.fixture
def member() -> Membership:
    member = make_member(name="Ines Duarte")
    make_company(member.organization)
    for number, (state, line) in enumerate([("CA", "Life"), ("NV", "Health")]):
        producer = make_producer(
            member.organization, npn=str(1234567 + number), first_name="Ada", last_name=f"Alder{number}"
        )
        make_appointment(producer, state, line_name=line)
        make_appointment(producer, "TX", status="Terminated")
    return member


def of_shipped(member: Membership, columns: Sequence[str] = (), *where: str) -> Export:
    shipped = shipped_named("appointments-to-terminate")
    assert shipped is not None
    subject = subject_named(shipped.subject)
    question, refused = subject.read(shipped.asked)
    assert refused == ()
    chosen = tuple(columns) or question.columns
    conditions = (*question.where, *(read_condition(text, subject.terms) for text in where))
    return Export(member, subject, Question(chosen, conditions), shipped.name)


def rows_in(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))


def workbook(export: Export) -> CalamineWorkbook:
    return CalamineWorkbook.from_filelike(io.BytesIO(b"".join(export.xlsx())))


def test_the_shipped_report_has_the_columns_that_were_asked_for_and_those_in_force(
    member: Membership,
) -> None:
    content = b"".join(of_shipped(member).csv())
    assert content.startswith(b"\xef\xbb\xbf")
    assert b"\r" not in content
    assert rows_in(content) == [
        HEADER,
        ["Alder0, Ada", "1234567", "CA", "Life", "90101"],
        ["Alder1, Ada", "1234568", "NV", "Health", "90101"],
    ]


@pytest.mark.parametrize(
    "columns",
    [
        ("producer", "npn", "state", "line", "cocode"),
        ("cocode", "license_number", "line", "state", "status", "producer", "npn"),
    ],
)
def test_an_export_goes_into_the_upload_type_terminate_unchanged(
    columns: Sequence[str], member: Membership
) -> None:
    content = b"".join(of_shipped(member, columns, "state:is:CA").csv())
    operation = check_file(member, content, kind="terminate")
    # Whether California needs a reason is not known, and there is no default: that alone is told.
    assert [found for found in codes(operation) if found[0]] == [(2, "TERM-W005")]
    with_reason = content.replace(b"\n", b",Termination Reason\n", 1)
    lines = with_reason.split(b"\n")
    lines[1] += b",Voluntary termination"
    operation = process_checked(check_file(member, b"\n".join(lines), kind="terminate"), member)
    assert [found for found in codes(operation) if found[0]] == []
    assert outcomes(operation) == {2: "created"}


def test_the_workbook_holds_the_same_as_text(member: Membership) -> None:
    sheet = workbook(of_shipped(member)).get_sheet_by_name("report")
    assert sheet.to_python() == rows_in(b"".join(of_shipped(member).csv()))


def test_money_and_numbers_of_a_workbook_can_be_reckoned_with() -> None:
    file = io.BytesIO()
    rows = [("0012", "12.50"), ("0013", "unknown"), ("", "")]
    assert write_table_xlsx(["NPN", "Fee"], rows, file, numbers=[1]) == 3
    file.seek(0)
    sheet = CalamineWorkbook.from_filelike(file).get_sheet_by_index(0)
    assert sheet.to_python()[:3] == [["NPN", "Fee"], ["0012", 12.5], ["0013", "unknown"]]


def test_what_does_not_fit_on_a_sheet_goes_on_on_the_next() -> None:
    file = io.BytesIO()
    rows = [(str(number),) for number in range(7)]
    assert write_table_xlsx(["NPN"], rows, file, last_row=4) == 7
    file.seek(0)
    book = CalamineWorkbook.from_filelike(file)
    assert book.sheet_names == ["report", "report 2", "report 3"]
    assert [book.get_sheet_by_name(name).to_python() for name in book.sheet_names] == [
        [["NPN"], ["0"], ["1"], ["2"]],
        [["NPN"], ["3"], ["4"], ["5"]],
        [["NPN"], ["6"]],
    ]


def test_an_export_of_nothing_is_a_header(member: Membership) -> None:
    stranger = make_member(make_organization())
    assert rows_in(b"".join(of_shipped(stranger).csv())) == [HEADER]
    sheet = workbook(of_shipped(stranger)).get_sheet_by_index(0)
    assert sheet.to_python() == [HEADER]


def test_a_row_with_nothing_in_it_stays_a_row(member: Membership) -> None:
    assert len(rows_in(b"".join(of_shipped(member, ["county"]).csv()))) == 3


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=20)
        | st.sampled_from(["=1+1", "+1", "-1", "@x", "\tx", "\rx", "\nx", 'a"b', "a,b", "\\.", "'=x"]),
        min_size=1,
        max_size=3,
    )
)
def test_every_text_comes_back_as_it_is_and_never_runs(texts: list[str]) -> None:
    organization: Organization = make_organization()
    member = make_member(organization)
    for number, text in enumerate(texts):
        make_producer(organization, npn=str(number + 1), sync_reason=text)
    subject = subject_named("producers")
    export = Export(member, subject, Question(("npn", "sync_reason")), "texts")
    expected = [[str(number + 1), neutral(text)] for number, text in enumerate(texts)]
    content = b"".join(export.csv()).decode("utf-8-sig")
    assert list(csv.reader(io.StringIO(content, newline="")))[1:] == expected


def test_an_export_is_on_record_with_how_many_rows_were_handed_over(member: Membership) -> None:
    list(of_shipped(member).csv())
    event = Event.objects.get(kind="report:export")
    assert (event.by, event.organization) == (member.user, member.organization)
    assert (event.data["rows"], event.data["format"], event.data["columns"]) == (2, "csv", HEADER)
    assert tell(event).text(event.data) == "exported 2 rows of the report “Appointments to Terminate”"


def test_a_reader_who_goes_away_is_on_record_too(member: Membership) -> None:
    reading = of_shipped(member).csv()
    next(reading)
    reading.close()
    assert Event.objects.filter(kind="report:export").count() == 1
