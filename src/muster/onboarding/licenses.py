"""What follows from an onboarding for licenses: who pays for them, and those that are to be applied for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from django.utils import timezone

from muster.core.onboarding_facts import classes_in_force
from muster.licenses.models import PaymentSetup
from muster.onboarding.cost import lines_of
from muster.onboarding.models import Draft
from muster.transactions.ending_batches import Author
from muster.transactions.licensing import Told, Wish, request_licenses
from muster.transactions.terms import setup_of


def set_payment(
    drafts: Sequence[Draft], producers: Mapping[int, int], *, by_id: int | None, now: datetime
) -> None:
    """Keep who pays for the producers of these drafts, by the draft's id; one statement."""
    PaymentSetup.objects.bulk_create(
        (
            PaymentSetup(
                producer_id=producers[draft.pk],
                organization_id=draft.organization_id,
                new_paid_by=draft.new_paid_by,
                renewal_paid_by=draft.renewal_paid_by,
                auto_renewal=draft.auto_renewal,
                updated_at=now,
                updated_by_id=by_id,
            )
            for draft in drafts
        ),
        update_conflicts=True,
        unique_fields=["producer"],
        update_fields=["new_paid_by", "renewal_paid_by", "auto_renewal", "updated_at", "updated_by"],
        batch_size=2_000,
    )


def request_for(
    drafts: Sequence[Draft],
    producers: Mapping[int, int],
    *,
    by_id: int | None,
    operation_id: UUID | None,
    now: datetime,
) -> int:
    """Ask for the licenses that are chosen in these drafts, ready and not sent; return how many."""
    wishes = [
        Wish(
            producers[draft.pk],
            state,
            tuple(lines_of(state, names)),
            draft.new_paid_by,
            Told(draft.facts.get("home_state", ""), classes_in_force(draft.facts, state)),
        )
        for draft in drafts
        for state, names in draft.choices.items()
        if names
    ]
    if not wishes:
        return 0
    setup = setup_of(drafts[0].organization_id, today=timezone.localdate(now))
    requested = request_licenses(setup, wishes, Author(operation_id, by_id), now)
    return sum(len(one.numbers) for one in requested)
