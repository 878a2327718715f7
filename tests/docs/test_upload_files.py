"""The page about upload files tells the columns of each type that it describes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from muster.carriers.columns import COMPANY, COMPANY_STATE, RULE
from muster.core.columns import Columns
from muster.imports import appoint_columns, terminate_columns

PAGE = (Path(__file__).parents[2] / "docs" / "reference" / "upload-files.md").read_text("utf-8")
TYPES = {
    "Appoint": appoint_columns.COLUMNS,
    "Terminate": terminate_columns.COLUMNS,
    "Company": COMPANY,
    "Company state": COMPANY_STATE,
    "Business rule": RULE,
}


@pytest.mark.parametrize("label", TYPES)
def test_the_page_tells_every_column_in_its_order_and_whether_it_is_needed(label: str) -> None:
    columns: Columns = TYPES[label]
    (part,) = re.findall(rf"^## Type {label}\n(.*?)^## ", PAGE, re.MULTILINE | re.DOTALL)
    told = re.findall(r"^\| `(.+?)` \| (yes )?\|", part, re.MULTILINE)
    assert told == [(column.header, "yes " if column.required else "") for column in columns]
