"""The report services over HTTP: the element tree, the parameters, who is let in."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import httpx
import pytest
from defusedxml import ElementTree
from lxml import etree

from muster_sandbox.identifiers import license_number, ssn_of
from muster_sandbox.population import producer, sample_firm_npns, sample_npns
from muster_sandbox.specials import BY_KEY
from tests.sandbox.process import SandboxProcess

TODAY = date(2026, 3, 15)
ENTITY = "/pdb-xml-reports/entityinfo_xml.cgi"
HITS = "/pdb-xml-reports/hitlist_xml.cgi"
TREE = Path(__file__).with_name("pdb_tree.txt")

# The tree is written down for a person; a firm's has the same branches.
EVERY_KIND = [
    *sample_npns(400, start=5_000),
    *sample_firm_npns(3),
    BY_KEY["several_licenses"].npn,
    BY_KEY["other_name"].npn,
    BY_KEY["regulatory_action"].npn,
    BY_KEY["not_found"].npn,
]


def expected_paths() -> list[str]:
    """Return the paths of the checked-in tree, in its order, attributes as `path@name`."""
    above: list[str] = []
    paths: list[str] = []
    for line in TREE.read_text(encoding="utf-8").splitlines():
        depth = (len(line) - len(line.lstrip())) // 2
        name, *attributes = line.split()
        above[depth:] = [name]
        paths.append("/".join(above))
        paths += [f"{paths[-1]}{attribute}" for attribute in attributes]
    return paths


def paths_of(element: etree._Element, above: str = "") -> list[str]:
    """Return the paths of a document's elements and attributes, in document order, a firm's as a person's."""
    name = "INDIVIDUAL" if element.tag == "FIRM" else str(element.tag)
    path = f"{above}/{name}" if above else name
    return [
        path,
        *(f"{path}@{attribute}" for attribute in element.attrib),
        *(each for child in element for each in paths_of(child, path)),
    ]


def report(client: httpx.Client, npn: str, **form: str) -> etree._Element:
    answer = client.post(ENTITY, data={"id_entity": npn, **form})
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/xml; charset=UTF-8"
    return etree.fromstring(answer.content)


def test_reports_have_exactly_the_elements_of_the_tree_and_in_its_order(client: httpx.Client) -> None:
    expected = expected_paths()
    place = {path: number for number, path in enumerate(expected)}
    seen: set[str] = set()
    for npn in EVERY_KIND:
        document = report(client, npn)
        paths = paths_of(document)
        assert set(paths) <= place.keys(), f"{npn}: {set(paths) - place.keys()}"
        seen.update(paths)
        for element in document.iter():
            children = [place[each] for child in element for each in paths_of(child, _path(element))[:1]]
            assert children == sorted(children), f"{npn}: children of {element.tag} are out of order"
    assert seen == set(expected)


def _path(element: etree._Element) -> str:
    names = [str(each.tag) for each in (*reversed(list(element.iterancestors())), element)]
    return "/".join("INDIVIDUAL" if name == "FIRM" else name for name in names)


def test_a_report_says_what_the_population_says(client: httpx.Client) -> None:
    for npn in [*sample_npns(60, start=200), BY_KEY["accents"].npn]:
        known = producer(npn, today=TODAY)
        assert known is not None
        document = report(client, npn, report_type="1")
        person = document.find("PRODUCER/INDIVIDUAL")
        texts = {
            name: person.findtext(f"ENTITY_BIOGRAPHIC/BIOGRAPHIC/{name}")
            for name in ("NPN", "NAME_LAST", "NAME_FIRST", "NAME_MIDDLE", "NAME_SUFFIX", "ID_SSN")
        }
        assert texts == {
            "NPN": npn,
            "NAME_LAST": known.last_name,
            "NAME_FIRST": known.first_name,
            "NAME_MIDDLE": known.middle_name,
            "NAME_SUFFIX": known.suffix,
            "ID_SSN": known.ssn,
        }
        licenses = [
            (
                state.get("name"),
                each.findtext("LICENSE_NUM"),
                each.findtext("LICENSE_CLASS_CODE"),
                each.findtext("RESIDENCY_STATUS") == "R",
                each.findtext("ACTIVE") == "Yes",
                _day(each.findtext("DATE_EXPIRE_LICENSE")),
                tuple(detail.findtext("LOA") for detail in each.iter("DETAIL")),
            )
            for state in person.findall("PRODUCER_LICENSING/LICENSE_INFORMATION/STATE")
            for each in state.findall("LICENSE")
        ]
        assert licenses == [
            (
                each.state,
                each.number,
                each.class_code,
                each.resident,
                each.active,
                each.expires,
                tuple(line.name for line in each.lines),
            )
            for each in known.licenses
        ]
        appointments = [
            (
                each.findtext("COCODE"),
                each.findtext("LINE_OF_AUTHORITY"),
                each.findtext("STATUS") == "Appointed",
            )
            for each in person.iter("APPOINTMENT")
        ]
        assert sorted(appointments) == sorted(
            (each.company.cocode, each.line_name, each.appointed) for each in known.appointments
        )


