"""Upload type Business rule: the lines of authority and license classes in which the organization sells."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, NamedTuple

from muster.audit.operations import EventKind
from muster.bulk.kinds import Judge, Row
from muster.bulk.models import Operation
from muster.bulk.repeats import reject_contradictions, skip_duplicates
from muster.carriers.columns import FROM, RULE, YES_NO, in_order
from muster.carriers.keeping import values_of
from muster.carriers.models import BusinessRule
from muster.carriers.operations import IDENTITY
from muster.core.columns import Columns
from muster.core.lines import folded
from muster.core.words import LOA_CATEGORIES, states
from muster.imports.setting_up import CONTRADICTION, SettingUpload, judge_period

OVERLAP = "RULE-W001"

CONTRADICTABLE = [
    ("categories", RULE["categories"].header),
    ("is_active", RULE["is_active"].header),
    ("period", FROM.header),
]


class Identity(NamedTuple):
    """What tells one business rule from another, as `muster.carriers.operations.IDENTITY` has it."""

    state: str
    class_code: str
    class_name: str
    line_code: str
    line_name: str

    @property
    def key(self) -> str:
        """What a person reads: such as "CA Life (Insurance Producer)"."""
        line = " ".join(filter(None, (self.state, self.line_code, self.line_name)))
        of_class = " ".join(filter(None, (self.class_code, self.class_name)))
        return f"{line} ({of_class})" if of_class else line


class BusinessRuleJudge(Judge):
    """Knows the organization's business rules, and finds the one that a row means, however it is spelled."""

    def __init__(self, organization_id: int) -> None:
        self._known: dict[tuple[str, str], list[Identity]] = defaultdict(list)
        rules = BusinessRule.objects.filter(organization_id=organization_id).order_by("id")
        for identity in rules.values_list(*IDENTITY).iterator():
            self._keep(Identity(*identity))

    def _keep(self, identity: Identity) -> None:
        self._known[identity.state, folded(identity.line_name)].append(identity)

    def judge(self, rows: Sequence[Row]) -> None:
        for row in rows:
            if row.data.get("state") and row.data.get("line_name"):
                identity = self._meant(Identity(*(row.data.get(key) or "" for key in IDENTITY)))
                if self._overlaps(identity):
                    row.find(OVERLAP, field=RULE["class_name"].header, value=identity.line_name)
                row.data |= identity._asdict()
                row.key = identity.key
            if categories := row.data.get("categories"):
                row.data["categories"] = in_order(categories)
            judge_period(row)

    def _meant(self, told: Identity) -> Identity:
        """The rule that is on file, or that an earlier row has told, if it is the same; else a new one."""
        alike = [
            known
            for known in self._known[told.state, folded(told.line_name)]
            if _same_class(told, known)
            and (not told.line_code or folded(told.line_code) == folded(known.line_code))
        ]
        if len(alike) == 1:
            return alike[0]
        exact = [known for known in alike if folded(known.line_code) == folded(told.line_code)]
        if exact:
            return exact[0]
        self._keep(told)
        return told

    def _overlaps(self, identity: Identity) -> bool:
        """Whether the line has a rule for every license class, and one for a single class beside it."""
        alike = self._known[identity.state, folded(identity.line_name)]
        return len({bool(one.class_code or one.class_name) for one in alike}) > 1


def _same_class(told: Identity, known: Identity) -> bool:
    """Whether both are for the same license class; its code says so, or else its name."""
    if told.class_code:
        return folded(told.class_code) == folded(known.class_code)
    if told.class_name:
        return folded(told.class_name) == folded(known.class_name)
    return not known.class_code and not known.class_name


class BusinessRuleUpload(SettingUpload):
    """Business rules, added or brought up to date."""

    name = "business-rule"
    label = "Business rule"
    target = "business-rule"
    key_name = ""
    naming = ("line_name",)
    one = "business rule"
    many = "business rules"
    things = "business_rules"
    writes = "write_business_rules"
    what = "rules"
    created = EventKind.BUSINESS_RULE_CREATED
    changed = EventKind.BUSINESS_RULE_CHANGED
    summary = "Say in which lines of authority you do business in each state."
    steps: ClassVar[Sequence[str]] = (
        "Fill in one row per line: state, line of authority, and the LOA categories that it belongs to.",
        "A row without a license class is a rule for every class. What is on file is brought up to date.",
        "Upload it here as XLSX or CSV. Nothing is written before you have seen the check page.",
    )

    def columns(self, organization_id: int) -> Columns:
        return RULE

    def accepted_values(self, organization_id: int) -> Mapping[str, Sequence[tuple[str, str]]]:
        return {
            RULE["state"].header: list(states().items()),
            RULE["categories"].header: list(LOA_CATEGORIES.items()),
            RULE["is_active"].header: list(YES_NO.items()),
        }

    def examples(self, organization_id: int) -> Sequence[Mapping[str, str]]:
        every = {"state": "CA", "line_name": "Life", "categories": "life"}
        one = {
            "state": "CA",
            "line_name": "Part-Time Fraternal",
            "categories": "life;fraternal",
            "class_code": "9001",
            "class_name": "Insurance Producer",
            "line_code": "9157",
            "is_active": "no",
        }
        return every, one

    def blank(self) -> Mapping[str, Any]:
        return values_of(BusinessRule(), [column.key for column in RULE])

    def judge(self, operation: Operation) -> Judge:
        return BusinessRuleJudge(operation.organization_id)

    def judge_together(self, operation: Operation) -> None:
        reject_contradictions(operation, fields=CONTRADICTABLE, code=CONTRADICTION)
        skip_duplicates(operation)
