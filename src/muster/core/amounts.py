"""Amounts of money and counts, as people type them: cleaned like every other value, and put into words."""

from __future__ import annotations

import re

from muster.core.values import BLANK, Cleaned, Problem, plain

MOST = 2_000_000_000
"""More than any limit or fee is, and as much as a column of the database holds."""

_MONEY = re.compile(r"\$?\s*(\d{1,3}(?:,\d{3})+|\d+)(?:\.(\d{1,2}))?", re.ASCII)
_COUNT = re.compile(r"(\d{1,3}(?:,\d{3})+|\d+)", re.ASCII)


def clean_money(text: str) -> Cleaned[int]:
    """Clean an amount of US dollars into cents: `5.6`, `$1,000` or `1000.00`."""
    text, problems = plain(text)
    if not text:
        return BLANK
    match = _MONEY.fullmatch(text)
    if match is None:
        return None, (Problem("MONEY-E001"),)
    cents = int(match[1].replace(",", "")) * 100 + int((match[2] or "").ljust(2, "0"))
    return (cents, problems) if cents <= MOST else (None, (Problem("MONEY-E002", {"most": dollars(MOST)}),))


def clean_count(text: str) -> Cleaned[int]:
    """Clean a whole number from 1 on: `500` or `1,000`."""
    text, problems = plain(text)
    if not text:
        return BLANK
    match = _COUNT.fullmatch(text)
    count = int(match[1].replace(",", "")) if match else 0
    return (count, problems) if 0 < count <= MOST else (None, (Problem("COUNT-E001", {"most": f"{MOST:,}"}),))


def dollars(cents: int) -> str:
    """123456 is "$1,234.56"."""
    return f"${cents // 100:,}.{cents % 100:02d}"
