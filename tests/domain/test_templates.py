"""The template of an upload type, read back."""

from __future__ import annotations

import io
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from muster.bulk.kinds import upload_kind_named
from muster.imports.agent import COLUMNS
from muster.imports.templates import write_template
from tests.bulk.uploads import AGENCY, COCODE, make_desk
from tests.core.uploads import read

pytestmark = pytest.mark.django_db


def how_to() -> list[list[str]]:
    file = io.BytesIO()
    organization_id = make_desk().organization_id
    write_template(upload_kind_named("agent"), organization_id, file, file_format="xlsx")
    assert read(file.getvalue(), COLUMNS).codes == ["FILE-E014"]
    file.seek(0)
    return CalamineWorkbook.from_filelike(file).get_sheet_by_name("how_to").to_python()


def test_the_examples_of_the_agent_template_are_rows_that_would_be_taken() -> None:
    header, *rows = how_to()
    assert header[3:] == ["Example 1", "Example 2"]
    by_header = {row[0]: row for row in rows}
    for place in (3, 4):
        cells = [by_header[column.header][place] for column in COLUMNS]
        data, findings = COLUMNS.clean_row(cells)
        assert findings == []
        assert data["agency_npn"] == AGENCY
    assert data["cocodes"] == [COCODE]
    assert data["states"] == ["CA", "TX"]


def test_the_template_tells_the_limits_of_this_installation(settings: Any) -> None:
    settings.MUSTER_UPLOAD_LIMITS = settings.MUSTER_UPLOAD_LIMITS | {"xlsx_rows": 777, "xlsx_cells": 88_888}
    told = "\n".join(row[0] for row in how_to())
    assert "777 rows and 88,888 cells." in told
