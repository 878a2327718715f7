"""Writes the tables of docs/reference that tell what the code does: `python -m tests.core.reference`."""

from __future__ import annotations

import importlib
import string
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import muster
from muster.core import words
from muster.core.amounts import clean_count, clean_money
from muster.core.columns import Column, Columns
from muster.core.findings import CATALOGUE, Scope, sentence
from muster.core.values import (
    Cleaner,
    clean_cocode,
    clean_date,
    clean_email,
    clean_fein,
    clean_name,
    clean_npn,
    clean_ssn,
    clean_state,
    clean_yes_no,
    list_of,
    one_of,
)

REFERENCE = Path(__file__).parents[2] / "docs" / "reference"

SOURCE = Path(muster.__file__).parent

HEADINGS = {
    Scope.FILE: "The file",
    Scope.COLUMNS: "The columns",
    Scope.VALUES: "The values",
    Scope.ROWS: "The rows",
}

# Name, the column it usually stands in, its cleaner, what is said of it, examples.
VALUES: list[tuple[str, str, Cleaner, str, list[str]]] = [
    (
        "NPN",
        "Agent NPN",
        clean_npn,
        "The National Producer Number: 1 to 10 digits. Kept as digits without leading zeros.",
        ["1234567", " 1234567 ", "'1234567", "1234567.0", "0001234567", "12345A", "000",
         "12345678901", "1.23E+09"],
    ),
    (
        "SSN",
        "Agent SSN",
        clean_ssn,
        "The Social Security number: nine digits, or 3-2-4 with one kind of separator. Sealed "
        "when it is kept, and "
        "shown masked. It is never filled up.",
        ["123456789", "123-45-6789", "123 45 6789", "123-45 6789", "12345678", "000-12-3456", "666-12-3456",
         "912-34-5678", "123-00-6789", "123-45-0000", "1.23457E+08", "12345678A", "***-**-6789"],
    ),
    (
        "CoCode",
        "CoCode",
        clean_cocode,
        "The NAIC company code: five digits. Fewer are filled up with zeros, with a warning.",
        ["12345", "123", "123456", "12A45"],
    ),
    (
        "FEIN",
        "FEIN",
        clean_fein,
        "The Federal Employer Identification Number: nine digits. Kept without the hyphen.",
        ["123456789", "12-3456789", "12345678"],
    ),
    (
        "State",
        "State",
        clean_state,
        "A state, district or territory: its two-letter code or its full name, in any case. "
        "Kept as the code.",
        ["TX", "texas", "New York", "Calif.", "ZZ"],
    ),
    (
        "Email",
        "Agent Email",
        clean_email,
        "One email address. Kept as given, with its domain in lower case.",
        ["Robin@Harbor.Example", "robin", "robin@harbor", "Robin Field <robin@harbor.example>",
         "robin@harbor.example; lee@harbor.example"],
    ),
    (
        "Date",
        "Effective Date",
        clean_date,
        "A date: `YYYY-MM-DD` or `MM/DD/YYYY`, where a month or day below ten may have one "
        "digit, or a cell of a "
        "workbook that is a date.",
        ["2026-01-31", "01/31/2026", "1/5/2026", "01/31/26", "02/30/2026", "46053", "Jan 31, 2026"],
    ),
    (
        "Name",
        "Last Name",
        clean_name,
        "The name of a person or firm: at most 100 characters. Blanks around it and repeated "
        "blanks in it are "
        "dropped, and so are marks that cannot be seen.",
        ["O'Hara", "  Mary   Ann ", "Field\u200f", "A\x07nn", "x" * 101],
    ),
    (
        "Accepted value",
        "Scorecard Type",
        one_of(words.SCORECARD_TYPES),
        "One of the values that the column accepts: any case, and `_`, `-` and blank are "
        "alike. Its label will do as "
        "well. Kept as the code.",
        ["license_and_appointment", "License and Appointment", "LICENSE", "licence", "xyz",
         "license;license_and_appointment"],
    ),
    (
        "Yes or no",
        "Just In Time",
        clean_yes_no,
        "Yes or no, in any case; also y and n, true and false, 1 and 0.",
        ["yes", "N", "TRUE", "0", "maybe"],
    ),
    (
        "Amount",
        "Registry fee",
        clean_money,
        "Dollars and cents. Kept in cents. What is empty is unknown, and never counts as zero.",
        ["5.60", "$1,000", "5.601", "five"],
    ),
    (
        "Count",
        "Filings at once",
        clean_count,
        "A whole number from 1 on.",
        ["500", "1,000", "0", "2.5"],
    ),
    (
        "List",
        "LOA Category",
        list_of(one_of(words.LOA_CATEGORIES)),
        "Values separated by semicolons. Blanks around them, empty items and repeats are "
        "dropped; the order is kept.",
        ["life;health", "life; health; ;life", "life, health", "life;helth"],
    ),
]  # fmt: skip


