"""Reading companies, where they appoint, business rules, and how the organization files."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import Count, Q
from django.db.models.functions import Lower

from muster.access.models import Membership, OrganizationQuerySet
from muster.access.permissions import Permission
from muster.appointments.models import Appointment
from muster.carriers.models import BusinessRule, Company, CompanyState, FilingSettings
from muster.core.transactions import WAITING
from muster.lists.keyset import CEILING, Narrow, Order, Page, all_of, page_of
from muster.transactions.models import Transaction

PAGE = 50
BY_NAME = Order(("folded", "id"))
BY_STATE = Order(("state", "folded", "id"))


def visible_companies(member: Membership) -> OrganizationQuerySet:
    """The companies that the member may read."""
    companies: OrganizationQuerySet = Company.objects.visible_to(member, Permission.READ)
    return companies.annotate(folded=Lower("name"))


def companies_found(member: Membership, search: str) -> OrganizationQuerySet:
    """The companies with a piece of their name, or the beginning of their CoCode; all without a search."""
    companies = visible_companies(member)
    if search := search.strip():
        companies = companies.filter(Q(name__icontains=search) | Q(cocode__startswith=search))
    return companies


def company_page(
    member: Membership,
    *,
    search: str = "",
    after: str = "",
    before: str = "",
    size: int = PAGE,
    narrow: Narrow = all_of,
) -> tuple[list[Company], Page]:
    """One page of the companies by name, each with `appoints_in`: in how many states it appoints.

    `search` is as in `companies_found`.
    """
    everything, rows = visible_companies(member), companies_found(member, search)
    page = page_of(narrow(rows), among=everything, order=BY_NAME, size=size, after=after, before=before)
    companies = {company.pk: company for company in everything.filter(id__in=page.keys)}
    settings = CompanyState.objects.visible_to(member, Permission.READ).filter(company__in=list(companies))
    appoints = dict(settings.order_by().values_list("company").annotate(Count("id")))
    for company in companies.values():
        company.appoints_in = appoints.get(company.pk, 0)
    return [companies[key] for key in page.keys if key in companies], page


def company_named(member: Membership, cocode: str) -> Company | None:
    """The company of that CoCode, if the member may read it."""
    found: Company | None = visible_companies(member).filter(cocode=cocode).first()
    return found


def states_of(company: Company) -> list[CompanyState]:
    """The states in which the company appoints, with how it does, by code."""
    return list(company.states.order_by("state"))


def states_without_rules(company: Company, states: Collection[str]) -> list[str]:
    """Those of the states in which no business rule that is active is for anything that the company sells."""
    rules = BusinessRule.objects.filter(
        organization_id=company.organization_id,
        state__in=list(states),
        is_active=True,
        categories__overlap=company.categories,
    )
    covered = set(rules.order_by().values_list("state", flat=True).distinct())
    return sorted(set(states) - covered)


@dataclass(frozen=True, slots=True)
class Traces:
    """What names a company by its CoCode: how many, counted up to `CEILING` and then one more."""

    appointments: int
    transactions: int
    waiting: int


def traces_of(company: Company) -> Traces:
    """What stays when the company is deleted; `waiting` transactions have not gone to the registry."""
    named = {"organization_id": company.organization_id, "cocode": company.cocode}
    transactions = Transaction.objects.filter(**named)
    return Traces(
        Appointment.objects.filter(**named)[: CEILING + 1].count(),
        transactions[: CEILING + 1].count(),
        transactions.filter(status__in=WAITING)[: CEILING + 1].count(),
    )


@dataclass(frozen=True, slots=True)
class RuleSelection:
    """What is asked of the list of business rules. Empty means: all of them.

    `search` is a piece of the line's or the class's name, or the whole code of either; `active` is yes or no.
    """

    search: str = ""
    state: str = ""
    category: str = ""
    active: str = ""

    @property
    def narrows(self) -> bool:
        """Whether it leaves any out."""
        return bool(self.search or self.state or self.category or self.active)


def visible_rules(member: Membership) -> OrganizationQuerySet:
    """The business rules that the member may read."""
    rules: OrganizationQuerySet = BusinessRule.objects.visible_to(member, Permission.READ)
    return rules.annotate(folded=Lower("line_name"))


def matching_rules(member: Membership, selection: RuleSelection) -> OrganizationQuerySet:
    """Those that the selection asks for."""
    rules = visible_rules(member)
    if search := selection.search.strip():
        rules = rules.filter(
            Q(line_name__icontains=search)
            | Q(class_name__icontains=search)
            | Q(line_code__iexact=search)
            | Q(class_code__iexact=search)
        )
    if selection.state:
        rules = rules.filter(state=selection.state)
    if selection.category:
        rules = rules.filter(categories__contains=[selection.category])
    if selection.active:
        rules = rules.filter(is_active=selection.active == "yes")
    return rules


def rule_page(
    member: Membership, selection: RuleSelection, *, after: str = "", before: str = "", size: int = PAGE
) -> tuple[list[BusinessRule], Page]:
    """One page of the business rules by state and line."""
    everything = visible_rules(member)
    page = page_of(
        matching_rules(member, selection),
        among=everything,
        order=BY_STATE,
        size=size,
        after=after,
        before=before,
    )
    rules = {rule.pk: rule for rule in everything.filter(id__in=page.keys)}
    return [rules[key] for key in page.keys if key in rules], page


def states_of_companies(member: Membership) -> set[str]:
    """The states in which any company appoints."""
    settings = CompanyState.objects.visible_to(member, Permission.READ)
    return set(settings.order_by().values_list("state", flat=True).distinct())


def states_with_rules(member: Membership) -> set[str]:
    """The states in which any business rule is active."""
    rules = BusinessRule.objects.visible_to(member, Permission.READ).filter(is_active=True)
    return set(rules.order_by().values_list("state", flat=True).distinct())


def filing_settings_of(organization_id: int) -> FilingSettings:
    """How the organization files; where nobody has said so, as Muster does by itself."""
    told = FilingSettings.objects.filter(organization_id=organization_id).first()
    return told or FilingSettings(organization_id=organization_id)
