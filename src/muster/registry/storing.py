"""Storing reports set-wise: copied to staging tables, then merged with what is on record.

What the registry no longer lists is marked as gone and never deleted; what it lists again is no longer gone.
What has not changed is not written; what is not gone was seen when its producer was last synced.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, NamedTuple

import psycopg
from django.db import DatabaseError, InterfaceError, connection, transaction
from django.utils.timezone import localdate
from psycopg.errors import (
    CardinalityViolation,
    DataError,
    IntegrityError,
    ProgramLimitExceeded,
)

from muster.bulk.deadlocks import again_after_deadlock
from muster.core.faults import told_without_data
from muster.core.report import ProducerReport
from muster.core.sync import names_differ
from muster.history.context import changing
from muster.history.models import Source
from muster.producers.models import SyncStatus
from muster.registry.hooks import run_stored_hooks
from muster.registry.operations import Claim, forget_on_crash
from muster.registry.sql import statement
from muster.vault import blind_index, seal

log = logging.getLogger(__name__)

Told = tuple[Claim, ProducerReport]

TRIES = 3

REFUSALS = (CardinalityViolation, DataError, IntegrityError, ProgramLimitExceeded)
"""What the database says when it is the data's fault."""


@dataclass(frozen=True, slots=True)
class Merged:
    """How one kind of record is merged: the columns that name it, those that may change, and its parent.

    `only_once` is a column that is filled when the record is first told, and never changed again; `can_go`
    says which records may be marked as gone, where not all may.
    """

    table: str
    told: str
    key: tuple[str, ...]
    values: tuple[str, ...]
    parent: str = "producer_id"
    parents: str = "told_producer"
    parent_key: tuple[tuple[str, str], ...] = (("producer_id", "id"),)
    staged: str = ""
    only_once: str = ""
    can_go: str = ""
    producer: str = "producer_id"
    to_producer: str = ""

    @property
    def merge(self) -> str:
        """The statement that adds and changes."""
        return statement("merge").format(
            table=self.table,
            told=self.told,
            parent=self.parent,
            key=", ".join(self.key),
            told_key=_each("told.{}", self.key),
            values=", ".join(self.values),
            told_values=_each("told.{}", self.values),
            old_values=_each("old.{}", self.values),
            old_is_told=_each("told.{0} = old.{0}", self.key, " AND "),
            take_values=_each("{0} = excluded.{0}", self.values)
            + (f", {self.only_once} = coalesce(kept.{self.only_once}, excluded.{self.only_once})")
            * bool(self.only_once),
            only_once=f", {self.only_once}" * bool(self.only_once),
            told_only_once=f", told.{self.only_once}" * bool(self.only_once),
            or_told_at_last=(f" OR old.{self.only_once} IS NULL AND told.{self.only_once} IS NOT NULL")
            * bool(self.only_once),
            producer=self.producer,
            to_producer=self.to_producer,
        )

    @property
    def gone(self) -> str:
        """The statement that marks what is no longer told."""
        return statement("gone").format(
            table=self.table,
            staged=self.staged or self.told,
            parent=self.parent,
            parents=self.parents,
            told_of_parent=" AND ".join(f"told.{ours} = of_batch.{its}" for ours, its in self.parent_key),
            old_is_told=_each("told.{0} = old.{0}", self.key, " AND "),
            can_go=self.can_go,
            producer=self.producer,
            to_producer=self.to_producer,
        )


def _each(form: str, names: Iterable[str], between: str = ", ") -> str:
    return between.join(form.format(name) for name in names)


def _columns(text: str) -> tuple[str, ...]:
    return tuple(text.split())


# In the order in which they depend on each other.
RECORDS = (
    Merged(
        table="producers_registryaddress",
        told="told_address",
        key=("state", "type_code", "type_name"),
        values=_columns("line_1 line_2 line_3 city address_state zip country updated_on"),
    ),
    Merged(
        table="producers_registrycontact",
        told="told_contact",
        key=("state", "kind"),
        values=("value", "updated_on"),
    ),
    Merged(
        table="licenses_license",
        told="told_license",
        key=("state", "number", "class_code"),
        values=_columns("class_name residency is_active issued_on expires_on adjuster_home_state updated_on"),
    ),
    Merged(
        table="licenses_lineofauthority",
        told="""(
            SELECT license.id AS license_id, line.*
            FROM told_line AS line
            JOIN licenses_license AS license USING (producer_id, state, number, class_code)
        )""",
        parent="license_id",
        parents="""(
            SELECT license.*
            FROM licenses_license AS license
            JOIN told_producer ON told_producer.id = license.producer_id
        )""",
        parent_key=tuple((name, name) for name in ("producer_id", "state", "number", "class_code")),
        staged="told_line",
        producer="license.producer_id",
        to_producer=" JOIN licenses_license AS license ON license.id = written.license_id",
        key=("code", "name"),
        values=_columns(
            "status status_reason status_reason_on issued_on ce_compliance ce_renewal_on ce_credits_needed"
        ),
    ),
    Merged(
        table="appointments_appointment",
        told="(SELECT told.*, 'registry' AS origin FROM told_appointment AS told)",
        staged="told_appointment",
        # What was filed a moment ago, or is kept in our own register, the registry need not list.
        can_go=" AND old.origin = 'registry'",
        key=_columns("state cocode line_code line_name county_code"),
        values=_columns(
            "company_name fein status termination_reason status_on renews_on"
            " agency_affiliation state_company_id origin"
        ),
        only_once="first_effective_on",
    ),
    Merged(
        table="producers_regulatoryaction",
        told="told_action",
        key=("state", "action_id"),
        values=_columns(
            "origin reason disposition penalty order_length file_reference action_on effective_on entered_on"
        ),
    ),
)


