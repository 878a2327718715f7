"""What tests in a browser share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page

from tests.e2e.listening import errors_of


@pytest.fixture
def quiet(page: Page) -> Iterator[Page]:
    """A window in which nothing may be refused by the content security policy, or fail in a script."""
    said = errors_of(page)
    yield page
    assert said == []