def _day(text: str) -> date | None:
    if not text:
        return None
    month, day, year = (int(part) for part in text.split("/"))
    return date(year, month, day)


def test_every_date_is_empty_or_month_day_year(client: httpx.Client) -> None:
    checked = 0
    for npn in EVERY_KIND[::10]:
        for element in report(client, npn).iter():
            if "DATE" in str(element.tag):
                checked += 1
                assert re.fullmatch(r"((0[1-9]|1[0-2])/[0-3]\d/\d{4})?", element.text or ""), element.tag
    assert checked > 500


def test_a_firm_is_found_as_a_firm(client: httpx.Client) -> None:
    (npn,) = sample_firm_npns(1, start=77)
    document = report(client, npn, report_type="0")
    assert document.findtext("TRANSACTION_TYPE/TYPE") == "FIRM"
    known = producer(npn, today=TODAY)
    assert known is not None
    name = document.findtext("PRODUCER/FIRM/ENTITY_BIOGRAPHIC/BIOGRAPHIC/NAME_COMPANY")
    assert name == known.company_name


@pytest.mark.parametrize(
    ("form", "description"),
    [
        ({"id_entity": "55"}, "Producer not found: no record for NPN 55"),
        ({"id_entity": "2000001"}, "Producer not found: no record for NPN 2000001"),
        ({"id_entity": "8100001"}, "Producer not found: no record for NPN 8100001"),
        ({"id_entity": "1000001", "report_type": "0"}, "Producer not found: no record for NPN 1000001"),
        ({"id_entity": "8000001", "report_type": "1"}, "Producer not found: no record for NPN 8000001"),
        ({}, "id_entity must be the NPN of a producer: 1 to 10 digits"),
        ({"id_entity": "1E6"}, "id_entity must be the NPN of a producer: 1 to 10 digits"),
        ({"id_entity": "12345678901"}, "id_entity must be the NPN of a producer: 1 to 10 digits"),
        ({"id_entity": "1000001", "report_type": "7"}, "report_type must be 1 (individual) or 0 (firm)"),
    ],
)
def test_what_cannot_be_answered_is_an_error_with_a_reason(
    client: httpx.Client, form: dict[str, str], description: str
) -> None:
    document = etree.fromstring(client.post(ENTITY, data=form).content)
    assert document.tag == "PDB"
    assert document.findtext("TRANSACTION_TYPE/TYPE") == "ERROR"
    assert document.findtext("ERROR/DESCRIPTION") == description


def test_get_post_and_the_old_parameters_give_the_same_report(client: httpx.Client) -> None:
    form = {"id_entity": "0001000005", "report_type": "1"}
    old = {**form, "customer_number": "SANDBOX", "pin_number": "1234"}
    answers = {
        client.get(ENTITY, params=form).content,
        client.post(ENTITY, data=form).content,
        client.post(ENTITY, data=old).content,
    }
    assert len(answers) == 1
    assert b"<NPN>1000005</NPN>" in answers.pop()


