"""Telling of a fault without what people have told us."""

from __future__ import annotations

import pytest

from muster.core.faults import told_without_data


def fail() -> None:
    raise ValueError("Jane Doe, 078-05-1120")


def test_a_fault_is_told_by_its_kind_and_place_without_its_words() -> None:
    with pytest.raises(ValueError, match="Doe") as raised:
        fail()
    told = told_without_data(raised.value)
    assert told.startswith("ValueError in fail (test_faults.py, line ")
    assert "Doe" not in told


def test_a_fault_that_was_never_raised_has_a_kind_only() -> None:
    assert told_without_data(ValueError("Jane Doe")) == "ValueError"
