"""Answering whether a producer may sell a line today, and keeping each answer with what it rests on."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID, uuid4

from django.core.exceptions import PermissionDenied
from django.db import connection
from django.utils import timezone

from muster.access.models import Membership
from muster.access.permissions import Permission
from muster.carriers.models import Company, CompanyState
from muster.carriers.state_rules import rulebook_of
from muster.core import eligibility
from muster.core.authority import WORDS, Authority, Filing, Known, Question, judge_authority
from muster.core.eligibility import Appointed, CompanyTerms, License
from muster.core.eligibility.facts import HeldLine
from muster.core.rules.book import Rulebook
from muster.core.rules.keys import APPOINTING
from muster.core.transactions import Status, number_told
from muster.core.words import LOA_CATEGORIES, states
from muster.producers.models import SyncStatus
from muster.transactions.models import AuthorityAnswer
from muster.transactions.sql import statement
from muster.transactions.terms import YES_OR_NO, lines_of, state_rule

NO_REPORT = (SyncStatus.NOT_FOUND, SyncStatus.RETRY_ERROR)
"""A last sync that ended so leaves nobody knowing what there is."""

NOBODY = Known(was_synced=False, is_active=False)

AGENCY_COVERS = "agency_covers_producers"


class _Found(NamedTuple):
    """What is stored of a producer, and what of its appointments is told beside what is judged."""

    known: Known
    synced_at: datetime | None
    sync_status: str
    appointments: dict[int, dict[str, Any]]


def ask_authority(*, by: Membership, asked: Question, now: datetime) -> AuthorityAnswer:
    """Answer the question by what is known now, and keep the answer; six statements.

    The values of the question must be clean. Raises PermissionDenied.
    """
    if not by.may(Permission.READ):
        raise PermissionDenied
    today = timezone.localdate(now)
    book = rulebook_of(by.organization_id)
    rule = state_rule(book, asked.state, today)
    covers = book.at(asked.state, APPOINTING, AGENCY_COVERS, today)
    company = _company(by.organization_id, asked)
    found = _found(by.organization_id, asked)
    authority = judge_authority(
        asked,
        producer=found.known if found else None,
        company=company,
        lines=lines_of(by.organization_id, today, state=asked.state).get(asked.state, ()),
        rule=rule,
        agency_covers=YES_OR_NO.get(str(covers.value)) is True,
        today=today,
    )
    answer_id = uuid4()
    return AuthorityAnswer.objects.create(
        id=answer_id,
        organization_id=by.organization_id,
        asked_by_id=by.user_id,
        at=now,
        npn=asked.npn,
        may_sell=authority.may_sell,
        reason=authority.reason.value,
        rules_version=book.short_version,
        answer={"id": str(answer_id), **_told(asked, authority, found, company, book, now)},
        facts=_facts(found, company, asked.state, rules=[*rule.rules, covers.id]),
    )


def kept_answer(member: Membership, answer_id: UUID) -> AuthorityAnswer | None:
    """An answer that was given in the member's organization."""
    answers = AuthorityAnswer.objects.visible_to(member, Permission.READ)
    found: AuthorityAnswer | None = answers.filter(pk=answer_id).first()
    return found


def _company(organization_id: int, asked: Question) -> CompanyTerms | None:
    company = Company.objects.filter(organization_id=organization_id, cocode=asked.cocode).first()
    if company is None:
        return None
    setting = CompanyState.objects.filter(company=company, state=asked.state).first()
    return CompanyTerms(
        id=company.pk,
        cocode=company.cocode,
        name=company.name,
        categories=frozenset(company.categories),
        states={
            asked.state: eligibility.CompanyState(
                just_in_time=setting.just_in_time, starts_on=setting.starts_on, ends_on=setting.ends_on
            )
        }
        if setting
        else {},
    )


def _found(organization_id: int, asked: Question) -> _Found | None:
    with connection.cursor() as cursor:
        cursor.execute(
            statement("authority"),
            {
                "organization": organization_id,
                "npn": asked.npn,
                "state": asked.state,
                "cocode": asked.cocode,
            },
        )
        row = cursor.fetchone()
    if row is None:
        return None
    _, is_watched, sync_status, synced_at, *lists = row
    licenses, appointments, filings = map(json.loads, lists)
    own = [one for is_own, *one in appointments if is_own]
    of_agency = [one for is_own, *one in appointments if not is_own]
    return _Found(
        Known(
            was_synced=synced_at is not None and sync_status not in NO_REPORT,
            is_active=is_watched,
            licenses=[_license(one) for one in licenses],
            appointed=[Appointed(*one[:6]) for one in own],
            of_agency=[Appointed(*one[:6]) for one in of_agency],
            filings=[_filing(one) for one in filings],
        ),
        synced_at,
        sync_status,
        {one[0]: _appointment(one) for one in (*own, *of_agency)},
    )


