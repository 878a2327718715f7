"""The population: determined by seed and NPN alone, of valid forms, steady from day to day."""

from __future__ import annotations

import re
import subprocess
import sys
from collections import Counter
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from muster_sandbox import report
from muster_sandbox.career import LAST_DAY
from muster_sandbox.companies import COMPANIES
from muster_sandbox.identifiers import license_number, npn_number, npn_of_license, npn_of_ssn, ssn_of
from muster_sandbox.lines import license_classes
from muster_sandbox.places import REGISTRY_STATES, STATES
from muster_sandbox.population import producer, sample_firm_npns, sample_npns
from muster_sandbox.records import Producer
from muster_sandbox.specials import SPECIALS
from tests.sandbox.process import SOURCES

TODAY = date(2026, 3, 15)
ORDINARY = st.one_of(st.integers(1_000_001, 2_000_000), st.integers(8_000_001, 8_100_000))
NPNS = st.one_of(
    ORDINARY,
    st.sampled_from([int(special.npn) for special in SPECIALS if special.exists]),
)
DAYS = st.dates(LAST_DAY + timedelta(days=1), date(2040, 12, 31))
SEEDS = st.integers(0, 2**32)


def known(npn: int | str, seed: int = 1, today: date = TODAY) -> Producer:
    made = producer(npn, seed=seed, today=today)
    assert made is not None
    return made


@given(NPNS, SEEDS, DAYS)
def test_the_same_question_has_the_same_answer(npn: int, seed: int, today: date) -> None:
    assert known(npn, seed, today) == known(npn, seed, today)


@given(NPNS, SEEDS, DAYS)
def test_nothing_lies_in_the_future_but_renewals(npn: int, seed: int, today: date) -> None:
    made = known(npn, seed, today)
    for held in made.licenses:
        assert held.issued <= held.updated <= today
        assert held.lines
        for line in held.lines:
            assert held.issued <= line.issued <= today
            assert line.status_date <= today
            assert held.active or not line.active
    for appointment in made.appointments:
        assert appointment.status_date <= today
        assert (appointment.renewal is not None) == appointment.appointed
        assert appointment.renewal is None or appointment.renewal > today


@given(ORDINARY, SEEDS, DAYS, st.integers(1, 800))
def test_days_pass_and_only_renewals_change(npn: int, seed: int, today: date, days: int) -> None:
    before, after = known(npn, seed, today), known(npn, seed, today + timedelta(days=days))
    assert before.addresses == after.addresses
    assert before.contacts == after.contacts
    assert before.aliases == after.aliases
    assert before.actions == after.actions
    assert [(one.number, one.active, one.issued) for one in before.licenses] == [
        (one.number, one.active, one.issued) for one in after.licenses
    ]
    for old, new in zip(before.licenses, after.licenses, strict=True):
        if old.expires != new.expires:
            assert old.expires is not None
            assert new.expires is not None
            assert new.active
            assert new.expires > old.expires
    assert [(one.company, one.line_code, one.appointed, one.status_date) for one in before.appointments] == [
        (one.company, one.line_code, one.appointed, one.status_date) for one in after.appointments
    ]


@given(NPNS, SEEDS)
def test_a_producer_holds_each_license_and_appointment_once(npn: int, seed: int) -> None:
    made = known(npn, seed)
    licenses = [(one.state, one.number, one.class_code) for one in made.licenses]
    assert len(licenses) == len(set(licenses))
    for held in made.licenses:
        codes = [(line.code, line.name) for line in held.lines]
        assert len(codes) == len(set(codes))
    appointments = [(one.state, one.company.cocode, one.line_code) for one in made.appointments]
    assert len(appointments) == len(set(appointments))
    assert sum(one.resident for one in made.licenses) <= 3


@given(NPNS, SEEDS)
def test_appointments_are_for_lines_held_where_appointments_are_filed(npn: int, seed: int) -> None:
    made = known(npn, seed)
    held = {(one.state, line.code): one.active for one in made.licenses for line in one.lines}
    for appointment in made.appointments:
        assert appointment.state not in REGISTRY_STATES
        if appointment.state != "ZZ" and made.npn != "9000015":
            assert held[appointment.state, appointment.line_code] or not appointment.appointed


@given(st.integers(0, 9_999_999), SEEDS)
def test_an_ssn_leads_back_to_its_npn_and_has_a_valid_form(npn: int, seed: int) -> None:
    ssn = ssn_of(npn, seed=seed)
    assert re.fullmatch(r"(?!000|666|9)\d{3}(?!00)\d{2}(?!0000)\d{4}", ssn)
    assert npn_of_ssn(ssn, seed=seed) == npn
    assert npn_of_ssn(f"{ssn[:3]}-{ssn[3:5]}-{ssn[5:]}", seed=seed) == npn


