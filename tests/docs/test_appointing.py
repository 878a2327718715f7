"""What the documents say of requests for appointments is so."""

from __future__ import annotations

import re
from pathlib import Path

from muster.core.eligibility import CHECKS, Check, label_of
from muster.imports.appoint_columns import COLUMNS

DOCS = Path(__file__).parents[2] / "docs"


def test_the_columns_of_an_appoint_file_are_told_in_their_order() -> None:
    page = (DOCS / "reference" / "upload-files.md").read_text("utf-8")
    section = page.partition("## Type Appoint\n")[2].partition("\n## ")[0]
    told = re.findall(r"^\| `([^`]+)` \| (yes)? ?\|", section, re.MULTILINE)
    assert told == [(column.header, "yes" if column.required else "") for column in COLUMNS]


def test_every_reason_has_something_to_do_about_it_but_that_of_the_entity() -> None:
    page = (DOCS / "howto" / "appoint-producers.md").read_text("utf-8")
    section = page.partition("## If something is not eligible\n")[2].partition("\n## ")[0]
    for check in CHECKS:
        label = label_of(check, {"company": "", "state": ""}).strip()
        assert (label.removesuffix(":") in section.replace(": *", "")) is (
            check is not Check.ENTITY_NOT_APPOINTED
        ), check
