"""Upload type Agent: producers of agencies, with what they are meant to sell."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar

from django.db import connection
from django.db.backends.utils import CursorWrapper
from django.utils import timezone

from muster.access.permissions import Permission
from muster.bulk.kinds import Judge, Row, Span, UploadKind
from muster.bulk.models import Operation
from muster.bulk.repeats import reject_contradictions, skip_duplicates
from muster.carriers.models import Company
from muster.core.assignment import identity, missing_parts
from muster.core.columns import Column, Columns
from muster.core.sync import names_differ
from muster.core.values import clean_cocode, clean_email, clean_name, clean_npn, clean_ssn, clean_state
from muster.core.words import AGENT_TYPES, LOA_CATEGORIES, SCORECARD_TYPES, states
from muster.imports.sql import statement
from muster.offboarding.operations import reopen
from muster.producers.models import Agency
from muster.registry.queue import defer_sync
from muster.vault import blind_index

COLUMNS = Columns(
    [
        Column(
            "agency_npn",
            "Agency NPN",
            aliases=("Agency National Producer Number",),
            required=True,
            clean=clean_npn,
            numeric=True,
            note="NPN of the agency to which the producer belongs. It must be on file.",
        ),
        Column(
            "first_name",
            "First Name",
            aliases=("Agent First Name",),
            required=True,
            clean=clean_name,
            note="As on the license. The registry's name takes its place after the first sync.",
        ),
        Column(
            "last_name",
            "Last Name",
            aliases=("Agent Last Name", "Surname"),
            required=True,
            clean=clean_name,
            note="As on the license.",
        ),
        Column(
            "npn",
            "Agent NPN",
            aliases=("NPN", "Producer NPN", "National Producer Number"),
            required=True,
            clean=clean_npn,
            numeric=True,
            note="National Producer Number, 1 to 10 digits.",
        ),
        Column(
            "email",
            "Agent Email",
            aliases=("Email", "Email Address", "E-Mail"),
            clean=clean_email,
            note="One address, such as ada@example.com.",
            width=28,
        ),
        Column(
            "ssn",
            "Agent SSN",
            aliases=("SSN", "Social Security Number", "Social Security No.", "Producer SSN", "SS#"),
            clean=clean_ssn,
            sensitive=True,
            note="Nine digits. Sealed as soon as it is read.",
        ),
        Column(
            "categories",
            "LOA Category",
            aliases=("LOA Categories", "Line of Authority Category"),
            choices=LOA_CATEGORIES,
            many=True,
            note="One or several of the accepted values, separated by semicolons.",
            width=24,
        ),
        Column(
            "states",
            "States",
            aliases=("State", "State(s)", "State Code"),
            clean=clean_state,
            choices=states(),
            many=True,
            note="Two-letter codes or names, separated by semicolons.",
        ),
        Column("scorecard_type", "Scorecard Type", choices=SCORECARD_TYPES, width=24),
        Column("agent_type", "Agent Type", choices=AGENT_TYPES),
        Column(
            "cocodes",
            "CoCode",
            aliases=("CoCodes", "CoCode(s)", "Carrier CoCode", "Carrier CoCode(s)", "NAIC Code"),
            clean=clean_cocode,
            numeric=True,
            many=True,
            note="NAIC company codes, separated by semicolons. Needed for the type license_and_appointment.",
        ),
    ]
)

NPN_HEADER = COLUMNS["npn"].header

CONTRADICTABLE = [
    (key, COLUMNS[key].header) for key in ("first_name", "last_name", "agency_npn", "email")
] + [("ssn_index", COLUMNS["ssn"].header)]


class AgentJudge(Judge):
    """Knows the organization's agencies and companies; agencies are looked up as the file names them."""

    def __init__(self, organization_id: int) -> None:
        self._organization_id = organization_id
        self._agencies: dict[str, int | None] = {}
        self._cocodes = frozenset(
            Company.objects.filter(organization_id=organization_id).values_list("cocode", flat=True)
        )
        self._identities: dict[tuple[str, ...], str] = {}

    def judge(self, rows: Sequence[Row]) -> None:
        self._look_up({row.data["agency_npn"] for row in rows if "agency_npn" in row.data})
        for row in rows:
            self._judge(row)

    def _look_up(self, npns: Iterable[str]) -> None:
        unseen = [npn for npn in npns if npn not in self._agencies]
        if unseen:
            known = Agency.objects.filter(organization_id=self._organization_id, npn__in=unseen)
            self._agencies |= dict.fromkeys(unseen)
            self._agencies |= {str(npn): agency_id for npn, agency_id in known.values_list("npn", "id")}

    def _judge(self, row: Row) -> None:
        data = row.data
        row.key = data.get("npn")
        if npn := data.get("agency_npn"):
            agency_id = self._agencies[npn]
            if agency_id is None:
                row.find("AGENCY-E001", field=COLUMNS["agency_npn"].header, value=npn)
            else:
                data["agency_id"] = agency_id
        if ssn := data.get("ssn"):
            data["ssn_last4"] = ssn[-4:]
            data["ssn_index"] = blind_index(ssn)
        self._judge_assignment(row)

    def _judge_assignment(self, row: Row) -> None:
        data = row.data
        troubled = {found.field for found in row.findings}
        missing = missing_parts(data)
        for part in missing:
            header = COLUMNS[part].header
            if header not in troubled:
                row.find("ASSIGN-E001", field=header)
        if missing or not data.get("categories"):
            return
        for cocode in data.get("cocodes", ()):
            if cocode not in self._cocodes:
                row.find("COMPANY-W001", field=COLUMNS["cocodes"].header, value=cocode)
        data["assignment"] = self._identity(data)

    def _identity(self, data: Mapping[str, object]) -> str:
        parts = (
            str(data["categories"]),
            str(data["states"]),
            str(data.get("cocodes")),
            str(data["scorecard_type"]),
            str(data["agent_type"]),
        )
        if parts not in self._identities:
            self._identities[parts] = str(
                identity(
                    categories=data["categories"],  # type: ignore[arg-type]
                    states=data["states"],  # type: ignore[arg-type]
                    cocodes=data.get("cocodes", ()),  # type: ignore[arg-type]
                    scorecard_type=parts[3],
                    agent_type=parts[4],
                )
            )
        return self._identities[parts]