@pytest.mark.parametrize(
    "ssn",
    [
        "",
        "12345678",
        "1234567890",
        "000123456",
        "666123456",
        "900123456",
        "123006789",
        "123450000",
        "12345678x",
    ],
)
def test_an_impossible_ssn_belongs_to_nobody(ssn: str) -> None:
    assert npn_of_ssn(ssn, seed=1) is None


@given(st.integers(1, 9_999_999), st.sampled_from(STATES), st.sampled_from(["", "A", "S"]))
def test_a_license_number_leads_back_to_its_npn(npn: int, state: str, prefix: str) -> None:
    assert npn_of_license(license_number(npn, state, prefix=prefix), state) == npn


@given(NPNS)
def test_in_iowa_and_north_dakota_the_license_number_is_the_npn(npn: int) -> None:
    for held in known(npn).licenses:
        if held.state in ("IA", "ND"):
            assert held.number.lstrip("AS") == str(npn)


@pytest.mark.parametrize(
    ("npn", "exists"),
    [
        ("1000000", False),
        ("1000001", True),
        ("0001000001", True),
        ("2000000", True),
        ("2000001", False),
        ("8000000", False),
        ("8000001", True),
        ("8100000", True),
        ("8100001", False),
        ("9000001", False),
        ("9000002", True),
        ("9000022", True),
        ("9000023", False),
        ("0", False),
        ("", False),
        ("1.0E6", False),
        ("10000000000", False),
        ("٣", False),
    ],
)
def test_exactly_the_documented_ranges_exist(npn: str, exists: bool) -> None:
    assert (producer(npn, today=TODAY) is not None) == exists


def test_a_larger_population_goes_beyond_the_first_million_and_leaves_it_as_it_was() -> None:
    beyond = producer("2000001", today=TODAY, population=1_000_001)
    assert beyond is not None
    assert not beyond.firm
    assert producer("1500000", today=TODAY, population=6_000_000) == known("1500000")


def test_samples_are_npns_of_the_population_in_order_and_without_repeats() -> None:
    people = sample_npns(500, start=999_500)
    assert people == [str(npn) for npn in range(1_999_501, 2_000_001)]
    assert not any(known(npn).firm for npn in people)
    firms = sample_firm_npns(50, start=99_950)
    assert all(known(npn).firm for npn in firms)
    with pytest.raises(ValueError, match="100,000 agencies"):
        sample_firm_npns(2, start=99_999)


def test_another_seed_is_another_population() -> None:
    npns = sample_npns(200)
    same = sum(known(npn, seed=1).name == known(npn, seed=2).name for npn in npns)
    assert same < 5


def test_the_population_is_as_varied_as_it_is_said_to_be() -> None:
    people = [known(npn) for npn in sample_npns(4_000, start=10_000)]
    states = Counter(len({one.state for one in made.licenses if not one.resident}) for made in people)
    assert set(states) == set(range(13)), "from no to twelve nonresident states"
    assert {made.resident_state for made in people} == set(STATES)
    residents = [one for made in people for one in made.licenses if one.resident]
    bad = sum(not one.active for one in residents) / len(residents)
    assert 0.03 < bad < 0.08
    actions = sum(bool(made.actions) for made in people) / len(people)
    assert 0.004 < actions < 0.02
    assert any(not made.last_name.isascii() for made in people)
    assert any("'" in made.last_name for made in people)
    appointments = [one for made in people for one in made.appointments]
    assert {one.company for one in appointments} == set(COMPANIES)
    ended = sum(not one.appointed for one in appointments) / len(appointments)
    assert 0.05 < ended < 0.3
    assert any(line.status_reason == "Voluntarily surrendered" for one in residents for line in one.lines)


def test_every_person_has_lines_of_their_state_by_its_own_names() -> None:
    classes = {(one.state, one.code): one for found in license_classes().values() for one in found}
    for npn in sample_npns(1_000, start=50_000):
        for held in known(npn).licenses:
            of_class = classes[held.state, held.class_code]
            names = {(line.code, line.name) for line in of_class.lines}
            assert {(line.code, line.name) for line in held.lines} <= names


@pytest.mark.parametrize(
    ("text", "number"), [("007", 7), (" 12 ", 12), (5, 5), ("", None), ("12a", None), ("1" * 11, None)]
)
def test_an_npn_is_one_to_ten_digits(text: str | int, number: int | None) -> None:
    assert npn_number(text) == number


def test_another_process_makes_the_same_reports() -> None:
    npns = ["1000001", "1234567", "8000042", "9000016"]
    program = (
        "import datetime, sys\n"
        "from muster_sandbox.population import producer\n"
        "from muster_sandbox.report import pdb_report\n"
        f"for npn in {npns!r}:\n"
        f"    sys.stdout.write(pdb_report(producer(npn, seed=7, today={TODAY!r})))\n"
    )
    other = subprocess.run(
        [sys.executable, "-c", program],
        env={"PYTHONPATH": str(SOURCES), "PYTHONHASHSEED": "12345", "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        check=True,
        encoding="utf-8",
    )
    assert other.stdout == "".join(report.pdb_report(known(npn, seed=7)) for npn in npns)
