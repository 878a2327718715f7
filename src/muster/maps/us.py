"""A map of the United States: what is known of each state, as colors, patterns, marks and words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from django.urls import reverse

from muster.core.words import jurisdictions
from muster.maps.shapes import VIEW_BOX, Shape, shapes, version


class Look(StrEnum):
    """How a state is painted; the CSS classes `us-<look>` do it."""

    GOOD = "good"
    SOON = "soon"
    BAD = "bad"
    WANTED = "wanted"
    PAST = "past"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Mark:
    """What is known of a state: how it looks, the words that say so, and where more stands.

    `has_dot` and `has_warning` are the marks for appointments in force and at risk.
    """

    look: Look
    words: str
    url: str
    has_dot: bool = False
    has_warning: bool = False


NOTHING = Mark(Look.NONE, "nothing known", "")


@dataclass(frozen=True, slots=True)
class Place:
    """A state on the map; `x` and `y` are where its letters stand, if it is large enough for them."""

    code: str
    name: str
    mark: Mark
    has_shape: bool
    x: int | None
    y: int | None

    @property
    def title(self) -> str:
        return f"{self.name}: {self.mark.words}"

    @property
    def mark_y(self) -> int:
        """The marks stand below the letters, side by side if there are both."""
        return (self.y or 0) + 15

    @property
    def dot_x(self) -> int:
        return (self.x or 0) - (8 if self.mark.has_warning else 0)

    @property
    def warning_x(self) -> int:
        return (self.x or 0) + (8 if self.mark.has_dot else 0)


@dataclass(frozen=True, slots=True)
class UsMap:
    """All that the template `maps/us.html` shows: `outlines` have shapes, `squares` stand beside them."""

    outlines: list[Place]
    squares: list[Place]
    territories: list[Place]
    looks: Mapping[str, int]
    sprite: str
    view_box: str = VIEW_BOX


def us_map(marks: Mapping[str, Mark], *, otherwise: Mark = NOTHING) -> UsMap:
    """A map of these marks by state. States too small for letters, and territories, are squares as well."""
    drawn = shapes()
    places = {
        code: _place(code, one.name, marks.get(code, otherwise), drawn.get(code))
        for code, one in jurisdictions().items()
    }
    squares = [place for place in places.values() if place.x is None]
    kinds = {code: one.kind for code, one in jurisdictions().items()}
    return UsMap(
        [place for place in places.values() if place.has_shape],
        [place for place in squares if kinds[place.code] != "territory"],
        [place for place in squares if kinds[place.code] == "territory"],
        counted(marks.values()),
        reverse("us-map", args=[version()]),
    )


def counted(marks: Iterable[Mark]) -> dict[str, int]:
    """How many states have each look, and each mark, for the legend."""
    found: Counter[str] = Counter()
    for mark in marks:
        found.update({mark.look.value: 1, "dot": mark.has_dot, "warning": mark.has_warning})
    return dict(found)


def _place(code: str, name: str, mark: Mark, shape: Shape | None) -> Place:
    x, y = shape.at if shape and shape.at else (None, None)
    return Place(code, name, mark, shape is not None, x, y)
