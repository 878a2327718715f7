"""The yardsticks `django-import-export` and `django-import-export-tuned`: how most Django projects import.

Both read the same file and write the same producers and assignments as Muster, SSNs sealed alike. They do
less: nothing is cleaned or judged, no finding or outcome is kept of a row, there is no check before and no
results file after, and the file is held in memory whole.
"""

from __future__ import annotations

import gc
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.db.models import Model, QuerySet
from django.utils import timezone
from import_export.fields import Field
from import_export.instance_loaders import BaseInstanceLoader, CachedInstanceLoader
from import_export.resources import ModelResource
from import_export.widgets import ForeignKeyWidget, SimpleArrayWidget
from tablib import Dataset

from bench.turn import Clock
from muster.access.models import Organization
from muster.assignments.models import Assignment
from muster.core.assignment import identity
from muster.producers.models import Agency, Producer, SyncStatus
from muster.vault import blind_index, seal

BATCH = 1_000
PLAIN = ("Scorecard Type", "Agent Type")


class _Owned(ModelResource):
    """Rows of one organization."""

    def __init__(self, organization: Organization) -> None:
        super().__init__()
        self.organization = organization

    def get_queryset(self) -> QuerySet[Any]:
        return super().get_queryset().filter(organization=self.organization)

    def init_instance(self, row: Mapping[str, str] | None = None) -> Model:
        return self._meta.model(organization=self.organization)


class Producers(_Owned):
    """Producers with their agency by NPN, a row at a time."""

    agency = Field(column_name="Agency NPN", attribute="agency", widget=ForeignKeyWidget(Agency, "npn"))
    first_name = Field(column_name="First Name", attribute="first_name")
    last_name = Field(column_name="Last Name", attribute="last_name")
    npn = Field(column_name="Agent NPN", attribute="npn")
    email = Field(column_name="Agent Email", attribute="email")

    class Meta:
        model = Producer
        fields = ("agency", "first_name", "last_name", "npn", "email")
        import_id_fields = ("npn",)

    def before_save_instance(self, instance: Producer, row: Mapping[str, str], **kwargs: Any) -> None:
        instance.file_first_name, instance.file_last_name = instance.first_name, instance.last_name
        instance.sync_status, instance.sync_next_at = SyncStatus.QUEUED, timezone.now()
        if ssn := row["Agent SSN"].replace("-", ""):
            instance.ssn_sealed, instance.ssn_last4 = seal(ssn), ssn[-4:]
            instance.ssn_index = blind_index(ssn)


class Assignments(_Owned):
    """Assignments of producers that are there already, a row at a time."""

    producer = Field(column_name="Agent NPN", attribute="producer", widget=ForeignKeyWidget(Producer, "npn"))
    identity = Field(column_name="identity", attribute="identity")
    categories = Field("categories", "LOA Category", widget=SimpleArrayWidget(";"))
    states = Field("states", "States", widget=SimpleArrayWidget(";"))
    cocodes = Field("cocodes", "CoCode", widget=SimpleArrayWidget(";"))
    scorecard_type = Field("scorecard_type", "Scorecard Type")
    agent_type = Field("agent_type", "Agent Type")

    class Meta:
        model = Assignment
        fields = ("producer", "identity", "categories", "states", "cocodes", "scorecard_type", "agent_type")
        import_id_fields = ("producer", "identity")


class _Fast:
    """What its documentation says makes imports fast."""

    use_bulk = True
    batch_size = BATCH
    skip_diff = True
    skip_html_diff = True
    use_transactions = False
    report_skipped = False


class _Known(ForeignKeyWidget):
    """Ids by NPN, looked up once: its own cached widget holds whole instances, and takes longer."""

    def __init__(self, model: type[Model]) -> None:
        super().__init__(model, "npn")
        self.ids: dict[str, int] = {}

    def clean(self, value: str, row: Mapping[str, str] | None = None, **kwargs: Any) -> int:
        if not self.ids:
            self.ids = dict(self.model.objects.values_list("npn", "id"))
        return self.ids[value]


class TunedProducers(Producers):
    """Producers in bulk, with agencies and known producers looked up once."""

    agency = Field(column_name="Agency NPN", attribute="agency_id", widget=_Known(Agency))

    class Meta(_Fast, Producers.Meta):
        instance_loader_class = CachedInstanceLoader


class _KnownAssignments(BaseInstanceLoader):
    """Assignments by producer and identity, loaded once: its own cached loader takes one column only."""

    def __init__(self, resource: _Owned, dataset: Dataset | None = None) -> None:
        super().__init__(resource, dataset)
        self.known = {(known.producer_id, known.identity): known for known in resource.get_queryset()}

    def get_instance(self, row: Mapping[str, Any]) -> Assignment | None:
        return self.known.get((self.resource.fields["producer"].clean(row), row["identity"]))


class TunedAssignments(Assignments):
    """Assignments in bulk, with producers and known assignments looked up once."""

    producer = Field(column_name="Agent NPN", attribute="producer_id", widget=_Known(Producer))

    class Meta(_Fast, Assignments.Meta):
        instance_loader_class = _KnownAssignments


def as_it_comes(clock: Clock, *, file: str) -> None:
    """Import row by row, with the settings it has by itself."""
    _import(clock, file, Producers, Assignments)


def tuned(clock: Clock, *, file: str) -> None:
    """Import in its bulk mode, with every cache, and without Python's cycle search (half of its time)."""
    gc.disable()
    _import(clock, file, TunedProducers, TunedAssignments)


def _import(clock: Clock, file: str, producers: type[_Owned], assignments: type[_Owned]) -> None:
    organization = Organization.objects.get()
    with clock.step("import"):
        people = Dataset().load(Path(file).read_text("utf-8"), format="csv")
        producers(organization).import_data(people, raise_errors=True)
        assignments(organization).import_data(_sellers(people), raise_errors=True)


def _sellers(people: Dataset) -> Dataset:
    """The rows with an assignment, each with what tells it from the others of its producer."""
    sellers = Dataset(headers=[*people.headers, "identity"])
    parts = [people.headers.index(name) for name in ("LOA Category", "States", "CoCode", *PLAIN)]
    for row in people:
        categories, states, cocodes, scorecard_type, agent_type = (row[part] for part in parts)
        if categories:
            told = identity(
                categories=categories.split(";"),
                states=states.split(";"),
                cocodes=cocodes.split(";"),
                scorecard_type=scorecard_type,
                agent_type=agent_type,
            )
            sellers.append([*row, told])
    return sellers
