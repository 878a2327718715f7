"""Upload files of invented people: the same for the same numbers, as long as wanted."""

from __future__ import annotations

import csv
import random
from collections.abc import Iterator
from pathlib import Path

AGENCIES = 40
COMPANIES = ("90101", "90102", "90103", "90104", "90105")
FIRST_AGENCY_NPN = 8_100_001
FIRST_NPN = 3_000_000

WITH_SSN = 0.2
WITH_ASSIGNMENT = 0.9

_STARTS = """
Ada Al Ann Ar Bea Ben Cal Car Cla Dan Da Ed El Em Er Fe Flo Fran Gab Gil Gra Han Har Hel Ing Isa Ja
Jo Ju Ka Ken La Le Li Lu Mar Mat Mel Mi Na Nel No Ol Pat Pe Ra Re Ro Ru Sam Se Sy Ta The To Va Vi Wa
Wil Ya
""".split()  # noqa: SIM905  a list this long is a table
_ENDINGS = [
    "",
    "a",
    "bert",
    "da",
    "den",
    "la",
    "lie",
    "lyn",
    "na",
    "ne",
    "ria",
    "ron",
    "sa",
    "son",
    "tha",
    "vin",
]
_STEMS = """
Ader Alder Ash Bar Beck Birch Black Brook Burn Cald Car Cedar Clay Cole Crow Dal Dun East Elm Fair
Fern Finch Ford Fox Glen Gold Green Hale Hart Hawk Hazel Heath Hill Holt Kel Kirk Lake Lang Lin Loch
March Mead Mill Moor Nor Oak Old Park Pine Quin Ray Red Rose Row Sand Shaw Stan Stone Thorn Under
Vale Wade West Whit Wood
""".split()  # noqa: SIM905  a list this long is a table
_TAILS = """
aker berg born bridge bury by combe cott dale den don er field ford gate grove ham hurst ing ington
land ley lock man mere more ney ock pool ridge ruff s sen shire side smith son stead stock ston ton
tree vale ville wall ward water way well wick win wood worth yard
""".split()  # noqa: SIM905  a list this long is a table
_PECULIAR = ("O'{}", "Mc{}", "D’{}", "Muñoz {}", "{}-Núñez", "Österberg {}")

CATEGORIES = ("life", "health", "life;health", "property;casualty", "personal_lines", "life;health;variable")
STATES = ("CA", "OH", "TX;FL", "NY;NJ;CT", "GA;NC;SC;AL", "PA", "IL;IN;WI;MI;MN")
COCODES = ("90101", "90102;90103", "90101;90104;90105")


def write_agents(path: Path, rows: int, *, faults: int = 0, different: bool = False) -> Path:
    """Write an Agent upload of `rows` producers as CSV.

    Some 90 of 100 have an assignment, 20 of 100 an SSN. `faults` of the rows, evenly spread, name a state
    that there is not: one of a few misspellings, or each its own where they are `different`.
    Django is set up.
    """
    from muster.imports.agent import COLUMNS

    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(column.header for column in COLUMNS)
        writer.writerows(_rows(rows, faults, different))
    return path


def assigned(path: Path) -> int:
    """How many rows of such a file have an assignment."""
    with path.open(encoding="utf-8", newline="") as file:
        return sum(bool(row["LOA Category"]) for row in csv.DictReader(file))


def _rows(rows: int, faults: int, different: bool) -> Iterator[list[str]]:
    chance = random.Random(20_000 + rows)
    every = rows // faults if faults else 0
    for number in range(rows):
        first = chance.choice(_STARTS) + chance.choice(_ENDINGS)
        last = chance.choice(_STEMS) + chance.choice(_TAILS)
        if chance.random() < 0.05:
            last = chance.choice(_PECULIAR).format(last)
        elif chance.random() < 0.05:
            last = f"{last}-{chance.choice(_STEMS)}{chance.choice(_TAILS)}"
        has_ssn = chance.random() < WITH_SSN
        sells = chance.random() < WITH_ASSIGNMENT
        wrong = bool(every) and number % every == 0 and number // every < faults
        assignment = [""] * 5
        if sells or wrong:
            cocodes = chance.choice(COCODES)
            states = _wrong_state(number // every, different) if wrong else chance.choice(STATES)
            assignment = [chance.choice(CATEGORIES), states, "license_and_appointment", "producer", cocodes]
        yield [
            str(FIRST_AGENCY_NPN + chance.randrange(AGENCIES)),
            first,
            last,
            str(FIRST_NPN + number),
            f"{first.lower()}.{number}@agents.example",
            f"{chance.randrange(100, 600)}-{chance.randrange(1, 100):02d}-{chance.randrange(1, 10_000):04d}"
            if has_ssn
            else "",
            *assignment,
        ]


def _wrong_state(number: int, different: bool) -> str:
    return f"Region {number}" if different else ("Calif.", "Texs", "N. Y.", "Flordia")[number % 4]
