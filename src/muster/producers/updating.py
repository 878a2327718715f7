"""Setting a field of many producers at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar

from django.db.models import QuerySet

from muster.access.permissions import Permission
from muster.bulk.updating import Choice, Settable, UpdateFields
from muster.producers.models import Agency, Producer

MOST_CHOICES = 2_000


class UpdateProducers(UpdateFields):
    """Sets a field of producers: the agency to which they belong."""

    name = "update-producers"
    label = "Update producers"
    permission = Permission.MANAGE_AGENCIES
    target = "producer"
    one = "producer"
    many = "producers"
    model = Producer
    settable: ClassVar[tuple[Settable, ...]] = (Settable("agency_id", "Agency"),)

    def records(self, organization_id: int) -> QuerySet[Any]:
        return super().records(organization_id).filter(removed_at=None)

    def choices(self, organization_id: int, field: str) -> Sequence[Choice]:
        agencies = Agency.objects.filter(organization_id=organization_id).order_by("name", "id")
        told = agencies.values_list("id", "name")[:MOST_CHOICES]
        return [
            *(Choice(str(pk), name, pk) for pk, name in told),
            Choice("none", "No agency", None),
        ]

    def label_of(self, organization_id: int, field: str, values: Iterable[Any]) -> Mapping[Any, str]:
        agencies = Agency.objects.filter(organization_id=organization_id, pk__in=[v for v in values if v])
        return {None: "No agency", **dict(agencies.values_list("id", "name"))}
