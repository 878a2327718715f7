"""Reading the registry's answers: recorded ones to the letter, any that can be rendered, and hostile ones."""

from __future__ import annotations

import random
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given

from muster.core.report import (
    Address,
    Appointment,
    Contact,
    Hit,
    License,
    Line,
    OtherName,
    ProducerReport,
    RegulatoryAction,
)
from muster.registry.nipr.report import LONGEST_TEXT, parse_hit_list, parse_report
from muster.registry.port import BrokenAnswer, NotFound, Rejected
from tests.registry.rendering import render
from tests.registry.reports import REPORT, REPORTS

ANSWERS = Path(__file__).parent / "answers"


def answer(name: str) -> bytes:
    return (ANSWERS / f"{name}.xml").read_bytes()


def test_a_recorded_report_of_a_person_is_read_to_the_letter() -> None:
    assert tuple(parse_report(answer("individual"))) == ProducerReport(
        npn="4711",
        kind="individual",
        first_name="Maeve",
        middle_name="Q",
        last_name="O'Hara-Núñez",
        name_suffix="III",
        born_on=date(1980, 2, 29),
        ssn="123456789",
        other_names=(OtherName("TX", "Alias", "May O'Hara"),),
        addresses=(
            Address("TX", "1", "Residence", "9 Oak Ln", "", "", "Austin", "TX", "78702", ""),
            Address(
                "TX",
                "2",
                "Business",
                "12 Elm St & 3rd",
                "Suite 4",
                "",
                "Austin",
                "TX",
                "78701-0001",
                "USA",
                date(2024, 1, 15),
            ),
        ),
        contacts=(
            Contact("TX", "email", "maeve@example.com"),
            Contact("TX", "phone", "5125550100", date(2023, 3, 4)),
        ),
        licenses=(
            License(
                state="TX",
                number="1234567",
                class_code="611",
                class_name="General Lines Agency/Agent",
                residency="R",
                is_active=True,
                issued_on=date(2010, 7, 8),
                expires_on=date(2026, 2, 28),
                updated_on=date(2024, 5, 6),
                lines=(
                    Line(
                        code="16",
                        name="Life, Accident, Health & HMO",
                        status="Active",
                        status_reason="Active License",
                        status_reason_on=date(2010, 7, 8),
                        issued_on=date(2010, 7, 8),
                        ce_compliance="In compliance",
                        ce_renewal_on=date(2026, 2, 28),
                        ce_credits_needed="0",
                    ),
                ),
            ),
            License(
                state="TX",
                number="1234567",
                class_code="620",
                class_name="Adjuster - All Lines",
                residency="NR",
                issued_on=date(2015, 9, 9),
                adjuster_home_state="OK",
            ),
        ),
        appointments=(
            Appointment(
                state="TX",
                cocode="00101",
                company_name="Northstar Life Insurance Company",
                fein="990000101",
                line_name="Life",
                line_code="1",
                status="Appointed",
                status_on=date(2018, 1, 2),
                renews_on=date(2027, 1, 2),
                agency_affiliation="Lantern Point Agency LLC",
                state_company_id="990000202",
                first_effective_on=date(2018, 1, 2),
            ),
            Appointment(
                state="TX",
                cocode="00101",
                company_name="Northstar Life Insurance Company",
                fein="990000101",
                line_name="Health",
                line_code="2",
                county_code="01",
                status="Terminated",
                termination_reason="Not supplied",
                status_on=date(2020, 3, 3),
            ),
        ),
        regulatory_actions=(
            RegulatoryAction(
                state="TX",
                action_id="77",
                origin="Insurance department",
                reason="Late response to the department",
                disposition="Fined",
                penalty="250",
                file_reference="TX-2019-0077",
                action_on=date(2019, 4, 5),
                effective_on=date(2019, 4, 15),
                entered_on=date(2019, 5, 1),
            ),
        ),
    )


def test_only_an_appointment_in_force_tells_when_it_took_effect() -> None:
    appointments = parse_report(answer("individual")).appointments
    assert [one.first_effective_on for one in appointments] == [date(2018, 1, 2), None]


# one appointment's repetitions in a report, status and year -> the one that is kept, first effective year
REPETITIONS = [
    ([("Appointed", 2010), ("Appointed", 2024)], ("Appointed", 2024), 2010),
    ([("Appointed", 2010), ("Terminated", 2020)], ("Terminated", 2020), 2010),
    ([("Appointed", 2010), ("Terminated", 2015), ("Appointed", 2018)], ("Appointed", 2018), 2010),
    ([("Terminated", 2015), ("Appointed", 2018)], ("Appointed", 2018), 2018),
    ([("Terminated", 2005), ("Terminated", 2015)], ("Terminated", 2015), None),
    ([("Appointed", None), ("Appointed", 2018)], ("Appointed", 2018), 2018),
    ([("Appointed", None)], ("Appointed", None), None),
]


def new_year(year: int | None) -> date | None:
    return date(year, 1, 1) if year else None


