"""Reports for tests: one that holds a record of each kind, and hypothesis strategies for any other."""

from __future__ import annotations

from datetime import date
from typing import Any

from hypothesis import strategies as st

from muster.core.report import (
    Address,
    Appointment,
    Contact,
    License,
    Line,
    OtherName,
    ProducerReport,
    RegulatoryAction,
    distinct,
    merged_appointments,
    merged_licenses,
)

LIFE = Line("1", "Life", "Active", "Active", date(2020, 1, 1), date(2020, 1, 1), "In compliance", None, "0")
HEALTH = LIFE._replace(code="2", name="Health")

REPORT = ProducerReport(
    npn="4711",
    first_name="Maeve",
    last_name="O'Hara",
    born_on=date(1980, 2, 29),
    ssn="123456789",
    other_names=(OtherName("TX", "Alias", "May O'Hara"),),
    addresses=(
        Address("TX", "1", "Residence", "9 Oak Ln", "", "", "Austin", "TX", "78702", "USA", date(2020, 1, 1)),
        Address("TX", "2", "Business", "12 Elm St", "", "", "Austin", "TX", "78701", "USA", date(2020, 1, 1)),
    ),
    contacts=(
        Contact("TX", "email", "maeve@example.com"),
        Contact("TX", "phone", "5125550100", date(2020, 1, 1)),
    ),
    licenses=(
        License("OK", "77", "9", "Agent", "NR", True, date(2021, 1, 1), None, "", None, (LIFE,)),
        License(
            "TX",
            "1234567",
            "611",
            "Agent",
            "R",
            True,
            date(2010, 7, 8),
            date(2026, 2, 28),
            "",
            None,
            (LIFE, HEALTH),
        ),
    ),
    appointments=(
        Appointment(
            "TX",
            "00101",
            "Northstar Life",
            "990000101",
            "Health",
            "2",
            "",
            "Terminated",
            "Not supplied",
            date(2022, 5, 5),
        ),
        Appointment(
            "TX",
            "00101",
            "Northstar Life",
            "990000101",
            "Life",
            "1",
            "",
            "Appointed",
            "",
            date(2018, 1, 2),
            date(2027, 1, 2),
            first_effective_on=date(2018, 1, 2),
        ),
    ),
    regulatory_actions=(
        RegulatoryAction("TX", "77", "Insurance department", "Late response", "Fined", "250"),
    ),
)

STATES = st.sampled_from(["CA", "FL", "GA", "NY", "PR", "TX"])
DATES = st.none() | st.dates(date(1900, 1, 1), date(2100, 1, 1))
SIGNS = st.characters(codec="utf-8", exclude_categories=("C", "Z"))
TEXTS = st.text(SIGNS, max_size=8) | st.sampled_from(["", "Life", "Núñez & O'Hara", "<1>", "a b"])
NAMES = TEXTS.filter(bool)
CODES = st.sampled_from(["", "1", "2", "611"])


def _records(kind: type[Any], *fields: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.lists(st.builds(kind, *fields), max_size=3).map(distinct)


LINES = _records(Line, CODES, TEXTS, TEXTS, TEXTS, DATES, DATES, TEXTS, DATES, TEXTS)
LICENSES = st.lists(
    st.builds(
        License,
        STATES,
        NAMES,
        CODES,
        TEXTS,
        st.sampled_from(["R", "NR", ""]),
        st.booleans(),
        DATES,
        DATES,
        st.sampled_from(["", "TX"]),
        DATES,
        LINES,
    ),
    max_size=3,
).map(merged_licenses)
COCODES = st.sampled_from(["00101", "12345", "99999"])
FEINS = st.sampled_from(["", "990000101"])

REPORTS = st.builds(
    ProducerReport,
    npn=st.integers(1, 9_999_999_999).map(str),
    kind=st.just("individual"),
    notes=st.just(()),
    first_name=TEXTS,
    middle_name=TEXTS,
    last_name=TEXTS,
    name_suffix=TEXTS,
    born_on=DATES,
    ssn=st.sampled_from(["", "123456789", "078051120"]),
    other_names=_records(OtherName, STATES, TEXTS, NAMES),
    addresses=_records(Address, STATES, CODES, *[TEXTS] * 8, DATES),
    contacts=_records(Contact, STATES, st.sampled_from(["phone", "email", "fax"]), NAMES, DATES),
    licenses=LICENSES,
    appointments=_records(
        Appointment,
        STATES,
        COCODES,
        TEXTS,
        FEINS,
        TEXTS,
        CODES,
        CODES,
        st.sampled_from(["Appointed", "Terminated", ""]),
        TEXTS,
        DATES,
        DATES,
        TEXTS,
        TEXTS,
    ).map(merged_appointments),
    regulatory_actions=_records(
        RegulatoryAction, STATES, NAMES, TEXTS, TEXTS, TEXTS, TEXTS, TEXTS, TEXTS, DATES, DATES, DATES
    ),
)
