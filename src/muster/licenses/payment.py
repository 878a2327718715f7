"""Who pays for a producer's licenses, and whether they renew by themselves: read and set."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, ClassVar

from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils import timezone

from muster.access.models import Membership
from muster.access.permissions import Permission
from muster.audit.operations import EventKind, record
from muster.bulk.kinds import Judge
from muster.bulk.models import Operation
from muster.bulk.updating import Choice, Settable, UpdateFields
from muster.core.licensing import PAYER_LABELS
from muster.licenses.models import PaymentSetup
from muster.producers.models import Producer

FILL = """
INSERT INTO licenses_paymentsetup (producer_id, organization_id)
SELECT producer.id, producer.organization_id
FROM bulk_item AS item
JOIN producers_producer AS producer ON producer.id = item.target_id
WHERE item.operation_id = %s AND producer.organization_id = %s
ORDER BY producer.id
ON CONFLICT DO NOTHING
"""


def payment_of(producer: Producer) -> PaymentSetup:
    """The setup of a producer; one in which nothing is decided where there is none."""
    found = PaymentSetup.objects.filter(producer=producer).first()
    return found or PaymentSetup(producer=producer, organization_id=producer.organization_id)


def set_payment(
    *,
    by: Membership,
    producers: Collection[Producer],
    new_paid_by: str,
    renewal_paid_by: str,
    auto_renewal: bool,
    now: datetime,
) -> None:
    """Set who pays for the licenses of these producers, on record; two statements."""
    assert all(one.organization_id == by.organization_id for one in producers)  # noqa: S101
    told = {"new_paid_by": new_paid_by, "renewal_paid_by": renewal_paid_by, "auto_renewal": auto_renewal}
    with transaction.atomic():
        PaymentSetup.objects.bulk_create(
            [
                PaymentSetup(
                    producer=one,
                    organization_id=by.organization_id,
                    updated_at=now,
                    updated_by_id=by.user_id,
                    **told,
                )
                for one in sorted(producers, key=lambda one: one.pk)
            ],
            update_conflicts=True,
            unique_fields=["producer"],
            update_fields=[*told, "updated_at", "updated_by"],
        )
        record(
            EventKind.PAYMENT_SET,
            organization_id=by.organization_id,
            by_id=by.user_id,
            subject=f"producer:{next(iter(producers)).pk}" if len(producers) == 1 else "",
            data={"producers": len(producers), **told},
        )


class UpdatePayment(UpdateFields):
    """Sets who pays for the licenses of producers, and whether they renew by themselves."""

    name = "update-payment"
    label = "Update payment of licenses"
    permission = Permission.PREPARE_FILINGS
    target = "producer"
    one = "producer"
    many = "producers"
    verb = "Set payment"
    model = PaymentSetup
    settable: ClassVar[tuple[Settable, ...]] = (
        Settable("new_paid_by", "New license paid by"),
        Settable("renewal_paid_by", "Renewal paid by"),
        Settable("auto_renewal", "Auto-renewal"),
    )

    def records(self, organization_id: int) -> QuerySet[Any]:
        return super().records(organization_id).filter(producer__removed_at=None)

    def choices(self, organization_id: int, field: str) -> Sequence[Choice]:
        if field == "auto_renewal":
            return [Choice("on", "On", True), Choice("off", "Off", False)]
        payers: list[tuple[str, Any]] = [*PAYER_LABELS.items()]
        return [*(Choice(code, label, code) for code, label in payers), Choice("none", "Not set", "")]

    def updated(self, operation: Operation, field: str, ids: Sequence[int]) -> None:
        told = {"updated_at": timezone.now(), "updated_by": operation.by_id}
        PaymentSetup.objects.filter(pk__in=ids).update(**told)

    def judge(self, operation: Operation) -> Judge:
        # Of whom nothing is decided yet, that is what is changed.
        with connection.cursor() as cursor:
            cursor.execute(FILL, [operation.pk, operation.organization_id])
        return super().judge(operation)
