"""From a PDB or HITLIST answer to plain values.

The element tree is NIPR's: dates are MM/DD/YYYY, `APPONT_RENEWAL_DATE` is misspelled and
`Agency_Affiliations` in mixed case there, states may have several licenses, and whole blocks may be repeated.
"""

from __future__ import annotations

import re
from datetime import date
from functools import lru_cache

from lxml import etree

from muster.core.report import (
    Address,
    Appointment,
    Contact,
    Hit,
    Kind,
    License,
    Line,
    OtherName,
    ProducerReport,
    RegulatoryAction,
    distinct,
    merged_appointments,
    merged_licenses,
    usable_ssn,
)
from muster.core.values import clean_cocode
from muster.core.words import states
from muster.registry.nipr.xml import root_of
from muster.registry.port import BrokenAnswer, NotFound, OtherLastName, Rejected

LONGEST_TEXT = 200
NOTES_KEPT = 20
"""Characters of one text, and notes of one report; the rest is cut."""

KINDS: dict[str, Kind] = {"INDIVIDUAL": "individual", "FIRM": "firm"}

# Known words of the registry for "there is nobody with this NPN"; it has no code for it.
_NOBODY = re.compile(
    r"\b(?:no|not)\b.*\b(?:found|match(?:es|ing)?|exist|on file)\b|\bno (?:such )?(?:entity|producer|record)",
    re.IGNORECASE,
)
_OTHER_LAST_NAME = re.compile(r"\b(?:another|other|different) last name\b", re.IGNORECASE)
_DATE = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})", re.ASCII)


def parse_report(answer: bytes) -> ProducerReport:
    """Read the full report of one producer. Raises BrokenAnswer, Rejected or NotFound."""
    root = _root(answer, "PDB")
    entity = next((found for tag in KINDS for found in root.iterfind(f"PRODUCER/{tag}")), None)
    if entity is None:
        raise BrokenAnswer("it holds neither an individual nor a firm")
    return _Reader().report(entity)


def parse_hit_list(answer: bytes) -> list[Hit]:
    """Read a hit list. Raises BrokenAnswer, Rejected, or NotFound where it says that nobody matches."""
    reader = _Reader()
    return [
        Hit(
            person.get("NAME", ""),
            person.get("NPN", "").lstrip("0"),
            person.get("STATE_RESIDENT", ""),
            reader.date(person, "DATE_BIRTH"),
        )
        for person in map(_texts, _root(answer, "HITLIST").iterfind("INDIVIDUAL"))
    ]


def _root(answer: bytes, name: str) -> etree._Element:
    root = root_of(answer)
    if root.tag != name:
        raise BrokenAnswer(f"its root is {str(root.tag)[:40]}, not {name}")
    if root.findtext("TRANSACTION_TYPE/TYPE", "").strip() == "ERROR" or root.find("ERROR") is not None:
        words = " ".join(root.findtext("ERROR/DESCRIPTION", "").split())[:LONGEST_TEXT]
        if _OTHER_LAST_NAME.search(words):
            raise OtherLastName(words)
        raise NotFound(words) if _NOBODY.search(words) else Rejected(words)
    return root


def _texts(element: etree._Element) -> dict[str, str]:
    """The texts of the children, by name."""
    return {child.tag: child.text.strip()[:LONGEST_TEXT] for child in element if child.text}


def _cut(text: str | None) -> str:
    return text.strip()[:LONGEST_TEXT] if text else ""


@lru_cache(maxsize=65536)
def _date_of(text: str) -> date | None:
    match = _DATE.fullmatch(text)
    try:
        return date(int(match[3]), int(match[1]), int(match[2])) if match else None
    except ValueError:
        return None