@pytest.mark.parametrize("path", [ENTITY, HITS, "/_control/ledger", "/nowhere"])
@pytest.mark.parametrize(
    "header",
    [
        {},
        {"Authorization": "Basic dGVzdGVyOndyb25n"},
        {"Authorization": "Basic ???"},
        {"Authorization": "Bearer x"},
    ],
    ids=["none", "wrong password", "not base64", "another scheme"],
)
def test_without_the_password_nothing_is_answered(
    sandbox: SandboxProcess, path: str, header: dict[str, str]
) -> None:
    answer = httpx.get(sandbox.url + path, headers=header, params={"id_entity": "1000001"}, trust_env=False)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Basic realm=")
    assert sandbox.ledger() == []


def hits(client: httpx.Client, **form: str) -> etree._Element:
    answer = client.post(HITS, data=form)
    assert answer.status_code == 200
    return etree.fromstring(answer.content)


def test_the_hit_list_finds_a_person_by_ssn_and_last_name(client: httpx.Client) -> None:
    for npn in sample_npns(30, start=900):
        known = producer(npn, today=TODAY)
        assert known is not None
        assert known.birth_date is not None
        document = hits(client, ssn=known.ssn, name_last=known.last_name.upper(), report_type="1")
        (person,) = document.findall("INDIVIDUAL")
        assert [each.tag for each in person] == ["NAME", "ID_ENTITY", "NPN", "STATE_RESIDENT", "DATE_BIRTH"]
        assert person.findtext("NPN") == npn
        assert person.findtext("ID_ENTITY") == known.ssn
        assert person.findtext("STATE_RESIDENT") == known.resident_state
        assert person.findtext("DATE_BIRTH") == known.birth_date.strftime("%m/%d/%Y")
        assert document.findtext("TRANSACTION_TYPE/TYPE") == "HITLIST"


def test_the_hit_list_does_not_mind_hyphens_case_and_accents(client: httpx.Client) -> None:
    ssn = ssn_of(int(BY_KEY["accents"].npn), seed=1)
    written = f"{ssn[:3]}-{ssn[3:5]}-{ssn[5:]}"
    document = hits(client, ssn=written, name_last="OBRIEN NUNEZ", name_first="zoe")
    assert document.findtext("INDIVIDUAL/NPN") == BY_KEY["accents"].npn


def test_the_hit_list_finds_a_person_by_license_number_and_state(client: httpx.Client) -> None:
    tried = 0
    for npn in sample_npns(20, start=300):
        known = producer(npn, today=TODAY)
        assert known is not None
        for held in known.licenses:
            tried += 1
            document = hits(client, license_num=held.number, state=held.state.lower())
            assert document.findtext("INDIVIDUAL/NPN") == npn
            assert document.findtext("INDIVIDUAL/ID_ENTITY") == ""
    assert tried > 20


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"ssn": ssn_of(1_000_001, seed=1), "name_last": "Nobody"}, "not found"),
        ({"ssn": "000-12-3456", "name_last": "Nobody"}, "not found"),
        ({"ssn": ssn_of(8_000_001, seed=1), "name_last": "Nobody"}, "not found"),
        ({"license_num": license_number(55, "TX"), "state": "TX"}, "not found"),
        ({"license_num": "no number", "state": "TX"}, "not found"),
        ({"ssn": "123456789"}, "send ssn and name_last, or license_num and state"),
        ({"report_type": "0", "ssn": "123456789", "name_last": "X"}, "individuals only"),
    ],
)
def test_a_search_without_a_hit_is_an_error(client: httpx.Client, form: dict[str, str], words: str) -> None:
    document = hits(client, **form)
    assert document.tag == "HITLIST"
    assert document.findtext("TRANSACTION_TYPE/TYPE") == "ERROR"
    assert words in document.findtext("ERROR/DESCRIPTION")


def test_the_ledger_never_holds_an_ssn(sandbox: SandboxProcess, client: httpx.Client) -> None:
    ssn = ssn_of(1_000_001, seed=1)
    hits(client, ssn=ssn, name_last="Nobody")
    sandbox.ledger()
    held = b"".join(path.read_bytes() for path in sandbox.home.iterdir())
    assert ssn.encode() not in held


def test_answers_parse_with_entities_forbidden(client: httpx.Client) -> None:
    text = client.get(ENTITY, params={"id_entity": "9000013"}).content
    root = ElementTree.fromstring(text, forbid_dtd=True)
    assert root.findtext(".//NAME_LAST") == "O'Brien-Nuñez"
