from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from muster.core import words
from muster.core.amounts import clean_count, clean_money, dollars
from muster.core.values import (
    Cleaner,
    bare,
    clean_cocode,
    clean_date,
    clean_email,
    clean_fein,
    clean_name,
    clean_npn,
    clean_ssn,
    clean_state,
    clean_yes_no,
    fold,
    list_of,
    masked_ssn,
    one_of,
    text_of,
)

clean_category = one_of(words.LOA_CATEGORIES)
clean_categories = list_of(clean_category)
clean_scorecard_type = one_of(words.SCORECARD_TYPES)
clean_states = list_of(clean_state)
clean_cocodes = list_of(clean_cocode)
clean_line = list_of(one_of({"a": "Health, Sickness", "b": "Life"}), commas=True)

NBSP, RIGHT_TO_LEFT, ZERO_WIDTH = "\u00a0", "\u200f", "\u200b"

# cleaner, text, value, codes of the problems
CASES: list[tuple[Cleaner, str, Any, list[str]]] = [
    (clean_npn, "1234567", "1234567", []),
    (clean_npn, "1", "1", []),
    (clean_npn, "9999999999", "9999999999", []),
    (clean_npn, f" {NBSP}1234567{NBSP} ", "1234567", []),
    (clean_npn, "'1234567", "1234567", []),
    (clean_npn, "1234567.0", "1234567", []),
    (clean_npn, "1234567.", "1234567", []),
    (clean_npn, "1234567.00", "1234567", []),
    (clean_npn, "0001234567", "1234567", []),
    (clean_npn, "'0001234", "1234", []),
    (clean_npn, f"{RIGHT_TO_LEFT}1234567", "1234567", ["VAL-W001"]),
    (clean_npn, "12a4567", None, ["NPN-E001"]),
    (clean_npn, "1234567.5", None, ["NPN-E001"]),
    (clean_npn, "-1234567", None, ["NPN-E001"]),
    (clean_npn, "1,234,567", None, ["NPN-E001"]),
    (clean_npn, "12 34", None, ["NPN-E001"]),
    (clean_npn, "１２３４５", None, ["NPN-E001"]),  # digits of another width
    (clean_npn, "٣٤٥", None, ["NPN-E001"]),  # digits of another script
    (clean_npn, ".0", None, ["NPN-E001"]),
    (clean_npn, "0", None, ["NPN-E002"]),
    (clean_npn, "0000000000000", None, ["NPN-E002"]),
    (clean_npn, "0.0", None, ["NPN-E002"]),
    (clean_npn, "12345678901", None, ["NPN-E003"]),
    (clean_npn, "1.23E+09", None, ["NPN-E004"]),
    (clean_npn, "1.23457E+09", None, ["NPN-E004"]),
    (clean_npn, "1E9", None, ["NPN-E004"]),
    (clean_npn, "1,23E+09", None, ["NPN-E004"]),
    (clean_ssn, "123456789", "123456789", []),
    (clean_ssn, "123-45-6789", "123456789", []),
    (clean_ssn, "123 45 6789", "123456789", []),
    (clean_ssn, " 123-45-6789 ", "123456789", []),
    (clean_ssn, "'012345678", "012345678", []),
    (clean_ssn, "899-45-6789", "899456789", []),
    (clean_ssn, "123-45 6789", None, ["SSN-E002"]),
    (clean_ssn, "12-345-6789", None, ["SSN-E002"]),
    (clean_ssn, "123--45-6789", None, ["SSN-E002"]),
    (clean_ssn, "12345678", None, ["SSN-E003"]),
    (clean_ssn, "1234567", None, ["SSN-E003"]),
    (clean_ssn, "12-34-5678", None, ["SSN-E003"]),
    (clean_ssn, "000-12-3456", None, ["SSN-E004"]),
    (clean_ssn, "666-12-3456", None, ["SSN-E004"]),
    (clean_ssn, "900-12-3456", None, ["SSN-E004"]),
    (clean_ssn, "999123456", None, ["SSN-E004"]),
    (clean_ssn, "123-00-4567", None, ["SSN-E005"]),
    (clean_ssn, "123-45-0000", None, ["SSN-E006"]),
    (clean_ssn, "1.23457E+08", None, ["SSN-E007"]),
    (clean_ssn, "***-**-6789", None, ["SSN-W001"]),
    (clean_ssn, "XXX-XX-6789", None, ["SSN-W001"]),
    (clean_ssn, "*****6789", None, ["SSN-W001"]),
    (clean_ssn, "1234567890", None, ["SSN-E001"]),
    (clean_ssn, "123-45-678A", None, ["SSN-E001"]),
    (clean_ssn, "on file", None, ["SSN-E001"]),
    (clean_cocode, "12345", "12345", []),
    (clean_cocode, " 01234 ", "01234", []),
    (clean_cocode, "1234", "01234", ["COCODE-W001"]),
    (clean_cocode, "7", "00007", ["COCODE-W001"]),
    (clean_cocode, "123456", None, ["COCODE-E001"]),
    (clean_cocode, "12a45", None, ["COCODE-E001"]),
    (clean_cocode, "123.0", None, ["COCODE-E001"]),
    (clean_fein, "123456789", "123456789", []),
    (clean_fein, "12-3456789", "123456789", []),
    (clean_fein, "123-45-6789", None, ["FEIN-E001"]),
    (clean_fein, "12345678", None, ["FEIN-E001"]),
    (clean_state, "TX", "TX", []),
    (clean_state, " tx ", "TX", []),
    (clean_state, "texas", "TX", []),
    (clean_state, "NEW  YORK", "NY", []),
    (clean_state, "District of Columbia", "DC", []),
    (clean_state, "US Virgin Islands", "VI", []),
    (clean_state, "U.S. Virgin Islands", "VI", []),
    (clean_state, "puerto rico", "PR", []),
    (clean_state, "ZZ", None, ["STATE-E001"]),
    (clean_state, "Ontario, Canada or somewhere else", None, ["STATE-E001"]),
    (clean_state, "Calif.", None, ["STATE-E002"]),
    (clean_state, "Pensylvania", None, ["STATE-E002"]),
    (clean_state, f"{ZERO_WIDTH}Texas", "TX", ["VAL-W001"]),
    (clean_email, "Robin.Field@Harbor.EXAMPLE", "Robin.Field@harbor.example", []),
    (clean_email, " o'hara+nipr@mail.harbor.example ", "o'hara+nipr@mail.harbor.example", []),
    (clean_email, "'+tag@harbor.example", "+tag@harbor.example", []),
    (clean_email, "'tis@harbor.example", "'tis@harbor.example", []),
    (clean_email, f"robin@harbor.example{ZERO_WIDTH}", "robin@harbor.example", ["VAL-W001"]),
    (clean_email, f"robin@{ZERO_WIDTH}harbor.example", "robin@harbor.example", ["VAL-W001"]),
    (clean_email, f"{NBSP}robin@harbor.example{NBSP}", "robin@harbor.example", []),
    (clean_email, "robin@hårbor.example", None, ["EMAIL-E002"]),
    (clean_email, "robin", None, ["EMAIL-E001"]),
    (clean_email, "@harbor.example", None, ["EMAIL-E001"]),
    (clean_email, "robin..field@harbor.example", None, ["EMAIL-E001"]),
    (clean_email, ".robin@harbor.example", None, ["EMAIL-E001"]),
    (clean_email, "robin,field@harbor.example", None, ["EMAIL-E001"]),
    (clean_email, "robin@", None, ["EMAIL-E002"]),
    (clean_email, "robin@harbor", None, ["EMAIL-E002"]),
    (clean_email, "robin@harbor.example.", None, ["EMAIL-E002"]),
    (clean_email, "robin@-harbor.example", None, ["EMAIL-E002"]),
    (clean_email, "robin@harbor.example\x00", None, ["EMAIL-E002"]),
    (clean_email, "Robin Field <robin@harbor.example>", None, ["EMAIL-E003"]),
    (clean_email, "robin@harbor.example (work)", None, ["EMAIL-E003"]),
    (clean_email, "a@harbor.example; b@harbor.example", None, ["EMAIL-E004"]),
    (clean_email, "a@harbor.example b@harbor.example", None, ["EMAIL-E004"]),
    (clean_email, "robin@" + "a" * 250 + ".example", None, ["EMAIL-E005"]),
    (clean_date, "2026-01-31", date(2026, 1, 31), []),
    (clean_date, "01/31/2026", date(2026, 1, 31), []),
    (clean_date, "1/5/2026", date(2026, 1, 5), []),
    (clean_date, "02/29/2024", date(2024, 2, 29), []),
    (clean_date, "01/31/26", None, ["DATE-E002"]),
    (clean_date, "1-5-26", None, ["DATE-E002"]),
    (clean_date, "26-01-05", None, ["DATE-E002"]),
    (clean_date, "02/30/2026", None, ["DATE-E003"]),
    (clean_date, "31/01/2026", None, ["DATE-E003"]),
    (clean_date, "0000-01-01", None, ["DATE-E003"]),
    (clean_date, "45296", None, ["DATE-E004"]),
    (clean_date, "45296.5", None, ["DATE-E004"]),
    (clean_date, "Jan 5, 2026", None, ["DATE-E001"]),
    (clean_date, "2026-01-05 13:30:00", None, ["DATE-E001"]),
    (clean_date, "٢٠٢٦-٠١-٠٥", None, ["DATE-E001"]),
    (clean_name, "  Mary   Ann  ", "Mary Ann", []),
    (clean_name, "O'Hara-Núñez, Jr.", "O'Hara-Núñez, Jr.", []),
    (clean_name, "'t Hooft", "'t Hooft", []),
    (clean_name, "Mary\nAnn\tLee", "Mary Ann Lee", []),
    (clean_name, f"Mary{NBSP}Ann", "Mary Ann", []),
    (clean_name, "Jose\u0301", "José", []),  # composed and decomposed accents are one name
    (clean_name, f"Cohen{RIGHT_TO_LEFT}", "Cohen", ["VAL-W001"]),
    (clean_name, f"A{ZERO_WIDTH}nn", "Ann", ["VAL-W001"]),
    (clean_name, RIGHT_TO_LEFT, None, []),
    (clean_name, "A\x07nn", None, ["TEXT-E001"]),
    (clean_name, "Ann\x00", None, ["TEXT-E001"]),
    (clean_name, "Ann\ud800", None, ["TEXT-E001"]),
    (clean_name, "A" * 100, "A" * 100, []),
    (clean_name, "A" * 101, None, ["TEXT-E002"]),
    (text_of(limit=3), "abcd", None, ["TEXT-E002"]),
    (clean_category, "personal_lines", "personal_lines", []),
    (clean_category, "Personal Lines", "personal_lines", []),
    (clean_category, "PERSONAL-lines", "personal_lines", []),
    (clean_category, "Variable Products", "variable", []),  # its label
    (clean_category, "helth", None, ["VAL-E002"]),
    (clean_category, "xyz", None, ["VAL-E001"]),
    (clean_scorecard_type, "License and Appointment", "license_and_appointment", []),
    (clean_scorecard_type, "license;license_and_appointment", None, ["VAL-E006"]),
    (clean_categories, "life;health", ["life", "health"], []),
    (clean_categories, " health ; life ;; Life ", ["health", "life"], []),
    (clean_categories, ";", None, []),
    (clean_categories, "life;xyz;helth", None, ["VAL-E001", "VAL-E002"]),
    (clean_categories, "life, health", None, ["VAL-E003"]),
    (clean_categories, "life,health;title", None, ["VAL-E003"]),
    (clean_states, "TX;Calif.;Calif.", None, ["STATE-E002"]),
    (clean_cocodes, "123;12345", ["00123", "12345"], ["COCODE-W001"]),
    (clean_line, "Health, Sickness;life", ["a", "b"], []),
    (clean_line, "Health, Sicknes", None, ["VAL-E002"]),
    *((clean_yes_no, text, True, []) for text in ("yes", "YES", " y ", "TRUE", "1")),
    *((clean_yes_no, text, False, []) for text in ("no", "N", "False", "0")),
    (clean_yes_no, f"{RIGHT_TO_LEFT}no", False, ["VAL-W001"]),
    (clean_yes_no, "maybe", None, ["VAL-E001"]),
    (clean_yes_no, "yes;no", None, ["VAL-E001"]),
    (clean_yes_no, " ", None, []),
    (clean_money, "5.60", 560, []),
    (clean_money, "5.6", 560, []),
    (clean_money, "$ 1,234,567", 123456700, []),
    (clean_money, "0", 0, []),
    (clean_money, "", None, []),
    (clean_money, "5.601", None, ["MONEY-E001"]),
    (clean_money, "-5", None, ["MONEY-E001"]),
    (clean_money, "1,00", None, ["MONEY-E001"]),
    (clean_money, "five", None, ["MONEY-E001"]),
    (clean_money, "٣", None, ["MONEY-E001"]),
    (clean_money, "20000000.00", 2_000_000_000, []),
    (clean_money, "20000000.01", None, ["MONEY-E002"]),
    (clean_count, "500", 500, []),
    (clean_count, "1,000", 1000, []),
    (clean_count, " ", None, []),
    (clean_count, "0", None, ["COUNT-E001"]),
    (clean_count, "2.5", None, ["COUNT-E001"]),
    (clean_count, "2000000001", None, ["COUNT-E001"]),
]


