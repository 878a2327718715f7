"""The state rules as an organization has them: those that are shipped, with its own values over them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from muster.access.models import Membership, OrganizationQuerySet
from muster.access.permissions import Permission
from muster.audit.operations import EventKind, record
from muster.carriers.keeping import CannotKeep, writing
from muster.carriers.models import RuleOverride
from muster.core.rules.book import Rulebook, rule_of, rulebook
from muster.core.rules.cases import beside, cases
from muster.core.rules.keys import Value, fault_of
from muster.core.rules.rule import APART, NO_TERMS, Override, Rule, Term
from muster.core.rules.terms import fault_of_terms, frozen
from muster.core.values import plain
from muster.core.words import states

LONGEST_REASON = 1_000


def rulebook_of(organization_id: int, *, without: int = 0) -> Rulebook:
    """The book by which the organization's filings are judged; one query.

    `without` is the id of an own value to leave out, to see what ending it would change; 0 is none.
    """
    own = RuleOverride.objects.filter(organization_id=organization_id, ended_at=None).exclude(pk=without)
    return rulebook().with_overrides(map(_as_told, own.select_related("by").order_by("starts_on", "id")))


def own_values(member: Membership, **only: Any) -> OrganizationQuerySet:
    """The own values that the member may see, ended ones too, the newest first."""
    own: OrganizationQuerySet = RuleOverride.objects.visible_to(member, Permission.READ)
    return own.filter(**only).select_related("by").order_by("-created_at", "-id")


def own_rule(override: RuleOverride) -> Rule:
    """An own value as a rule, as verdicts cite it; also one that has ended."""
    return rule_of(_as_told(override))


def override_rule(
    *,
    by: Membership,
    state: str,
    topic: str,
    key: str,
    value: Value,
    starts_on: date,
    reason: str,
    now: datetime,
    terms: Mapping[str, Term] = NO_TERMS,
) -> RuleOverride:
    """Set a value of the organization's own in place of a state's rule, from a day on; on record.

    Those set before stay as they are, and this one takes their place from its day on. It is for everybody
    unless `terms` name a case of `muster.core.rules.cases`. Raises CannotKeep, PermissionDenied.
    """
    with writing(by):
        reason = plain(reason)[0]
        if faults := _faults(state, topic, key, value, terms, reason):
            raise CannotKeep({field: [fault] for field, fault in faults.items()})
        override = RuleOverride.objects.create(
            organization_id=by.organization_id,
            state=state,
            topic=topic,
            key=key,
            value=value,
            terms=dict(terms),
            starts_on=starts_on,
            reason=reason,
            by=by.user,
            created_at=now,
        )
        _record(EventKind.RULE_OVERRIDDEN, by, override)
    return override


def end_override(*, by: Membership, override: RuleOverride, now: datetime) -> bool:
    """Take an own value back, on record; return whether it was not ended before.

    Filings that are judged from now on go by what is told beside it, whatever their day. What was judged by
    it stays as it is, and so does what it said. Raises PermissionDenied.
    """
    with writing(by):
        held = RuleOverride.objects.filter(pk=override.pk, organization_id=by.organization_id, ended_at=None)
        if held.update(ended_at=now):
            _record(EventKind.RULE_OVERRIDE_ENDED, by, override)
            return True
    return False


def _as_told(override: RuleOverride) -> Override:
    return Override(
        state=override.state,
        topic=override.topic,
        key=override.key,
        value=frozen(override.value),
        since=override.starts_on,
        reason=override.reason,
        by_name=str(override.by),
        at=override.created_at,
        terms=override.terms,
    )


def _faults(
    state: str, topic: str, key: str, value: Value, terms: Mapping[str, Term], reason: str
) -> dict[str, str]:
    """What is wrong with an own value, by field, each in a sentence."""
    faults = {}
    if state not in states():
        faults["state"] = f"“{state}” is not a state. Name one by its two letters, such as CA."
    elif fault := fault_of(topic, key, value):
        faults["value"] = fault
    elif fault := fault_of_terms(terms) or _fault_of_case(state, topic, key, terms):
        faults["terms"] = fault
    if not reason:
        faults["reason"] = "Say why: a letter of the state, a statute, or a decision of yours."
    elif len(reason) > LONGEST_REASON:
        faults["reason"] = f"Say it in {LONGEST_REASON:,} letters or fewer; this has {len(reason):,}."
    return faults


def _fault_of_case(state: str, topic: str, key: str, terms: Mapping[str, Term]) -> str:
    further = [name for name in terms if name not in APART]
    if unfit := [name for name in further if name not in beside(topic, key)]:
        return f"An own value of {key} does not say {unfit[0]}. Leave it out."
    case = tuple((name, terms[name]) for name in APART if name in terms)
    if case not in cases(rulebook(), state, topic, key):
        return f"{key} is not told for this case. Tell it for everybody, or for a case that is told apart."
    return ""


def _record(kind: EventKind, by: Membership, override: RuleOverride) -> None:
    record(
        kind,
        organization_id=by.organization_id,
        by_id=by.user_id,
        subject=f"rule:{override.state}/{override.topic}/{override.key}",
        data={
            "rule": own_rule(override).id,
            "override": override.pk,
            "state": override.state,
            "topic": override.topic,
            "key": override.key,
            "value": override.value,
            "terms": override.terms,
            "starts_on": override.starts_on.isoformat(),
            "reason": override.reason,
        },
    )
