"""Writing companies, the states in which they appoint, business rules, and how the organization files.

What is told comes as texts by the keys of `muster.carriers.columns`, is cleaned as those of files are, and
all of it is on record.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet

from muster.access.models import Membership
from muster.audit.operations import EventKind, record
from muster.carriers.columns import COMPANY, FILING, RULE, STATE_SETTING
from muster.carriers.keeping import (
    CannotKeep,
    assign,
    check_period,
    cleaned,
    everything,
    values_of,
    writing,
)
from muster.carriers.models import BusinessRule, Company, CompanyState, FilingSettings
from muster.core.lines import folded, known_lines
from muster.core.words import states

FEW = 20
"""So many things an event names; of more it says how many."""


# Companies --------------------------------------------------------------------------------------------


def create_company(*, by: Membership, told: Mapping[str, str]) -> Company:
    """Put a company on file. Raises CannotKeep, PermissionDenied."""
    with writing(by):
        facts = cleaned(COMPANY, everything(COMPANY, told), otherwise=Company())
        known = Company.objects.filter(organization_id=by.organization_id, cocode=facts["cocode"]).first()
        if known:
            raise CannotKeep(
                {
                    "cocode": [
                        f"CoCode {known.cocode} is that of {known.name}, which is on file already. "
                        "Check the code, or change that company."
                    ]
                }
            )
        company = Company.objects.create(organization_id=by.organization_id, **facts)
        _record(EventKind.COMPANY_CREATED, by, company)
    return company


def change_company(*, by: Membership, company: Company, told: Mapping[str, str]) -> bool:
    """Write what is told of a company, on record; return whether that changed anything.

    What is not told stays, what is told blank is emptied; the CoCode always stays. Raises CannotKeep,
    PermissionDenied.
    """
    with writing(by):
        held = _held(by, company)
        told = {key: text for key, text in told.items() if key != "cocode"}
        changed = assign(held, cleaned(COMPANY, told, otherwise=Company()))
        if changed:
            held.save(update_fields=list(changed))
            _record(EventKind.COMPANY_CHANGED, by, held, changed=changed)
    return bool(changed)


def delete_company(*, by: Membership, company: Company) -> None:
    """Take a company off file, with the states in which it appoints; what it was stays on record.

    Transactions and appointments stay as they are: they keep its CoCode. Raises PermissionDenied.
    """
    with writing(by):
        held = _held(by, company)
        was = {field: getattr(held, field) for field in COMPANY_FIELDS}
        settings = {one.state: values_of(one, SETTING_FIELDS) for one in held.states.order_by("state")}
        _record(EventKind.COMPANY_DELETED, by, held, was=was, states=settings)
        held.delete()


COMPANY_FIELDS = [column.key for column in COMPANY]


def _held(by: Membership, company: Company) -> Company:
    """The company as it is now. Raises CannotKeep where somebody has deleted it meanwhile."""
    held = Company.objects.filter(pk=company.pk, organization_id=by.organization_id).first()
    if held is None:
        raise CannotKeep({"": [f"{company.name} has been deleted meanwhile. Nothing was changed."]})
    return held


def _record(kind: EventKind, by: Membership, company: Company, **data: Any) -> None:
    record(
        kind,
        organization_id=by.organization_id,
        by_id=by.user_id,
        subject=f"company:{company.cocode}",
        data={"name": company.name, "cocode": company.cocode, **data},
    )


# The states in which a company appoints ---------------------------------------------------------------

SETTING_FIELDS = [column.key for column in STATE_SETTING]


@dataclass(frozen=True, slots=True)
class StatesSet:
    """What became of a company's states, by code."""

    added: list[str]
    changed: list[str]
    removed: list[str]

    def __bool__(self) -> bool:
        return bool(self.added or self.changed or self.removed)