@pytest.mark.parametrize(("clean", "text", "value", "codes"), CASES)
def test_each_text_gets_its_value_or_its_reason(
    clean: Cleaner, text: str, value: Any, codes: list[str]
) -> None:
    cleaned, problems = clean(text)
    assert cleaned == value
    assert [problem.code for problem in problems] == codes


ALL = [clean_npn, clean_ssn, clean_cocode, clean_fein, clean_state, clean_email, clean_date, clean_name,
       clean_category, clean_categories, clean_states]  # fmt: skip


@pytest.mark.parametrize("clean", ALL)
@pytest.mark.parametrize("blank", ["", " ", NBSP, "\t\r\n", "'\t"])
def test_blank_text_is_no_value_and_no_problem(clean: Cleaner, blank: str) -> None:
    assert clean(blank) == (None, ())


@pytest.mark.parametrize(
    ("clean", "text", "code", "params"),
    [
        (clean_npn, "12345678901", "NPN-E003", {"digits": 11}),
        (clean_ssn, "12345678", "SSN-E003", {"digits": 8}),
        (clean_ssn, "666123456", "SSN-E004", {"area": "666"}),
        (clean_cocode, "77", "COCODE-W001", {"cocode": "00077"}),
        (clean_state, "Calif.", "STATE-E002", {"suggestion": "CA"}),
        (clean_states, "TX;Calif.", "STATE-E002", {"suggestion": "CA", "item": "Calif."}),
        (clean_category, "helth", "VAL-E002", {"suggestion": "health"}),
        (
            clean_categories,
            "life, health,",
            "VAL-E003",
            {"semicolons": "life;health", "item": "life, health,"},
        ),
        (clean_scorecard_type, "xyz", "VAL-E001", {"accepted": "license, license_and_appointment"}),
        (clean_name, f"{RIGHT_TO_LEFT}A{ZERO_WIDTH}", "VAL-W001", {"count": 2}),
    ],
)
def test_a_problem_carries_what_its_sentence_needs(
    clean: Cleaner, text: str, code: str, params: dict[str, Any]
) -> None:
    ((got, given),) = clean(text)[1]
    assert (got, dict(given)) == (code, params)


