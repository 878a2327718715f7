"""What can be told of a request before it fans out: who it is for, and what its states demand."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from muster.access.models import OrganizationQuerySet
from muster.bulk.kinds import Judge, Row
from muster.core.lines import categories_of, closest_line, folded
from muster.core.rules.dates import DateProblem, judge_effective_date, why_refused
from muster.core.words import LOA_CATEGORIES, states
from muster.imports.appoint_columns import APPOINTMENT_TYPES, COLUMNS, MOST_ANSWERS, NPN
from muster.producers.models import SyncStatus
from muster.transactions.terms import Setup

UNSYNCED = (SyncStatus.NOT_FOUND, SyncStatus.RETRY_ERROR)


class Standing:
    """Whether appointments may be requested for a producer."""

    FIELDS = ("npn", "id", "removed_at", "is_watched", "sync_status", "synced_at")

    @staticmethod
    def fault(removed_at: object, is_watched: bool, sync_status: str, synced_at: object) -> str:
        """The code of what stands against it, in the order of the checks; empty if nothing does."""
        if removed_at is not None:
            return "APP-E011"
        if synced_at is None or sync_status in UNSYNCED:
            return "APP-E002"
        return "" if is_watched else "APP-E003"


class AppointJudge(Judge):
    """Judges requests for these producers before they fan out. Sets the producer, the key, the categories."""

    def __init__(self, setup: Setup, producers: OrganizationQuerySet) -> None:
        self._setup = setup
        self._producers = producers

    def judge(self, rows: Sequence[Row]) -> None:
        npns = {row.data["npn"] for row in rows if "npn" in row.data}
        producers = self._producers.filter(npn__in=npns)
        known = {npn: rest for npn, *rest in producers.values_list(*Standing.FIELDS)}
        for row in rows:
            self._judge(row, known)

    def _judge(self, row: Row, known: Mapping[str, Sequence[Any]]) -> None:
        data = row.data
        if npn := data.get("npn"):
            row.key = npn
            producer_id, *standing = known.get(npn) or (None,)
            code = "APP-E001" if producer_id is None else Standing.fault(*standing)
            if code:
                row.find(code, field=NPN, value=npn)
            else:
                data["producer_id"] = producer_id
        count = len(data.get("states", ())) * len(data.get("cocodes", ()))
        if count > MOST_ANSWERS:
            row.find("APP-E009", count=f"{count:,}", most=f"{MOST_ANSWERS:,}")
        if asked := data.get("states"):
            self._judge_categories(row, asked)
            self._judge_left_out(row, asked)
            for state in asked:
                self._judge_state(row, state)

    def _judge_categories(self, row: Row, asked: Sequence[str]) -> None:
        named: dict[str, None] = {}
        for word in row.data.get("categories", ()):
            if word in LOA_CATEGORIES:
                named[word] = None
                continue
            found = sorted({category for state in asked for category in self._of_line(state, word)})
            header = COLUMNS["categories"].header
            if found:
                labels = ", ".join(LOA_CATEGORIES[one] for one in found)
                row.find("APP-I001", field=header, value=word, categories=labels)
                named |= dict.fromkeys(found)
            else:
                names = ", ".join(states()[state] for state in asked)
                row.find("APP-E007", field=header, value=word, states=names)
        if named:
            row.data["categories"] = list(named)

    def _judge_left_out(self, row: Row, asked: Sequence[str]) -> None:
        """Have nobody believe a line to be left out that stays in, for it was misspelled."""
        words = row.data.get("left_out", ())
        names = {line.line_name for state in asked for line in self._setup.terms.lines.get(state, ())}
        for word in words:
            if folded(word) not in map(folded, names):
                near = closest_line(word, sorted(names))
                row.find(
                    "APP-E010",
                    field=COLUMNS["left_out"].header,
                    value=word,
                    states=", ".join(states()[state] for state in asked),
                    near=f"; “{near}” is close" if near else "",
                )

    def _of_line(self, state: str, name: str) -> Iterable[str]:
        of_rules = [
            line.categories
            for line in self._setup.terms.lines.get(state, ())
            if folded(line.line_name) == folded(name)
        ]
        return of_rules[0] if of_rules else categories_of(state, "", "", name)

    def _judge_state(self, row: Row, state: str) -> None:
        rule, name, data = self._setup.terms.rules[state], states()[state], row.data
        if rule.needs_county and not data.get("county"):
            row.find("APP-E004", field=COLUMNS["county"].header, state=name)
        header = COLUMNS["appointment_type"].header
        # What is no type at all has been told.
        is_told = any(found.field == header for found in row.findings)
        if rule.types and data.get("appointment_type") not in rule.types and not is_told:
            labels = ", ".join(APPOINTMENT_TYPES.get(one, one) for one in rule.types)
            row.find("APP-E005", field=header, state=name, types=labels)
        if told := data.get("effective_on"):
            self._judge_date(row, state, told)

    def _judge_date(self, row: Row, state: str, told: str) -> None:
        on, today = date.fromisoformat(told), self._setup.today
        name, header = states()[state], COLUMNS["effective_on"].header
        problems = judge_effective_date(self._setup.book, state, on, today).problems
        for problem in problems:
            if problem.problem is DateProblem.IGNORED:
                row.find("APP-W001", field=header, value=told, state=name)
            elif why := why_refused(problem):
                row.find("APP-E006", field=header, value=told, state=name, why=why)
        if on > today and any(one.problem is DateProblem.UNKNOWN for one in problems):
            row.find("APP-W003", field=header, value=told, state=name)
