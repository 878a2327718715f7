"""The XML answers: the report of one producer, the hit list, errors; names as the registry spells them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from functools import lru_cache
from itertools import groupby
from operator import attrgetter
from xml.sax.saxutils import escape

from muster_sandbox.records import (
    Address,
    Appointment,
    Contact,
    License,
    LineHeld,
    Producer,
    RegulatoryAction,
)

_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'


def pdb_report(producer: Producer) -> str:
    """Return the full entity report of a producer."""
    kind = "FIRM" if producer.firm else "INDIVIDUAL"
    return (
        f"{_HEAD}<PDB><TRANSACTION_TYPE><TYPE>{kind}</TYPE></TRANSACTION_TYPE>\n"
        f"<PRODUCER><{kind}>\n{_biographic(producer)}\n{_licensing(producer)}\n</{kind}></PRODUCER></PDB>\n"
    )


def hit_list(found: Iterable[Producer], *, searched_ssn: str) -> str:
    """Return the hit list of some persons; `ID_ENTITY` repeats the SSN that was searched for, if one was."""
    hits = "\n".join(_hit(one, searched_ssn) for one in found)
    return f"{_HEAD}<HITLIST><TRANSACTION_TYPE><TYPE>HITLIST</TYPE></TRANSACTION_TYPE>\n{hits}</HITLIST>\n"


def _hit(producer: Producer, searched_ssn: str) -> str:
    middle = f" {producer.middle_name}" if producer.middle_name else ""
    return (
        f"<INDIVIDUAL><NAME>{_text(f'{producer.last_name}, {producer.first_name}{middle}')}</NAME>"
        f"<ID_ENTITY>{searched_ssn}</ID_ENTITY><NPN>{producer.npn}</NPN>"
        f"<STATE_RESIDENT>{producer.resident_state}</STATE_RESIDENT>"
        f"<DATE_BIRTH>{_date(producer.birth_date)}</DATE_BIRTH></INDIVIDUAL>"
    )


def error(root: str, description: str) -> str:
    """Return an error answer; `root` is PDB or HITLIST."""
    return (
        f"{_HEAD}<{root}><TRANSACTION_TYPE><TYPE>ERROR</TYPE></TRANSACTION_TYPE>"
        f"<ERROR><DESCRIPTION>{escape(description)}</DESCRIPTION></ERROR></{root}>\n"
    )


def broken(answer: str) -> str:
    """Return an answer that no XML parser accepts, though it is all there."""
    return answer.replace("</TRANSACTION_TYPE>", "</TRANSACTION_TYP>", 1)


def truncated(answer: str) -> str:
    """Return the first part of an answer, as when a connection ends early."""
    return answer[: len(answer) * 3 // 5]


def _biographic(producer: Producer) -> str:
    if producer.firm:
        names = f"<NAME_COMPANY>{_text(producer.company_name)}</NAME_COMPANY><NPN>{producer.npn}</NPN>"
    else:
        names = (
            f"<ID_SSN>{producer.ssn}</ID_SSN><NAME_LAST>{_text(producer.last_name)}</NAME_LAST>"
            f"<NAME_FIRST>{_text(producer.first_name)}</NAME_FIRST>"
            f"<NAME_MIDDLE>{_text(producer.middle_name)}</NAME_MIDDLE>"
            f"<NAME_SUFFIX>{_text(producer.suffix)}</NAME_SUFFIX>"
            f"<DATE_BIRTH>{_date(producer.birth_date)}</DATE_BIRTH><NPN>{producer.npn}</NPN>"
        )
    aliases = "".join(
        f'<STATE name="{one.state}"><NAME type="{one.kind}">{_text(one.name)}</NAME></STATE>'
        for one in producer.aliases
    )
    others = f"<OTHER_NAME>{aliases}</OTHER_NAME>" if aliases else ""
    addresses = "".join(
        f'<STATE name="{state}">{"".join(map(address_part, found))}</STATE>'
        for state, found in groupby(producer.addresses, attrgetter("state"))
    )
    contacts = "".join(map(contact_part, producer.contacts))
    return (
        f"<ENTITY_BIOGRAPHIC><BIOGRAPHIC>{names}{others}</BIOGRAPHIC>\n<ADDRESSES>{addresses}</ADDRESSES>\n"
        f"<CONTACT_INFOS>{contacts}</CONTACT_INFOS></ENTITY_BIOGRAPHIC>"
    )


def address_part(one: Address) -> str:
    """Return one address."""
    return (
        f"<ADDRESS><DATE_UPDATED>{_date(one.updated)}</DATE_UPDATED>"
        f"<ADDRESS_TYPE_CODE>{one.type_code}</ADDRESS_TYPE_CODE><ADDR_TYPE>{one.type_name}</ADDR_TYPE>"
        f"<ADDR_LINE_1>{_text(one.line_1)}</ADDR_LINE_1><ADDR_LINE_2>{_text(one.line_2)}</ADDR_LINE_2>"
        f"<ADDR_LINE_3></ADDR_LINE_3><NAME_CITY>{_text(one.city)}</NAME_CITY>"
        f"<NAME_STATE>{one.in_state}</NAME_STATE><ZIP>{one.zip_code}</ZIP><COUNTRY>USA</COUNTRY></ADDRESS>"
    )


def contact_part(one: Contact) -> str:
    """Return the telephone, email and fax that one state has."""
    return (
        f'<STATE name="{one.state}"><CONTACT_INFO><BUSINESS_PHONE>{one.phone}</BUSINESS_PHONE>'
        f"<BUSINESS_PHONE_UPDATE_DATE>{_date(one.updated)}</BUSINESS_PHONE_UPDATE_DATE>"
        f"<BUSINESS_EMAIL>{_text(one.email)}</BUSINESS_EMAIL>"
        f"<BUSINESS_EMAIL_UPDATE_DATE>{_date(one.updated)}</BUSINESS_EMAIL_UPDATE_DATE>"
        f"<FAX>{one.fax}</FAX><FAX_UPDATE_DATE>{_date(one.updated if one.fax else None)}</FAX_UPDATE_DATE>"
        f"</CONTACT_INFO></STATE>"
    )


def _licensing(producer: Producer) -> str:
    licenses: dict[str, list[str]] = {}
    for one in producer.licenses:
        licenses.setdefault(one.state, []).append(license_part(one))
    appointments: dict[str, list[str]] = {}
    for each in producer.appointments:
        appointments.setdefault(each.state, []).append(appointment_part(each))
        licenses.setdefault(each.state, [])
    states = "\n".join(
        f'<STATE name="{state}">{"".join(found)}'
        f"<APPOINTMENT_INFORMATION>{''.join(appointments.get(state, ()))}</APPOINTMENT_INFORMATION></STATE>"
        for state, found in licenses.items()
    )
    actions = "".join(map(action_part, producer.actions))
    return (
        f"<PRODUCER_LICENSING><LICENSE_INFORMATION>{states}</LICENSE_INFORMATION>\n"
        f"<CLEARANCE_CERTIFICATION_INFO></CLEARANCE_CERTIFICATION_INFO>"
        f"<REGULATORY_ACTION>{actions}</REGULATORY_ACTION>"
        f"<NASD_EXAM><DETAILS></DETAILS></NASD_EXAM></PRODUCER_LICENSING>"
    )


def action_part(one: RegulatoryAction) -> str:
    """Return one regulatory action."""
    return (
        f'<STATE name="{one.state}"><ACTION_ID>{one.action_id}</ACTION_ID>'
        f"<ORIGIN_OF_ACTION>{_text(one.origin)}</ORIGIN_OF_ACTION>"
        f"<REASON_FOR_ACTION>{_text(one.reason)}</REASON_FOR_ACTION>"
        f"<DISPOSITION>{_text(one.disposition)}</DISPOSITION><DATE_OF_ACTION>{_date(one.taken)}</DATE_OF_ACTION>"
        f"<EFFECTIVE_DATE>{_date(one.effective)}</EFFECTIVE_DATE><ENTER_DATE>{_date(one.entered)}</ENTER_DATE>"
        f"<FILE_REF>{_text(one.file_ref)}</FILE_REF>"
        f"<PENALTY_FINE_FORFEITURE>{one.penalty}</PENALTY_FINE_FORFEITURE>"
        f"<LENGTH_OF_ORDER>{_text(one.length)}</LENGTH_OF_ORDER></STATE>"
    )


def license_part(one: License) -> str:
    """Return one license with its lines."""
    home = one.designated_home_state
    designated = f"<ADHS><HOME_STATE>{home}</HOME_STATE></ADHS>" if home else ""
    return (
        f"<LICENSE><LICENSE_NUM>{one.number}</LICENSE_NUM><DATE_UPDATED>{_date(one.updated)}</DATE_UPDATED>"
        f"<DATE_ISSUE_LICENSE_ORIG>{_date(one.issued)}</DATE_ISSUE_LICENSE_ORIG>"
        f"<DATE_EXPIRE_LICENSE>{_date(one.expires)}</DATE_EXPIRE_LICENSE>"
        f"<LICENSE_CLASS>{_text(one.class_name)}</LICENSE_CLASS>"
        f"<LICENSE_CLASS_CODE>{one.class_code}</LICENSE_CLASS_CODE>"
        f"<RESIDENCY_STATUS>{'R' if one.resident else 'NR'}</RESIDENCY_STATUS>"
        f"<ACTIVE>{'Yes' if one.active else 'No'}</ACTIVE>{designated}"
        f"<DETAILS>{''.join(map(_line, one.lines))}</DETAILS></LICENSE>"
    )


def _line(one: LineHeld) -> str:
    return (
        f"<DETAIL><LOA>{_text(one.name)}</LOA><LOA_CODE>{one.code}</LOA_CODE>"
        f"<AUTHORITY_ISSUE_DATE>{_date(one.issued)}</AUTHORITY_ISSUE_DATE>"
        f"<STATUS>{'Active' if one.active else 'Inactive'}</STATUS>"
        f"<STATUS_REASON>{_text(one.status_reason)}</STATUS_REASON>"
        f"<STATUS_REASON_DATE>{_date(one.status_date)}</STATUS_REASON_DATE>"
        f"<CE_COMPLIANCE>{one.ce_compliance}</CE_COMPLIANCE>"
        f"<CE_RENEWAL_DATE>{_date(one.ce_due)}</CE_RENEWAL_DATE>"
        f"<CE_CREDITS_NEEDED>0</CE_CREDITS_NEEDED></DETAIL>"
    )


def appointment_part(one: Appointment) -> str:
    """Return one appointment."""
    company = one.company
    # The registry spells APPONT_RENEWAL_DATE and mixes its cases; clients depend on it.
    agency = (
        f"<Agency_Affiliations><Agency_Name>{_text(one.agency)}</Agency_Name>"
        f"<FEIN_State_Co_ID>{company.fein}</FEIN_State_Co_ID></Agency_Affiliations>"
        if one.agency
        else ""
    )
    return (
        f"<APPOINTMENT><COMPANY_NAME>{_text(company.name)}</COMPANY_NAME><FEIN>{_text(company.fein)}</FEIN>"
        f"<COCODE>{_text(company.cocode)}</COCODE><LINE_OF_AUTHORITY>{_text(one.line_name)}</LINE_OF_AUTHORITY>"
        f"<LOA_CODE>{_text(one.line_code)}</LOA_CODE>"
        f"<STATUS>{'Appointed' if one.appointed else 'Terminated'}</STATUS>"
        f"<TERMINATION_REASON>{_text(one.termination_reason)}</TERMINATION_REASON>"
        f"<STATUS_REASON_DATE>{_date(one.status_date)}</STATUS_REASON_DATE>"
        f"<APPONT_RENEWAL_DATE>{_date(one.renewal)}</APPONT_RENEWAL_DATE>"
        f"<COUNTY_CODE>{_text(one.county)}</COUNTY_CODE>{agency}</APPOINTMENT>"
    )


@lru_cache(maxsize=16384)
def _text(value: str) -> str:
    return escape(value)


@lru_cache(maxsize=65536)
def _date(day: date | None) -> str:
    return "" if day is None else f"{day.month:02d}/{day.day:02d}/{day.year}"
