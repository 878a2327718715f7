from __future__ import annotations

import json
import re

import pytest

from muster.core.catalogue import ENTRIES, SEVERITY_OF_LETTER, Entry, Scope, Severity, entry
from muster.core.findings import CATALOGUE, extend, finding, fix, sentence


@pytest.mark.parametrize("one", ENTRIES, ids=lambda one: one.code)
def test_an_entry_says_what_is_wrong_and_what_to_do(one: Entry) -> None:
    assert re.fullmatch(r"[A-Z]{3,6}-[EWI]\d{3}", one.code)
    assert one.severity is SEVERITY_OF_LETTER[one.code[-4]]
    assert one.title[0].isupper()
    assert not one.title.endswith(".")
    assert re.search(r"[.?:{}]|\w\}$", one.text)
    assert one.text[-1] in ".?"
    assert one.fix.endswith(".")


def test_no_code_is_used_twice() -> None:
    codes = [one.code for one in ENTRIES]
    assert len(codes) == len(set(codes))
    assert set(codes) <= set(CATALOGUE)


def test_words_are_joined_when_a_finding_is_shown() -> None:
    one = finding("NPN-E003", row=7, field="Agent NPN", value="12345678901", digits=11)
    assert one.severity is Severity.ERROR
    told = sentence(one.code, field=one.field, value=one.value, params=one.params)
    assert told == "“12345678901” is not an NPN: it has 11 digits, and an NPN has at most 10."
    assert fix("COL-E003", field="Last Name") == "Add the column Last Name and fill it in each row."


def test_a_finding_of_an_older_version_is_still_told() -> None:
    assert sentence("NPN-E003", value="1") == "“1” is not an NPN: it has … digits, and an NPN has at most 10."


def test_text_of_a_user_is_never_taken_for_words_to_fill_in() -> None:
    assert sentence("NPN-E001", value="{code.__class__}").startswith("“{code.__class__}” is not")


def test_a_finding_can_be_stored_as_json() -> None:
    one = finding("NPN-E003", row=7, field="Agent NPN", value="1", digits=11)
    assert json.loads(json.dumps(dict(one.params))) == {"digits": 11}


def test_other_modules_add_their_codes_once() -> None:
    new = entry("TEST-W001", Scope.ROWS, "Only a test", "This is a test.", "Nothing.")
    extend([new])
    extend([new])
    assert CATALOGUE["TEST-W001"] is new
    with pytest.raises(ValueError, match="TEST-W001 is taken"):
        extend([entry("TEST-W001", Scope.ROWS, "Another", "Another.", "Nothing.")])
    with pytest.raises(ValueError, match="NPN-E001 is taken"):
        extend([entry("NPN-E001", Scope.ROWS, "Another", "Another.", "Nothing.")])


def test_a_code_whose_letter_belies_its_severity_is_refused() -> None:
    with pytest.raises(ValueError, match="letter of TEST-E777"):
        extend([Entry("TEST-E777", Severity.WARNING, Scope.ROWS, "Wrong", "Wrong.", "Nothing.")])
    assert "TEST-E777" not in CATALOGUE


def test_an_unknown_code_cannot_be_found() -> None:
    with pytest.raises(KeyError):
        finding("NPN-E999")