def set_states(
    *,
    by: Membership,
    company: Company,
    told: Mapping[str, Mapping[str, str]],
    remove: Collection[str] = (),
) -> StatesSet:
    """Write in which states a company appoints, and how: by state, what is told of it; on record.

    A state that the company has not is added. In others what is not told stays. Raises CannotKeep, whose keys
    are such as `CA-ends_on`, and PermissionDenied.
    """
    with writing(by):
        held = _held(by, company)
        before = {one.state: one for one in held.states.all()}
        wanted = {state: texts for state, texts in told.items() if state not in remove}
        added: list[CompanyState] = []
        changes: dict[str, Any] = {}
        reasons: dict[str, Sequence[str]] = {}
        for state, texts in sorted(wanted.items()):
            setting = before.get(state) or CompanyState(
                organization_id=by.organization_id, company=held, state=state
            )
            try:
                changed = _set(setting, texts)
            except CannotKeep as wrong:
                reasons |= {f"{state}-{key}": found for key, found in wrong.reasons.items()}
                continue
            if state not in before:
                added.append(setting)
            elif changed:
                changes[state] = changed
        if reasons:
            raise CannotKeep(reasons)
        removed = [before[state] for state in sorted(remove) if state in before]
        CompanyState.objects.bulk_create(added)
        if changes:
            CompanyState.objects.bulk_update([before[state] for state in changes], SETTING_FIELDS)
        CompanyState.objects.filter(pk__in=[one.pk for one in removed]).delete()
        if added or changes:
            settings = {one.state: values_of(one, SETTING_FIELDS) for one in added}
            _record(EventKind.COMPANY_STATE_SET, by, held, added=settings, changed=changes)
        if removed:
            were = {one.state: values_of(one, SETTING_FIELDS) for one in removed}
            _record(EventKind.COMPANY_STATE_REMOVED, by, held, states=were)
    return StatesSet([one.state for one in added], list(changes), [one.state for one in removed])


