"""What a filing costs, in cents: a table of the sandbox's own, near to what states publish."""

from __future__ import annotations

REGISTRY_CENTS = 153

# state: dollars for an appointment, for a termination
_DOLLARS = {
    "AL": (40, 0),
    "CA": (32, 32),
    "DC": (25, 0),
    "DE": (25, 0),
    "FL": (60, 0),
    "GA": (20, 0),
    "MA": (75, 0),
    "MI": (5, 0),
    "MN": (30, 0),
    "MS": (25, 0),
    "NC": (11, 10),
    "ND": (10, 0),
    "NH": (25, 25),
    "NJ": (25, 25),
    "NM": (20, 0),
    "NY": (0, 0),
    "OH": (10, 0),
    "OK": (30, 0),
    "TN": (15, 15),
    "TX": (10, 0),
    "UT": (0, 0),
    "WA": (20, 0),
    "WV": (25, 0),
    "WY": (15, 15),
}
_PLACES = {"appointment": 0, "termination": 1}

# state: dollars for a new license, for a renewal
_LICENSE_DOLLARS = {
    "AK": (75, 75),
    "AL": (80, 70),
    "CA": (188, 188),
    "FL": (50, 0),
    "GA": (120, 105),
    "KY": (50, 50),
    "NY": (80, 80),
    "OR": (75, 45),
    "TN": (50, 60),
    "TX": (50, 50),
    "WA": (60, 60),
}
_LICENSE_PLACES = {"license": 0, "renewal": 1}


def state_cents(kind: str, state: str) -> int | None:
    """Return what the state takes for a filing of a kind, or None where that is not known."""
    of_license = kind in _LICENSE_PLACES
    dollars = (_LICENSE_DOLLARS if of_license else _DOLLARS).get(state)
    place = (_LICENSE_PLACES if of_license else _PLACES).get(kind)
    return None if dollars is None or place is None else dollars[place] * 100
