"""Writing a report as the registry would, for tests that read it back."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from itertools import groupby
from operator import attrgetter
from typing import Any

from lxml import etree
from lxml.builder import E

from muster.core.report import Address, Appointment, Contact, License, Line, ProducerReport, RegulatoryAction


def render(report: ProducerReport) -> bytes:
    kind = report.kind.upper()
    names = (
        _fields(NAME_COMPANY=report.last_name)
        if kind == "FIRM"
        else _fields(
            ID_SSN=report.ssn,
            NAME_LAST=report.last_name,
            NAME_FIRST=report.first_name,
            NAME_MIDDLE=report.middle_name,
            NAME_SUFFIX=report.name_suffix,
            DATE_BIRTH=report.born_on,
        )
    )
    licensing = {state: [*map(_license, licenses)] for state, licenses in _by_state(report.licenses)}
    appointed = {
        state: [*map(_appointment, appointments)] for state, appointments in _by_state(report.appointments)
    }
    tree = E.PDB(
        E.TRANSACTION_TYPE(E.TYPE(kind)),
        E.PRODUCER(
            E(
                kind,
                E.ENTITY_BIOGRAPHIC(
                    E.BIOGRAPHIC(
                        *names,
                        E.NPN(report.npn),
                        E.OTHER_NAME(
                            *(
                                E.STATE(E.NAME(one.name, type=one.kind), name=one.state)
                                for one in report.other_names
                            )
                        ),
                    ),
                    E.ADDRESSES(*_states(_by_state(report.addresses), _address)),
                    E.CONTACT_INFOS(*_states(_by_state(report.contacts), _contact)),
                ),
                E.PRODUCER_LICENSING(
                    E.LICENSE_INFORMATION(
                        *(
                            E.STATE(
                                *licensing.get(state, ()),
                                E.APPOINTMENT_INFORMATION(*appointed.get(state, ())),
                                name=state,
                            )
                            for state in {**licensing, **appointed}
                        )
                    ),
                    E.REGULATORY_ACTION(
                        *(E.STATE(*_action(one), name=one.state) for one in report.regulatory_actions)
                    ),
                ),
            )
        ),
    )
    return etree.tostring(tree, xml_declaration=True, encoding="UTF-8")


def _text(value: Any) -> str:
    return f"{value:%m/%d/}{value.year:04d}" if isinstance(value, date) else value or ""


def _fields(**values: Any) -> list[etree._Element]:
    return [E(name, _text(value)) for name, value in values.items()]


def _by_state(records: Iterable[Any]) -> list[tuple[str, list[Any]]]:
    in_order = sorted(records, key=attrgetter("state"))
    return [(state, list(some)) for state, some in groupby(in_order, attrgetter("state"))]


def _states(by_state: list[tuple[str, list[Any]]], render_one: Any) -> list[etree._Element]:
    return [E.STATE(*map(render_one, some), name=state) for state, some in by_state]


def _address(one: Address) -> etree._Element:
    return E.ADDRESS(
        *_fields(
            DATE_UPDATED=one.updated_on,
            ADDRESS_TYPE_CODE=one.type_code,
            ADDR_TYPE=one.type_name,
            ADDR_LINE_1=one.line_1,
            ADDR_LINE_2=one.line_2,
            ADDR_LINE_3=one.line_3,
            NAME_CITY=one.city,
            NAME_STATE=one.address_state,
            ZIP=one.zip,
            COUNTRY=one.country,
        )
    )


CONTACTS = {"phone": "BUSINESS_PHONE", "email": "BUSINESS_EMAIL", "fax": "FAX"}


def _contact(one: Contact) -> etree._Element:
    name = CONTACTS[one.kind]
    return E.CONTACT_INFO(*_fields(**{name: one.value, f"{name}_UPDATE_DATE": one.updated_on}))


def _license(one: License) -> etree._Element:
    return E.LICENSE(
        *_fields(
            LICENSE_NUM=one.number,
            DATE_UPDATED=one.updated_on,
            DATE_ISSUE_LICENSE_ORIG=one.issued_on,
            DATE_EXPIRE_LICENSE=one.expires_on,
            LICENSE_CLASS=one.class_name,
            LICENSE_CLASS_CODE=one.class_code,
            RESIDENCY_STATUS=one.residency,
            ACTIVE="Yes" if one.is_active else "No",
        ),
        E.ADHS(E.HOME_STATE(one.adjuster_home_state)),
        E.DETAILS(*map(_line, one.lines)),
    )


def _line(one: Line) -> etree._Element:
    return E.DETAIL(
        *_fields(
            LOA=one.name,
            LOA_CODE=one.code,
            AUTHORITY_ISSUE_DATE=one.issued_on,
            STATUS=one.status,
            STATUS_REASON=one.status_reason,
            STATUS_REASON_DATE=one.status_reason_on,
            CE_COMPLIANCE=one.ce_compliance,
            CE_RENEWAL_DATE=one.ce_renewal_on,
            CE_CREDITS_NEEDED=one.ce_credits_needed,
        )
    )


def _appointment(one: Appointment) -> etree._Element:
    return E.APPOINTMENT(
        *_fields(
            COMPANY_NAME=one.company_name,
            FEIN=one.fein,
            COCODE=one.cocode,
            LINE_OF_AUTHORITY=one.line_name,
            LOA_CODE=one.line_code,
            STATUS=one.status,
            TERMINATION_REASON=one.termination_reason,
            STATUS_REASON_DATE=one.status_on,
            APPONT_RENEWAL_DATE=one.renews_on,
            COUNTY_CODE=one.county_code,
        ),
        E.Agency_Affiliations(
            *_fields(Agency_Name=one.agency_affiliation, FEIN_State_Co_ID=one.state_company_id)
        ),
    )


def _action(one: RegulatoryAction) -> list[etree._Element]:
    return _fields(
        ACTION_ID=one.action_id,
        ORIGIN_OF_ACTION=one.origin,
        REASON_FOR_ACTION=one.reason,
        DISPOSITION=one.disposition,
        DATE_OF_ACTION=one.action_on,
        EFFECTIVE_DATE=one.effective_on,
        ENTER_DATE=one.entered_on,
        FILE_REF=one.file_reference,
        PENALTY_FINE_FORFEITURE=one.penalty,
        LENGTH_OF_ORDER=one.order_length,
    )