def _set(setting: CompanyState, texts: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    if setting.state not in states():
        raise CannotKeep({"state": [f"“{setting.state}” is not a state. Choose one of the list."]})
    changed = assign(setting, cleaned(STATE_SETTING, texts, otherwise=CompanyState()))
    check_period(setting)
    return changed


# Business rules ---------------------------------------------------------------------------------------

RULE_FIELDS = [column.key for column in RULE]
IDENTITY = ("state", "class_code", "class_name", "line_code", "line_name")


def create_rule(*, by: Membership, told: Mapping[str, str]) -> BusinessRule:
    """Put a business rule on file. Raises CannotKeep, PermissionDenied."""
    with writing(by):
        facts = cleaned(RULE, everything(RULE, told), otherwise=BusinessRule())
        rule = BusinessRule(organization_id=by.organization_id, **facts)
        check_period(rule)
        _refuse_known(rule)
        rule.save()
        _record_rule(EventKind.BUSINESS_RULE_CREATED, by, rule)
    return rule


def change_rule(*, by: Membership, rule: BusinessRule, told: Mapping[str, str]) -> bool:
    """Write what is told of a business rule, on record; return whether that changed anything.

    What is not told stays, what is told blank is emptied. Raises CannotKeep, PermissionDenied.
    """
    with writing(by):
        held = BusinessRule.objects.filter(pk=rule.pk, organization_id=by.organization_id).first()
        if held is None:
            raise CannotKeep({"": [f"{rule} has been deleted meanwhile. Nothing was changed."]})
        changed = assign(held, cleaned(RULE, told, otherwise=BusinessRule()))
        check_period(held)
        if changed:
            _refuse_known(held)
            held.save(update_fields=list(changed))
            _record_rule(EventKind.BUSINESS_RULE_CHANGED, by, held, changed=changed)
    return bool(changed)


def delete_rule(*, by: Membership, rule: BusinessRule) -> None:
    """Take a business rule off file; what it was stays on record. Raises PermissionDenied."""
    with writing(by):
        for held in BusinessRule.objects.filter(pk=rule.pk, organization_id=by.organization_id):
            _record_rule(EventKind.BUSINESS_RULE_DELETED, by, held, was=values_of(held, RULE_FIELDS))
            held.delete()


def switch_rules(*, by: Membership, rules: QuerySet[BusinessRule], active: bool) -> int:
    """Make business rules active, or inactive; return how many were not. Raises PermissionDenied.

    The rules must come from `visible_to`.
    """
    with writing(by):
        switched = list(rules.filter(is_active=not active).order_by("state", "line_name", "id"))
        BusinessRule.objects.filter(pk__in=[rule.pk for rule in switched]).update(is_active=active)
        if switched:
            record(
                EventKind.BUSINESS_RULE_CHANGED,
                organization_id=by.organization_id,
                by_id=by.user_id,
                data={
                    "rules": len(switched),
                    "named": [str(rule) for rule in switched[:FEW]],
                    "ids": [rule.pk for rule in switched],
                    "changed": {"is_active": {"before": not active, "after": active}},
                },
            )
    return len(switched)


def add_starting_rules(by: Membership, states: Iterable[str] | None = None) -> int:
    """Add a business rule for each line that the states grant, where there is none; return how many.

    The lines of a state's general producer class are active, unless a rule for every class covers them; those
    of all other classes are not. None for `states` means all. Raises PermissionDenied.
    Source: rules/us/lines_of_authority.csv.
    """
    wanted = None if states is None else set(states)
    with writing(by):
        known = {
            tuple(map(folded, identity))
            for identity in BusinessRule.objects.filter(organization_id=by.organization_id).values_list(
                *IDENTITY
            )
        }
        every = BusinessRule.objects.filter(
            organization_id=by.organization_id, class_code="", class_name="", is_active=True
        )
        for_every_class = {(state, folded(name)) for state, name in every.values_list("state", "line_name")}
        missing = [
            BusinessRule(
                organization_id=by.organization_id,
                state=line.state,
                class_code=line.class_code,
                class_name=line.class_name,
                line_code=line.code,
                line_name=line.name,
                categories=list(line.categories),
                is_active=line.is_general and (line.state, folded(line.name)) not in for_every_class,
            )
            for line in known_lines()
            if (wanted is None or line.state in wanted) and tuple(map(folded, line[:5])) not in known
        ]
        BusinessRule.objects.bulk_create(missing)
        if missing:
            record(
                EventKind.BUSINESS_RULE_CREATED,
                organization_id=by.organization_id,
                by_id=by.user_id,
                data={"rules": len(missing), "states": sorted({rule.state for rule in missing})},
            )
    return len(missing)


def _refuse_known(rule: BusinessRule) -> None:
    """Refuse a second rule for the same state, class and line, however it is spelled. Raises CannotKeep."""
    alike = BusinessRule.objects.filter(
        organization_id=rule.organization_id, **{f"{key}__iexact": getattr(rule, key) for key in IDENTITY}
    )
    if known := alike.exclude(pk=rule.pk).first():
        raise CannotKeep(
            {"line_name": [f"There is a rule for {known} in this class already. Change that one instead."]}
        )
    if rule.is_active and (twin := _overlapping(rule)):
        of_class = twin.class_name or twin.class_code or "every class"
        raise CannotKeep(
            {
                "class_name": [
                    f"{twin} has an active rule for {of_class}. A rule for every class holds for that one "
                    "too, and a request would come to both. Make the other one inactive first."
                ]
            }
        )


def _overlapping(rule: BusinessRule) -> BusinessRule | None:
    """An active rule for the same line, where one of the two is for every license class and one is not."""
    every = Q(class_code="", class_name="")
    alike = BusinessRule.objects.filter(
        organization_id=rule.organization_id,
        state=rule.state,
        line_name__iexact=rule.line_name,
        is_active=True,
    ).exclude(pk=rule.pk)
    is_for_every = not rule.class_code and not rule.class_name
    return alike.exclude(every).first() if is_for_every else alike.filter(every).first()


def _record_rule(kind: EventKind, by: Membership, rule: BusinessRule, **data: Any) -> None:
    record(
        kind,
        organization_id=by.organization_id,
        by_id=by.user_id,
        subject=f"business-rule:{rule.pk}",
        data={
            "state": rule.state,
            "line": rule.line_name,
            "class": rule.class_name or rule.class_code,
            **data,
        },
    )


# How the organization files ---------------------------------------------------------------------------


def change_filing_settings(*, by: Membership, told: Mapping[str, str]) -> bool:
    """Write how the organization of `by` files, on record; return whether that changed anything.

    What is not told stays; a limit or fee that is told blank is none. Raises CannotKeep, PermissionDenied.
    """
    with writing(by):
        held = FilingSettings.objects.filter(organization_id=by.organization_id).first()
        held = held or FilingSettings(organization_id=by.organization_id)
        facts = cleaned(FILING, told, otherwise=FilingSettings())
        if facts.get("most_fees") == 0:
            raise CannotKeep(
                {"most_fees": ["A limit of $0.00 lets nothing through. Leave it empty where there is none."]}
            )
        changed = assign(held, facts)
        if changed:
            held.save()
            record(
                EventKind.SETTINGS_CHANGED,
                organization_id=by.organization_id,
                by_id=by.user_id,
                data={"of": "filing", "changed": changed},
            )
    return bool(changed)
