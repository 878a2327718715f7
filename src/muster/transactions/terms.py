"""What an organization has set up, read once for a whole file: companies, lines, state rules, settings."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

from django.db.models import Q

from muster.carriers.models import BusinessRule, Company, CompanyState, FilingSettings
from muster.carriers.state_rules import rulebook_of
from muster.core import eligibility
from muster.core.eligibility import BusinessLine, CompanyTerms, StateRule, Terms
from muster.core.rules.book import Rulebook
from muster.core.rules.keys import APPOINTING
from muster.core.rules.rule import Rule
from muster.core.words import states

YES_OR_NO = {"yes": True, "no": False}
FILES = {"appointment": True, "registry": False}


@dataclass(frozen=True, slots=True)
class Setup:
    """All that an organization's filings rest on, beside the producers."""

    organization_id: int
    today: date
    terms: Terms
    book: Rulebook
    settings: FilingSettings


def setup_of(organization_id: int, *, today: date) -> Setup:
    """Read what an organization has set up, as of a day; five queries."""
    settings = FilingSettings.objects.filter(organization_id=organization_id).first()
    settings = settings or FilingSettings(organization_id=organization_id)
    book = rulebook_of(organization_id)
    terms = Terms(
        today=today,
        companies=_companies(organization_id),
        lines=_lines(organization_id, today),
        rules=StateRules(book, today),
        assignment_required=settings.assignment_required,
    )
    return Setup(organization_id, today, terms, book, settings)


def license_setup_of(organization_id: int, *, today: date) -> Setup:
    """The same as far as licenses rest on it: without companies and lines of business; two queries."""
    settings = FilingSettings.objects.filter(organization_id=organization_id).first()
    settings = settings or FilingSettings(organization_id=organization_id)
    terms = Terms(today=today, companies=(), lines={}, rules={})
    return Setup(organization_id, today, terms, rulebook_of(organization_id), settings)


def _companies(organization_id: int) -> Iterator[CompanyTerms]:
    by_company: dict[int, dict[str, eligibility.CompanyState]] = defaultdict(dict)
    for setting in CompanyState.objects.filter(organization_id=organization_id):
        by_company[setting.company_id][setting.state] = eligibility.CompanyState(
            just_in_time=setting.just_in_time,
            auto_submit=setting.auto_submit,
            license_id=setting.company_license_id,
            assignment_required=setting.assignment_required,
            starts_on=setting.starts_on,
            ends_on=setting.ends_on,
        )
    for company in Company.objects.filter(organization_id=organization_id):
        yield CompanyTerms(
            id=company.pk,
            cocode=company.cocode,
            name=company.name,
            categories=frozenset(company.categories),
            states=MappingProxyType(by_company[company.pk]),
            fein=company.fein,
            domicile=company.domicile,
            creates_internal=company.create_internal_appointments,
            assignment_required=company.assignment_required,
        )


def _lines(organization_id: int, today: date) -> Mapping[str, list[BusinessLine]]:
    rules = BusinessRule.objects.filter(organization_id=organization_id, is_active=True)
    rules = rules.filter(Q(starts_on=None) | Q(starts_on__lte=today), Q(ends_on=None) | Q(ends_on__gte=today))
    found: dict[str, list[BusinessLine]] = defaultdict(list)
    for rule in rules.order_by("state", "class_code", "line_code", "line_name", "id"):
        found[rule.state].append(
            BusinessLine(
                rule.line_code,
                rule.line_name,
                frozenset(rule.categories),
                rule.class_code,
                rule.class_name,
            )
        )
    return found


class StateRules(dict[str, StateRule]):
    """What each state demands of appointments on a day, looked up when it is first asked for."""

    def __init__(self, book: Rulebook, today: date) -> None:
        super().__init__()
        self._book = book
        self._today = today

    def __missing__(self, state: str) -> StateRule:
        rule = self[state] = state_rule(self._book, state, self._today)
        return rule


def state_rule(book: Rulebook, state: str, on: date) -> StateRule:
    """What a state demands of appointments, as eligibility asks it."""
    if state not in states():
        return StateRule()
    filing = book.at(state, APPOINTING, "filing", on)
    agencies = book.at(state, APPOINTING, "agencies_appointed", on)
    waiting = book.holding(state, APPOINTING, "just_in_time", on)
    county = book.at(state, APPOINTING, "county_needed", on)
    types = book.at(state, APPOINTING, "appointment_types", on)
    dated = book.at(state, APPOINTING, "effective_date_given", on)
    return StateRule(
        files=FILES.get(str(filing.value)),
        appoints_agencies=YES_OR_NO.get(str(agencies.value)),
        just_in_time=next((_is_yes(rule) for rule in waiting if not rule.strand), None),
        just_in_time_of=MappingProxyType(
            {category: _is_yes(rule) for rule in waiting for category in _categories(rule)}
        ),
        needs_county=county.value in ("yes", "some"),
        types=types.value if isinstance(types.value, tuple) else (),
        takes_date=YES_OR_NO.get(str(dated.value)),
        rules=(filing.id, agencies.id, *(rule.id for rule in waiting)),
    )


def _is_yes(rule: Rule) -> bool | None:
    return YES_OR_NO.get(str(rule.value))


def _categories(rule: Rule) -> tuple[str, ...]:
    named = rule.terms.get("categories")
    return named if isinstance(named, tuple) else ()
