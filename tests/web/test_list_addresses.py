"""What all lists have in common: reading and writing their addresses, and the links around them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest
from django.http import QueryDict
from hypothesis import given
from hypothesis import strategies as st

from muster.console.lists.address import (
    LONGEST_SEARCH,
    choice_in,
    choices_in,
    day_in,
    places_in,
    search_in,
    state_in,
    written,
)
from muster.console.lists.links import Chip, chips_of, heading_of, links_of, quoted
from muster.lists.keyset import Page

KINDS = ("license", "line", "address")


@dataclass(frozen=True)
class Asked:
    """What a list is asked for."""

    search: str = ""
    kinds: tuple[str, ...] = ()
    standing: str = "open"
    since: date | None = None
    order: str = "name"


def query_of(asked: Asked, /, **places: str | None) -> str:
    return written(
        {
            "q": asked.search,
            "kind": asked.kinds,
            "standing": asked.standing,
            "from": asked.since,
            "sort": asked.order,
        },
        {"standing": "open", "sort": "name"},
        **places,
    )


def asked_in(query: QueryDict) -> Asked:
    return Asked(
        search=search_in(query),
        kinds=choices_in(query, "kind", KINDS),
        standing=choice_in(query, "standing", ("open", "closed"), "open"),
        since=day_in(query, "from"),
        order=choice_in(query, "sort", ("name", "-name"), "name"),
    )


@given(
    asked=st.builds(
        Asked,
        search=st.text(
            st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=LONGEST_SEARCH
        ).map(str.strip),
        kinds=st.sets(st.sampled_from(KINDS)).map(lambda kinds: tuple(k for k in KINDS if k in kinds)),
        standing=st.sampled_from(["open", "closed"]),
        since=st.none() | st.dates(),
        order=st.sampled_from(["name", "-name"]),
    ),
    places=st.fixed_dictionaries({"after": st.text("aZ0-_", max_size=8), "before": st.text("b", max_size=2)}),
)
def test_what_is_written_is_read_back(asked: Asked, places: dict[str, str]) -> None:
    query = QueryDict(query_of(asked, **places).removeprefix("?"))
    assert asked_in(query) == asked
    assert places_in(query) == places


@pytest.mark.parametrize(
    ("asked", "query"),
    [
        (Asked(), "?"),
        (Asked(search="o’hara & co"), "?q=o%E2%80%99hara+%26+co"),
        (Asked(kinds=("license", "line")), "?kind=license&kind=line"),
        (Asked(since=date(2026, 1, 2), order="-name"), "?from=2026-01-02&sort=-name"),
    ],
)
def test_what_is_as_without_a_query_is_not_written(asked: Asked, query: str) -> None:
    assert query_of(asked) == query


@pytest.mark.parametrize(
    "query",
    ["kind=boat", "standing=", "standing=fallen", "from=yesterday", "from=2026-02-30", "sort=npn", "q=%00"],
)
def test_what_means_nothing_is_passed_over(query: str) -> None:
    assert asked_in(QueryDict(query)) == Asked()
    assert state_in(QueryDict("state=tx")) == ""


def test_each_filter_that_is_on_can_be_taken_off() -> None:
    asked = Asked(search="ada", kinds=("license", "line"), standing="closed", order="-name")
    labels: dict[str, Any] = {"search": quoted, "kinds": str.title, "standing": str.upper, "since": str}
    assert chips_of(asked, query_of, **labels) == [
        Chip("“ada”", "?kind=license&kind=line&standing=closed&sort=-name"),
        Chip("License", "?q=ada&kind=line&standing=closed&sort=-name"),
        Chip("Line", "?q=ada&kind=license&standing=closed&sort=-name"),
        Chip("CLOSED", "?q=ada&kind=license&kind=line&sort=-name"),
    ]
    assert chips_of(Asked(), query_of, **labels) == []


@pytest.mark.parametrize(
    ("order", "first", "url", "standing"),
    [
        ("name", "name", "?sort=-name", "ascending"),
        ("-name", "name", "?", "descending"),
        ("-added", "name", "?", ""),
        ("-added", "-added", "?sort=added", "descending"),
        ("added", "-added", "?sort=-added", "ascending"),
        ("state", "state", "?sort=state", "ascending"),
    ],
)
def test_a_heading_orders_and_then_turns_round(order: str, first: str, url: str, standing: str) -> None:
    orders = ("name", "-name", "added", "-added", "state")
    heading = heading_of(Asked(order=order), "Column", first, orders=orders, query_of=query_of)
    assert (heading.label, heading.url, heading.standing) == ("Column", url, standing)


@pytest.mark.parametrize(
    ("previous", "following", "urls"),
    [
        (None, None, [None, None, None]),
        (None, "n", [None, None, "?q=ada&after=n"]),
        ("p", "n", ["?q=ada", "?q=ada&before=p", "?q=ada&after=n"]),
        ("p", None, ["?q=ada", "?q=ada&before=p", None]),
    ],
)
def test_the_links_of_a_page_keep_what_is_asked(
    previous: str | None, following: str | None, urls: list[str | None]
) -> None:
    links = links_of(Page([], 0, previous, following), Asked(search="ada"), query_of)
    assert [links["first_url"], links["previous_url"], links["next_url"]] == urls