class AgentUpload(UploadKind):
    """Producers of agencies, created or brought up to date, queued for sync with the registry."""

    name = "agent"
    label = "Agent"
    permission = Permission.IMPORT
    one = "producer"
    many = "producers"
    onboards = True
    summary = "Onboard producers: to their agencies, with what they sell, in sync with the registry."
    steps: ClassVar[Sequence[str]] = (
        "Fill in one row per producer: agency NPN, first and last name, NPN. The rest is optional.",
        "To assign what a producer sells, also fill in LOA Category, States, Scorecard Type and Agent Type, "
        "and CoCode for license_and_appointment.",
        "Upload it here as XLSX or CSV. Nothing is written before you have seen the check page.",
    )

    def columns(self, organization_id: int) -> Columns:
        return COLUMNS

    def accepted_values(self, organization_id: int) -> Mapping[str, Sequence[tuple[str, str]]]:
        companies = Company.objects.filter(organization_id=organization_id).order_by("name", "id")
        return {
            COLUMNS["categories"].header: list(LOA_CATEGORIES.items()),
            COLUMNS["states"].header: list(states().items()),
            COLUMNS["scorecard_type"].header: list(SCORECARD_TYPES.items()),
            COLUMNS["agent_type"].header: list(AGENT_TYPES.items()),
            COLUMNS["cocodes"].header: list(companies.values_list("cocode", "name")),
        }

    def examples(self, organization_id: int) -> Sequence[Mapping[str, str]]:
        who = {"agency_npn": "8200001", "first_name": "Ada", "last_name": "Alder", "npn": "3000001"}
        assigned = {
            "agency_npn": "8200001",
            "first_name": "Bo",
            "last_name": "Birch",
            "npn": "3000002",
            "email": "bo.birch@harbor.example",
            "categories": "life;health",
            "states": "CA;TX",
            "scorecard_type": "license_and_appointment",
            "agent_type": "producer",
            "cocodes": "90101",
        }
        return who, assigned

    def judge(self, operation: Operation) -> Judge:
        return AgentJudge(operation.organization_id)

    def judge_together(self, operation: Operation) -> None:
        reject_contradictions(operation, fields=CONTRADICTABLE, hidden=["ssn_index"], code="ROW-E902")
        skip_duplicates(operation, sealed=["ssn"])
        with connection.cursor() as cursor:
            cursor.execute(
                statement("tell_removed_agents"),
                {"operation": operation.pk, "organization": operation.organization_id, "field": NPN_HEADER},
            )

    def preview(self, operation: Operation) -> dict[str, int]:
        with connection.cursor() as cursor:
            cursor.execute(
                statement("preview_agents"),
                {"operation": operation.pk, "organization": operation.organization_id},
            )
            return dict(cursor.fetchall())

    def apply(self, span: Span) -> None:
        back = self._take_up_again(span)
        with connection.cursor() as cursor:
            cursor.execute(statement("apply_agents"), span.params)
            if back:
                cursor.execute(statement("added_again"), {**span.params, "ids": sorted(back)})
            last = 0
            while renamed := self._renamed_after(cursor, last):
                differ = [names_differ(*names) for _, *names in renamed]
                cursor.execute(statement("names_differ"), [[pk for pk, *_ in renamed], differ])
                last = renamed[-1][0]

    def _take_up_again(self, span: Span) -> set[int]:
        """Begin another time here for those whom the good rows name and who were removed; return who."""
        with connection.cursor() as cursor:
            cursor.execute(statement("removed_agents"), span.params)
            removed = [producer_id for (producer_id,) in cursor.fetchall()]
        return reopen(
            organization_id=span.operation.organization_id,
            producer_ids=removed,
            by_id=span.operation.by_id,
            operation_id=span.operation.pk,
            now=timezone.now(),
        )

    def say(self, result: Mapping[str, Any]) -> str:
        return "Was removed before, and is added again." if result.get("again") else ""

    def _renamed_after(self, cursor: CursorWrapper, last: int) -> list[tuple[int, str, str, str, str]]:
        cursor.execute(statement("renamed_agents"), {"last": last, "limit": self.chunk})
        return cursor.fetchall()

    def finished(self, operation: Operation) -> None:
        defer_sync()
