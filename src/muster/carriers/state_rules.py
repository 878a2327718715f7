"""The state rules as an organization has them: those that are shipped, with its own values over them."""

from __future__ import annotations

from muster.carriers.models import RuleOverride
from muster.core.rules.book import Rulebook, rulebook
from muster.core.rules.rule import Override
from muster.core.rules.terms import frozen


def rulebook_of(organization_id: int) -> Rulebook:
    """The book by which the organization's filings are judged; one query."""
    own = RuleOverride.objects.filter(organization_id=organization_id, ended_at=None).select_related("by")
    return rulebook().with_overrides(
        Override(
            state=one.state,
            topic=one.topic,
            key=one.key,
            value=frozen(one.value),
            since=one.starts_on,
            reason=one.reason,
            by_name=str(one.by),
            at=one.created_at,
        )
        for one in own.order_by("starts_on", "id")
    )
