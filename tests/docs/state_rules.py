"""Writes the tables of docs/reference/state-rules.md from the rules: `python -m tests.docs.state_rules`."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from datetime import date
from pathlib import Path

from muster.core.rules.book import rulebook
from muster.core.rules.coverage import Covered, coverage
from muster.core.rules.keys import TOPICS, Key, Kind
from muster.core.rules.rule import Standing
from muster.core.words import states

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "state-rules.md"

OF_KIND = {Kind.DAYS: "days", Kind.CENTS: "cents", Kind.LIST: "a list", Kind.TEXT: "a text"}


def page(written: str) -> str:
    """The page with its tables as the rules have them."""
    covered = list(coverage(rulebook(), date.max))
    for name, rows in (
        ("keys", _keys()),
        ("by key", _by_key(covered)),
        ("by state", _by_state(covered)),
    ):
        table = "\n".join(f"| {' | '.join(row)} |" for row in rows)
        written, found = re.subn(
            rf"(?s)<!-- {name} -->.*?<!-- end -->", f"<!-- {name} -->\n\n{table}\n\n<!-- end -->", written
        )
        assert found == 1, f"The page has no place for the table “{name}”."
    return written


def _keys() -> Iterable[list[str]]:
    yield ["file", "key", "meaning", "value"]
    yield ["---"] * 4
    for topic, keys in TOPICS.items():
        for key in keys.values():
            yield [f"`{topic}.toml`", f"`{key.name}`", key.meaning, _values(key)]


def _values(key: Key) -> str:
    return ", ".join(f"`{choice}`" for choice in key.choices) or OF_KIND[key.kind]


def _by_key(covered: Iterable[Covered]) -> Iterable[list[str]]:
    counts = Counter((one.topic, one.key, one.standing) for one in covered)
    shown = (Standing.REVIEWED, Standing.APPROXIMATE, Standing.UNKNOWN)
    yield ["topic", "key", *shown]
    yield ["---", "---", *["---:"] * len(shown)]
    for topic, keys in TOPICS.items():
        for key in keys:
            yield [topic, f"`{key}`", *(str(counts[topic, key, standing]) for standing in shown)]


def _by_state(covered: Iterable[Covered]) -> Iterable[list[str]]:
    known = Counter((one.state, one.topic) for one in covered if one.standing is not Standing.UNKNOWN)
    yield ["jurisdiction", *(f"{topic} (of {len(keys)})" for topic, keys in TOPICS.items())]
    yield ["---", *["---:"] * len(TOPICS)]
    for state, name in states().items():
        yield [name, *(str(known[state, topic]) for topic in TOPICS)]


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text("utf-8")), "utf-8")
