"""Answering whether a producer may sell a line today, and keeping each answer with what it rests on."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import connection
from django.utils import timezone

from muster.access.models import Membership
from muster.access.permissions import Permission
from muster.carriers.state_rules import rulebook_of
from muster.core.authority import WORDS, Authority, Filing, Known, Question, judge_authority
from muster.core.eligibility import Appointed, BusinessLine, CompanyState, CompanyTerms, License
from muster.core.eligibility.facts import HeldLine
from muster.core.rules.book import rulebook
from muster.core.rules.keys import APPOINTING
from muster.core.transactions import Status, number_told
from muster.core.words import LOA_CATEGORIES, states
from muster.producers.models import SyncStatus
from muster.transactions.models import AuthorityAnswer
from muster.transactions.sql import statement
from muster.transactions.terms import YES_OR_NO, state_rule

NO_REPORT = (SyncStatus.NOT_FOUND, SyncStatus.RETRY_ERROR)
"""A last sync that ended so leaves nobody knowing what there is."""

NOBODY = Known(was_synced=False, is_active=False)

AGENCY_COVERS = "agency_covers_producers"


class _Found(NamedTuple):
    """What is stored. `appointments`: by id, what is told of them beside what is judged."""

    has_own_rules: bool
    company: CompanyTerms | None
    lines: list[BusinessLine]
    known: Known | None
    synced_at: datetime | None
    sync_status: str | None
    appointments: dict[int, dict[str, Any]]


def ask_authority(*, by: Membership, asked: Question, now: datetime) -> AuthorityAnswer:
    """Answer the question by what is known now, and keep the answer.

    Two statements, and a third for an organization that has state rules of its own. The values of the
    question must be clean. Raises PermissionDenied.
    """
    if not by.may(Permission.READ):
        raise PermissionDenied
    today = timezone.localdate(now)
    found = _found(by, asked, today)
    book = rulebook_of(by.organization_id) if found.has_own_rules else rulebook()
    rule = state_rule(book, asked.state, today)
    covers = book.at(asked.state, APPOINTING, AGENCY_COVERS, today)
    authority = judge_authority(
        asked,
        producer=found.known,
        company=found.company,
        lines=found.lines,
        rule=rule,
        agency_covers=YES_OR_NO.get(str(covers.value)) is True,
        today=today,
    )
    answer = AuthorityAnswer(
        organization_id=by.organization_id,
        asked_by_id=by.user_id,
        at=now,
        npn=asked.npn,
        may_sell=authority.may_sell,
        reason=authority.reason.value,
        rules_version=book.short_version,
        facts=_facts(found, asked.state, rules=[*rule.rules, covers.id]),
    )
    answer.answer = {
        "id": str(answer.pk),
        "checked_at": now.isoformat(),
        "rules_version": book.short_version,
        **_told(asked, authority, found),
    }
    answer.save(force_insert=True)
    return answer


def kept_answer(member: Membership, answer_id: UUID) -> AuthorityAnswer | None:
    """An answer that was given in the member's organization."""
    answers = AuthorityAnswer.objects.visible_to(member, Permission.READ)
    found: AuthorityAnswer | None = answers.filter(pk=answer_id).first()
    return found


def _found(by: Membership, asked: Question, today: date) -> _Found:
    with connection.cursor() as cursor:
        cursor.execute(
            statement("authority"),
            {
                "organization": by.organization_id,
                "agencies": by.agency_ids,
                "npn": asked.npn,
                "state": asked.state,
                "cocode": asked.cocode,
                "today": today,
            },
        )
        has_own_rules, company, lines, is_watched, sync_status, synced_at, *lists = cursor.fetchone()
    licenses, appointments, filings = map(json.loads, lists)
    own = [one for is_own, *one in appointments if is_own]
    of_agency = [one for is_own, *one in appointments if not is_own]
    known = Known(
        was_synced=synced_at is not None and sync_status not in NO_REPORT,
        is_active=is_watched,
        licenses=[_license(one) for one in licenses],
        appointed=[Appointed(*one[:6]) for one in own],
        of_agency=[Appointed(*one[:6]) for one in of_agency],
        filings=[_filing(one) for one in filings],
    )
    return _Found(
        has_own_rules,
        _company(asked.cocode, json.loads(company)) if company else None,
        [BusinessLine(code, name, frozenset(categories)) for code, name, categories in json.loads(lines)],
        known if sync_status else None,
        synced_at,
        sync_status,
        {one[0]: _appointment(one) for one in (*own, *of_agency)},
    )


def _company(cocode: str, told: Sequence[Any]) -> CompanyTerms:
    company_id, name, categories, state, just_in_time, starts_on, ends_on = told
    setting = CompanyState(just_in_time=bool(just_in_time), starts_on=_day(starts_on), ends_on=_day(ends_on))
    return CompanyTerms(
        id=company_id,
        cocode=cocode,
        name=name,
        categories=frozenset(categories),
        states={state: setting} if state else {},
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


def _told(asked: Question, authority: Authority, found: _Found) -> dict[str, Any]:
    """What the answer says, as it is given and kept."""
    license, filing, appointment = authority.license, authority.filing, authority.appointment
    return {
        "may_sell": authority.may_sell,
        "reason": authority.reason.value,
        "message": message_of(asked, authority, found.company),
        "fresh_as_of": found.synced_at.isoformat() if found.synced_at else None,
        "asked": asked._asdict(),
        "line": {"code": authority.line.code, "name": authority.line.name} if authority.line else None,
        "license": _license_told(license) if license else None,
        "appointment": found.appointments[appointment.id] if appointment else None,
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


def _facts(found: _Found, state: str, *, rules: Sequence[str]) -> dict[str, Any]:
    """What was known, so that an answer can be understood long after."""
    known, company = found.known or NOBODY, found.company
    setting = company.states.get(state) if company else None
    return {
        "producer": {"is_active": known.is_active, "sync_status": found.sync_status} if found.known else None,
        "licenses": [
            {**_license_told(one), "lines": [list(line) for line in one.lines]} for one in known.licenses
        ],
        "appointments": list(found.appointments.values()),
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