def pages() -> dict[Path, str]:
    """What each page must hold."""
    for module in sorted(SOURCE.glob("*/catalogue.py")):
        importlib.import_module(f"muster.{module.parent.name}.catalogue")
    return {REFERENCE / "values.md": _page(_values()), REFERENCE / "findings.md": _page(_findings())}


def _values() -> Iterator[str]:
    yield "# Values"
    yield (
        "What Muster accepts as a value, what it keeps, and why it refuses what it refuses: "
        "the same in files, on pages "
        "and by the API. Text is never guessed into a number or a date. This page is written by "
        "`python -m tests.core.reference` from the code itself."
    )
    yield (
        "Everywhere, blanks around a value do not matter, nor does an apostrophe that a "
        "spreadsheet or a file of ours "
        "put before it. A cell that holds a formula is refused, not computed."
    )
    for name, header, clean, said, examples in VALUES:
        yield f"## {name}"
        yield said
        rows = [[_code(text), *_became(header, clean, text)] for text in examples]
        yield _table(["given", "kept", "finding"], rows)
    yield "## Accepted values"
    for heading, vocabulary in (
        ("LOA Category", words.LOA_CATEGORIES),
        ("Agent Type", words.AGENT_TYPES),
        ("Scorecard Type", words.SCORECARD_TYPES),
        ("State", words.states()),
    ):
        yield f"{heading}: " + ", ".join(f"`{code}` ({label})" for code, label in vocabulary.items()) + "."


def _became(header: str, clean: Cleaner, text: str) -> list[str]:
    sensitive = clean is clean_ssn
    column = Columns([Column("it", header, clean=clean, sensitive=sensitive, many=header == "LOA Category")])
    data, findings = column.clean_row([text])
    kept = data.get("it")
    shown = ";".join(kept) if isinstance(kept, list) else kept
    told = [
        f"`{one.code}` {_shortened(sentence(one.code, field=one.field, value=one.value, params=one.params))}"
        for one in findings
    ]
    plain = " ".join(told).replace("*", "\\*").replace("<", "\\<")
    return [_code(str(shown)) if shown is not None else "", plain]


def _findings() -> Iterator[str]:
    yield "# Findings"
    yield (
        "All that Muster can have to say about an upload. A code never changes its meaning: "
        "`E` is an error, which keeps "
        "the file or the row from being processed, `W` a warning, `I` information. Findings "
        "are told in this order: "
        "file, columns, values, rows. This page is written by `python -m "
        "tests.core.reference` from the code itself."
    )
    yield (
        "Words in braces are filled in when a finding is shown: `{field}` is the column, "
        "`{value}` what stands in the "
        "file (masked where it is sensitive)."
    )
    for scope, heading in HEADINGS.items():
        yield f"## {heading}"
        yield _table(
            ["code", "finding", "what it says", "what to do"],
            [
                [f"`{code}`", one.title, one.text, one.fix]
                for code, one in sorted(CATALOGUE.items())
                if one.scope is scope and not code.startswith("TEST-")
            ],
        )


def _page(parts: Iterable[str]) -> str:
    return "\n\n".join(parts) + "\n"


def _table(header: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


def _code(text: str) -> str:
    seen = _shortened(text)
    return f"`{seen}`" if seen.strip() == seen else f"`` {seen} ``"


def _shortened(text: str) -> str:
    text = "".join(sign if sign.isprintable() else f"\\x{ord(sign):02x}" for sign in text)
    return text.replace("x" * 101, "xxx…").replace("x" * 100, "xxx…")


def placeholders(text: str) -> set[str]:
    """The words that a sentence needs."""
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


if __name__ == "__main__":
    for path, text in pages().items():
        path.write_text(text, encoding="utf-8")
