"""Who writes assignments: the sweep finds new ones, but not that one has become another."""

from __future__ import annotations

import re
from pathlib import Path

import muster

SOURCES = Path(muster.__file__).parent
WRITES = re.compile(
    r"""(?P<sql>INSERT\s+INTO|UPDATE|MERGE\s+INTO|COPY)\s+"?assignments_assignment
    |\b(?:Assignment\.objects|assignments)\b[^\n]*\.(?P<orm>\w*(?:create|update)\w*|save)\(""",
    re.VERBOSE | re.IGNORECASE,
)


def writers(text: str) -> list[str]:
    """The ways in which a source writes assignments."""
    return [" ".join((found["sql"] or found["orm"]).upper().split()) for found in WRITES.finditer(text)]


def test_nothing_changes_an_assignment_that_was_judged() -> None:
    found = {
        (path.relative_to(SOURCES).as_posix(), way)
        for path in SOURCES.rglob("*")
        if path.suffix in (".py", ".sql") and "migrations" not in path.parts
        for way in writers(path.read_text(encoding="utf-8"))
    }
    assert found == {("imports/sql/apply_agents.sql", "INSERT INTO")}, (
        "Who changes an assignment must have its producer judged: call muster.scorecards.operations."
        "judge_producers in the same transaction, and test that; then name it here."
    )


def test_each_way_to_write_is_seen() -> None:
    assert writers("UPDATE assignments_assignment AS a SET states = '{}'") == ["UPDATE"]
    assert writers("insert into  assignments_assignment (id)") == ["INSERT INTO"]
    assert writers("Assignment.objects.filter(pk=1).update(states=[])") == ["UPDATE"]
    assert writers("producer.assignments.bulk_create(found)") == ["BULK_CREATE"]
    assert writers("SELECT FROM assignments_assignment AS assignment") == []
