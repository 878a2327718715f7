"""The XML of an alerts report: one document for each kind of alert that has something to tell.

The tree of LICENSING is the registry's; those of the other kinds are not public and are the sandbox's own.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from datetime import date
from functools import cache
from hashlib import blake2b
from xml.sax.saxutils import escape

from muster_sandbox.alerts.kinds import Kind
from muster_sandbox.lines import RULES, license_classes
from muster_sandbox.records import License, LineHeld, Producer

NAMESPACE = "http://www.acord.org/schema/data/draft/ReusableDataComponents/1"
# Somebody who is named, with the states that the alert is about.
Named = tuple[Producer, frozenset[str]]

_TITLES = {
    Kind.LICENSING: "Licensing",
    Kind.DEMOGRAPHICS: "Demographics",
    Kind.APPOINTMENTS: "Appointments",
    Kind.RIRS: "RIRS",
}
_REPEATED = 7


def process_result(kind: Kind, named: Sequence[Named], day: date) -> bytes:
    """Return the document of a day for one kind of alert; some of its blocks stand there twice."""
    title = _TITLES[kind]
    block = _jurisdictions if kind is Kind.LICENSING else _changed_states
    people, blocks = [], []
    for place, (producer, states) in enumerate(named, 1):
        people.append(person(f"P{place}", producer.npn))
        blocks.append(block(f"P{place}", producer, states))
    addresses = "".join(_address(f"A{place}", producer) for place, (producer, _) in enumerate(named, 1))
    # The registry repeats whole blocks; which ones makes no difference to who reads them well.
    repeated = [
        text
        for text, (producer, _) in zip(blocks, named, strict=True)
        if blake2b(f"{producer.npn}:{day}".encode(), digest_size=1).digest()[0] % _REPEATED == 0
    ]
    identity = f"sandbox-{kind.lower()}-{day}"
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<{title}ReportProcessResult xmlns="{NAMESPACE}">\n'
        f"<MessageHeader><MessageId>{identity}</MessageId><CorrelationId>{identity}</CorrelationId>"
        f"<MessageDateTime>{day}T00:00:00</MessageDateTime>"
        f"<MessageDocumentCount>1</MessageDocumentCount></MessageHeader>\n"
        f"<MessageResult><StatusCode>Valid</StatusCode><MessageDocumentResult><MessageDocumentReferences>"
        f"<DocumentId>{identity}</DocumentId></MessageDocumentReferences><StatusCode>Valid</StatusCode>"
        f"<SuccessCode>Success</SuccessCode></MessageDocumentResult></MessageResult>\n"
        f"<{title}Report>\n{addresses if kind is Kind.LICENSING else ''}{''.join(people)}"
        f"{''.join(blocks)}{''.join(repeated)}</{title}Report>\n</{title}ReportProcessResult>\n"
    ).encode()


def person(key: str, npn: str) -> str:
    """Return how a person or firm is named: by the NPN, under a key to refer to."""
    return (
        f'<Person key="{key}"><ExternalIdentifier><TypeCode>NAICProducerCode</TypeCode>'
        f"<Id>{npn}</Id></ExternalIdentifier></Person>\n"
    )


def _address(key: str, producer: Producer) -> str:
    one = next((each for each in producer.addresses if each.type_code == "2"), None)
    if one is None:
        return ""
    return (
        f'<Address key="{key}"><LineOne>{escape(one.line_1)}</LineOne><CityName>{escape(one.city)}</CityName>'
        f"<StateOrProvinceCode>{one.in_state}</StateOrProvinceCode><PostalCode>{one.zip_code}</PostalCode>"
        f"<CountryCode>USA</CountryCode></Address>\n"
    )


def _jurisdictions(key: str, producer: Producer, states: frozenset[str]) -> str:
    items = "".join(
        f"<JurisdictionReportItem><StateOrProvinceCode>{state}</StateOrProvinceCode>"
        f"<Licensee>{_licenses(one for one in producer.licenses if one.state == state)}</Licensee>"
        f"</JurisdictionReportItem>"
        for state in sorted(states)
    )
    return f'<JurisdictionReport><PersonReferences personReference="{key}"/>{items}</JurisdictionReport>\n'


def _changed_states(key: str, _: Producer, states: frozenset[str]) -> str:
    codes = "".join(
        f"<StateOrProvinceCode>{state}</StateOrProvinceCode>" for state in sorted(states) if state
    )
    return (
        f'<JurisdictionReport><PersonReferences personReference="{key}"/>'
        f"<JurisdictionReportItem>{codes}</JurisdictionReportItem></JurisdictionReport>\n"
    )


def _licenses(held: Iterable[License]) -> str:
    return "".join(
        f"<InsuranceLicense><ResidentLicenseIndicator>{str(one.resident).lower()}</ResidentLicenseIndicator>"
        f"<TypeCode>{_agent_type(one)}</TypeCode>{_license(one)}"
        f"{''.join(_line(line, one) for line in one.lines)}</InsuranceLicense>"
        for one in held
    )


def _license(one: License) -> str:
    # Empty where licenses are perpetual, as the registry has it too.
    period = f"<StartDate>{one.updated}</StartDate><EndDate>{one.expires}</EndDate>" if one.expires else ""
    return (
        f"<License><LicenseNumberId>{one.number}</LicenseNumberId>"
        f"<LicensePeriod>{period}</LicensePeriod>"
        f"<StatusCode>{_status(one)}</StatusCode><IssueDate>{one.issued}</IssueDate>"
        f"<LicenseClassCode>{one.class_code}</LicenseClassCode>"
        f"<LicenseClassDescription>{escape(one.class_name)}</LicenseClassDescription>{_state(one.state)}</License>"
    )


def _line(line: LineHeld, held: License) -> str:
    status = "Active" if line.active else "Inactive"
    why = line.status_reason
    reason = f"<StatusReasonCode>{escape(why)}</StatusReasonCode>" if why and why != "Active" else ""
    return (
        f"<LineOfAuthority><IssueDate>{line.issued}</IssueDate>{_state(held.state)}"
        f"<LineOfAuthorityCode>{line.code}</LineOfAuthorityCode>"
        f"<LineOfAuthorityDescription>{escape(line.name)}</LineOfAuthorityDescription>"
        f"<StatusCode>{status}</StatusCode><StatusDescription>{status}</StatusDescription>{reason}"
        f"<StatusPeriod><StartDate>{line.status_date}</StartDate></StatusPeriod></LineOfAuthority>"
    )


def _status(one: License) -> str:
    if one.active:
        return "Active"
    reasons = {line.status_reason for line in one.lines}
    return "Revoked" if "Revoked" in reasons else "Cancelled" if "Surrendered" in reasons else "Inactive"


def _state(code: str) -> str:
    return (
        f"<StateOrProvinceCode>{code}</StateOrProvinceCode>"
        f"<StateOrProvinceName>{escape(_state_names().get(code, code))}</StateOrProvinceName>"
    )


def _agent_type(one: License) -> str:
    agent_type = _agent_types().get((one.state, one.class_code), "producer")
    return {"adjuster": "Adjuster", "surplus_lines": "SurplusLines"}.get(agent_type, "Producer")


@cache
def _agent_types() -> dict[tuple[str, str], str]:
    return {(one.state, one.code): one.agent_type for found in license_classes().values() for one in found}


@cache
def _state_names() -> dict[str, str]:
    with (RULES / "jurisdictions.csv").open(encoding="utf-8", newline="") as file:
        return {row["code"]: row["name"] for row in csv.DictReader(file)}