class _Reader:
    """Reads one answer, and notes what it cannot take over."""

    def __init__(self) -> None:
        self.notes: dict[str, None] = {}
        self.known_states = states()

    def report(self, entity: etree._Element) -> ProducerReport:
        biographic = entity.find("ENTITY_BIOGRAPHIC")
        licensing = entity.find("PRODUCER_LICENSING")
        if biographic is None or licensing is None:
            raise BrokenAnswer("the biographic or the licensing part is missing")
        person = biographic.find("BIOGRAPHIC")
        said = {} if person is None else _texts(person)
        kind = KINDS[entity.tag]
        licenses: list[License] = []
        appointments: list[Appointment] = []
        for state, block in self.by_state(licensing, "LICENSE_INFORMATION"):
            licenses += [self.license(state, one) for one in block.iterfind("LICENSE")]
            appointments += [
                self.appointment(state, one) for one in block.iterfind("APPOINTMENT_INFORMATION/APPOINTMENT")
            ]
        return ProducerReport(
            npn=said.get("NPN", "").lstrip("0"),
            kind=kind,
            first_name=said.get("NAME_FIRST", ""),
            middle_name=said.get("NAME_MIDDLE", ""),
            last_name=said.get("NAME_COMPANY" if kind == "firm" else "NAME_LAST", ""),
            name_suffix=said.get("NAME_SUFFIX", ""),
            born_on=self.date(said, "DATE_BIRTH"),
            ssn=usable_ssn(said.get("ID_SSN", "")),
            other_names=distinct(self.other_names(person)),
            addresses=distinct(
                self.address(state, one)
                for state, block in self.by_state(biographic, "ADDRESSES")
                for one in block.iterfind("ADDRESS")
            ),
            contacts=distinct(
                contact
                for state, block in self.by_state(biographic, "CONTACT_INFOS")
                for one in block.iterfind("CONTACT_INFO")
                for contact in self.contacts(state, one)
            ),
            licenses=merged_licenses(licenses),
            appointments=merged_appointments(appointments),
            regulatory_actions=distinct(
                self.action(state, one)
                for state, one in self.by_state(licensing, "REGULATORY_ACTION")
                if len(one)
            ),
            notes=tuple(self.notes)[:NOTES_KEPT],
        )

    def by_state(self, parent: etree._Element, name: str) -> list[tuple[str, etree._Element]]:
        """The STATE elements in a part, with their codes; unknown states are noted and left out."""
        found = []
        for element in parent.iterfind(f"{name}/STATE"):
            state = (element.get("name") or "").strip().upper()
            if state in self.known_states:
                found.append((state, element))
            elif len(element):
                self.notes[f"{state[:20] or 'A state without a name'} is no state we know: left out."] = None
        return found

    def date(self, said: dict[str, str], name: str) -> date | None:
        text = said.get(name)
        if not text:
            return None
        day = _date_of(text)
        if day is None:
            self.notes[f"{name} {text[:20]} is no date: left out."] = None
        return day

    def other_names(self, person: etree._Element | None) -> list[OtherName]:
        if person is None:
            return []
        return [
            OtherName(state, _cut(name.get("type")), _cut(name.text))
            for state, block in self.by_state(person, "OTHER_NAME")
            for name in block.iterfind("NAME")
            if _cut(name.text)
        ]

    def address(self, state: str, element: etree._Element) -> Address:
        said = _texts(element)
        get = said.get
        return Address(
            state,
            get("ADDRESS_TYPE_CODE", ""),
            get("ADDR_TYPE", ""),
            get("ADDR_LINE_1", ""),
            get("ADDR_LINE_2", ""),
            get("ADDR_LINE_3", ""),
            get("NAME_CITY", ""),
            get("NAME_STATE", ""),
            get("ZIP", ""),
            get("COUNTRY", ""),
            self.date(said, "DATE_UPDATED"),
        )

    def contacts(self, state: str, element: etree._Element) -> list[Contact]:
        said = _texts(element)
        return [
            Contact(state, kind, said[name], self.date(said, f"{name}_UPDATE_DATE"))
            for kind, name in (("phone", "BUSINESS_PHONE"), ("email", "BUSINESS_EMAIL"), ("fax", "FAX"))
            if said.get(name)
        ]

    def license(self, state: str, element: etree._Element) -> License:
        said = _texts(element)
        get = said.get
        residency = get("RESIDENCY_STATUS", "").upper()
        return License(
            state,
            get("LICENSE_NUM", ""),
            get("LICENSE_CLASS_CODE", ""),
            get("LICENSE_CLASS", ""),
            residency if residency in ("R", "NR") else "",
            get("ACTIVE", "").upper() in ("YES", "Y"),
            self.date(said, "DATE_ISSUE_LICENSE_ORIG"),
            self.date(said, "DATE_EXPIRE_LICENSE"),
            _cut(element.findtext("ADHS/HOME_STATE")) or get("HOME_STATE") or get("ADHS", ""),
            self.date(said, "DATE_UPDATED"),
            distinct(map(self.line, element.iterfind("DETAILS/DETAIL"))),
        )

    def line(self, element: etree._Element) -> Line:
        said = _texts(element)
        get = said.get
        return Line(
            get("LOA_CODE", ""),
            get("LOA", ""),
            get("STATUS", ""),
            get("STATUS_REASON", ""),
            self.date(said, "STATUS_REASON_DATE"),
            self.date(said, "AUTHORITY_ISSUE_DATE"),
            get("CE_COMPLIANCE", ""),
            self.date(said, "CE_RENEWAL_DATE"),
            get("CE_CREDITS_NEEDED", ""),
        )

    def appointment(self, state: str, element: etree._Element) -> Appointment:
        said = _texts(element)
        get = said.get
        cocode = get("COCODE", "")
        agency = element.find("Agency_Affiliations")
        affiliation = said if agency is None else _texts(agency)
        return Appointment(
            state,
            clean_cocode(cocode)[0] or cocode,
            get("COMPANY_NAME", ""),
            get("FEIN", "").replace("-", ""),
            get("LINE_OF_AUTHORITY", ""),
            get("LOA_CODE", ""),
            get("COUNTY_CODE", ""),
            get("STATUS", ""),
            get("TERMINATION_REASON", ""),
            self.date(said, "STATUS_REASON_DATE"),
            self.date(said, "APPONT_RENEWAL_DATE"),
            affiliation.get("Agency_Name", ""),
            affiliation.get("FEIN_State_Co_ID", ""),
        )

    def action(self, state: str, element: etree._Element) -> RegulatoryAction:
        said = _texts(element)
        get = said.get
        reference = get("FILE_REF", "")
        return RegulatoryAction(
            state,
            get("ACTION_ID") or reference or get("DATE_OF_ACTION", ""),
            get("ORIGIN_OF_ACTION", ""),
            get("REASON_FOR_ACTION", ""),
            get("DISPOSITION", ""),
            get("PENALTY_FINE_FORFEITURE", ""),
            get("LENGTH_OF_ORDER", ""),
            reference,
            self.date(said, "DATE_OF_ACTION"),
            self.date(said, "EFFECTIVE_DATE"),
            self.date(said, "ENTER_DATE"),
        )