def _license(told: Sequence[Any]) -> License:
    *plain, expires, lines = told
    return License._make((*plain, _day(expires), tuple(HeldLine(*line) for line in lines)))


def _appointment(told: Sequence[Any]) -> dict[str, Any]:
    _, state, cocode, code, name, county, origin, first_effective_on, renews_on = told
    return {
        "state": state,
        "cocode": cocode,
        "line_code": code,
        "line_name": name,
        "county": county,
        "origin": origin,
        "first_effective_on": first_effective_on,
        "renews_on": renews_on,
    }


def _filing(told: Sequence[Any]) -> Filing:
    number, status, code, name, categories, first_business_on, file_by = told
    return Filing(
        number, Status(status), code, name, tuple(categories), _day(first_business_on), _day(file_by)
    )


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _told(
    asked: Question,
    authority: Authority,
    found: _Found | None,
    company: CompanyTerms | None,
    book: Rulebook,
    now: datetime,
) -> dict[str, Any]:
    """The answer as it is given and kept."""
    license, filing, appointment = authority.license, authority.filing, authority.appointment
    return {
        "may_sell": authority.may_sell,
        "reason": authority.reason.value,
        "message": message_of(asked, authority, company),
        "checked_at": now.isoformat(),
        "rules_version": book.short_version,
        "fresh_as_of": found.synced_at.isoformat() if found and found.synced_at else None,
        "asked": asked._asdict(),
        "line": {"code": authority.line.code, "name": authority.line.name} if authority.line else None,
        "license": _license_told(license) if license else None,
        "appointment": found.appointments[appointment.id] if found and appointment else None,
        "transaction": _filing_told(filing) if filing else None,
    }


def message_of(asked: Question, authority: Authority, company: CompanyTerms | None) -> str:
    """The answer in a sentence."""
    line, filing = authority.line, authority.filing
    file_by = _written(filing.file_by) if filing and filing.file_by else ""
    return WORDS[authority.reason].format(
        npn=asked.npn,
        cocode=asked.cocode,
        state=states()[asked.state],
        company=company.name if company else "",
        line=line.name if line else LOA_CATEGORIES.get(asked.category, asked.line),
        license=authority.license.number if authority.license else "",
        transaction=number_told(filing.number) if filing else "",
        file_by=file_by,
        until=f", to be filed by {file_by}" if file_by else "",
    )


def _written(day: date) -> str:
    return f"{day:%B} {day.day}, {day.year}"


def _license_told(license: License) -> dict[str, Any]:
    return {
        "state": license.state,
        "number": license.number,
        "class_code": license.class_code,
        "class_name": license.class_name,
        "is_resident": license.is_resident,
        "is_active": license.is_active,
        "expires_on": str(license.expires_on) if license.expires_on else None,
    }


def _filing_told(filing: Filing) -> dict[str, Any]:
    return {
        "number": number_told(filing.number),
        "status": filing.status.value,
        "first_business_on": str(filing.first_business_on) if filing.first_business_on else None,
        "file_by": str(filing.file_by) if filing.file_by else None,
    }


def _facts(
    found: _Found | None, company: CompanyTerms | None, state: str, *, rules: Sequence[str]
) -> dict[str, Any]:
    """What was known, so that an answer can be understood long after."""
    known = found.known if found else NOBODY
    setting = company.states.get(state) if company else None
    return {
        "producer": {"is_active": known.is_active, "sync_status": found.sync_status} if found else None,
        "licenses": [
            {**_license_told(one), "lines": [list(line) for line in one.lines]} for one in known.licenses
        ],
        "appointments": list(found.appointments.values()) if found else [],
        "transactions": [
            {**_filing_told(one), "line_code": one.line_code, "line_name": one.line_name}
            for one in known.filings
        ],
        "company": {"name": company.name, "categories": sorted(company.categories)} if company else None,
        "setting": {
            "just_in_time": setting.just_in_time,
            "starts_on": str(setting.starts_on) if setting.starts_on else None,
            "ends_on": str(setting.ends_on) if setting.ends_on else None,
        }
        if setting
        else None,
        "rules": list(rules),
    }
