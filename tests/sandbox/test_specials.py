"""Each special NPN does what its line in the documentation says."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from pathlib import Path

import httpx
import pytest
from lxml import etree

from muster_sandbox.behavior import Behavior, Faults, Outcome
from muster_sandbox.command import main
from muster_sandbox.population import producer
from muster_sandbox.records import License
from muster_sandbox.specials import BY_KEY, SPECIALS
from tests.sandbox.process import SandboxProcess

TODAY = date(2026, 3, 15)
ENTITY = "/pdb-xml-reports/entityinfo_xml.cgi"
MANUAL = Path(__file__).parents[2] / "docs" / "reference" / "sandbox.md"


def ask(client: httpx.Client, key: str) -> httpx.Response:
    return client.get(ENTITY, params={"id_entity": BY_KEY[key].npn})


def kind(answer: httpx.Response) -> str:
    """Return the HTTP status if it is not 200, `broken` if the XML is, else the transaction type."""
    if answer.status_code != 200:
        return str(answer.status_code)
    try:
        return str(etree.fromstring(answer.content).findtext("TRANSACTION_TYPE/TYPE"))
    except etree.XMLSyntaxError:
        return "broken"


WIRE = {
    "not_found": ["ERROR", "ERROR"],
    "timeout_once": ["504", "INDIVIDUAL", "INDIVIDUAL"],
    "timeout": ["504", "504", "504"],
    "error": ["ERROR", "ERROR", "ERROR"],
    "error_once": ["ERROR", "INDIVIDUAL", "INDIVIDUAL"],
    "http_500": ["500", "500", "500"],
    "http_500_once": ["500", "INDIVIDUAL", "INDIVIDUAL"],
    "broken_xml": ["broken", "broken"],
    "truncated_xml": ["broken", "broken"],
    "throttled_twice": ["429", "429", "INDIVIDUAL", "INDIVIDUAL"],
}


@pytest.mark.parametrize("key", WIRE)
def test_a_special_npn_answers_in_its_way_request_after_request(client: httpx.Client, key: str) -> None:
    assert [kind(ask(client, key)) for _ in WIRE[key]] == WIRE[key]


@pytest.mark.parametrize("key", [special.key for special in SPECIALS if special.key not in WIRE])
def test_the_other_special_npns_are_always_answered(client: httpx.Client, key: str) -> None:
    assert [kind(ask(client, key)) for _ in range(3)] == ["INDIVIDUAL"] * 3


def test_a_throttled_request_says_when_to_come_back(client: httpx.Client) -> None:
    assert ask(client, "throttled_twice").headers["retry-after"] == "1"


def test_an_error_answer_and_a_missing_producer_can_be_told_apart(client: httpx.Client) -> None:
    descriptions = {
        key: etree.fromstring(ask(client, key).content).findtext("ERROR/DESCRIPTION")
        for key in ("error", "not_found")
    }
    assert descriptions == {
        "error": "The registry could not process the request (sandbox error).",
        "not_found": "Producer not found: no record for NPN 9000001",
    }


def test_a_truncated_report_is_the_beginning_of_the_whole_one(
    sandbox: SandboxProcess, client: httpx.Client
) -> None:
    part = ask(client, "truncated_xml").text
    sandbox.control(f"npn/{BY_KEY['truncated_xml'].npn}", {"behavior": "normal"})
    whole = ask(client, "truncated_xml").text
    assert whole.startswith(part)
    assert len(part) < len(whole)


def licenses(key: str) -> list[License]:
    known = producer(BY_KEY[key].npn, today=TODAY)
    assert known is not None
    return list(known.licenses)


def good(one: License) -> bool:
    return one.active and (one.expires is None or one.expires >= TODAY)


LICENSES: dict[str, Callable[[list[License]], bool]] = {
    "no_licenses": lambda held: not held,
    "resident_expired": lambda held: (
        [
            (one.state, one.active, one.expires is not None and one.expires < TODAY)
            for one in held
            if one.resident
        ]
        == [("TX", True, True)]
        and all(good(one) for one in held if not one.resident)
    ),
    "resident_inactive": lambda held: (
        [
            (one.state, one.active, one.expires is not None and one.expires >= TODAY)
            for one in held
            if one.resident
        ]
        == [("TX", False, True)]
        and all(good(one) for one in held if not one.resident)
    ),
    "several_licenses": lambda held: (
        len({one.class_code for one in held if one.state == "TX"}) == 3
        and len({one.class_code for one in held if one.state == "CA"}) == 2
    ),
    "unknown_state": lambda held: [one.state for one in held] == ["TX", "CA", "ZZ"],
    "all_states": lambda held: len({one.state for one in held}) == 54 and all(map(good, held)),
    "no_resident_license": lambda held: [one.state for one in held] == ["CA", "FL"],
}


@pytest.mark.parametrize("key", LICENSES)
def test_a_special_npn_has_the_licenses_of_its_description(key: str) -> None:
    assert LICENSES[key](licenses(key))


def test_all_further_people_behind_special_npns_are_in_good_standing_in_three_states() -> None:
    for special in SPECIALS:
        if special.exists and special.key not in LICENSES:
            held = licenses(special.key)
            assert [one.state for one in held] == ["TX", "CA", "FL"], special.key
            assert all(map(good, held)), special.key


def test_the_other_name_is_on_record_as_an_alias(client: httpx.Client) -> None:
    document = etree.fromstring(ask(client, "other_name").content)
    assert document.findtext(".//NAME_LAST") == "Abernathy-Sloan"
    (alias,) = document.findall(".//OTHER_NAME/STATE/NAME")
    assert (alias.get("type"), alias.text) == ("Alias", "Peggy Abernathy")


def test_the_regulatory_action_is_on_record(client: httpx.Client) -> None:
    document = etree.fromstring(ask(client, "regulatory_action").content)
    (action,) = document.findall(".//REGULATORY_ACTION/STATE")
    assert action.get("name") == "TX"
    assert action.findtext("DISPOSITION")


def test_special_people_have_the_same_names_whatever_the_seed() -> None:
    for special in SPECIALS:
        names = {
            None if made is None else (made.first_name, made.last_name)
            for made in (producer(special.npn, seed=seed, today=TODAY) for seed in (1, 2, 99))
        }
        assert names == ({(special.first_name, special.last_name)} if special.exists else {None})


def test_the_manual_lists_exactly_the_special_npns_of_the_code() -> None:
    rows = re.findall(
        r"^\| (9\d{6}) \| `(\w+)` \| (.+?) \| (.*?) \|$", MANUAL.read_text(encoding="utf-8"), re.M
    )
    assert rows == [
        (
            special.npn,
            special.key,
            special.does,
            f"{special.first_name} {special.last_name}".strip() or "(nobody)",
        )
        for special in SPECIALS
    ]


@pytest.mark.parametrize("word", [*Behavior, *Outcome, *Faults().as_dict()])
def test_the_manual_names_every_behavior_outcome_and_fault(word: str) -> None:
    assert f"`{word}`" in MANUAL.read_text(encoding="utf-8")


def test_the_manual_names_every_option(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--help"])
    options = set(re.findall(r"--[a-z][a-z-]+", capsys.readouterr().out)) - {"--help"}
    assert len(options) > 8
    manual = MANUAL.read_text(encoding="utf-8")
    assert {option for option in options if f"`{option}`" not in manual} == set()