@pytest.mark.parametrize(("told", "kept", "first"), REPETITIONS)
def test_an_appointment_that_is_told_twice_keeps_its_first_effective_date(
    told: list[tuple[str, int | None]], kept: tuple[str, int | None], first: int | None
) -> None:
    repeated = [
        REPORT.appointments[1]._replace(status=status, status_on=new_year(year)) for status, year in told
    ]
    for order in (repeated, repeated[::-1]):
        [appointment] = parse_report(render(REPORT._replace(appointments=tuple(order)))).appointments
        assert (appointment.status, appointment.status_on) == (kept[0], new_year(kept[1]))
        assert appointment.first_effective_on == new_year(first)


def test_a_firm_has_its_name_as_last_name() -> None:
    report = parse_report(answer("firm"))
    assert (report.kind, report.last_name, report.first_name) == ("firm", "Cedar & Stone Brokerage LLC", "")
    assert [license.number for license in report.licenses] == ["OK-55"]


def test_repeated_blocks_are_told_once_and_the_latest_wins() -> None:
    report = parse_report(answer("repeated"))
    assert report.contacts == (Contact("GA", "phone", "4045550102", date(2021, 1, 1)),)
    [license] = report.licenses
    assert (license.is_active, license.expires_on) == (False, date(9999, 12, 31))
    assert [line.name for line in license.lines] == ["Life", "Health"]
    [appointment] = report.appointments
    assert appointment.status == "Appointed"


def test_what_cannot_be_taken_over_is_noted() -> None:
    report = parse_report(answer("repeated"))
    assert report.notes == (
        "ZZ is no state we know: left out.",
        "DATE_BIRTH 02/30/1980 is no date: left out.",
    )
    assert report.born_on is None
    assert report.ssn == ""


def test_a_hit_list_is_read() -> None:
    assert parse_hit_list(answer("hit_list")) == [
        Hit("VALE, IRIS", "4712", "GA", date(1980, 4, 5)),
        Hit("VALE, IRIS M", "4713", "", None),
    ]


def wrapped(text: str) -> bytes:
    return f"<PDB><TRANSACTION_TYPE><TYPE>INDIVIDUAL</TYPE></TRANSACTION_TYPE>{text}</PDB>".encode()


REFUSED = [
    (answer("error"), Rejected, "The service is closed for maintenance."),
    (answer("not_found"), NotFound, "Entity not found."),
    (answer("hit_list"), BrokenAnswer, "its root is HITLIST, not PDB"),
    (answer("hostile"), BrokenAnswer, "it carries a document type, which no answer of a registry needs"),
    (answer("individual")[:-20], BrokenAnswer, "it is no well-formed XML (line 158)"),
    (b"", BrokenAnswer, "it is no well-formed XML (line 1)"),
    (b"\x00\x01", BrokenAnswer, "it is no well-formed XML (line 1)"),
    (b"<html><body>Sign in</body></html>", BrokenAnswer, "its root is html, not PDB"),
    (b"<PDB/>", BrokenAnswer, "it holds neither an individual nor a firm"),
    (wrapped("<PRODUCER/>"), BrokenAnswer, "it holds neither an individual nor a firm"),
    (
        wrapped("<PRODUCER><INDIVIDUAL/></PRODUCER>"),
        BrokenAnswer,
        "the biographic or the licensing part is missing",
    ),
    (wrapped("<ERROR/>"), Rejected, ""),
]


@pytest.mark.parametrize(("given_answer", "error", "words"), REFUSED)
def test_an_answer_without_a_report_is_an_error_of_its_kind(
    given_answer: bytes, error: type[Exception], words: str
) -> None:
    with pytest.raises(error) as caught:
        parse_report(given_answer)
    assert str(caught.value) == words


NOBODY = [
    "Producer not found: no record for NPN 1",
    "No match",
    "Entity does not exist",
    "NOT ON FILE",
    "No such entity",
]


@pytest.mark.parametrize("words", NOBODY)
def test_words_for_nobody_are_known(words: str) -> None:
    with pytest.raises(NotFound):
        parse_report(answer("error").replace(b"The service is closed for maintenance.", words.encode()))


def test_very_long_texts_are_cut() -> None:
    long = render(REPORT._replace(last_name="x" * 5000))
    assert parse_report(long).last_name == "x" * LONGEST_TEXT


@given(REPORTS)
def test_what_is_rendered_is_read_back(report: ProducerReport) -> None:
    assert tuple(parse_report(render(report))) == tuple(report)


@given(REPORTS)
def test_a_firm_is_read_back_too(report: ProducerReport) -> None:
    firm = report._replace(kind="firm", first_name="", middle_name="", name_suffix="", born_on=None, ssn="")
    assert tuple(parse_report(render(firm))) == tuple(firm)


@given(REPORTS)
def test_the_order_of_the_blocks_makes_no_difference(report: ProducerReport) -> None:
    def shuffled(records: tuple[object, ...]) -> tuple[object, ...]:
        return tuple(random.Random(7).sample(records, len(records)))

    mixed = report._replace(
        licenses=shuffled(report.licenses),
        addresses=shuffled(report.addresses),
        appointments=shuffled(report.appointments),
    )
    assert tuple(parse_report(render(mixed))) == tuple(report)


@given(REPORTS)
def test_a_report_shows_nothing_of_a_person_in_logs(report: ProducerReport) -> None:
    assert repr(report) == f"<ProducerReport of {len(report.licenses)} licenses>"
