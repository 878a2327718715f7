"""Setting a field of many producers at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar

from django.db.models import QuerySet

from muster.access.permissions import Permission
from muster.bulk.updating import Choice, Settable, UpdateFields
from muster.core.values import clean_email
from muster.producers.models import Agency, Producer

MOST_CHOICES = 2_000
EMAIL = "email"


class UpdateProducers(UpdateFields):
    """Sets a field of producers: the agency to which they belong; of one, the email address."""

    name = "update-producers"
    label = "Update producers"
    permission = Permission.MANAGE_AGENCIES
    target = "producer"
    one = "producer"
    many = "producers"
    model = Producer
    settable: ClassVar[tuple[Settable, ...]] = (
        Settable("agency_id", "Agency"),
        Settable(EMAIL, "Email", is_written=True),
    )

    def records(self, organization_id: int) -> QuerySet[Any]:
        return super().records(organization_id).filter(removed_at=None)

    def choices(self, organization_id: int, field: str) -> Sequence[Choice]:
        if field == EMAIL:
            return []
        agencies = Agency.objects.filter(organization_id=organization_id).order_by("name", "id")
        told = agencies.values_list("id", "name")[:MOST_CHOICES]
        return [
            *(Choice(str(pk), name, pk) for pk, name in told),
            Choice("none", "No agency", None),
        ]

    def choice_of(self, organization_id: int, field: str, told: str) -> Choice | None:
        if field != EMAIL:
            return super().choice_of(organization_id, field, told)
        address, _ = clean_email(told.strip())
        return Choice(told, address, address) if address else None

    def label_of(self, organization_id: int, field: str, values: Iterable[Any]) -> Mapping[Any, str]:
        if field == EMAIL:
            return {}
        agencies = Agency.objects.filter(organization_id=organization_id, pk__in=[v for v in values if v])
        return {None: "No agency", **dict(agencies.values_list("id", "name"))}
