"""Numbers and times in words."""

from __future__ import annotations

from datetime import timedelta

import pytest

from muster.console.imports.uploading import size_in_words
from muster.core.counting import counted, in_words, noun


@pytest.mark.parametrize(
    ("count", "words"), [(0, "0 rows"), (1, "1 row"), (2, "2 rows"), (1_000_000, "1,000,000 rows")]
)
def test_things_are_counted_in_words(count: int, words: str) -> None:
    assert counted(count, "row,rows") == words
    assert noun(count, "row,rows") == words.split()[1]


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (-1, "less than a second"),
        (0.4, "less than a second"),
        (1, "1 second"),
        (59.9, "59 seconds"),
        (60, "1 minute"),
        (61, "1 minute 1 second"),
        (3_725, "1 hour 2 minutes"),
        (3_605, "1 hour"),
        (90_000, "1 day 1 hour"),
    ],
)
def test_a_span_of_time_is_told_by_its_two_largest_units(seconds: float, words: str) -> None:
    assert in_words(timedelta(seconds=seconds)) == words


@pytest.mark.parametrize(
    ("size", "words"),
    [(0, "0 bytes"), (1023, "1023 bytes"), (1536, "1.5 KB"), (32 * 1024**2, "32 MB"), (3 * 1024**3, "3 GB")],
)
def test_a_size_is_told_without_digits_that_say_nothing(size: int, words: str) -> None:
    assert size_in_words(size) == words