class Known(NamedTuple):
    """What is on record of a producer whose report is to be stored."""

    id: int
    organization_id: int
    first_name: str
    last_name: str
    file_first_name: str
    file_last_name: str
    was_synced: bool
    has_ssn: bool


def store_reports(*, reports: Sequence[Told], now: datetime) -> list[Claim]:
    """Store reports of claimed producers in one transaction; return the claims whose report cannot be stored.

    Reports for claims that are no longer ours are dropped. A batch that fails is halved until the report that
    fails stands alone, be it that the database refuses it or that we came upon a fault of our own. What the
    database says of anything but the data is raised: a lost connection is no report's fault.
    """
    if not reports:
        return []
    try:
        again_after_deadlock(partial(_store_batch, reports, now), tries=TRIES)
        return []
    except Exception as error:
        # Within COPY the driver's own errors come unwrapped.
        cause = error if isinstance(error, psycopg.Error) else error.__cause__
        is_of_database = isinstance(error, (psycopg.Error, DatabaseError, InterfaceError))
        if is_of_database and not isinstance(cause, REFUSALS):
            raise
        if len(reports) == 1:
            # The words of the fault may hold what the report says about a person.
            fault = type(cause).__name__ if is_of_database else told_without_data(error)
            log.error("The report of producer %s cannot be stored: %s", reports[0][0].producer_id, fault)
            return [reports[0][0]]
    middle = len(reports) // 2
    return store_reports(reports=reports[:middle], now=now) + store_reports(reports=reports[middle:], now=now)


def _store_batch(reports: Sequence[Told], now: datetime) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        forget_on_crash(cursor)
        with changing(source=Source.REGISTRY, at=now):
            _store(cursor, reports, now)


def _store(cursor: Any, reports: Sequence[Told], now: datetime) -> None:
    cursor.execute(
        statement("ours"),
        {
            "ids": [claim.producer_id for claim, _ in reports],
            "claims": [claim.claimed_at for claim, _ in reports],
        },
    )
    report_of = {claim.producer_id: report for claim, report in reports}
    told = [(known, report_of[known.id]) for known in map(Known._make, cursor.fetchall())]
    if not told:
        return
    cursor.execute(statement("staging"))
    _copy(cursor, "told_producer", (_producer_row(known, report) for known, report in told))
    for name, rows in _rows_of(told).items():
        _copy(cursor, name, rows)
    differing = {known.id for known, _ in told if not known.was_synced}
    for record in RECORDS:
        for sql in (record.merge, record.gone):
            cursor.execute(sql, {"now": now})
            differing.update(producer_id for (producer_id,) in cursor.fetchall())
    cursor.execute(statement("producer"), {"now": now})
    if differing:
        run_stored_hooks(sorted(differing), localdate(now), now)


def _copy(cursor: Any, table: str, rows: Iterable[tuple[Any, ...]]) -> None:
    with cursor.copy(f"COPY {table} FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


def _rows_of(told: Iterable[tuple[Known, ProducerReport]]) -> dict[str, list[tuple[Any, ...]]]:
    """The rows of each staging table; their columns stand in the order of the records' fields."""
    rows: dict[str, list[tuple[Any, ...]]] = {
        name: []
        for name in (
            "told_address",
            "told_contact",
            "told_license",
            "told_line",
            "told_appointment",
            "told_action",
        )
    }
    addresses, contacts, licenses, lines, appointments, actions = rows.values()
    for known, report in told:
        of = (known.organization_id, known.id)
        addresses += [of + one for one in report.addresses]
        contacts += [of + one for one in report.contacts]
        for license in report.licenses:
            licenses.append(of + license[:-1])
            lines += [of + license.key + line for line in license.lines]
        appointments += [of + one for one in report.appointments]
        actions += [of + one for one in report.regulatory_actions]
    return rows


def _producer_row(known: Known, report: ProducerReport) -> tuple[Any, ...]:
    file_first, file_last = known.file_first_name, known.file_last_name
    if not (known.was_synced or file_first or file_last):
        # Until the registry has spoken, the name on record is what the file or the form said.
        file_first, file_last = known.first_name, known.last_name
    named = bool(report.last_name)
    first = report.first_name if named else known.first_name
    last = report.last_name if named else known.last_name
    ssn = "" if known.has_ssn else report.ssn
    return (
        known.id,
        (SyncStatus.SUCCESS if report.licenses else SyncStatus.SUCCESS_NO_LICENSES).value,
        report.kind,
        first,
        report.middle_name,
        last,
        report.name_suffix,
        file_first,
        file_last,
        named and names_differ(file_first, file_last, first, last),
        report.born_on,
        json.dumps([name._asdict() for name in report.other_names]),
        json.dumps(report.notes),
        seal(ssn) if ssn else None,
        ssn[-4:] if ssn else None,
        blind_index(ssn) if ssn else None,
    )
