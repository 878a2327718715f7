"""Producers, and what of a producer stands beside all that they have."""

from __future__ import annotations

from django.db.models import Count, Exists, F, Func, IntegerField, OuterRef, Q, Subquery, TextField
from django.db.models.functions import Coalesce, Lower

from muster.access.models import Membership
from muster.bulk.models import Item
from muster.core.table import FieldKind
from muster.core.words import states
from muster.licenses.models import License
from muster.notices.models import OptOut
from muster.producers.models import Producer, SyncStatus
from muster.producers.queries import visible_producers
from muster.reports.fields import Field, today
from muster.reports.subject import MineOf, Subject, register


def name_of(path: str) -> Func:
    """A producer's name as pages tell it: "Last, First", or the NPN; `path` leads to the producer."""
    return Func(
        *(F(f"{path}{name}") for name in ("last_name", "first_name", "npn")),
        function="muster_producer_name",
        output_field=TextField(),
    )


def producer_fields(path: str = "", section: str = "") -> tuple[Field, ...]:
    """What can be asked of a producer who stands at `path`."""

    def at(name: str, label: str, kind: FieldKind = FieldKind.TEXT, **more: object) -> Field:
        return Field(name, label, kind, f"{path}{name}", section=section, **more)  # type: ignore[arg-type]

    return (
        Field("producer", "Related Producer", made=name_of(path), section=section),
        at("npn", "NPN", opens_producer=True),
        at("first_name", "First Name"),
        at("last_name", "Last Name"),
        at("kind", "Individual or Firm", FieldKind.CHOICE, choices=dict(Producer.Kind.choices)),
        Field("agency", "Agency", path=f"{path}agency__name", section=section),
        at("email", "Email"),
        at("sync_status", "Sync Status", FieldKind.CHOICE, choices=dict(SyncStatus.choices)),
        at("synced_at", "Last Synced", FieldKind.DATE, is_time=True),
        at("is_watched", "Watched", FieldKind.FLAG),
        at(
            "license_states",
            "Licensed In",
            FieldKind.CHOICES,
            choices=states(),
            tells_code=True,
        ),
    )


def imported_by_me(producer: str) -> MineOf:
    """Whether the asker imported the producer whose id stands at `producer`."""

    def mine(member: Membership) -> Q:
        imported = Item.objects.filter(
            target_id=OuterRef(producer),
            operation__kind="agent",
            operation__by=member.user_id,
            operation__organization=member.organization_id,
        )
        return Q(Exists(imported))

    return mine


IN_FORCE = Coalesce(
    Subquery(
        License.objects.filter(
            Q(expires_on=None) | Q(expires_on__gte=today()),
            producer=OuterRef("pk"),
            gone_at=None,
            is_active=True,
        )
        .order_by()
        .values("producer")
        .annotate(n=Count("pk"))
        .values("n"),
        output_field=IntegerField(),
    ),
    0,
)

OPTED_OUT = Exists(
    OptOut.objects.filter(
        organization=OuterRef("organization"),
        address__in=[Lower(OuterRef("email")), Lower(OuterRef("own_contact__email"))],
    )
)

PRODUCERS = register(
    Subject(
        name="producers",
        label="Producers",
        one="producer",
        many="producers",
        rows=visible_producers,
        fields=(
            *producer_fields(),
            Field("licenses", "Licenses in Force", FieldKind.NUMBER, made=IN_FORCE),
            Field("name_differs", "Name Differs From File", FieldKind.FLAG, "name_differs"),
            Field("opted_out", "Opted Out of Mailings", FieldKind.FLAG, made=OPTED_OUT),
            Field("sync_reason", "Sync Message", path="sync_reason"),
            Field("added_at", "Added", FieldKind.DATE, "created_at", is_time=True),
        ),
        columns=("producer", "npn", "agency", "license_states", "sync_status", "synced_at"),
        filters=("license_states", "sync_status", "agency"),
        mine=imported_by_me("pk"),
        mine_label="that I imported",
        target="producer",
        summary="Every producer on file, with agency, states and sync.",
    )
)
