"""The map of the United States: its shapes, the one sprite of them, and what stands beside it."""

from __future__ import annotations

import re
from itertools import accumulate
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from django.test import Client
from django.urls import reverse

from muster.core.words import jurisdictions
from muster.maps import shapes as drawn
from muster.maps.us import Look, Mark, us_map

TERRITORIES = {code for code, one in jurisdictions().items() if one.kind == "territory"}
SVG = "{http://www.w3.org/2000/svg}"


def box(path: str) -> tuple[int, int, int, int]:
    """Left, top, right, bottom of a path of closed lines."""
    xs: list[int] = []
    ys: list[int] = []
    for ring in path.split("z")[:-1]:
        numbers = [int(number) for number in re.findall(r"-?\d+", ring)]
        xs += accumulate(numbers[::2])
        ys += accumulate(numbers[1::2])
    return min(xs), min(ys), max(xs), max(ys)


def test_every_state_has_a_shape_within_the_map_and_no_territory_has() -> None:
    assert set(drawn.shapes()) == set(jurisdictions()) - TERRITORIES
    left, top, width, height = map(int, drawn.VIEW_BOX.split())
    for code, shape in drawn.shapes().items():
        box_left, box_top, box_right, box_bottom = box(shape.path)
        assert left <= box_left < box_right <= left + width, code
        assert top <= box_top < box_bottom <= top + height, code
        if shape.at:
            assert box_left < shape.at[0] < box_right, code
            assert box_top < shape.at[1] < box_bottom, code


@pytest.mark.parametrize(
    ("code", "of"),
    [("WA", "north-west"), ("ME", "north-east"), ("FL", "south-east"), ("CA", "west"), ("TX", "south")],
)
def test_shapes_stand_where_the_states_are(code: str, of: str) -> None:
    """Compared with Kansas, in the middle."""
    left, top, right, bottom = box(drawn.shapes()[code].path)
    k_left, k_top, k_right, k_bottom = box(drawn.shapes()["KS"].path)
    sides = {"north": top < k_top, "south": bottom > k_bottom, "west": right < k_left, "east": left > k_right}
    assert all(sides[side] for side in of.split("-"))


def test_neighbors_share_their_border() -> None:
    """Kansas and Nebraska walk along the same arc, in opposite directions: no gap shows between them."""
    kansas, nebraska = (box(drawn.shapes()[code].path) for code in ("KS", "NE"))
    assert kansas[1] < nebraska[3] < kansas[1] + 10


def test_the_sprite_is_one_small_drawing_of_all_states() -> None:
    root = ElementTree.fromstring(drawn.sprite())  # noqa: S314 - made here
    assert [one.get("id") for one in root.iter(f"{SVG}path")] == list(drawn.shapes())
    assert len(drawn.sprite()) < 40_000


def test_the_sprite_is_kept_for_ever_under_the_name_of_its_version(client: Client) -> None:
    answer = client.get(reverse("us-map", args=[drawn.version()]))
    assert answer["Content-Type"] == "image/svg+xml"
    assert "immutable" in answer["Cache-Control"]
    old = client.get("/maps/us-0123.svg")
    assert (old.status_code, old["Location"]) == (302, reverse("us-map", args=[drawn.version()]))
    assert "immutable" not in old.get("Cache-Control", "")


def test_what_is_too_small_for_letters_is_a_square() -> None:
    marks = {
        "TX": Mark(Look.GOOD, "active", "#tx", has_dot=True),
        "PR": Mark(Look.BAD, "expired", "#pr", has_warning=True),
    }
    map = us_map(marks)
    squares = {place.code for place in map.squares}
    assert {"DC", "RI", "DE", "CT"} <= squares
    assert squares <= {place.code for place in map.outlines}
    assert {place.code for place in map.territories} == TERRITORIES
    assert next(place.title for place in map.territories if place.code == "PR") == "Puerto Rico: expired"
    assert map.looks == {"good": 1, "bad": 1, "dot": 1, "warning": 1}


def test_without_the_package_every_state_is_a_square(settings: Any, tmp_path: Path) -> None:
    settings.MUSTER_STATE_SHAPES = tmp_path / "missing.json"
    functions = (drawn.shapes, drawn.sprite, drawn.version)
    for one in functions:
        one.cache_clear()
    try:
        map = us_map({})
        assert map.outlines == []
        assert {place.code for place in (*map.squares, *map.territories)} == set(jurisdictions())
    finally:
        for one in functions:
            one.cache_clear()