def test_an_ssn_that_we_masked_is_recognized_when_it_comes_back() -> None:
    assert [problem.code for problem in clean_ssn(masked_ssn("6789"))[1]] == ["SSN-W001"]


def test_every_jurisdiction_is_known_by_its_code_and_its_name() -> None:
    states = words.states()
    assert len(states) == 56
    for code, name in states.items():
        assert clean_state(code.lower())[0] == code
        assert clean_state(name.upper())[0] == code


@pytest.mark.parametrize("vocabulary", [words.LOA_CATEGORIES, words.AGENT_TYPES, words.SCORECARD_TYPES])
def test_every_accepted_value_is_accepted_by_code_and_by_label(vocabulary: dict[str, str]) -> None:
    clean = one_of(vocabulary)
    for code, label in vocabulary.items():
        assert clean(code.upper().replace("_", "-")) == (code, ())
        assert clean(label) == (code, ())


def test_the_words_are_those_of_the_field() -> None:
    assert len(words.LOA_CATEGORIES) == 19
    assert list(words.AGENT_TYPES) == ["producer", "adjuster", "surplus_lines"]
    assert list(words.SCORECARD_TYPES) == ["license", "license_and_appointment"]


def test_folding_makes_case_and_separators_alike() -> None:
    assert fold(" Car-Rental ") == fold("car_rental") == fold("CAR RENTAL")


@pytest.mark.parametrize(
    ("text", "left"), [("'=x", "=x"), (" '-5 ", "-5"), ("'\t'@a", "@a"), ("'tis", "'tis"), ("''", "''")]
)
def test_only_the_apostrophe_before_a_dangerous_sign_is_taken_off(text: str, left: str) -> None:
    assert bare(text) == left


@pytest.mark.parametrize(("cents", "told"), [(0, "$0.00"), (153, "$1.53"), (123_456, "$1,234.56")])
def test_cents_are_told_in_dollars(cents: int, told: str) -> None:
    assert dollars(cents) == told
    assert clean_money(told) == (cents, ())
