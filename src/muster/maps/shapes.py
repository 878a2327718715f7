"""The shapes of the states, read from the pre-projected TopoJSON of the package us-atlas."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from hashlib import sha256
from itertools import chain, groupby, pairwise
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

from django.conf import settings

from muster.core.words import states

VIEW_BOX = "-58 12 1016 595"
"""The whole country in the units of the shapes, Alaska and Hawaii moved in below the Southwest."""

LARGE_ENOUGH = 2_500
"""So large, in square units, must a state be to carry its letters."""

NUDGES = {"AK": (-8, -8), "CA": (-6, 4), "FL": (20, 4), "ID": (2, 24), "LA": (-14, 0), "MI": (8, 6)}
"""Where letters at the middle of the largest part would stand on a border or in the water."""

Point = tuple[int, int]


class Shape(NamedTuple):
    """A state's outline as the `d` of a path, and where its letters stand, if it is large enough for them."""

    path: str
    at: Point | None


@cache
def shapes() -> Mapping[str, Shape]:
    """Each state's shape by code; empty where the package is not installed. Territories have none."""
    source = Path(settings.MUSTER_STATE_SHAPES)
    if not source.is_file():
        return MappingProxyType({})
    topology = json.loads(source.read_text("utf-8"))
    codes = {name: code for code, name in states().items()}
    arcs = list(_arcs(topology))
    found = {
        codes[one["properties"]["name"]]: _shape(codes[one["properties"]["name"]], list(_rings(one, arcs)))
        for one in topology["objects"]["states"]["geometries"]
        if one["properties"]["name"] in codes
    }
    return MappingProxyType(dict(sorted(found.items())))


@cache
def sprite() -> str:
    """All shapes in one SVG, to be used by their codes."""
    paths = "".join(f'<path id="{code}" d="{shape.path}"/>' for code, shape in shapes().items())
    return f'<svg xmlns="http://www.w3.org/2000/svg"><defs>{paths}</defs></svg>'


@cache
def version() -> str:
    """Changes with the sprite, so that the sprite itself may be kept for ever."""
    return sha256(sprite().encode()).hexdigest()[:12]


def _arcs(topology: Any) -> Iterator[list[Point]]:
    """The arcs, whose points are told as steps from the one before; in whole units, half a pixel each."""
    (x_scale, y_scale), (x_0, y_0) = topology["transform"]["scale"], topology["transform"]["translate"]
    for arc in topology["arcs"]:
        x = y = 0
        points = []
        for x_step, y_step in arc:
            x, y = x + x_step, y + y_step
            points.append((round(x * x_scale + x_0), round(y * y_scale + y_0)))
        yield points


def _rings(geometry: Any, arcs: Sequence[list[Point]]) -> Iterator[list[Point]]:
    """The closed lines of a state, each back at its first point; the number ~n is arc n walked backwards."""
    polygons = geometry["arcs"] if geometry["type"] == "MultiPolygon" else [geometry["arcs"]]
    for polygon in polygons:
        for numbers in polygon:
            walked = (arcs[number] if number >= 0 else arcs[~number][::-1] for number in numbers)
            yield [point for point, _ in groupby(chain.from_iterable(walked))]


def _shape(code: str, rings: list[list[Point]]) -> Shape:
    largest = max(rings, key=lambda ring: abs(_middle(ring)[2]))
    x, y, area = _middle(largest)
    right, down = NUDGES.get(code, (0, 0))
    # What rounding has left of the smallest islands is a line.
    path = "".join(_path(ring) for ring in rings if ring is largest or abs(_middle(ring)[2]) > 2)
    return Shape(path, (round(x) + right, round(y) + down) if abs(area) >= LARGE_ENOUGH else None)


def _middle(ring: Sequence[Point]) -> tuple[float, float, float]:
    """The center of gravity of what the ring encloses, and its area, below zero where the ring runs left."""
    crosses = [(a, b, a[0] * b[1] - b[0] * a[1]) for a, b in pairwise(ring)]
    area = sum(cross for _, _, cross in crosses) / 2
    if not area:
        return ring[0][0], ring[0][1], 0
    x, y = (sum((a[i] + b[i]) * cross for a, b, cross in crosses) / (6 * area) for i in (0, 1))
    return x, y, area


def _path(ring: Sequence[Point]) -> str:
    x, y = ring[0]
    steps = " ".join(f"{b[0] - a[0]} {b[1] - a[1]}" for a, b in pairwise(ring[:-1]))
    return f"M{x} {y}l{steps}z".replace(" -", "-")
